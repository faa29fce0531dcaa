/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/error.h"
#include "waveform/format.h"

#include <math.h>

/** Raw samples look like nothing: the options alone ask for this reader. */
static int match(const sd_mapping *mapping)
{
    (void)mapping;
    return 0;
}

/** Whether what the user gave can be true. */
static bool check_options(const sd_mapping *mapping, const sd_waveform_options *options,
                          double scale, GError **error)
{
    /* isnormal() is false for 0, NaN, infinity, and for rates that are too small to be turned over.
     */
    if (!isnormal(options->sample_rate) || !isnormal(1 / options->sample_rate) ||
        options->sample_rate < 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "%s holds raw samples and needs --sample-rate, in samples per second, above 0 "
                    "(it is %g)",
                    mapping->name, options->sample_rate);
        return false;
    }
    if (!sd_scale_is_sound(scale, options->offset)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "%s cannot be read with --scale %g and --offset %g: both must be finite volts",
                    mapping->name, scale, options->offset);
        return false;
    }
    return true;
}

static bool open_raw(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    const sd_mapping *mapping = waveform->mapping;
    double scale = options->scale == 0 ? 1 : options->scale;
    if (!check_options(mapping, options, scale, error)) {
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
    channel->name = g_strdup("1");
    channel->unit = g_strdup("V");
    channel->type = options->type;
    channel->stride = size;
    channel->scale = scale;
    channel->offset = options->offset;
    channel->interval = 1 / options->sample_rate;
    channel->segment[0].data = mapping->data;
    channel->segment[0].count = mapping->size / size;
    sd_segment_set_time(&channel->segment[0], mapping->modified, mapping->modified_fraction);
    return true;
}

const sd_format sd_format_raw = {
    .name = "raw samples",
    .match = match,
    .open = open_raw,
};
