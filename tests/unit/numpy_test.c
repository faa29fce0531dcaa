/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NumPy arrays and archives of them: types, shapes, times, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"
#include "zip_file.h"

static const sd_waveform_options gigasample = {.sample_rate = 1e9};

/** An array; the numbers are test_sample() in the order of the file. */
static GByteArray *npy(int version, const char *descr, bool fortran, const char *shape,
                       size_t count)
{
    GByteArray *bytes = g_byte_array_new();
    g_autofree char *header =
        g_strdup_printf("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }       \n", descr,
                        fortran ? "True" : "False", shape);
    const uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y', (uint8_t)version, 0};
    g_byte_array_append(bytes, magic, sizeof magic);
    if (version == 1)
        put_u16(bytes, false, (uint16_t)strlen(header));
    else
        put_u32(bytes, false, (uint32_t)strlen(header));
    put_text(bytes, header);
    for (size_t i = 0; i < count; i++)
        put_sample(bytes, *descr == '>', descr[1], (size_t)(descr[2] - '0'), test_sample(i));
    return bytes;
}

static sd_waveform *open_npy(void **state, GByteArray *bytes, const sd_waveform_options *options)
{
    g_autofree char *path = scratch_write(state, "array.npy", bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    sd_waveform *waveform = open_sound(path, options);
    assert_sound(waveform);
    return waveform;
}

static void types(void **state)
{
    static const char *const descrs[] = {"<f4", ">f4", "<f8", ">f8", "|i1", "|u1",
                                         "<i2", ">i2", "<u2", ">u2", "<i4", ">u4"};
    for (size_t i = 0; i < G_N_ELEMENTS(descrs); i++) {
        for (int version = 1; version <= 3; version++) {
            sd_waveform_options options = {.sample_rate = 2e10, .scale = 0.5, .offset = -3};
            sd_waveform *waveform =
                open_npy(state, npy(version, descrs[i], false, "(50,)", 50), &options);
            assert_int_equal(waveform->channels, 1);
            const sd_channel *channel = &waveform->channel[0];
            assert_int_equal(channel->segment[0].count, 50);
            assert_true(channel->interval == 5e-11);
            assert_string_equal(channel->unit, "V");
            assert_string_equal(channel->name, "1");
            assert_false(waveform->has_time);
            for (size_t k = 0; k < 50; k++)
                assert_true(sd_channel_value(channel, 0, k) == test_sample(k) * 0.5 - 3);
            sd_waveform_free(waveform);
        }
    }
}

/** Channels are the smaller dimension, in both orders of the numbers. */
static void shapes(void **state)
{
    static const struct {
        const char *shape;
        bool fortran;
        size_t channels, samples;
        bool interleaved;
    } rows[] = {
        {"(30, 3)", false, 3, 30, true}, {"(3, 30)", false, 3, 30, false},
        {"(30, 3)", true, 3, 30, false}, {"(3, 30)", true, 3, 30, true},
        {"(1, 90)", false, 1, 90, true}, {"(90, 1)", true, 1, 90, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        sd_waveform *waveform =
            open_npy(state, npy(1, "<i2", rows[i].fortran, rows[i].shape, 90), &gigasample);
        assert_int_equal(waveform->channels, rows[i].channels);
        for (size_t c = 0; c < rows[i].channels; c++) {
            assert_int_equal(waveform->channel[c].segment[0].count, rows[i].samples);
            for (size_t k = 0; k < rows[i].samples; k++) {
                size_t index =
                    rows[i].interleaved ? k * rows[i].channels + c : c * rows[i].samples + k;
                assert_true(sd_channel_value(&waveform->channel[c], 0, k) == test_sample(index));
            }
        }
        sd_waveform_free(waveform);
    }
}

static void assert_npy_refused(void **state, GByteArray *bytes, const sd_waveform_options *options,
                               sd_error_code code, const char *words)
{
    g_autofree char *path = scratch_write(state, "refused.npy", bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    assert_refused(path, options, code, words);
}

static void sample_rate_is_needed(void **state)
{
    assert_npy_refused(state, npy(1, "<f4", false, "(5,)", 5), NULL, SD_ERROR_USAGE,
                       "needs --sample-rate");
    static const double rates[] = {-1, (double)NAN, (double)INFINITY, 1e-320};
    for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
        sd_waveform_options options = {.sample_rate = rates[i]};
        assert_npy_refused(state, npy(1, "<f4", false, "(5,)", 5), &options, SD_ERROR_USAGE,
                           "needs --sample-rate");
    }
    sd_waveform_options options = {.sample_rate = 1, .scale = (double)NAN};
    assert_npy_refused(state, npy(1, "<f4", false, "(5,)", 5), &options, SD_ERROR_USAGE, "--scale");
}

static void headers_that_are_refused(void **state)
{
    static const struct {
        const char *descr, *shape;
        sd_error_code code;
        const char *words;
    } rows[] = {
        {"<c8", "(5,)", SD_ERROR_UNSUPPORTED, "type '<c8'"},
        {"<i8", "(5,)", SD_ERROR_UNSUPPORTED, "type '<i8'"},
        {"<f2", "(5,)", SD_ERROR_UNSUPPORTED, "type '<f2'"},
        {"<f4", "()", SD_ERROR_DAMAGED, "cut"},
        {"<f4", "(2, 2, 2)", SD_ERROR_UNSUPPORTED, "one or two dimensions"},
        {"<f4", "(0,)", SD_ERROR_UNSUPPORTED, "empty"},
        {"<f4", "(5, 0)", SD_ERROR_UNSUPPORTED, "empty"},
        {"<f4", "(-5,)", SD_ERROR_DAMAGED, "means nothing"},
        {"<f4", "(x,)", SD_ERROR_DAMAGED, "means nothing"},
        {"<f4", "(6,)", SD_ERROR_DAMAGED, "the file is cut"},
        {"<f4", "(4611686018427387904,)", SD_ERROR_DAMAGED, "the file is cut"},
        {"<f4", "(4294967296, 4294967296)", SD_ERROR_DAMAGED, "the file is cut"},
        {"<f4", "(99999999999999999999,)", SD_ERROR_DAMAGED, "means nothing"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        size_t count = strcmp(rows[i].shape, "()") == 0 ? 0 : 5;
        assert_npy_refused(state, npy(1, rows[i].descr, false, rows[i].shape, count), &gigasample,
                           rows[i].code, rows[i].words);
    }
    assert_npy_refused(state, npy(4, "<f4", false, "(5,)", 5), &gigasample, SD_ERROR_FORMAT,
                       "version 4");
    assert_npy_refused(state, npy(1, "|u1", false, "(100, 100)", 10000), &gigasample,
                       SD_ERROR_UNSUPPORTED, "no vector");
    static const char structured[] = "\x93NUMPY\x01\x00\x40\x00{'descr': [('a', '<f4')], "
                                     "'fortran_order': False, 'shape': (1,), }    \n";
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)structured, sizeof structured);
    assert_npy_refused(state, bytes, &gigasample, SD_ERROR_UNSUPPORTED, "several fields");
}

static void damaged(void **state)
{
    g_autoptr(GByteArray) bytes = npy(1, "<i2", false, "(40,)", 40);
    cut_everywhere(state, "cut.npy", bytes, &gigasample, bytes->len, 1);
    damage_everywhere(state, "damaged.npy", bytes, &gigasample, bytes->len - 80, 1);
    put_text(bytes, "xyz");
    g_autofree char *path = scratch_write(state, "longer.npy", bytes->data, bytes->len);
    sd_waveform *waveform = open_sound(path, &gigasample);
    assert_true(has_note(waveform, "3 bytes follow"));
    sd_waveform_free(waveform);
}

/** An array of float64: first + i x step, with one time moved. */
static GByteArray *times(double first, double step, size_t count, size_t moved, double by)
{
    g_autofree char *shape = g_strdup_printf("(%zu,)", count);
    GByteArray *bytes = npy(1, "<f8", false, shape, 0);
    for (size_t i = 0; i < count; i++)
        put_f64(bytes, false, first + (double)i * step + (i == moved ? by : 0));
    return bytes;
}

static void archive_with_times(void **state)
{
    g_autoptr(GByteArray) t = times(-2e-9, 5e-11, 60, 0, 0);
    g_autoptr(GByteArray) p = npy(1, "<f4", false, "(60,)", 60);
    g_autoptr(GByteArray) n = npy(1, ">i2", false, "(60,)", 60);
    g_autoptr(GByteArray) text = npy(1, "<U4", false, "(2,)", 0);
    const zip_member members[] = {
        {"time.npy", t->data, t->len},
        {"positive.npy", p->data, p->len},
        {"label.npy", text->data, text->len},
        {"negative.npy", n->data, n->len},
    };
    g_autofree char *path = g_build_filename(*state, "record.npz", NULL);
    for (int stored = 0; stored <= 1; stored++) {
        zip_write(path, members, 4, stored);
        sd_waveform *waveform = open_sound(path, NULL);
        assert_sound(waveform);
        assert_string_equal(waveform->format, "NumPy archive (.npz)");
        assert_int_equal(waveform->channels, 2);
        assert_string_equal(waveform->channel[0].name, "positive");
        assert_string_equal(waveform->channel[1].name, "negative");
        assert_true(has_note(waveform, "label.npy"));
        for (size_t c = 0; c < 2; c++) {
            assert_true(fabs(waveform->channel[c].interval - 5e-11) < 1e-22);
            assert_true(waveform->channel[c].segment[0].start == -2e-9);
            for (size_t k = 0; k < 60; k++)
                assert_true(sd_channel_value(&waveform->channel[c], 0, k) == test_sample(k));
        }
        sd_waveform_free(waveform);
    }
    sd_waveform *waveform = open_sound(path, &gigasample);
    assert_int_equal(waveform->channels, 2);
    assert_true(waveform->channel[0].interval == 1e-9);
    sd_waveform_free(waveform);
}

static void archives_that_are_refused(void **state)
{
    const struct {
        GByteArray *times;
        sd_error_code code;
        const char *words;
    } rows[] = {
        {times(0, 1e-9, 60, 30, 0.5e-9), SD_ERROR_UNSUPPORTED, "not even: number 30"},
        {times(0, 1e-9, 60, 59, 1e-9), SD_ERROR_UNSUPPORTED, "not even"},
        {times(0, -1e-9, 60, 0, 0), SD_ERROR_UNSUPPORTED, "not even"},
        {times(0, 0, 60, 0, 0), SD_ERROR_DAMAGED, "0 s apart"},
        {times((double)NAN, 1, 60, 0, 0), SD_ERROR_UNSUPPORTED, "not even"},
        {times(0, (double)INFINITY, 60, 0, 0), SD_ERROR_UNSUPPORTED, "not even"},
        {times(0, 1e-9, 61, 0, 0), SD_ERROR_USAGE, "needs --sample-rate"},
    };
    g_autoptr(GByteArray) p = npy(1, "<f4", false, "(60,)", 60);
    g_autofree char *path = g_build_filename(*state, "refused.npz", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const zip_member members[] = {
            {"p.npy", p->data, p->len},
            {"t.npy", rows[i].times->data, rows[i].times->len},
        };
        zip_write(path, members, 2, false);
        assert_refused(path, NULL, rows[i].code, rows[i].words);
        sd_waveform *waveform = open_sound(path, &gigasample);
        sd_waveform_free(waveform);
        g_byte_array_unref(rows[i].times);
    }
    const zip_member cut = {"p.npy", p->data, p->len - 1};
    zip_write(path, &cut, 1, false);
    assert_refused(path, &gigasample, SD_ERROR_DAMAGED, "(unpacked: p.npy): the file is cut");
    const zip_member other = {"p.npy", "text", 4};
    zip_write(path, &other, 1, false);
    assert_refused(path, &gigasample, SD_ERROR_DAMAGED, "does not begin like a NumPy array");
}

/** Times of 24 bits cannot be even to the last digit. */
static void single_precision_times(void **state)
{
    GByteArray *t = npy(1, "<f4", false, "(1000,)", 0);
    for (size_t i = 0; i < 1000; i++)
        put_sample(t, false, 'f', 4, 1e-6 + (double)i * 1e-11);
    g_autoptr(GByteArray) p = npy(1, "|i1", false, "(1000,)", 1000);
    const zip_member members[] = {{"t.npy", t->data, t->len}, {"p.npy", p->data, p->len}};
    g_autofree char *path = g_build_filename(*state, "single.npz", NULL);
    zip_write(path, members, 2, false);
    g_byte_array_unref(t);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_true(fabs(waveform->channel[0].interval / 1e-11 - 1) < 1e-4);
    sd_waveform_free(waveform);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types),
        cmocka_unit_test(shapes),
        cmocka_unit_test(sample_rate_is_needed),
        cmocka_unit_test(headers_that_are_refused),
        cmocka_unit_test(damaged),
        cmocka_unit_test(archive_with_times),
        cmocka_unit_test(archives_that_are_refused),
        cmocka_unit_test(single_precision_times),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
