/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/yaml_tree.h"

#include "scopedump/error.h"

#include <string.h>
#include <yaml.h>

#define TEXT_MAX (16U << 20) /**< A session with thousands of waveforms takes some megabytes. */

struct sd_yaml {
    const sd_mapping *mapping;
    yaml_document_t document;
};

/** Says what is wrong with the text, and where. */
static void fail(const sd_mapping *mapping, const yaml_parser_t *parser, GError **error)
{
    /* what is no UTF-8 has a place in bytes; all else has a line and a character */
    const bool in_bytes = parser->error == YAML_READER_ERROR;
    const yaml_mark_t *mark = &parser->problem_mark;
    const uint64_t at = in_bytes ? parser->problem_offset
                                 : sd_mapping_find_character(mapping, mark->line, mark->column);
    size_t line = 1;
    for (uint64_t i = 0; i < MIN(at, mapping->size); i++)
        line += mapping->data[i] == '\n';
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: line %" G_GSIZE_FORMAT ": %s (byte %" G_GUINT64_FORMAT ")", mapping->name,
                line, parser->problem ? parser->problem : "the text is no YAML", at);
}

sd_yaml *sd_yaml_parse(const sd_mapping *mapping, GError **error)
{
    if (mapping->size > TEXT_MAX) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s is a YAML text of %" G_GUINT64_FORMAT
                    " bytes; up to %u can be read, and sessions are far smaller",
                    mapping->name, mapping->size, TEXT_MAX);
        return NULL;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        g_error("out of memory"); /* as GLib does */
    yaml_parser_set_input_string(&parser, mapping->data, (size_t)mapping->size);
    sd_yaml *yaml = g_new0(sd_yaml, 1);
    yaml->mapping = mapping;
    if (!yaml_parser_load(&parser, &yaml->document)) {
        fail(mapping, &parser, error);
        g_clear_pointer(&yaml, g_free);
    }
    yaml_parser_delete(&parser);
    return yaml;
}

void sd_yaml_free(sd_yaml *yaml)
{
    if (!yaml)
        return;
    yaml_document_delete(&yaml->document);
    g_free(yaml);
}

int sd_yaml_root(sd_yaml *yaml)
{
    return yaml_document_get_root_node(&yaml->document) ? 1 : 0;
}

/** The node as a map, or NULL. */
static const yaml_node_t *as_map(sd_yaml *yaml, int node)
{
    const yaml_node_t *map = node ? yaml_document_get_node(&yaml->document, node) : NULL;
    return map && map->type == YAML_MAPPING_NODE ? map : NULL;
}

/** The text of a scalar, or NULL. */
static const char *as_text(sd_yaml *yaml, int node)
{
    const yaml_node_t *scalar = node ? yaml_document_get_node(&yaml->document, node) : NULL;
    return scalar && scalar->type == YAML_SCALAR_NODE ? (const char *)scalar->data.scalar.value
                                                      : NULL;
}

size_t sd_yaml_size(sd_yaml *yaml, int map)
{
    const yaml_node_t *node = as_map(yaml, map);
    return node ? (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start) : 0;
}

int sd_yaml_at(sd_yaml *yaml, int map, size_t index)
{
    return index < sd_yaml_size(yaml, map)
               ? as_map(yaml, map)->data.mapping.pairs.start[index].value
               : 0;
}

int sd_yaml_get(sd_yaml *yaml, int map, const char *key)
{
    for (size_t i = 0; i < sd_yaml_size(yaml, map); i++) {
        const yaml_node_pair_t *pair = &as_map(yaml, map)->data.mapping.pairs.start[i];
        const char *name = as_text(yaml, pair->key);
        if (name && strcmp(name, key) == 0)
            return pair->value;
    }
    return 0;
}

uint64_t sd_yaml_place(sd_yaml *yaml, int node)
{
    const yaml_node_t *found = node ? yaml_document_get_node(&yaml->document, node) : NULL;
    return found ? sd_mapping_find_character(yaml->mapping, found->start_mark.line,
                                             found->start_mark.column)
                 : 0;
}

const char *sd_yaml_text(sd_yaml *yaml, int map, const char *key)
{
    return as_text(yaml, sd_yaml_get(yaml, map, key));
}

bool sd_yaml_integer(sd_yaml *yaml, int map, const char *key, int64_t *value)
{
    const char *text = sd_yaml_text(yaml, map, key);
    gint64 number = 0;
    if (!text || !g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return false;
    *value = number;
    return true;
}
