/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file hdf5_file.h
 * A HDF5 file in a mapping, read through the HDF5 library, with the few questions that readers ask.
 * Objects are named by paths from the root ("Waveforms/Channel 1"). Only hard links are followed:
 * no file leads to another one.
 */
#ifndef SCOPEDUMP_WAVEFORM_HDF5_FILE_H
#define SCOPEDUMP_WAVEFORM_HDF5_FILE_H

#include "scopedump/waveform.h"
#include "waveform/arrays.h"
#include "waveform/spool.h"

/** Bytes that MATLAB puts in front of its HDF5 files. */
#define SD_HDF5_USER_BLOCK 512

/** Whether the file is a HDF5 file, with or without a block of MATLAB in front. */
bool sd_hdf5_match(const sd_mapping *mapping);

/** An open file. */
typedef struct sd_hdf5 sd_hdf5;

/**
 * Opens the HDF5 file in the mapping of a waveform, for which sd_hdf5_match() is true. The library
 * may crash on a damaged file: call this in a child process, see isolated.h.
 *
 * @param waveform keeps what is unpacked of the file
 * @param spool    for what has to be unpacked; NULL if there is none
 * @param error    set on failure: SD_ERROR_DAMAGED, or as sd_hdf5_library_load()
 * @return the file, to be freed with sd_hdf5_free(), or NULL
 */
sd_hdf5 *sd_hdf5_open(sd_waveform *waveform, sd_spool *spool, GError **error);

/** Closes and frees; NULL is ignored. */
void sd_hdf5_free(sd_hdf5 *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_hdf5, sd_hdf5_free)

/** Whether there is an object of this path. */
bool sd_hdf5_has(const sd_hdf5 *file, const char *path);

/** Where the header of an object stands in the file, in bytes; of one that is not there, the header
 * of the last group on the way to it. */
uint64_t sd_hdf5_place(const sd_hdf5 *file, const char *path);

/** The names in a group, so that "x 2" stands before "x 10", to be freed with
 * g_ptr_array_unref(); empty if there is no such group. */
GPtrArray *sd_hdf5_names(const sd_hdf5 *file, const char *path);

/** The number in an attribute of an object; false, and nothing is set, if there is none. */
bool sd_hdf5_number(const sd_hdf5 *file, const char *path, const char *attribute, double *number);

/** The text in an attribute of an object, or in a dataset if @p attribute is NULL; to be freed with
 * g_free(); NULL if there is none. */
char *sd_hdf5_text(const sd_hdf5 *file, const char *path, const char *attribute);

/** The text in a member of a dataset of a compound type; as sd_hdf5_text(). */
char *sd_hdf5_member(const sd_hdf5 *file, const char *path, const char *member);

/**
 * Finds the numbers of a dataset: in place where they lie in the file as they are, otherwise
 * unpacked into a temporary file. Call sd_hdf5_finish() before their data are used.
 *
 * @param file  the file
 * @param path  of the dataset
 * @param array receives type, byte order and size; its data, when all are finished; the name is
 *              left alone, and the place of the array must not change until then
 * @param error set on failure: SD_ERROR_DAMAGED, SD_ERROR_UNSUPPORTED for types and storage that
 *              cannot be read, or what writing the temporary file sets
 */
bool sd_hdf5_read(sd_hdf5 *file, const char *path, sd_array *array, GError **error);

/** Sets the data of all arrays that were read into the temporary file. */
bool sd_hdf5_finish(sd_hdf5 *file, GError **error);

#endif
