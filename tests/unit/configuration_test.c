/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config_reg words of clause 37 and of SGMII. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <glib.h>
#include <string.h>

#include "pcs/configuration.h"

static void speed_of_every_word(void **state)
{
    (void)state;
    static const unsigned speeds[4] = {10, 100, 1000, 0};
    for (unsigned word = 0; word < 0x10000; word++) {
        const bool sgmii = word % 2 == 1, link = word >> 15;
        assert_int_equal(sd_config_is_sgmii((uint16_t)word), sgmii);
        assert_int_equal(sd_config_speed((uint16_t)word),
                         sgmii && link ? speeds[word / 1024 % 4] : 0);
    }
}

static void has_words(uint16_t word, const char *const *wanted, const char *const *unwanted)
{
    char *text = sd_config_describe(word);
    for (; *wanted != NULL; wanted++) {
        if (strstr(text, *wanted) == NULL)
            fail_msg("0x%04X: \"%s\" does not say \"%s\"", word, text, *wanted);
    }
    for (; *unwanted != NULL; unwanted++) {
        if (strstr(text, *unwanted) != NULL)
            fail_msg("0x%04X: \"%s\" says \"%s\"", word, text, *unwanted);
    }
    g_free(text);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void sgmii_in_words(void **state)
{
    (void)state;
    has_words(0xD801, WORDS("SGMII", "acknowledge", "link up", "1000 Mb/s", "full duplex"),
              WORDS("BASE-X", "half"));
    has_words(0x9401, WORDS("SGMII", "link up", "100 Mb/s", "full duplex"),
              WORDS("acknowledge", "1000 Mb/s"));
    has_words(0xC001, WORDS("SGMII", "acknowledge", "link up", "10 Mb/s", "half duplex"),
              WORDS("full", "100 Mb/s"));
    has_words(0x9C01, WORDS("SGMII", "reserved"), WORDS("Mb/s"));
    has_words(0x4001, WORDS("SGMII", "MAC", "acknowledge"), WORDS("Mb/s", "link up"));
    has_words(0x0001, WORDS("SGMII", "MAC"), WORDS("Mb/s", "acknowledge", "link up"));
    has_words(0x1801, WORDS("SGMII", "link down"), WORDS("Mb/s", "link up"));
}

static void clause_37_in_words(void **state)
{
    (void)state;
    has_words(0x0020, WORDS("1000BASE-X", "full duplex", "no pause"),
              WORDS("SGMII", "half", "acknowledge", "fault", "next page"));
    has_words(0x0040, WORDS("1000BASE-X", "half duplex"), WORDS("full"));
    has_words(0x00A0, WORDS("symmetric pause"), WORDS("asymmetric", "no pause"));
    has_words(0x0120, WORDS("asymmetric pause"), WORDS("no pause"));
    has_words(0x41A0, WORDS("acknowledge", "symmetric", "asymmetric"), WORDS("no pause"));
    has_words(0x1020, WORDS("link failure"), WORDS("offline")); /* table 37-3: RF1 is bit 12 */
    has_words(0x2020, WORDS("offline"), WORDS("link failure"));
    has_words(0x3020, WORDS("fault"), WORDS("offline", "link failure"));
    has_words(0x8020, WORDS("next page"), WORDS("fault"));
    has_words(0x0000, WORDS("restart"), WORDS("SGMII", "BASE-X"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speed_of_every_word),
        cmocka_unit_test(sgmii_in_words),
        cmocka_unit_test(clause_37_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
