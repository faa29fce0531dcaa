/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file fuzz_record.h
 * Opens a record of any bytes, reads from all of its channels, and holds what the reader promises:
 * a sound waveform, or an error with a sentence that names the file and, of one that is damaged,
 * the byte. Anything else ends the program.
 */
#ifndef SCOPEDUMP_FUZZ_RECORD_H
#define SCOPEDUMP_FUZZ_RECORD_H

#include <stddef.h>
#include <stdint.h>

/** Most files that belong to a record. */
#define FUZZ_FILES_MAX 8

/** One file of a record. */
typedef struct {
    const char *name;    /**< Relative to the folder of the record; may have folders in it. */
    const uint8_t *data; /**< Its bytes ... */
    size_t size;         /**< ... as many as are given. */
    uint64_t file_size;  /**< At least size: zeros behind them up to here (they cost no time). */
} fuzz_file;

/**
 * Writes the files into a temporary folder, which all calls share, opens the first one and reads
 * the first, the last and some other samples of its channels.
 *
 * @param files the file to open, and those that belong to it; a name ending in .raw or .f32 is read
 *              as raw samples
 * @param count how many, 1 to FUZZ_FILES_MAX
 */
void fuzz_record_read(const fuzz_file *files, size_t count);

/** Removes the temporary folder. */
void fuzz_record_clean(void);

#endif
