/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file command_line.h
 * What the program does for a user of the command line.
 */
#ifndef SCOPEDUMP_COMMAND_LINE_H
#define SCOPEDUMP_COMMAND_LINE_H

#include "options.h"

/** A decode from the command line. @return the exit status */
int run_command_line(const options *o);

/** Watches a folder from the command line. @return the exit status */
int run_watch(const options *o);

/** Tells what the file holds, and decodes nothing. @return the exit status */
int run_info(const options *o);

/** One sentence on standard error. */
void complain(const GError *error);

/** The exit status that tells of an error. */
int status_of(const GError *error);

#endif
