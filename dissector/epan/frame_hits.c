/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame_hits.h"

#include <record/hit_text.h>

/** Octets of a frame before its payload, and of the FCS. */
enum {
    HEADER_OCTETS = 14,
    FCS_OCTETS = 4,
};

/** Octets named in the Info column; the tree has all. */
#define NAMED_OCTETS 4

static int hf_error = -1;
static int hf_error_octet = -1;
static int hf_error_where = -1;
static int hf_error_place = -1;
static int hf_error_code_group = -1;
static int hf_error_kind = -1;
static int hf_error_copy = -1;
static int hf_error_time_ps = -1;
static int hf_error_sample = -1;

static int ett_error = -1;

static expert_field ei_symbol_error = EI_INIT;
static expert_field ei_bit_slip = EI_INIT;
static expert_field ei_not_stored = EI_INIT;

static const value_string where_names[] = {
    {SD_HIT_FRAME, "Frame"},
    {SD_HIT_PREAMBLE, "Preamble"},
    {SD_HIT_GAP, "Gap before the frame"},
    {SD_HIT_END, "End delimiter"},
    {0, NULL},
};

static const value_string kind_names[] = {
    {SD_HIT_KIND_INVALID, "Invalid code-group"},
    {SD_HIT_KIND_DISPARITY, "Disparity error"},
    {SD_HIT_KIND_SLIP, "Bit slip"},
    {0, NULL},
};

const value_string hit_place_names[] = {
    {HIT_PLACE_UNKNOWN, "Unknown"}, {HIT_PLACE_PREAMBLE, "Preamble"},
    {HIT_PLACE_HEADER, "Header"},   {HIT_PLACE_PAYLOAD, "Payload"},
    {HIT_PLACE_FCS, "FCS"},         {HIT_PLACE_END, "End delimiter"},
    {HIT_PLACE_GAP, "Gap"},         {0, NULL},
};

static const unit_name_string picoseconds = {" ps", NULL};

static unsigned hit_start(const struct block *metadata, unsigned number)
{
    return block_u16(metadata, SD_AT_HITS_START) + number * block_u16(metadata, SD_AT_HIT_SIZE);
}

struct hits hits_read(packet_info *pinfo, const struct block *metadata)
{
    const unsigned size = block_u16(metadata, SD_AT_HIT_SIZE);
    struct hits hits = {
        .promised = block_u16(metadata, SD_AT_HITS_STORED),
        .total = block_u32(metadata, SD_AT_HITS_TOTAL),
    };
    if (block_u16(metadata, SD_AT_HITS_START) < SD_FRAME_METADATA_SIZE || size < SD_HIT_SIZE_LEAST)
        return hits;
    while (hits.count < hits.promised && block_has(metadata, hit_start(metadata, hits.count), size))
        hits.count++;

    sd_hit *all = wmem_alloc_array(pinfo->pool, sd_hit, hits.count);
    for (unsigned i = 0; i < hits.count; i++) {
        const unsigned at = hit_start(metadata, i);
        all[i] = (sd_hit){
            .octet = (int32_t)block_u32(metadata, at + SD_HIT_AT_OCTET),
            .where = block_u8(metadata, at + SD_HIT_AT_WHERE),
            .kind = block_u8(metadata, at + SD_HIT_AT_KIND),
            .bits = block_u16(metadata, at + SD_HIT_AT_CODE_GROUP),
            .copy = block_u32(metadata, at + SD_HIT_AT_COPY),
        };
    }
    hits.hit = all;
    return hits;
}

enum hit_place hit_place(const sd_hit *hit, const struct hit_frame *frame)
{
    switch (hit->where) {
    case SD_HIT_FRAME:
        if (hit->octet < HEADER_OCTETS)
            return HIT_PLACE_HEADER;
        return frame->has_fcs && (int64_t)hit->octet + FCS_OCTETS >= frame->wire_length
                   ? HIT_PLACE_FCS
                   : HIT_PLACE_PAYLOAD;
    case SD_HIT_PREAMBLE:
        return HIT_PLACE_PREAMBLE;
    case SD_HIT_GAP:
        return HIT_PLACE_GAP;
    case SD_HIT_END:
        return HIT_PLACE_END;
    default:
        return HIT_PLACE_UNKNOWN;
    }
}

const char *hits_places_text(packet_info *pinfo, const struct hits *hits)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, "");
    const sd_hit *last = NULL;
    unsigned octets = 0;
    bool preamble = false, end = false;
    for (unsigned i = 0; i < hits->count; i++) {
        const sd_hit *hit = &hits->hit[i];
        preamble |= hit->where == SD_HIT_PREAMBLE;
        end |= hit->where == SD_HIT_END;
        /* Several copies of an octet may be hit. */
        if (hit->where != SD_HIT_FRAME || (last && last->octet == hit->octet))
            continue;
        last = hit;
        if (++octets <= NAMED_OCTETS)
            wmem_strbuf_append_printf(text, ", %d", hit->octet);
        else if (octets == NAMED_OCTETS + 1)
            wmem_strbuf_append(text, ", ...");
    }
    const char *numbers = wmem_strbuf_get_str(text);
    return wmem_strdup_printf(pinfo->pool, "%s%s%s%s", preamble ? ", preamble" : "",
                              octets == 0   ? ""
                              : octets == 1 ? ", octet"
                                            : ", octets",
                              octets ? numbers + strlen(",") : "", end ? ", end delimiter" : "");
}

static void add_hit(tvbuff_t *frame_tvb, packet_info *pinfo, proto_tree *tree,
                    const struct block *block, const sd_hit *hit, const struct hit_frame *frame)
{
    static const struct block_field fields[] = {
        {&hf_error_octet, SD_HIT_AT_OCTET, 4, false},
        {&hf_error_where, SD_HIT_AT_WHERE, 1, false},
        {&hf_error_kind, SD_HIT_AT_KIND, 1, false},
        {&hf_error_copy, SD_HIT_AT_COPY, 4, false},
        {&hf_error_time_ps, SD_HIT_AT_TIME_PS, 8, true},
        {&hf_error_sample, SD_HIT_AT_SAMPLE, 8, false}, /* version 1 has none */
    };
    char text[SD_HIT_TEXT_SIZE];
    sd_hit_text(hit, frame->speed, text);
    text[0] = g_ascii_toupper(text[0]);
    const bool of_frame = hit->where != SD_HIT_GAP;
    const char *outcome = !frame->has_fcs || !of_frame ? ""
                          : frame->fcs_bad             ? "; bad FCS"
                                                       : "; FCS good";

    /* Over the octet itself where there is one, so that it is marked among the packet bytes. */
    const bool in_frame = hit->where == SD_HIT_FRAME && hit->octet >= 0 &&
                          (uint32_t)hit->octet < tvb_captured_length(frame_tvb);
    proto_item *item = proto_tree_add_none_format(tree, hf_error, in_frame ? frame_tvb : block->tvb,
                                                  in_frame ? hit->octet : (int)block->start,
                                                  in_frame ? 1 : (int)block->length, "%s", text);
    proto_tree *hit_tree = proto_item_add_subtree(item, ett_error);
    block_add_all(hit_tree, block, fields, G_N_ELEMENTS(fields));
    block_add_code_group(hit_tree, hf_error_code_group, block, SD_HIT_AT_CODE_GROUP, 2);
    proto_item_set_generated(proto_tree_add_uint(hit_tree, hf_error_place, block->tvb,
                                                 block->start + SD_HIT_AT_OCTET, 5,
                                                 hit_place(hit, frame)));
    expert_add_info_format(pinfo, item,
                           hit->kind == SD_HIT_KIND_SLIP ? &ei_bit_slip : &ei_symbol_error, "%s%s",
                           text, outcome);
}

void hits_add(tvbuff_t *frame_tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
              const struct block *metadata, const struct hits *hits, const struct hit_frame *frame)
{
    for (unsigned i = 0; i < hits->count; i++) {
        const struct block block = {metadata->tvb, metadata->start + hit_start(metadata, i),
                                    block_u16(metadata, SD_AT_HIT_SIZE)};
        add_hit(frame_tvb, pinfo, tree, &block, &hits->hit[i], frame);
    }
    if (hits->count == hits->promised && hits->total > hits->count)
        expert_add_info_format(pinfo, item, &ei_not_stored, "%u further errors are only counted",
                               hits->total - hits->count);
}

void frame_hits_register(int proto, expert_module_t *expert)
{
    static hf_register_info fields[] = {
        {&hf_error,
         {"Error", "qsgmii.error", FT_NONE, BASE_NONE, NULL, 0,
          "A damaged code-group in or around the frame, and what was received in its place",
          HFILL}},
        {&hf_error_octet,
         {"Octet", "qsgmii.error.octet", FT_INT32, BASE_DEC, NULL, 0,
          "Offset in the frame; index in the preamble, /S/ is 0; code-groups before /S/; or "
          "code-groups after the last octet",
          HFILL}},
        {&hf_error_where,
         {"Where", "qsgmii.error.where", FT_UINT8, BASE_DEC, VALS(where_names), 0,
          "From where the octet of the error is counted", HFILL}},
        {&hf_error_place,
         {"Place", "qsgmii.error.place", FT_UINT8, BASE_DEC, VALS(hit_place_names), 0,
          "Part of the frame that was hit; the header is the first 14 octets", HFILL}},
        {&hf_error_code_group,
         {"Code-group", "qsgmii.error.code_group", FT_STRING, BASE_NONE, NULL, 0,
          "The ten bits received, a to j, and the name of a valid group", HFILL}},
        {&hf_error_kind,
         {"Kind", "qsgmii.error.kind", FT_UINT8, BASE_DEC, VALS(kind_names), 0,
          "Invalid: in neither column of the code's table; disparity error: in the wrong one",
          HFILL}},
        {&hf_error_copy,
         {"Copy of the octet", "qsgmii.error.copy", FT_UINT32, BASE_DEC, NULL, 0,
          "10 and 100 Mb/s repeat each octet; from 0", HFILL}},
        {&hf_error_time_ps,
         {"Time", "qsgmii.error.time_ps", FT_INT64, BASE_DEC | BASE_UNIT_STRING, &picoseconds, 0,
          "Picoseconds from the segment's first sample to the group's first bit", HFILL}},
        {&hf_error_sample,
         {"Sample", "qsgmii.error.sample", FT_UINT64, BASE_DEC, NULL, 0,
          "Sample number in the segment of the group's first bit: where the cursor of the "
          "oscilloscope goes",
          HFILL}},
    };
    static ei_register_info experts[] = {
        {&ei_symbol_error,
         {"qsgmii.expert.symbol_error", PI_PROTOCOL, PI_ERROR, "Symbol error",
          EXPERT_BLURB("A code-group of the frame, or before it, is invalid or has the wrong "
                       "running disparity")}},
        {&ei_bit_slip,
         {"qsgmii.expert.bit_slip", PI_PROTOCOL, PI_ERROR, "Bit slip",
          EXPERT_BLURB("A bit was lost or gained inside the frame")}},
        {&ei_not_stored,
         {"qsgmii.expert.not_stored", PI_PROTOCOL, PI_NOTE, "Further errors are only counted",
          EXPERT_BLURB("The frame has more errors than places are kept for")}},
    };
    static int *subtrees[] = {&ett_error};

    proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
    proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
    expert_register_field_array(expert, experts, G_N_ELEMENTS(experts));
}
