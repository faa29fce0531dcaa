/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file legs.h
 * The two legs of a differential pair as one signal: positive minus negative, with the skew between
 * them taken out. Sample numbers and times are those of the positive leg.
 */
#ifndef SD_LEGS_H
#define SD_LEGS_H

#include "scopedump/waveform.h"

/** A signal: one channel, or the difference of two. */
typedef struct {
    const sd_channel *positive;
    const sd_channel *negative; /**< NULL: the signal is the positive leg alone. */
    double likeness;            /**< How well the legs are each other's opposite, once aligned: 1
                                     entirely, 0 not at all. */
    bool found;                 /**< They are opposite enough to tell the skew. */
    double skew;                /**< Samples by which the negative leg comes later, in addition to
                                     what the starts of the segments tell; 0 unless found. */
    float sum;                  /**< Volts that the two legs add up to. */
} sd_legs;

/**
 * Takes two channels with equal intervals and numbers of segments, and finds their skew: the delay
 * that makes their sum flattest, to a fraction of a sample. It comes from a few windows of the
 * first segments.
 *
 * @param positive the first leg
 * @param negative the second, or NULL
 * @param reach    the skew is looked for this far to either side, in seconds
 */
sd_legs sd_legs_new(const sd_channel *positive, const sd_channel *negative, double reach);

/** Samples of the signal in @p segment, from the positive leg's first on: as long as both legs
   last, but for their skew. 0 when they have no time in common. */
uint64_t sd_legs_count(const sd_legs *legs, size_t segment);

/**
 * Samples of the signal in volts. At either end, where the negative leg has no samples for what the
 * positive one holds, the opposite of the positive leg stands in.
 *
 * @param legs    the signal
 * @param segment index of the segment
 * @param first   first sample
 * @param count   samples; first + count must not exceed sd_legs_count()
 * @param volts   receives them
 */
void sd_legs_read(const sd_legs *legs, size_t segment, uint64_t first, size_t count, float *volts);

#endif
