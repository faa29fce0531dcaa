/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metadata option of a frame: a postdissector, because the frame itself is plain Ethernet and
 * the option is not among its bytes. The format is in scopedump/record_format.h. */
#include "block_fields.h"
#include "code_group_name.h"
#include "packet_qsgmii.h"

#include <scopedump/record_format.h>

static int hf_version = -1;
static int hf_speed = -1;
static int hf_speed_source = -1;
static int hf_config_speed = -1;
static int hf_symbol_errors = -1;
static int hf_invalid_code_groups = -1;
static int hf_disparity_errors = -1;
static int hf_sample_fraction = -1;
static int hf_preamble_length = -1;
static int hf_gap = -1;
static int hf_begin = -1;
static int hf_end = -1;
static int hf_cut = -1;
static int hf_wire_length = -1;
static int hf_flags = -1;
static int hf_flags_fcs_bad = -1;
static int hf_flags_error_propagation = -1;
static int hf_flags_sfd = -1;
static int hf_flags_too_short = -1;
static int hf_flags_too_long = -1;
static int hf_flags_preamble = -1;
static int hf_flags_gap_short = -1;
static int hf_flags_extended = -1;
static int hf_error_count = -1;
static int hf_error_stored = -1;
static int hf_error = -1;
static int hf_error_octet = -1;
static int hf_error_where = -1;
static int hf_error_code_group = -1;
static int hf_error_kind = -1;
static int hf_error_copy = -1;
static int hf_error_time_ps = -1;

static int ett_frame = -1;
static int ett_flags = -1;
static int ett_error = -1;

static expert_field ei_symbol_error = EI_INIT;
static expert_field ei_bit_slip = EI_INIT;
static expert_field ei_fcs = EI_INIT;
static expert_field ei_cut = EI_INIT;
static expert_field ei_no_s = EI_INIT;
static expert_field ei_sfd = EI_INIT;
static expert_field ei_end = EI_INIT;
static expert_field ei_speed = EI_INIT;
static expert_field ei_error_propagation = EI_INIT;
static expert_field ei_too_short = EI_INIT;
static expert_field ei_too_long = EI_INIT;
static expert_field ei_gap_short = EI_INIT;
static expert_field ei_not_stored = EI_INIT;
static expert_field ei_incomplete = EI_INIT;

static const value_string speed_source_names[] = {
    {SD_SPEED_FROM_LINK, "Kind of link"},
    {SD_SPEED_FROM_OPTION, "Given by the user"},
    {SD_SPEED_FROM_CONFIG, "config_reg"},
    {SD_SPEED_FROM_DATA, "Replication of the octets"},
    {SD_SPEED_AGREED, "config_reg and replication agree"},
    {SD_SPEED_DISAGREES, "Replication, config_reg disagrees"},
    {0, NULL},
};

static const value_string begin_names[] = {
    {SD_BEGIN_S, "/S/, preamble, SFD"},
    {SD_BEGIN_CUT, "Cut: the record or the lock begins inside the frame"},
    {SD_BEGIN_NO_S, "No /S/"},
    {SD_BEGIN_NO_SFD, "/S/, but no SFD"},
    {0, NULL},
};

static const value_string end_names[] = {
    {SD_END_T, "/T/R/"},
    {SD_END_CUT, "Cut: the record ends inside the frame"},
    {SD_END_EARLY, "Early end: a comma without /T/"},
    {SD_END_NO_T, "/R/ without /T/"},
    {SD_END_LOST, "Lock or lane alignment lost inside the frame"},
    {SD_END_NEXT_S, "Another /S/ without /T/"},
    {0, NULL},
};

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

static const unit_name_string megabits = {" Mb/s", NULL};
static const unit_name_string octets = {" octet", " octets"};
static const unit_name_string octet_times = {" octet time", " octet times"};
static const unit_name_string picoseconds = {" ps", NULL};

/** What is said of a frame beyond its fields. */
struct frame {
    uint8_t begin, end, flags, speed_source;
    uint32_t speed, config_speed;
    uint64_t symbol_errors;
    bool cut;
};

/** Where wtap_block_foreach_option leaves the option that it found. */
struct found_option {
    const void *data;
    size_t length;
};

static wireshark_bool find_metadata(wtap_block_t block _U_, guint id, wtap_opttype_e type _U_,
                                    wtap_optval_t *value, void *user_data)
{
    struct found_option *found = user_data;
    /* The enterprise number is shared until a registered one is there: the magic decides. */
    if (id != SD_OPT_CUSTOM_BINARY || CUSTOM_OPTION_PEN(value) != SD_RECORD_PEN ||
        CUSTOM_OPTION_LENGTH(value) < SD_RECORD_MAGIC_SIZE ||
        memcmp(CUSTOM_OPTION_DATA(value), SD_RECORD_MAGIC, SD_RECORD_MAGIC_SIZE) != 0)
        return true;
    found->data = CUSTOM_OPTION_DATA(value);
    found->length = CUSTOM_OPTION_LENGTH(value);
    return false;
}

/** The packet's block as the user sees it: with a comment edited in the GUI it is another one. */
static wtap_block_t packet_block(packet_info *pinfo)
{
    return pinfo->fd->has_modified_block ? epan_get_modified_block(pinfo->epan, pinfo->fd)
                                         : pinfo->rec->block;
}

static struct frame read_frame(const struct block *block)
{
    struct frame frame = {
        .begin = block_u8(block, SD_AT_BEGIN),
        .end = block_u8(block, SD_AT_END),
        .flags = block_u8(block, SD_AT_FLAGS),
        .speed_source = block_u8(block, SD_AT_SPEED_SOURCE),
        .speed = block_u32(block, SD_AT_SPEED),
        .config_speed = block_u32(block, SD_AT_CONFIG_SPEED),
        .symbol_errors =
            (uint64_t)block_u32(block, SD_AT_INVALID) + block_u32(block, SD_AT_DISPARITY),
    };
    frame.cut = frame.begin == SD_BEGIN_CUT || frame.end == SD_END_CUT;
    return frame;
}

/** Damage of the frame in a few words, "2 symbol errors, bad FCS"; empty for a sound frame. */
static const char *damage_text(packet_info *pinfo, const struct frame *frame)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, "");
    if (frame->symbol_errors)
        wmem_strbuf_append_printf(text, ", %" G_GUINT64_FORMAT " symbol error%s",
                                  frame->symbol_errors, frame->symbol_errors == 1 ? "" : "s");
    if (frame->flags & SD_FRAME_ERROR_V)
        wmem_strbuf_append(text, ", /V/");
    /* A cut frame has no FCS that could be right. */
    if (frame->cut)
        wmem_strbuf_append(text, ", cut");
    else if (frame->flags & SD_FRAME_FCS_BAD)
        wmem_strbuf_append(text, ", bad FCS");
    const char *words = wmem_strbuf_get_str(text);
    return *words ? words + strlen(", ") : words;
}

/** Adds the expert infos of the frame as a whole to its item. */
static void add_frame_experts(packet_info *pinfo, proto_item *item, const struct frame *frame)
{
    const struct {
        bool holds;
        expert_field *field;
    } conditions[] = {
        {(frame->flags & SD_FRAME_FCS_BAD) && !frame->cut, &ei_fcs},
        {frame->cut, &ei_cut},
        {frame->begin == SD_BEGIN_NO_S, &ei_no_s},
        {frame->begin == SD_BEGIN_NO_SFD || frame->flags & SD_FRAME_SFD_HIT, &ei_sfd},
        {frame->flags & SD_FRAME_ERROR_V, &ei_error_propagation},
        {frame->flags & SD_FRAME_TOO_SHORT, &ei_too_short},
        {frame->flags & SD_FRAME_TOO_LONG, &ei_too_long},
        {frame->flags & SD_FRAME_GAP_SHORT, &ei_gap_short},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        if (conditions[i].holds)
            expert_add_info(pinfo, item, conditions[i].field);
    }
    if (frame->end != SD_END_T && frame->end != SD_END_CUT)
        expert_add_info_format(pinfo, item, &ei_end, "Ended without /T/: %s",
                               val_to_str_const(frame->end, end_names, "unknown end"));
    if (frame->speed_source == SD_SPEED_DISAGREES)
        expert_add_info_format(pinfo, item, &ei_speed,
                               "The data has %u Mb/s, the config_reg says %u Mb/s", frame->speed,
                               frame->config_speed);
}

/** Where a hit lies, in words: "octet 12", "2 code-groups before /S/". */
static const char *place_text(packet_info *pinfo, unsigned where, int32_t octet)
{
    const char *plural = octet == 1 ? "" : "s";
    switch (where) {
    case SD_HIT_FRAME:
        return wmem_strdup_printf(pinfo->pool, "octet %d", octet);
    case SD_HIT_PREAMBLE:
        return wmem_strdup_printf(pinfo->pool, "preamble octet %d", octet);
    case SD_HIT_GAP:
        return wmem_strdup_printf(pinfo->pool, "%d code-group%s before /S/", octet, plural);
    case SD_HIT_END:
        return wmem_strdup_printf(
            pinfo->pool, "the end delimiter, %d code-group%s behind the frame", octet, plural);
    default:
        return wmem_strdup_printf(pinfo->pool, "unknown place %u, %d", where, octet);
    }
}

static void add_hit(tvbuff_t *frame_tvb, packet_info *pinfo, proto_tree *tree,
                    const struct block *hit)
{
    static const struct block_field fields[] = {
        {&hf_error_octet, SD_HIT_AT_OCTET, 4, false},
        {&hf_error_where, SD_HIT_AT_WHERE, 1, false},
        {&hf_error_kind, SD_HIT_AT_KIND, 1, false},
        {&hf_error_copy, SD_HIT_AT_COPY, 4, false},
        {&hf_error_time_ps, SD_HIT_AT_TIME_PS, 8, true},
    };
    unsigned where = block_u8(hit, SD_HIT_AT_WHERE), kind = block_u8(hit, SD_HIT_AT_KIND);
    int32_t octet = (int32_t)block_u32(hit, SD_HIT_AT_OCTET);
    char code_group[CODE_GROUP_TEXT_SIZE];
    code_group_text(block_u16(hit, SD_HIT_AT_CODE_GROUP), code_group);
    const char *text = wmem_strdup_printf(
        pinfo->pool, "%s at %s: %s", val_to_str_const(kind, kind_names, "Unknown kind of error"),
        place_text(pinfo, where, octet), code_group);

    /* Over the octet itself where there is one, so that it is marked among the packet bytes. */
    bool in_frame =
        where == SD_HIT_FRAME && octet >= 0 && (uint32_t)octet < tvb_captured_length(frame_tvb);
    proto_item *item = proto_tree_add_none_format(tree, hf_error, in_frame ? frame_tvb : hit->tvb,
                                                  in_frame ? octet : (int)hit->start,
                                                  in_frame ? 1 : (int)hit->length, "%s", text);
    proto_tree *hit_tree = proto_item_add_subtree(item, ett_error);
    block_add_all(hit_tree, hit, fields, G_N_ELEMENTS(fields));
    block_add_code_group(hit_tree, hf_error_code_group, hit, SD_HIT_AT_CODE_GROUP, 2);
    expert_add_info_format(pinfo, item, kind == SD_HIT_KIND_SLIP ? &ei_bit_slip : &ei_symbol_error,
                           "%s", text);
}

/** Adds the hits that are wholly there; says so when some are not. */
static void add_hits(tvbuff_t *frame_tvb, packet_info *pinfo, proto_tree *tree, proto_item *item,
                     const struct block *metadata)
{
    unsigned stored = block_u16(metadata, SD_AT_HITS_STORED);
    uint32_t total = block_u32(metadata, SD_AT_HITS_TOTAL);
    unsigned start = block_u16(metadata, SD_AT_HITS_START);
    unsigned size = block_u16(metadata, SD_AT_HIT_SIZE);
    bool whole = stored == 0 || (start >= SD_FRAME_METADATA_SIZE && size >= SD_HIT_SIZE);

    for (unsigned i = 0; whole && i < stored; i++) {
        unsigned at = start + i * size;
        whole = block_has(metadata, at, size);
        if (whole)
            add_hit(frame_tvb, pinfo, tree,
                    &(struct block){metadata->tvb, metadata->start + at, size});
    }
    if (!whole)
        expert_add_info_format(pinfo, item, &ei_incomplete,
                               "The metadata promises %u errors, but is too short for them",
                               stored);
    else if (total > stored)
        expert_add_info_format(pinfo, item, &ei_not_stored, "%u further errors are only counted",
                               total - stored);
}

static void add_fields(proto_tree *tree, const struct block *block, const struct frame *frame)
{
    static const struct block_place place = {
        .lane = SD_AT_LANE,
        .link = SD_AT_LINK,
        .segment = SD_AT_SEGMENT,
        .sample = SD_AT_SAMPLE,
        .time_ps = SD_AT_TIME_PS,
        .duration_ps = SD_AT_DURATION_PS,
    };
    static const struct block_field fields[] = {
        {&hf_speed, SD_AT_SPEED, 4, false},
        {&hf_speed_source, SD_AT_SPEED_SOURCE, 1, false},
        {&hf_preamble_length, SD_AT_PREAMBLE, 4, false},
        {&hf_wire_length, SD_AT_WIRE_LENGTH, 4, false},
        {&hf_begin, SD_AT_BEGIN, 1, false},
        {&hf_end, SD_AT_END, 1, false},
    };
    static const struct block_field error_fields[] = {
        {&hf_invalid_code_groups, SD_AT_INVALID, 4, false},
        {&hf_disparity_errors, SD_AT_DISPARITY, 4, false},
        {&hf_error_count, SD_AT_HITS_TOTAL, 4, false},
        {&hf_error_stored, SD_AT_HITS_STORED, 2, false},
        {&hf_version, SD_AT_VERSION, 2, false},
    };
    static int *const flags[] = {
        &hf_flags_fcs_bad,   &hf_flags_error_propagation, &hf_flags_sfd,
        &hf_flags_too_short, &hf_flags_too_long,          &hf_flags_preamble,
        &hf_flags_gap_short, &hf_flags_extended,          NULL,
    };

    proto_item *sample = block_add_place(tree, block, &place);
    if (block_has(block, SD_AT_SAMPLE_FRACTION, 4)) {
        double fraction = block_u32(block, SD_AT_SAMPLE_FRACTION) / 4294967296.0;
        proto_item_append_text(sample, " + %.6f", fraction);
        proto_tree_add_double(tree, hf_sample_fraction, block->tvb,
                              block->start + SD_AT_SAMPLE_FRACTION, 4, fraction);
    }
    block_add_all(tree, block, fields, G_N_ELEMENTS(fields));
    if (block_has(block, SD_AT_BEGIN, 2))
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_cut, block->tvb,
                                                        block->start + SD_AT_BEGIN, 2, frame->cut));
    if (block_has(block, SD_AT_FLAGS, 1))
        proto_tree_add_bitmask(tree, block->tvb, block->start + SD_AT_FLAGS, hf_flags, ett_flags,
                               flags, ENC_LITTLE_ENDIAN);

    /* Left out when not known: a filter such as qsgmii.gap > 100 must not find "not known". */
    if (block_u32(block, SD_AT_GAP) != SD_GAP_UNKNOWN)
        block_add(tree, block, &(struct block_field){&hf_gap, SD_AT_GAP, 4, false});
    if (frame->config_speed)
        block_add(tree, block,
                  &(struct block_field){&hf_config_speed, SD_AT_CONFIG_SPEED, 4, false});

    if (block_has(block, SD_AT_INVALID, 8))
        proto_item_set_generated(proto_tree_add_uint64(tree, hf_symbol_errors, block->tvb,
                                                       block->start + SD_AT_INVALID, 8,
                                                       frame->symbol_errors));
    block_add_all(tree, block, error_fields, G_N_ELEMENTS(error_fields));
}

int frame_metadata_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    struct found_option found = {NULL, 0};
    if (!pinfo->rec || pinfo->rec->rec_type != REC_TYPE_PACKET)
        return 0;
    wtap_block_t packet = packet_block(pinfo);
    if (packet)
        wtap_block_foreach_option(packet, find_metadata, &found);
    if (!found.data)
        return 0;

    /* The option goes away with the packet's record, the tree may stay longer: a copy. */
    unsigned captured = (unsigned)found.length;
    tvbuff_t *metadata_tvb = tvb_new_child_real_data(
        tvb, wmem_memdup(pinfo->pool, found.data, captured), captured, (int)captured);
    struct block metadata = {metadata_tvb, 0, captured};
    unsigned length = block_u16(&metadata, SD_AT_LENGTH);
    unsigned hits_start = block_u16(&metadata, SD_AT_HITS_START);
    metadata.length = MIN(captured, length);
    /* The fields end where the hits start. */
    struct block fields = {metadata_tvb, 0, MIN(metadata.length, hits_start)};

    struct frame frame = read_frame(&fields);
    const char *damage = damage_text(pinfo, &frame);
    if (*damage)
        col_append_fstr(pinfo->cinfo, COL_INFO, " [%s]", damage);

    add_new_data_source(pinfo, metadata_tvb, "scopedump metadata");
    proto_item *item = proto_tree_add_protocol_format(
        tree, qsgmii_protocol(), metadata_tvb, 0, (int)captured, "%s lane %u, %u Mb/s%s%s",
        val_to_str_const(block_u8(&fields, SD_AT_LINK), link_names, "Unknown link"),
        block_u8(&fields, SD_AT_LANE), frame.speed, *damage ? ", " : "", damage);
    proto_tree *frame_tree = proto_item_add_subtree(item, ett_frame);

    /* All without asking for the tree: the list of expert infos is made without one. */
    if (fields.length < SD_FRAME_METADATA_SIZE || length > captured)
        expert_add_info(pinfo, item, &ei_incomplete);
    add_fields(frame_tree, &fields, &frame);
    add_frame_experts(pinfo, item, &frame);
    add_hits(tvb, pinfo, frame_tree, item, &metadata);
    return (int)tvb_captured_length(tvb);
}

void frame_metadata_register(int proto, expert_module_t *expert)
{
    static hf_register_info fields[] = {
        {&hf_version,
         {"Metadata version", "qsgmii.version", FT_UINT16, BASE_DEC, NULL, 0, NULL, HFILL}},
        {&hf_speed,
         {"Speed", "qsgmii.speed", FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &megabits, 0,
          "Speed of the frame in Mb/s", HFILL}},
        {&hf_speed_source,
         {"Speed found from", "qsgmii.speed_source", FT_UINT8, BASE_DEC, VALS(speed_source_names),
          0, NULL, HFILL}},
        {&hf_config_speed,
         {"Speed of the config_reg", "qsgmii.config_speed", FT_UINT32, BASE_DEC | BASE_UNIT_STRING,
          &megabits, 0,
          "Speed in Mb/s of the last config_reg of the lane; left out when none was seen", HFILL}},
        {&hf_symbol_errors,
         {"Symbol errors", "qsgmii.symbol_errors", FT_UINT64, BASE_DEC, NULL, 0,
          "Invalid code-groups and disparity errors in preamble, frame and end delimiter", HFILL}},
        {&hf_invalid_code_groups,
         {"Invalid code-groups", "qsgmii.invalid_code_groups", FT_UINT32, BASE_DEC, NULL, 0,
          "In preamble, frame and end delimiter", HFILL}},
        {&hf_disparity_errors,
         {"Disparity errors", "qsgmii.disparity_errors", FT_UINT32, BASE_DEC, NULL, 0,
          "In preamble, frame and end delimiter", HFILL}},
        {&hf_sample_fraction,
         {"Fraction of a sample", "qsgmii.sample_fraction", FT_DOUBLE, BASE_NONE, NULL, 0,
          "What the first bit lies behind the sample, in samples", HFILL}},
        {&hf_preamble_length,
         {"Preamble", "qsgmii.preamble_length", FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &octets, 0,
          "Preamble octets seen, /S/ counted, SFD not counted", HFILL}},
        {&hf_gap,
         {"Gap before the frame", "qsgmii.gap", FT_UINT32, BASE_DEC | BASE_UNIT_STRING,
          &octet_times, 0,
          "Octet times from the end of the frame before to /S/; left out when not known", HFILL}},
        {&hf_begin,
         {"Begin", "qsgmii.begin", FT_UINT8, BASE_DEC, VALS(begin_names), 0, NULL, HFILL}},
        {&hf_end, {"End", "qsgmii.end", FT_UINT8, BASE_DEC, VALS(end_names), 0, NULL, HFILL}},
        {&hf_cut,
         {"Cut", "qsgmii.cut", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "The frame's begin or end is not in the record", HFILL}},
        {&hf_wire_length,
         {"Length on the line", "qsgmii.wire_length", FT_UINT32, BASE_DEC | BASE_UNIT_STRING,
          &octets, 0, "FCS included", HFILL}},
        {&hf_flags, {"Flags", "qsgmii.flags", FT_UINT8, BASE_HEX, NULL, 0, NULL, HFILL}},
        {&hf_flags_fcs_bad,
         {"Bad FCS", "qsgmii.flags.fcs_bad", FT_BOOLEAN, 8, NULL, SD_FRAME_FCS_BAD,
          "The FCS is wrong, or there was no whole frame to check", HFILL}},
        {&hf_flags_error_propagation,
         {"Error propagation", "qsgmii.flags.error_propagation", FT_BOOLEAN, 8, NULL,
          SD_FRAME_ERROR_V, "/V/ inside the frame", HFILL}},
        {&hf_flags_sfd,
         {"SFD damaged or missing", "qsgmii.flags.sfd", FT_BOOLEAN, 8, NULL, SD_FRAME_SFD_HIT, NULL,
          HFILL}},
        {&hf_flags_too_short,
         {"Too short", "qsgmii.flags.too_short", FT_BOOLEAN, 8, NULL, SD_FRAME_TOO_SHORT,
          "Under 64 octets", HFILL}},
        {&hf_flags_too_long,
         {"Too long", "qsgmii.flags.too_long", FT_BOOLEAN, 8, NULL, SD_FRAME_TOO_LONG,
          "Longer than could be kept: octets are missing at the end", HFILL}},
        {&hf_flags_preamble,
         {"Preamble damaged", "qsgmii.flags.preamble", FT_BOOLEAN, 8, NULL, SD_FRAME_PREAMBLE_HIT,
          NULL, HFILL}},
        {&hf_flags_gap_short,
         {"Gap too short", "qsgmii.flags.gap_short", FT_BOOLEAN, 8, NULL, SD_FRAME_GAP_SHORT,
          "Under 8 octets of gap before the frame", HFILL}},
        {&hf_flags_extended,
         {"Carrier extension", "qsgmii.flags.extended", FT_BOOLEAN, 8, NULL, SD_FRAME_EXTENDED,
          "/R/ beyond the end delimiter", HFILL}},
        {&hf_error_count,
         {"Errors", "qsgmii.error_count", FT_UINT32, BASE_DEC, NULL, 0,
          "All errors in and around the frame", HFILL}},
        {&hf_error_stored,
         {"Errors stored", "qsgmii.error_stored", FT_UINT16, BASE_DEC, NULL, 0,
          "Errors of which the place is kept", HFILL}},
        {&hf_error, {"Error", "qsgmii.error", FT_NONE, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_error_octet,
         {"Octet", "qsgmii.error.octet", FT_INT32, BASE_DEC, NULL, 0,
          "Offset in the frame; index in the preamble, /S/ is 0; code-groups before /S/; or "
          "code-groups after the last octet",
          HFILL}},
        {&hf_error_where,
         {"Where", "qsgmii.error.where", FT_UINT8, BASE_DEC, VALS(where_names), 0, NULL, HFILL}},
        {&hf_error_code_group,
         {"Code-group", "qsgmii.error.code_group", FT_STRING, BASE_NONE, NULL, 0,
          "The ten bits received, a to j, and the name of a valid group", HFILL}},
        {&hf_error_kind,
         {"Kind", "qsgmii.error.kind", FT_UINT8, BASE_DEC, VALS(kind_names), 0, NULL, HFILL}},
        {&hf_error_copy,
         {"Copy of the octet", "qsgmii.error.copy", FT_UINT32, BASE_DEC, NULL, 0,
          "10 and 100 Mb/s repeat each octet; from 0", HFILL}},
        {&hf_error_time_ps,
         {"Time", "qsgmii.error.time_ps", FT_INT64, BASE_DEC | BASE_UNIT_STRING, &picoseconds, 0,
          "Picoseconds from the segment's first sample to the group's first bit", HFILL}},
    };
    static ei_register_info experts[] = {
        {&ei_symbol_error,
         {"qsgmii.expert.symbol_error", PI_PROTOCOL, PI_ERROR, "Symbol error", EXPFILL}},
        {&ei_bit_slip, {"qsgmii.expert.bit_slip", PI_PROTOCOL, PI_ERROR, "Bit slip", EXPFILL}},
        {&ei_fcs, {"qsgmii.expert.fcs", PI_CHECKSUM, PI_ERROR, "Bad FCS", EXPFILL}},
        {&ei_cut,
         {"qsgmii.expert.cut", PI_PROTOCOL, PI_NOTE, "Frame cut by the begin or end of the record",
          EXPFILL}},
        {&ei_no_s,
         {"qsgmii.expert.no_s", PI_PROTOCOL, PI_WARN, "Frame began without /S/", EXPFILL}},
        {&ei_sfd, {"qsgmii.expert.sfd", PI_PROTOCOL, PI_WARN, "SFD damaged or missing", EXPFILL}},
        {&ei_end, {"qsgmii.expert.end", PI_PROTOCOL, PI_WARN, "Frame ended without /T/", EXPFILL}},
        {&ei_speed,
         {"qsgmii.expert.speed", PI_PROTOCOL, PI_WARN, "Speed differs from the config_reg",
          EXPFILL}},
        {&ei_error_propagation,
         {"qsgmii.expert.error_propagation", PI_PROTOCOL, PI_ERROR,
          "Error propagation /V/ inside the frame", EXPFILL}},
        {&ei_too_short,
         {"qsgmii.expert.too_short", PI_PROTOCOL, PI_WARN, "Frame too short: under 64 octets",
          EXPFILL}},
        {&ei_too_long,
         {"qsgmii.expert.too_long", PI_PROTOCOL, PI_WARN,
          "Frame too long: octets are missing at its end", EXPFILL}},
        {&ei_gap_short,
         {"qsgmii.expert.gap_short", PI_PROTOCOL, PI_WARN,
          "Gap before the frame too short: under 8 octets", EXPFILL}},
        {&ei_not_stored,
         {"qsgmii.expert.not_stored", PI_PROTOCOL, PI_NOTE, "Further errors are only counted",
          EXPFILL}},
        {&ei_incomplete,
         {"qsgmii.expert.incomplete", PI_UNDECODED, PI_WARN, "The metadata is shorter than it says",
          EXPFILL}},
    };
    static int *subtrees[] = {&ett_frame, &ett_flags, &ett_error};

    proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
    proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
    expert_register_field_array(expert, experts, G_N_ELEMENTS(experts));
}
