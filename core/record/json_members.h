/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file json_members.h
 * Members of the JSON object that a builder is in, a line each.
 */
#ifndef SD_JSON_MEMBERS_H
#define SD_JSON_MEMBERS_H

#include <json-glib/json-glib.h>

/** Adds text as an element; names in files may hold anything, but JSON holds UTF-8. */
void sd_json_add_text(JsonBuilder *b, const char *value);

/** A member that is text; NULL is null. */
void sd_json_text(JsonBuilder *b, const char *name, const char *value);

void sd_json_integer(JsonBuilder *b, const char *name, gint64 value);

/** A member that is a number; null when it is not finite. */
void sd_json_number(JsonBuilder *b, const char *name, double value);

void sd_json_boolean(JsonBuilder *b, const char *name, gboolean value);

/** Begins a member that is an object; end it with json_builder_end_object(). */
void sd_json_begin_object(JsonBuilder *b, const char *name);

/** Begins a member that is an array; end it with json_builder_end_array(). */
void sd_json_begin_array(JsonBuilder *b, const char *name);

/** The text of all that was built, to be freed with g_free(); frees the builder. */
char *sd_json_finish(JsonBuilder *b);

#endif
