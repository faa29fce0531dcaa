/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The template for readers, core/waveform/template.c: whoever copies it starts with code that is
 * known to work. It is not in the registry of the library; this program has one with it alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"
#include "waveform/format.h"

#define SAMPLES      10
#define AT_SAMPLES   80
#define START        (-4e-9)
#define SCALE        0.25
#define OFFSET       (-3.0)
#define HEADER_BEGIN "TEMPLATEMODEL 7, 1234\0\0\0"

extern const sd_format sd_format_template;

const sd_format *sd_registry_find(const sd_mapping *mapping)
{
    return sd_format_template.match(mapping) ? &sd_format_template : NULL;
}

const sd_format *sd_registry_find_by_name(const char *path)
{
    return g_str_has_suffix(path, ".template") ? &sd_format_template : NULL;
}

/** What the header of a file says. */
typedef struct {
    uint64_t seconds;
    double fraction, interval, start, scale, offset;
    uint32_t count;
    uint16_t channels, mode;
} fields;

static const fields sound = {1700000000, 0.25, 1e-9, START, SCALE, OFFSET, SAMPLES, 2, 0};

/** A file of two channels, whatever the header says of them. */
static GByteArray *build(const fields *f)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const uint8_t *)HEADER_BEGIN, 24);
    put_u64(bytes, false, f->seconds);
    put_f64(bytes, false, f->fraction);
    put_f64(bytes, false, f->interval);
    put_f64(bytes, false, f->start);
    put_f64(bytes, false, f->scale);
    put_f64(bytes, false, f->offset);
    put_u32(bytes, false, f->count);
    put_u16(bytes, false, f->channels);
    put_u16(bytes, false, f->mode);
    assert_int_equal(bytes->len, AT_SAMPLES);
    for (size_t i = 0; i < 2 * SAMPLES; i++)
        put_sample(bytes, false, 'i', 2, test_sample(i));
    return bytes;
}

static void reads(void **state)
{
    g_autoptr(GByteArray) bytes = build(&sound);
    sd_waveform *waveform = open_bytes(state, "a.template", bytes);
    assert_string_equal(waveform->format, "Template");
    assert_string_equal(waveform->instrument, "MODEL 7, 1234");
    assert_true(waveform->has_time);
    assert_int_equal(waveform->notes->len, 0);
    assert_int_equal(waveform->channels, 2);
    for (size_t c = 0; c < 2; c++) {
        const sd_channel *channel = &waveform->channel[c];
        assert_string_equal(channel->name, c == 0 ? "CH1" : "CH2");
        assert_string_equal(channel->unit, "V");
        assert_near(channel->interval, 1e-9);
        assert_int_equal(channel->segments, 1);
        assert_int_equal(channel->segment[0].count, SAMPLES);
        assert_near(channel->segment[0].start, START);
        assert_int_equal(channel->segment[0].time_ns, INT64_C(1700000000249999996));
        for (size_t i = 0; i < SAMPLES; i++)
            assert_near(sd_channel_value(channel, 0, i),
                        test_sample(c * SAMPLES + i) * SCALE + OFFSET);
    }
    sd_waveform_free(waveform);
}

static void clock_not_set_and_bytes_behind(void **state)
{
    fields f = sound;
    f.seconds = 0;
    f.channels = 1;
    g_autoptr(GByteArray) bytes = build(&f);
    sd_waveform *waveform = open_bytes(state, "a.template", bytes);
    assert_false(waveform->has_time);
    assert_true(has_note(waveform, "20 bytes follow the samples"));
    sd_waveform_free(waveform);
}

/* A sound file with one field changed. */
#define CHANGED(FIELD, VALUE, CODE, WORDS)                                                         \
    do {                                                                                           \
        fields f = sound;                                                                          \
        f.FIELD = (VALUE);                                                                         \
        g_autoptr(GByteArray) bytes = build(&f);                                                   \
        assert_bytes_refused(state, "b.template", bytes->data, bytes->len, CODE, WORDS);           \
    } while (0)

static void refuses(void **state)
{
    CHANGED(count, 0, SD_ERROR_DAMAGED, "(byte 72)");
    CHANGED(count, SAMPLES + 1, SD_ERROR_DAMAGED, "is cut");
    CHANGED(count, UINT32_MAX, SD_ERROR_DAMAGED, "is cut");
    CHANGED(channels, 0, SD_ERROR_DAMAGED, "(byte 76)");
    CHANGED(channels, UINT16_MAX, SD_ERROR_DAMAGED, "65535");
    CHANGED(scale, 0, SD_ERROR_DAMAGED, "(byte 56)");
    CHANGED(scale, (double)NAN, SD_ERROR_DAMAGED, "(byte 56)");
    CHANGED(offset, (double)INFINITY, SD_ERROR_DAMAGED, "(byte 56)");
    CHANGED(interval, 0, SD_ERROR_DAMAGED, "(byte 40)");
    CHANGED(interval, -1e-9, SD_ERROR_DAMAGED, "(byte 40)");
    CHANGED(interval, (double)NAN, SD_ERROR_DAMAGED, "(byte 40)");
    CHANGED(start, (double)INFINITY, SD_ERROR_DAMAGED, "(byte 32)");
    CHANGED(mode, 1, SD_ERROR_UNSUPPORTED, "peak detect");
    CHANGED(mode, 2, SD_ERROR_UNSUPPORTED, "(byte 78)");
}

static void cut_or_damaged(void **state)
{
    g_autoptr(GByteArray) bytes = build(&sound);
    cut_behind_every_byte(state, "c.template", bytes, bytes->len);
    damage_everywhere(state, "c.template", bytes, NULL, bytes->len, 1);
    damage_at_random(state, "c.template", bytes, 8, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(clock_not_set_and_bytes_behind),
        cmocka_unit_test(refuses),
        cmocka_unit_test(cut_or_damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
