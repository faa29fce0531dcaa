/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file encoder.h
 * A small transmitter for the tests: frames and ordered sets to code-groups, ten-bit words, bits.
 * It shares nothing with the decoder; its words come from code_words.h. Include it behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_ENCODER_H
#define SCOPEDUMP_TEST_ENCODER_H

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "code_words.h"
#include "signal/bits.h"

/** Octets of special code-groups (table 36-2). */
enum {
    K28_1 = 0x3C,
    K28_5 = 0xBC,
    K23_7 = 0xF7,
    K27_7 = 0xFB,
    K29_7 = 0xFD,
    K30_7 = 0xFE,
};

/** Octets of data code-groups that ordered sets are made of (table 36-3). */
enum {
    D5_6 = 0xC5,
    D16_2 = 0x50,
    D21_5 = 0xB5,
    D2_2 = 0x42,
    D6_5 = 0xA6,
    D26_4 = 0x9A,
    PREAMBLE = 0x55,
    SFD = 0xD5,
};

/** A code-group before encoding. */
typedef struct {
    uint8_t octet;
    bool special;
} symbol;

/** Running disparity of the transmitter: 0 negative, 1 positive. */
typedef unsigned transmit_rd;

/** The ten bits of "abcdei fghj"; bit 0 = a. */
static inline uint16_t word_from_text(const char *text)
{
    unsigned word = 0, bit = 0;
    for (; *text != '\0'; text++) {
        if (*text != ' ')
            word |= (unsigned)(*text == '1') << bit++;
    }
    assert_int_equal(bit, 10);
    return (uint16_t)word;
}

/** 36.2.4.4, for one sub-block of @p bits bits: by counting ones, and the two balanced forms that
    set the running disparity. */
static inline unsigned rd_after_sub_block(unsigned sub_block, unsigned bits, unsigned before)
{
    unsigned ones = 0;
    for (unsigned i = 0; i < bits; i++)
        ones += sub_block >> i & 1;
    if (2 * ones > bits)
        return 1;
    if (2 * ones < bits)
        return 0;
    const bool first_half_low = (sub_block & ((1U << bits / 2) - 1)) == 0;
    const bool first_half_high = sub_block >> bits / 2 == 0;
    return first_half_low ? 1 : first_half_high ? 0 : before;
}

/** The running disparity behind ten bits, valid or not. */
static inline unsigned rd_after_word(unsigned word, unsigned before)
{
    return rd_after_sub_block(word >> 6, 4, rd_after_sub_block(word & 0x3F, 6, before));
}

/** Encodes one code-group and carries the running disparity on. */
static inline uint16_t encode(symbol s, transmit_rd *rd)
{
    const code_words_row *row = s.special ? NULL : &data_rows[s.octet];
    for (size_t i = 0; s.special && i < G_N_ELEMENTS(special_rows); i++) {
        if (special_rows[i].octet == s.octet)
            row = &special_rows[i].words;
    }
    assert_non_null(row);
    const uint16_t word = word_from_text(row->column[*rd]);
    *rd = rd_after_word(word, *rd);
    return word;
}

static inline GArray *symbols_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(symbol));
}

static inline symbol symbol_at(const GArray *symbols, guint i)
{
    assert_true(i < symbols->len);
    return g_array_index(symbols, symbol, i);
}

static inline void add_special(GArray *symbols, uint8_t octet)
{
    const symbol s = {octet, true};
    g_array_append_val(symbols, s);
}

static inline void add_data(GArray *symbols, uint8_t octet)
{
    const symbol s = {octet, false};
    g_array_append_val(symbols, s);
}

static inline void add_octets(GArray *symbols, const uint8_t *octets, size_t count, unsigned copies)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned c = 0; c < copies; c++)
            add_data(symbols, octets[i]);
    }
}

/** @p sets times /I2/ (as they stand; the right /I1/ or /I2/ is the business of the caller). */
static inline void add_idle(GArray *symbols, unsigned sets)
{
    for (unsigned i = 0; i < sets; i++) {
        add_special(symbols, K28_5);
        add_data(symbols, D16_2);
    }
}

/** @p sets configuration ordered sets, /C1/ and /C2/ in turn. */
static inline void add_configuration(GArray *symbols, unsigned sets, uint16_t word)
{
    for (unsigned i = 0; i < sets; i++) {
        add_special(symbols, K28_5);
        add_data(symbols, i % 2 == 0 ? D21_5 : D2_2);
        add_data(symbols, (uint8_t)word);
        add_data(symbols, (uint8_t)(word >> 8));
    }
}

/** /S/, the rest of the preamble and the SFD at 1000 Mb/s; @p octets counts /S/, not the SFD. */
static inline void add_preamble(GArray *symbols, unsigned octets)
{
    add_special(symbols, K27_7);
    for (unsigned i = 1; i < octets; i++)
        add_data(symbols, PREAMBLE);
    add_data(symbols, SFD);
}

/** /T/R/, and another /R/ where the next code-group would be odd. */
static inline void add_end(GArray *symbols)
{
    add_special(symbols, K29_7);
    add_special(symbols, K23_7);
    if (symbols->len % 2 != 0)
        add_special(symbols, K23_7);
}

/** A whole frame at 1000 Mb/s: /S/, preamble of seven octets, SFD, @p octets, /T/R/. */
static inline void add_frame(GArray *symbols, const uint8_t *octets, size_t count)
{
    add_preamble(symbols, 7);
    add_octets(symbols, octets, count, 1);
    add_end(symbols);
}

/** The FCS by the polynomial of 3.2.9, bit by bit; placed low octet first, as it is sent. */
static inline void put_fcs(uint8_t *octets, size_t count_without)
{
    uint32_t remainder = 0xFFFFFFFF;
    for (size_t i = 0; i < count_without; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            const bool sent = octets[i] >> bit & 1;
            const bool top = remainder >> 31;
            remainder <<= 1;
            if (sent != top)
                remainder ^= 0x04C11DB7;
        }
    }
    remainder = ~remainder;
    for (unsigned i = 0; i < 4; i++) {
        octets[count_without + i] = 0;
        for (unsigned bit = 0; bit < 8; bit++) /* the highest coefficient is sent first */
            octets[count_without + i] |= (uint8_t)((remainder >> (31 - 8 * i - bit) & 1) << bit);
    }
}

/** A frame of @p length octets with a good FCS and random content; to be freed with g_free(). */
static inline uint8_t *random_frame(GRand *random, size_t length)
{
    uint8_t *octets = g_malloc(length);
    for (size_t i = 0; i + 4 < length; i++)
        octets[i] = (uint8_t)g_rand_int_range(random, 0, 256);
    put_fcs(octets, length - 4);
    return octets;
}

/** The pattern of annex 36A.4 (CRPAT), @p times 12 octets and the FCS given there. */
static inline uint8_t *crpat(unsigned times, size_t *length)
{
    static const uint8_t pattern[12] = {0xBE, 0xD7, 0x23, 0x47, 0x6B, 0x8F,
                                        0xB3, 0x14, 0x5E, 0xFB, 0x35, 0x59};
    static const uint8_t fcs_long[4] = {0x94, 0xD2, 0x54, 0xAC};
    static const uint8_t fcs_short[4] = {0x2F, 0xE0, 0xAA, 0xEF};
    assert_true(times == 126 || times == 29);
    *length = times * sizeof pattern + 4;
    uint8_t *octets = g_malloc(*length);
    for (unsigned i = 0; i < times; i++)
        memcpy(octets + i * sizeof pattern, pattern, sizeof pattern);
    memcpy(octets + *length - 4, times == 126 ? fcs_long : fcs_short, 4);
    return octets;
}

/** Words of all symbols, from one running disparity on; array of uint16_t. */
static inline GArray *encode_all(const GArray *symbols, transmit_rd *rd)
{
    GArray *words = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    for (guint i = 0; i < symbols->len; i++) {
        const uint16_t word = encode(symbol_at(symbols, i), rd);
        g_array_append_val(words, word);
    }
    return words;
}

/** The bits of ten-bit words, a first; one byte for each bit. */
static inline GByteArray *bits_of_words(const GArray *words)
{
    GByteArray *bits = g_byte_array_new();
    for (guint i = 0; i < words->len; i++) {
        for (unsigned b = 0; b < 10; b++) {
            const guint8 bit = g_array_index(words, uint16_t, i) >> b & 1;
            g_byte_array_append(bits, &bit, 1);
        }
    }
    return bits;
}

/** Puts bits into words as clock recovery gives them; bit i begins at sample i. */
static inline GArray *pack_bits(const GByteArray *bits)
{
    GArray *packed = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
    for (guint at = 0; at < bits->len; at += SD_WORD_BITS) {
        sd_bit_word word = {.start = at * SD_POSITION_ONE, .span = SD_WORD_BITS * SD_POSITION_ONE};
        for (guint i = at; i < MIN(bits->len, at + SD_WORD_BITS); i++)
            word.bits |= (uint64_t)bits->data[i] << word.count++;
        g_array_append_val(packed, word);
    }
    return packed;
}

#endif
