/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sigrok sessions: parts, names, rates, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"
#include "zip_file.h"

#define PARTS        12
#define PART_SAMPLES 5

/** The samples of a part: they count on from part to part. */
static GByteArray *part(size_t channel, size_t number, size_t samples)
{
    GByteArray *bytes = g_byte_array_new();
    for (size_t i = 0; i < samples; i++)
        put_sample(bytes, false, 'f', 4,
                   test_sample(number * samples + i) + 1000 * (double)channel);
    return bytes;
}

/** Two channels, of which one has parts that stand in the archive from the last to the first. */
static char *write_session(void **state, const char *metadata, bool stored)
{
    zip_member members[PARTS + 4];
    char names[PARTS][32];
    GByteArray *parts[PARTS + 1];
    members[0] = (zip_member){"version", "2", 1};
    members[1] = (zip_member){"metadata", metadata, strlen(metadata)};
    members[2] = (zip_member){"logic-1-1", "\x01\x02", 2};
    for (size_t i = 0; i < PARTS; i++) {
        size_t number = PARTS - i;
        g_snprintf(names[i], sizeof names[i], "analog-1-9-%zu", number);
        parts[i] = part(1, number - 1, PART_SAMPLES);
        members[i + 3] = (zip_member){names[i], parts[i]->data, parts[i]->len};
    }
    parts[PARTS] = part(2, 0, 7);
    members[PARTS + 3] = (zip_member){"analog-1-10", parts[PARTS]->data, parts[PARTS]->len};
    char *path = g_build_filename(*state, "session.sr", NULL);
    zip_write(path, members, G_N_ELEMENTS(members), stored);
    for (size_t i = 0; i <= PARTS; i++)
        g_byte_array_unref(parts[i]);
    return path;
}

#define METADATA(rate)                                                                             \
    "[global]\nsigrok version=0.6.0\n\n[device 1]\ncapturefile=logic-1\ntotal probes=8\n"          \
    "samplerate=" rate "\ntotal analog=3\nanalog9=A\nanalog11=C\nunitsize=1\n"

static void channels_and_parts(void **state)
{
    for (int stored = 0; stored <= 1; stored++) {
        g_autofree char *path = write_session(state, METADATA("50 MHz"), stored);
        sd_waveform *waveform = open_sound(path, NULL);
        assert_sound(waveform);
        assert_string_equal(waveform->format, "sigrok session");
        assert_false(waveform->has_time);
        assert_int_equal(waveform->channels, 2);
        const sd_channel *channel = waveform->channel;
        assert_string_equal(channel[0].name, "A");
        assert_string_equal(channel[1].name, "analog10");
        assert_true(channel[0].interval == 2e-8);
        assert_int_equal(channel[0].segment[0].count, PARTS * PART_SAMPLES);
        assert_int_equal(channel[1].segment[0].count, 7);
        for (size_t i = 0; i < PARTS * PART_SAMPLES; i++)
            assert_true(sd_channel_value(&channel[0], 0, i) == test_sample(i) + 1000);
        for (size_t i = 0; i < 7; i++)
            assert_true(sd_channel_value(&channel[1], 0, i) == test_sample(i) + 2000);
        assert_true(has_note(waveform, "logic channels"));
        assert_true(has_note(waveform, "3 analog channels"));
        sd_waveform_free(waveform);
    }
}

static void rates(void **state)
{
    static const struct {
        const char *metadata;
        double interval;
    } rows[] = {
        {METADATA("8000000"), 1.25e-7}, {METADATA("8 MHz"), 1.25e-7}, {METADATA("12.5 kHz"), 8e-5},
        {METADATA("20GHz"), 5e-11},     {METADATA("1 Hz"), 1},        {METADATA("4 M"), 2.5e-7},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_session(state, rows[i].metadata, false);
        sd_waveform *waveform = open_sound(path, NULL);
        assert_true(fabs(waveform->channel[0].interval / rows[i].interval - 1) < 1e-15);
        sd_waveform_free(waveform);
    }
}

static void rates_that_cannot_be_true(void **state)
{
    static const char *const rows[] = {
        METADATA("0"),     METADATA("-5 MHz"), METADATA("nan"),
        METADATA("1e400"), METADATA("5 MB"),   METADATA(""),
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = write_session(state, rows[i], false);
        assert_refused(path, NULL, SD_ERROR_DAMAGED, "samplerate");
    }
    g_autofree char *path = write_session(state, "[device 1]\n", false);
    assert_refused(path, NULL, SD_ERROR_DAMAGED,
                   "samplerate in \"metadata\" of the archive is "
                   "missing");
    g_autofree char *garbage = write_session(state, "no such text", false);
    assert_refused(garbage, NULL, SD_ERROR_DAMAGED, "\"metadata\" in the archive");
}

static void archives_that_are_refused(void **state)
{
    static const char metadata[] = METADATA("1 MHz");
    const zip_member version = {"version", "2\n", 2};
    const zip_member text = {"metadata", metadata, sizeof metadata - 1};
    const struct {
        zip_member members[4];
        size_t count;
        sd_error_code code;
        const char *words;
    } rows[] = {
        {{version, text, {"logic-1-1", "x", 1}}, 3, SD_ERROR_UNSUPPORTED, "logic alone"},
        {{{"version", "3", 1}, text}, 2, SD_ERROR_FORMAT, "version \"3\""},
        {{version, text, {"analog-1-1-2", "abcd", 4}}, 3, SD_ERROR_DAMAGED, "part 1 of"},
        {{version, text, {"analog-1-1-1", "abcd", 4}, {"analog-1-1-3", "abcd", 4}},
         4,
         SD_ERROR_DAMAGED,
         "part 2 of"},
        {{version, text, {"analog-1-1", "abcd", 4}, {"analog-1-01", "abcd", 4}},
         4,
         SD_ERROR_DAMAGED,
         "there twice"},
        {{version, text, {"analog-1-1-1", "abc", 3}}, 3, SD_ERROR_DAMAGED, "less than one sample"},
        {{version, text, {"analog-1-1-1", "", 0}}, 3, SD_ERROR_DAMAGED, "unpacks to nothing"},
    };
    g_autofree char *path = g_build_filename(*state, "refused.sr", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        zip_write(path, rows[i].members, rows[i].count, false);
        assert_refused(path, NULL, rows[i].code, rows[i].words);
    }
    const zip_member odd[] = {version, text, {"analog-1-1-1", "\0\0\0\0xyz", 7}};
    zip_write(path, odd, 3, false);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_true(has_note(waveform, "the last 3 bytes"));
    sd_waveform_free(waveform);
}

static void damaged(void **state)
{
    g_autofree char *path = write_session(state, METADATA("1 MHz"), true);
    g_autoptr(GByteArray) bytes = read_file(path);
    cut_everywhere(state, "cut.sr", bytes, NULL, bytes->len, 7);
    damage_everywhere(state, "damaged.sr", bytes, NULL, bytes->len, 7);
}

static void options_are_refused(void **state)
{
    g_autofree char *path = write_session(state, METADATA("1 MHz"), true);
    const sd_waveform_options rate = {.sample_rate = 1e9};
    assert_refused(path, &rate, SD_ERROR_USAGE, "--sample-rate");
    const sd_waveform_options scale = {.scale = 2};
    assert_refused(path, &scale, SD_ERROR_USAGE, "leave out --scale");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_and_parts),
        cmocka_unit_test(rates),
        cmocka_unit_test(rates_that_cannot_be_true),
        cmocka_unit_test(archives_that_are_refused),
        cmocka_unit_test(damaged),
        cmocka_unit_test(options_are_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
