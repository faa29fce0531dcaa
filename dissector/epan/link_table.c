/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics > QSGMII link states, and tshark -z qsgmii,link: what each lane was in, and from when,
 * with the words that it was configured with. */
#include "growing_table.h"
#include "packet_qsgmii.h"
#include "packet_summary.h"

#include <scopedump/record_format.h>

enum column {
    PACKET,
    SEGMENT,
    TIME,
    LANE,
    STATE,
    CONFIG_REG,
    TIMES,
    DURATION,
    DETAILS,
    COLUMNS,
};

static stat_tap_table_item columns[COLUMNS] = {
    [PACKET] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "No.", "%u"},
    [SEGMENT] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Segment", "%u"},
    [TIME] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Time (us)", "%.6f"},
    [LANE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Lane", "%s"},
    [STATE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "State", "%s"},
    [CONFIG_REG] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "config_reg", "%s"},
    [TIMES] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Times", "%u"},
    [DURATION] = {TABLE_ITEM_FLOAT, TAP_ALIGN_RIGHT, "Duration (us)", "%.6f"},
    [DETAILS] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Details", "%s"},
};

#define PS_PER_US 1e6

static const char frames_state[] = "Frames";

/** The events that change the state of a lane or the line, or begin another record; symbol errors
    and the like do not. */
static bool changes_state(const struct packet_summary *packet)
{
    switch (packet->event.kind) {
    case SD_EVENT_SIGNAL_LOST:
    case SD_EVENT_LANE_ALIGNMENT:
    case SD_EVENT_SYNC_ACQUIRED:
    case SD_EVENT_SYNC_LOST:
    case SD_EVENT_CONFIGURATION:
    case SD_EVENT_IDLE:
    case SD_EVENT_LOW_POWER_IDLE:
    case SD_EVENT_RECORD:
        return true;
    default:
        return false;
    }
}

/** The last row of a lane; -1 without one. */
static int last_row(const stat_tap_table *table, const char *lane)
{
    int row = (int)table->num_elements - 1;
    while (row >= 0 && strcmp(table->elements[row][LANE].value.string_value, lane) != 0)
        row--;
    return row;
}

/** Whether the packet is one more frame of a row of frames. */
static bool goes_on(const stat_tap_table_item_type *row, const struct packet_summary *packet)
{
    return !packet->is_event && row[PACKET].value.uint_value >= packet->record &&
           row[SEGMENT].value.uint_value == packet->segment &&
           strcmp(row[STATE].value.string_value, frames_state) == 0;
}

/** One more frame of a row of frames. */
static void lengthen(stat_tap_table_item_type *row, const struct packet_summary *packet)
{
    const double end = ((double)packet->time_ps + (double)packet->duration_ps) / PS_PER_US;
    row[TIMES].value.uint_value++;
    row[DURATION].value.float_value = end - row[TIME].value.float_value;
}

static tap_packet_status take_packet(void *tap_data, packet_info *pinfo, epan_dissect_t *edt _U_,
                                     const void *data, tap_flags_t flags _U_)
{
    const struct packet_summary *packet = data;
    stat_tap_table *table = growing_table_of(tap_data);
    if (packet->is_event && !changes_state(packet))
        return TAP_PACKET_DONT_REDRAW;

    char *lane = packet->lane == SD_LANE_NONE
                     ? g_strdup_printf("%sall", packet->direction)
                     : g_strdup_printf("%slane%u", packet->direction, packet->lane);
    const int last = last_row(table, lane);
    if (last >= 0 && goes_on(table->elements[last], packet)) {
        lengthen(table->elements[last], packet);
        g_free(lane);
        return TAP_PACKET_REDRAW;
    }

    const bool configuration = packet->is_event && packet->event.kind == SD_EVENT_CONFIGURATION;
    const stat_tap_table_item_type items[COLUMNS] = {
        [PACKET] = count_item(pinfo->num),
        [SEGMENT] = count_item(packet->segment),
        [TIME] = float_item((double)packet->time_ps / PS_PER_US),
        [LANE] = text_item(lane),
        [STATE] = text_item(g_strdup(packet->is_event ? packet->event.name : frames_state)),
        [CONFIG_REG] = text_item(
            configuration ? g_strdup_printf("0x%04x", packet->event.value & 0xFFFF) : g_strdup("")),
        [TIMES] = count_item(packet->is_event ? MAX(packet->event.count, 1) : 1),
        [DURATION] = float_item((double)packet->duration_ps / PS_PER_US),
        [DETAILS] = text_item(packet->is_event ? g_strdup(packet->event.words)
                                               : g_strdup_printf("%u Mb/s", packet->frame.speed)),
    };
    growing_table_set(table, table->num_elements, items);
    return TAP_PACKET_REDRAW;
}

void link_table_register(void)
{
    static stat_tap_table_ui ui = {
        .title = "QSGMII link states",
        .cli_string = "qsgmii,link",
        .packet_func = take_packet,
        .nfields = COLUMNS,
        .fields = columns,
    };
    growing_table_register(&ui);
}
