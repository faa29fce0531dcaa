/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file receive.h
 * The receive state diagram of clause 36 (figures 36-7a and 36-7b) for one lane: from code-groups
 * to what lies between a start and an end, and to ordered sets.
 *
 * Where the diagram would drop what it received, this one hands it on and says how it began and
 * ended.
 */
#ifndef SD_RECEIVE_H
#define SD_RECEIVE_H

#include <glib.h>
#include <stdbool.h>

#include "linecode/code_group.h"
#include "scopedump/record_format.h"

/** Code-groups of one frame that are kept; beyond, they are counted. That is a frame of 41,943
    octets at 10 Mb/s, where each octet is sent 100 times. */
#define SD_RECEIVE_GROUPS_MAX (4U << 20)
/** Damaged code-groups of one frame that are kept; beyond, they are counted. */
#define SD_RECEIVE_HITS_MAX 4096U

/** A damaged code-group. */
typedef struct {
    sd_position start;
    int64_t index;       /**< In the groups from the first on; negative: so many before it (gap). */
    uint16_t bits;       /**< Bit 0 = a. */
    uint8_t kind;        /**< SD_HIT_KIND_...; 0: an error that shows in another group, or a slip
                              that seems to be elsewhere, may have hit this one. */
    uint8_t uncertainty; /**< As in sd_code_group. */
    bool either;         /**< SD_GROUP_EITHER: `other` may be its octet. */
    uint8_t other;
} sd_received_hit;

/** What lies between a start and an end, before rate adaptation. */
typedef struct {
    sd_begin begin;
    sd_end end;
    bool error_v;               /**< /V/ inside. */
    bool extended;              /**< More /R/ than the end delimiter has. */
    sd_position start;          /**< Beginning of the first group. */
    sd_position last;           /**< Beginning of the last one that can be an octet. */
    uint64_t groups;            /**< Groups in all; the first is /S/ when there was one. */
    const uint8_t *octet;       /**< Of each group kept: min(groups, SD_RECEIVE_GROUPS_MAX). /S/ is
                                     given as the preamble octet 0x55, whose place it takes. */
    uint64_t gap;               /**< Groups between the last octet before and the first of this;
                                     UINT64_MAX when unknown. */
    const sd_received_hit *hit; /**< Those kept, in order; index >= groups: in the end delimiter. */
    size_t hits;
    uint32_t invalid, disparity; /**< All but those in the gap. */
    uint32_t hits_total;         /**< All. */
} sd_received;

/** What the lane carries between frames. */
typedef enum {
    SD_SET_IDLE,           /**< /I/ */
    SD_SET_CONFIGURATION,  /**< /C/, with its config_reg */
    SD_SET_LOW_POWER_IDLE, /**< /LI/ */
} sd_ordered_set;

/** Where the results go. */
typedef struct {
    /** Returns how many of the last groups are not the frame's: a damaged /T/. */
    uint64_t (*frame)(const sd_received *received, void *user);
    /** Returns how many groups, from the first on, of what was received until the signal was gone
        are a whole frame by its FCS; 0: it is none. */
    uint64_t (*whole)(const sd_received *received, void *user);
    /** An ordered set that begins at @p start. */
    void (*ordered_set)(sd_ordered_set set, uint16_t config_reg, sd_position start, void *user);
    /** Code-groups that are neither idle nor a frame. */
    void (*false_carrier)(sd_position start, uint64_t groups, void *user);
    /** A damaged code-group outside frames. */
    void (*gap_hit)(const sd_received_hit *hit, void *user);
    void *user;
} sd_receive_sink;

/** Receives; one for each lane and segment. */
typedef struct sd_receive sd_receive;

/** A new context, to be freed with sd_receive_free(). */
sd_receive *sd_receive_new(const sd_receive_sink *sink);
void sd_receive_free(sd_receive *receive);

/** Takes the next code-group of the lane. */
void sd_receive_push(sd_receive *receive, const sd_code_group *group);

/**
 * Inside a frame, takes data code-groups without damage as long as they come, which is what most
 * code-groups are: the same as sd_receive_push() with each, but faster.
 *
 * @param receive the context
 * @param groups  the next code-groups of the line, the first of this lane
 * @param count   number of groups
 * @param lanes   how many lanes take turns
 * @return how many of the lane's groups were taken; 0 outside frames
 */
size_t sd_receive_data(sd_receive *receive, const sd_code_group *groups, size_t count,
                       unsigned lanes);

/**
 * In the midst of idle, takes whole idle ordered sets without damage as long as they come: the same
 * as sd_receive_push() with each of their groups, but that the ordered sets are not handed on.
 * Parameters as above.
 *
 * @return how many idle ordered sets were taken, and would have been handed on
 */
size_t sd_receive_idle(sd_receive *receive, const sd_code_group *groups, size_t count,
                       unsigned lanes);

/** No more code-groups follow: hands on the frame that is open. */
void sd_receive_finish(sd_receive *receive);

/** Whether a frame is open, and where it began. */
bool sd_receive_open(const sd_receive *receive, sd_position *start);

#endif
