/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that were packed with gzip, zip or zstd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "opened.h"
#include "wfm_file.h"
#include "zip_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <zlib.h>
#include <zstd.h>

/** A record of so many samples. */
static GByteArray *record(unsigned count)
{
    wfm_file file = wfm_default();
    file.count = count;
    return wfm_build(&file, 1);
}

static GByteArray *gzip(const GByteArray *bytes)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    GByteArray *packed = g_byte_array_new();
    g_byte_array_set_size(packed, (guint)deflateBound(&stream, bytes->len));
    stream.next_in = bytes->data;
    stream.avail_in = bytes->len;
    stream.next_out = packed->data;
    stream.avail_out = packed->len;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    g_byte_array_set_size(packed, (guint)stream.total_out);
    deflateEnd(&stream);
    return packed;
}

static GByteArray *zstd(const GByteArray *bytes)
{
    GByteArray *packed = g_byte_array_new();
    g_byte_array_set_size(packed, (guint)ZSTD_compressBound(bytes->len));
    size_t size = ZSTD_compress(packed->data, packed->len, bytes->data, bytes->len, 3);
    assert_false(ZSTD_isError(size));
    g_byte_array_set_size(packed, (guint)size);
    return packed;
}

/** Holds the samples against those that went in. */
static void assert_record(const sd_waveform *waveform, unsigned count)
{
    wfm_file file = wfm_default();
    assert_string_equal(waveform->format, "Tektronix WFM#003");
    assert_sound(waveform);
    const sd_channel *channel = &waveform->channel[0];
    assert_int_equal(channel->segment[0].count, count);
    for (unsigned i = 0; i < count; i++) {
        double expected = wfm_code(0, i + file.precharge) * file.scale + file.offset;
        assert_true(sd_channel_value(channel, 0, i) == expected);
    }
}

/** Opens packed bytes, which hold a record. */
static void assert_unpacks(void **state, const char *name, const GByteArray *packed, unsigned count,
                           const char *note)
{
    g_autofree char *path = scratch_write(state, name, packed->data, packed->len);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_record(waveform, count);
    if (!has_note(waveform, note))
        fail_msg("%s: there is no note of \"%s\"", name, note);
    sd_waveform_free(waveform);
}

/** Longer than the pieces in which files are unpacked. */
#define LONG 400000

static void streams(void **state)
{
    static const unsigned counts[] = {20, LONG};
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autoptr(GByteArray) bytes = record(counts[i]);
        g_autoptr(GByteArray) gz = gzip(bytes);
        assert_unpacks(state, "record.wfm.gz", gz, counts[i], "packed (gzip)");
        g_autoptr(GByteArray) zst = zstd(bytes);
        assert_unpacks(state, "record.wfm.zst", zst, counts[i], "packed (zstd)");
    }
}

/** One stream behind the other is one file, in both formats. */
static void several_streams(void **state)
{
    GByteArray *(*const pack[])(const GByteArray *) = {gzip, zstd};
    static const char *const notes[] = {"packed (gzip)", "packed (zstd)"};
    g_autoptr(GByteArray) bytes = record(500);
    for (size_t i = 0; i < G_N_ELEMENTS(pack); i++) {
        const GByteArray first = {.data = bytes->data, .len = 600};
        const GByteArray second = {.data = bytes->data + 600, .len = bytes->len - 600};
        g_autoptr(GByteArray) packed = pack[i](&first);
        g_autoptr(GByteArray) rest = pack[i](&second);
        g_byte_array_append(packed, rest->data, rest->len);
        assert_unpacks(state, "two.wfm", packed, 500, notes[i]);
    }
}

static void bytes_behind_gzip_are_noted(void **state)
{
    g_autoptr(GByteArray) bytes = record(20);
    g_autoptr(GByteArray) packed = gzip(bytes);
    g_byte_array_append(packed, (const guint8 *)"\0\0\0", 3);
    assert_unpacks(state, "padded.gz", packed, 20, "left out (byte");
}

static void zip_archives(void **state)
{
    g_autoptr(GByteArray) bytes = record(LONG);
    g_autofree char *path = g_build_filename(*state, "archive.zip", NULL);
    const zip_member members[] = {
        {"folder/", NULL, 0},
        {"folder/about.txt", "what this is", 12},
        {"folder/record.wfm", bytes->data, bytes->len},
    };
    static const size_t first[] = {0, 2};
    for (size_t i = 0; i < G_N_ELEMENTS(first); i++) {
        for (int stored = 0; stored <= 1; stored++) {
            zip_write(path, members + first[i], 3 - first[i], stored);
            sd_waveform *waveform = open_sound(path, NULL);
            assert_record(waveform, LONG);
            assert_true(has_note(waveform, "packed (zip); read was folder/record.wfm"));
            sd_waveform_free(waveform);
        }
    }
}

static void zip_archives_that_are_refused(void **state)
{
    g_autoptr(GByteArray) bytes = record(20);
    g_autofree char *path = g_build_filename(*state, "archive.zip", NULL);
    const zip_member members[] = {
        {"a.wfm", bytes->data, bytes->len},
        {"b.wfm", bytes->data, bytes->len},
        {"c.txt", "text", 4},
        {"d.txt", "text", 4},
        {"folder/", NULL, 0},
    };
    zip_write(path, members, 5, false);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "2 records (a.wfm, b.wfm)");
    zip_write(path, members + 2, 3, false);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "none is in a known format: c.txt, d.txt");
    zip_write(path, members + 4, 1, false);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "without a file");
    zip_write(path, members + 2, 1, false);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "no known format");
    const zip_member session = {"x.scopesession", "instruments:\n    a:\n        id: 1\n", 33};
    zip_write(path, &session, 1, false);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "several files");
}

/** A message lists a few names, not thousands. */
static void long_lists_are_cut(void **state)
{
    enum { MEMBERS = 20 };
    zip_member members[MEMBERS];
    char names[MEMBERS][16];
    for (int i = 0; i < MEMBERS; i++) {
        g_snprintf(names[i], sizeof names[i], "text%02d.txt", i);
        members[i] = (zip_member){names[i], "text", 4};
    }
    g_autofree char *path = g_build_filename(*state, "many.zip", NULL);
    zip_write(path, members, MEMBERS, false);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "text07.txt ...");
}

static void packed_twice(void **state)
{
    g_autoptr(GByteArray) bytes = record(20);
    g_autoptr(GByteArray) once = gzip(bytes);
    g_autoptr(GByteArray) twice = zstd(once);
    g_autofree char *path = scratch_write(state, "twice.zst", twice->data, twice->len);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "inside another archive");
}

/** The name of a packed file counts without the packer's suffix. */
static void name_of_what_was_inside(void **state)
{
    const GByteArray text = {.data = (guint8[]){"no record"}, .len = 9};
    g_autoptr(GByteArray) packed = gzip(&text);
    g_autofree char *path = scratch_write(state, "record.wfm.gz", packed->data, packed->len);
    assert_refused(path, NULL, SD_ERROR_FORMAT, "named like a Tektronix WFM");
}

static void raw_samples(void **state)
{
    const GByteArray samples = {.data = (guint8[]){1, 2, 3, 4}, .len = 4};
    const sd_waveform_options options = {.raw = true, .type = SD_SAMPLE_S8, .sample_rate = 1e9};
    g_autoptr(GByteArray) packed = gzip(&samples);
    g_autofree char *path = scratch_write(state, "record.raw.gz", packed->data, packed->len);
    sd_waveform *waveform = open_sound(path, &options);
    assert_sound(waveform);
    assert_int_equal(waveform->channel[0].segment[0].count, 4);
    assert_true(sd_channel_value(&waveform->channel[0], 0, 3) == 4);
    sd_waveform_free(waveform);
}

/** Whatever is missing or wrong: a sentence, and with the streams how far it went. */
static void damaged(void **state)
{
    g_autoptr(GByteArray) bytes = record(200);
    GByteArray *(*const pack[])(const GByteArray *) = {gzip, zstd};
    for (size_t i = 0; i < G_N_ELEMENTS(pack); i++) {
        g_autoptr(GByteArray) packed = pack[i](bytes);
        cut_everywhere(state, "cut", packed, NULL, packed->len, 5);
        damage_everywhere(state, "damaged", packed, NULL, packed->len, 5);
        g_autofree char *path = scratch_write(state, "half", packed->data, packed->len / 2);
        assert_refused(path, NULL, SD_ERROR_DAMAGED, "bytes had been unpacked by then (byte ");
    }
    g_autofree char *path = g_build_filename(*state, "archive.zip", NULL);
    const zip_member two[] = {{"a.txt", "text", 4}, {"b.wfm", bytes->data, bytes->len}};
    zip_write(path, two, 2, false);
    g_autoptr(GByteArray) several = read_file(path);
    cut_everywhere(state, "cut2.zip", several, NULL, several->len, 5);
    damage_everywhere(state, "damaged2.zip", several, NULL, several->len, 1);
    zip_write(path, two + 1, 1, false);
    g_autoptr(GByteArray) archive = read_file(path);
    cut_everywhere(state, "cut.zip", archive, NULL, archive->len, 5);
    damage_everywhere(state, "damaged.zip", archive, NULL, archive->len, 5);
    g_autofree char *half = scratch_write(state, "half.zip", archive->data, archive->len / 2);
    assert_refused(half, NULL, SD_ERROR_DAMAGED, "directory");
    archive->data[60] ^= 0x10; /* in the packed data */
    g_autofree char *flipped = scratch_write(state, "flip.zip", archive->data, archive->len);
    assert_refused(flipped, NULL, SD_ERROR_DAMAGED, "\"b.wfm\" in the archive is damaged");
}

static void empty_inside(void **state)
{
    const GByteArray nothing = {.data = (guint8[]){0}, .len = 0};
    g_autoptr(GByteArray) packed = gzip(&nothing);
    g_autofree char *path = scratch_write(state, "empty.gz", packed->data, packed->len);
    assert_refused(path, NULL, SD_ERROR_DAMAGED, "unpacks to nothing");
}

/** A limit on the size of files stands for a full disk. */
static void temporary_disk_is_full(void **state)
{
    g_autoptr(GByteArray) bytes = record(LONG);
    g_autoptr(GByteArray) packed = gzip(bytes);
    g_autofree char *path = scratch_write(state, "record.wfm.gz", packed->data, packed->len);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = before;
    small.rlim_cur = 65536;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_refused(path, NULL, SD_ERROR_OPEN, "temporary file");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
}

/** How sure sd_waveform_match() is that a file of these bytes is a Tektronix WFM; 0: it is not. */
static int match(void **state, const char *name, const void *bytes, size_t size)
{
    const char *format = "";
    g_autofree char *path = scratch_write(state, name, bytes, size);
    int confidence = sd_waveform_match(path, &format);
    assert_true((confidence > 0) == (format != NULL));
    if (format)
        assert_string_equal(format, "Tektronix WFM");
    return confidence;
}

/** What is in a file is told by its first bytes, packed or not, whole or cut. */
static void told_before_it_is_opened(void **state)
{
    g_autoptr(GByteArray) bytes = record(LONG);
    g_autoptr(GByteArray) gz = gzip(bytes);
    g_autoptr(GByteArray) zst = zstd(bytes);
    assert_int_equal(match(state, "plain", bytes->data, bytes->len), 100);
    assert_int_equal(match(state, "gz", gz->data, gz->len), 100);
    assert_int_equal(match(state, "zst", zst->data, zst->len), 100);
    assert_int_equal(match(state, "cut", gz->data, gz->len / 2), 100);

    char text[] = "It was a dark and stormy night.";
    const GByteArray story = {.data = (guint8 *)text, .len = sizeof text};
    g_autoptr(GByteArray) story_gz = gzip(&story);
    g_autoptr(GByteArray) story_zst = zstd(&story);
    assert_int_equal(match(state, "text", text, sizeof text), 0);
    assert_int_equal(match(state, "text.gz", story_gz->data, story_gz->len), 0);
    assert_int_equal(match(state, "text.zst", story_zst->data, story_zst->len), 0);
    assert_int_equal(match(state, "begin.zst", zst->data, 4), 0);

    const zip_member members[] = {{"notes/", NULL, 0},
                                  {"notes/text", text, sizeof text},
                                  {"record", bytes->data, bytes->len}};
    g_autofree char *archive = g_build_filename(*state, "told.zip", NULL);
    const char *format = NULL;
    zip_write(archive, members, 3, false);
    assert_int_equal(sd_waveform_match(archive, &format), 100);
    assert_string_equal(format, "Tektronix WFM");
    zip_write(archive, members, 2, false);
    assert_int_equal(sd_waveform_match(archive, &format), 0);
    assert_null(format);
    assert_int_equal(sd_waveform_match("/nowhere/a.wfm", &format), 0);
    assert_null(format);
}

/** Every format has a name of its own, and the names are told. */
static void formats_have_names(void **state)
{
    (void)state;
    size_t count = 0;
    for (; sd_waveform_format_name(count) != NULL; count++) {
        const char *pattern = sd_waveform_format_pattern(count);
        assert_true(pattern == NULL || g_str_has_prefix(pattern, "*."));
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(sd_waveform_format_name(i), sd_waveform_format_name(count));
    }
    assert_true(count >= 19);
    assert_null(sd_waveform_format_pattern(count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams),
        cmocka_unit_test(several_streams),
        cmocka_unit_test(bytes_behind_gzip_are_noted),
        cmocka_unit_test(zip_archives),
        cmocka_unit_test(zip_archives_that_are_refused),
        cmocka_unit_test(long_lists_are_cut),
        cmocka_unit_test(packed_twice),
        cmocka_unit_test(name_of_what_was_inside),
        cmocka_unit_test(raw_samples),
        cmocka_unit_test(damaged),
        cmocka_unit_test(empty_inside),
        cmocka_unit_test(temporary_disk_is_full),
        cmocka_unit_test(told_before_it_is_opened),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
