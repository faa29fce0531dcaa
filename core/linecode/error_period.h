/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file error_period.h
 * Whether errors come at a constant distance, as those of a converter, a refresh, or a clock nearby
 * do.
 */
#ifndef SD_ERROR_PERIOD_H
#define SD_ERROR_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scopedump/position.h"

/** What was found. */
typedef struct {
    double period;   /**< Samples. */
    uint64_t hit;    /**< Periods with at least one error. */
    uint64_t spared; /**< Periods between them without one. */
} sd_error_period;

/**
 * Finds the longest period in which nearly all errors stand.
 *
 * @param at     where they are, ascending
 * @param count  number of them
 * @param period set when there is one
 * @return whether there is one
 */
bool sd_error_period_find(const sd_position *at, size_t count, sd_error_period *period);

#endif
