/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file isolated.h
 * Opens a file in a process of its own: for formats whose library may crash, hang, or overwrite
 * memory on a damaged file. Only what was found out comes back, and it is checked.
 */
#ifndef SCOPEDUMP_WAVEFORM_ISOLATED_H
#define SCOPEDUMP_WAVEFORM_ISOLATED_H

#include "scopedump/waveform.h"
#include "waveform/spool.h"

/**
 * Opens a file; runs in the child process.
 *
 * @param waveform its path and mapping are set; all data must lie in the mapping, or in the one
 *                 mapping that sd_spool_map() makes of @p spool and that the waveform keeps
 * @param spool    for what has to be unpacked; NULL if there is none
 * @param options  what the user gave
 * @param error    set on failure
 */
typedef bool (*sd_isolated_function)(sd_waveform *waveform, sd_spool *spool,
                                     const sd_waveform_options *options, GError **error);

/**
 * Runs a function in a child process and fills in the waveform as it did there.
 *
 * @param waveform its path and mapping are set
 * @param options  handed on
 * @param function handed on to the child
 * @param error    set on failure: what the function sets, or SD_ERROR_DAMAGED when the child
 *                 crashed, took too long, or gave something that cannot be true
 */
bool sd_isolated_open(sd_waveform *waveform, const sd_waveform_options *options,
                      sd_isolated_function function, GError **error);

#endif
