/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MATLAB 5 files: as Tektronix scopes write them, compressed, both byte orders, and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"

#include <zlib.h>

#define SAMPLES 50

/** Element types and classes of the MAT-file format. */
enum {
    INT8 = 1,
    UINT8 = 2,
    INT16 = 3,
    UINT16 = 4,
    INT32 = 5,
    UINT32 = 6,
    SINGLE = 7,
    DOUBLE = 9,
    INT64 = 12,
    MATRIX = 14,
    COMPRESSED = 15,
    CLASS_STRUCT = 2,
    CLASS_CHAR = 4,
    CLASS_DOUBLE = 6,
    CLASS_INT16 = 10,
};

static const struct {
    int type;
    char kind;
    size_t size;
} numbers[] = {
    {INT8, 'i', 1},  {UINT8, 'i', 1},  {INT16, 'i', 2},  {UINT16, 'i', 2},
    {INT32, 'i', 4}, {UINT32, 'i', 4}, {SINGLE, 'f', 4}, {DOUBLE, 'f', 8},
};

/** A file that is being written. */
typedef struct {
    GByteArray *bytes;
    bool big_endian;
    bool packed;
} mat_file;

static mat_file mat_begin(bool big_endian, bool packed)
{
    mat_file file = {g_byte_array_new(), big_endian, packed};
    char header[125];
    memset(header, ' ', sizeof header);
    memcpy(header, "MATLAB 5.0 MAT-file", 19);
    header[124] = 0;
    put_text(file.bytes, header);
    put_u16(file.bytes, big_endian, 0x0100);
    put_text(file.bytes, big_endian ? "MI" : "IM");
    return file;
}

/** Appends an element; up to four bytes go into its tag if asked. */
static void put_element(GByteArray *bytes, bool big_endian, int type, const void *content,
                        size_t size, bool small)
{
    if (small && size <= 4) {
        put_u32(bytes, big_endian, (uint32_t)(size << 16) | (uint32_t)type);
        g_byte_array_append(bytes, content, (guint)size);
        for (size_t i = size; i < 4; i++)
            put_text(bytes, "x");
        return;
    }
    put_u32(bytes, big_endian, (uint32_t)type);
    put_u32(bytes, big_endian, (uint32_t)size);
    g_byte_array_append(bytes, content, (guint)size);
    while (bytes->len % 8 != 0)
        put_text(bytes, "x");
}

/** Appends a variable. */
static void put_variable(mat_file *file, const char *name, uint32_t class, uint32_t rows,
                         uint32_t columns, int type, const GByteArray *content)
{
    GByteArray *matrix = g_byte_array_new();
    const bool big = file->big_endian;
    put_u32(matrix, big, MATRIX);
    put_u32(matrix, big, 0);
    put_u32(matrix, big, UINT32);
    put_u32(matrix, big, 8);
    put_u32(matrix, big, class);
    put_u32(matrix, big, 0);
    put_u32(matrix, big, INT32);
    put_u32(matrix, big, 8);
    put_u32(matrix, big, rows);
    put_u32(matrix, big, columns);
    put_element(matrix, big, INT8, name, strlen(name), true);
    put_element(matrix, big, type, content->data, content->len, true);
    GByteArray *size = g_byte_array_new();
    put_u32(size, big, matrix->len - 8);
    memcpy(matrix->data + 4, size->data, 4);
    g_byte_array_unref(size);
    if (file->packed) {
        uLongf packed_size = compressBound(matrix->len);
        uint8_t *packed = g_malloc(packed_size);
        assert_int_equal(compress(packed, &packed_size, matrix->data, matrix->len), Z_OK);
        put_u32(file->bytes, big, COMPRESSED);
        put_u32(file->bytes, big, (uint32_t)packed_size);
        g_byte_array_append(file->bytes, packed, (guint)packed_size);
        g_free(packed);
    } else {
        g_byte_array_append(file->bytes, matrix->data, matrix->len);
    }
    g_byte_array_unref(matrix);
}

static void put_number(mat_file *file, const char *name, double number)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    put_f64(content, file->big_endian, number);
    put_variable(file, name, CLASS_DOUBLE, 1, 1, DOUBLE, content);
}

static void put_string(mat_file *file, const char *name, const char *text)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    for (size_t i = 0; text[i]; i++)
        put_u16(content, file->big_endian, (uint16_t)text[i]);
    put_variable(file, name, CLASS_CHAR, 1, (uint32_t)strlen(text), UINT16, content);
}

/** A matrix of test_sample() in the order of the file, stored as row @p type of numbers[]. */
static void put_matrix(mat_file *file, const char *name, uint32_t rows, uint32_t columns,
                       size_t type)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    for (size_t i = 0; i < (size_t)rows * columns; i++)
        put_sample(content, file->big_endian, numbers[type].kind, numbers[type].size,
                   test_sample(i));
    put_variable(file, name, CLASS_DOUBLE, rows, columns, numbers[type].type, content);
}

static void put_times(mat_file *file, const char *name, double first, double step)
{
    g_autoptr(GByteArray) content = g_byte_array_new();
    for (size_t i = 0; i < SAMPLES; i++)
        put_f64(content, file->big_endian, first + (double)i * step);
    put_variable(file, name, CLASS_DOUBLE, SAMPLES, 1, DOUBLE, content);
}

/** Writes the file; gives its path. */
static char *mat_write(void **state, mat_file *file)
{
    char *path = scratch_write(state, "record.mat", file->bytes->data, file->bytes->len);
    g_byte_array_unref(file->bytes);
    return path;
}

/** What a Tektronix scope writes. */
static mat_file tektronix(bool big_endian, bool packed, const char *type)
{
    mat_file file = mat_begin(big_endian, packed);
    put_string(&file, "model", "MSO64");
    put_string(&file, "waveformSource", "ch1");
    put_string(&file, "waveformType", type);
    put_string(&file, "verticalUnits", "A");
    put_number(&file, "sampleInterval", 4e-11);
    put_number(&file, "zeroIndex", 24.5);
    put_times(&file, "time", 0, 1);
    put_matrix(&file, "data", SAMPLES, 1, 7);
    return file;
}

static void tektronix_files(void **state)
{
    for (int i = 0; i < 4; i++) {
        mat_file file = tektronix(i & 1, i & 2, "Analog");
        g_autofree char *path = mat_write(state, &file);
        sd_waveform *waveform = open_sound(path, NULL);
        assert_sound(waveform);
        assert_string_equal(waveform->format, "MATLAB 5");
        assert_string_equal(waveform->instrument, "MSO64");
        assert_int_equal(waveform->channels, 1);
        const sd_channel *channel = &waveform->channel[0];
        assert_string_equal(channel->name, "ch1");
        assert_string_equal(channel->unit, "A");
        assert_true(channel->interval == 4e-11);
        assert_true(channel->segment[0].start == -24.5 * 4e-11);
        assert_int_equal(channel->segment[0].count, SAMPLES);
        for (size_t k = 0; k < SAMPLES; k++)
            assert_true(sd_channel_value(channel, 0, k) == test_sample(k));
        assert_true(has_note(waveform, "compressed") == ((i & 2) != 0));
        sd_waveform_free(waveform);
    }
}

static void stored_types(void **state)
{
    for (size_t type = 0; type < G_N_ELEMENTS(numbers); type++) {
        for (int big_endian = 0; big_endian <= 1; big_endian++) {
            mat_file file = mat_begin(big_endian, false);
            put_times(&file, "t", -1e-9, 1e-10);
            put_matrix(&file, "a", 2, SAMPLES, type);
            g_autofree char *path = mat_write(state, &file);
            sd_waveform *waveform = open_sound(path, NULL);
            assert_sound(waveform);
            assert_int_equal(waveform->channels, 2);
            assert_string_equal(waveform->channel[1].name, "a 2");
            assert_true(waveform->channel[0].segment[0].start == -1e-9);
            for (size_t k = 0; k < 2 * SAMPLES; k++) /* column by column */
                assert_true(sd_channel_value(&waveform->channel[k % 2], 0, k / 2) ==
                            test_sample(k));
            sd_waveform_free(waveform);
        }
    }
}

/** The names of PicoScope. */
static void interval_and_start(void **state)
{
    mat_file file = mat_begin(false, true);
    put_number(&file, "Tstart", -5e-6);
    put_number(&file, "Tinterval", 2e-10);
    put_matrix(&file, "A", SAMPLES, 1, 6);
    put_matrix(&file, "B", SAMPLES, 1, 6);
    g_autofree char *path = mat_write(state, &file);
    sd_waveform *waveform = open_sound(path, NULL);
    assert_int_equal(waveform->channels, 2);
    assert_string_equal(waveform->channel[1].name, "B");
    assert_true(waveform->channel[1].interval == 2e-10);
    assert_true(waveform->channel[1].segment[0].start == -5e-6);
    sd_waveform_free(waveform);
}

static void what_is_no_record_is_left_out(void **state)
{
    mat_file file = mat_begin(false, false);
    g_autoptr(GByteArray) content = g_byte_array_new();
    for (int i = 0; i < 4; i++)
        put_u64(content, false, 0);
    put_variable(&file, "complex", CLASS_DOUBLE | 0x0800, 2, 2, DOUBLE, content);
    put_variable(&file, "structure", CLASS_STRUCT, 1, 1, INT32, content);
    put_variable(&file, "long", CLASS_DOUBLE, 2, 2, INT64, content);
    put_matrix(&file, "square", 100, 100, 0);
    put_matrix(&file, "good", SAMPLES, 1, 0);
    g_autofree char *path = mat_write(state, &file);
    const sd_waveform_options options = {.sample_rate = 1e9};
    sd_waveform *waveform = open_sound(path, &options);
    assert_int_equal(waveform->channels, 1);
    assert_string_equal(waveform->channel[0].name, "good");
    static const char *const names[] = {"complex", "structure", "long", "square"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        assert_true(has_note(waveform, names[i]));
    sd_waveform_free(waveform);
    assert_refused(path, NULL, SD_ERROR_USAGE, "needs --sample-rate");
}

static void refused(void **state)
{
    mat_file file = tektronix(false, false, "Digital");
    g_autofree char *digital = mat_write(state, &file);
    assert_refused(digital, NULL, SD_ERROR_UNSUPPORTED, "type \"Digital\"");

    static const double intervals[] = {0, -1e-9, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < G_N_ELEMENTS(intervals); i++) {
        file = mat_begin(false, false);
        put_number(&file, "sampleInterval", intervals[i]);
        put_matrix(&file, "data", SAMPLES, 1, 7);
        g_autofree char *path = mat_write(state, &file);
        assert_refused(path, NULL, SD_ERROR_DAMAGED, "cannot be true");
    }

    file = mat_begin(false, false);
    put_number(&file, "sampleInterval", 1e-9);
    g_autofree char *empty = mat_write(state, &file);
    assert_refused(empty, NULL, SD_ERROR_UNSUPPORTED, "no vector");

    file = mat_begin(false, false);
    g_autoptr(GByteArray) content = g_byte_array_new();
    put_f64(content, false, 1);
    put_variable(&file, "lie", CLASS_DOUBLE, 0xFFFFFFFF, 0xFFFFFFFF, DOUBLE, content);
    g_autofree char *lie = mat_write(state, &file);
    assert_refused(lie, NULL, SD_ERROR_DAMAGED, "\"lie\" of 4294967295 x 4294967295");

    file = mat_begin(false, false);
    memcpy(file.bytes->data + 126, "XX", 2);
    g_autofree char *order = mat_write(state, &file);
    assert_refused(order, NULL, SD_ERROR_DAMAGED, "(byte 126)");

    file = mat_begin(false, false);
    for (int i = 0; i < 5000; i++)
        put_element(file.bytes, false, MATRIX, "", 0, false);
    g_autofree char *many = mat_write(state, &file);
    assert_refused(many, NULL, SD_ERROR_UNSUPPORTED, "more than 4096 variables");
}

static void damaged(void **state)
{
    for (int packed = 0; packed <= 1; packed++) {
        mat_file file = mat_begin(false, packed);
        put_number(&file, "Tinterval", 2e-10);
        put_matrix(&file, "A", SAMPLES, 1, 0);
        cut_everywhere(state, "cut.mat", file.bytes, NULL, 200, 1);
        damage_everywhere(state, "damaged.mat", file.bytes, NULL, file.bytes->len, 1);
        g_byte_array_unref(file.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tektronix_files),
        cmocka_unit_test(stored_types),
        cmocka_unit_test(interval_and_start),
        cmocka_unit_test(what_is_no_record_is_left_out),
        cmocka_unit_test(refused),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
