/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file command_line.h
 * The two ways in which a record is decoded: for Wireshark, and for a user of the command line.
 */
#ifndef SCOPEDUMP_COMMAND_LINE_H
#define SCOPEDUMP_COMMAND_LINE_H

#include "options.h"

/**
 * A capture for Wireshark, in the order of things that it needs: control FIFOs, FIFO, and only then
 * whatever may be wrong.
 *
 * @param o     the options
 * @param wrong what was wrong with them, or NULL
 * @return the exit status
 */
int run_extcap(const options *o, const GError *wrong);

/** A decode from the command line. @return the exit status */
int run_command_line(const options *o);

/** Tells what the file holds, and decodes nothing. @return the exit status */
int run_info(const options *o);

/** One sentence on standard error. */
void complain(const GError *error);

#endif
