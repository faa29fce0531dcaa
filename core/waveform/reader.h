/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file reader.h
 * The one way to read header fields: bounds are checked, the byte order is a switch, and the first
 * failure is kept (latched), so that a format reads all of its fields and asks once at the end.
 */
#ifndef SCOPEDUMP_WAVEFORM_READER_H
#define SCOPEDUMP_WAVEFORM_READER_H

#include "scopedump/error.h"
#include "waveform/mapping.h"

/** A reader of one file. Start it with the mapping and the byte order; the rest is 0. */
typedef struct {
    const sd_mapping *mapping;
    bool big_endian; /**< Byte order of the numbers; may be changed between reads. */
    GError *error;   /**< The first failure, or NULL; taken by sd_reader_finish(). */
} sd_reader;

/**
 * Read one number.
 *
 * @param reader the reader
 * @param at     offset in the file, in bytes; any value may be given
 * @param field  the field's name for the message when the file ends before or inside it
 * @return the number; 0 when it lies outside the file, which latches SD_ERROR_DAMAGED
 */
uint8_t sd_reader_u8(sd_reader *reader, uint64_t at, const char *field);
uint16_t sd_reader_u16(sd_reader *reader, uint64_t at, const char *field);
int16_t sd_reader_i16(sd_reader *reader, uint64_t at, const char *field);
uint32_t sd_reader_u32(sd_reader *reader, uint64_t at, const char *field);
int32_t sd_reader_i32(sd_reader *reader, uint64_t at, const char *field);
uint64_t sd_reader_u64(sd_reader *reader, uint64_t at, const char *field);
float sd_reader_f32(sd_reader *reader, uint64_t at, const char *field);
double sd_reader_f64(sd_reader *reader, uint64_t at, const char *field);

/**
 * Reads a text field of a fixed size: up to its first NUL, without spaces at either end.
 *
 * @return valid UTF-8 (other bytes are replaced), to be freed with g_free(); an empty text when the
 *         field lies outside the file, which latches SD_ERROR_DAMAGED
 */
char *sd_reader_text(sd_reader *reader, uint64_t at, size_t size, const char *field);

/** Latches SD_ERROR_DAMAGED unless all of [at, at + size) lies in the file; gives whether it does.
 */
bool sd_reader_require(sd_reader *reader, uint64_t at, uint64_t size, const char *field);

/**
 * Latches a failure that the caller found, unless there is one already. The message becomes
 * "FILE: MESSAGE (byte AT)".
 *
 * @param reader the reader
 * @param code   the code in SD_ERROR
 * @param at     offset of the field that is wrong
 * @param format printf-like, for MESSAGE
 */
void sd_reader_fail(sd_reader *reader, sd_error_code code, uint64_t at, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/** Hands the latched failure over to @p error; true when there is none. */
bool sd_reader_finish(sd_reader *reader, GError **error);

#endif
