/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/level.h"

#include <glib.h>
#include <math.h>
#include <stdint.h>

#define BINS 4096

/** The hysteresis keeps this many standard deviations of noise from making edges, within bounds
    that leave room for the reduced swing of single bits on a band-limited line. */
#define HYSTERESIS_DEVIATIONS 3.5F
#define HYSTERESIS_LEAST      0.05F
#define HYSTERESIS_MOST       0.20F

typedef struct {
    float low, high;
} range;

static range window_range(const float *volts, size_t count)
{
    range r = {volts[0], volts[0]};
    for (size_t i = 1; i < count; i++) {
        r.low = fminf(r.low, volts[i]);
        r.high = fmaxf(r.high, volts[i]);
    }
    return r;
}

/** The third largest span of all windows: two glitches do not count. */
static float typical_span(const range *windows, size_t count)
{
    float top[3] = {0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        float span = windows[i].high - windows[i].low;
        for (size_t k = 0; k < G_N_ELEMENTS(top); k++) {
            if (span > top[k]) {
                const float next = top[k];
                top[k] = span;
                span = next;
            }
        }
    }
    return top[MIN(count, G_N_ELEMENTS(top)) - 1];
}

/** The bin at which @p share of the samples in [first, last) lie below. */
static double quantile(const uint32_t *bins, size_t first, size_t last, double share)
{
    uint64_t total = 0;
    for (size_t i = first; i < last; i++)
        total += bins[i];
    const double wanted = share * (double)total;
    double sum = 0;
    for (size_t i = first; i < last; i++) {
        if (sum + bins[i] >= wanted && bins[i] > 0)
            return (double)i + (wanted - sum) / bins[i];
        sum += bins[i];
    }
    return (double)last;
}

/** Splits the histogram at the middle of the two parts' means, until it stays. */
static size_t split(const uint32_t *bins)
{
    size_t at = BINS / 2;
    for (int round = 0; round < 64; round++) {
        double sum[2] = {0, 0}, mass[2] = {0, 0};
        for (size_t i = 0; i < BINS; i++) {
            sum[i >= at] += (double)bins[i] * ((double)i + 0.5);
            mass[i >= at] += bins[i];
        }
        if (mass[0] == 0 || mass[1] == 0)
            break;
        const size_t next = (size_t)((sum[0] / mass[0] + sum[1] / mass[1]) / 2);
        if (next == at)
            break;
        at = next;
    }
    return CLAMP(at, 1, BINS - 1);
}

sd_level sd_level_estimate(const float *volts, size_t count, size_t window)
{
    sd_level level = {0};
    if (count == 0)
        return level;

    const size_t windows = (count + window - 1) / window;
    range *ranges = g_new(range, windows);
    for (size_t w = 0; w < windows; w++)
        ranges[w] = window_range(volts + w * window, MIN(window, count - w * window));
    const float span = typical_span(ranges, windows);

    range active = {INFINITY, -INFINITY};
    for (size_t w = 0; w < windows; w++) {
        if (ranges[w].high - ranges[w].low >= span / 2) {
            active.low = fminf(active.low, ranges[w].low);
            active.high = fmaxf(active.high, ranges[w].high);
        }
    }
    if (!(active.high > active.low)) {
        level.low = level.high = level.threshold = volts[0];
        g_free(ranges);
        return level;
    }

    uint32_t *bins = g_new0(uint32_t, BINS);
    const float step = (active.high - active.low) / BINS;
    for (size_t w = 0; w < windows; w++) {
        if (ranges[w].high - ranges[w].low < span / 2)
            continue;
        for (size_t i = w * window; i < MIN(count, (w + 1) * window); i++) {
            const int bin = (int)((volts[i] - active.low) / step);
            bins[CLAMP(bin, 0, BINS - 1)]++;
        }
    }

    const size_t middle = split(bins);
    const double low = quantile(bins, 0, middle, 0.5);
    const double high = quantile(bins, middle, BINS, 0.5);
    /* Only what lies outside the two levels is noise alone: between them there are the edges. The
       quartile of a normal distribution lies 0.6745 standard deviations from its middle. */
    const double outside_low = low - quantile(bins, 0, middle, 0.25);
    const double outside_high = quantile(bins, middle, BINS, 0.75) - high;

    level.present = true;
    level.low = active.low + (float)low * step;
    level.high = active.low + (float)high * step;
    level.threshold = (level.low + level.high) / 2;
    level.noise = (float)((outside_low + outside_high) / 2 / 0.6745) * step;
    const float amplitude = level.high - level.low;
    level.hysteresis = CLAMP(HYSTERESIS_DEVIATIONS * level.noise, HYSTERESIS_LEAST * amplitude,
                             HYSTERESIS_MOST * amplitude);
    g_free(bins);
    g_free(ranges);
    return level;
}
