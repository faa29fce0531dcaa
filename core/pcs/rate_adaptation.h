/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file rate_adaptation.h
 * From received groups to the octets of a frame: undoes the repetition of SGMII at 10 and 100 Mb/s,
 * strips the preamble, checks the FCS, and ties every damaged group to its octet.
 *
 * The copies of an octet vote. They are aligned where the octets change, not on /S/, since /S/
 * takes the place of a copy and some devices drop or add a few.
 */
#ifndef SD_RATE_ADAPTATION_H
#define SD_RATE_ADAPTATION_H

#include "pcs/receive.h"
#include "scopedump/record.h"

/** What is known of a lane's speed. Mb/s; 0: unknown. */
typedef struct {
    unsigned fixed;  /**< The kind of link has but this one. */
    unsigned option; /**< The user gave it. */
    unsigned config; /**< The last config_reg. */
    unsigned data;   /**< The last frame that told it. */
} sd_speed_hints;

/** Buffers, used again for each frame. */
typedef struct sd_rate_adaptation sd_rate_adaptation;

/** A new context, to be freed with sd_rate_adaptation_free(). */
sd_rate_adaptation *sd_rate_adaptation_new(void);
void sd_rate_adaptation_free(sd_rate_adaptation *adaptation);

/**
 * Makes the frame.
 *
 * @param adaptation buffers; frame->octets and frame->hit point into them until the next call
 * @param received   what was received; its octets and hits are used during the call alone
 * @param hints      what is known of the speed
 * @param interval_ps picoseconds per sample, for the times of the hits
 * @param frame      receives all but lane, link, segment and times
 * @param end        receives the number of groups from the first to the last one of the frame's
 *                   last octet
 */
void sd_rate_adaptation_frame(sd_rate_adaptation *adaptation, const sd_received *received,
                              const sd_speed_hints *hints, double interval_ps, sd_frame *frame,
                              uint64_t *end);

/** How many groups, from the first on, are a frame whose FCS is good; 0 when it is not. Parameters
    as above. */
uint64_t sd_rate_adaptation_whole(sd_rate_adaptation *adaptation, const sd_received *received,
                                  const sd_speed_hints *hints);

#endif
