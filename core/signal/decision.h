/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file decision.h
 * Decides bits: interpolates the samples at the middle of each one and compares with the threshold.
 */
#ifndef SD_DECISION_H
#define SD_DECISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simd/simd.h"

/** Bits that are decided at a time, at most: a multiple of 64. */
#define SD_DECISION_BITS 1024
/** Samples before and behind a middle that the interpolation may look at. */
#define SD_DECISION_REACH SD_SINC_REACH

/** Decides bits; one for each segment. */
typedef struct sd_decision sd_decision;

/** Bits, 64 to a word, the first one in bit 0 of the first word, and what was seen of the eye. */
typedef struct {
    uint64_t ones[SD_DECISION_BITS / 64]; /**< Bits above the threshold. */
    uint64_t weak[SD_DECISION_BITS / 64]; /**< Bits nearer to the threshold than @p weak. */
    sd_eye_sums sums;
} sd_decided;

/** How the signal is taken to run between samples. */
typedef enum {
    SD_INTERPOLATION_LINE, /**< A straight line from one to the next: averages noise, and cuts the
                                corners off where there are few samples in a unit interval. */
    SD_INTERPOLATION_SINC, /**< A windowed sinc over eight of them; the samples must be volts. */
} sd_interpolation;

/**
 * @return a new context, to be freed with sd_decision_free()
 */
sd_decision *sd_decision_new(const sd_simd *simd, sd_interpolation interpolation);
void sd_decision_free(sd_decision *decision);

/**
 * @param decision  the context
 * @param samples   the samples; those from SD_DECISION_REACH before the first middle to
 *                  SD_DECISION_REACH behind the last one are read
 * @param edge      the samples end near by: draws straight lines, and reads only the two samples on
 *                  either side of each middle
 * @param run       the middles of the bits, in samples from number 0; at most SD_DECISION_BITS
 * @param runs      how many runs
 * @param base      so many samples before number 0 may middles lie
 * @param threshold in volts
 * @param weak      a bit is weak under this distance from the threshold, in volts
 * @return the bits; valid until the next call
 */
const sd_decided *sd_decide(sd_decision *decision, const sd_stored *samples, bool edge,
                            const sd_bit_run *run, size_t runs, size_t base, float threshold,
                            float weak);

#endif
