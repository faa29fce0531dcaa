/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file trc_file.h
 * Makes Teledyne LeCroy .trc files for the tests. The descriptor is written field after field, in
 * the order and with the sizes of the template LECROY_2_3 of the remote control manual, so that the
 * offsets come about in another way than in the reader, which has a table of them.
 */
#ifndef SCOPEDUMP_TEST_TRC_FILE_H
#define SCOPEDUMP_TEST_TRC_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define TRC_SEGMENTS_MAX 4

/** What the file says; trc_default() gives a sound one. */
typedef struct {
    const char *prefix; /**< In front of WAVEDESC. */
    const char *template_name;
    bool big_endian;
    int comm_type;
    int comm_order; /**< -1: right. */
    int32_t descriptor_length, user_text_length;
    int32_t trigtime_length, array_1_length, array_2_length; /**< -1: right. */
    const char *instrument;
    int32_t serial;
    const char *label;
    int32_t count; /**< -1: right. */
    int32_t first_valid, last_valid;
    int32_t sparsing;
    int32_t segments;
    float gain, offset;
    float interval;
    double start;
    const char *unit, *time_unit;
    double seconds;
    uint8_t minute, hour, day, month;
    int16_t year;
    int16_t record_type, processing, source;
    unsigned samples; /**< In each segment. */
    double trigger[TRC_SEGMENTS_MAX], trigger_offset[TRC_SEGMENTS_MAX];
    bool trigtime; /**< There is a block TRIGTIME. */
} trc_file;

static inline trc_file trc_default(void)
{
    return (trc_file){
        .prefix = "",
        .template_name = "LECROY_2_3",
        .comm_type = 1,
        .comm_order = -1,
        .descriptor_length = 346,
        .trigtime_length = -1,
        .array_1_length = -1,
        .array_2_length = 0,
        .instrument = "LECROYHDO9204",
        .serial = 12345,
        .label = "",
        .count = -1,
        .sparsing = 1,
        .segments = 1,
        .gain = 0.25F,
        .offset = 1.5F,
        .interval = 5e-11F,
        .start = -1.25e-9,
        .unit = "V",
        .time_unit = "S",
        .seconds = 13.25,
        .minute = 2,
        .hour = 19,
        .day = 29,
        .month = 6,
        .year = 2020,
        .source = 2,
        .samples = 10,
        .trigger = {0, 0.5, 1.25, 3},
        .trigger_offset = {-1e-9, -2e-9, -3e-9, -4e-9},
    };
}

static inline void trc_put(GByteArray *bytes, const trc_file *file, const void *number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool swap = file->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);
        g_byte_array_append(bytes, (const uint8_t *)number + (swap ? size - 1 - i : i), 1);
    }
}

static inline void trc_word(GByteArray *bytes, const trc_file *file, int number)
{
    int16_t word = (int16_t)number;
    trc_put(bytes, file, &word, sizeof word);
}

static inline void trc_long(GByteArray *bytes, const trc_file *file, int32_t number)
{
    trc_put(bytes, file, &number, sizeof number);
}

static inline void trc_float(GByteArray *bytes, const trc_file *file, float number)
{
    trc_put(bytes, file, &number, sizeof number);
}

static inline void trc_double(GByteArray *bytes, const trc_file *file, double number)
{
    trc_put(bytes, file, &number, sizeof number);
}

static inline void trc_string(GByteArray *bytes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = i < strlen(text) ? (uint8_t)text[i] : 0;
        g_byte_array_append(bytes, &byte, 1);
    }
}

static inline int32_t trc_or(int32_t given, int32_t right)
{
    return given == -1 ? right : given;
}

/** The code of sample @p index of all segments together. */
static inline int trc_code(const trc_file *file, size_t index)
{
    return file->comm_type == 0 ? (int)(index * 13 % 256) - 128
                                : (int)(index * 1237 % 65536) - 32768;
}

static inline GByteArray *trc_build(const trc_file *file)
{
    GByteArray *bytes = g_byte_array_new();
    const int32_t total = (int32_t)file->samples * MAX(file->segments, 1);
    const int32_t size = file->comm_type == 0 ? 1 : 2;
    trc_string(bytes, file->prefix, strlen(file->prefix));
    trc_string(bytes, "WAVEDESC", 16);
    trc_string(bytes, file->template_name, 16);
    trc_word(bytes, file, file->comm_type);
    trc_word(bytes, file, trc_or(file->comm_order, file->big_endian ? 0 : 1));
    trc_long(bytes, file, file->descriptor_length);
    trc_long(bytes, file, file->user_text_length);
    trc_long(bytes, file, 0); /* RES_DESC1 */
    trc_long(bytes, file, trc_or(file->trigtime_length, file->trigtime ? 16 * file->segments : 0));
    trc_long(bytes, file, 0); /* RIS_TIME_ARRAY */
    trc_long(bytes, file, 0); /* RES_ARRAY1 */
    trc_long(bytes, file, trc_or(file->array_1_length, total * size));
    trc_long(bytes, file, file->array_2_length);
    trc_long(bytes, file, 0); /* RES_ARRAY2 */
    trc_long(bytes, file, 0); /* RES_ARRAY3 */
    trc_string(bytes, file->instrument, 16);
    trc_long(bytes, file, file->serial);
    trc_string(bytes, file->label, 16);
    trc_word(bytes, file, 0);
    trc_word(bytes, file, 0);
    trc_long(bytes, file, trc_or(file->count, total));
    trc_long(bytes, file, total - 2); /* PNTS_PER_SCREEN */
    trc_long(bytes, file, file->first_valid);
    trc_long(bytes, file, file->last_valid);
    trc_long(bytes, file, 0); /* FIRST_POINT */
    trc_long(bytes, file, file->sparsing);
    trc_long(bytes, file, 0); /* SEGMENT_INDEX */
    trc_long(bytes, file, file->segments);
    trc_long(bytes, file, 1); /* SWEEPS_PER_ACQ */
    trc_word(bytes, file, 0); /* POINTS_PER_PAIR */
    trc_word(bytes, file, 0); /* PAIR_OFFSET */
    trc_float(bytes, file, file->gain);
    trc_float(bytes, file, file->offset);
    trc_float(bytes, file, 32767);  /* MAX_VALUE */
    trc_float(bytes, file, -32768); /* MIN_VALUE */
    trc_word(bytes, file, 8);       /* NOMINAL_BITS */
    trc_word(bytes, file, file->segments);
    trc_float(bytes, file, file->interval);
    trc_double(bytes, file, file->start);
    trc_double(bytes, file, 0); /* PIXEL_OFFSET */
    trc_string(bytes, file->unit, 48);
    trc_string(bytes, file->time_unit, 48);
    trc_float(bytes, file, 0); /* HORIZ_UNCERTAINTY */
    trc_double(bytes, file, file->seconds);
    trc_string(bytes, (char[]){(char)file->minute, 0}, 1);
    trc_string(bytes, (char[]){(char)file->hour, 0}, 1);
    trc_string(bytes, (char[]){(char)file->day, 0}, 1);
    trc_string(bytes, (char[]){(char)file->month, 0}, 1);
    trc_word(bytes, file, file->year);
    trc_word(bytes, file, 0);
    trc_float(bytes, file, 0); /* ACQ_DURATION */
    trc_word(bytes, file, file->record_type);
    trc_word(bytes, file, file->processing);
    trc_word(bytes, file, 0);  /* RESERVED5 */
    trc_word(bytes, file, 1);  /* RIS_SWEEPS */
    trc_word(bytes, file, 21); /* TIMEBASE */
    trc_word(bytes, file, 0);  /* VERT_COUPLING */
    trc_float(bytes, file, 1); /* PROBE_ATT */
    trc_word(bytes, file, 13); /* FIXED_VERT_GAIN */
    trc_word(bytes, file, 0);  /* BANDWIDTH_LIMIT */
    trc_float(bytes, file, 1); /* VERTICAL_VERNIER */
    trc_float(bytes, file, 0); /* ACQ_VERT_OFFSET */
    trc_word(bytes, file, file->source);
    for (int32_t i = 0; i < file->user_text_length && i < 1000; i++) {
        trc_string(bytes, "x", 1);
    }
    for (int32_t i = 0; file->trigtime && i < file->segments; i++) {
        trc_double(bytes, file, file->trigger[i]);
        trc_double(bytes, file, file->trigger_offset[i]);
    }
    for (int32_t i = 0; i < total; i++) {
        int code = trc_code(file, (size_t)i);
        if (file->comm_type == 0) {
            int8_t byte = (int8_t)code;
            g_byte_array_append(bytes, (const uint8_t *)&byte, 1);
        } else {
            trc_word(bytes, file, code);
        }
    }
    return bytes;
}

#endif
