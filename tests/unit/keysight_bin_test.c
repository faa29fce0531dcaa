/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Agilent/Keysight .bin and Rigol .bin: files that the test writes, field after field as the user's
 * guides list them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "little_endian_writer.h"
#include "waveform/reader.h"
#include "waveform_check.h"

/** One waveform. */
typedef struct {
    int header_size; /**< 128, 140 or 144. */
    int type;
    int buffers;
    int points;
    double increment, origin;
    int x_unit, y_unit;
    const char *date, *time, *label;
    double time_tag;
    unsigned segment_index;
    int buffer_type;
    int bytes_per_point;
    int64_t bytes; /**< -1: right. */
    float first;   /**< Sample i is first + i. */
} wave;

/** A sound waveform of four samples. */
static wave sound_wave(void)
{
    return (wave){
        .header_size = 140,
        .type = 1,
        .buffers = 1,
        .points = 4,
        .increment = 2e-10,
        .origin = -5e-7,
        .x_unit = 2,
        .y_unit = 1,
        .date = "2 JUL 2022",
        .time = "12:42:11",
        .label = "1",
        .buffer_type = 1,
        .bytes_per_point = 4,
        .bytes = -1,
        .first = 0.5F,
    };
}

static void put_wave(GByteArray *bytes, const wave *w, bool is_03)
{
    guint start = bytes->len;
    put(bytes, (uint64_t)w->header_size, 4);
    put(bytes, (uint64_t)w->type, 4);
    put(bytes, (uint64_t)w->buffers, 4);
    put(bytes, (uint64_t)w->points, 4);
    put(bytes, 1, 4);      /* averages */
    put_f32(bytes, 1e-6F); /* X display range */
    put_f64(bytes, -1);    /* X display origin */
    put_f64(bytes, w->increment);
    put_f64(bytes, w->origin);
    put(bytes, (uint64_t)w->x_unit, 4);
    put(bytes, (uint64_t)w->y_unit, 4);
    put_text(bytes, w->date, 16);
    put_text(bytes, w->time, 16);
    put_text(bytes, "MODEL:SERIAL", 24);
    put_text(bytes, w->label, 16);
    if (w->header_size >= 140) {
        put_f64(bytes, w->time_tag);
        put(bytes, w->segment_index, 4);
    }
    fill_up(bytes, start + (guint)MAX(w->header_size, 0), 0);
    for (int i = 0; i < w->buffers; i++) {
        put(bytes, is_03 ? 16 : 12, 4);
        put(bytes, (uint64_t)w->buffer_type, 2);
        put(bytes, (uint64_t)w->bytes_per_point, 2);
        uint64_t size = (uint64_t)w->points * (uint64_t)MAX(w->bytes_per_point, 0);
        put(bytes, w->bytes == -1 ? size : (uint64_t)w->bytes, is_03 ? 8 : 4);
        for (int k = 0; k < w->points; k++) {
            if (w->bytes_per_point == 4) {
                put_f32(bytes, w->first + (float)k);
            } else {
                put(bytes, (uint64_t)k, 1);
            }
        }
    }
}

/** A file; the header counts @p count waveforms. */
static GByteArray *build(const char *magic, const wave *waves, size_t written, int32_t count)
{
    bool is_03 = g_str_has_suffix(magic, "03");
    GByteArray *bytes = g_byte_array_new();
    put_text(bytes, magic, 4);
    put(bytes, 1, is_03 ? 8 : 4); /* The file size: too small, as some firmware writes it. */
    put(bytes, (uint64_t)count, 4);
    for (size_t i = 0; i < written; i++) {
        put_wave(bytes, &waves[i], is_03);
    }
    return bytes;
}

static sd_waveform *open_waves(void **state, const char *magic, const wave *waves, size_t count)
{
    g_autoptr(GByteArray) bytes = build(magic, waves, count, (int32_t)count);
    return open_bytes(state, "a.bin", bytes);
}

/** All versions, two channels; Rigol's X origin has the other sign. */
static void channels_of_all_versions(void **state)
{
    static const char *const magics[] = {"AG01", "AG03", "AG10", "RG01", "RG03"};
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
        bool is_rigol = magics[i][0] == 'R';
        wave waves[] = {sound_wave(), sound_wave()};
        waves[0].origin = waves[1].origin = is_rigol ? 5e-7 : -5e-7;
        waves[1].type = 3;
        waves[1].label = "";
        waves[1].y_unit = 4;
        waves[1].first = -7;
        sd_waveform *waveform = open_waves(state, magics[i], waves, 2);
        assert_non_null(strstr(waveform->format, magics[i]));
        assert_string_equal(waveform->instrument, "MODEL:SERIAL");
        assert_int_equal(waveform->channels, 2);
        const sd_channel *channel = waveform->channel;
        assert_string_equal(channel[0].name, "1");
        assert_string_equal(channel[0].unit, "V");
        assert_string_equal(channel[1].name, "2");
        assert_string_equal(channel[1].unit, "A");
        for (size_t c = 0; c < 2; c++) {
            assert_int_equal(channel[c].segments, 1);
            assert_int_equal(channel[c].segment[0].count, 4);
            assert_near(channel[c].interval, 2e-10);
            assert_near(channel[c].segment[0].start, -5e-7);
        }
        assert_near(sd_channel_value(&channel[0], 0, 3), 3.5);
        assert_near(sd_channel_value(&channel[1], 0, 0), -7);
        sd_waveform_free(waveform);
    }
}

/** Date and time are those of the trigger: 2022-07-02 12:42:11 is 1656765731. */
static void times(void **state)
{
    wave w = sound_wave();
    sd_waveform *waveform = open_waves(state, "AG10", &w, 1);
    assert_true(waveform->has_time);
    assert_int_equal(waveform->channel[0].segment[0].time_ns, 1656765731000000000 - 500);
    assert_true(has_note(waveform, "UTC"));
    sd_waveform_free(waveform);

    w.date = "2022-7-2";
    waveform = open_waves(state, "RG01", &w, 1);
    assert_true(waveform->has_time);
    assert_int_equal(waveform->channel[0].segment[0].time_ns, 1656765731000000000 + 500);
    sd_waveform_free(waveform);

    static const char *const no_dates[] = {"               ", "",           "31 FEB 2022",
                                           "2 XYZ 2022",      "2022-13-02", "0000-00-00"};
    for (size_t i = 0; i < G_N_ELEMENTS(no_dates); i++) {
        w.date = no_dates[i];
        waveform = open_waves(state, "AG10", &w, 1);
        assert_false(waveform->has_time);
        sd_waveform_free(waveform);
    }
    w = sound_wave();
    w.time = "25:00:00";
    waveform = open_waves(state, "AG10", &w, 1);
    assert_false(waveform->has_time);
    sd_waveform_free(waveform);
}

/** Three segments of two channels, all of a channel in a row or all channels of a segment. */
static void segments(void **state)
{
    for (int by_channel = 0; by_channel <= 1; by_channel++) {
        wave waves[6];
        for (unsigned i = 0; i < 6; i++) {
            unsigned channel = by_channel ? i / 3 : i % 2;
            unsigned segment = by_channel ? i % 3 : i / 2;
            waves[i] = sound_wave();
            waves[i].label = channel ? "2" : "1";
            waves[i].segment_index = segment + 1;
            waves[i].time_tag = 0.25 * segment;
            waves[i].first = (float)(100 * channel + 10 * segment);
        }
        sd_waveform *waveform = open_waves(state, "AG10", waves, 6);
        assert_int_equal(waveform->channels, 2);
        for (size_t c = 0; c < 2; c++) {
            const sd_channel *channel = &waveform->channel[c];
            assert_string_equal(channel->name, c ? "2" : "1");
            assert_int_equal(channel->segments, 3);
            for (size_t s = 0; s < 3; s++) {
                assert_near(sd_channel_value(channel, s, 1), (double)(100 * c + 10 * s + 1));
                assert_int_equal(channel->segment[s].time_ns,
                                 1656765731000000000 - 500 + (int64_t)s * 250000000);
            }
        }
        sd_waveform_free(waveform);
    }
}

/** Without a date the distances from the first trigger are still those of the file. */
static void segments_without_a_date(void **state)
{
    wave waves[3];
    for (unsigned i = 0; i < 3; i++) {
        waves[i] = sound_wave();
        waves[i].date = "";
        waves[i].segment_index = i + 1;
        waves[i].time_tag = 0.25 * i;
    }
    sd_waveform *waveform = open_waves(state, "AG10", waves, 3);
    assert_false(waveform->has_time);
    assert_false(has_note(waveform, "not in order"));
    assert_int_equal(waveform->channels, 1);
    const sd_segment *segment = waveform->channel[0].segment;
    int64_t modified = waveform->mapping->modified * 1000000000;
    assert_in_range(segment[0].time_ns, modified - 500, modified + 1000000000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(segment[i + 1].time_ns - segment[i].time_ns, 250000000);
    }
    sd_waveform_free(waveform);
}

/** The time goes backwards: named, for every format. */
static void segments_out_of_order(void **state)
{
    wave waves[3];
    for (unsigned i = 0; i < 3; i++) {
        waves[i] = sound_wave();
        waves[i].segment_index = i + 1;
        waves[i].time_tag = i < 2 ? i : 0.5;
    }
    sd_waveform *waveform = open_waves(state, "AG10", waves, 3);
    assert_int_equal(waveform->channel[0].segments, 3);
    const uint64_t at = noted_byte(
        waveform, "not in order: segment 2 is earlier than the one before it: its time tag");
    sd_reader reader = {.mapping = waveform->mapping};
    assert_true(sd_reader_f64(&reader, at, "the time tag") == waves[2].time_tag);
    assert_null(reader.error);
    sd_waveform_free(waveform);
}

/** The same label twice is no segment without a rising index, nor with another interval. */
static void channels_of_one_label(void **state)
{
    wave waves[] = {sound_wave(), sound_wave(), sound_wave()};
    sd_waveform *waveform = open_waves(state, "AG10", waves, 3);
    assert_int_equal(waveform->channels, 3);
    sd_waveform_free(waveform);

    for (size_t i = 0; i < 3; i++) {
        waves[i].segment_index = 1; /* As Rigol does. */
        waves[i].label = "";
    }
    waveform = open_waves(state, "RG01", waves, 3);
    assert_int_equal(waveform->channels, 3);
    sd_waveform_free(waveform);

    waves[1].segment_index = 2;
    waves[1].increment = 1e-9;
    waveform = open_waves(state, "AG10", waves, 2);
    assert_int_equal(waveform->channels, 2);
    sd_waveform_free(waveform);
}

static void header_sizes(void **state)
{
    static const int sizes[] = {128, 140, 144, 200};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        wave waves[] = {sound_wave(), sound_wave()};
        waves[0].header_size = waves[1].header_size = sizes[i];
        waves[1].label = "2";
        sd_waveform *waveform = open_waves(state, "RG01", waves, 2);
        assert_int_equal(waveform->channels, 2);
        assert_near(sd_channel_value(&waveform->channel[1], 0, 0), 0.5);
        sd_waveform_free(waveform);
    }
}

/** What is no record over time is left out, with a note; more buffers than one are passed. */
static void left_out(void **state)
{
    wave waves[] = {sound_wave(), sound_wave(), sound_wave(), sound_wave(), sound_wave()};
    waves[0].buffer_type = 6; /* digital in a normal waveform, as an InfiniiVision stores it */
    waves[0].bytes_per_point = 1;
    waves[1].x_unit = 6; /* a spectrum */
    waves[2].type = 6;
    waves[2].buffer_type = 5;
    waves[3].type = 4;
    waves[3].buffer_type = 4;
    waves[4].label = "3";
    waves[4].buffers = 2;
    sd_waveform *waveform = open_waves(state, "AG10", waves, 5);
    assert_int_equal(waveform->channels, 1);
    assert_string_equal(waveform->channel[0].name, "3");
    assert_true(has_note(waveform, "waveform 1 is digital: left out"));
    assert_true(has_note(waveform, "waveform 2 is no record over time"));
    assert_true(has_note(waveform, "waveform 3 is digital"));
    assert_true(has_note(waveform, "waveform 4 is a horizontal histogram"));
    assert_false(has_note(waveform, "waveform 5"));
    sd_waveform_free(waveform);

    g_autoptr(GByteArray) bytes = build("AG10", waves, 4, 4);
    assert_bytes_refused(state, "a.bin", bytes->data, bytes->len, SD_ERROR_UNSUPPORTED,
                         "no voltage record");

    wave w = sound_wave();
    g_autoptr(GByteArray) trailed = build("AG10", &w, 1, 1);
    put_text(trailed, "trailer", 7);
    waveform = open_bytes(state, "a.bin", trailed);
    assert_true(has_note(waveform, "7 bytes follow the last waveform"));
    sd_waveform_free(waveform);
}

/** Hundreds of waveforms that are left out do not make hundreds of notes. */
static void notes_are_bounded(void **state)
{
    enum { WAVES = 300 };
    wave waves[WAVES];
    for (size_t i = 0; i < WAVES; i++) {
        waves[i] = sound_wave();
        waves[i].type = i ? 6 : 1;
    }
    sd_waveform *waveform = open_waves(state, "AG10", waves, WAVES);
    assert_in_range(waveform->notes->len, 17, 20);
    assert_true(has_note(waveform, "299 waveforms were left out"));
    sd_waveform_free(waveform);
}

/* One macro per row keeps the table below readable: a sound waveform with one field changed. */
#define CHANGED(FIELD, VALUE, CODE, WORDS)                                                         \
    do {                                                                                           \
        wave w = sound_wave();                                                                     \
        w.FIELD = (VALUE);                                                                         \
        g_autoptr(GByteArray) changed = build("AG10", &w, 1, 1);                                   \
        assert_bytes_refused(state, "a.bin", changed->data, changed->len, CODE, WORDS);            \
    } while (0)

static void fields_that_cannot_be_true(void **state)
{
    CHANGED(header_size, 0, SD_ERROR_DAMAGED, "(byte 12)");
    CHANGED(header_size, 127, SD_ERROR_DAMAGED, "127 bytes");
    CHANGED(header_size, -1, SD_ERROR_DAMAGED, "is cut");
    CHANGED(type, 7, SD_ERROR_DAMAGED, "(byte 16)");
    CHANGED(type, -1, SD_ERROR_DAMAGED, "of type -1");
    CHANGED(type, 2, SD_ERROR_UNSUPPORTED, "peak detect");
    CHANGED(buffers, 0, SD_ERROR_DAMAGED, "0 buffers");
    CHANGED(buffers, -1, SD_ERROR_DAMAGED, "(byte 20)");
    CHANGED(points, 0, SD_ERROR_DAMAGED, "0 points");
    CHANGED(points, -4, SD_ERROR_DAMAGED, "-4 points");
    CHANGED(increment, 0, SD_ERROR_DAMAGED, "(byte 44)");
    CHANGED(increment, -2e-10, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(increment, (double)NAN, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(increment, (double)INFINITY, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(increment, 1e-320, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(origin, (double)NAN, SD_ERROR_DAMAGED, "(byte 52)");
    CHANGED(origin, (double)INFINITY, SD_ERROR_DAMAGED, "starts at");
    CHANGED(time_tag, (double)NAN, SD_ERROR_DAMAGED, "(byte 140)");
    CHANGED(buffer_type, 7, SD_ERROR_DAMAGED, "(byte 156)");
    CHANGED(buffer_type, -1, SD_ERROR_DAMAGED, "of type -1");
    CHANGED(buffer_type, 2, SD_ERROR_UNSUPPORTED, "(byte 156)");
    CHANGED(buffer_type, 3, SD_ERROR_UNSUPPORTED, "peak detect");
    CHANGED(bytes_per_point, 1, SD_ERROR_DAMAGED, "(byte 158)");
    CHANGED(bytes_per_point, -4, SD_ERROR_DAMAGED, "-4 bytes");
    CHANGED(bytes, 12, SD_ERROR_DAMAGED, "4 points");
    CHANGED(bytes, 17, SD_ERROR_DAMAGED, "only 16 bytes follow");
    CHANGED(bytes, INT32_MAX, SD_ERROR_DAMAGED, "(byte 160)");
    CHANGED(bytes, INT32_MIN, SD_ERROR_DAMAGED, "cut or damaged");
}

static void counts_that_lie(void **state)
{
    static const int32_t counts[] = {0, -1, INT32_MIN};
    wave w = sound_wave();
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(GByteArray) bytes = build("AG10", &w, 1, counts[i]);
        assert_bytes_refused(state, "a.bin", bytes->data, bytes->len, SD_ERROR_DAMAGED, "(byte 8)");
    }
    g_autoptr(GByteArray) many = build("AG10", &w, 1, INT32_MAX);
    assert_bytes_refused(state, "a.bin", many->data, many->len, SD_ERROR_DAMAGED, "is cut");

    g_autoptr(GByteArray) small = build("AG10", &w, 1, 1);
    poke(small, 152, 11, 4);
    assert_bytes_refused(state, "a.bin", small->data, small->len, SD_ERROR_DAMAGED, "(byte 152)");
    g_autoptr(GByteArray) wide = build("RG03", &w, 1, 1);
    poke(wide, 16 + 140 + 8, UINT64_MAX - 100, 8);
    assert_bytes_refused(state, "a.bin", wide->data, wide->len, SD_ERROR_DAMAGED, "(byte 164)");
}

static void cut_and_damaged(void **state)
{
    static const char *const magics[] = {"AG03", "AG10"};
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
        wave waves[] = {sound_wave(), sound_wave()};
        waves[1].label = "2";
        g_autoptr(GByteArray) bytes = build(magics[i], waves, 2, 2);
        cut_behind_every_byte(state, "a.bin", bytes, bytes->len);
        damage_at_random(state, "a.bin", bytes, 4, 1 + (guint32)i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_of_all_versions),
        cmocka_unit_test(times),
        cmocka_unit_test(segments),
        cmocka_unit_test(segments_without_a_date),
        cmocka_unit_test(segments_out_of_order),
        cmocka_unit_test(channels_of_one_label),
        cmocka_unit_test(header_sizes),
        cmocka_unit_test(left_out),
        cmocka_unit_test(notes_are_bounded),
        cmocka_unit_test(fields_that_cannot_be_true),
        cmocka_unit_test(counts_that_lie),
        cmocka_unit_test(cut_and_damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
