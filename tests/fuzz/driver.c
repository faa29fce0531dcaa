/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads files, and many damaged copies of each, without libFuzzer: the same copies at each run.
 *
 *     fuzz-driver COPIES PATH...
 *
 * PATH is a file or a folder of files. When a reader fails, the program ends, and the record that
 * it failed on stays where the message says, or in the folder scopedump-fuzz-... of /dev/shm or
 * the temporary files.
 */
#include "fuzz_target.h"
#include "mutate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of larger files only so much is read; the rest is zeros, or missing. A table is a header and some
 * hundred rows. */
#define LARGEST       (64 * 1024)
#define LARGEST_TABLE (8 * 1024)

/* A record: the file to open and those that belong to it. */
typedef struct {
    size_t count;
    char *names[FUZZ_FILES_MAX];       /* relative to its folder */
    GByteArray *bytes[FUZZ_FILES_MAX]; /* the begin of each */
    uint64_t sizes[FUZZ_FILES_MAX];    /* of the whole files */
} record;

static void record_add(record *r, const char *name, const void *bytes, size_t size)
{
    if (r->count == FUZZ_FILES_MAX)
        g_error("%s: too many files belong to one record", name);
    r->names[r->count] = g_strdup(name);
    r->bytes[r->count] = g_byte_array_new();
    const size_t most = g_str_has_suffix(name, ".csv") ? LARGEST_TABLE : LARGEST;
    g_byte_array_append(r->bytes[r->count], bytes, (guint)MIN(size, most));
    r->sizes[r->count] = size;
    r->count++;
}

static void record_clear(record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        g_free(r->names[i]);
        g_byte_array_unref(r->bytes[i]);
    }
    r->count = 0;
}

static GMappedFile *map(const char *path)
{
    GError *error = NULL;
    GMappedFile *mapped = g_mapped_file_new(path, FALSE, &error);
    if (mapped == NULL)
        g_error("%s", error->message);
    return mapped;
}

/* Adds the files of a folder and of those in it. */
static void record_add_folder(record *r, const char *root, const char *name)
{
    g_autofree char *path = g_build_filename(root, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_IS_DIR)) {
        GMappedFile *mapped = map(path);
        record_add(r, name, g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped));
        g_mapped_file_unref(mapped);
        return;
    }
    GDir *folder = g_dir_open(path, 0, NULL);
    const char *inner;
    while (folder != NULL && (inner = g_dir_read_name(folder)) != NULL) {
        g_autofree char *both = g_build_filename(name, inner, NULL);
        record_add_folder(r, root, both);
    }
    g_clear_pointer(&folder, g_dir_close);
}

/* What the name of a file says about the file or folder that belongs to it. */
static const struct {
    const char *suffix, *other;
} companions[] = {
    {".bin", ".Wfm.bin"},
    {".scopesession", "_data"},
};

static bool is_companion(const char *path)
{
    return g_str_has_suffix(path, ".Wfm.bin") || strstr(path, "_data" G_DIR_SEPARATOR_S) != NULL;
}

/* A file of the corpus stands in a folder with the name of its kind, and holds the files of its
 * record in one. */
static void record_load(record *r, const char *path)
{
    g_autofree char *root = g_path_get_dirname(path);
    g_autofree char *kind = g_path_get_basename(root);
    g_autofree char *name = g_path_get_basename(path);
    const fuzz_target *target = fuzz_target_find(kind);
    if (target != NULL) {
        fuzz_file files[FUZZ_FILES_MAX];
        GMappedFile *mapped = map(path);
        size_t count =
            fuzz_target_divide(target, (const uint8_t *)g_mapped_file_get_contents(mapped),
                               g_mapped_file_get_length(mapped), files);
        for (size_t i = 0; i < count; i++)
            record_add(r, files[i].name, files[i].data, files[i].size);
        g_mapped_file_unref(mapped);
        return;
    }
    record_add_folder(r, root, name);
    for (size_t i = 0; i < G_N_ELEMENTS(companions); i++) {
        if (!g_str_has_suffix(name, companions[i].suffix))
            continue;
        size_t length = strlen(name) - strlen(companions[i].suffix);
        g_autofree char *stem = g_strndup(name, length);
        g_autofree char *other = g_strconcat(stem, companions[i].other, NULL);
        g_autofree char *other_path = g_build_filename(root, other, NULL);
        if (g_file_test(other_path, G_FILE_TEST_EXISTS))
            record_add_folder(r, root, other);
    }
}

static void describe(const record *r, fuzz_file *files)
{
    for (size_t i = 0; i < r->count; i++)
        files[i] = (fuzz_file){r->names[i], r->bytes[i]->data, r->bytes[i]->len,
                               MAX(r->sizes[i], r->bytes[i]->len)};
}

/* One damaged copy. A large file is as long as it was, with zeros, or ends where they begin. */
static void read_copy(const record *r, const GByteArray *donor, mutate_random *random)
{
    fuzz_file files[FUZZ_FILES_MAX];
    describe(r, files);
    size_t chosen = mutate_below(random, 3) > 0 ? 0 : (size_t)mutate_below(random, r->count);
    GByteArray *copy = g_byte_array_new();
    g_byte_array_append(copy, r->bytes[chosen]->data, r->bytes[chosen]->len);
    mutate(random, copy, donor);
    bool as_long = r->sizes[chosen] > r->bytes[chosen]->len && mutate_below(random, 2) > 0;
    files[chosen].data = copy->data;
    files[chosen].size = copy->len;
    files[chosen].file_size = as_long ? MAX(r->sizes[chosen], copy->len) : copy->len;
    fuzz_record_read(files, r->count);
    g_byte_array_unref(copy);
}

/* The file as it is, and its copies. The donor becomes the file, for the next one. */
static void read_file(const char *path, uint64_t copies, GByteArray *donor)
{
    record r = {0};
    record_load(&r, path);
    if (r.count == 0)
        g_error("%s is no file", path);
    fuzz_file files[FUZZ_FILES_MAX];
    describe(&r, files);
    fuzz_record_read(files, r.count);
    g_autofree char *name = g_path_get_basename(path);
    mutate_random random = {g_str_hash(name)};
    for (uint64_t i = 0; i < copies; i++)
        read_copy(&r, donor, &random);
    g_byte_array_set_size(donor, 0);
    g_byte_array_append(donor, r.bytes[0]->data, r.bytes[0]->len);
    record_clear(&r);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All files of a folder and of those in it, in the order of their names. */
static void collect(const char *path, GPtrArray *paths)
{
    GDir *folder = g_dir_open(path, 0, NULL);
    if (folder == NULL) {
        if (!is_companion(path))
            g_ptr_array_add(paths, g_strdup(path));
        return;
    }
    const char *name;
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        collect(inner, paths);
    }
    g_dir_close(folder);
}

int main(int argc, char **argv)
{
    guint64 copies = 0;
    if (argc < 3 || !g_ascii_string_to_unsigned(argv[1], 10, 0, 1000000000, &copies, NULL)) {
        g_printerr("usage: fuzz-driver COPIES PATH...\n");
        return 2;
    }
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (int i = 2; i < argc; i++)
        collect(argv[i], paths);
    qsort(paths->pdata, paths->len, sizeof *paths->pdata, by_name);
    GByteArray *donor = g_byte_array_new();
    for (guint i = 0; i < paths->len; i++) {
        g_printerr("%s\n", (const char *)paths->pdata[i]);
        read_file(paths->pdata[i], copies, donor);
    }
    fuzz_record_clean();
    g_print("%u files, and %" G_GUINT64_FORMAT " damaged copies of each\n", paths->len, copies);
    bool any = paths->len > 0;
    g_byte_array_unref(donor);
    g_ptr_array_unref(paths);
    return any ? EXIT_SUCCESS : EXIT_FAILURE;
}
