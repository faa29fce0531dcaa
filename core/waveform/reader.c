/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/reader.h"

#include <string.h>

bool sd_reader_require(sd_reader *reader, uint64_t at, uint64_t size, const char *field)
{
    if (sd_mapping_has(reader->mapping, at, size)) {
        return true;
    }
    if (!reader->error) {
        reader->error = g_error_new(SD_ERROR, SD_ERROR_DAMAGED,
                                    "%s: the file is cut: it ends at byte %" G_GUINT64_FORMAT
                                    ", but %s takes %" G_GUINT64_FORMAT
                                    " bytes from byte %" G_GUINT64_FORMAT " on",
                                    reader->mapping->name, reader->mapping->size, field, size, at);
    }
    return false;
}

/** Copies the @p size bytes of a number into @p number in this computer's order; 0 on failure. */
static void read_number(sd_reader *reader, uint64_t at, void *number, size_t size,
                        const char *field)
{
    uint8_t *to = number;
    memset(to, 0, size);
    if (!sd_reader_require(reader, at, size, field)) {
        return;
    }
    const uint8_t *from = reader->mapping->data + at;
    bool swap = reader->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);
    for (size_t i = 0; i < size; i++) {
        to[i] = from[swap ? size - 1 - i : i];
    }
}

uint8_t sd_reader_u8(sd_reader *reader, uint64_t at, const char *field)
{
    uint8_t number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

uint16_t sd_reader_u16(sd_reader *reader, uint64_t at, const char *field)
{
    uint16_t number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

int16_t sd_reader_i16(sd_reader *reader, uint64_t at, const char *field)
{
    int16_t number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

uint32_t sd_reader_u32(sd_reader *reader, uint64_t at, const char *field)
{
    uint32_t number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

int32_t sd_reader_i32(sd_reader *reader, uint64_t at, const char *field)
{
    int32_t number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

uint64_t sd_reader_u64(sd_reader *reader, uint64_t at, const char *field)
{
    uint64_t number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

float sd_reader_f32(sd_reader *reader, uint64_t at, const char *field)
{
    float number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

double sd_reader_f64(sd_reader *reader, uint64_t at, const char *field)
{
    double number;
    read_number(reader, at, &number, sizeof number, field);
    return number;
}

char *sd_reader_text(sd_reader *reader, uint64_t at, size_t size, const char *field)
{
    if (!sd_reader_require(reader, at, size, field)) {
        return g_strdup("");
    }
    g_autofree char *text = g_strndup((const char *)(reader->mapping->data + at), size);
    return g_utf8_make_valid(g_strstrip(text), -1);
}

void sd_reader_fail(sd_reader *reader, sd_error_code code, uint64_t at, const char *format, ...)
{
    if (reader->error) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    reader->error = g_error_new(SD_ERROR, (int)code, "%s: %s (byte %" G_GUINT64_FORMAT ")",
                                reader->mapping->name, message, at);
}

bool sd_reader_finish(sd_reader *reader, GError **error)
{
    if (!reader->error) {
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&reader->error));
    return false;
}
