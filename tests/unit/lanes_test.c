/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lanes of QSGMII: order, moves, polarity, and the two rules of the running disparity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "linecode/lanes.h"

#define LANES 4
#define EACH  2000 /* code-groups of each lane */

/** A line of several lanes: what was sent, and its ten-bit words. */
typedef struct {
    GArray *sent;   /* symbol, in the order of the line; K28.1 as K28.5 */
    GArray *groups; /* sd_line_group */
} line;

/** What came out. */
typedef struct {
    GArray *groups; /* sd_code_group */
    GArray *events; /* sd_lane_event */
    sd_lanes_statistics statistics;
} dealt;

static int setup(void **state)
{
    *state = sd_code_table_new();
    return 0;
}

static int teardown(void **state)
{
    g_free(*state);
    return 0;
}

/** Traffic of one lane, EACH code-groups; lane 1, 2, 3 begin in different places of their sets. */
static GArray *lane_traffic(GRand *random, unsigned lane)
{
    GArray *symbols = symbols_new();
    add_configuration(symbols, 10, 0x4001);
    while (symbols->len < EACH + LANES) {
        add_idle(symbols, (unsigned)g_rand_int_range(random, 6, 40));
        const size_t length = (size_t)g_rand_int_range(random, 64, 200);
        uint8_t *octets = random_frame(random, length);
        add_frame(symbols, octets, length);
        g_free(octets);
    }
    g_array_remove_range(symbols, 0, lane);
    g_array_set_size(symbols, EACH);
    return symbols;
}

static line make_line(GRand *random, unsigned lanes, sd_disparity_rule rule)
{
    line l = {symbols_new(), g_array_new(FALSE, FALSE, sizeof(sd_line_group))};
    GArray *lane[LANES];
    transmit_rd rd[LANES] = {0, 1, 1, 0};
    for (unsigned i = 0; i < lanes; i++)
        lane[i] = lane_traffic(random, i);
    for (guint i = 0; i < EACH * lanes; i++) {
        const symbol s = symbol_at(lane[i % lanes], i / lanes);
        const bool mark = lanes > 1 && i % lanes == 0 && s.special && s.octet == K28_5;
        const symbol on_line = mark ? (symbol){K28_1, true} : s;
        const sd_line_group group = {
            .start = i * 10 * SD_POSITION_ONE,
            .bits = encode(on_line, rule == SD_DISPARITY_SERIAL ? &rd[0] : &rd[i % lanes]),
        };
        g_array_append_val(l.sent, s);
        g_array_append_val(l.groups, group);
    }
    for (unsigned i = 0; i < lanes; i++)
        g_array_free(lane[i], TRUE);
    return l;
}

static void line_free(line *l)
{
    g_array_free(l->sent, TRUE);
    g_array_free(l->groups, TRUE);
}

static sd_line_group *line_group(const line *l, guint i)
{
    assert_true(i < l->groups->len);
    return &g_array_index(l->groups, sd_line_group, i);
}

static void remove_groups(line *l, guint at, guint count)
{
    g_array_remove_range(l->sent, at, count);
    g_array_remove_range(l->groups, at, count);
}

/** Deals the groups, @p step at a time. */
static dealt deal(const sd_code_table *table, const line *l, unsigned lanes, sd_polarity polarity,
                  guint step)
{
    dealt d = {g_array_new(FALSE, FALSE, sizeof(sd_code_group)),
               g_array_new(FALSE, FALSE, sizeof(sd_lane_event)),
               {0}};
    sd_lanes *stage = sd_lanes_new(table, lanes, polarity);
    for (guint at = 0; at < l->groups->len; at += step) {
        const guint n = MIN(step, l->groups->len - at);
        sd_lanes_push(stage, line_group(l, at), n, at + n == l->groups->len, d.groups, d.events);
    }
    d.statistics = sd_lanes_statistics_get(stage);
    sd_lanes_free(stage);
    return d;
}

static void dealt_free(dealt *d)
{
    g_array_free(d->groups, TRUE);
    g_array_free(d->events, TRUE);
}

static const sd_code_group *given(const dealt *d, guint i)
{
    assert_true(i < d->groups->len);
    return &g_array_index(d->groups, sd_code_group, i);
}

/** Octets and flags of groups from..to are as sent, on the lanes that begin with @p first_lane at
    group 0. */
static void is_as_sent(const dealt *d, const line *l, unsigned lanes, guint from, guint to,
                       unsigned first_lane)
{
    for (guint i = from; i < to; i++) {
        const sd_code_group *g = given(d, i);
        const symbol s = symbol_at(l->sent, i);
        assert_int_equal(g->octet, s.octet);
        assert_int_equal(g->flags & ~SD_GROUP_REALIGNED, s.special ? SD_GROUP_SPECIAL : 0);
        assert_int_equal(g->lane, (first_lane + i) % lanes);
        assert_int_equal(g->start, line_group(l, i)->start);
    }
}

static const sd_disparity_rule rules[] = {SD_DISPARITY_SERIAL, SD_DISPARITY_LANE};

/** The record begins on any lane; either rule; either way up; in pieces of any size. */
static void any_start_rule_and_polarity(void **state)
{
    for (size_t rule = 0; rule < G_N_ELEMENTS(rules); rule++) {
        for (guint start = 0; start < LANES; start++) {
            for (unsigned inverted = 0; inverted < 2; inverted++) {
                GRand *random = g_rand_new_with_seed(start);
                line l = make_line(random, LANES, rules[rule]);
                remove_groups(&l, 0, start);
                for (guint i = 0; inverted && i < l.groups->len; i++)
                    line_group(&l, i)->bits ^= SD_WORDS - 1;
                const guint steps[] = {l.groups->len, 1, 333};
                for (size_t s = 0; s < G_N_ELEMENTS(steps); s++) {
                    dealt d = deal(*state, &l, LANES, SD_POLARITY_AUTO, steps[s]);
                    assert_int_equal(d.groups->len, l.groups->len);
                    is_as_sent(&d, &l, LANES, 0, d.groups->len, start);
                    assert_int_equal(d.events->len, 0);
                    assert_true(d.statistics.decided);
                    assert_int_equal(d.statistics.inverted, inverted);
                    assert_int_equal(d.statistics.rule, rules[rule]);
                    assert_int_equal(d.statistics.invalid, 0);
                    assert_int_equal(d.statistics.moves, 0);
                    assert_int_equal(d.statistics.k28_1_elsewhere, 0);
                    assert_true(d.statistics.k28_1 > 100);
                    assert_int_equal(d.statistics.groups, l.groups->len);
                    if (rules[rule] == SD_DISPARITY_SERIAL) {
                        assert_int_equal(d.statistics.serial_errors, 0);
                        assert_true(d.statistics.lane_errors > 100);
                    } else {
                        assert_int_equal(d.statistics.lane_errors, 0);
                        assert_true(d.statistics.serial_errors > 100);
                    }
                    dealt_free(&d);
                }
                line_free(&l);
                g_rand_free(random);
            }
        }
    }
}

static void polarity_as_the_user_says(void **state)
{
    GRand *random = g_rand_new_with_seed(10);
    line l = make_line(random, LANES, SD_DISPARITY_SERIAL);
    static const sd_polarity polarities[] = {SD_POLARITY_NORMAL, SD_POLARITY_INVERTED};
    for (unsigned upside_down = 0; upside_down < 2; upside_down++) {
        for (unsigned said = 0; said < 2; said++) {
            dealt d = deal(*state, &l, LANES, polarities[said], l.groups->len);
            assert_int_equal(d.statistics.inverted, said);
            /* K28.5 D16.2 or what it looks like upside down, D16.5 */
            guint idle = 0, wrong = 0;
            for (guint i = 0; i < d.groups->len; i++) {
                idle += given(&d, i)->octet == D16_2;
                wrong += given(&d, i)->octet == 0xB0;
            }
            assert_int_equal(idle > wrong, said == upside_down);
            dealt_free(&d);
        }
        for (guint i = 0; i < l.groups->len; i++)
            line_group(&l, i)->bits ^= SD_WORDS - 1;
    }
    line_free(&l);
    g_rand_free(random);
}

/** Code-groups are lost: after two K28.1 in the new place the lanes move, and the frames go to the
    right lane again. */
static void lanes_move_after_lost_groups(void **state)
{
    for (guint lost = 1; lost < LANES; lost++) {
        GRand *random = g_rand_new_with_seed(20 + lost);
        line l = make_line(random, LANES, SD_DISPARITY_SERIAL);
        const guint at = 3001;
        remove_groups(&l, at, lost);
        dealt d = deal(*state, &l, LANES, SD_POLARITY_AUTO, 100);
        assert_int_equal(d.statistics.moves, 1);
        assert_int_equal(d.events->len, 2);
        assert_false(g_array_index(d.events, sd_lane_event, 0).moved);
        const sd_lane_event *moved = &g_array_index(d.events, sd_lane_event, 1);
        assert_true(moved->moved);
        /* K28.1 comes `lost` groups early: on lane 4 - lost */
        assert_int_equal(moved->lane, LANES - lost);
        guint from = 0;
        while (given(&d, from)->start != moved->at)
            from++;
        assert_true(from > at);
        assert_int_equal(given(&d, from)->octet, K28_5);
        assert_int_equal(given(&d, from)->lane, 0);
        for (guint i = 0; i < LANES; i++)
            assert_true(given(&d, from + i)->flags & SD_GROUP_REALIGNED);
        guint realigned = 0;
        for (guint i = 0; i < d.groups->len; i++)
            realigned += (given(&d, i)->flags & SD_GROUP_REALIGNED) != 0;
        assert_int_equal(realigned, LANES);
        is_as_sent(&d, &l, LANES, 0, at, 0);
        is_as_sent(&d, &l, LANES, from, d.groups->len, lost);
        dealt_free(&d);
        line_free(&l);
        g_rand_free(random);
    }
}

static void a_single_mark_elsewhere(void **state)
{
    GRand *random = g_rand_new_with_seed(30);
    line l = make_line(random, LANES, SD_DISPARITY_SERIAL);
    guint at = 3002; /* on lane 2, a K28.5 there becomes K28.1 */
    while (!(symbol_at(l.sent, at).special && symbol_at(l.sent, at).octet == K28_5))
        at += LANES;
    transmit_rd negative = 0, positive = 1;
    const uint16_t k28_5 = encode((symbol){K28_5, true}, &negative);
    const bool is_negative = line_group(&l, at)->bits == k28_5;
    negative = 0;
    line_group(&l, at)->bits = encode((symbol){K28_1, true}, is_negative ? &negative : &positive);
    dealt d = deal(*state, &l, LANES, SD_POLARITY_AUTO, 64);
    assert_int_equal(d.events->len, 1);
    const sd_lane_event *event = &g_array_index(d.events, sd_lane_event, 0);
    assert_false(event->moved);
    assert_int_equal(event->lane, 2);
    assert_int_equal(event->at, line_group(&l, at)->start);
    assert_int_equal(d.statistics.k28_1_elsewhere, 1);
    assert_int_equal(d.statistics.moves, 0);
    assert_int_equal(given(&d, at + 1)->lane, 3);
    dealt_free(&d);
    line_free(&l);
    g_rand_free(random);
}

/** Damage counts as what it is: an invalid group, or one disparity error, under either rule. */
/** Where the signal is gone, noise makes K28.1 in any place, and more often than the line does. */
static void marks_where_the_signal_is_gone(void **state)
{
    static const guint begins[] = {0, 3000};
    for (size_t k = 0; k < G_N_ELEMENTS(begins); k++) {
        GRand *random = g_rand_new_with_seed(31);
        line l = make_line(random, LANES, SD_DISPARITY_SERIAL);
        transmit_rd rd = 0;
        const uint16_t mark = encode((symbol){K28_1, true}, &rd);
        const guint end = begins[k] + 501;
        for (guint i = begins[k]; i < end; i++) {
            line_group(&l, i)->flags = SD_GROUP_DEAD;
            if (i % LANES == 3)
                line_group(&l, i)->bits = mark;
        }
        dealt d = deal(*state, &l, LANES, SD_POLARITY_AUTO, 64);
        assert_int_equal(d.statistics.moves, 0);
        assert_int_equal(d.statistics.k28_1_elsewhere, 0);
        assert_int_equal(d.events->len, 0);
        is_as_sent(&d, &l, LANES, end + 20, d.groups->len, 0);
        dealt_free(&d);
        line_free(&l);
        g_rand_free(random);
    }
}

static void damage_is_told(void **state)
{
    for (size_t rule = 0; rule < G_N_ELEMENTS(rules); rule++) {
        GRand *random = g_rand_new_with_seed(40);
        line l = make_line(random, LANES, rules[rule]);
        line_group(&l, 2500)->bits = 0x3FF;
        line_group(&l, 6000)->bits = 0x000;
        line_group(&l, 7000)->flags = SD_GROUP_SLIP;
        line_group(&l, 7000)->bits = 0x3FF;
        dealt d = deal(*state, &l, LANES, SD_POLARITY_AUTO, 64);
        assert_int_equal(d.statistics.rule, rules[rule]);
        assert_int_equal(d.statistics.invalid, 2);
        assert_int_equal(given(&d, 2500)->flags, SD_GROUP_INVALID);
        assert_int_equal(given(&d, 2500)->bits, 0x3FF);
        assert_int_equal(given(&d, 6000)->flags, SD_GROUP_INVALID);
        assert_int_equal(given(&d, 7000)->flags & SD_GROUP_SLIP, SD_GROUP_SLIP);
        guint disparity = 0;
        for (guint i = 0; i < d.groups->len; i++)
            disparity += (given(&d, i)->flags & SD_GROUP_DISPARITY) != 0;
        assert_in_range(disparity, 0, 2); /* at most one behind each invalid group */
        assert_int_equal(rules[rule] == SD_DISPARITY_SERIAL ? d.statistics.serial_errors
                                                            : d.statistics.lane_errors,
                         disparity);
        dealt_free(&d);
        line_free(&l);
        g_rand_free(random);
    }
}

/** The code-group of the other column: one disparity error, and the octet is right. */
static void a_group_of_the_other_column(void **state)
{
    for (size_t rule = 0; rule < G_N_ELEMENTS(rules); rule++) {
        GRand *random = g_rand_new_with_seed(41);
        line l = make_line(random, LANES, rules[rule]);
        unsigned tried = 0;
        for (guint at = 2500; tried < 20; at += 97) {
            const symbol s = symbol_at(l.sent, at);
            transmit_rd rd[2] = {0, 1};
            const uint16_t forms[2] = {encode(s, &rd[0]), encode(s, &rd[1])};
            const uint16_t sent = line_group(&l, at)->bits;
            if (s.special || forms[0] == forms[1])
                continue;
            tried++;
            line_group(&l, at)->bits = sent == forms[0] ? forms[1] : forms[0];
            dealt d = deal(*state, &l, LANES, SD_POLARITY_AUTO, 64);
            assert_int_equal(given(&d, at)->octet, s.octet);
            assert_int_equal(given(&d, at)->flags, SD_GROUP_DISPARITY);
            assert_int_equal(d.statistics.invalid, 0);
            assert_in_range(rules[rule] == SD_DISPARITY_SERIAL ? d.statistics.serial_errors
                                                               : d.statistics.lane_errors,
                            1, 2);
            dealt_free(&d);
            line_group(&l, at)->bits = sent;
        }
        line_free(&l);
        g_rand_free(random);
    }
}

/** Turns over a bit of one group in fifty, and loses a group once in a while. */
static void damage(GRand *random, line *l)
{
    for (guint i = 0; i < l->groups->len; i++) {
        if (g_rand_int_range(random, 0, 50) == 0)
            line_group(l, i)->bits ^= 1U << g_rand_int_range(random, 0, 10);
    }
    for (guint at = 1500; at < l->groups->len; at += 1500)
        remove_groups(l, at, 1);
}

/** A group that the alignment marks is dealt alone, others in runs: it comes to the same. */
static void runs_are_dealt_as_single_groups(void **state)
{
    for (unsigned seed = 0; seed < 8; seed++) {
        const unsigned lanes = seed & 1 ? LANES : 1;
        GRand *random = g_rand_new_with_seed(seed);
        line l = make_line(random, lanes, rules[seed >> 1 & 1]);
        damage(random, &l);
        const guint step = 1 + seed * 100;
        dealt runs = deal(*state, &l, lanes, SD_POLARITY_AUTO, step);
        for (guint i = 0; i < l.groups->len; i++) {
            line_group(&l, i)->flags = SD_GROUP_EITHER;
            line_group(&l, i)->other = line_group(&l, i)->bits;
        }
        dealt single = deal(*state, &l, lanes, SD_POLARITY_AUTO, step);
        assert_int_equal(runs.groups->len, single.groups->len);
        for (guint i = 0; i < runs.groups->len; i++) {
            sd_code_group *one = &g_array_index(single.groups, sd_code_group, i);
            const sd_code_group *same = given(&runs, i);
            assert_int_equal(same->start, one->start);
            assert_int_equal(same->bits, one->bits);
            assert_int_equal(same->octet, one->octet);
            assert_int_equal(same->lane, one->lane);
            assert_int_equal(same->flags, one->flags & ~SD_GROUP_EITHER);
        }
        assert_int_equal(runs.events->len, single.events->len);
        assert_memory_equal(&runs.statistics, &single.statistics, sizeof runs.statistics);
        assert_true(runs.statistics.invalid > 10);
        assert_true(runs.statistics.serial_errors > 10 && runs.statistics.lane_errors > 10);
        assert_true(lanes == 1 || runs.statistics.moves > 1);
        dealt_free(&runs);
        dealt_free(&single);
        line_free(&l);
        g_rand_free(random);
    }
}

static void a_single_lane(void **state)
{
    for (unsigned inverted = 0; inverted < 2; inverted++) {
        GRand *random = g_rand_new_with_seed(50);
        line l = make_line(random, 1, SD_DISPARITY_SERIAL);
        for (guint i = 0; inverted && i < l.groups->len; i++)
            line_group(&l, i)->bits ^= SD_WORDS - 1;
        dealt d = deal(*state, &l, 1, SD_POLARITY_AUTO, 10);
        assert_int_equal(d.groups->len, l.groups->len);
        is_as_sent(&d, &l, 1, 0, d.groups->len, 0);
        assert_int_equal(d.statistics.inverted, inverted);
        assert_int_equal(d.statistics.serial_errors, 0);
        assert_int_equal(d.statistics.k28_1, 0);
        dealt_free(&d);
        line_free(&l);
        g_rand_free(random);
    }
}

/** Too little to decide from is given out at the end all the same. */
static void short_records(void **state)
{
    GRand *random = g_rand_new_with_seed(60);
    line l = make_line(random, LANES, SD_DISPARITY_SERIAL);
    for (guint count = 0; count < 100; count++) {
        line piece = {l.sent, g_array_new(FALSE, FALSE, sizeof(sd_line_group))};
        g_array_append_vals(piece.groups, l.groups->data, count);
        dealt d = deal(*state, &piece, LANES, SD_POLARITY_AUTO, 7);
        assert_int_equal(d.groups->len, count);
        for (guint i = 1; i < count; i++)
            assert_int_equal(given(&d, i)->lane, (given(&d, i - 1)->lane + 1) % LANES);
        dealt_free(&d);
        g_array_free(piece.groups, TRUE);
    }
    line_free(&l);
    g_rand_free(random);
}

/** Nothing but idle, and nothing but configuration: both tell the polarity. */
static void ordered_sets_alone_tell_the_polarity(void **state)
{
    for (unsigned configuration = 0; configuration < 2; configuration++) {
        for (unsigned inverted = 0; inverted < 2; inverted++) {
            GArray *symbols = symbols_new();
            if (configuration)
                add_configuration(symbols, 300, 0x5801);
            else
                add_idle(symbols, 600);
            line l = {symbols, g_array_new(FALSE, FALSE, sizeof(sd_line_group))};
            transmit_rd rd = 1;
            for (guint i = 0; i < symbols->len; i++) {
                sd_line_group group = {.bits = encode(symbol_at(symbols, i), &rd)};
                if (inverted)
                    group.bits ^= SD_WORDS - 1;
                g_array_append_val(l.groups, group);
            }
            dealt d = deal(*state, &l, 1, SD_POLARITY_AUTO, 100);
            assert_int_equal(d.statistics.inverted, inverted);
            assert_int_equal(d.groups->len, symbols->len);
            for (guint i = 0; i < d.groups->len; i++)
                assert_int_equal(given(&d, i)->octet, symbol_at(symbols, i).octet);
            dealt_free(&d);
            line_free(&l);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_start_rule_and_polarity),
        cmocka_unit_test(polarity_as_the_user_says),
        cmocka_unit_test(lanes_move_after_lost_groups),
        cmocka_unit_test(a_single_mark_elsewhere),
        cmocka_unit_test(marks_where_the_signal_is_gone),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(a_group_of_the_other_column),
        cmocka_unit_test(runs_are_dealt_as_single_groups),
        cmocka_unit_test(a_single_lane),
        cmocka_unit_test(short_records),
        cmocka_unit_test(ordered_sets_alone_tell_the_polarity),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
