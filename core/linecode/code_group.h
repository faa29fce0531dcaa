/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file code_group.h
 * Code-groups with times and state: what the line code gives to the PCS.
 */
#ifndef SD_CODE_GROUP_H
#define SD_CODE_GROUP_H

#include <stdint.h>

#include "scopedump/position.h"

/** Lanes of QSGMII. */
#define SD_LANES_MAX 4

/** Ten aligned bits of the line, not decoded yet. */
typedef struct {
    sd_position start; /**< Beginning of the first bit. */
    uint16_t bits;     /**< Bit 0 = a, first on the line. */
    uint16_t other;    /**< With SD_GROUP_EITHER: the ten bits on the other side of the slip. */
    uint8_t flags;     /**< SD_GROUP_SLIP, SD_GROUP_EITHER, SD_GROUP_DEAD. */
} sd_line_group;

/** Flags of a code-group. */
enum {
    SD_GROUP_SPECIAL = 0x01,   /**< Kx.y */
    SD_GROUP_INVALID = 0x02,   /**< In neither column of the table. */
    SD_GROUP_DISPARITY = 0x04, /**< Valid, but the running disparity contradicts it. */
    SD_GROUP_SLIP = 0x08,      /**< A bit slip lies in this group. */
    SD_GROUP_REALIGNED = 0x10, /**< The first group of its lane after the lanes have moved. */
    SD_GROUP_SUSPECT = 0x20,   /**< An error that shows in another group may have hit this one. */
    SD_GROUP_EITHER = 0x40,    /**< A slip may lie before this group as well as behind it. */
    SD_GROUP_DEAD = 0x80,      /**< The signal was gone in it, or near it. */
    /** Any damage. */
    SD_GROUP_DAMAGED = SD_GROUP_INVALID | SD_GROUP_DISPARITY | SD_GROUP_SLIP,
};

/** One code-group of one lane. */
typedef struct {
    sd_position start;   /**< Beginning of the first bit. */
    uint16_t bits;       /**< As received, polarity corrected; bit 0 = a. */
    uint8_t other;       /**< With SD_GROUP_EITHER: the octet if the slip is not where it seems. */
    uint8_t octet;       /**< K28.1 of a QSGMII lane 0 is given as K28.5, which it stands for. */
    uint8_t lane;        /**< 0 to 3. */
    uint8_t flags;       /**< SD_GROUP_... */
    uint8_t uncertainty; /**< With SD_GROUP_DISPARITY: the error may have hit another group, up to
                        so many before this one on the line (SD_UNCERTAINTY_OPEN: nobody knows); 0:
                        it was this one. */
} sd_code_group;

#endif
