/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A NumPy array: six bytes, version, length of the header, the header, which is a Python dictionary
 * with the keys descr, fortran_order and shape, and the numbers.
 */
#include "waveform/numpy.h"

#include "scopedump/error.h"
#include "waveform/reader.h"

#include <string.h>

#define MAGIC      "\x93NUMPY"
#define MAGIC_SIZE 6

enum {
    AT_VERSION = 6, /**< Major, minor. */
    AT_LENGTH = 8,  /**< 16 bits in version 1, 32 bits from version 2 on. */
};

/** NumPy itself refuses to read longer headers. */
#define HEADER_MAX 10000

/** The types that can be read, without the byte order in front. */
static const struct {
    const char *name;
    sd_sample_type type;
} types[] = {
    {"f4", SD_SAMPLE_F32}, {"f8", SD_SAMPLE_F64}, {"i1", SD_SAMPLE_S8},  {"u1", SD_SAMPLE_U8},
    {"i2", SD_SAMPLE_S16}, {"u2", SD_SAMPLE_U16}, {"i4", SD_SAMPLE_S32}, {"u4", SD_SAMPLE_U32},
};

bool sd_numpy_match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, MAGIC, MAGIC_SIZE);
}

/** What a pattern's brackets matched in the header, to be freed with g_free(), or NULL. */
static char *find(const char *header, const char *pattern)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) info = NULL;
    if (!g_regex_match(regex, header, 0, &info))
        return NULL;
    g_autofree char *found = g_match_info_fetch(info, 1);
    return g_utf8_make_valid(found, -1);
}

static void read_type(sd_reader *reader, uint64_t at, const char *header, sd_array *array)
{
    g_autofree char *descr = find(header, "'descr'\\s*:\\s*('[^']*'|\\[)");
    if (!descr) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at, "the header of the array has no \"descr\"");
        return;
    }
    /* In quotes: byte order (| and = where there is none to choose), kind, size. */
    if (strlen(descr) == 5 && strchr("<>|=", descr[1])) {
        for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
            if (strncmp(descr + 2, types[i].name, 2) == 0) {
                array->type = types[i].type;
                array->big_endian = descr[1] == '>';
                return;
            }
        }
    }
    sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at,
                   "the array holds numbers of the type %s; only f4, f8, i1, i2, i4, u1, u2 and u4 "
                   "can be read",
                   *descr == '[' ? "record (several fields)" : descr);
}

/** Reads the shape: a tuple of up to two numbers, which may end with a comma. */
static void read_shape(sd_reader *reader, uint64_t at, const char *header, sd_array *array)
{
    g_autofree char *shape = find(header, "'shape'\\s*:\\s*\\(([^)]*)\\)");
    g_autofree char *order = find(header, "'fortran_order'\\s*:\\s*(True|False)");
    if (!shape || !order) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at, "the header of the array has no \"%s\"",
                       shape ? "fortran_order" : "shape");
        return;
    }
    array->column_major = *order == 'T';
    array->size[0] = array->size[1] = 1;
    g_auto(GStrv) words = g_strsplit(shape, ",", -1);
    guint dimensions = 0;
    for (guint i = 0; words[i]; i++) {
        guint64 size = 0;
        g_strstrip(words[i]);
        if (!*words[i] && !words[i + 1])
            break;
        if (dimensions == G_N_ELEMENTS(array->size)) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at,
                           "the array has the shape (%s); only one or two dimensions are a record",
                           shape);
            return;
        }
        if (!g_ascii_string_to_unsigned(words[i], 10, 0, G_MAXUINT64, &size, NULL)) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, at,
                           "the shape of the array is (%s), which means nothing", shape);
            return;
        }
        if (size == 0) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at,
                           "the array has the shape (%s): it is empty", shape);
            return;
        }
        array->size[dimensions++] = size;
    }
}

bool sd_numpy_read(const sd_mapping *mapping, sd_array *array, uint64_t *trailing, GError **error)
{
    sd_reader reader = {.mapping = mapping};
    uint8_t version = sd_reader_u8(&reader, AT_VERSION, "the version");
    if (version < 1 || version > 3) {
        sd_reader_fail(&reader, SD_ERROR_FORMAT, AT_VERSION,
                       "this is a NumPy array of version %u; only 1 to 3 are known", version);
    }
    uint32_t size = version == 1 ? sd_reader_u16(&reader, AT_LENGTH, "the length of the header")
                                 : sd_reader_u32(&reader, AT_LENGTH, "the length of the header");
    uint64_t at = version == 1 ? AT_LENGTH + 2 : AT_LENGTH + 4;
    if (size > HEADER_MAX) {
        sd_reader_fail(&reader, SD_ERROR_DAMAGED, AT_LENGTH,
                       "the header of the array is said to take %u bytes, which cannot be true",
                       size);
    }
    if (!reader.error && sd_reader_require(&reader, at, size, "the header of the array")) {
        g_autofree char *header = g_strndup((const char *)mapping->data + at, size);
        read_type(&reader, at, header, array);
        read_shape(&reader, at, header, array);
    }
    if (!sd_reader_finish(&reader, error))
        return false;
    at += size;
    array->data = mapping->data + at;
    uint64_t bytes = 0;
    if (!g_uint64_checked_mul(&bytes, sd_array_count(array), sd_sample_size(array->type)) ||
        sd_array_count(array) == 0) {
        bytes = UINT64_MAX;
    }
    if (!sd_reader_require(&reader, at, bytes, "the array"))
        return sd_reader_finish(&reader, error);
    *trailing = mapping->size - at - bytes;
    return true;
}
