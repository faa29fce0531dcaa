/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file synchronization.h
 * The synchronisation state diagram of clause 36 (figure 36-9), one for each lane.
 */
#ifndef SD_SYNCHRONIZATION_H
#define SD_SYNCHRONIZATION_H

#include <stdbool.h>
#include <stddef.h>

#include "linecode/code_group.h"

/** States of the diagram; those that it numbers are told apart by the counters below. */
typedef enum {
    SD_LOSS_OF_SYNC,
    SD_COMMA_DETECT,  /**< COMMA_DETECT_1 to _3 */
    SD_ACQUIRE_SYNC,  /**< ACQUIRE_SYNC_1 and _2 */
    SD_SYNC_ACQUIRED, /**< SYNC_ACQUIRED_1 to _4 and _2A to _4A */
} sd_synchronization_state;

/** State of the diagram; starts all zero. */
typedef struct {
    sd_synchronization_state state;
    unsigned commas;   /**< Commas seen in even places while acquiring, 0 to 3. */
    unsigned bad;      /**< SYNC_ACQUIRED_n: n - 1, 0 to 3. */
    unsigned good_cgs; /**< Good code-groups since the last bad one, 0 to 3. */
    bool sync;         /**< sync_status is OK. */
    bool rx_even;      /**< The last code-group was in an even place. */
} sd_synchronization;

/**
 * Takes the next code-group of the lane.
 * @return true when sync has changed
 */
bool sd_synchronization_push(sd_synchronization *s, const sd_code_group *group);

/** Whether data code-groups without damage, and commas in even places, change nothing but rx_even:
    SYNC_ACQUIRED_1. */
static inline bool sd_synchronization_steady(const sd_synchronization *s)
{
    return s->state == SD_SYNC_ACQUIRED && s->bad == 0;
}

/** Takes @p count of them, when steady. */
static inline void sd_synchronization_take_data(sd_synchronization *s, size_t count)
{
    s->rx_even ^= count % 2 != 0;
}

#endif
