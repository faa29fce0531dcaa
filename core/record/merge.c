/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/merge.h"

#include <math.h>

#include "record/order.h"

/** Segments that begin further apart, in nanoseconds, are no joint acquisition: each counts from
   its own begin. */
#define SHIFT_MOST_NS 1e15
#define PS_PER_NS     1000

/** One source. */
typedef struct {
    sd_merge *merge;
    unsigned index;
    const sd_channel *channel;
    bool ended;
    uint32_t segment; /* how far it has come */
    int64_t time_ps;  /* the same, on the clock of all sources */
} source;

struct sd_merge {
    sd_order *order; /* the records of one segment, by the clock of all sources */
    uint32_t segment;
    unsigned sources;
    source *source;
};

/** @p time_ps of a source's segment on the clock of all: from where the segment of the first source
    that has it begins. */
static int64_t common_time(const source *s, uint32_t segment, int64_t time_ps)
{
    const sd_merge *merge = s->merge;
    if (time_ps == G_MININT64 || segment >= s->channel->segments)
        return time_ps;
    unsigned first = 0;
    while (merge->source[first].channel->segments <= segment)
        first++;
    const sd_segment *mine = &s->channel->segment[segment];
    const sd_segment *other = &merge->source[first].channel->segment[segment];
    /* times since 1970 are of any size, but doubles hold their difference well enough to see
       whether it is one of a joint acquisition */
    if (fabs((double)mine->time_ns - (double)other->time_ns) > SHIFT_MOST_NS)
        return time_ps;
    const int64_t shift =
        (mine->time_ns - other->time_ns) * PS_PER_NS + mine->time_ps - (int64_t)other->time_ps;
    return CLAMP(time_ps, G_MININT64 / 2, G_MAXINT64 / 2) + shift;
}

static void take_frame(const sd_frame *frame, void *user)
{
    const source *s = user;
    sd_frame mine = *frame;
    mine.source = (uint8_t)s->index;
    sd_order_frame_at(s->merge->order, &mine, common_time(s, frame->segment, frame->time_ps));
}

static void take_event(const sd_event *event, void *user)
{
    const source *s = user;
    sd_event mine = *event;
    mine.source = (uint8_t)s->index;
    sd_order_event_at(s->merge->order, &mine, common_time(s, event->segment, event->time_ps));
}

sd_merge *sd_merge_new(const sd_channel *const *channel, unsigned sources, const sd_sink *sink)
{
    sd_merge *merge = g_new0(sd_merge, 1);
    merge->order = sd_order_new(sink);
    merge->sources = sources;
    merge->source = g_new0(source, sources);
    for (unsigned i = 0; i < sources; i++)
        merge->source[i] =
            (source){.merge = merge, .index = i, .channel = channel[i], .time_ps = G_MININT64};
    return merge;
}

void sd_merge_free(sd_merge *merge)
{
    if (merge == NULL)
        return;
    sd_order_free(merge->order);
    g_free(merge->source);
    g_free(merge);
}

sd_sink sd_merge_sink(sd_merge *merge, unsigned index)
{
    return (sd_sink){take_frame, take_event, &merge->source[index]};
}

static bool is_before(const source *a, const source *b)
{
    return a->segment != b->segment ? a->segment < b->segment : a->time_ps < b->time_ps;
}

bool sd_merge_next(const sd_merge *merge, unsigned *index)
{
    const source *next = NULL;
    for (unsigned i = 0; i < merge->sources; i++) {
        const source *s = &merge->source[i];
        if (!s->ended && (next == NULL || is_before(s, next)))
            next = s;
    }
    if (next == NULL)
        return false;
    *index = next->index;
    return true;
}

/** Hands on what lies before the source that is furthest behind. */
static void release(sd_merge *merge)
{
    unsigned last;
    if (!sd_merge_next(merge, &last)) {
        sd_order_release(merge->order, G_MAXINT64);
        return;
    }
    const source *s = &merge->source[last];
    /* the segment is over for all */
    if (s->segment > merge->segment)
        sd_order_release(merge->order, G_MAXINT64);
    merge->segment = s->segment;
    sd_order_release(merge->order, MIN(s->time_ps, G_MAXINT64 - 1));
}

void sd_merge_reached(sd_merge *merge, unsigned index, uint32_t segment, int64_t time_ps)
{
    source *s = &merge->source[index];
    s->segment = segment;
    s->time_ps = common_time(s, segment, time_ps);
    release(merge);
}

void sd_merge_ended(sd_merge *merge, unsigned index)
{
    merge->source[index].ended = true;
    release(merge);
}
