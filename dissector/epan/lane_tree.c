/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > QSGMII > Frames and errors, and tshark -z qsgmii,tree. A branch for each measure,
 * with the lanes in it, so that the column "Percent" always means a share. */
#include "lane_totals.h"
#include "packet_qsgmii.h"

#include <linecode/code_group_name.h>

#include <stdio.h>

/** The branches; Wireshark shows of their names what is behind the last "/". */
enum branch {
    FRAMES,
    OCTETS,
    RATE,
    LENGTH,
    LINE_TIME,
    SYMBOL_ERRORS,
    ERROR_RATIO,
    RECEIVED,
    GAP,
    BRANCHES,
};

static const char *const branch_names[BRANCHES] = {
    [FRAMES] = "Frames",
    [OCTETS] = "Octets",
    [RATE] = "Rate of frames (kilobits per second)",
    [LENGTH] = "Length of frames (octets)",
    [LINE_TIME] = "Time on the line (ns)",
    [SYMBOL_ERRORS] = "Symbol errors",
    [ERROR_RATIO] = "Symbol errors per 10^9 code-groups",
    [RECEIVED] = "Code-groups received instead",
    [GAP] = "Gap before the frame (octet times)",
};

/** What a tree has added up. */
struct tree_state {
    struct link_totals *totals;
    int branch[BRANCHES];
    GHashTable *with_gaps; /* names of the lanes that have their ranges of gaps */
};

/** The states by tree: a tree has no place for one. */
static GHashTable *states;

static void free_state(void *data)
{
    struct tree_state *state = data;
    link_totals_free(state->totals);
    g_hash_table_destroy(state->with_gaps);
    g_free(state);
}

static void init_tree(stats_tree *st)
{
    struct tree_state *state = g_new0(struct tree_state, 1);
    state->totals = link_totals_new();
    state->with_gaps = g_hash_table_new(NULL, NULL);
    for (unsigned i = 0; i < BRANCHES; i++)
        state->branch[i] = stats_tree_create_node(st, branch_names[i], 0, STAT_DT_INT, TRUE);
    if (!states)
        states = g_hash_table_new_full(NULL, NULL, NULL, free_state);
    g_hash_table_replace(states, st, state);
}

static void cleanup_tree(stats_tree *st)
{
    if (states)
        g_hash_table_remove(states, st);
}

/** Sets a node, and makes it with the first number; Wireshark's counters have 31 bits. */
static int set_node(stats_tree *st, const char *name, int parent, bool with_children,
                    uint64_t value)
{
    return stats_tree_manip_node_int(MN_SET, st, name, parent, with_children,
                                     (gint)MIN(value, G_MAXINT32));
}

/** Sets the number of a branch itself. */
static void set_branch(stats_tree *st, enum branch branch, uint64_t value)
{
    set_node(st, branch_names[branch], 0, TRUE, value);
}

static void set_unless_zero(stats_tree *st, const char *name, int parent, uint64_t value)
{
    if (value)
        set_node(st, name, parent, false, value);
}

static int count(stats_tree *st, const char *name, int parent, bool with_children)
{
    return stats_tree_manip_node_int(MN_INCREASE, st, name, parent, with_children, 1);
}

static void show_symbol_errors(stats_tree *st, int parent, const struct lane_totals *lane)
{
    const uint64_t errors = lane_symbol_errors(lane);
    const int node = set_node(st, lane->name, parent, true, errors);
    if (!errors)
        return;
    const int kind = set_node(st, "By kind", node, true, errors);
    set_unless_zero(st, "Invalid code-groups in frames", kind, lane->invalid);
    set_unless_zero(st, "Disparity errors in frames", kind, lane->disparity);
    set_unless_zero(st, "Between frames", kind, lane_errors_between(lane));
    const int place = set_node(st, "By place", node, true, errors);
    for (unsigned i = 0; i < HIT_PLACE_GAP; i++)
        set_unless_zero(st,
                        i == HIT_PLACE_UNKNOWN ? "Place not kept"
                                               : val_to_str_const(i, hit_place_names, ""),
                        place, lane->places[i]);
    set_unless_zero(st, "Gap", place, lane_errors_between(lane));
}

/** What changes for all lanes of a line with each packet, because its time goes on. */
static void show_totals(stats_tree *st, const struct tree_state *state)
{
    uint64_t frames = 0, octets = 0, errors = 0, groups = 0, longest_ns = 0;
    double kilobits = 0;
    for (unsigned i = 0; i < link_totals_lanes(state->totals); i++) {
        const struct lane_totals *lane = link_totals_lane(state->totals, i);
        const uint64_t lane_errors = lane_symbol_errors(lane);
        const uint64_t lane_groups = lane_code_groups(state->totals, lane);
        const uint64_t line_ns = (uint64_t)lane_line_ps(state->totals, lane) / 1000;
        const uint64_t frames_ns = (uint64_t)lane->frames_ps / 1000;
        const double rate = lane_rate(state->totals, lane) * 1000;

        set_node(st, lane->name, state->branch[OCTETS], false, lane->octets);
        set_node(st, lane->name, state->branch[RATE], false, (uint64_t)(rate + 0.5));
        const int time = set_node(st, lane->name, state->branch[LINE_TIME], true, line_ns);
        set_node(st, "Frames: the load", time, false, frames_ns);
        set_node(st, "Between frames", time, false, line_ns - MIN(frames_ns, line_ns));
        show_symbol_errors(st, state->branch[SYMBOL_ERRORS], lane);
        if (lane_groups)
            set_node(st, lane->name, state->branch[ERROR_RATIO], false,
                     (uint64_t)((double)lane_errors * 1e9 / (double)lane_groups + 0.5));
        frames += lane->frames;
        octets += lane->octets;
        errors += lane_errors;
        groups += lane_groups;
        kilobits += rate;
        longest_ns = MAX(longest_ns, line_ns);
    }
    set_branch(st, FRAMES, frames);
    set_branch(st, OCTETS, octets);
    set_branch(st, RATE, (uint64_t)(kilobits + 0.5));
    set_branch(st, LINE_TIME, longest_ns);
    set_branch(st, SYMBOL_ERRORS, errors);
    if (groups)
        set_branch(st, ERROR_RATIO, (uint64_t)((double)errors * 1e9 / (double)groups + 0.5));
}

static void show_gap(stats_tree *st, const struct tree_state *state, const struct lane_totals *lane,
                     uint32_t gap)
{
    const int branch = state->branch[GAP];
    const gint octet_times = (gint)MIN(gap, G_MAXINT32);
    if (g_hash_table_add(state->with_gaps, lane->name))
        stats_tree_create_range_node(st, lane->name, branch, "0-7", "8-11", "12-15", "16-31",
                                     "32-127", "128-1023", "1024-", NULL);
    avg_stat_node_add_value_int(st, branch_names[GAP], 0, TRUE, octet_times);
    count(st, lane->name, branch, false);
    stats_tree_tick_range(st, lane->name, branch, octet_times);
}

static void show_frame(stats_tree *st, const struct tree_state *state,
                       const struct lane_totals *lane, const struct packet_summary *packet)
{
    char text[SD_CODE_GROUP_TEXT_SIZE];
    const int frames = set_node(st, lane->name, state->branch[FRAMES], true, lane->frames);
    snprintf(text, sizeof text, "%u Mb/s", packet->frame.speed);
    const struct {
        const char *name, *value;
    } qualities[] = {
        {"Speed", text},
        {"Begin", val_to_str_const(packet->frame.begin, frame_begin_names, "Unknown begin")},
        {"End", val_to_str_const(packet->frame.end, frame_end_names, "Unknown end")},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(qualities); i++)
        count(st, qualities[i].value, set_node(st, qualities[i].name, frames, true, lane->frames),
              false);
    set_unless_zero(st, "With symbol errors", frames, lane->damaged);
    set_unless_zero(st, "Bad FCS", frames, lane->fcs_bad);
    set_unless_zero(st, "Cut", frames, lane->cut);

    const gint length = (gint)MIN(packet->frame.wire_length, G_MAXINT32);
    avg_stat_node_add_value_int(st, branch_names[LENGTH], 0, TRUE, length);
    avg_stat_node_add_value_int(st, lane->name, state->branch[LENGTH], FALSE, length);

    if (packet->frame.gap != SD_GAP_UNKNOWN)
        show_gap(st, state, lane, packet->frame.gap);
    for (unsigned i = 0; i < packet->frame.hits.count; i++) {
        sd_code_group_text(packet->frame.hits.hit[i].bits, text);
        count(st, branch_names[RECEIVED], 0, true);
        count(st, text, count(st, lane->name, state->branch[RECEIVED], true), false);
    }
}

static tap_packet_status take_packet(stats_tree *st, packet_info *pinfo _U_,
                                     epan_dissect_t *edt _U_, const void *data,
                                     tap_flags_t flags _U_)
{
    const struct packet_summary *packet = data;
    struct tree_state *state = g_hash_table_lookup(states, st);
    const struct lane_totals *lane = link_totals_add(state->totals, packet);
    if (lane && !packet->is_event)
        show_frame(st, state, lane, packet);
    show_totals(st, state);
    return TAP_PACKET_REDRAW;
}

void lane_tree_register(void)
{
    stats_tree_register_plugin(
        "qsgmii", "qsgmii", "QSGMII" STATS_TREE_MENU_SEPARATOR "Frames and errors",
        ST_SORT_COL_NAME << ST_FLG_SRTCOL_SHIFT, take_packet, init_tree, cleanup_tree);
}
