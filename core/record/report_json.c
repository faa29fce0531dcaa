/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/report.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "pcs/configuration.h"
#include "record/json_members.h"
#include "record/report_names.h"
#include "record/vertical.h"

static void add_vertical(JsonBuilder *b, const char *channel, const sd_vertical *vertical)
{
    json_builder_begin_object(b);
    sd_json_text(b, "channel", channel);
    sd_vertical_json(b, vertical);
    json_builder_end_object(b);
}

static void add_verticals(JsonBuilder *b, const sd_report *r)
{
    sd_json_text(b, "unit", r->vertical.unit);
    sd_json_number(b, "range_low", r->vertical.range_known ? r->vertical.range_low : NAN);
    sd_json_number(b, "range_high", r->vertical.range_known ? r->vertical.range_high : NAN);
    sd_json_begin_array(b, "vertical");
    add_vertical(b, r->channel, &r->vertical);
    if (r->differential)
        add_vertical(b, r->channel_neg, &r->vertical_neg);
    json_builder_end_array(b);
}

static void add_file(JsonBuilder *b, const sd_report *r)
{
    sd_json_text(b, "file", r->file);
    sd_json_text(b, "format", r->format);
    sd_json_text(b, "instrument", r->instrument);
    sd_json_text(b, "channel", r->channel);
    sd_json_text(b, "channel_neg", r->channel_neg);
    sd_json_text(b, "direction", sd_direction_name(r->direction));
    if (r->differential) {
        sd_json_number(b, "skew_ps", r->skew_found ? r->skew_ps : NAN);
        sd_json_number(b, "leg_likeness", r->likeness);
    }
    add_verticals(b, r);
    sd_json_number(b, "clipped_share", r->clipping_known ? r->clipped : NAN);
    if (r->clipping_known)
        sd_json_boolean(b, "clipped", r->clipped >= SD_CLIPPED_LEAST);
    else
        sd_json_text(b, "clipped", NULL);
    sd_json_integer(b, "not_finite_samples", (gint64)r->not_finite);
    sd_json_text(b, "first_not_finite_sample", r->first_not_finite);
    const double per_bit = sd_report_samples_per_bit(r);
    sd_json_number(b, "samples_per_bit", per_bit > 0 ? per_bit : NAN);
    sd_json_boolean(b, "undersampled", sd_report_undersampled(r));
    char *fault = sd_report_record_fault(r);
    sd_json_text(b, "record_fault", fault);
    g_free(fault);
    sd_json_integer(b, "samples", (gint64)r->samples);
    sd_json_integer(b, "segments", r->segments);
    sd_json_number(b, "sample_rate", r->sample_rate);
    sd_json_integer(b, "time_ns", r->time_ns);
    sd_json_boolean(b, "time_from_file", r->time_from_file);
    sd_json_begin_array(b, "notes");
    for (guint i = 0; r->notes != NULL && i < r->notes->len; i++)
        sd_json_add_text(b, g_ptr_array_index(r->notes, i));
    json_builder_end_array(b);
}

static void add_signal(JsonBuilder *b, const sd_report *r)
{
    sd_json_begin_object(b, "signal");
    sd_json_boolean(b, "present", r->signal);
    sd_json_number(b, "low", r->low);
    sd_json_number(b, "high", r->high);
    sd_json_number(b, "amplitude", r->high - r->low);
    sd_json_number(b, "threshold", r->threshold);
    sd_json_boolean(b, "baseline_wanders", r->baseline_wanders);
    sd_json_boolean(b, "equalizer", r->equalized);
    sd_json_number(b, "noise_rms", r->noise);
    sd_json_number(b, "smallest_eye", r->smallest_eye);
    sd_json_text(b, "polarity", r->inverted ? "inverted" : "normal");
    sd_json_boolean(b, "polarity_sure", r->polarity_sure);
    sd_json_text(b, "polarity_runner_up",
                 r->polarity_sure ? NULL
                 : r->inverted    ? "normal"
                                  : "inverted");
    sd_json_integer(b, "ordered_sets_normal", (gint64)r->upright);
    sd_json_integer(b, "ordered_sets_inverted", (gint64)r->upside_down);
    json_builder_end_object(b);
}

static void add_line(JsonBuilder *b, const sd_report *r)
{
    sd_json_text(b, "link", sd_link_name(r->link));
    sd_json_boolean(b, "link_sure", r->link_sure);
    sd_json_text(b, "link_runner_up", sd_report_other_link(r));
    sd_json_number(b, "nominal_baud", r->nominal_baud);
    sd_json_number(b, "baud", r->baud);
    sd_json_number(b, "baud_ppm",
                   r->baud > 0 && r->nominal_baud > 0 ? (r->baud / r->nominal_baud - 1) * 1e6 : 0);
    sd_json_number(b, "jitter_rms_ps", r->jitter_rms_ps);
    sd_json_number(b, "shortest_pulse_ps", r->shortest_pulse_ps);
    sd_json_boolean(b, "lock", r->lock);
    sd_json_integer(b, "first_lock_ps", r->first_lock_ps);
    sd_json_integer(b, "bits", (gint64)r->bits);
    sd_json_integer(b, "skipped_bits", (gint64)r->skipped_bits);
    sd_json_integer(b, "signal_losses", (gint64)r->signal_losses);
    sd_json_integer(b, "slips", (gint64)r->slips);
    sd_json_integer(b, "commas", (gint64)r->commas);
    sd_json_integer(b, "misplaced_commas", (gint64)r->misplaced_commas);
    sd_json_integer(b, "k28_1", (gint64)r->k28_1);
    sd_json_integer(b, "k28_1_elsewhere", (gint64)r->k28_1_elsewhere);
    sd_json_integer(b, "first_k28_1_ps", r->first_k28_1_ps);
    sd_json_boolean(b, "lane_0_by_exclusion", r->lane_0_by_exclusion);
    sd_json_integer(b, "lane_moves", (gint64)r->lane_moves);
    sd_json_boolean(b, "lane_order_sure",
                    r->link != SD_LINK_QSGMII || r->k28_1 > 0 || r->lane_0_by_exclusion);
    sd_json_text(b, "disparity_rule", r->disparity_serial ? "serial" : "lane");
    sd_json_boolean(b, "disparity_rule_sure", r->disparity_sure);
    sd_json_text(b, "disparity_rule_runner_up",
                 r->disparity_sure     ? NULL
                 : r->disparity_serial ? "lane"
                                       : "serial");
    sd_json_integer(b, "code_groups", (gint64)r->groups);
    sd_json_integer(b, "invalid_code_groups", (gint64)r->invalid);
    sd_json_integer(b, "disparity_errors", (gint64)r->disparity);
    sd_json_integer(b, "disparity_errors_if_serial", (gint64)r->serial_errors);
    sd_json_integer(b, "disparity_errors_if_per_lane", (gint64)r->lane_errors);
    sd_json_integer(b, "low_level_hit", (gint64)r->low_hit);
    sd_json_integer(b, "high_level_hit", (gint64)r->high_hit);
    sd_json_number(b, "error_period_ps", r->error_period_ps > 0 ? r->error_period_ps : NAN);
}

static void add_configs(JsonBuilder *b, const sd_lane_report *l)
{
    sd_json_begin_array(b, "config");
    for (uint32_t i = 0; i < l->configs; i++) {
        const sd_config_run *c = &l->config[i];
        char *words = sd_config_describe(c->word);
        json_builder_begin_object(b);
        sd_json_integer(b, "word", c->word);
        sd_json_text(b, "meaning", words);
        sd_json_integer(b, "segment", c->segment);
        sd_json_integer(b, "count", (gint64)c->count);
        sd_json_integer(b, "from_ps", c->from_ps);
        sd_json_integer(b, "to_ps", c->to_ps);
        json_builder_end_object(b);
        g_free(words);
    }
    json_builder_end_array(b);
    sd_json_integer(b, "config_changes", (gint64)l->configs_total);
    sd_json_boolean(b, "acknowledged", l->acknowledged);
    sd_json_integer(b, "restarts", (gint64)l->restarts);
}

static void add_states(JsonBuilder *b, const sd_lane_report *l)
{
    sd_json_begin_object(b, "state_ps");
    for (sd_lane_state s = 0; s < SD_LANE_STATES; s++)
        sd_json_integer(b, sd_lane_state_name(s), l->state_ps[s]);
    json_builder_end_object(b);
    sd_json_begin_array(b, "states");
    for (uint32_t i = 0; i < l->stretches; i++) {
        const sd_lane_stretch *s = &l->stretch[i];
        json_builder_begin_object(b);
        sd_json_text(b, "state", sd_lane_state_name(s->state));
        sd_json_integer(b, "segment", s->segment);
        sd_json_integer(b, "from_ps", s->from_ps);
        sd_json_integer(b, "to_ps", s->to_ps);
        json_builder_end_object(b);
    }
    json_builder_end_array(b);
    sd_json_integer(b, "state_changes", (gint64)l->stretches_total);
}

static void add_lane(JsonBuilder *b, const sd_lane_report *l, unsigned lane)
{
    json_builder_begin_object(b);
    sd_json_integer(b, "lane", lane);
    sd_json_integer(b, "code_groups", (gint64)l->groups);
    sd_json_integer(b, "frames", (gint64)l->frames);
    sd_json_integer(b, "octets", (gint64)l->octets);
    sd_json_integer(b, "fcs_bad", (gint64)l->fcs_bad);
    sd_json_integer(b, "fcs_bad_whole", (gint64)l->fcs_bad_whole);
    sd_json_integer(b, "cut_frames", (gint64)l->cut);
    sd_json_integer(b, "damaged_frames", (gint64)l->damaged_frames);
    sd_json_integer(b, "symbol_errors_in_frames", (gint64)l->errors_in_frames);
    sd_json_integer(b, "symbol_errors_between_frames", (gint64)l->errors_between);
    sd_json_integer(b, "symbol_errors_unsure", (gint64)l->errors_unsure);
    sd_json_integer(b, "false_carriers", (gint64)l->false_carriers);
    sd_json_integer(b, "sync_losses", (gint64)l->sync_losses);
    sd_json_integer(b, "speed_from_data", l->data_speed);
    sd_json_integer(b, "speed_from_config", l->config_speed);
    sd_json_boolean(b, "speeds_disagree", l->speeds_disagree);
    sd_json_begin_object(b, "begins");
    for (unsigned i = 0; i < G_N_ELEMENTS(l->begins); i++)
        sd_json_integer(b, sd_begin_name((sd_begin)i), (gint64)l->begins[i]);
    json_builder_end_object(b);
    sd_json_begin_object(b, "ends");
    for (unsigned i = 0; i < G_N_ELEMENTS(l->ends); i++)
        sd_json_integer(b, sd_end_name((sd_end)i), (gint64)l->ends[i]);
    json_builder_end_object(b);
    add_configs(b, l);
    add_states(b, l);
    json_builder_end_object(b);
}

static void add_report(JsonBuilder *b, const sd_report *r)
{
    json_builder_begin_object(b);
    add_file(b, r);
    add_signal(b, r);
    add_line(b, r);
    sd_json_begin_array(b, "lanes");
    for (unsigned i = 0; i < SD_REPORT_LANES; i++) {
        if (r->lane[i].present)
            add_lane(b, &r->lane[i], i);
    }
    json_builder_end_array(b);
    char *verdict = sd_report_verdict(r);
    sd_json_text(b, "verdict", verdict);
    g_free(verdict);
    json_builder_end_object(b);
}

char *sd_report_json(const sd_report *r)
{
    JsonBuilder *b = json_builder_new();
    add_report(b, r);
    return sd_json_finish(b);
}

char *sd_reports_json(const sd_report *const *reports, unsigned count)
{
    JsonBuilder *b = json_builder_new();
    json_builder_begin_object(b);
    sd_json_begin_array(b, "channels");
    for (unsigned i = 0; i < count; i++)
        add_report(b, reports[i]);
    json_builder_end_array(b);
    json_builder_end_object(b);
    return sd_json_finish(b);
}
