/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file report_names.h
 * The words that the text and the JSON report share.
 */
#ifndef SD_REPORT_NAMES_H
#define SD_REPORT_NAMES_H

#include "scopedump/report.h"

/** "/S/", "cut", ... */
const char *sd_begin_name(sd_begin begin);

/** "/T/", "cut", ... */
const char *sd_end_name(sd_end end);

#endif
