/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file lanes.h
 * Decodes the groups, turns an inverted line over, and deals the code-groups to the lanes.
 *
 * The first groups are held until polarity, place of lane 0 and the rule of the running disparity
 * are known; then all of them are given out. From then on the place of lane 0 is re-checked at
 * every K28.1.
 */
#ifndef SD_LANES_H
#define SD_LANES_H

#include <glib.h>
#include <stdbool.h>

#include "linecode/code_group.h"
#include "linecode/code_table.h"
#include "scopedump/settings.h"

/** How the transmitter carries the running disparity. */
typedef enum {
    SD_DISPARITY_SERIAL, /**< Along the line, whatever lane a group belongs to. */
    SD_DISPARITY_LANE,   /**< One for each lane. */
} sd_disparity_rule;

/** K28.1 came in another place. */
typedef struct {
    sd_position at;
    unsigned lane; /**< The lane that it was on. */
    bool moved;    /**< It came there again: the lanes have been moved by so many groups. */
} sd_lane_event;

/** What was found, and figures. */
typedef struct {
    bool decided;                  /**< All below is known. */
    bool inverted;                 /**< The line was upside down, and was turned over. */
    uint64_t upright, upside_down; /**< Ordered sets that speak for each polarity at the start. */
    bool lane_0_by_exclusion;      /**< No K28.1: lane 0 is the only one without K28.5. */
    sd_disparity_rule rule;        /**< The rule in force. */
    uint64_t groups;               /**< Code-groups given out. */
    uint64_t invalid;              /**< Invalid code-groups. */
    uint64_t serial_errors;        /**< Disparity errors under each rule. */
    uint64_t lane_errors;
    uint64_t k28_1;           /**< K28.1 on lane 0. */
    uint64_t k28_1_elsewhere; /**< K28.1 on other lanes. */
    sd_position first_k28_1;
    uint64_t moves; /**< How often the lanes moved. */
} sd_lanes_statistics;

/** Deals groups to lanes; one for each segment. */
typedef struct sd_lanes sd_lanes;

/**
 * @param table    must outlive the context
 * @param lanes    1, or 4 for QSGMII
 * @param polarity as the user gave it
 * @return a new context, to be freed with sd_lanes_free()
 */
sd_lanes *sd_lanes_new(const sd_code_table *table, unsigned lanes, sd_polarity polarity);
void sd_lanes_free(sd_lanes *lanes);

/**
 * Takes aligned groups and gives code-groups.
 *
 * @param lanes  the context
 * @param groups the groups
 * @param count  number of groups
 * @param last   no more follow: decide with what there is
 * @param out    array of sd_code_group, to which they are appended in the order of the line
 * @param events array of sd_lane_event, to which K28.1 in wrong places are appended
 */
void sd_lanes_push(sd_lanes *lanes, const sd_line_group *groups, size_t count, bool last,
                   GArray *out, GArray *events);

/** Whether this octet, as data, stands behind K28.5 in idle, configuration, or low-power idle. */
bool sd_is_ordered_set_octet(uint8_t octet);

/** The figures so far. */
sd_lanes_statistics sd_lanes_statistics_get(const sd_lanes *lanes);

#endif
