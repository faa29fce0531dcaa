/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file error.h
 * The error domain of libscopedump.
 *
 * Every failure travels as a GError of this domain. Its message is one sentence (without a full
 * stop) that names the file, what is wrong, where it is (byte offset) and, where that helps, what
 * to do. Damage in the signal is never an error: it is data, see record.h.
 */
#ifndef SCOPEDUMP_ERROR_H
#define SCOPEDUMP_ERROR_H

#include <glib.h>

/** The GError domain of libscopedump. */
#define SD_ERROR (sd_error_quark())

/** The codes of the domain SD_ERROR. */
typedef enum {
    SD_ERROR_OPEN,        /**< The file cannot be opened, mapped or read. */
    SD_ERROR_FORMAT,      /**< No reader knows the file, or it needs options (raw files). */
    SD_ERROR_DAMAGED,     /**< A known format, but cut short or with fields that cannot be true. */
    SD_ERROR_UNSUPPORTED, /**< A sound file that holds no voltage record (digital, IQ, envelope). */
    SD_ERROR_CHANNEL,     /**< The channel asked for is not in the file. */
    SD_ERROR_USAGE,       /**< Settings that contradict one another or the file. */
    SD_ERROR_WRITE,       /**< The output cannot be written. */
    SD_ERROR_READER_GONE, /**< The program at the other end of the pipe has closed it. */
} sd_error_code;

/** The quark of the domain; use SD_ERROR. */
GQuark sd_error_quark(void);

#endif
