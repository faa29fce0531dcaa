/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/zip_archive.h"

#include "scopedump/error.h"

#include <string.h>
#include <zip.h>

#define PIECE 32768 /**< Bytes that are unpacked at a time. */

/** Before each member (APPNOTE.TXT, 4.3.7): a signature, and its name behind other fields. */
#define LOCAL_SIGNATURE "PK\x03\x04"
#define LOCAL_NAME_SIZE 26
#define LOCAL_NAME      30

struct sd_zip {
    const sd_mapping *mapping;
    zip_t *archive;
};

bool sd_zip_match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, LOCAL_SIGNATURE, 4);
}

sd_zip *sd_zip_open(const sd_mapping *mapping, GError **error)
{
    zip_error_t reason;
    zip_error_init(&reason);
    zip_source_t *source = zip_source_buffer_create(mapping->data, mapping->size, 0, &reason);
    zip_t *archive = source ? zip_open_from_source(source, ZIP_RDONLY, &reason) : NULL;
    if (!archive) {
        if (source)
            zip_source_free(source);
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s begins like a zip archive, but its directory, which stands at the end, "
                    "cannot be read (%s): it is damaged or cut, and nothing was unpacked (byte "
                    "%" G_GUINT64_FORMAT ")",
                    mapping->name, zip_error_strerror(&reason), mapping->size);
        zip_error_fini(&reason);
        return NULL;
    }
    zip_error_fini(&reason);
    sd_zip *zip = g_new0(sd_zip, 1);
    zip->mapping = mapping;
    zip->archive = archive;
    return zip;
}

void sd_zip_free(sd_zip *zip)
{
    if (!zip)
        return;
    zip_discard(zip->archive);
    g_free(zip);
}

uint64_t sd_zip_members(const sd_zip *zip)
{
    return (uint64_t)MAX(zip_get_num_entries(zip->archive, 0), 0);
}

const char *sd_zip_name(const sd_zip *zip, uint64_t member)
{
    const char *name = zip_get_name(zip->archive, member, ZIP_FL_ENC_GUESS);
    return name && g_utf8_validate(name, -1, NULL) ? name : "";
}

bool sd_zip_has(const sd_zip *zip, const char *name)
{
    return zip_name_locate(zip->archive, name, 0) >= 0;
}

uint64_t sd_zip_place(const sd_zip *zip, uint64_t member)
{
    /* the library does not tell */
    const sd_mapping *file = zip->mapping;
    const char *name = zip_get_name(zip->archive, member, ZIP_FL_ENC_RAW);
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
    zip_file_t *file = zip_fopen_index(zip->archive, member, 0);
    if (!file) {
        zip_error_t *reason = zip_get_error(zip->archive);
        fail(zip, member, 0, zip_error_code_zip(reason), zip_error_strerror(reason), error);
    }
    return file;
}

/** Reads the next bytes; -1 sets the error. */
static int64_t read_piece(sd_zip *zip, uint64_t member, zip_file_t *file, void *bytes, size_t size,
                          uint64_t before, GError **error)
{
    int64_t got = zip_fread(file, bytes, size);
    if (got < 0) {
        zip_error_t *reason = zip_file_get_error(file);
        fail(zip, member, before, zip_error_code_zip(reason), zip_error_strerror(reason), error);
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
    zip_fclose(file);
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
    zip_fclose(file);
    if (got < 0) {
        *size = 0;
        return NULL;
    }
    return g_steal_pointer(&bytes);
}
