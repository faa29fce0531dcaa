/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file arrays.h
 * Files that hold arrays with names (NumPy .npz, MATLAB) and say nothing else: which of them is the
 * time axis, which give the sample interval, and which are channels.
 */
#ifndef SCOPEDUMP_WAVEFORM_ARRAYS_H
#define SCOPEDUMP_WAVEFORM_ARRAYS_H

#include "scopedump/waveform.h"

/** An array of numbers with up to two dimensions, in a mapping. */
typedef struct {
    char *name; /**< NULL: it has none. */
    const uint8_t *data;
    sd_sample_type type;
    bool big_endian;
    uint64_t size[2];  /**< Rows and columns; each at least 1. */
    bool column_major; /**< Rows are next to one another (MATLAB, Fortran), not columns (C). */
} sd_array;

/** Makes a list of sd_array, to be freed with g_array_unref(), which frees the names. */
GArray *sd_arrays_new(void);

/** Numbers in an array; 0 when there are more than 64 bits hold. */
uint64_t sd_array_count(const sd_array *array);

/**
 * Points a segment of a channel at one of the vectors that an array is.
 *
 * @param array   the array; its smaller dimension says how many vectors it is
 * @param index   which of them
 * @param channel type, byte order and stride are set, and data and count of the segment
 * @param segment index of the segment
 */
void sd_array_to_channel(const sd_array *array, uint64_t index, sd_channel *channel,
                         size_t segment);

/**
 * Makes the channels of a waveform from the arrays of a file. A vector is a channel; a matrix is as
 * many as its smaller dimension says. The interval is the sample rate that the user gave, a number
 * with a name that oscilloscopes use (sampleInterval, Tinterval ...), or that of a time axis: a
 * vector named like one whose steps are all equal.
 *
 * @param waveform receives channels and notes; its mapping is set
 * @param arrays   of sd_array; all data lie in mappings that the waveform keeps
 * @param what     what the file holds, for messages, e.g. "a NumPy array"
 * @param options  what the user gave
 * @param error    set on failure: SD_ERROR_USAGE without an interval, SD_ERROR_DAMAGED when it
 *                 cannot be true, SD_ERROR_UNSUPPORTED when there is no channel or its times are
 *                 not even
 */
bool sd_arrays_to_channels(sd_waveform *waveform, GArray *arrays, const char *what,
                           const sd_waveform_options *options, GError **error);

#endif
