/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comma alignment: bit offsets, slips, false commas, noise, interleaved lanes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

#include "encoder.h"
#include "linecode/alignment.h"

/** What the stage made of some bits. */
typedef struct {
    GArray *groups; /* sd_line_group */
    GArray *slips;  /* sd_slip */
    sd_alignment_statistics statistics;
} aligned;

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

/** Pushes the bits, @p words bit words at a time (0: all at once). */
static aligned align_lanes(const sd_code_table *table, const GByteArray *bits, guint words,
                           unsigned lanes)
{
    aligned result = {g_array_new(FALSE, FALSE, sizeof(sd_line_group)),
                      g_array_new(FALSE, FALSE, sizeof(sd_slip)),
                      {0}};
    GArray *packed = pack_bits(bits);
    sd_alignment *alignment = sd_alignment_new(table, lanes);
    const guint step = words > 0 ? words : packed->len;
    for (guint at = 0; at < packed->len; at += step) {
        const guint n = MIN(step, packed->len - at);
        sd_alignment_push(alignment, &g_array_index(packed, sd_bit_word, at), n,
                          at + n == packed->len, result.groups, result.slips);
    }
    result.statistics = sd_alignment_statistics_get(alignment);
    sd_alignment_free(alignment);
    g_array_free(packed, TRUE);
    return result;
}

static aligned align(const sd_code_table *table, const GByteArray *bits, guint words)
{
    return align_lanes(table, bits, words, 1);
}

static void aligned_free(aligned *a)
{
    g_array_free(a->groups, TRUE);
    g_array_free(a->slips, TRUE);
}

static const sd_line_group *line_group(const aligned *a, guint i)
{
    assert_true(i < a->groups->len);
    return &g_array_index(a->groups, sd_line_group, i);
}

/** Frames with random octets, @p idle ordered sets before each. */
static GArray *traffic(GRand *random, unsigned frames, size_t length, unsigned idle)
{
    GArray *symbols = symbols_new();
    for (unsigned i = 0; i < frames; i++) {
        add_idle(symbols, idle);
        uint8_t *octets = random_frame(random, length);
        add_frame(symbols, octets, length);
        g_free(octets);
    }
    add_idle(symbols, idle);
    return symbols;
}

/** The words and bits of some traffic. */
static GByteArray *encoded(GArray *symbols, GArray **words)
{
    transmit_rd rd = 0;
    *words = encode_all(symbols, &rd);
    g_array_free(symbols, TRUE);
    return bits_of_words(*words);
}

/** Groups from the first one on that are as sent, when the first is word @p first. */
static guint matching_front(const aligned *a, const GArray *words, guint first)
{
    guint n = 0;
    while (n < a->groups->len && first + n < words->len &&
           line_group(a, n)->bits == g_array_index(words, uint16_t, first + n))
        n++;
    return n;
}

/** ... from the last one back. */
static guint matching_back(const aligned *a, const GArray *words)
{
    guint n = 0;
    while (n < a->groups->len && n < words->len &&
           line_group(a, a->groups->len - 1 - n)->bits ==
               g_array_index(words, uint16_t, words->len - 1 - n))
        n++;
    return n;
}

static void any_bit_offset(void **state)
{
    for (unsigned dropped = 0; dropped < 10; dropped++) {
        GRand *random = g_rand_new_with_seed(dropped);
        GArray *words;
        GByteArray *bits = encoded(traffic(random, 10, 200, 8), &words);
        g_byte_array_remove_range(bits, 0, dropped);
        aligned a = align(*state, bits, 0);
        const guint first = dropped > 0, skipped = (10 - dropped) % 10;
        assert_int_equal(a.groups->len, words->len - first);
        assert_int_equal(matching_front(&a, words, first), a.groups->len);
        for (guint i = 0; i < a.groups->len; i++) {
            assert_int_equal(line_group(&a, i)->start, (skipped + 10 * i) * SD_POSITION_ONE);
            assert_int_equal(line_group(&a, i)->flags, 0);
        }
        assert_int_equal(a.slips->len, 0);
        assert_true(a.statistics.aligned);
        assert_int_equal(a.statistics.skipped_bits, skipped);
        assert_int_equal(a.statistics.first, skipped * SD_POSITION_ONE);
        assert_int_equal(a.statistics.groups, a.groups->len);
        assert_int_equal(a.statistics.misplaced, 0);
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_array_free(words, TRUE);
        g_rand_free(random);
    }
}

static void pieces_of_any_size(void **state)
{
    GRand *random = g_rand_new_with_seed(20);
    GArray *words;
    GByteArray *bits = encoded(traffic(random, 20, 300, 8), &words);
    g_byte_array_remove_range(bits, 0, 3);
    g_byte_array_remove_range(bits, 20003, 2); /* a slip */
    aligned whole = align(*state, bits, 0);
    assert_int_equal(whole.slips->len, 1);
    for (guint step = 1; step < 40; step = step * 3 / 2 + 1) {
        aligned a = align(*state, bits, step);
        assert_int_equal(a.groups->len, whole.groups->len);
        for (guint i = 0; i < a.groups->len; i++) {
            assert_int_equal(line_group(&a, i)->bits, line_group(&whole, i)->bits);
            assert_int_equal(line_group(&a, i)->start, line_group(&whole, i)->start);
            assert_int_equal(line_group(&a, i)->flags, line_group(&whole, i)->flags);
        }
        assert_int_equal(a.slips->len, 1);
        assert_memory_equal(&a.statistics, &whole.statistics, sizeof a.statistics);
        aligned_free(&a);
    }
    aligned_free(&whole);
    g_byte_array_free(bits, TRUE);
    g_array_free(words, TRUE);
    g_rand_free(random);
}

/** A record that begins in the midst of a frame: what is before the first comma is given too. */
static void groups_before_the_first_comma(void **state)
{
    for (unsigned dropped = 0; dropped < 10; dropped++) {
        GRand *random = g_rand_new_with_seed(30 + dropped);
        GArray *words;
        GArray *symbols = traffic(random, 2, 1500, 20);
        g_array_remove_range(symbols, 0, 40 + 8 + 30);
        GByteArray *bits = encoded(symbols, &words);
        g_byte_array_remove_range(bits, 0, dropped);
        aligned a = align(*state, bits, 0);
        const guint first = dropped > 0;
        assert_int_equal(a.groups->len, words->len - first);
        assert_int_equal(matching_front(&a, words, first), a.groups->len);
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_array_free(words, TRUE);
        g_rand_free(random);
    }
}

/** About half of all words are valid by chance, so that the place of a slip is not always known to
   the group. */
#define LOST_MOST 12

/** Bits dropped or repeated in any place: the slip is told with its size, and few groups are lost
    on either side of it. */
static void slips_in_any_place(void **state)
{
    unsigned worst = 0, sum = 0, slips = 0;
    for (int slip = -4; slip <= 4; slip++) {
        if (slip == 0)
            continue;
        for (unsigned seed = 0; seed < 40; seed++) {
            GRand *random = g_rand_new_with_seed(100 * seed + (unsigned)(slip + 4));
            GArray *words;
            GByteArray *bits = encoded(traffic(random, 6, 400, 30), &words);
            const guint place = (guint)g_rand_int_range(random, 600, (gint32)bits->len - 3000);
            if (slip < 0) {
                g_byte_array_remove_range(bits, place, (guint)-slip);
            } else {
                GByteArray *longer = g_byte_array_new();
                g_byte_array_append(longer, bits->data, place);
                for (int i = 0; i < slip; i++)
                    g_byte_array_append(longer, bits->data + place - 1, 1);
                g_byte_array_append(longer, bits->data + place, bits->len - place);
                g_byte_array_free(bits, TRUE);
                bits = longer;
            }
            aligned a = align(*state, bits, 0);
            if (a.slips->len != 1)
                fail_msg("%u slips found, not one, at a slip of %d at bit %u (seed %u)",
                         a.slips->len, slip, place, seed);
            assert_int_equal(a.statistics.slips, 1);
            const sd_slip *found = &g_array_index(a.slips, sd_slip, 0);
            assert_int_equal(found->bits, slip);
            const guint front = matching_front(&a, words, 0), back = matching_back(&a, words);
            assert_in_range(a.groups->len, words->len - 1, words->len + 1);
            const guint lost = words->len - MIN(words->len, front + back);
            worst = MAX(worst, lost);
            sum += lost;
            slips++;
            /* the mark stands where the groups stop being right */
            guint marked = 0;
            for (guint i = 0; i < a.groups->len; i++) {
                if (line_group(&a, i)->flags & SD_GROUP_SLIP) {
                    marked++;
                    assert_int_equal(line_group(&a, i)->start, found->at);
                    assert_in_range(i, place / 10 - LOST_MOST, place / 10 + LOST_MOST);
                }
            }
            assert_int_equal(marked, 1);
            aligned_free(&a);
            g_byte_array_free(bits, TRUE);
            g_array_free(words, TRUE);
            g_rand_free(random);
        }
    }
    print_message("slips: %.1f groups lost in the mean, %u at most\n", (double)sum / slips, worst);
    assert_true(worst <= LOST_MOST);
    assert_true(2 * sum <= 3 * slips);
}

/** Eight commas, then a slip inside the first frame: what is before it is not lost. */
static void a_slip_soon_after_the_begin(void **state)
{
    GRand *random = g_rand_new_with_seed(52);
    GArray *words;
    GByteArray *bits = encoded(traffic(random, 6, 400, 8), &words);
    g_byte_array_remove_range(bits, 2000, 3);
    aligned a = align(*state, bits, 0);
    assert_true(matching_back(&a, words) + 12 >= words->len - 200);
    assert_int_equal(a.slips->len, 1);
    assert_int_equal(g_array_index(a.slips, sd_slip, 0).bits, -3);
    assert_true(matching_front(&a, words, 0) + 12 >= 200);
    aligned_free(&a);
    g_byte_array_free(bits, TRUE);
    g_array_free(words, TRUE);
    g_rand_free(random);
}

/** No comma follows: the groups behind it tell the slip. */
static void a_slip_just_before_the_end(void **state)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        GRand *random = g_rand_new_with_seed(700 + seed);
        GArray *words;
        GArray *symbols = traffic(random, 3, 300, 12);
        for (unsigned i = 0; i < 400; i++)
            add_data(symbols, (uint8_t)g_rand_int_range(random, 0, 256));
        GByteArray *bits = encoded(symbols, &words);
        const guint dropped = 1 + seed % 4, behind = (guint)g_rand_int_range(random, 1000, 3000);
        g_byte_array_remove_range(bits, bits->len - behind, dropped);
        aligned a = align(*state, bits, 7);
        assert_int_equal(a.slips->len, 1);
        assert_int_equal(g_array_index(a.slips, sd_slip, 0).bits, -(int)dropped);
        assert_true(matching_front(&a, words, 0) + matching_back(&a, words) + LOST_MOST >=
                    words->len);
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_array_free(words, TRUE);
        g_rand_free(random);
    }
}

static void a_slip_of_half_a_group(void **state)
{
    GRand *random = g_rand_new_with_seed(50);
    GArray *words;
    GByteArray *bits = encoded(traffic(random, 6, 400, 12), &words);
    g_byte_array_remove_range(bits, 12345, 5);
    aligned a = align(*state, bits, 0);
    assert_int_equal(a.slips->len, 1);
    assert_int_equal(abs(g_array_index(a.slips, sd_slip, 0).bits), 5);
    assert_true(matching_front(&a, words, 0) + matching_back(&a, words) + 12 >= words->len);
    aligned_free(&a);
    g_byte_array_free(bits, TRUE);
    g_array_free(words, TRUE);
    g_rand_free(random);
}

/** Two slips that make up for one another, and a whole group dropped. */
static void several_slips(void **state)
{
    GRand *random = g_rand_new_with_seed(51);
    GArray *words;
    GByteArray *bits = encoded(traffic(random, 12, 400, 12), &words);
    g_byte_array_remove_range(bits, 30000, 1);
    g_byte_array_remove_range(bits, 20000, 3);
    g_byte_array_remove_range(bits, 10000, 10); /* no slip: the boundaries stay */
    aligned a = align(*state, bits, 0);
    assert_int_equal(a.slips->len, 2);
    assert_int_equal(g_array_index(a.slips, sd_slip, 0).bits, -3);
    assert_int_equal(g_array_index(a.slips, sd_slip, 1).bits, -1);
    assert_true(matching_back(&a, words) + 12 >= words->len - 3000);
    aligned_free(&a);
    g_byte_array_free(bits, TRUE);
    g_array_free(words, TRUE);
    g_rand_free(random);
}

/** Single bits turned over make commas where there are none, and hide those that are; the
    boundaries stay. */
static void single_bit_errors(void **state)
{
    uint64_t false_commas = 0;
    for (unsigned seed = 0; seed < 20; seed++) {
        GRand *random = g_rand_new_with_seed(200 + seed);
        GArray *words;
        GByteArray *bits = encoded(traffic(random, 40, 300, 6), &words);
        for (guint at = 500; at < bits->len;
             at += (guint)g_rand_int_range(random, 100, 900)) /* one in 50 groups */
            bits->data[at] ^= 1;
        GArray *damaged = g_array_new(FALSE, FALSE, sizeof(uint16_t));
        for (guint i = 0; i < words->len; i++) {
            uint16_t word = 0;
            for (unsigned b = 0; b < 10; b++)
                word = (uint16_t)(word | bits->data[10 * i + b] << b);
            g_array_append_val(damaged, word);
        }
        aligned a = align(*state, bits, 0);
        assert_int_equal(a.slips->len, 0);
        assert_int_equal(a.groups->len, words->len);
        assert_int_equal(matching_front(&a, damaged, 0), words->len);
        false_commas += a.statistics.misplaced;
        aligned_free(&a);
        g_array_free(damaged, TRUE);
        g_byte_array_free(bits, TRUE);
        g_array_free(words, TRUE);
        g_rand_free(random);
    }
    assert_true(false_commas > 0); /* the errors did make false commas */
}

static void no_comma_at_all(void **state)
{
    GByteArray *bits = g_byte_array_new();
    for (guint i = 0; i < 100003; i++) { /* D21.5, the high-frequency pattern of annex 36A */
        const guint8 bit = i % 2 == 0;
        g_byte_array_append(bits, &bit, 1);
    }
    aligned a = align(*state, bits, 7);
    assert_false(a.statistics.aligned);
    assert_int_equal(a.groups->len, 0);
    assert_int_equal(a.slips->len, 0);
    assert_int_equal(a.statistics.commas, 0);
    aligned_free(&a);
    g_byte_array_free(bits, TRUE);
}

static void no_bits_at_all(void **state)
{
    GByteArray *bits = g_byte_array_new();
    aligned a = align(*state, bits, 1);
    assert_int_equal(a.groups->len, 0);
    assert_false(a.statistics.aligned);
    aligned_free(&a);
    for (guint n = 1; n < 40; n++) {
        const guint8 bit = 1;
        g_byte_array_append(bits, &bit, 1);
        a = align(*state, bits, 1);
        assert_int_equal(a.groups->len, 0);
        aligned_free(&a);
    }
    g_byte_array_free(bits, TRUE);
}

/** Random bits before the signal: about half of them look like code-groups by chance. */
static void noise_before_the_signal(void **state)
{
    for (unsigned seed = 0; seed < 30; seed++) {
        GRand *random = g_rand_new_with_seed(300 + seed);
        GArray *words;
        GByteArray *code = encoded(traffic(random, 8, 300, 12), &words);
        GByteArray *bits = g_byte_array_new();
        const guint noise = (guint)g_rand_int_range(random, 500, 2500);
        for (guint i = 0; i < noise; i++) {
            const guint8 bit = (guint8)g_rand_int_range(random, 0, 2);
            g_byte_array_append(bits, &bit, 1);
        }
        g_byte_array_append(bits, code->data, code->len);
        aligned a = align(*state, bits, 0);
        assert_true(a.statistics.aligned);
        assert_int_equal(a.slips->len, 0);
        const guint back = matching_back(&a, words);
        assert_in_range(back, words->len, words->len + 3);
        assert_true(a.groups->len - back <= 40); /* noise taken for code */
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_byte_array_free(code, TRUE);
        g_array_free(words, TRUE);
        g_rand_free(random);
    }
}

/** Four lanes with a running disparity of their own each: neighbours make commas across their
    boundaries, even many in one place while the lanes are idle. */
static void interleaved_lanes(void **state)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        GRand *random = g_rand_new_with_seed(400 + seed);
        GArray *lanes[4];
        transmit_rd rd[4] = {seed & 1, seed >> 1 & 1, seed >> 2 & 1, seed >> 3 & 1};
        for (unsigned lane = 0; lane < 4; lane++) {
            lanes[lane] = symbols_new();
            add_idle(lanes[lane], 40 + lane * seed % 3);
            if (lane % 2)
                g_array_remove_range(lanes[lane], 0, 1); /* odd against the others */
            GArray *more = traffic(random, seed % 4 == 0 ? 0 : 6, 200, 20);
            g_array_append_vals(lanes[lane], more->data, more->len);
            add_idle(lanes[lane], 1000);
            g_array_free(more, TRUE);
        }
        GArray *words = g_array_new(FALSE, FALSE, sizeof(uint16_t));
        for (guint i = 0; i < 1800; i++) {
            for (unsigned lane = 0; lane < 4; lane++) {
                symbol s = symbol_at(lanes[lane], i);
                if (lane == 0 && s.special && s.octet == K28_5)
                    s.octet = K28_1;
                const uint16_t word = encode(s, &rd[lane]);
                g_array_append_val(words, word);
            }
        }
        GByteArray *bits = bits_of_words(words);
        const guint dropped = seed % 10;
        g_byte_array_remove_range(bits, 0, dropped);
        aligned a = align_lanes(*state, bits, 0, 4);
        assert_int_equal(a.slips->len, 0);
        assert_int_equal(a.statistics.skipped_bits, (10 - dropped) % 10);
        assert_int_equal(matching_front(&a, words, dropped > 0), words->len - (dropped > 0));
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_array_free(words, TRUE);
        for (unsigned lane = 0; lane < 4; lane++)
            g_array_free(lanes[lane], TRUE);
        g_rand_free(random);
    }
}

/** Slips on four lanes at 1000, 100 and 10 Mb/s and idle: the lanes on which something repeats
    itself help to find the place, with either rule of the running disparity. */
static void slips_on_four_lanes(void **state)
{
    unsigned worst = 0, sum = 0, slips = 0;
    for (unsigned seed = 0; seed < 200; seed++) {
        GRand *random = g_rand_new_with_seed(600 + seed);
        static const unsigned copies[4] = {1, 10, 100, 0};
        GArray *lanes[4];
        for (unsigned k = 0; k < 4; k++) {
            lanes[k] = symbols_new();
            while (lanes[k]->len < 3000) {
                uint8_t octets[64];
                for (size_t i = 0; i < sizeof octets; i++)
                    octets[i] = (uint8_t)g_rand_int_range(random, 0, 256);
                add_idle(lanes[k], 20 + k);
                add_octets(lanes[k], octets, sizeof octets, copies[k]);
            }
        }
        transmit_rd rd[4] = {0};
        GArray *words = g_array_new(FALSE, FALSE, sizeof(uint16_t));
        for (guint i = 0; i < 3000; i++) {
            for (unsigned k = 0; k < 4; k++) {
                const uint16_t word = encode(symbol_at(lanes[k], i), &rd[seed % 2 ? k : 0]);
                g_array_append_val(words, word);
            }
        }
        GByteArray *bits = bits_of_words(words);
        const guint place = (guint)g_rand_int_range(random, 20000, 100000);
        g_byte_array_remove_range(bits, place, 1);
        aligned a = align_lanes(*state, bits, 0, 4);
        assert_int_equal(a.slips->len, 1);
        assert_int_equal(g_array_index(a.slips, sd_slip, 0).bits, -1);
        const guint right = matching_front(&a, words, 0) + matching_back(&a, words);
        const guint lost = words->len - MIN(words->len, right);
        worst = MAX(worst, lost);
        sum += lost;
        slips++;
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_array_free(words, TRUE);
        for (unsigned k = 0; k < 4; k++)
            g_array_free(lanes[k], TRUE);
        g_rand_free(random);
    }
    print_message("slips on four lanes: %.2f groups lost in the mean, %u at most\n",
                  (double)sum / slips, worst);
    assert_true(worst <= LOST_MOST);
    assert_true(4 * sum <= 5 * slips);
}

/** A line of some groups: one lane with frames of random octets, or four that take turns, the last
    of them at 100 Mb/s, with one running disparity or (@p rd_by_lane) one each. */
static GByteArray *busy_line(GRand *random, unsigned lanes, bool rd_by_lane, guint groups)
{
    g_assert(lanes > 0);
    GArray *symbols[4];
    for (unsigned k = 0; k < lanes; k++) {
        symbols[k] = symbols_new();
        add_idle(symbols[k], 10 + 7 * k);
        while (symbols[k]->len < groups) {
            const size_t length = (size_t)g_rand_int_range(random, 64, 1519);
            uint8_t *octets = random_frame(random, length);
            add_preamble(symbols[k], 7);
            add_octets(symbols[k], octets, length, k == 3 ? 10 : 1);
            add_end(symbols[k]);
            add_idle(symbols[k], 6);
            g_free(octets);
        }
    }
    transmit_rd rd[4] = {0};
    GArray *words = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    for (guint i = 0; i < groups; i++) {
        symbol s = symbol_at(symbols[i % lanes], i / lanes);
        if (lanes > 1 && i % lanes == 0 && s.special && s.octet == K28_5)
            s.octet = K28_1;
        const uint16_t word = encode(s, &rd[rd_by_lane ? i % lanes : 0]);
        g_array_append_val(words, word);
    }
    GByteArray *bits = bits_of_words(words);
    for (unsigned k = 0; k < lanes; k++)
        g_array_free(symbols[k], TRUE);
    g_array_free(words, TRUE);
    return bits;
}

/** The lines that busy_line() makes. */
static const struct {
    const char *name;
    unsigned lanes;
    bool rd_by_lane;
} lines[] = {
    {"1000BASE-X", 1, false},
    {"QSGMII, serial disparity", 4, false},
    {"QSGMII, disparity by lane", 4, true},
};

/** Sends the bit at @p place twice, or leaves it out. */
static void slip_by_one(GByteArray *bits, guint place, int slip)
{
    if (slip < 0) {
        g_byte_array_remove_range(bits, place, 1);
        return;
    }
    const guint8 last = bits->data[bits->len - 1];
    memmove(bits->data + place + 1, bits->data + place, bits->len - 1 - place);
    g_byte_array_append(bits, &last, 1);
}

/** Whether these slips have been found within LOST_MOST groups of their places, and no others. */
static bool both_found(const aligned *a, const guint *place, const int *slip)
{
    if (a->slips->len != 2)
        return false;
    for (guint i = 0; i < 2; i++) {
        const sd_slip *found = &g_array_index(a->slips, sd_slip, i);
        const int64_t off = found->at / SD_POSITION_ONE - place[i];
        if (found->bits != slip[i] || ABS(off) > 10 * LOST_MOST)
            return false;
    }
    return true;
}

/** Two slips with hardly a comma between them: the groups tell. In 300 bits there are not always
    enough that are wrong. */
static void slips_close_together(void **state)
{
    static const int pairs[][2] = {{1, -1}, {-1, 1}, {1, 1}};
    static const struct {
        guint bits;
        unsigned missed_most; /* of all */
    } distances[] = {{4000, 0}, {1000, 0}, {300, 20}};
    for (size_t d = 0; d < G_N_ELEMENTS(distances); d++) {
        unsigned missed = 0, all = 0;
        for (unsigned n = 0; n < 10 * G_N_ELEMENTS(lines) * G_N_ELEMENTS(pairs); n++) {
            const size_t line = n % G_N_ELEMENTS(lines);
            const int *slip = pairs[n / G_N_ELEMENTS(lines) % G_N_ELEMENTS(pairs)];
            GRand *random = g_rand_new_with_seed(800 + n);
            GByteArray *bits = busy_line(random, lines[line].lanes, lines[line].rd_by_lane, 4000);
            const guint first = (guint)g_rand_int_range(random, 10000, 25000);
            const guint place[2] = {first, first + distances[d].bits};
            slip_by_one(bits, place[1], slip[1]);
            slip_by_one(bits, place[0], slip[0]);
            aligned a = align_lanes(*state, bits, 64, lines[line].lanes);
            missed += !both_found(&a, place, slip);
            all++;
            aligned_free(&a);
            g_byte_array_free(bits, TRUE);
            g_rand_free(random);
        }
        print_message("pairs of slips %u bits apart: %u of %u missed\n", distances[d].bits, missed,
                      all);
        assert_true(missed <= distances[d].missed_most);
    }
}

/** Errors in up to one bit of a hundred, and bursts of them, make no slip. */
static void no_slip_in_noise(void **state)
{
    static const double ratios[] = {1e-3, 3e-3, 1e-2};
    for (unsigned n = 0; n < 10 * G_N_ELEMENTS(lines) * G_N_ELEMENTS(ratios); n++) {
        const size_t line = n % G_N_ELEMENTS(lines);
        const double ratio = ratios[n / G_N_ELEMENTS(lines) % G_N_ELEMENTS(ratios)];
        GRand *random = g_rand_new_with_seed(900 + n);
        GByteArray *bits = busy_line(random, lines[line].lanes, lines[line].rd_by_lane, 8000);
        for (guint i = 0; i < bits->len; i++) {
            const bool burst = (i + 1000) % 20000 < 40 + 10 * (n % 10);
            bits->data[i] ^= g_rand_double(random) < (burst ? 0.5 : ratio);
        }
        aligned a = align_lanes(*state, bits, 64, lines[line].lanes);
        if (a.slips->len > 0)
            fail_msg("%s, error ratio %g: %u slips found where there are none", lines[line].name,
                     ratio, a.slips->len);
        aligned_free(&a);
        g_byte_array_free(bits, TRUE);
        g_rand_free(random);
    }
}

/** A line without commas for long is given on as it stands, in bounded memory. */
static void no_comma_for_long(void **state)
{
    GRand *random = g_rand_new_with_seed(500);
    GArray *symbols = traffic(random, 3, 300, 12);
    for (unsigned i = 0; i < 300000; i++)
        add_data(symbols, (uint8_t)g_rand_int_range(random, 0, 256));
    add_idle(symbols, 10);
    GArray *words;
    GByteArray *bits = encoded(symbols, &words);
    aligned a = align(*state, bits, 64);
    assert_int_equal(a.slips->len, 0);
    assert_int_equal(matching_front(&a, words, 0), words->len);
    aligned_free(&a);
    g_byte_array_free(bits, TRUE);
    g_array_free(words, TRUE);
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bit_offset),
        cmocka_unit_test(pieces_of_any_size),
        cmocka_unit_test(groups_before_the_first_comma),
        cmocka_unit_test(slips_in_any_place),
        cmocka_unit_test(a_slip_soon_after_the_begin),
        cmocka_unit_test(a_slip_just_before_the_end),
        cmocka_unit_test(a_slip_of_half_a_group),
        cmocka_unit_test(several_slips),
        cmocka_unit_test(single_bit_errors),
        cmocka_unit_test(no_comma_at_all),
        cmocka_unit_test(no_bits_at_all),
        cmocka_unit_test(noise_before_the_signal),
        cmocka_unit_test(interleaved_lanes),
        cmocka_unit_test(slips_on_four_lanes),
        cmocka_unit_test(slips_close_together),
        cmocka_unit_test(no_slip_in_noise),
        cmocka_unit_test(no_comma_for_long),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
