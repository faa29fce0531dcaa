/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file pcapng_file.h
 * Takes a pcapng file apart, and holds it against the rules of draft-ietf-opsawg-pcapng, sections 3
 * and 4. Include it behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_PCAPNG_FILE_H
#define SCOPEDUMP_TEST_PCAPNG_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "little_endian.h"

/** Types of block (section 10.1). */
enum {
    BLOCK_SHB = 0x0A0D0D0A,
    BLOCK_IDB = 1,
    BLOCK_ISB = 5,
    BLOCK_EPB = 6,
};

/** An option; its value points into the file. */
typedef struct {
    uint16_t code, length;
    const uint8_t *value;
} file_option;

/** A block. */
typedef struct {
    uint32_t type, length;
    const uint8_t *body; /**< Behind type and length. */
    file_option option[16];
    unsigned options;
} file_block;

static inline void read_options(file_block *block, const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return;
    for (;;) {
        assert_true(end - at >= 4);
        const file_option option = {(uint16_t)le(at, 2), (uint16_t)le(at + 2, 2), at + 4};
        const unsigned padded = (option.length + 3U) / 4 * 4;
        assert_true(end - at >= 4 + (ptrdiff_t)padded);
        for (unsigned i = option.length; i < padded; i++)
            assert_int_equal(at[4 + i], 0);
        at += 4 + padded;
        if (option.code == 0) {
            assert_int_equal(option.length, 0);
            break;
        }
        assert_true(block->options < G_N_ELEMENTS(block->option));
        block->option[block->options++] = option;
    }
    assert_ptr_equal(at, end);
}

/** Size of the fixed part of a block's body, with the packet and its padding. */
static inline uint32_t fixed_size(const file_block *block)
{
    switch (block->type) {
    case BLOCK_SHB:
        return 16;
    case BLOCK_IDB:
        return 8;
    case BLOCK_ISB:
        return 12;
    default:
        assert_int_equal(block->type, BLOCK_EPB);
        return 20 + ((uint32_t)le(block->body + 12, 4) + 3) / 4 * 4;
    }
}

/** All blocks of a file, as an array of file_block; fails where a length or a padding is wrong. */
static inline GArray *read_blocks(const GByteArray *file)
{
    GArray *blocks = g_array_new(FALSE, TRUE, sizeof(file_block));
    const uint8_t *at = file->data, *const end = file->data + file->len;
    while (at < end) {
        assert_true(end - at >= 12);
        file_block block = {
            .type = (uint32_t)le(at, 4), .length = (uint32_t)le(at + 4, 4), .body = at + 8};
        assert_int_equal(block.length % 4, 0);
        assert_true(block.length >= 12 && block.length <= (size_t)(end - at));
        assert_int_equal(le(at + block.length - 4, 4), block.length);
        const uint32_t fixed = fixed_size(&block);
        assert_true(block.length >= 12 + fixed);
        if (block.type == BLOCK_EPB) {
            for (uint32_t i = (uint32_t)le(block.body + 12, 4); i < fixed - 20; i++)
                assert_int_equal(block.body[20 + i], 0);
        }
        read_options(&block, block.body + fixed, at + block.length - 4);
        g_array_append_val(blocks, block);
        at += block.length;
    }
    return blocks;
}

static inline const file_block *block_at(const GArray *blocks, guint i)
{
    assert_true(i < blocks->len);
    return &g_array_index(blocks, file_block, i);
}

/** The only option with this code, or NULL. */
static inline const file_option *find_option(const file_block *block, uint16_t code)
{
    const file_option *found = NULL;
    for (unsigned i = 0; i < block->options; i++) {
        if (block->option[i].code == code) {
            assert_null(found);
            found = &block->option[i];
        }
    }
    return found;
}

/** The option's text, to be freed with g_free(). */
static inline char *option_text(const file_block *block, uint16_t code)
{
    const file_option *option = find_option(block, code);
    assert_non_null(option);
    char *text = g_strndup((const char *)option->value, option->length);
    assert_int_equal(strlen(text), option->length); /* not ended by a NUL (section 3.5) */
    return text;
}

/** The option's number; fails unless it has @p size bytes. */
static inline uint64_t option_number(const file_block *block, uint16_t code, unsigned size)
{
    const file_option *option = find_option(block, code);
    assert_non_null(option);
    assert_int_equal(option->length, size);
    return le(option->value, size);
}

/** A time: the upper half stands before the lower one. */
static inline uint64_t time_of(const uint8_t *halves)
{
    return le(halves, 4) << 32 | le(halves + 4, 4);
}

#endif
