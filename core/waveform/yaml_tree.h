/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file yaml_tree.h
 * A YAML document from a mapped file, with the few questions that readers ask. Nodes are numbered
 * from 1; 0 is no node, and every question about it has an answer: none.
 */
#ifndef SCOPEDUMP_WAVEFORM_YAML_TREE_H
#define SCOPEDUMP_WAVEFORM_YAML_TREE_H

#include "waveform/mapping.h"

/** A parsed document. */
typedef struct sd_yaml sd_yaml;

/**
 * Parses the first document of a file.
 *
 * @param mapping the file; must outlive the document
 * @param error   set on failure: SD_ERROR_DAMAGED with line and byte, SD_ERROR_UNSUPPORTED for a
 * text of more than 16 MiB
 * @return the document, to be freed with sd_yaml_free(), or NULL
 */
sd_yaml *sd_yaml_parse(const sd_mapping *mapping, GError **error);

/** Frees; NULL is ignored. */
void sd_yaml_free(sd_yaml *yaml);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_yaml, sd_yaml_free)

/** The top node. */
int sd_yaml_root(sd_yaml *yaml);

/** The value of a key in a map; 0 if there is none. */
int sd_yaml_get(sd_yaml *yaml, int map, const char *key);

/** Entries of a map; 0 if the node is none. */
size_t sd_yaml_size(sd_yaml *yaml, int map);

/** The value of entry @p index of a map. */
int sd_yaml_at(sd_yaml *yaml, int map, size_t index);

/** Where a node stands in the file, in bytes; 0 for none. */
uint64_t sd_yaml_place(sd_yaml *yaml, int node);

/** The text of a key in a map, or NULL. Lives as long as the document. */
const char *sd_yaml_text(sd_yaml *yaml, int map, const char *key);

/** The whole number of a key in a map; false if there is none or it is no such number. */
bool sd_yaml_integer(sd_yaml *yaml, int map, const char *key, int64_t *value);

#endif
