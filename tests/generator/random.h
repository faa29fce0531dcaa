/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file random.h
 * Seeded random numbers, fast enough for one per sample. The same seed gives the same numbers on
 * every machine.
 */
#ifndef GENERATOR_RANDOM_H
#define GENERATOR_RANDOM_H

#include <stdint.h>

/** The state of one independent stream (xoshiro256++ of Blackman and Vigna). */
typedef struct {
    uint64_t word[4];
} gen_random;

/** Starts a stream: @p seed names the run, @p stream the use within it. */
void gen_random_init(gen_random *random, uint64_t seed, uint64_t stream);

/** 64 random bits. */
static inline uint64_t gen_random_next(gen_random *random)
{
    uint64_t *s = random->word;
    uint64_t sum = s[0] + s[3];
    uint64_t result = ((sum << 23) | (sum >> 41)) + s[0];
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/** A whole number from @p low to @p high, both included. */
uint64_t gen_random_range(gen_random *random, uint64_t low, uint64_t high);

/** A number of the normal distribution, mean 0, variance 1. */
double gen_random_normal(gen_random *random);

/** Adds normal numbers times @p scale to @p count values. */
void gen_random_add_noise(gen_random *random, float *values, uint64_t count, float scale);

#endif
