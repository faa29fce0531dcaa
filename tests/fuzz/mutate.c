/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mutate.h"

#include <stdbool.h>
#include <string.h>

/* Where the headers are. */
#define HEADER 1024

uint64_t mutate_below(mutate_random *random, uint64_t limit)
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t word = random->state;
    word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (word ^ (word >> 31)) % limit;
}

/* A place among size of them: three in four are in the header. */
static guint place(mutate_random *random, guint size)
{
    guint limit = mutate_below(random, 4) > 0 ? MIN(size, HEADER) : size;
    return (guint)mutate_below(random, limit);
}

/* The length of a piece from a place on: mostly short. */
static guint length_from(mutate_random *random, guint at, guint size)
{
    guint longest = mutate_below(random, 4) > 0 ? 16 : size;
    return 1 + (guint)mutate_below(random, MIN(longest, size - at));
}

static void turn_bits(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    bytes->data[place(random, bytes->len)] ^= (guint8)(1 << mutate_below(random, 8));
}

static void random_byte(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    bytes->data[place(random, bytes->len)] = (guint8)mutate_below(random, 256);
}

static void cut_end(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    g_byte_array_set_size(bytes, place(random, bytes->len));
}

/* A length, count or offset that lies, in any width and either byte order. */
static void lie_in_binary(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    static const uint64_t lies[] = {
        0,
        1,
        UINT64_MAX,
        0x7FFF,
        0x7FFFFFFF,
        0x80000000,
        0xFFFFFFFF,
        INT64_MAX,
        UINT64_C(1) << 63,
        UINT64_C(0x7FF0000000000000), /* infinite as a double, and 0 in 32 bits */
        UINT64_C(0x7FF8000000000000), /* not a number */
        0x7F800000,
        0x7FC00000, /* the same as float */
    };
    static const guint widths[] = {2, 4, 4, 4, 8, 8};
    uint64_t lie = lies[mutate_below(random, G_N_ELEMENTS(lies))];
    guint width = widths[mutate_below(random, G_N_ELEMENTS(widths))];
    bool big_endian = mutate_below(random, 2) > 0;
    guint at = place(random, bytes->len);
    at -= mutate_below(random, 2) > 0 ? at % 4 : 0; /* numbers mostly lie at such places */
    for (guint i = 0; i < width && at + i < bytes->len; i++) {
        guint shift = 8 * (big_endian ? width - 1 - i : i);
        bytes->data[at + i] = (guint8)(lie >> shift);
    }
}

static void replace(GByteArray *bytes, guint at, guint length, const void *by, guint by_length)
{
    guint rest = bytes->len - at - length;
    if (by_length > length)
        g_byte_array_set_size(bytes, bytes->len + by_length - length);
    memmove(bytes->data + at + by_length, bytes->data + at + length, rest);
    memcpy(bytes->data + at, by, by_length);
    g_byte_array_set_size(bytes, at + by_length + rest);
}

/* The next number that is written in digits becomes another one. */
static void lie_in_text(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    static const char *const lies[] = {
        "0",   "-1",  "1", "2147483647", "4294967295", "18446744073709551616",  "1e400", "-1e-400",
        "nan", "inf", "",  "0x10",       "1e18",       "000000000000000000000", ",",     ";",
        "\"",  "\n",
    };
    guint at = place(random, bytes->len);
    while (at < bytes->len && !g_ascii_isdigit(bytes->data[at]))
        at++;
    guint length = 0;
    while (at + length < bytes->len && g_ascii_isdigit(bytes->data[at + length]))
        length++;
    const char *lie = lies[mutate_below(random, G_N_ELEMENTS(lies))];
    if (length > 0)
        replace(bytes, at, length, lie, (guint)strlen(lie));
}

static void double_piece(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    guint at = place(random, bytes->len);
    guint length = length_from(random, at, bytes->len);
    g_autoptr(GBytes) piece = g_bytes_new(bytes->data + at, length);
    replace(bytes, at, 0, g_bytes_get_data(piece, NULL), length);
}

static void remove_piece(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    (void)donor;
    guint at = place(random, bytes->len);
    replace(bytes, at, length_from(random, at, bytes->len), "", 0);
}

/* A piece of another file, in the place of one of ours or of as many bytes. */
static void splice(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    if (donor->len == 0)
        return;
    guint from = place(random, donor->len);
    guint length = length_from(random, from, donor->len);
    guint at = mutate_below(random, 2) > 0 ? MIN(from, bytes->len) : place(random, bytes->len);
    guint gone = mutate_below(random, 2) > 0 ? length : (guint)mutate_below(random, 16);
    replace(bytes, at, MIN(gone, bytes->len - at), donor->data + from, length);
}

void mutate(mutate_random *random, GByteArray *bytes, const GByteArray *donor)
{
    /* The more often a kind stands here, the more often it is taken. */
    static void (*const kinds[])(mutate_random *, GByteArray *, const GByteArray *) = {
        turn_bits,   random_byte, lie_in_binary, lie_in_binary, lie_in_binary, lie_in_text,
        lie_in_text, cut_end,     double_piece,  remove_piece,  splice,
    };
    for (uint64_t i = mutate_below(random, 4) + 1; i > 0 && bytes->len > 0; i--)
        kinds[mutate_below(random, G_N_ELEMENTS(kinds))](random, bytes, donor);
}
