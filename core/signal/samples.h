/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file samples.h
 * Where the signal stages get their samples: a source to read any stretch of a segment from, and
 * the block that they are pushed.
 */
#ifndef SD_SAMPLES_H
#define SD_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The samples of a segment, in volts. */
typedef struct {
    /** Reads samples that are all in the segment: @p volts receives @p count values. */
    void (*read)(void *user, uint64_t first, size_t count, float *volts);
    void *user;
    uint64_t count; /**< Samples in the segment. */
} sd_sample_source;

/** Reads from a source. */
static inline void sd_sample_source_read(const sd_sample_source *source, uint64_t first,
                                         size_t count, float *volts)
{
    source->read(source->user, first, count, volts);
}

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
