/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linecode/error_period.h"

#include <math.h>

/** Periods with an error in them, at least: fewer may come at a like distance by chance. */
#define LEAST_HIT 8
/** Standard deviation of the errors from their places, in periods; at random it is 0.29. */
#define MOST_SPREAD 0.06
/** The longest distance may span so many periods, of which some were spared. */
#define MOST_SKIPPED 4
/** A first guess becomes a period in so many steps. */
#define STEPS 3

/** A period by which the errors were numbered, and the line of least squares through them. */
typedef struct {
    double period, spread;
    uint64_t hit, last; /* distinct numbers; the last one, of the first being 0 */
} fit;

static fit fit_period(const sd_position *at, size_t count, double guess)
{
    double n = 0, sum_n = 0, sum_t = 0, sum_nn = 0, sum_nt = 0, sum_tt = 0;
    fit f = {.hit = 1};
    for (size_t i = 0; i < count; i++) {
        const double steps = i == 0 ? 0 : round((double)(at[i] - at[i - 1]) / guess);
        const double t = (double)(at[i] - at[0]) / guess;
        n += steps;
        f.hit += steps > 0;
        sum_n += n;
        sum_t += t;
        sum_nn += n * n;
        sum_nt += n * t;
        sum_tt += t * t;
    }
    const double number = (double)count;
    const double nn = sum_nn - sum_n * sum_n / number;
    const double nt = sum_nt - sum_n * sum_t / number;
    const double tt = sum_tt - sum_t * sum_t / number;
    f.last = (uint64_t)n;
    if (nn <= 0)
        return f;
    f.period = guess * nt / nn;
    f.spread = sqrt(fmax(tt - nt * nt / nn, 0) / number) * guess / f.period;
    return f;
}

bool sd_error_period_find(const sd_position *at, size_t count, sd_error_period *period)
{
    sd_position longest = 0;
    for (size_t i = 1; i < count; i++) {
        if (at[i] - at[i - 1] > longest)
            longest = at[i] - at[i - 1];
    }
    if (count < LEAST_HIT || longest == 0)
        return false;
    for (unsigned spans = 1; spans <= MOST_SKIPPED; spans++) {
        fit f = {.period = (double)longest / spans};
        for (unsigned step = 0; step < STEPS && f.period > 0; step++)
            f = fit_period(at, count, f.period);
        const uint64_t spared = f.last + 1 - f.hit;
        if (f.period > 0 && f.hit >= LEAST_HIT && spared <= f.hit && f.spread <= MOST_SPREAD) {
            *period = (sd_error_period){f.period / (double)SD_POSITION_ONE, f.hit, spared};
            return true;
        }
    }
    return false;
}
