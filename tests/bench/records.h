/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file records.h
 * The records that are measured: QSGMII lines, made by the generator and kept in a folder.
 */
#ifndef BENCH_RECORDS_H
#define BENCH_RECORDS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scopedump/waveform.h"

/** A record. */
typedef struct {
    char *name;             /**< E.g. "s16-200-busy". */
    const char *format;     /**< "s8", "s16", "f32" */
    double samples_per_bit; /**< Of 5 Gb/s. */
    bool busy;              /**< Frames at line rate on all lanes; otherwise idle alone. */
    uint64_t samples;       /**< In the file. */
    unsigned times;         /**< So many times the file makes the record, one after the other. */
} bench_record;

/** A record that is open. */
typedef struct {
    sd_waveform *waveform;
    void *area; /**< The file, mapped over and over; NULL when it is mapped once. */
    size_t size;
    sd_segment file; /**< What the file itself has. */
} bench_open_record;

/**
 * All records.
 *
 * @param quick   only some of them, and shorter
 * @param samples samples of each; 0: as many as give steady figures
 * @return bench_record, to be freed with g_ptr_array_unref()
 */
GPtrArray *bench_records_new(bool quick, uint64_t samples);

/**
 * Makes the file of a record, unless it is there.
 *
 * @param generator the program scopedump-generate
 * @return the file's name, to be freed with g_free(), or NULL
 */
char *bench_record_make(const bench_record *record, const char *folder, const char *generator,
                        GError **error);

/** Opens a record's file; @p opened must be closed, even when that fails. */
bool bench_record_open(const bench_record *record, const char *path, bench_open_record *opened,
                       GError **error);
void bench_record_close(bench_open_record *opened);

#endif
