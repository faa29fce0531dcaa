/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "channel.h"

#include <math.h>

/* Time constants after which nothing is left of what was before. */
#define MEMORY 20.0

struct gen_channel {
    gen_waveform *waveform;
    double keep; /* of the pole: what is left of its state after a sample */
    double state, before;
    double echo;   /* height */
    double delay;  /* samples */
    float *past;   /* a ring of the samples before */
    size_t length; /* of the ring */
    size_t at;     /* the next one in it */
    size_t memory; /* samples before the first one that still count */
};

gen_channel *gen_channel_new(const gen_options *options, gen_waveform *waveform)
{
    gen_channel *channel = g_new0(gen_channel, 1);
    channel->waveform = waveform;
    channel->echo = options->echo;
    channel->delay = options->echo_delay * options->sample_rate;
    channel->length = (size_t)ceil(channel->delay) + 2;
    channel->past = g_new0(float, channel->length);
    channel->memory = channel->length;
    if (isfinite(options->pole)) {
        const double constant = options->sample_rate / (2 * G_PI * options->pole);
        channel->keep = exp(-1 / constant);
        channel->memory += (size_t)(MEMORY * constant);
    }
    return channel;
}

void gen_channel_free(gen_channel *channel)
{
    if (channel == NULL)
        return;
    g_free(channel->past);
    g_free(channel);
}

/* The sample that came so much before the latest one, on a straight line between two. */
static double past(const gen_channel *channel, double delay)
{
    const size_t whole = (size_t)delay;
    const size_t newer = (channel->at + 2 * channel->length - 1 - whole) % channel->length;
    const size_t older = (newer + channel->length - 1) % channel->length;
    const double part = delay - (double)whole;
    return (1 - part) * (double)channel->past[newer] + part * (double)channel->past[older];
}

void gen_channel_read(gen_channel *channel, float *level, size_t count)
{
    gen_waveform_read(channel->waveform, level, count);
    for (size_t i = 0; i < count; i++) {
        channel->past[channel->at] = level[i];
        channel->at = (channel->at + 1) % channel->length;
        const double sum = (double)level[i] + channel->echo * past(channel, channel->delay);
        /* between two samples the signal runs straight */
        channel->state =
            channel->keep * channel->state + (1 - channel->keep) * (sum + channel->before) / 2;
        channel->before = sum;
        level[i] = (float)(channel->keep > 0 ? channel->state : sum);
    }
}

void gen_channel_begin(gen_channel *channel, unsigned segment, int64_t first_sample)
{
    float level[256];
    gen_waveform_begin(channel->waveform, segment, first_sample - (int64_t)channel->memory);
    for (size_t done = 0; done < channel->memory; done += G_N_ELEMENTS(level))
        gen_channel_read(channel, level, MIN(channel->memory - done, G_N_ELEMENTS(level)));
}
