/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file info.h
 * What a file says of itself: instrument, time, channels. No sample is looked at.
 */
#ifndef SCOPEDUMP_INFO_H
#define SCOPEDUMP_INFO_H

#include "scopedump/waveform.h"

/** As text, lines ended by newlines; to be freed with g_free(). */
char *sd_info_text(const sd_waveform *waveform);

/** As JSON text; to be freed with g_free(). */
char *sd_info_json(const sd_waveform *waveform);

/** One channel in a line without its end: number, name, unit, samples, rate, length, range; to be
    freed with g_free(). */
char *sd_info_channel(const sd_waveform *waveform, size_t channel);

#endif
