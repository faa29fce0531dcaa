/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "growing_table.h"

static void free_item(stat_tap_table *table _U_, guint row _U_, guint column _U_,
                      stat_tap_table_item_type *item)
{
    if (item->type == TABLE_ITEM_STRING)
        g_free(item->user_data.ptr_value);
    item->type = TABLE_ITEM_NONE;
}

static void free_row(stat_tap_table *table, guint row)
{
    for (guint column = 0; column < table->num_fields; column++)
        free_item(table, row, column, stat_tap_get_field_data(table, row, column));
}

void growing_table_clear(stat_tap_table *table)
{
    for (guint row = 0; row < table->num_elements; row++) {
        free_row(table, row);
        g_free(table->elements[row]);
    }
    table->num_elements = 0;
}

static void init_table(stat_tap_table_ui *ui)
{
    stat_tap_table *table = stat_tap_find_table(ui, ui->title);
    if (!table) {
        table = stat_tap_init_table(ui->title, (int)ui->nfields, 0, NULL);
        stat_tap_add_table(ui, table);
    }
    ui->stat_tap_reset_table_cb(table);
}

void growing_table_register(stat_tap_table_ui *ui)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};
    ui->group = REGISTER_PACKET_STAT_GROUP_UNSORTED;
    ui->tap_name = "qsgmii";
    ui->stat_tap_init_cb = init_table;
    if (!ui->stat_tap_reset_table_cb)
        ui->stat_tap_reset_table_cb = growing_table_clear;
    ui->stat_tap_free_table_item_cb = free_item;
    ui->nparams = G_N_ELEMENTS(parameters);
    ui->params = parameters;
    register_stat_tap_table_ui(ui);
}

stat_tap_table *growing_table_of(void *tap_data)
{
    const stat_data_t *tap = tap_data;
    return g_array_index(tap->stat_tap_data->tables, stat_tap_table *, 0);
}

void growing_table_set(stat_tap_table *table, guint row, const stat_tap_table_item_type *items)
{
    if (row < table->num_elements)
        free_row(table, row);
    stat_tap_init_table_row(table, row, table->num_fields, items);
}
