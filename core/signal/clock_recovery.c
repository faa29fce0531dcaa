/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/clock_recovery.h"

#include <math.h>
#include <string.h>

#include "signal/phase.h"

/** Windows on either side of a node over which its phase is smoothed. */
#define REACH 1
/** Weight of the expected phase: it counts only where hardly any edge does. */
#define EXPECTED_WEIGHT 0.25
/** Windows by which the track is put back when the signal is gone: that long it may have followed
    noise, until the bits had shown it. */
#define TRACKS_BACK 4
/** A window with so little says nothing that the first bits may rest on. */
#define FIRST_WEIGHT 2.5
/** Bits of a window, in its lengths; only the frequency's range and jitter make them more or less
    than one. */
#define BITS_LEAST 0.5
#define BITS_MOST  1.5
/** A bit is weak when its middle is nearer to the threshold than this share of half the amplitude;
    so many weak bits in a row are no signal, so many strong ones are one again. */
#define WEAK_SHARE  0.3
#define WEAK_BITS   16
#define STRONG_BITS 8
/** Windows whose bits are decided together while nothing is the matter. */
#define BATCH SD_PHASE_WINDOWS
/** Tracks that are kept: a batch that is given up has not yet taken away those before it. */
#define TRACKS (2 * BATCH)
/** The jitter is measured in one of so many batches. */
#define JITTER_EVERY 8
/** 8b/10b never has more than five equal bits in a row; so many are no signal. */
#define STILL_BITS 32
/** Time constant of the baseline, in bits. */
#define BASELINE_BITS 2048U

/*
 * Places without a unit are in unit intervals of the first period from the segment's first sample.
 * Windows are numbered from there; a node is the middle of a window. Between two nodes the phase is
 * a straight line, and so the bits are evenly spaced.
 */

/** Where the clock stands. */
typedef struct {
    sd_phase_track track;
    sd_phase window[2 * REACH + 1];
    unsigned windows; /* closed since the first one with a phase; counts no further than needed */
    bool running;     /* bits are given */
    int64_t node;     /* where they stand */
    double phase;     /* there */
    double to_middle; /* from there to the middle of the next bit, in bits */
} standing;

/** The way from one node to the next. */
typedef struct {
    double from, until;
    double step;     /* of a bit */
    double boundary; /* where one bit ends and the next begins */
} way;

struct sd_clock_recovery {
    /* settings */
    const sd_simd *simd;
    bool track_baseline;
    double period;  /* samples per unit interval, as it began */
    double window;  /* unit intervals */
    double stagger; /* unit intervals */
    bool sparse;
    sd_decision *decision;
    float weak_below; /* volts from the threshold */

    /* the edges */
    GArray *edges; /* double: places of those behind the last node, in samples; the caller's */
    guint kept;    /* so many of them were left in it */
    guint taken;   /* the first one that is in no closed window */
    bool rises;    /* ... is rising */
    double slope;  /* of the track when the present batch began */

    int64_t open; /* the window that is being filled */
    standing at;
    sd_phase_track tracks[TRACKS]; /* as it was before the last windows; a ring */

    /* a batch */
    float *offsets; /* of its edges: from where it begins, in unit intervals */
    size_t room;    /* for so many */
    sd_phase phases[BATCH];
    way ways[BATCH];
    sd_bit_run runs[BATCH];

    /* the baseline, in volts */
    float high, low, threshold;
    unsigned baseline_bits; /* from which it comes, up to BASELINE_BITS */

    /* the signal's presence */
    bool lost;
    unsigned weak, strong, still;
    bool last_bit;
    sd_signal_gap gap;

    /* the word that is being filled */
    sd_bit_word word;

    sd_clock_figures figures;
};

/** Where a call puts what it finds. */
typedef struct {
    const sd_samples *block;
    GArray *words, *gaps;
} target;

sd_clock_recovery *sd_clock_recovery_new(const sd_simd *simd, const sd_level *level,
                                         const sd_clock_settings *settings)
{
    sd_clock_recovery *clock = g_new0(sd_clock_recovery, 1);
    const float half = (level->high - level->low) / 2;
    clock->simd = simd;
    clock->track_baseline = settings->track;
    clock->period = settings->period;
    clock->window = sd_clock_window(settings);
    clock->stagger = settings->sparse ? 0 : settings->stagger;
    clock->sparse = settings->sparse;
    clock->decision = sd_decision_new(simd, settings->interpolation);
    clock->weak_below = (float)WEAK_SHARE * half;
    clock->high = level->threshold + half;
    clock->low = level->threshold - half;
    clock->threshold = level->threshold;
    clock->figures.smallest_eye = INFINITY;
    return clock;
}

void sd_clock_recovery_free(sd_clock_recovery *clock)
{
    if (clock == NULL)
        return;
    g_free(clock->offsets);
    sd_decision_free(clock->decision);
    g_free(clock);
}

size_t sd_clock_recovery_history(double period)
{
    /* The bits before a node wait for REACH windows behind it and for the one that is open. */
    return 64 + (size_t)((REACH + 4) * SD_PHASE_WINDOW * period);
}

/** Edges later than this before the end of a block may not be complete; in samples. */
static double lag(double period)
{
    return 2 * period + 4;
}

uint64_t sd_clock_recovery_samples(const sd_clock_settings *settings, uint64_t window)
{
    /* the windows around it that smooth its phase must be closed, and one sample for rounding */
    const double closed = (double)(window + REACH + 1) * sd_clock_window(settings);
    return (uint64_t)ceil(closed * settings->period + lag(settings->period)) + 1;
}

static double middle_of(const sd_clock_recovery *clock, int64_t window)
{
    return ((double)window + 0.5) * clock->window;
}

static const double *edge_places(const sd_clock_recovery *clock)
{
    return (const double *)(const void *)clock->edges->data;
}

/* --- bits ------------------------------------------------------------------------------------- */

static void push_word(sd_clock_recovery *clock, sd_position now, GArray *words)
{
    if (clock->word.count == 0)
        return;
    clock->word.span = now - clock->word.start;
    if (clock->word.count < SD_WORD_BITS)
        clock->word.span = clock->word.span * SD_WORD_BITS / (sd_position)clock->word.count;
    g_array_append_val(words, clock->word);
    clock->word.bits = 0;
    clock->word.count = 0;
    clock->word.dead = clock->lost;
}

/** Appends @p count bits, the first of which is bit @p first of @p run; at most so many as the word
    has room for. */
static void append_bits(sd_clock_recovery *clock, const target *to, uint64_t bits, unsigned count,
                        const sd_bit_run *run, unsigned first)
{
    if (clock->word.count == 0) {
        const double start = run->middle + (first - 0.5) * run->step;
        clock->word.start = sd_position_make(to->block->first, start);
    }
    clock->word.bits |= (bits & (~(uint64_t)0 >> (SD_WORD_BITS - count))) << clock->word.count;
    clock->word.count += count;
    clock->figures.bits += count;
    if (clock->word.count < SD_WORD_BITS)
        return;
    const double end = run->middle + (first + count - 0.5) * run->step;
    push_word(clock, sd_position_make(to->block->first, end), to->words);
}

/** Remembers where the last bit ends. */
static void set_end(sd_clock_recovery *clock, const target *to, const sd_bit_run *run)
{
    clock->figures.end =
        sd_position_make(to->block->first, run->middle + (run->count - 0.5) * run->step);
}

/** The signal is gone: the track did not follow it in the last windows. */
static void put_track_back(sd_clock_recovery *clock)
{
    sd_phase_track old = {0};
    if (clock->open >= TRACKS_BACK)
        old = clock->tracks[(clock->open - TRACKS_BACK) % TRACKS];
    if (old.running) {
        old.phase += old.slope * TRACKS_BACK;
        clock->at.track = old;
    }
}

/** Watches one bit; @p start is its beginning, in samples from the block's first. */
static void watch_bit(sd_clock_recovery *clock, const target *to, bool bit, bool weak, double start)
{
    clock->weak = weak ? clock->weak + 1 : 0;
    clock->strong = weak ? 0 : clock->strong + 1;
    clock->still = bit == clock->last_bit ? clock->still + 1 : 0;
    clock->last_bit = bit;

    if (!clock->lost && (clock->weak >= WEAK_BITS || clock->still >= STILL_BITS)) {
        const double bits = clock->still >= STILL_BITS ? STILL_BITS : WEAK_BITS;
        clock->lost = true;
        clock->word.dead = true;
        clock->gap.from = sd_position_make(to->block->first, start - bits * clock->period);
        clock->figures.gaps++;
        put_track_back(clock);
    } else if (clock->lost && clock->strong >= STRONG_BITS && clock->still < STRONG_BITS) {
        clock->lost = false;
        clock->gap.to = sd_position_make(to->block->first, start - STRONG_BITS * clock->period);
        clock->gap.over = true;
        g_array_append_val(to->gaps, clock->gap);
        clock->gap.over = false;
    }
}

/** The eye, and the baseline, which follows the means of the bits above and below the threshold. */
static void take_sums(sd_clock_recovery *clock, const sd_decided *decided, unsigned count)
{
    unsigned ones = 0;
    for (unsigned w = 0; w * SD_WORD_BITS < count; w++)
        ones += (unsigned)__builtin_popcountll(decided->ones[w]);
    const float high = decided->sums.ones, low = decided->sums.all - decided->sums.ones;
    const float zeros = (float)(count - ones);
    if (clock->track_baseline) {
        clock->baseline_bits = MIN(clock->baseline_bits + count, BASELINE_BITS);
        clock->high += (high - (float)ones * clock->high) / (float)clock->baseline_bits;
        clock->low += (low - zeros * clock->low) / (float)clock->baseline_bits;
    }
    clock->figures.eye_bits += count;
    clock->figures.eye_sum += (double)(high - low - ((float)ones - zeros) * clock->threshold);
    clock->figures.eye_squares += (double)decided->sums.squares;
    clock->figures.smallest_eye = fmin(clock->figures.smallest_eye, (double)decided->sums.smallest);
}

static const sd_decided *decide(sd_clock_recovery *clock, const sd_samples *block, bool edge,
                                const sd_bit_run *runs, size_t count)
{
    return sd_decide(clock->decision, &block->stored, edge, runs, count, block->history,
                     clock->threshold, clock->weak_below);
}

/** Whether the samples end too near for more than straight lines. */
static bool near_the_ends(const sd_samples *block, const sd_bit_run *first, const sd_bit_run *last)
{
    return first->middle < SD_DECISION_REACH - (double)block->history ||
           last->middle + last->step * last->count > (double)block->count - SD_DECISION_REACH - 1;
}

/** Takes a few bits one by one. */
static void take_bits_with_care(sd_clock_recovery *clock, const target *to, const sd_bit_run *run)
{
    const sd_decided *decided =
        decide(clock, to->block, near_the_ends(to->block, run, run), run, 1);
    for (unsigned i = 0; i < run->count; i++) {
        const bool bit = decided->ones[0] >> i & 1;
        append_bits(clock, to, bit, 1, run, i);
        watch_bit(clock, to, bit, decided->weak[0] >> i & 1, run->middle + (i - 0.5) * run->step);
    }
    set_end(clock, to, run);
    if (!clock->lost)
        take_sums(clock, decided, run->count);
}

/** Edges against the clock on the ways between the last nodes. */
static void measure_jitter(sd_clock_recovery *clock, const way *ways, size_t count)
{
    const double *edge = edge_places(clock);
    const double per_sample = 1 / clock->period;
    guint i = clock->taken;
    while (i > 0 && edge[i - 1] * per_sample >= ways[0].from)
        i--;
    for (size_t w = 0; w < count; w++) {
        const double per_bit = 1 / ways[w].step;
        for (; i < clock->taken && edge[i] * per_sample < ways[w].until; i++) {
            const double bits = (edge[i] * per_sample - ways[w].boundary) * per_bit;
            const double error = bits - sd_nearest(bits);
            clock->figures.squares += error * error;
            clock->figures.squared++;
        }
    }
}

/** Whether the jitter is measured where this window is closed. */
static bool jitter_is_measured(const sd_clock_recovery *clock, int64_t closed)
{
    return !clock->lost && closed / BATCH % JITTER_EVERY == 0;
}

/** The way on which there are @p bits bits. */
static way make_way(const standing *at, double from, double until, double bits)
{
    const double step = (until - from) / bits;
    return (way){
        .from = from,
        .until = until,
        .step = step,
        .boundary = from + (at->to_middle - 0.5) * step,
    };
}

/** The bits whose middles lie on a way, to the end of which @p at goes on. */
static sd_bit_run make_run(const sd_clock_recovery *clock, standing *at, const way *w, double bits,
                           double first_sample)
{
    /* upwards; a middle that is just at the end may be on either way */
    const double count = sd_nearest(MAX(bits - at->to_middle, 0) + 0.5);
    const sd_bit_run run = {
        .middle = (w->from + at->to_middle * w->step) * clock->period - first_sample,
        .step = w->step * clock->period,
        .count = (unsigned)count,
    };
    at->to_middle += count - bits;
    return run;
}

/** Takes the bits of a way piece by piece. */
static void take_way_with_care(sd_clock_recovery *clock, const target *to, const sd_bit_run *run)
{
    /* The interpolation of the last bit needs the sample behind it. */
    const double end = (double)to->block->count - 1.001;
    const double there = CLAMP(ceil((end - run->middle) / run->step), 0, run->count);
    for (unsigned done = 0; done < (unsigned)there; done += STILL_BITS) {
        const sd_bit_run piece = {
            .middle = run->middle + done * run->step,
            .step = run->step,
            .count = MIN(STILL_BITS, (unsigned)there - done),
        };
        take_bits_with_care(clock, to, &piece);
    }
}

/* --- the phase -------------------------------------------------------------------------------- */

/** The phase at the node in the middle of the windows. */
static inline __attribute__((always_inline)) double smooth_phase(const standing *at)
{
    static const double share[2 * REACH + 1] = {1.0 / 3, 1, 1.0 / 3};
    double weight = at->running ? EXPECTED_WEIGHT : 0;
    double sum = 0;
    for (int i = 0; i <= 2 * REACH; i++) {
        const double w = at->window[i].weight * share[i];
        weight += w;
        sum += w * (at->window[i].phase - (i - REACH) * at->track.slope);
    }
    /* what the next node waits for comes last */
    const double expected = at->running ? at->phase + at->track.slope : 0;
    return (sum + EXPECTED_WEIGHT * expected) * (1 / weight);
}

/** Keeps the track as it is before a window. */
static inline void keep_track(sd_clock_recovery *clock, int64_t window, const sd_phase_track *track)
{
    sd_phase_track *kept = &clock->tracks[window % TRACKS];
    kept->running = track->running; /* one by one, from registers */
    kept->phase = track->phase;
    kept->slope = track->slope;
    kept->windows = track->windows;
}

/** Takes in what a window says, in which the signal is @p lost or not; true when a node can be gone
    to, @p phase is there. */
static inline __attribute__((always_inline)) bool take_window(standing *at, bool lost,
                                                              sd_phase window, double *phase)
{
    if (!at->track.running && window.weight < FIRST_WEIGHT)
        return false;
    if (lost) {
        at->track.phase = sd_phase_expected(&at->track);
        window.phase = sd_phase_near(window.phase, at->track.phase);
    } else {
        window.phase = sd_phase_follow(&at->track, window);
    }
    for (int i = 0; i < 2 * REACH; i++)
        at->window[i] = at->window[i + 1];
    at->window[2 * REACH] = window;
    at->windows = MIN(at->windows + 1, REACH + 1);
    if (at->windows <= REACH)
        return false;
    *phase = smooth_phase(at);
    return true;
}

/** Begins: the first bit is the first whose middle lies in the samples that are there. */
static double start(sd_clock_recovery *clock, const target *to, double phase)
{
    const double first = (double)to->block->first;
    const double from = MAX(0, first - (double)to->block->history) / clock->period;
    const double middle = phase + 0.5;
    clock->at.to_middle = middle - from + ceil(from - middle);
    clock->figures.first = sd_position_make(
        to->block->first, (from + clock->at.to_middle - 0.5) * clock->period - first);
    clock->at.running = true;
    return from;
}

/** Plans the way to a node. */
static inline __attribute__((always_inline)) way go_to_node(const sd_clock_recovery *clock,
                                                            standing *at, int64_t node,
                                                            double phase, double first_sample,
                                                            sd_bit_run *run)
{
    const double bits = CLAMP(clock->window - (phase - at->phase), BITS_LEAST * clock->window,
                              BITS_MOST * clock->window);
    const way w = make_way(at, middle_of(clock, at->node), middle_of(clock, node), bits);
    *run = make_run(clock, at, &w, bits, first_sample);
    at->node = node;
    at->phase = phase;
    return w;
}

/** Goes on by one window, with care. */
static void close_with_care(sd_clock_recovery *clock, const target *to, sd_phase window)
{
    const int64_t closed = clock->open++;
    standing *at = &clock->at;
    const double first_sample = (double)to->block->first;
    double phase;
    sd_bit_run run;
    way w;
    keep_track(clock, closed, &at->track);
    if (!take_window(at, clock->lost, window, &phase))
        return;
    const int64_t node = closed - REACH;
    if (at->running) {
        w = go_to_node(clock, at, node, phase, first_sample, &run);
    } else {
        const double from = start(clock, to, phase), bits = middle_of(clock, node) - from;
        w = make_way(at, from, middle_of(clock, node), bits);
        run = make_run(clock, at, &w, bits, first_sample);
        at->node = node;
        at->phase = phase;
    }
    if (jitter_is_measured(clock, closed))
        measure_jitter(clock, &w, 1);
    take_way_with_care(clock, to, &run);
}

/** Whether so many bits are set in a row; @p run is a power of two up to 32, and @p before how many
    were set in a row before the first one. */
static bool has_run(const uint64_t *mask, unsigned count, unsigned run, unsigned before)
{
    uint64_t last = before > 0 ? ~(uint64_t)0 << (SD_WORD_BITS - MIN(before, run)) : 0;
    for (unsigned w = 0; w * SD_WORD_BITS < count; w++) {
        /* all windows of 64 bits that end in this word or, from its middle on, in the next */
        uint64_t here = mask[w], across = last >> 32 | mask[w] << 32;
        last = mask[w];
        for (unsigned n = 1; n < run; n *= 2) {
            here &= here >> n;
            across &= across >> n;
        }
        if ((here | across) != 0)
            return true;
    }
    return false;
}

/** Whether the signal seems to be gone somewhere in the bits. */
static bool looks_lost(const sd_clock_recovery *clock, const sd_decided *decided, unsigned count)
{
    uint64_t same[SD_DECISION_BITS / SD_WORD_BITS];
    uint64_t last = clock->last_bit;
    for (unsigned w = 0; w * SD_WORD_BITS < count; w++) {
        same[w] = ~(decided->ones[w] ^ (decided->ones[w] << 1 | last));
        last = decided->ones[w] >> (SD_WORD_BITS - 1);
    }
    if (count % SD_WORD_BITS != 0) /* behind the last bit there is nothing */
        same[count / SD_WORD_BITS] &= ((uint64_t)1 << count % SD_WORD_BITS) - 1;
    return has_run(decided->weak, count, WEAK_BITS, clock->weak) ||
           has_run(same, count, STILL_BITS, clock->still);
}

/** How many bits at the end of @p mask are set. */
static unsigned trailing_run(const uint64_t *mask, unsigned count, unsigned before)
{
    unsigned run = 0;
    while (run < count &&
           mask[(count - 1 - run) / SD_WORD_BITS] >> (count - 1 - run) % SD_WORD_BITS & 1)
        run++;
    return run < count ? run : run + before;
}

/** Takes all bits of a batch in which the signal was there throughout. */
static void take_good_bits(sd_clock_recovery *clock, const target *to, const sd_decided *decided,
                           size_t runs, unsigned count)
{
    const sd_bit_run *last = clock->runs;
    unsigned at = 0;
    for (size_t i = 0; i < runs; i++) {
        const sd_bit_run *run = &clock->runs[i];
        if (run->count == 0)
            continue;
        const unsigned word = at / SD_WORD_BITS, shift = at % SD_WORD_BITS;
        uint64_t bits = decided->ones[word] >> shift;
        if (shift + run->count > SD_WORD_BITS)
            bits |= decided->ones[word + 1] << (SD_WORD_BITS - shift);
        const unsigned first = MIN(run->count, SD_WORD_BITS - clock->word.count);
        append_bits(clock, to, bits, first, run, 0);
        if (first < run->count)
            append_bits(clock, to, bits >> first, run->count - first, run, first);
        at += run->count;
        last = run;
    }
    set_end(clock, to, last);
    take_sums(clock, decided, count);
    clock->weak = trailing_run(decided->weak, count, clock->weak);
    clock->strong = clock->weak > 0 ? 0 : STRONG_BITS;
    const bool last_bit =
        decided->ones[(count - 1) / SD_WORD_BITS] >> (count - 1) % SD_WORD_BITS & 1;
    unsigned still = 1;
    while (still < count && (bool)(decided->ones[(count - 1 - still) / SD_WORD_BITS] >>
                                       (count - 1 - still) % SD_WORD_BITS &
                                   1) == last_bit)
        still++;
    clock->still = still < count || last_bit != clock->last_bit ? still - 1 : clock->still + still;
    clock->last_bit = last_bit;
}

/** Goes on by several windows at once; false when that will not do, and nothing was done. */
static bool close_batch(sd_clock_recovery *clock, const target *to, size_t count)
{
    if (!clock->at.running || clock->lost || count < 2)
        return false;
    standing at = clock->at; /* in registers */
    const double first_sample = (double)to->block->first;
    unsigned bits = 0;
    for (size_t i = 0; i < count; i++) {
        const int64_t closed = clock->open + (int64_t)i;
        double phase = at.phase;
        keep_track(clock, closed, &at.track);
        take_window(&at, false, clock->phases[i], &phase); /* there is one: it is running */
        clock->ways[i] =
            go_to_node(clock, &at, closed - REACH, phase, first_sample, &clock->runs[i]);
        bits += clock->runs[i].count;
    }
    if (!near_the_ends(to->block, &clock->runs[0], &clock->runs[count - 1])) {
        const sd_decided *decided = decide(clock, to->block, false, clock->runs, count);
        if (!looks_lost(clock, decided, bits)) {
            if (jitter_is_measured(clock, clock->open))
                measure_jitter(clock, clock->ways, count);
            clock->at = at;
            clock->open += (int64_t)count;
            take_good_bits(clock, to, decided, count, bits);
            return true;
        }
    }
    return false;
}

/** How many of the edges in no closed window lie before @p until, in unit intervals. */
static size_t edges_until(const sd_clock_recovery *clock, double until)
{
    const double *edge = edge_places(clock) + clock->taken;
    const double samples = until * clock->period;
    size_t less = 0, more = clock->edges->len - clock->taken;
    while (less < more) {
        const size_t middle = less + (more - less) / 2;
        if (edge[middle] < samples)
            less = middle + 1;
        else
            more = middle;
    }
    return less;
}

/** Finds the phases of the next windows from their edges. */
static void find_phases(sd_clock_recovery *clock, size_t count)
{
    const sd_simd *simd = clock->simd;
    const int64_t before = clock->open % BATCH;
    const double begin = (double)(clock->open - before) * clock->window;
    const sd_phase_clock expected = {
        .first = (float)((double)before * clock->window),
        .window = (float)clock->window,
        .slope = (float)clock->slope,
        .kind = (float)(clock->rises ? -clock->stagger / 2 : clock->stagger / 2),
        .sparse = clock->sparse,
    };
    float re[BATCH], im[BATCH], number[BATCH], phase[BATCH], weight[BATCH];
    /* one more unit interval: offsets are rounded */
    const size_t edges =
        edges_until(clock, (double)(clock->open + (int64_t)count) * clock->window + 1);
    if (edges + SD_PHASORS_SPARE > clock->room) {
        clock->room = edges + SD_PHASORS_SPARE;
        g_free(clock->offsets);
        clock->offsets = g_new(float, clock->room);
    }
    simd->offsets(edge_places(clock) + clock->taken, edges, 1 / clock->period, begin,
                  clock->offsets);
    for (size_t i = 0; i < SD_PHASORS_SPARE; i++)
        clock->offsets[edges + i] = INFINITY;
    simd->phasors(clock->offsets, count, &expected, re, im, number);
    simd->turns(re, im, number, count, phase, weight);
    guint taken = 0;
    for (size_t w = 0; w < count; w++) {
        taken += (guint)number[w];
        clock->phases[w] = (sd_phase){(double)phase[w], (double)weight[w]};
    }
    if (taken % 2 == 1)
        clock->rises = !clock->rises;
    clock->taken += taken;
    clock->figures.edges += clock->lost ? 0 : taken;
}

/** Closes the windows before @p until, and takes the bits that can be decided now. */
static void close_windows(sd_clock_recovery *clock, const target *to, int64_t until)
{
    while (clock->open < until) {
        /* batches begin at the same windows, however the segment is cut into blocks */
        if (clock->open % BATCH == 0)
            clock->slope = clock->at.track.slope;
        const size_t count = (size_t)MIN(until - clock->open, BATCH - clock->open % BATCH);
        find_phases(clock, count);
        if (close_batch(clock, to, count))
            continue;
        for (size_t i = 0; i < count; i++)
            close_with_care(clock, to, clock->phases[i]);
    }
}

/** Takes in the edges of a block. They come in order, but for one that took long to be complete. */
static void take_edges(sd_clock_recovery *clock, GArray *edges, bool rises)
{
    const double least = (double)clock->open * clock->window * clock->period;
    guint late = 0; /* in a window that was closed: the edges before them are, too */
    while (clock->kept + late < edges->len &&
           g_array_index(edges, double, clock->kept + late) < least)
        late++;
    if (late > 0)
        g_array_remove_range(edges, clock->kept, late);
    if (clock->taken == clock->kept)
        clock->rises = rises != (late % 2 == 1);
    clock->edges = edges;
}

/** Drops the edges that are not needed any more: those before the last node. */
static void drop_edges(sd_clock_recovery *clock)
{
    const double *edge = edge_places(clock);
    const double least =
        clock->at.running ? middle_of(clock, clock->at.node) * clock->period : -G_MAXDOUBLE;
    guint dropped = clock->taken;
    while (clock->at.track.running && dropped > 0 && edge[dropped - 1] >= least)
        dropped--;
    g_array_remove_range(clock->edges, 0, dropped);
    clock->kept = clock->edges->len;
    clock->taken -= dropped;
}

void sd_clock_recovery_push(sd_clock_recovery *clock, const sd_samples *block, GArray *edges,
                            bool rises, GArray *words, GArray *gaps)
{
    const target to = {block, words, gaps};
    take_edges(clock, edges, rises);
    if (!clock->at.track.running && clock->taken < clock->edges->len) { /* nothing before */
        const double first = edge_places(clock)[clock->taken] / clock->period;
        clock->open = MAX(clock->open, (int64_t)floor(first / clock->window));
    }

    const double end = (double)block->first + (double)block->count;
    const double certain = (end - lag(clock->period)) / clock->period;
    const int64_t closable = (int64_t)floor(certain / clock->window);
    if (clock->at.track.running || clock->edges->len > 0)
        close_windows(clock, &to, closable);

    if (block->last) {
        while (
            (clock->at.track.running && middle_of(clock, clock->at.node) < end / clock->period) ||
            clock->taken < clock->edges->len)
            close_windows(clock, &to, clock->open + 1);
        push_word(clock, clock->figures.end, words);
        if (clock->lost) {
            clock->gap.to = clock->figures.end;
            g_array_append_val(gaps, clock->gap);
        }
    }
    drop_edges(clock);
    if (clock->track_baseline)
        clock->threshold = (clock->high + clock->low) / 2;
}

void sd_clock_recovery_flush(sd_clock_recovery *clock, GArray *words)
{
    push_word(clock, clock->figures.end, words);
}

sd_clock_place sd_clock_recovery_place(const sd_clock_recovery *clock)
{
    return (sd_clock_place){
        .locked = clock->at.running && !clock->lost,
        .window = clock->at.node,
        .phase = clock->at.phase,
        .slope = clock->at.track.slope,
        .to_middle = clock->at.to_middle,
        .threshold = clock->threshold,
        .eye = clock->high - clock->low,
    };
}

void sd_clock_recovery_begin(sd_clock_recovery *clock)
{
    clock->word = (sd_bit_word){.dead = clock->lost};
    clock->figures = (sd_clock_figures){.smallest_eye = INFINITY};
}

float sd_clock_recovery_threshold(const sd_clock_recovery *clock)
{
    return clock->threshold;
}

const sd_clock_figures *sd_clock_recovery_figures(const sd_clock_recovery *clock)
{
    return &clock->figures;
}

void sd_clock_figures_add(sd_clock_figures *sum, const sd_clock_figures *more)
{
    if (sum->bits == 0) {
        sum->first = more->first;
        sum->smallest_eye = more->smallest_eye;
    }
    if (more->bits > 0)
        sum->end = more->end;
    sum->bits += more->bits;
    sum->edges += more->edges;
    sum->gaps += more->gaps;
    sum->squared += more->squared;
    sum->squares += more->squares;
    sum->eye_bits += more->eye_bits;
    sum->eye_sum += more->eye_sum;
    sum->eye_squares += more->eye_squares;
    sum->smallest_eye = fmin(sum->smallest_eye, more->smallest_eye);
}

sd_clock_statistics sd_clock_figures_statistics(const sd_clock_figures *f)
{
    sd_clock_statistics s = {
        .bits = f->bits,
        .edges = f->edges,
        .smallest_eye = isfinite(f->smallest_eye) ? f->smallest_eye : 0, /* no bit was strong */
        .first = f->first,
        .gaps = f->gaps,
    };
    if (f->squared > 0)
        s.jitter_rms = sqrt(f->squares / (double)f->squared);
    if (f->bits > 0)
        s.period = (double)(f->end - f->first) / (double)SD_POSITION_ONE / (double)f->bits;
    if (f->eye_bits > 0) {
        const double n = (double)f->eye_bits;
        s.eye = f->eye_sum / n;
        s.eye_deviation = sqrt(fmax(0, f->eye_squares / n - s.eye * s.eye));
    }
    return s;
}
