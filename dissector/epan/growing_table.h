/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file growing_table.h
 * Tables of statistics whose rows come with the packets, on top of Wireshark's stat_tap_table.
 */
#ifndef SCOPEDUMP_GROWING_TABLE_H
#define SCOPEDUMP_GROWING_TABLE_H

#include "wireshark_compat.h"

#include <epan/stat_tap_ui.h>

/** A cell with a text, which it takes over. */
static inline stat_tap_table_item_type text_item(char *text)
{
    return (stat_tap_table_item_type){
        .type = TABLE_ITEM_STRING, .value.string_value = text, .user_data.ptr_value = text};
}

/** A cell with a number that is not negative. */
static inline stat_tap_table_item_type count_item(uint64_t count)
{
    const guint value = (guint)MIN(count, G_MAXUINT32);
    return (stat_tap_table_item_type){.type = TABLE_ITEM_UINT, .value.uint_value = value};
}

/** A cell with a number that has a fraction. */
static inline stat_tap_table_item_type float_item(double number)
{
    return (stat_tap_table_item_type){.type = TABLE_ITEM_FLOAT, .value.float_value = number};
}

/**
 * Registers a table with one parameter, the display filter.
 * @param ui  in it: title, cli_string, packet_func, fields, nfields; and stat_tap_reset_table_cb,
 *            which calls growing_table_clear(), or NULL when there is nothing else to do. It is
 *            called before the first packet, too
 */
void growing_table_register(stat_tap_table_ui *ui);

/** Removes all rows: Wireshark's own tables keep them and set them to zero. */
void growing_table_clear(stat_tap_table *table);

/** The table to which the data of a tap's callback belongs. */
stat_tap_table *growing_table_of(void *tap_data);

/** Sets a row, or adds it behind the last one. Its texts are freed with g_free(). */
void growing_table_set(stat_tap_table *table, guint row, const stat_tap_table_item_type *items);

#endif
