/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 1,024 ten-bit words against tables 36-1 and 36-2 of IEEE 802.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "linecode/code_table.h"

static int setup(void **state)
{
    *state = sd_code_table_new();
    return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    g_free(*state);
    return 0;
}

static void every_row_stands_in_its_columns(void **state)
{
    const sd_code_table *table = *state;
    for (unsigned rd = SD_RD_NEGATIVE; rd <= SD_RD_POSITIVE; rd++) {
        for (unsigned octet = 0; octet < 256; octet++) {
            const sd_code *code = &table->code[word_from_text(data_rows[octet].column[rd])];
            assert_true(code->valid[rd]);
            assert_true(code->valid[SD_RD_UNKNOWN]);
            assert_false(code->special);
            assert_int_equal(code->octet, octet);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(special_rows); i++) {
            const sd_code *code = &table->code[word_from_text(special_rows[i].words.column[rd])];
            assert_true(code->valid[rd]);
            assert_true(code->valid[SD_RD_UNKNOWN]);
            assert_true(code->special);
            assert_int_equal(code->octet, special_rows[i].octet);
        }
    }
}

static void no_other_word_is_valid(void **state)
{
    const sd_code_table *table = *state;
    bool in_column[2][SD_WORDS] = {{false}};
    for (unsigned rd = 0; rd < 2; rd++) {
        for (unsigned octet = 0; octet < 256; octet++)
            in_column[rd][word_from_text(data_rows[octet].column[rd])] = true;
        for (size_t i = 0; i < G_N_ELEMENTS(special_rows); i++)
            in_column[rd][word_from_text(special_rows[i].words.column[rd])] = true;
    }
    for (unsigned word = 0; word < SD_WORDS; word++) {
        const sd_code *code = &table->code[word];
        assert_int_equal(code->valid[SD_RD_NEGATIVE], in_column[0][word]);
        assert_int_equal(code->valid[SD_RD_POSITIVE], in_column[1][word]);
        assert_int_equal(code->valid[SD_RD_UNKNOWN], in_column[0][word] || in_column[1][word]);
    }
}

static void running_disparity_follows_the_sub_blocks(void **state)
{
    const sd_code_table *table = *state;
    for (unsigned word = 0; word < SD_WORDS; word++) {
        const sd_code *code = &table->code[word];
        const unsigned negative = rd_after_word(word, 0), positive = rd_after_word(word, 1);
        assert_int_equal(code->rd_after[SD_RD_NEGATIVE], negative);
        assert_int_equal(code->rd_after[SD_RD_POSITIVE], positive);
        /* A word that sets the running disparity tells it, even when nothing was known. */
        assert_int_equal(code->rd_after[SD_RD_UNKNOWN],
                         negative == positive ? negative : SD_RD_UNKNOWN);
    }
}

/** The forms that a line engineer knows by heart, independent of the long tables. */
static void well_known_code_groups(void **state)
{
    static const struct {
        const char *text;
        uint8_t octet;
        bool special;
    } known[] = {
        {"001111 1010", SD_K28_5, true}, {"001111 1001", SD_K28_1, true},
        {"110110 1000", SD_K27_7, true}, {"101110 1000", SD_K29_7, true},
        {"111010 1000", SD_K23_7, true}, {"011110 1000", SD_K30_7, true},
        {"001111 1000", SD_K28_7, true}, {"101010 1010", D21_5, false},
        {"101101 0101", D2_2, false},    {"101001 0110", D5_6, false},
        {"011011 0101", D16_2, false},   {"011001 1010", D6_5, false},
        {"010110 1101", D26_4, false},
    };
    const sd_code_table *table = *state;
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        const sd_code *code = &table->code[word_from_text(known[i].text)];
        assert_true(code->valid[SD_RD_NEGATIVE]);
        assert_int_equal(code->special, known[i].special);
        assert_int_equal(code->octet, known[i].octet);
    }
}

/** "The octet; of an invalid word, what its sound sub-block gives." */
static void an_invalid_word_keeps_its_sound_sub_block(void **state)
{
    static const struct {
        const char *text;
        uint8_t mask, octet;
    } words[] = {
        {"100111 0000", 0x1F, 0x00}, /* D0 */
        {"101010 1111", 0x1F, 0x15}, /* D21 */
        {"000000 1010", 0xE0, 0xA0}, /* .5 */
        {"111111 1001", 0xE0, 0x20}, /* .1 */
        {"111111 0101", 0xE0, 0x40}, /* .2 */
    };
    const sd_code_table *table = *state;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        const sd_code *code = &table->code[word_from_text(words[i].text)];
        assert_false(code->valid[SD_RD_UNKNOWN]);
        assert_false(code->special);
        assert_int_equal(code->octet & words[i].mask, words[i].octet);
    }
}

/** Decoding under the running disparity that the table itself carries on gives back any octets. */
static void random_octets_come_back(void **state)
{
    const sd_code_table *table = *state;
    GRand *random = g_rand_new_with_seed(1);
    transmit_rd sent = 0;
    unsigned rd = SD_RD_UNKNOWN;
    for (unsigned i = 0; i < 100000; i++) {
        const symbol s = {(uint8_t)g_rand_int_range(random, 0, 256), false};
        const sd_code *code = &table->code[encode(s, &sent)];
        assert_true(code->valid[rd]);
        assert_int_equal(code->octet, s.octet);
        rd = code->rd_after[rd];
        assert_true(rd == SD_RD_UNKNOWN || rd == sent);
    }
    assert_int_equal(rd, sent);
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_stands_in_its_columns),
        cmocka_unit_test(no_other_word_is_valid),
        cmocka_unit_test(running_disparity_follows_the_sub_blocks),
        cmocka_unit_test(well_known_code_groups),
        cmocka_unit_test(an_invalid_word_keeps_its_sound_sub_block),
        cmocka_unit_test(random_octets_come_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
