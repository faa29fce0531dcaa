/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The baud from edges: each nominal one, with deviation and jitter; and lines that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "line_signal.h"
#include "signal/baud.h"
#include "signal/edges.h"

/** 1000BASE-X and SGMII, 2500BASE-X, QSGMII. */
static const double nominals[] = {1.25e9, 3.125e9, 5e9};
#define NOMINALS G_N_ELEMENTS(nominals)

static sd_baud estimate(const GArray *edges, double sample_rate)
{
    return sd_baud_estimate((const double *)(const void *)edges->data, edges->len, sample_rate,
                            nominals, NOMINALS);
}

/** What is found from the true edges of a line of @p baud. */
static sd_baud baud_of(double baud, double sample_rate, double jitter, size_t bits, guint32 seed)
{
    const line_spec spec = {
        .period = sample_rate / baud, .bits = bits, .jitter = jitter, .seed = seed, .phase = 0.3};
    line_signal *line = line_signal_new(&spec);
    GArray *edges = line_edges(line);
    const sd_baud found = estimate(edges, sample_rate);
    g_array_free(edges, TRUE);
    line_signal_free(line);
    return found;
}

static void assert_found(const sd_baud *found, double nominal, double baud, double most_ppm)
{
    if (!found->found || found->nominal != nominal)
        fail_msg("%.10g Bd: found %d, nominal %g, fit %g", baud, found->found, found->nominal,
                 found->fit);
    assert_float_equal((found->measured / baud - 1) * 1e6, 0, most_ppm);
    assert_true(found->fit > 0 && found->fit <= 1.0000001);
}

static void each_nominal_baud(void **state)
{
    (void)state;
    static const double ppm[] = {-500, -300, -100, 0, 20, 100, 333, 500};
    static const double ratios[] = {2.5, 3.7, 5, 40, 200, 400};
    for (size_t n = 0; n < NOMINALS; n++) {
        for (size_t p = 0; p < G_N_ELEMENTS(ppm); p++) {
            for (size_t r = 0; r < G_N_ELEMENTS(ratios); r++) {
                const double baud = nominals[n] * (1 + ppm[p] * 1e-6);
                const sd_baud found =
                    baud_of(baud, nominals[n] * ratios[r], 0, 3000, (guint32)(p * 10 + r));
                assert_found(&found, nominals[n], baud, 2);
                assert_true(found.fit > 0.95);
                /* over a tenth of the distances of a random line are one unit interval */
                assert_float_equal(found.shortest * baud, 1, 0.01);
            }
        }
    }
}

static void jitter(void **state)
{
    (void)state;
    static const double ui[] = {0.02, 0.05, 0.1};
    for (size_t n = 0; n < NOMINALS; n++) {
        for (size_t j = 0; j < G_N_ELEMENTS(ui); j++) {
            for (guint32 seed = 0; seed < 10; seed++) {
                const double baud = nominals[n] * (1 + ((double)seed - 5) * 1e-4);
                const sd_baud found = baud_of(baud, 1e12, ui[j], 4000, seed);
                assert_found(&found, nominals[n], baud, 40);
                /* the mean of cos(2 pi x) for normally distributed x */
                const double fit = exp(-2 * G_PI * G_PI * ui[j] * ui[j]);
                assert_float_equal(found.fit, fit, 0.05);
            }
        }
    }
}

/** The edges as they come from samples. */
static sd_baud baud_of_samples(const float *volts, size_t count, double sample_rate, float half)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(double));
    sd_edges *finder = sd_edges_new(sd_simd_select(SD_CPU_BEST), false);
    const sd_samples block = {.stored = sd_stored_as_volts(volts), .count = count, .last = true};
    sd_edges_push(finder, &block, 0, half, edges);
    const sd_baud found = estimate(edges, sample_rate);
    sd_edges_free(finder);
    g_array_free(edges, TRUE);
    return found;
}

static void sampled_line(void **state)
{
    (void)state;
    static const double ratios[] = {2.5, 3.3, 5, 8, 20.1, 200};
    for (size_t n = 0; n < NOMINALS; n++) {
        for (size_t r = 0; r < G_N_ELEMENTS(ratios); r++) {
            const double baud = nominals[n] * (1 + 77e-6);
            const line_spec spec = {
                .period = ratios[r], .bits = 4000, .noise = 0.01, .seed = (guint32)r};
            line_signal *line = line_signal_new(&spec);
            const sd_baud found =
                baud_of_samples(line->volts, line->count, ratios[r] * baud, 0.08F);
            assert_found(&found, nominals[n], baud, 40);
            line_signal_free(line);
        }
    }
}

/** The baud asked for is the only one: a user may give any. */
static void any_baud_asked_for(void **state)
{
    (void)state;
    static const double bauds[] = {1e9, 2.5e9, 10.3125e9};
    for (size_t i = 0; i < G_N_ELEMENTS(bauds); i++) {
        const line_spec spec = {.period = 50, .bits = 3000};
        line_signal *line = line_signal_new(&spec);
        GArray *edges = line_edges(line);
        const double rate = bauds[i] * 50;
        const double *places = (const double *)(const void *)edges->data;
        sd_baud found = sd_baud_estimate(places, edges->len, rate, &bauds[i], 1);
        assert_found(&found, bauds[i], bauds[i], 2);
        found = estimate(edges, rate);
        if (found.found)
            fail_msg("%g Bd taken for %g Bd", bauds[i], found.nominal);
        assert_float_equal(found.shortest * bauds[i], 1, 0.01);
        g_array_free(edges, TRUE);
        line_signal_free(line);
    }
}

static void few_edges(void **state)
{
    (void)state;
    const line_spec spec = {.period = 200, .bits = 400};
    line_signal *line = line_signal_new(&spec);
    GArray *edges = line_edges(line);
    assert_true(edges->len > 64);
    const double *places = (const double *)(const void *)edges->data;
    for (size_t count = 0; count < 64; count++)
        assert_false(sd_baud_estimate(places, count, 1e12, nominals, NOMINALS).found);
    const sd_baud found = sd_baud_estimate(places, 64, 1e12, nominals, NOMINALS);
    assert_true(found.found);
    assert_true(found.nominal == 5e9);
    assert_float_equal(found.measured / 5e9, 1, 500e-6);
    g_array_free(edges, TRUE);
    line_signal_free(line);
}

/** Edges at random places lie on no unit interval. */
static void random_edges(void **state)
{
    (void)state;
    for (guint32 seed = 0; seed < 40; seed++) {
        GRand *rand = g_rand_new_with_seed(seed);
        GArray *edges = g_array_new(FALSE, FALSE, sizeof(double));
        double at = 0;
        for (unsigned i = 0; i < 4096; i++) {
            at += 100 - 300 * log(1 - g_rand_double(rand));
            g_array_append_val(edges, at);
        }
        const sd_baud found = estimate(edges, 1e12);
        assert_false(found.found);
        assert_true(found.shortest > 100e-12);
        assert_true(found.shortest < 300e-12);
        g_array_free(edges, TRUE);
        g_rand_free(rand);
    }
}

/** Samples that are noise alone, white and band-limited. */
static void noise_is_no_line(void **state)
{
    (void)state;
    static const double rates[] = {12.5e9, 25e9, 40e9, 1e12};
    static const unsigned widths[] = {1, 3, 10};
    enum { COUNT = 40000 };
    float *volts = g_new(float, COUNT);
    for (guint32 seed = 0; seed < 4; seed++) {
        for (size_t w = 0; w < G_N_ELEMENTS(widths); w++) {
            GRand *rand = g_rand_new_with_seed(seed);
            double smooth = 0;
            for (unsigned i = 0; i < COUNT; i++) {
                smooth += (normal(rand) - smooth) / widths[w];
                volts[i] = (float)smooth;
            }
            g_rand_free(rand);
            for (size_t r = 0; r < G_N_ELEMENTS(rates); r++) {
                const sd_baud found = baud_of_samples(volts, COUNT, rates[r], 0.1F);
                if (found.found)
                    fail_msg("noise over %u samples at %g S/s taken for %g Bd, fit %g", widths[w],
                             rates[r], found.nominal, found.fit);
            }
        }
    }
    g_free(volts);
}

/** A sine crosses every half period. Only where that is one unit interval may it pass for a line:
    then its edges do lie on the unit intervals. */
static void sine(void **state)
{
    (void)state;
    static const struct {
        double hertz, nominal; /* 0: none */
    } sines[] = {
        {25e6, 0},    {100e6, 0}, {125e6, 0},          {156.25e6, 0}, {200e6, 0},
        {312.5e6, 0}, {500e6, 0}, {625e6, 1.25e9},     {1.0e9, 0},    {1.25e9, 0},
        {1.4e9, 0},   {2e9, 0},   {1.5625e9, 3.125e9}, {2.5e9, 5e9},  {3e9, 0},
    };
    enum { COUNT = 400000 };
    float *volts = g_new(float, COUNT);
    for (size_t s = 0; s < G_N_ELEMENTS(sines); s++) {
        for (unsigned i = 0; i < COUNT; i++)
            volts[i] = (float)(0.4 * sin(2 * G_PI * sines[s].hertz * i / 100e9 + 0.3));
        const sd_baud found = baud_of_samples(volts, COUNT, 100e9, 0.08F);
        if (found.found && found.nominal != sines[s].nominal)
            fail_msg("a sine of %g Hz taken for %g Bd, fit %g", sines[s].hertz, found.nominal,
                     found.fit);
        assert_float_equal(found.shortest * sines[s].hertz, 0.5, 0.01);
    }
    g_free(volts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_nominal_baud), cmocka_unit_test(jitter),
        cmocka_unit_test(sampled_line),      cmocka_unit_test(any_baud_asked_for),
        cmocka_unit_test(few_edges),         cmocka_unit_test(random_edges),
        cmocka_unit_test(noise_is_no_line),  cmocka_unit_test(sine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
