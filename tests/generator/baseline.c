/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "baseline.h"

#include <math.h>

struct gen_baseline {
    const gen_options *options;
    const gen_record *record;
    double begin;  /* seconds from the beginning of the line to sample 0 of the segment */
    int64_t next;  /* the next sample of the segment */
    double share;  /* of the way to each sample that the charge of the capacitors goes */
    double charge; /* of them, as a fraction of the amplitude */
};

gen_baseline *gen_baseline_new(const gen_options *options, const gen_record *record)
{
    if (options->wander == 0 && options->ac_coupling == 0)
        return NULL;
    gen_baseline *baseline = g_new0(gen_baseline, 1);
    baseline->options = options;
    baseline->record = record;
    baseline->share = -expm1(-2 * G_PI * options->ac_coupling / options->sample_rate);
    return baseline;
}

void gen_baseline_free(gen_baseline *baseline)
{
    g_free(baseline);
}

void gen_baseline_begin(gen_baseline *baseline, unsigned segment, int64_t first_sample)
{
    baseline->begin = baseline->record->segment[segment].begin / baseline->options->baud;
    baseline->next = first_sample;
    baseline->charge = 0;
}

void gen_baseline_read(gen_baseline *baseline, const float *level, float *shift, size_t count)
{
    const gen_options *options = baseline->options;
    for (size_t i = 0; i < count; i++) {
        baseline->charge += baseline->share * ((double)level[i] - baseline->charge);
        shift[i] = (float)-baseline->charge;
    }
    if (options->wander > 0) {
        for (size_t i = 0; i < count; i++) {
            double seconds =
                baseline->begin + (double)(baseline->next + (int64_t)i) / options->sample_rate;
            shift[i] +=
                (float)(options->wander * sin(2 * G_PI * options->wander_frequency * seconds));
        }
    }
    baseline->next += (int64_t)count;
}
