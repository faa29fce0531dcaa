/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The families of Rigol .wfm: files that the test writes. Their layouts are not published, so that
 * real files (see tests/golden) say more than these; here are the parts that those do not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "little_endian_writer.h"
#include "waveform_check.h"

#include <zlib.h>

#define POINTS 6

/** Code i of a channel. */
static uint8_t code_of(unsigned channel, unsigned i)
{
    return (uint8_t)(50 + 20 * channel + i);
}

static void put_codes(GByteArray *bytes, unsigned channel, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        put(bytes, code_of(channel, i), 1);
    }
}

/** Fails unless the samples of a channel are scale x (code - zero) + offset. */
static void assert_codes(const sd_channel *channel, unsigned number, unsigned count, double scale,
                         double zero, double offset)
{
    g_autofree char *name = g_strdup_printf("CH%u", number);
    assert_string_equal(channel->name, name);
    assert_int_equal(channel->segment[0].count, count);
    for (unsigned i = 0; i < count; i++) {
        double expected = scale * (code_of(number - 1, i) - zero) + offset;
        if (!(fabs(sd_channel_value(channel, 0, i) - expected) <= 1e-4 * fabs(scale))) {
            fail_msg("CH%u, sample %u: %g is not %g", number, i, sd_channel_value(channel, 0, i),
                     expected);
        }
    }
}

/** DS1000B, C and D/E: where their fields stand. */
typedef struct {
    const char *magic;
    unsigned channels;
    size_t points, channel, enabled, inverted, rate, time_offset, data;
} ds1000;

static const ds1000 ds1000_b = {"\xA5\xA5\xA4\x01", 4, 60, 68, 14, 15, 180, 172, 420};
static const ds1000 ds1000_c = {"\xA1\xA5\0\0", 2, 28, 36, 13, 14, 100, 92, 256};
static const ds1000 ds1000_c_padded = {"\xA5\xA5\0\0", 2, 28, 36, 13, 14, 100, 92, 272};
static const ds1000 ds1000_e = {"\xA5\xA5\0\0", 2, 28, 36, 13, 14, 100, 112, 276};

/** The header: 1 V per division, probe 10, shift 5 codes, 100 MS/s, trigger 2 us off the middle. */
static GByteArray *build_ds1000_header(const ds1000 *f, unsigned enabled)
{
    GByteArray *bytes = g_byte_array_new();
    fill_up(bytes, f->data, 0);
    memcpy(bytes->data, f->magic, 4);
    poke(bytes, f->points, POINTS, 4);
    for (unsigned i = 0; i < f->channels; i++) {
        size_t at = f->channel + 24UL * i;
        poke_f32(bytes, at + 8, 10);
        poke(bytes, at + f->enabled, enabled >> i & 1, 1);
        poke(bytes, at + 16, 100000 * (i + 1), 4);
        poke(bytes, at + 20, 5, 2);
    }
    poke_f32(bytes, f->rate, 1e8F);
    poke(bytes, f->time_offset, 2000000, 8);
    return bytes;
}

/** The whole file; channels that are off take no place, save in DS1000B. */
static GByteArray *build_ds1000(const ds1000 *f, unsigned enabled)
{
    GByteArray *bytes = build_ds1000_header(f, enabled);
    for (unsigned i = 0; i < f->channels; i++) {
        if (enabled >> i & 1 || f->channels == 4) {
            put_codes(bytes, i, POINTS);
        }
    }
    return bytes;
}

static void ds1000_families(void **state)
{
    static const struct {
        const ds1000 *family;
        const char *name;
        double zero;
    } cases[] = {
        {&ds1000_b, "DS1000B", 99},
        {&ds1000_c, "DS1000C", 125},
        {&ds1000_c_padded, "DS1000C", 125},
        {&ds1000_e, "DS1000D/E", 125},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const ds1000 *f = cases[i].family;
        for (unsigned enabled = 1; enabled < 1U << f->channels; enabled++) {
            g_autoptr(GByteArray) bytes = build_ds1000(f, enabled);
            sd_waveform *waveform = open_bytes(state, "a.wfm", bytes);
            assert_non_null(strstr(waveform->format, cases[i].name));
            size_t count = 0;
            for (unsigned c = 0; c < f->channels; c++) {
                if (enabled >> c & 1) {
                    const sd_channel *channel = &waveform->channel[count++];
                    /* Codes fall where the voltage rises. */
                    assert_codes(channel, c + 1, POINTS, -0.04 * (c + 1), cases[i].zero - 5, 0);
                    assert_near(channel->interval, 1e-8);
                    assert_near(channel->segment[0].start, 2e-6 - 3e-8);
                }
            }
            assert_int_equal(waveform->channels, count);
            sd_waveform_free(waveform);
        }
    }
}

static void ds1000_inverted(void **state)
{
    g_autoptr(GByteArray) b = build_ds1000(&ds1000_b, 1);
    poke(b, ds1000_b.channel + ds1000_b.inverted, 1, 1);
    sd_waveform *waveform = open_bytes(state, "a.wfm", b);
    assert_codes(&waveform->channel[0], 1, POINTS, 0.04, 94, 0);
    sd_waveform_free(waveform);
}

/** DS1000E alone: samples lost in roll mode, a time base for each channel, digital channels. */
static void ds1000_e_details(void **state)
{
    g_autoptr(GByteArray) rolled = build_ds1000(&ds1000_e, 3);
    poke(rolled, 20, 1, 4);
    sd_waveform *waveform = open_bytes(state, "a.wfm", rolled);
    assert_codes(&waveform->channel[0], 1, POINTS - 3, -0.04, 120, 0);
    assert_codes(&waveform->channel[1], 2, POINTS - 3, -0.08, 120, 0);
    sd_waveform_free(waveform);
    poke(rolled, 20, POINTS, 4);
    assert_bytes_refused(state, "a.wfm", rolled->data, rolled->len, SD_ERROR_DAMAGED, "0 samples");

    g_autoptr(GByteArray) alternate = build_ds1000_header(&ds1000_e, 3);
    poke(alternate, 142, 4, 1);
    poke(alternate, 232, 4, 4);
    poke_f32(alternate, 252, 1e6F);
    poke(alternate, 264, (uint64_t)-1000000, 8);
    poke(alternate, 120, 1, 1);
    put_codes(alternate, 0, POINTS);
    put_codes(alternate, 1, 4);
    waveform = open_bytes(state, "a.wfm", alternate);
    assert_codes(&waveform->channel[0], 1, POINTS, -0.04, 120, 0);
    assert_codes(&waveform->channel[1], 2, 4, -0.08, 120, 0);
    assert_near(waveform->channel[1].interval, 1e-6);
    assert_near(waveform->channel[1].segment[0].start, -1e-6 - 2e-6);
    assert_true(has_note(waveform, "digital"));
    sd_waveform_free(waveform);
}

static void ds1000_refusals(void **state)
{
    g_autoptr(GByteArray) bytes = build_ds1000(&ds1000_e, 0);
    assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, SD_ERROR_UNSUPPORTED,
                         "(byte 49)");
    static const struct {
        size_t at;
        float rate;
    } rates[] = {{100, 0}, {100, -1e8F}, {100, NAN}, {100, INFINITY}};
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autoptr(GByteArray) changed = build_ds1000(&ds1000_e, 1);
        poke_f32(changed, rates[i].at, rates[i].rate);
        assert_bytes_refused(state, "a.wfm", changed->data, changed->len, SD_ERROR_DAMAGED,
                             "(byte 100)");
    }
    static const struct {
        size_t at;
        uint64_t value;
        const char *words;
    } words[] = {
        {28, 0, "(byte 28)"}, {28, POINTS + 1, "7 samples"}, {28, UINT32_MAX, "is cut"},
        {52, 0, "(byte 52)"}, {44, 0x7FC00000, "(byte 52)"}, {44, 0, "cannot be true"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        g_autoptr(GByteArray) changed = build_ds1000(&ds1000_e, 1);
        poke(changed, words[i].at, words[i].value, 4);
        assert_bytes_refused(state, "a.wfm", changed->data, changed->len, SD_ERROR_DAMAGED,
                             words[i].words);
    }
    static const ds1000 *const families[] = {&ds1000_b, &ds1000_c, &ds1000_e};
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        g_autoptr(GByteArray) sound = build_ds1000(families[i], 3);
        size_t enough = families[i]->data + (size_t)2 * POINTS;
        damage_at_random(state, "a.wfm", sound, 4, 10 + (guint32)i);
        assert_bytes_refused(state, "a.wfm", sound->data, enough - 1, SD_ERROR_DAMAGED, "cut");
        /* A DS1000E file that lacks exactly four bytes cannot be told from one of a DS1000C. */
        g_byte_array_set_size(sound, (guint)enough - 5);
        cut_behind_every_byte(state, "a.wfm", sound, enough);
    }
}

/** DS1000Z: channels interleaved from the last to the first. */
static GByteArray *build_ds1000z(unsigned enabled, unsigned stride)
{
    GByteArray *bytes = g_byte_array_new();
    fill_up(bytes, 280, 0);
    poke(bytes, 0, 0xFFFFFF01, 4);
    poke(bytes, 4, stride == 2 ? 0xA6A5 : 0xA5A5, 2);
    poke(bytes, 6, 0x38, 2);
    memcpy(bytes->data + 8, "DS1054Z", 7);
    poke(bytes, 72, (uint64_t)-3000000, 8);
    poke(bytes, 88, enabled, 1);
    poke(bytes, 116, (uint64_t)POINTS * stride, 4);
    poke_f32(bytes, 120, 0.25F);
    for (size_t i = 0; i < 4; i++) {
        poke_f32(bytes, 124 + 28 * i + 8, 2);
        poke_f32(bytes, 124 + 28 * i + 12, 0.5F);
        poke(bytes, 124 + 28 * i + 17, 2, 1);
    }
    poke(bytes, 256, 20, 4);
    poke(bytes, 260, 280, 4);
    fill_up(bytes, 300, 0xEE);
    for (unsigned i = 0; i < POINTS; i++) {
        unsigned before = bytes->len;
        for (unsigned c = 4; c-- > 0;) {
            if (enabled >> c & 1 || stride == 4) {
                put(bytes, code_of(c, i), 1);
            }
        }
        assert_int_equal(bytes->len, before + stride);
    }
    return bytes;
}

static void ds1000z_channels(void **state)
{
    static const struct {
        unsigned enabled, stride;
    } cases[] = {{1, 1}, {8, 1}, {3, 2}, {9, 2}, {12, 2}, {7, 4}, {14, 4}, {15, 4}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = build_ds1000z(cases[i].enabled, cases[i].stride);
        sd_waveform *waveform = open_bytes(state, "a.wfm", bytes);
        assert_string_equal(waveform->instrument, "DS1054Z");
        assert_true(has_note(waveform, "not published"));
        size_t count = 0;
        for (unsigned c = 0; c < 4; c++) {
            if (cases[i].enabled >> c & 1) {
                const sd_channel *channel = &waveform->channel[count++];
                assert_codes(channel, c + 1, POINTS, 0.1, 107, -0.5);
                assert_near(channel->interval, 4e-9);
                assert_near(channel->segment[0].start, -3e-6 - 12e-9);
                assert_string_equal(channel->unit, "V");
            }
        }
        assert_int_equal(waveform->channels, count);
        sd_waveform_free(waveform);
    }
}

static void ds1000z_refusals(void **state)
{
    static const struct {
        size_t at;
        uint64_t value;
        unsigned size;
        sd_error_code code;
        const char *words;
    } cases[] = {
        {88, 0, 1, SD_ERROR_UNSUPPORTED, "(byte 88)"},
        {112, 1, 1, SD_ERROR_UNSUPPORTED, "peak detect"},
        {116, 0, 4, SD_ERROR_DAMAGED, "(byte 116)"},
        {116, 2, 4, SD_ERROR_DAMAGED, "0 samples"},
        {116, UINT32_MAX, 4, SD_ERROR_DAMAGED, "cut or damaged"},
        {120, 0, 4, SD_ERROR_DAMAGED, "(byte 120)"},
        {120, 0x7FC00000, 4, SD_ERROR_DAMAGED, "sample interval"},
        {132, 0, 4, SD_ERROR_DAMAGED, "(byte 132)"},
        {132, 0x7F800000, 4, SD_ERROR_DAMAGED, "cannot be true"},
        {256, UINT32_MAX, 4, SD_ERROR_DAMAGED, "cut or damaged"},
        {260, UINT32_MAX, 4, SD_ERROR_DAMAGED, "cut or damaged"},
        {260, 0, 4, SD_ERROR_DAMAGED, "(byte 260)"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = build_ds1000z(15, 4);
        poke(bytes, cases[i].at, cases[i].value, cases[i].size);
        assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, cases[i].code,
                             cases[i].words);
    }
    g_autoptr(GByteArray) sound = build_ds1000z(15, 4);
    cut_behind_every_byte(state, "a.wfm", sound, sound->len);
    damage_at_random(state, "a.wfm", sound, 8, 20);
}

/** DS2000, DS4000 and DS6000: where their fields stand. */
typedef struct {
    const char *model;
    size_t rate, time_offset, channel, points, end;
    size_t first; /**< Of the first point; 0: none. */
} ds2000;

static const ds2000 ds2000_2 = {"DS2072A", 96, 112, 120, 252, 476, 248};
static const ds2000 ds2000_4 = {"MSO4054", 100, 568, 124, 268, 580, 0};
static const ds2000 ds2000_6 = {"DS6104", 96, 112, 120, 252, 476, 248};

static GByteArray *build_ds2000(const ds2000 *f, unsigned enabled, unsigned interwoven)
{
    GByteArray *bytes = g_byte_array_new();
    fill_up(bytes, f->end, 0);
    poke(bytes, 0, 0x0038A5A5, 4);
    memcpy(bytes->data + 4, f->model, strlen(f->model));
    poke(bytes, 64, enabled | interwoven << 8, 2);
    poke_f32(bytes, f->rate, 2e9F);
    poke(bytes, f->time_offset, 1000, 8);
    poke(bytes, f->points, POINTS, 4);
    unsigned first = f->first ? 2 : 0;
    if (f->first) {
        poke(bytes, f->first, first, 4);
    }
    for (unsigned i = 0; i < 4; i++) {
        size_t at = f->channel + 28UL * i;
        poke(bytes, at, enabled >> i & 1, 1);
        poke_f32(bytes, at + 8, 3.2F);
        poke_f32(bytes, at + 12, 0.25F);
        poke(bytes, at + 17, 2, 1);
        if (enabled >> i & 1 && !interwoven) {
            poke(bytes, 68 + 4UL * i, bytes->len, 4);
            fill_up(bytes, bytes->len + first, 0xEE);
            put_codes(bytes, i, POINTS);
        }
    }
    return bytes;
}

static void ds2000_families(void **state)
{
    static const struct {
        const ds2000 *family;
        const char *name;
        double scale;
    } cases[] = {
        {&ds2000_2, "DS2000", 3.2 / 25},
        {&ds2000_4, "DS4000", 3.2 / 32},
        {&ds2000_6, "DS6000", -3.2 / 25},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = build_ds2000(cases[i].family, 10, 0);
        sd_waveform *waveform = open_bytes(state, "a.wfm", bytes);
        assert_non_null(strstr(waveform->format, cases[i].name));
        assert_string_equal(waveform->instrument, cases[i].family->model);
        assert_int_equal(waveform->channels, 2);
        for (size_t c = 0; c < 2; c++) {
            const sd_channel *channel = &waveform->channel[c];
            assert_codes(channel, c ? 4 : 2, POINTS, cases[i].scale, 127, -0.25);
            assert_string_equal(channel->unit, "V");
            assert_near(channel->interval, 0.5e-9);
            assert_near(channel->segment[0].start, 1e-9 - 1.5e-9);
        }
        sd_waveform_free(waveform);

        poke(bytes, cases[i].family->channel + 28 + 16, 1, 1); /* channel 2 inverted */
        waveform = open_bytes(state, "a.wfm", bytes);
        assert_codes(&waveform->channel[0], 2, POINTS, -cases[i].scale, 127, -0.25);
        sd_waveform_free(waveform);
    }
}

/** A DS2072A that switches channels on with 8 stores the unit before the inversion. */
static void ds2000_other_order(void **state)
{
    g_autoptr(GByteArray) bytes = build_ds2000(&ds2000_2, 1, 0);
    poke(bytes, 120, 8, 1);
    poke(bytes, 136, 1, 1); /* amperes */
    poke(bytes, 137, 1, 1); /* inverted */
    sd_waveform *waveform = open_bytes(state, "a.wfm", bytes);
    assert_string_equal(waveform->channel[0].unit, "A");
    assert_codes(&waveform->channel[0], 1, POINTS, -3.2 / 25, 127, -0.25);
    sd_waveform_free(waveform);
}

/** One channel that uses the memory of two: 200,000 samples, even and odd apart. */
static void ds2000_interwoven(void **state)
{
    enum { HALF = 100000 };
    g_autoptr(GByteArray) bytes = build_ds2000(&ds2000_2, 2, 1);
    poke(bytes, 252, 2 * HALF, 4);
    poke(bytes, 68, bytes->len, 4);
    guint even = bytes->len + 2;
    g_byte_array_set_size(bytes, even + HALF);
    poke(bytes, 72, bytes->len, 4);
    guint odd = bytes->len + 2;
    g_byte_array_set_size(bytes, odd + HALF);
    for (guint i = 0; i < HALF; i++) {
        bytes->data[even + i] = (uint8_t)(2 * i % 251);
        bytes->data[odd + i] = (uint8_t)((2 * i + 1) % 251);
    }
    sd_waveform *waveform = open_bytes(state, "a.wfm", bytes);
    assert_int_equal(waveform->channels, 1);
    const sd_channel *channel = &waveform->channel[0];
    assert_string_equal(channel->name, "CH2");
    assert_int_equal(channel->segment[0].count, 2 * HALF);
    for (guint i = 0; i < 2 * HALF; i++) {
        double code = (sd_channel_value(channel, 0, i) - channel->offset) / channel->scale;
        assert_int_equal((int)lround(code), i % 251);
    }
    sd_waveform_free(waveform);

    assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len - 1, SD_ERROR_DAMAGED,
                         "cut or damaged");
    poke(bytes, 252, 1, 4);
    assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, SD_ERROR_DAMAGED, "(byte 252)");
}

static void ds2000_refusals(void **state)
{
    static const struct {
        size_t at;
        uint64_t value;
        unsigned size;
        sd_error_code code;
        const char *words;
    } cases[] = {
        {4, '?', 8, SD_ERROR_UNSUPPORTED, "(byte 4)"},
        {4, 0x3931534D, 8, SD_ERROR_UNSUPPORTED, "MS19"},
        {84, 2, 2, SD_ERROR_UNSUPPORTED, "peak detect"},
        {96, 0, 4, SD_ERROR_DAMAGED, "(byte 96)"},
        {96, 0xFF800000, 4, SD_ERROR_DAMAGED, "sample interval"},
        {128, 0, 4, SD_ERROR_DAMAGED, "(byte 128)"},
        {132, 0x7FC00000, 4, SD_ERROR_DAMAGED, "offset nan"},
        {252, 0, 4, SD_ERROR_DAMAGED, "(byte 252)"},
        {252, POINTS + 1, 4, SD_ERROR_DAMAGED, "7 samples"},
        {248, UINT32_MAX, 4, SD_ERROR_DAMAGED, "cut or damaged"},
        {68, UINT32_MAX, 4, SD_ERROR_DAMAGED, "cut or damaged"},
        {68, 0, 4, SD_ERROR_DAMAGED, "(byte 68)"},
        {68, 475, 4, SD_ERROR_DAMAGED, "inside the header"},
        {120, 0, 1, SD_ERROR_UNSUPPORTED, "all analog channels are off"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = build_ds2000(&ds2000_2, 1, 0);
        poke(bytes, cases[i].at, cases[i].value, cases[i].size);
        assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, cases[i].code,
                             cases[i].words);
    }
    static const ds2000 *const families[] = {&ds2000_2, &ds2000_4};
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        g_autoptr(GByteArray) sound = build_ds2000(families[i], 3, 0);
        cut_behind_every_byte(state, "a.wfm", sound, sound->len);
        damage_at_random(state, "a.wfm", sound, 4, 30 + (guint32)i);
    }
}

/** Appends the block of a DHO with @p size bytes of content, packed if asked. */
static void put_block(GByteArray *bytes, unsigned id, unsigned type, const GByteArray *content,
                      bool packed)
{
    uint8_t buffer[1000];
    uLong size = content->len;
    memcpy(buffer, content->data, size);
    if (packed) {
        size = sizeof buffer;
        assert_int_equal(compress(buffer, &size, content->data, content->len), Z_OK);
        assert_true(size < content->len);
    }
    put(bytes, id, 2);
    put(bytes, type, 2);
    put(bytes, content->len, 2);
    put(bytes, size, 2);
    put(bytes, size + 3, 2);
    put(bytes, 0, 2);
    g_byte_array_append(bytes, buffer, (guint)size);
    fill_up(bytes, bytes->len + 3, 0);
}

/** What a DHO file says. */
typedef struct {
    unsigned type; /**< 5: DHO800, 9: DHO1000. */
    bool packed;
    unsigned enabled; /**< Channels, bit 0 is channel 1. */
    unsigned rows;
    unsigned count; /**< Channels in the rows. */
    uint64_t total, points, again, ticks;
    int64_t scale;
} dho;

static dho sound_dho(void)
{
    return (dho){
        .type = 5,
        .packed = true,
        .enabled = 5,
        .rows = 4,
        .count = 2,
        .total = 8,
        .points = 4,
        .again = 4,
        .ticks = 5,
        .scale = 75000000,
    };
}

static GByteArray *build_dho(const dho *d)
{
    GByteArray *bytes = g_byte_array_new();
    put(bytes, 2, 4);
    fill_up(bytes, 24, 0x55);
    for (unsigned i = 4; i-- > 0;) {
        g_autoptr(GByteArray) settings = g_byte_array_new();
        put(settings, d->enabled >> i & 1, 1);
        put(settings, (uint64_t)d->scale * (i + 1), 8);
        fill_up(settings, 38, 0);
        put(settings, (uint64_t)(-250000000 * (int64_t)(i + 1)), 8);
        fill_up(settings, 90, 0);
        put_block(bytes, i + 1, d->type, settings, d->packed);
    }
    fill_up(bytes, bytes->len + 40, 0); /* the last block, and padding */
    put(bytes, d->total, 8);
    put(bytes, 0x1122334455667788, 8);
    put(bytes, d->ticks, 4);
    put(bytes, 77, 4);
    put(bytes, d->points, 4);
    put(bytes, d->again, 4);
    put(bytes, 0, 8);
    for (unsigned r = 0; r < d->rows; r++) {
        for (unsigned c = 0; c < d->count; c++) {
            put(bytes, 32768 + 100 * r + c, 2);
        }
    }
    return bytes;
}

static sd_waveform *open_dho(void **state, const dho *d)
{
    g_autoptr(GByteArray) bytes = build_dho(d);
    return open_bytes(state, "a.wfm", bytes);
}

static void dho_families(void **state)
{
    for (int packed = 0; packed <= 1; packed++) {
        for (unsigned type = 5; type <= 9; type += 4) {
            dho d = sound_dho();
            d.type = type;
            d.packed = packed;
            d.total = type == 9 ? 9 : 8; /* A DHO1000 counts too many. */
            double scale = type == 9 ? 1e-4 : 1e-5;
            double offset = type == 9 ? 2.5 : 0.25;
            sd_waveform *waveform = open_dho(state, &d);
            assert_non_null(strstr(waveform->format, type == 9 ? "DHO1000" : "DHO800"));
            assert_int_equal(waveform->channels, 2);
            assert_string_equal(waveform->channel[0].name, "CH1");
            assert_string_equal(waveform->channel[1].name, "CH3");
            assert_near(waveform->channel[0].interval, type == 9 ? 50e-9 : 4e-9);
            assert_near(waveform->channel[0].segment[0].start, type == 9 ? -100e-9 : -8e-9);
            for (unsigned r = 0; r < 4; r++) {
                double first = sd_channel_value(&waveform->channel[0], 0, r);
                double third = sd_channel_value(&waveform->channel[1], 0, r);
                assert_true(fabs(first - (100 * r * scale + offset)) < 1e-9);
                assert_true(fabs(third - ((100 * r + 1) * 3 * scale + 3 * offset)) < 1e-9);
            }
            assert_true(has_note(waveform, "trigger"));
            sd_waveform_free(waveform);
        }
    }
}

/** The first channels are taken when those that are on are not as many as in the rows. */
static void dho_channels(void **state)
{
    dho d = sound_dho();
    d.enabled = 0;
    sd_waveform *waveform = open_dho(state, &d);
    assert_string_equal(waveform->channel[0].name, "CH1");
    assert_string_equal(waveform->channel[1].name, "CH2");
    sd_waveform_free(waveform);
}

/** The lowest byte of the number of samples is 0, as the padding before it. */
static void dho_total_with_zeros(void **state)
{
    dho d = sound_dho();
    d.rows = 32768;
    d.points = d.again = d.rows;
    d.total = 65536;
    sd_waveform *waveform = open_dho(state, &d);
    assert_int_equal(waveform->channels, 2);
    assert_int_equal(waveform->channel[0].segment[0].count, 32768);
    assert_near(waveform->channel[0].scale, 1e-5);
    sd_waveform_free(waveform);
}

/* One macro per row keeps the table below readable: a sound file with one field changed. */
#define CHANGED_DHO(FIELD, VALUE, WORDS)                                                           \
    do {                                                                                           \
        dho d = sound_dho();                                                                       \
        d.FIELD = (VALUE);                                                                         \
        g_autoptr(GByteArray) changed = build_dho(&d);                                             \
        assert_bytes_refused(state, "a.wfm", changed->data, changed->len, SD_ERROR_DAMAGED,        \
                             WORDS);                                                               \
    } while (0)

static void dho_refusals(void **state)
{
    CHANGED_DHO(type, 6, "settings of the channels are missing");
    CHANGED_DHO(scale, 0, "cannot be true");
    CHANGED_DHO(ticks, 0, "sample interval");
    CHANGED_DHO(points, 0, "no header of samples");
    CHANGED_DHO(again, 5, "no header of samples");
    CHANGED_DHO(total, 0, "no header of samples");
    CHANGED_DHO(total, 100, "no header of samples");
    CHANGED_DHO(total, UINT64_MAX, "no header of samples");
    CHANGED_DHO(rows, 3, "4 samples in channel");

    dho d = sound_dho();
    g_autoptr(GByteArray) bytes = build_dho(&d);
    cut_behind_every_byte(state, "a.wfm", bytes, bytes->len);
    damage_at_random(state, "a.wfm", bytes, 24, 40);

    /* The content of the first block, which is of channel 4, and all others. */
    poke(bytes, 24 + 6, 65535, 2);
    assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, SD_ERROR_FORMAT, "like a Tek");
    poke(bytes, 24 + 8, 65535, 2);
    assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, SD_ERROR_FORMAT, "like a Tek");
    poke(bytes, 24 + 4, 65535, 2);
    assert_bytes_refused(state, "a.wfm", bytes->data, bytes->len, SD_ERROR_DAMAGED, "is cut");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ds1000_families),      cmocka_unit_test(ds1000_inverted),
        cmocka_unit_test(ds1000_e_details),     cmocka_unit_test(ds1000_refusals),
        cmocka_unit_test(ds1000z_channels),     cmocka_unit_test(ds1000z_refusals),
        cmocka_unit_test(ds2000_families),      cmocka_unit_test(ds2000_other_order),
        cmocka_unit_test(ds2000_interwoven),    cmocka_unit_test(ds2000_refusals),
        cmocka_unit_test(dho_families),         cmocka_unit_test(dho_channels),
        cmocka_unit_test(dho_total_with_zeros), cmocka_unit_test(dho_refusals),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
