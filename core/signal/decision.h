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

/** Bits that are decided at a time, at most. */
#define SD_DECISION_BITS 64
/** Samples before and behind a middle that the interpolation may look at. */
#define SD_DECISION_REACH 4

/** Decides bits; the same for a whole segment. */
typedef struct sd_decision sd_decision;

/** Bits, the first one in bit 0, and what was seen of the eye. */
typedef struct {
    uint64_t ones;               /**< Bits above the threshold. */
    uint64_t weak;               /**< Bits nearer to the threshold than @p weak. */
    float eye[SD_DECISION_BITS]; /**< Volts: each bit's distance from the threshold. */
    float smallest;              /**< Volts: the least of them. */
    float high, low;             /**< Volts: the sums over the ones and over the zeros. */
    float squares;               /**< Square volts: the sum of the squares of eye. */
} sd_decided;

/** How the signal is taken to run between samples. */
typedef enum {
    SD_INTERPOLATION_LINE, /**< A straight line from one to the next: averages noise, and cuts the
                                corners off where there are few samples in a unit interval. */
    SD_INTERPOLATION_SINC, /**< A windowed sinc over eight of them. */
} sd_interpolation;

/**
 * @return a new context, to be freed with sd_decision_free()
 */
sd_decision *sd_decision_new(sd_interpolation interpolation);
void sd_decision_free(sd_decision *decision);

/**
 * @param decision  the context
 * @param volts     the samples; those from SD_DECISION_REACH before the first middle to
 *                  SD_DECISION_REACH behind the last one are read
 * @param edge      the samples end near by: draws straight lines, and reads only the two samples on
 *                  either side of each middle
 * @param first     the first middle, in samples from volts[0]; may be negative
 * @param step      from one middle to the next, in samples
 * @param count     bits, at most SD_DECISION_BITS
 * @param threshold in volts
 * @param weak      a bit is weak under this distance from the threshold, in volts
 * @param decided   receives the bits
 */
void sd_decide(const sd_decision *decision, const float *volts, bool edge, double first,
               double step, unsigned count, float threshold, float weak, sd_decided *decided);

#endif
