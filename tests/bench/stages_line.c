/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stages_line.h"

#include "decode.h"
#include "linecode/alignment.h"
#include "linecode/attribution.h"
#include "linecode/code_table.h"
#include "linecode/lanes.h"
#include "pcs/lane.h"
#include "signal/bits.h"

/** Words of bits that pass the stages at a time, as in the decoder. */
#define PIECE_WORDS 64
/** ... and code-groups that pass the lanes. */
#define PIECE_GROUPS 512

#define GROUP_BITS 10
#define PS_PER_S   1e12

/** What a piece of the line gave, by its place in the arrays. */
typedef struct {
    guint first_word, words;
    guint first_group, groups;
    guint first_code_group, code_groups;
    sd_disparity_rule rule;
    bool last;
} piece;

struct bench_line {
    const GArray *words;
    sd_code_table *table;
    unsigned lanes;
    double period, interval_ps;
    GArray *pieces;      /* piece */
    GArray *groups;      /* sd_line_group */
    GArray *code_groups; /* sd_code_group: as dealt to the lanes */
    GArray *final;       /* sd_code_group: with errors attributed */
    GArray *slips, *events;
    sd_lane_report report[SD_LANES_MAX];
};

/** Attributes the errors in the code-groups of all pieces; @p final receives the outcome, if it is
    asked for. */
static void attribute(bench_line *l, GArray *final)
{
    sd_attribution *attribution = sd_attribution_new(l->table, l->lanes);
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    for (guint i = 0; i < l->pieces->len; i++) {
        const piece *p = &g_array_index(l->pieces, piece, i);
        if (p->code_groups > 0)
            g_array_append_vals(groups,
                                &g_array_index(l->code_groups, sd_code_group, p->first_code_group),
                                p->code_groups);
        const guint done = sd_attribution_push(attribution, groups, p->rule, p->last);
        if (final != NULL)
            g_array_append_vals(final, groups->data, done);
        g_array_remove_range(groups, 0, done);
    }
    g_array_free(groups, TRUE);
    sd_attribution_free(attribution);
}

/** Lets all stages run once. */
static void prepare(bench_line *l)
{
    sd_alignment *alignment = sd_alignment_new(l->table, l->lanes);
    sd_lanes *lanes = sd_lanes_new(l->table, l->lanes, SD_POLARITY_AUTO);
    for (guint at = 0; at < l->words->len; at += PIECE_WORDS) {
        piece p = {
            .first_word = at,
            .words = MIN(PIECE_WORDS, l->words->len - at),
            .first_group = l->groups->len,
            .first_code_group = l->code_groups->len,
            .last = l->words->len - at <= PIECE_WORDS,
        };
        sd_alignment_push(alignment, &g_array_index(l->words, sd_bit_word, at), p.words, p.last,
                          l->groups, l->slips);
        p.groups = l->groups->len - p.first_group;
        sd_lanes_push(lanes, &g_array_index(l->groups, sd_line_group, p.first_group), p.groups,
                      p.last, l->code_groups, l->events);
        p.code_groups = l->code_groups->len - p.first_code_group;
        p.rule = sd_lanes_statistics_get(lanes).rule;
        g_array_append_val(l->pieces, p);
    }
    sd_lanes_free(lanes);
    sd_alignment_free(alignment);
    attribute(l, l->final);
}

bench_line *bench_line_new(const GArray *words, double period, double interval, unsigned lanes)
{
    bench_line *l = g_new0(bench_line, 1);
    l->words = words;
    l->table = sd_code_table_new();
    l->lanes = lanes;
    l->period = period;
    l->interval_ps = interval * PS_PER_S;
    l->pieces = g_array_new(FALSE, FALSE, sizeof(piece));
    l->groups = g_array_new(FALSE, FALSE, sizeof(sd_line_group));
    l->code_groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    l->final = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    l->slips = g_array_new(FALSE, FALSE, sizeof(sd_slip));
    l->events = g_array_new(FALSE, FALSE, sizeof(sd_lane_event));
    prepare(l);
    return l;
}

void bench_line_free(bench_line *l)
{
    GArray *const all[] = {l->pieces, l->groups, l->code_groups, l->final, l->slips, l->events};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_array_free(all[i], TRUE);
    g_free(l->table);
    g_free(l);
}

void bench_alignment(bench_line *l)
{
    sd_alignment *alignment = sd_alignment_new(l->table, l->lanes);
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(sd_line_group));
    for (guint i = 0; i < l->pieces->len; i++) {
        const piece *p = &g_array_index(l->pieces, piece, i);
        g_array_set_size(groups, 0);
        g_array_set_size(l->slips, 0);
        sd_alignment_push(alignment, &g_array_index(l->words, sd_bit_word, p->first_word), p->words,
                          p->last, groups, l->slips);
    }
    g_array_free(groups, TRUE);
    sd_alignment_free(alignment);
}

void bench_lanes(bench_line *l)
{
    sd_lanes *lanes = sd_lanes_new(l->table, l->lanes, SD_POLARITY_AUTO);
    GArray *code_groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    for (guint i = 0; i < l->pieces->len; i++) {
        const piece *p = &g_array_index(l->pieces, piece, i);
        g_array_set_size(code_groups, 0);
        g_array_set_size(l->events, 0);
        sd_lanes_push(lanes, &g_array_index(l->groups, sd_line_group, p->first_group), p->groups,
                      p->last, code_groups, l->events);
    }
    g_array_free(code_groups, TRUE);
    sd_lanes_free(lanes);
}

void bench_attribution(bench_line *l)
{
    attribute(l, NULL);
}

void bench_pcs(bench_line *l)
{
    sd_lane *lane[SD_LANES_MAX];
    for (unsigned i = 0; i < l->lanes; i++) {
        const sd_lane_settings settings = {
            .lane = (uint8_t)i,
            .group_span = sd_position_make(0, GROUP_BITS * l->period),
            .lanes = l->lanes,
            .interval_ps = l->interval_ps,
        };
        l->report[i] = (sd_lane_report){0};
        lane[i] = sd_lane_new(&settings, &l->report[i], &bench_nowhere);
    }
    const sd_code_group *groups = (const sd_code_group *)(const void *)l->final->data;
    for (guint at = 0; at < l->final->len; at += PIECE_GROUPS) {
        for (unsigned i = 0; i < l->lanes; i++)
            sd_lane_push(lane[i], groups + at, MIN(PIECE_GROUPS, l->final->len - at));
    }
    for (unsigned i = 0; i < l->lanes; i++) {
        sd_lane_finish(lane[i]);
        sd_lane_free(lane[i]);
    }
}
