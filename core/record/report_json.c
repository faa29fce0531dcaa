/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/report.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "pcs/configuration.h"
#include "record/report_names.h"

/** Names in files may hold anything; JSON holds UTF-8. */
static void add_text(JsonBuilder *b, const char *value)
{
    char *valid = g_utf8_make_valid(value, -1);
    json_builder_add_string_value(b, valid);
    g_free(valid);
}

static void text_member(JsonBuilder *b, const char *name, const char *value)
{
    json_builder_set_member_name(b, name);
    if (value == NULL)
        json_builder_add_null_value(b);
    else
        add_text(b, value);
}

static void integer_member(JsonBuilder *b, const char *name, gint64 value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_int_value(b, value);
}

static void number_member(JsonBuilder *b, const char *name, double value)
{
    json_builder_set_member_name(b, name);
    if (isfinite(value))
        json_builder_add_double_value(b, value);
    else
        json_builder_add_null_value(b); /* JSON has no other word for it */
}

static void boolean_member(JsonBuilder *b, const char *name, gboolean value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_boolean_value(b, value);
}

static void begin_object_member(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_begin_object(b);
}

static void begin_array_member(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_begin_array(b);
}

static void add_file(JsonBuilder *b, const sd_report *r)
{
    text_member(b, "file", r->file);
    text_member(b, "format", r->format);
    text_member(b, "instrument", r->instrument);
    text_member(b, "channel", r->channel);
    text_member(b, "channel_neg", r->channel_neg);
    integer_member(b, "samples", (gint64)r->samples);
    integer_member(b, "segments", r->segments);
    number_member(b, "sample_rate", r->sample_rate);
    integer_member(b, "time_ns", r->time_ns);
    boolean_member(b, "time_from_file", r->time_from_file);
    begin_array_member(b, "notes");
    for (guint i = 0; r->notes != NULL && i < r->notes->len; i++)
        add_text(b, g_ptr_array_index(r->notes, i));
    json_builder_end_array(b);
}

static void add_signal(JsonBuilder *b, const sd_report *r)
{
    begin_object_member(b, "signal");
    boolean_member(b, "present", r->signal);
    number_member(b, "low", r->low);
    number_member(b, "high", r->high);
    number_member(b, "amplitude", r->high - r->low);
    number_member(b, "threshold", r->threshold);
    boolean_member(b, "baseline_wanders", r->baseline_wanders);
    boolean_member(b, "equalizer", r->equalized);
    number_member(b, "noise_rms", r->noise);
    number_member(b, "smallest_eye", r->smallest_eye);
    text_member(b, "polarity", r->inverted ? "inverted" : "normal");
    boolean_member(b, "polarity_sure", r->polarity_sure);
    json_builder_end_object(b);
}

static void add_line(JsonBuilder *b, const sd_report *r)
{
    text_member(b, "link", sd_link_name(r->link));
    boolean_member(b, "link_sure", r->link_sure);
    number_member(b, "nominal_baud", r->nominal_baud);
    number_member(b, "baud", r->baud);
    number_member(b, "baud_ppm",
                  r->baud > 0 && r->nominal_baud > 0 ? (r->baud / r->nominal_baud - 1) * 1e6 : 0);
    number_member(b, "jitter_rms_ps", r->jitter_rms_ps);
    number_member(b, "shortest_pulse_ps", r->shortest_pulse_ps);
    boolean_member(b, "lock", r->lock);
    integer_member(b, "first_lock_ps", r->first_lock_ps);
    integer_member(b, "bits", (gint64)r->bits);
    integer_member(b, "skipped_bits", (gint64)r->skipped_bits);
    integer_member(b, "signal_losses", (gint64)r->signal_losses);
    integer_member(b, "slips", (gint64)r->slips);
    integer_member(b, "commas", (gint64)r->commas);
    integer_member(b, "misplaced_commas", (gint64)r->misplaced_commas);
    integer_member(b, "k28_1", (gint64)r->k28_1);
    integer_member(b, "k28_1_elsewhere", (gint64)r->k28_1_elsewhere);
    integer_member(b, "first_k28_1_ps", r->first_k28_1_ps);
    boolean_member(b, "lane_0_by_exclusion", r->lane_0_by_exclusion);
    integer_member(b, "lane_moves", (gint64)r->lane_moves);
    text_member(b, "disparity_rule", r->disparity_serial ? "serial" : "lane");
    integer_member(b, "code_groups", (gint64)r->groups);
    integer_member(b, "invalid_code_groups", (gint64)r->invalid);
    integer_member(b, "disparity_errors",
                   (gint64)(r->disparity_serial ? r->serial_errors : r->lane_errors));
    integer_member(b, "disparity_errors_if_serial", (gint64)r->serial_errors);
    integer_member(b, "disparity_errors_if_per_lane", (gint64)r->lane_errors);
}

static void add_configs(JsonBuilder *b, const sd_lane_report *l)
{
    begin_array_member(b, "config");
    for (uint32_t i = 0; i < l->configs; i++) {
        const sd_config_run *c = &l->config[i];
        char *words = sd_config_describe(c->word);
        json_builder_begin_object(b);
        integer_member(b, "word", c->word);
        text_member(b, "meaning", words);
        integer_member(b, "segment", c->segment);
        integer_member(b, "count", (gint64)c->count);
        integer_member(b, "from_ps", c->from_ps);
        integer_member(b, "to_ps", c->to_ps);
        json_builder_end_object(b);
        g_free(words);
    }
    json_builder_end_array(b);
    integer_member(b, "config_changes", (gint64)l->configs_total);
    boolean_member(b, "acknowledged", l->acknowledged);
    integer_member(b, "restarts", (gint64)l->restarts);
}

static void add_states(JsonBuilder *b, const sd_lane_report *l)
{
    begin_object_member(b, "state_ps");
    for (sd_lane_state s = 0; s < SD_LANE_STATES; s++)
        integer_member(b, sd_lane_state_name(s), l->state_ps[s]);
    json_builder_end_object(b);
    begin_array_member(b, "states");
    for (uint32_t i = 0; i < l->stretches; i++) {
        const sd_lane_stretch *s = &l->stretch[i];
        json_builder_begin_object(b);
        text_member(b, "state", sd_lane_state_name(s->state));
        integer_member(b, "segment", s->segment);
        integer_member(b, "from_ps", s->from_ps);
        integer_member(b, "to_ps", s->to_ps);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
    integer_member(b, "state_changes", (gint64)l->stretches_total);
}

static void add_lane(JsonBuilder *b, const sd_lane_report *l, unsigned lane)
{
    json_builder_begin_object(b);
    integer_member(b, "lane", lane);
    integer_member(b, "code_groups", (gint64)l->groups);
    integer_member(b, "frames", (gint64)l->frames);
    integer_member(b, "octets", (gint64)l->octets);
    integer_member(b, "fcs_bad", (gint64)l->fcs_bad);
    integer_member(b, "fcs_bad_whole", (gint64)l->fcs_bad_whole);
    integer_member(b, "cut_frames", (gint64)l->cut);
    integer_member(b, "damaged_frames", (gint64)l->damaged_frames);
    integer_member(b, "symbol_errors_in_frames", (gint64)l->errors_in_frames);
    integer_member(b, "symbol_errors_between_frames", (gint64)l->errors_between);
    integer_member(b, "false_carriers", (gint64)l->false_carriers);
    integer_member(b, "sync_losses", (gint64)l->sync_losses);
    integer_member(b, "speed_from_data", l->data_speed);
    integer_member(b, "speed_from_config", l->config_speed);
    boolean_member(b, "speeds_disagree", l->speeds_disagree);
    begin_object_member(b, "begins");
    for (unsigned i = 0; i < G_N_ELEMENTS(l->begins); i++)
        integer_member(b, sd_begin_name((sd_begin)i), (gint64)l->begins[i]);
    json_builder_end_object(b);
    begin_object_member(b, "ends");
    for (unsigned i = 0; i < G_N_ELEMENTS(l->ends); i++)
        integer_member(b, sd_end_name((sd_end)i), (gint64)l->ends[i]);
    json_builder_end_object(b);
    add_configs(b, l);
    add_states(b, l);
    json_builder_end_object(b);
}

char *sd_report_json(const sd_report *r)
{
    JsonBuilder *b = json_builder_new();
    json_builder_begin_object(b);
    add_file(b, r);
    add_signal(b, r);
    add_line(b, r);
    begin_array_member(b, "lanes");
    for (unsigned i = 0; i < SD_REPORT_LANES; i++) {
        if (r->lane[i].present)
            add_lane(b, &r->lane[i], i);
    }
    json_builder_end_array(b);
    char *verdict = sd_report_verdict(r);
    text_member(b, "verdict", verdict);
    g_free(verdict);
    json_builder_end_object(b);

    JsonNode *root = json_builder_get_root(b);
    char *text = json_to_string(root, TRUE);
    json_node_unref(root);
    g_object_unref(b);
    return text;
}
