/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/error.h"
#include "waveform/format.h"

/** Raw samples look like nothing: the options alone ask for this reader. */
static int match(const sd_mapping *mapping)
{
    (void)mapping;
    return 0;
}

static bool open_raw(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    const sd_mapping *mapping = waveform->mapping;
    sd_channel given = {0};
    if (!sd_channel_set_from_options(&given, mapping, "raw samples", options, error)) {
        return false;
    }
    size_t size = sd_sample_size(options->type);
    if (mapping->size < size) {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s ends at byte %" G_GUINT64_FORMAT
                    ", before the end of its first sample of %" G_GSIZE_FORMAT " bytes",
                    mapping->name, mapping->size, size);
        return false;
    }
    unsigned left_out = (unsigned)(mapping->size % size);
    if (left_out) {
        sd_waveform_note(waveform,
                         "the last %u bytes are no whole sample of %" G_GSIZE_FORMAT
                         " bytes and were left out",
                         left_out, size);
    }
    waveform->format = sd_format_raw.name;
    sd_waveform_allocate(waveform, 1, 1);
    sd_channel *channel = &waveform->channel[0];
    channel->interval = given.interval;
    channel->scale = given.scale;
    channel->offset = given.offset;
    channel->name = g_strdup("1");
    channel->unit = g_strdup("V");
    channel->type = options->type;
    channel->stride = size;
    channel->segment[0].data = mapping->data;
    channel->segment[0].count = mapping->size / size;
    sd_segment_set_time(&channel->segment[0], mapping->modified, mapping->modified_fraction);
    return true;
}

const sd_format sd_format_raw = {
    .name = "raw samples",
    .match = match,
    .open = open_raw,
    .takes_scale = true,
    .streams = true,
};
