/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lane_totals.h"

#include <scopedump/record_format.h>

/** A code-group of one lane: ten bits at 1.25 GBd, of 2500BASE-X at 3.125 GBd. */
enum {
    GROUP_PS = 8000,
    GROUP_2500_PS = 3200,
};

/** From the first to the last packet of one segment of a line: all lanes in one direction. */
struct span {
    unsigned line;
    uint32_t record, segment;
    int64_t from_ps, to_ps;
};

struct link_totals {
    GPtrArray *lines; /* the direction of each, char */
    GArray *spans;
    GPtrArray *lanes;
};

static void free_lane(void *data)
{
    struct lane_totals *lane = data;
    g_free(lane->name);
    g_free(lane);
}

struct link_totals *link_totals_new(void)
{
    struct link_totals *totals = g_new0(struct link_totals, 1);
    totals->lines = g_ptr_array_new_with_free_func(g_free);
    totals->spans = g_array_new(FALSE, FALSE, sizeof(struct span));
    totals->lanes = g_ptr_array_new_with_free_func(free_lane);
    return totals;
}

void link_totals_free(struct link_totals *totals)
{
    if (!totals)
        return;
    g_ptr_array_free(totals->lines, TRUE);
    g_array_free(totals->spans, TRUE);
    g_ptr_array_free(totals->lanes, TRUE);
    g_free(totals);
}

static unsigned find_line(struct link_totals *totals, const char *direction)
{
    for (unsigned i = 0; i < totals->lines->len; i++) {
        if (strcmp(g_ptr_array_index(totals->lines, i), direction) == 0)
            return i;
    }
    g_ptr_array_add(totals->lines, g_strdup(direction));
    return totals->lines->len - 1;
}

static struct lane_totals *find_lane(struct link_totals *totals, unsigned line,
                                     const struct packet_summary *packet)
{
    for (unsigned i = 0; i < totals->lanes->len; i++) {
        struct lane_totals *lane = g_ptr_array_index(totals->lanes, i);
        if (lane->line == line && lane->lane == packet->lane)
            return lane;
    }
    struct lane_totals *lane = g_new0(struct lane_totals, 1);
    lane->name = g_strdup_printf("%slane%u", packet->direction, packet->lane);
    lane->line = line;
    lane->lane = packet->lane;
    g_ptr_array_add(totals->lanes, lane);
    return lane;
}

/** The packets come in order of time: what is looked for is the last span, or one near it. */
static void widen_span(struct link_totals *totals, unsigned line,
                       const struct packet_summary *packet)
{
    const int64_t from = packet->time_ps;
    const int64_t to = from > INT64_MAX - MAX(packet->duration_ps, 0)
                           ? INT64_MAX
                           : from + MAX(packet->duration_ps, 0);
    for (unsigned i = totals->spans->len; i-- > 0;) {
        struct span *span = &g_array_index(totals->spans, struct span, i);
        if (span->line == line && span->record == packet->record &&
            span->segment == packet->segment) {
            span->from_ps = MIN(span->from_ps, from);
            span->to_ps = MAX(span->to_ps, to);
            return;
        }
    }
    const struct span span = {line, packet->record, packet->segment, from, to};
    g_array_append_val(totals->spans, span);
}

/** Whether the packet tells of a file, not of the line. */
static bool is_of_file(const struct packet_summary *packet)
{
    return packet->is_event && (packet->event.kind == SD_EVENT_RECORD ||
                                packet->event.kind == SD_EVENT_RECORD_UNREADABLE);
}

static void add_frame(struct lane_totals *lane, const struct packet_summary *packet)
{
    const uint64_t errors = (uint64_t)packet->frame.invalid + packet->frame.disparity;
    lane->speed = packet->frame.speed;
    lane->frames++;
    lane->octets += packet->frame.wire_length;
    lane->damaged += errors > 0;
    lane->cut += packet->frame.cut;
    lane->fcs_bad += !packet->frame.cut && (packet->frame.flags & SD_FRAME_FCS_BAD);
    lane->invalid += packet->frame.invalid;
    lane->disparity += packet->frame.disparity;
    lane->frames_ps += MAX(packet->duration_ps, 0);

    uint64_t placed = 0;
    for (unsigned i = 0; i < packet->frame.hits.count; i++) {
        const sd_hit *hit = &packet->frame.hits.hit[i];
        const enum hit_place place = hit_place(hit, &packet->frame.of_hits);
        if (hit->kind == SD_HIT_KIND_SLIP)
            continue; /* no symbol error by itself */
        lane->places[place]++;
        placed += place != HIT_PLACE_GAP;
    }
    lane->places[HIT_PLACE_UNKNOWN] += errors - MIN(placed, errors);
}

struct lane_totals *link_totals_add(struct link_totals *totals, const struct packet_summary *packet)
{
    if (is_of_file(packet))
        return NULL;
    const unsigned line = find_line(totals, packet->direction);
    widen_span(totals, line, packet);
    if (packet->lane == SD_LANE_NONE)
        return NULL;
    struct lane_totals *lane = find_lane(totals, line, packet);
    lane->link = packet->link;
    if (!packet->is_event)
        add_frame(lane, packet);
    else if (packet->event.kind == SD_EVENT_SYMBOL_ERROR)
        lane->between += packet->event.count;
    return lane;
}

unsigned link_totals_lanes(const struct link_totals *totals)
{
    return totals->lanes->len;
}

struct lane_totals *link_totals_lane(const struct link_totals *totals, unsigned index)
{
    return g_ptr_array_index(totals->lanes, index);
}

int64_t lane_line_ps(const struct link_totals *totals, const struct lane_totals *lane)
{
    double sum = 0; /* of times that a damaged capture may have, too */
    for (unsigned i = 0; i < totals->spans->len; i++) {
        const struct span *span = &g_array_index(totals->spans, struct span, i);
        if (span->line == lane->line)
            sum += (double)span->to_ps - (double)span->from_ps;
    }
    return sum < 9e18 ? (int64_t)sum : INT64_MAX;
}

uint64_t lane_code_groups(const struct link_totals *totals, const struct lane_totals *lane)
{
    return (uint64_t)lane_line_ps(totals, lane) /
           (lane->link == SD_LINK_2500BASE_X ? GROUP_2500_PS : GROUP_PS);
}

/** Frames keep the last hits of the gap before them, which the events tell too; a capture may have
 * either alone. */
uint64_t lane_errors_between(const struct lane_totals *lane)
{
    return MAX(lane->between, lane->places[HIT_PLACE_GAP]);
}

uint64_t lane_symbol_errors(const struct lane_totals *lane)
{
    return lane->invalid + lane->disparity + lane_errors_between(lane);
}

double lane_rate(const struct link_totals *totals, const struct lane_totals *lane)
{
    const int64_t line_ps = lane_line_ps(totals, lane);
    return line_ps > 0 ? (double)lane->octets * 8 * 1e6 / (double)line_ps : 0;
}
