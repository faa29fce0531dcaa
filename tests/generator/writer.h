/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file writer.h
 * One file of samples: Tektronix .wfm or raw. Samples go straight to the file.
 */
#ifndef GENERATOR_WRITER_H
#define GENERATOR_WRITER_H

#include "record.h"

typedef struct gen_writer gen_writer;

/**
 * Opens a file and writes what comes before the samples.
 *
 * @param path    the file
 * @param options the command line; must outlive the writer
 * @param record  what is recorded
 * @param error   set on failure
 * @return the writer, to be given to gen_writer_close(), or NULL
 */
gen_writer *gen_writer_open(const char *path, const gen_options *options, const gen_record *record,
                            GError **error);

/**
 * Writes samples; failures show when the writer is closed.
 *
 * @param writer the file
 * @param volts  as of gen_quantise()
 * @param count  how many
 */
void gen_writer_write(gen_writer *writer, float *volts, size_t count);

/** Writes what comes behind the samples, closes and frees. @return whether all could be written */
bool gen_writer_close(gen_writer *writer, GError **error);

#endif
