/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file record.h
 * Which part of the line is recorded: where the samples of each segment lie along the line.
 *
 * Line position n is where bit n of the line begins, counted in unit intervals from the first bit
 * that the sender sends; bit n ends at position n + 1. Sample 0 of segment k lies at the line
 * position segment[k].origin, which need not be whole; sample i lies i / samples_per_bit nominal
 * unit intervals later. With spread-spectrum clocking a unit interval of the line is longer than
 * the nominal one: time and line position are two scales, both 0 where the line begins.
 * With --skip-bits S the first origin is S: sample 0 lies exactly where bit S begins.
 *
 * Bit 0 of a segment is the first line bit that begins at or after its sample 0, so that bit 0
 * begins (first_bit - origin) unit intervals after sample 0. Bits are part of the segment as long
 * as they end before its last sample.
 */
#ifndef GENERATOR_RECORD_H
#define GENERATOR_RECORD_H

#include "options.h"

/** Time of sample 0 after the trigger, in seconds and without gen_trigger_fraction(): negative, the
 * trigger comes later. */
#define GEN_START (-1e-6)

/** One segment. */
typedef struct {
    double origin;      /**< Line position of its sample 0. */
    double begin;       /**< Time of its sample 0 in nominal unit intervals. */
    uint64_t first_bit; /**< Line position of its bit 0. */
    uint64_t end_bit;   /**< Line position behind its last whole bit. */
    int64_t time_ns;    /**< Time of its sample 0 since 1970-01-01 00:00 UTC. */
} gen_segment;

/** The whole record. */
typedef struct {
    double bit_ps;          /**< Nominal unit interval in picoseconds. */
    double samples_per_bit; /**< Samples in a nominal unit interval. */
    double spread;          /**< Of the clock, at most, as a fraction; 0: none. */
    double spread_period;   /**< Nominal unit intervals. */
    double sine_amplitude;  /**< Sinusoidal jitter: peak, in nominal unit intervals. */
    double sine_period;     /**< Nominal unit intervals. */
    bool ideal_follows;     /**< The ideal receiver follows the sine. */
    unsigned segments;
    gen_segment *segment;
} gen_record;

/** Lays out the record. @return to be freed with gen_record_free() */
gen_record *gen_record_new(const gen_options *options);

/** By what part of a sample the trigger of the segment @p index comes earlier than GEN_START says.
 */
double gen_trigger_fraction(unsigned index);

/** Seconds from the trigger of the segment @p index to its sample 0. */
double gen_trigger_to_sample(const gen_options *options, unsigned index);

/** Seconds from the trigger of the first segment to that of the segment @p index. */
double gen_trigger_since_first(const gen_options *options, const gen_record *record,
                               unsigned index);

/** Frees; NULL is ignored. */
void gen_record_free(gen_record *record);

/**
 * Nominal unit intervals from sample 0 of @p segment to the line position @p position, on the
 * sender's clock with its spread spectrum, without jitter.
 */
double gen_record_time(const gen_record *record, const gen_segment *segment, double position);

/** By how many nominal unit intervals sinusoidal jitter moves the line position @p position. */
double gen_record_sine(const gen_record *record, double position);

/** gen_record_time() in picoseconds. */
double gen_record_time_ps(const gen_record *record, const gen_segment *segment, double position);

#endif
