/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file lane.h
 * The PCS of one lane: synchronisation, reception, configuration, and what it did over time.
 */
#ifndef SD_LANE_H
#define SD_LANE_H

#include <glib.h>

#include "linecode/code_group.h"
#include "pcs/rate_adaptation.h"
#include "scopedump/record.h"
#include "scopedump/report.h"

/** What a lane is told of the line. */
typedef struct {
    uint8_t lane;           /**< 0 to 3 */
    uint32_t segment;       /**< From 0. */
    sd_position group_span; /**< Ten unit intervals. */
    unsigned lanes;         /**< Of the link: the next group of the lane begins so many later. */
    double interval_ps;     /**< Picoseconds per sample. */
    sd_speed_hints hints;   /**< Speeds fixed by the link or given by the user. */
} sd_lane_settings;

/** One lane; one for each segment. */
typedef struct sd_lane sd_lane;

/**
 * @param settings copied
 * @param report   the lane's part of the report, to which this adds; must outlive the lane
 * @param sink     copied; its frames and events have no kind of link yet
 * @return a new lane, to be freed with sd_lane_free()
 */
sd_lane *sd_lane_new(const sd_lane_settings *settings, sd_lane_report *report, const sd_sink *sink);
void sd_lane_free(sd_lane *lane);

/** Takes the lane's own of the next code-groups of the line. */
void sd_lane_push(sd_lane *lane, const sd_code_group *groups, size_t count);

/** No more follow. */
void sd_lane_finish(sd_lane *lane);

/**
 * The earliest time, in picoseconds from the segment's first sample, that a frame or event still to
 * come can have; INT64_MIN before the first code-group.
 */
int64_t sd_lane_horizon(const sd_lane *lane);

#endif
