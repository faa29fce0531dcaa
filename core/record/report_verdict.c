/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/report.h"

/** Of the slowest and the fastest link, in Hz. */
#define SLOWEST_BAUD 1.25e9
#define FASTEST_BAUD 5e9
/** So many equal config_regs in a row count (ability_match of clause 37). */
#define ABILITY_MATCH 3
/** Code-groups without any ordered set that make a lane dead; one in so many of them is damaged, if
    they are not all alike. */
#define DEAD_GROUPS 200
#define DEAD_DAMAGE 10
/** Errors that tell whether they hit one level alone, and of so many one may hit the other. */
#define LEVEL_ERRORS 10
#define LEVEL_OTHERS 20

/** Sums over the lanes. */
typedef struct {
    uint64_t frames, fcs_bad_whole, errors_in_frames, errors_between, damaged;
    uint64_t false_carriers, sync_losses, without_s, badly_ended;
} sums;

static sums sum_lanes(const sd_report *r)
{
    sums s = {0};
    for (unsigned i = 0; i < SD_REPORT_LANES; i++) {
        const sd_lane_report *l = &r->lane[i];
        s.frames += l->frames;
        s.fcs_bad_whole += l->fcs_bad_whole;
        s.errors_in_frames += l->errors_in_frames;
        s.errors_between += l->errors_between;
        s.damaged += l->damaged_frames;
        s.false_carriers += l->false_carriers;
        s.sync_losses += l->sync_losses;
        s.without_s += l->begins[SD_BEGIN_NO_S] + l->begins[SD_BEGIN_NO_SFD];
        s.badly_ended += l->ends[SD_END_EARLY] + l->ends[SD_END_NO_T] + l->ends[SD_END_NEXT_S];
    }
    return s;
}

static char *no_clock(const sd_report *r)
{
    if (!r->signal)
        return g_strdup("There is no signal: all samples are alike. Check probe and channel.");
    if (r->shortest_pulse_ps > 0)
        return g_strdup_printf(
            "The edges fit no known link (1.25, 3.125 or 5 GBd): short pulses last about %.4g ps; "
            "if the sample rate is right, this is no QSGMII, SGMII or 1000BASE-X line.",
            r->shortest_pulse_ps);
    return g_strdup("The signal has too few edges for a 1.25, 3.125 or 5 GBd line: this is no "
                    "QSGMII, SGMII or 1000BASE-X line.");
}

/** No ordered set, no begin and no end of a frame; a long frame that fills the record would be
    neither damaged throughout nor one octet alone. */
static bool is_dead(const sd_lane_report *l)
{
    return l->groups >= DEAD_GROUPS && l->ordered_sets == 0 && l->begins[SD_BEGIN_S] == 0 &&
           l->ends[SD_END_T] == 0 &&
           (l->frames == 0 || l->constant || l->errors_in_frames >= l->groups / DEAD_DAMAGE);
}

static uint64_t config_words(const sd_lane_report *l)
{
    uint64_t words = 0;
    for (uint32_t i = 0; i < l->configs; i++)
        words += l->config[i].count;
    return words;
}

/** What one lane has to complain of, or NULL. */
static char *lane_fault(const sd_report *r, unsigned lane)
{
    const sd_lane_report *l = &r->lane[lane];
    if (!l->present)
        return NULL;
    if (is_dead(l))
        return l->constant ? g_strdup_printf("Lane %u is dead: it sends 0x%02X all the time.", lane,
                                             l->constant_octet)
                           : g_strdup_printf(
                                 "Lane %u is dead: no ordered set and no whole frame on it.", lane);
    if (l->speeds_disagree)
        return g_strdup_printf("On lane %u the config_reg says %u Mb/s, but the frames are sent at "
                               "%u Mb/s.",
                               lane, l->config_speed, l->data_speed);
    if (config_words(l) >= ABILITY_MATCH && !l->acknowledged)
        return g_strdup_printf("On lane %u the configuration is never acknowledged.", lane);
    if (l->restarts > 0)
        return g_strdup_printf("On lane %u the configuration starts again %" G_GUINT64_FORMAT
                               " time%s.",
                               lane, l->restarts, l->restarts == 1 ? "" : "s");
    return NULL;
}

bool sd_report_undersampled(const sd_report *r)
{
    const double baud = r->nominal_baud > 0 ? r->nominal_baud : SLOWEST_BAUD;
    return r->sample_rate < baud * SD_SAMPLES_PER_BIT_LEAST;
}

char *sd_report_record_fault(const sd_report *r)
{
    GString *text = g_string_new(NULL);
    if (r->clipped >= SD_CLIPPED_LEAST)
        g_string_append_printf(text,
                               "The record is clipped: %.3g %% of its samples lie at the end of "
                               "the vertical range; give the channel more volts per division.",
                               r->clipped * 100);
    if (r->not_finite > 0)
        g_string_append_printf(
            text,
            "%s%" G_GUINT64_FORMAT " sample%s no finite number%s and %s taken as "
            "0 %s; the first is %s.",
            text->len > 0 ? " " : "", r->not_finite, r->not_finite == 1 ? " is" : "s are",
            r->not_finite == 1 ? "" : "s", r->not_finite == 1 ? "was" : "were", r->vertical.unit,
            r->first_not_finite);
    const char *space = text->len > 0 ? " " : "";
    if (r->nominal_baud > 0 && sd_report_undersampled(r))
        g_string_append_printf(text,
                               "%sThe record is undersampled: it has %.3g samples per bit, and "
                               "under %.3g bits may be read wrongly; raise the sample rate.",
                               space, sd_report_samples_per_bit(r), SD_SAMPLES_PER_BIT_LEAST);
    else if (r->nominal_baud == 0 && r->sample_rate < FASTEST_BAUD * SD_SAMPLES_PER_BIT_LEAST)
        g_string_append_printf(text, "%sAt %.4g GS/s a line of more than %.3g GBd is undersampled.",
                               space, r->sample_rate / 1e9,
                               r->sample_rate / SD_SAMPLES_PER_BIT_LEAST / 1e9);
    return g_string_free(text, text->len == 0);
}

/** What the lanes have to complain of, a sentence for each; NULL when none has. */
static char *lane_faults(const sd_report *r)
{
    char *fault[SD_REPORT_LANES + 1] = {NULL};
    unsigned faults = 0;
    for (unsigned i = 0; i < SD_REPORT_LANES; i++) {
        fault[faults] = lane_fault(r, i);
        faults += fault[faults] != NULL;
    }
    char *all = faults > 0 ? g_strjoinv(" ", fault) : NULL;
    for (unsigned i = 0; i < faults; i++)
        g_free(fault[i]);
    return all;
}

/** What the symbol errors have in common, in sentences; NULL when nothing. */
static char *error_pattern(const sd_report *r)
{
    GString *text = g_string_new(NULL);
    const uint64_t told = r->low_hit + r->high_hit, most = MAX(r->low_hit, r->high_hit);
    if (told >= LEVEL_ERRORS && (told - most) * LEVEL_OTHERS <= told) {
        const bool low = r->low_hit == most;
        g_string_append_printf(text,
                               "The errors hit the %s level alone: it was read as %s in "
                               "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT ".",
                               low ? "low" : "high", low ? "high" : "low", most, told);
    }
    if (r->error_period_ps > 0)
        g_string_append_printf(text,
                               "%sThe errors are periodic: they come every %.4g us (%.4g kHz), in "
                               "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " periods.",
                               text->len > 0 ? " " : "", r->error_period_ps / 1e6,
                               1e9 / r->error_period_ps, r->error_periods,
                               r->error_periods + r->error_periods_spared);
    return g_string_free(text, text->len == 0);
}

/** What is wrong with the line, in a sentence; NULL when nothing is. */
static char *line_fault(const sd_report *r)
{
    if (r->link == SD_LINK_UNKNOWN)
        return no_clock(r);
    if (!r->lock)
        return g_strdup_printf("The line runs at %.4g GBd, but there is not one comma in it: it "
                               "carries no 8b/10b code-groups.",
                               r->nominal_baud / 1e9);
    if (r->commas == 0)
        return g_strdup(
            "There is not one comma: the record lies wholly inside long frames; polarity "
            "and lane numbers are assumed.");
    if (r->link == SD_LINK_QSGMII && r->k28_1 == 0 && !r->lane_0_by_exclusion)
        return g_strdup("There is no K28.1: the line is not QSGMII, or its lane marking is broken; "
                        "the lane numbers are arbitrary.");
    if (r->signal_losses > 0)
        return g_strdup_printf("The signal was lost %" G_GUINT64_FORMAT " time%s.",
                               r->signal_losses, r->signal_losses == 1 ? "" : "s");
    if (r->lane_moves > 0)
        return g_strdup_printf("The lanes moved %" G_GUINT64_FORMAT " time%s: code-groups were "
                               "lost or gained.",
                               r->lane_moves, r->lane_moves == 1 ? "" : "s");
    if (r->slips > 0)
        return g_strdup_printf("Bits were lost or gained %" G_GUINT64_FORMAT " time%s.", r->slips,
                               r->slips == 1 ? "" : "s");
    char *fault = lane_faults(r);
    if (fault != NULL)
        return fault;
    const sums s = sum_lanes(r);
    const uint64_t errors = s.errors_in_frames + s.errors_between;
    if (errors > 0)
        return g_strdup_printf("There %s %" G_GUINT64_FORMAT " symbol error%s: %" G_GUINT64_FORMAT
                               " in %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                               " frames, %" G_GUINT64_FORMAT " between frames.",
                               errors == 1 ? "is" : "are", errors, errors == 1 ? "" : "s",
                               s.errors_in_frames, s.damaged, s.frames, s.errors_between);
    if (s.sync_losses > 0)
        return g_strdup_printf("Lanes lost synchronisation %" G_GUINT64_FORMAT " time%s.",
                               s.sync_losses, s.sync_losses == 1 ? "" : "s");
    if (s.badly_ended > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " frame%s without /T/, but there is no symbol "
                               "error: the transmitter broke off.",
                               s.badly_ended, s.badly_ended == 1 ? " ends" : "s end");
    if (s.without_s > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " frame%s without /S/ or SFD, but there is no "
                               "symbol error: the transmitter sent %s so.",
                               s.without_s, s.without_s == 1 ? " begins" : "s begin",
                               s.without_s == 1 ? "it" : "them");
    if (r->k28_1_elsewhere > 0)
        return g_strdup_printf("K28.1 came %" G_GUINT64_FORMAT
                               " time%s on other lanes than lane 0.",
                               r->k28_1_elsewhere, r->k28_1_elsewhere == 1 ? "" : "s");
    if (s.false_carriers > 0)
        return g_strdup_printf("There %s %" G_GUINT64_FORMAT " false carrier%s between frames.",
                               s.false_carriers == 1 ? "is" : "are", s.false_carriers,
                               s.false_carriers == 1 ? "" : "s");
    if (s.fcs_bad_whole > 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " whole frame%s a bad FCS, but there is no "
                               "symbol error: they were damaged before this line.",
                               s.fcs_bad_whole, s.fcs_bad_whole == 1 ? " has" : "s have");
    return NULL;
}

/** A line that is upside down works, but somebody may want to know. */
static char *inverted_pair(const sd_report *r)
{
    if (!r->inverted || !r->lock)
        return NULL;
    return g_strdup("The polarity is inverted: P and N are swapped, on the board or at the probe; "
                    "it was turned over here.");
}

char *sd_report_verdict(const sd_report *r)
{
    char *line = line_fault(r), *record = sd_report_record_fault(r);
    if (line == NULL)
        line = g_strdup_printf(
            record != NULL ? "There is no symbol error in %" G_GUINT64_FORMAT " frames."
                           : "Nothing is wrong: %" G_GUINT64_FORMAT " frames, no symbol error.",
            sum_lanes(r).frames);
    char *parts[5] = {line, NULL};
    unsigned count = 1;
    char *const others[] = {error_pattern(r), inverted_pair(r), record};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (others[i] != NULL)
            parts[count++] = others[i];
    }
    char *verdict = g_strjoinv(" ", parts);
    for (unsigned i = 0; i < count; i++)
        g_free(parts[i]);
    return verdict;
}
