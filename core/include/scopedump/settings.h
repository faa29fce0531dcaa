/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file settings.h
 * What the user may tell the decoder. Nothing needs to be told.
 */
#ifndef SCOPEDUMP_SETTINGS_H
#define SCOPEDUMP_SETTINGS_H

#include <stdbool.h>

#include "scopedump/cpu.h"
#include "scopedump/record_format.h"

/** How the line's polarity is to be taken. */
typedef enum {
    SD_POLARITY_AUTO,
    SD_POLARITY_NORMAL,
    SD_POLARITY_INVERTED,
} sd_polarity;

/** Which way a signal goes, where both ways of a link are recorded. */
typedef enum {
    SD_DIRECTION_UNKNOWN,
    SD_DIRECTION_OUTBOUND,
    SD_DIRECTION_INBOUND,
} sd_direction;

/** What the user may override; sd_settings_default() means: find everything. */
typedef struct {
    sd_link link;       /**< SD_LINK_UNKNOWN: auto. */
    double baud;        /**< Hz; 0: auto. */
    bool has_threshold; /**< threshold holds. */
    double threshold;   /**< V */
    sd_polarity polarity;
    unsigned speed;         /**< Mb/s; 0: auto. */
    sd_direction direction; /**< For the report. */
    sd_cpu cpu;             /**< SD_CPU_BEST unless slower code is wanted. */
    unsigned threads; /**< That work side by side; 0: as many as there are CPUs. What comes out is
                           the same for any number. */
} sd_settings;

/** Settings that find everything. */
sd_settings sd_settings_default(void);

#endif
