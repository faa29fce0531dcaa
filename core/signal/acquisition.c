/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/acquisition.h"

#include <math.h>
#include <string.h>

#include "signal/edges.h"

/** Windows of samples from which the levels are taken. */
#define LEVEL_WINDOWS 64
#define LEVEL_WINDOW  8192
/** Edges from which the baud is taken. */
#define BAUD_EDGES 4096
/** Samples that are read at a time. */
#define BLOCK 16384
/** Unit intervals of a window whose mean is the baseline. */
#define BASELINE_BITS 64
/** Unit intervals of the first stretch from which bits are read on trial. */
#define TRIAL_BITS 8192
/** With fewer samples in a unit interval both ways of interpolation are tried. */
#define SINC_PERIOD 4
/** The eye is open when the bits' mean distance from the threshold is so many times its standard
    deviation: less than one bit in a thousand is then wrong, whether for noise or for what the
    channel does. */
#define OPEN_EYE 3.0
/** With less jitter and duty-cycle distortion, in unit intervals, half of the edges tell as much as
    is needed. */
#define LITTLE_JITTER 0.03
/** With more jitter, in unit intervals, it is tried whether a clock that hurries can follow it. */
#define FAST_JITTER 0.1
/** Times by which an equalizer must open it further, or such a clock lessen the jitter, to be
    taken. */
#define WORTHWHILE 1.25
/** Rounds of training: each one's bits train the next. */
#define ROUNDS 6

/** With a better fit than this the baud is sure, though the eye be closed. */
#define SURE_FIT 0.5

/** A way to read the segment, and how well it does. */
typedef struct {
    const sd_sample_source *source;
    sd_level level;
    sd_baud baud;
    uint64_t at; /* sample at which the baud was found */
    sd_clock_settings clock;
    double eye, eye_deviation;
    double jitter; /* unit intervals */
    GArray *words; /* sd_bit_word: the first bits */
} trial;

/* --- level ------------------------------------------------------------------------------------ */

/** Windows spread evenly over the segment. */
static size_t spread_windows(uint64_t count, uint64_t *first)
{
    const uint64_t all = (count + LEVEL_WINDOW - 1) / LEVEL_WINDOW;
    const size_t windows = (size_t)MIN(all, LEVEL_WINDOWS);
    for (size_t w = 0; w < windows; w++)
        first[w] = all * w / windows * LEVEL_WINDOW;
    return windows;
}

/** The windows of the whole segment in which the signal moves most: for a short signal in a long
    dead record. */
static size_t busiest_windows(const sd_sample_source *source, uint64_t *first)
{
    float spans[LEVEL_WINDOWS];
    float volts[LEVEL_WINDOW];
    size_t windows = 0;
    for (uint64_t at = 0; at < source->count; at += LEVEL_WINDOW) {
        const size_t n = (size_t)MIN(source->count - at, LEVEL_WINDOW);
        sd_sample_source_read(source, at, n, volts);
        float low = volts[0], high = volts[0];
        for (size_t i = 1; i < n; i++) {
            low = MIN(low, volts[i]);
            high = MAX(high, volts[i]);
        }
        size_t place = windows;
        if (windows < LEVEL_WINDOWS) {
            windows++;
        } else {
            place = 0;
            for (size_t w = 1; w < windows; w++) {
                if (spans[w] < spans[place])
                    place = w;
            }
            if (spans[place] >= high - low)
                continue;
        }
        spans[place] = high - low;
        first[place] = at;
    }
    return windows;
}

static sd_level find_level(const sd_acquisition_settings *settings, const sd_sample_source *source,
                           bool busiest)
{
    uint64_t first[LEVEL_WINDOWS];
    const size_t windows =
        busiest ? busiest_windows(source, first) : spread_windows(source->count, first);
    float *volts = g_new(float, windows *LEVEL_WINDOW);
    size_t filled = 0;
    for (size_t w = 0; w < windows; w++) {
        const size_t n = (size_t)MIN(source->count - first[w], LEVEL_WINDOW);
        sd_sample_source_read(source, first[w], n, volts + filled);
        filled += n;
    }
    sd_level level = sd_level_estimate(volts, filled, LEVEL_WINDOW);
    g_free(volts);
    if (settings->has_threshold)
        level.threshold = settings->threshold;
    return level;
}

/* --- reading a stretch ------------------------------------------------------------------------ */

/** Blocks of a source, one after the other. */
typedef struct {
    const sd_sample_source *source;
    size_t history;
    float *buffer; /* history, then a block */
    uint64_t begin, at;
} reading;

static void begin_reading(reading *r, const sd_sample_source *source, uint64_t at, size_t history)
{
    *r = (reading){source, history, g_new0(float, history + BLOCK), at, at};
}

/** The next block; false when the segment has ended. */
static bool next_block(reading *r, sd_samples *block)
{
    if (r->at >= r->source->count)
        return false;
    if (r->at > r->begin)
        memmove(r->buffer, r->buffer + BLOCK, r->history * sizeof *r->buffer);
    const size_t n = (size_t)MIN(r->source->count - r->at, BLOCK);
    sd_sample_source_read(r->source, r->at, n, r->buffer + r->history);
    *block = (sd_samples){
        .stored = sd_stored_as_volts(r->buffer + r->history),
        .first = (int64_t)r->at,
        .count = n,
        .history = (size_t)MIN(r->at - r->begin, r->history),
        .last = r->at + n == r->source->count,
    };
    r->at += n;
    return true;
}

static const double *places(const GArray *array)
{
    return (const double *)(const void *)array->data;
}

/* --- baud ------------------------------------------------------------------------------------- */

/** The baud from the first edges of the segment that lie on one. */
static void find_baud(const sd_acquisition_settings *settings, const double *nominal,
                      size_t nominals, trial *t)
{
    reading r;
    sd_samples block;
    bool rises = false; /* the first of the edges that were found */
    t->at = 0;
    t->baud = (sd_baud){0};
    begin_reading(&r, t->source, 0, LEVEL_WINDOW);
    sd_edges *edges = sd_edges_new(settings->simd, false);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(double));
    while (!t->baud.found && next_block(&r, &block)) {
        const guint before = found->len;
        const bool next =
            sd_edges_push(edges, &block, t->level.threshold, t->level.hysteresis, found);
        if (before == 0)
            rises = next;
        if (found->len < BAUD_EDGES && !block.last)
            continue;
        t->baud =
            sd_baud_estimate(places(found), found->len, settings->sample_rate, nominal, nominals);
        if (!rises)
            t->baud.stagger = -t->baud.stagger; /* of the falling edges behind the rising ones */
        if (t->baud.found)
            t->at = (uint64_t)MAX(0, g_array_index(found, double, 0));
        g_array_set_size(found, 0);
    }
    g_array_free(found, TRUE);
    sd_edges_free(edges);
    g_free(r.buffer);
}

/* --- trials ----------------------------------------------------------------------------------- */

static double quality(const trial *t)
{
    if (!t->baud.found || t->eye <= 0)
        return 0;
    return t->eye_deviation > 0 ? t->eye / t->eye_deviation : INFINITY;
}

static void clear_trial(trial *t)
{
    if (t->words != NULL)
        g_array_free(t->words, TRUE);
    t->words = NULL;
}

/** Takes another trial instead of the best one so far, or lets go of it. */
static void keep_one(trial *best, trial *other, bool better)
{
    clear_trial(better ? best : other);
    if (better)
        *best = *other;
}

/** Reads the first bits. */
static void read_bits(const sd_acquisition_settings *settings, trial *t)
{
    const double period = t->clock.period;
    const uint64_t end = t->at + (uint64_t)(TRIAL_BITS * period);
    reading r;
    sd_samples block;
    begin_reading(&r, t->source, t->at, sd_clock_recovery_history(period));
    sd_edges *edges = sd_edges_new(settings->simd, false);
    sd_clock_recovery *clock = sd_clock_recovery_new(settings->simd, &t->level, &t->clock);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(double));
    GArray *gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap));
    t->words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
    while (r.at < end && next_block(&r, &block)) {
        const bool rises = sd_edges_push(edges, &block, sd_clock_recovery_threshold(clock),
                                         t->level.hysteresis, found);
        sd_clock_recovery_push(clock, &block, found, rises, t->words, gaps);
    }
    const sd_clock_statistics statistics =
        sd_clock_figures_statistics(sd_clock_recovery_figures(clock));
    t->eye = statistics.eye;
    t->eye_deviation = statistics.eye_deviation;
    t->jitter = statistics.jitter_rms;
    g_array_free(gaps, TRUE);
    g_array_free(found, TRUE);
    sd_clock_recovery_free(clock);
    sd_edges_free(edges);
    g_free(r.buffer);
}

/** Tries to read the segment from a source. */
static trial try_source(const sd_acquisition_settings *settings, const sd_sample_source *source,
                        const double *nominal, size_t nominals)
{
    trial t = {.source = source};
    for (int busiest = 0; busiest <= 1 && !t.baud.found; busiest++) {
        t.level = find_level(settings, source, busiest != 0);
        if (t.level.present)
            find_baud(settings, nominal, nominals, &t);
    }
    if (!t.baud.found)
        return t;
    t.clock = (sd_clock_settings){
        .period = settings->sample_rate / t.baud.measured,
        .stagger = t.baud.stagger,
        .track = !settings->has_threshold,
    };
    read_bits(settings, &t);
    if (t.clock.period < SINC_PERIOD) {
        trial other = t;
        other.clock.interpolation = SD_INTERPOLATION_SINC;
        read_bits(settings, &other);
        keep_one(&t, &other, quality(&other) > quality(&t));
    }
    t.clock.sparse = t.jitter > 0 && t.jitter < LITTLE_JITTER &&
                     fabs(t.clock.stagger) < LITTLE_JITTER &&
                     (double)source->count > TRIAL_BITS * t.clock.period;
    if (t.jitter > FAST_JITTER) {
        trial other = t;
        other.clock.hurried = true;
        read_bits(settings, &other);
        keep_one(&t, &other, other.jitter * WORTHWHILE < t.jitter);
    }
    return t;
}

/* --- equalizer -------------------------------------------------------------------------------- */

/** Tries an equalizer on @p from, and keeps it where it is better than the best one before. */
static bool try_equalizer(const sd_acquisition_settings *settings, const sd_sample_source *from,
                          sd_acquisition *a, trial *best, sd_equalizer *equalizer, double nominal)
{
    sd_equalized equalized = {equalizer, *from};
    const sd_sample_source source = sd_equalizer_source(&equalized);
    trial t = try_source(settings, &source, &nominal, 1);
    const bool better = quality(&t) > quality(best);
    keep_one(best, &t, better);
    if (better) {
        sd_equalizer_free(a->equalizer);
        a->equalizer = equalizer;
    } else {
        sd_equalizer_free(equalizer);
    }
    return better;
}

/** Opens the eye as far as it goes; @p best is the segment as it is. */
static void equalize(const sd_acquisition_settings *settings, const sd_sample_source *from,
                     sd_acquisition *a, trial *best)
{
    const double plain = quality(best);
    trial t = *best;
    t.words = best->words != NULL ? g_array_copy(best->words) : NULL;
    for (size_t n = 0; n < settings->nominals; n++) {
        const double nominal = settings->nominal[n];
        if (best->baud.fit > SURE_FIT && best->baud.nominal != nominal)
            continue;
        for (unsigned guess = 0; guess < SD_EQUALIZER_GUESSES; guess++) {
            sd_equalizer *equalizer = sd_equalizer_guess(guess, settings->sample_rate / nominal);
            try_equalizer(settings, from, a, &t, equalizer, nominal);
        }
    }
    bool better = t.baud.found;
    for (int round = 0; round < ROUNDS && better; round++) {
        sd_equalizer *equalizer =
            sd_equalizer_train(from, t.words, t.clock.period, t.level.low, t.level.high);
        better =
            equalizer != NULL && try_equalizer(settings, from, a, &t, equalizer, t.baud.nominal);
    }
    a->has_equalizer = a->equalizer != NULL && quality(&t) > WORTHWHILE * plain;
    keep_one(best, &t, a->has_equalizer);
}

sd_acquisition *sd_acquisition_new(const sd_acquisition_settings *settings,
                                   const sd_sample_source *from)
{
    sd_acquisition *a = g_new0(sd_acquisition, 1);
    a->source = *from;
    if (!settings->has_threshold) {
        const size_t window =
            (size_t)(BASELINE_BITS * settings->sample_rate / settings->nominal[0]);
        a->baseline = sd_baseline_find(from, MAX(1, window));
        a->has_baseline = a->baseline != NULL;
    }
    sd_signal plain;
    sd_acquisition_open_signal(a, &plain);
    trial best = try_source(settings, &plain.source, settings->nominal, settings->nominals);
    if (best.level.present && !settings->has_threshold && quality(&best) < OPEN_EYE)
        equalize(settings, &plain.source, a, &best);
    sd_acquisition_close_signal(&plain);
    a->level = best.level;
    a->baud = best.baud;
    a->clock = best.clock;
    a->eye = best.eye;
    a->eye_deviation = best.eye_deviation;
    clear_trial(&best);
    return a;
}

void sd_acquisition_free(sd_acquisition *acquisition)
{
    if (acquisition == NULL)
        return;
    sd_baseline_free(acquisition->baseline);
    sd_equalizer_free(acquisition->equalizer);
    g_free(acquisition);
}

void sd_acquisition_lengthen(sd_acquisition *acquisition, uint64_t count)
{
    acquisition->source.count = count;
    if (acquisition->baseline != NULL)
        sd_baseline_end(acquisition->baseline, count);
}

void sd_acquisition_open_signal(const sd_acquisition *a, sd_signal *signal)
{
    *signal = (sd_signal){.source = a->source};
    if (a->has_baseline) {
        signal->baseline = sd_baseline_copy(a->baseline);
        signal->source = sd_baseline_source(signal->baseline);
    }
    if (a->has_equalizer) {
        signal->equalized = (sd_equalized){a->equalizer, signal->source};
        signal->source = sd_equalizer_source(&signal->equalized);
    }
}

void sd_acquisition_end_signal(sd_signal *signal, uint64_t count)
{
    signal->source.count = count;
    signal->equalized.from.count = count;
    if (signal->baseline != NULL)
        sd_baseline_end(signal->baseline, count);
}

void sd_acquisition_close_signal(sd_signal *signal)
{
    sd_baseline_free(signal->baseline);
}
