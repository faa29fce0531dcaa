/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file alignment.h
 * Finds the boundaries of the code-groups by the commas (clause 36.2.4.9).
 *
 * Groups are given out as far as a comma confirms the alignment, so that a bit slip can be put
 * where it happened: when commas come in another place, the bits since the last confirmed comma are
 * divided where validity, running disparity, and what repeats itself on a lane leave the least
 * doubt. A run of groups that are wrong in the present place and right in another one counts as
 * much as commas there: with two slips close together there may be none between them.
 */
#ifndef SD_ALIGNMENT_H
#define SD_ALIGNMENT_H

#include <glib.h>

#include "linecode/code_group.h"
#include "linecode/code_table.h"
#include "signal/bits.h"

/** Aligns; one for each segment. */
typedef struct sd_alignment sd_alignment;

/** A change of alignment. */
typedef struct {
    sd_position at; /**< Beginning of the code-group that holds it. */
    int bits;       /**< Bits that came too many (positive) or are missing (negative), -4 to 5. */
} sd_slip;

/** Figures. */
typedef struct {
    bool aligned;          /**< Commas were found. */
    sd_position first;     /**< Beginning of the first code-group given out. */
    uint64_t skipped_bits; /**< Bits before it that made no code-groups. */
    uint64_t groups;       /**< Code-groups given out. */
    uint64_t commas;       /**< Commas in aligned places. */
    uint64_t misplaced;    /**< Commas elsewhere. */
    uint64_t slips;        /**< Changes of alignment. */
} sd_alignment_statistics;

/** @p table must outlive the context, which is to be freed with sd_alignment_free(); @p lanes take
    turns on the line: 1, or 4 for QSGMII. */
sd_alignment *sd_alignment_new(const sd_code_table *table, unsigned lanes);
void sd_alignment_free(sd_alignment *alignment);

/**
 * Takes bits and gives aligned groups.
 *
 * @param alignment the context
 * @param words     the bits
 * @param count     number of words; all but the last one of the segment hold 64 bits
 * @param last      no more bits follow: give out all that is left
 * @param groups    array of sd_line_group, to which groups are appended
 * @param slips     array of sd_slip, to which the slips found are appended
 */
void sd_alignment_push(sd_alignment *alignment, const sd_bit_word *words, size_t count, bool last,
                       GArray *groups, GArray *slips);

/** The figures so far. */
sd_alignment_statistics sd_alignment_statistics_get(const sd_alignment *alignment);

#endif
