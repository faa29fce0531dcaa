/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/clock_recovery.h"

#include <math.h>

/** Edges from which the first phase is taken. */
#define FIRST_EDGES 64
/** Shares of an edge's error that move the phase: while locking, and afterwards. */
#define GAIN_LOCKING 0.125
#define GAIN_LOCKED  0.03125
/** Edges for which the higher one holds. */
#define LOCKING_EDGES 64
/** The period stays this near to the one that it began with: +-500 ppm, and 0.5 % of
    spread-spectrum clocking. */
#define PERIOD_RANGE 6000e-6
/** A bit is weak when its middle is nearer to the threshold than this share of half the amplitude;
    so many weak bits in a row are no signal, so many strong ones are one again. */
#define WEAK_SHARE  0.3
#define WEAK_BITS   16
#define STRONG_BITS 8
/** 8b/10b never has more than five equal bits in a row; so many are no signal. */
#define STILL_BITS 32
/** Time constant of the baseline, in bits. */
#define BASELINE_BITS 2048.0

struct sd_clock_recovery {
    /* settings */
    bool track;
    double first_period;
    double weak_below; /* volts from the threshold */

    /* the loop; boundary is where the next bit begins, in samples from the block's first */
    bool running;
    double boundary;
    double period;
    unsigned locking;
    unsigned bits; /* since the last edge that the loop followed */

    /* the baseline */
    double high, low;
    float threshold;

    /* the signal's presence */
    bool lost;
    unsigned weak, strong, still;
    bool last_bit;
    sd_signal_gap gap;

    GArray *edges; /* sd_position: those behind the last bit that could be decided */

    /* the word that is being filled */
    sd_bit_word word;

    /* figures */
    sd_clock_statistics statistics;
    double squares;
    double last_boundary;
    sd_position end;
};

sd_clock_recovery *sd_clock_recovery_new(const sd_level *level, double period, bool track)
{
    sd_clock_recovery *clock = g_new0(sd_clock_recovery, 1);
    clock->track = track;
    clock->first_period = clock->period = period;
    clock->weak_below = WEAK_SHARE / 2 * (double)(level->high - level->low);
    const double half = (double)(level->high - level->low) / 2;
    clock->high = (double)level->threshold + half;
    clock->low = (double)level->threshold - half;
    clock->threshold = level->threshold;
    clock->statistics.smallest_eye = INFINITY;
    clock->edges = g_array_new(FALSE, FALSE, sizeof(sd_position));
    return clock;
}

void sd_clock_recovery_free(sd_clock_recovery *clock)
{
    if (clock == NULL)
        return;
    g_array_free(clock->edges, TRUE);
    g_free(clock);
}

size_t sd_clock_recovery_history(double period)
{
    return 64 + (size_t)(8 * period);
}

/** Bits later than this before the end of a block are left for the next one: the edge that belongs
    to them may not be complete. */
static double lag(const sd_clock_recovery *clock)
{
    return 2 * clock->period + 4;
}

static void push_word(sd_clock_recovery *clock, sd_position now, GArray *words)
{
    if (clock->word.count == 0)
        return;
    clock->word.span = (now - clock->word.start) * SD_WORD_BITS / (sd_position)clock->word.count;
    g_array_append_val(words, clock->word);
    clock->word.bits = 0;
    clock->word.count = 0;
    clock->word.dead = clock->lost;
}

/** @p start: beginning of the bit, in samples from the block's first. */
static void watch_signal(sd_clock_recovery *clock, const sd_samples *block, bool bit,
                         double distance, double start, GArray *gaps)
{
    const double eye = fabs(distance);
    const bool weak = eye < clock->weak_below;
    clock->weak = weak ? clock->weak + 1 : 0;
    clock->strong = weak ? 0 : clock->strong + 1;
    clock->still = bit == clock->last_bit ? clock->still + 1 : 0;
    clock->last_bit = bit;

    if (!clock->lost && (clock->weak >= WEAK_BITS || clock->still >= STILL_BITS)) {
        const double bits = clock->still >= STILL_BITS ? STILL_BITS : WEAK_BITS;
        clock->lost = true;
        clock->word.dead = true;
        clock->gap.from = sd_position_make(block->first, start - bits * clock->period);
        clock->statistics.gaps++;
    } else if (clock->lost && clock->strong >= STRONG_BITS && clock->still < STRONG_BITS) {
        clock->lost = false;
        clock->locking = 0;
        clock->gap.to = sd_position_make(block->first, start - STRONG_BITS * clock->period);
        clock->gap.over = true;
        g_array_append_val(gaps, clock->gap);
        clock->gap.over = false;
    }
    if (!clock->lost && !weak && eye < clock->statistics.smallest_eye)
        clock->statistics.smallest_eye = eye;
}

/** Decides the bit that begins at the boundary, and moves the boundary on. */
static void take_bit(sd_clock_recovery *clock, const sd_samples *block, GArray *words, GArray *gaps)
{
    const double start = clock->boundary, middle = start + clock->period / 2;
    ptrdiff_t i = (ptrdiff_t)middle;
    i -= middle < (double)i; /* the history has negative numbers: round down, not to zero */
    const float a = block->volts[i], b = block->volts[i + 1];
    const double volts = (double)a + (double)(b - a) * (middle - (double)i);
    const double distance = volts - (double)clock->threshold;
    const bool bit = distance > 0;

    if (clock->word.count == 0)
        clock->word.start = sd_position_make(block->first, start);
    clock->word.bits |= (uint64_t)bit << clock->word.count++;
    clock->boundary += clock->period;
    if (clock->word.count == SD_WORD_BITS)
        push_word(clock, sd_position_make(block->first, clock->boundary), words);

    clock->statistics.bits++;
    watch_signal(clock, block, bit, distance, start, gaps);
    if (clock->track && !clock->lost) {
        double *level = bit ? &clock->high : &clock->low;
        *level += (volts - *level) / BASELINE_BITS;
    }
}

static void follow_edge(sd_clock_recovery *clock, double edge)
{
    const double error = edge - clock->boundary;
    const unsigned bits = MAX(clock->bits, 1);
    clock->bits = 0;
    if (clock->lost)
        return;
    const bool locking = clock->locking < LOCKING_EDGES;
    const double gain = locking ? GAIN_LOCKING : GAIN_LOCKED;
    clock->locking += locking;
    clock->boundary += gain * error;
    /* a quarter of the square of the phase's gain: critically damped */
    clock->period += gain * gain / 4 * error / bits;
    clock->period = CLAMP(clock->period, clock->first_period * (1 - PERIOD_RANGE),
                          clock->first_period * (1 + PERIOD_RANGE));
    clock->statistics.edges++;
    clock->squares += error * error / (clock->period * clock->period);
}

/** The phase from the first edges: the direction of their mean phasor; then back to the block's
    begin. */
static void start(sd_clock_recovery *clock, const sd_samples *block, const sd_position *edges,
                  size_t count)
{
    double re = 0, im = 0;
    const sd_position origin = block->first * SD_POSITION_ONE;
    for (size_t i = 0; i < MIN(count, FIRST_EDGES); i++) {
        const double cycles = (double)(edges[i] - origin) / (double)SD_POSITION_ONE / clock->period;
        const double angle = 2 * G_PI * (cycles - floor(cycles));
        re += cos(angle);
        im += sin(angle);
    }
    double phase = atan2(im, re) / (2 * G_PI);
    if (phase < 0)
        phase += 1;
    /* The first bit is the first whose middle is in the block. */
    clock->boundary = (phase > 0.5 ? phase - 1 : phase) * clock->period;
    clock->running = true;
    clock->statistics.first = sd_position_make(block->first, clock->boundary);
}

void sd_clock_recovery_push(sd_clock_recovery *clock, const sd_samples *block,
                            const sd_position *edges, size_t count, GArray *words, GArray *gaps)
{
    if (!clock->running) {
        if (count == 0)
            return;
        start(clock, block, edges, count);
    }
    const sd_position origin = block->first * SD_POSITION_ONE;
    /* The interpolation of the last bit needs the sample behind it. */
    const double end = (double)block->count - (block->last ? 1.001 : lag(clock));

    g_array_append_vals(clock->edges, edges, (guint)count);
    guint done = 0;
    for (;; done++) {
        const bool any = done < clock->edges->len;
        const sd_position at = any ? g_array_index(clock->edges, sd_position, done) : 0;
        const double edge = any ? (double)(at - origin) / (double)SD_POSITION_ONE : INFINITY;
        const double until = edge < end ? edge : end;
        while (clock->boundary + clock->period / 2 < until) {
            take_bit(clock, block, words, gaps);
            clock->bits++;
        }
        if (!any || edge >= end)
            break;
        if (fabs(edge - clock->boundary) <= clock->period / 2)
            follow_edge(clock, edge);
    }
    g_array_remove_range(clock->edges, 0, done);
    clock->end = sd_position_make(block->first, clock->boundary);

    if (clock->track)
        clock->threshold = (float)((clock->high + clock->low) / 2);
    if (block->last) {
        push_word(clock, clock->end, words);
        if (clock->lost) {
            clock->gap.to = clock->end;
            g_array_append_val(gaps, clock->gap);
        }
    }
    clock->boundary -= (double)block->count;
}

float sd_clock_recovery_threshold(const sd_clock_recovery *clock)
{
    return clock->threshold;
}

sd_clock_statistics sd_clock_recovery_statistics(const sd_clock_recovery *clock)
{
    sd_clock_statistics s = clock->statistics;
    if (s.edges > 0)
        s.jitter_rms = sqrt(clock->squares / (double)s.edges);
    if (s.bits > 0)
        s.period = (double)(clock->end - s.first) / (double)SD_POSITION_ONE / (double)s.bits;
    if (!isfinite(s.smallest_eye))
        s.smallest_eye = 0; /* no bit was strong */
    return s;
}
