/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file level.h
 * The two levels of the line, the threshold between them, and the noise around them.
 */
#ifndef SD_LEVEL_H
#define SD_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

/** What the sample histogram says; all in volts. */
typedef struct {
    float low, high;  /**< The medians of the samples below and above the middle. */
    float threshold;  /**< The middle between what the line reaches on either side. */
    float noise;      /**< Standard deviation of the noise on the two levels. */
    float hysteresis; /**< How far beyond the threshold a sample must be to count as crossed. */
    bool present;     /**< False when all samples are alike: there is no signal at all. */
} sd_level;

/**
 * Finds the levels from samples taken all over a record.
 *
 * @param volts  the samples, in windows that each are contiguous in the record; those in which
 *               nothing moves are left out, so that a long dead stretch does not hide the signal
 * @param count  number of samples
 * @param window samples in one window, at least 1
 * @return the levels
 */
sd_level sd_level_estimate(const float *volts, size_t count, size_t window);

#endif
