/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits of a record that is read in stretches: the line's, and the same for any number of threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "line_signal.h"
#include "signal/phase.h"
#include "signal/stretches.h"

/** Bits of a stretch, for 1 to 64 samples per bit. */
#define STRETCH (4096 * SD_PHASE_WINDOW)
/** More than three stretches, and no whole word at the end. */
#define BITS (3 * STRETCH + 70003)
/** More than two. */
#define FEWER_BITS (2 * STRETCH + 70003)
/** Codes in a volt; volts come out of them exactly. */
#define CODES 128

static const unsigned thread_counts[] = {1, 2, 3, 8};

/** A line as the decoder has it. */
typedef struct {
    sd_acquisition acquisition;
    const line_signal *line;
    void *codes; /* NULL: volts that must be read */
} record;

/** What came out. */
typedef struct {
    GArray *words, *gaps;
    sd_clock_statistics statistics;
    unsigned calls;
} result;

static void read_volts(void *user, uint64_t first, size_t count, float *volts)
{
    const record *r = user;
    assert_true(first + count <= r->line->count);
    for (size_t i = 0; i < count; i++)
        volts[i] = r->codes == NULL
                       ? r->line->volts[first + i]
                       : sd_stored_volts(&r->acquisition.source.stored, (ptrdiff_t)(first + i));
}

/** To be cleared; @p ppm is how far off the clock's first period is. */
static record *record_new(const line_signal *line, double ppm, sd_interpolation interpolation)
{
    record *r = g_new0(record, 1);
    const float middle = (float)line->spec.offset;
    const float half = (float)line_amplitude(&line->spec) / 2;
    r->line = line;
    r->acquisition = (sd_acquisition){
        .level = {.low = middle - half,
                  .high = middle + half,
                  .threshold = middle,
                  .hysteresis = half / 5,
                  .present = true},
        .clock = {.period = line->spec.period * (1 + ppm * 1e-6),
                  .track = true,
                  .interpolation = interpolation},
        .source = {.read = read_volts, .user = r, .count = line->count},
    };
    return r;
}

static void record_free(record *r)
{
    g_free(r->codes);
    g_free(r);
}

static result read_all(const record *r, unsigned threads)
{
    result all = {.words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word)),
                  .gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap))};
    sd_stretches *stretches =
        sd_stretches_new(sd_simd_select(SD_CPU_BEST), &r->acquisition, threads);
    uint64_t at = 0;
    sd_stretches_status status = SD_STRETCHES_MORE;
    while (status == SD_STRETCHES_MORE) {
        uint64_t next;
        status = sd_stretches_next(stretches, all.words, all.gaps, &next);
        assert_true(next > at && next <= r->line->count);
        at = next;
        all.calls++;
    }
    assert_int_equal(status, SD_STRETCHES_LAST);
    assert_int_equal(at, r->line->count);
    all.statistics = sd_stretches_statistics(stretches);
    sd_stretches_free(stretches);
    return all;
}

static void result_free(result *all)
{
    g_array_free(all->words, TRUE);
    g_array_free(all->gaps, TRUE);
}

static const sd_bit_word *word_at(const result *all, guint i)
{
    return &g_array_index(all->words, sd_bit_word, i);
}

static const sd_signal_gap *gap_at(const result *all, guint i)
{
    return &g_array_index(all->gaps, sd_signal_gap, i);
}

static double in_bits(const line_signal *line, sd_position position)
{
    return ((double)position / (double)SD_POSITION_ONE - line->spec.phase) / line->spec.period;
}

/** Everything, to the last bit. */
static void assert_same(const result *a, const result *b)
{
    assert_int_equal(a->words->len, b->words->len);
    for (guint i = 0; i < a->words->len; i++) {
        const sd_bit_word *x = word_at(a, i), *y = word_at(b, i);
        assert_true(x->bits == y->bits && x->start == y->start && x->span == y->span &&
                    x->count == y->count && x->dead == y->dead);
    }
    assert_int_equal(a->gaps->len, b->gaps->len);
    for (guint i = 0; i < a->gaps->len; i++) {
        const sd_signal_gap *x = gap_at(a, i), *y = gap_at(b, i);
        assert_true(x->from == y->from && x->to == y->to && x->over == y->over);
    }
    const sd_clock_statistics *s = &a->statistics, *t = &b->statistics;
    assert_true(s->bits == t->bits && s->edges == t->edges && s->gaps == t->gaps);
    assert_true(s->jitter_rms == t->jitter_rms && s->period == t->period && s->first == t->first);
    assert_true(s->eye == t->eye && s->eye_deviation == t->eye_deviation &&
                s->smallest_eye == t->smallest_eye);
}

/** All words hold 64 bits but for the last one, and each begins where the one before ends; those
    in the dead stretch say so, and those far from it do not. */
static void assert_words(const line_signal *line, const result *all)
{
    const line_spec *s = &line->spec;
    const double dead_end = (double)(s->dead_from + s->dead_bits);
    uint64_t bits = 0;
    for (guint i = 0; i < all->words->len; i++) {
        const sd_bit_word *word = word_at(all, i);
        const double begin = in_bits(line, word->start), end = begin + word->count;
        bits += word->count;
        if (i + 1 < all->words->len) {
            const sd_position off = word_at(all, i + 1)->start - word->start - word->span;
            assert_int_equal(word->count, SD_WORD_BITS);
            assert_true(fabs((double)off) < 0.05 * s->period * (double)SD_POSITION_ONE);
        } else {
            assert_in_range(word->count, 1, SD_WORD_BITS);
        }
        if (begin > (double)s->dead_from + SD_WORD_BITS && end < dead_end - SD_WORD_BITS)
            assert_true(word->dead);
        if (end < (double)s->dead_from - SD_WORD_BITS || begin > dead_end + SD_WORD_BITS)
            assert_false(word->dead);
    }
    assert_int_equal(bits, all->statistics.bits);
    assert_int_equal(word_at(all, 0)->start, all->statistics.first);
}

/** The bits are the line's; they are counted, so that one too many or too few is seen. */
static void assert_bits(const line_signal *line, const result *all)
{
    const line_spec *s = &line->spec;
    size_t n = (size_t)lround(MAX(in_bits(line, all->statistics.first), 0));
    for (guint w = 0; w < all->words->len; w++) {
        const sd_bit_word *word = word_at(all, w);
        if (!line_is_dead(s, (double)n) && !line_is_dead(s, (double)n + SD_WORD_BITS) &&
            fabs(in_bits(line, word->start) - (double)n) > 0.25)
            fail_msg("%g samples per bit: bit %zu begins at %g", s->period, n,
                     in_bits(line, word->start));
        for (unsigned i = 0; i < word->count; i++, n++) {
            const bool beside_dead = line_is_dead(s, (double)n - 1) || line_is_dead(s, (double)n) ||
                                     line_is_dead(s, (double)n + 1);
            if (n < s->bits && !beside_dead && (word->bits >> i & 1) != line->bit[n])
                fail_msg("%g samples per bit: bit %zu is wrong", s->period, n);
        }
    }
    assert_in_range(n, s->bits - 1, s->bits + 1);
}

/** Reads with each number of threads; gives what came out. */
static result assert_same_for_all_threads(const record *r)
{
    result first = read_all(r, thread_counts[0]);
    for (size_t i = 1; i < G_N_ELEMENTS(thread_counts); i++) {
        result other = read_all(r, thread_counts[i]);
        assert_same(&first, &other);
        assert_int_equal(first.calls, other.calls);
        result_free(&other);
    }
    return first;
}

static result read_right(const line_signal *line, double ppm, sd_interpolation interpolation)
{
    record *r = record_new(line, ppm, interpolation);
    const result all = assert_same_for_all_threads(r);
    assert_words(line, &all);
    assert_bits(line, &all);
    record_free(r);
    return all;
}

static void run(const line_spec *spec, double ppm, sd_interpolation interpolation)
{
    line_signal *line = line_signal_new(spec);
    result all = read_right(line, ppm, interpolation);
    assert_int_equal(all.calls, 3); /* the last one takes what is left */
    assert_int_equal(all.gaps->len, 0);
    assert_int_equal(all.statistics.gaps, 0);
    assert_in_range(all.statistics.bits, spec->bits - 1, spec->bits + 1);
    assert_float_equal((all.statistics.period / spec->period - 1) * 1e6, 0, 5);
    if (spec->jitter > 0)
        assert_float_equal(all.statistics.jitter_rms / spec->jitter, 1, 0.3);
    result_free(&all);
    line_signal_free(line);
}

static void straight_lines(void **state)
{
    (void)state;
    run(&(line_spec){.period = 4, .bits = BITS, .noise = 0.01}, 0, SD_INTERPOLATION_LINE);
}

static void sinc(void **state)
{
    (void)state;
    run(&(line_spec){.period = 2.5, .bits = BITS, .phase = 0.9, .noise = 0.01, .seed = 1}, 20,
        SD_INTERPOLATION_SINC);
}

/** The clock begins with another period than the line's. */
static void deviation(void **state)
{
    (void)state;
    run(&(line_spec){.period = 3.1, .bits = BITS, .seed = 2}, 500, SD_INTERPOLATION_LINE);
    run(&(line_spec){.period = 2.7, .bits = BITS, .seed = 3}, -500, SD_INTERPOLATION_SINC);
}

static void jitter(void **state)
{
    (void)state;
    run(&(line_spec){.period = 8, .bits = BITS, .jitter = 0.04, .noise = 0.016, .seed = 4}, 50,
        SD_INTERPOLATION_LINE);
}

/** The threshold at which a stretch begins is not that of the segment; from first to last it rises
    by more than the height of the eye. */
static void baseline_drift(void **state)
{
    (void)state;
    const line_spec spec = {
        .period = 2.6, .bits = BITS, .drift = 0.5, .amplitude = 0.4, .noise = 0.005, .seed = 5};
    line_signal *line = line_signal_new(&spec);
    record *r = record_new(line, 0, SD_INTERPOLATION_LINE);
    result all = assert_same_for_all_threads(r);
    assert_words(line, &all);
    result_free(&all);
    record_free(r);
    line_signal_free(line);
}

/** As much as the clock follows, too, when it begins with the level of the segment's middle. */
static void small_baseline_drift(void **state)
{
    (void)state;
    run(&(line_spec){.period = 2.6, .bits = BITS, .drift = 0.2, .offset = -0.1, .seed = 6}, 0,
        SD_INTERPOLATION_LINE);
}

/** Without signal before, on, and behind the border of two stretches, shorter and longer than what
    a clock reads before its stretch. */
static void dead(void **state)
{
    (void)state;
    static const struct {
        size_t from, bits;
        double level, ppm;
    } all[] = {
        {STRETCH - 3000, 6000, 0, 0}, {STRETCH - 100, 300, 0.4, 30},
        {STRETCH - 1900, 1800, 0, 0}, {STRETCH, 1000, -0.4, -30},
        {STRETCH - 64, 64, 0, 0},     {STRETCH - 5000, 3000, 0.02, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        const line_spec spec = {.period = 2.5 + 0.1 * (double)i,
                                .bits = FEWER_BITS,
                                .noise = 0.004,
                                .dead_from = all[i].from,
                                .dead_bits = all[i].bits,
                                .dead_level = all[i].level,
                                .seed = (guint32)(7 + i)};
        line_signal *line = line_signal_new(&spec);
        result r = read_right(line, all[i].ppm, SD_INTERPOLATION_LINE);
        assert_int_equal(r.gaps->len, 1);
        assert_int_equal(r.statistics.gaps, 1);
        assert_true(gap_at(&r, 0)->over);
        assert_float_equal(in_bits(line, gap_at(&r, 0)->from), (double)spec.dead_from, 40);
        assert_float_equal(in_bits(line, gap_at(&r, 0)->to),
                           (double)(spec.dead_from + spec.dead_bits), 40);
        result_free(&r);
        line_signal_free(line);
    }
}

/** Nothing for more than a whole stretch: whatever its bits are, they are the same. */
static void dead_stretch(void **state)
{
    (void)state;
    const line_spec spec = {.period = 2.5,
                            .bits = BITS,
                            .noise = 0.01,
                            .dead_from = STRETCH - 50000,
                            .dead_bits = STRETCH + 100000,
                            .seed = 14};
    line_signal *line = line_signal_new(&spec);
    record *r = record_new(line, 0, SD_INTERPOLATION_LINE);
    result all = assert_same_for_all_threads(r);
    assert_words(line, &all);
    assert_int_equal(all.gaps->len, 1);
    result_free(&all);
    record_free(r);
    line_signal_free(line);
}

/** The record begins without signal: for less than a stretch, and for more. */
static void begins_dead(void **state)
{
    (void)state;
    static const size_t bits[] = {5000, STRETCH + 40000};
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        const line_spec spec = {
            .period = 2.5, .bits = BITS, .dead_bits = bits[i], .seed = (guint32)(15 + i)};
        line_signal *line = line_signal_new(&spec);
        result all = read_right(line, 0, SD_INTERPOLATION_LINE);
        assert_float_equal(in_bits(line, all.statistics.first), (double)bits[i], 20000);
        result_free(&all);
        line_signal_free(line);
    }
}

/** And ends without: the gap is not over. */
static void ends_dead(void **state)
{
    (void)state;
    const line_spec spec = {.period = 2.5,
                            .bits = BITS,
                            .dead_from = 2 * STRETCH - 1000,
                            .dead_bits = BITS,
                            .seed = 17};
    line_signal *line = line_signal_new(&spec);
    record *r = record_new(line, 0, SD_INTERPOLATION_LINE);
    result all = assert_same_for_all_threads(r);
    assert_int_equal(all.gaps->len, 1);
    assert_false(gap_at(&all, 0)->over);
    assert_float_equal(in_bits(line, gap_at(&all, 0)->from), (double)spec.dead_from, 40);
    result_free(&all);
    record_free(r);
    line_signal_free(line);
}

/** The samples as codes of a kind, in memory that ends with the last one and is not aligned. */
static void set_codes(record *r, sd_stored_kind kind)
{
    const size_t count = r->line->count, size = sd_stored_size(kind);
    const bool is_unsigned = kind == SD_STORED_U16 || kind == SD_STORED_U8;
    const int32_t middle = !is_unsigned ? 0 : kind == SD_STORED_U8 ? 128 : 32768;
    uint8_t *codes = g_malloc(1 + count * size);
    for (size_t n = 0; n < count; n++) {
        const long code = CLAMP(lround((double)r->line->volts[n] * CODES), -128, 127) + middle;
        const uint16_t two = (uint16_t)code;
        if (size == 2)
            memcpy(codes + 1 + n * size, &two, sizeof two);
        else
            codes[1 + n] = (uint8_t)code;
    }
    g_free(r->codes);
    r->codes = codes;
    r->acquisition.source.stored = (sd_stored){
        .data = codes + 1, .kind = kind, .scale = 1.0F / CODES, .offset = -(float)middle / CODES};
}

/** Codes are read in memory and give what their volts give. */
static void codes(void **state)
{
    (void)state;
    const line_spec spec = {.period = 2.8,
                            .bits = BITS,
                            .noise = 0.01,
                            .jitter = 0.01,
                            .drift = 0.05,
                            .dead_from = STRETCH - 1000,
                            .dead_bits = 3000,
                            .seed = 18};
    line_signal *line = line_signal_new(&spec);
    for (sd_interpolation i = SD_INTERPOLATION_LINE; i <= SD_INTERPOLATION_SINC; i++) {
        record *r = record_new(line, 0, i);
        set_codes(r, SD_STORED_S8);
        result first = assert_same_for_all_threads(r);
        assert_words(line, &first);
        assert_bits(line, &first);
        for (sd_stored_kind kind = SD_STORED_S16; kind <= SD_STORED_U8; kind++) {
            set_codes(r, kind);
            result other = read_all(r, 3);
            assert_same(&first, &other);
            result_free(&other);
        }
        for (size_t n = 0; n < line->count; n++)
            line->volts[n] = sd_stored_volts(&r->acquisition.source.stored, (ptrdiff_t)n);
        record *volts = record_new(line, 0, i);
        result other = read_all(volts, 2);
        assert_same(&first, &other);
        result_free(&other);
        result_free(&first);
        record_free(volts);
        record_free(r);
    }
    line_signal_free(line);
}

/** What every version of the hot loops gives. */
static void every_cpu(void **state)
{
    (void)state;
    const line_spec spec = {.period = 3.3,
                            .bits = FEWER_BITS,
                            .noise = 0.02,
                            .jitter = 0.03,
                            .dead_from = STRETCH - 400,
                            .dead_bits = 900,
                            .seed = 19};
    line_signal *line = line_signal_new(&spec);
    for (sd_interpolation i = SD_INTERPOLATION_LINE; i <= SD_INTERPOLATION_SINC; i++) {
        record *r = record_new(line, 100, i);
        result best = read_all(r, 2);
        for (sd_cpu cpu = SD_CPU_C; cpu <= SD_CPU_BEST; cpu++) {
            result other = {.words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word)),
                            .gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap))};
            sd_stretches *s = sd_stretches_new(sd_simd_select(cpu), &r->acquisition, 1);
            uint64_t at;
            while (sd_stretches_next(s, other.words, other.gaps, &at) == SD_STRETCHES_MORE)
                ;
            other.statistics = sd_stretches_statistics(s);
            sd_stretches_free(s);
            assert_same(&best, &other);
            result_free(&other);
        }
        result_free(&best);
        record_free(r);
    }
    line_signal_free(line);
}

/** Records of less than a stretch; more threads than stretches. */
static void short_records(void **state)
{
    (void)state;
    static const size_t bits[] = {700, 3000, 40000};
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        line_signal *line =
            line_signal_new(&(line_spec){.period = 5, .bits = bits[i], .seed = (guint32)i});
        result all = read_right(line, 0, SD_INTERPOLATION_LINE);
        assert_int_equal(all.calls, 1);
        result_free(&all);
        line_signal_free(line);
    }
}

/** Whoever has seen enough may stop, while other threads still read. */
static void stop_early(void **state)
{
    (void)state;
    line_signal *line = line_signal_new(&(line_spec){.period = 2.5, .bits = BITS});
    record *r = record_new(line, 0, SD_INTERPOLATION_LINE);
    for (unsigned calls = 0; calls < 3; calls++) {
        GArray *words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
        GArray *gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap));
        uint64_t at;
        sd_stretches *s = sd_stretches_new(sd_simd_select(SD_CPU_BEST), &r->acquisition, 3);
        for (unsigned i = 0; i < calls; i++)
            sd_stretches_next(s, words, gaps, &at);
        /* all that was given out is in the figures but for the bits of a word to come */
        const uint64_t left = sd_stretches_statistics(s).bits - (uint64_t)words->len * SD_WORD_BITS;
        assert_true(left < SD_WORD_BITS);
        sd_stretches_free(s);
        g_array_free(words, TRUE);
        g_array_free(gaps, TRUE);
    }
    sd_stretches_free(NULL);
    record_free(r);
    line_signal_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_lines), cmocka_unit_test(sinc),
        cmocka_unit_test(deviation),      cmocka_unit_test(jitter),
        cmocka_unit_test(baseline_drift), cmocka_unit_test(small_baseline_drift),
        cmocka_unit_test(dead),           cmocka_unit_test(dead_stretch),
        cmocka_unit_test(begins_dead),    cmocka_unit_test(ends_dead),
        cmocka_unit_test(codes),          cmocka_unit_test(every_cpu),
        cmocka_unit_test(short_records),  cmocka_unit_test(stop_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
