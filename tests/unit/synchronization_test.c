/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The transitions of figure 36-9, the synchronisation state diagram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "pcs/synchronization.h"

/** Code-groups as letters: K comma, D data, R another special group, X invalid, P disparity error,
    C a comma at the wrong running disparity. */
static sd_code_group group_of(char letter)
{
    switch (letter) {
    case 'K':
        return (sd_code_group){.octet = K28_5, .flags = SD_GROUP_SPECIAL};
    case 'C':
        return (sd_code_group){.octet = K28_5, .flags = SD_GROUP_SPECIAL | SD_GROUP_DISPARITY};
    case 'R':
        return (sd_code_group){.octet = K23_7, .flags = SD_GROUP_SPECIAL};
    case 'X':
        return (sd_code_group){.octet = 0x12, .flags = SD_GROUP_INVALID};
    case 'P':
        return (sd_code_group){.octet = 0x12, .flags = SD_GROUP_DISPARITY};
    default:
        assert_int_equal(letter, 'D');
        return (sd_code_group){.octet = D16_2};
    }
}

/** Runs the letters; the changes are the places at which sync changed. */
static unsigned run(const char *letters, unsigned *changes, unsigned most, bool *sync)
{
    sd_synchronization s = {0};
    unsigned n = 0;
    for (unsigned i = 0; letters[i] != '\0'; i++) {
        const sd_code_group group = group_of(letters[i]);
        const bool before = s.sync;
        const bool changed = sd_synchronization_push(&s, &group);
        assert_int_equal(changed, s.sync != before);
        if (changed && n < most)
            changes[n++] = i;
    }
    *sync = s.sync;
    return n;
}

#define NEVER 999
/** What acquires synchronisation; six groups. */
#define UP "KDKDKD"

typedef struct {
    const char *letters;
    unsigned up, down; /* places at which sync is reached and lost; NEVER */
} transition;

static void run_table(const transition *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned changes[2] = {NEVER, NEVER};
        bool sync;
        run(table[i].letters, changes, 2, &sync);
        if (changes[0] != table[i].up || changes[1] != table[i].down)
            fail_msg("%s: up at %u and down at %u, not at %u and %u", table[i].letters, changes[0],
                     changes[1], table[i].up, table[i].down);
        assert_int_equal(sync, table[i].up != NEVER && table[i].down == NEVER);
    }
}

static void three_commas_acquire(void **state)
{
    (void)state;
    static const transition table[] = {
        /* COMMA_DETECT_3 wants /D/, so that the third one's data group acquires */
        {"KDKDKD", 5, NEVER},
        {"DDDKDKDKD", 8, NEVER},
        {"KDKD", NEVER, NEVER},
        {"KDDDKDDDDDKD", 11, NEVER},
        /* ACQUIRE_SYNC_n takes any good group, special ones too */
        {"KDRRKDRRKD", 9, NEVER},
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void bad_groups_while_acquiring(void **state)
{
    (void)state;
    static const transition table[] = {
        {"KDKDXKD", NEVER, NEVER},
        {"KDKDXKDKDKD", 10, NEVER},
        {"KDKDPKDKDKD", 10, NEVER},
        {"KDXDKDXDKDXDKDXD", NEVER, NEVER},
        /* a comma at the wrong running disparity is invalid */
        {"KDCDKDKD", NEVER, NEVER},
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void what_is_behind_a_comma_must_be_data(void **state)
{
    (void)state;
    static const transition table[] = {
        {"KRKRKRKRKR", NEVER, NEVER}, {"KDKDKR", NEVER, NEVER},       {"KDKDKX", NEVER, NEVER},
        {"KDKDKXKDKDKD", 11, NEVER},  {"KKKKKKKKKKKK", NEVER, NEVER},
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void commas_in_odd_places_while_acquiring(void **state)
{
    (void)state;
    static const transition table[] = {
        {"KDDKDDKDDKDDKDD", NEVER, NEVER},
        /* the odd one at 3 leads to LOSS_OF_SYNC; those at 5, 7, 9 acquire */
        {"KDDKDKDKD", NEVER, NEVER},
        {"KDDKDKDKDKD", 10, NEVER},
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void four_bad_groups_lose(void **state)
{
    (void)state;
    static const transition table[] = {
        {UP "XXX", 5, NEVER},  {UP "XXXX", 5, 9},           {UP "XPXP", 5, 9},
        {UP "XDXDXDX", 5, 12}, {UP "XDDDXDDDXDDDX", 5, 18}, /* three good ones do not make up for a
                                                               bad one */
        {UP "XXXXKDKD", 5, 9},
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void four_good_groups_make_up_for_one(void **state)
{
    (void)state;
    static const transition table[] = {
        {UP "XDDDDXDDDDXDDDDXDDDDXDDDDXDDDD", 5, NEVER},
        {UP "XXDDDDXX", 5, NEVER}, /* 3, 2, 3, 4 */
        {UP "XXDDDDXXX", 5, 14},
        {UP "XXXDDDDDDDDDDDDXXX", 5, NEVER},
        {UP "XXXDDDDDDDDDDDDXXXX", 5, 24},
        {UP "XXXDDDDDDDDDDDXXX", 5, 22}, /* eleven make up for two: 4, 2, 3, 4, lost */
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void commas_in_odd_places_are_bad(void **state)
{
    (void)state;
    static const transition table[] = {
        {UP "KDKDKDKDKDKD", 5, NEVER},
        {UP "DKDKDK", 5, NEVER},
        {UP "DKDKDKDK", 5, 13},
        /* the place of the even groups stays while synchronised */
        {UP "DKKDKDKDKD", 5, NEVER},
    };
    run_table(table, G_N_ELEMENTS(table));
}

static void every_comma_counts(void **state)
{
    (void)state;
    static const uint8_t commas[] = {K28_1, K28_5, 0xFC};
    sd_synchronization s = {0};
    for (unsigned i = 0; i < 3; i++) {
        const sd_code_group comma = {.octet = commas[i], .flags = SD_GROUP_SPECIAL};
        const sd_code_group data = group_of('D');
        sd_synchronization_push(&s, &comma);
        sd_synchronization_push(&s, &data);
        assert_int_equal(s.sync, i == 2);
    }
}

/** A run of data is the same as its groups one by one. */
static void runs_of_data(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(1);
    sd_synchronization single = {0}, runs = {0};
    unsigned steady = 0;
    for (unsigned i = 0; i < 20000; i++) {
        const unsigned count = (unsigned)g_rand_int_range(random, 0, 6);
        const bool at_once = sd_synchronization_steady(&runs);
        const sd_code_group data = group_of('D');
        for (unsigned k = 0; k < count; k++) {
            sd_synchronization_push(&single, &data);
            if (!at_once)
                sd_synchronization_push(&runs, &data);
        }
        if (at_once)
            sd_synchronization_take_data(&runs, count);
        steady += at_once;
        const sd_code_group other = group_of("KKKKKKCXPR"[g_rand_int_range(random, 0, 10)]);
        assert_int_equal(sd_synchronization_push(&single, &other),
                         sd_synchronization_push(&runs, &other));
        assert_int_equal(single.state, runs.state);
        assert_int_equal(single.commas, runs.commas);
        assert_int_equal(single.bad, runs.bad);
        assert_int_equal(single.good_cgs, runs.good_cgs);
        assert_int_equal(single.rx_even, runs.rx_even);
    }
    assert_in_range(steady, 50, 19000);
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_commas_acquire),
        cmocka_unit_test(bad_groups_while_acquiring),
        cmocka_unit_test(what_is_behind_a_comma_must_be_data),
        cmocka_unit_test(commas_in_odd_places_while_acquiring),
        cmocka_unit_test(four_bad_groups_lose),
        cmocka_unit_test(four_good_groups_make_up_for_one),
        cmocka_unit_test(commas_in_odd_places_are_bad),
        cmocka_unit_test(every_comma_counts),
        cmocka_unit_test(runs_of_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
