/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "truth.h"
#include "file_format.h"
#include "quantise.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>

#define NS_PER_SECOND INT64_C(1000000000)

static const char *const where_names[] = {
    [GEN_IN_CONFIG] = "config", [GEN_IN_GAP] = "gap", [GEN_IN_PREAMBLE] = "preamble",
    [GEN_IN_FRAME] = "frame",   [GEN_IN_END] = "end",
};
static const char *const error_names[] = {
    [GEN_FLIP] = "flip",      [GEN_INVALID] = "invalid", [GEN_SLIP_REPEAT] = "slip",
    [GEN_SLIP_DROP] = "slip", [GEN_DEAD] = "dead",
};

/* A frame of which at least one code-group is whole in a segment. */
typedef struct {
    unsigned lane, segment;
    uint64_t index;
    double start_ps, end_ps;
    GBytes *octets;
    bool fcs_good, cut_begin, cut_end;
    double gap; /* octet times, or GEN_NONE */
} frame_entry;

/* One config_reg in a row of ordered sets. */
typedef struct {
    unsigned lane, segment;
    uint16_t word;
    uint64_t from, to; /* line positions */
    uint64_t count;
} config_entry;

/* Low-power idle without anything else between. */
typedef struct {
    unsigned lane, segment;
    uint64_t from, to; /* line positions */
} low_power_entry;

/* A line error or a violation of the code, with the code-group in which it lies. */
typedef struct {
    const char *kind;
    bool is_error;     /* a line error put in; otherwise a violation */
    uint64_t position; /* on the line */
    unsigned segment;
    int64_t line_group; /* of the segment, GEN_NONE: not whole in it */
    unsigned lane;
    gen_code_group code_group; /* its frame pointer is not valid any more */
    uint16_t sent, received;
    bool readable;
} hit_entry;

/* What is known of a lane on the way. */
typedef struct {
    uint64_t groups;         /* of the lane so far */
    uint64_t start_position; /* of the last /S/ */
    bool start_whole;        /* it was whole in start_segment */
    unsigned start_segment;
    double gap;          /* before it, octet times or GEN_NONE */
    uint64_t end_groups; /* value of groups behind the last FCS */
    int64_t end_segment; /* where the last octet of it was whole, or GEN_NONE */
    int64_t entry;       /* of the frame on its way, or GEN_NONE */
    uint64_t config_position;
    unsigned config_whole;   /* code-groups of the ordered set seen whole, in order */
    int64_t config;          /* the last config_entry of the lane in this segment, or GEN_NONE */
    gen_disparity disparity; /* of the receiver; in that of lane 0 when it is serial */
    bool disparity_known;
} lane_state;

struct gen_truth {
    const gen_options *options;
    const gen_record *record;
    uint8_t column[GEN_CODE_GROUPS];
    unsigned segment;    /* the one on its way or next */
    int64_t line_groups; /* whole ones in it so far */
    bool unreadable;     /* a slip or a dead stretch came: groups are no longer certain */
    lane_state lane[GEN_LANES_MAX];
    GArray *frames, *configs, *low_power, *errors, *violations;
    GByteArray **symbols; /* of each segment, as they stand on the line */
    GByteArray **ideal;   /* of each segment, as read from the samples */
};

static void clear_frame(gpointer data)
{
    g_bytes_unref(((frame_entry *)data)->octets);
}

static void begin_segment(gen_truth *truth)
{
    truth->line_groups = 0;
    truth->unreadable = false;
    for (unsigned lane = 0; lane < GEN_LANES_MAX; lane++) {
        truth->lane[lane].entry = GEN_NONE;
        truth->lane[lane].config = GEN_NONE;
        truth->lane[lane].config_whole = 0;
        truth->lane[lane].disparity_known = false;
    }
}

gen_truth *gen_truth_new(const gen_options *options, const gen_record *record)
{
    gen_truth *truth = g_new0(gen_truth, 1);
    truth->options = options;
    truth->record = record;
    gen_columns(truth->column);
    truth->frames = g_array_new(FALSE, FALSE, sizeof(frame_entry));
    g_array_set_clear_func(truth->frames, clear_frame);
    truth->configs = g_array_new(FALSE, FALSE, sizeof(config_entry));
    truth->low_power = g_array_new(FALSE, FALSE, sizeof(low_power_entry));
    truth->errors = g_array_new(FALSE, FALSE, sizeof(hit_entry));
    truth->violations = g_array_new(FALSE, FALSE, sizeof(hit_entry));
    truth->symbols = g_new0(GByteArray *, record->segments);
    truth->ideal = g_new0(GByteArray *, record->segments);
    for (unsigned k = 0; k < record->segments; k++) {
        truth->symbols[k] = g_byte_array_new();
        truth->ideal[k] = g_byte_array_new();
    }
    for (unsigned lane = 0; lane < GEN_LANES_MAX; lane++)
        truth->lane[lane].end_segment = GEN_NONE;
    begin_segment(truth);
    return truth;
}

void gen_truth_free(gen_truth *truth)
{
    if (truth == NULL)
        return;
    for (unsigned k = 0; k < truth->record->segments; k++) {
        g_byte_array_unref(truth->symbols[k]);
        g_byte_array_unref(truth->ideal[k]);
    }
    g_free(truth->symbols);
    g_free(truth->ideal);
    g_array_unref(truth->frames);
    g_array_unref(truth->configs);
    g_array_unref(truth->low_power);
    g_array_unref(truth->errors);
    g_array_unref(truth->violations);
    g_free(truth);
}

/* The whole ordered sets /C/ of the segment, joined while the word stays the same. */
static void note_config(gen_truth *truth, const gen_line_group *group, bool whole)
{
    lane_state *lane = &truth->lane[group->lane];
    const gen_code_group *code_group = &group->code_group;
    if (code_group->where != GEN_IN_CONFIG)
        return;
    if (code_group->position == 0) {
        lane->config_position = group->position;
        lane->config_whole = 0;
    }
    if (!whole || lane->config_whole != (unsigned)code_group->position)
        return;
    if (++lane->config_whole < 4)
        return;
    config_entry *last = lane->config == GEN_NONE
                             ? NULL
                             : &g_array_index(truth->configs, config_entry, lane->config);
    uint64_t to = group->position + group->symbols;
    /* A set that does not follow the last one at once begins anew. */
    uint64_t step = 10 * truth->options->lanes;
    if (last != NULL && last->word == code_group->config_word &&
        lane->config_position < last->to + 2 * step) {
        last->to = to;
        last->count++;
        return;
    }
    config_entry entry = {
        group->lane, truth->segment, code_group->config_word, lane->config_position, to, 1};
    lane->config = truth->configs->len;
    g_array_append_val(truth->configs, entry);
}

static void note_low_power(gen_truth *truth, const gen_line_group *group, bool whole)
{
    if (!group->code_group.low_power || !whole)
        return;
    uint64_t to = group->position + group->symbols, step = 10 * truth->options->lanes;
    for (unsigned i = 0; i < truth->low_power->len; i++) {
        low_power_entry *entry = &g_array_index(truth->low_power, low_power_entry, i);
        if (entry->lane == group->lane && entry->segment == truth->segment &&
            group->position < entry->to + step) {
            entry->to = to;
            return;
        }
    }
    low_power_entry entry = {group->lane, truth->segment, group->position, to};
    g_array_append_val(truth->low_power, entry);
}

/* Code-groups of the lane from this one to the last octet of the FCS, this one not counted. */
static uint64_t groups_to_the_end(const gen_truth *truth, const gen_line_group *group)
{
    const gen_code_group *code_group = &group->code_group;
    uint64_t octets = g_bytes_get_size(code_group->frame->octets);
    if (code_group->where == GEN_IN_PREAMBLE)
        octets += truth->options->preamble + 1;
    return (octets - (uint64_t)code_group->position) *
               gen_pcs_repetition(truth->options, group->lane) -
           code_group->copy - 1;
}

static void note_start(gen_truth *truth, const gen_line_group *group, bool whole)
{
    lane_state *lane = &truth->lane[group->lane];
    lane->start_position = group->position;
    lane->start_whole = whole;
    lane->start_segment = truth->segment;
    lane->entry = GEN_NONE;
    lane->gap = GEN_NONE;
    if (whole && lane->end_segment == (int64_t)truth->segment)
        lane->gap = (double)(lane->groups - lane->end_groups) /
                    gen_pcs_repetition(truth->options, group->lane);
}

static void note_frame(gen_truth *truth, const gen_line_group *group, bool whole)
{
    lane_state *lane = &truth->lane[group->lane];
    const gen_code_group *code_group = &group->code_group;
    if (code_group->where == GEN_IN_END && code_group->position == 0 && lane->entry != GEN_NONE)
        g_array_index(truth->frames, frame_entry, lane->entry).cut_end = !whole;
    if (code_group->where != GEN_IN_PREAMBLE && code_group->where != GEN_IN_FRAME)
        return;
    if (code_group->where == GEN_IN_PREAMBLE && code_group->position == 0 && code_group->copy == 0)
        note_start(truth, group, whole);
    if (!whole)
        return;
    const gen_segment *segment = &truth->record->segment[truth->segment];
    if (lane->entry == GEN_NONE) {
        bool started = lane->start_whole && lane->start_segment == truth->segment;
        frame_entry entry = {
            .lane = group->lane,
            .segment = truth->segment,
            .index = code_group->frame->index,
            .start_ps = gen_record_time_ps(truth->record, segment, lane->start_position),
            .octets = g_bytes_ref(code_group->frame->octets),
            .fcs_good = code_group->frame->fcs_good,
            .cut_begin = !started,
            .cut_end = true,
            .gap = started ? lane->gap : GEN_NONE,
        };
        lane->entry = truth->frames->len;
        g_array_append_val(truth->frames, entry);
    }
    uint64_t left = groups_to_the_end(truth, group);
    uint64_t end = group->position + group->symbols + left * 10 * truth->options->lanes;
    g_array_index(truth->frames, frame_entry, lane->entry).end_ps =
        gen_record_time_ps(truth->record, segment, (double)end);
    if (left == 0) {
        lane->end_groups = lane->groups + 1;
        lane->end_segment = truth->segment;
    }
}

static void add_hit(const gen_truth *truth, GArray *hits, const gen_line_group *group, bool whole,
                    const char *kind, uint64_t position)
{
    hit_entry entry = {
        .kind = kind,
        .is_error = hits == truth->errors,
        .position = position,
        .segment = truth->segment,
        .line_group = whole ? truth->line_groups : GEN_NONE,
        .lane = group->lane,
        .code_group = group->code_group,
        .sent = group->sent,
        .received = group->received,
        .readable = group->readable,
    };
    g_array_append_val(hits, entry);
}

static void note_errors(gen_truth *truth, const gen_line_group *group, bool whole)
{
    const gen_segment *segment = &truth->record->segment[truth->segment];
    for (unsigned i = 0; i < group->errors; i++) {
        const gen_line_error *error = &group->error[i];
        if (error->position >= segment->first_bit && error->position < segment->end_bit)
            add_hit(truth, truth->errors, group, whole, error_names[error->kind], error->position);
    }
}

/* The receiver's view of 36.2.4.4 and 36.2.4.6: the received code-group against the running
 * disparity, which goes on from what was received, valid or not. */
static void note_violation(gen_truth *truth, const gen_line_group *group)
{
    if (!group->readable)
        truth->unreadable = true;
    if (truth->unreadable)
        return;
    lane_state *state = &truth->lane[truth->options->serial_disparity ? 0 : group->lane];
    if (!state->disparity_known) {
        state->disparity = group->before;
        state->disparity_known = true;
    }
    unsigned columns = truth->column[group->received];
    if (columns == 0)
        add_hit(truth, truth->violations, group, true, "invalid", group->position);
    else if ((columns & 1u << state->disparity) == 0)
        add_hit(truth, truth->violations, group, true, "disparity", group->position);
    state->disparity = gen_disparity_after(group->received, state->disparity);
}

void gen_truth_push(gen_truth *truth, const gen_line_group *group)
{
    const gen_record *record = truth->record;
    while (truth->segment < record->segments &&
           group->position >= record->segment[truth->segment].end_bit) {
        truth->segment++;
        begin_segment(truth);
    }
    if (truth->segment == record->segments)
        return;
    const gen_segment *segment = &record->segment[truth->segment];
    uint64_t end = group->position + group->symbols;
    bool whole = group->position >= segment->first_bit && end <= segment->end_bit;

    note_config(truth, group, whole);
    note_low_power(truth, group, whole);
    note_frame(truth, group, whole);
    note_errors(truth, group, whole);
    if (whole) {
        note_violation(truth, group);
        truth->line_groups++;
    }
    for (unsigned i = 0; i < group->symbols; i++) {
        uint64_t position = group->position + i;
        if (position >= segment->first_bit && position < segment->end_bit)
            g_byte_array_append(truth->symbols[truth->segment], &group->symbol[i], 1);
    }
    truth->lane[group->lane].groups++;
}

void gen_truth_set_ideal(gen_truth *truth, unsigned segment, const GByteArray *bits)
{
    g_byte_array_set_size(truth->ideal[segment], 0);
    g_byte_array_append(truth->ideal[segment], bits->data, bits->len);
}

static void add_int(JsonBuilder *json, const char *name, int64_t value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_int_value(json, value);
}

static void add_double(JsonBuilder *json, const char *name, double value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_double_value(json, value);
}

static void add_bool(JsonBuilder *json, const char *name, bool value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_boolean_value(json, value);
}

static void add_text(JsonBuilder *json, const char *name, const char *value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_string_value(json, value);
}

static void add_null(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_add_null_value(json);
}

/* A number, or null for GEN_NONE. */
static void add_int_or_null(JsonBuilder *json, const char *name, int64_t value)
{
    if (value == GEN_NONE)
        add_null(json, name);
    else
        add_int(json, name, value);
}

static void begin_array(JsonBuilder *json, const char *name)
{
    json_builder_set_member_name(json, name);
    json_builder_begin_array(json);
}

/* Ten bits as text, a first. */
static void add_ten_bits(JsonBuilder *json, const char *name, uint16_t bits)
{
    char text[11] = {0};
    for (unsigned i = 0; i < 10; i++)
        text[i] = bits >> (9 - i) & 1 ? '1' : '0';
    add_text(json, name, text);
}

static void add_time(JsonBuilder *json, int64_t time_ns)
{
    json_builder_begin_object(json);
    add_int(json, "seconds", time_ns / NS_PER_SECOND);
    add_int(json, "nanoseconds", time_ns % NS_PER_SECOND);
    json_builder_end_object(json);
}

static void add_general(const gen_truth *truth, JsonBuilder *json)
{
    const gen_options *options = truth->options;
    const gen_record *record = truth->record;
    add_text(json, "link", gen_link_name(options->link));
    add_double(json, "baud", options->baud);
    add_double(json, "sample_rate", options->sample_rate);
    add_text(json, "sample_format", gen_sample_format_name(options->sample_format));
    add_double(json, "scale", gen_file_scale(options));
    add_double(json, "offset", gen_file_offset(options));
    add_double(json, "amplitude", options->amplitude);
    add_int(json, "samples", (int64_t)options->samples);
    add_int(json, "segments", record->segments);
    add_bool(json, "inverted", options->inverted);
    add_text(json, "running_disparity", options->serial_disparity ? "serial" : "lane");
    if (!(options->format->holds & GEN_HOLDS_TIME) || !options->has_time) {
        add_null(json, "time");
        return;
    }
    json_builder_set_member_name(json, "time");
    add_time(json, record->segment[0].time_ns);
    add_double(json, "start_s", gen_trigger_to_sample(options, 0));
    begin_array(json, "segment_times");
    for (unsigned k = 0; k < record->segments; k++)
        add_time(json, record->segment[k].time_ns);
    json_builder_end_array(json);
}

static void add_lanes(const gen_truth *truth, JsonBuilder *json)
{
    begin_array(json, "lanes");
    for (unsigned lane = 0; lane < truth->options->lanes; lane++) {
        json_builder_begin_object(json);
        add_int(json, "lane", lane);
        add_int(json, "speed", truth->options->speed[lane]);
        begin_array(json, "config");
        for (unsigned i = 0; i < truth->configs->len; i++) {
            const config_entry *entry = &g_array_index(truth->configs, config_entry, i);
            if (entry->lane != lane)
                continue;
            const gen_segment *segment = &truth->record->segment[entry->segment];
            json_builder_begin_object(json);
            add_int(json, "word", entry->word);
            add_double(json, "from_ps",
                       gen_record_time_ps(truth->record, segment, (double)entry->from));
            add_double(json, "to_ps",
                       gen_record_time_ps(truth->record, segment, (double)entry->to));
            add_int(json, "count", (int64_t)entry->count);
            add_int(json, "segment", entry->segment);
            json_builder_end_object(json);
        }
        json_builder_end_array(json);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_low_power(const gen_truth *truth, JsonBuilder *json)
{
    begin_array(json, "low_power");
    for (unsigned i = 0; i < truth->low_power->len; i++) {
        const low_power_entry *entry = &g_array_index(truth->low_power, low_power_entry, i);
        const gen_segment *segment = &truth->record->segment[entry->segment];
        json_builder_begin_object(json);
        add_int(json, "lane", entry->lane);
        add_int(json, "segment", entry->segment);
        add_double(json, "from_ps",
                   gen_record_time_ps(truth->record, segment, (double)entry->from));
        add_double(json, "to_ps", gen_record_time_ps(truth->record, segment, (double)entry->to));
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static char *to_hex(const uint8_t *octets, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *text = g_malloc(2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    text[2 * length] = '\0';
    return text;
}

static void add_frames(const gen_truth *truth, JsonBuilder *json)
{
    static const char *const cut_names[2][2] = {{"none", "end"}, {"begin", "both"}};
    begin_array(json, "frames");
    for (unsigned i = 0; i < truth->frames->len; i++) {
        const frame_entry *entry = &g_array_index(truth->frames, frame_entry, i);
        size_t length;
        const uint8_t *octets = g_bytes_get_data(entry->octets, &length);
        char *hex = to_hex(octets, length);
        json_builder_begin_object(json);
        add_int(json, "lane", entry->lane);
        add_int(json, "index", (int64_t)entry->index);
        add_int(json, "segment", entry->segment);
        add_double(json, "start_ps", entry->start_ps);
        add_double(json, "end_ps", entry->end_ps);
        add_int(json, "preamble", truth->options->preamble);
        add_text(json, "octets", hex);
        add_bool(json, "fcs_good", entry->fcs_good);
        add_text(json, "cut", cut_names[entry->cut_begin][entry->cut_end]);
        if (entry->gap == GEN_NONE)
            add_null(json, "gap_before");
        else
            add_double(json, "gap_before", entry->gap);
        json_builder_end_object(json);
        g_free(hex);
    }
    json_builder_end_array(json);
}

/* The place in the frames of the frame that a hit belongs to, or GEN_NONE. */
static int64_t find_frame(const gen_truth *truth, const hit_entry *hit)
{
    for (unsigned i = 0; i < truth->frames->len; i++) {
        const frame_entry *entry = &g_array_index(truth->frames, frame_entry, i);
        if (entry->lane == hit->lane && entry->segment == hit->segment &&
            (int64_t)entry->index == hit->code_group.frame_index)
            return i;
    }
    return GEN_NONE;
}

static void add_hits(const gen_truth *truth, JsonBuilder *json, const char *name,
                     const GArray *hits)
{
    begin_array(json, name);
    for (unsigned i = 0; i < hits->len; i++) {
        const hit_entry *hit = &g_array_index(hits, hit_entry, i);
        const gen_segment *segment = &truth->record->segment[hit->segment];
        json_builder_begin_object(json);
        add_text(json, "kind", hit->kind);
        add_int(json, "segment", hit->segment);
        add_int(json, "bit", (int64_t)(hit->position - segment->first_bit));
        add_double(json, "ps", gen_record_time_ps(truth->record, segment, (double)hit->position));
        add_int(json, "lane", hit->lane);
        add_int_or_null(json, "line_group", hit->line_group);
        add_text(json, "where", where_names[hit->code_group.where]);
        add_int_or_null(json, "frame", find_frame(truth, hit));
        add_int_or_null(json, "octet", hit->code_group.position);
        add_int(json, "copy", hit->code_group.copy);
        if (hit->is_error)
            add_ten_bits(json, "sent", hit->sent);
        if (hit->readable)
            add_ten_bits(json, "received", hit->received);
        else
            add_null(json, "received");
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static char *bits_to_hex(const GByteArray *bits)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = (bits->len + 3u) / 4;
    char *text = g_malloc(length + 1);
    for (size_t i = 0; i < length; i++) {
        unsigned digit = 0;
        for (size_t bit = 4 * i; bit < 4 * i + 4; bit++)
            digit = digit << 1 | (bit < bits->len ? bits->data[bit] : 0);
        text[i] = digits[digit];
    }
    text[length] = '\0';
    return text;
}

static void add_ideal(const gen_truth *truth, JsonBuilder *json, unsigned index)
{
    const gen_segment *segment = &truth->record->segment[index];
    const GByteArray *read = truth->ideal[index], *sent = truth->symbols[index];
    char *hex = bits_to_hex(read);
    json_builder_begin_object(json);
    add_int(json, "segment", index);
    add_double(json, "first_bit_ps",
               gen_record_time_ps(truth->record, segment, (double)segment->first_bit + 0.5));
    add_int(json, "bits", read->len);
    add_text(json, "hex", hex);
    begin_array(json, "errors");
    for (unsigned bit = 0; bit < read->len; bit++) {
        /* Nobody can tell what a dead bit should have been. */
        if (sent->data[bit] < GEN_SYMBOL_DEAD &&
            read->data[bit] != (sent->data[bit] ^ truth->options->inverted))
            json_builder_add_int_value(json, bit);
    }
    json_builder_end_array(json);
    json_builder_end_object(json);
    g_free(hex);
}

/** Writes a text file in place: a device, such as /dev/null, is not replaced by a file. */
static bool write_text(const char *path, const char *text, GError **error)
{
    FILE *file = g_fopen(path, "we");
    bool good = file != NULL && fputs(text, file) >= 0;
    good = file != NULL && fclose(file) == 0 && good;
    if (!good)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s cannot be written: %s",
                    path, g_strerror(errno));
    return good;
}

bool gen_truth_write(const gen_truth *truth, const char *path, GError **error)
{
    JsonBuilder *json = json_builder_new();
    json_builder_begin_object(json);
    add_general(truth, json);
    add_lanes(truth, json);
    add_low_power(truth, json);
    add_frames(truth, json);
    add_hits(truth, json, "errors", truth->errors);
    add_hits(truth, json, "violations", truth->violations);
    add_bool(json, "violations_valid",
             truth->options->slips->len == 0 && truth->options->dead->len == 0 &&
                 truth->options->random_slips == 0 && truth->options->random_dead == 0);
    json_builder_set_member_name(json, "ideal");
    add_ideal(truth, json, 0);
    if (truth->record->segments > 1) {
        begin_array(json, "ideal_by_segment");
        for (unsigned k = 0; k < truth->record->segments; k++)
            add_ideal(truth, json, k);
        json_builder_end_array(json);
    }
    json_builder_end_object(json);

    JsonNode *root = json_builder_get_root(json);
    JsonGenerator *generator = json_generator_new();
    json_generator_set_root(generator, root);
    json_generator_set_pretty(generator, TRUE);
    json_generator_set_indent(generator, 1);
    g_autofree char *text = json_generator_to_data(generator, NULL);
    bool good = write_text(path, text, error);
    g_object_unref(generator);
    json_node_unref(root);
    g_object_unref(json);
    return good;
}
