/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file zip_archive.h
 * The members of a zip archive in a mapped file.
 */
#ifndef SCOPEDUMP_WAVEFORM_ZIP_ARCHIVE_H
#define SCOPEDUMP_WAVEFORM_ZIP_ARCHIVE_H

#include "waveform/spool.h"

/** An open archive. */
typedef struct sd_zip sd_zip;

/** Whether the file begins like a zip archive. */
bool sd_zip_match(const sd_mapping *mapping);

/**
 * Reads the directory of an archive.
 *
 * @param mapping the file; outlives the archive
 * @param error   set on failure: SD_ERROR_DAMAGED; SD_ERROR_OPEN without libzip; may be NULL
 * @return the archive, to be freed with sd_zip_free(), or NULL
 */
sd_zip *sd_zip_open(const sd_mapping *mapping, GError **error);

/** Frees; NULL is ignored. */
void sd_zip_free(sd_zip *zip);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_zip, sd_zip_free)

/** How many members the directory counts, folders too. */
uint64_t sd_zip_members(const sd_zip *zip);

/** The name of a member in UTF-8; that of a folder ends with a slash, one that cannot be read is
 * empty. Lives as long as the archive. */
const char *sd_zip_name(const sd_zip *zip, uint64_t member);

/** Whether there is a member of this name. */
bool sd_zip_has(const sd_zip *zip, const char *name);

/** Where a member stands in the file, in bytes; the end of the file when it cannot be found. */
uint64_t sd_zip_place(const sd_zip *zip, uint64_t member);

/** Appends what a member holds to a spool. @p error is set to SD_ERROR_DAMAGED, with the number of
 * bytes that were unpacked and the place of the member, to SD_ERROR_UNSUPPORTED, or by
 * sd_spool_write(). */
bool sd_zip_unpack(sd_zip *zip, uint64_t member, sd_spool *spool, GError **error);

/**
 * Unpacks the begin of a member into memory.
 *
 * @param zip    the archive
 * @param member index of the member
 * @param most   bytes to unpack at most
 * @param size   receives how many there were; 0 on failure
 * @param error  as sd_zip_unpack()
 * @return the bytes and a NUL behind them, to be freed with g_free(), or NULL
 */
char *sd_zip_read(sd_zip *zip, uint64_t member, size_t most, size_t *size, GError **error);

#endif
