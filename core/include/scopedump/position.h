/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file position.h
 * A place in a segment: a 64-bit sample number with a fixed-point fraction.
 */
#ifndef SCOPEDUMP_POSITION_H
#define SCOPEDUMP_POSITION_H

#include <stdint.h>

/** Samples from the first sample of the segment, in units of 1/SD_POSITION_ONE sample. Negative
    where a code-group begins before the record. */
typedef int64_t sd_position;

/** Bits of fraction: 2^-20 of a sample, and room for 2^43 samples. */
#define SD_POSITION_BITS 20
/** One sample. */
#define SD_POSITION_ONE ((sd_position)1 << SD_POSITION_BITS)

/** The position of @p samples (whole and fraction) behind the whole sample @p base. */
static inline sd_position sd_position_make(int64_t base, double samples)
{
    return base * SD_POSITION_ONE + (sd_position)(samples * (double)SD_POSITION_ONE);
}

/** @p position in picoseconds, with @p interval_ps picoseconds per sample; the nearest number that
    fits. */
static inline int64_t sd_position_ps(sd_position position, double interval_ps)
{
    const long double samples = (long double)position / (long double)SD_POSITION_ONE;
    const long double ps = samples * (long double)interval_ps;
    const long double most = 9.2e18L;
    if (ps > most || ps < -most)
        return ps > 0 ? INT64_MAX : INT64_MIN;
    return (int64_t)(ps < 0 ? ps - 0.5L : ps + 0.5L);
}

#endif
