/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame check sequence against annex 36A and against the polynomial of 3.2.9. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "pcs/fcs.h"

static void annex_36a(void **state)
{
    (void)state;
    static const unsigned times[] = {126, 29};
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        size_t length;
        uint8_t *octets = crpat(times[i], &length);
        assert_true(sd_fcs_good(octets, length));
        assert_false(sd_fcs_good(octets, length - 1));
        assert_false(sd_fcs_good(octets + 1, length - 1));
        g_free(octets);
    }
}

static void every_single_bit_is_noticed(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(2);
    uint8_t *octets = random_frame(random, 64);
    assert_true(sd_fcs_good(octets, 64));
    for (unsigned bit = 0; bit < 64 * 8; bit++) {
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(sd_fcs_good(octets, 64));
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    g_free(octets);
    g_rand_free(random);
}

static void any_length(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(3);
    for (size_t length = 5; length < 1600; length++) {
        uint8_t *octets = random_frame(random, length);
        assert_true(sd_fcs_good(octets, length));
        octets[g_rand_int_range(random, 0, (gint32)length)] ^= 0x10;
        assert_false(sd_fcs_good(octets, length));
        g_free(octets);
    }
    g_rand_free(random);
}

/** One wrong octet, or two: the place of the one alone can be set right. */
static void the_wrong_octet_is_told(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(4);
    for (unsigned times = 0; times < 200; times++) {
        const size_t length = (size_t)g_rand_int_range(random, 5, 300);
        uint8_t *octets = random_frame(random, length);
        const size_t wrong = (size_t)g_rand_int_range(random, 0, (gint32)length);
        octets[wrong] ^= (uint8_t)g_rand_int_range(random, 1, 256);
        for (size_t at = 0; at < length; at++)
            assert_int_equal(sd_fcs_can_be_good(octets, length, at), at == wrong);
        octets[(wrong + 1) % length] ^= 0x40;
        for (size_t at = 0; at < length; at++)
            assert_false(sd_fcs_can_be_good(octets, length, at));
        assert_false(sd_fcs_can_be_good(octets, length, length));
        g_free(octets);
    }
    g_rand_free(random);
}

static void too_short_to_have_one(void **state)
{
    (void)state;
    static const uint8_t zeros[4] = {0};
    for (size_t length = 0; length <= sizeof zeros; length++) {
        assert_false(sd_fcs_good(zeros, length));
        assert_false(sd_fcs_can_be_good(zeros, length, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(annex_36a),
        cmocka_unit_test(every_single_bit_is_noticed),
        cmocka_unit_test(any_length),
        cmocka_unit_test(the_wrong_octet_is_told),
        cmocka_unit_test(too_short_to_have_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
