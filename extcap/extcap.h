/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file extcap.h
 * A capture for Wireshark.
 */
#ifndef SCOPEDUMP_EXTCAP_H
#define SCOPEDUMP_EXTCAP_H

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

#endif
