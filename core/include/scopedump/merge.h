/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file merge.h
 * Puts the frames and events of several channels, decoded in step, in one order: by segment, and by
 * absolute time within it.
 *
 * Go on with the source that sd_merge_next() names, and tell after each step how far it has come.
 * So the sources stay together, and little is held.
 */
#ifndef SCOPEDUMP_MERGE_H
#define SCOPEDUMP_MERGE_H

#include <stdbool.h>

#include "scopedump/record.h"
#include "scopedump/waveform.h"

/** Holds records until no source can give an earlier one. */
typedef struct sd_merge sd_merge;

/**
 * @param channel where the times of the segments of each source stand; the channels must outlive
 *                the merge, the array need not
 * @param sources how many, at least 1
 * @param sink    where all records go, with their source filled in; copied
 * @return to be freed with sd_merge_free()
 */
sd_merge *sd_merge_new(const sd_channel *const *channel, unsigned sources, const sd_sink *sink);

/** Frees; NULL is ignored. What is still held is lost. */
void sd_merge_free(sd_merge *merge);

/** Where @p source hands its records, in order of time within each segment. */
sd_sink sd_merge_sink(sd_merge *merge, unsigned source);

/** The source that is furthest behind. @return false when all have ended */
bool sd_merge_next(const sd_merge *merge, unsigned *source);

/** Tells that @p source gives nothing more that is earlier than @p time_ps in @p segment, and hands
    on what is sure by now. */
void sd_merge_reached(sd_merge *merge, unsigned source, uint32_t segment, int64_t time_ps);

/** Tells that @p source gives nothing more, and hands on what is sure by now. */
void sd_merge_ended(sd_merge *merge, unsigned source);

#endif
