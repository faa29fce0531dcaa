/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file csv_table.h
 * A mapped text file as lines, a line as cells, a cell as a number. Nothing is copied; the user's
 * locale plays no part.
 */
#ifndef SCOPEDUMP_WAVEFORM_CSV_TABLE_H
#define SCOPEDUMP_WAVEFORM_CSV_TABLE_H

#include "waveform/mapping.h"

/** A line of the file. */
typedef struct {
    const uint8_t *text; /**< In the mapping. */
    size_t size;         /**< Bytes, without the end of the line. */
    uint64_t at;         /**< Offset of its first byte in the file. */
    uint64_t number;     /**< 1 for the first; 0: before the first. */
    uint64_t next;       /**< Offset of the next line. */
} sd_csv_line;

/** A cell, without the blanks and quotes around it. */
typedef struct {
    const char *text; /**< In the mapping; not terminated. */
    size_t size;
} sd_csv_cell;

/** What a cell holds. */
typedef enum {
    SD_CSV_EMPTY,
    SD_CSV_NUMBER,
    SD_CSV_NOT_FINITE, /**< A number in words (nan, inf), or one too large for a double. */
    SD_CSV_TEXT,
} sd_csv_kind;

/** A number and how it was written. */
typedef struct {
    double value;
    int exponent; /**< The last digit counts 10^exponent. */
    int digits;   /**< Significant digits; 0 for the number 0. */
} sd_csv_number;

/** A place before the first line, behind a byte order mark. */
sd_csv_line sd_csv_start(const sd_mapping *mapping);

/** Moves to the next line; false at the end of the file. */
bool sd_csv_next_line(const sd_mapping *mapping, sd_csv_line *line);

/** Whether there is nothing but blanks in a line. */
bool sd_csv_is_blank(const sd_csv_line *line);

/**
 * Takes the next cell from a line.
 *
 * @param line      the line
 * @param separator between two cells; a blank stands for any number of blanks; 0: the line is one
 *                  cell. Between quotes it does not separate.
 * @param position  offset in the line; begin with 0
 * @param cell      receives the cell
 * @return false when there is no further cell
 */
bool sd_csv_next_cell(const sd_csv_line *line, char separator, size_t *position, sd_csv_cell *cell);

/**
 * Reads a number: digits with an optional sign, decimal mark and exponent, and nothing else.
 *
 * @param cell    the cell
 * @param decimal the decimal mark, '.' or ','
 * @param number  receives the number, if the cell holds one
 */
sd_csv_kind sd_csv_parse(const sd_csv_cell *cell, char decimal, sd_csv_number *number);

#endif
