/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file code_table.h
 * The 8b/10b code of IEEE 802.3 clause 36.2.4: what each of the 1,024 ten-bit words means.
 */
#ifndef SD_CODE_TABLE_H
#define SD_CODE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/** Ten-bit words. Bit 0 is a, first on the line; bit 9 is j. */
#define SD_WORDS 1024

/** Octets of the special code-groups: Kx.y is y * 32 + x. */
enum {
    SD_K28_1 = 0x3C,
    SD_K28_5 = 0xBC,
    SD_K28_7 = 0xFC,
    SD_K23_7 = 0xF7, /**< /R/ */
    SD_K27_7 = 0xFB, /**< /S/ */
    SD_K29_7 = 0xFD, /**< /T/ */
    SD_K30_7 = 0xFE, /**< /V/ */
};

/** Running disparity. */
typedef enum {
    SD_RD_NEGATIVE = 0,
    SD_RD_POSITIVE = 1,
    SD_RD_UNKNOWN = 2, /**< Nothing received yet that tells. */
} sd_running_disparity;

/** What a ten-bit word means. */
typedef struct {
    uint8_t octet;       /**< The octet; of an invalid word, what its sound sub-block gives. */
    bool special;        /**< A Kx.y, not a Dx.y. */
    bool valid[3];       /**< In the column of this running disparity (sd_running_disparity);
                              the third: in either column. */
    uint8_t rd_after[3]; /**< The running disparity behind it, from this one before it. It comes
                              from the bits received, valid or not (36.2.4.4). */
} sd_code;

/** The whole table. */
typedef struct {
    sd_code code[SD_WORDS];
} sd_code_table;

/** A new table, to be freed with g_free(). */
sd_code_table *sd_code_table_new(void);

#endif
