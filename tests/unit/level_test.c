/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Levels, threshold and noise of a line, and of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "line_signal.h"
#include "signal/level.h"

#define WINDOW 2048

/** Levels of a line, and the middle that it was made with. */
static sd_level level_of(const line_spec *spec)
{
    line_signal *line = line_signal_new(spec);
    const sd_level level = sd_level_estimate(line->volts, line->count, WINDOW);
    line_signal_free(line);
    return level;
}

/** Levels lie within @p share of the amplitude from the true ones. */
static void assert_levels(const sd_level *level, const line_spec *spec, double share)
{
    const double amplitude = line_amplitude(spec), most = share * amplitude;
    assert_true(level->present);
    assert_float_equal(level->low, spec->offset - amplitude / 2, most);
    assert_float_equal(level->high, spec->offset + amplitude / 2, most);
    assert_float_equal(level->threshold, spec->offset, most);
    assert_true(level->threshold > level->low && level->threshold < level->high);
    assert_true(level->hysteresis > 0);
    assert_true(level->hysteresis < amplitude / 2);
}

static void clean_line(void **state)
{
    (void)state;
    static const line_spec specs[] = {
        {.period = 200, .bits = 2000, .rise = 0.3},
        {.period = 200, .bits = 2000, .rise = 0.3, .offset = 1.3},
        {.period = 200, .bits = 2000, .rise = 0.3, .offset = -25, .amplitude = 0.1},
        {.period = 20, .bits = 20000, .rise = 0.3, .amplitude = 1e-3},
        {.period = 20, .bits = 20000, .rise = 0.3, .amplitude = 400},
        {.period = 5, .bits = 20000, .rise = 0.5},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++) {
        const sd_level level = level_of(&specs[i]);
        assert_levels(&level, &specs[i], 0.02);
        assert_true(level.noise < 0.02 * line_amplitude(&specs[i]));
    }
}

/** At few samples per bit the swing of single bits is smaller; the threshold is what counts. */
static void threshold_at_few_samples_per_bit(void **state)
{
    (void)state;
    for (guint32 seed = 0; seed < 8; seed++) {
        const line_spec spec = {
            .period = 2.5 + 0.37 * seed, .bits = 20000, .rise = 1, .offset = 0.2, .seed = seed};
        const sd_level level = level_of(&spec);
        assert_true(level.present);
        assert_float_equal(level.threshold, 0.2, 0.02);
        assert_true(level.high - level.low > 0.5);
    }
}

static void noise_is_measured(void **state)
{
    (void)state;
    static const double shares[] = {0.005, 0.01, 0.02, 0.05};
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
        const line_spec spec = {.period = 100,
                                .bits = 4000,
                                .rise = 0.3,
                                .offset = 0.4,
                                .noise = shares[i] * 0.8,
                                .seed = (guint32)i};
        const sd_level level = level_of(&spec);
        assert_levels(&level, &spec, 0.03);
        assert_float_equal(level.noise / spec.noise, 1, 0.25);
        /* a sample that noise alone puts beyond the hysteresis must be rare */
        assert_true(level.hysteresis > 2 * spec.noise);
    }
}

static void dead_stretch_does_not_hide_the_signal(void **state)
{
    (void)state;
    /* 90 % of the record rests at some level; -1.3 V from the middle: the driver is off */
    static const double rest[] = {0, 0.4, -0.4, 0.1, -1.3};
    for (size_t i = 0; i < G_N_ELEMENTS(rest); i++) {
        const line_spec spec = {.period = 20,
                                .bits = 60000,
                                .rise = 0.3,
                                .noise = 0.004,
                                .offset = 1.3,
                                .dead_from = 3000,
                                .dead_bits = 54000,
                                .dead_level = rest[i]};
        const sd_level level = level_of(&spec);
        if (fabs((double)level.low - 0.9) > 0.03 || fabs((double)level.high - 1.7) > 0.03)
            fail_msg("rest at %g V: levels %g V and %g V, not 0.9 V and 1.7 V",
                     spec.offset + rest[i], (double)level.low, (double)level.high);
        assert_levels(&level, &spec, 0.04);
    }
}

static void constant_is_no_signal(void **state)
{
    (void)state;
    static const float values[] = {0, 1.5F, -0.25F, 1e-30F, 3e30F};
    float volts[5000];
    for (size_t v = 0; v < G_N_ELEMENTS(values); v++) {
        for (size_t i = 0; i < G_N_ELEMENTS(volts); i++)
            volts[i] = values[v];
        static const size_t counts[] = {1, 2, WINDOW, 5000};
        for (size_t c = 0; c < G_N_ELEMENTS(counts); c++) {
            const sd_level level = sd_level_estimate(volts, counts[c], WINDOW);
            assert_false(level.present);
            assert_float_equal(level.threshold, values[v], 0);
        }
    }
    assert_false(sd_level_estimate(volts, 0, WINDOW).present);
}

/** Two codes of the converter, one apart: a signal, however small. */
static void smallest_signal(void **state)
{
    (void)state;
    float volts[4 * WINDOW];
    for (size_t i = 0; i < G_N_ELEMENTS(volts); i++)
        volts[i] = (float)(0.001 * (double)(i / 20 % 2));
    const sd_level level = sd_level_estimate(volts, G_N_ELEMENTS(volts), WINDOW);
    assert_true(level.present);
    assert_float_equal(level.low, 0, 1e-5);
    assert_float_equal(level.high, 0.001, 1e-5);
}

static void any_window_and_count(void **state)
{
    (void)state;
    const line_spec spec = {.period = 20, .bits = 2000, .rise = 0.3, .offset = 0.7};
    line_signal *line = line_signal_new(&spec);
    static const size_t windows[] = {500, 999, 4096, 40000, 1000000};
    for (size_t i = 0; i < G_N_ELEMENTS(windows); i++) {
        const sd_level level = sd_level_estimate(line->volts, line->count - i, windows[i]);
        assert_levels(&level, &spec, 0.02);
    }
    line_signal_free(line);
}

/** Single samples far outside, as of a discharge near the probe, must not move the levels. */
static void outliers(double volts, size_t number)
{
    const line_spec spec = {.period = 20, .bits = 20000, .rise = 0.3, .noise = 0.004};
    line_signal *line = line_signal_new(&spec);
    for (size_t i = 0; i < number; i++)
        line->volts[(i + 1) * line->count / (number + 1)] = (float)volts;
    const sd_level level = sd_level_estimate(line->volts, line->count, WINDOW);
    line_signal_free(line);
    if (fabs(level.low + 0.4) > 0.02 || fabs(level.high - 0.4) > 0.02)
        fail_msg("%zu samples of %g V in 400000: levels %g V and %g V, not -0.4 V and 0.4 V",
                 number, volts, (double)level.low, (double)level.high);
    assert_levels(&level, &spec, 0.025);
}

static void small_outliers(void **state)
{
    (void)state;
    outliers(0.7, 20);
    outliers(-0.7, 20);
}

static void one_large_outlier(void **state)
{
    (void)state;
    outliers(2, 1);
    outliers(-2, 1);
    outliers(8, 1);
}

static void several_large_outliers(void **state)
{
    (void)state;
    outliers(2, 5);
    outliers(-8, 20);
}

static void one_huge_outlier(void **state)
{
    (void)state;
    outliers(1e6, 1);
    outliers(-1e30, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_line),
        cmocka_unit_test(threshold_at_few_samples_per_bit),
        cmocka_unit_test(noise_is_measured),
        cmocka_unit_test(dead_stretch_does_not_hide_the_signal),
        cmocka_unit_test(constant_is_no_signal),
        cmocka_unit_test(smallest_signal),
        cmocka_unit_test(any_window_and_count),
        cmocka_unit_test(small_outliers),
        cmocka_unit_test(one_large_outlier),
        cmocka_unit_test(several_large_outliers),
        cmocka_unit_test(one_huge_outlier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
