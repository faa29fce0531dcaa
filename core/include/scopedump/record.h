/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file record.h
 * What is handed on: frames and events. Damage in the signal is data here, never an error.
 *
 * Times are picoseconds from the first sample of the segment.
 */
#ifndef SCOPEDUMP_RECORD_H
#define SCOPEDUMP_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "scopedump/position.h"
#include "scopedump/record_format.h"

/** Octets of one frame that are kept: Wireshark's own limit. */
#define SD_FRAME_OCTETS_MAX 262144U

/** A damaged code-group; the meaning of the numbers is told in record_format.h. */
typedef struct {
    int32_t octet;       /**< Offset in the frame, the preamble, or the gap. */
    uint8_t where;       /**< SD_HIT_FRAME, _PREAMBLE, _GAP, _END */
    uint8_t kind;        /**< SD_HIT_KIND_... */
    uint8_t uncertainty; /**< Of a disparity error: the error may have hit another code-group, up to
                              so many before this one on the line, whatever their lanes. */
    uint16_t bits;       /**< As received; bit 0 = a. */
    uint32_t copy;       /**< Which copy of the octet, from 0. */
    sd_position start;   /**< Beginning of the group's first bit. */
    int64_t time_ps;     /**< The same in picoseconds. */
} sd_hit;

/** A frame. */
typedef struct {
    uint8_t source; /**< Which of the channels that are decoded together, from 0. */
    uint8_t lane;
    uint8_t link;          /**< sd_link */
    uint8_t speed_source;  /**< sd_speed_source */
    uint8_t begin;         /**< sd_begin */
    uint8_t end;           /**< sd_end */
    uint8_t flags;         /**< SD_FRAME_... */
    uint32_t speed;        /**< Mb/s */
    uint32_t config_speed; /**< Mb/s of the lane's last config_reg, 0 without one. */
    uint32_t segment;      /**< From 0. */
    uint32_t preamble;     /**< Octets seen, /S/ counted, SFD not. */
    uint32_t gap;          /**< Octet times before it, or SD_GAP_UNKNOWN. */
    uint32_t invalid;      /**< Invalid code-groups in preamble, frame and end delimiter. */
    uint32_t disparity;    /**< Disparity errors in the same. */
    uint32_t wire_length;  /**< Octets on the line, from destination address to FCS. */
    uint32_t length;       /**< Octets kept: octets[0] to octets[length - 1]. */
    uint32_t hits_total;   /**< All hits. */
    uint32_t hits;         /**< Hits kept, at most SD_HITS_MAX. */
    sd_position start;     /**< Beginning of the first bit. */
    int64_t time_ps;       /**< The same in picoseconds. */
    int64_t duration_ps;   /**< To the end of the last octet. */
    const uint8_t *octets; /**< Owned by whoever hands the frame on. */
    const sd_hit *hit;     /**< The same. */
} sd_frame;

/** An event of the link. */
typedef struct {
    uint16_t kind;       /**< sd_event_kind */
    uint8_t source;      /**< Which of the channels that are decoded together, from 0. */
    uint8_t lane;        /**< 0 to 3, or SD_LANE_NONE */
    uint8_t link;        /**< sd_link */
    uint32_t segment;    /**< From 0. */
    uint32_t value;      /**< See sd_event_kind. */
    uint32_t count;      /**< See sd_event_kind. */
    sd_position start;   /**< Where it begins. */
    int64_t time_ps;     /**< The same in picoseconds. */
    int64_t duration_ps; /**< 0 when it has none. */
} sd_event;

/** Where frames and events go; they are valid during the call alone. */
typedef struct {
    void (*frame)(const sd_frame *frame, void *user);
    void (*event)(const sd_event *event, void *user);
    void *user;
} sd_sink;

#endif
