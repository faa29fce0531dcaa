/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > QSGMII lanes, and tshark -z qsgmii,lanes: a row for each lane. */
#include "growing_table.h"
#include "lane_totals.h"
#include "packet_qsgmii.h"

enum column {
    LANE,
    FRAMES,
    OCTETS,
    SPEED,
    RATE,
    LOAD,
    SYMBOL_ERRORS,
    ERROR_RATIO,
    BAD_FCS,
    CUT,
    COLUMNS,
};

static stat_tap_table_item columns[COLUMNS] = {
    [LANE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Lane", "%s"},
    [FRAMES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Frames", "%u"},
    [OCTETS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Octets", "%u"},
    [SPEED] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Speed (Mb/s)", "%u"},
    [RATE] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Rate (Mb/s)", "%.3f"},
    [LOAD] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Load (%)", "%.2f"},
    [SYMBOL_ERRORS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Symbol errors", "%u"},
    [ERROR_RATIO] = {TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, "Error ratio", "%s"},
    [BAD_FCS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Bad FCS", "%u"},
    [CUT] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Cut", "%u"},
};

/** What the table has added up. */
static struct link_totals *totals;

static void reset_table(stat_tap_table *table)
{
    growing_table_clear(table);
    link_totals_free(totals);
    totals = link_totals_new();
}

static void show_lane(stat_tap_table *table, unsigned row)
{
    const struct lane_totals *lane = link_totals_lane(totals, row);
    const int64_t line_ps = lane_line_ps(totals, lane);
    const uint64_t groups = lane_code_groups(totals, lane), errors = lane_symbol_errors(lane);
    const double ratio = groups ? (double)errors / (double)groups : 0;
    const stat_tap_table_item_type items[COLUMNS] = {
        [LANE] = text_item(g_strdup(lane->name)),
        [FRAMES] = count_item(lane->frames),
        [OCTETS] = count_item(lane->octets),
        [SPEED] = count_item(lane->speed),
        [RATE] = float_item(lane_rate(totals, lane)),
        [LOAD] = float_item(line_ps > 0 ? (double)lane->frames_ps * 100 / (double)line_ps : 0),
        [SYMBOL_ERRORS] = count_item(errors),
        [ERROR_RATIO] = text_item(errors ? g_strdup_printf("%.1e", ratio) : g_strdup("0")),
        [BAD_FCS] = count_item(lane->fcs_bad),
        [CUT] = count_item(lane->cut),
    };
    growing_table_set(table, row, items);
}

static tap_packet_status take_packet(void *tap_data, packet_info *pinfo _U_,
                                     epan_dissect_t *edt _U_, const void *data,
                                     tap_flags_t flags _U_)
{
    stat_tap_table *table = growing_table_of(tap_data);
    link_totals_add(totals, data);
    for (unsigned i = 0; i < link_totals_lanes(totals); i++)
        show_lane(table, i);
    return TAP_PACKET_REDRAW;
}

void lane_table_register(void)
{
    static stat_tap_table_ui ui = {
        .title = "QSGMII lanes",
        .cli_string = "qsgmii,lanes",
        .packet_func = take_packet,
        .stat_tap_reset_table_cb = reset_table,
        .nfields = COLUMNS,
        .fields = columns,
    };
    growing_table_register(&ui);
}
