/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/baud.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

/** Edges taken together to tell the bauds apart: about 110 unit intervals, so that an offset of
    0.5 % does not smear them over the unit interval. */
#define SHORT_WINDOW 64
/** Edges taken together to find the offset: long enough to tell 400 ppm apart. */
#define LONG_WINDOW 256
/** How far from the nominal baud is searched: +-500 ppm, and 0.5 % of spread-spectrum clocking. */
#define SEARCH_RANGE 6000e-6
#define SEARCH_STEP  200e-6
/** Edges that tell the baud where the record begins. */
#define FIRST_EDGES 1024
/** Least fit that is believed; edges at random places give 0.11. */
#define LEAST_FIT 0.3
/** A lower baud is preferred unless a higher one fits so much better. */
#define CLEARLY_BETTER 0.75
/** An 8b/10b line has at least this share of distances of one unit interval. */
#define LEAST_SINGLE 0.08

typedef struct {
    double re, im;
} phasor;

/** The mean phasor of edges on a lattice of @p frequency cycles per sample. */
static phasor mean_phasor(const sd_position *edges, size_t count, sd_position origin,
                          double frequency)
{
    phasor sum = {0, 0};
    for (size_t i = 0; i < count; i++) {
        const double cycles = (double)(edges[i] - origin) / (double)SD_POSITION_ONE * frequency;
        const double angle = 2 * G_PI * (cycles - floor(cycles));
        sum.re += cos(angle);
        sum.im += sin(angle);
    }
    sum.re /= (double)count;
    sum.im /= (double)count;
    return sum;
}

static double lattice_fit(const sd_position *edges, size_t count, size_t window, double frequency)
{
    double sum = 0;
    size_t windows = 0;
    for (size_t i = 0; i + window <= count; i += window, windows++) {
        const phasor p = mean_phasor(edges + i, window, edges[i], frequency);
        sum += hypot(p.re, p.im);
    }
    return windows > 0 ? sum / (double)windows : 0;
}

static double single_share(const sd_position *edges, size_t count, double frequency)
{
    size_t single = 0;
    for (size_t i = 1; i < count; i++) {
        const double ui = (double)(edges[i] - edges[i - 1]) / (double)SD_POSITION_ONE * frequency;
        single += ui > 0.4 && ui < 1.5;
    }
    return (double)single / (double)(count - 1);
}

static double best_offset(const sd_position *edges, size_t count, double frequency)
{
    const size_t window = MIN(count, LONG_WINDOW);
    double best = 0, best_fit = -1;
    for (int step = 0; step <= 2 * (int)(SEARCH_RANGE / SEARCH_STEP); step++) {
        const double offset = -SEARCH_RANGE + step * SEARCH_STEP;
        const double fit = lattice_fit(edges, count, window, frequency * (1 + offset));
        if (fit > best_fit) {
            best_fit = fit;
            best = offset;
        }
    }
    return best;
}

/** Follows the phase from window to window and returns the frequency at which it stands still. */
static double refine(const sd_position *edges, size_t count, double frequency)
{
    const size_t windows = count / SHORT_WINDOW;
    if (windows < 2)
        return frequency;
    double sum_t = 0, sum_p = 0, sum_tt = 0, sum_tp = 0, last = 0;
    for (size_t w = 0; w < windows; w++) {
        const sd_position *first = edges + w * SHORT_WINDOW;
        const phasor p = mean_phasor(first, SHORT_WINDOW, edges[0], frequency);
        double phase = atan2(p.im, p.re) / (2 * G_PI);
        phase += round(last - phase);
        last = phase;
        const sd_position middle = first[SHORT_WINDOW / 2];
        const double t = (double)(middle - edges[0]) / (double)SD_POSITION_ONE;
        sum_t += t;
        sum_p += phase;
        sum_tt += t * t;
        sum_tp += t * phase;
    }
    const double n = (double)windows;
    const double slope = (n * sum_tp - sum_t * sum_p) / (n * sum_tt - sum_t * sum_t);
    return frequency - slope;
}

static int compare_distance(const void *a, const void *b)
{
    const sd_position x = *(const sd_position *)a, y = *(const sd_position *)b;
    return (x > y) - (x < y);
}

static double shortest_distance(const sd_position *edges, size_t count)
{
    if (count < 2)
        return 0;
    sd_position *distance = g_new(sd_position, count - 1);
    for (size_t i = 1; i < count; i++)
        distance[i - 1] = edges[i] - edges[i - 1];
    qsort(distance, count - 1, sizeof *distance, compare_distance);
    const sd_position shortest = distance[(count - 1) / 10];
    g_free(distance);
    return (double)shortest / (double)SD_POSITION_ONE;
}

sd_baud sd_baud_estimate(const sd_position *edges, size_t count, double sample_rate,
                         const double *nominal, size_t nominals)
{
    sd_baud baud = {.shortest = shortest_distance(edges, count) / sample_rate};
    if (count < SHORT_WINDOW)
        return baud;
    for (size_t i = 0; i < nominals; i++) {
        const double frequency = nominal[i] / sample_rate;
        const double fit = lattice_fit(edges, count, SHORT_WINDOW, frequency);
        if (fit < LEAST_FIT || single_share(edges, count, frequency) < LEAST_SINGLE)
            continue;
        if (baud.found && fit * CLEARLY_BETTER < baud.fit)
            continue;
        const size_t first = MIN(count, FIRST_EDGES);
        const double offset = best_offset(edges, first, frequency);
        baud.found = true;
        baud.nominal = nominal[i];
        baud.fit = fit;
        baud.measured = refine(edges, first, frequency * (1 + offset)) * sample_rate;
    }
    return baud;
}
