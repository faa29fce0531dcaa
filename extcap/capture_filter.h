/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file capture_filter.h
 * A libpcap capture filter on Ethernet frames.
 */
#ifndef SCOPEDUMP_CAPTURE_FILTER_H
#define SCOPEDUMP_CAPTURE_FILTER_H

#include <glib.h>
#include <stdbool.h>

#include "scopedump/record.h"

/** A compiled filter. */
typedef struct capture_filter capture_filter;

/**
 * Compiles a filter.
 * @param text  libpcap syntax; NULL or empty lets everything pass
 * @param error set on failure: SD_ERROR_USAGE, with libpcap's own words; SD_ERROR_OPEN if there is
 *              no libpcap
 * @return to be freed with capture_filter_free(), or NULL
 */
capture_filter *capture_filter_new(const char *text, GError **error);

/** Whether the frame passes. */
bool capture_filter_pass(const capture_filter *filter, const sd_frame *frame);

/** Frees; NULL is ignored. */
void capture_filter_free(capture_filter *filter);

#endif
