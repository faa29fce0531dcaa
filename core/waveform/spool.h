/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file spool.h
 * A temporary file without a name: where the samples go of a file that cannot be read in place
 * (packed, or text), so that memory does not grow with the record.
 */
#ifndef SCOPEDUMP_WAVEFORM_SPOOL_H
#define SCOPEDUMP_WAVEFORM_SPOOL_H

#include "waveform/mapping.h"

/** A temporary file that is being written. */
typedef struct sd_spool sd_spool;

/**
 * Opens a temporary file in the user's folder for temporary files (TMPDIR) and takes its name away,
 * so that it is gone with the last mapping, however the program ends.
 *
 * @param source the file whose content goes in; its name is in messages, and it outlives the spool
 * @param error  set on failure: SD_ERROR_OPEN
 * @return the spool, to be freed with sd_spool_free(), or NULL
 */
sd_spool *sd_spool_new(const sd_mapping *source, GError **error);

/** Closes the temporary file; mappings of it stay. NULL is ignored. */
void sd_spool_free(sd_spool *spool);

/** Appends bytes. False sets SD_ERROR_OPEN: the disk is full. */
bool sd_spool_write(sd_spool *spool, const void *bytes, size_t size, GError **error);

/** Bytes written so far. */
uint64_t sd_spool_size(const sd_spool *spool);

/** Takes what another process, which inherited the spool, wrote into it: the first @p size bytes;
 * false if the file has not so many. */
bool sd_spool_adopt(sd_spool *spool, uint64_t size);

/**
 * Maps what was written; call it once, after the last write.
 *
 * @param spool the spool; still to be freed
 * @param error set on failure: SD_ERROR_OPEN, or SD_ERROR_DAMAGED when nothing was written
 * @return the mapping, with the name and the modification time of the source, to be freed with
 *         sd_mapping_free() or handed to sd_waveform_keep(), or NULL
 */
sd_mapping *sd_spool_map(sd_spool *spool, GError **error);

#endif
