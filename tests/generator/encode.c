/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encode.h"

#include <string.h>

/*
 * The sub-blocks as 802.3 clause 36.2.4 has them: abcdei for the value EDCBA and fghj for HGF, each
 * as sent when the running disparity before the sub-block is negative, as text in line order. With
 * a positive one, a sub-block that is not balanced is sent with all bits turned over; so are the
 * two balanced ones with three or two equal bits in a row at the end (D.7 and D.x.3), which keeps
 * the disparity inside the sub-block small.
 */
static const char six_bits[32][7] = {
    "100111", "011101", "101101", "110001", "110101", "101001", "011001", "111000",
    "111001", "100101", "010101", "110100", "001101", "101100", "011100", "010111",
    "011011", "100011", "010011", "110010", "001011", "101010", "011010", "111010",
    "110011", "100110", "010110", "110110", "001110", "101110", "011110", "101011",
};
static const char four_bits[8][5] = {
    "1011", "1001", "0101", "1100", "1101", "1010", "0110", "1110",
};
/* D.x.A7 stands in for D.x.7 where that would make five equal bits in a row. */
static const char four_bits_alternate[] = "0111";
static const uint8_t alternate_when_negative[] = {17, 18, 20};
static const uint8_t alternate_when_positive[] = {11, 13, 14};

/* K28 has sub-blocks of its own: 001111, and behind it (disparity now positive) those below. */
static const char six_bits_k28[] = "001111";
static const char four_bits_k28[8][5] = {
    "0100", "1001", "0101", "0011", "0010", "1010", "0110", "1000",
};
/* K23.7, K27.7, K29.7 and K30.7: the six bits of the data group and these four. */
static const char four_bits_special[] = "1000";

const uint8_t gen_special_octets[12] = {0x1C, 0x3C, 0x5C, 0x7C, 0x9C, 0xBC,
                                        0xDC, 0xFC, 0xF7, 0xFB, 0xFD, 0xFE};

static uint16_t from_text(const char *bits)
{
    uint16_t value = 0;
    for (; *bits != '\0'; bits++)
        value = (uint16_t)(value << 1 | (*bits == '1'));
    return value;
}

static gen_disparity after_sub_block(unsigned bits, unsigned size, gen_disparity before)
{
    unsigned half = (1u << (size / 2)) - 1; /* 000111 or 0011 */
    unsigned ones = (unsigned)__builtin_popcount(bits);
    if (ones * 2 > size || bits == half)
        return GEN_RD_POSITIVE;
    if (ones * 2 < size || bits == half << (size / 2))
        return GEN_RD_NEGATIVE;
    return before;
}

/* The sub-block for the disparity before it, from its text for the negative one. */
static uint16_t sub_block(const char *text, gen_disparity before)
{
    uint16_t bits = from_text(text);
    unsigned size = (unsigned)strlen(text);
    /* Neutral: the disparity behind it is the one before it. 111000 and 1100 are not. */
    bool neutral = after_sub_block(bits, size, GEN_RD_NEGATIVE) !=
                   after_sub_block(bits, size, GEN_RD_POSITIVE);
    if (before == GEN_RD_POSITIVE && !neutral)
        bits = (uint16_t)(bits ^ ((1u << size) - 1));
    return bits;
}

static bool contains(const uint8_t *values, size_t count, unsigned value)
{
    return memchr(values, (int)value, count) != NULL;
}

static uint16_t encode_data(uint8_t octet, gen_disparity before)
{
    unsigned low = octet & 31, high = octet >> 5;
    uint16_t six = sub_block(six_bits[low], before);
    gen_disparity between = after_sub_block(six, 6, before);
    const char *four = four_bits[high];
    if (high == 7 && (between == GEN_RD_NEGATIVE
                          ? contains(alternate_when_negative, sizeof alternate_when_negative, low)
                          : contains(alternate_when_positive, sizeof alternate_when_positive, low)))
        four = four_bits_alternate;
    return (uint16_t)(six << 4 | sub_block(four, between));
}

/* The two columns of a special code-group are each other's complement (table 36-2). */
static uint16_t encode_special(uint8_t octet, gen_disparity before)
{
    unsigned low = octet & 31, high = octet >> 5;
    bool k28 = low == 28;
    uint16_t six = from_text(k28 ? six_bits_k28 : six_bits[low]);
    uint16_t four = from_text(k28 ? four_bits_k28[high] : four_bits_special);
    uint16_t bits = (uint16_t)(six << 4 | four);
    return before == GEN_RD_NEGATIVE ? bits : bits ^ 0x3FF;
}

uint16_t gen_encode(uint8_t octet, bool control, gen_disparity before)
{
    return control ? encode_special(octet, before) : encode_data(octet, before);
}

gen_disparity gen_disparity_after(uint16_t code_group, gen_disparity before)
{
    return after_sub_block(code_group & 15, 4, after_sub_block(code_group >> 4, 6, before));
}

void gen_columns(uint8_t column[GEN_CODE_GROUPS])
{
    memset(column, 0, GEN_CODE_GROUPS);
    for (unsigned disparity = 0; disparity < 2; disparity++) {
        for (unsigned octet = 0; octet < 256; octet++)
            column[gen_encode((uint8_t)octet, false, disparity)] |= (uint8_t)(1u << disparity);
        for (unsigned i = 0; i < sizeof gen_special_octets; i++)
            column[gen_encode(gen_special_octets[i], true, disparity)] |=
                (uint8_t)(1u << disparity);
    }
}
