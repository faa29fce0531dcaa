/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file baseline.h
 * What moves the signal up and down as a whole: a slow sine, and the high-pass of coupling
 * capacitors, which takes the mean of the last bits away.
 */
#ifndef GENERATOR_BASELINE_H
#define GENERATOR_BASELINE_H

#include "record.h"

typedef struct gen_baseline gen_baseline;

/** Starts; options and record must outlive it. @return to be freed with gen_baseline_free(), or
 * NULL when the options ask for a baseline that stays */
gen_baseline *gen_baseline_new(const gen_options *options, const gen_record *record);

/** Frees; NULL is ignored. */
void gen_baseline_free(gen_baseline *baseline);

/**
 * Goes on to a segment. The capacitors are charged to the middle of the signal there.
 *
 * @param baseline     the baseline
 * @param segment      index of the segment
 * @param first_sample the first sample, counted from sample 0 of the segment; may be negative
 */
void gen_baseline_begin(gen_baseline *baseline, unsigned segment, int64_t first_sample);

/**
 * The baseline below the next samples of the segment.
 *
 * @param baseline the baseline
 * @param level    the samples before they are moved, as fractions of the peak-to-peak amplitude
 * @param shift    receives what is to be added to each, in the same unit
 * @param count    how many
 */
void gen_baseline_read(gen_baseline *baseline, const float *level, float *shift, size_t count);

#endif
