/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/baud.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "signal/phase.h"

/** Edges taken together to tell the bauds apart: about 110 unit intervals, so that an offset of
    0.5 % does not smear them over the unit interval. */
#define SHORT_WINDOW 64
/** Unit intervals over which the phase is followed from the first edge to the last. */
#define WINDOW 16
/** Edges that tell the baud where the record begins. */
#define FIRST_EDGES 1024
/** Least fit that is believed; edges at random places give 0.16. */
#define LEAST_FIT 0.3
/** Of that, what is left when rising and falling edges are taken together. */
#define LEAST_TOGETHER 0.1
/** A lower baud is preferred unless a higher one fits so much better. */
#define CLEARLY_BETTER 0.75
/** An 8b/10b line has at least this share of distances of one unit interval. */
#define LEAST_SINGLE 0.08

/** The edges of a window, the first, third, ... apart from the second, fourth, ... */
static void sum_kinds(const double *edges, double frequency, sd_phase_sum *kind)
{
    kind[0] = kind[1] = (sd_phase_sum){0};
    for (size_t i = 0; i < SHORT_WINDOW; i++)
        sd_phase_add(&kind[i % 2], (edges[i] - edges[0]) * frequency);
}

/** How well edges lie on a lattice of @p frequency: the mean length of the mean phasor, 0 where
   they do not. Every second edge is rising: duty-cycle distortion moves the two kinds apart, not
   off their lattices; but two lattices half a unit interval apart are one of twice the frequency.
 */
static double lattice_fit(const double *edges, size_t count, double frequency)
{
    double apart = 0, together = 0;
    size_t used = 0;
    for (size_t first = 0; first + SHORT_WINDOW <= count; first += SHORT_WINDOW) {
        sd_phase_sum kind[2];
        sum_kinds(edges + first, frequency, kind);
        apart += hypot(kind[0].re, kind[0].im) + hypot(kind[1].re, kind[1].im);
        together += hypot(kind[0].re + kind[1].re, kind[0].im + kind[1].im);
        used += SHORT_WINDOW;
    }
    return used > 0 && together >= LEAST_TOGETHER * apart ? apart / (double)used : 0;
}

static double single_share(const double *edges, size_t count, double frequency)
{
    size_t single = 0;
    for (size_t i = 1; i < count; i++) {
        const double ui = (edges[i] - edges[i - 1]) * frequency;
        single += ui > 0.4 && ui < 1.5;
    }
    return (double)single / (double)(count - 1);
}

/** How far the second edges are behind the first ones, over whole windows. */
static double find_stagger(const double *edges, size_t count, double frequency)
{
    double re = 0, im = 0;
    for (size_t first = 0; first + SHORT_WINDOW <= count; first += SHORT_WINDOW) {
        sd_phase_sum kind[2];
        sum_kinds(edges + first, frequency, kind);
        re += kind[1].re * kind[0].re + kind[1].im * kind[0].im;
        im += kind[1].im * kind[0].re - kind[1].re * kind[0].im;
    }
    return atan2(im, re) / (2 * G_PI);
}

/** The deviation of a line whose edges lie near a lattice of @p frequency: their phase is followed
    from window to window, and its slope tells. */
static double refine(const double *edges, size_t count, double frequency, double stagger)
{
    sd_phase_track track = {0};
    sd_phase_sum sum = {0};
    double window = 0, sum_w = 0, sum_t = 0, sum_p = 0, sum_tt = 0, sum_tp = 0;
    for (size_t i = 0; i < count; i++) {
        const double at = (edges[i] - edges[0]) * frequency;
        for (; at >= (window + 1) * WINDOW; window++) {
            const sd_phase phase = sd_phase_of(&sum);
            const double p = sd_phase_follow(&track, phase);
            sum_w += phase.weight;
            sum_t += phase.weight * window;
            sum_p += phase.weight * p;
            sum_tt += phase.weight * window * window;
            sum_tp += phase.weight * window * p;
            sum = (sd_phase_sum){0};
        }
        sd_phase_add(&sum, at - (i % 2 == 1 ? stagger : 0));
    }
    const double spread = sum_w * sum_tt - sum_t * sum_t;
    if (!(spread > 0))
        return frequency;
    const double slope = (sum_w * sum_tp - sum_t * sum_p) / spread / WINDOW;
    return frequency / (1 + slope);
}

static int compare_distance(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double shortest_distance(const double *edges, size_t count)
{
    if (count < 2)
        return 0;
    double *distance = g_new(double, count - 1);
    for (size_t i = 1; i < count; i++)
        distance[i - 1] = edges[i] - edges[i - 1];
    qsort(distance, count - 1, sizeof *distance, compare_distance);
    const double shortest = distance[(count - 1) / 10];
    g_free(distance);
    return shortest;
}

sd_baud sd_baud_estimate(const double *edges, size_t count, double sample_rate,
                         const double *nominal, size_t nominals)
{
    sd_baud baud = {.shortest = shortest_distance(edges, count) / sample_rate};
    if (count < SHORT_WINDOW)
        return baud;
    for (size_t i = 0; i < nominals; i++) {
        const double frequency = nominal[i] / sample_rate;
        const double fit = lattice_fit(edges, count, frequency);
        if (fit < LEAST_FIT || single_share(edges, count, frequency) < LEAST_SINGLE)
            continue;
        if (baud.found && fit * CLEARLY_BETTER < baud.fit)
            continue;
        const size_t first = MIN(count, FIRST_EDGES);
        baud.found = true;
        baud.nominal = nominal[i];
        baud.fit = fit;
        baud.stagger = find_stagger(edges, first, frequency);
        baud.measured = refine(edges, first, frequency, baud.stagger) * sample_rate;
    }
    return baud;
}
