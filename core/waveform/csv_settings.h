/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file csv_settings.h
 * Rohde & Schwarz oscilloscopes write two files: NAME.Wfm.csv with nothing but samples, and
 * NAME.csv with the settings, one "Key:value:" in a line.
 */
#ifndef SCOPEDUMP_WAVEFORM_CSV_SETTINGS_H
#define SCOPEDUMP_WAVEFORM_CSV_SETTINGS_H

#include "waveform/csv_header.h"

/**
 * Takes the settings that belong to a file of samples, if it is named so and they lie beside it.
 *
 * @param header receives what they say
 * @param path   the file of samples
 * @param reader receives an error: a value that cannot be true; that there are no settings is none
 * @return the name of the file with the settings, to be freed with g_free(), or NULL
 */
char *sd_csv_settings_take(sd_csv_header *header, const char *path, sd_reader *reader);

#endif
