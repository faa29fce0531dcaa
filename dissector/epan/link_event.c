/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link events: what happened on the line between and around the frames. The format is in
 * scopedump/record_format.h. */
#include "packet_qsgmii.h"
#include "packet_summary.h"
#include <linecode/code_group_name.h>

#include <scopedump/record_format.h>

static int hf_kind = -1;
static int hf_value = -1;
static int hf_count = -1;
static int hf_slip = -1;
static int hf_code_group = -1;
static int hf_config_word = -1;
static int hf_config_sgmii = -1;
static int hf_config_link = -1;
static int hf_config_next_page = -1;
static int hf_config_acknowledge = -1;
static int hf_config_duplex = -1;
static int hf_config_speed = -1;
static int hf_config_eee = -1;
static int hf_config_remote_fault = -1;
static int hf_config_pause = -1;
static int hf_config_half_duplex = -1;
static int hf_config_full_duplex = -1;

static int ett_event = -1;
static int ett_config = -1;

static expert_field ei_signal_lost = EI_INIT;
static expert_field ei_bit_slip = EI_INIT;
static expert_field ei_lane_alignment = EI_INIT;
static expert_field ei_sync_lost = EI_INIT;
static expert_field ei_false_carrier = EI_INIT;
static expert_field ei_symbol_error = EI_INIT;
static expert_field ei_lane_mark = EI_INIT;
static expert_field ei_record_unreadable = EI_INIT;
static expert_field ei_incomplete = EI_INIT;

/** Bits of a config_reg: of clause 37 and of SGMII. Bit 0 tells the two apart. */
enum {
    CONFIG_SGMII = 0x0001,
    CONFIG_ACKNOWLEDGE = 0x4000,

    SGMII_EEE = 0x0300,
    SGMII_SPEED = 0x0C00,
    SGMII_FULL_DUPLEX = 0x1000,
    SGMII_LINK_UP = 0x8000,

    PAGE_FULL_DUPLEX = 0x0020,
    PAGE_HALF_DUPLEX = 0x0040,
    PAGE_PAUSE = 0x0180,
    PAGE_REMOTE_FAULT = 0x3000,
    PAGE_NEXT_PAGE = 0x8000,
};

static const value_string config_speed_names[] = {
    {0, "10 Mb/s"}, {1, "100 Mb/s"}, {2, "1000 Mb/s"}, {3, "reserved speed"}, {0, NULL},
};

/** Clause 37.2.1.4: PS1 is bit 7, PS2 is bit 8. */
static const value_string pause_names[] = {
    {0, "no pause"},
    {1, "symmetric pause"},
    {2, "asymmetric pause toward the partner"},
    {3, "symmetric pause and asymmetric pause toward the sender"},
    {0, NULL},
};

/** Clause 37.2.1.5: RF1 is bit 12, RF2 is bit 13. */
static const value_string remote_fault_names[] = {
    {0, "no remote fault"},
    {1, "remote fault: link failure"},
    {2, "remote fault: offline"},
    {3, "remote fault: auto-negotiation error"},
    {0, NULL},
};

static const true_false_string duplex_names = {"full duplex", "half duplex"};
static const true_false_string link_state_names = {"link up", "link down"};

struct event {
    unsigned kind, lane, link;
    uint32_t value, count;
    int64_t duration_ps;
};

/** Appends what the event says; the first letter is a small one. */
typedef void describe_event(wmem_strbuf_t *text, wmem_allocator_t *allocator,
                            const struct event *event);

static void append_times(wmem_strbuf_t *text, uint32_t count)
{
    if (count > 1)
        wmem_strbuf_append_printf(text, ", %u times", count);
}

static void append_duration(wmem_strbuf_t *text, wmem_allocator_t *allocator, int64_t duration_ps)
{
    if (duration_ps)
        wmem_strbuf_append_printf(text, " for %s", picoseconds_text(allocator, duration_ps));
}

static void describe_signal_lost(wmem_strbuf_t *text, wmem_allocator_t *allocator,
                                 const struct event *event)
{
    wmem_strbuf_append(text, "signal lost");
    append_duration(text, allocator, event->duration_ps);
}

static void describe_bit_slip(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                              const struct event *event)
{
    int32_t gained = (int32_t)event->value;
    uint32_t bits = gained < 0 ? 0 - event->value : event->value;
    const char *direction = gained < 0 ? "lost" : "gained";
    if (bits == 1)
        wmem_strbuf_append_printf(text, "bit slip: one bit %s", direction);
    else
        wmem_strbuf_append_printf(text, "bit slip: %u bits %s", bits, direction);
}

static void describe_lane_alignment(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                    const struct event *event)
{
    wmem_strbuf_append_printf(text, "lanes moved by %u", event->value);
}

static void describe_sync_acquired(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                   const struct event *event _U_)
{
    wmem_strbuf_append(text, "synchronisation acquired");
}

static void describe_sync_lost(wmem_strbuf_t *text, wmem_allocator_t *allocator,
                               const struct event *event)
{
    wmem_strbuf_append(text, "synchronisation lost");
    append_duration(text, allocator, event->duration_ps);
}

static void describe_sgmii_word(wmem_strbuf_t *text, unsigned word)
{
    /* The MAC's word holds no more than the acknowledge bit; the PHY's is the same when the link
     * is down. */
    if ((word & ~(unsigned)CONFIG_ACKNOWLEDGE) == CONFIG_SGMII) {
        wmem_strbuf_append(text, ", from a MAC or link down");
        return;
    }
    wmem_strbuf_append_printf(
        text, ", %s, %s, %s",
        val_to_str_const((word & SGMII_SPEED) >> 10, config_speed_names, "reserved speed"),
        word & SGMII_FULL_DUPLEX ? duplex_names.true_string : duplex_names.false_string,
        word & SGMII_LINK_UP ? link_state_names.true_string : link_state_names.false_string);
}

static void describe_base_page(wmem_strbuf_t *text, unsigned word)
{
    if (word == 0) {
        wmem_strbuf_append(text, ", auto-negotiation restarted");
        return;
    }
    const struct {
        bool holds;
        const char *name;
    } abilities[] = {
        {word & PAGE_FULL_DUPLEX, "full duplex"},
        {word & PAGE_HALF_DUPLEX, "half duplex"},
        {word & PAGE_PAUSE, val_to_str_const((word & PAGE_PAUSE) >> 7, pause_names, "")},
        {word & PAGE_REMOTE_FAULT,
         val_to_str_const((word & PAGE_REMOTE_FAULT) >> 12, remote_fault_names, "")},
        {word & PAGE_NEXT_PAGE, "next page"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(abilities); i++) {
        if (abilities[i].holds)
            wmem_strbuf_append_printf(text, ", %s", abilities[i].name);
    }
}

static void describe_configuration(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                   const struct event *event)
{
    unsigned word = event->value & 0xFFFF;
    wmem_strbuf_append_printf(text, "configuration 0x%04x", word);
    if (word & CONFIG_ACKNOWLEDGE)
        wmem_strbuf_append(text, ", acknowledge");
    if (word & CONFIG_SGMII)
        describe_sgmii_word(text, word);
    else
        describe_base_page(text, word);
    append_times(text, event->count);
}

static void describe_idle(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                          const struct event *event _U_)
{
    wmem_strbuf_append(text, "idle after configuration: the link is up");
}

static void describe_low_power_idle(wmem_strbuf_t *text, wmem_allocator_t *allocator,
                                    const struct event *event)
{
    wmem_strbuf_append(text, "low-power idle");
    append_duration(text, allocator, event->duration_ps);
}

static void describe_false_carrier(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                   const struct event *event)
{
    wmem_strbuf_append_printf(text, "false carrier, %u code-group%s", event->count,
                              event->count == 1 ? "" : "s");
}

static void describe_symbol_error(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                  const struct event *event)
{
    char code_group[SD_CODE_GROUP_TEXT_SIZE];
    sd_code_group_text(event->value, code_group);
    if (event->count > 1)
        wmem_strbuf_append_printf(text, "%u symbol errors between frames, the first %s",
                                  event->count, code_group);
    else
        wmem_strbuf_append_printf(text, "symbol error between frames, %s", code_group);
}

static void describe_lane_mark(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                               const struct event *event)
{
    wmem_strbuf_append_printf(text, "K28.1 on lane %u, where K28.5 belongs", event->value);
}

static void describe_record(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                            const struct event *event _U_)
{
    wmem_strbuf_append(text, "a record of the watched folder begins, see the comment");
}

static void describe_record_unreadable(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                       const struct event *event _U_)
{
    wmem_strbuf_append(text, "a file of the watched folder cannot be decoded, see the comment");
}

static void describe_nothing_new(wmem_strbuf_t *text, wmem_allocator_t *allocator _U_,
                                 const struct event *event)
{
    wmem_strbuf_append_printf(text, "no frame and no event in %u samples", event->count);
}

static const value_string kind_names[] = {
    {SD_EVENT_SIGNAL_LOST, "Signal lost"},
    {SD_EVENT_BIT_SLIP, "Bit slip"},
    {SD_EVENT_LANE_ALIGNMENT, "Lane alignment changed"},
    {SD_EVENT_SYNC_ACQUIRED, "Synchronisation acquired"},
    {SD_EVENT_SYNC_LOST, "Synchronisation lost"},
    {SD_EVENT_CONFIGURATION, "Configuration"},
    {SD_EVENT_IDLE, "Idle after configuration"},
    {SD_EVENT_LOW_POWER_IDLE, "Low-power idle"},
    {SD_EVENT_FALSE_CARRIER, "False carrier"},
    {SD_EVENT_SYMBOL_ERROR, "Symbol error between frames"},
    {SD_EVENT_LANE_MARK, "K28.1 outside lane 0"},
    {SD_EVENT_RECORD, "Record begins"},
    {SD_EVENT_RECORD_UNREADABLE, "File cannot be decoded"},
    {SD_EVENT_NOTHING_NEW, "Nothing new"},
    {0, NULL},
};

/** How each kind of event is told; `expert` is NULL for what is no fault. */
static const struct event_kind {
    unsigned kind;
    describe_event *describe;
    expert_field *expert;
} event_kinds[] = {
    {SD_EVENT_SIGNAL_LOST, describe_signal_lost, &ei_signal_lost},
    {SD_EVENT_BIT_SLIP, describe_bit_slip, &ei_bit_slip},
    {SD_EVENT_LANE_ALIGNMENT, describe_lane_alignment, &ei_lane_alignment},
    {SD_EVENT_SYNC_ACQUIRED, describe_sync_acquired, NULL},
    {SD_EVENT_SYNC_LOST, describe_sync_lost, &ei_sync_lost},
    {SD_EVENT_CONFIGURATION, describe_configuration, NULL},
    {SD_EVENT_IDLE, describe_idle, NULL},
    {SD_EVENT_LOW_POWER_IDLE, describe_low_power_idle, NULL},
    {SD_EVENT_FALSE_CARRIER, describe_false_carrier, &ei_false_carrier},
    {SD_EVENT_SYMBOL_ERROR, describe_symbol_error, &ei_symbol_error},
    {SD_EVENT_LANE_MARK, describe_lane_mark, &ei_lane_mark},
    {SD_EVENT_RECORD, describe_record, NULL},
    {SD_EVENT_RECORD_UNREADABLE, describe_record_unreadable, &ei_record_unreadable},
    {SD_EVENT_NOTHING_NEW, describe_nothing_new, NULL},
};

static const struct event_kind *find_kind(unsigned kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(event_kinds); i++) {
        if (event_kinds[i].kind == kind)
            return &event_kinds[i];
    }
    return NULL;
}

/** What the event says, without its lane: "low-power idle for 12 us", "bit slip: one bit lost". */
static const char *event_words(wmem_allocator_t *allocator, const struct event *event,
                               const struct event_kind *kind)
{
    wmem_strbuf_t *text = wmem_strbuf_new(allocator, "");
    if (kind)
        kind->describe(text, allocator, event);
    else
        wmem_strbuf_append_printf(text, "event of the unknown kind %u", event->kind);
    return wmem_strbuf_get_str(text);
}

/** The words as a sentence: "Lane 2: low-power idle for 12 us", "Bit slip: one bit lost". */
static const char *event_sentence(wmem_allocator_t *allocator, const struct event *event,
                                  const char *words)
{
    if (event->lane != SD_LANE_NONE)
        return wmem_strdup_printf(allocator, "Lane %u: %s", event->lane, words);
    char *sentence = wmem_strdup(allocator, words);
    sentence[0] = g_ascii_toupper(sentence[0]);
    return sentence;
}

/** Adds the config_reg with its parts. */
static void add_config_word(proto_tree *tree, const struct block *block)
{
    static int *const sgmii_parts[] = {
        &hf_config_link,
        &hf_config_acknowledge,
        &hf_config_duplex,
        &hf_config_speed,
        &hf_config_eee,
        &hf_config_sgmii,
        NULL,
    };
    static int *const page_parts[] = {
        &hf_config_next_page,   &hf_config_acknowledge, &hf_config_remote_fault, &hf_config_pause,
        &hf_config_half_duplex, &hf_config_full_duplex, &hf_config_sgmii,        NULL,
    };
    bool sgmii = block_u16(block, SD_EVENT_AT_VALUE) & CONFIG_SGMII;
    if (block_has(block, SD_EVENT_AT_VALUE, 2))
        proto_tree_add_bitmask(tree, block->tvb, block->start + SD_EVENT_AT_VALUE, hf_config_word,
                               ett_config, sgmii ? sgmii_parts : page_parts, ENC_LITTLE_ENDIAN);
}

int link_event_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    static const struct block_place place = {
        .lane = SD_EVENT_AT_LANE,
        .link = SD_EVENT_AT_LINK,
        .segment = SD_EVENT_AT_SEGMENT,
        .sample = SD_EVENT_AT_SAMPLE,
        .time_ps = SD_EVENT_AT_TIME_PS,
        .duration_ps = SD_EVENT_AT_DURATION_PS,
    };
    static const struct block_field kind_field = {&hf_kind, SD_EVENT_AT_KIND, 2, false};
    static const struct block_field fields[] = {
        {&hf_value, SD_EVENT_AT_VALUE, 4, false},
        {&hf_count, SD_EVENT_AT_COUNT, 4, false},
    };
    unsigned captured = tvb_captured_length(tvb);
    if (captured < SD_RECORD_MAGIC_SIZE ||
        tvb_memeql(tvb, 0, (const guint8 *)SD_EVENT_MAGIC, SD_RECORD_MAGIC_SIZE) != 0)
        return 0;

    struct block block = {tvb, 0, captured};
    unsigned length = block_u16(&block, SD_EVENT_AT_LENGTH);
    block.length = MIN(captured, length);
    struct event event = {
        .kind = block_u16(&block, SD_EVENT_AT_KIND),
        .lane = block_has(&block, SD_EVENT_AT_LANE, 1) ? block_u8(&block, SD_EVENT_AT_LANE)
                                                       : SD_LANE_NONE,
        .link = block_u8(&block, SD_EVENT_AT_LINK),
        .value = block_u32(&block, SD_EVENT_AT_VALUE),
        .count = block_u32(&block, SD_EVENT_AT_COUNT),
        .duration_ps = (int64_t)block_u64(&block, SD_EVENT_AT_DURATION_PS),
    };
    const struct event_kind *kind = find_kind(event.kind);
    const char *words = event_words(pinfo->pool, &event, kind);
    const char *text = event_sentence(pinfo->pool, &event, words);

    col_set_str(pinfo->cinfo, COL_PROTOCOL, "QSGMII");
    col_add_str(pinfo->cinfo, COL_INFO, text);

    proto_item *item = proto_tree_add_protocol_format(
        tree, qsgmii_protocol(), tvb, 0, (int)captured, "%s, %s",
        val_to_str_const(event.link, link_names, "Unknown link"), text);
    proto_tree *event_tree = proto_item_add_subtree(item, ett_event);
    if (block.length < SD_EVENT_SIZE || length > captured)
        expert_add_info(pinfo, item, &ei_incomplete);

    block_add(event_tree, &block, &kind_field);
    block_add_place(event_tree, &block, &place);
    block_add_all(event_tree, &block, fields, G_N_ELEMENTS(fields));
    if (event.kind == SD_EVENT_CONFIGURATION)
        add_config_word(event_tree, &block);
    if (event.kind == SD_EVENT_BIT_SLIP)
        block_add(event_tree, &block, &(struct block_field){&hf_slip, SD_EVENT_AT_VALUE, 4, false});
    if (event.kind == SD_EVENT_SYMBOL_ERROR)
        block_add_code_group(event_tree, hf_code_group, &block, SD_EVENT_AT_VALUE, 2);
    if (kind && kind->expert)
        expert_add_info_format(pinfo, item, kind->expert, "%s", text);

    packet_summary_queue(pinfo,
                         &(struct packet_summary){
                             .is_event = true,
                             .lane = (uint8_t)event.lane,
                             .link = (uint8_t)event.link,
                             .segment = block_u32(&block, SD_EVENT_AT_SEGMENT),
                             .time_ps = (int64_t)block_u64(&block, SD_EVENT_AT_TIME_PS),
                             .duration_ps = event.duration_ps,
                             .event = {
                                 .kind = event.kind,
                                 .value = event.value,
                                 .count = event.count,
                                 .name = val_to_str_const(event.kind, kind_names, "Unknown event"),
                                 .words = words,
                             }});
    return (int)captured;
}

void link_event_register(int proto, expert_module_t *expert)
{
    static hf_register_info fields[] = {
        {&hf_kind,
         {"Event", "qsgmii.event.kind", FT_UINT16, BASE_DEC, VALS(kind_names), 0,
          "What happened on the line", HFILL}},
        {&hf_value,
         {"Value", "qsgmii.event.value", FT_UINT32, BASE_DEC_HEX, NULL, 0,
          "What it means depends on the kind of event", HFILL}},
        {&hf_count,
         {"Count", "qsgmii.event.count", FT_UINT32, BASE_DEC, NULL, 0,
          "Words, code-groups, symbol errors or samples, by the kind of event", HFILL}},
        {&hf_slip,
         {"Bits gained", "qsgmii.event.slip", FT_INT32, BASE_DEC, NULL, 0,
          "Bits lost when negative", HFILL}},
        {&hf_code_group,
         {"Code-group", "qsgmii.event.code_group", FT_STRING, BASE_NONE, NULL, 0,
          "The ten bits of the first, a to j, and the name of a valid group", HFILL}},
        {&hf_config_word,
         {"config_reg", "qsgmii.config.word", FT_UINT16, BASE_HEX, NULL, 0,
          "The 16 bits of configuration, of SGMII or of 1000BASE-X (clause 37)", HFILL}},
        {&hf_config_sgmii,
         {"SGMII", "qsgmii.config.sgmii", FT_BOOLEAN, 16, NULL, CONFIG_SGMII,
          "Set in words of SGMII and QSGMII, clear in those of 1000BASE-X", HFILL}},
        {&hf_config_link,
         {"Link", "qsgmii.config.link", FT_BOOLEAN, 16, TFS(&link_state_names), SGMII_LINK_UP,
          "What the PHY says of the link on its other side (SGMII, bit 15)", HFILL}},
        {&hf_config_acknowledge,
         {"Acknowledge", "qsgmii.config.acknowledge", FT_BOOLEAN, 16, NULL, CONFIG_ACKNOWLEDGE,
          "The partner's word was received (bit 14)", HFILL}},
        {&hf_config_next_page,
         {"Next page", "qsgmii.config.next_page", FT_BOOLEAN, 16, NULL, PAGE_NEXT_PAGE,
          "Another page follows (clause 37, bit 15)", HFILL}},
        {&hf_config_duplex,
         {"Duplex", "qsgmii.config.duplex", FT_BOOLEAN, 16, TFS(&duplex_names), SGMII_FULL_DUPLEX,
          "Duplex that the PHY tells (SGMII, bit 12)", HFILL}},
        {&hf_config_speed,
         {"Speed", "qsgmii.config.speed", FT_UINT16, BASE_DEC, VALS(config_speed_names),
          SGMII_SPEED, "Speed that the PHY tells (SGMII, bits 11:10)", HFILL}},
        {&hf_config_eee,
         {"EEE abilities", "qsgmii.config.eee", FT_UINT16, BASE_HEX, NULL, SGMII_EEE,
          "On parts that have them", HFILL}},
        {&hf_config_remote_fault,
         {"Remote fault", "qsgmii.config.remote_fault", FT_UINT16, BASE_DEC,
          VALS(remote_fault_names), PAGE_REMOTE_FAULT,
          "Fault that the sender tells (clause 37, bits 13:12)", HFILL}},
        {&hf_config_pause,
         {"Pause", "qsgmii.config.pause", FT_UINT16, BASE_DEC, VALS(pause_names), PAGE_PAUSE,
          "Flow control that the sender can do (clause 37, bits 8:7)", HFILL}},
        {&hf_config_half_duplex,
         {"Half duplex", "qsgmii.config.half_duplex", FT_BOOLEAN, 16, NULL, PAGE_HALF_DUPLEX,
          "The sender can do half duplex (clause 37, bit 6)", HFILL}},
        {&hf_config_full_duplex,
         {"Full duplex", "qsgmii.config.full_duplex", FT_BOOLEAN, 16, NULL, PAGE_FULL_DUPLEX,
          "The sender can do full duplex (clause 37, bit 5)", HFILL}},
    };
    static ei_register_info experts[] = {
        {&ei_signal_lost,
         {"qsgmii.expert.event.signal_lost", PI_PROTOCOL, PI_ERROR, "Signal lost",
          EXPERT_BLURB("The line had no edges for a while")}},
        {&ei_bit_slip,
         {"qsgmii.expert.event.bit_slip", PI_PROTOCOL, PI_ERROR, "Bit slip",
          EXPERT_BLURB("The clock recovery lost or gained bits")}},
        {&ei_lane_alignment,
         {"qsgmii.expert.event.lane_alignment", PI_PROTOCOL, PI_ERROR, "Lane alignment lost",
          EXPERT_BLURB("K28.1, which marks lane 0, came in another place")}},
        {&ei_sync_lost,
         {"qsgmii.expert.event.sync_lost", PI_PROTOCOL, PI_ERROR, "Synchronisation lost",
          EXPERT_BLURB("Bad code-groups that good ones did not make up for (clause 36)")}},
        {&ei_false_carrier,
         {"qsgmii.expert.event.false_carrier", PI_PROTOCOL, PI_WARN, "False carrier",
          EXPERT_BLURB("Neither idle nor /S/ (clause 36)")}},
        {&ei_symbol_error,
         {"qsgmii.expert.event.symbol_error", PI_PROTOCOL, PI_ERROR, "Symbol error between frames",
          EXPERT_BLURB("Damaged code-groups that are in no frame")}},
        {&ei_lane_mark,
         {"qsgmii.expert.event.lane_mark", PI_PROTOCOL, PI_WARN, "K28.1 outside lane 0",
          EXPERT_BLURB("A single K28.1 where K28.5 belongs")}},
        {&ei_record_unreadable,
         {"qsgmii.expert.event.record_unreadable", PI_UNDECODED, PI_WARN,
          "A file of the watched folder cannot be decoded",
          EXPERT_BLURB("The packet's comment names the file and says why")}},
        {&ei_incomplete,
         {"qsgmii.expert.event.incomplete", PI_UNDECODED, PI_WARN,
          "The event is shorter than it says",
          EXPERT_BLURB("The event was cut, or is not what scopedump writes")}},
    };
    static int *subtrees[] = {&ett_event, &ett_config};

    proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
    proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
    expert_register_field_array(expert, experts, G_N_ELEMENTS(experts));
}
