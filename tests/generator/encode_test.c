/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 8b/10b code of the generator against known code-groups and properties of the code. */
#include "encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Code-groups of tables 36-1 and 36-2 at negative running disparity, a first. */
static const struct {
    uint8_t octet;
    bool control;
    const char *bits;
} known[] = {
    {0xBC, true, "0011111010"},  /* K28.5 */
    {0x3C, true, "0011111001"},  /* K28.1 */
    {0xFB, true, "1101101000"},  /* K27.7 */
    {0xFD, true, "1011101000"},  /* K29.7 */
    {0xF7, true, "1110101000"},  /* K23.7 */
    {0xFE, true, "0111101000"},  /* K30.7 */
    {0xB5, false, "1010101010"}, /* D21.5 */
    {0x42, false, "1011010101"}, /* D2.2 */
    {0xC5, false, "1010010110"}, /* D5.6 */
    {0x50, false, "0110110101"}, /* D16.2 */
    {0xA6, false, "0110011010"}, /* D6.5 */
    {0x9A, false, "0101101101"}, /* D26.4 */
};

static void test_known_code_groups(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_int_equal(gen_encode(known[i].octet, known[i].control, GEN_RD_NEGATIVE),
                         strtol(known[i].bits, NULL, 2));
}

static void encode_all(uint16_t words[268], gen_disparity before)
{
    for (unsigned i = 0; i < 256; i++)
        words[i] = gen_encode((uint8_t)i, false, before);
    for (unsigned i = 0; i < 12; i++)
        words[256 + i] = gen_encode(gen_special_octets[i], true, before);
}

/* Each column holds 268 words, all different, with disparity 0 or 2 to its own side, and the
 * complement of a word of one column stands in the other. */
static void test_columns(void **state)
{
    (void)state;
    uint8_t column[GEN_CODE_GROUPS];
    gen_columns(column);
    for (unsigned disparity = 0; disparity < 2; disparity++) {
        unsigned count = 0;
        for (unsigned word = 0; word < GEN_CODE_GROUPS; word++) {
            if ((column[word] >> disparity & 1) == 0)
                continue;
            count++;
            int ones = __builtin_popcount(word);
            assert_true(ones == 5 || ones == (disparity == GEN_RD_NEGATIVE ? 6 : 4));
            assert_true(column[word ^ 0x3FF] >> (1 - disparity) & 1);
        }
        assert_int_equal(count, 268);
    }
}

/* Runs and commas over all pairs of data groups: never more than five equal bits, and the comma
 * 0011111 or 1100000 (36.2.4.9) nowhere. */
static void test_pairs(void **state)
{
    (void)state;
    uint16_t words[2][268];
    encode_all(words[GEN_RD_NEGATIVE], GEN_RD_NEGATIVE);
    encode_all(words[GEN_RD_POSITIVE], GEN_RD_POSITIVE);
    for (unsigned before = 0; before < 2; before++) {
        for (unsigned first = 0; first < 256; first++) {
            uint16_t left = words[before][first];
            gen_disparity between = gen_disparity_after(left, before);
            for (unsigned second = 0; second < 256; second++) {
                unsigned both = (unsigned)left << 10 | words[between][second];
                for (unsigned shift = 0; shift <= 13; shift++) {
                    unsigned seven = both >> shift & 0x7F;
                    assert_true(seven != 0x1F && seven != 0x60);
                }
                for (unsigned shift = 0; shift <= 14; shift++) {
                    unsigned six = both >> shift & 0x3F;
                    assert_true(six != 0 && six != 0x3F);
                }
            }
        }
    }
}

/* The running disparity after a valid code-group is that of its count of ones. */
static void test_disparity(void **state)
{
    (void)state;
    for (unsigned before = 0; before < 2; before++) {
        uint16_t words[268];
        encode_all(words, before);
        for (unsigned i = 0; i < 268; i++) {
            int ones = __builtin_popcount(words[i]);
            gen_disparity after = ones == 5  ? (gen_disparity)before
                                  : ones > 5 ? GEN_RD_POSITIVE
                                             : GEN_RD_NEGATIVE;
            assert_int_equal(gen_disparity_after(words[i], before), after);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_code_groups),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_disparity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
