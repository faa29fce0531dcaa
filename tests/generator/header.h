/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file header.h
 * Numbers and text at given places of a binary header.
 */
#ifndef GENERATOR_HEADER_H
#define GENERATOR_HEADER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** The bytes of a header, and the byte order of the numbers in it. */
typedef struct {
    uint8_t *bytes;
    bool big_endian;
} gen_header;

/** Puts the low @p size bytes of a number at the offset @p at. */
void gen_put(const gen_header *header, size_t at, uint64_t value, unsigned size);

/** Puts a number of 2, 4 or 8 bytes. @{ */
void gen_put16(const gen_header *header, size_t at, uint16_t value);
void gen_put32(const gen_header *header, size_t at, uint32_t value);
void gen_put_float(const gen_header *header, size_t at, float value);
void gen_put_double(const gen_header *header, size_t at, double value);
/** @} */

/** Puts text without its terminating NUL. */
void gen_put_text(const gen_header *header, size_t at, const char *text);

#endif
