/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The skew is looked for in the sum of the legs, which is flat where they are aligned: its variance
 * is taken at delays on a grid, and its minimum between the points of the grid from the polynomial
 * through the points around it. The grid is that of the samples, or coarser where these lie closer
 * than the line's edges are steep.
 */
#include "signal/legs.h"

#include <math.h>

/** Windows that are looked at, and how many of them, those with the most signal, are used. */
#define WINDOWS      64
#define WINDOWS_USED 16
/** Length of a window: 64 unit intervals of the slowest line, within bounds. */
#define WINDOW_SECONDS      51.2e-9
#define WINDOW_SAMPLES      4096
#define WINDOW_SAMPLES_MOST 262144
/** The grid is no finer than this. */
#define GRID_SECONDS 20e-12
/** Points of the grid to either side of no delay at most: a bound on the time that it takes. */
#define REACH_STEPS_MOST 1024
/** Points of the grid on either side of the minimum through which the polynomial goes. */
#define AROUND 3
#define POINTS (2 * AROUND + 1)
/** Places between two points of the grid. */
#define FINE 64
/** Under this likeness the legs are no pair. */
#define LIKENESS_LEAST 0.5
/** A minimum nearer to no delay is preferred if it is deeper than the mean by this share of what
   the deepest is: in a steady pattern all minima are alike. */
#define AS_DEEP 0.9
/** Segments that are tried. */
#define SEGMENTS_TRIED 16
/** Nearer to a whole sample than this, nothing is interpolated. */
#define WHOLE (1.0 / 64)
/** Taps of the interpolation. */
#define TAPS 4
/** Samples that are read at a time. */
#define PIECE 4096

static uint64_t segment_samples(const sd_channel *channel, size_t segment)
{
    return channel->segment[segment].count;
}

/** Samples of the negative leg that lie before the positive leg's first one, by the times in the
    file. */
static double start_shift(const sd_legs *legs, size_t segment)
{
    return (legs->positive->segment[segment].start - legs->negative->segment[segment].start) /
           legs->positive->interval;
}

/** Reads samples of a channel; before the first and behind the last one these stand in. */
static void read_held(const sd_channel *channel, size_t segment, int64_t first, size_t count,
                      float *volts)
{
    const int64_t samples = (int64_t)segment_samples(channel, segment);
    if (first >= 0 && (int64_t)count <= samples - first) {
        sd_channel_read(channel, segment, (uint64_t)first, count, volts);
        return;
    }
    for (size_t i = 0; i < count; i++) { /* the ends of the record alone */
        const int64_t at = CLAMP(first + (int64_t)i, 0, samples - 1);
        sd_channel_read(channel, segment, (uint64_t)at, 1, &volts[i]);
    }
}

/* --- the search for the skew ------------------------------------------------------------------ */

/** What is searched. */
typedef struct {
    const sd_legs *legs;
    size_t segment;
    int64_t aligned;  /* the negative leg's sample that belongs to sample 0 by its start */
    size_t step;      /* samples between points of the grid */
    size_t points;    /* of the grid; the middle one is no delay */
    size_t window;    /* samples */
    double *variance; /* of the sum, at each point, over all windows */
    double apart;     /* variances of the two legs, added */
    double sum;       /* mean of their sum, of all windows */
} search;

static float span(const float *volts, size_t count)
{
    float low = volts[0], high = volts[0];
    for (size_t i = 1; i < count; i++) {
        low = MIN(low, volts[i]);
        high = MAX(high, volts[i]);
    }
    return high - low;
}

/** The windows of the segment in which the positive leg moves most. */
static size_t choose_windows(const search *s, uint64_t samples, uint64_t *first)
{
    float spans[WINDOWS_USED];
    size_t used = 0;
    float *volts = g_new(float, s->window);
    const uint64_t room = samples - s->window;
    for (size_t w = 0; w < WINDOWS; w++) {
        const uint64_t at = room / (WINDOWS - 1) * w;
        sd_channel_read(s->legs->positive, s->segment, at, s->window, volts);
        const float here = span(volts, s->window);
        size_t place = used;
        if (used < WINDOWS_USED) {
            used++;
        } else {
            place = 0;
            for (size_t i = 1; i < used; i++) {
                if (spans[i] < spans[place])
                    place = i;
            }
            if (spans[place] >= here)
                continue;
        }
        spans[place] = here;
        first[place] = at;
    }
    g_free(volts);
    return used;
}

static double mean(const float *volts, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += volts[i];
    return sum / (double)count;
}

/** Sum of the squared distances from the mean, of every step-th value of @p a + @p b (or of @p a
    alone, if @p b is NULL). */
static double spread(const float *a, const float *b, size_t count, size_t step)
{
    double sum = 0, squares = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i += step) {
        const double value = b != NULL ? (double)a[i] + b[i] : a[i];
        sum += value;
        squares += value * value;
        n++;
    }
    return MAX(squares - sum * sum / (double)n, 0);
}

static void add_window(search *s, uint64_t first, float *positive, float *negative)
{
    const size_t half = s->points / 2 * s->step;
    sd_channel_read(s->legs->positive, s->segment, first, s->window, positive);
    read_held(s->legs->negative, s->segment, (int64_t)first + s->aligned - (int64_t)half,
              s->window + 2 * half, negative);
    s->apart += spread(positive, NULL, s->window, s->step) +
                spread(negative + half, NULL, s->window, s->step);
    s->sum += mean(positive, s->window) + mean(negative + half, s->window);
    for (size_t p = 0; p < s->points; p++)
        s->variance[p] += spread(positive, negative + p * s->step, s->window, s->step);
}

/** The point of the grid where the sum is flattest; of those that are nearly as flat, the one
    nearest to no delay. */
static size_t flattest(const search *s)
{
    const size_t middle = s->points / 2;
    size_t best = AROUND;
    double usual = 0; /* their mean */
    for (size_t p = 0; p < s->points; p++)
        usual += s->variance[p] / (double)s->points;
    for (size_t p = AROUND; p < s->points - AROUND; p++) {
        if (s->variance[p] < s->variance[best])
            best = p;
    }
    const double enough = usual - (usual - s->variance[best]) * AS_DEEP;
    for (size_t distance = 0; distance <= middle - AROUND; distance++) {
        const size_t both[] = {middle - distance, middle + distance};
        for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
            const double *v = &s->variance[both[i]];
            if (v[0] <= enough && v[0] <= v[-1] && v[0] <= v[1])
                return both[i];
        }
    }
    return best;
}

/** The polynomial through the points around v[0], at @p x steps from it (Lagrange). */
static double between(const double *v, double x)
{
    double value = 0;
    for (int i = -AROUND; i <= AROUND; i++) {
        double factor = 1;
        for (int j = -AROUND; j <= AROUND; j++) {
            if (j != i)
                factor *= (x - j) / (i - j);
        }
        value += factor * v[i];
    }
    return value;
}

/** Where between its neighbours the minimum at v[0] lies, in steps. */
static double minimum(const double *v)
{
    int best = 0;
    for (int i = -FINE + 1; i < FINE; i++) {
        if (between(v, (double)i / FINE) < between(v, (double)best / FINE))
            best = i;
    }
    /* and the top of the parabola through this place and the two beside it */
    const double before = between(v, (double)(best - 1) / FINE);
    const double here = between(v, (double)best / FINE);
    const double behind = between(v, (double)(best + 1) / FINE);
    const double bend = before - 2 * here + behind;
    return ((double)best + (bend > 0 ? (before - behind) / (2 * bend) : 0)) / FINE;
}

/** Fills in likeness, found and skew from one segment; false when they were not found. */
static bool find_in(sd_legs *legs, size_t segment, double reach)
{
    const double rate = 1 / legs->positive->interval, shift = start_shift(legs, segment);
    const uint64_t samples = sd_legs_count(legs, segment);
    search s = {
        .legs = legs,
        .segment = segment,
        .aligned = (int64_t)floor(shift + 0.5),
    };
    if (!((reach + AROUND * GRID_SECONDS) * rate < (double)samples))
        return false; /* too short to tell */
    s.step = (size_t)MAX(1, GRID_SECONDS * rate);
    s.window = (size_t)CLAMP(WINDOW_SECONDS * rate, WINDOW_SAMPLES, WINDOW_SAMPLES_MOST);
    s.window = (size_t)MIN(s.window, samples);
    const size_t side = (size_t)MIN(ceil(reach * rate / (double)s.step), REACH_STEPS_MOST) + AROUND;
    s.points = 2 * side + 1;
    uint64_t first[WINDOWS_USED];
    const size_t windows = choose_windows(&s, samples, first);
    s.variance = g_new0(double, s.points);
    float *positive = g_new(float, s.window);
    float *negative = g_new(float, s.window + 2 * side * s.step);
    for (size_t w = 0; w < windows; w++)
        add_window(&s, first[w], positive, negative);
    g_free(positive);
    g_free(negative);
    legs->sum = (float)(s.sum / (double)windows);
    if (s.apart > 0) {
        const size_t best = flattest(&s);
        const double rest = minimum(&s.variance[best]);
        legs->likeness = CLAMP(1 - between(&s.variance[best], rest) / s.apart, 0, 1);
        legs->found = legs->likeness >= LIKENESS_LEAST;
        const double steps = (double)best - (double)side + rest;
        if (legs->found)
            legs->skew = (double)s.aligned - shift + steps * (double)s.step;
    }
    g_free(s.variance);
    return legs->found;
}

sd_legs sd_legs_new(const sd_channel *positive, const sd_channel *negative, double reach)
{
    sd_legs legs = {.positive = positive, .negative = negative};
    for (size_t segment = 0; negative != NULL && segment < MIN(positive->segments, SEGMENTS_TRIED);
         segment++) {
        if (find_in(&legs, segment, reach))
            break;
    }
    return legs;
}

/* --- reading ---------------------------------------------------------------------------------- */

uint64_t sd_legs_count(const sd_legs *legs, size_t segment)
{
    const uint64_t count = segment_samples(legs->positive, segment);
    if (legs->negative == NULL)
        return count;
    const double negative = (double)segment_samples(legs->negative, segment);
    const double left = floor(negative - start_shift(legs, segment) + 0.5);
    if (!(left > 0) || !(left - negative < (double)count))
        return 0; /* one ends before the other begins */
    return left < (double)count ? (uint64_t)left : count;
}

/** Subtracts the negative leg, delayed by a fraction of a sample (Lagrange interpolation of third
    degree): leg[i + 1] and leg[i + 2] are the samples around volts[i]. */
static void subtract_between(float *volts, const float *leg, size_t count, double fraction)
{
    const double f = fraction;
    const float tap[TAPS] = {
        (float)(-f * (f - 1) * (f - 2) / 6),
        (float)((f + 1) * (f - 1) * (f - 2) / 2),
        (float)(-(f + 1) * f * (f - 2) / 2),
        (float)((f + 1) * f * (f - 1) / 6),
    };
    for (size_t i = 0; i < count; i++)
        volts[i] -=
            tap[0] * leg[i] + tap[1] * leg[i + 1] + tap[2] * leg[i + 2] + tap[3] * leg[i + 3];
}

/** Subtracts the negative leg from a piece of the positive one; @p at is its sample that belongs to
    volts[0]. */
static void subtract(const sd_legs *legs, size_t segment, int64_t at, double fraction, size_t count,
                     float *volts)
{
    float leg[PIECE + TAPS - 1];
    const bool interpolate = fraction > WHOLE;
    const int64_t samples = (int64_t)segment_samples(legs->negative, segment) - interpolate;
    const size_t begin = (size_t)CLAMP(-at, 0, (int64_t)count);
    const size_t end = (size_t)CLAMP(samples - at, (int64_t)begin, (int64_t)count);
    for (size_t i = 0; i < begin; i++)
        volts[i] = 2 * volts[i] - legs->sum;
    for (size_t i = end; i < count; i++)
        volts[i] = 2 * volts[i] - legs->sum;
    at += (int64_t)begin;
    volts += begin;
    count = MIN(end - begin, PIECE); /* which it is: no more are asked for at a time */
    if (interpolate) {
        read_held(legs->negative, segment, at - 1, count + TAPS - 1, leg);
        subtract_between(volts, leg, count, fraction);
        return;
    }
    read_held(legs->negative, segment, at, count, leg);
    for (size_t i = 0; i < count; i++)
        volts[i] -= leg[i];
}

void sd_legs_read(const sd_legs *legs, size_t segment, uint64_t first, size_t count, float *volts)
{
    sd_channel_read(legs->positive, segment, first, count, volts);
    if (legs->negative == NULL)
        return;
    const double shift = start_shift(legs, segment) + legs->skew;
    const double whole = floor(shift + WHOLE);
    for (size_t done = 0; done < count; done += PIECE) {
        subtract(legs, segment, (int64_t)(first + done) + (int64_t)whole, shift - whole,
                 MIN(count - done, PIECE), volts + done);
    }
}
