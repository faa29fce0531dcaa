/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lanes of a line that has them in turn: however many groups come at once, and though the lanes
   move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "pcs/lane.h"

#define LANES      4
#define EACH       4000 /* code-groups of each lane */
#define GROUP_SPAN (10 * SD_POSITION_ONE)
/** A part of the line behind which lanes are asked for their horizon; the line is made of such. */
#define HORIZON_GROUPS 200

/** All that a lane handed on. */
typedef struct {
    GArray *frames;   /* sd_frame; octets and hits are not kept, ... */
    GArray *octets;   /* ... but these, behind one another */
    GArray *events;   /* sd_event */
    GArray *horizons; /* int64_t: every so many groups of the line */
    sd_lane_report report;
} handed_on;

static void keep_frame(const sd_frame *frame, void *user)
{
    handed_on *h = user;
    sd_frame copy = *frame;
    copy.octets = NULL;
    copy.hit = NULL;
    g_array_append_val(h->frames, copy);
    g_array_append_vals(h->octets, frame->octets, frame->length);
}

static void keep_event(const sd_event *event, void *user)
{
    handed_on *h = user;
    g_array_append_val(h->events, *event);
}

/** Symbols of a lane as code-groups. */
static GArray *lane_symbols(GRand *random)
{
    GArray *symbols = symbols_new();
    add_configuration(symbols, 20, 0x4001);
    while (symbols->len < EACH) {
        add_idle(symbols, (unsigned)g_rand_int_range(random, 3, 60));
        if (g_rand_int_range(random, 0, 8) == 0)
            add_configuration(symbols, 3, 0x4001);
        for (unsigned i = 0; i < 3 && symbols->len % 3 == 0; i++) { /* low-power idle */
            add_special(symbols, K28_5);
            add_data(symbols, D6_5);
        }
        add_idle(symbols, (unsigned)g_rand_int_range(random, 3, 20));
        const size_t length = (size_t)g_rand_int_range(random, 64, 200);
        uint8_t *octets = random_frame(random, length);
        add_frame(symbols, octets, length);
        g_free(octets);
    }
    return symbols;
}

/** A line with damage whose lanes move once in a while; array of sd_code_group. */
static GArray *make_line(GRand *random)
{
    GArray *line = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    GArray *symbols[LANES];
    unsigned lane = 0, realigned = 0;
    for (unsigned i = 0; i < LANES; i++)
        symbols[i] = lane_symbols(random);
    for (guint i = 0; i < LANES * EACH; i++) {
        const symbol s = symbol_at(symbols[lane], i / LANES);
        sd_code_group group = {
            .start = i * GROUP_SPAN,
            .octet = s.octet,
            .lane = (uint8_t)lane,
            .flags = s.special ? SD_GROUP_SPECIAL : 0,
        };
        if (g_rand_int_range(random, 0, 400) == 0)
            group.flags |= g_rand_boolean(random) ? SD_GROUP_INVALID : SD_GROUP_DISPARITY;
        if (realigned >> lane & 1)
            group.flags |= SD_GROUP_REALIGNED;
        realigned &= ~(1U << lane);
        g_array_append_val(line, group);
        lane = (lane + 1) % LANES;
        if (i % 1777 == 1700) {
            lane = 0;
            realigned = (1U << LANES) - 1;
        }
    }
    for (unsigned i = 0; i < LANES; i++)
        g_array_free(symbols[i], TRUE);
    return line;
}

/** Gives a lane the line, @p step groups at a time. */
static handed_on push_line(const GArray *line, unsigned lane, guint step)
{
    handed_on h = {
        .frames = g_array_new(FALSE, FALSE, sizeof(sd_frame)),
        .octets = g_array_new(FALSE, FALSE, 1),
        .events = g_array_new(FALSE, FALSE, sizeof(sd_event)),
        .horizons = g_array_new(FALSE, FALSE, sizeof(int64_t)),
    };
    const sd_sink sink = {keep_frame, keep_event, &h};
    const sd_lane_settings settings = {
        .lane = (uint8_t)lane, .group_span = GROUP_SPAN, .lanes = LANES, .interval_ps = 200};
    sd_lane *stage = sd_lane_new(&settings, &h.report, &sink);
    for (guint at = 0, count; at < line->len; at += count) {
        count = MIN(step, HORIZON_GROUPS - at % HORIZON_GROUPS);
        sd_lane_push(stage, &g_array_index(line, sd_code_group, at), count);
        if ((at + count) % HORIZON_GROUPS == 0) {
            const int64_t horizon = sd_lane_horizon(stage);
            g_array_append_val(h.horizons, horizon);
        }
    }
    sd_lane_finish(stage);
    sd_lane_free(stage);
    return h;
}

static void handed_on_free(handed_on *h)
{
    g_array_free(h->frames, TRUE);
    g_array_free(h->octets, TRUE);
    g_array_free(h->events, TRUE);
    g_array_free(h->horizons, TRUE);
}

static void same_array(const GArray *x, const GArray *y)
{
    assert_int_equal(x->len, y->len);
    assert_memory_equal(x->data, y->data,
                        x->len * g_array_get_element_size((GArray *)(uintptr_t)x));
}

static void any_number_of_groups_at_once(void **state)
{
    (void)state;
    static const guint steps[] = {2, 3, 7, 64, HORIZON_GROUPS};
    GRand *random = g_rand_new_with_seed(3);
    GArray *line = make_line(random);
    for (unsigned lane = 0; lane < LANES; lane++) {
        handed_on single = push_line(line, lane, 1);
        uint64_t groups = 0;
        for (guint i = 0; i < line->len; i++)
            groups += g_array_index(line, sd_code_group, i).lane == lane;
        assert_int_equal(single.report.groups, groups);
        assert_true(single.frames->len > 15 && single.events->len > 5);
        for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
            handed_on same = push_line(line, lane, steps[i]);
            same_array(same.frames, single.frames);
            same_array(same.octets, single.octets);
            same_array(same.events, single.events);
            same_array(same.horizons, single.horizons);
            assert_memory_equal(&same.report, &single.report, sizeof same.report);
            handed_on_free(&same);
        }
        handed_on_free(&single);
    }
    g_array_free(line, TRUE);
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_number_of_groups_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
