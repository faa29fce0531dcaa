/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames and events in order of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "record/order.h"

/** What was handed on. The id is the frame's gap or the event's value. */
typedef struct {
    int64_t time_ps;
    uint32_t id;
    bool is_event;
} seen;

static void see_frame(const sd_frame *frame, void *user)
{
    const seen s = {frame->time_ps, frame->gap, false};
    g_array_append_val((GArray *)user, s);
}

static void see_event(const sd_event *event, void *user)
{
    const seen s = {event->time_ps, event->value, true};
    g_array_append_val((GArray *)user, s);
}

static sd_order *new_order(GArray **out)
{
    *out = g_array_new(FALSE, FALSE, sizeof(seen));
    const sd_sink sink = {see_frame, see_event, *out};
    return sd_order_new(&sink);
}

static void put_frame(sd_order *order, int64_t time_ps, uint32_t id, uint32_t length)
{
    uint8_t *octets = g_malloc0(length);
    const sd_frame frame = {.time_ps = time_ps, .gap = id, .octets = octets, .length = length};
    sd_order_frame(order, &frame);
    g_free(octets);
}

static void put_event(sd_order *order, int64_t time_ps, uint32_t id)
{
    const sd_event event = {.time_ps = time_ps, .value = id};
    sd_order_event(order, &event);
}

static const seen *at(const GArray *out, guint i)
{
    return &g_array_index(out, seen, i);
}

static void by_time(void **state)
{
    (void)state;
    GArray *out;
    sd_order *order = new_order(&out);
    put_frame(order, 500, 1, 64);
    put_event(order, 300, 2);
    put_frame(order, -20, 3, 64);
    put_event(order, 400, 4);
    put_frame(order, 350, 5, 0);
    assert_int_equal(out->len, 0);
    sd_order_release(order, INT64_MAX);
    static const seen expected[] = {
        {-20, 3, false}, {300, 2, true}, {350, 5, false}, {400, 4, true}, {500, 1, false}};
    assert_int_equal(out->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < out->len; i++) {
        assert_int_equal(at(out, i)->time_ps, expected[i].time_ps);
        assert_int_equal(at(out, i)->id, expected[i].id);
        assert_int_equal(at(out, i)->is_event, expected[i].is_event);
    }
    sd_order_free(order);
    g_array_free(out, TRUE);
}

/** Many at random times, released step by step as a decoder does. */
static void random_times(void **state)
{
    (void)state;
    enum { NUMBER = 5000 };
    GArray *out;
    sd_order *order = new_order(&out);
    GRand *rand = g_rand_new_with_seed(7);
    bool given[NUMBER] = {false};
    int64_t horizon = 0;
    for (uint32_t id = 0; id < NUMBER; id++) {
        const int64_t time_ps = horizon + g_rand_int_range(rand, 0, 300);
        if (g_rand_boolean(rand))
            put_frame(order, time_ps, id, 64);
        else
            put_event(order, time_ps, id);
        if (id % 10 == 9) {
            horizon += 100;
            sd_order_release(order, horizon);
            /* all before the horizon, and nothing from it on */
            if (out->len > 0)
                assert_true(at(out, out->len - 1)->time_ps < horizon);
        }
    }
    sd_order_release(order, INT64_MAX);
    assert_int_equal(out->len, NUMBER);
    for (guint i = 0; i < out->len; i++) {
        assert_false(given[at(out, i)->id]);
        given[at(out, i)->id] = true;
        if (i > 0)
            assert_true(at(out, i - 1)->time_ps <= at(out, i)->time_ps);
    }
    g_rand_free(rand);
    sd_order_free(order);
    g_array_free(out, TRUE);
}

/** Equal times stay in the order in which they came. */
static void stable(void **state)
{
    (void)state;
    GArray *out;
    sd_order *order = new_order(&out);
    for (uint32_t id = 0; id < 300; id++) {
        if (id % 3 == 0)
            put_event(order, 1000 + id % 2, id);
        else
            put_frame(order, 1000 + id % 2, id, 64);
    }
    sd_order_release(order, INT64_MAX);
    assert_int_equal(out->len, 300);
    for (guint i = 1; i < out->len; i++) {
        if (at(out, i - 1)->time_ps == at(out, i)->time_ps)
            assert_true(at(out, i - 1)->id < at(out, i)->id);
    }
    sd_order_free(order);
    g_array_free(out, TRUE);
}

static void horizon_is_the_first_not_given(void **state)
{
    (void)state;
    GArray *out;
    sd_order *order = new_order(&out);
    put_frame(order, 99, 1, 64);
    put_frame(order, 100, 2, 64);
    put_frame(order, 101, 3, 64);
    sd_order_release(order, -5);
    assert_int_equal(out->len, 0);
    sd_order_release(order, 100);
    assert_int_equal(out->len, 1);
    sd_order_release(order, 100);
    assert_int_equal(out->len, 1);
    sd_order_release(order, 101);
    assert_int_equal(out->len, 2);
    put_event(order, INT64_MAX, 4);
    sd_order_release(order, INT64_MAX - 1);
    assert_int_equal(out->len, 3);
    sd_order_release(order, INT64_MAX);
    assert_int_equal(out->len, 4);
    sd_order_free(order);
    g_array_free(out, TRUE);
}

/** One frame that never ends must not hold everything: far less is kept than came in. */
static void memory_is_bound(void **state)
{
    (void)state;
    enum { NUMBER = 60000, OCTETS = 1518 };
    GArray *out;
    sd_order *order = new_order(&out);
    for (uint32_t id = 0; id < NUMBER; id++) {
        put_frame(order, id, id, OCTETS);
        sd_order_release(order, 0); /* nothing is certain yet */
    }
    const guint held = NUMBER - out->len;
    assert_true((double)held * OCTETS < 32.0 * 1024 * 1024);
    assert_true(held > 1000);
    for (guint i = 0; i < out->len; i++)
        assert_int_equal(at(out, i)->id, i); /* the oldest, in order */
    sd_order_release(order, INT64_MAX);
    assert_int_equal(out->len, NUMBER);
    sd_order_free(order);
    g_array_free(out, TRUE);
}

/** Hits and events take memory too. */
static void memory_of_hits_and_events(void **state)
{
    (void)state;
    enum { NUMBER = 20000 };
    static sd_hit hits[SD_HITS_MAX];
    GArray *out;
    sd_order *order = new_order(&out);
    for (uint32_t id = 0; id < NUMBER; id++) {
        const sd_frame frame = {
            .time_ps = id, .gap = id, .hit = hits, .hits = SD_HITS_MAX, .hits_total = SD_HITS_MAX};
        sd_order_frame(order, &frame);
        sd_order_release(order, 0);
    }
    assert_true((double)(NUMBER - out->len) * sizeof hits < 32.0 * 1024 * 1024);
    sd_order_free(order);
    g_array_free(out, TRUE);

    order = new_order(&out);
    enum { EVENTS = 1000000 };
    for (uint32_t id = 0; id < EVENTS; id++) {
        put_event(order, id, id);
        if (id % 1000 == 0)
            sd_order_release(order, 0);
    }
    assert_true((EVENTS - out->len) * sizeof(sd_event) < 32U << 20);
    sd_order_free(order);
    g_array_free(out, TRUE);
}

typedef struct {
    uint8_t octets[4];
    sd_hit hit;
    unsigned calls;
} copy;

static void keep(const sd_frame *frame, void *user)
{
    copy *c = user;
    assert_int_equal(frame->length, 4);
    assert_int_equal(frame->hits, 1);
    assert_int_equal(frame->lane, 3);
    assert_int_equal(frame->wire_length, 99);
    memcpy(c->octets, frame->octets, 4);
    c->hit = frame->hit[0];
    c->calls++;
}

/** What the frame pointed to may be gone when it is handed on; all fields come through. */
static void takes_copies(void **state)
{
    (void)state;
    copy c = {.calls = 0};
    const sd_sink sink = {.frame = keep, .user = &c};
    sd_order *order = sd_order_new(&sink);
    uint8_t octets[] = {1, 2, 3, 4};
    sd_hit hit = {.octet = -7, .where = SD_HIT_GAP, .time_ps = 12345};
    sd_frame frame = {.time_ps = 1,
                      .lane = 3,
                      .octets = octets,
                      .length = 4,
                      .wire_length = 99,
                      .hit = &hit,
                      .hits = 1,
                      .hits_total = 1};
    sd_order_frame(order, &frame);
    memset(octets, 0xFF, sizeof octets);
    memset(&hit, 0xFF, sizeof hit);
    memset(&frame, 0xFF, sizeof frame);
    sd_order_release(order, INT64_MAX);
    assert_int_equal(c.calls, 1);
    static const uint8_t expected[] = {1, 2, 3, 4};
    assert_memory_equal(c.octets, expected, 4);
    assert_int_equal(c.hit.octet, -7);
    assert_int_equal(c.hit.time_ps, 12345);
    sd_order_free(order);
}

static void free_with_records_held(void **state)
{
    (void)state;
    GArray *out;
    sd_order *order = new_order(&out);
    put_frame(order, 5, 1, 1000);
    put_event(order, 6, 2);
    sd_order_free(order); /* a memory checker sees what is lost */
    assert_int_equal(out->len, 0);
    g_array_free(out, TRUE);
    sd_order_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time),         cmocka_unit_test(random_times),
        cmocka_unit_test(stable),          cmocka_unit_test(horizon_is_the_first_not_given),
        cmocka_unit_test(memory_is_bound), cmocka_unit_test(memory_of_hits_and_events),
        cmocka_unit_test(takes_copies),    cmocka_unit_test(free_with_records_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
