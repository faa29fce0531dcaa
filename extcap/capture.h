/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file capture.h
 * One run of the decoders, from the files that the options name to a pcapng stream.
 */
#ifndef SCOPEDUMP_CAPTURE_H
#define SCOPEDUMP_CAPTURE_H

#include <glib.h>
#include <stdbool.h>

#include "options.h"
#include "scopedump/pcapng.h"
#include "scopedump/report.h"

/** Channels that are decoded in one run at most. */
#define CAPTURE_SIGNALS_MOST 8

/** An opened record with a decoder for each channel. */
typedef struct capture capture;

/** Opens the record that the options name. @return to be freed with sd_waveform_free(), or NULL
    with @p error set: SD_ERROR_USAGE without a record, and what sd_waveform_open() sets */
sd_waveform *capture_open_record(const options *o, GError **error);

/**
 * Opens the files and makes the decoders; writes nothing.
 * @param o     must outlive the capture
 * @param error set on failure, with the sentence for the user
 * @return to be freed with capture_free(), or NULL
 */
capture *capture_open(const options *o, GError **error);

/** Who is told how a run goes on. */
typedef struct {
    void (*progress)(capture *c, void *user); /**< Called several times a second. */
    void *user;
} capture_observer;

/**
 * Decodes it all, or until a signal asks to stop (see capture_catch_signals()).
 *
 * @param c        the capture
 * @param fd       where the pcapng goes; -1: nowhere
 * @param observer or NULL
 * @param error    set on failure: SD_ERROR_WRITE, SD_ERROR_READER_GONE, SD_ERROR_DAMAGED
 */
bool capture_run(capture *c, int fd, const capture_observer *observer, GError **error);

/**
 * Begins an output that the packets of several records go to: with the interfaces that are known
 * before the first record.
 *
 * @param o      the options
 * @param fd     where the pcapng goes
 * @param origin where the records are from, for the interfaces' description
 * @param error  set on failure: SD_ERROR_WRITE, SD_ERROR_READER_GONE
 * @return to be freed with sd_pcapng_free(), after sd_pcapng_finish() and sd_pcapng_flush(), or
 * NULL
 */
sd_pcapng *capture_output_new(const options *o, int fd, const char *origin, GError **error);

/**
 * Like capture_run(), into an output of capture_output_new(), or nowhere if that is NULL. An event
 * tells where the record begins.
 */
bool capture_run_into(capture *c, sd_pcapng *writer, const capture_observer *observer,
                      GError **error);

/** Whether a signal asked to stop before the end of the record. */
bool capture_stopped(void);

/**
 * The reports, one for each channel that is decoded; complete after capture_run().
 * @param reports receives them; has room for CAPTURE_SIGNALS_MOST
 * @return how many
 */
unsigned capture_reports(capture *c, const sd_report **reports);

/** Whether code-groups were found on every channel. */
bool capture_locked(capture *c);

/** The last lines of all reports in one, each with its channel if there are several; to be freed
    with g_free(). */
char *capture_verdict(capture *c);

/** The text of all reports; to be freed with g_free(). */
char *capture_text(capture *c);

/** The name of the record without its folder, as UTF-8; to be freed with g_free(). */
char *capture_name(const capture *c);

/** Packets written; those that wait for the interfaces are counted as well. */
guint64 capture_packets(const capture *c);

/**
 * Begins a run in steps, for a caller with a loop of its own: instead of capture_run().
 *
 * @param c     the capture
 * @param fd    where the pcapng goes; its section header is written at once
 * @param error set on failure: SD_ERROR_WRITE
 */
bool capture_begin(capture *c, int fd, GError **error);

/**
 * Decodes one more block and writes what it gave; at the end of the record, the end of the file.
 * Packets wait for the interfaces: until the speeds of all lanes are known, 8 MiB are waiting, or
 * the record ends.
 *
 * @param c        the capture
 * @param describe write the interfaces now, with what is known of them
 * @param more     receives false at the end of the record: then there is nothing left to be called
 * @param error    set on failure: SD_ERROR_WRITE
 */
bool capture_step(capture *c, bool describe, bool *more, GError **error);

/** Whether the interfaces have been written, and with them all packets that there were. */
bool capture_described(const capture *c);

/** Share of the record that has been decoded, 0 to 1. */
double capture_share(const capture *c);

/** Samples that have been decoded, of all channels. */
guint64 capture_samples(const capture *c);

void capture_free(capture *c);

/** SIGINT and SIGTERM end a run; SIGPIPE is ignored; that a record is cut short while it is decoded
    becomes an error. */
void capture_catch_signals(void);

#endif
