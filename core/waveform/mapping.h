/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file mapping.h
 * A regular file, mapped read-only from its first to its last byte.
 */
#ifndef SCOPEDUMP_WAVEFORM_MAPPING_H
#define SCOPEDUMP_WAVEFORM_MAPPING_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A mapped file; never empty. */
typedef struct sd_mapping {
    char *name;               /**< The path as valid UTF-8, for messages. */
    void *address;            /**< As mmap() gave it, for munmap(). */
    const uint8_t *data;      /**< The same to read from: the first byte. */
    uint64_t size;            /**< Bytes in the file when it was mapped. */
    uint64_t length;          /**< Bytes that are mapped, for munmap(): at least size. */
    struct sd_stream *stream; /**< The file is still being written: of a pipe (stream.h). Its size
                                   is then more than any record's. NULL otherwise. */
    int64_t modified;         /**< Modification time, whole seconds since 1970 (UTC). */
    double modified_fraction; /**< ... and the rest of it in seconds, 0 up to 1. */
} sd_mapping;

/**
 * Opens and maps a file. A directory, FIFO, socket or device is refused without waiting for it.
 *
 * @param path  the file
 * @param error set on failure: SD_ERROR_OPEN, or SD_ERROR_FORMAT for an empty file
 * @return the mapping, to be freed with sd_mapping_free(), or NULL
 */
sd_mapping *sd_mapping_open(const char *path, GError **error);

/**
 * Maps a temporary file that holds what @p like became.
 *
 * @param descriptor the open file; may be closed afterwards
 * @param size       its bytes, at least 1
 * @param like       gives the name and the modification time
 * @param error      set on failure: SD_ERROR_OPEN
 * @return the mapping, to be freed with sd_mapping_free(), or NULL
 */
sd_mapping *sd_mapping_of_descriptor(int descriptor, uint64_t size, const sd_mapping *like,
                                     GError **error);

/** Unmaps and frees; NULL is ignored. */
void sd_mapping_free(sd_mapping *mapping);

/** Waits for the first @p size bytes of a file that comes through a pipe; false when there are no
    more. Any other file has them. */
bool sd_mapping_wait(const sd_mapping *mapping, uint64_t size);

/** Whether all of [at, at + size) lies inside the file; any values may be given. */
bool sd_mapping_has(const sd_mapping *mapping, uint64_t at, uint64_t size);

/** Whether the file holds the @p size bytes of @p bytes at the offset @p at. */
bool sd_mapping_equals(const sd_mapping *mapping, uint64_t at, const void *bytes, size_t size);

/**
 * Where a character of a text in UTF-8 stands: libraries that parse text count lines and
 * characters.
 *
 * @param line, character counted from 0; beyond the end of the text they mean its end
 * @return the offset in bytes
 */
uint64_t sd_mapping_find_character(const sd_mapping *mapping, uint64_t line, uint64_t character);

/** Whether the bytes stand, at any place, in the first @p within bytes of the file. */
bool sd_mapping_contains(const sd_mapping *mapping, uint64_t within, const void *bytes,
                         size_t size);

#endif
