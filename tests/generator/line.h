/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file line.h
 * The serial line: code-groups of all lanes in turn, with K28.1 in the place of K28.5 on lane 0 of
 * QSGMII, encoded, and hurt where the command line wants it. What leaves here is the ground truth
 * of what a receiver sees.
 */
#ifndef GENERATOR_LINE_H
#define GENERATOR_LINE_H

#include "pcs.h"
#include "record.h"

/** Kinds of line errors. */
typedef enum { GEN_FLIP, GEN_INVALID, GEN_SLIP_REPEAT, GEN_SLIP_DROP, GEN_DEAD } gen_error_kind;

/** One line error put in. */
typedef struct {
    gen_error_kind kind;
    uint64_t position; /**< Line position; of an invalid code-group: of its first bit. */
} gen_line_error;

/** Symbols on the line: the bits 0 and 1, and from here on the levels of dead stretches. */
#define GEN_SYMBOL_DEAD 2
/** Most symbols of one code-group: all ten bits repeated. */
#define GEN_SYMBOLS_MAX 20

/** One code-group as it stands on the line. */
typedef struct {
    uint64_t position; /**< Line position of its first bit. */
    unsigned lane;
    gen_code_group code_group;
    gen_disparity before; /**< Running disparity of the sender before it. */
    uint16_t sent;        /**< Ten bits. */
    uint16_t received;    /**< Ten bits; meaningless unless readable. */
    bool readable;        /**< Ten bits did arrive: no slip, no dead bit in it. */
    unsigned symbols;     /**< Number of entries in symbol. */
    uint8_t symbol[GEN_SYMBOLS_MAX];
    unsigned errors; /**< Number of entries in error. */
    gen_line_error error[GEN_SYMBOLS_MAX];
} gen_line_group;

typedef struct gen_line gen_line;

/**
 * Starts the line.
 *
 * @param options the command line; must outlive the line
 * @param record  what will be recorded: positions of errors count from its first segment
 * @param error   set when an error is to lie outside the record, or as of gen_traffic_new()
 * @return the line, to be freed with gen_line_free(), or NULL
 */
gen_line *gen_line_new(const gen_options *options, const gen_record *record, GError **error);

/** Frees; NULL is ignored. */
void gen_line_free(gen_line *line);

/** The next code-group of the line. */
void gen_line_next(gen_line *line, gen_line_group *group);

/** How many of the line errors asked for have not been put in so far. */
unsigned gen_line_errors_left(const gen_line *line);

#endif
