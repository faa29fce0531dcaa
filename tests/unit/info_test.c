/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a file says of itself, and channels by number and name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "scopedump/error.h"
#include "scopedump/info.h"

#define CHANNELS 4

/** A file of four channels, made without samples: nobody may look at them. */
typedef struct {
    char path[32], instrument[32];
    char name[CHANNELS][8], unit[CHANNELS][8];
    sd_segment segment[CHANNELS][100];
    sd_channel channel[CHANNELS];
    sd_waveform waveform;
} file;

static file *new_file(void)
{
    static const char *const names[CHANNELS] = {"CH1", "2", "Math\xFF", "ch\xC3\xA4"};
    file *f = g_new0(file, 1);
    g_strlcpy(f->path, "/some/two.bin", sizeof f->path);
    g_strlcpy(f->instrument, "SCOPE 1,B0123", sizeof f->instrument);
    for (unsigned i = 0; i < CHANNELS; i++) {
        g_strlcpy(f->name[i], names[i], sizeof f->name[i]);
        g_strlcpy(f->unit[i], i == 2 ? "A" : "V", sizeof f->unit[i]);
        f->segment[i][0] = (sd_segment){
            .count = 1000, .start = -1e-6, .time_ns = INT64_C(1700000000123456789), .time_ps = 77};
        f->channel[i] = (sd_channel){.name = f->name[i],
                                     .unit = f->unit[i],
                                     .type = SD_SAMPLE_S16,
                                     .scale = 1e-4,
                                     .offset = 0.5,
                                     .interval = 4e-11,
                                     .segments = 1,
                                     .segment = f->segment[i]};
    }
    f->waveform = (sd_waveform){.path = f->path,
                                .format = "test format",
                                .instrument = f->instrument,
                                .has_time = true,
                                .channels = CHANNELS,
                                .channel = f->channel,
                                .notes = g_ptr_array_new()};
    return f;
}

static void free_file(file *f)
{
    g_ptr_array_unref(f->waveform.notes);
    g_free(f);
}

static void assert_text(const file *f, const char *words, bool there)
{
    g_autofree char *text = sd_info_text(&f->waveform);
    assert_true(g_utf8_validate(text, -1, NULL));
    if ((strstr(text, words) != NULL) != there)
        fail_msg("\"%s\" is %s in:\n%s", words, there ? "not" : "", text);
}

static void text(void **state)
{
    (void)state;
    file *f = new_file();
    assert_text(f, "/some/two.bin (test format)\n", true);
    assert_text(f, "SCOPE 1,B0123\n", true);
    assert_text(f, "2023-11-14 22:13:20.123456789 UTC\n", true);
    assert_text(f, "1: CH1, V, 1000 samples at 25 GS/s, 0.04 us, range -2.777 V to 3.777 V\n",
                true);
    assert_text(f, "4: ch\xC3\xA4, V, 1000 samples", true);
    assert_text(f, "segment", false);
    assert_text(f, "Note", false);

    f->waveform.has_time = false;
    f->waveform.instrument = NULL;
    g_ptr_array_add(f->waveform.notes, f->path);
    f->channel[0].segments = 100;
    for (unsigned i = 0; i < 100; i++)
        f->segment[0][i].count = i + 1;
    assert_text(f, "modification time", true);
    assert_text(f, "Instrument", false);
    assert_text(f, "Note          /some/two.bin\n", true);
    assert_text(f, "1: CH1, V, 5050 samples", true);
    assert_text(f, ", 100 segments\n", true);
    assert_text(f, "segment 63  64 samples, from 1970-01-01", true);
    assert_text(f, "segment 64", false);
    assert_text(f, "and 36 segments more\n", true);
    free_file(f);
}

/** A range is told only where the file tells it. */
static void ranges(void **state)
{
    (void)state;
    file *f = new_file();
    static const struct {
        sd_sample_type type;
        double scale, offset;
        bool known;
        double low, high;
    } cases[] = {
        {SD_SAMPLE_S8, 0.5, 1, true, -63, 64.5},
        {SD_SAMPLE_U8, 0.01, 0, true, 0, 2.55},
        {SD_SAMPLE_S16, 0.001, 0, true, -32.768, 32.767},
        {SD_SAMPLE_U16, 0.001, -1, true, -1, 64.535},
        {SD_SAMPLE_S8, -1, 0, true, -127, 128},
        {SD_SAMPLE_S16, 1, 0, false, 0, 0}, /* nothing tells what a code is worth */
        {SD_SAMPLE_S32, 0.5, 1, false, 0, 0},
        {SD_SAMPLE_U32, 0.5, 1, false, 0, 0},
        {SD_SAMPLE_F32, 0.5, 1, false, 0, 0},
        {SD_SAMPLE_F64, 0.5, 1, false, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        sd_channel *c = &f->channel[0];
        c->type = cases[i].type;
        c->scale = cases[i].scale;
        c->offset = cases[i].offset;
        double low = 0, high = 0;
        assert_true(sd_channel_range(c, &low, &high) == cases[i].known);
        assert_float_equal(low, cases[i].low, 1e-9);
        assert_float_equal(high, cases[i].high, 1e-9);
        g_autofree char *line = sd_info_channel(&f->waveform, 0);
        assert_true((strstr(line, "range") != NULL) == cases[i].known);
    }
    free_file(f);
}

/** Rate and length in the units that people use for them. */
static void units(void **state)
{
    (void)state;
    file *f = new_file();
    static const struct {
        double interval;
        const char *words;
    } cases[] = {
        {4e-11, "at 25 GS/s, 0.04 us"},  {1e-9, "at 1 GS/s, 1 us"},
        {1.6e-9, "at 625 MS/s, 1.6 us"}, {1e-6, "at 1 MS/s, 1 ms"},
        {2e-6, "at 500 kS/s, 2 ms"},     {0.01, "at 100 S/s, 10 s"},
        {10, "at 0.1 S/s, 10000 s"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        f->channel[0].interval = cases[i].interval;
        assert_text(f, cases[i].words, true);
    }
    free_file(f);
}

static void json(void **state)
{
    (void)state;
    file *f = new_file();
    f->channel[1].type = SD_SAMPLE_F32;
    f->channel[0].segments = 100;
    g_autofree char *whole = sd_info_json(&f->waveform);
    assert_true(g_utf8_validate(whole, -1, NULL));
    g_autoptr(JsonParser) parser = json_parser_new();
    assert_true(json_parser_load_from_data(parser, whole, -1, NULL));
    JsonObject *o = json_node_get_object(json_parser_get_root(parser));
    assert_string_equal(json_object_get_string_member(o, "file"), "/some/two.bin");
    assert_string_equal(json_object_get_string_member(o, "format"), "test format");
    assert_string_equal(json_object_get_string_member(o, "instrument"), "SCOPE 1,B0123");
    assert_true(json_object_get_int_member(o, "time_ns") == INT64_C(1700000000123456789));
    assert_true(json_object_get_boolean_member(o, "time_from_file"));
    assert_int_equal(json_array_get_length(json_object_get_array_member(o, "notes")), 0);
    JsonArray *channels = json_object_get_array_member(o, "channels");
    assert_int_equal(json_array_get_length(channels), CHANNELS);
    JsonObject *c = json_array_get_object_element(channels, 0);
    assert_int_equal(json_object_get_int_member(c, "number"), 1);
    assert_string_equal(json_object_get_string_member(c, "name"), "CH1");
    assert_string_equal(json_object_get_string_member(c, "unit"), "V");
    assert_int_equal(json_object_get_int_member(c, "samples"), 1000);
    assert_float_equal(json_object_get_double_member(c, "sample_rate"), 25e9, 1);
    assert_float_equal(json_object_get_double_member(c, "scale"), 1e-4, 1e-12);
    assert_float_equal(json_object_get_double_member(c, "offset"), 0.5, 1e-12);
    assert_int_equal(json_object_get_int_member(c, "segments"), 100);
    JsonArray *segments = json_object_get_array_member(c, "segment");
    assert_int_equal(json_array_get_length(segments), 64);
    JsonObject *first = json_array_get_object_element(segments, 0);
    assert_int_equal(json_object_get_int_member(first, "samples"), 1000);
    assert_float_equal(json_object_get_double_member(first, "start_s"), -1e-6, 1e-15);
    assert_int_equal(json_object_get_int_member(first, "time_ps"), 77);
    JsonObject *range = json_object_get_object_member(c, "range");
    assert_float_equal(json_object_get_double_member(range, "low"), 0.5 - 3.2768, 1e-9);
    assert_float_equal(json_object_get_double_member(range, "high"), 0.5 + 3.2767, 1e-9);
    assert_true(json_object_get_null_member(json_array_get_object_element(channels, 1), "range"));
    assert_string_equal(
        json_object_get_string_member(json_array_get_object_element(channels, 2), "unit"), "A");
    free_file(f);
}

static void assert_found(const file *f, const char *name, size_t wanted)
{
    size_t channel = 99;
    GError *error = NULL;
    assert_true(sd_waveform_find_channel(&f->waveform, name, &channel, &error));
    assert_null(error);
    assert_int_equal(channel, wanted);
}

/** Refused, in a sentence that has these words and lists the channels. */
static void assert_refused(const file *f, const char *name, const char *words)
{
    size_t channel;
    GError *error = NULL;
    assert_false(sd_waveform_find_channel(&f->waveform, name, &channel, &error));
    assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_CHANNEL));
    assert_true(g_utf8_validate(error->message, -1, NULL));
    assert_non_null(strstr(error->message, "two.bin"));
    assert_non_null(strstr(error->message, words));
    assert_non_null(strstr(error->message, "1 (CH1), 2 (2), 3 (Math"));
    g_error_free(error);
}

static void channels_by_name(void **state)
{
    (void)state;
    file *f = new_file();
    assert_found(f, "1", 0);
    assert_found(f, "4", 3);
    assert_found(f, "CH1", 0);
    assert_found(f, "ch1", 0);
    assert_found(f, "Math\xFF", 2);
    assert_found(f, "CH\xC3\x84", 3); /* the capital letter of the name */
    assert_found(f, "2", 1);
    static const char *const wrong[] = {"",   "0",    "5",    "99999999999999999999999",
                                        "-1", "+1",   "1.0",  " 1",
                                        "CH", "CH11", "math", "\xFF"};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_refused(f, wrong[i], "has no channel");

    /* a name that looks like a number: numbers win */
    g_strlcpy(f->name[0], "3", sizeof f->name[0]);
    assert_found(f, "3", 2);
    assert_found(f, "1", 0);
    g_strlcpy(f->name[0], "CH1", sizeof f->name[0]);
    g_strlcpy(f->name[3], "ch1", sizeof f->name[3]);
    assert_refused(f, "CH1", "more than one channel");
    free_file(f);
}

/** A file with very many channels: the sentence stays short. */
static void many_channels(void **state)
{
    (void)state;
    file *f = new_file();
    f->waveform.channels = 1000;
    f->waveform.channel = g_new(sd_channel, 1000);
    for (unsigned i = 0; i < 1000; i++)
        f->waveform.channel[i] = f->channel[1];
    size_t channel;
    GError *error = NULL;
    assert_false(sd_waveform_find_channel(&f->waveform, "x", &channel, &error));
    assert_non_null(strstr(error->message, "and 968 more"));
    assert_true(strlen(error->message) < 500);
    g_error_free(error);
    g_free(f->waveform.channel);
    free_file(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text), cmocka_unit_test(ranges),           cmocka_unit_test(units),
        cmocka_unit_test(json), cmocka_unit_test(channels_by_name), cmocka_unit_test(many_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
