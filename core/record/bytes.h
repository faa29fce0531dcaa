/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file bytes.h
 * Appends little-endian numbers to a byte array.
 */
#ifndef SD_BYTES_H
#define SD_BYTES_H

#include <glib.h>

/** Appends the low @p size bytes of @p value, the lowest first. */
static inline void sd_append(GByteArray *out, guint64 value, guint size)
{
    const guint64 le = GUINT64_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&le, size);
}

#endif
