/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file decoded_record.h
 * A record with what has been decoded of it: a temporary pcapng file that grows as its packets are
 * asked for.
 *
 * A decoded record outlives its users for a while: Wireshark opens a file for the preview in its
 * dialog and again when it is chosen, and the second time goes on where the first one stopped. It
 * is the same record as long as device, inode, size and time of the file are the same, and the
 * options.
 */
#ifndef SCOPEDUMP_DECODED_RECORD_H
#define SCOPEDUMP_DECODED_RECORD_H

#include <glib.h>
#include <stdbool.h>

/** A record. */
typedef struct decoded_record decoded_record;

/**
 * Opens a record, or finds it again. Of a new one so much is decoded that the interfaces can be
 * told, but no more than a part of a second takes.
 *
 * @param path  the file
 * @param error set on failure, with the sentence for the user
 * @return to be closed with decoded_record_close(), or NULL
 */
decoded_record *decoded_record_open(const char *path, GError **error);

/** Ends a use of the record; NULL is ignored. */
void decoded_record_close(decoded_record *record);

/** Where the pcapng can be opened for reading. It begins with the interfaces. */
const char *decoded_record_pcapng(const decoded_record *record);

/**
 * Decodes until the pcapng holds a packet.
 *
 * @param record the record
 * @param packet number of the packet, from 0
 * @param error  set on failure
 * @return false at the end of the record, and on failure
 */
bool decoded_record_reach(decoded_record *record, guint64 packet, GError **error);

/** Share that has been read by who has read @p packets of the record's packets, 0 to 1. */
double decoded_record_share(const decoded_record *record, guint64 packets);

/** Why nothing could be decoded: a sentence, or NULL. Known at the end of the record. */
const char *decoded_record_fault(const decoded_record *record);

#endif
