/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file waveform.h
 * The analogue side: line symbols become samples. Each change of the line is a smooth step (the
 * integral of a Gaussian) at its place in time, moved by jitter; the steps are summed, so that the
 * rise time may be longer than a bit.
 *
 * The channel's low-pass is Gaussian too. Its -3 dB bandwidth b belongs to an impulse response with
 * the standard deviation sqrt(ln 2) / (2 pi b); that and the one of the rise time add up by their
 * squares. Such a response has no overshoot, and its delay is 0.
 */
#ifndef GENERATOR_WAVEFORM_H
#define GENERATOR_WAVEFORM_H

#include "line.h"

/** Gives the next code-group of the line; there is always one. */
typedef void (*gen_line_source)(void *user, gen_line_group *group);

typedef struct gen_waveform gen_waveform;

/**
 * Starts the waveform.
 *
 * @param options      the command line; must outlive the waveform
 * @param record       what is recorded; must outlive the waveform
 * @param delay        seconds by which all comes later
 * @param source, user where the line comes from
 * @return the waveform, to be freed with gen_waveform_free()
 */
gen_waveform *gen_waveform_new(const gen_options *options, const gen_record *record, double delay,
                               gen_line_source source, void *user);

/** Frees; NULL is ignored. */
void gen_waveform_free(gen_waveform *waveform);

/**
 * Goes on to a segment; segments must be taken in their order.
 *
 * @param waveform     the waveform
 * @param segment      index of the segment
 * @param first_sample the first sample to be read, counted from sample 0 of the segment; negative:
 *                     before it
 */
void gen_waveform_begin(gen_waveform *waveform, unsigned segment, int64_t first_sample);

/**
 * The next samples of the segment, without noise.
 *
 * @param waveform the waveform
 * @param level    receives the samples, as fractions of the peak-to-peak amplitude: a long 1 is
 *                 0.5, a long 0 is -0.5, the other way round on an inverted line
 * @param count    how many
 */
void gen_waveform_read(gen_waveform *waveform, float *level, size_t count);

#endif
