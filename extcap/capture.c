/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture.h"

#include <signal.h>
#include <sys/stat.h>

#include "capture_filter.h"
#include "scopedump/decoder.h"
#include "scopedump/error.h"
#include "scopedump/pcapng.h"

/** Microseconds after which what is buffered is written out. A step takes far less than the rest of
    the 50 ms that are promised. */
#define FLUSH_US 20000
/** Bytes after which it is written out at once. */
#define FLUSH_BYTES 65536
/** Bytes that wait in memory for the speeds of all lanes, when the output is a file. */
#define FILE_BYTES (8U << 20)
/** Microseconds between two calls that tell the progress. */
#define PROGRESS_US 100000

struct capture {
    const options *options;
    sd_waveform *waveform;
    sd_waveform *negative; /* the second leg's file, if it is another */
    capture_filter *filter;
    sd_decoder *decoder;
    sd_pcapng *writer; /* during capture_run() */
    guint64 packets;
};

static volatile sig_atomic_t stop;

static void ask_to_stop(int number)
{
    (void)number;
    stop = 1;
}

void capture_catch_signals(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

bool capture_stopped(void)
{
    return stop != 0;
}

static void take_frame(const sd_frame *frame, void *user)
{
    capture *c = user;
    if (c->writer == NULL)
        return;
    if (capture_filter_pass(c->filter, frame))
        sd_pcapng_frame(c->writer, frame);
    else
        sd_pcapng_filtered(c->writer, frame);
}

static void take_event(const sd_event *event, void *user)
{
    capture *c = user;
    if (c->writer != NULL)
        sd_pcapng_event(c->writer, event);
}

static bool open_files(capture *c, GError **error)
{
    const options *o = c->options;
    if (o->file == NULL) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "No record was given: choose a file (--file PATH)");
        return false;
    }
    if (o->file_neg == NULL && o->channel_neg != 0 && o->channel_neg == MAX(o->channel, 1)) {
        g_set_error(
            error, SD_ERROR, SD_ERROR_USAGE,
            "Channel %d cannot be both legs of the pair: its difference from itself is zero",
            o->channel_neg);
        return false;
    }
    c->waveform = sd_waveform_open(o->file, &o->raw, error);
    if (c->waveform == NULL)
        return false;
    if (o->file_neg == NULL)
        return true;
    c->negative = sd_waveform_open(o->file_neg, &o->raw, error);
    return c->negative != NULL;
}

capture *capture_open(const options *o, GError **error)
{
    capture *c = g_new0(capture, 1);
    const sd_sink sink = {take_frame, take_event, c};
    c->options = o;
    c->filter = capture_filter_new(o->filter, error);
    if (c->filter != NULL && open_files(c, error)) {
        const sd_waveform *negative = c->negative           ? c->negative
                                      : o->channel_neg != 0 ? c->waveform
                                                            : NULL;
        c->decoder = sd_decoder_new(&o->settings, c->waveform, (size_t)MAX(o->channel, 1) - 1,
                                    negative, (size_t)MAX(o->channel_neg, 1) - 1, &sink, error);
    }
    if (c->decoder != NULL)
        return c;
    capture_free(c);
    return NULL;
}

void capture_free(capture *c)
{
    sd_decoder_free(c->decoder);
    sd_waveform_free(c->waveform);
    sd_waveform_free(c->negative);
    capture_filter_free(c->filter);
    g_free(c);
}

static bool speeds_known(const sd_report *r, unsigned lanes)
{
    for (unsigned i = 0; i < lanes; i++) {
        if (r->lane[i].data_speed == 0 && r->lane[i].config_speed == 0)
            return false;
    }
    return true;
}

/** Decodes and writes; false when that failed. */
static bool run(capture *c, bool live, capture_progress progress, GError **error)
{
    const unsigned lanes = sd_decoder_lanes(c->decoder);
    gint64 flushed = g_get_monotonic_time(), told = 0;
    /* Nobody waits for the interfaces in a file: there they can tell all that is known. */
    const gsize waiting_most = live ? FLUSH_BYTES : FILE_BYTES;
    bool more = true;
    while (more && !stop) {
        more = sd_decoder_step(c->decoder);
        const gint64 now = g_get_monotonic_time();
        const bool due = now - flushed >= FLUSH_US;
        const sd_report *report = sd_decoder_report(c->decoder);
        if (c->writer != NULL && ((due && live) || sd_pcapng_buffered(c->writer) >= waiting_most ||
                                  speeds_known(report, lanes)))
            sd_pcapng_interfaces(c->writer, report);
        if (c->writer != NULL && (due || sd_pcapng_buffered(c->writer) >= FLUSH_BYTES)) {
            if (!sd_pcapng_flush(c->writer, error))
                return false;
            flushed = now;
        }
        if (progress != NULL && now - told >= PROGRESS_US) {
            progress(sd_decoder_progress(c->decoder));
            told = now;
        }
    }
    if (c->writer == NULL)
        return true;
    sd_pcapng_interfaces(c->writer, sd_decoder_report(c->decoder));
    sd_pcapng_finish(c->writer);
    return sd_pcapng_flush(c->writer, error);
}

bool capture_run(capture *c, int fd, capture_progress progress, GError **error)
{
    const options *o = c->options;
    if (fd >= 0) {
        const sd_pcapng_settings settings = {
            .waveform = c->waveform,
            .channel = (size_t)MAX(o->channel, 1) - 1,
            .lanes = sd_decoder_lanes(c->decoder),
            .lane_mask = o->lane_mask,
            .events = o->events,
            .filter = o->filter != NULL && *o->filter != '\0' ? o->filter : NULL,
        };
        c->writer = sd_pcapng_new(fd, &settings, error);
        if (c->writer == NULL)
            return false;
    }
    struct stat status;
    const bool live = fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode);
    const bool good = run(c, live, progress, error);
    if (c->writer != NULL)
        c->packets = sd_pcapng_packets(c->writer);
    g_clear_pointer(&c->writer, sd_pcapng_free);
    return good;
}

const sd_report *capture_report(capture *c)
{
    return sd_decoder_report(c->decoder);
}

guint64 capture_packets(const capture *c)
{
    return c->packets;
}
