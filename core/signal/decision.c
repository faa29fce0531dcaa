/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/decision.h"

#include <glib.h>
#include <math.h>

/** Of the Kaiser window: passes up to 0.4 of the sample rate, images are 50 dB down. */
#define KAISER_BETA 5.0
#define PLACES      (SD_SINC_PLACES - 1)

struct sd_decision {
    const sd_simd *simd;
    sd_interpolation interpolation;
    sd_decided decided;
    int32_t index[SD_DECISION_BITS + SD_MIDDLES_SPARE];
    float fraction[SD_DECISION_BITS + SD_MIDDLES_SPARE];
    float volts[SD_DECISION_BITS + SD_MIDDLES_SPARE]; /* at the middle of each bit */
    float taps[SD_SINC_PLACES][SD_SINC_TAPS];
};

/** The modified Bessel function of order zero, by its series. */
static double bessel_i0(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; term > 1e-12 * sum; k++) {
        term *= x * x / (4.0 * k * k);
        sum += term;
    }
    return sum;
}

static void fill_taps(sd_decision *decision)
{
    for (size_t place = 0; place < SD_SINC_PLACES; place++) {
        double taps[SD_SINC_TAPS], sum = 0;
        for (size_t i = 0; i < SD_SINC_TAPS; i++) {
            /* from the sample to the place that is wanted */
            const double x = (double)i - (SD_DECISION_REACH - 1) - (double)place / PLACES;
            const double edge = x / SD_DECISION_REACH;
            const double window =
                bessel_i0(KAISER_BETA * sqrt(fmax(0, 1 - edge * edge))) / bessel_i0(KAISER_BETA);
            const double sinc = fabs(x) < 1e-9 ? 1 : sin(G_PI * x) / (G_PI * x);
            taps[i] = sinc * window;
            sum += taps[i];
        }
        for (size_t i = 0; i < SD_SINC_TAPS; i++)
            decision->taps[place][i] = (float)(taps[i] / sum); /* a level stays what it is */
    }
}

sd_decision *sd_decision_new(const sd_simd *simd, sd_interpolation interpolation)
{
    sd_decision *decision = g_new0(sd_decision, 1);
    decision->simd = simd;
    decision->interpolation = interpolation;
    if (interpolation == SD_INTERPOLATION_SINC)
        fill_taps(decision);
    return decision;
}

void sd_decision_free(sd_decision *decision)
{
    g_free(decision);
}

const sd_decided *sd_decide(sd_decision *d, const sd_stored *samples, bool edge,
                            const sd_bit_run *run, size_t runs, size_t base, float threshold,
                            float weak)
{
    size_t count = 0;
    for (size_t i = 0; i < runs; i++)
        count += run[i].count;
    d->simd->middles(run, runs, (double)base, d->index, d->fraction);
    if (d->interpolation == SD_INTERPOLATION_SINC && !edge) {
        d->simd->sincs(samples->data, d->index, d->fraction, count,
                       (const float(*)[SD_SINC_TAPS])d->taps, d->volts);
    } else {
        d->simd->points[samples->kind](samples, d->index, d->fraction, count, d->volts);
    }
    d->simd->eyes(d->volts, count, threshold, weak, d->decided.ones, d->decided.weak,
                  &d->decided.sums);
    return &d->decided;
}
