/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file frame_hits.h
 * The hits of a frame: its damaged code-groups, one by one.
 */
#ifndef SCOPEDUMP_FRAME_HITS_H
#define SCOPEDUMP_FRAME_HITS_H

#include "block_fields.h"

#include <scopedump/record.h>

/** The part of a frame in which a hit lies; the values of the field qsgmii.error.place. */
enum hit_place {
    HIT_PLACE_UNKNOWN,
    HIT_PLACE_PREAMBLE,
    HIT_PLACE_HEADER, /**< Addresses and EtherType. */
    HIT_PLACE_PAYLOAD,
    HIT_PLACE_FCS,
    HIT_PLACE_END, /**< /T/ and what belongs to it. */
    HIT_PLACE_GAP, /**< Between the frame before and this one. */
    HIT_PLACES,
};

/** Names of the places; the last one has no name. */
extern const value_string hit_place_names[];

/** The hits that stand in the metadata of a frame. */
struct hits {
    const sd_hit *hit;
    unsigned count;    /**< Hits that are wholly there. */
    unsigned promised; /**< ... and as many as there should be. */
    uint32_t total;    /**< With those that are only counted. */
};

/** What the texts of a hit tell of its frame. */
struct hit_frame {
    uint32_t speed;       /**< Mb/s */
    uint32_t wire_length; /**< Octets with FCS. */
    bool has_fcs;         /**< The frame's end is in the record. */
    bool fcs_bad;
};

/** Reads the hits from the metadata; they live as long as the packet. */
struct hits hits_read(packet_info *pinfo, const struct block *metadata);

/** The part of the frame in which the hit lies. */
enum hit_place hit_place(const sd_hit *hit, const struct hit_frame *frame);

/**
 * Where the hits in the frame lie, with a comma before each place: ", octets 17, 40, end
 * delimiter"; empty without any.
 */
const char *hits_places_text(packet_info *pinfo, const struct hits *hits);

/**
 * Adds the hits to the tree, each over the octet that it hit, and an expert info for each.
 * @param frame_tvb  the frame from its first octet on
 * @param item       the frame's item, told when there are more than are kept
 * @param metadata   the block from which the hits were read
 */
void hits_add(tvbuff_t *frame_tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
              const struct block *metadata, const struct hits *hits, const struct hit_frame *frame);

/** Registers the fields and expert infos of hits. */
void frame_hits_register(int proto, expert_module_t *expert);

#endif
