/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file csv_layout.h
 * How a text file is laid out, found from its first lines: what separates the cells, where the rows
 * of numbers begin, and what the columns are.
 */
#ifndef SCOPEDUMP_WAVEFORM_CSV_LAYOUT_H
#define SCOPEDUMP_WAVEFORM_CSV_LAYOUT_H

#include "waveform/csv_header.h"
#include "waveform/csv_time.h"

#define SD_CSV_COLUMNS_MAX 64

/** A column of numbers. */
typedef struct {
    bool used;    /**< There are numbers in it. */
    char *name;   /**< From the header, or NULL. */
    char *unit;   /**< Without prefix, or NULL. */
    double scale; /**< What the prefix of the unit stands for. */
} sd_csv_column;

/** The layout. */
typedef struct {
    char separator; /**< 0: one cell in a line. */
    char decimal;
    sd_csv_line above; /**< The line above the first row. */
    unsigned skip;     /**< Cells of the header that stand left of the rows. */
    unsigned columns;  /**< Cells in a row. */
    int time;          /**< The column of times, or -1. */
    bool counted;      /**< It counts samples instead. */
    sd_csv_time times; /**< How it is printed. */
    sd_csv_column column[SD_CSV_COLUMNS_MAX];
    sd_csv_header header;
} sd_csv_layout;

/**
 * How sure it is that a file holds columns of numbers: 0 to 100. Only the first lines are looked
 * at.
 */
int sd_csv_layout_match(const sd_mapping *mapping);

/**
 * Finds the layout of a file.
 *
 * @param layout receives it; to be freed with sd_csv_layout_clear() in any case
 * @param reader gives the file, and receives an error
 */
void sd_csv_layout_find(sd_csv_layout *layout, sd_reader *reader);

/** Frees what the layout holds. */
void sd_csv_layout_clear(sd_csv_layout *layout);

#endif
