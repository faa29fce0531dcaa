/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Siglent .bin: files that the test writes, in the order in which Siglent's document lists the
 * fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "little_endian_writer.h"
#include "waveform_check.h"

#define POINTS 5

/** What the file says. */
typedef struct {
    int version; /**< 0: the layout without a version word. */
    int on[8];
    int digital;
    double volts[8], offset[8];
    int magnitude; /**< Of V/div: 8 volts, 7 millivolts. */
    double time, delay, rate;
    int64_t points;
    double probe;
    int width, order;
    int divisions, codes;
    int64_t data; /**< -1: right. */
} siglent;

/** A sound file: channels 1 and 3 on. */
static siglent sound(int version)
{
    return (siglent){
        .version = version,
        .on = {1, 0, 1, 0},
        .volts = {0.5, 1, 2, 1, 4, 1, 1, 1},
        .offset = {0.25, 0, -1, 0, 8},
        .magnitude = 8,
        .time = 1e-6,
        .delay = 2e-6,
        .rate = 1e9,
        .points = POINTS,
        .probe = version >= 1 ? 10 : 1,
        .divisions = version >= 3 ? 10 : 0,
        .codes = version >= 3 ? 32 : 0,
        .data = -1,
    };
}

/** A number with magnitude and unit: 16 bytes, or 40 from version 1 on. */
static void put_value(GByteArray *bytes, const siglent *s, double value, int magnitude)
{
    put_f64(bytes, value);
    put(bytes, (uint64_t)magnitude, 4);
    for (int i = 0; i < (s->version ? 7 : 1); i++) {
        put(bytes, 1, 4);
    }
}

static void put_codes(GByteArray *bytes, const siglent *s)
{
    for (unsigned c = 0; c < 8; c++) {
        for (unsigned i = 0; i < POINTS && s->on[c]; i++) {
            unsigned code = 100 + 10 * c + i;
            if (s->width != 1) {
                put(bytes, code, 1);
            } else {
                /* The upper byte is the code, the lower one 7. */
                put(bytes, s->order ? code : 7, 1);
                put(bytes, s->order ? 7 : code, 1);
            }
        }
    }
}

/** Version 4 has the fields of four further channels behind 52 numbers of others. */
static void put_further_channels(GByteArray *bytes, const siglent *s)
{
    fill_up(bytes, 0x404, 0);
    for (int i = 4; i < 8; i++) {
        put(bytes, (uint64_t)s->on[i], 4);
    }
    for (int i = 4; i < 8; i++) {
        put_value(bytes, s, s->volts[i], s->magnitude);
    }
    for (int i = 4; i < 8; i++) {
        put_value(bytes, s, s->offset[i], 8);
    }
    for (int i = 4; i < 8; i++) {
        put_f64(bytes, s->probe);
    }
    for (int i = 4; i < 8; i++) {
        put(bytes, (uint64_t)s->codes, 4);
    }
}

static GByteArray *build(const siglent *s)
{
    GByteArray *bytes = g_byte_array_new();
    uint64_t data = s->version == 4 ? 0x1000 : 0x800;
    if (s->version) {
        put(bytes, (uint64_t)s->version, 4);
    }
    if (s->version == 4) {
        put(bytes, s->data == -1 ? data : (uint64_t)s->data, 4);
    }
    for (int i = 0; i < 4; i++) {
        put(bytes, (uint64_t)s->on[i], 4);
    }
    for (int i = 0; i < 4; i++) {
        put_value(bytes, s, s->volts[i], s->magnitude);
    }
    for (int i = 0; i < 4; i++) {
        put_value(bytes, s, s->offset[i], 8);
    }
    put(bytes, (uint64_t)s->digital, 4);
    for (int i = 0; i < 16; i++) {
        put(bytes, (uint64_t)s->digital, 4);
    }
    put_value(bytes, s, s->time, 8);
    put_value(bytes, s, s->delay, 8);
    put(bytes, (uint64_t)s->points, 4);
    put_value(bytes, s, s->rate, 8);
    put(bytes, 0, 4); /* digital points and rate */
    put_value(bytes, s, 1, 8);
    if (s->version) {
        for (int i = 0; i < 4; i++) {
            put_f64(bytes, s->probe);
        }
        put(bytes, (uint64_t)s->width, 1);
        put(bytes, (uint64_t)s->order, 1);
        put(bytes, 0, 6);
        put(bytes, (uint64_t)s->divisions, 4);
        for (int i = 0; i < 4; i++) {
            put(bytes, (uint64_t)s->codes, 4);
        }
    }
    if (s->version == 4) {
        put_further_channels(bytes, s);
    }
    fill_up(bytes, data, 0);
    put_codes(bytes, s);
    return bytes;
}

static sd_waveform *open_siglent(void **state, const siglent *s)
{
    g_autoptr(GByteArray) bytes = build(s);
    return open_bytes(state, "a.bin", bytes);
}

/** volts = ((code - 128) x V/div / codes per division - offset) x probe */
static void volts_of_all_versions(void **state)
{
    for (int version = 0; version <= 4; version++) {
        siglent s = sound(version);
        double codes = version >= 3 ? 32 : 25;
        double divisions = version >= 3 ? 10 : 14;
        sd_waveform *waveform = open_siglent(state, &s);
        assert_int_equal(waveform->channels, 2);
        assert_false(waveform->has_time);
        const sd_channel *channel = waveform->channel;
        assert_string_equal(channel[0].name, "CH1");
        assert_string_equal(channel[1].name, "CH3");
        assert_string_equal(channel[0].unit, "V");
        for (unsigned i = 0; i < POINTS; i++) {
            assert_near(sd_channel_value(&channel[0], 0, i),
                        ((100 + i - 128.0) * 0.5 / codes - 0.25) * s.probe);
            assert_near(sd_channel_value(&channel[1], 0, i),
                        ((120 + i - 128.0) * 2 / codes + 1) * s.probe);
        }
        assert_near(channel[0].interval, 1e-9);
        assert_near(channel[0].segment[0].start, 2e-6 - divisions / 2 * 1e-6);
        sd_waveform_free(waveform);
    }
}

/** 16 bits, in both byte orders; version 2 may say codes per division, or not. */
static void wide_samples(void **state)
{
    for (int version = 2; version <= 4; version++) {
        for (int order = 0; order <= (version >= 3); order++) {
            siglent s = sound(version);
            s.width = 1;
            s.order = order;
            s.codes = version >= 3 ? 7680 : 0;
            double codes = version >= 3 ? 7680 : 6400;
            sd_waveform *waveform = open_siglent(state, &s);
            assert_near(sd_channel_value(&waveform->channel[0], 0, 0),
                        ((100 * 256 + 7 - 32768) * 0.5 / codes - 0.25) * 10);
            sd_waveform_free(waveform);
        }
    }
    siglent s = sound(2);
    s.codes = 30;
    s.divisions = 10;
    sd_waveform *waveform = open_siglent(state, &s);
    assert_near(waveform->channel[0].scale, 0.5 / 30 * 10);
    assert_near(waveform->channel[0].segment[0].start, 2e-6 - 5e-6);
    sd_waveform_free(waveform);
}

static void magnitudes(void **state)
{
    siglent s = sound(4);
    s.magnitude = 7;
    sd_waveform *waveform = open_siglent(state, &s);
    assert_near(waveform->channel[0].scale, 0.5e-3 / 32 * 10);
    sd_waveform_free(waveform);
}

static void eight_channels(void **state)
{
    siglent s = sound(4);
    s.on[4] = s.on[7] = 1;
    sd_waveform *waveform = open_siglent(state, &s);
    assert_int_equal(waveform->channels, 4);
    assert_string_equal(waveform->channel[2].name, "CH5");
    assert_string_equal(waveform->channel[3].name, "CH8");
    assert_near(sd_channel_value(&waveform->channel[2], 0, 0), ((140 - 128.0) * 4 / 32 - 8) * 10);
    assert_near(sd_channel_value(&waveform->channel[3], 0, 4), (174 - 128.0) / 32 * 10);
    sd_waveform_free(waveform);
}

static void what_follows(void **state)
{
    siglent s = sound(3);
    g_autoptr(GByteArray) bytes = build(&s);
    put_text(bytes, "xyz", 3);
    sd_waveform *waveform = open_bytes(state, "a.bin", bytes);
    assert_true(has_note(waveform, "3 bytes follow the analog channels"));
    sd_waveform_free(waveform);
    s.digital = 1;
    g_autoptr(GByteArray) digital = build(&s);
    put_text(digital, "xyz", 3);
    waveform = open_bytes(state, "a.bin", digital);
    assert_true(has_note(waveform, "digital channels"));
    sd_waveform_free(waveform);
}

/** The layouts V0.1 and V0.2: the fields of a channel stand together, those of the next one
 * further on. */
static void layouts_of_2018(void **state)
{
    static const struct {
        const char *name;
        size_t on, volts, offset, stride, time, delay, points, rate, data;
    } cases[] = {
        {"V0.1", 0x44, 0x90, 0xa0, 0x7c, 0xa84, 0xa94, 0xaa4, 0xaa8, 0x8a60},
        {"V0.2", 0x44, 0xb4, 0xc4, 0xa4, 0xdb8, 0xdc8, 0xdd8, 0xddc, 0x932c},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        fill_up(bytes, cases[i].data, 0);
        for (size_t c = 0; c < 4; c++) {
            poke(bytes, cases[i].on + c * cases[i].stride, c == 1, 4);
            poke_f64(bytes, cases[i].volts + c * cases[i].stride, 100.0 * (double)c);
            poke(bytes, cases[i].volts + c * cases[i].stride + 8, 7, 4);
            poke_f64(bytes, cases[i].offset + c * cases[i].stride, 20.0 * (double)c);
            poke(bytes, cases[i].offset + c * cases[i].stride + 8, 7, 4);
        }
        poke_f64(bytes, cases[i].time, 2);
        poke(bytes, cases[i].time + 8, 5, 4);
        poke_f64(bytes, cases[i].delay, 1);
        poke(bytes, cases[i].delay + 8, 5, 4);
        poke(bytes, cases[i].points, 3, 4);
        poke_f64(bytes, cases[i].rate, 1);
        poke(bytes, cases[i].rate + 8, 11, 4);
        put_text(bytes, "\x80\x99\xB2", 3);
        sd_waveform *waveform = open_bytes(state, "a.bin", bytes);
        assert_non_null(strstr(waveform->format, cases[i].name));
        assert_int_equal(waveform->channels, 1);
        assert_string_equal(waveform->channel[0].name, "CH2");
        assert_near(sd_channel_value(&waveform->channel[0], 0, 1), 0.08);
        assert_near(sd_channel_value(&waveform->channel[0], 0, 2), 0.18);
        assert_near(waveform->channel[0].interval, 1e-9);
        assert_near(waveform->channel[0].segment[0].start, 1e-9 - 14e-9);
        sd_waveform_free(waveform);
    }
}

/** The oldest layout, of the SDS1000X and SDS2000X. */
static GByteArray *build_old(void)
{
    GByteArray *bytes = g_byte_array_new();
    fill_up(bytes, 0x1470, 0);
    poke_f32(bytes, 0xbc, 500);  /* mV per division of channel 1 */
    poke_f32(bytes, 0xc4, 1000); /* ... 3 */
    poke(bytes, 0xdc, 245, 4);   /* pixels: half a division up */
    poke(bytes, 0xe4, 220, 4);
    poke(bytes, 0x100, 1, 4);
    poke(bytes, 0x108, 1, 4);
    poke(bytes, 0x248, 9, 4); /* 1 us per division */
    put_text(bytes, "\x80\x99\x80\x99\x99\x80\x80\x99", 8);
    return bytes;
}

static void oldest_layout(void **state)
{
    g_autoptr(GByteArray) bytes = build_old();
    sd_waveform *waveform = open_bytes(state, "a.bin", bytes);
    assert_int_equal(waveform->channels, 2);
    assert_string_equal(waveform->channel[1].name, "CH3");
    assert_int_equal(waveform->channel[0].segment[0].count, 4);
    assert_near(waveform->channel[0].interval, 14e-6 / 4);
    assert_near(waveform->channel[0].segment[0].start, -7e-6);
    assert_near(sd_channel_value(&waveform->channel[0], 0, 0), 0.25);
    assert_near(sd_channel_value(&waveform->channel[0], 0, 1), 0.75);
    assert_near(sd_channel_value(&waveform->channel[1], 0, 0), 1);
    assert_true(has_note(waveform, "sample rate"));
    sd_waveform_free(waveform);

    /* 16 digital points of one channel take two bytes at the end. */
    poke(bytes, 4, 16, 4);
    poke(bytes, 16, 1, 4);
    poke(bytes, 0x250, 7, 4);
    waveform = open_bytes(state, "a.bin", bytes);
    assert_int_equal(waveform->channel[0].segment[0].count, 3);
    assert_true(has_note(waveform, "digital"));
    assert_true(has_note(waveform, "7 pixels"));
    sd_waveform_free(waveform);

    poke(bytes, 4, 800, 4);
    assert_bytes_refused(state, "a.bin", bytes->data, bytes->len, SD_ERROR_DAMAGED, "0 samples");
    g_autoptr(GByteArray) undamaged = build_old();
    damage_at_random(state, "a.bin", undamaged, 0, 4);
}

/* One macro per row keeps the table below readable: a sound file with one field changed. */
#define CHANGED(VERSION, FIELD, VALUE, CODE, WORDS)                                                \
    do {                                                                                           \
        siglent s = sound(VERSION);                                                                \
        s.FIELD = (VALUE);                                                                         \
        g_autoptr(GByteArray) changed = build(&s);                                                 \
        assert_bytes_refused(state, "a.bin", changed->data, changed->len, CODE, WORDS);            \
    } while (0)

static void fields_that_cannot_be_true(void **state)
{
    CHANGED(0, rate, 0, SD_ERROR_DAMAGED, "(byte 248)");
    CHANGED(4, rate, 0, SD_ERROR_DAMAGED, "(byte 496)");
    CHANGED(4, rate, -1e9, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(4, rate, (double)NAN, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(4, rate, (double)INFINITY, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(4, delay, (double)NAN, SD_ERROR_DAMAGED, "(byte 452)");
    CHANGED(4, time, (double)INFINITY, SD_ERROR_DAMAGED, "starts at");
    CHANGED(0, volts[0], 0, SD_ERROR_DAMAGED, "(byte 16)");
    CHANGED(2, volts[2], (double)NAN, SD_ERROR_DAMAGED, "(byte 100)");
    CHANGED(4, volts[0], 1e300, SD_ERROR_DAMAGED, "(byte 24)");
    CHANGED(4, offset[0], (double)NAN, SD_ERROR_DAMAGED, "offset nan");
    CHANGED(4, probe, 0, SD_ERROR_DAMAGED, "channel 1 is said to be 0 V");
    CHANGED(4, probe, (double)NAN, SD_ERROR_DAMAGED, "cannot be true");
    CHANGED(0, points, 0, SD_ERROR_DAMAGED, "(byte 244)");
    CHANGED(4, points, 0, SD_ERROR_DAMAGED, "(byte 492)");
    CHANGED(4, points, POINTS + 1, SD_ERROR_DAMAGED, "6 samples in channel 3");
    CHANGED(4, points, UINT32_MAX, SD_ERROR_DAMAGED, "cut or damaged");
    CHANGED(4, width, 2, SD_ERROR_DAMAGED, "(byte 612)");
    CHANGED(3, order, 2, SD_ERROR_DAMAGED, "byte order 2");
    CHANGED(3, codes, 0, SD_ERROR_DAMAGED, "(byte 620)");
    CHANGED(4, codes, -30, SD_ERROR_DAMAGED, "codes per division is -30");
    CHANGED(4, divisions, 0, SD_ERROR_DAMAGED, "(byte 620)");
    CHANGED(4, data, 0x100, SD_ERROR_DAMAGED, "(byte 4)");
    CHANGED(4, data, UINT32_MAX, SD_ERROR_DAMAGED, "cut or damaged");
}

static void digital_only(void **state)
{
    for (int version = 0; version <= 4; version++) {
        siglent s = sound(version);
        s.on[0] = s.on[2] = 0;
        s.digital = 1;
        g_autoptr(GByteArray) bytes = build(&s);
        put_text(bytes, "xyz", 3);
        assert_bytes_refused(state, "a.bin", bytes->data, bytes->len, SD_ERROR_UNSUPPORTED,
                             "all analog channels are off");
    }
}

/** Without a magic, other files must not be taken for these. */
static void not_siglent(void **state)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (int value = 0; value <= 255; value += 51) {
        g_byte_array_set_size(bytes, 0);
        fill_up(bytes, 40000, (uint8_t)value);
        assert_bytes_refused(state, "a.raw", bytes->data, bytes->len, SD_ERROR_FORMAT,
                             "no known format");
    }
    static const struct {
        size_t at;
        uint64_t value;
    } changes[] = {{0, 2}, {12, 0xFFFFFFFF}, {24, 17}, {236, 0}, {256, 17}};
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        siglent s = sound(0);
        g_autoptr(GByteArray) changed = build(&s);
        poke(changed, changes[i].at, changes[i].value, 4);
        assert_bytes_refused(state, "a.raw", changed->data, changed->len, SD_ERROR_FORMAT,
                             "no known format");
    }
}

static void cut_and_damaged(void **state)
{
    siglent s = sound(4);
    g_autoptr(GByteArray) newest = build(&s);
    cut_behind_every_byte(state, "a.bin", newest, newest->len);
    assert_bytes_refused(state, "a.raw", newest->data, 100, SD_ERROR_DAMAGED, "is cut");
    damage_at_random(state, "a.bin", newest, 0, 5);
    s = sound(0);
    g_autoptr(GByteArray) bytes = build(&s);
    cut_behind_every_byte(state, "a.bin", bytes, bytes->len);
    damage_at_random(state, "a.bin", bytes, 0, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volts_of_all_versions),
        cmocka_unit_test(wide_samples),
        cmocka_unit_test(magnitudes),
        cmocka_unit_test(eight_channels),
        cmocka_unit_test(what_follows),
        cmocka_unit_test(layouts_of_2018),
        cmocka_unit_test(oldest_layout),
        cmocka_unit_test(fields_that_cannot_be_true),
        cmocka_unit_test(digital_only),
        cmocka_unit_test(not_siglent),
        cmocka_unit_test(cut_and_damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
