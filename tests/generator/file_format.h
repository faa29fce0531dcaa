/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file file_format.h
 * The kinds of file that can be written. Each has a source file of its own with one
 * gen_file_format; the name of the file to be written chooses it.
 */
#ifndef GENERATOR_FILE_FORMAT_H
#define GENERATOR_FILE_FORMAT_H

#include "options.h"
#include "writer.h"

/** What a kind of file can hold. */
enum {
    GEN_HOLDS_SEGMENTS = 1 << 0,
    GEN_HOLDS_PRECHARGE = 1 << 1,
    GEN_HOLDS_BOTH_LEGS = 1 << 2,  /**< Two channels in one file. */
    GEN_HOLDS_BIG_ENDIAN = 1 << 3, /**< Either byte order. */
    GEN_HOLDS_TIME = 1 << 4,       /**< The acquisition time ... */
    GEN_WHOLE_SECONDS = 1 << 5,    /**< ... but the trigger in whole seconds alone. */
};

/** A kind of file. */
typedef struct gen_file_format {
    const char *suffix;      /**< What its name ends in; NULL: any other name. */
    unsigned sample_formats; /**< Which it can hold: a sum of 1 << gen_sample_format. */
    unsigned holds;          /**< Sum of the enumeration above. */

    /** Writes what stands before the samples. NULL: nothing. @return false with error set: the
     * record does not fit the format, or a further file could not be written */
    bool (*begin)(gen_writer *writer, GError **error);

    /**
     * Writes samples of a segment. NULL: one channel, one segment behind the other.
     *
     * @param writer the file
     * @param bytes  for each channel of the file, count samples as gen_quantise() made them
     * @param first  the first of these samples, counted from the begin of the first segment over
     *               all segments and the extra samples
     * @param count  how many; all of one segment
     */
    void (*samples)(gen_writer *writer, uint8_t *const *bytes, uint64_t first, size_t count);

    /** Writes what stands behind the samples. NULL: nothing. */
    void (*end)(gen_writer *writer);
} gen_file_format;

extern const gen_file_format gen_format_csv;           /**< Text: time and volts. */
extern const gen_file_format gen_format_isf;           /**< Tektronix .isf */
extern const gen_file_format gen_format_keysight;      /**< Agilent/Keysight .bin */
extern const gen_file_format gen_format_lecroy;        /**< LeCroy .trc */
extern const gen_file_format gen_format_npy;           /**< NumPy .npy */
extern const gen_file_format gen_format_raw;           /**< Nothing but samples. */
extern const gen_file_format gen_format_rohde_schwarz; /**< NAME.bin and NAME.Wfm.bin */
extern const gen_file_format gen_format_wfm;           /**< Tektronix .wfm */

/** The kind of file that a path names. */
const gen_file_format *gen_file_format_of(const char *path);

#endif
