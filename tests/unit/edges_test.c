/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of edges: interpolation, hysteresis, chattering, borders of blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "line_signal.h"
#include "signal/edges.h"

/** History that the blocks of these tests have. */
#define HISTORY 2048

/** Pushes a record in blocks of the given sizes, over and over, from a buffer that ends with the
    block, so that reading outside the block and its history is seen by a memory checker. */
static GArray *edges_in_blocks(const float *volts, size_t count, float threshold, float half,
                               const size_t *sizes, size_t number, sd_cpu cpu)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(double));
    sd_edges *edges = sd_edges_new(sd_simd_select(cpu), false);
    size_t at = 0;
    for (size_t i = 0; at < count; i++) {
        const size_t n = MIN(sizes[i % number], count - at);
        const size_t history = MIN(at, HISTORY);
        float *buffer = g_memdup2(volts + at - history, (history + n) * sizeof *volts);
        const sd_samples block = {.stored = sd_stored_as_volts(buffer + history),
                                  .first = (int64_t)at,
                                  .count = n,
                                  .history = history,
                                  .last = at + n == count};
        const guint before = found->len;
        sd_edges_push(edges, &block, threshold, half, found);
        g_free(buffer);
        at += n;
        /* complete in the new samples, so none lies behind them */
        for (guint k = before; k < found->len; k++)
            assert_true(g_array_index(found, double, k) <= (double)at);
    }
    sd_edges_free(edges);
    return found;
}

static GArray *edges_of(const float *volts, size_t count, float threshold, float half)
{
    return edges_in_blocks(volts, count, threshold, half, &count, 1, SD_CPU_BEST);
}

static double place(const GArray *edges, guint i)
{
    return g_array_index(edges, double, i);
}

static void assert_places(const float *volts, size_t count, float half, const double *expected,
                          guint number)
{
    GArray *edges = edges_of(volts, count, 0, half);
    assert_int_equal(edges->len, number);
    for (guint i = 0; i < number; i++)
        assert_float_equal(place(edges, i), expected[i], 4e-6);
    g_array_free(edges, TRUE);
}

static void interpolates_straight_lines(void **state)
{
    (void)state;
    static const float volts[] = {-1, -1, 3, 1, -1, -1, -0.5F, 1.5F, 2, -6};
    /* 1 + 1/4, 3 + 1/2, 6 + 1/4, 8 + 1/4 */
    static const double expected[] = {1.25, 3.5, 6.25, 8.25};
    assert_places(volts, G_N_ELEMENTS(volts), 0.25F, expected, 4);
}

static void crossing_over_several_samples(void **state)
{
    (void)state;
    /* slow edge: within the hysteresis for some samples */
    static const float volts[] = {-1, -0.3F, -0.1F, 0.1F, 0.3F, 1, 0.3F, 0.2F, -0.2F, -1};
    static const double expected[] = {2.5, 7.5};
    assert_places(volts, G_N_ELEMENTS(volts), 0.5F, expected, 2);
}

static void sample_on_the_threshold(void **state)
{
    (void)state;
    static const float volts[] = {-1, 0, 1, 1, 0, -1, -1, 0, 0, 1};
    GArray *edges = edges_of(volts, G_N_ELEMENTS(volts), 0, 0.5F);
    assert_int_equal(edges->len, 3);
    assert_float_equal(place(edges, 0), 1, 1e-5);
    assert_float_equal(place(edges, 1), 4, 1e-5);
    assert_in_range((uintmax_t)(place(edges, 2) * 1000), 7000, 8001);
    g_array_free(edges, TRUE);
}

/** The mean of first and last crossing. */
static void chattering(void **state)
{
    (void)state;
    static const float rising[] = {-1, -0.2F, 0.2F, -0.2F, 0.2F, -0.2F, 0.2F, 1};
    static const double middle[] = {(1.5 + 5.5) / 2};
    assert_places(rising, G_N_ELEMENTS(rising), 0.5F, middle, 1);

    static const float falling[] = {-1, 1, 0.1F, -0.1F, 0.3F, -0.1F, -1};
    static const double two[] = {0.5, (2.5 + 4.75) / 2};
    assert_places(falling, G_N_ELEMENTS(falling), 0.5F, two, 2);
}

/** A way that turns back inside the hysteresis is no edge. */
static void runt_is_no_edge(void **state)
{
    (void)state;
    static const float volts[] = {-1, -1, 0.4F, 0.4F, -1, -1, 1, 1, -0.4F, -0.49F, 1, -1};
    GArray *edges = edges_of(volts, G_N_ELEMENTS(volts), 0, 0.5F);
    assert_int_equal(edges->len, 2);
    assert_float_equal(place(edges, 0), 5.5, 1e-5);
    assert_float_equal(place(edges, 1), 10.5, 1e-5);
    g_array_free(edges, TRUE);

    /* exactly on the hysteresis is not beyond it */
    static const float on[] = {-1, 0.5F, -1, 1};
    edges = edges_of(on, G_N_ELEMENTS(on), 0, 0.5F);
    assert_int_equal(edges->len, 1);
    assert_float_equal(place(edges, 0), 2.5, 1e-5);
    g_array_free(edges, TRUE);
}

static void nothing_before_both_sides_were_seen(void **state)
{
    (void)state;
    static const float inside[] = {0.1F, -0.1F, 0.2F, -0.2F, 0};
    static const float one_side[] = {0.1F, -0.1F, 1, 0.1F, 1, -0.2F, 1};
    assert_places(inside, G_N_ELEMENTS(inside), 0.5F, NULL, 0);
    assert_places(one_side, G_N_ELEMENTS(one_side), 0.5F, NULL, 0);
}

static void threshold_is_used(void **state)
{
    (void)state;
    static const float volts[] = {0, 0, 4, 4, 0};
    for (float threshold = 1; threshold < 4; threshold += 0.5F) {
        GArray *edges = edges_of(volts, G_N_ELEMENTS(volts), threshold, 0.25F);
        assert_int_equal(edges->len, 2);
        assert_float_equal(place(edges, 0), 1 + (double)threshold / 4, 1e-5);
        assert_float_equal(place(edges, 1), 4 - (double)threshold / 4, 1e-5);
        g_array_free(edges, TRUE);
    }
}

/** Each edge of a clean line within a share of a unit interval; none missing, none too many. */
static void assert_line(const line_spec *spec, double most)
{
    line_signal *line = line_signal_new(spec);
    GArray *expected = line_edges(line);
    GArray *edges = edges_of(line->volts, line->count, (float)spec->offset, 0.08F);
    assert_int_equal(edges->len, expected->len);
    for (guint i = 0; i < edges->len; i++)
        assert_float_equal(place(edges, i), place(expected, i), most * spec->period);
    g_array_free(edges, TRUE);
    g_array_free(expected, TRUE);
    line_signal_free(line);
}

static void edges_of_a_line(void **state)
{
    (void)state;
    const struct {
        line_spec spec;
        double most; /* unit intervals */
    } lines[] = {
        /* the straight line between two samples is not the cosine of the edge */
        {{.period = 5, .bits = 5000, .phase = 1.7}, 0.03},
        {{.period = 12.3, .bits = 5000}, 0.01},
        {{.period = 200, .bits = 2000, .phase = 33, .rise = 0.3}, 0.0005},
        {{.period = 400, .bits = 1000, .offset = -1.2, .rise = 0.3}, 0.0005},
        {{.period = 200, .bits = 2000, .rise = 0.3, .jitter = 0.05}, 0.0005},
        {{.period = 200, .bits = 2000, .rise = 0.3, .noise = 0.01}, 0.03},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        assert_line(&lines[i].spec, lines[i].most);
}

/** The same edges wherever the record is cut. */
static void assert_same(const GArray *a, const GArray *b)
{
    assert_int_equal(a->len, b->len);
    for (guint i = 0; i < a->len; i++) {
        assert_true(g_array_index(a, double, i) == g_array_index(b, double, i));
    }
}

static void any_cut(void **state)
{
    (void)state;
    const line_spec spec = {.period = 37.3, .bits = 400, .noise = 0.05, .rise = 0.6};
    line_signal *line = line_signal_new(&spec);
    GArray *whole = edges_of(line->volts, line->count, 0, 0.16F);
    assert_true(whole->len > 150);
    static const size_t sizes[][3] = {{1, 1, 1},     {2, 3, 5},     {63, 64, 65},
                                      {1, 4096, 64}, {127, 1, 129}, {4097, 4095, 8192}};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (sd_cpu cpu = SD_CPU_C; cpu <= SD_CPU_BEST; cpu++) {
            GArray *cut = edges_in_blocks(line->volts, line->count, 0, 0.16F, sizes[i], 3, cpu);
            assert_same(cut, whole);
            g_array_free(cut, TRUE);
        }
    }
    g_array_free(whole, TRUE);
    line_signal_free(line);
}

/** One edge that chatters, with a cut before each of its samples. */
static void chattering_over_a_cut(void **state)
{
    (void)state;
    static const float volts[] = {-1, -1, -0.2F, 0.2F, -0.2F, 0.3F, 1, 1, 0.2F, -0.2F, 0.1F, -1};
    const size_t count = G_N_ELEMENTS(volts);
    GArray *whole = edges_of(volts, count, 0, 0.5F);
    assert_int_equal(whole->len, 2);
    assert_float_equal(place(whole, 0), (2.5 + 4.4) / 2, 1e-5);
    for (size_t at = 1; at < count; at++) {
        const size_t sizes[] = {at, count - at};
        GArray *cut = edges_in_blocks(volts, count, 0, 0.5F, sizes, 2, SD_CPU_BEST);
        assert_same(cut, whole);
        g_array_free(cut, TRUE);
    }
    g_array_free(whole, TRUE);
}

/** Noise inside the hysteresis makes no edge in a dead stretch. */
static void dead_stretch_has_no_edges(void **state)
{
    (void)state;
    const line_spec spec = {
        .period = 20, .bits = 3000, .noise = 0.01, .dead_from = 1000, .dead_bits = 1000};
    line_signal *line = line_signal_new(&spec);
    GArray *edges = edges_of(line->volts, line->count, 0, 0.08F);
    guint inside = 0, outside = 0;
    for (guint i = 0; i < edges->len; i++) {
        const double bit = place(edges, i) / spec.period;
        *(bit > 1001 && bit < 1950 ? &inside : &outside) += 1;
    }
    assert_int_equal(inside, 0);
    assert_true(outside > 800);
    g_array_free(edges, TRUE);
    line_signal_free(line);
}

/** Places keep their fraction at large sample numbers. */
static void far_into_a_segment(void **state)
{
    (void)state;
    static const float volts[] = {-1, -1, 3, 3};
    const int64_t first = G_GINT64_CONSTANT(4000000000001);
    sd_edges *edges = sd_edges_new(sd_simd_select(SD_CPU_BEST), false);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(double));
    const sd_samples block = {.stored = sd_stored_as_volts(volts), .first = first, .count = 4};
    sd_edges_push(edges, &block, 0, 0.5F, found);
    assert_int_equal(found->len, 1);
    assert_true(g_array_index(found, double, 0) == (double)(first + 1) + 0.25);
    g_array_free(found, TRUE);
    sd_edges_free(edges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interpolates_straight_lines),
        cmocka_unit_test(crossing_over_several_samples),
        cmocka_unit_test(sample_on_the_threshold),
        cmocka_unit_test(chattering),
        cmocka_unit_test(runt_is_no_edge),
        cmocka_unit_test(nothing_before_both_sides_were_seen),
        cmocka_unit_test(threshold_is_used),
        cmocka_unit_test(edges_of_a_line),
        cmocka_unit_test(any_cut),
        cmocka_unit_test(chattering_over_a_cut),
        cmocka_unit_test(dead_stretch_has_no_edges),
        cmocka_unit_test(far_into_a_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
