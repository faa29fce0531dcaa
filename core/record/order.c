/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/order.h"

#include <glib.h>
#include <stdbool.h>

/** Bytes held at most. */
#define HELD_MOST (16U << 20)

/** A frame or an event, with copies of what it points to. */
typedef struct {
    int64_t time_ps;
    size_t size;
    bool is_event;
    guint8 *octets; /* copies of what the frame points to */
    sd_hit *hit;
    union {
        sd_frame frame;
        sd_event event;
    };
} entry;

struct sd_order {
    sd_sink sink;
    GSequence *held; /* entry *, in order of time; equal times in order of arrival */
    size_t size;
};

static void free_entry(gpointer data)
{
    entry *e = data;
    g_free(e->octets);
    g_free(e->hit);
    g_free(e);
}

sd_order *sd_order_new(const sd_sink *sink)
{
    sd_order *order = g_new0(sd_order, 1);
    order->sink = *sink;
    order->held = g_sequence_new(free_entry);
    return order;
}

void sd_order_free(sd_order *order)
{
    if (order == NULL)
        return;
    g_sequence_free(order->held);
    g_free(order);
}

static void hold(sd_order *order, entry *e)
{
    order->size += e->size;
    /* nearly always among the latest: look from the end */
    GSequenceIter *at = g_sequence_get_end_iter(order->held);
    while (!g_sequence_iter_is_begin(at)) {
        GSequenceIter *before = g_sequence_iter_prev(at);
        const entry *other = g_sequence_get(before);
        if (other->time_ps <= e->time_ps)
            break;
        at = before;
    }
    g_sequence_insert_before(at, e);
}

void sd_order_frame(sd_order *order, const sd_frame *frame)
{
    sd_order_frame_at(order, frame, frame->time_ps);
}

void sd_order_event(sd_order *order, const sd_event *event)
{
    sd_order_event_at(order, event, event->time_ps);
}

void sd_order_frame_at(sd_order *order, const sd_frame *frame, int64_t at_ps)
{
    entry *e = g_new(entry, 1);
    const size_t hits = frame->hits * sizeof *frame->hit;
    *e = (entry){.time_ps = at_ps, .size = sizeof *e + frame->length + hits};
    e->frame = *frame;
    e->frame.octets = e->octets = g_memdup2(frame->octets, frame->length);
    e->frame.hit = e->hit = g_memdup2(frame->hit, hits);
    hold(order, e);
}

void sd_order_event_at(sd_order *order, const sd_event *event, int64_t at_ps)
{
    entry *e = g_new(entry, 1);
    *e = (entry){.time_ps = at_ps, .size = sizeof *e, .is_event = true};
    e->event = *event;
    hold(order, e);
}

void sd_order_release(sd_order *order, int64_t horizon)
{
    while (!g_sequence_is_empty(order->held)) {
        GSequenceIter *first = g_sequence_get_begin_iter(order->held);
        const entry *e = g_sequence_get(first);
        if (e->time_ps >= horizon && horizon != G_MAXINT64 && order->size <= HELD_MOST)
            return;
        if (e->is_event)
            order->sink.event(&e->event, order->sink.user);
        else
            order->sink.frame(&e->frame, order->sink.user);
        order->size -= e->size;
        g_sequence_remove(first);
    }
}
