/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/code_channel.h"

#include "scopedump/error.h"

#include <math.h>

/** Whether all samples of a channel lie in the file. */
static bool lies_inside(const sd_mapping *mapping, const sd_code_channel *from)
{
    const size_t size = sd_sample_size(from->type);
    return from->count > 0 && sd_mapping_has(mapping, from->data, size) &&
           (mapping->size - from->data - size) / from->stride >= from->count - 1;
}

static void check(sd_reader *reader, const sd_code_channel *from)
{
    if (!lies_inside(reader->mapping, from)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, from->count_at,
                       "the header counts %" G_GUINT64_FORMAT
                       " samples in channel %u, from byte %" G_GUINT64_FORMAT
                       " on, but the file has %" G_GUINT64_FORMAT " bytes: it is cut or damaged",
                       from->count, from->number, from->data, reader->mapping->size);
    }
    if (!sd_scale_is_sound(from->scale, from->offset)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, from->scale_at,
                       "a code of channel %u is said to be %g V and the offset %g V, which cannot "
                       "be true",
                       from->number, from->scale, from->offset);
    }
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(from->interval) || from->interval < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, from->interval_at,
                       "the sample interval of channel %u is %g s, which cannot be true",
                       from->number, from->interval);
    }
    if (!isfinite(from->start)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, from->start_at,
                       "the record of channel %u starts at %g s, which cannot be true",
                       from->number, from->start);
    }
}

void sd_code_channels_set(sd_waveform *waveform, sd_reader *reader, const sd_code_channel *from,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check(reader, &from[i]);
    }
    if (reader->error) {
        return;
    }
    sd_waveform_allocate(waveform, count, 1);
    for (size_t i = 0; i < count; i++) {
        sd_channel *channel = &waveform->channel[i];
        channel->name = g_strdup_printf("CH%u", from[i].number);
        channel->unit = g_strdup(from[i].unit);
        channel->type = from[i].type;
        channel->big_endian = from[i].big_endian;
        channel->stride = from[i].stride;
        channel->scale = from[i].scale;
        channel->offset = from[i].offset;
        channel->interval = from[i].interval;
        channel->segment[0].data = reader->mapping->data + from[i].data;
        channel->segment[0].count = from[i].count;
        channel->segment[0].start = from[i].start;
    }
    sd_waveform_set_file_time(waveform);
}
