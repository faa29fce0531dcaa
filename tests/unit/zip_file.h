/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file zip_file.h
 * Writes zip archives for the tests. Include it behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_ZIP_FILE_H
#define SCOPEDUMP_TEST_ZIP_FILE_H

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <zip.h>

/** A member; a name that ends with a slash is a folder. */
typedef struct {
    const char *name;
    const void *bytes;
    size_t size;
} zip_member;

/** Writes an archive; @p stored: the members are not packed. */
static inline void zip_write(const char *path, const zip_member *members, size_t count, bool stored)
{
    int code = 0;
    (void)g_remove(path);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    for (size_t i = 0; i < count; i++) {
        if (g_str_has_suffix(members[i].name, "/")) {
            assert_true(zip_dir_add(archive, members[i].name, 0) >= 0);
            continue;
        }
        zip_source_t *source = zip_source_buffer(archive, members[i].bytes, members[i].size, 0);
        zip_int64_t index = zip_file_add(archive, members[i].name, source, 0);
        assert_true(index >= 0);
        assert_int_equal(zip_set_file_compression(archive, (zip_uint64_t)index,
                                                  stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0),
                         0);
    }
    assert_int_equal(zip_close(archive), 0);
}

/** The bytes of a file, to be freed with g_byte_array_unref(). */
static inline GByteArray *read_file(const char *path)
{
    char *bytes = NULL;
    gsize size = 0;
    assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    return g_byte_array_new_take((guint8 *)bytes, size);
}

#endif
