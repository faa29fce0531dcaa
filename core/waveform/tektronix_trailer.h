/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file tektronix_trailer.h
 * What follows the curve in a Tektronix .wfm: a checksum of eight bytes, and in files of the
 * 5/6 Series and of programs a list of names and values that starts with "tekmeta!".
 */
#ifndef SCOPEDUMP_WAVEFORM_TEKTRONIX_TRAILER_H
#define SCOPEDUMP_WAVEFORM_TEKTRONIX_TRAILER_H

#include "waveform/mapping.h"

/** What can be said of a trailer. */
typedef enum {
    SD_TRAILER_NONE,       /**< The file ends with the checksum. */
    SD_TRAILER_CUT,        /**< The file ends before the end of the checksum. */
    SD_TRAILER_READ,       /**< A list of names and values. */
    SD_TRAILER_IQ,         /**< ... with the names that IQ data have. */
    SD_TRAILER_UNREADABLE, /**< Such a list, but damaged. */
    SD_TRAILER_UNKNOWN,    /**< Something else. */
} sd_trailer;

/** Looks at the trailer; @p at is where the curve ends, big_endian as in the rest of the file. */
sd_trailer sd_tektronix_trailer_read(const sd_mapping *mapping, uint64_t at, bool big_endian);

#endif
