/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file bytes.h
 * Builds files for the tests, number by number.
 */
#ifndef SCOPEDUMP_TEST_BYTES_H
#define SCOPEDUMP_TEST_BYTES_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/** Appends a number of this computer's byte order in the order asked for. */
static inline void put(GByteArray *bytes, bool big_endian, const void *number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool swap = big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);
        g_byte_array_append(bytes, (const uint8_t *)number + (swap ? size - 1 - i : i), 1);
    }
}

static inline void put_u16(GByteArray *bytes, bool big_endian, uint16_t number)
{
    put(bytes, big_endian, &number, sizeof number);
}

static inline void put_u32(GByteArray *bytes, bool big_endian, uint32_t number)
{
    put(bytes, big_endian, &number, sizeof number);
}

static inline void put_u64(GByteArray *bytes, bool big_endian, uint64_t number)
{
    put(bytes, big_endian, &number, sizeof number);
}

static inline void put_f64(GByteArray *bytes, bool big_endian, double number)
{
    put(bytes, big_endian, &number, sizeof number);
}

static inline void put_text(GByteArray *bytes, const char *text)
{
    g_byte_array_append(bytes, (const uint8_t *)text, (guint)strlen(text));
}

/** A number as a sample of a kind ('i', 'u' or 'f') and size. */
static inline void put_sample(GByteArray *bytes, bool big_endian, char kind, size_t size,
                              double value)
{
    if (kind == 'f' && size == sizeof(float)) {
        float single = (float)value;
        put(bytes, big_endian, &single, sizeof single);
    } else if (kind == 'f') {
        put_f64(bytes, big_endian, value);
    } else {
        uint64_t code = (uint64_t)(int64_t)value;
        for (size_t i = 0; i < size; i++) {
            uint8_t byte = (uint8_t)(code >> 8 * (big_endian ? size - 1 - i : i));
            g_byte_array_append(bytes, &byte, 1);
        }
    }
}

/** Sample @p index of the records that the tests make: never the same for long, 0 to 120. */
static inline double test_sample(size_t index)
{
    return (double)((index * 7 + 3) % 121);
}

#endif
