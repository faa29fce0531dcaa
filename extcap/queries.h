/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file queries.h
 * What Wireshark asks an extcap before a capture: interfaces, link types, options, filters.
 */
#ifndef SCOPEDUMP_QUERIES_H
#define SCOPEDUMP_QUERIES_H

#include <stdbool.h>

#include "options.h"

/** Answers the query that the options hold on standard output, if they hold one.
 *  @param status receives the exit status
 *  @return false when it is none */
bool answer_query(const options *o, int *status);

#endif
