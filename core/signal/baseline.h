/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file baseline.h
 * Takes a wandering baseline out of the signal.
 *
 * An 8b/10b line has as many ones as zeros, but for three, in any stretch (clause 36.2.4): the mean
 * of some hundred bits is the baseline. It is taken out with its changes alone, so that the levels
 * stay where they are.
 */
#ifndef SD_BASELINE_H
#define SD_BASELINE_H

#include "signal/samples.h"

/** A source without the wander of another. */
typedef struct sd_baseline sd_baseline;

/**
 * Looks at windows all over a segment.
 *
 * @param from   the signal
 * @param window samples of a window whose mean is the baseline: 64 unit intervals or more
 * @return the baseline to be taken out, to be freed with sd_baseline_free(); NULL when it wanders
 *         too little to do harm
 */
sd_baseline *sd_baseline_find(const sd_sample_source *from, size_t window);
/** Another one of the same, for another thread; to be freed with sd_baseline_free(). */
sd_baseline *sd_baseline_copy(const sd_baseline *baseline);
void sd_baseline_free(sd_baseline *baseline);

/** Tells where the signal ends, where that was not known. */
void sd_baseline_end(sd_baseline *baseline, uint64_t count);

/** The signal without the wander; valid as long as the baseline and its source are. It is quick
   only when it is read forwards. */
sd_sample_source sd_baseline_source(sd_baseline *baseline);

#endif
