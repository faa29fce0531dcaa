/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of ngscopeclient: segments, sparse samples, old time bases, missing parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"

#define SAMPLES 40

#define SESSION                                                                                    \
    "version: 2\n"                                                                                 \
    "instruments:\n"                                                                               \
    "    scope1:\n"                                                                                \
    "        id:     1\n"                                                                          \
    "        nick:   \"dut\"\n"                                                                    \
    "        name:   \"HDO9204\"\n"                                                                \
    "        vendor: \"LECROY\"\n"                                                                 \
    "        serial: \"L1\"\n"                                                                     \
    "        channels:\n"                                                                          \
    "            ch0:\n"                                                                           \
    "                index: 0\n"                                                                   \
    "                nick:  \"C1\"\n"                                                              \
    "                type:  analog\n"                                                              \
    "            ch1:\n"                                                                           \
    "                index: 1\n"                                                                   \
    "                name:  \"second\"\n"                                                          \
    "                type:  analog\n"                                                              \
    "            ch4:\n"                                                                           \
    "                index: 4\n"                                                                   \
    "                nick:  \"D0\"\n"                                                              \
    "                type:  digital\n"

/** Removes the folder of data of the session. */
static void remove_folder(const char *folder)
{
    GDir *directory = g_dir_open(folder, 0, NULL);
    const char *name = NULL;
    while (directory && (name = g_dir_read_name(directory))) {
        g_autofree char *path G_GNUC_UNUSED = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            remove_folder(path);
        else
            assert_int_equal(g_remove(path), 0);
    }
    if (directory)
        g_dir_close(directory);
    (void)g_rmdir(folder);
}

static int teardown(void **state)
{
    g_autofree char *folder = g_build_filename(*state, "record_data", NULL);
    remove_folder(folder);
    return scratch_teardown(state);
}

/** Starts a new session with this text and these metadata of scope 1; gives its path. */
static char *begin(void **state, const char *session, const char *metadata)
{
    g_autofree char *folder = g_build_filename(*state, "record_data", NULL);
    remove_folder(folder);
    assert_int_equal(g_mkdir(folder, 0700), 0);
    if (metadata) {
        g_autofree char *path G_GNUC_UNUSED =
            scratch_write(state, "record_data/scope_1_metadata.yml", metadata, strlen(metadata));
    }
    return scratch_write(state, "record.scopesession", session, strlen(session));
}

/** Writes the samples of a channel: test_sample(), shifted by 1000 for each waveform. */
static void put_channel(void **state, int scope, int waveform, const char *name, const char *format)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (size_t i = 0; i < SAMPLES; i++) {
        if (strcmp(format, "dense") != 0) {
            bool uneven = strcmp(format, "uneven") == 0 && i == 30;
            put_u64(bytes, false, 5 + 2 * (uint64_t)i + uneven);
            put_u64(bytes, false, 2);
        }
        put_sample(bytes, false, 'f', 4, test_sample(i) + 1000 * waveform);
    }
    g_autofree char *folder = g_strdup_printf("%s/record_data/scope_%d_waveforms/waveform_%d",
                                              (char *)*state, scope, waveform);
    assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
    g_autofree char *relative =
        g_strdup_printf("record_data/scope_%d_waveforms/waveform_%d/%s", scope, waveform, name);
    g_autofree char *path G_GNUC_UNUSED = scratch_write(state, relative, bytes->data, bytes->len);
}

#define WAVEFORM(id, seconds, rest)                                                                \
    "    wfm" id ":\n        timestamp: " seconds "\n        " rest "\n        id: " id            \
    "\n        channels:\n"

#define CHANNEL(index, stream, format, timescale, phase)                                           \
    "            ch" index "s" stream ":\n                format: " format                         \
    "\n                index: " index "\n                stream: " stream                          \
    "\n                timescale: " timescale "\n                trigphase: " phase "\n"

static void segments(void **state)
{
    g_autofree char *path G_GNUC_UNUSED = begin(
        state, SESSION,
        "waveforms:\n" WAVEFORM("2", "1600000002", "time_fsec: 500000000000000")
            CHANNEL("0", "0", "densev1", "50000", "6000") CHANNEL("1", "0", "densev1", "50000", "0")
                WAVEFORM("1", "1600000001", "time_fsec: 250000000000000")
                    CHANNEL("0", "0", "densev1", "50000", "-9000")
                        CHANNEL("4", "0", "densev1", "50000", "0"));
    put_channel(state, 1, 1, "channel_0.bin", "dense");
    put_channel(state, 1, 2, "channel_0.bin", "dense");
    put_channel(state, 1, 2, "channel_1.bin", "dense");
    sd_waveform *waveform = open_sound(path, NULL);
    assert_sound(waveform);
    assert_string_equal(waveform->format, "ngscopeclient session");
    assert_string_equal(waveform->instrument, "LECROY HDO9204 L1");
    assert_true(waveform->has_time);
    assert_true(has_note(waveform, "1 waveforms of digital"));
    assert_int_equal(waveform->channels, 2);
    const sd_channel *channel = waveform->channel;
    assert_string_equal(channel[0].name, "C1");
    assert_string_equal(channel[1].name, "second");
    assert_int_equal(channel[0].segments, 2);
    assert_int_equal(channel[1].segments, 1);
    assert_true(channel[0].interval == 5e-11);
    assert_true(channel[0].segment[0].start == -9e-12);
    assert_true(channel[0].segment[1].start == 6e-12);
    assert_true(channel[0].segment[0].time_ns == INT64_C(1600000001249999999));
    assert_int_equal(channel[0].segment[0].time_ps, 991);
    assert_true(channel[0].segment[1].time_ns == INT64_C(1600000002500000000));
    assert_int_equal(channel[0].segment[1].time_ps, 6);
    for (size_t s = 0; s < 2; s++) {
        assert_int_equal(channel[0].segment[s].count, SAMPLES);
        for (size_t i = 0; i < SAMPLES; i++)
            assert_true(sd_channel_value(&channel[0], s, i) ==
                        test_sample(i) + 1000 * (double)(s + 1));
    }
    sd_waveform_free(waveform);
}

/** Another interval, or another kind of file, is another channel. */
static void waveforms_that_differ(void **state)
{
    g_autofree char *path G_GNUC_UNUSED = begin(
        state, SESSION,
        "waveforms:\n" WAVEFORM("1", "0", "time_fsec: 0") CHANNEL("0", "0", "densev1", "50000", "0")
            CHANNEL("0", "1", "densev1", "50000", "0") WAVEFORM("2", "0", "time_fsec: 0")
                CHANNEL("0", "0", "densev1", "50001", "0"));
    put_channel(state, 1, 1, "channel_0.bin", "dense");
    put_channel(state, 1, 1, "channel_0_stream1.bin", "dense");
    put_channel(state, 1, 2, "channel_0.bin", "dense");
    sd_waveform *waveform = open_sound(path, NULL);
    assert_sound(waveform);
    assert_false(waveform->has_time);
    static const char *const names[] = {"C1 (waveform 1)", "C1 (waveform 2)", "C1 stream 1"};
    assert_int_equal(waveform->channels, G_N_ELEMENTS(names));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        assert_string_equal(waveform->channel[i].name, names[i]);
    sd_waveform_free(waveform);
}

/** Old sessions: no format (sparse), picoseconds, no stream. */
static void old_session(void **state)
{
    g_autofree char *path G_GNUC_UNUSED =
        begin(state, SESSION,
              "waveforms:\n" WAVEFORM(
                  "1", "1600000001",
                  "time_psec: 250000000000") "            ch0:\n                index: 0\n         "
                                             "       timescale: 25\n"
                                             "                trigphase: 3.5\n");
    put_channel(state, 1, 1, "channel_0.bin", "sparse");
    sd_waveform *waveform = open_sound(path, NULL);
    assert_sound(waveform);
    const sd_channel *channel = &waveform->channel[0];
    assert_true(channel->interval == 5e-11);
    assert_true(fabs(channel->segment[0].start - (3.5e-12 + 5 * 25e-12)) < 1e-24);
    assert_true(channel->segment[0].time_ns == INT64_C(1600000001250000000));
    for (size_t i = 0; i < SAMPLES; i++)
        assert_true(sd_channel_value(channel, 0, i) == test_sample(i) + 1000);
    sd_waveform_free(waveform);
    put_channel(state, 1, 1, "channel_0.bin", "uneven");
    assert_refused(path, NULL, SD_ERROR_UNSUPPORTED, "sample 30 starts at 66");
}

static void missing_parts(void **state)
{
    g_autofree char *none = begin(state, SESSION, NULL);
    assert_refused(none, NULL, SD_ERROR_DAMAGED, "scope_1_metadata.yml does not exist");
    g_autofree char *path G_GNUC_UNUSED = begin(
        state, SESSION,
        "waveforms:\n" WAVEFORM("1", "1600000001", "time_fsec: 0")
            CHANNEL("0", "0", "densev1", "50000", "0") CHANNEL("1", "0", "densev1", "50000", "0"));
    assert_refused(path, NULL, SD_ERROR_DAMAGED, "waveform_1/channel_0.bin does not exist");
    put_channel(state, 1, 1, "channel_1.bin", "dense");
    sd_waveform *waveform = open_sound(path, NULL);
    assert_int_equal(waveform->channels, 1);
    assert_string_equal(waveform->channel[0].name, "second");
    assert_true(has_note(waveform, "waveform_1/channel_0.bin"));
    sd_waveform_free(waveform);
}

static void two_instruments(void **state)
{
    static const char session[] = SESSION "    scope2:\n        id: 7\n        nick: \"other\"\n";
    static const char metadata[] = "waveforms:\n" WAVEFORM("1", "1600000001", "time_fsec: 0")
        CHANNEL("0", "0", "densev1", "50000", "0");
    g_autofree char *path G_GNUC_UNUSED = begin(state, session, metadata);
    put_channel(state, 1, 1, "channel_0.bin", "dense");
    sd_waveform *waveform = open_sound(path, NULL);
    assert_string_equal(waveform->channel[0].name, "C1");
    assert_true(has_note(waveform, "scope_7_metadata.yml"));
    sd_waveform_free(waveform);
    g_autofree char *other G_GNUC_UNUSED =
        scratch_write(state, "record_data/scope_7_metadata.yml", metadata, sizeof metadata - 1);
    put_channel(state, 7, 1, "channel_0.bin", "dense");
    waveform = open_sound(path, NULL);
    assert_int_equal(waveform->channels, 2);
    assert_string_equal(waveform->channel[0].name, "dut C1");
    assert_string_equal(waveform->channel[1].name, "other channel 0");
    sd_waveform_free(waveform);
}

static void refused(void **state)
{
    static const struct {
        const char *session, *metadata;
        sd_error_code code;
        const char *words;
    } rows[] = {
        {"instruments:\n\tx: 1\n", "", SD_ERROR_DAMAGED,
         "line 2: found character that cannot start any token (byte 13)"},
        {"instruments:\n    a:\n        nick: x\n", "", SD_ERROR_DAMAGED, "has no id (byte 28)"},
        {"instruments:\n", "", SD_ERROR_UNSUPPORTED, "without a waveform"},
        {"instruments: [1, 2]\n", "", SD_ERROR_UNSUPPORTED, "without a waveform"},
        {SESSION, "waveforms:\n", SD_ERROR_UNSUPPORTED, "without a waveform"},
        {SESSION, "waveforms: {", SD_ERROR_DAMAGED, "metadata.yml: line"},
        {SESSION, "waveforms:\n    wfm1:\n        timestamp: 1\n", SD_ERROR_DAMAGED,
         "the id is missing or cannot be true (byte 29)"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("-1", "0", "densev1", "1", "0"),
         SD_ERROR_DAMAGED, "index"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("0", "0", "densev1", "0", "0"),
         SD_ERROR_DAMAGED, "timescale"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("0", "0", "densev1", "-5", "0"),
         SD_ERROR_DAMAGED, "timescale"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("0", "0", "densev1", "x", "0"),
         SD_ERROR_DAMAGED, "timescale"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("0", "0", "densev1", "5", "nan"),
         SD_ERROR_DAMAGED, "trigphase"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("0", "0", "densev9", "5", "0"),
         SD_ERROR_FORMAT, "densev9"},
        {SESSION,
         "waveforms:\n" WAVEFORM("1", "1", "time_fsec: 0") CHANNEL("4", "0", "densev1", "5", "0"),
         SD_ERROR_UNSUPPORTED, "without a waveform"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path G_GNUC_UNUSED = begin(state, rows[i].session, rows[i].metadata);
        put_channel(state, 1, 1, "channel_0.bin", "dense");
        assert_refused(path, NULL, rows[i].code, rows[i].words);
    }
}

static void damaged(void **state)
{
    static const char metadata[] = "waveforms:\n" WAVEFORM("1", "1600000001", "time_fsec: 1")
        CHANNEL("0", "0", "densev1", "50000", "6000");
    g_autofree char *path G_GNUC_UNUSED = begin(state, SESSION, metadata);
    put_channel(state, 1, 1, "channel_0.bin", "dense");
    const GByteArray session = {.data = (guint8[]){SESSION}, .len = sizeof SESSION - 1};
    cut_everywhere(state, "record.scopesession", &session, NULL, 10, 1);
    damage_everywhere(state, "record.scopesession", &session, NULL, session.len, 1);
    for (size_t length = 1; length < sizeof metadata - 1; length++) {
        g_autofree char *cut = begin(state, SESSION, metadata);
        put_channel(state, 1, 1, "channel_0.bin", "dense");
        g_autofree char *part G_GNUC_UNUSED =
            scratch_write(state, "record_data/scope_1_metadata.yml", metadata, length);
        (void)open_or_refuse(cut, NULL);
    }
    for (size_t length = 0; length < 10; length++) {
        g_autofree char *cut = begin(state, SESSION, metadata);
        put_channel(state, 1, 1, "channel_0.bin", "dense");
        g_autofree char *part G_GNUC_UNUSED = scratch_write(
            state, "record_data/scope_1_waveforms/waveform_1/channel_0.bin", "abcdefghij", length);
        assert_true(open_or_refuse(cut, NULL) == (length >= 4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments),        cmocka_unit_test(waveforms_that_differ),
        cmocka_unit_test(old_session),     cmocka_unit_test(missing_parts),
        cmocka_unit_test(two_instruments), cmocka_unit_test(refused),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, teardown);
}
