/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/zip_archive.h"

#include "scopedump/error.h"
#include "scopedump/library.h"

#include <string.h>
#include <zip.h>

/* clang-format off */
#define FUNCTIONS(X) \
    X(error_init) X(error_fini) X(error_strerror) X(error_code_zip) X(get_error) \
    X(source_buffer_create) X(source_free) X(open_from_source) X(discard) \
    X(get_num_entries) X(get_name) X(name_locate) \
    X(fopen_index) X(fread) X(file_get_error) X(fclose)
/* clang-format on */
#define POINTER(name) __typeof__(zip_##name) *(name);
#define NAME(name)    "zip_" #name,

#define PIECE 32768 /**< Bytes that are unpacked at a time. */

/** Before each member (APPNOTE.TXT, 4.3.7): a signature, and its name behind other fields. */
#define LOCAL_SIGNATURE "PK\x03\x04"
#define LOCAL_NAME_SIZE 26
#define LOCAL_NAME      30

/** The functions of libzip that are used. */
typedef struct {
    FUNCTIONS(POINTER)
} zip_library;

struct sd_zip {
    const zip_library *lib;
    const sd_mapping *mapping;
    zip_t *archive;
};

bool sd_zip_match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, LOCAL_SIGNATURE, 4);
}

static const zip_library *load_libzip(GError **error)
{
    static const char *const names[] = {FUNCTIONS(NAME)};
    static sd_library library = {LIBRARY_SONAME, LIBRARY_PACKAGE, names, G_N_ELEMENTS(names), NULL};
    return sd_library_load(&library, error);
}

sd_zip *sd_zip_open(const sd_mapping *mapping, GError **error)
{
    const zip_library *lib = load_libzip(error);
    if (!lib) {
        g_prefix_error(error, "%s is a zip archive, and ", mapping->name);
        return NULL;
    }
    zip_error_t reason;
    lib->error_init(&reason);
    zip_source_t *source = lib->source_buffer_create(mapping->data, mapping->size, 0, &reason);
    zip_t *archive = source ? lib->open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    if (!archive) {
        if (source)
            lib->source_free(source);
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s begins like a zip archive, but its directory, which stands at the end, "
                    "cannot be read (%s): it is damaged or cut, and nothing was unpacked (byte "
                    "%" G_GUINT64_FORMAT ")",
                    mapping->name, lib->error_strerror(&reason), mapping->size);
        lib->error_fini(&reason);
        return NULL;
    }
    lib->error_fini(&reason);
    sd_zip *zip = g_new0(sd_zip, 1);
    zip->lib = lib;
    zip->mapping = mapping;
    zip->archive = archive;
    return zip;
}

void sd_zip_free(sd_zip *zip)
{
    if (!zip)
        return;
    zip->lib->discard(zip->archive);
    g_free(zip);
}

uint64_t sd_zip_members(const sd_zip *zip)
{
    return (uint64_t)MAX(zip->lib->get_num_entries(zip->archive, 0), 0);
}

const char *sd_zip_name(const sd_zip *zip, uint64_t member)
{
    const char *name = zip->lib->get_name(zip->archive, member, ZIP_FL_ENC_GUESS);
    return name && g_utf8_validate(name, -1, NULL) ? name : "";
}

bool sd_zip_has(const sd_zip *zip, const char *name)
{
    return zip->lib->name_locate(zip->archive, name, 0) >= 0;
}

uint64_t sd_zip_place(const sd_zip *zip, uint64_t member)
{
    /* the library does not tell */
    const sd_mapping *file = zip->mapping;
    const char *name = zip->lib->get_name(zip->archive, member, ZIP_FL_ENC_RAW);
    const size_t size = name ? strlen(name) : 0;
    const uint8_t *at = file->data;
    while (size > 0 && (at = memmem(at, (size_t)(file->data + file->size - at), name, size))) {
        const uint64_t place = (uint64_t)(at - file->data) - LOCAL_NAME;
        if (at - file->data >= LOCAL_NAME && sd_mapping_equals(file, place, LOCAL_SIGNATURE, 4) &&
            file->data[place + LOCAL_NAME_SIZE] + file->data[place + LOCAL_NAME_SIZE + 1] * 256U ==
                size)
            return place;
        at++;
    }
    return file->size;
}

/** Says why a member cannot be unpacked. */
static void fail(const sd_zip *zip, uint64_t member, uint64_t unpacked, int code,
                 const char *reason, GError **error)
{
    /* Whole archives that use what this build cannot undo. */
    static const int unsupported[] = {ZIP_ER_COMPNOTSUPP, ZIP_ER_ENCRNOTSUPP, ZIP_ER_NOPASSWD};
    for (size_t i = 0; i < G_N_ELEMENTS(unsupported); i++) {
        if (code == unsupported[i]) {
            g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                        "%s: \"%s\" in the archive cannot be unpacked (%s): unpack it with another "
                        "program first",
                        zip->mapping->name, sd_zip_name(zip, member), reason);
            return;
        }
    }
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: \"%s\" in the archive is damaged or cut (%s); %" G_GUINT64_FORMAT
                " bytes of it had been unpacked by then (byte %" G_GUINT64_FORMAT ")",
                zip->mapping->name, sd_zip_name(zip, member), reason, unpacked,
                sd_zip_place(zip, member));
}

/** Opens a member for reading; NULL sets the error. */
static zip_file_t *open_member(sd_zip *zip, uint64_t member, GError **error)
{
    zip_file_t *file = zip->lib->fopen_index(zip->archive, member, 0);
    if (!file) {
        zip_error_t *reason = zip->lib->get_error(zip->archive);
        fail(zip, member, 0, zip->lib->error_code_zip(reason), zip->lib->error_strerror(reason),
             error);
    }
    return file;
}

/** Reads the next bytes; -1 sets the error. */
static int64_t read_piece(sd_zip *zip, uint64_t member, zip_file_t *file, void *bytes, size_t size,
                          uint64_t before, GError **error)
{
    int64_t got = zip->lib->fread(file, bytes, size);
    if (got < 0) {
        zip_error_t *reason = zip->lib->file_get_error(file);
        fail(zip, member, before, zip->lib->error_code_zip(reason),
             zip->lib->error_strerror(reason), error);
    }
    return got;
}

bool sd_zip_unpack(sd_zip *zip, uint64_t member, sd_spool *spool, GError **error)
{
    zip_file_t *file = open_member(zip, member, error);
    if (!file)
        return false;
    uint8_t piece[PIECE];
    const uint64_t start = sd_spool_size(spool);
    int64_t got = 0;
    bool written = true;
    do {
        got = read_piece(zip, member, file, piece, PIECE, sd_spool_size(spool) - start, error);
        written = got <= 0 || sd_spool_write(spool, piece, (size_t)got, error);
    } while (got > 0 && written);
    zip->lib->fclose(file);
    return got == 0 && written;
}

char *sd_zip_read(sd_zip *zip, uint64_t member, size_t most, size_t *size, GError **error)
{
    *size = 0;
    zip_file_t *file = open_member(zip, member, error);
    if (!file)
        return NULL;
    g_autofree char *bytes = g_malloc0(most + 1);
    int64_t got = 0;
    do {
        got = read_piece(zip, member, file, bytes + *size, most - *size, *size, error);
        *size += (size_t)MAX(got, 0);
    } while (got > 0 && *size < most);
    zip->lib->fclose(file);
    if (got < 0) {
        *size = 0;
        return NULL;
    }
    return g_steal_pointer(&bytes);
}
