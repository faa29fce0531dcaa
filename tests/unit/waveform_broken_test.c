/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that must be refused with a sentence that names file, reason and place, or else be read
 * soundly: wrong header fields, files cut anywhere, random damage, and paths that are no files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "waveform_check.h"
#include "wfm_file.h"

#include <sys/stat.h>
#include <unistd.h>

static void assert_wfm_refused(void **state, const wfm_file *file, size_t frames,
                               sd_error_code code, const char *words)
{
    GByteArray *bytes = wfm_build(file, frames);
    assert_bytes_refused(state, "broken.wfm", bytes->data, bytes->len, code, words);
    g_byte_array_unref(bytes);
}

/* One macro per row keeps the table below readable: a sound file with one field changed. */
#define CHANGED(FIELD, VALUE, CODE, WORDS)                                                         \
    do {                                                                                           \
        wfm_file file = wfm_default();                                                             \
        file.FIELD = (VALUE);                                                                      \
        assert_wfm_refused(state, &file, 1, CODE, WORDS);                                          \
    } while (0)

static void fields_that_cannot_be_true(void **state)
{
    CHANGED(version, 4, SD_ERROR_FORMAT, ":WFM#004");
    CHANGED(version, 0, SD_ERROR_FORMAT, "(byte 2)");
    CHANGED(bytes_per_point, 1, SD_ERROR_DAMAGED, "1 bytes per point");
    CHANGED(bytes_per_point, 4, SD_ERROR_DAMAGED, "(byte 15)");
    CHANGED(curve_offset, 837, SD_ERROR_DAMAGED, "(byte 16)");
    CHANGED(curve_offset, -2, SD_ERROR_DAMAGED, "start at byte -2");
    CHANGED(curve_offset, INT32_MAX, SD_ERROR_DAMAGED, "is cut");
    CHANGED(further_frames, 1, SD_ERROR_DAMAGED, "(byte 72)");
    CHANGED(set_type, 2, SD_ERROR_DAMAGED, "(byte 78)");
    CHANGED(set_type, -1, SD_ERROR_DAMAGED, "set type is -1");
    CHANGED(data_type, 3, SD_ERROR_DAMAGED, "(byte 122)");
    CHANGED(scale, 0, SD_ERROR_DAMAGED, "(byte 168)");
    CHANGED(scale, (double)NAN, SD_ERROR_DAMAGED, "voltage scale");
    CHANGED(scale, (double)INFINITY, SD_ERROR_DAMAGED, "voltage scale");
    CHANGED(scale, 1e300, SD_ERROR_DAMAGED, "voltage scale");
    CHANGED(offset, (double)NAN, SD_ERROR_DAMAGED, "offset nan");
    CHANGED(offset, -1e300, SD_ERROR_DAMAGED, "offset -1e+300");
    CHANGED(code_format, 8, SD_ERROR_DAMAGED, "(byte 240)");
    CHANGED(code_format, -1, SD_ERROR_DAMAGED, "code format is -1");
    CHANGED(storage, 6, SD_ERROR_DAMAGED, "(byte 244)");
    CHANGED(interval, 0, SD_ERROR_DAMAGED, "(byte 488)");
    CHANGED(interval, -4e-11, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(interval, (double)NAN, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(interval, (double)INFINITY, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(interval, 1e-320, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(start, (double)NAN, SD_ERROR_DAMAGED, "(byte 496)");
    CHANGED(time_base, 3, SD_ERROR_DAMAGED, "(byte 768)");
    CHANGED(trigger_fraction[0], (double)INFINITY, SD_ERROR_DAMAGED, "(byte 788)");
    CHANGED(second_fraction[0], (double)NAN, SD_ERROR_DAMAGED, "(byte 796)");
    CHANGED(second_fraction[0], -0.5, SD_ERROR_DAMAGED, "fraction of a second");
    CHANGED(precharge_start, 5, SD_ERROR_DAMAGED, "(byte 818)");
    CHANGED(data_start, 46, SD_ERROR_DAMAGED, "out of order");
    CHANGED(data_start, -2, SD_ERROR_DAMAGED, "out of order");
    CHANGED(postcharge_start, 2, SD_ERROR_DAMAGED, "out of order");
    CHANGED(postcharge_stop, 42, SD_ERROR_DAMAGED, "out of order");
    CHANGED(postcharge_stop, 50, SD_ERROR_DAMAGED, "out of order");
    CHANGED(postcharge_start, 4, SD_ERROR_DAMAGED, "0 bytes of data");
    CHANGED(postcharge_start, 43, SD_ERROR_DAMAGED, "(byte 822)");
    CHANGED(count, 0, SD_ERROR_DAMAGED, "0 bytes of data");
    CHANGED(end, 4800, SD_ERROR_DAMAGED, "should have 5638");
    CHANGED(end, INT32_MIN, SD_ERROR_DAMAGED, "is cut");
    CHANGED(end, 20, SD_ERROR_DAMAGED, "out of order");
}

/** Text of a file in a message: no line ends and nothing that a terminal would obey. */
static void control_characters(void **state)
{
    wfm_file file = wfm_default();
    GByteArray *bytes = wfm_build(&file, 1);
    memcpy(bytes->data + 7, "\n\x1B\x7F", 3);
    assert_bytes_refused(state, "control.wfm", bytes->data, bytes->len, SD_ERROR_FORMAT,
                         "version \":WFM#???\"");
    g_byte_array_unref(bytes);
}

static void records_of_another_kind(void **state)
{
    CHANGED(data_type, 5, SD_ERROR_UNSUPPORTED, "waveform database");
    CHANGED(data_type, 6, SD_ERROR_UNSUPPORTED, "digital");
    CHANGED(storage, 1, SD_ERROR_UNSUPPORTED, "envelope");
    CHANGED(storage, 2, SD_ERROR_UNSUPPORTED, "(byte 244)");
    CHANGED(time_base, 1, SD_ERROR_UNSUPPORTED, "spectrum");
    CHANGED(time_base, 2, SD_ERROR_UNSUPPORTED, "(byte 768)");
    CHANGED(time_unit, "Hz", SD_ERROR_UNSUPPORTED, "\"Hz\"");
    CHANGED(time_unit, "", SD_ERROR_UNSUPPORTED, "(byte 508)");

    wfm_file file = wfm_default();
    file.code_format = 3;
    file.bytes_per_point = 8;
    assert_wfm_refused(state, &file, 1, SD_ERROR_UNSUPPORTED, "uint64");

    file = wfm_default();
    file.storage = 1;
    file.trailer = "tekmeta!\1\0\0\0\6\0\0\0IQ_rbw\2\0\0\0\0";
    file.trailer_size = 27;
    assert_wfm_refused(state, &file, 1, SD_ERROR_UNSUPPORTED, "IQ data");
}

/** The same fields at the places they have in the older versions; bytes are new in version 3. */
static void fields_of_older_versions(void **state)
{
    static const char *const places[][5] = {
        {"(byte 166)", "(byte 478)", "(byte 750)", "(byte 800)", "(byte 238)"},
        {"(byte 168)", "(byte 480)", "(byte 752)", "(byte 802)", "(byte 240)"},
    };
    for (int version = 1; version <= 2; version++) {
        wfm_file sound = wfm_default();
        sound.version = version;
        sound.big_endian = version == 1;
        const char *const *place = places[version - 1];
        wfm_file file = sound;
        file.scale = 0;
        assert_wfm_refused(state, &file, 1, SD_ERROR_DAMAGED, place[0]);
        file = sound;
        file.interval = 0;
        assert_wfm_refused(state, &file, 1, SD_ERROR_DAMAGED, place[1]);
        file = sound;
        file.time_base = 1;
        assert_wfm_refused(state, &file, 1, SD_ERROR_UNSUPPORTED, place[2]);
        file = sound;
        file.precharge_start = 1000;
        assert_wfm_refused(state, &file, 1, SD_ERROR_DAMAGED, place[3]);
        file = sound;
        file.code_format = 7;
        file.bytes_per_point = 1;
        assert_wfm_refused(state, &file, 1, SD_ERROR_DAMAGED, place[4]);
    }
}

static void frames_that_lie(void **state)
{
    wfm_file sound = wfm_default();
    sound.set_type = 1;
    sound.further_frames = 3;

    wfm_file file = sound;
    file.further_frames = 4; /* One more than the specifications leave room for. */
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "5 frames");
    file.further_frames = UINT32_MAX;
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "4294967296 frames");
    file.curve_offset = INT32_MAX;
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "4294967296 frames");

    file = sound;
    file.end = 60; /* Frames of 48 bytes were written. */
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "is cut");

    /* Frame 3: update specifications from 838 on, curve specifications from 910 on. */
    file = sound;
    file.last_end = 50;
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "frame 3 has 50 bytes");
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "(byte 996)");
    file = sound;
    file.trigger_fraction[2] = (double)NAN;
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "(byte 866)");
    file = sound;
    file.second_fraction[3] = 7;
    assert_wfm_refused(state, &file, 4, SD_ERROR_DAMAGED, "(byte 898)");
}

/** A sound file of FastFrame type, cut behind each of its bytes. */
static void cut_at_every_byte(void **state)
{
    for (int big_endian = 0; big_endian <= 1; big_endian++) {
        wfm_file file = wfm_default();
        file.big_endian = big_endian;
        file.set_type = 1;
        file.further_frames = 1;
        file.count = 3;
        file.trailer = big_endian ? "tekmeta!\0\0\0\1\0\0\0\1a\2\0\0\0\7"
                                  : "tekmeta!\1\0\0\0\1\0\0\0a\2\7\0\0\0";
        file.trailer_size = 22;
        GByteArray *bytes = wfm_build(&file, 2);
        size_t curve_end = bytes->len - 22 - 8;
        for (size_t size = 0; size <= bytes->len; size++) {
            /* Whole as soon as the curve is: the checksum and the trailer are not needed. */
            assert_int_equal(read_or_refuse(state, "any.wfm", bytes->data, size),
                             size >= curve_end);
        }
        assert_bytes_refused(state, "cut.wfm", bytes->data, curve_end - 1, SD_ERROR_DAMAGED,
                             "is cut: it has 919 bytes and should have 920");
        assert_bytes_refused(state, "cut.wfm", bytes->data, 500, SD_ERROR_DAMAGED,
                             "is cut: it ends at byte 500");
        assert_bytes_refused(state, "cut.wfm", bytes->data, 5, SD_ERROR_DAMAGED,
                             "is cut: it ends at byte 5");
        g_byte_array_unref(bytes);
    }
}

/** A few random bytes of a sound file are changed: refused, or sound. */
static void random_damage(void **state)
{
    enum { ROUNDS = 4000 };
    GRand *random = g_rand_new_with_seed(20);
    int read = 0;
    for (int round = 0; round < ROUNDS; round++) {
        wfm_file file = wfm_default();
        file.version = 1 + round % 3;
        file.big_endian = round & 1;
        file.set_type = 1;
        file.further_frames = 2;
        file.trailer = "tekmeta!\1\0\0\0\1\0\0\0a\2\7\0\0\0";
        file.trailer_size = 22;
        GByteArray *bytes = wfm_build(&file, 3);
        for (int hits = g_rand_int_range(random, 1, 5); hits > 0; hits--) {
            static const uint8_t favourites[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
            guint at = (guint)g_rand_int_range(random, 10, (gint32)bytes->len);
            bytes->data[at] = favourites[g_rand_int_range(random, 0, G_N_ELEMENTS(favourites))];
        }
        read += read_or_refuse(state, "any.wfm", bytes->data, bytes->len);
        g_byte_array_unref(bytes);
    }
    g_rand_free(random);
    assert_in_range(read, 1, ROUNDS - 1);
}

static void not_a_file(void **state)
{
    const char *folder = *state;
    assert_refused(folder, NULL, SD_ERROR_OPEN, "is a directory");

    g_autofree char *missing = g_build_filename(folder, "missing.wfm", NULL);
    assert_refused(missing, NULL, SD_ERROR_OPEN, "does not exist");

    g_autofree char *fifo = g_build_filename(folder, "fifo", NULL);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_refused(fifo, NULL, SD_ERROR_OPEN, "is a pipe (FIFO)");

    assert_refused("/dev/null", NULL, SD_ERROR_OPEN, "is a character device");

    g_autofree char *empty = scratch_write(state, "empty.wfm", "", 0);
    assert_refused(empty, NULL, SD_ERROR_FORMAT, "is empty");

    g_autofree char *below = g_build_filename(empty, "a.wfm", NULL);
    assert_refused(below, NULL, SD_ERROR_OPEN, "no directory");
}

static void no_permission(void **state)
{
    g_autofree char *path = scratch_write(state, "locked.wfm", "abc", 3);
    assert_int_equal(chmod(path, 0), 0);
    if (access(path, R_OK) == 0) {
        print_message("no_permission: skipped, this user may read every file\n");
        g_free(g_steal_pointer(&path)); /* skip() does not return. */
        skip();
    }
    assert_refused(path, NULL, SD_ERROR_OPEN, "permission denied");
}

static void raw_options(void **state)
{
    g_autofree char *path = scratch_write(state, "a.raw", "abcd", 4);
    sd_waveform_options options = {.raw = true, .type = SD_SAMPLE_S16};
    static const double rates[] = {0, -1, (double)NAN, (double)INFINITY, 1e-320};
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        options.sample_rate = rates[i];
        assert_refused(path, &options, SD_ERROR_USAGE, "--sample-rate");
    }
    options.sample_rate = 1e9;
    options.scale = (double)NAN;
    assert_refused(path, &options, SD_ERROR_USAGE, "--scale");
    options.scale = 1;
    options.offset = (double)INFINITY;
    assert_refused(path, &options, SD_ERROR_USAGE, "--offset");
    options.offset = 0;
    options.type = SD_SAMPLE_F64;
    assert_refused(path, &options, SD_ERROR_DAMAGED, "byte 4");
}

/** Known formats without a reader are named; others get advice. */
static void other_formats(void **state)
{
    static const struct {
        const char *name, *bytes;
        size_t size;
        const char *words;
    } cases[] = {
        {"a.bin", "\5\0\0\0\0\x10\0\0", 8, "Siglent"},
        {"a.wfm", "\x2B\x01\x01\x4A", 4, "Infiniium"},
        {"a.CSV", "TIME,CH1\n", 9, "CSV"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_bytes_refused(state, cases[i].name, cases[i].bytes, cases[i].size, SD_ERROR_FORMAT,
                             cases[i].words);
    }
    assert_bytes_refused(state, "a", "\0", 1, SD_ERROR_FORMAT, "--sample-format");
    assert_bytes_refused(state, "c.WFM", "hello", 5, SD_ERROR_FORMAT, "like a Tektronix WFM");
    assert_bytes_refused(state, "d.wfm", "\x0F\xF0:WFM#003", 10, SD_ERROR_FORMAT, "--sample-rate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_that_cannot_be_true),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(records_of_another_kind),
        cmocka_unit_test(fields_of_older_versions),
        cmocka_unit_test(frames_that_lie),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(random_damage),
        cmocka_unit_test(not_a_file),
        cmocka_unit_test(no_permission),
        cmocka_unit_test(raw_options),
        cmocka_unit_test(other_formats),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
