/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/vertical.h"

#include "record/json_members.h"

void sd_vertical_set(sd_vertical *vertical, const sd_channel *channel)
{
    *vertical = (sd_vertical){
        .unit = g_strdup(channel->unit),
        .codes = channel->type != SD_SAMPLE_F32 && channel->type != SD_SAMPLE_F64,
        .scale = channel->scale,
        .offset = channel->offset + 0.0, /* without the sign of a zero */
    };
    vertical->range_known = sd_channel_range(channel, &vertical->range_low, &vertical->range_high);
}

void sd_vertical_clear(sd_vertical *vertical)
{
    g_clear_pointer(&vertical->unit, g_free);
}

char *sd_vertical_text(const sd_vertical *vertical)
{
    const char *unit = vertical->unit != NULL ? vertical->unit : "";
    const bool scaled = vertical->scale != 1 || vertical->offset != 0;
    if (!scaled && !vertical->codes)
        return g_strdup_printf("stored in %s, without the range of the converter", unit);
    if (!scaled)
        return g_strdup_printf("not told: a code is taken as 1 %s", unit);
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%.6g %s per %s, offset %.6g %s", vertical->scale, unit,
                    vertical->codes ? "code" : "stored unit", vertical->offset, unit);
    if (vertical->range_known)
        g_string_append_printf(text, ", range %.4g %s to %.4g %s", vertical->range_low, unit,
                               vertical->range_high, unit);
    return g_string_free(text, FALSE);
}

void sd_vertical_json(JsonBuilder *b, const sd_vertical *vertical)
{
    sd_json_text(b, "unit", vertical->unit);
    sd_json_number(b, "scale", vertical->scale);
    sd_json_number(b, "offset", vertical->offset);
    if (!vertical->range_known) {
        sd_json_text(b, "range", NULL);
        return;
    }
    sd_json_begin_object(b, "range");
    sd_json_number(b, "low", vertical->range_low);
    sd_json_number(b, "high", vertical->range_high);
    json_builder_end_object(b);
}
