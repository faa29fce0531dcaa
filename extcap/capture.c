/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture_filter.h"
#include "scopedump/decoder.h"
#include "scopedump/error.h"
#include "scopedump/merge.h"
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

/** Directions by their place on the command line; those of further channels are not known. */
static const sd_direction directions[] = {SD_DIRECTION_OUTBOUND, SD_DIRECTION_INBOUND};

struct capture {
    const options *options;
    sd_waveform *waveform;
    sd_waveform *negative; /* the second legs' file, if it is another */
    capture_filter *filter;
    sd_pcapng_source source[CAPTURE_SIGNALS_MOST];
    sd_decoder *decoder[CAPTURE_SIGNALS_MOST];
    unsigned signals;
    sd_merge *merge;   /* NULL for a single signal */
    sd_pcapng *writer; /* during capture_run(), and from capture_begin() on */
    bool described;    /* the interfaces have been written */
    guint64 packets;
};

static volatile sig_atomic_t stop;
/** Samples were read that the file no longer has. */
static volatile sig_atomic_t shortened;
static size_t page_size;

static void ask_to_stop(int number)
{
    (void)number;
    stop = 1;
}

/** Puts zeros in the place of a page of the mapped record that is no longer in the file, so that
   the run comes to where it ends in order. */
static void replace_page(int number, siginfo_t *info, void *context)
{
    (void)context;
    char *page = (char *)info->si_addr - (uintptr_t)info->si_addr % page_size;
    shortened = 1;
    if (mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
        MAP_FAILED)
        signal(number, SIG_DFL);
}

void capture_catch_signals(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    action = (struct sigaction){.sa_sigaction = replace_page, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
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

sd_waveform *capture_open_record(const options *o, GError **error)
{
    if (g_strcmp0(o->file, "-") == 0) {
        sd_waveform_options raw = o->raw;
        raw.stopped = capture_stopped;
        return sd_waveform_open_pipe(STDIN_FILENO, "standard input", &raw, error);
    }
    if (o->file != NULL)
        return sd_waveform_open(o->file, &o->raw, error);
    g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                "No record was given: choose a file (--file PATH)");
    return NULL;
}

static bool open_files(capture *c, GError **error)
{
    const options *o = c->options;
    c->waveform = capture_open_record(o, error);
    if (c->waveform == NULL)
        return false;
    if (o->file_neg == NULL)
        return true;
    c->negative = sd_waveform_open(o->file_neg, &o->raw, error);
    return c->negative != NULL;
}

/** Finds the channel that is the n-th of those given, or the first of the file if none is. */
static bool find_channel(const sd_waveform *waveform, const GPtrArray *given, guint n,
                         size_t *channel, GError **error)
{
    *channel = 0;
    return n >= given->len ||
           sd_waveform_find_channel(waveform, g_ptr_array_index(given, n), channel, error);
}

/** Finds the channels of the n-th signal and makes its decoder. */
static bool open_signal(capture *c, unsigned n, const sd_sink *sink, GError **error)
{
    const options *o = c->options;
    const bool pair = c->negative != NULL || o->channel_neg->len > 0;
    const sd_waveform *other = c->negative != NULL ? c->negative : c->waveform;
    sd_settings settings = o->settings;
    settings.direction = c->source[n].direction;
    size_t channel = c->source[n].channel, channel_neg = 0;
    if (pair && !find_channel(other, o->channel_neg, n, &channel_neg, error))
        return false;
    if (pair && other == c->waveform && channel == channel_neg) {
        g_set_error(
            error, SD_ERROR, SD_ERROR_USAGE,
            "Channel %zu cannot be both legs of the pair: its difference from itself is zero",
            channel + 1);
        return false;
    }
    c->decoder[n] = sd_decoder_new(&settings, c->waveform, channel, pair ? other : NULL,
                                   channel_neg, sink, error);
    if (c->decoder[n] == NULL)
        return false;
    c->source[n].lanes = sd_decoder_lanes(c->decoder[n]);
    return true;
}

/** Finds the channels that are to be decoded. */
static bool find_signals(capture *c, GError **error)
{
    const options *o = c->options;
    c->signals = MAX(o->channel->len, 1);
    if (c->signals > CAPTURE_SIGNALS_MOST) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "%u channels are too many for one run: give at most %d", c->signals,
                    CAPTURE_SIGNALS_MOST);
        return false;
    }
    if (o->channel_neg->len > c->signals || (c->signals > 1 && o->channel_neg->len < c->signals &&
                                             (o->channel_neg->len > 0 || c->negative != NULL))) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "Each pair is a --channel and a --channel-neg: there are %u and %u", c->signals,
                    o->channel_neg->len);
        return false;
    }
    for (unsigned n = 0; n < c->signals; n++) {
        sd_pcapng_source *source = &c->source[n];
        source->waveform = c->waveform;
        if (!find_channel(c->waveform, o->channel, n, &source->channel, error))
            return false;
        if (c->signals > 1 && n < G_N_ELEMENTS(directions))
            source->direction = directions[n];
        for (unsigned i = 0; i < n; i++) {
            if (c->source[i].channel != source->channel)
                continue;
            g_set_error(error, SD_ERROR, SD_ERROR_USAGE, "Channel %zu was given twice",
                        source->channel + 1);
            return false;
        }
    }
    return true;
}

static bool open_signals(capture *c, GError **error)
{
    const sd_sink sink = {take_frame, take_event, c};
    const sd_channel *channel[CAPTURE_SIGNALS_MOST];
    if (!find_signals(c, error))
        return false;
    for (unsigned n = 0; n < c->signals; n++)
        channel[n] = &c->waveform->channel[c->source[n].channel];
    if (c->signals > 1)
        c->merge = sd_merge_new(channel, c->signals, &sink);
    for (unsigned n = 0; n < c->signals; n++) {
        const sd_sink mine = c->merge != NULL ? sd_merge_sink(c->merge, n) : sink;
        if (!open_signal(c, n, &mine, error))
            return false;
    }
    return true;
}

capture *capture_open(const options *o, GError **error)
{
    shortened = 0;
    capture *c = g_new0(capture, 1);
    c->options = o;
    c->filter = capture_filter_new(o->filter, error);
    if (c->filter != NULL && open_files(c, error) && open_signals(c, error))
        return c;
    capture_free(c);
    return NULL;
}

void capture_free(capture *c)
{
    sd_pcapng_free(c->writer);
    for (unsigned n = 0; n < CAPTURE_SIGNALS_MOST; n++)
        sd_decoder_free(c->decoder[n]);
    sd_merge_free(c->merge);
    sd_waveform_free(c->waveform);
    sd_waveform_free(c->negative);
    capture_filter_free(c->filter);
    g_free(c);
}

static bool speeds_known(const sd_report *const *reports, const capture *c)
{
    for (unsigned n = 0; n < c->signals; n++) {
        for (unsigned i = 0; i < c->source[n].lanes; i++) {
            if (reports[n]->lane[i].data_speed == 0 && reports[n]->lane[i].config_speed == 0)
                return false;
        }
    }
    return true;
}

/** Decodes one more block of the signal that is furthest behind; false when there is none. */
static bool decode_block(capture *c)
{
    if (c->merge == NULL)
        return sd_decoder_step(c->decoder[0]);
    unsigned n;
    if (!sd_merge_next(c->merge, &n))
        return false;
    if (sd_decoder_step(c->decoder[n])) {
        uint32_t segment;
        int64_t time_ps;
        sd_decoder_reached(c->decoder[n], &segment, &time_ps);
        sd_merge_reached(c->merge, n, segment, time_ps);
    } else {
        sd_merge_ended(c->merge, n);
    }
    return true;
}

static void get_reports(capture *c, const sd_report **reports)
{
    for (unsigned n = 0; n < c->signals; n++)
        reports[n] = sd_decoder_report(c->decoder[n]);
}

double capture_share(const capture *c)
{
    double share = 0;
    for (unsigned n = 0; n < c->signals; n++)
        share += sd_decoder_progress(c->decoder[n]) / c->signals;
    return share;
}

guint64 capture_samples(const capture *c)
{
    guint64 samples = 0;
    for (unsigned n = 0; n < c->signals; n++)
        samples += sd_decoder_samples(c->decoder[n]);
    return samples;
}

/** Decodes and writes; false when that failed. */
static bool run(capture *c, bool live, const capture_observer *observer, GError **error)
{
    const sd_report *reports[CAPTURE_SIGNALS_MOST];
    gint64 flushed = g_get_monotonic_time(), told = 0;
    /* Nobody waits for the interfaces in a file: there they can tell all that is known. */
    const gsize waiting_most = live ? FLUSH_BYTES : FILE_BYTES;
    bool more = true;
    while (more && !stop) {
        more = decode_block(c);
        if (shortened)
            break;
        const gint64 now = g_get_monotonic_time();
        const bool due = now - flushed >= FLUSH_US;
        get_reports(c, reports);
        if (c->writer != NULL && ((due && live) || sd_pcapng_buffered(c->writer) >= waiting_most ||
                                  speeds_known(reports, c)))
            sd_pcapng_interfaces(c->writer, reports);
        if (c->writer != NULL && (due || sd_pcapng_buffered(c->writer) >= FLUSH_BYTES)) {
            if (!sd_pcapng_flush(c->writer, error))
                return false;
            flushed = now;
        }
        if (observer != NULL && now - told >= PROGRESS_US) {
            observer->progress(c, observer->user);
            told = now;
        }
    }
    get_reports(c, reports);
    if (c->writer != NULL)
        sd_pcapng_interfaces(c->writer, reports);
    if (c->writer != NULL && !sd_pcapng_flush(c->writer, error))
        return false;
    if (shortened)
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s was made shorter while it was being decoded: what came behind is lost",
                    c->options->file);
    return !shortened && sd_waveform_check(c->waveform, error);
}

/** What the options say of the output; without the sources. */
static sd_pcapng_settings output_settings(const options *o)
{
    return (sd_pcapng_settings){
        .lane_mask = o->lane_mask,
        .events = o->events,
        .filter = o->filter != NULL && *o->filter != '\0' ? o->filter : NULL,
        .comment = o->comment,
    };
}

bool capture_begin(capture *c, int fd, GError **error)
{
    sd_pcapng_settings settings = output_settings(c->options);
    settings.source = c->source;
    settings.sources = c->signals;
    c->writer = sd_pcapng_new(fd, &settings, error);
    return c->writer != NULL;
}

sd_pcapng *capture_output_new(const options *o, int fd, const char *origin, GError **error)
{
    sd_pcapng_source source[CAPTURE_SIGNALS_MOST] = {0};
    sd_pcapng_settings settings = output_settings(o);
    settings.source = source;
    settings.sources = MIN(MAX(o->channel->len, 1), CAPTURE_SIGNALS_MOST);
    settings.origin = origin;
    /* every link has lane 0; those of one without a direction are named by its channel */
    for (unsigned n = 0; n < settings.sources; n++) {
        const bool named = settings.sources == 1 || n < G_N_ELEMENTS(directions);
        if (settings.sources > 1 && named)
            source[n].direction = directions[n];
        if (named)
            source[n].lanes = o->settings.link == SD_LINK_QSGMII ? SD_REPORT_LANES : 1;
    }
    sd_pcapng *writer = sd_pcapng_new(fd, &settings, error);
    if (writer == NULL)
        return NULL;
    sd_pcapng_interfaces(writer, NULL);
    if (sd_pcapng_flush(writer, error))
        return writer;
    sd_pcapng_free(writer);
    return NULL;
}

bool capture_step(capture *c, bool describe, bool *more, GError **error)
{
    const sd_report *reports[CAPTURE_SIGNALS_MOST];
    *more = decode_block(c);
    get_reports(c, reports);
    if (describe || !*more || sd_pcapng_buffered(c->writer) >= FILE_BYTES ||
        speeds_known(reports, c)) {
        sd_pcapng_interfaces(c->writer, reports);
        c->described = true;
    }
    if (!*more)
        sd_pcapng_finish(c->writer);
    return sd_pcapng_flush(c->writer, error);
}

bool capture_described(const capture *c)
{
    return c->described;
}

bool capture_run(capture *c, int fd, const capture_observer *observer, GError **error)
{
    if (fd >= 0 && !capture_begin(c, fd, error))
        return false;
    struct stat status;
    const bool live = fd >= 0 && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode);
    bool good = run(c, live, observer, error);
    if (c->writer != NULL) {
        sd_pcapng_finish(c->writer);
        good = sd_pcapng_flush(c->writer, good ? error : NULL) && good;
    }
    c->packets = capture_packets(c);
    g_clear_pointer(&c->writer, sd_pcapng_free);
    return good;
}

/** Tells where a record begins, and which one it is. */
static void announce(capture *c)
{
    for (unsigned n = 0; n < c->signals; n++) {
        const sd_report *report = sd_decoder_report(c->decoder[n]);
        const sd_event event = {
            .kind = SD_EVENT_RECORD,
            .source = (uint8_t)n,
            .lane = SD_LANE_NONE,
            .link = (uint8_t)report->link,
        };
        g_autofree char *origin = sd_report_origin(report);
        g_autofree char *text = report->instrument != NULL
                                    ? g_strdup_printf("%s, %s", origin, report->instrument)
                                    : g_strdup(origin);
        sd_pcapng_notice(c->writer, &event, report->time_ns, text);
    }
}

bool capture_run_into(capture *c, sd_pcapng *writer, const capture_observer *observer,
                      GError **error)
{
    const guint64 before = writer != NULL ? sd_pcapng_packets(writer) : 0;
    c->writer = writer;
    if (writer != NULL) {
        sd_pcapng_next_record(writer, c->source);
        announce(c);
    }
    const bool good = run(c, true, observer, error);
    c->packets = capture_packets(c) - before;
    c->writer = NULL;
    return good;
}

unsigned capture_reports(capture *c, const sd_report **reports)
{
    get_reports(c, reports);
    return c->signals;
}

bool capture_locked(capture *c)
{
    bool locked = true;
    for (unsigned n = 0; n < c->signals; n++)
        locked = locked && sd_decoder_report(c->decoder[n])->lock;
    return locked;
}

char *capture_verdict(capture *c)
{
    GString *text = g_string_new(NULL);
    for (unsigned n = 0; n < c->signals; n++) {
        const sd_report *report = sd_decoder_report(c->decoder[n]);
        char *verdict = sd_report_verdict(report);
        if (c->signals > 1)
            g_string_append_printf(text, "%sChannel %s: ", n > 0 ? " " : "", report->channel);
        g_string_append(text, verdict);
        g_free(verdict);
    }
    return g_string_free(text, FALSE);
}

char *capture_text(capture *c)
{
    GString *text = g_string_new(NULL);
    for (unsigned n = 0; n < c->signals; n++) {
        char *one = sd_report_text(sd_decoder_report(c->decoder[n]));
        g_string_append_printf(text, "%s%s", n > 0 ? "\n" : "", one);
        g_free(one);
    }
    return g_string_free(text, FALSE);
}

char *capture_name(const capture *c)
{
    return g_filename_display_basename(c->options->file);
}

guint64 capture_packets(const capture *c)
{
    return c->writer != NULL ? sd_pcapng_packets(c->writer) : c->packets;
}
