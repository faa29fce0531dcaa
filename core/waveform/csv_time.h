/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file csv_time.h
 * Whether a column of printed times grows evenly. Printed times are rounded, so that each row
 * leaves room for the interval; the column is even as long as there is one interval that all rows
 * leave room for.
 */
#ifndef SCOPEDUMP_WAVEFORM_CSV_TIME_H
#define SCOPEDUMP_WAVEFORM_CSV_TIME_H

#include "waveform/csv_table.h"

/** The column so far. Start with all 0. */
typedef struct {
    /* How the times are printed. */
    uint64_t learned; /**< Rows that sd_csv_time_learn() has seen. */
    int digits;       /**< Most significant digits. */
    int finest;       /**< Finest last digit, as a power of ten. */
    double step;      /**< From the first to the second row. */
    uint64_t equal;   /**< Steps that were the same. */
    double learned_last;

    /* The rows. */
    uint64_t count;
    double first, last;
    int first_exponent; /**< Of the last digit of the first row. */
    double low, high;   /**< The intervals that are possible. */
    bool single;        /**< All times are numbers in single precision, written out. */
} sd_csv_time;

/** What a row does to the column. */
typedef enum {
    SD_CSV_TIME_EVEN,
    SD_CSV_TIME_UNEVEN,
    SD_CSV_TIME_BACKWARDS,
} sd_csv_time_step;

/** Tells how times are printed, from the first rows, before any is added. */
void sd_csv_time_learn(sd_csv_time *time, const sd_csv_number *number);

/** Whether the first rows were counted: 0, 1, 2, or from any other number on. */
bool sd_csv_time_counts(const sd_csv_time *time);

/** Forgets the rows, but not how they are printed. */
void sd_csv_time_restart(sd_csv_time *time);

/** Adds the next row. What follows the first row that is not even means nothing. */
sd_csv_time_step sd_csv_time_add(sd_csv_time *time, const sd_csv_number *number);

/** The interval from the first and the last row; 0 with less than two rows. */
double sd_csv_time_interval(const sd_csv_time *time);

/** Whether the rows leave room for this interval. */
bool sd_csv_time_allows(const sd_csv_time *time, double interval);

#endif
