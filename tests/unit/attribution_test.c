/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disparity errors tied to the code-group that was hit: one bit turned over, in idle, copies and
   random octets, on one lane and on four, with either rule of the running disparity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "linecode/attribution.h"

#define LANES 4
/** Groups before the one that is hit, and behind. */
#define AROUND 120

/** What the stage is given: code-groups as they come from the lanes. */
typedef struct {
    const sd_code_table *table;
    GArray *words; /* uint16_t: as they were sent */
    unsigned lanes;
    sd_disparity_rule rule;
} line;

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

/** Deals the symbols of each lane, in turn, onto a line. */
static line make_line(const sd_code_table *table, GArray *const lane[], unsigned lanes,
                      sd_disparity_rule rule)
{
    line l = {table, g_array_new(FALSE, FALSE, sizeof(uint16_t)), lanes, rule};
    transmit_rd rd[LANES] = {0};
    for (guint i = 0; i < lane[0]->len; i++) {
        for (unsigned k = 0; k < lanes; k++) {
            const uint16_t word =
                encode(symbol_at(lane[k], i), &rd[rule == SD_DISPARITY_SERIAL ? 0 : k]);
            g_array_append_val(l.words, word);
        }
    }
    return l;
}

/** The code-groups with the flags that they have where a receiver notices errors. */
static GArray *received(const line *l, const uint16_t *words)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    uint8_t rd[LANES] = {SD_RD_UNKNOWN, SD_RD_UNKNOWN, SD_RD_UNKNOWN, SD_RD_UNKNOWN};
    for (guint i = 0; i < l->words->len; i++) {
        const sd_code *code = &l->table->code[words[i]];
        uint8_t *now = &rd[l->rule == SD_DISPARITY_SERIAL ? 0 : i % l->lanes];
        const bool valid = code->valid[SD_RD_UNKNOWN];
        const sd_code_group group = {
            .start = i * 10 * SD_POSITION_ONE,
            .bits = words[i],
            .octet = code->octet,
            .lane = (uint8_t)(i % l->lanes),
            .flags = (uint8_t)((code->special ? SD_GROUP_SPECIAL : 0) |
                               (!valid               ? SD_GROUP_INVALID
                                : !code->valid[*now] ? SD_GROUP_DISPARITY
                                                     : 0)),
        };
        *now = code->rd_after[*now];
        g_array_append_val(groups, group);
    }
    return groups;
}

/** Pushes the groups, @p step at a time. */
static GArray *attribute(const line *l, GArray *groups, guint step,
                         sd_attribution_statistics *statistics)
{
    sd_attribution *stage = sd_attribution_new(l->table, l->lanes);
    GArray *between = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    GArray *all = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    for (guint at = 0; at < groups->len; at += step) {
        const guint n = MIN(step, groups->len - at);
        g_array_append_vals(between, &g_array_index(groups, sd_code_group, at), n);
        const guint final = sd_attribution_push(stage, between, l->rule, at + n == groups->len);
        assert_in_range(final, 0, between->len);
        g_array_append_vals(all, between->data, final);
        g_array_remove_range(between, 0, final);
    }
    assert_int_equal(between->len, 0);
    assert_int_equal(all->len, groups->len);
    *statistics = sd_attribution_statistics_get(stage);
    sd_attribution_free(stage);
    g_array_free(between, TRUE);
    return all;
}

/** How often the group that was hit was told, how often it was only among the suspects, and how
    often, of all that, it was another one: what stands beside a group may mislead by chance. */
typedef struct {
    unsigned told, unsure, wrong;
} tally;

/** Turns one bit over, and looks where the error is: at its place; or, noticed later, among the
    suspects. There is one error in all. */
static void hit(const line *l, guint at, unsigned bit, tally *t)
{
    uint16_t *words = g_memdup2(l->words->data, l->words->len * sizeof(uint16_t));
    const bool one = words[at] >> bit & 1;
    words[at] ^= (uint16_t)(1U << bit);
    GArray *groups = received(l, words);
    const guint steps[] = {groups->len, 1, 97};
    for (size_t s = 0; s < G_N_ELEMENTS(steps); s++) {
        sd_attribution_statistics statistics;
        GArray *given = attribute(l, groups, steps[s], &statistics);
        unsigned damaged = 0;
        guint place = 0;
        for (guint i = 0; i < given->len; i++) {
            const sd_code_group *group = &g_array_index(given, sd_code_group, i);
            assert_int_equal(group->bits, words[i]);
            if (group->flags & SD_GROUP_DAMAGED) {
                damaged++;
                place = i;
            }
        }
        if (damaged != 1)
            fail_msg("bit %u of group %u turned over: %u errors", bit, at, damaged);
        const sd_code_group *found = &g_array_index(given, sd_code_group, place);
        const bool invalid = found->flags & SD_GROUP_INVALID;
        assert_int_equal(statistics.disparity, !invalid);
        assert_int_equal(statistics.ones_hit, one);
        assert_int_equal(statistics.zeros_hit, !one);
        assert_true(statistics.period == 0);
        if (found->uncertainty == 0) {
            t->wrong += place != at && s == 0;
            t->told += !invalid && s == 0;
        } else {
            const sd_code_group *suspect = &g_array_index(given, sd_code_group, at);
            assert_false(invalid);
            assert_in_range(at, place - found->uncertainty, place);
            t->wrong += !(suspect->flags & SD_GROUP_SUSPECT) && s == 0;
            t->unsure += s == 0;
        }
        g_array_free(given, TRUE);
    }
    g_array_free(groups, TRUE);
    g_free(words);
}

/** Every bit of some groups in the middle. */
static tally hit_all(const line *l, guint groups)
{
    tally t = {0};
    for (guint at = AROUND; at < AROUND + groups; at++) {
        for (unsigned bit = 0; bit < 10; bit++)
            hit(l, at, bit, &t);
    }
    assert_true(t.wrong * 500 <= t.told + t.unsure);
    return t;
}

static void line_free(line *l)
{
    g_array_free(l->words, TRUE);
}

static void add_random(GArray *symbols, GRand *random, unsigned octets, unsigned copies)
{
    for (unsigned i = 0; i < octets; i++) {
        const uint8_t octet = (uint8_t)g_rand_int_range(random, 0, 256);
        add_octets(symbols, &octet, 1, copies);
    }
}

static const sd_disparity_rule rules[] = {SD_DISPARITY_SERIAL, SD_DISPARITY_LANE};

static void clean(void **state)
{
    GRand *random = g_rand_new_with_seed(1);
    for (size_t rule = 0; rule < G_N_ELEMENTS(rules); rule++) {
        GArray *lane[LANES];
        for (unsigned k = 0; k < LANES; k++) {
            lane[k] = symbols_new();
            add_random(lane[k], random, 500, 1);
        }
        line l = make_line(*state, lane, LANES, rules[rule]);
        GArray *groups = received(&l, (const uint16_t *)(const void *)l.words->data);
        sd_attribution_statistics statistics;
        GArray *given = attribute(&l, groups, 100, &statistics);
        assert_memory_equal(given->data, groups->data, groups->len * sizeof(sd_code_group));
        assert_int_equal(statistics.disparity + statistics.ones_hit + statistics.zeros_hit, 0);
        g_array_free(given, TRUE);
        g_array_free(groups, TRUE);
        line_free(&l);
        for (unsigned k = 0; k < LANES; k++)
            g_array_free(lane[k], TRUE);
    }
    g_rand_free(random);
}

/** Idle and configuration tell the group by themselves. */
static void in_ordered_sets(void **state)
{
    for (unsigned configuration = 0; configuration < 2; configuration++) {
        GArray *symbols = symbols_new();
        if (configuration)
            add_configuration(symbols, 80, 0x5801);
        else
            add_idle(symbols, 160);
        line l = make_line(*state, &symbols, 1, SD_DISPARITY_SERIAL);
        const tally t = hit_all(&l, 8);
        assert_int_equal(t.unsure, 0);
        assert_true(t.told > 10);
        line_free(&l);
        g_array_free(symbols, TRUE);
    }
}

/** So do the copies of 10 and 100 Mb/s. */
static void in_copies(void **state)
{
    GRand *random = g_rand_new_with_seed(2);
    GArray *symbols = symbols_new();
    add_random(symbols, random, 40, 10);
    line l = make_line(*state, &symbols, 1, SD_DISPARITY_SERIAL);
    const tally t = hit_all(&l, 100);
    assert_true(t.told > 100 * t.unsure);
    line_free(&l);
    g_array_free(symbols, TRUE);
    g_rand_free(random);
}

/** Of random octets nothing tells, unless there is but one that it can have been. */
static void in_random_octets(void **state)
{
    GRand *random = g_rand_new_with_seed(3);
    GArray *symbols = symbols_new();
    add_random(symbols, random, 1000, 1);
    line l = make_line(*state, &symbols, 1, SD_DISPARITY_SERIAL);
    const tally t = hit_all(&l, 200);
    assert_true(t.told > 0);
    assert_true(t.unsure > t.told);
    line_free(&l);
    g_array_free(symbols, TRUE);
    g_rand_free(random);
}

/** Three lanes that tell, one that does not. */
static void on_four_lanes(void **state)
{
    for (size_t rule = 0; rule < G_N_ELEMENTS(rules); rule++) {
        GRand *random = g_rand_new_with_seed(4);
        GArray *lane[LANES] = {symbols_new(), symbols_new(), symbols_new(), symbols_new()};
        add_idle(lane[0], 100);
        add_random(lane[1], random, 20, 10);
        add_random(lane[2], random, 200, 1);
        add_configuration(lane[3], 50, 0x9801);
        line l = make_line(*state, lane, LANES, rules[rule]);
        const tally t = hit_all(&l, 200);
        assert_true(t.told > 2 * t.unsure);
        line_free(&l);
        for (unsigned k = 0; k < LANES; k++)
            g_array_free(lane[k], TRUE);
        g_rand_free(random);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean),         cmocka_unit_test(in_ordered_sets),
        cmocka_unit_test(in_copies),     cmocka_unit_test(in_random_octets),
        cmocka_unit_test(on_four_lanes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
