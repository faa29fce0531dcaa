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

#include "simd/simd.h"

/** The samples of a segment, in volts. */
typedef struct {
    /** Reads samples that are all in the segment: @p volts receives @p count values. */
    void (*read)(void *user, uint64_t first, size_t count, float *volts);
    void *user;
    uint64_t count; /**< Samples in the segment; while they come, at most so many. */
    /** Of samples that are still coming: waits a moment until the first @p wanted ones are there,
        and tells how many are; @p all is set when these are all there will ever be. NULL: all are
        there. */
    uint64_t (*arrived)(void *user, uint64_t wanted, bool *all);
    /** Of samples that are still coming: those before @p before will not be read any more. */
    void (*forget)(void *user, uint64_t before);
    sd_stored stored; /**< All of them as they stand in memory, the same that read() gives; data is
                           NULL when they must be read. */
} sd_sample_source;

/** Reads from a source. */
static inline void sd_sample_source_read(const sd_sample_source *source, uint64_t first,
                                         size_t count, float *volts)
{
    source->read(source->user, first, count, volts);
}

/** Samples. The new ones are numbers 0 to count - 1 of stored; the ones before them, which were the
    last of the block before, are its numbers -history to -1. */
typedef struct {
    sd_stored stored;
    int64_t first;  /**< Sample number in the segment of the first new one. */
    size_t count;   /**< New samples. */
    size_t history; /**< Samples before them that may be looked at. */
    bool last;      /**< No block follows in this segment. */
} sd_samples;

/** Samples that stand in memory as volts. */
static inline sd_stored sd_stored_as_volts(const float *volts)
{
    return (sd_stored){.data = volts, .kind = SD_STORED_F32, .scale = 1};
}

#endif
