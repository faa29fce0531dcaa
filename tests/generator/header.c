/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "header.h"

#include <string.h>

void gen_put(const gen_header *header, size_t at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        header->bytes[at + (header->big_endian ? size - 1 - i : i)] = (uint8_t)(value >> (8 * i));
}

void gen_put16(const gen_header *header, size_t at, uint16_t value)
{
    gen_put(header, at, value, 2);
}

void gen_put32(const gen_header *header, size_t at, uint32_t value)
{
    gen_put(header, at, value, 4);
}

void gen_put_float(const gen_header *header, size_t at, float value)
{
    uint32_t word;
    memcpy(&word, &value, sizeof word);
    gen_put(header, at, word, 4);
}

void gen_put_double(const gen_header *header, size_t at, double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    gen_put(header, at, word, 8);
}

void gen_put_text(const gen_header *header, size_t at, const char *text)
{
    memcpy(header->bytes + at, text, strlen(text));
}
