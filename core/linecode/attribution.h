/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file attribution.h
 * Ties each disparity error to the code-group that the error of the line hit.
 *
 * A bit error that makes another valid code-group shows where the running disparity is contradicted
 * next (36.2.4.6): in that group or in a later one, with a serial disparity perhaps on another
 * lane. Between the last group that confirmed the disparity and the one that contradicts it, the
 * groups of which one bit turned over makes the disparity right again are candidates. What stands
 * next to each on its lane (idle, preamble, copies of an octet, ordered sets) tells which one was
 * hit. Where it does not, the error stays where it was noticed, and the group says how far back it
 * may lie. A disparity error behind an invalid group is the invalid group's own, and counts with
 * it.
 *
 * On the way it is noted for each error whether a 0 was read as 1 or a 1 as 0, which the excess of
 * ones tells, and where it was: for errors that hit one level alone, or are periodic.
 */
#ifndef SD_ATTRIBUTION_H
#define SD_ATTRIBUTION_H

#include <glib.h>
#include <stdbool.h>

#include "linecode/code_group.h"
#include "linecode/code_table.h"
#include "linecode/lanes.h"

/** Figures. */
typedef struct {
    uint64_t disparity;      /**< Disparity errors; those that are an invalid group's are not. */
    uint64_t zeros_hit;      /**< Errors in which a 0 (polarity corrected) was read as 1. */
    uint64_t ones_hit;       /**< ... and a 1 as 0. */
    double period;           /**< Samples from one error to the next; 0: they are not periodic. */
    uint64_t periods_hit;    /**< Periods with an error in them, ... */
    uint64_t periods_spared; /**< ... and between them, without one. */
} sd_attribution_statistics;

/** Attributes; one for each segment. */
typedef struct sd_attribution sd_attribution;

/**
 * @param table must outlive the context
 * @param lanes 1, or 4 for QSGMII
 * @return a new context, to be freed with sd_attribution_free()
 */
sd_attribution *sd_attribution_new(const sd_code_table *table, unsigned lanes);
void sd_attribution_free(sd_attribution *attribution);

/**
 * Corrects the flags of code-groups.
 *
 * @param attribution the context
 * @param groups      sd_code_group in the order of the line: those of which the last call did not
 *                    say that they are final, then new ones
 * @param rule        of the running disparity
 * @param last        no more follow
 * @return how many, from the front, are final; they are to be removed before the next call
 */
guint sd_attribution_push(sd_attribution *attribution, GArray *groups, sd_disparity_rule rule,
                          bool last);

/** The figures so far. */
sd_attribution_statistics sd_attribution_statistics_get(const sd_attribution *attribution);

#endif
