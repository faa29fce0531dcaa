/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file pcapng_block.h
 * Blocks and options of the pcapng file format, little-endian.
 */
#ifndef SD_PCAPNG_BLOCK_H
#define SD_PCAPNG_BLOCK_H

#include <glib.h>

/** Block types. */
enum {
    SD_BLOCK_SECTION_HEADER = 0x0A0D0D0A,
    SD_BLOCK_INTERFACE_DESCRIPTION = 1,
    SD_BLOCK_INTERFACE_STATISTICS = 5,
    SD_BLOCK_ENHANCED_PACKET = 6,
};

/** Option codes; those from 2 on mean something else in each kind of block. */
enum {
    SD_OPT_END = 0,
    SD_OPT_COMMENT = 1,
    SD_OPT_SHB_HARDWARE = 2,
    SD_OPT_SHB_OS = 3,
    SD_OPT_SHB_APPLICATION = 4,
    SD_OPT_IF_NAME = 2,
    SD_OPT_IF_DESCRIPTION = 3,
    SD_OPT_IF_SPEED = 8,
    SD_OPT_IF_TSRESOL = 9,
    SD_OPT_IF_FILTER = 11,
    SD_OPT_IF_FCSLEN = 13,
    SD_OPT_EPB_FLAGS = 2,
    SD_OPT_EPB_PACKETID = 5,
    SD_OPT_ISB_STARTTIME = 2,
    SD_OPT_ISB_ENDTIME = 3,
    SD_OPT_ISB_IFRECV = 4,
    SD_OPT_ISB_IFDROP = 5,
    SD_OPT_ISB_FILTERACCEPT = 6,
    SD_OPT_ISB_USRDELIV = 8,
};

/** Begins a block at the end of @p out; returns its place, for sd_block_end(). */
guint sd_block_begin(GByteArray *out, guint32 type);

/** Ends the block that began at @p place: fills in its length. */
void sd_block_end(GByteArray *out, guint place);

/** Appends zeros until the length is a multiple of four. */
void sd_block_pad(GByteArray *out);

/** Appends an option of any bytes, padded. */
void sd_block_option(GByteArray *out, guint16 code, const void *data, guint16 length);

/** Appends a text option, cut at the end of a character to @p most bytes; NULL appends nothing. */
void sd_block_option_text(GByteArray *out, guint16 code, const char *text, gsize most);

/** Appends an option that is a number of @p size bytes. */
void sd_block_option_number(GByteArray *out, guint16 code, guint64 value, guint size);

/** Appends an option that is a time in nanoseconds since 1970, as the two halves of it. */
void sd_block_option_time(GByteArray *out, guint16 code, guint64 time_ns);

#endif
