/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/info.h"

#include "record/json_members.h"
#include "record/time_text.h"
#include "record/vertical.h"

/** Segments that are listed one by one; beyond, they are counted. */
#define LISTED_MOST 64

/** A unit, and how much of the basic one it is. */
typedef struct {
    double size;
    const char *name;
} scaled_unit;

static const scaled_unit rates[] = {{1e9, "GS/s"}, {1e6, "MS/s"}, {1e3, "kS/s"}, {1, "S/s"}};
static const scaled_unit times[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}};

/** Appends a number in the largest unit that it has one or more of; the last one takes the rest. */
static void append_scaled(GString *text, double number, const scaled_unit *units, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && number < units[i].size * (1 - 1e-6)) /* as it will be rounded */
        i++;
    g_string_append_printf(text, "%.6g %s", number / units[i].size, units[i].name);
}

char *sd_info_channel(const sd_waveform *waveform, size_t channel)
{
    const sd_channel *c = &waveform->channel[channel];
    const uint64_t samples = sd_channel_samples(c);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%zu: %s, %s, %" G_GUINT64_FORMAT " samples at ", channel + 1,
                           c->name, c->unit, samples);
    append_scaled(text, 1 / c->interval, rates, G_N_ELEMENTS(rates));
    g_string_append(text, ", ");
    append_scaled(text, (double)samples * c->interval, times, G_N_ELEMENTS(times));
    double low, high;
    if (sd_channel_range(c, &low, &high))
        g_string_append_printf(text, ", range %.4g %s to %.4g %s", low, c->unit, high, c->unit);
    if (c->segments > 1)
        g_string_append_printf(text, ", %zu segments", c->segments);
    /* names in files may hold anything */
    char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
    g_string_free(text, TRUE);
    return valid;
}

static void append(GString *text, const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    g_string_append_printf(text, "%-14s%s\n", name, valid);
}

static void append_vertical(GString *text, const sd_channel *c)
{
    sd_vertical vertical;
    sd_vertical_set(&vertical, c);
    g_autofree char *words = sd_vertical_text(&vertical);
    append(text, "  vertical", words);
    sd_vertical_clear(&vertical);
}

static void append_segments(GString *text, const sd_channel *c)
{
    for (size_t i = 0; i < MIN(c->segments, LISTED_MOST); i++) {
        g_autofree char *time = sd_time_text(c->segment[i].time_ns);
        g_string_append_printf(text, "  segment %-4zu%" G_GUINT64_FORMAT " samples, from %s\n", i,
                               c->segment[i].count, time);
    }
    if (c->segments > LISTED_MOST)
        g_string_append_printf(text, "  and %zu segments more\n", c->segments - LISTED_MOST);
}

char *sd_info_text(const sd_waveform *waveform)
{
    GString *text = g_string_new(NULL);
    g_autofree char *file = g_strdup_printf("%s (%s)", waveform->path, waveform->format);
    append(text, "File", file);
    if (waveform->instrument != NULL)
        append(text, "Instrument", waveform->instrument);
    g_autofree char *time = sd_time_text(waveform->channel[0].segment[0].time_ns);
    g_string_append_printf(text, "%-14s%s%s\n", "Time", time,
                           waveform->has_time ? "" : SD_TIME_FROM_MODIFICATION);
    for (size_t i = 0; i < waveform->channels; i++) {
        g_autofree char *channel = sd_info_channel(waveform, i);
        append(text, "Channel", channel);
        append_vertical(text, &waveform->channel[i]);
        if (waveform->channel[i].segments > 1)
            append_segments(text, &waveform->channel[i]);
    }
    for (guint i = 0; i < waveform->notes->len; i++)
        append(text, "Note", g_ptr_array_index(waveform->notes, i));
    return g_string_free(text, FALSE);
}

static void add_segments(JsonBuilder *b, const sd_channel *c)
{
    sd_json_integer(b, "segments", (gint64)c->segments);
    sd_json_begin_array(b, "segment");
    for (size_t i = 0; i < MIN(c->segments, LISTED_MOST); i++) {
        const sd_segment *s = &c->segment[i];
        json_builder_begin_object(b);
        sd_json_integer(b, "samples", (gint64)s->count);
        sd_json_number(b, "start_s", s->start);
        sd_json_integer(b, "time_ns", s->time_ns);
        sd_json_integer(b, "time_ps", s->time_ps);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
}

static void add_channel(JsonBuilder *b, const sd_waveform *waveform, size_t channel)
{
    const sd_channel *c = &waveform->channel[channel];
    const uint64_t samples = sd_channel_samples(c);
    json_builder_begin_object(b);
    sd_json_integer(b, "number", (gint64)channel + 1);
    sd_json_text(b, "name", c->name);
    sd_json_integer(b, "samples", (gint64)samples);
    sd_json_number(b, "sample_rate", 1 / c->interval);
    sd_json_number(b, "duration_s", (double)samples * c->interval);
    sd_vertical vertical;
    sd_vertical_set(&vertical, c);
    sd_vertical_json(b, &vertical);
    sd_vertical_clear(&vertical);
    add_segments(b, c);
    json_builder_end_object(b);
}

char *sd_info_json(const sd_waveform *waveform)
{
    JsonBuilder *b = json_builder_new();
    json_builder_begin_object(b);
    sd_json_text(b, "file", waveform->path);
    sd_json_text(b, "format", waveform->format);
    sd_json_text(b, "instrument", waveform->instrument);
    sd_json_integer(b, "time_ns", waveform->channel[0].segment[0].time_ns);
    sd_json_boolean(b, "time_from_file", waveform->has_time);
    sd_json_begin_array(b, "channels");
    for (size_t i = 0; i < waveform->channels; i++)
        add_channel(b, waveform, i);
    json_builder_end_array(b);
    sd_json_begin_array(b, "notes");
    for (guint i = 0; i < waveform->notes->len; i++)
        sd_json_add_text(b, g_ptr_array_index(waveform->notes, i));
    json_builder_end_array(b);
    json_builder_end_object(b);
    return sd_json_finish(b);
}
