/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file ideal.h
 * The ideal receiver: reads a segment as written, after quantisation, in the middle of every bit,
 * between samples by a straight line. It knows the sender's clock with its spread spectrum, and its
 * sinusoidal jitter as far as the record says so, but not random jitter.
 */
#ifndef GENERATOR_IDEAL_H
#define GENERATOR_IDEAL_H

#include "record.h"

typedef struct gen_ideal gen_ideal;

/** Starts a segment; record and segment must outlive it. @return to be freed with gen_ideal_free()
 */
gen_ideal *gen_ideal_new(const gen_record *record, const gen_segment *segment);

/** Frees; NULL is ignored. */
void gen_ideal_free(gen_ideal *ideal);

/** Takes the next samples of the segment, in volts from the baseline. */
void gen_ideal_push(gen_ideal *ideal, const float *samples, size_t count);

/** The bits read so far, one in each octet; belongs to @p ideal. */
const GByteArray *gen_ideal_bits(const gen_ideal *ideal);

#endif
