/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every version of every function of simd.h against plain C, and how fast each is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <float.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#include "simd/simd.h"

/** Words compared at most. */
#define WORDS 67
/** Guard words on either side of an output. */
#define GUARDS 8
#define GUARD  UINT64_C(0xA5C35A3C96695AA5)

/** Values that comparisons may get wrong, beside the levels themselves. */
static const float edge_values[] = {
    0.0F,
    -0.0F,
    INFINITY,
    -INFINITY,
    NAN,
    FLT_MAX,
    -FLT_MAX,
    FLT_MIN,
    -FLT_MIN,
    1e-45F,
    -1e-45F /* subnormal */,
    1.0F,
    -1.0F,
    0x1.fffffep-1F,
};

static const struct {
    float low, high;
} levels[] = {
    {-0.25F, 0.25F},
    {0, 0},
    {-0.0F, 0.0F},
    {1, 1},
    {0.5F, -0.5F}, /* both can be true */
    {-INFINITY, INFINITY},
    {INFINITY, -INFINITY},
    {NAN, NAN},
    {-FLT_MAX, FLT_MAX},
    {-1e-45F, 1e-45F},
    {0.1F, 0.7F},
};

/** What simd.h says, one sample at a time. */
static void expect(const float *volts, size_t words, float low, float high, uint64_t *below,
                   uint64_t *above)
{
    for (size_t n = 0; n < words * SD_COMPARE_SAMPLES; n++) {
        const size_t w = n / SD_COMPARE_SAMPLES;
        const uint64_t bit = UINT64_C(1) << n % SD_COMPARE_SAMPLES;
        below[w] = volts[n] < low ? below[w] | bit : below[w] & ~bit;
        above[w] = volts[n] > high ? above[w] | bit : above[w] & ~bit;
    }
}

typedef struct {
    uint64_t words[GUARDS + WORDS + GUARDS];
} guarded;

static void set_guards(guarded *g)
{
    for (size_t i = 0; i < G_N_ELEMENTS(g->words); i++)
        g->words[i] = GUARD;
}

static void assert_guards(const guarded *g, size_t words)
{
    for (size_t i = 0; i < G_N_ELEMENTS(g->words); i++) {
        if (i < GUARDS || i >= GUARDS + words)
            assert_true(g->words[i] == GUARD);
    }
}

static void assert_compare(const sd_simd *version, const float *volts, size_t words, float low,
                           float high)
{
    uint64_t below[WORDS] = {0}, above[WORDS] = {0};
    static guarded b, a;
    set_guards(&b);
    set_guards(&a);
    expect(volts, words, low, high, below, above);
    version->compare(volts, words, low, high, b.words + GUARDS, a.words + GUARDS);
    for (size_t w = 0; w < words; w++) {
        if (b.words[GUARDS + w] != below[w] || a.words[GUARDS + w] != above[w])
            fail_msg("%s, levels %g and %g, word %zu of %zu: below %016llx not %016llx, above "
                     "%016llx not %016llx",
                     version->name, (double)low, (double)high, w, words,
                     (unsigned long long)b.words[GUARDS + w], (unsigned long long)below[w],
                     (unsigned long long)a.words[GUARDS + w], (unsigned long long)above[w]);
    }
    assert_guards(&b, words);
    assert_guards(&a, words);
}

/** Random samples around the levels, with edge values strewn in. */
static void fill(float *volts, size_t count, float low, float high, GRand *rand)
{
    for (size_t i = 0; i < count; i++) {
        const gint32 choice = g_rand_int_range(rand, 0, 8);
        if (choice == 0)
            volts[i] = edge_values[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(edge_values))];
        else if (choice == 1)
            volts[i] = g_rand_boolean(rand) ? low : high;
        else if (choice == 2)
            volts[i] = nextafterf(g_rand_boolean(rand) ? low : high,
                                  g_rand_boolean(rand) ? INFINITY : -INFINITY);
        else
            volts[i] = (float)g_rand_double_range(rand, -1, 1);
    }
}

/** The state is the cpu. Gives its version, or skips. */
static const sd_simd *version_of(void **state)
{
    const sd_simd *version = sd_simd_exact(*(const sd_cpu *)*state);
    if (version == NULL)
        skip();
    return version;
}

/** All lengths at all levels, at each alignment within a vector, in memory that ends with the last
    sample so that a memory checker sees what is read beyond it. */
static void compare(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(20);
    for (size_t l = 0; l < G_N_ELEMENTS(levels); l++) {
        for (size_t words = 0; words <= WORDS; words++) {
            const size_t count = words * SD_COMPARE_SAMPLES;
            const size_t shift = (words + l) % 16;
            float *volts = g_new(float, shift + count + (shift + count == 0));
            fill(volts, shift + count, levels[l].low, levels[l].high, rand);
            assert_compare(version, volts + shift, words, levels[l].low, levels[l].high);
            g_free(volts);
        }
    }
    g_rand_free(rand);
}

/** Any alignment: that of a float, too. */
static void compare_unaligned(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(21);
    enum { COUNT = 3 * SD_COMPARE_SAMPLES };
    float volts[COUNT + 16];
    for (size_t shift = 0; shift < 16; shift++) {
        fill(volts, COUNT + 16, -0.25F, 0.25F, rand);
        assert_compare(version, volts + shift, 3, -0.25F, 0.25F);
    }
    g_rand_free(rand);
}

/** Each bit alone: a lane in the wrong place is seen. */
static void compare_each_bit(void **state)
{
    const sd_simd *version = version_of(state);
    float volts[2 * SD_COMPARE_SAMPLES] = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(volts); i++) {
        uint64_t below[2], above[2];
        volts[i] = -1;
        version->compare(volts, 2, -0.5F, 0.5F, below, above);
        assert_true(below[i / 64] == UINT64_C(1) << i % 64 && below[!(i / 64)] == 0);
        assert_true(above[0] == 0 && above[1] == 0);
        volts[i] = 1;
        version->compare(volts, 2, -0.5F, 0.5F, below, above);
        assert_true(above[i / 64] == UINT64_C(1) << i % 64 && above[!(i / 64)] == 0);
        assert_true(below[0] == 0 && below[1] == 0);
        volts[i] = 0;
    }
}

/** Edge values against edge values, all pairs. */
static void compare_edge_values(void **state)
{
    const sd_simd *version = version_of(state);
    float volts[SD_COMPARE_SAMPLES] = {0};
    memcpy(volts, edge_values, sizeof edge_values);
    for (size_t l = 0; l < G_N_ELEMENTS(edge_values); l++) {
        for (size_t h = 0; h < G_N_ELEMENTS(edge_values); h++)
            assert_compare(version, volts, 1, edge_values[l], edge_values[h]);
    }
}

/** The names of cpu.h, in its order; what is chosen is never above the limit. */
static void selection(void **state)
{
    (void)state;
    static const char *const names[] = {"c", "sse4.1", "avx2", "avx512"};
    assert_non_null(sd_simd_exact(SD_CPU_C));
    for (sd_cpu limit = SD_CPU_C; limit <= SD_CPU_BEST; limit++) {
        sd_cpu parsed = SD_CPU_BEST, chosen = SD_CPU_BEST;
        assert_true(sd_cpu_parse(names[limit], &parsed));
        assert_int_equal(parsed, limit);
        const sd_simd *version = sd_simd_select(limit);
        assert_non_null(version);
        assert_true(sd_cpu_parse(version->name, &chosen));
        assert_true(chosen <= limit);
        assert_string_equal(sd_cpu_used(limit), version->name);
        const sd_simd *exact = sd_simd_exact(limit);
        if (exact != NULL) {
            assert_ptr_equal(version, exact);
            assert_string_equal(exact->name, names[limit]);
        }
    }
    sd_cpu untouched = SD_CPU_AVX2;
    assert_false(sd_cpu_parse("", &untouched));
    assert_false(sd_cpu_parse("AVX2 ", &untouched));
    assert_false(sd_cpu_parse("mmx", &untouched));
    assert_int_equal(untouched, SD_CPU_AVX2);
}

/** Prints samples per second. */
static void speed(void **state)
{
    const sd_simd *version = version_of(state);
    enum { SPEED_WORDS = 256, ROUNDS = 4000 };
    float *volts = g_new(float, SPEED_WORDS *SD_COMPARE_SAMPLES);
    static uint64_t below[SPEED_WORDS], above[SPEED_WORDS];
    for (size_t i = 0; i < SPEED_WORDS * SD_COMPARE_SAMPLES; i++)
        volts[i] = (float)sin((double)i);
    uint64_t sum = 0;
    const gint64 begin = g_get_monotonic_time();
    for (unsigned i = 0; i < ROUNDS; i++) {
        version->compare(volts, SPEED_WORDS, -0.5F, 0.5F, below, above);
        sum += below[i % SPEED_WORDS] & above[i % SPEED_WORDS];
    }
    const double us = (double)(g_get_monotonic_time() - begin);
    assert_true(sum == 0); /* no sample is both */
    print_message("%s: %.0f million samples per second\n", version->name,
                  (double)SPEED_WORDS * SD_COMPARE_SAMPLES * ROUNDS / us);
    g_free(volts);
}

#define EACH(function, cpu)                                                                        \
    {                                                                                              \
        .name = #function "/" #cpu, .test_func = function, .initial_state = &cpus[cpu]             \
    }
#define ALL(cpu)                                                                                   \
    EACH(compare, cpu), EACH(compare_unaligned, cpu), EACH(compare_each_bit, cpu),                 \
        EACH(compare_edge_values, cpu), EACH(speed, cpu)

int main(void)
{
    static sd_cpu cpus[] = {SD_CPU_C, SD_CPU_SSE41, SD_CPU_AVX2, SD_CPU_AVX512};
    const struct CMUnitTest tests[] = {
        ALL(SD_CPU_C),      ALL(SD_CPU_SSE41),           ALL(SD_CPU_AVX2),
        ALL(SD_CPU_AVX512), cmocka_unit_test(selection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
