/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file block_fields.h
 * What frame metadata and link events have in common: a little-endian block with a length of its
 * own, of which a reader takes the fields it knows, and the fields that are in both.
 */
#ifndef SCOPEDUMP_BLOCK_FIELDS_H
#define SCOPEDUMP_BLOCK_FIELDS_H

#include "wireshark_compat.h"

/** A block of the record format: bytes from `start` on, of which `length` may be read. */
struct block {
    tvbuff_t *tvb;
    unsigned start;
    unsigned length;
};

/** One field of a block for the protocol tree. */
struct block_field {
    int *hf;         /**< The registered field. */
    unsigned at;     /**< Its offset in the block. */
    unsigned length; /**< Its length in octets. */
    bool time;       /**< Picoseconds: shown in a unit fit for reading, too. */
};

/** Where the fields that frames and events have in common stand in a block. */
struct block_place {
    unsigned lane, link, segment, sample, time_ps, duration_ps;
};

/** Names of the kinds of link, SD_LINK_... */
extern const value_string link_names[];

/** @return whether the block holds `length` octets from the offset `at` on. */
bool block_has(const struct block *block, unsigned at, unsigned length);

/** Reads a number, little-endian. @return 0 when it lies beyond the end of the block. */
uint8_t block_u8(const struct block *block, unsigned at);
uint16_t block_u16(const struct block *block, unsigned at);
uint32_t block_u32(const struct block *block, unsigned at);
uint64_t block_u64(const struct block *block, unsigned at);

/**
 * Adds the field to the tree if the block holds it.
 * @return the item, or NULL without a tree or field
 */
proto_item *block_add(proto_tree *tree, const struct block *block, const struct block_field *field);

/** Adds each of `count` fields that the block holds. */
void block_add_all(proto_tree *tree, const struct block *block, const struct block_field *fields,
                   size_t count);

/**
 * Adds lane (unless it is SD_LANE_NONE), kind of link, segment, sample, time and duration.
 * @return the item of the sample number, or NULL
 */
proto_item *block_add_place(proto_tree *tree, const struct block *block,
                            const struct block_place *at);

/**
 * Picoseconds in the largest unit that leaves a whole part: "640 ps", "1.2 us", "-8.04 ms".
 * @return text that lives as long as the allocator's scope
 */
const char *picoseconds_text(wmem_allocator_t *allocator, int64_t picoseconds);

/** Adds a code-group as text to the tree. @see sd_code_group_text. */
proto_item *block_add_code_group(proto_tree *tree, int hf, const struct block *block, unsigned at,
                                 unsigned length);

/** Registers the common fields with the protocol. */
void block_fields_register(int proto);

#endif
