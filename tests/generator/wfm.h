/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file wfm.h
 * The header of a Tektronix reference waveform file (.wfm, WFM#001 to WFM#003; Tektronix documents
 * 001-1378 and 077-0220).
 */
#ifndef GENERATOR_WFM_H
#define GENERATOR_WFM_H

#include "record.h"

/** Time of the first sample after the trigger, in seconds: negative, the trigger comes later. */
#define GEN_WFM_START (-1e-6)

/**
 * Makes all bytes before the curve buffer.
 *
 * @param options the command line
 * @param record  what is recorded
 * @param error   set when a segment does not fit the 32-bit fields of the format
 * @return the bytes, to be freed with g_byte_array_unref(), or NULL
 */
GByteArray *gen_wfm_header(const gen_options *options, const gen_record *record, GError **error);

#endif
