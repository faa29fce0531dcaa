/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file line_signal.h
 * Samples of an NRZ line with known bits and known edges, for the tests of the signal stages.
 */
#ifndef SCOPEDUMP_TEST_LINE_SIGNAL_H
#define SCOPEDUMP_TEST_LINE_SIGNAL_H

#include <glib.h>
#include <math.h>
#include <stdbool.h>

#include "scopedump/position.h"

/** Longest run of equal bits: that of 8b/10b. */
#define LONGEST_RUN 5

/** What the line is like; zero is the plain case but for period and bits. */
typedef struct {
    double period; /**< Samples per unit interval. */
    size_t bits;
    double phase;     /**< Place of the first bit's beginning, in samples. */
    double amplitude; /**< Volts peak to peak; 0: 0.8. */
    double offset;    /**< Volts in the middle. */
    double drift;     /**< Volts by which the middle rises from the first to the last sample. */
    double rise;      /**< From one level to the other, in unit intervals; 0: 0.8. */
    double noise;     /**< Volts rms. */
    double jitter;    /**< Of each edge: unit intervals rms, cut at three times that. */
    double sway;      /**< Sinusoidal jitter: unit intervals to either side, ... */
    double sway_bits; /**< ... and its period, in bits. */
    size_t dead_from, dead_bits;
    double dead_level; /**< Volts from the middle at which the line rests in them. */
    guint32 seed;
} line_spec;

/** A line. */
typedef struct {
    line_spec spec;
    guint8 *bit;
    double *edge; /**< Where bit i begins, in samples, with its jitter. */
    float *volts;
    size_t count;
} line_signal;

/** A normally distributed number, standard deviation 1. */
static inline double normal(GRand *rand)
{
    const double radius = sqrt(-2 * log(1 - g_rand_double(rand)));
    return radius * cos(2 * G_PI * g_rand_double(rand));
}

static inline double line_amplitude(const line_spec *spec)
{
    return spec->amplitude > 0 ? spec->amplitude : 0.8;
}

static inline bool line_is_dead(const line_spec *spec, double bit)
{
    return bit >= (double)spec->dead_from && bit < (double)(spec->dead_from + spec->dead_bits);
}

static inline void line_make_bits(line_signal *line, GRand *rand)
{
    const line_spec *s = &line->spec;
    unsigned run = 0;
    for (size_t i = 0; i < s->bits; i++) {
        line->bit[i] = (guint8)g_rand_int_range(rand, 0, 2);
        if (i > 0 && run >= LONGEST_RUN)
            line->bit[i] = !line->bit[i - 1];
        run = i > 0 && line->bit[i] == line->bit[i - 1] ? run + 1 : 1;
        const double jitter = CLAMP(normal(rand), -3.0, 3.0) * s->jitter;
        const double sway =
            s->sway_bits > 0 ? s->sway * sin(2 * G_PI * (double)i / s->sway_bits) : 0;
        line->edge[i] = s->phase + ((double)i + jitter + sway) * s->period;
    }
}

/** Level between 0 and 1 at @p sample: the bits' steps, each half a cosine wide. */
static inline double line_level(const line_signal *line, double sample)
{
    const line_spec *s = &line->spec;
    const double width = (s->rise > 0 ? s->rise : 0.8) * s->period;
    const double here = (sample - s->phase) / s->period;
    const ptrdiff_t first = MAX((ptrdiff_t)floor(here) - 2, 0);
    const ptrdiff_t last = MIN((ptrdiff_t)floor(here) + 3, (ptrdiff_t)s->bits - 1);
    if (first >= (ptrdiff_t)s->bits)
        return line->bit[s->bits - 1];
    double level = line->bit[first];
    for (ptrdiff_t i = first + 1; i <= last; i++) {
        const double step = (double)line->bit[i] - (double)line->bit[i - 1];
        const double x = CLAMP((sample - line->edge[i]) / width, -0.5, 0.5);
        level += step * (0.5 + 0.5 * sin(G_PI * x));
    }
    return level;
}

/** Makes the line; to be freed with line_signal_free(). The record ends with its last bit. */
static inline line_signal *line_signal_new(const line_spec *spec)
{
    line_signal *line = g_new0(line_signal, 1);
    line->spec = *spec;
    line->bit = g_new0(guint8, spec->bits);
    line->edge = g_new0(double, spec->bits);
    line->count = (size_t)(spec->phase + (double)spec->bits * spec->period);
    line->volts = g_new0(float, line->count);
    GRand *rand = g_rand_new_with_seed(spec->seed + 1);
    line_make_bits(line, rand);
    const double amplitude = line_amplitude(spec);
    for (size_t n = 0; n < line->count; n++) {
        const double bit = ((double)n - spec->phase) / spec->period;
        const double level = line_is_dead(spec, bit)
                                 ? spec->dead_level
                                 : (line_level(line, (double)n) - 0.5) * amplitude;
        const double drift = spec->drift * (double)n / (double)line->count;
        const double noise = spec->noise > 0 ? normal(rand) * spec->noise : 0;
        line->volts[n] = (float)(spec->offset + drift + level + noise);
    }
    g_rand_free(rand);
    return line;
}

static inline void line_signal_free(line_signal *line)
{
    g_free(line->bit);
    g_free(line->edge);
    g_free(line->volts);
    g_free(line);
}

/** The places where the level changes, in samples, without the dead stretch. */
static inline GArray *line_edges(const line_signal *line)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(double));
    for (size_t i = 1; i < line->spec.bits; i++) {
        if (line->bit[i] == line->bit[i - 1] || line_is_dead(&line->spec, (double)i))
            continue;
        g_array_append_val(edges, line->edge[i]);
    }
    return edges;
}

#endif
