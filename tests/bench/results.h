/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file results.h
 * What was measured: as a table for people, and as JSON.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "measure.h"

/** A row. */
typedef struct {
    char *name;                 /**< "RECORD/STAGE" or "RECORD/STAGE/THREADS" */
    uint64_t samples, groups;   /**< Samples of the record, and code-groups in it. */
    bench_time time;            /**< The least of all runs. */
    bench_time limit;           /**< ... that summing the samples took. */
    double memory;              /**< MiB, beside the mapped record; NAN: not measured. */
    double first_frame_seconds; /**< NAN: not measured, or there was none. */
} bench_row;

/** The name of a row, to be freed with g_free(); 0 @p threads: the stage has but one. */
char *bench_row_name(const char *record, const char *stage, unsigned threads);

/** bench_row, with its name owned; to be freed with g_array_unref(). */
GArray *bench_results_new(void);

/** Prints the line above the rows, and a row. */
void bench_print_head(void);
void bench_print_row(const bench_row *row);

/** Writes all rows, and the kind of CPU instructions they were measured with. */
bool bench_results_write(const GArray *results, const char *cpu, const char *path, GError **error);

/** Reads them back; NULL on failure. */
GArray *bench_results_read(const char *path, GError **error);

#endif
