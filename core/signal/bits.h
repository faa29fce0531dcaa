/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file bits.h
 * Bits with times: what clock recovery gives to the line code.
 */
#ifndef SD_BITS_H
#define SD_BITS_H

#include <stdbool.h>
#include <stdint.h>

#include "scopedump/position.h"

/** Bits in a word. */
#define SD_WORD_BITS 64

/** Sixty-four successive bits. Only the last word of a segment may hold fewer. */
typedef struct {
    uint64_t bits;     /**< Bit 0 was first on the line. */
    sd_position start; /**< Beginning of bit 0. */
    sd_position span;  /**< Length of 64 bits. */
    unsigned count;    /**< Valid bits. */
    bool dead;         /**< The signal was gone in it, or in part of it. */
} sd_bit_word;

/** The beginning of bit @p i of @p word. */
static inline sd_position sd_bit_position(const sd_bit_word *word, unsigned i)
{
    return word->start + word->span * (sd_position)i / SD_WORD_BITS;
}

#endif
