/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file mutate.h
 * Damage to files, as chance wants it; the same seed does the same damage on every machine.
 */
#ifndef SCOPEDUMP_FUZZ_MUTATE_H
#define SCOPEDUMP_FUZZ_MUTATE_H

#include <glib.h>
#include <stdint.h>

/** The state of the random numbers (SplitMix64 of Steele, Lea and Flood); the seed to begin with.
 */
typedef struct {
    uint64_t state;
} mutate_random;

/** A whole number below @p limit, which must not be 0. */
uint64_t mutate_below(mutate_random *random, uint64_t limit);

/**
 * Damages the bytes at one to four places: bits turned over, the end cut off, numbers that lie, a
 * piece doubled or removed, a piece of another file put in. Most places lie in the first KiB.
 *
 * @param random the random numbers
 * @param bytes  the file; may become longer, by no more than its own length and that of the donor
 *               each time
 * @param donor  another file, where pieces come from
 */
void mutate(mutate_random *random, GByteArray *bytes, const GByteArray *donor);

#endif
