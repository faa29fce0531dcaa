/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file acquisition.h
 * What has to be known of a segment before its bits can be read: levels, baud, and whether the
 * signal needs help (a baseline that wanders, an eye that is closed).
 */
#ifndef SD_ACQUISITION_H
#define SD_ACQUISITION_H

#include "signal/baseline.h"
#include "signal/baud.h"
#include "signal/clock_recovery.h"
#include "signal/equalizer.h"
#include "signal/level.h"
#include "simd/simd.h"

/** What is known beforehand. */
typedef struct {
    const sd_simd *simd;
    double sample_rate;    /**< Samples per second. */
    const double *nominal; /**< The bauds to try, in Hz, in ascending order. */
    size_t nominals;
    bool has_threshold; /**< The user gave it; the signal is then taken as it is. */
    float threshold;    /**< In volts. */
} sd_acquisition_settings;

/** What was found. */
typedef struct {
    sd_level level;
    sd_baud baud; /**< baud.found is false where there is no line that can be read. */
    sd_clock_settings clock;
    double eye, eye_deviation; /**< Volts: of a first stretch; see sd_clock_statistics. */
    sd_sample_source source;   /**< The segment as it is. */
    bool has_baseline;         /**< Its baseline is to be taken out. */
    bool has_equalizer;        /**< It is to be equalized. */
    sd_baseline *baseline;
    sd_equalizer *equalizer;
} sd_acquisition;

/** The signal to read the bits from: the segment with what helps it. For one thread. */
typedef struct {
    sd_sample_source source;
    sd_baseline *baseline;
    sd_equalized equalized;
} sd_signal;

/**
 * Looks at windows all over a segment, and at the first stretch of it that holds a line.
 *
 * @param settings what is known
 * @param from     the segment; must outlive the acquisition
 * @return to be freed with sd_acquisition_free()
 */
sd_acquisition *sd_acquisition_new(const sd_acquisition_settings *settings,
                                   const sd_sample_source *from);
void sd_acquisition_free(sd_acquisition *acquisition);

/** Tells that the segment is longer than what was looked at. */
void sd_acquisition_lengthen(sd_acquisition *acquisition, uint64_t count);

/** Opens the signal; @p signal is valid as long as it and the acquisition stay where they are, and
    must be closed. */
void sd_acquisition_open_signal(const sd_acquisition *acquisition, sd_signal *signal);
/** Tells where a signal ends of which that was not known. */
void sd_acquisition_end_signal(sd_signal *signal, uint64_t count);
void sd_acquisition_close_signal(sd_signal *signal);

#endif
