/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/json_members.h"

#include <math.h>

void sd_json_add_text(JsonBuilder *b, const char *value)
{
    char *valid = g_utf8_make_valid(value, -1);
    json_builder_add_string_value(b, valid);
    g_free(valid);
}

void sd_json_text(JsonBuilder *b, const char *name, const char *value)
{
    json_builder_set_member_name(b, name);
    if (value == NULL)
        json_builder_add_null_value(b);
    else
        sd_json_add_text(b, value);
}

void sd_json_integer(JsonBuilder *b, const char *name, gint64 value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_int_value(b, value);
}

void sd_json_number(JsonBuilder *b, const char *name, double value)
{
    json_builder_set_member_name(b, name);
    if (isfinite(value))
        json_builder_add_double_value(b, value);
    else
        json_builder_add_null_value(b); /* JSON has no other word for it */
}

void sd_json_boolean(JsonBuilder *b, const char *name, gboolean value)
{
    json_builder_set_member_name(b, name);
    json_builder_add_boolean_value(b, value);
}

void sd_json_begin_object(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_begin_object(b);
}

void sd_json_begin_array(JsonBuilder *b, const char *name)
{
    json_builder_set_member_name(b, name);
    json_builder_begin_array(b);
}

char *sd_json_finish(JsonBuilder *b)
{
    JsonNode *root = json_builder_get_root(b);
    char *text = json_to_string(root, TRUE);
    json_node_unref(root);
    g_object_unref(b);
    return text;
}
