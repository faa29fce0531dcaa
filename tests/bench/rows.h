/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file rows.h
 * All that is measured of one record.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <glib.h>
#include <stdbool.h>

#include "records.h"
#include "scopedump/cpu.h"

/** How to measure. */
typedef struct {
    const GRegex *wanted;  /**< The rows whose names match; NULL: all. */
    sd_cpu cpu;            /**< The best instructions to use. */
    unsigned runs;         /**< The best of so many counts. */
    const char *folder;    /**< Where the records are kept. */
    const char *output;    /**< ... and where capture files go for a moment. */
    const char *generator; /**< The program scopedump-generate. */
} bench_settings;

/**
 * Measures a record.
 *
 * @param record   the record, which is made if need be
 * @param settings how
 * @param results  bench_row: receives the rows, which are printed as well
 * @param error    set on failure
 */
bool bench_rows(const bench_record *record, const bench_settings *settings, GArray *results,
                GError **error);

#endif
