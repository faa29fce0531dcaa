/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file edges.h
 * Where the signal crosses the threshold.
 */
#ifndef SD_EDGES_H
#define SD_EDGES_H

#include <glib.h>

#include "signal/level.h"
#include "signal/samples.h"
#include "simd/simd.h"

/** Finds edges; one for each segment. */
typedef struct sd_edges sd_edges;

/**
 * @param simd   the hot loops
 * @param sparse about half of the edges are enough, wherever they lie; they may then not alternate,
 *               and blocks that are cut elsewhere give others
 * @return a new context, to be freed with sd_edges_free()
 */
sd_edges *sd_edges_new(const sd_simd *simd, bool sparse);
void sd_edges_free(sd_edges *edges);

/**
 * Finds the edges that are complete in the new samples of a block. An edge is a way from beyond one
 * side of the hysteresis to beyond the other; its place is where the signal crosses the threshold,
 * interpolated to a fraction of a sample, and the mean of the first and the last such place when
 * noise makes it cross more than once. Edges alternate between rising and falling.
 *
 * @param edges     the context
 * @param block     the samples
 * @param threshold in volts; may move slowly from block to block
 * @param half      the hysteresis, in volts on either side
 * @param found     array of double, to which the places of the edges are appended in order, in
 *                  samples from the first of the segment
 * @return whether the first edge that was appended is rising
 */
bool sd_edges_push(sd_edges *edges, const sd_samples *block, float threshold, float half,
                   GArray *found);

#endif
