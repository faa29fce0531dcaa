/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every version of every function of simd.h against what it is to give and, bit for bit, against
   plain C; and how fast each is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <float.h>
#include <glib.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "simd/simd.h"

/** All lengths up to this one are tried. */
#define MOST 300
/** Mask words at most. */
#define WORDS 19
/** Bytes on either side of an output, and what they hold. */
#define GUARD_BYTES 64
#define GUARD       0xA5
/** Outputs of a function at most. */
#define OUTPUTS 3

/** Values that floats may get wrong. */
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
    const char *name;
    size_t size;
    int32_t first, last; /* codes */
} kinds[SD_STORED_KINDS] = {
    [SD_STORED_F32] = {"f32", 4, 0, 0},     [SD_STORED_S16] = {"s16", 2, -32768, 32767},
    [SD_STORED_U16] = {"u16", 2, 0, 65535}, [SD_STORED_S8] = {"s8", 1, -128, 127},
    [SD_STORED_U8] = {"u8", 1, 0, 255},
};

/* --- what all tests need ---------------------------------------------------------------------- */

/** The state is the cpu. Gives its version, or skips. */
static const sd_simd *version_of(void **state)
{
    const sd_simd *version = sd_simd_exact(*(const sd_cpu *)*state);
    if (version == NULL)
        skip();
    return version;
}

static const sd_simd *plain(void)
{
    return sd_simd_exact(SD_CPU_C);
}

/** Memory that ends with its last byte, so that a memory checker sees what is read beyond it; what
    is used begins @p shift bytes after its beginning. */
typedef struct {
    uint8_t *memory, *data;
} input;

static input input_new(size_t bytes, size_t shift)
{
    uint8_t *memory = g_malloc0(MAX(shift + bytes, 1));
    return (input){memory, memory + shift};
}

static float *floats_of(const input *in)
{
    return (float *)(void *)in->data;
}

/** Room for an output, with guards before and behind it. */
typedef struct {
    uint8_t *memory;
    size_t bytes;
} output;

static output output_new(size_t bytes)
{
    const output out = {g_malloc(bytes + 2 * (size_t)GUARD_BYTES), bytes};
    memset(out.memory, GUARD, bytes + 2 * (size_t)GUARD_BYTES);
    return out;
}

static void *data_of(const output *out)
{
    return out->memory + GUARD_BYTES;
}

static float float_at(const output *out, size_t i)
{
    return ((const float *)data_of(out))[i];
}

static void output_free(output *out)
{
    for (size_t i = 0; i < GUARD_BYTES; i++) {
        assert_int_equal(out->memory[i], GUARD);
        assert_int_equal(out->memory[GUARD_BYTES + out->bytes + i], GUARD);
    }
    g_free(out->memory);
}

/** To the last bit; but which not-a-number comes out of two of them is nobody's business. */
static bool same_float(float a, float b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static void assert_same_floats(const sd_simd *version, const char *what, const output *found,
                               const output *wanted)
{
    for (size_t i = 0; i < wanted->bytes / sizeof(float); i++) {
        if (!same_float(float_at(found, i), float_at(wanted, i)))
            fail_msg("%s, %s, %zu values: value %zu is %a, not %a", version->name, what,
                     wanted->bytes / sizeof(float), i, (double)float_at(found, i),
                     (double)float_at(wanted, i));
    }
}

/* Floats are added, subtracted, multiplied, and divided as doubles and then rounded, which gives
   the same, and no compiler makes one operation of two. */

static float sum_of(float a, float b)
{
    return (float)((double)a + (double)b);
}

static float product_of(float a, float b)
{
    return (float)((double)a * (double)b);
}

static float any_float(GRand *rand)
{
    if (g_rand_int_range(rand, 0, 8) == 0)
        return edge_values[g_rand_int_range(rand, 0, (gint32)G_N_ELEMENTS(edge_values))];
    return (float)g_rand_double_range(rand, -1, 1);
}

/* --- samples ---------------------------------------------------------------------------------- */

/** A sample as it stands: the code, or volts. */
static double sample_at(sd_stored_kind kind, const uint8_t *data, ptrdiff_t i)
{
    const uint8_t *from = data + i * (ptrdiff_t)kinds[kind].size;
    float volts;
    uint16_t code = *from;
    if (kind == SD_STORED_F32) {
        memcpy(&volts, from, sizeof volts);
        return (double)volts;
    }
    if (kinds[kind].size == 2)
        memcpy(&code, from, sizeof code);
    return code <= kinds[kind].last ? code : code - 2 * (kinds[kind].last + 1);
}

static void put_sample(sd_stored_kind kind, uint8_t *data, size_t i, double value)
{
    const float volts = (float)value;
    const uint16_t code = kind == SD_STORED_F32 ? 0 : (uint16_t)(int32_t)value;
    uint8_t *to = data + i * kinds[kind].size;
    if (kind == SD_STORED_F32)
        memcpy(to, &volts, sizeof volts);
    else if (kinds[kind].size == 2)
        memcpy(to, &code, sizeof code);
    else
        *to = (uint8_t)code;
}

static int32_t any_code(sd_stored_kind kind, GRand *rand)
{
    const int32_t first = kinds[kind].first, last = kinds[kind].last;
    switch (g_rand_int_range(rand, 0, 8)) {
    case 0:
        return first + g_rand_int_range(rand, 0, 2);
    case 1:
        return last - g_rand_int_range(rand, 0, 2);
    case 2:
        return (first + last) / 2 + g_rand_int_range(rand, 0, 3) - 1;
    default:
        return g_rand_int_range(rand, first, last + 1);
    }
}

/** The levels as samples would say them: below, above, over. */
typedef struct {
    double level[3];
} sample_levels;

static sd_levels levels_from(sd_stored_kind kind, const sample_levels *l)
{
    if (kind == SD_STORED_F32)
        return (sd_levels){.low = (float)l->level[0],
                           .high = (float)l->level[1],
                           .middle = (float)l->level[2],
                           /* nobody looks at these */
                           .low_code = 1,
                           .high_code = -1};
    return (sd_levels){.low = NAN,
                       .high = NAN,
                       .middle = NAN,
                       .low_code = (int32_t)l->level[0],
                       .high_code = (int32_t)l->level[1],
                       .middle_code = (int32_t)l->level[2]};
}

static sample_levels any_levels(sd_stored_kind kind, GRand *rand)
{
    sample_levels l;
    for (size_t i = 0; i < G_N_ELEMENTS(l.level); i++)
        l.level[i] = kind == SD_STORED_F32 ? (double)any_float(rand) : any_code(kind, rand);
    return l;
}

/** Random samples, with many on the levels and just beside them. */
static void fill_samples(sd_stored_kind kind, uint8_t *data, size_t count, const sample_levels *l,
                         GRand *rand)
{
    for (size_t i = 0; i < count; i++) {
        const double level = l->level[g_rand_int_range(rand, 0, 3)];
        const int aside = g_rand_int_range(rand, -1, 2);
        double value = kind == SD_STORED_F32 ? (double)any_float(rand) : any_code(kind, rand);
        if (g_rand_boolean(rand) && kind == SD_STORED_F32)
            value = aside == 0 ? level : (double)nextafterf((float)level, aside * INFINITY);
        else if (g_rand_boolean(rand) && kind != SD_STORED_F32)
            value = CLAMP(level + aside, kinds[kind].first, kinds[kind].last);
        put_sample(kind, data, i, value);
    }
}

/* --- comparisons ------------------------------------------------------------------------------ */

static void assert_sides(const sd_simd *version, sd_stored_kind kind, const uint8_t *data,
                         size_t words, const sample_levels *l)
{
    static const char *const names[OUTPUTS] = {"below", "above", "over"};
    const sd_levels levels = levels_from(kind, l);
    output out[OUTPUTS];
    for (size_t k = 0; k < OUTPUTS; k++)
        out[k] = output_new(words * sizeof(uint64_t));
    version->sides[kind](data, words, &levels, data_of(&out[0]), data_of(&out[1]),
                         data_of(&out[2]));
    for (size_t i = 0; i < words * SD_MASK_SAMPLES; i++) {
        const double sample = sample_at(kind, data, (ptrdiff_t)i);
        const bool wanted[OUTPUTS] = {sample<l->level[0], sample> l->level[1],
                                      sample > l->level[2]};
        for (size_t k = 0; k < OUTPUTS; k++) {
            const uint64_t *mask = data_of(&out[k]);
            if ((mask[i / SD_MASK_SAMPLES] >> i % SD_MASK_SAMPLES & 1) != wanted[k])
                fail_msg("%s, %s: sample %zu of %zu words is %g, and %s of %g is %d", version->name,
                         kinds[kind].name, i, words, sample, names[k], l->level[k], !wanted[k]);
        }
    }
    for (size_t k = 0; k < OUTPUTS; k++)
        output_free(&out[k]);
}

/** All lengths at each alignment, those of no sample's size too. */
static void sides(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(20);
    for (sd_stored_kind kind = 0; kind < SD_STORED_KINDS; kind++) {
        for (size_t words = 0; words <= WORDS; words++) {
            for (size_t shift = words % 3; shift < 64; shift += 3) {
                const size_t count = words * SD_MASK_SAMPLES;
                const input in = input_new(count * kinds[kind].size, shift);
                const sample_levels l = any_levels(kind, rand);
                fill_samples(kind, in.data, count, &l, rand);
                assert_sides(version, kind, in.data, words, &l);
                g_free(in.memory);
            }
        }
    }
    g_rand_free(rand);
}

/** Each sample alone: one in the wrong place is seen. */
static void sides_each_alone(void **state)
{
    const sd_simd *version = version_of(state);
    enum { COUNT = 2 * SD_MASK_SAMPLES };
    for (sd_stored_kind kind = 0; kind < SD_STORED_KINDS; kind++) {
        const input in = input_new(COUNT * kinds[kind].size, 0);
        const sample_levels l = {{99, 101, 100}};
        for (size_t i = 0; i < COUNT; i++)
            put_sample(kind, in.data, i, 100);
        for (size_t i = 0; i < COUNT; i++) {
            for (int value = 98; value <= 102; value++) {
                put_sample(kind, in.data, i, value);
                assert_sides(version, kind, in.data, 2, &l);
            }
            put_sample(kind, in.data, i, 100);
        }
        g_free(in.memory);
    }
}

/** Every 8-bit code against every level, and edge values of floats against each other. */
static void sides_edge_values(void **state)
{
    const sd_simd *version = version_of(state);
    for (sd_stored_kind kind = SD_STORED_S8; kind <= SD_STORED_U8; kind++) {
        const input in = input_new(256, 0);
        for (size_t i = 0; i < 256; i++)
            in.data[i] = (uint8_t)i;
        for (int32_t code = kinds[kind].first; code <= kinds[kind].last; code++)
            assert_sides(version, kind, in.data, 4, &(sample_levels){{code, code, code}});
        g_free(in.memory);
    }
    float volts[SD_MASK_SAMPLES] = {0};
    memcpy(volts, edge_values, sizeof edge_values);
    for (size_t i = 0; i < G_N_ELEMENTS(edge_values); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(edge_values); k++) {
            const double a = (double)edge_values[i], b = (double)edge_values[k];
            assert_sides(version, SD_STORED_F32, (const uint8_t *)volts, 1,
                         &(sample_levels){{a, b, a}});
        }
    }
}

static float volts_of(const sd_stored *samples, ptrdiff_t i)
{
    const float value = (float)sample_at(samples->kind, samples->data, i);
    if (samples->kind == SD_STORED_F32)
        return value;
    return sum_of(product_of(value, samples->scale), samples->offset);
}

/** A code stands to its code as its volts to the level; but where all codes lie on one side, the
    outermost one may not say so. */
static void assert_levels(const sd_stored *samples, float low, float high, float middle,
                          int32_t step)
{
    const sd_levels l = sd_levels_make(samples, low, high, middle);
    const int32_t first = kinds[samples->kind].first, last = kinds[samples->kind].last;
    assert_in_range(l.low_code - first, 0, last - first);
    assert_in_range(l.high_code - first, 0, last - first);
    assert_in_range(l.middle_code - first, 0, last - first);
    const float lowest = sum_of(product_of((float)first, samples->scale), samples->offset);
    const float highest = sum_of(product_of((float)last, samples->scale), samples->offset);
    for (int32_t code = first; code <= last; code += code > last - step ? 1 : step) {
        const bool beyond_low = code == last && highest < low;
        const bool beyond_high = code == first && lowest > high;
        const bool beyond_middle = code == first && lowest > middle;
        const float volts = sum_of(product_of((float)code, samples->scale), samples->offset);
        const bool wrong[] = {(code < l.low_code) != (volts < low) && !beyond_low,
                              (code > l.high_code) != (volts > high) && !beyond_high,
                              (code > l.middle_code) != (volts > middle) && !beyond_middle};
        for (size_t k = 0; k < G_N_ELEMENTS(wrong); k++) {
            if (wrong[k])
                fail_msg("%s, scale %g, offset %g: code %d, %g V, levels %g, %g, %g V are codes "
                         "%d, %d, %d",
                         kinds[samples->kind].name, (double)samples->scale, (double)samples->offset,
                         code, (double)volts, (double)low, (double)high, (double)middle, l.low_code,
                         l.high_code, l.middle_code);
        }
    }
}

static void levels_of_codes(void **state)
{
    (void)state;
    static const struct {
        float scale, offset;
    } volts[] = {{1, 0},
                 {0.01F, 0},
                 {0.0078125F, -1},
                 {3.1e-5F, 0.7F},
                 {1e-7F, 1e3F} /* many codes of the same volts */,
                 {1e30F, -1e33F},
                 {1e-40F, 0}};
    GRand *rand = g_rand_new_with_seed(22);
    for (sd_stored_kind kind = SD_STORED_S16; kind < SD_STORED_KINDS; kind++) {
        for (size_t v = 0; v < G_N_ELEMENTS(volts); v++) {
            const sd_stored samples = {
                .kind = kind, .scale = volts[v].scale, .offset = volts[v].offset};
            for (int round = 0; round < 60; round++) {
                float level[3];
                for (size_t i = 0; i < 3; i++) {
                    /* halves, so that a level lies on a code or between two; some beyond all */
                    const double code = any_code(kind, rand) * 1.02 + 0.5 * (round % 3 - 1);
                    level[i] = (float)(rint(2 * code) / 2 * (double)samples.scale +
                                       (double)samples.offset);
                    if (round >= 50)
                        level[i] = any_float(rand);
                }
                assert_levels(&samples, level[0], level[1], level[2],
                              kinds[kind].size == 1 ? 1 : 37);
            }
            /* on every code near the ends and in the middle */
            for (int i = 0; i < 3; i++) {
                const int32_t place[] = {kinds[kind].first,
                                         (kinds[kind].first + kinds[kind].last) / 2,
                                         kinds[kind].last};
                const float on = sum_of(product_of((float)place[i], samples.scale), samples.offset);
                assert_levels(&samples, on, on, on, 1);
                assert_levels(&samples, nextafterf(on, INFINITY), nextafterf(on, INFINITY),
                              nextafterf(on, -INFINITY), 1);
                assert_levels(&samples, nextafterf(on, -INFINITY), nextafterf(on, -INFINITY),
                              nextafterf(on, INFINITY), 1);
            }
        }
    }
    g_rand_free(rand);
}

/* --- samples at places ------------------------------------------------------------------------ */

static void assert_points(const sd_simd *version, const sd_stored *samples, const input *index,
                          size_t count, GRand *rand)
{
    const int32_t *at = (const int32_t *)(const void *)index->data;
    const size_t room = count + SD_MIDDLES_SPARE;
    const input in = input_new(room * sizeof(float), count % 16 * sizeof(float));
    float *fraction = floats_of(&in);
    for (size_t i = 0; i < room; i++)
        fraction[i] = (float)g_rand_double(rand);
    output found = output_new(room * sizeof(float)), c = output_new(room * sizeof(float));
    version->points[samples->kind](samples, at, fraction, count, data_of(&found));
    plain()->points[samples->kind](samples, at, fraction, count, data_of(&c));
    assert_memory_equal(data_of(&found), data_of(&c), count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        const float a = volts_of(samples, at[i]), b = volts_of(samples, at[i] + 1);
        const float point = sum_of(a, product_of(sum_of(b, -a), fraction[i]));
        assert_true(same_float(float_at(&found, i), point));
    }
    output_free(&found);
    output_free(&c);
    g_free(in.memory);
}

static void assert_crossings(const sd_simd *version, const sd_stored *samples, const input *index,
                             size_t count, float threshold, double base)
{
    const int32_t *at = (const int32_t *)(const void *)index->data;
    output found = output_new(count * sizeof(double)), c = output_new(count * sizeof(double));
    version->crossings[samples->kind](samples, at, count, threshold, base, data_of(&found));
    plain()->crossings[samples->kind](samples, at, count, threshold, base, data_of(&c));
    for (size_t i = 0; i < count; i++) {
        const float a = volts_of(samples, at[i]), b = volts_of(samples, at[i] + 1);
        const double way = (double)sum_of(threshold, -a) / (double)sum_of(b, -a);
        const double wanted = (base + at[i]) + (double)(float)way;
        const double place = ((const double *)data_of(&found))[i];
        const double place_c = ((const double *)data_of(&c))[i];
        if (isnan(wanted) ? !isnan(place) : memcmp(&place, &wanted, sizeof place) != 0)
            fail_msg("%s, crossings of %s: %zu of %zu is at %a, not at %a", version->name,
                     kinds[samples->kind].name, i, count, place, wanted);
        assert_true(isnan(wanted) ? isnan(place_c) : place == place_c);
        assert_true(same_float(sd_stored_volts(samples, at[i]), a));
    }
    output_free(&found);
    output_free(&c);
}

/** Lines between any two floats, infinite ones and no numbers among them. */
static void crossings_of_any_floats(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(24);
    for (size_t count = 0; count <= MOST; count++) {
        const input in = input_new((count + 1) * sizeof(float), count % 16 * sizeof(float));
        const input index = input_new(count * sizeof(int32_t), count % 8 * sizeof(int32_t));
        const sd_stored samples = sd_stored_from(
            &(sd_stored){.data = in.data, .kind = SD_STORED_F32, .scale = 1}, count / 2);
        for (size_t i = 0; i <= count; i++)
            floats_of(&in)[i] = any_float(rand);
        for (size_t i = 0; i < count; i++)
            ((int32_t *)(void *)index.data)[i] = (int32_t)i - (int32_t)(count / 2);
        assert_crossings(version, &samples, &index, count, count % 7 == 0 ? any_float(rand) : 0.1F,
                         count % 3 == 0 ? 0 : (double)g_rand_int(rand) * 1000);
        g_free(in.memory);
        g_free(index.memory);
    }
    g_rand_free(rand);
}

/** Samples from anywhere, before number 0 too; those at both ends of memory are always taken. */
static void points_and_crossings(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(23);
    enum { SAMPLES = 100 };
    for (sd_stored_kind kind = 0; kind < SD_STORED_KINDS; kind++) {
        for (size_t count = 0; count <= MOST; count++) {
            /* floats are volts in memory of our own, and aligned */
            const size_t shift = kind == SD_STORED_F32 ? count % 16 * sizeof(float) : count % 16;
            const input in = input_new(SAMPLES * kinds[kind].size, shift);
            const input index = input_new(count * sizeof(int32_t), count % 8 * sizeof(int32_t));
            const int32_t before = g_rand_int_range(rand, 0, SAMPLES);
            const sd_stored samples = {.data = in.data + (size_t)before * kinds[kind].size,
                                       .kind = kind,
                                       .scale = kind == SD_STORED_F32 ? 1 : 0.0123F,
                                       .offset = kind == SD_STORED_F32 ? 0 : -0.77F};
            const sample_levels l = any_levels(kind, rand);
            fill_samples(kind, in.data, SAMPLES, &l, rand);
            for (size_t i = 0; i < count; i++) {
                int32_t at = g_rand_int_range(rand, 0, SAMPLES - 1);
                at = i == 0 ? 0 : i == count - 1 ? SAMPLES - 2 : at;
                ((int32_t *)(void *)index.data)[i] = at - before;
            }
            assert_points(version, &samples, &index, count, rand);
            assert_crossings(version, &samples, &index, count,
                             count % 7 == 0 ? any_float(rand) : 0.1F,
                             count % 3 == 0 ? 0 : (double)g_rand_int(rand) * 1000);
            g_free(in.memory);
            g_free(index.memory);
        }
    }
    g_rand_free(rand);
}

/** Runs of many lengths, empty ones among them, before sample 0 and behind it. */
static void middles(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(26);
    for (size_t runs = 0; runs <= 40; runs++) {
        const input in = input_new(runs * sizeof(sd_bit_run), 0);
        sd_bit_run *run = (sd_bit_run *)(void *)in.data;
        const double base = g_rand_int_range(rand, 0, 5000);
        size_t count = 0;
        for (size_t i = 0; i < runs; i++) {
            run[i] = (sd_bit_run){.middle = g_rand_double_range(rand, -base, 1 << 22),
                                  .step = g_rand_double_range(rand, 2, 130),
                                  .count = (unsigned)g_rand_int_range(rand, 0, 41)};
            if (i % 4 == 0)
                run[i].middle = -base; /* the first one that may be */
            count += run[i].count;
        }
        const size_t room = count + SD_MIDDLES_SPARE;
        output index = output_new(room * sizeof(int32_t));
        output fraction = output_new(room * sizeof(float));
        output c_index = output_new(room * sizeof(int32_t));
        output c_fraction = output_new(room * sizeof(float));
        version->middles(run, runs, base, data_of(&index), data_of(&fraction));
        plain()->middles(run, runs, base, data_of(&c_index), data_of(&c_fraction));
        assert_memory_equal(data_of(&fraction), data_of(&c_fraction), count * sizeof(float));
        assert_memory_equal(data_of(&index), data_of(&c_index), count * sizeof(int32_t));
        const int32_t *at = data_of(&index);
        for (size_t r = 0, i = 0; r < runs; r++) {
            for (unsigned k = 0; k < run[r].count; k++, i++) {
                const double middle = run[r].middle + k * run[r].step;
                assert_true(float_at(&fraction, i) >= 0 && float_at(&fraction, i) <= 1);
                assert_true(at[i] >= -(int32_t)base);
                const double off = fabs(at[i] + (double)float_at(&fraction, i) - middle);
                assert_true(off <= 1e-6 + (1 + k * run[r].step) * 0x1p-22);
            }
        }
        output_free(&index);
        output_free(&fraction);
        output_free(&c_index);
        output_free(&c_fraction);
        g_free(in.memory);
    }
    g_rand_free(rand);
}

/** Random taps: whichever are taken is seen. */
static void sincs(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(27);
    enum { SAMPLES = 100, BEFORE = SD_SINC_TAPS / 2 - 1, BEHIND = SD_SINC_TAPS / 2 };
    static float taps[SD_SINC_PLACES][SD_SINC_TAPS];
    for (size_t p = 0; p < SD_SINC_PLACES; p++) {
        for (size_t k = 0; k < SD_SINC_TAPS; k++)
            taps[p][k] = (float)g_rand_double_range(rand, -1, 1);
    }
    for (size_t count = 0; count <= MOST; count++) {
        const size_t shift = count % 16 * sizeof(float);
        const input in = input_new(SAMPLES * sizeof(float), shift);
        const input index = input_new(count * sizeof(int32_t), shift);
        const input fraction = input_new(count * sizeof(float), shift);
        const int32_t zero = g_rand_int_range(rand, 0, SAMPLES);
        const float *volts = floats_of(&in) + zero;
        int32_t *at = (int32_t *)(void *)index.data;
        for (size_t i = 0; i < SAMPLES; i++)
            floats_of(&in)[i] =
                count % 5 == 0 ? any_float(rand) : (float)g_rand_double_range(rand, -1, 1);
        for (size_t i = 0; i < count; i++) {
            const int32_t most = SAMPLES - 1 - BEHIND;
            at[i] = g_rand_int_range(rand, BEFORE, most + 1);
            at[i] = (i == 0 ? BEFORE : i == count - 1 ? most : at[i]) - zero;
            floats_of(&fraction)[i] = i % 11 == 0 ? (float)(i % 2) : (float)g_rand_double(rand);
        }
        output found = output_new(count * sizeof(float)), c = output_new(count * sizeof(float));
        version->sincs(volts, at, floats_of(&fraction), count, (const float(*)[SD_SINC_TAPS])taps,
                       data_of(&found));
        plain()->sincs(volts, at, floats_of(&fraction), count, (const float(*)[SD_SINC_TAPS])taps,
                       data_of(&c));
        assert_same_floats(version, "sincs", &found, &c);
        for (size_t i = 0; i < count; i++) {
            const long place = lround((double)floats_of(&fraction)[i] * (SD_SINC_PLACES - 1));
            double wanted = 0, all = 0;
            for (size_t k = 0; k < SD_SINC_TAPS; k++) {
                const double part =
                    (double)taps[place][k] * (double)volts[at[i] - BEFORE + (ptrdiff_t)k];
                wanted += part;
                all += fabs(part);
            }
            if (all < (double)FLT_MAX / 2)
                assert_true(fabs((double)float_at(&found, i) - wanted) <= 1e-6 * all + 1e-44);
        }
        output_free(&found);
        output_free(&c);
        g_free(in.memory);
        g_free(index.memory);
        g_free(fraction.memory);
    }
    g_rand_free(rand);
}

/* --- phases ----------------------------------------------------------------------------------- */

static void offsets(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(28);
    for (size_t count = 0; count <= MOST; count++) {
        const input in = input_new(count * sizeof(double), count % 8 * sizeof(double));
        double *place = (double *)(void *)in.data;
        const double origin = g_rand_double_range(rand, 0, 1e10), scale = 1 / 5.001;
        for (size_t i = 0; i < count; i++)
            place[i] = (origin + g_rand_double_range(rand, 0, 512)) / scale;
        output found = output_new(count * sizeof(float));
        version->offsets(place, count, scale, origin, data_of(&found));
        for (size_t i = 0; i < count; i++)
            assert_true(float_at(&found, i) == (float)(place[i] * scale - origin));
        output_free(&found);
        g_free(in.memory);
    }
    g_rand_free(rand);
}

/** Places in order; many windows have none, some a great many. Infinity stands behind them. */
static size_t fill_offsets(float *place, size_t most, float first, double end, double step,
                           GRand *rand)
{
    size_t count = 0;
    for (double at = (double)first + g_rand_double_range(rand, 0, step); at < end && count < most;
         at += g_rand_double_range(rand, 0, 2 * step))
        place[count++] = (float)at;
    for (size_t i = 0; i < SD_PHASORS_SPARE; i++)
        place[count + i] = INFINITY;
    return count;
}

/** What the phasors of the edges of a window add up to, by the library; returns how many. */
static size_t true_phasor(const float *place, size_t at, size_t count, size_t window,
                          const sd_phase_clock *clock, double *re, double *im)
{
    const double end = (double)clock->first + (double)(window + 1) * (double)clock->window;
    size_t edges = 0;
    *re = *im = 0;
    for (; at + edges < count && (double)place[at + edges] < end; edges++) {
        /* from the middle of the window, in windows */
        const double x = (double)place[at + edges];
        const double aside = (x - end) / (double)clock->window + 0.5;
        const double kind = (at + edges) % 2 == 0 ? -(double)clock->kind : (double)clock->kind;
        const double turn = 2 * G_PI * (x - (double)clock->slope * aside + kind);
        *re += cos(turn);
        *im += sin(turn);
    }
    return edges;
}

static void phasors(void **state)
{
    static const double steps[] = {0.3, 1, 1.7, 5, 40};
    enum { WINDOWS = SD_PHASE_WINDOWS, EDGES = 1500 };
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(32);
    for (unsigned round = 0; round < 500; round++) {
        const size_t windows = round % (WINDOWS + 1);
        const sd_phase_clock clock = {
            .first = (float)(32 * g_rand_int_range(rand, 0, 20)),
            .window = round % 2 == 0 ? 32 : 16,
            .slope = round % 3 == 0 ? 0 : (float)g_rand_double_range(rand, -0.2, 0.2),
            .kind = round % 4 == 0 ? 0 : (float)g_rand_double_range(rand, -0.25, 0.25),
            .sparse = g_rand_boolean(rand),
        };
        float place[EDGES + SD_PHASORS_SPARE];
        const double end = (double)clock.first + (WINDOWS + 2) * (double)clock.window;
        const size_t count =
            fill_offsets(place, EDGES, clock.first, end, steps[round % G_N_ELEMENTS(steps)], rand);
        if (round % 5 == 0) { /* on the borders of the parabolas */
            for (size_t i = 0; i < count; i++)
                place[i] = rintf(place[i] * 4) / 4;
        }
        const input in = input_new((count + SD_PHASORS_SPARE) * sizeof(float), 0);
        memcpy(in.data, place, (count + SD_PHASORS_SPARE) * sizeof(float));
        output out[3], c[3];
        for (size_t k = 0; k < 3; k++) {
            out[k] = output_new(windows * sizeof(float));
            c[k] = output_new(windows * sizeof(float));
        }
        version->phasors(floats_of(&in), windows, &clock, data_of(&out[0]), data_of(&out[1]),
                         data_of(&out[2]));
        plain()->phasors(floats_of(&in), windows, &clock, data_of(&c[0]), data_of(&c[1]),
                         data_of(&c[2]));
        size_t at = 0;
        for (size_t w = 0; w < windows; w++) {
            double re, im;
            const size_t edges = true_phasor(place, at, count, w, &clock, &re, &im);
            assert_true(float_at(&out[2], w) == (float)edges);
            assert_float_equal(float_at(&out[0], w), re, 2e-3 * (double)edges);
            assert_float_equal(float_at(&out[1], w), im, 2e-3 * (double)edges);
            at += edges;
        }
        for (size_t k = 0; k < 3; k++) {
            assert_same_floats(version, "phasors", &out[k], &c[k]);
            output_free(&out[k]);
            output_free(&c[k]);
        }
        g_free(in.memory);
    }
    g_rand_free(rand);
}

static void assert_turn(const sd_simd *version, float re, float im, float edges, float phase,
                        float weight)
{
    if (edges < 2) {
        assert_true(phase == 0 && weight == 0);
        return;
    }
    const double x = (double)re, y = (double)im, n = (double)edges;
    if (!(hypot(x, y) > 1e-3) || !(hypot(x, y) < 1e6))
        return; /* no sum of phasors; the same as in plain C it is nonetheless */
    const double off = (double)phase - atan2(y, x) / (2 * G_PI);
    if (!(phase >= 0 && phase <= 1 && fabs(off - rint(off)) < 3e-6))
        fail_msg("%s: the phase of %g, %g is %g", version->name, x, y, (double)phase);
    const double coherence = (x * x + y * y - n) / (n * (n - 1));
    assert_true(fabs((double)weight - n * fmax(coherence, 0)) <= 1e-5 * (n + (double)weight));
}

static void turns(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(29);
    for (size_t count = 0; count <= MOST; count++) {
        input in[3];
        for (size_t k = 0; k < 3; k++)
            in[k] = input_new(count * sizeof(float), (count + k) % 16 * sizeof(float));
        float *re = floats_of(&in[0]), *im = floats_of(&in[1]), *edges = floats_of(&in[2]);
        for (size_t i = 0; i < count; i++) {
            edges[i] = (float)g_rand_int_range(rand, 0, 33);
            const double length = g_rand_double_range(rand, 0, (double)edges[i]);
            const double angle = 2 * G_PI * (double)g_rand_int_range(rand, 0, 64) / 64;
            re[i] = i % 3 == 0 ? any_float(rand) : (float)(length * cos(angle));
            im[i] = i % 3 == 0 ? any_float(rand) : (float)(length * sin(angle));
        }
        output phase = output_new(count * sizeof(float));
        output weight = output_new(count * sizeof(float));
        output c_phase = output_new(count * sizeof(float));
        output c_weight = output_new(count * sizeof(float));
        version->turns(re, im, edges, count, data_of(&phase), data_of(&weight));
        plain()->turns(re, im, edges, count, data_of(&c_phase), data_of(&c_weight));
        assert_same_floats(version, "turns", &phase, &c_phase);
        assert_same_floats(version, "turns", &weight, &c_weight);
        for (size_t i = 0; i < count; i++)
            assert_turn(version, re[i], im[i], edges[i], float_at(&phase, i), float_at(&weight, i));
        output_free(&phase);
        output_free(&weight);
        output_free(&c_phase);
        output_free(&c_weight);
        for (size_t k = 0; k < 3; k++)
            g_free(in[k].memory);
    }
    g_rand_free(rand);
}

/* --- the eye ---------------------------------------------------------------------------------- */

static void assert_eyes(const sd_simd *version, const float *volts, size_t count, float threshold,
                        float weak, bool finite)
{
    sd_eye_sums sums, c;
    const size_t bytes = (count + SD_MASK_SAMPLES - 1) / SD_MASK_SAMPLES * sizeof(uint64_t);
    output ones_found = output_new(bytes), weaks_found = output_new(bytes);
    output ones_c = output_new(bytes), weaks_c = output_new(bytes);
    version->eyes(volts, count, threshold, weak, data_of(&ones_found), data_of(&weaks_found),
                  &sums);
    plain()->eyes(volts, count, threshold, weak, data_of(&ones_c), data_of(&weaks_c), &c);
    assert_memory_equal(data_of(&ones_found), data_of(&ones_c), bytes);
    assert_memory_equal(data_of(&weaks_found), data_of(&weaks_c), bytes);
    for (size_t i = 0; i < bytes * CHAR_BIT; i++) {
        const uint64_t one = ((const uint64_t *)data_of(&ones_found))[i / 64] >> i % 64 & 1;
        const uint64_t is_weak = ((const uint64_t *)data_of(&weaks_found))[i / 64] >> i % 64 & 1;
        const float distance = i < count ? sum_of(volts[i], -threshold) : INFINITY;
        assert_int_equal(one, i < count && distance > 0);
        assert_int_equal(is_weak, !(fabsf(distance) >= weak));
    }
    output_free(&ones_found);
    output_free(&weaks_found);
    output_free(&ones_c);
    output_free(&weaks_c);
    assert_true(same_float(sums.all, c.all) && same_float(sums.ones, c.ones) &&
                same_float(sums.squares, c.squares) && same_float(sums.smallest, c.smallest));
    if (!finite)
        return;
    double all = 0, ones = 0, squares = 0;
    float smallest = INFINITY;
    for (size_t i = 0; i < count; i++) {
        const float distance = sum_of(volts[i], -threshold);
        all += (double)volts[i];
        ones += distance > 0 ? (double)volts[i] : 0;
        squares += (double)distance * (double)distance;
        if (fabsf(distance) >= weak)
            smallest = fminf(smallest, fabsf(distance));
    }
    const double most = 1e-6 * (double)(count + SD_SUM_PARTS);
    assert_true(fabs((double)sums.all - all) <= most);
    assert_true(fabs((double)sums.ones - ones) <= most);
    assert_true(fabs((double)sums.squares - squares) <= most);
    assert_true(sums.smallest == smallest);
}

static void eyes(void **state)
{
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(30);
    for (size_t count = 0; count <= MOST; count++) {
        const input in = input_new(count * sizeof(float), count % 16 * sizeof(float));
        float *volts = floats_of(&in);
        const float threshold = (float)g_rand_double_range(rand, -0.2, 0.2);
        for (size_t i = 0; i < count; i++)
            volts[i] = (float)g_rand_double_range(rand, -1, 1);
        assert_eyes(version, volts, count, threshold, 0.1F, true);
        assert_eyes(version, volts, count, threshold, 5, true); /* all are weak */
        if (count > 0)
            assert_eyes(version, volts, count, volts[count / 2], 1e-6F, true);
        for (size_t i = 0; i < count; i++)
            volts[i] = any_float(rand);
        assert_eyes(version, volts, count, threshold, 0.1F, false);
        g_free(in.memory);
    }
    g_rand_free(rand);
}

/* --- the table -------------------------------------------------------------------------------- */

/* --- edges ------------------------------------------------------------------------------------ */

/** An edge. */
typedef struct {
    int32_t first, last; /* the crossings */
    int32_t end;         /* the first sample on the far side */
    bool slow;           /* it may count as slow */
} true_edge;

/** Edges as simd.h says, sample by sample. */
static size_t true_edges(const sd_sides *s, size_t words, bool sparse, int32_t base, bool *high,
                         true_edge *edge)
{
    size_t count = 0;
    for (int32_t i = SD_MASK_SAMPLES; i < (int32_t)(words + 1) * SD_MASK_SAMPLES; i++) {
#define AT(mask, n) ((s->mask)[(n) / SD_MASK_SAMPLES] >> (n) % SD_MASK_SAMPLES & 1)
        if (!(*high ? AT(below, i) : AT(above, i)))
            continue;
        int32_t one = -1, other = -1, near = i;
        for (; near >= 0 && !(*high ? AT(above, near) : AT(below, near)); near--) {
            if (AT(cross, near)) {
                other = other < 0 ? near : other;
                one = near;
            }
        }
#undef AT
        *high = !*high;
        if (sparse && i / SD_MASK_SAMPLES % 2 == 0)
            continue;
        const int32_t shift = base - SD_MASK_SAMPLES;
        edge[count++] = (true_edge){.first = one - 1 + shift,
                                    .last = other - 1 + shift,
                                    .end = i + shift,
                                    .slow = one < 0 || i - near > 63};
    }
    return count;
}

/** A signal that wanders between the sides, quickly or slowly, in masks with a word before them. */
static void fill_sides(const sd_sides *s, size_t words, double step, GRand *rand)
{
    double volts = g_rand_double_range(rand, -1, 1);
    bool over = volts > 0;
    for (size_t w = 0; w <= words; w++) {
        s->below[w] = s->above[w] = s->cross[w] = 0;
        for (unsigned i = 0; i < SD_MASK_SAMPLES; i++) {
            volts = CLAMP(volts + g_rand_double_range(rand, -step, step), -1, 1);
            const bool before = over;
            over = volts > 0;
            s->below[w] |= (uint64_t)(volts < -0.3) << i;
            s->above[w] |= (uint64_t)(volts > 0.3) << i;
            s->cross[w] |= (uint64_t)(over != before) << i;
        }
    }
}

static void edges(void **state)
{
    static const double steps[] = {2, 1, 0.5, 0.2, 0.05, 0.02};
    const sd_simd *version = version_of(state);
    GRand *rand = g_rand_new_with_seed(31);
    size_t slow = 0, chatter = 0;
    for (unsigned round = 0; round < 300; round++) {
        const size_t words = round % WORDS;
        uint64_t below[WORDS + 1], above[WORDS + 1], cross[WORDS + 1];
        const sd_sides s = {below, above, cross};
        fill_sides(&s, words, steps[round % G_N_ELEMENTS(steps)], rand);
        const int32_t base = g_rand_int_range(rand, 0, 100000);
        static true_edge edge[WORDS * SD_MASK_SAMPLES];
        const bool begin = g_rand_boolean(rand), sparse = g_rand_boolean(rand);
        bool high = begin, found_high = begin, c_high = begin;
        const size_t count = true_edges(&s, words, sparse, base, &high, edge);
        output first = output_new(count * sizeof(int32_t));
        output c_first = output_new(count * sizeof(int32_t));
        output last = output_new((count + SD_EDGES_SPARE) * sizeof(int32_t));
        output c_last = output_new((count + SD_EDGES_SPARE) * sizeof(int32_t));
        const sd_found_edges found =
            version->edges(&s, words, sparse, base, &found_high, data_of(&first), data_of(&last));
        plain()->edges(&s, words, sparse, base, &c_high, data_of(&c_first), data_of(&c_last));
        assert_int_equal(found.count, count);
        assert_int_equal(found_high, high);
        assert_memory_equal(data_of(&last), data_of(&c_last), count * sizeof(int32_t));
        const bool apart = found.slow || found.chatter;
        if (apart)
            assert_memory_equal(data_of(&first), data_of(&c_first), count * sizeof(int32_t));
        bool any_slow = false, any_chatter = false;
        for (size_t i = 0; i < count; i++) {
            const int32_t b = ((const int32_t *)data_of(&last))[i];
            const int32_t a = apart ? ((const int32_t *)data_of(&first))[i] : b;
            any_slow |= a == SD_SLOW_EDGE;
            any_chatter |= a != SD_SLOW_EDGE && a != b;
            if (a == SD_SLOW_EDGE)
                assert_true(edge[i].slow && b == edge[i].end);
            else
                assert_true(a == edge[i].first && b == edge[i].last);
        }
        assert_int_equal(found.slow, any_slow);
        assert_int_equal(found.chatter, any_chatter);
        slow += any_slow;
        chatter += any_chatter;
        output_free(&first);
        output_free(&last);
        output_free(&c_first);
        output_free(&c_last);
    }
    assert_true(slow > 5 && chatter > 50);
    g_rand_free(rand);
}

/** The names of cpu.h, in its order; what is chosen is never above the limit. */
static void selection(void **state)
{
    (void)state;
    static const char *const names[] = {"c", "sse4.1", "avx2", "avx512", "neon"};
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

/** All tests would skip a version that the build left out, or that is not found. */
static void versions_of_this_cpu(void **state)
{
    (void)state;
#if defined(__aarch64__)
    assert_non_null(sd_simd_exact(SD_CPU_NEON));
#elif defined(__x86_64__)
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                      __builtin_cpu_supports("bmi2");
    const bool avx512 =
        avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    assert_int_equal(sd_simd_exact(SD_CPU_SSE41) != NULL, __builtin_cpu_supports("sse4.1") != 0);
    assert_int_equal(sd_simd_exact(SD_CPU_AVX2) != NULL, avx2);
    assert_int_equal(sd_simd_exact(SD_CPU_AVX512) != NULL, avx512);
#endif
}

static void stored(void **state)
{
    (void)state;
    uint8_t memory[16];
    for (size_t i = 0; i < sizeof memory; i++)
        memory[i] = (uint8_t)(i * 37 + 200);
    for (sd_stored_kind kind = SD_STORED_S16; kind < SD_STORED_KINDS; kind++) {
        const sd_stored samples = {.data = memory + 1, .kind = kind, .scale = 0.5F, .offset = 3};
        assert_int_equal(sd_stored_size(kind), kinds[kind].size);
        const sd_stored from = sd_stored_from(&samples, 2);
        assert_ptr_equal(from.data, memory + 1 + 2 * kinds[kind].size);
        assert_true(sd_stored_volts(&from, 1) == volts_of(&samples, 3));
        assert_true(sd_stored_volts(&from, -2) == volts_of(&samples, 0));
    }
    assert_int_equal(sd_stored_size(SD_STORED_F32), sizeof(float));
}

/* --- speed ------------------------------------------------------------------------------------ */

enum { SPEED = 4096, TRIALS = 20, ROUNDS = 10 };

/** What the functions work on; the same for all of them. */
typedef struct {
    float volts[SPEED + 2 * SD_SINC_TAPS], a[SPEED], b[SPEED], fraction[SPEED], out[3][SPEED];
    double places[SPEED];
    float offsets[SPEED];
    int32_t index[SPEED];
    sd_bit_run run[SPEED / 32];
    float taps[SD_SINC_PLACES][SD_SINC_TAPS];
    uint64_t mask[3][SPEED / SD_MASK_SAMPLES];
    sd_eye_sums sums;
} speed_data;

static sd_stored speed_samples(const speed_data *d, sd_stored_kind kind)
{
    return (sd_stored){.data = d->volts, .kind = kind, .scale = 1};
}

static void run_sides_f32(const sd_simd *v, speed_data *d)
{
    const sd_levels levels = {.low = -0.5F, .high = 0.5F};
    v->sides[SD_STORED_F32](d->volts, SPEED / SD_MASK_SAMPLES, &levels, d->mask[0], d->mask[1],
                            d->mask[2]);
}

static void run_sides_s16(const sd_simd *v, speed_data *d)
{
    const sd_levels levels = {.low_code = -1000, .high_code = 1000};
    v->sides[SD_STORED_S16](d->volts, SPEED / SD_MASK_SAMPLES, &levels, d->mask[0], d->mask[1],
                            d->mask[2]);
}

static void run_sides_u8(const sd_simd *v, speed_data *d)
{
    const sd_levels levels = {.low_code = 100, .high_code = 150, .middle_code = 125};
    v->sides[SD_STORED_U8](d->volts, SPEED / SD_MASK_SAMPLES, &levels, d->mask[0], d->mask[1],
                           d->mask[2]);
}

static void run_crossings_f32(const sd_simd *v, speed_data *d)
{
    const sd_stored samples = speed_samples(d, SD_STORED_F32);
    v->crossings[SD_STORED_F32](&samples, d->index, SPEED, 0.1F, 0, d->places);
}

static void run_crossings_s16(const sd_simd *v, speed_data *d)
{
    const sd_stored samples = speed_samples(d, SD_STORED_S16);
    v->crossings[SD_STORED_S16](&samples, d->index, SPEED, 0.1F, 0, d->places);
}

static void run_phasors(const sd_simd *v, speed_data *d)
{
    const sd_phase_clock clock = {.window = 32, .slope = 0.01F, .kind = 0.02F};
    v->phasors(d->offsets, SD_PHASE_WINDOWS, &clock, d->out[0], d->out[1], d->out[2]);
}

static void run_turns(const sd_simd *v, speed_data *d)
{
    v->turns(d->a, d->b, d->fraction, SPEED, d->out[0], d->out[1]);
}

static void run_middles(const sd_simd *v, speed_data *d)
{
    v->middles(d->run, SPEED / 32 - 1, 0, d->index, d->fraction);
}

static void run_points_f32(const sd_simd *v, speed_data *d)
{
    const sd_stored samples = speed_samples(d, SD_STORED_F32);
    v->points[SD_STORED_F32](&samples, d->index, d->fraction, SPEED, d->out[0]);
}

static void run_points_s16(const sd_simd *v, speed_data *d)
{
    const sd_stored samples = speed_samples(d, SD_STORED_S16);
    v->points[SD_STORED_S16](&samples, d->index, d->fraction, SPEED, d->out[0]);
}

static void run_sincs(const sd_simd *v, speed_data *d)
{
    v->sincs(d->volts + SD_SINC_TAPS, d->index, d->fraction, SPEED,
             (const float(*)[SD_SINC_TAPS])d->taps, d->out[0]);
}

static void run_eyes(const sd_simd *v, speed_data *d)
{
    v->eyes(d->volts, SPEED, 0.1F, 0.3F, d->mask[0], d->mask[1], &d->sums);
}

/** Prints values per microsecond. */
static void speed(void **state)
{
    static const struct {
        const char *name;
        void (*run)(const sd_simd *version, speed_data *data);
    } all[] = {
        {"sides f32", run_sides_f32},
        {"sides s16", run_sides_s16},
        {"sides u8", run_sides_u8},
        {"crossings f32", run_crossings_f32},
        {"crossings s16", run_crossings_s16},
        {"phasors", run_phasors},
        {"turns", run_turns},
        {"middles", run_middles},
        {"points f32", run_points_f32},
        {"points s16", run_points_s16},
        {"sincs", run_sincs},
        {"eyes", run_eyes},
    };
    const sd_simd *version = version_of(state);
    speed_data *d = g_new0(speed_data, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(d->volts); i++)
        d->volts[i] = sinf((float)i);
    for (size_t i = 0; i < SPEED; i++) {
        d->a[i] = sinf((float)i);
        d->b[i] = cosf((float)i);
        d->fraction[i] = (float)(i % 32) / 32;
        d->index[i] = (int32_t)i;
        d->offsets[i] = (float)i * 1.6F;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(d->run); i++)
        d->run[i] = (sd_bit_run){.middle = (double)i * 32, .step = 1, .count = 32};
    GString *text = g_string_new(version->name);
    for (size_t f = 0; f < G_N_ELEMENTS(all); f++) {
        gint64 best = G_MAXINT64; /* others may use the CPU meanwhile */
        for (unsigned trial = 0; trial < TRIALS; trial++) {
            const gint64 begin = g_get_monotonic_time();
            for (unsigned i = 0; i < ROUNDS; i++)
                all[f].run(version, d);
            best = MIN(best, g_get_monotonic_time() - begin);
        }
        g_string_append_printf(text, "%s %s %.0f", f == 0 ? ", values per us:" : ",", all[f].name,
                               (double)SPEED * ROUNDS / (double)MAX(best, 1));
    }
    print_message("%s\n", text->str);
    g_string_free(text, TRUE);
    g_free(d);
}

#define EACH(function, cpu)                                                                        \
    {                                                                                              \
        .name = #function "/" #cpu, .test_func = function, .initial_state = &cpus[cpu]             \
    }
#define ALL(cpu)                                                                                   \
    EACH(sides, cpu), EACH(sides_each_alone, cpu), EACH(sides_edge_values, cpu),                   \
        EACH(points_and_crossings, cpu), EACH(crossings_of_any_floats, cpu), EACH(middles, cpu),   \
        EACH(sincs, cpu), EACH(phasors, cpu), EACH(turns, cpu), EACH(eyes, cpu), EACH(edges, cpu), \
        EACH(offsets, cpu), EACH(speed, cpu)

int main(void)
{
    static sd_cpu cpus[] = {SD_CPU_C, SD_CPU_SSE41, SD_CPU_AVX2, SD_CPU_AVX512, SD_CPU_NEON};
    const struct CMUnitTest tests[] = {
        ALL(SD_CPU_C),
        ALL(SD_CPU_SSE41),
        ALL(SD_CPU_AVX2),
        ALL(SD_CPU_AVX512),
        ALL(SD_CPU_NEON),
        cmocka_unit_test(levels_of_codes),
        cmocka_unit_test(stored),
        cmocka_unit_test(selection),
        cmocka_unit_test(versions_of_this_cpu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
