/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file order.h
 * Puts the frames and events of all lanes in order of time. A frame at 10 Mb/s ends long after
 * faster ones that began later.
 */
#ifndef SD_ORDER_H
#define SD_ORDER_H

#include "scopedump/record.h"

/** Holds records until nothing earlier can come. */
typedef struct sd_order sd_order;

/** @p sink is copied; returns a new context, to be freed with sd_order_free(). */
sd_order *sd_order_new(const sd_sink *sink);
void sd_order_free(sd_order *order);

/** Takes copies. */
void sd_order_frame(sd_order *order, const sd_frame *frame);
void sd_order_event(sd_order *order, const sd_event *event);

/** The same, in the order of @p at_ps instead of the records' own times. */
void sd_order_frame_at(sd_order *order, const sd_frame *frame, int64_t at_ps);
void sd_order_event_at(sd_order *order, const sd_event *event, int64_t at_ps);

/**
 * Hands on all that begins before @p horizon, in order; and the oldest beyond it while more is held
 * than fits the bound on memory.
 *
 * @param horizon picoseconds from the segment's first sample; INT64_MAX: all
 */
void sd_order_release(sd_order *order, int64_t horizon);

#endif
