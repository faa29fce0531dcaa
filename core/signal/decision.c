/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/decision.h"

#include <glib.h>
#include <math.h>

/** Samples that it takes, and places between two samples for which it is tabled. */
#define TAPS   ((size_t)2 * SD_DECISION_REACH)
#define PLACES 128
/** Of the Kaiser window: passes up to 0.4 of the sample rate, images are 50 dB down. */
#define KAISER_BETA 5.0

struct sd_decision {
    sd_interpolation interpolation;
    float taps[PLACES + 1][TAPS];
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
    for (size_t place = 0; place <= PLACES; place++) {
        double taps[TAPS], sum = 0;
        for (size_t i = 0; i < TAPS; i++) {
            /* from the sample to the place that is wanted */
            const double x = (double)i - (SD_DECISION_REACH - 1) - (double)place / PLACES;
            const double edge = x / SD_DECISION_REACH;
            const double window =
                bessel_i0(KAISER_BETA * sqrt(fmax(0, 1 - edge * edge))) / bessel_i0(KAISER_BETA);
            const double sinc = fabs(x) < 1e-9 ? 1 : sin(G_PI * x) / (G_PI * x);
            taps[i] = sinc * window;
            sum += taps[i];
        }
        for (size_t i = 0; i < TAPS; i++)
            decision->taps[place][i] = (float)(taps[i] / sum); /* a level stays what it is */
    }
}

sd_decision *sd_decision_new(sd_interpolation interpolation)
{
    sd_decision *decision = g_new0(sd_decision, 1);
    decision->interpolation = interpolation;
    if (interpolation == SD_INTERPOLATION_SINC)
        fill_taps(decision);
    return decision;
}

void sd_decision_free(sd_decision *decision)
{
    g_free(decision);
}

static void interpolate_line(const float *volts, float first, float step, unsigned count,
                             float *out)
{
    for (unsigned i = 0; i < count; i++) {
        const float at = first + (float)i * step;
        const int whole = (int)at;
        const float a = volts[whole], b = volts[whole + 1];
        out[i] = a + (b - a) * (at - (float)whole);
    }
}

static void interpolate_sinc(const sd_decision *decision, const float *volts, float first,
                             float step, unsigned count, float *out)
{
    for (unsigned i = 0; i < count; i++) {
        const float at = first + (float)i * step;
        const int whole = (int)at;
        const float *taps = decision->taps[(int)((at - (float)whole) * PLACES + 0.5F)];
        const float *from = volts + whole - (SD_DECISION_REACH - 1);
        float sum = 0;
        for (size_t k = 0; k < TAPS; k++)
            sum += taps[k] * from[k];
        out[i] = sum;
    }
}

void sd_decide(const sd_decision *decision, const float *volts, bool edge, double first,
               double step, unsigned count, float threshold, float weak, sd_decided *decided)
{
    float middle[SD_DECISION_BITS];
    /* From here on floats do: they hold 64 unit intervals of 400 samples to a 500th of one. */
    const double whole = floor(first);
    volts += (ptrdiff_t)whole;
    const float fraction = (float)(first - whole);
    if (decision->interpolation == SD_INTERPOLATION_SINC && !edge)
        interpolate_sinc(decision, volts, fraction, (float)step, count, middle);
    else
        interpolate_line(volts, fraction, (float)step, count, middle);

    uint64_t ones = 0, weaks = 0;
    float smallest = INFINITY, high = 0, low = 0, squares = 0;
    for (unsigned i = 0; i < count; i++) {
        const float distance = middle[i] - threshold, eye = fabsf(distance);
        const bool one = distance > 0;
        decided->eye[i] = eye;
        ones |= (uint64_t)one << i;
        weaks |= (uint64_t)(eye < weak) << i;
        smallest = fminf(smallest, eye);
        squares += eye * eye;
        high += one ? middle[i] : 0;
        low += one ? 0 : middle[i];
    }
    decided->ones = ones;
    decided->weak = weaks;
    decided->smallest = smallest;
    decided->high = high;
    decided->low = low;
    decided->squares = squares;
}
