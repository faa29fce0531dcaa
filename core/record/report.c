/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/report.h"

#include <math.h>

#include "pcs/configuration.h"
#include "record/report_names.h"
#include "record/time_text.h"
#include "record/vertical.h"

#define PS_PER_US 1e6

const char *sd_link_name(sd_link link)
{
    static const char *const names[] = {"unknown", "QSGMII", "SGMII", "1000BASE-X", "2500BASE-X"};
    return names[link];
}

const char *sd_direction_name(sd_direction direction)
{
    static const char *const names[] = {NULL, "outbound", "inbound"};
    return names[direction];
}

double sd_report_samples_per_bit(const sd_report *r)
{
    return r->nominal_baud > 0 ? r->sample_rate / r->nominal_baud : 0;
}

const char *sd_lane_state_name(sd_lane_state state)
{
    static const char *const names[] = {"no sync", "configuration", "idle", "low-power idle",
                                        "data"};
    return names[state];
}

const char *sd_begin_name(sd_begin begin)
{
    static const char *const names[] = {"/S/", "cut", "without /S/", "without SFD"};
    return names[begin];
}

const char *sd_end_name(sd_end end)
{
    static const char *const names[] = {"/T/",         "cut",       "early",
                                        "without /T/", "lock lost", "next /S/"};
    return names[end];
}

void sd_report_clear(sd_report *r)
{
    g_free(r->file);
    g_free(r->format);
    g_free(r->instrument);
    g_free(r->channel);
    g_free(r->channel_neg);
    g_free(r->first_not_finite);
    sd_vertical_clear(&r->vertical);
    sd_vertical_clear(&r->vertical_neg);
    g_clear_pointer(&r->notes, g_ptr_array_unref);
}

static void line(GString *text, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void line(GString *text, const char *name, const char *format, ...)
{
    va_list arguments;
    g_string_append_printf(text, "%-14s", name);
    va_start(arguments, format);
    g_string_append_vprintf(text, format, arguments);
    va_end(arguments);
    g_string_append_c(text, '\n');
}

static void time_line(GString *text, const sd_report *r)
{
    char *time = sd_time_text(r->time_ns);
    line(text, "Time", "%s%s", time, r->time_from_file ? "" : SD_TIME_FROM_MODIFICATION);
    g_free(time);
}

static void vertical_lines(GString *text, const sd_report *r)
{
    g_autofree char *vertical = sd_vertical_text(&r->vertical);
    if (!r->differential) {
        line(text, "Vertical", "%s", vertical);
        return;
    }
    g_autofree char *vertical_neg = sd_vertical_text(&r->vertical_neg);
    line(text, "Vertical", "%s: %s", r->channel, vertical);
    line(text, "Vertical", "%s: %s", r->channel_neg, vertical_neg);
}

static void file_lines(GString *text, const sd_report *r)
{
    line(text, "File", "%s (%s)", r->file, r->format);
    if (r->instrument != NULL)
        line(text, "Instrument", "%s", r->instrument);
    if (r->differential)
        line(text, "Channels", "%s - %s, the difference of two legs", r->channel, r->channel_neg);
    else
        line(text, "Channel", "%s", r->channel);
    if (r->direction != SD_DIRECTION_UNKNOWN)
        line(text, "Direction", "%s: it is the %s of the channels given",
             sd_direction_name(r->direction),
             r->direction == SD_DIRECTION_OUTBOUND ? "first" : "second");
    if (r->differential && r->skew_found)
        line(text, "Skew", "the negative leg comes %.1f ps %s: taken out", fabs(r->skew_ps),
             r->skew_ps < 0 ? "earlier" : "later");
    else if (r->differential)
        line(text, "Skew", "not found: the legs are not each other's opposite (likeness %.0f %%)",
             r->likeness * 100);
    vertical_lines(text, r);
    line(text, "Samples", "%" G_GUINT64_FORMAT " at %.6g GS/s, %.6g us%s", r->samples,
         r->sample_rate / 1e9, (double)r->samples / r->sample_rate * 1e6,
         r->segments > 1 ? ", all segments together" : "");
    if (r->link != SD_LINK_UNKNOWN)
        line(text, "Sampling", "%.4g samples per bit", sd_report_samples_per_bit(r));
    if (r->segments > 1)
        line(text, "Segments", "%u", r->segments);
    time_line(text, r);
    for (guint i = 0; r->notes != NULL && i < r->notes->len; i++)
        line(text, "Note", "%s", (const char *)g_ptr_array_index(r->notes, i));
}

char *sd_report_origin(const sd_report *r)
{
    g_autofree char *file = g_path_get_basename(r->file);
    g_autofree char *vertical = sd_vertical_text(&r->vertical);
    GString *text = g_string_new(NULL);
    g_string_printf(text, "%s, channel %s (%s)", file, r->channel, vertical);
    if (r->channel_neg != NULL) {
        g_autofree char *vertical_neg = sd_vertical_text(&r->vertical_neg);
        g_string_append_printf(text, " - %s (%s)", r->channel_neg, vertical_neg);
    }
    if (r->clipped >= SD_CLIPPED_LEAST)
        g_string_append(text, ", clipped");
    if (sd_report_undersampled(r))
        g_string_append(text, ", undersampled");
    return g_string_free(text, FALSE);
}

const char *sd_report_other_link(const sd_report *r)
{
    if (r->link_sure || r->link == SD_LINK_UNKNOWN)
        return NULL;
    switch (r->link) {
    case SD_LINK_1000BASE_X:
        return "SGMII";
    case SD_LINK_SGMII:
        return "1000BASE-X";
    default:
        return "another link of this baud";
    }
}

static void polarity_line(GString *text, const sd_report *r)
{
    char *doubt = NULL;
    if (!r->polarity_sure && r->upright + r->upside_down == 0)
        doubt = g_strdup_printf(", assumed: no ordered set tells; or %s",
                                r->inverted ? "normal" : "inverted");
    else if (!r->polarity_sure)
        doubt = g_strdup_printf(", not sure; or %s: ordered sets speak for it %" G_GUINT64_FORMAT
                                " times, against it %" G_GUINT64_FORMAT " times",
                                r->inverted ? "normal" : "inverted",
                                r->inverted ? r->upright : r->upside_down,
                                r->inverted ? r->upside_down : r->upright);
    line(text, "Polarity", "%s%s", r->inverted ? "inverted (turned over here)" : "normal",
         doubt != NULL ? doubt : "");
    g_free(doubt);
}

static void signal_lines(GString *text, const sd_report *r)
{
    if (!r->signal) {
        line(text, "Signal", "none: all samples are alike, %.4g V", r->threshold);
        return;
    }
    line(text, "Signal", "%.4g V to %.4g V, threshold %.4g V, noise %.3g mV rms", r->low, r->high,
         r->threshold, r->noise * 1e3);
    if (r->link == SD_LINK_UNKNOWN) {
        line(text, "Link", "none found");
        return;
    }
    if (r->baseline_wanders)
        line(text, "Baseline", "wanders; it was taken out");
    if (r->equalized)
        line(text, "Equalizer", "on: the channel closes the eye; voltages are those behind it");
    line(text, "Eye", "a bit's middle is %.4g V from the threshold at least", r->smallest_eye);
    polarity_line(text, r);
    const char *other = sd_report_other_link(r);
    line(text, "Link", "%s%s%s", sd_link_name(r->link), other != NULL ? ", not sure; or " : "",
         other != NULL ? other : "");
    if (r->bits > 0)
        line(text, "Baud", "%.9g GBd, %+.1f ppm", r->baud / 1e9,
             (r->baud / r->nominal_baud - 1) * 1e6);
    line(text, "Jitter", "%.3g ps rms", r->jitter_rms_ps);
}

static void line_lines(GString *text, const sd_report *r)
{
    if (!r->lock) {
        line(text, "Lock", "none: not one comma in %" G_GUINT64_FORMAT " bits", r->bits);
        return;
    }
    line(text, "Lock",
         "from %.6f us on, %" G_GUINT64_FORMAT " bits skipped, signal lost %" G_GUINT64_FORMAT
         " times, %" G_GUINT64_FORMAT " bit slips",
         (double)r->first_lock_ps / PS_PER_US, r->skipped_bits, r->signal_losses, r->slips);
    line(text, "Commas", "%" G_GUINT64_FORMAT ", and %" G_GUINT64_FORMAT " in wrong places",
         r->commas, r->misplaced_commas);
    if (r->link == SD_LINK_QSGMII) {
        if (r->k28_1 > 0)
            line(text, "K28.1",
                 "%" G_GUINT64_FORMAT " on lane 0, first at %.6f us; %" G_GUINT64_FORMAT
                 " elsewhere; lanes moved %" G_GUINT64_FORMAT " times",
                 r->k28_1, (double)r->first_k28_1_ps / PS_PER_US, r->k28_1_elsewhere,
                 r->lane_moves);
        else
            line(text, "K28.1", "none: %s",
                 r->lane_0_by_exclusion ? "lane 0 is the only one without K28.5"
                                        : "which lane is lane 0 is not known");
        line(text, "Disparity",
             "%s%s (%" G_GUINT64_FORMAT " errors if serial, %" G_GUINT64_FORMAT " if per lane)",
             r->disparity_serial ? "serial, along the line" : "per lane",
             r->disparity_sure ? "" : ", not sure", r->serial_errors, r->lane_errors);
    }
    line(text, "Code-groups",
         "%" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT " invalid, %" G_GUINT64_FORMAT
         " disparity errors",
         r->groups, r->invalid, r->disparity);
    if (r->low_hit + r->high_hit > 0)
        line(text, "Levels hit",
             "low read as high %" G_GUINT64_FORMAT ", high read as low %" G_GUINT64_FORMAT,
             r->low_hit, r->high_hit);
    if (r->error_period_ps > 0)
        line(text, "Error period",
             "%.6g us, an error in %" G_GUINT64_FORMAT " periods, none in %" G_GUINT64_FORMAT,
             r->error_period_ps / PS_PER_US, r->error_periods, r->error_periods_spared);
}

/** "name N, name N", without those that are zero. */
static void counts(GString *text, const char *what, const uint64_t *count, unsigned number,
                   const char *(*name)(unsigned))
{
    const char *separator = "";
    g_string_append(text, what);
    for (unsigned i = 0; i < number; i++) {
        if (count[i] == 0)
            continue;
        g_string_append_printf(text, "%s %s %" G_GUINT64_FORMAT, separator, name(i), count[i]);
        separator = ",";
    }
}

static const char *begin_name(unsigned i)
{
    return sd_begin_name((sd_begin)i);
}

static const char *end_name(unsigned i)
{
    return sd_end_name((sd_end)i);
}

/** "segment N, " where there is more than one; to be freed with g_free(). */
static char *segment_words(uint32_t segments, uint32_t segment)
{
    return segments > 1 ? g_strdup_printf("segment %u, ", segment) : g_strdup("");
}

static void config_lines(GString *text, const sd_lane_report *l, uint32_t segments)
{
    for (uint32_t i = 0; i < l->configs; i++) {
        const sd_config_run *c = &l->config[i];
        char *words = sd_config_describe(c->word);
        char *place = segment_words(segments, c->segment);
        g_string_append_printf(
            text, "  config_reg  0x%04X, %" G_GUINT64_FORMAT " times, %s%.3f to %.3f us: %s\n",
            c->word, c->count, place, (double)c->from_ps / PS_PER_US, (double)c->to_ps / PS_PER_US,
            words);
        g_free(place);
        g_free(words);
    }
    if (l->configs_total > l->configs)
        g_string_append_printf(text, "  config_reg  and %" G_GUINT64_FORMAT " changes more\n",
                               l->configs_total - l->configs);
    if (l->configs_total > 0)
        g_string_append_printf(text,
                               "              %sacknowledged, %" G_GUINT64_FORMAT " restarts\n",
                               l->acknowledged ? "" : "never ", l->restarts);
}

static void lane_lines(GString *text, const sd_lane_report *l, unsigned lane, uint32_t segments)
{
    g_string_append_printf(text,
                           "Lane %u        %" G_GUINT64_FORMAT " frames, %" G_GUINT64_FORMAT
                           " octets, %" G_GUINT64_FORMAT " with bad FCS, %" G_GUINT64_FORMAT
                           " cut by the record\n",
                           lane, l->frames, l->octets, l->fcs_bad_whole, l->cut);
    g_string_append(text, "  speed       ");
    if (l->data_speed != 0)
        g_string_append_printf(text, "%u Mb/s in the frames", l->data_speed);
    else
        g_string_append(text, "not told by frames");
    if (l->config_speed != 0)
        g_string_append_printf(text, ", %u Mb/s in the config_reg%s", l->config_speed,
                               l->speeds_disagree ? ": they disagree" : "");
    g_string_append(text, "\n  errors      ");
    g_string_append_printf(text,
                           "%" G_GUINT64_FORMAT " in %" G_GUINT64_FORMAT
                           " frames, %" G_GUINT64_FORMAT " between frames, %" G_GUINT64_FORMAT
                           " of them perhaps in an earlier code-group, %" G_GUINT64_FORMAT
                           " false carriers, sync lost %" G_GUINT64_FORMAT " times\n",
                           l->errors_in_frames, l->damaged_frames, l->errors_between,
                           l->errors_unsure, l->false_carriers, l->sync_losses);
    if (l->frames > 0) {
        counts(text, "  begins     ", l->begins, G_N_ELEMENTS(l->begins), begin_name);
        counts(text, "; ends", l->ends, G_N_ELEMENTS(l->ends), end_name);
        g_string_append_c(text, '\n');
    }
    g_string_append_printf(text, "  time        ");
    for (sd_lane_state state = 0; state < SD_LANE_STATES; state++)
        g_string_append_printf(text, "%s%s %.3f us", state == 0 ? "" : ", ",
                               sd_lane_state_name(state), (double)l->state_ps[state] / PS_PER_US);
    g_string_append_printf(text, "; %" G_GUINT64_FORMAT " code-groups\n", l->groups);
    config_lines(text, l, segments);
    for (uint32_t i = 0; i < l->stretches; i++) {
        const sd_lane_stretch *s = &l->stretch[i];
        char *place = segment_words(segments, s->segment);
        g_string_append_printf(
            text, "  %s %s%.3f to %.3f us: %s%s\n", i == 0 ? "state      " : "           ", place,
            (double)s->from_ps / PS_PER_US, (double)s->to_ps / PS_PER_US,
            sd_lane_state_name(s->state), s->state == SD_LANE_IDLE ? " and data" : "");
        g_free(place);
    }
    if (l->stretches_total > l->stretches)
        g_string_append_printf(text, "              and %" G_GUINT64_FORMAT " changes more\n",
                               l->stretches_total - l->stretches);
}

char *sd_report_text(const sd_report *r)
{
    GString *text = g_string_new(NULL);
    file_lines(text, r);
    signal_lines(text, r);
    if (r->link != SD_LINK_UNKNOWN)
        line_lines(text, r);
    for (unsigned i = 0; i < SD_REPORT_LANES && r->lock; i++) {
        if (r->lane[i].present)
            lane_lines(text, &r->lane[i], i, r->segments);
    }
    char *verdict = sd_report_verdict(r);
    g_string_append_printf(text, "%s\n", verdict);
    g_free(verdict);
    /* names in files may hold anything */
    char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
    g_string_free(text, TRUE);
    return valid;
}
