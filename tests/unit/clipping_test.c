/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The share of samples at the end of the vertical range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>
#include <math.h>

#include "signal/clipping.h"

#define COUNT 1000000

typedef union {
    int8_t s8[COUNT];
    uint8_t u8[COUNT];
    int16_t s16[COUNT];
    uint16_t u16[COUNT];
    float f32[COUNT];
} samples;

/** The clipped share of a sine of @p amplitude codes around @p middle, held between @p low and
    @p high. */
static double share(samples *s, sd_sample_type type, double scale, double middle, double amplitude,
                    double low, double high)
{
    for (size_t i = 0; i < COUNT; i++) {
        const double value = CLAMP(middle + amplitude * sin((double)i * 0.3137), low, high);
        switch (type) {
        case SD_SAMPLE_S8:
            s->s8[i] = (int8_t)lrint(value);
            break;
        case SD_SAMPLE_U8:
            s->u8[i] = (uint8_t)lrint(value);
            break;
        case SD_SAMPLE_S16:
            s->s16[i] = (int16_t)lrint(value);
            break;
        case SD_SAMPLE_U16:
            s->u16[i] = (uint16_t)lrint(value);
            break;
        default:
            s->f32[i] = (float)value;
        }
    }
    sd_segment segment = {.data = (const uint8_t *)s, .count = COUNT};
    const sd_channel channel = {.type = type,
                                .stride = sd_sample_size(type),
                                .scale = scale,
                                .offset = -0.125,
                                .interval = 1,
                                .segments = 1,
                                .segment = &segment};
    return sd_clipping_share(&channel, 0, COUNT);
}

static void clipped(void **state)
{
    (void)state;
    samples *s = g_new(samples, 1);
    /* a sine cut off at half of its height is over it for a third of the time */
    const double third = 1.0 / 3;
    static const double scales[] = {1, 1e-3, -1e-3, 1e-6, 1e6};
    for (size_t i = 0; i < G_N_ELEMENTS(scales); i++) {
        const double v = scales[i];
        assert_float_equal(share(s, SD_SAMPLE_S8, v, 0, 254, -128, 127), third, 0.01);
        assert_float_equal(share(s, SD_SAMPLE_U8, v, 128, 254, 0, 255), third, 0.01);
        assert_float_equal(share(s, SD_SAMPLE_S16, v, 0, 65534, -32768, 32767), third, 0.01);
        assert_float_equal(share(s, SD_SAMPLE_U16, v, 32768, 65534, 0, 65535), third, 0.01);
    }
    /* at one end alone */
    assert_float_equal(share(s, SD_SAMPLE_S16, 1e-3, 10000, 2 * 22767, -1e9, 32767), third, 0.01);
    assert_float_equal(share(s, SD_SAMPLE_S16, 1e-3, -10000, 2 * 22768, -32768, 0), third, 0.01);
    /* converters of 8 and of 12 bits in samples of 16 */
    assert_float_equal(share(s, SD_SAMPLE_S16, 1e-3, 0, 65024, -32768, 32512), third, 0.01);
    assert_float_equal(share(s, SD_SAMPLE_S16, 1e-3, 0, 65504, -32768, 32752), third, 0.01);
    /* all of it */
    assert_float_equal(share(s, SD_SAMPLE_S16, 1e-3, 40000, 1, 0, 32767), 1, 0);
    g_free(s);
}

static void sound(void **state)
{
    (void)state;
    samples *s = g_new(samples, 1);
    /* flat tops that are not at the end of the range */
    assert_true(share(s, SD_SAMPLE_S8, 1e-2, 0, 254, -120, 125) == 0);
    assert_true(share(s, SD_SAMPLE_S16, 1e-3, 0, 65534, -32000, 32000) == 0);
    assert_true(share(s, SD_SAMPLE_U8, 1e-3, 128, 254, 2, 253) == 0);
    /* a signal that fills the range and is not cut: few samples reach the last code */
    assert_true(share(s, SD_SAMPLE_S16, 1e-3, 0, 32767, -32768, 32767) < 0.005);
    /* floats have no last code */
    assert_true(share(s, SD_SAMPLE_F32, 1, 0, 65534, -32768, 32767) == 0);
    g_free(s);
}

static void short_records(void **state)
{
    (void)state;
    static const int16_t one[] = {32767}, three[] = {-32768, 0, 32767};
    sd_segment segment = {.data = (const uint8_t *)one, .count = 1};
    const sd_channel channel = {.type = SD_SAMPLE_S16,
                                .stride = 2,
                                .scale = 0.5,
                                .interval = 1,
                                .segments = 1,
                                .segment = &segment};
    assert_true(sd_clipping_share(&channel, 0, 1) == 1);
    segment = (sd_segment){.data = (const uint8_t *)three, .count = 3};
    assert_float_equal(sd_clipping_share(&channel, 0, 3), 1.0 / 3, 1e-9);
    /* of a record that is still coming, those that are there */
    assert_float_equal(sd_clipping_share(&channel, 0, 2), 1.0 / 2, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clipped),
        cmocka_unit_test(sound),
        cmocka_unit_test(short_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
