/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors at a constant distance, and errors that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>

#include "linecode/error_period.h"

#define PERIOD 10000.0

static void add(GArray *at, double samples)
{
    const sd_position position = sd_position_make(0, samples);
    g_array_append_val(at, position);
}

static bool find(const GArray *at, sd_error_period *period)
{
    return sd_error_period_find((const sd_position *)(const void *)at->data, at->len, period);
}

/** Errors in nearly every period, none, one or several, and not quite in place. */
static void periodic(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        GRand *random = g_rand_new_with_seed(seed);
        const double phase = g_rand_double_range(random, 0, PERIOD);
        const unsigned periods = (unsigned)g_rand_int_range(random, 20, 500);
        const double missed = seed % 2 ? 0.2 : 0;
        const unsigned burst = seed % 3 ? 1 : 4;
        GArray *at = g_array_new(FALSE, FALSE, sizeof(sd_position));
        unsigned hit = 0;
        for (unsigned n = 0; n < periods; n++) {
            if (g_rand_double(random) < missed)
                continue;
            hit++;
            double place = phase + n * PERIOD;
            for (unsigned i = 0; i < burst; i++) {
                place += g_rand_double_range(random, 1, 0.05 * PERIOD);
                add(at, place);
            }
        }
        sd_error_period period;
        if (!find(at, &period))
            fail_msg("seed %u: no period found", seed);
        assert_float_equal(period.period, PERIOD, PERIOD * 0.01);
        assert_int_equal(period.hit, hit);
        assert_in_range(period.spared, 0, periods - hit);
        g_array_free(at, TRUE);
        g_rand_free(random);
    }
}

static void at_random(void **state)
{
    (void)state;
    unsigned found = 0;
    for (unsigned seed = 0; seed < 2000; seed++) {
        GRand *random = g_rand_new_with_seed(seed);
        const unsigned count = (unsigned)g_rand_int_range(random, 1, 100);
        GArray *at = g_array_new(FALSE, FALSE, sizeof(sd_position));
        double place = 0;
        for (unsigned i = 0; i < count; i++)
            add(at, place += g_rand_double_range(random, 1, 2 * PERIOD));
        sd_error_period period;
        found += find(at, &period);
        g_array_free(at, TRUE);
        g_rand_free(random);
    }
    assert_in_range(found, 0, 2);
}

static void too_few(void **state)
{
    (void)state;
    GArray *at = g_array_new(FALSE, FALSE, sizeof(sd_position));
    sd_error_period period;
    for (unsigned n = 0; n < 8; n++) {
        assert_false(find(at, &period));
        add(at, 500 + n * PERIOD);
    }
    assert_true(find(at, &period));
    g_array_set_size(at, 0);
    for (unsigned i = 0; i < 100; i++) /* all in one place */
        add(at, 500);
    assert_false(find(at, &period));
    g_array_free(at, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periodic),
        cmocka_unit_test(at_random),
        cmocka_unit_test(too_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
