/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file fuzz_target.h
 * The kinds of record that are fuzzed: which files they consist of, and how one input of a fuzzer
 * is divided into these.
 */
#ifndef SCOPEDUMP_FUZZ_TARGET_H
#define SCOPEDUMP_FUZZ_TARGET_H

#include "fuzz_record.h"

#include <glib.h>

/** Stands between the files of a record in one input. */
#define FUZZ_MARKER "\n=== next file ===\n"

/** A kind of record. */
typedef struct {
    const char *name;                      /**< Of the fuzz program and of the folder in corpus/. */
    const char *files[FUZZ_FILES_MAX + 1]; /**< The files, NULL behind the last one. */
} fuzz_target;

/** The kind with this name, or NULL. */
const fuzz_target *fuzz_target_find(const char *name);

/**
 * Divides an input at its markers.
 *
 * @param target the kind of record
 * @param data, size the input; must outlive the files
 * @param files  receives up to FUZZ_FILES_MAX files; what is behind the last marker that counts
 *               belongs to the last file
 * @return how many files there are
 */
size_t fuzz_target_divide(const fuzz_target *target, const uint8_t *data, size_t size,
                          fuzz_file *files);

#endif
