/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits and their times from the samples of a known line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "line_signal.h"
#include "signal/clock_recovery.h"
#include "signal/edges.h"

#define HALF       0.08F
#define MAX_BLOCKS 4

/** Sizes of the blocks, over and over; 0 ends the list. */
typedef struct {
    size_t size[MAX_BLOCKS];
} cuts;

static const cuts usual = {{16384}};

/** What came out. */
typedef struct {
    GArray *words, *gaps;
    sd_clock_statistics statistics;
    float threshold;
} recovered;

/** The way that samples take in the decoder; each block stands in memory of its own. */
static recovered recover_with(const line_signal *line, const sd_clock_settings *settings,
                              const cuts *blocks)
{
    const float middle = (float)line->spec.offset;
    const float half_amplitude = (float)line_amplitude(&line->spec) / 2;
    const sd_level level = {.low = middle - half_amplitude,
                            .high = middle + half_amplitude,
                            .threshold = middle,
                            .hysteresis = HALF,
                            .present = true};
    recovered r = {.words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word)),
                   .gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap))};
    sd_edges *edges = sd_edges_new(sd_simd_select(SD_CPU_BEST), settings->sparse);
    sd_clock_recovery *clock = sd_clock_recovery_new(sd_simd_select(SD_CPU_BEST), &level, settings);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(double));
    const size_t most = sd_clock_recovery_history(settings->period);
    size_t at = 0;
    for (size_t i = 0; at < line->count; i++) {
        const size_t place = i % MAX_BLOCKS;
        const size_t size = blocks->size[place] > 0 ? blocks->size[place] : blocks->size[0];
        const size_t n = MIN(size, line->count - at), history = MIN(at, most);
        float *buffer = g_memdup2(line->volts + at - history, (history + n) * sizeof *buffer);
        const sd_samples block = {.stored = sd_stored_as_volts(buffer + history),
                                  .first = (int64_t)at,
                                  .count = n,
                                  .history = history,
                                  .last = at + n == line->count};
        const bool rises =
            sd_edges_push(edges, &block, sd_clock_recovery_threshold(clock), HALF, found);
        sd_clock_recovery_push(clock, &block, found, rises, r.words, r.gaps);
        g_free(buffer);
        at += n;
    }
    r.statistics = sd_clock_figures_statistics(sd_clock_recovery_figures(clock));
    r.threshold = sd_clock_recovery_threshold(clock);
    g_array_free(found, TRUE);
    sd_edges_free(edges);
    sd_clock_recovery_free(clock);
    return r;
}

static recovered recover(const line_signal *line, double period, bool track, const cuts *blocks)
{
    const sd_clock_settings settings = {.period = period, .track = track};
    return recover_with(line, &settings, blocks);
}

static void recovered_free(recovered *r)
{
    g_array_free(r->words, TRUE);
    g_array_free(r->gaps, TRUE);
}

static const sd_bit_word *word_at(const recovered *r, guint i)
{
    return &g_array_index(r->words, sd_bit_word, i);
}

static double in_samples(sd_position position)
{
    return (double)position / (double)SD_POSITION_ONE;
}

/** How far the bits are right. */
typedef struct {
    size_t first; /**< Bit of the line that the first one given out is. */
    size_t bits;  /**< Bits given out. */
    size_t wrong; /**< ... that are not the line's, outside the dead stretch. */
    size_t at;    /**< The first of them. */
    double late;  /**< Greatest distance of a bit's beginning from the truth, in unit intervals. */
} comparison;

/** Bits are counted, not looked up by their times: one too many or too few is seen. The first
    @p settle ones may be at a less certain time. */
static comparison compare(const line_signal *line, const recovered *r, size_t settle)
{
    const line_spec *s = &line->spec;
    const double first = (in_samples(r->statistics.first) - s->phase) / s->period;
    comparison c = {.first = (size_t)lround(MAX(first, 0))};
    assert_true(first > -0.6);
    for (guint w = 0; w < r->words->len; w++) {
        const sd_bit_word *word = word_at(r, w);
        for (unsigned i = 0; i < word->count; i++, c.bits++) {
            const size_t n = c.first + c.bits;
            if (n >= s->bits || line_is_dead(s, (double)n + 1) || line_is_dead(s, (double)n) ||
                line_is_dead(s, (double)n - 1))
                continue;
            if ((word->bits >> i & 1) != line->bit[n] && c.wrong++ == 0)
                c.at = n;
            const double truth = s->phase + (double)n * s->period;
            const double late = fabs(in_samples(sd_bit_position(word, i)) - truth) / s->period;
            if (c.bits >= settle)
                c.late = fmax(c.late, late);
        }
    }
    return c;
}

/** All bits of the record, right, at their times. */
static void assert_right(const line_signal *line, const recovered *r, double most_late)
{
    const comparison c = compare(line, r, 300);
    if (c.wrong > 0)
        fail_msg("%g samples per bit, seed %u: %zu bits wrong, the first is %zu", line->spec.period,
                 line->spec.seed, c.wrong, c.at);
    if (c.late > most_late)
        fail_msg("%g samples per bit: a bit's time is %g unit intervals off", line->spec.period,
                 c.late);
    /* from the first whole bit to the last */
    assert_in_range(c.first, 0, 1);
    assert_in_range(c.first + c.bits, line->spec.bits - 1, line->spec.bits + 1);
    assert_int_equal(c.bits, r->statistics.bits);
}

static void run(const line_spec *spec, double ppm, double most_late)
{
    line_signal *line = line_signal_new(spec);
    recovered r = recover(line, spec->period * (1 + ppm * 1e-6), true, &usual);
    assert_right(line, &r, most_late);
    assert_int_equal(r.gaps->len, 0);
    assert_int_equal(r.statistics.gaps, 0);
    assert_float_equal((r.statistics.period / spec->period - 1) * 1e6, 0, 20);
    recovered_free(&r);
    line_signal_free(line);
}

static void every_ratio(void **state)
{
    (void)state;
    static const double ratios[] = {2.5, 2.51, 2.7, 3.1, 3.3333, 4, 5, 8.3, 20, 66.7, 200, 400};
    for (size_t i = 0; i < G_N_ELEMENTS(ratios); i++) {
        const line_spec spec = {.period = ratios[i],
                                .bits = ratios[i] > 50 ? 4000 : 20000,
                                .phase = 0.4 * ratios[i],
                                .noise = 0.008,
                                .seed = (guint32)i};
        run(&spec, 0, ratios[i] > 4 ? 0.05 : 0.1);
    }
}

/** The baud is not quite the one that the loop begins with. */
static void deviation(void **state)
{
    (void)state;
    static const double ppm[] = {-500, -200, -100, 100, 200, 500};
    static const double ratios[] = {2.5, 5, 20, 200};
    for (size_t i = 0; i < G_N_ELEMENTS(ppm); i++) {
        for (size_t r = 0; r < G_N_ELEMENTS(ratios); r++) {
            const line_spec spec = {.period = ratios[r], .bits = 8000, .seed = (guint32)i};
            run(&spec, ppm[i], 0.15);
        }
    }
}

static void jitter_and_noise(void **state)
{
    (void)state;
    static const double ui[] = {0.01, 0.03, 0.06};
    static const double ratios[] = {5, 20, 200};
    for (size_t i = 0; i < G_N_ELEMENTS(ui); i++) {
        for (size_t r = 0; r < G_N_ELEMENTS(ratios); r++) {
            for (guint32 seed = 0; seed < 3; seed++) {
                const line_spec spec = {.period = ratios[r],
                                        .bits = 5000,
                                        .jitter = ui[i],
                                        .noise = 0.016,
                                        .seed = seed};
                run(&spec, 50, 0.05 + 2 * ui[i]);
            }
        }
    }
}

/** Half of the edges tell the same bits at the same times. */
static void sparse_edges(void **state)
{
    (void)state;
    static const double ratios[] = {2.5, 5, 20, 200};
    for (size_t i = 0; i < G_N_ELEMENTS(ratios); i++) {
        const line_spec spec = {
            .period = ratios[i], .bits = 6000, .jitter = 0.02, .seed = (guint32)i};
        line_signal *line = line_signal_new(&spec);
        GArray *edges = line_edges(line);
        const sd_clock_settings settings = {
            .period = ratios[i] * (1 - 150e-6), .track = true, .sparse = true};
        recovered r = recover_with(line, &settings, &usual);
        const comparison c = compare(line, &r, 100);
        assert_int_equal(c.wrong, 0);
        assert_true(c.late < 0.1);
        assert_in_range(c.first + c.bits, spec.bits - 1, spec.bits + 1);
        assert_in_range(r.statistics.edges, edges->len * 2 / 5, edges->len * 3 / 5);
        g_array_free(edges, TRUE);
        recovered_free(&r);
        line_signal_free(line);
    }
}

/** Sinusoidal jitter of 30 MHz at 5 GBd turns faster than windows of the usual length can tell. */
static void fast_jitter(void **state)
{
    (void)state;
    const line_spec spec = {.period = 5, .bits = 20000, .sway = 0.45, .sway_bits = 5000 / 30.0};
    line_signal *line = line_signal_new(&spec);
    for (int hurried = 0; hurried <= 1; hurried++) {
        const sd_clock_settings settings = {.period = 5, .track = true, .hurried = hurried != 0};
        recovered r = recover_with(line, &settings, &usual);
        const comparison c = compare(line, &r, SIZE_MAX);
        if (hurried) {
            assert_int_equal(c.wrong, 0);
            assert_true(r.statistics.jitter_rms < 0.08);
        } else {
            assert_true(r.statistics.jitter_rms > 0.1);
        }
        recovered_free(&r);
    }
    line_signal_free(line);
}

/** jitter_rms is the edges' distance from the clock; period the mean over all bits. */
static void statistics(void **state)
{
    (void)state;
    static const double ui[] = {0.01, 0.03, 0.05};
    for (size_t i = 0; i < G_N_ELEMENTS(ui); i++) {
        const line_spec spec = {.period = 200, .bits = 6000, .jitter = ui[i], .rise = 0.3};
        line_signal *line = line_signal_new(&spec);
        recovered r = recover(line, 200, true, &usual);
        assert_float_equal(r.statistics.jitter_rms / ui[i], 1, 0.1);
        assert_float_equal(r.statistics.period, 200, 200 * 10e-6);
        /* nearly each of about 3200 edges was followed */
        GArray *edges = line_edges(line);
        assert_in_range(r.statistics.edges, edges->len - 2, edges->len);
        /* the middle of each bit is on its level */
        assert_float_equal(r.statistics.smallest_eye, 0.4, 0.01);
        g_array_free(edges, TRUE);
        recovered_free(&r);
        line_signal_free(line);
    }
}

static void smallest_eye_of_one_bit(void **state)
{
    (void)state;
    const line_spec spec = {.period = 100, .bits = 3000, .rise = 0.3};
    line_signal *line = line_signal_new(&spec);
    for (size_t n = 2030 * 100 + 20; n < 2030 * 100 + 80; n++)
        line->volts[n] = line->bit[2030] ? 0.15F : -0.15F;
    recovered r = recover(line, 100, true, &usual);
    assert_right(line, &r, 0.05);
    assert_float_equal(r.statistics.smallest_eye, 0.15, 0.01);
    recovered_free(&r);
    line_signal_free(line);
}

static void words_are_whole(void **state)
{
    (void)state;
    static const cuts all[] = {{{16384}}, {{1000}}, {{333, 77, 5000}}};
    const line_spec spec = {.period = 20.7, .bits = 5003, .noise = 0.01};
    line_signal *line = line_signal_new(&spec);
    for (size_t k = 0; k < G_N_ELEMENTS(all); k++) {
        recovered r = recover(line, 20.7, true, &all[k]);
        size_t bits = 0;
        for (guint i = 0; i < r.words->len; i++) {
            const sd_bit_word *word = word_at(&r, i);
            bits += word->count;
            if (i + 1 == r.words->len) {
                assert_in_range(word->count, 1, SD_WORD_BITS);
                break;
            }
            assert_int_equal(word->count, SD_WORD_BITS);
            /* the next one begins where this one ends, but for the edge between them */
            const sd_position off = word_at(&r, i + 1)->start - word->start - word->span;
            assert_true(fabs(in_samples(off)) < 0.02 * spec.period);
        }
        assert_int_equal(bits, r.statistics.bits);
        assert_int_equal(word_at(&r, 0)->start, r.statistics.first);
        recovered_free(&r);
    }
    line_signal_free(line);
}

/** Wherever the record is cut into blocks, the bits are the same, and their times all but so. */
static void any_cut(void **state)
{
    (void)state;
    static const cuts all[] = {{{1 << 20}}, {{16384}},      {{4096}},      {{1000}},
                               {{997}},     {{64}},         {{1, 64, 3}},  {{16384, 10, 5000}},
                               {{65, 63}},  {{50000, 401}}, {{200, 1, 1}}, {{777, 12345}}};
    static const double ratios[] = {2.5, 5, 37.3, 200, 400};
    for (size_t i = 0; i < G_N_ELEMENTS(ratios); i++) {
        const line_spec spec = {.period = ratios[i],
                                .bits = 3000,
                                .noise = 0.016,
                                .jitter = 0.01,
                                .phase = 0.2,
                                .drift = 0.05,
                                .seed = (guint32)i};
        line_signal *line = line_signal_new(&spec);
        for (size_t k = 0; k < G_N_ELEMENTS(all); k++) {
            recovered r = recover(line, ratios[i] * (1 + 80e-6), true, &all[k]);
            const comparison c = compare(line, &r, 300);
            if (c.wrong > 0 || c.late > 0.1)
                fail_msg("%g samples per bit in blocks of %zu, %zu, %zu: %zu bits wrong, times "
                         "%g unit intervals off",
                         ratios[i], all[k].size[0], all[k].size[1], all[k].size[2], c.wrong,
                         c.late);
            assert_in_range(c.first + c.bits, spec.bits - 1, spec.bits + 1);
            recovered_free(&r);
        }
        line_signal_free(line);
    }
}

/** Once the first edges are known, the cuts make no difference at all but rounding. */
static void cuts_after_the_lock(void **state)
{
    (void)state;
    static const cuts all[] = {{{16384, 1000, 50, 3}}, {{16384, 1, 64, 5000}}, {{16384, 63}}};
    static const double ratios[] = {5, 37.3, 200};
    for (size_t i = 0; i < G_N_ELEMENTS(ratios); i++) {
        const line_spec spec = {
            .period = ratios[i], .bits = 4000, .noise = 0.016, .jitter = 0.02, .seed = (guint32)i};
        line_signal *line = line_signal_new(&spec);
        recovered whole = recover(line, ratios[i], false, &usual);
        for (size_t k = 0; k < G_N_ELEMENTS(all); k++) {
            recovered cut = recover(line, ratios[i], false, &all[k]);
            assert_int_equal(cut.statistics.bits, whole.statistics.bits);
            assert_int_equal(cut.statistics.edges, whole.statistics.edges);
            assert_int_equal(cut.words->len, whole.words->len);
            for (guint w = 0; w < whole.words->len; w++) {
                assert_int_equal(word_at(&cut, w)->bits, word_at(&whole, w)->bits);
                const sd_position off = word_at(&cut, w)->start - word_at(&whole, w)->start;
                assert_true(fabs(in_samples(off)) < 1e-3);
            }
            recovered_free(&cut);
        }
        recovered_free(&whole);
        line_signal_free(line);
    }
}

/** The bit count survives 5,000 bits without signal, and the gap is told. */
static void dead_stretch(double ratio, double level, double jitter, double ppm, guint32 seed)
{
    const line_spec spec = {.period = ratio,
                            .bits = 14000,
                            .noise = 0.012,
                            .jitter = jitter,
                            .dead_from = 6000,
                            .dead_bits = 5000,
                            .dead_level = level,
                            .seed = seed};
    line_signal *line = line_signal_new(&spec);
    recovered r = recover(line, ratio * (1 + ppm * 1e-6), true, &usual);
    const comparison c = compare(line, &r, 300);
    if (c.wrong > 20)
        fail_msg("%g samples per bit, rest at %g V, jitter %g UI, %g ppm, seed %u: %zu bits wrong, "
                 "the first is %zu",
                 ratio, level, jitter, ppm, seed, c.wrong, c.at);
    assert_in_range(c.first + c.bits, spec.bits - 1, spec.bits + 1);
    assert_int_equal(r.statistics.gaps, 1);
    assert_int_equal(r.gaps->len, 1);
    const sd_signal_gap *gap = &g_array_index(r.gaps, sd_signal_gap, 0);
    assert_true(gap->over);
    assert_float_equal(in_samples(gap->from) / ratio, 6000, 12);
    assert_float_equal(in_samples(gap->to) / ratio, 11000, 12);
    recovered_free(&r);
    line_signal_free(line);
}

static void dead_in_the_middle(void **state)
{
    (void)state;
    for (guint32 seed = 0; seed < 8; seed++) {
        dead_stretch(5, 0, 0.005, 0, seed);
        dead_stretch(20, 0, 0.01, 100, seed);
    }
    dead_stretch(200, 0, 0.01, -100, 1);
    dead_stretch(2.5, 0, 0, 50, 2);
}

static void dead_on_a_level(void **state)
{
    (void)state;
    static const double levels[] = {0.4, -0.4, 0.1, -0.15, -1.3};
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        for (guint32 seed = 0; seed < 4; seed++)
            dead_stretch(20, levels[i], 0.01, 100, seed);
    }
}

/** More jitter makes the period that the loop runs on with less certain; it must do all the same.
 */
static void dead_with_jitter(void **state)
{
    (void)state;
    for (guint32 seed = 0; seed < 12; seed++)
        dead_stretch(20, 0, 0.03, 100, seed);
}

static void dead_to_the_end(void **state)
{
    (void)state;
    const line_spec spec = {
        .period = 20, .bits = 4000, .noise = 0.01, .dead_from = 3000, .dead_bits = 2000};
    line_signal *line = line_signal_new(&spec);
    recovered r = recover(line, 20, true, &usual);
    const comparison c = compare(line, &r, 300);
    assert_int_equal(c.wrong, 0);
    assert_int_equal(r.gaps->len, 1);
    const sd_signal_gap *gap = &g_array_index(r.gaps, sd_signal_gap, 0);
    assert_false(gap->over);
    assert_float_equal(in_samples(gap->from) / 20, 3000, 12);
    assert_float_equal(in_samples(gap->to) / 20, 4000, 2);
    recovered_free(&r);
    line_signal_free(line);
}

/** Several stretches are told one by one. */
static void several_gaps(void **state)
{
    (void)state;
    const line_spec spec = {.period = 20, .bits = 8000, .noise = 0.01};
    line_signal *line = line_signal_new(&spec);
    static const size_t from[] = {1000, 3000, 5000};
    for (size_t i = 0; i < G_N_ELEMENTS(from); i++) {
        for (size_t n = from[i] * 20; n < (from[i] + 200) * 20; n++)
            line->volts[n] = 0.001F;
    }
    recovered r = recover(line, 20, true, &usual);
    assert_int_equal(r.statistics.gaps, 3);
    assert_int_equal(r.gaps->len, 3);
    for (guint i = 0; i < 3; i++) {
        const sd_signal_gap *gap = &g_array_index(r.gaps, sd_signal_gap, i);
        assert_true(gap->over);
        assert_float_equal(in_samples(gap->from) / 20, (double)from[i], 12);
        assert_float_equal(in_samples(gap->to) / 20, (double)from[i] + 200, 12);
    }
    recovered_free(&r);
    line_signal_free(line);
}

static void dead_at_the_begin(void **state)
{
    (void)state;
    static const cuts all[] = {{{4096}}, {{16384}}, {{500}}};
    for (size_t k = 0; k < G_N_ELEMENTS(all); k++) {
        const line_spec spec = {.period = 20, .bits = 6000, .noise = 0.01, .dead_bits = 3000};
        line_signal *line = line_signal_new(&spec);
        recovered r = recover(line, 20, true, &all[k]);
        const comparison c = compare(line, &r, 400);
        /* the block in which the first edge is, back to the first sample that is still there */
        const size_t block = 60000 / all[k].size[0] * all[k].size[0];
        const size_t first = block - MIN(block, sd_clock_recovery_history(20));
        assert_in_range(c.first, first / 20 - 1, 3000);
        assert_in_range(c.wrong, 0, 1);
        assert_in_range(c.first + c.bits, spec.bits - 1, spec.bits + 1);
        recovered_free(&r);
        line_signal_free(line);
    }
}

static void no_edges_no_bits(void **state)
{
    (void)state;
    const line_spec spec = {.period = 20, .bits = 3000, .noise = 0.01, .dead_bits = 3000};
    line_signal *line = line_signal_new(&spec);
    recovered r = recover(line, 20, true, &usual);
    assert_int_equal(r.words->len, 0);
    assert_int_equal(r.statistics.bits, 0);
    assert_int_equal(r.statistics.edges, 0);
    assert_true(isfinite(r.statistics.jitter_rms));
    assert_true(isfinite(r.statistics.period));
    assert_true(isfinite(r.statistics.smallest_eye));
    recovered_free(&r);
    line_signal_free(line);
}

/** Figures are numbers even when all that was seen is weaker than a signal. */
static void weak_throughout(void **state)
{
    (void)state;
    line_spec spec = {.period = 20, .bits = 3000, .amplitude = 0.2};
    line_signal *line = line_signal_new(&spec);
    line->spec.amplitude = 4; /* what the level stage believes */
    recovered r = recover(line, 20, true, &usual);
    assert_true(r.statistics.bits > 2000);
    assert_int_equal(r.statistics.gaps, 1);
    assert_true(isfinite(r.statistics.smallest_eye));
    recovered_free(&r);
    line_signal_free(line);
}

static void follows_the_baseline(void **state)
{
    (void)state;
    static const double drifts[] = {0.5, -0.5};
    for (size_t i = 0; i < G_N_ELEMENTS(drifts); i++) {
        const line_spec spec = {
            .period = 20, .bits = 60000, .drift = drifts[i], .offset = 0.1, .noise = 0.01};
        line_signal *line = line_signal_new(&spec);
        recovered r = recover(line, 20, true, &usual);
        assert_right(line, &r, 0.08);
        assert_int_equal(r.gaps->len, 0);
        assert_float_equal(r.threshold, 0.1 + drifts[i], 0.05);
        recovered_free(&r);
        line_signal_free(line);
    }
}

static void given_threshold_stays(void **state)
{
    (void)state;
    const line_spec spec = {
        .period = 20, .bits = 20000, .drift = 0.1, .offset = 0.1, .noise = 0.01};
    line_signal *line = line_signal_new(&spec);
    recovered r = recover(line, 20, false, &usual);
    assert_true(r.threshold == 0.1F);
    assert_right(line, &r, 0.15);
    recovered_free(&r);
    line_signal_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_ratio),
        cmocka_unit_test(deviation),
        cmocka_unit_test(jitter_and_noise),
        cmocka_unit_test(sparse_edges),
        cmocka_unit_test(fast_jitter),
        cmocka_unit_test(statistics),
        cmocka_unit_test(smallest_eye_of_one_bit),
        cmocka_unit_test(words_are_whole),
        cmocka_unit_test(any_cut),
        cmocka_unit_test(cuts_after_the_lock),
        cmocka_unit_test(dead_in_the_middle),
        cmocka_unit_test(dead_on_a_level),
        cmocka_unit_test(dead_with_jitter),
        cmocka_unit_test(dead_to_the_end),
        cmocka_unit_test(several_gaps),
        cmocka_unit_test(dead_at_the_begin),
        cmocka_unit_test(no_edges_no_bits),
        cmocka_unit_test(weak_throughout),
        cmocka_unit_test(follows_the_baseline),
        cmocka_unit_test(given_threshold_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
