/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file stretches.h
 * Reads all bits of a segment in stretches, side by side in several threads.
 *
 * Each stretch is read by a reader of its own, which begins some bits earlier, so that its clock is
 * locked where the stretch begins. There the clock of the stretch before, which has come to the
 * same place, is compared with it: where the two agree, the bits go on with those of the new one;
 * where not (the signal is gone, or has just come back), the old one reads the stretch as well. So
 * the bits are the same for any number of threads, one included.
 */
#ifndef SD_STRETCHES_H
#define SD_STRETCHES_H

#include <glib.h>

#include "signal/acquisition.h"
#include "signal/clock_recovery.h"
#include "simd/simd.h"

/** Reads a segment. */
typedef struct sd_stretches sd_stretches;

/**
 * @param simd        the hot loops
 * @param acquisition what is known of the segment; must outlive the context
 * @param threads     threads that read side by side, the caller's included
 * @return a new context, to be freed with sd_stretches_free()
 */
sd_stretches *sd_stretches_new(const sd_simd *simd, const sd_acquisition *acquisition,
                               unsigned threads);
void sd_stretches_free(sd_stretches *stretches);

/** What came of it. */
typedef enum {
    SD_STRETCHES_MORE, /**< A stretch was given. */
    SD_STRETCHES_WAIT, /**< Its samples have not come yet: call again. */
    SD_STRETCHES_LAST, /**< The last stretch was given. */
} sd_stretches_status;

/**
 * The next stretch.
 *
 * @param stretches the context
 * @param words     array of sd_bit_word, to which the bits are appended; all words hold 64 bits but
 *                  for the last one of the segment
 * @param gaps      array of sd_signal_gap, to which the gaps are appended that have ended
 * @param read      receives the samples of the segment that have been read
 */
sd_stretches_status sd_stretches_next(sd_stretches *stretches, GArray *words, GArray *gaps,
                                      uint64_t *read);

/** The figures of all that was given out. */
sd_clock_statistics sd_stretches_statistics(const sd_stretches *stretches);

#endif
