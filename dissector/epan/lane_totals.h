/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file lane_totals.h
 * What the statistics add up, lane by lane: the tree and the table of the lanes show the same.
 */
#ifndef SCOPEDUMP_LANE_TOTALS_H
#define SCOPEDUMP_LANE_TOTALS_H

#include "packet_summary.h"

/** One lane in one direction. */
struct lane_totals {
    char *name; /**< Of its interface: "lane0", "tx-lane0". */
    unsigned line;
    uint8_t lane, link;
    uint32_t speed; /**< Of the last frame, in Mb/s. */
    uint64_t frames, octets, damaged, fcs_bad, cut;
    uint64_t invalid, disparity; /**< In frames, with preamble and end delimiter. */
    uint64_t places[HIT_PLACES]; /**< Symbol errors of frames by place. */
    uint64_t between;            /**< Symbol errors that events tell: they are between frames. */
    int64_t frames_ps;           /**< Time that the frames take, from /S/ to the last octet. */
};

/** All lanes of a capture. */
struct link_totals;

struct link_totals *link_totals_new(void);
void link_totals_free(struct link_totals *totals);

/**
 * Adds a packet.
 * @return its lane, or NULL for an event of the whole line or of a file
 */
struct lane_totals *link_totals_add(struct link_totals *totals,
                                    const struct packet_summary *packet);

/** The lanes, in the order in which they came. */
unsigned link_totals_lanes(const struct link_totals *totals);
struct lane_totals *link_totals_lane(const struct link_totals *totals, unsigned index);

/** Picoseconds of the lane's line from its first to its last packet, in all segments of all
    records. */
int64_t lane_line_ps(const struct link_totals *totals, const struct lane_totals *lane);
/** Code-groups that the lane has in that time. */
uint64_t lane_code_groups(const struct link_totals *totals, const struct lane_totals *lane);
/** Symbol errors between frames. */
uint64_t lane_errors_between(const struct lane_totals *lane);
/** All symbol errors of the lane. */
uint64_t lane_symbol_errors(const struct lane_totals *lane);
/** Octets of frames in Mb/s, over the whole time. */
double lane_rate(const struct link_totals *totals, const struct lane_totals *lane);

#endif
