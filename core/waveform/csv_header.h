/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file csv_header.h
 * What the lines above the numbers mean: the dialects that oscilloscopes write, their keys, and
 * units.
 */
#ifndef SCOPEDUMP_WAVEFORM_CSV_HEADER_H
#define SCOPEDUMP_WAVEFORM_CSV_HEADER_H

#include "waveform/csv_table.h"
#include "waveform/reader.h"

/** What the keys said. Texts are NULL, numbers NaN, until their key was there. */
typedef struct {
    const char *format; /**< The dialect, or just "CSV". */
    const char *marker; /**< First cell of the line right above the numbers; NULL: any. */
    double interval;    /**< Seconds. */
    double start;       /**< Seconds from the trigger to the first sample. */
    double zero_index;  /**< The same in samples, counted the other way. */
    double points;      /**< Rows. */
    char *model, *serial;
    char *name;              /**< Of the one channel. */
    char *time_unit;         /**< Horizontal unit. */
    sd_csv_line units;       /**< Line with the unit of each column; number 0: none. */
    char *date, *clock;      /**< When it was recorded, as it stands there. */
    bool interpolated;       /**< The instrument computed points between its samples. */
    double segments;         /**< Parts with a trigger each. */
    double segment_size;     /**< Rows in each. */
    GArray *triggers;        /**< double: seconds from the first trigger, one for each segment. */
    uint64_t interval_at;    /**< Where the interval stands. */
    uint64_t segments_at;    /**< Where the number of segments stands. */
    double column_start;     /**< A start and an interval as columns with one value each, */
    double column_increment; /**< which goes with rows that are counted. */
} sd_csv_header;

/** A kind of unit. */
typedef enum {
    SD_CSV_UNIT_NONE,
    SD_CSV_UNIT_TIME,
    SD_CSV_UNIT_VALUE,
    SD_CSV_UNIT_COUNT, /**< Rows are counted. */
    SD_CSV_UNIT_OTHER, /**< Of a spectrum: no axis of time. */
} sd_csv_unit_kind;

/** A unit. */
typedef struct {
    sd_csv_unit_kind kind;
    const char
        *base;    /**< The unit without its prefix: "s", "V", ...; NULL when rows are counted. */
    double scale; /**< What the prefix stands for. */
} sd_csv_unit;

/** Starts with nothing known. */
sd_csv_header sd_csv_header_new(void);

/** Frees what the header holds. */
void sd_csv_header_clear(sd_csv_header *header);

/**
 * Takes a line above the numbers. Lines that say nothing known are passed over.
 *
 * @param header    receives what it says
 * @param reader    receives an error: a value that cannot be true, or a record of another kind
 * @param line      the line
 * @param separator between its cells
 * @param decimal   the decimal mark of its numbers
 */
void sd_csv_header_take(sd_csv_header *header, sd_reader *reader, const sd_csv_line *line,
                        char separator, char decimal);

/** Whether a cell is a key that sd_csv_header_take() knows. */
bool sd_csv_header_knows(const sd_csv_cell *cell);

/** The unit that a text names, in full or in short ("Volt", "mV"); kind 0 if none. */
sd_csv_unit sd_csv_unit_find(const char *text, size_t size);

/**
 * When the record was made, by the instrument's clock.
 *
 * @param header   the header
 * @param seconds  receives whole seconds since 1970, as if the clock showed UTC
 * @param fraction receives the rest in seconds
 * @return false if the header does not say
 */
bool sd_csv_header_time(const sd_csv_header *header, int64_t *seconds, double *fraction);

#endif
