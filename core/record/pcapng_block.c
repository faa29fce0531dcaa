/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/pcapng_block.h"

#include <string.h>

#include "record/bytes.h"

#define ALIGNMENT 4U

guint sd_block_begin(GByteArray *out, guint32 type)
{
    const guint place = out->len;
    sd_append(out, type, 4);
    sd_append(out, 0, 4);
    return place;
}

void sd_block_end(GByteArray *out, guint place)
{
    const guint32 length = GUINT32_TO_LE(out->len + 4 - place);
    g_byte_array_append(out, (const guint8 *)&length, sizeof length);
    memcpy(out->data + place + 4, &length, sizeof length);
}

void sd_block_pad(GByteArray *out)
{
    sd_append(out, 0, (ALIGNMENT - out->len % ALIGNMENT) % ALIGNMENT);
}

void sd_block_option(GByteArray *out, guint16 code, const void *data, guint16 length)
{
    sd_append(out, code, 2);
    sd_append(out, length, 2);
    g_byte_array_append(out, data, length);
    sd_block_pad(out);
}

void sd_block_option_text(GByteArray *out, guint16 code, const char *text, gsize most)
{
    if (text == NULL || *text == '\0')
        return;
    char *valid = g_utf8_make_valid(text, -1);
    gsize length = strlen(valid);
    if (length > most)
        length = (gsize)(g_utf8_find_prev_char(valid, valid + most + 1) - valid);
    sd_block_option(out, code, valid, (guint16)length);
    g_free(valid);
}

void sd_block_option_number(GByteArray *out, guint16 code, guint64 value, guint size)
{
    const guint64 le = GUINT64_TO_LE(value);
    sd_block_option(out, code, &le, (guint16)size);
}

void sd_block_option_time(GByteArray *out, guint16 code, guint64 time_ns)
{
    const guint32 halves[] = {GUINT32_TO_LE((guint32)(time_ns >> 32)),
                              GUINT32_TO_LE((guint32)time_ns)};
    sd_block_option(out, code, halves, sizeof halves);
}
