/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block_fields.h"
#include <linecode/code_group_name.h>

#include <scopedump/record_format.h>

const value_string link_names[] = {
    {SD_LINK_UNKNOWN, "Unknown link"},  {SD_LINK_QSGMII, "QSGMII"},
    {SD_LINK_SGMII, "SGMII"},           {SD_LINK_1000BASE_X, "1000BASE-X"},
    {SD_LINK_2500BASE_X, "2500BASE-X"}, {0, NULL},
};

static int hf_lane = -1;
static int hf_link = -1;
static int hf_segment = -1;
static int hf_sample = -1;
static int hf_time_ps = -1;
static int hf_duration_ps = -1;

static const unit_name_string picoseconds = {" ps", NULL};

bool block_has(const struct block *block, unsigned at, unsigned length)
{
    return at <= block->length && length <= block->length - at;
}

uint8_t block_u8(const struct block *block, unsigned at)
{
    return block_has(block, at, 1) ? tvb_get_uint8(block->tvb, block->start + at) : 0;
}

uint16_t block_u16(const struct block *block, unsigned at)
{
    return block_has(block, at, 2) ? tvb_get_letohs(block->tvb, block->start + at) : 0;
}

uint32_t block_u32(const struct block *block, unsigned at)
{
    return block_has(block, at, 4) ? tvb_get_letohl(block->tvb, block->start + at) : 0;
}

uint64_t block_u64(const struct block *block, unsigned at)
{
    return block_has(block, at, 8) ? tvb_get_letoh64(block->tvb, block->start + at) : 0;
}

const char *picoseconds_text(wmem_allocator_t *allocator, int64_t time)
{
    static const struct {
        uint64_t picoseconds;
        const char *name;
    } units[] = {
        {1000000000000, "s"}, {1000000000, "ms"}, {1000000, "us"}, {1000, "ns"}, {1, "ps"},
    };
    uint64_t amount = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    size_t i = 0;
    while (i < G_N_ELEMENTS(units) - 1 && amount < units[i].picoseconds)
        i++;

    wmem_strbuf_t *text = wmem_strbuf_new(allocator, time < 0 ? "-" : "");
    wmem_strbuf_append_printf(text, "%" G_GUINT64_FORMAT, amount / units[i].picoseconds);
    uint64_t rest = amount % units[i].picoseconds;
    if (rest)
        wmem_strbuf_append_c(text, '.');
    for (uint64_t digit = units[i].picoseconds / 10; rest; digit /= 10) {
        wmem_strbuf_append_c(text, (char)('0' + rest / digit));
        rest %= digit;
    }
    wmem_strbuf_append_printf(text, " %s", units[i].name);
    return wmem_strbuf_get_str(text);
}

proto_item *block_add(proto_tree *tree, const struct block *block, const struct block_field *field)
{
    if (!block_has(block, field->at, field->length))
        return NULL;
    proto_item *item = proto_tree_add_item(tree, *field->hf, block->tvb, block->start + field->at,
                                           field->length, ENC_LITTLE_ENDIAN);
    int64_t time = field->time ? (int64_t)block_u64(block, field->at) : 0;
    bool better_in_another_unit = time <= -1000 || time >= 1000;
    if (item && better_in_another_unit)
        proto_item_append_text(item, " (%s)", picoseconds_text(PNODE_POOL(item), time));
    return item;
}

void block_add_all(proto_tree *tree, const struct block *block, const struct block_field *fields,
                   size_t count)
{
    for (size_t i = 0; i < count; i++)
        block_add(tree, block, &fields[i]);
}

proto_item *block_add_place(proto_tree *tree, const struct block *block,
                            const struct block_place *at)
{
    if (block_u8(block, at->lane) != SD_LANE_NONE)
        block_add(tree, block, &(struct block_field){&hf_lane, at->lane, 1, false});
    block_add(tree, block, &(struct block_field){&hf_link, at->link, 1, false});
    block_add(tree, block, &(struct block_field){&hf_segment, at->segment, 4, false});
    block_add(tree, block, &(struct block_field){&hf_time_ps, at->time_ps, 8, true});
    block_add(tree, block, &(struct block_field){&hf_duration_ps, at->duration_ps, 8, true});
    return block_add(tree, block, &(struct block_field){&hf_sample, at->sample, 8, false});
}

proto_item *block_add_code_group(proto_tree *tree, int hf, const struct block *block, unsigned at,
                                 unsigned length)
{
    char text[SD_CODE_GROUP_TEXT_SIZE];
    if (!block_has(block, at, length))
        return NULL;
    sd_code_group_text(block_u16(block, at), text);
    return proto_tree_add_string(tree, hf, block->tvb, block->start + at, length, text);
}

void block_fields_register(int proto)
{
    static hf_register_info fields[] = {
        {&hf_lane,
         {"Lane", "qsgmii.lane", FT_UINT8, BASE_DEC, NULL, 0, "Lane (port) of the link, from 0",
          HFILL}},
        {&hf_link,
         {"Kind of link", "qsgmii.link", FT_UINT8, BASE_DEC, VALS(link_names), 0,
          "The line code and framing that the record was read as", HFILL}},
        {&hf_segment,
         {"Segment", "qsgmii.segment", FT_UINT32, BASE_DEC, NULL, 0,
          "Segment of the record, from 0", HFILL}},
        {&hf_sample,
         {"Sample", "qsgmii.sample", FT_UINT64, BASE_DEC, NULL, 0,
          "Sample number in the segment of the first bit", HFILL}},
        {&hf_time_ps,
         {"Time", "qsgmii.time_ps", FT_INT64, BASE_DEC | BASE_UNIT_STRING, &picoseconds, 0,
          "Picoseconds from the segment's first sample to the first bit", HFILL}},
        {&hf_duration_ps,
         {"Duration", "qsgmii.duration_ps", FT_INT64, BASE_DEC | BASE_UNIT_STRING, &picoseconds, 0,
          "Duration in picoseconds", HFILL}},
    };
    proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
}
