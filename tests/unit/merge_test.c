/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of several channels in one order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>
#include <string.h>

#include "scopedump/merge.h"

#define SOURCES 3
#define NOW     INT64_C(1700000000000000000)

/** What was handed on. */
typedef struct {
    unsigned source;
    uint32_t segment;
    int64_t time_ps;
    bool is_event;
} seen;

/** A merge of three channels with two segments each. */
typedef struct {
    sd_segment segment[SOURCES][2];
    sd_channel channel[SOURCES];
    sd_merge *merge;
    sd_sink sink[SOURCES];
    GArray *out;
} three;

static void see_frame(const sd_frame *frame, void *user)
{
    const seen s = {frame->source, frame->segment, frame->time_ps, false};
    assert_memory_equal(frame->octets, "octets", 6);
    g_array_append_val((GArray *)user, s);
}

static void see_event(const sd_event *event, void *user)
{
    const seen s = {event->source, event->segment, event->time_ps, true};
    g_array_append_val((GArray *)user, s);
}

static three *new_three(void)
{
    three *t = g_new0(three, 1);
    t->out = g_array_new(FALSE, FALSE, sizeof(seen));
    const sd_channel *channels[SOURCES];
    for (unsigned i = 0; i < SOURCES; i++) {
        t->channel[i] = (sd_channel){.segments = 2, .segment = t->segment[i]};
        for (unsigned k = 0; k < 2; k++)
            t->segment[i][k].time_ns = NOW + (int64_t)k * 1000000000;
        channels[i] = &t->channel[i];
    }
    const sd_sink sink = {see_frame, see_event, t->out};
    t->merge = sd_merge_new(channels, SOURCES, &sink);
    for (unsigned i = 0; i < SOURCES; i++)
        t->sink[i] = sd_merge_sink(t->merge, i);
    return t;
}

static void free_three(three *t)
{
    sd_merge_free(t->merge);
    g_array_free(t->out, TRUE);
    g_free(t);
}

static void put_frame(three *t, unsigned source, uint32_t segment, int64_t time_ps)
{
    uint8_t *octets = g_memdup2("octets", 6); /* a copy that goes: the merge must have its own */
    const sd_frame frame = {.segment = segment, .time_ps = time_ps, .octets = octets, .length = 6};
    t->sink[source].frame(&frame, t->sink[source].user);
    memset(octets, 0, 6);
    g_free(octets);
}

static void put_event(three *t, unsigned source, uint32_t segment, int64_t time_ps)
{
    const sd_event event = {.segment = segment, .time_ps = time_ps};
    t->sink[source].event(&event, t->sink[source].user);
}

static void assert_seen(const three *t, guint i, unsigned source, uint32_t segment, int64_t time_ps)
{
    assert_true(i < t->out->len);
    const seen *s = &g_array_index(t->out, seen, i);
    assert_int_equal(s->source, source);
    assert_int_equal(s->segment, segment);
    assert_true(s->time_ps == time_ps);
}

static void by_time(void **state)
{
    (void)state;
    three *t = new_three();
    put_frame(t, 0, 0, 100);
    put_frame(t, 0, 0, 300);
    put_event(t, 1, 0, 200);
    put_frame(t, 2, 0, 50);
    sd_merge_reached(t->merge, 0, 0, 400);
    sd_merge_reached(t->merge, 1, 0, 250);
    assert_int_equal(t->out->len, 0); /* the third may still give anything */
    sd_merge_reached(t->merge, 2, 0, 120);
    assert_int_equal(t->out->len, 2);
    assert_seen(t, 0, 2, 0, 50);
    assert_seen(t, 1, 0, 0, 100);
    sd_merge_ended(t->merge, 2);
    assert_int_equal(t->out->len, 3);
    assert_seen(t, 2, 1, 0, 200);
    assert_true(g_array_index(t->out, seen, 2).is_event);
    sd_merge_ended(t->merge, 1);
    assert_int_equal(t->out->len, 4);
    sd_merge_ended(t->merge, 0);
    assert_seen(t, 3, 0, 0, 300);
    free_three(t);
}

static void the_one_behind_is_next(void **state)
{
    (void)state;
    three *t = new_three();
    unsigned next = 9;
    assert_true(sd_merge_next(t->merge, &next));
    assert_int_equal(next, 0);
    sd_merge_reached(t->merge, 0, 0, 10);
    assert_true(sd_merge_next(t->merge, &next));
    assert_int_equal(next, 1);
    sd_merge_reached(t->merge, 1, 0, 5);
    sd_merge_reached(t->merge, 2, 1, INT64_MIN);
    assert_true(sd_merge_next(t->merge, &next));
    assert_int_equal(next, 1);
    sd_merge_reached(t->merge, 1, 1, 5);
    assert_true(sd_merge_next(t->merge, &next));
    assert_int_equal(next, 0); /* the only one in segment 0 */
    sd_merge_ended(t->merge, 0);
    assert_true(sd_merge_next(t->merge, &next));
    assert_int_equal(next, 2);
    sd_merge_ended(t->merge, 1);
    sd_merge_ended(t->merge, 2);
    assert_false(sd_merge_next(t->merge, &next));
    free_three(t);
}

/** A channel that begins later: its times count from its own begin, the order is that of time. */
static void different_starts(void **state)
{
    (void)state;
    three *t = new_three();
    t->segment[1][0].time_ns += 2;
    t->segment[1][0].time_ps = 500; /* 2.5 ns later */
    t->segment[2][0].time_ns -= 1;  /* 1 ns earlier */
    put_frame(t, 0, 0, 3000);
    put_frame(t, 1, 0, 400);  /* at 2900 */
    put_frame(t, 1, 0, 600);  /* at 3100 */
    put_frame(t, 2, 0, 3950); /* at 2950 */
    for (unsigned i = 0; i < SOURCES; i++)
        sd_merge_ended(t->merge, i);
    assert_int_equal(t->out->len, 4);
    assert_seen(t, 0, 1, 0, 400);
    assert_seen(t, 1, 2, 0, 3950);
    assert_seen(t, 2, 0, 0, 3000);
    assert_seen(t, 3, 1, 0, 600);
    free_three(t);
}

/** What a source has reached is on its own clock as well. */
static void reached_on_its_own_clock(void **state)
{
    (void)state;
    three *t = new_three();
    t->segment[1][0].time_ns += 1000; /* 1 us later */
    sd_merge_ended(t->merge, 2);
    put_frame(t, 0, 0, 500000);
    sd_merge_reached(t->merge, 0, 0, 2000000);
    sd_merge_reached(t->merge, 1, 0, 0); /* its begin is at 1000000 */
    assert_int_equal(t->out->len, 1);
    free_three(t);
}

static void segments(void **state)
{
    (void)state;
    three *t = new_three();
    sd_merge_ended(t->merge, 2);
    put_frame(t, 0, 0, 900);
    sd_merge_reached(t->merge, 0, 1, INT64_MIN);
    put_frame(t, 1, 0, 1000);
    sd_merge_reached(t->merge, 1, 0, 1500);
    assert_int_equal(t->out->len, 2); /* none can come before 1500 in segment 0 */
    put_frame(t, 1, 0, 1600);
    sd_merge_reached(t->merge, 1, 1, INT64_MIN);
    assert_int_equal(t->out->len, 3);
    put_frame(t, 0, 1, 20);
    sd_merge_ended(t->merge, 0);
    put_frame(t, 1, 1, 10);
    sd_merge_ended(t->merge, 1);
    assert_int_equal(t->out->len, 5);
    assert_seen(t, 2, 1, 0, 1600);
    assert_seen(t, 3, 1, 1, 10);
    assert_seen(t, 4, 0, 1, 20);
    free_three(t);
}

/** Segments, numbers of them and times that do not belong together. */
static void extremes(void **state)
{
    (void)state;
    three *t = new_three();
    t->segment[1][0].time_ns = INT64_MAX;
    t->segment[2][0].time_ns = INT64_MIN;
    t->channel[0].segments = 1;
    put_frame(t, 0, 0, INT64_MAX);
    put_frame(t, 1, 0, INT64_MAX);
    put_frame(t, 2, 0, INT64_MIN);
    put_frame(t, 1, 0, 5);
    sd_merge_reached(t->merge, 0, 0, INT64_MAX);
    sd_merge_ended(t->merge, 0);
    sd_merge_reached(t->merge, 1, 1, INT64_MIN);
    sd_merge_reached(t->merge, 2, 1, INT64_MIN);
    assert_int_equal(t->out->len, 4);
    assert_seen(t, 0, 2, 0, INT64_MIN);
    assert_seen(t, 1, 1, 0, 5);
    put_frame(t, 1, 1, 7);
    sd_merge_ended(t->merge, 1);
    sd_merge_ended(t->merge, 2);
    assert_int_equal(t->out->len, 5);
    free_three(t);
}

/** Memory is bounded: what does not fit is handed on before its time. */
static void bounded(void **state)
{
    (void)state;
    three *t = new_three();
    for (int64_t i = 0; i < 200000; i++) {
        put_frame(t, 0, 0, i);
        sd_merge_reached(t->merge, 0, 0, i);
    }
    assert_true(t->out->len > 0);
    assert_true(t->out->len < 200000);
    for (unsigned i = 0; i < SOURCES; i++)
        sd_merge_ended(t->merge, i);
    assert_int_equal(t->out->len, 200000);
    for (guint i = 0; i < t->out->len; i++)
        assert_seen(t, i, 0, 0, i);
    free_three(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time),          cmocka_unit_test(the_one_behind_is_next),
        cmocka_unit_test(different_starts), cmocka_unit_test(reached_on_its_own_clock),
        cmocka_unit_test(segments),         cmocka_unit_test(extremes),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
