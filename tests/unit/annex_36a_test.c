/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The random patterns of annex 36A from the bits of the line to checked frames, at every speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "linecode/alignment.h"
#include "linecode/lanes.h"
#include "pcs/rate_adaptation.h"
#include "received.h"

static const struct {
    unsigned speed, copies;
} speeds[] = {{10, 100}, {100, 10}, {1000, 1}};

/** Bits to what one lane receives. */
static received_all receive_bits(const GByteArray *bits)
{
    sd_code_table *table = sd_code_table_new();
    sd_alignment *alignment = sd_alignment_new(table, 1);
    sd_lanes *lanes = sd_lanes_new(table, 1, SD_POLARITY_AUTO);
    GArray *words = pack_bits(bits);
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(sd_line_group));
    GArray *slips = g_array_new(FALSE, FALSE, sizeof(sd_slip));
    GArray *code_groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    GArray *events = g_array_new(FALSE, FALSE, sizeof(sd_lane_event));
    sd_alignment_push(alignment, &g_array_index(words, sd_bit_word, 0), words->len, true, groups,
                      slips);
    assert_int_equal(slips->len, 0);
    sd_lanes_push(lanes, &g_array_index(groups, sd_line_group, 0), groups->len, true, code_groups,
                  events);
    const sd_lanes_statistics statistics = sd_lanes_statistics_get(lanes);
    assert_int_equal(statistics.invalid, 0);
    assert_int_equal(statistics.serial_errors, 0);
    received_all all = receive_groups(code_groups);
    g_array_free(events, TRUE);
    g_array_free(code_groups, TRUE);
    g_array_free(slips, TRUE);
    g_array_free(groups, TRUE);
    g_array_free(words, TRUE);
    sd_lanes_free(lanes);
    sd_alignment_free(alignment);
    g_free(table);
    return all;
}

/** Idle, the frame, idle; /S/ takes the place of one copy. */
static GByteArray *line_bits(const uint8_t *octets, size_t length, unsigned copies, transmit_rd rd)
{
    static const uint8_t rest[8] = {PREAMBLE, PREAMBLE, PREAMBLE, PREAMBLE,
                                    PREAMBLE, PREAMBLE, PREAMBLE, SFD};
    GArray *symbols = symbols_new();
    add_idle(symbols, 30);
    add_special(symbols, K27_7);
    add_octets(symbols, rest, 1, copies - 1);
    add_octets(symbols, rest + 1, 7, copies);
    add_octets(symbols, octets, length, copies);
    add_end(symbols);
    add_idle(symbols, 30);
    GArray *words = encode_all(symbols, &rd);
    GByteArray *bits = bits_of_words(words);
    g_array_free(words, TRUE);
    g_array_free(symbols, TRUE);
    return bits;
}

static void continuous_random_test_pattern(void **state)
{
    (void)state;
    static const unsigned times[] = {126, 29};
    for (size_t t = 0; t < G_N_ELEMENTS(times); t++) {
        for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
            for (guint dropped = 0; dropped < 10; dropped += 3) {
                size_t length;
                uint8_t *octets = crpat(times[t], &length);
                GByteArray *bits = line_bits(octets, length, speeds[s].copies, dropped % 2);
                g_byte_array_remove_range(bits, 0, dropped);
                received_all all = receive_bits(bits);
                assert_int_equal(all.frames->len, 1);

                sd_rate_adaptation *adaptation = sd_rate_adaptation_new();
                const sd_speed_hints none = {0};
                sd_frame frame;
                uint64_t end;
                sd_rate_adaptation_frame(adaptation, frame_at(&all, 0), &none, 1, &frame, &end);
                assert_int_equal(frame.length, length);
                assert_memory_equal(frame.octets, octets, length);
                assert_int_equal(frame.flags, 0);
                assert_int_equal(frame.speed, speeds[s].speed);
                assert_int_equal(frame.preamble, 7);
                assert_int_equal(frame.begin, SD_BEGIN_S);
                assert_int_equal(frame.end, SD_END_T);
                assert_int_equal(frame.invalid + frame.disparity, 0);
                sd_rate_adaptation_free(adaptation);
                received_free(&all);
                g_byte_array_free(bits, TRUE);
                g_free(octets);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(continuous_random_test_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
