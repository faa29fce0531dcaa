/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file synchronization.h
 * The synchronisation state diagram of clause 36 (figure 36-9), one for each lane.
 */
#ifndef SD_SYNCHRONIZATION_H
#define SD_SYNCHRONIZATION_H

#include <stdbool.h>

#include "linecode/code_group.h"

/** State of the diagram; starts all zero. */
typedef struct {
    unsigned commas; /**< Commas seen in even places while acquiring, 0 to 3. */
    unsigned bad;    /**< SYNC_ACQUIRED_n: n - 1, 0 to 3. */
    unsigned good;   /**< good_cgs, 0 to 3. */
    bool sync;       /**< sync_status is OK. */
    bool odd;        /**< The last code-group was in an odd place (rx_even is FALSE). */
} sd_synchronization;

/**
 * Takes the next code-group of the lane.
 * @return true when sync has changed
 */
bool sd_synchronization_push(sd_synchronization *s, const sd_code_group *group);

#endif
