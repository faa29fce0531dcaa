/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help_page.h"

#include <glib.h>
#include <string.h>

#define PAGE "scopedump.html"

/** The address of a page, if it is there. */
static char *address(const char *folder, const char *below)
{
    char *path = g_build_filename(folder, below, PAGE, NULL);
    char *uri =
        g_file_test(path, G_FILE_TEST_IS_REGULAR) ? g_filename_to_uri(path, NULL, NULL) : NULL;
    g_free(path);
    return uri;
}

char *help_page_uri(void)
{
    /* Wherever it was unpacked to: below a folder that the program is in. */
    char *folder = g_file_read_link("/proc/self/exe", NULL), *uri = NULL;
    while (folder != NULL && uri == NULL && strcmp(folder, "/") != 0) {
        char *parent = g_path_get_dirname(folder);
        g_free(folder);
        folder = parent;
        uri = address(folder, "share/doc/scopedump");
    }
    g_free(folder);
    return uri != NULL ? uri : address(SCOPEDUMP_DOC_DIR, "");
}
