/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linecode/code_table.h"

#include <glib.h>

/** Table 36-1: the six bits abcdei of Dx at negative running disparity. */
static const char *const six_bits[32] = {
    "100111", "011101", "101101", "110001", "110101", "101001", "011001", "111000",
    "111001", "100101", "010101", "110100", "001101", "101100", "011100", "010111",
    "011011", "100011", "010011", "110010", "001011", "101010", "011010", "111010",
    "110011", "100110", "010110", "110110", "001110", "101110", "011110", "101011",
};
/** ... and of K28. */
static const char k28_six_bits[] = "001111";
/** The four bits fghj of Dx.y at negative running disparity behind abcdei; the last is the
    alternate form of y = 7. */
static const char *const four_bits[9] = {
    "1011", "1001", "0101", "1100", "1101", "1010", "0110", "1110", "0111",
};
#define ALTERNATE 8
/** The four bits of K28.y whose six bits were 001111. */
static const char *const k28_four_bits[8] = {
    "0100", "1001", "0101", "0011", "0010", "1010", "0110", "1000",
};
/** Kx.7 besides K28.7: the six bits of Dx, then 1000. */
static const uint8_t k_x_7[] = {23, 27, 29, 30};

#define SIX_MASK  0x3FU
#define FOUR_MASK 0xFU

static unsigned word_of(const char *bits)
{
    unsigned word = 0;
    for (unsigned i = 0; bits[i] != '\0'; i++)
        word |= (unsigned)(bits[i] == '1') << i;
    return word;
}

static int disparity(unsigned word, int bits)
{
    return 2 * __builtin_popcount(word) - bits;
}

/** The running disparity behind a sub-block (36.2.4.4). */
static sd_running_disparity rd_after(unsigned word, int bits, sd_running_disparity before)
{
    const int d = disparity(word, bits);
    if (d != 0)
        return d > 0 ? SD_RD_POSITIVE : SD_RD_NEGATIVE;
    /* Balanced, but written 000111 or 0011 (bit a and f are the low ones here) after negative. */
    if ((bits == 6 && word == 0x38) || (bits == 4 && word == 0xC))
        return SD_RD_POSITIVE;
    if ((bits == 6 && word == 0x07) || (bits == 4 && word == 0x3))
        return SD_RD_NEGATIVE;
    return before;
}

/** abcdei of Dx at @p rd: the complement at positive, if it is not balanced; D7 has two forms too.
 */
static unsigned data_six(unsigned x, sd_running_disparity rd)
{
    const unsigned word = word_of(six_bits[x]);
    const bool two_forms = disparity(word, 6) != 0 || x == 7;
    return rd == SD_RD_POSITIVE && two_forms ? word ^ SIX_MASK : word;
}

/** fghj of Dx.y at @p rd, the disparity behind abcdei. */
static unsigned data_four(unsigned x, unsigned y, sd_running_disparity rd)
{
    const bool alternate = y == 7 && (rd == SD_RD_NEGATIVE ? x == 17 || x == 18 || x == 20
                                                           : x == 11 || x == 13 || x == 14);
    const unsigned word = word_of(four_bits[alternate ? ALTERNATE : y]);
    const bool two_forms = disparity(word, 4) != 0 || y == 3;
    return rd == SD_RD_POSITIVE && two_forms ? word ^ FOUR_MASK : word;
}

static void enter(sd_code_table *table, unsigned word, uint8_t octet, bool special,
                  sd_running_disparity rd)
{
    sd_code *code = &table->code[word];
    code->octet = octet;
    code->special = special;
    code->valid[rd] = true;
    code->valid[SD_RD_UNKNOWN] = true;
}

/** Special code-groups: the form for positive is the complement of the one for negative. */
static void enter_special(sd_code_table *table, unsigned word, uint8_t octet)
{
    enter(table, word, octet, true, SD_RD_NEGATIVE);
    enter(table, word ^ (SD_WORDS - 1), octet, true, SD_RD_POSITIVE);
}

/** What can be told of an invalid word: each sub-block that stands in the table gives its bits. */
static uint8_t sound_parts(unsigned word)
{
    const unsigned six = word & SIX_MASK, four = word >> 6;
    uint8_t octet = 0;
    for (unsigned x = 0; x < 32; x++) {
        if (six == data_six(x, SD_RD_NEGATIVE) || six == data_six(x, SD_RD_POSITIVE))
            octet = (uint8_t)(octet | x);
    }
    for (unsigned y = 0; y <= ALTERNATE; y++) {
        const unsigned form = word_of(four_bits[y]);
        if (four == form || (four == (form ^ FOUR_MASK) && (disparity(form, 4) != 0 || y == 3)))
            octet = (uint8_t)((octet & 0x1F) | MIN(y, 7) << 5);
    }
    return octet;
}

sd_code_table *sd_code_table_new(void)
{
    sd_code_table *table = g_new0(sd_code_table, 1);
    for (sd_running_disparity rd = SD_RD_NEGATIVE; rd <= SD_RD_POSITIVE; rd++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            const unsigned x = octet & 0x1F, y = octet >> 5;
            const unsigned six = data_six(x, rd);
            const unsigned four = data_four(x, y, rd_after(six, 6, rd));
            enter(table, six | four << 6, (uint8_t)octet, false, rd);
        }
    }
    for (unsigned y = 0; y < 8; y++)
        enter_special(table, word_of(k28_six_bits) | word_of(k28_four_bits[y]) << 6,
                      (uint8_t)(y << 5 | 28));
    for (unsigned i = 0; i < G_N_ELEMENTS(k_x_7); i++)
        enter_special(table, word_of(six_bits[k_x_7[i]]) | word_of("1000") << 6,
                      (uint8_t)(7 << 5 | k_x_7[i]));

    for (unsigned word = 0; word < SD_WORDS; word++) {
        sd_code *code = &table->code[word];
        if (!code->valid[SD_RD_UNKNOWN])
            code->octet = sound_parts(word);
        for (sd_running_disparity rd = SD_RD_NEGATIVE; rd <= SD_RD_UNKNOWN; rd++)
            code->rd_after[rd] = (uint8_t)rd_after(word >> 6, 4, rd_after(word & SIX_MASK, 6, rd));
    }
    return table;
}
