/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file little_endian_writer.h
 * Appends little-endian numbers and texts of fixed size to a file that a test makes.
 */
#ifndef SCOPEDUMP_TEST_LITTLE_ENDIAN_WRITER_H
#define SCOPEDUMP_TEST_LITTLE_ENDIAN_WRITER_H

#include <glib.h>
#include <stdint.h>
#include <string.h>

/** Appends the lowest @p size bytes of a number. */
static inline void put(GByteArray *bytes, uint64_t number, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        g_byte_array_append(bytes, &byte, 1);
    }
}

static inline void put_f32(GByteArray *bytes, float number)
{
    uint32_t word;
    memcpy(&word, &number, sizeof word);
    put(bytes, word, sizeof word);
}

static inline void put_f64(GByteArray *bytes, double number)
{
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    put(bytes, word, sizeof word);
}

/** Appends a text, filled up with zeros to @p size bytes. */
static inline void put_text(GByteArray *bytes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        put(bytes, i < strlen(text) ? (uint8_t)text[i] : 0, 1);
    }
}

/** Appends bytes of one value until the file has @p size. */
static inline void fill_up(GByteArray *bytes, size_t size, uint8_t value)
{
    while (bytes->len < size) {
        put(bytes, value, 1);
    }
}

/** Overwrites a number at @p at. */
static inline void poke(GByteArray *bytes, size_t at, uint64_t number, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        bytes->data[at + i] = (uint8_t)(number >> (8 * i));
    }
}

static inline void poke_f32(GByteArray *bytes, size_t at, float number)
{
    uint32_t word;
    memcpy(&word, &number, sizeof word);
    poke(bytes, at, word, sizeof word);
}

static inline void poke_f64(GByteArray *bytes, size_t at, double number)
{
    uint64_t word;
    memcpy(&word, &number, sizeof word);
    poke(bytes, at, word, sizeof word);
}

#endif
