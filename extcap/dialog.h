/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file dialog.h
 * The dialogs with the options of each interface, in the grammar of Wireshark's "arg" sentences.
 */
#ifndef SCOPEDUMP_DIALOG_H
#define SCOPEDUMP_DIALOG_H

#include "options.h"

/** The dialog of an interface. @return 0 when there is no such interface */
unsigned dialog_of(const char *interface);

/** Prints the arguments of a dialog. */
void dialog_print(unsigned dialog);

/** Prints the values of one argument again: those of a channel are read from the record that is
    chosen. @return the exit status */
int dialog_reload(unsigned dialog, const options *o);

#endif
