/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/packed.h"

#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/inflate.h"
#include "waveform/spool.h"
#include "waveform/zip_archive.h"

#include <zstd.h>

#define PIECE      32768 /**< Bytes that are unpacked at a time. */
#define PROBE_SIZE 65536 /**< The formats know a file by fewer bytes than these. */
#define NAMES_MAX  8     /**< Members of an archive that a message lists. */
#define LOOKED_AT  100   /**< Members of an archive that are looked at before it is opened. */

/** A way of packing. */
typedef struct {
    const char *name;
    const char *magic; /**< The first bytes. */
    size_t magic_size;
    const char *suffix; /**< What it adds to a file's name. */

    /** Unpacks the file of the waveform into the spool; puts the name of a member, if it has one,
     * into @p member. */
    bool (*unpack)(sd_waveform *waveform, sd_spool *spool, char **member, GError **error);

    /** The format of what is packed, and how sure it is; NULL: none. */
    const sd_format *(*find)(const sd_mapping *mapping, int *confidence);
} packer;

static bool unpack_gzip(sd_waveform *waveform, sd_spool *spool, char **member, GError **error);
static bool unpack_zip(sd_waveform *waveform, sd_spool *spool, char **member, GError **error);
static bool unpack_zstd(sd_waveform *waveform, sd_spool *spool, char **member, GError **error);
static const sd_format *find_in_gzip(const sd_mapping *mapping, int *confidence);
static const sd_format *find_in_zip(const sd_mapping *mapping, int *confidence);
static const sd_format *find_in_zstd(const sd_mapping *mapping, int *confidence);

#define GZIP_MAGIC "\x1F\x8B\x08" /**< RFC 1952 section 2.3.1; 8: deflate, the only method. */

static const packer packers[] = {
    {"gzip", GZIP_MAGIC, 3, ".gz", unpack_gzip, find_in_gzip},
    {"zip", "PK\x03\x04", 4, ".zip", unpack_zip, find_in_zip},
    {"zstd", "\x28\xB5\x2F\xFD", 4, ".zst", unpack_zstd, find_in_zstd},
};

/** The packer whose first bytes the file has, or NULL. */
static const packer *find(const sd_mapping *mapping)
{
    for (size_t i = 0; i < G_N_ELEMENTS(packers); i++) {
        if (sd_mapping_equals(mapping, 0, packers[i].magic, packers[i].magic_size))
            return &packers[i];
    }
    return NULL;
}

bool sd_packed_match(const sd_mapping *mapping)
{
    return find(mapping) != NULL;
}

const sd_format *sd_packed_find(const sd_mapping *mapping, int *confidence)
{
    return find(mapping)->find(mapping, confidence);
}

/** The format that begins with these bytes. */
static const sd_format *find_by_begin(const sd_mapping *mapping, const void *bytes, size_t size,
                                      int *confidence)
{
    const sd_mapping begin = {.name = mapping->name, .data = bytes, .size = size};
    const sd_format *format = size > 0 ? sd_registry_find(&begin) : NULL;
    *confidence = format ? format->match(&begin) : 0;
    return format;
}

/** A gzip file may be several streams, one behind the other (RFC 1952 section 2.2). */
static bool unpack_gzip(sd_waveform *waveform, sd_spool *spool, char **member, GError **error)
{
    (void)member;
    const sd_mapping *mapping = waveform->mapping;
    uint64_t at = 0;
    do {
        at = sd_inflate(mapping, at, mapping->size - at, SD_INFLATE_GZIP, UINT64_MAX, spool, error);
    } while (at != 0 && sd_mapping_equals(mapping, at, GZIP_MAGIC, 3));
    if (at != 0 && at < mapping->size) {
        sd_waveform_note(waveform,
                         "what follows the packed data is no gzip and was left out (byte "
                         "%" G_GUINT64_FORMAT ")",
                         at);
    }
    return at != 0;
}

static const sd_format *find_in_gzip(const sd_mapping *mapping, int *confidence)
{
    const sd_format *format = NULL;
    sd_spool *spool = sd_spool_new(mapping, NULL);
    if (!spool)
        return NULL;
    /* what was unpacked before a fault is looked at all the same */
    (void)sd_inflate(mapping, 0, mapping->size, SD_INFLATE_GZIP, PROBE_SIZE, spool, NULL);
    sd_mapping *begin = sd_spool_map(spool, NULL);
    if (begin)
        format = find_by_begin(mapping, begin->data, begin->size, confidence);
    sd_mapping_free(begin);
    sd_spool_free(spool);
    return format;
}

static const sd_format *find_in_zstd(const sd_mapping *mapping, int *confidence)
{
    uint8_t begin[PROBE_SIZE];
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {mapping->data, (size_t)mapping->size, 0};
    ZSTD_outBuffer out = {begin, sizeof begin, 0};
    while (in.pos < in.size && out.pos < out.size &&
           !ZSTD_isError(ZSTD_decompressStream(context, &out, &in))) {
    }
    ZSTD_freeDCtx(context);
    return find_by_begin(mapping, begin, out.pos, confidence);
}

static bool unpack_zstd(sd_waveform *waveform, sd_spool *spool, char **member, GError **error)
{
    (void)member;
    const sd_mapping *mapping = waveform->mapping;
    uint8_t piece[PIECE];
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {mapping->data, (size_t)mapping->size, 0};
    size_t left = 1; /* 0: a frame is at its end */
    bool good = true;
    bool full = false; /* there may be more to come out without more going in */
    while (good && (in.pos < in.size || full)) {
        ZSTD_outBuffer out = {piece, sizeof piece, 0};
        left = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(left)) {
            sd_unpack_fail(mapping, in.pos, sd_spool_size(spool), ZSTD_getErrorName(left), error);
            good = false;
        } else {
            good = sd_spool_write(spool, piece, out.pos, error);
        }
        full = out.pos == out.size && left != 0;
    }
    ZSTD_freeDCtx(context);
    if (good && left != 0) {
        sd_unpack_fail(mapping, in.pos, sd_spool_size(spool), "they end too early", error);
        good = false;
    }
    return good;
}

/** Members of an archive, and their names for messages. */
typedef struct {
    uint64_t count;
    uint64_t first; /**< Index of the first of them. */
    GString *names; /**< The first NAMES_MAX. */
} member_list;

static void member_list_add(member_list *list, const sd_zip *zip, uint64_t member)
{
    if (list->count == 0)
        list->first = member;
    if (list->count < NAMES_MAX)
        g_string_append_printf(list->names, "%s%s", list->count ? ", " : "",
                               sd_zip_name(zip, member));
    if (list->count == NAMES_MAX)
        g_string_append(list->names, " ...");
    list->count++;
}

/** The format that knows a member by its first bytes, or NULL. */
static const sd_format *find_in_member(sd_zip *zip, const sd_mapping *mapping, uint64_t member,
                                       int *confidence)
{
    size_t size = 0;
    if (g_str_has_suffix(sd_zip_name(zip, member), "/"))
        return NULL;
    g_autofree char *bytes = sd_zip_read(zip, member, PROBE_SIZE, &size, NULL);
    return find_by_begin(mapping, bytes, size, confidence);
}

static const sd_format *find_in_zip(const sd_mapping *mapping, int *confidence)
{
    g_autoptr(sd_zip) zip = sd_zip_open(mapping, NULL);
    const sd_format *format = NULL;
    for (uint64_t i = 0; zip && !format && i < MIN(sd_zip_members(zip), LOOKED_AT); i++)
        format = find_in_member(zip, mapping, i, confidence);
    return format;
}

/** Chooses the member to be read; false sets the error. */
static bool choose(const sd_mapping *mapping, const member_list *files, const member_list *records,
                   uint64_t *member, GError **error)
{
    if (files->count == 1 || records->count == 1) {
        *member = records->count == 1 ? records->first : files->first;
        return true;
    }
    if (files->count == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_FORMAT, "%s is an archive without a file in it",
                    mapping->name);
    } else if (records->count == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_FORMAT,
                    "%s is an archive of %" G_GUINT64_FORMAT
                    " files, of which none is in a known format: %s",
                    mapping->name, files->count, files->names->str);
    } else {
        g_set_error(error, SD_ERROR, SD_ERROR_FORMAT,
                    "%s is an archive of %" G_GUINT64_FORMAT
                    " records (%s): unpack it and open one of them",
                    mapping->name, records->count, records->names->str);
    }
    return false;
}

static bool unpack_zip(sd_waveform *waveform, sd_spool *spool, char **member, GError **error)
{
    const sd_mapping *mapping = waveform->mapping;
    g_autoptr(sd_zip) zip = sd_zip_open(mapping, error);
    if (!zip)
        return false;
    member_list files = {.names = g_string_new(NULL)};
    member_list records = {.names = g_string_new(NULL)};
    for (uint64_t i = 0; i < sd_zip_members(zip); i++) {
        if (!g_str_has_suffix(sd_zip_name(zip, i), "/"))
            member_list_add(&files, zip, i);
    }
    for (uint64_t i = 0; files.count > 1 && i < sd_zip_members(zip); i++) {
        int confidence;
        if (find_in_member(zip, mapping, i, &confidence))
            member_list_add(&records, zip, i);
    }
    uint64_t chosen = 0;
    bool good = choose(mapping, &files, &records, &chosen, error) &&
                sd_zip_unpack(zip, chosen, spool, error);
    if (good)
        *member = g_strdup(sd_zip_name(zip, chosen));
    g_string_free(files.names, TRUE);
    g_string_free(records.names, TRUE);
    return good;
}

/** The name without the suffix of the packer. */
static char *without_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path);
    if (length > strlen(suffix) && g_ascii_strcasecmp(path + length - strlen(suffix), suffix) == 0)
        length -= strlen(suffix);
    return g_strndup(path, length);
}

bool sd_packed_unpack(sd_waveform *waveform, char **inner, GError **error)
{
    const packer *by = find(waveform->mapping);
    sd_spool *spool = sd_spool_new(waveform->mapping, error);
    if (!spool)
        return false;
    g_autofree char *member = NULL;
    sd_mapping *unpacked = NULL;
    if (by->unpack(waveform, spool, &member, error))
        unpacked = sd_spool_map(spool, error);
    sd_spool_free(spool);
    if (!unpacked)
        return false;
    g_free(unpacked->name);
    unpacked->name = g_strdup_printf("%s (unpacked%s%s)", waveform->mapping->name,
                                     member ? ": " : "", member ? member : "");
    sd_waveform_note(waveform,
                     "the file is packed (%s)%s%s: %" G_GUINT64_FORMAT
                     " bytes were unpacked to a temporary file",
                     by->name, member ? "; read was " : "", member ? member : "", unpacked->size);
    *inner = member ? g_steal_pointer(&member) : without_suffix(waveform->path, by->suffix);
    sd_mapping_free(waveform->mapping);
    waveform->mapping = unpacked;
    return true;
}
