/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file pcs.h
 * The physical coding sublayer of one lane (802.3 clause 36 transmit): frames become the
 * code-groups of the lane, with configuration at the start, idle between frames, and the repetition
 * of SGMII.
 */
#ifndef GENERATOR_PCS_H
#define GENERATOR_PCS_H

#include "encode.h"
#include "traffic.h"

/** Where in the stream a code-group stands. */
typedef enum { GEN_IN_CONFIG, GEN_IN_GAP, GEN_IN_PREAMBLE, GEN_IN_FRAME, GEN_IN_END } gen_where;

/** "No frame" and "no number" in a gen_code_group. */
#define GEN_NONE (-1)

/** A frame on its way. */
typedef struct {
    uint64_t index; /**< Of the lane's frames, from 0. */
    GBytes *octets; /**< With FCS. */
    bool fcs_good;
} gen_frame;

/** One code-group of a lane. */
typedef struct {
    uint8_t octet;
    bool control; /**< A special code-group. */
    gen_where where;
    /**
     * The frame it belongs to, in a gap the one to come; GEN_NONE without one. Index of the lane's
     * frames.
     */
    int64_t frame_index;
    /**
     * In a frame: the offset. In a preamble: the index, /S/ is 0. In a gap: code-groups before /S/,
     * 1 just before it, GEN_NONE when no frame will come. In an end: code-groups after the last
     * octet, 0 is /T/. In a configuration: the place in /C/, 0 to 3.
     */
    int32_t position;
    uint32_t copy;          /**< Which copy of the octet. */
    uint16_t config_word;   /**< In a configuration. */
    bool low_power;         /**< In a gap: of low-power idle. */
    const gen_frame *frame; /**< In preamble, frame and end; valid until the next code-group. */
} gen_code_group;

typedef struct gen_pcs gen_pcs;

/**
 * Starts a lane.
 *
 * @param options the command line; must outlive the lane
 * @param lane    0 to 3
 * @param error   as of gen_traffic_new()
 * @return the lane, to be freed with gen_pcs_free(), or NULL
 */
gen_pcs *gen_pcs_new(const gen_options *options, unsigned lane, GError **error);

/** Frees; NULL is ignored. */
void gen_pcs_free(gen_pcs *pcs);

/**
 * The next code-group of the lane.
 *
 * @param pcs       the lane
 * @param disparity the running disparity of the lane before it: idle depends on it
 * @param group     receives the code-group
 */
void gen_pcs_next(gen_pcs *pcs, gen_disparity disparity, gen_code_group *group);

/** How often the lane sends each octet of a frame: 1, 10 or 100. */
unsigned gen_pcs_repetition(const gen_options *options, unsigned lane);

#endif
