/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file vertical.h
 * The vertical axis of a channel, in words and as JSON.
 */
#ifndef SD_VERTICAL_H
#define SD_VERTICAL_H

#include <json-glib/json-glib.h>

#include "scopedump/report.h"
#include "scopedump/waveform.h"

/** Takes it from a channel; to be freed with sd_vertical_clear(). */
void sd_vertical_set(sd_vertical *vertical, const sd_channel *channel);

void sd_vertical_clear(sd_vertical *vertical);

/** "0.001 V per code, offset 0.5 V, range -32.268 V to 33.267 V"; to be freed with g_free(). */
char *sd_vertical_text(const sd_vertical *vertical);

/** Adds the members "unit", "scale" and "offset" (value = what is stored x scale + offset), and
    "range": an object with "low" and "high", or null. */
void sd_vertical_json(JsonBuilder *b, const sd_vertical *vertical);

#endif
