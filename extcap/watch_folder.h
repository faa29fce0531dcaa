/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file watch_folder.h
 * Waits for files that are dropped into a folder, and hands each one on when it is complete.
 *
 * Changes come from GIO's monitor; a folder on another computer has none of what is done there, so
 * that it is listed every second as well. A file is tried when it has rested: shortly after whoever
 * wrote it has closed it or has moved it here, or some seconds after its last change when nobody
 * told of that. It is tried again as long as the trial says that something is missing, and it is
 * given up when it has not changed for long. A file that changes afterwards is a new one. The
 * second file of a pair (NAME.Wfm.bin of NAME.bin) is never tried alone while the first one is
 * there.
 */
#ifndef SCOPEDUMP_WATCH_FOLDER_H
#define SCOPEDUMP_WATCH_FOLDER_H

#include <glib.h>
#include <stdbool.h>

/** A watched folder. */
typedef struct watch_folder watch_folder;

/**
 * Is handed a file that seems to be complete.
 *
 * @param path its path
 * @param last it has not changed for so long that it will not be tried again
 * @return false when something may still be missing
 */
typedef bool (*watch_folder_take)(const char *path, bool last, void *user);

/**
 * The folder that a user means.
 * @param text a path or a file: URI; a file stands for its folder
 * @return to be freed with g_free()
 */
char *watch_folder_path(const char *text);

/**
 * Begins to watch.
 *
 * @param folder   its path
 * @param existing hand on the files too that are in it now
 * @param take     is called from watch_folder_wait() alone
 * @param error    set on failure: SD_ERROR_OPEN
 * @return to be freed with watch_folder_free(), or NULL
 */
watch_folder *watch_folder_new(const char *folder, bool existing, watch_folder_take take,
                               void *user, GError **error);

/**
 * Waits for something to happen, for a second at most, with GLib's default context, and hands on
 * what is complete.
 * @param error set on failure: SD_ERROR_OPEN, the folder has gone
 */
bool watch_folder_wait(watch_folder *w, GError **error);

/** Frees; NULL is ignored. */
void watch_folder_free(watch_folder *w);

#endif
