/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file encode.h
 * The 8b/10b transmission code of 802.3 clause 36.2.4. A code-group is a number of ten bits whose
 * most significant bit is a, the first on the line, and whose least significant is j.
 */
#ifndef GENERATOR_ENCODE_H
#define GENERATOR_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#define GEN_CODE_GROUPS 1024

/** Running disparity. */
typedef enum { GEN_RD_NEGATIVE, GEN_RD_POSITIVE } gen_disparity;

/** The octets of the special code-groups that the links use (table 36-2). */
enum {
    GEN_K28_1 = 0x3C,
    GEN_K28_5 = 0xBC,
    GEN_K23_7 = 0xF7, /**< /R/ */
    GEN_K27_7 = 0xFB, /**< /S/ */
    GEN_K29_7 = 0xFD, /**< /T/ */
};

/** The columns of tables 36-1 and 36-2 that a code-group of ten bits stands in. */
enum { GEN_COLUMN_NEGATIVE = 1 << GEN_RD_NEGATIVE, GEN_COLUMN_POSITIVE = 1 << GEN_RD_POSITIVE };

/**
 * Encodes one octet.
 *
 * @param octet   the octet HGFEDCBA
 * @param control a special code-group; octet must be one of the twelve then
 * @param before  the running disparity before it
 * @return the ten bits
 */
uint16_t gen_encode(uint8_t octet, bool control, gen_disparity before);

/**
 * The running disparity after a code-group, by the rules of 36.2.4.4; they hold for any ten bits,
 * whether a valid code-group or not.
 */
gen_disparity gen_disparity_after(uint16_t code_group, gen_disparity before);

/**
 * The receiver's side of the tables.
 *
 * @param column receives for each word of ten bits the columns it stands in, 0: invalid
 */
void gen_columns(uint8_t column[GEN_CODE_GROUPS]);

/** The twelve octets that have special code-groups. */
extern const uint8_t gen_special_octets[12];

#endif
