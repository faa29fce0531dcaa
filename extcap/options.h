/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file options.h
 * The command line: the same long options for the extcap dialog, for tshark -o, and for users.
 */
#ifndef SCOPEDUMP_OPTIONS_H
#define SCOPEDUMP_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

#include "scopedump/settings.h"
#include "scopedump/waveform.h"

/** Exit status: a contract. */
enum {
    STATUS_DECODED = 0,
    STATUS_FILE = 1,    /**< The file cannot be used, or the output not be written. */
    STATUS_USAGE = 2,   /**< Wrong usage. */
    STATUS_NO_LOCK = 3, /**< Decoded, but there was no lock or no code-group. */
};

/** The extcap interfaces: a record, and a watched folder. */
#define EXTCAP_INTERFACE       "scopedump"
#define EXTCAP_INTERFACE_WATCH "scopedump-watch"

/** What the command line says. All text is owned by this. */
typedef struct {
    /* the record */
    char *file, *file_neg;
    GPtrArray *channel, *channel_neg; /**< char *: numbers or names, in the order given. */
    sd_waveform_options raw;
    char *watch;   /**< A folder instead of a record. */
    bool existing; /**< The records that are in it already as well. */

    /* the decoder */
    sd_settings settings;
    unsigned lane_mask;

    /* the output */
    char *write;  /**< pcapng; "-" is stdout */
    char *json;   /**< the report as JSON; "-" is stdout */
    char *filter; /**< capture filter */
    bool events, no_events;
    bool info; /**< Tell what the file holds, and decode nothing. */
    bool quiet, verbose, version;

    /* extcap */
    bool extcap; /**< Called by Wireshark (any --extcap-... or --capture). */
    bool capture, interfaces, dlts, config;
    char *interface, *fifo, *control_in, *control_out, *reload_option;
    char *comment; /**< on the capture as a whole; not from the command line */
} options;

/**
 * Reads the command line.
 *
 * @param argc  number of arguments
 * @param argv  arguments; not changed
 * @param o     receives all; to be freed with options_clear(), after a failure too. The FIFOs are
 *              filled in even then, since they must be opened all the same.
 * @param error set on failure: SD_ERROR_USAGE
 */
bool options_parse(int argc, char **argv, options *o, GError **error);

/** Frees what the options own. */
void options_clear(options *o);

#endif
