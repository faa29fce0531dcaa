/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <stdio.h>

/** What the figures in the file mean; another number: they cannot be compared. */
#define VERSION 1

char *bench_row_name(const char *record, const char *stage, unsigned threads)
{
    return threads > 0 ? g_strdup_printf("%s/%s/%u", record, stage, threads)
                       : g_strdup_printf("%s/%s", record, stage);
}

static void clear_row(gpointer data)
{
    g_free(((bench_row *)data)->name);
}

GArray *bench_results_new(void)
{
    GArray *results = g_array_new(FALSE, FALSE, sizeof(bench_row));
    g_array_set_clear_func(results, clear_row);
    return results;
}

void bench_print_head(void)
{
    printf("%-32s %9s %9s %10s %9s %8s %8s %9s %12s\n", "", "ms", "CPU ms", "Msample/s", "Mgroup/s",
           "x limit", "CPU x", "memory", "first frame");
}

void bench_print_row(const bench_row *row)
{
    printf("%-32s %9.3f %9.3f %10.1f %9.2f %8.2f %8.2f", row->name, row->time.seconds * 1e3,
           row->time.cpu_seconds * 1e3, (double)row->samples / row->time.seconds / 1e6,
           (double)row->groups / row->time.seconds / 1e6, row->time.seconds / row->limit.seconds,
           row->time.cpu_seconds / row->limit.cpu_seconds);
    if (!isnan(row->memory))
        printf(" %5.1f MiB", row->memory);
    if (!isnan(row->first_frame_seconds))
        printf(" %9.2f ms", row->first_frame_seconds * 1e3);
    printf("\n");
    fflush(stdout);
}

static void add_number(JsonBuilder *json, const char *name, double value)
{
    json_builder_set_member_name(json, name);
    if (isnan(value))
        json_builder_add_null_value(json);
    else
        json_builder_add_double_value(json, value);
}

static void add_count(JsonBuilder *json, const char *name, uint64_t value)
{
    json_builder_set_member_name(json, name);
    json_builder_add_int_value(json, (gint64)value);
}

static void add_row(JsonBuilder *json, const bench_row *row)
{
    json_builder_begin_object(json);
    json_builder_set_member_name(json, "name");
    json_builder_add_string_value(json, row->name);
    add_count(json, "samples", row->samples);
    add_count(json, "code_groups", row->groups);
    add_number(json, "seconds", row->time.seconds);
    add_number(json, "cpu_seconds", row->time.cpu_seconds);
    add_number(json, "limit_seconds", row->limit.seconds);
    add_number(json, "limit_cpu_seconds", row->limit.cpu_seconds);
    add_number(json, "samples_per_second", (double)row->samples / row->time.seconds);
    add_number(json, "code_groups_per_second", (double)row->groups / row->time.seconds);
    add_number(json, "limit_ratio", row->time.seconds / row->limit.seconds);
    add_number(json, "cpu_limit_ratio", row->time.cpu_seconds / row->limit.cpu_seconds);
    add_number(json, "memory_mib", row->memory);
    add_number(json, "first_frame_seconds", row->first_frame_seconds);
    json_builder_end_object(json);
}

bool bench_results_write(const GArray *results, const char *cpu, const char *path, GError **error)
{
    g_autoptr(JsonBuilder) json = json_builder_new();
    json_builder_begin_object(json);
    add_count(json, "version", VERSION);
    json_builder_set_member_name(json, "cpu");
    json_builder_add_string_value(json, cpu);
    json_builder_set_member_name(json, "rows");
    json_builder_begin_array(json);
    for (guint i = 0; i < results->len; i++)
        add_row(json, &g_array_index(results, bench_row, i));
    json_builder_end_array(json);
    json_builder_end_object(json);

    g_autoptr(JsonNode) root = json_builder_get_root(json);
    g_autoptr(JsonGenerator) generator = json_generator_new();
    json_generator_set_root(generator, root);
    json_generator_set_pretty(generator, TRUE);
    return json_generator_to_file(generator, path, error);
}

static double get_number(JsonObject *object, const char *name)
{
    return json_object_get_double_member_with_default(object, name, NAN);
}

static bench_row get_row(JsonObject *object)
{
    return (bench_row){
        .name = g_strdup(json_object_get_string_member_with_default(object, "name", "")),
        .samples = (uint64_t)json_object_get_int_member_with_default(object, "samples", 0),
        .groups = (uint64_t)json_object_get_int_member_with_default(object, "code_groups", 0),
        .time = {get_number(object, "seconds"), get_number(object, "cpu_seconds")},
        .limit = {get_number(object, "limit_seconds"), get_number(object, "limit_cpu_seconds")},
        .memory = get_number(object, "memory_mib"),
        .first_frame_seconds = get_number(object, "first_frame_seconds"),
    };
}

/** The rows of a file; NULL when it has other things in it. */
static JsonArray *get_rows(JsonNode *root)
{
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return NULL;
    JsonObject *object = json_node_get_object(root);
    JsonNode *rows = json_object_get_member(object, "rows");
    if (rows == NULL || !JSON_NODE_HOLDS_ARRAY(rows) ||
        json_object_get_int_member_with_default(object, "version", 0) != VERSION)
        return NULL;
    return json_node_get_array(rows);
}

GArray *bench_results_read(const char *path, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    if (!json_parser_load_from_file(parser, path, error)) {
        g_prefix_error(error, "%s: ", path);
        return NULL;
    }
    JsonArray *rows = get_rows(json_parser_get_root(parser));
    if (rows == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s is no file of this version of scopedump-bench", path);
        return NULL;
    }
    GArray *results = bench_results_new();
    for (guint i = 0; i < json_array_get_length(rows); i++) {
        JsonNode *node = json_array_get_element(rows, i);
        if (!JSON_NODE_HOLDS_OBJECT(node))
            continue;
        const bench_row row = get_row(json_node_get_object(node));
        g_array_append_val(results, row);
    }
    return results;
}
