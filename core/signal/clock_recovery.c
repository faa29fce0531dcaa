/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/clock_recovery.h"

#include <math.h>

#include "signal/phase.h"

/** Windows on either side of a node over which its phase is smoothed, with weights that fall in a
    straight line: three windows at half height. */
#define REACH 2
/** Weight of the expected phase: it counts only where hardly any edge does. */
#define EXPECTED_WEIGHT 0.25
/** Windows by which the track is put back when the signal is gone: that long it may have followed
    noise, until the bits had shown it. */
#define TRACKS 8
/** A window with so little says nothing that the first bits may rest on. */
#define FIRST_WEIGHT 2.5
/** Bits of a window, at most; only the frequency's range and jitter make them more than
    SD_PHASE_WINDOW. */
#define BITS_LEAST (SD_PHASE_WINDOW / 2.0)
#define BITS_MOST  (SD_PHASE_WINDOW * 2.0)
/** A bit is weak when its middle is nearer to the threshold than this share of half the amplitude;
    so many weak bits in a row are no signal, so many strong ones are one again. */
#define WEAK_SHARE  0.3
#define WEAK_BITS   16
#define STRONG_BITS 8
/** 8b/10b never has more than five equal bits in a row; so many are no signal. */
#define STILL_BITS 32
/** Time constant of the baseline, in bits. */
#define BASELINE_BITS 2048.0F

/*
 * Places without a unit are in unit intervals of the first period from the segment's first sample.
 * Windows are numbered from there; a node is the middle of a window. Between two nodes the phase is
 * a straight line, and so the bits are evenly spaced.
 */
struct sd_clock_recovery {
    /* settings */
    bool track_baseline;
    double period;  /* samples per unit interval, as it began */
    double stagger; /* unit intervals */
    sd_decision *decision;
    float weak_below; /* volts from the threshold */

    /* the windows of edges */
    GArray *edges;    /* double: places of those behind the last node */
    bool second;      /* the next edge is a second one */
    int64_t open;     /* the window that is being filled */
    sd_phase_sum sum; /* of its edges */
    sd_phase_track track;
    sd_phase_track tracks[TRACKS]; /* as it was before the last windows; a ring */
    sd_phase window[2 * REACH + 1];
    unsigned windows; /* closed since the first one with a phase; counts no further than needed */

    /* the bits */
    bool running;
    int64_t node;     /* where they stand */
    double phase;     /* there */
    double to_middle; /* from there to the middle of the next bit, in bits */

    /* the baseline, in volts */
    float high, low, threshold;

    /* the signal's presence */
    bool lost;
    unsigned weak, strong, still;
    bool last_bit;
    sd_signal_gap gap;

    /* the word that is being filled */
    sd_bit_word word;

    /* figures */
    sd_clock_statistics statistics;
    double squares; /* of the edges' distances from the clock */
    uint64_t eye_bits;
    double eye_sum, eye_squares;
    sd_position end;
};

/** Where a call puts what it finds. */
typedef struct {
    const sd_samples *block;
    GArray *words, *gaps;
} target;

/** Evenly spaced bits; in samples from the block's first. */
typedef struct {
    double middle; /* of the first */
    double step;
    unsigned count;
} bit_run;

sd_clock_recovery *sd_clock_recovery_new(const sd_level *level, const sd_clock_settings *settings)
{
    sd_clock_recovery *clock = g_new0(sd_clock_recovery, 1);
    const float half = (level->high - level->low) / 2;
    clock->track_baseline = settings->track;
    clock->period = settings->period;
    clock->stagger = settings->stagger;
    clock->decision = sd_decision_new(settings->interpolation);
    clock->weak_below = (float)WEAK_SHARE * half;
    clock->high = level->threshold + half;
    clock->low = level->threshold - half;
    clock->threshold = level->threshold;
    clock->statistics.smallest_eye = INFINITY;
    clock->edges = g_array_new(FALSE, FALSE, sizeof(double));
    return clock;
}

void sd_clock_recovery_free(sd_clock_recovery *clock)
{
    if (clock == NULL)
        return;
    g_array_free(clock->edges, TRUE);
    sd_decision_free(clock->decision);
    g_free(clock);
}

size_t sd_clock_recovery_history(double period)
{
    /* The bits before a node wait for REACH windows behind it and for the one that is open. */
    return 64 + (size_t)((REACH + 4) * SD_PHASE_WINDOW * period);
}

/** Edges later than this before the end of a block may not be complete; in samples. */
static double lag(const sd_clock_recovery *clock)
{
    return 2 * clock->period + 4;
}

static double middle_of(int64_t window)
{
    return ((double)window + 0.5) * SD_PHASE_WINDOW;
}

/* --- bits ------------------------------------------------------------------------------------- */

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

/** Appends bits from the first one of @p run on; at most so many as the word has room for. */
static void append_bits(sd_clock_recovery *clock, const target *to, uint64_t bits,
                        const bit_run *run)
{
    const double start = run->middle - run->step / 2;
    if (clock->word.count == 0)
        clock->word.start = sd_position_make(to->block->first, start);
    clock->word.bits |= bits << clock->word.count;
    clock->word.count += run->count;
    clock->statistics.bits += run->count;
    clock->end = sd_position_make(to->block->first, start + run->count * run->step);
    if (clock->word.count == SD_WORD_BITS)
        push_word(clock, clock->end, to->words);
}

/** The signal is gone: the track did not follow it in the last windows. */
static void put_track_back(sd_clock_recovery *clock)
{
    /* the entry that would be written next is the oldest */
    sd_phase_track old = clock->tracks[clock->open % TRACKS];
    if (old.running) {
        old.phase += old.slope * TRACKS;
        clock->track = old;
    }
}

/** Watches one bit; @p start is its beginning, in samples from the block's first. */
static void watch_bit(sd_clock_recovery *clock, const target *to, bool bit, float eye, double start)
{
    const bool weak = eye < clock->weak_below;
    clock->weak = weak ? clock->weak + 1 : 0;
    clock->strong = weak ? 0 : clock->strong + 1;
    clock->still = bit == clock->last_bit ? clock->still + 1 : 0;
    clock->last_bit = bit;

    if (!clock->lost && (clock->weak >= WEAK_BITS || clock->still >= STILL_BITS)) {
        const double bits = clock->still >= STILL_BITS ? STILL_BITS : WEAK_BITS;
        clock->lost = true;
        clock->word.dead = true;
        clock->gap.from = sd_position_make(to->block->first, start - bits * clock->period);
        clock->statistics.gaps++;
        put_track_back(clock);
    } else if (clock->lost && clock->strong >= STRONG_BITS && clock->still < STRONG_BITS) {
        clock->lost = false;
        clock->gap.to = sd_position_make(to->block->first, start - STRONG_BITS * clock->period);
        clock->gap.over = true;
        g_array_append_val(to->gaps, clock->gap);
        clock->gap.over = false;
    }
    if (!clock->lost && !weak && (double)eye < clock->statistics.smallest_eye)
        clock->statistics.smallest_eye = (double)eye;
}

/** The baseline follows the means of the bits above and below the threshold. */
static void follow_baseline(sd_clock_recovery *clock, const sd_decided *decided, unsigned count)
{
    const unsigned ones = (unsigned)__builtin_popcountll(decided->ones);
    clock->high += (decided->high - (float)ones * clock->high) / BASELINE_BITS;
    clock->low += (decided->low - (float)(count - ones) * clock->low) / BASELINE_BITS;
}

/** Takes bits one by one, where something may be the matter with them. */
static void take_bits_with_care(sd_clock_recovery *clock, const target *to,
                                const sd_decided *decided, const bit_run *all)
{
    for (unsigned i = 0; i < all->count; i++) {
        const bit_run one = {.middle = all->middle + i * all->step, .step = all->step, .count = 1};
        const bool bit = decided->ones >> i & 1;
        append_bits(clock, to, bit, &one);
        watch_bit(clock, to, bit, decided->eye[i], one.middle - one.step / 2);
    }
}

/** Takes strong bits with at least one edge among them. */
static void take_good_bits(sd_clock_recovery *clock, const target *to, const sd_decided *decided,
                           const bit_run *all, uint64_t changes)
{
    const unsigned room = SD_WORD_BITS - clock->word.count;
    bit_run first = *all;
    first.count = MIN(all->count, room);
    append_bits(clock, to, decided->ones, &first);
    if (first.count < all->count) {
        const bit_run rest = {.middle = all->middle + room * all->step,
                              .step = all->step,
                              .count = all->count - room};
        append_bits(clock, to, decided->ones >> room, &rest);
    }
    clock->weak = 0;
    clock->strong += all->count;
    clock->still = all->count - 1 - (63 - (unsigned)__builtin_clzll(changes));
    clock->last_bit = decided->ones >> (all->count - 1) & 1;
    clock->statistics.smallest_eye =
        fmin(clock->statistics.smallest_eye, (double)decided->smallest);
}

/** Decides at most STILL_BITS bits. */
static void take_bits(sd_clock_recovery *clock, const target *to, const bit_run *run)
{
    const sd_samples *block = to->block;
    const double last = run->middle + run->step * run->count;
    const bool edge = run->middle < SD_DECISION_REACH - (double)block->history ||
                      last > (double)block->count - SD_DECISION_REACH - 1;
    sd_decided decided;
    sd_decide(clock->decision, block->volts, edge, run->middle, run->step, run->count,
              clock->threshold, clock->weak_below, &decided);
    const uint64_t changes =
        (decided.ones ^ (decided.ones << 1 | clock->last_bit)) & (((uint64_t)1 << run->count) - 1);
    if (clock->lost || decided.weak != 0 || changes == 0)
        take_bits_with_care(clock, to, &decided, run);
    else
        take_good_bits(clock, to, &decided, run, changes);
    if (clock->lost)
        return;
    if (clock->track_baseline)
        follow_baseline(clock, &decided, run->count);
    const unsigned ones = (unsigned)__builtin_popcountll(decided.ones);
    clock->eye_bits += run->count;
    clock->eye_sum += (double)(decided.high - decided.low -
                               (2 * (float)ones - (float)run->count) * clock->threshold);
    clock->eye_squares += (double)decided.squares;
}

/** The edges up to a node against the clock on the way there, which goes @p step a bit. */
static void measure_jitter(sd_clock_recovery *clock, double from, double to, double step)
{
    const double *edge = (const double *)(const void *)clock->edges->data;
    const double boundary = from + (clock->to_middle - 0.5) * step;
    guint done = 0;
    for (; done < clock->edges->len && edge[done] < to; done++) {
        const double bits = (edge[done] - boundary) / step;
        const double error = bits - rint(bits);
        clock->squares += clock->lost ? 0 : error * error;
    }
    clock->statistics.edges += clock->lost ? 0 : done;
    g_array_remove_range(clock->edges, 0, done);
}

/** Takes the bits whose middles lie in [from, to), in which there are @p bits bits. */
static void take_way(sd_clock_recovery *clock, const target *to, double from, double until,
                     double bits)
{
    const double step = (until - from) / bits, first = (double)to->block->first;
    /* The interpolation of the last bit needs the sample behind it. */
    const double end = (double)to->block->count - 1.001;
    measure_jitter(clock, from, until, step);
    while (clock->to_middle < bits) {
        bit_run run = {.middle = (from + clock->to_middle * step) * clock->period - first,
                       .step = step * clock->period};
        const double count = MIN(ceil(bits - clock->to_middle), STILL_BITS);
        const double there = ceil((end - run.middle) / run.step);
        run.count = (unsigned)CLAMP(there, 0, count);
        if (run.count > 0)
            take_bits(clock, to, &run);
        clock->to_middle += count;
    }
    clock->to_middle -= bits;
}

/* --- the phase -------------------------------------------------------------------------------- */

/** The phase at the node in the middle of the windows. */
static double smooth_phase(const sd_clock_recovery *clock)
{
    double weight = 0, sum = 0;
    for (int i = -REACH; i <= REACH; i++) {
        const sd_phase *window = &clock->window[REACH + i];
        const double w = window->weight * (REACH + 1 - abs(i)) / (REACH + 1);
        weight += w;
        sum += w * (window->phase - i * clock->track.slope);
    }
    if (clock->running) {
        weight += EXPECTED_WEIGHT;
        sum += EXPECTED_WEIGHT * (clock->phase + clock->track.slope);
    }
    return sum / weight;
}

/** Begins: the first bit is the first whose middle lies in the samples that are there. */
static void start(sd_clock_recovery *clock, const target *to, int64_t node, double phase)
{
    const double from =
        MAX(0, (double)to->block->first - (double)to->block->history) / clock->period;
    const double middle = phase + 0.5;
    clock->to_middle = middle - from + ceil(from - middle);
    clock->statistics.first =
        sd_position_make(to->block->first, (from + clock->to_middle - 0.5) * clock->period -
                                               (double)to->block->first);
    clock->running = true;
    take_way(clock, to, from, middle_of(node), middle_of(node) - from);
}

/** Takes the bits up to the next node. */
static void go_to_node(sd_clock_recovery *clock, const target *to, int64_t node)
{
    const double phase = smooth_phase(clock);
    if (!clock->running) {
        start(clock, to, node, phase);
    } else {
        const double bits = SD_PHASE_WINDOW - (phase - clock->phase);
        take_way(clock, to, middle_of(clock->node), middle_of(node),
                 CLAMP(bits, BITS_LEAST, BITS_MOST));
    }
    clock->node = node;
    clock->phase = phase;
}

/** Closes the window that is open, and takes the bits that can be decided now. */
static void close_window(sd_clock_recovery *clock, const target *to)
{
    sd_phase window = sd_phase_of(&clock->sum);
    const int64_t closed = clock->open++;
    clock->sum = (sd_phase_sum){0};
    if (!clock->track.running && window.weight < FIRST_WEIGHT)
        return;
    clock->tracks[closed % TRACKS] = clock->track;
    if (clock->lost) {
        clock->track.phase = sd_phase_expected(&clock->track);
        window.phase = sd_phase_near(window.phase, clock->track.phase);
    } else {
        window.phase = sd_phase_follow(&clock->track, window);
    }
    for (int i = 0; i < 2 * REACH; i++)
        clock->window[i] = clock->window[i + 1];
    clock->window[2 * REACH] = window;
    clock->windows = MIN(clock->windows + 1, REACH + 1);
    if (clock->windows > REACH)
        go_to_node(clock, to, closed - REACH);
}

/** Takes the place of an edge. Edges come in order, but for one that took long to be complete. */
static void take_edge(sd_clock_recovery *clock, const target *to, double at)
{
    const int64_t window = (int64_t)floor(at / SD_PHASE_WINDOW);
    const double aside_of_kind = clock->second ? clock->stagger / 2 : -clock->stagger / 2;
    clock->second = !clock->second;
    if (window < clock->open)
        return;
    if (!clock->track.running && window > clock->open && clock->sum.edges == 0)
        clock->open = window; /* nothing yet */
    while (clock->open < window)
        close_window(clock, to);
    /* as seen from the middle of the window, if the frequency is that of the track */
    const double aside = (at - middle_of(window)) / SD_PHASE_WINDOW;
    sd_phase_add(&clock->sum, at - clock->track.slope * aside - aside_of_kind);
    g_array_append_val(clock->edges, at);
}

void sd_clock_recovery_push(sd_clock_recovery *clock, const sd_samples *block,
                            const sd_position *edges, size_t count, GArray *words, GArray *gaps)
{
    const target to = {block, words, gaps};
    const double per_position = 1 / ((double)SD_POSITION_ONE * clock->period);
    for (size_t i = 0; i < count; i++)
        take_edge(clock, &to, (double)edges[i] * per_position);

    const double end = (double)block->first + (double)block->count;
    const double certain = (end - lag(clock)) / clock->period;
    while (clock->track.running && (double)(clock->open + 1) * SD_PHASE_WINDOW <= certain)
        close_window(clock, &to);

    if (block->last) {
        while (clock->track.running && middle_of(clock->node) < end / clock->period)
            close_window(clock, &to);
        push_word(clock, clock->end, words);
        if (clock->lost) {
            clock->gap.to = clock->end;
            g_array_append_val(gaps, clock->gap);
        }
    }
    if (clock->track_baseline)
        clock->threshold = (clock->high + clock->low) / 2;
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
    if (clock->eye_bits > 0) {
        const double n = (double)clock->eye_bits;
        s.eye = clock->eye_sum / n;
        s.eye_deviation = sqrt(fmax(0, clock->eye_squares / n - s.eye * s.eye));
    }
    if (!isfinite(s.smallest_eye))
        s.smallest_eye = 0; /* no bit was strong */
    return s;
}
