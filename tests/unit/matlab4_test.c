/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MATLAB 4 files: as PicoScope writes them, all stored types, both byte orders, and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"

#define SAMPLES  50
#define INTERVAL 2e-10
#define START    (-5e-6)

/** What the types mean, beside how numbers are stored. */
enum {
    NUMBERS = 0,
    TEXT = 1,
    SPARSE = 2,
};

/** How numbers are stored: the tens of the type. */
static const struct {
    char kind;
    size_t size;
} numbers[] = {{'f', 8}, {'f', 4}, {'i', 4}, {'i', 2}, {'u', 2}, {'u', 1}};

static void put_header(GByteArray *bytes, bool big_endian, uint32_t type, uint32_t rows,
                       uint32_t columns, uint32_t complex, const char *name)
{
    put_u32(bytes, big_endian, (big_endian ? 1000 : 0) + type);
    put_u32(bytes, big_endian, rows);
    put_u32(bytes, big_endian, columns);
    put_u32(bytes, big_endian, complex);
    put_u32(bytes, big_endian, (uint32_t)strlen(name) + 1);
    g_byte_array_append(bytes, (const uint8_t *)name, (guint)strlen(name) + 1);
}

static void put_number(GByteArray *bytes, bool big_endian, const char *name, double number)
{
    put_header(bytes, big_endian, NUMBERS, 1, 1, 0, name);
    put_f64(bytes, big_endian, number);
}

/** A matrix of test_sample() in the order of the file, stored as row @p type of numbers[]. */
static void put_matrix(GByteArray *bytes, bool big_endian, uint32_t type, uint32_t rows,
                       uint32_t columns, const char *name)
{
    put_header(bytes, big_endian, 10 * type + NUMBERS, rows, columns, 0, name);
    for (size_t i = 0; i < (size_t)rows * columns; i++)
        put_sample(bytes, big_endian, numbers[type].kind, numbers[type].size, test_sample(i));
}

/** What PicoScope writes: numbers, a text, and a vector for each channel. */
static GByteArray *picoscope(bool big_endian, uint32_t type)
{
    GByteArray *bytes = g_byte_array_new();
    put_number(bytes, big_endian, "Tstart", START);
    put_number(bytes, big_endian, "Tinterval", INTERVAL);
    put_header(bytes, big_endian, 50 + TEXT, 1, 6, 0, "Version");
    put_text(bytes, "6.14.1");
    put_matrix(bytes, big_endian, type, SAMPLES, 1, "A");
    put_matrix(bytes, big_endian, type, SAMPLES, 1, "B");
    return bytes;
}

static void stored_types(void **state)
{
    for (uint32_t type = 0; type < G_N_ELEMENTS(numbers); type++) {
        for (int big_endian = 0; big_endian <= 1; big_endian++) {
            g_autoptr(GByteArray) bytes = picoscope(big_endian, type);
            sd_waveform *waveform = open_bytes(state, "a.mat", bytes);
            assert_string_equal(waveform->format, "MATLAB 4");
            assert_false(waveform->has_time);
            assert_int_equal(waveform->notes->len, 0);
            assert_int_equal(waveform->channels, 2);
            for (size_t c = 0; c < 2; c++) {
                const sd_channel *channel = &waveform->channel[c];
                assert_string_equal(channel->name, c == 0 ? "A" : "B");
                assert_true(channel->interval == INTERVAL);
                assert_true(channel->segment[0].start == START);
                assert_int_equal(channel->segment[0].count, SAMPLES);
                for (size_t i = 0; i < SAMPLES; i++)
                    assert_true(sd_channel_value(channel, 0, i) == test_sample(i));
            }
            sd_waveform_free(waveform);
        }
    }
}

static void what_is_no_record_is_left_out(void **state)
{
    g_autoptr(GByteArray) bytes = picoscope(false, 3);
    put_header(bytes, false, NUMBERS, 1, 1, 1, "complex");
    put_f64(bytes, false, 1);
    put_f64(bytes, false, 2);
    put_header(bytes, false, SPARSE, 1, 1, 0, "sparse");
    put_f64(bytes, false, 3);
    put_header(bytes, false, NUMBERS, 0, 0, 0, "empty");
    sd_waveform *waveform = open_bytes(state, "a.mat", bytes);
    assert_int_equal(waveform->channels, 2);
    assert_int_equal(waveform->notes->len, 2);
    assert_true(has_note(waveform, "\"complex\""));
    assert_true(has_note(waveform, "\"sparse\""));
    sd_waveform_free(waveform);
}

/** Matrices are stored column by column. */
static void matrix(void **state)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    put_matrix(bytes, false, 3, 2, SAMPLES, "data");
    g_autofree char *path = scratch_write(state, "m.mat", bytes->data, bytes->len);
    assert_refused(path, NULL, SD_ERROR_USAGE, "needs --sample-rate");
    const sd_waveform_options options = {.sample_rate = 1e9};
    sd_waveform *waveform = open_sound(path, &options);
    assert_int_equal(waveform->channels, 2);
    assert_string_equal(waveform->channel[1].name, "data 2");
    for (size_t i = 0; i < 2 * SAMPLES; i++)
        assert_true(sd_channel_value(&waveform->channel[i % 2], 0, i / 2) == test_sample(i));
    sd_waveform_free(waveform);
}

static void refused(void **state)
{
    static const double intervals[] = {0, -1e-9, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < G_N_ELEMENTS(intervals); i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        put_number(bytes, false, "Tinterval", intervals[i]);
        put_matrix(bytes, false, 1, SAMPLES, 1, "A");
        assert_bytes_refused(state, "a.mat", bytes->data, bytes->len, SD_ERROR_DAMAGED,
                             "cannot be true");
    }
    g_autoptr(GByteArray) lie = picoscope(false, 1);
    put_header(lie, false, NUMBERS, UINT32_MAX, UINT32_MAX, 1, "lie");
    assert_bytes_refused(state, "a.mat", lie->data, lie->len, SD_ERROR_DAMAGED,
                         "\"lie\" is said to have 4294967295 x 4294967295");

    g_autoptr(GByteArray) rest = picoscope(false, 1);
    const guint end = rest->len;
    put_header(rest, false, 60, 1, 1, 0, "x");
    g_autofree char *at = g_strdup_printf("(byte %u)", end);
    assert_bytes_refused(state, "a.mat", rest->data, rest->len, SD_ERROR_DAMAGED, at);

    g_autoptr(GByteArray) many = g_byte_array_new();
    for (int i = 0; i < 5000; i++)
        put_number(many, false, "x", 0);
    assert_bytes_refused(state, "a.mat", many->data, many->len, SD_ERROR_UNSUPPORTED,
                         "more than 4096 variables");
}

static void damaged(void **state)
{
    for (int big_endian = 0; big_endian <= 1; big_endian++) {
        g_autoptr(GByteArray) bytes = picoscope(big_endian, 4);
        damage_everywhere(state, "damaged.mat", bytes, NULL, bytes->len, 1);
        g_byte_array_set_size(bytes, bytes->len - (SAMPLES * 2 + 22)); /* one channel */
        cut_everywhere(state, "cut.mat", bytes, NULL, bytes->len - 1, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_types), cmocka_unit_test(what_is_no_record_is_left_out),
        cmocka_unit_test(matrix),       cmocka_unit_test(refused),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
