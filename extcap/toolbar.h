/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file toolbar.h
 * The toolbar in Wireshark's window, through its two control FIFOs. There is none in tshark: then
 * all that is shown goes nowhere.
 *
 * A frame is: 'T'; 3 bytes big-endian, the length of what follows; the number of a control, or 255
 * for none; a command; the payload.
 */
#ifndef SCOPEDUMP_TOOLBAR_H
#define SCOPEDUMP_TOOLBAR_H

#include <glib.h>
#include <stdbool.h>

#include "capture.h"

/** A toolbar. */
typedef struct toolbar toolbar;

/** Prints the "control" sentences that tell Wireshark what is on the toolbar. */
void toolbar_print_controls(void);

/**
 * Opens the FIFOs, and keeps them open until toolbar_free(): Wireshark waits in open() until they
 * are, and its reader takes all of a CPU once they are closed.
 *
 * @param in  what Wireshark tells; or NULL
 * @param out what it is told; or NULL
 * @return to be freed with toolbar_free(); never NULL
 */
toolbar *toolbar_open(const char *in, const char *out);

void toolbar_free(toolbar *t);

/** Whether there is one that shows anything. */
bool toolbar_present(const toolbar *t);

/** The descriptor of what Wireshark tells; -1: none. Readable: see toolbar_listen(). */
int toolbar_input(const toolbar *t);

/** Shows a text of one line in the status bar. */
void toolbar_status(toolbar *t, const char *text);

/** Adds lines to the log, with the time before the first. */
void toolbar_log(toolbar *t, const char *text);

/** Puts a text in the place of what the window of the button Report shows. */
void toolbar_report(toolbar *t, const char *text);

/** Shows how a run goes on: the link, its lanes, the progress; and as the report, now and then, a
    line for each lane. */
void toolbar_progress(toolbar *t, capture *c);

/** Shows how a run has ended: the last line of the report in the status bar, all of it as the
    report and in the log; or, if it was stopped, how far it came. */
void toolbar_finished(toolbar *t, capture *c);

/** Takes what Wireshark told: a field that the user wrote over is written anew. */
void toolbar_listen(toolbar *t);

#endif
