/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file watch.h
 * Decodes the records that an oscilloscope drops into a folder, one after the other, into one
 * stream.
 */
#ifndef SCOPEDUMP_WATCH_H
#define SCOPEDUMP_WATCH_H

#include "options.h"
#include "toolbar.h"

/**
 * Watches the folder of the options until a signal asks to stop or the reader has gone. A file that
 * cannot be decoded is told of once, and ends nothing.
 *
 * @param o       the options
 * @param fd      where the pcapng goes; -1: nowhere
 * @param t       where the user is told things; NULL on the command line: they go to standard
 * error, and the reports to standard output if there is no pcapng
 * @param status  receives the exit status: STATUS_FILE when a file could not be decoded,
 *                STATUS_NO_LOCK when one had no lock
 * @param error   set on failure: the folder cannot be watched, or the output not be written
 */
bool watch_run(const options *o, int fd, toolbar *t, int *status, GError **error);

#endif
