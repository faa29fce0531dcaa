/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file samples.h
 * The block of samples that the signal stages are pushed.
 */
#ifndef SD_SAMPLES_H
#define SD_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Samples in volts. The new ones are volts[0] to volts[count - 1]; the ones before them, which
    were the last of the block before, stand at volts[-history] to volts[-1]. */
typedef struct {
    const float *volts;
    int64_t first;  /**< Sample number of volts[0] in the segment. */
    size_t count;   /**< New samples. */
    size_t history; /**< Samples before them that may be looked at. */
    bool last;      /**< No block follows in this segment. */
} sd_samples;

#endif
