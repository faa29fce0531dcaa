/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file packed.h
 * Files that were packed after the oscilloscope had stored them: gzip, zip, zstd. They are unpacked
 * into a temporary file before any format looks at them.
 */
#ifndef SCOPEDUMP_WAVEFORM_PACKED_H
#define SCOPEDUMP_WAVEFORM_PACKED_H

#include "waveform/format.h"

/** Whether the file is a gzip, zip or zstd file. */
bool sd_packed_match(const struct sd_mapping *mapping);

/**
 * The format of what is packed in the file, by its first bytes; in a zip archive, of the first file
 * that is in one.
 *
 * @param mapping    a file that sd_packed_match() is true for
 * @param confidence receives how sure the format is
 * @return NULL when there is none
 */
const sd_format *sd_packed_find(const struct sd_mapping *mapping, int *confidence);

/**
 * Unpacks the file of a waveform: its mapping becomes that of what was in the file, and a note says
 * so. From a zip archive of several files the one is taken that a format knows.
 *
 * @param waveform has a mapping that sd_packed_match() is true for, and nothing else yet
 * @param inner    receives the name of what was inside, to be freed with g_free()
 * @param error    set on failure: SD_ERROR_DAMAGED with how many bytes could be unpacked,
 *                 SD_ERROR_FORMAT when no file or several in an archive are records,
 *                 SD_ERROR_UNSUPPORTED for archives that the library cannot read, SD_ERROR_OPEN
 * when the temporary file cannot be written
 */
bool sd_packed_unpack(sd_waveform *waveform, char **inner, GError **error);

#endif
