/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metadata option of a frame: a postdissector, because the frame itself is plain Ethernet and
 * the option is not among its bytes. The format is in scopedump/record_format.h. */
#include "frame_hits.h"
#include "packet_qsgmii.h"
#include "packet_summary.h"

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

static int ett_frame = -1;
static int ett_flags = -1;

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

const value_string frame_begin_names[] = {
    {SD_BEGIN_S, "/S/, preamble, SFD"},
    {SD_BEGIN_CUT, "Cut: the record or the lock begins inside the frame"},
    {SD_BEGIN_NO_S, "No /S/"},
    {SD_BEGIN_NO_SFD, "/S/, but no SFD"},
    {0, NULL},
};

const value_string frame_end_names[] = {
    {SD_END_T, "/T/R/"},
    {SD_END_CUT, "Cut: the record ends inside the frame"},
    {SD_END_EARLY, "Early end: a comma without /T/"},
    {SD_END_NO_T, "/R/ without /T/"},
    {SD_END_LOST, "Signal or lane alignment lost"},
    {SD_END_NEXT_S, "Another /S/ without /T/"},
    {0, NULL},
};

static const unit_name_string megabits = {" Mb/s", NULL};
static const unit_name_string octets = {" octet", " octets"};
static const unit_name_string octet_times = {" octet time", " octet times"};

/** What is said of a frame beyond its fields. */
struct frame {
    uint8_t begin, end, flags, speed_source;
    uint32_t speed, config_speed, invalid, disparity, wire_length;
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
        .invalid = block_u32(block, SD_AT_INVALID),
        .disparity = block_u32(block, SD_AT_DISPARITY),
        .wire_length = block_u32(block, SD_AT_WIRE_LENGTH),
    };
    frame.symbol_errors = (uint64_t)frame.invalid + frame.disparity;
    frame.cut = frame.begin == SD_BEGIN_CUT || frame.end == SD_END_CUT;
    return frame;
}

/** Damage of the frame in a few words, "2 symbol errors, octets 17, 40; bad FCS"; empty for a sound
 * frame. */
static const char *damage_text(packet_info *pinfo, const struct frame *frame,
                               const struct hits *hits)
{
    wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, "");
    if (frame->symbol_errors)
        wmem_strbuf_append_printf(text, "; %" G_GUINT64_FORMAT " symbol error%s%s",
                                  frame->symbol_errors, frame->symbol_errors == 1 ? "" : "s",
                                  hits_places_text(pinfo, hits));
    if (frame->flags & SD_FRAME_ERROR_V)
        wmem_strbuf_append(text, "; /V/");
    /* A cut frame has no FCS that could be right. */
    if (frame->cut)
        wmem_strbuf_append(text, "; cut");
    else if (frame->flags & SD_FRAME_FCS_BAD)
        wmem_strbuf_append(text, "; bad FCS");
    const char *words = wmem_strbuf_get_str(text);
    return *words ? words + strlen("; ") : words;
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
                               val_to_str_const(frame->end, frame_end_names, "unknown end"));
    if (frame->speed_source == SD_SPEED_DISAGREES)
        expert_add_info_format(pinfo, item, &ei_speed,
                               "The data has %u Mb/s, the config_reg says %u Mb/s", frame->speed,
                               frame->config_speed);
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

    const struct frame frame = read_frame(&fields);
    const struct hits hits = hits_read(pinfo, &metadata);
    const struct hit_frame of_hits = {
        .speed = frame.speed,
        .wire_length = frame.wire_length,
        .has_fcs = !frame.cut,
        .fcs_bad = (frame.flags & SD_FRAME_FCS_BAD) != 0,
    };
    const char *damage = damage_text(pinfo, &frame, &hits);
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
    hits_add(tvb, pinfo, frame_tree, item, &metadata, &hits, &of_hits);
    if (hits.count < hits.promised)
        expert_add_info_format(pinfo, item, &ei_incomplete,
                               "The metadata promises %u errors, but is too short for them",
                               hits.promised);

    packet_summary_queue(
        pinfo, &(struct packet_summary){
                   .lane = block_u8(&fields, SD_AT_LANE),
                   .link = block_u8(&fields, SD_AT_LINK),
                   .segment = block_u32(&fields, SD_AT_SEGMENT),
                   .time_ps = (int64_t)block_u64(&fields, SD_AT_TIME_PS),
                   .duration_ps = (int64_t)block_u64(&fields, SD_AT_DURATION_PS),
                   .frame = {
                       .begin = frame.begin,
                       .end = frame.end,
                       .flags = frame.flags,
                       .cut = frame.cut,
                       .speed = frame.speed,
                       .gap = block_has(&fields, SD_AT_GAP, 4) ? block_u32(&fields, SD_AT_GAP)
                                                               : SD_GAP_UNKNOWN,
                       .invalid = frame.invalid,
                       .disparity = frame.disparity,
                       .wire_length = frame.wire_length,
                       .of_hits = of_hits,
                       .hits = hits,
                   }});
    return (int)tvb_captured_length(tvb);
}

void frame_metadata_register(int proto, expert_module_t *expert)
{
    static hf_register_info fields[] = {
        {&hf_version,
         {"Metadata version", "qsgmii.version", FT_UINT16, BASE_DEC, NULL, 0,
          "Version of the metadata's format; later ones only append", HFILL}},
        {&hf_speed,
         {"Speed", "qsgmii.speed", FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &megabits, 0,
          "Speed of the frame in Mb/s", HFILL}},
        {&hf_speed_source,
         {"Speed found from", "qsgmii.speed_source", FT_UINT8, BASE_DEC, VALS(speed_source_names),
          0, "What told the speed of the frame, and whether config_reg and data agree", HFILL}},
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
         {"Begin", "qsgmii.begin", FT_UINT8, BASE_DEC, VALS(frame_begin_names), 0,
          "How the frame began on the line", HFILL}},
        {&hf_end,
         {"End", "qsgmii.end", FT_UINT8, BASE_DEC, VALS(frame_end_names), 0,
          "How the frame ended on the line", HFILL}},
        {&hf_cut,
         {"Cut", "qsgmii.cut", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "The frame's begin or end is not in the record", HFILL}},
        {&hf_wire_length,
         {"Length on the line", "qsgmii.wire_length", FT_UINT32, BASE_DEC | BASE_UNIT_STRING,
          &octets, 0, "FCS included", HFILL}},
        {&hf_flags,
         {"Flags", "qsgmii.flags", FT_UINT8, BASE_HEX, NULL, 0,
          "What is wrong or unusual with the frame, a bit each", HFILL}},
        {&hf_flags_fcs_bad,
         {"Bad FCS", "qsgmii.flags.fcs_bad", FT_BOOLEAN, 8, NULL, SD_FRAME_FCS_BAD,
          "The FCS is wrong, or there was no whole frame to check", HFILL}},
        {&hf_flags_error_propagation,
         {"Error propagation", "qsgmii.flags.error_propagation", FT_BOOLEAN, 8, NULL,
          SD_FRAME_ERROR_V, "/V/ inside the frame", HFILL}},
        {&hf_flags_sfd,
         {"SFD damaged or missing", "qsgmii.flags.sfd", FT_BOOLEAN, 8, NULL, SD_FRAME_SFD_HIT,
          "A code-group of the SFD was hit, or no SFD was found", HFILL}},
        {&hf_flags_too_short,
         {"Too short", "qsgmii.flags.too_short", FT_BOOLEAN, 8, NULL, SD_FRAME_TOO_SHORT,
          "Under 64 octets", HFILL}},
        {&hf_flags_too_long,
         {"Too long", "qsgmii.flags.too_long", FT_BOOLEAN, 8, NULL, SD_FRAME_TOO_LONG,
          "Longer than could be kept: octets are missing at the end", HFILL}},
        {&hf_flags_preamble,
         {"Preamble damaged", "qsgmii.flags.preamble", FT_BOOLEAN, 8, NULL, SD_FRAME_PREAMBLE_HIT,
          "A code-group of /S/ or the preamble was hit", HFILL}},
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
    };
    static ei_register_info experts[] = {
        {&ei_fcs,
         {"qsgmii.expert.fcs", PI_CHECKSUM, PI_ERROR, "Bad FCS",
          EXPERT_BLURB("The FCS of a whole frame does not fit its octets")}},
        {&ei_cut,
         {"qsgmii.expert.cut", PI_PROTOCOL, PI_NOTE, "Frame cut by the begin or end of the record",
          EXPERT_BLURB("Octets of the frame are not in the record")}},
        {&ei_no_s,
         {"qsgmii.expert.no_s", PI_PROTOCOL, PI_WARN, "Frame began without /S/",
          EXPERT_BLURB("Data came after idle, or /S/ was hit")}},
        {&ei_sfd,
         {"qsgmii.expert.sfd", PI_PROTOCOL, PI_WARN, "SFD damaged or missing",
          EXPERT_BLURB("Where the frame begins may be a guess")}},
        {&ei_end,
         {"qsgmii.expert.end", PI_PROTOCOL, PI_WARN, "Frame ended without /T/",
          EXPERT_BLURB("The end delimiter was hit, or something else cut the frame off")}},
        {&ei_speed,
         {"qsgmii.expert.speed", PI_PROTOCOL, PI_WARN, "Speed differs from the config_reg",
          EXPERT_BLURB("The octets are repeated for another speed than the config_reg tells")}},
        {&ei_error_propagation,
         {"qsgmii.expert.error_propagation", PI_PROTOCOL, PI_ERROR,
          "Error propagation /V/ inside the frame",
          EXPERT_BLURB("The sender itself marks the frame as damaged")}},
        {&ei_too_short,
         {"qsgmii.expert.too_short", PI_PROTOCOL, PI_WARN, "Frame too short: under 64 octets",
          EXPERT_BLURB("A runt")}},
        {&ei_too_long,
         {"qsgmii.expert.too_long", PI_PROTOCOL, PI_WARN,
          "Frame too long: octets are missing at its end",
          EXPERT_BLURB("The frame is longer than Wireshark can hold")}},
        {&ei_gap_short,
         {"qsgmii.expert.gap_short", PI_PROTOCOL, PI_WARN,
          "Gap before the frame too short: under 8 octets",
          EXPERT_BLURB("802.3 asks for 12 octets, of which clocks may take four")}},
        {&ei_incomplete,
         {"qsgmii.expert.incomplete", PI_UNDECODED, PI_WARN, "The metadata is shorter than it says",
          EXPERT_BLURB("The metadata was cut, or is not what scopedump writes")}},
    };
    static int *subtrees[] = {&ett_frame, &ett_flags};

    frame_hits_register(proto, expert);
    proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
    proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
    expert_register_field_array(expert, experts, G_N_ELEMENTS(experts));
}
