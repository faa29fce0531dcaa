/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two legs as one signal: their skew is found and taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "line_signal.h"
#include "signal/legs.h"

#define RATE   25e9
#define PERIOD 5.0 /* samples per unit interval: 5 GBd */
#define BITS   20000
#define REACH  2.4e-9
#define COMMON 0.3 /* volts on both legs */

/** A pair of float channels of one segment. */
typedef struct {
    line_signal *line[2];
    sd_segment segment[2];
    sd_channel channel[2];
} pair;

static void set_channel(pair *p, unsigned leg, double interval)
{
    p->segment[leg] =
        (sd_segment){.data = (const uint8_t *)p->line[leg]->volts, .count = p->line[leg]->count};
    p->channel[leg] = (sd_channel){.type = SD_SAMPLE_F32,
                                   .stride = sizeof(float),
                                   .scale = 1,
                                   .interval = interval,
                                   .segments = 1,
                                   .segment = &p->segment[leg]};
}

/** Legs that are each other's opposite; the second comes @p delay samples later. */
static pair *new_pair(line_spec spec, double delay)
{
    pair *p = g_new0(pair, 1);
    for (unsigned leg = 0; leg < 2; leg++) {
        p->line[leg] = line_signal_new(&spec);
        spec.phase += delay;
    }
    p->line[1]->count = MIN(p->line[0]->count, p->line[1]->count);
    for (size_t i = 0; i < p->line[0]->count; i++)
        p->line[0]->volts[i] += (float)COMMON;
    for (size_t i = 0; i < p->line[1]->count; i++)
        p->line[1]->volts[i] = (float)COMMON - p->line[1]->volts[i];
    set_channel(p, 0, 1 / RATE);
    set_channel(p, 1, 1 / RATE);
    return p;
}

static void free_pair(pair *p)
{
    line_signal_free(p->line[0]);
    line_signal_free(p->line[1]);
    g_free(p);
}

/** The line with room for a delay to either side. */
static line_spec usual_line(void)
{
    return (line_spec){.period = PERIOD, .bits = BITS, .phase = 100, .seed = 5};
}

/** Most that the signal differs from twice the positive leg, over samples [from, to). */
static double worst(const sd_legs *legs, const pair *p, size_t from, size_t to)
{
    float *volts = g_new(float, to - from);
    sd_legs_read(legs, 0, from, to - from, volts);
    double most = 0;
    for (size_t i = from; i < to; i++) {
        const double wanted = 2 * ((double)p->line[0]->volts[i] - COMMON);
        most = MAX(most, fabs((double)volts[i - from] - wanted));
    }
    g_free(volts);
    return most;
}

static void skews(void **state)
{
    (void)state;
    static const double delays[] = {0, 0.25, -0.5, 3, 7.4, -13.77, 31.1, -47.5, 55.9};
    for (size_t i = 0; i < G_N_ELEMENTS(delays); i++) {
        pair *p = new_pair(usual_line(), delays[i]);
        const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
        assert_true(legs.found);
        assert_true(legs.likeness > 0.99);
        assert_float_equal(legs.skew, delays[i], 0.03);
        assert_float_equal(legs.sum, 2 * COMMON, 0.01);
        const size_t count = (size_t)sd_legs_count(&legs, 0);
        assert_int_equal(count, MIN(p->line[0]->count, p->line[1]->count));
        /* of 0.8 V, with the edges interpolated; at the ends as well */
        assert_true(worst(&legs, p, 0, count) < 0.05);
        free_pair(p);
    }
}

static void skew_under_noise(void **state)
{
    (void)state;
    line_spec spec = usual_line();
    pair *p = new_pair(spec, 4.6);
    GRand *rand = g_rand_new_with_seed(8);
    for (unsigned leg = 0; leg < 2; leg++) {
        for (size_t i = 0; i < p->line[leg]->count; i++)
            p->line[leg]->volts[i] += (float)(0.08 * normal(rand));
    }
    g_rand_free(rand);
    const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
    assert_true(legs.found);
    assert_float_equal(legs.skew, 4.6, 0.1);
    free_pair(p);
}

/** Samples that lie closer than the grid of the search. */
static void many_samples_per_bit(void **state)
{
    (void)state;
    const line_spec spec = {.period = 200, .bits = 2000, .phase = 3000, .seed = 2};
    static const double delays[] = {0, 17.3, -612, 1900};
    for (size_t i = 0; i < G_N_ELEMENTS(delays); i++) {
        pair *p = new_pair(spec, delays[i]);
        set_channel(p, 0, 1e-12);
        set_channel(p, 1, 1e-12);
        const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
        assert_true(legs.found);
        assert_float_equal(legs.skew, delays[i], 1);
        free_pair(p);
    }
}

/** A signal that looks the same every two bits: no delay is nearer than two bits. */
static void steady_pattern(void **state)
{
    (void)state;
    static const double delays[] = {0, 1.5, -3};
    for (size_t d = 0; d < G_N_ELEMENTS(delays); d++) {
        pair *p = new_pair(usual_line(), 0);
        for (size_t i = 0; i < p->line[0]->count; i++) {
            const double at = G_PI * (double)i / PERIOD, later = G_PI * delays[d] / PERIOD;
            p->line[0]->volts[i] = (float)(0.4 * sin(at));
            p->line[1]->volts[i] = (float)(-0.4 * sin(at - later));
        }
        const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
        assert_true(legs.found);
        assert_float_equal(legs.skew, delays[d], 0.05);
        free_pair(p);
    }
}

static void no_pair(void **state)
{
    (void)state;
    pair *p = new_pair(usual_line(), 0);
    line_spec other = usual_line();
    other.seed = 77;
    line_signal_free(p->line[1]);
    p->line[1] = line_signal_new(&other);
    set_channel(p, 1, 1 / RATE);
    sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
    assert_false(legs.found);
    assert_true(legs.skew == 0);
    assert_true(legs.likeness < 0.5);
    /* the same leg twice is the worst of all pairs */
    legs = sd_legs_new(&p->channel[0], &p->channel[0], REACH);
    assert_false(legs.found);
    /* and two dead ones tell nothing */
    memset(p->line[0]->volts, 0, p->line[0]->count * sizeof(float));
    legs = sd_legs_new(&p->channel[0], &p->channel[0], REACH);
    assert_false(legs.found);
    assert_true(legs.skew == 0);
    free_pair(p);
}

static void a_single_leg(void **state)
{
    (void)state;
    pair *p = new_pair(usual_line(), 0);
    const sd_legs legs = sd_legs_new(&p->channel[0], NULL, REACH);
    assert_false(legs.found);
    assert_int_equal(sd_legs_count(&legs, 0), p->line[0]->count);
    float volts[100];
    sd_legs_read(&legs, 0, 500, 100, volts);
    assert_memory_equal(volts, p->line[0]->volts + 500, sizeof volts);
    free_pair(p);
}

/** The segments of the legs begin at different times after the trigger. */
static void starts(void **state)
{
    (void)state;
    static const double leads[] = {40, 12.5, -25.25, 4000, -3000.75};
    for (size_t i = 0; i < G_N_ELEMENTS(leads); i++) {
        /* the record of the second leg begins so many samples earlier */
        line_spec spec = usual_line();
        spec.phase += 4000;
        pair *p = new_pair(spec, leads[i] + 2.2);
        p->segment[0].start = 1e-6;
        p->segment[1].start = 1e-6 - leads[i] / RATE;
        const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
        assert_true(legs.found);
        assert_float_equal(legs.skew, 2.2, 0.03);
        const size_t count = (size_t)sd_legs_count(&legs, 0);
        assert_true(count > 90000);
        assert_true(count <= p->line[0]->count);
        assert_true(worst(&legs, p, 0, count) < 0.05);
        free_pair(p);
    }
}

static void no_time_in_common(void **state)
{
    (void)state;
    pair *p = new_pair(usual_line(), 0);
    const sd_legs legs = {.positive = &p->channel[0], .negative = &p->channel[1]};
    static const double distances[] = {1, -1, 1e300, -1e300, INFINITY, NAN};
    for (size_t i = 0; i < G_N_ELEMENTS(distances); i++) {
        p->segment[1].start = distances[i];
        assert_int_equal(sd_legs_count(&legs, 0), 0);
    }
    p->segment[1].start = 0;
    assert_int_equal(sd_legs_count(&legs, 0), MIN(p->line[0]->count, p->line[1]->count));
    free_pair(p);
}

/** Blocks of any size give the same samples as one. */
static void pieces(void **state)
{
    (void)state;
    pair *p = new_pair(usual_line(), -9.3);
    const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], REACH);
    const size_t count = 20000;
    float *whole = g_new(float, count), *parts = g_new(float, count);
    sd_legs_read(&legs, 0, 0, count, whole);
    for (size_t done = 0, n = 1; done < count; done += n, n = n * 2 + 1) {
        n = MIN(n, count - done);
        sd_legs_read(&legs, 0, done, n, parts + done);
    }
    assert_memory_equal(parts, whole, count * sizeof *whole);
    g_free(whole);
    g_free(parts);
    free_pair(p);
}

/** Records of a few samples, and sample rates and reaches that cannot be. */
static void extremes(void **state)
{
    (void)state;
    pair *p = new_pair(usual_line(), 0);
    static const double intervals[] = {1e-300, 1e-15, 1, 1e300};
    static const double reaches[] = {0, REACH, 1, 1e300};
    static const uint64_t counts[] = {1, 2, 3, 5, 1000, 50000};
    for (size_t i = 0; i < G_N_ELEMENTS(intervals); i++) {
        for (size_t r = 0; r < G_N_ELEMENTS(reaches); r++) {
            for (size_t c = 0; c < G_N_ELEMENTS(counts); c++) {
                p->channel[0].interval = p->channel[1].interval = intervals[i];
                p->segment[0].count = p->segment[1].count = counts[c];
                const sd_legs legs = sd_legs_new(&p->channel[0], &p->channel[1], reaches[r]);
                const size_t count = (size_t)sd_legs_count(&legs, 0);
                assert_int_equal(count, counts[c]);
                assert_true(isfinite(legs.skew));
                float *volts = g_new(float, count);
                sd_legs_read(&legs, 0, 0, count, volts);
                for (size_t k = 0; k < count; k++)
                    assert_true(isfinite(volts[k]));
                g_free(volts);
            }
        }
    }
    free_pair(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skews),          cmocka_unit_test(skew_under_noise),
        cmocka_unit_test(steady_pattern), cmocka_unit_test(many_samples_per_bit),
        cmocka_unit_test(no_pair),        cmocka_unit_test(a_single_leg),
        cmocka_unit_test(starts),         cmocka_unit_test(no_time_in_common),
        cmocka_unit_test(pieces),         cmocka_unit_test(extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
