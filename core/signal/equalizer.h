/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file equalizer.h
 * Opens an eye that the channel has closed: a feed-forward equalizer, a transversal filter over a
 * few unit intervals.
 *
 * No training sequence is known, so the record itself trains it (decision-directed): from bits that
 * are mostly right follow the taps that bring the signal nearest to them (least squares, with the
 * noise counted in), from these better bits, and so on.
 */
#ifndef SD_EQUALIZER_H
#define SD_EQUALIZER_H

#include <glib.h>

#include "signal/bits.h"
#include "signal/samples.h"

/** An equalizer; does not change while it is used. */
typedef struct sd_equalizer sd_equalizer;

/** The kinds of loss that sd_equalizer_guess() knows how to undo, of growing strength. */
#define SD_EQUALIZER_GUESSES 8

/**
 * An equalizer for a channel of which nothing is known but that it has lost high frequencies.
 *
 * @param guess  0 to SD_EQUALIZER_GUESSES - 1
 * @param period samples per unit interval
 * @return to be freed with sd_equalizer_free()
 */
sd_equalizer *sd_equalizer_guess(unsigned guess, double period);

/**
 * Trains an equalizer.
 *
 * @param from   the signal as it is
 * @param words  array of sd_bit_word: bits that were read from it, mostly rightly
 * @param period samples per unit interval
 * @param low    what a zero is to become, in volts
 * @param high   what a one is to become
 * @return to be freed with sd_equalizer_free(); NULL when there are too few bits
 */
sd_equalizer *sd_equalizer_train(const sd_sample_source *from, const GArray *words, double period,
                                 float low, float high);

void sd_equalizer_free(sd_equalizer *equalizer);

/** What the equalizer makes of a signal. */
typedef struct {
    const sd_equalizer *equalizer;
    sd_sample_source from;
} sd_equalized;

/** The equalized signal; valid as long as @p equalized and what is in it are. */
sd_sample_source sd_equalizer_source(sd_equalized *equalized);

#endif
