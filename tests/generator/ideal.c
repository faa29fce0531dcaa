/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ideal.h"

#include <math.h>

struct gen_ideal {
    const gen_record *record;
    const gen_segment *segment;
    GByteArray *bits;
    uint64_t samples; /* taken so far */
    float last;       /* the last of them */
};

gen_ideal *gen_ideal_new(const gen_record *record, const gen_segment *segment)
{
    gen_ideal *ideal = g_new0(gen_ideal, 1);
    ideal->record = record;
    ideal->segment = segment;
    ideal->bits = g_byte_array_new();
    return ideal;
}

void gen_ideal_free(gen_ideal *ideal)
{
    if (ideal == NULL)
        return;
    g_byte_array_unref(ideal->bits);
    g_free(ideal);
}

void gen_ideal_push(gen_ideal *ideal, const float *samples, size_t count)
{
    const gen_segment *segment = ideal->segment;
    uint64_t total = segment->end_bit - segment->first_bit;
    while (ideal->bits->len < total) {
        double middle = (double)(segment->first_bit + ideal->bits->len) + 0.5;
        double time = gen_record_time(ideal->record, segment, middle);
        if (ideal->record->ideal_follows)
            time += gen_record_sine(ideal->record, middle);
        /* Jitter may move the first middle out of the segment. */
        double place = fmax(time * ideal->record->samples_per_bit, 0);
        uint64_t before = (uint64_t)place; /* the sample at or before the place */
        if (before + 1 >= ideal->samples + count)
            break;
        float low = before < ideal->samples ? ideal->last : samples[before - ideal->samples];
        float high = samples[before + 1 - ideal->samples];
        float value = low + (float)(place - (double)before) * (high - low);
        uint8_t bit = value > 0;
        g_byte_array_append(ideal->bits, &bit, 1);
    }
    if (count > 0)
        ideal->last = samples[count - 1];
    ideal->samples += count;
}

const GByteArray *gen_ideal_bits(const gen_ideal *ideal)
{
    return ideal->bits;
}
