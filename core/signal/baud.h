/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file baud.h
 * The baud of the line, from the spacing of its edges.
 */
#ifndef SD_BAUD_H
#define SD_BAUD_H

#include <stdbool.h>
#include <stddef.h>

/** What the edges say. */
typedef struct {
    bool found;      /**< The edges lie on the unit intervals of one of the bauds asked for. */
    double nominal;  /**< That baud, in Hz. */
    double measured; /**< The baud at the first edges, in Hz. */
    double stagger;  /**< Unit intervals, -0.5 to 0.5, by which every second edge, from the second
                        one  given on, comes later than the others let expect: rising and falling
                        edges  do so on a line with duty-cycle distortion. */
    double fit;      /**< How well they lie on it: 1 on the point, 0 anywhere. */
    double shortest; /**< The tenth percentile of the distances between edges, in seconds:
                          something to tell when no baud fits. */
} sd_baud;

/**
 * Finds the baud. Every distance between edges is a whole number of unit intervals, and in an
 * 8b/10b line many are one unit interval; that tells the bauds apart.
 *
 * @param edges       places of successive edges, in samples
 * @param count       number of edges; under 64 nothing is found
 * @param sample_rate samples per second
 * @param nominal     the bauds to try, in Hz, in ascending order
 * @param nominals    number of those
 */
sd_baud sd_baud_estimate(const double *edges, size_t count, double sample_rate,
                         const double *nominal, size_t nominals);

#endif
