/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "measure.h"
#include "scopedump/decoder.h"
#include "scopedump/pcapng.h"

/** A run. */
typedef struct {
    sd_pcapng *writer; /* NULL until the number of lanes is known */
    bench_decoded *decoded;
    bench_time begin;
} run;

static void take_frame(const sd_frame *frame, void *user)
{
    run *r = user;
    if (r->decoded->frames++ == 0)
        r->decoded->first_frame_seconds = bench_since(r->begin).seconds;
    sd_pcapng_frame(r->writer, frame);
}

static void take_event(const sd_event *event, void *user)
{
    run *r = user;
    r->decoded->events++;
    sd_pcapng_event(r->writer, event);
}

static void ignore_frame(const sd_frame *frame, void *user)
{
    (void)frame;
    (void)user;
}

static void ignore_event(const sd_event *event, void *user)
{
    (void)event;
    (void)user;
}

const sd_sink bench_nowhere = {ignore_frame, ignore_event, NULL};

static bool speeds_known(const sd_report *report, unsigned lanes)
{
    for (unsigned i = 0; i < lanes; i++) {
        if (report->lane[i].data_speed == 0 && report->lane[i].config_speed == 0)
            return false;
    }
    return true;
}

/** Decodes and writes. */
static bool decode(run *r, sd_decoder *decoder, GError **error)
{
    const unsigned lanes = sd_decoder_lanes(decoder);
    bool more = true, interfaces = false;
    while (more) {
        more = sd_decoder_step(decoder);
        const sd_report *report = sd_decoder_report(decoder);
        if (!interfaces && (speeds_known(report, lanes) || !more)) {
            sd_pcapng_interfaces(r->writer, &report);
            interfaces = true;
        }
        if (sd_pcapng_buffered(r->writer) >= BENCH_FLUSH_BYTES &&
            !sd_pcapng_flush(r->writer, error))
            return false;
    }
    sd_pcapng_finish(r->writer);
    return sd_pcapng_flush(r->writer, error);
}

bool bench_decode(const sd_waveform *waveform, sd_cpu cpu, unsigned threads, int fd,
                  bench_decoded *decoded, GError **error)
{
    run r = {.decoded = decoded, .begin = bench_now()};
    *decoded = (bench_decoded){.first_frame_seconds = NAN};
    sd_settings settings = sd_settings_default();
    settings.cpu = cpu;
    settings.threads = threads;
    const sd_sink sink = {take_frame, take_event, &r};
    sd_decoder *decoder = sd_decoder_new(&settings, waveform, 0, NULL, 0, &sink, error);
    if (decoder == NULL)
        return false;
    const sd_pcapng_source source = {.waveform = waveform, .lanes = sd_decoder_lanes(decoder)};
    const sd_pcapng_settings writer = {
        .source = &source,
        .sources = 1,
        .lane_mask = ~0U,
        .events = true,
    };
    r.writer = sd_pcapng_new(fd, &writer, error);
    const bool good = r.writer != NULL && decode(&r, decoder, error);
    const sd_report *report = sd_decoder_report(decoder);
    decoded->groups = report->groups;
    sd_pcapng_free(r.writer);
    sd_decoder_free(decoder);
    return good;
}

int bench_open_unnamed(const char *folder, GError **error)
{
    g_autofree char *name = g_build_filename(folder, "scopedump-bench-XXXXXX", NULL);
    const int fd = g_mkstemp(name);
    if (fd < 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "Cannot make a file in %s: %s", folder, g_strerror(errno));
    else
        g_unlink(name);
    return fd;
}
