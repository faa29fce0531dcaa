/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file rohde_schwarz_header.h
 * The header file of a Rohde & Schwarz waveform, NAME.bin: XML with one element per property,
 * <Prop Name="..." Value="..."/>, or with a list of values, I_0 to I_7, one per channel. The user
 * manuals of the RTO and RTP (chapter "Waveform header files") list the properties.
 */
#ifndef SCOPEDUMP_WAVEFORM_ROHDE_SCHWARZ_HEADER_H
#define SCOPEDUMP_WAVEFORM_ROHDE_SCHWARZ_HEADER_H

#include "waveform/mapping.h"

#define SD_RS_CHANNELS_MAX 8

/** The properties that are read. */
typedef enum {
    SD_RS_SOURCE_TYPE,
    SD_RS_RECORD_LENGTH,
    SD_RS_TRACE_TYPE,
    SD_RS_X_START,
    SD_RS_X_STOP,
    SD_RS_HARDWARE_RECORD_LENGTH,
    SD_RS_INTERLEAVED_TRACE_COUNT,
    SD_RS_QUANTISATION_LEVELS,
    SD_RS_LEADING_SETTLING_SAMPLES,
    SD_RS_VERTICAL_POSITION,
    SD_RS_VERTICAL_SCALE,
    SD_RS_VERTICAL_OFFSET,
    SD_RS_VIEW_UNIT,
    SD_RS_SOURCE,
    SD_RS_VERTICAL_DIVISION_COUNT,
    SD_RS_MULTI_CHANNEL_EXPORT,
    SD_RS_MULTI_VERTICAL_OFFSET,
    SD_RS_MULTI_VERTICAL_POSITION,
    SD_RS_MULTI_VERTICAL_SCALE,
    SD_RS_MULTI_EXPORT_STATE,
    SD_RS_MULTI_VIEW_UNIT,
    SD_RS_MULTI_INTERLEAVED_TRACE_COUNT,
    SD_RS_MULTI_SOURCE,
    SD_RS_SIGNAL_FORMAT,
    SD_RS_BYTE_ORDER,
    SD_RS_NUMBER_OF_ACQUISITIONS,
    SD_RS_TIMESTAMP_STATE,
    SD_RS_TIMESTAMP,
    SD_RS_PROPERTIES,
} sd_rs_property;

#define SD_RS_VALUE (-1) /**< Instead of the number of a channel: the attribute Value. */

typedef struct sd_rs_header sd_rs_header;

/**
 * Reads a header file.
 *
 * @param mapping the file; has to outlive the header
 * @param error   set on failure: SD_ERROR_DAMAGED, with line and byte, for what is no XML
 * @return the header, to be freed with sd_rs_header_free(), or NULL
 */
sd_rs_header *sd_rs_header_new(const sd_mapping *mapping, GError **error);

void sd_rs_header_free(sd_rs_header *header);

/**
 * A property as text.
 *
 * @param index number of a channel, from 0, or SD_RS_VALUE
 * @return the text, owned by the header; NULL when the header has none
 */
const char *sd_rs_header_text(const sd_rs_header *header, sd_rs_property property, int index);

/** Whether a property is there and ends with the words @p end, such as "_ON". */
bool sd_rs_header_is(const sd_rs_header *header, sd_rs_property property, int index,
                     const char *end);

/** The name of the unit that a property has, such as "s"; NULL when it has none. */
const char *sd_rs_header_unit(const sd_rs_header *header, sd_rs_property property);

/**
 * A property as a number.
 *
 * @param number receives it; finite
 * @param error  set when the property is missing or no finite number: SD_ERROR_DAMAGED with its
 *               name, line and byte
 */
bool sd_rs_header_number(const sd_rs_header *header, sd_rs_property property, int index,
                         double *number, GError **error);

/** The same for whole numbers from @p least up. */
bool sd_rs_header_count(const sd_rs_header *header, sd_rs_property property, uint64_t least,
                        uint64_t *count, GError **error);

/** Sets an error that the caller found in a property; the message ends with its name, line and
    byte. */
void sd_rs_header_fail(const sd_rs_header *header, sd_rs_property property, int code,
                       GError **error, const char *format, ...) G_GNUC_PRINTF(5, 6);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_rs_header, sd_rs_header_free)

#endif
