/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file simd.h
 * The hot loops, as a table of functions: plain C, and a version per kind of CPU. A test holds each
 * version against the plain C one, to the last bit.
 *
 * The comparisons are written for each kind of CPU (version_*.c). All other loops are written once,
 * in loops.h, and compiled for each (version_*.c): their order of operations is fixed, so that they
 * give the same everywhere.
 */
#ifndef SD_SIMD_H
#define SD_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scopedump/cpu.h"

/** Samples per word of the masks. */
#define SD_MASK_SAMPLES 64
/** Sums over many values are made in so many parts, so that they can be made side by side. */
#define SD_SUM_PARTS 8
/** Room that sd_simd.edges needs behind the edges that it finds. */
#define SD_EDGES_SPARE 6
/** Values that sd_simd.phasors reads behind the edges. */
#define SD_PHASORS_SPARE (3 * SD_SUM_PARTS)
/** Windows of edges that are looked at together, at most. */
#define SD_PHASE_WINDOWS 16
/** Room that sd_simd.middles needs behind the middles that it gives. */
#define SD_MIDDLES_SPARE SD_SUM_PARTS
/** Samples on either side of a place, and in all, that the interpolation of sd_simd.sincs takes,
   and places between two samples for which it has a row of taps, both ends counted. */
#define SD_SINC_REACH  4
#define SD_SINC_TAPS   (2 * SD_SINC_REACH)
#define SD_SINC_PLACES 129

/** How samples stand in memory: one after the other, in the byte order of this computer. */
typedef enum {
    SD_STORED_F32, /**< Finite; scale 1 and offset 0. */
    SD_STORED_S16,
    SD_STORED_U16,
    SD_STORED_S8,
    SD_STORED_U8,
} sd_stored_kind;

#define SD_STORED_KINDS (SD_STORED_U8 + 1)

/** Samples in memory: volts = stored value x scale + offset, in floats. */
typedef struct {
    const void *data; /**< Sample 0; those before it may exist as well. */
    sd_stored_kind kind;
    float scale; /**< Above 0. */
    float offset;
} sd_stored;

/** Levels to compare with, in volts and in codes. */
typedef struct {
    float low, high, middle;
    int32_t low_code, high_code, middle_code; /**< For integers; see sd_levels_make(). */
} sd_levels;

/** Evenly spaced middles of bits, in samples. */
typedef struct {
    double middle; /**< Of the first. */
    double step;
    unsigned count;
} sd_bit_run;

/** The clock that sd_simd.phasors holds edges against; all in unit intervals. */
typedef struct {
    float first;  /**< Where the first window begins. */
    float window; /**< The length of a window. */
    float slope;  /**< By twice as much the clock is late at the end of a window as it is in its
                       middle. */
    float kind;   /**< To be taken off the first, third, ... edge, and added to the others. */
    bool sparse;  /**< Hardly a window has more than 16 edges. */
} sd_phase_clock;

/** Sums over decided bits. */
typedef struct {
    float all;      /**< Volts: of all middles. */
    float ones;     /**< Volts: of those above the threshold. */
    float squares;  /**< Square volts: of the distances from the threshold. */
    float smallest; /**< Volts: the least distance from the threshold that is no weaker than what
                         counts as weak; infinite when there is none. */
} sd_eye_sums;

/** The sides that samples are on, 64 to a word: see sd_simd.sides. */
typedef struct {
    uint64_t *below, *above;
    uint64_t *cross; /**< The sample and the one before it are on different sides of the middle. */
} sd_sides;

/** In the place of the first crossing: there are, or may be, more samples between the sides than a
    word has. */
#define SD_SLOW_EDGE INT32_MIN

/** What is known of edges that were found. */
typedef struct {
    size_t count;
    bool chatter; /**< One has more than one crossing. */
    bool slow;    /**< One has SD_SLOW_EDGE. */
} sd_found_edges;

/** One version of every hot loop. */
typedef struct {
    const char *name; /**< As given to --cpu. */

    /**
     * Compares samples with three levels, 64 samples to a word.
     *
     * @param data   words x 64 samples of the kind, at any alignment
     * @param words  number of mask words to write
     * @param levels the levels
     * @param below  bit i of below[w] is set when sample 64 w + i is below levels->low
     * @param above  ... above levels->high
     * @param over   ... above levels->middle
     */
    void (*sides[SD_STORED_KINDS])(const void *data, size_t words, const sd_levels *levels,
                                   uint64_t *below, uint64_t *above, uint64_t *over);

    /**
     * Finds edges: the signal was beyond one side, and now is beyond the other.
     *
     * @param sides the masks; word 0 is the one before those that are looked at
     * @param words how many words are looked at
     * @param sparse only the edges are wanted whose first sample on the far side lies in the first,
     *              the third, ... word
     * @param base  number of the first sample of word 1
     * @param high  the signal was seen above last; changes
     * @param first receives the number of the sample before the first crossing of each edge; not to
     *              be looked at unless one has several crossings or is slow
     * @param last  ... the last crossing; of a slow edge, of the first sample on the far side; up
     * to SD_EDGES_SPARE values behind them are overwritten
     */
    sd_found_edges (*edges)(const sd_sides *sides, size_t words, bool sparse, int32_t base,
                            bool *high, int32_t *first, int32_t *last);

    /**
     * Where straight lines from samples to the ones behind them cross the threshold.
     *
     * @param samples   the samples
     * @param index     the numbers of samples before crossings, may be negative
     * @param count     how many
     * @param threshold in volts
     * @param base      a whole number that is added to all places
     * @param place     receives the places, in samples
     */
    void (*crossings[SD_STORED_KINDS])(const sd_stored *samples, const int32_t *index, size_t count,
                                       float threshold, double base, double *place);

    /** Places near by in another unit: offset[i] = place[i] x scale - origin */
    void (*offsets)(const double *place, size_t count, double scale, double origin, float *offset);

    /**
     * The phases of edges against a clock, as sums of phasors of length 1 over windows that follow
     * one another.
     *
     * @param offset  the places of edges, in order, in unit intervals, under 2^20; infinity stands
     *                behind the last one, SD_PHASORS_SPARE times; those before the first window
     *                count as in it
     * @param windows how many windows, at most SD_PHASE_WINDOWS
     * @param clock   the clock
     * @param re, im  receive the sums, one for each window
     * @param edges   ... and how many edges it has
     */
    void (*phasors)(const float *offset, size_t windows, const sd_phase_clock *clock, float *re,
                    float *im, float *edges);

    /**
     * The phases of sums of phasors.
     *
     * @param re, im the sums
     * @param edges  of how many phasors each is
     * @param count  how many
     * @param phase  receives the phases, 0 to 1; 0 for a sum of less than two
     * @param weight ... how many phasors of equal phase would say as much
     */
    void (*turns)(const float *re, const float *im, const float *edges, size_t count, float *phase,
                  float *weight);

    /**
     * The samples before the middles of bits, and how far behind them the middles are.
     *
     * @param run      evenly spaced middles
     * @param runs     how many of those
     * @param base     so many samples before sample 0 may the middles lie; a whole number
     * @param index    receives the numbers of the samples
     * @param fraction ... and the fractions of a sample, to 2^-22 of the way from the run's first
     *                 middle; up to SD_MIDDLES_SPARE values behind them are overwritten, here and
     *                 in index
     */
    void (*middles)(const sd_bit_run *run, size_t runs, double base, int32_t *index,
                    float *fraction);

    /**
     * Points on the straight lines from samples to the ones behind them, in volts.
     *
     * @param samples  the samples
     * @param index    the numbers of samples, may be negative
     * @param fraction of the way from sample index[i] to the next; up to SD_MIDDLES_SPARE values
     *                 behind them are read
     * @param count    how many
     * @param out      receives the volts; up to SD_MIDDLES_SPARE values behind them are overwritten
     */
    void (*points[SD_STORED_KINDS])(const sd_stored *samples, const int32_t *index,
                                    const float *fraction, size_t count, float *out);

    /**
     * Points on a curve through eight samples.
     *
     * @param volts    samples; those from index - 3 to index + 4 are read
     * @param index    the numbers of the samples before the points
     * @param fraction how far behind them, in samples
     * @param count    how many
     * @param taps     the weights of the samples, for each place between two of them
     * @param out      receives the volts
     */
    void (*sincs)(const float *volts, const int32_t *index, const float *fraction, size_t count,
                  const float (*taps)[SD_SINC_TAPS], float *out);

    /**
     * Decides bits and sums up their middles.
     *
     * @param middle    the volts of the middles
     * @param count     how many
     * @param threshold in volts
     * @param weak      volts from the threshold under which a bit is weak
     * @param ones      receives the bits that are above the threshold, 64 to a word; 0 behind them
     * @param weaks     ... that are weak
     * @param sums      ... the sums
     */
    void (*eyes)(const float *middle, size_t count, float threshold, float weak, uint64_t *ones,
                 uint64_t *weaks, sd_eye_sums *sums);
} sd_simd;

/** The best version that this CPU has, but none above @p limit. Never NULL. */
const sd_simd *sd_simd_select(sd_cpu limit);

/** The version for exactly @p cpu, or NULL when this CPU (or this build) has it not. */
const sd_simd *sd_simd_exact(sd_cpu cpu);

/** Levels for samples of a kind: a code compares with low_code, high_code and middle_code as its
    volts do with low, high and middle, unless all codes lie on one side of a level. */
sd_levels sd_levels_make(const sd_stored *samples, float low, float high, float middle);

/** Bytes of a sample. */
size_t sd_stored_size(sd_stored_kind kind);

/** The samples from number @p first on. */
sd_stored sd_stored_from(const sd_stored *samples, uint64_t first);

/** Volts of sample @p index. */
float sd_stored_volts(const sd_stored *samples, ptrdiff_t index);

#endif
