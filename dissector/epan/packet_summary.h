/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file packet_summary.h
 * What the statistics are told of a packet, through the tap "qsgmii", and the filter "this lane".
 */
#ifndef SCOPEDUMP_PACKET_SUMMARY_H
#define SCOPEDUMP_PACKET_SUMMARY_H

#include "frame_hits.h"

#include <epan/tap.h>

/** A frame or an event, as it is handed to the statistics. Lives as long as the packet. */
struct packet_summary {
    const char *direction; /**< What stands before "lane0" in the interface's name: "", "tx-". */
    bool is_event;
    uint8_t lane;    /**< SD_LANE_NONE for an event of the whole line. */
    uint8_t link;    /**< sd_link */
    uint32_t record; /**< Of a watched folder: number of the packet that told its begin; or 0. */
    uint32_t segment;
    int64_t time_ps, duration_ps;
    union {
        struct {
            uint8_t begin, end, flags; /**< sd_begin, sd_end, SD_FRAME_... */
            bool cut;
            uint32_t speed, gap, invalid, disparity, wire_length;
            struct hit_frame of_hits;
            struct hits hits;
        } frame;
        struct {
            unsigned kind; /**< sd_event_kind */
            uint32_t value, count;
            const char *name, *words; /**< Of its kind; all that it says but the lane. */
        } event;
    };
};

/** Hands the summary, whose direction and record are not set yet, to the statistics that listen. */
void packet_summary_queue(packet_info *pinfo, const struct packet_summary *summary);

/** Registers the tap and the conversation filter. */
void packet_summary_register(void);

#endif
