/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file metadata.h
 * Writes the binary metadata of record_format.h, and what a damaged frame's comment says.
 */
#ifndef SD_METADATA_H
#define SD_METADATA_H

#include <glib.h>

#include "scopedump/record.h"
#include "scopedump/settings.h"

/** Appends the metadata of @p frame to @p out. */
void sd_metadata_frame(GByteArray *out, const sd_frame *frame);

/** Appends the exported-PDU tags and the event to @p out. */
void sd_metadata_event(GByteArray *out, const sd_event *event);

/** The error bits of epb_flags for @p frame, with the FCS length. */
guint32 sd_metadata_packet_flags(const sd_frame *frame);

/** The direction bits of epb_flags. */
guint32 sd_metadata_direction_flags(sd_direction direction);

/** What is wrong with @p frame in words, to be freed with g_free(); NULL when nothing is. */
char *sd_metadata_comment(const sd_frame *frame);

#endif
