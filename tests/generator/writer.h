/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file writer.h
 * One file of samples, of the kind that its name tells. Samples go straight to the file.
 */
#ifndef GENERATOR_WRITER_H
#define GENERATOR_WRITER_H

#include "record.h"

#include <stdio.h>

/** A file that is being written. What writes a kind of file may read all of it. */
typedef struct {
    const gen_options *options;
    const gen_record *record;
    char *path;
    unsigned first_leg; /**< Of the channels in this file: 0 positive (or the whole signal), 1
                             negative. */
    unsigned channels;  /**< 1, or 2: both legs. */
    FILE *file;
    int failure;       /**< errno of the first failure, 0: none. */
    uint64_t sum;      /**< Of all bytes so far. */
    uint64_t samples;  /**< Of each channel so far. */
    uint8_t *bytes[2]; /**< Of each channel, to be written. */
    size_t size;       /**< Of each of the two. */
} gen_writer;

/**
 * Opens a file and writes what comes before the samples.
 *
 * @param path      the file
 * @param options   the command line; must outlive the writer
 * @param record    what is recorded; must outlive the writer
 * @param first_leg which leg the first channel is
 * @param channels  channels in the file
 * @param error     set on failure
 * @return the writer, to be given to gen_writer_close(), or NULL
 */
gen_writer *gen_writer_open(const char *path, const gen_options *options, const gen_record *record,
                            unsigned first_leg, unsigned channels, GError **error);

/**
 * Takes the next samples of a channel; they are written when the last channel has as many. Failures
 * show when the writer is closed.
 *
 * @param writer  the file
 * @param channel in the order of the file, from 0
 * @param volts   as of gen_quantise()
 * @param count   how many: all of one segment, and as many for each channel
 */
void gen_writer_write(gen_writer *writer, unsigned channel, float *volts, size_t count);

/** Writes what comes behind the samples, closes and frees. @return whether all could be written */
bool gen_writer_close(gen_writer *writer, GError **error);

/** For what writes a kind of file: writes bytes at the place in the file. */
void gen_writer_bytes(gen_writer *writer, const void *bytes, size_t count);

/** For what writes a kind of file: goes to a place in the file, counted from its begin. */
void gen_writer_seek(gen_writer *writer, uint64_t place);

#endif
