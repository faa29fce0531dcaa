/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file inflate.h
 * Unpacks data that zlib packed into a temporary file, in pieces of a fixed size.
 */
#ifndef SCOPEDUMP_WAVEFORM_INFLATE_H
#define SCOPEDUMP_WAVEFORM_INFLATE_H

#include "waveform/spool.h"

/** What stands around the packed data. */
typedef enum {
    SD_INFLATE_ZLIB, /**< RFC 1950 */
    SD_INFLATE_GZIP, /**< RFC 1952 */
} sd_inflate_kind;

/**
 * Unpacks one stream and appends what it holds to a spool.
 *
 * @param mapping the file, for its bytes and for messages
 * @param at      where the stream begins; inside the file
 * @param size    bytes that it may take; inside the file
 * @param kind    what stands around it
 * @param most    unpacks no more than so many bytes
 * @param spool   receives them
 * @param error   set on failure: SD_ERROR_DAMAGED, with the number of bytes that were unpacked, or
 *                what sd_spool_write() sets
 * @return where the stream ends in the file, or 0 on failure
 */
uint64_t sd_inflate(const sd_mapping *mapping, uint64_t at, uint64_t size, sd_inflate_kind kind,
                    uint64_t most, sd_spool *spool, GError **error);

/** Says that unpacking failed: sets SD_ERROR_DAMAGED with the place and how far it came. */
void sd_unpack_fail(const sd_mapping *mapping, uint64_t at, uint64_t unpacked, const char *reason,
                    GError **error);

#endif
