/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file decode_options.h
 * Options for a record that is opened as a file: Wireshark has no place to ask for them, so that
 * they come from the environment, written as on the command line.
 */
#ifndef SCOPEDUMP_DECODE_OPTIONS_H
#define SCOPEDUMP_DECODE_OPTIONS_H

#include "options.h"

/** The variable that holds them. */
#define DECODE_OPTIONS_VARIABLE "SCOPEDUMP_OPTIONS"

/** The options as text; "" when there are none. */
const char *decode_options_text(void);

/**
 * Reads the options of the variable. Events are delivered unless --no-events is among them.
 *
 * @param o     receives them; to be freed with options_clear(), after a failure too
 * @param error set on failure: SD_ERROR_USAGE, with the sentence for the user
 */
bool decode_options_read(options *o, GError **error);

#endif
