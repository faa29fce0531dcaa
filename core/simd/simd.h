/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file simd.h
 * The hot loops, as a table of functions: plain C, and a version per kind of CPU. A test holds each
 * version against the plain C one.
 */
#ifndef SD_SIMD_H
#define SD_SIMD_H

#include <stddef.h>
#include <stdint.h>

#include "scopedump/cpu.h"

/** Samples per word of the masks. */
#define SD_COMPARE_SAMPLES 64

/** One version of every hot loop. */
typedef struct {
    const char *name; /**< As given to --cpu. */

    /**
     * Compares samples with two levels.
     *
     * @param volts words x 64 samples, at any alignment
     * @param words number of mask words to write
     * @param low   bit i of below[w] is set when volts[64 w + i] < low
     * @param high  bit i of above[w] is set when volts[64 w + i] > high
     */
    void (*compare)(const float *volts, size_t words, float low, float high, uint64_t *below,
                    uint64_t *above);
} sd_simd;

/** The best version that this CPU has, but none above @p limit. Never NULL. */
const sd_simd *sd_simd_select(sd_cpu limit);

/** The version for exactly @p cpu, or NULL when this CPU (or this build) has it not. */
const sd_simd *sd_simd_exact(sd_cpu cpu);

void sd_compare_c(const float *volts, size_t words, float low, float high, uint64_t *below,
                  uint64_t *above);
void sd_compare_sse41(const float *volts, size_t words, float low, float high, uint64_t *below,
                      uint64_t *above);
void sd_compare_avx2(const float *volts, size_t words, float low, float high, uint64_t *below,
                     uint64_t *above);
void sd_compare_avx512(const float *volts, size_t words, float low, float high, uint64_t *below,
                       uint64_t *above);

#endif
