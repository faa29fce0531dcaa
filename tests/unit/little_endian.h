/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file little_endian.h
 * Reads little-endian numbers, byte by byte.
 */
#ifndef SCOPEDUMP_TEST_LITTLE_ENDIAN_H
#define SCOPEDUMP_TEST_LITTLE_ENDIAN_H

#include <stdint.h>

/** The unsigned number in the @p size bytes at @p bytes. */
static inline uint64_t le(const uint8_t *bytes, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/** The signed 64-bit number at @p bytes. */
static inline int64_t le_signed(const uint8_t *bytes)
{
    return (int64_t)le(bytes, 8);
}

#endif
