/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file library.h
 * Shared libraries that are loaded when they are first needed: what a program is linked with is
 * loaded at each start, with all that it is linked with itself, however short the run.
 */
#ifndef SCOPEDUMP_LIBRARY_H
#define SCOPEDUMP_LIBRARY_H

#include <glib.h>
#include <stddef.h>

/** A library as the build found it. */
typedef struct {
    const char *soname;
    const char *package;        /**< That has it, on the system of the build; "" if not known. */
    const char *const *symbols; /**< Names of the functions and data that are used. */
    size_t count;               /**< How many. */
    void *table;                /**< What sd_library_load() gives; NULL before; atomic. */
} sd_library;

/**
 * Loads a library at the first call, for as long as the process runs. None of its functions is
 * called. Any thread may call this; after it has succeeded, so may a process that was forked.
 *
 * @param library which one
 * @param error   set on failure: SD_ERROR_OPEN; completes "FILE is ..., and "
 * @return pointers to the symbols, in their order; NULL on failure
 */
const void *sd_library_load(sd_library *library, GError **error);

#endif
