/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/baseline.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

/** Windows that are looked at, at most, for the wander. */
#define LOOKS 128
/** A window is alive when it spans this share of what the third widest spans. */
#define ALIVE 0.5F
/** The means of nine in ten windows lie within this share of the span unless the baseline wanders:
    the data alone move them by a few hundredths. */
#define LEAST_WANDER 0.15F
/** The mean at the middle of a window is smoothed with those of the windows beside it. */
#define MEANS 4
/** Samples that are read at a time, and how many times at most in a window. */
#define PIECE  32
#define PIECES 64

struct sd_baseline {
    sd_sample_source from;
    size_t window;
    float rest; /* volts: what stays */
    /* the means of windows next to one another, from the one numbered first on; a ring */
    uint64_t first;
    size_t known;
    float mean[MEANS];
};

typedef struct {
    float mean, span;
} look;

/** The samples of window @p number of the segment; the last one may be short. Of many samples,
    pieces spread evenly do. */
static look look_at(const sd_sample_source *from, size_t window, uint64_t number)
{
    const uint64_t first = number * window;
    const size_t count = (size_t)MIN(window, from->count - first);
    const size_t every = MAX(PIECE, count / PIECES);
    float volts[PIECE], low = INFINITY, high = -INFINITY;
    double sum = 0;
    size_t looked_at = 0;
    for (size_t done = 0; done < count; done += every) {
        const size_t n = MIN(count - done, PIECE);
        looked_at += n;
        sd_sample_source_read(from, first + done, n, volts);
        float part = 0;
        for (size_t i = 0; i < n; i++) {
            part += volts[i];
            low = MIN(low, volts[i]);
            high = MAX(high, volts[i]);
        }
        sum += (double)part;
    }
    return (look){(float)(sum / (double)looked_at), high - low};
}

static uint64_t windows_of(const sd_sample_source *from, size_t window)
{
    return MAX(1, from->count / window); /* a rest belongs to no window */
}

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

sd_baseline *sd_baseline_find(const sd_sample_source *from, size_t window)
{
    const uint64_t all = windows_of(from, window);
    const size_t count = (size_t)MIN(all, LOOKS);
    look looks[LOOKS];
    float means[LOOKS], spans[LOOKS];
    for (size_t i = 0; i < count; i++) {
        looks[i] = look_at(from, window, all * i / count);
        spans[i] = looks[i].span;
    }
    qsort(spans, count, sizeof *spans, compare_floats);
    const float least = ALIVE * spans[count - MIN(count, 3)];
    size_t alive = 0;
    for (size_t i = 0; i < count; i++) {
        if (looks[i].span >= least)
            means[alive++] = looks[i].mean;
    }
    qsort(means, alive, sizeof *means, compare_floats);
    const float wander = means[alive - 1 - alive / 20] - means[alive / 20];
    if (!(wander > LEAST_WANDER * spans[count / 2]))
        return NULL;
    sd_baseline *baseline = g_new0(sd_baseline, 1);
    baseline->from = *from;
    baseline->window = window;
    baseline->rest = means[alive / 2];
    return baseline;
}

sd_baseline *sd_baseline_copy(const sd_baseline *baseline)
{
    return g_memdup2(baseline, sizeof *baseline);
}

void sd_baseline_free(sd_baseline *baseline)
{
    g_free(baseline);
}

void sd_baseline_end(sd_baseline *baseline, uint64_t count)
{
    baseline->from.count = count;
}

/** The mean of a window, or of the nearest one that is in the segment. */
static float mean_of(sd_baseline *baseline, int64_t number)
{
    const uint64_t last = windows_of(&baseline->from, baseline->window) - 1;
    const uint64_t wanted = (uint64_t)CLAMP(number, 0, (int64_t)last);
    if (wanted < baseline->first || wanted > baseline->first + baseline->known) {
        baseline->first = wanted;
        baseline->known = 0;
    }
    if (wanted == baseline->first + baseline->known) {
        baseline->mean[wanted % MEANS] = look_at(&baseline->from, baseline->window, wanted).mean;
        if (baseline->known == MEANS)
            baseline->first++;
        else
            baseline->known++;
    }
    return baseline->mean[wanted % MEANS];
}

/** The baseline at the middle of a window. */
static float smooth(sd_baseline *baseline, int64_t number)
{
    const float before = mean_of(baseline, number - 1);
    const float here = mean_of(baseline, number);
    return (before + 2 * here + mean_of(baseline, number + 1)) / 4;
}

static void read_without(void *user, uint64_t first, size_t count, float *volts)
{
    sd_baseline *baseline = user;
    const double window = (double)baseline->window;
    sd_sample_source_read(&baseline->from, first, count, volts);
    for (size_t done = 0; done < count;) {
        /* from the middle of one window to that of the next, a straight line */
        const double at = ((double)(first + done) + 0.5) / window - 0.5;
        const int64_t number = (int64_t)floor(at);
        const float a = smooth(baseline, number), b = smooth(baseline, number + 1);
        const float slope = (float)((double)(b - a) / window);
        const float begin = a + (b - a) * (float)(at - (double)number) - baseline->rest;
        const double rest = ((double)number + 1 - at) * window;
        const size_t n = MIN(count - done, (size_t)ceil(rest));
        for (size_t i = 0; i < n; i++)
            volts[done + i] -= begin + (float)i * slope;
        done += n;
    }
}

sd_sample_source sd_baseline_source(sd_baseline *baseline)
{
    return (sd_sample_source){
        .read = read_without, .user = baseline, .count = baseline->from.count};
}
