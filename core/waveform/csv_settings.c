/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/csv_settings.h"

#include <string.h>

#define SAMPLES_SUFFIX  ".wfm.csv"
#define SETTINGS_SUFFIX ".csv"
#define SETTINGS_LINES  1000 /**< Real ones have 50 to 100. */

/** The path of the settings; NULL if the samples are not named like that. */
static char *settings_path(const char *path)
{
    g_autofree char *lower = g_ascii_strdown(path, -1);
    if (!g_str_has_suffix(lower, SAMPLES_SUFFIX)) {
        return NULL;
    }
    const size_t length = strlen(path);
    g_autofree char *name = g_strndup(path, length - strlen(SAMPLES_SUFFIX));
    /* The suffix in the case that it has. */
    return g_strconcat(name, path + length - strlen(SETTINGS_SUFFIX), NULL);
}

char *sd_csv_settings_take(sd_csv_header *header, const char *path, sd_reader *reader)
{
    g_autofree char *name = settings_path(path);
    sd_mapping *mapping = name ? sd_mapping_open(name, NULL) : NULL;
    if (!mapping) {
        return NULL;
    }
    sd_reader settings = {.mapping = mapping};
    sd_csv_line line = sd_csv_start(mapping);
    while (line.number < SETTINGS_LINES && sd_csv_next_line(mapping, &line)) {
        sd_csv_header_take(header, &settings, &line, 0, '.');
    }
    header->units.number = 0; /* It would point into the mapping. */
    if (!reader->error) {
        sd_reader_finish(&settings, &reader->error);
    }
    g_clear_error(&settings.error);
    sd_mapping_free(mapping);
    header->format = "Rohde & Schwarz CSV";
    return g_steal_pointer(&name);
}
