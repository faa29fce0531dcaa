/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of code-groups, IEEE 802.3 clause 36.2.4. A group is looked up by encoding all names: that
 * is done for damaged code-groups alone, and keeps the tables as short as the standard's own. */
#include "linecode/code_group_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    SIX = 6,
    FOUR = 4,
    GROUP = SIX + FOUR,
};

/** The sub-block abcdei of Dx at negative running disparity. */
static const char data_abcdei[32][SIX + 1] = {
    "100111", "011101", "101101", "110001", "110101", "101001", "011001", "111000",
    "111001", "100101", "010101", "110100", "001101", "101100", "011100", "010111",
    "011011", "100011", "010011", "110010", "001011", "101010", "011010", "111010",
    "110011", "100110", "010110", "110110", "001110", "101110", "011110", "101011",
};
static const char k28_abcdei[SIX + 1] = "001111";

/** The sub-block fghj of .y at negative running disparity, for data and for special groups. */
static const char data_fghj[8][FOUR + 1] = {
    "1011", "1001", "0101", "1100", "1101", "1010", "0110", "1110",
};
static const char special_fghj[8][FOUR + 1] = {
    "1011", "0110", "1010", "1100", "1101", "0101", "1001", "0111",
};
/** .7 of data groups in which 1110 (0001) would make five equal bits in a row with abcdei. */
static const char alternate_7[FOUR + 1] = "0111";

static int disparity(const char *bits, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += bits[i] == '1' ? 1 : -1;
    return sum;
}

/** Appends a sub-block to a group, turned over if so wanted. */
static void put(char *to, const char *bits, int count, bool inverted)
{
    for (int i = 0; i < count; i++)
        to[i] = (bits[i] == '1') != inverted ? '1' : '0';
}

static bool takes_alternate_7(int x, bool positive)
{
    return positive ? x == 11 || x == 13 || x == 14 : x == 17 || x == 18 || x == 20;
}

/** Encodes Dx.y or Kx.y at a running disparity; gives the ten bits as text, a first. */
static void encode(int x, int y, bool special, bool positive, char bits[GROUP + 1])
{
    const char *six = special && x == 28 ? k28_abcdei : data_abcdei[x];
    bool six_unbalanced = disparity(six, SIX) != 0;
    put(bits, six, SIX, positive && (six_unbalanced || x == 7));
    if (six_unbalanced)
        positive = !positive;

    const char *four = special                                    ? special_fghj[y]
                       : y == 7 && takes_alternate_7(x, positive) ? alternate_7
                                                                  : data_fghj[y];
    bool two_forms = special || disparity(four, FOUR) != 0 || y == 3;
    put(bits + SIX, four, FOUR, positive && two_forms);
    bits[GROUP] = '\0';
}

/** The special groups of table 36-2: K28.y, and K23.7, K27.7, K29.7, K30.7. */
static bool is_special(int x, int y)
{
    return x == 28 || (y == 7 && (x == 23 || x == 27 || x == 29 || x == 30));
}

void sd_code_group_text(unsigned code_group, char text[SD_CODE_GROUP_TEXT_SIZE])
{
    char bits[GROUP + 1];
    for (int i = 0; i < GROUP; i++)
        bits[i] = code_group >> i & 1 ? '1' : '0';
    bits[GROUP] = '\0';

    for (int octet = 0; octet < 256; octet++) {
        int x = octet & 31, y = octet >> 5 & 7;
        for (int form = 0; form < 4; form++) {
            bool special = (form & 2) != 0, positive = (form & 1) != 0;
            char encoded[GROUP + 1];
            if (special && !is_special(x, y))
                continue;
            encode(x, y, special, positive, encoded);
            if (strcmp(encoded, bits) == 0) {
                snprintf(text, SD_CODE_GROUP_TEXT_SIZE, "%s (%c%d.%d)", bits, special ? 'K' : 'D',
                         x, y);
                return;
            }
        }
    }
    snprintf(text, SD_CODE_GROUP_TEXT_SIZE, "%s", bits);
}
