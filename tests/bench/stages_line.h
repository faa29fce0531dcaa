/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file stages_line.h
 * The stages from bits to what lies in the lanes.
 */
#ifndef BENCH_STAGES_LINE_H
#define BENCH_STAGES_LINE_H

#include <glib.h>

/** What these stages work on. */
typedef struct bench_line bench_line;

/**
 * @param words    sd_bit_word: all bits of the line; must outlive it
 * @param period   samples per unit interval
 * @param interval seconds per sample
 * @param lanes    1, or 4 for QSGMII
 */
bench_line *bench_line_new(const GArray *words, double period, double interval, unsigned lanes);
void bench_line_free(bench_line *line);

/** Finds the boundaries of the code-groups. */
void bench_alignment(bench_line *line);
/** Decodes code-groups, and deals them to the lanes. */
void bench_lanes(bench_line *line);
/** Ties disparity errors to what was hit. */
void bench_attribution(bench_line *line);
/** The PCS of all lanes, with the check of each frame's FCS. */
void bench_pcs(bench_line *line);

#endif
