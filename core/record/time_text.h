/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file time_text.h
 * Times as text.
 */
#ifndef SD_TIME_TEXT_H
#define SD_TIME_TEXT_H

#include <glib.h>

/** What is said behind a time that the file does not hold. */
#define SD_TIME_FROM_MODIFICATION " (the file's modification time: it holds no other)"

/** Nanoseconds since 1970 as "2026-11-22 23:30:41.000000000 UTC"; to be freed with g_free(). */
char *sd_time_text(gint64 time_ns);

#endif
