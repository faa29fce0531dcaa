/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/level.h"

#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define BINS 4096

/** The hysteresis keeps this many standard deviations of noise from making edges, within bounds
    that leave room for the reduced swing of single bits on a band-limited line. */
#define HYSTERESIS_DEVIATIONS 3.5F
#define HYSTERESIS_LEAST      0.05F
#define HYSTERESIS_MOST       0.20F

/** A window in which the signal crosses its own middle so often is alive: a step to a dead stretch,
   or a glitch, crosses it once or twice. */
#define LEAST_CROSSINGS 3
/** Share of all samples on either side that may be outliers. */
#define OUTLIERS 0.002
/** The quartiles of a normal distribution lie so many standard deviations from its middle. */
#define NORMAL_QUARTILE 0.6745
/** Places at which the curvature of the signal is taken. */
#define CURVATURES 8192
/** Share of the samples below and above which the line is on a rail. */
#define RAILS 0.05
/** Times that the range of the histogram is drawn together around what is not outliers. */
#define ROUNDS 8

typedef struct {
    float low, high;
} range;

typedef struct {
    const float *volts;
    size_t count;
    range range;
    bool alive;
} window;

static float span(range r)
{
    return r.high - r.low;
}

static window look_at(const float *volts, size_t count)
{
    window w = {.volts = volts, .count = count, .range = {volts[0], volts[0]}};
    for (size_t i = 1; i < count; i++) {
        w.range.low = MIN(w.range.low, volts[i]);
        w.range.high = MAX(w.range.high, volts[i]);
    }
    const float middle = w.range.low + span(w.range) / 2, quarter = span(w.range) / 4;
    unsigned crossings = 0;
    int side = 0;
    for (size_t i = 0; i < count && crossings < LEAST_CROSSINGS; i++) {
        const int now = (volts[i] > middle + quarter) - (volts[i] < middle - quarter);
        if (now != 0) {
            crossings += side != 0 && now != side;
            side = now;
        }
    }
    w.alive = crossings >= LEAST_CROSSINGS;
    return w;
}

/** The third largest span of the windows that are alive: two odd ones do not count. */
static float typical_span(const window *windows, size_t count)
{
    float top[3] = {0, 0, 0};
    size_t alive = 0;
    for (size_t i = 0; i < count; i++) {
        float s = windows[i].alive ? span(windows[i].range) : 0;
        alive += windows[i].alive;
        for (size_t k = 0; k < G_N_ELEMENTS(top); k++) {
            if (s > top[k]) {
                const float next = top[k];
                top[k] = s;
                s = next;
            }
        }
    }
    return alive > 0 ? top[MIN(alive, G_N_ELEMENTS(top)) - 1] : 0;
}

/** Marks the windows that are to be counted: those alive that move as much as most; all, where none
    is alive. Returns the range of their samples. */
static range choose_windows(window *windows, size_t count)
{
    const float least = typical_span(windows, count) / 2;
    range all = {INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        window *w = &windows[i];
        w->alive = least == 0 || (w->alive && span(w->range) >= least);
        if (w->alive) {
            all.low = fminf(all.low, w->range.low);
            all.high = fmaxf(all.high, w->range.high);
        }
    }
    return all;
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

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/**
 * The standard deviation of white noise that would make the signal as crooked as it is from sample
 * to sample: never less than the noise there is, and near it when there are many samples in a bit.
 */
static float curvature_noise(const window *windows, size_t count)
{
    size_t samples = 0;
    for (size_t w = 0; w < count; w++)
        samples += windows[w].alive ? windows[w].count : 0;
    const size_t every = samples / CURVATURES + 1;
    float *bent = g_new(float, samples / every + count + 1);
    size_t n = 0;
    for (size_t w = 0; w < count; w++) {
        const float *v = windows[w].volts;
        for (size_t i = 1; windows[w].alive && i + 1 < windows[w].count; i += every)
            bent[n++] = fabsf(v[i - 1] - 2 * v[i] + v[i + 1]);
    }
    float noise = INFINITY;
    if (n > 0) {
        qsort(bent, n, sizeof *bent, compare_floats);
        /* one sample twice and two once, with either sign: sqrt(6) of its deviation */
        noise = bent[n / 2] / (float)(NORMAL_QUARTILE * sqrt(6));
    }
    g_free(bent);
    return noise;
}

static float bin_step(range r)
{
    return span(r) / BINS;
}

static void fill(uint32_t *bins, const window *windows, size_t count, range r)
{
    const float step = bin_step(r);
    for (size_t i = 0; i < BINS; i++)
        bins[i] = 0;
    for (size_t w = 0; w < count; w++) {
        for (size_t i = 0; windows[w].alive && i < windows[w].count; i++) {
            const float volts = windows[w].volts[i];
            if (volts >= r.low && volts <= r.high)
                bins[MIN((size_t)((volts - r.low) / step), BINS - 1)]++;
        }
    }
}

/** Fills the histogram, and draws its range together until outliers do not stretch it. */
static range fill_well(uint32_t *bins, const window *windows, size_t count, range r)
{
    fill(bins, windows, count, r);
    for (int round = 0; round < ROUNDS; round++) {
        const float step = bin_step(r);
        const float low = (float)quantile(bins, 0, BINS, OUTLIERS) * step;
        const float high = (float)quantile(bins, 0, BINS, 1 - OUTLIERS) * step;
        const float margin = (high - low) / 2 + step;
        const range closer = {fmaxf(r.low, r.low + low - margin),
                              fminf(r.high, r.low + high + margin)};
        if (span(closer) > span(r) / 2)
            break;
        r = closer;
        fill(bins, windows, count, r);
    }
    return r;
}

sd_level sd_level_estimate(const float *volts, size_t count, size_t window_size)
{
    sd_level level = {0};
    if (count == 0)
        return level;

    const size_t number = (count + window_size - 1) / window_size;
    window *windows = g_new(window, number);
    for (size_t w = 0; w < number; w++)
        windows[w] = look_at(volts + w * window_size, MIN(window_size, count - w * window_size));
    range r = choose_windows(windows, number);
    if (!(r.high > r.low)) {
        level.low = level.high = level.threshold = volts[0];
        g_free(windows);
        return level;
    }

    uint32_t *bins = g_new(uint32_t, BINS);
    r = fill_well(bins, windows, number, r);
    const float step = bin_step(r);
    const size_t middle = split(bins);
    const double low = quantile(bins, 0, middle, 0.5);
    const double high = quantile(bins, middle, BINS, 0.5);
    /* Only what lies outside the two levels is noise alone, if there are two: between them there
       are the edges. */
    const double outside_low = low - quantile(bins, 0, middle, 0.25);
    const double outside_high = quantile(bins, middle, BINS, 0.75) - high;

    level.present = true;
    level.low = r.low + (float)low * step;
    level.high = r.low + (float)high * step;
    /* Not the middle of the two: on a band-limited line the samples lie on many levels between the
       two that long runs reach, and only those are certain. */
    level.threshold =
        r.low +
        step * (float)(quantile(bins, 0, BINS, RAILS) + quantile(bins, 0, BINS, 1 - RAILS)) / 2;
    const float outside = (float)((outside_low + outside_high) / 2 / NORMAL_QUARTILE) * step;
    level.noise = fminf(outside, curvature_noise(windows, number));
    const float amplitude = level.high - level.low;
    level.hysteresis = CLAMP(HYSTERESIS_DEVIATIONS * level.noise, HYSTERESIS_LEAST * amplitude,
                             HYSTERESIS_MOST * amplitude);
    g_free(bins);
    g_free(windows);
    return level;
}
