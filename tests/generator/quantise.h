/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file quantise.h
 * Volts become the codes of a file: value = code x scale + offset.
 */
#ifndef GENERATOR_QUANTISE_H
#define GENERATOR_QUANTISE_H

#include "options.h"

/** Bytes of a sample. */
size_t gen_sample_size(gen_sample_format format);

/** Peak-to-peak amplitude of what goes into one file, in volts: half of it in each leg of two. */
double gen_file_amplitude(const gen_options *options);

/** Volts per code: the amplitude and its wander fill 80 % of the range of codes. 1 for GEN_F32. */
double gen_file_scale(const gen_options *options);

/** Volts at code 0: the middle of the signal; 0 for GEN_F32, whose values are volts. */
double gen_file_offset(const gen_options *options);

/**
 * Makes samples as they stand in a file.
 *
 * @param options the command line
 * @param volts   volts from the middle of the signal; become what a reader of the file gets, from
 *                the middle too: rounded and clipped
 * @param count   how many
 * @param bytes   receives count x gen_sample_size() bytes in the byte order of the options
 */
void gen_quantise(const gen_options *options, float *volts, size_t count, uint8_t *bytes);

#endif
