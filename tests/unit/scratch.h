/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file scratch.h
 * A folder of its own for the files that a test program makes. Include it behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_SCRATCH_H
#define SCOPEDUMP_TEST_SCRATCH_H

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>

/** cmocka group setup: makes the folder; the state is its path. */
static inline int scratch_setup(void **state)
{
    *state = g_dir_make_tmp("scopedump-test-XXXXXX", NULL);
    return *state ? 0 : -1;
}

/** cmocka group teardown: removes the folder and the files in it. */
static inline int scratch_teardown(void **state)
{
    GDir *folder = g_dir_open(*state, 0, NULL);
    const char *name = NULL;
    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *path = g_build_filename(*state, name, NULL);
        if (g_remove(path) != 0) {
            g_printerr("%s could not be removed\n", path);
        }
    }
    if (folder) {
        g_dir_close(folder);
    }
    int result = g_rmdir(*state);
    g_free(*state);
    return result;
}

/** Writes a file into the folder; gives its path, to be freed with g_free(). */
static inline char *scratch_write(void **state, const char *name, const void *bytes, size_t size)
{
    char *path = g_build_filename(*state, name, NULL);
    /* Some file systems write a file that is overwritten to the disk at once, which is slow. */
    (void)g_remove(path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

#endif
