/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file numpy.h
 * The header of a NumPy array, versions 1.0 to 3.0.
 */
#ifndef SCOPEDUMP_WAVEFORM_NUMPY_H
#define SCOPEDUMP_WAVEFORM_NUMPY_H

#include "waveform/arrays.h"
#include "waveform/mapping.h"

/** Whether the bytes begin like a NumPy array. */
bool sd_numpy_match(const sd_mapping *mapping);

/**
 * Reads the header of an array.
 *
 * @param mapping  begins with the array; only name, data and size are used
 * @param array    receives everything but the name
 * @param trailing receives the number of bytes behind the array
 * @param error    set on failure: SD_ERROR_DAMAGED, or SD_ERROR_UNSUPPORTED for types and shapes
 *                 that are no record
 */
bool sd_numpy_read(const sd_mapping *mapping, sd_array *array, uint64_t *trailing, GError **error);

#endif
