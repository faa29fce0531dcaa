/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file pcapng.h
 * Writes frames and events as pcapng: one interface for each lane, and one for events; and so for
 * each of several signals.
 *
 * The section header is written at once. The interfaces follow when sd_pcapng_interfaces() is
 * called; until then packets are held. So the interfaces can tell the speeds that the first of the
 * record shows.
 */
#ifndef SCOPEDUMP_PCAPNG_H
#define SCOPEDUMP_PCAPNG_H

#include <glib.h>
#include <stdbool.h>

#include "scopedump/record.h"
#include "scopedump/report.h"
#include "scopedump/settings.h"
#include "scopedump/waveform.h"

/** Link types that are written. */
enum {
    SD_LINKTYPE_ETHERNET = 1,
    SD_LINKTYPE_WIRESHARK_UPPER_PDU = 252,
};

/** One decoded signal. */
typedef struct {
    const sd_waveform *waveform; /**< For times, names and instrument; must outlive the writer, or
                                      its use until sd_pcapng_next_record(). NULL: the first record
                                      is still to come. */
    size_t channel;              /**< Index of the channel. */
    unsigned lanes;              /**< Lanes of the link, 1 to 4; 0: not known before the record. */
    sd_direction direction;      /**< Set in the flags of each packet, and told in words. */
} sd_pcapng_source;

/** What is to be written. */
typedef struct {
    const sd_pcapng_source *source; /**< Copied. The records say which one they are of. */
    unsigned sources;   /**< 1: interfaces "lane0" ... and "qsgmii". More: "tx-lane0", "rx-lane0" by
                             their direction, and "chN-lane0" by the channel without one. */
    unsigned lane_mask; /**< Lanes to write, bit 0 = lane 0. */
    bool events;        /**< Write the interfaces of events. */
    const char *filter; /**< The capture filter, for the interface's description; or NULL. */
    const char *comment; /**< On the file as a whole; or NULL. Cut at 512 bytes. Copied. */
    const char *origin;  /**< Where the packets are from, for the interface's description, if they
                            are of more than one record; NULL: file and channel of the one. */
} sd_pcapng_settings;

/** A writer. */
typedef struct sd_pcapng sd_pcapng;

/**
 * Begins a file, with its section header.
 *
 * @param fd       where to write; stays open when the writer is freed
 * @param settings copied
 * @param error    set on failure: SD_ERROR_WRITE
 * @return a writer, to be freed with sd_pcapng_free(), or NULL
 */
sd_pcapng *sd_pcapng_new(int fd, const sd_pcapng_settings *settings, GError **error);

/**
 * Goes on with another record. Its packets go to the interfaces that there are by name; lanes that
 * no record had before get theirs with the next sd_pcapng_interfaces().
 *
 * @param source  as in the settings, and as many; copied
 */
void sd_pcapng_next_record(sd_pcapng *writer, const sd_pcapng_source *source);

/**
 * Adds the interfaces, as far as that has not been done; @p reports tells their speeds, as far as
 * known, and where they are from: one report for each source. NULL, with an origin in the
 * settings: nothing is known yet.
 */
void sd_pcapng_interfaces(sd_pcapng *writer, const sd_report *const *reports);

/** Adds a frame, unless its lane is not to be written. */
void sd_pcapng_frame(sd_pcapng *writer, const sd_frame *frame);

/** Adds an event, if events are to be written. */
void sd_pcapng_event(sd_pcapng *writer, const sd_event *event);

/**
 * Adds an event that is told in words: of a record as a whole.
 *
 * @param event   its segment and times are not used for the packet's time
 * @param time_ns of the packet, since 1970 (UTC)
 * @param text    the packet's comment
 */
void sd_pcapng_notice(sd_pcapng *writer, const sd_event *event, int64_t time_ns, const char *text);

/** Counts a frame that the capture filter left out, for the interface statistics. */
void sd_pcapng_filtered(sd_pcapng *writer, const sd_frame *frame);

/** Adds the interface statistics: the end of the file. */
void sd_pcapng_finish(sd_pcapng *writer);

/**
 * Writes out what is buffered, once the interfaces have been added.
 * @param error set on failure: SD_ERROR_WRITE; SD_ERROR_READER_GONE when a pipe's other end is
 * closed
 */
bool sd_pcapng_flush(sd_pcapng *writer, GError **error);

/** Bytes that are buffered. */
size_t sd_pcapng_buffered(const sd_pcapng *writer);

/** Packets written, frames and events. */
uint64_t sd_pcapng_packets(const sd_pcapng *writer);

/** Frees the writer; what is still buffered is lost. */
void sd_pcapng_free(sd_pcapng *writer);

#endif
