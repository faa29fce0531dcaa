/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user has to say about files that do not hold it themselves. */
#include "scopedump/error.h"
#include "waveform/format.h"

#include <math.h>

bool sd_interval_is_sound(double interval)
{
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    return isnormal(interval) && interval > 0 && isnormal(1 / interval);
}

bool sd_channel_set_from_options(sd_channel *channel, const sd_mapping *mapping, const char *what,
                                 const sd_waveform_options *options, GError **error)
{
    if (!sd_interval_is_sound(1 / options->sample_rate)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "%s holds %s and needs --sample-rate, in samples per second, above 0 (it is "
                    "%g)",
                    mapping->name, what, options->sample_rate);
        return false;
    }
    double scale = options->scale == 0 ? 1 : options->scale;
    if (!sd_scale_is_sound(scale, options->offset)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "%s cannot be read with --scale %g and --offset %g: both must be finite volts",
                    mapping->name, scale, options->offset);
        return false;
    }
    channel->interval = 1 / options->sample_rate;
    channel->scale = scale;
    channel->offset = options->offset;
    return true;
}
