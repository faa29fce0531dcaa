/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file bit_reader.h
 * Reads bits of a segment from any sample on: the way from samples over edges and clock recovery.
 */
#ifndef SD_BIT_READER_H
#define SD_BIT_READER_H

#include <glib.h>

#include "signal/acquisition.h"
#include "signal/clock_recovery.h"
#include "simd/simd.h"

/** Reads bits. */
typedef struct sd_bit_reader sd_bit_reader;

/**
 * @param simd        the hot loops
 * @param acquisition what is known of the segment; must outlive the reader, and may be shared by
 *                    readers in several threads
 * @param first       the first sample that is read
 * @return a new reader, to be freed with sd_bit_reader_free()
 */
sd_bit_reader *sd_bit_reader_new(const sd_simd *simd, const sd_acquisition *acquisition,
                                 uint64_t first);
void sd_bit_reader_free(sd_bit_reader *reader);

/**
 * Reads on.
 *
 * @param reader the reader
 * @param until  the sample before which it stops
 * @param last   there the segment ends
 * @param words  array of sd_bit_word, to which the bits are appended that are certain then
 * @param gaps   array of sd_signal_gap, to which the stretches without signal are appended
 */
void sd_bit_reader_read(sd_bit_reader *reader, uint64_t until, bool last, GArray *words,
                        GArray *gaps);

/** Its clock; valid as long as the reader. */
sd_clock_recovery *sd_bit_reader_clock(sd_bit_reader *reader);

#endif
