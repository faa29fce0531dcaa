/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file scope_files.h
 * What the tests on real files of oscilloscopes share: their folder, its MANIFEST.json, and
 * comparisons that name the file. Included after cmocka.h.
 */
#ifndef SCOPEDUMP_TESTS_SCOPE_FILES_H
#define SCOPEDUMP_TESTS_SCOPE_FILES_H

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/** Needs the folder: without it the test is skipped, and says so. */
static inline void need_folder(void)
{
    if (!*SCOPE_FILES) {
        print_message("skipped: no folder of scope files (SCOPEDUMP_SCOPE_FILES is empty)\n");
        skip();
    }
}

/** The manifest; its files are the array "files". Free it with g_object_unref(). */
static inline JsonParser *read_manifest(JsonArray **files)
{
    g_autofree char *path = g_build_filename(SCOPE_FILES, "MANIFEST.json", NULL);
    g_autoptr(GError) error = NULL;
    JsonParser *parser = json_parser_new();
    if (!json_parser_load_from_file(parser, path, &error)) {
        fail_msg("%s", error->message);
    }
    *files =
        json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)), "files");
    assert_true(json_array_get_length(*files) > 0);
    return parser;
}

/** Fails with the name of the file unless two numbers are close enough. */
static inline void assert_close(const char *file, const char *what, double is, double expected,
                                double tolerance)
{
    if (!(fabs(is - expected) <= tolerance)) {
        fail_msg("%s: %s is %.17g, not %.17g (within %g)", file, what, is, expected, tolerance);
    }
}

/** Fails unless the message begins with the path and has the words behind it. */
static inline void assert_sentence(const char *path, const char *message, const char *words)
{
    if (!g_str_has_prefix(message, path) || !strstr(message + strlen(path), words)) {
        fail_msg("the message does not name the file, or not the reason (%s): %s", words, message);
    }
    print_message("%s\n", message + strlen(SCOPE_FILES) + 1);
}

#endif
