/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file channel.h
 * What a channel does besides the Gaussian low-pass of waveform.h: a pole (a first-order low-pass,
 * which leaves a tail behind each bit) and an echo (a reflection that comes back later).
 *
 * The pole's delay of a step to its half height is made up for by waveform.h, so that the middle of
 * a bit stays where it was.
 */
#ifndef GENERATOR_CHANNEL_H
#define GENERATOR_CHANNEL_H

#include "waveform.h"

typedef struct gen_channel gen_channel;

/** @return the channel behind a waveform, to be freed with gen_channel_free() */
gen_channel *gen_channel_new(const gen_options *options, gen_waveform *waveform);

/** Frees; NULL is ignored. */
void gen_channel_free(gen_channel *channel);

/** As gen_waveform_begin(). */
void gen_channel_begin(gen_channel *channel, unsigned segment, int64_t first_sample);

/** As gen_waveform_read(). */
void gen_channel_read(gen_channel *channel, float *level, size_t count);

#endif
