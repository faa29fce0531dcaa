/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file compare.h
 * Two runs beside each other.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include <glib.h>
#include <stdbool.h>

/** Prints how many times faster each row of the second file is than that of the first, and which
    rows only one of them has; false with the error set when one cannot be read. */
bool bench_compare(const char *old_path, const char *new_path, GError **error);

#endif
