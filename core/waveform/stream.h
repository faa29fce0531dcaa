/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file stream.h
 * A record that comes through a pipe. What arrives is written into a temporary file without a name,
 * by a thread of its own, and read through a mapping that is larger than any record; what has been
 * decoded is taken out of the file again. So the formats and the decoder see a file, of which the
 * end is not there yet, and neither memory nor disk grow with the record.
 */
#ifndef SCOPEDUMP_WAVEFORM_STREAM_H
#define SCOPEDUMP_WAVEFORM_STREAM_H

#include "waveform/mapping.h"

/** A pipe that is read. */
typedef struct sd_stream sd_stream;

/**
 * Begins to read.
 *
 * @param descriptor the pipe; stays open, and the caller's
 * @param name       what messages call it
 * @param stopped    asked while somebody waits: true ends the waiting; NULL: never
 * @param error      set on failure: SD_ERROR_OPEN
 * @return a mapping whose stream is set and that holds the first bytes, or all if there are no
 *         more; to be freed with sd_mapping_free(). NULL on failure
 */
sd_mapping *sd_stream_open(int descriptor, const char *name, bool (*stopped)(void), GError **error);

/** Stops reading and frees; for sd_mapping_free() alone. */
void sd_stream_free(sd_stream *stream);

/**
 * Waits for bytes.
 *
 * @param stream  the stream
 * @param wanted  how many from the first one on
 * @param forever false: gives up after a tenth of a second
 * @param all     set to whether all there will ever be have arrived
 * @return how many have arrived
 */
uint64_t sd_stream_wait(sd_stream *stream, uint64_t wanted, bool forever, bool *all);

/**
 * Tells whether all that came through the pipe so far was read.
 *
 * @param stream the stream
 * @param name   what messages call it
 * @param error  set if not: SD_ERROR_OPEN; says why, and from which byte on
 */
bool sd_stream_check(sd_stream *stream, const char *name, GError **error);

/** The bytes before @p before will not be looked at any more. */
void sd_stream_forget(sd_stream *stream, uint64_t before);

#endif
