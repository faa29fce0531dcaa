/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stages_frames.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "decode.h"
#include "pcs/fcs.h"
#include "record/order.h"
#include "scopedump/decoder.h"
#include "scopedump/pcapng.h"

/** Frames between two moments at which those in order are handed on. */
#define RELEASE_FRAMES 256

/** A frame or an event. */
typedef struct {
    bool is_event;
    sd_frame frame;
    uint8_t *octets; /* of the frame */
    sd_hit *hit;
    sd_event event;
} item;

struct bench_frames {
    const sd_waveform *waveform;
    sd_decoder *decoder; /* for its report */
    unsigned lanes;
    GArray *items; /* item, in order */
    int null;      /* where pcapng goes */
    uint64_t good; /* frames, as far as the FCS tells */
};

static void keep_frame(const sd_frame *frame, void *user)
{
    bench_frames *f = user;
    item i = {
        .frame = *frame,
        .octets = g_memdup2(frame->octets, frame->length),
        .hit = g_memdup2(frame->hit, frame->hits * sizeof *frame->hit),
    };
    i.frame.octets = i.octets;
    i.frame.hit = i.hit;
    g_array_append_val(f->items, i);
}

static void keep_event(const sd_event *event, void *user)
{
    bench_frames *f = user;
    const item i = {.is_event = true, .event = *event};
    g_array_append_val(f->items, i);
}

static void free_item(gpointer data)
{
    item *i = data;
    g_free(i->octets);
    g_free(i->hit);
}

bench_frames *bench_frames_new(const sd_waveform *waveform, sd_cpu cpu, GError **error)
{
    bench_frames *f = g_new0(bench_frames, 1);
    const sd_sink sink = {keep_frame, keep_event, f};
    sd_settings settings = sd_settings_default();
    settings.cpu = cpu;
    f->waveform = waveform;
    f->items = g_array_new(FALSE, FALSE, sizeof(item));
    g_array_set_clear_func(f->items, free_item);
    f->null = g_open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (f->null < 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "Cannot open /dev/null: %s", g_strerror(errno));
    else
        f->decoder = sd_decoder_new(&settings, waveform, 0, NULL, 0, &sink, error);
    if (f->decoder == NULL) {
        bench_frames_free(f);
        return NULL;
    }
    f->lanes = sd_decoder_lanes(f->decoder);
    while (sd_decoder_step(f->decoder))
        ;
    return f;
}

void bench_frames_free(bench_frames *f)
{
    sd_decoder_free(f->decoder);
    g_array_free(f->items, TRUE);
    if (f->null >= 0)
        close(f->null);
    g_free(f);
}

unsigned bench_frames_lanes(const bench_frames *f)
{
    return f->lanes;
}

void bench_fcs(bench_frames *f)
{
    f->good = 0;
    for (guint i = 0; i < f->items->len; i++) {
        const item *one = &g_array_index(f->items, item, i);
        if (!one->is_event)
            f->good += sd_fcs_good(one->frame.octets, one->frame.length);
    }
}

void bench_order(bench_frames *f)
{
    sd_order *order = sd_order_new(&bench_nowhere);
    for (guint i = 0; i < f->items->len; i++) {
        const item *one = &g_array_index(f->items, item, i);
        if (one->is_event)
            sd_order_event(order, &one->event);
        else
            sd_order_frame(order, &one->frame);
        if (i % RELEASE_FRAMES == 0)
            sd_order_release(order, one->is_event ? one->event.time_ps : one->frame.time_ps);
    }
    sd_order_release(order, G_MAXINT64);
    sd_order_free(order);
}

bool bench_pcapng(bench_frames *f, GError **error)
{
    const sd_pcapng_source source = {.waveform = f->waveform, .lanes = f->lanes};
    const sd_pcapng_settings settings = {
        .source = &source,
        .sources = 1,
        .lane_mask = ~0U,
        .events = true,
    };
    const sd_report *report = sd_decoder_report(f->decoder);
    sd_pcapng *writer = sd_pcapng_new(f->null, &settings, error);
    if (writer == NULL)
        return false;
    sd_pcapng_interfaces(writer, &report);
    bool good = true;
    for (guint i = 0; good && i < f->items->len; i++) {
        const item *one = &g_array_index(f->items, item, i);
        if (one->is_event)
            sd_pcapng_event(writer, &one->event);
        else
            sd_pcapng_frame(writer, &one->frame);
        if (sd_pcapng_buffered(writer) >= BENCH_FLUSH_BYTES)
            good = sd_pcapng_flush(writer, error);
    }
    sd_pcapng_finish(writer);
    good = good && sd_pcapng_flush(writer, error);
    sd_pcapng_free(writer);
    return good;
}
