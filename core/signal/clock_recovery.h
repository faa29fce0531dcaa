/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file clock_recovery.h
 * Recovers the bit clock from the edges and decides each bit in the middle of the eye.
 *
 * The edges' phase is found window by window (phase.h) and smoothed over the windows before and
 * behind: the clock looks ahead, so that it neither lags behind spread spectrum and sinusoidal
 * jitter nor follows random jitter. Where the signal is gone (no edges, or samples near the
 * threshold) the clock runs on with the frequency that it had, so that the bit count survives.
 */
#ifndef SD_CLOCK_RECOVERY_H
#define SD_CLOCK_RECOVERY_H

#include <glib.h>

#include "signal/bits.h"
#include "signal/decision.h"
#include "signal/level.h"
#include "signal/phase.h"
#include "signal/samples.h"

/** Recovers the clock; one for each segment. */
typedef struct sd_clock_recovery sd_clock_recovery;

/** A stretch without signal. */
typedef struct {
    sd_position from, to; /**< to is the last bit seen while it still lasts. */
    bool over;            /**< The signal is back. */
} sd_signal_gap;

/** What the clock begins with. */
typedef struct {
    double period;  /**< Samples per unit interval. */
    double stagger; /**< Unit intervals by which the falling edges come later than the rising ones
                         let expect. */
    bool track;     /**< The threshold follows the baseline; false when the user gave it. */
    bool sparse;    /**< The edges are sparse (edges.h); stagger does not count then. */
    bool hurried;   /**< The windows are half as long: jitter may then be twice as fast, but less of
                         it is averaged. */
    sd_interpolation interpolation;
} sd_clock_settings;

/** Unit intervals of a window (phase.h). */
static inline double sd_clock_window(const sd_clock_settings *settings)
{
    return settings->hurried ? SD_PHASE_WINDOW / 2.0 : SD_PHASE_WINDOW;
}

/** What the clock saw; times in unit intervals. */
typedef struct {
    uint64_t bits;        /**< Bits given out. */
    uint64_t edges;       /**< Edges that the clock followed. */
    double jitter_rms;    /**< Root mean square of the edges' distance from the recovered clock. */
    double period;        /**< Samples per unit interval, mean over all bits given out. */
    double eye;           /**< Volts: mean distance of the bits' middles from the threshold, ... */
    double eye_deviation; /**< ... and its standard deviation, while the signal was there. */
    double smallest_eye;  /**< Volts: least distance of a bit's middle from the threshold, while the
                               signal was there. */
    sd_position first;    /**< Beginning of the first bit. */
    uint64_t gaps;        /**< Stretches without signal. */
} sd_clock_statistics;

/**
 * @param simd     the hot loops
 * @param level    the levels of the line
 * @param settings copied
 * @return a new context, to be freed with sd_clock_recovery_free()
 */
sd_clock_recovery *sd_clock_recovery_new(const sd_simd *simd, const sd_level *level,
                                         const sd_clock_settings *settings);
void sd_clock_recovery_free(sd_clock_recovery *clock);

/** Samples before a block that the clock may look at, for @p period samples per unit interval. */
size_t sd_clock_recovery_history(double period);

/**
 * Takes a block with its edges (512 unit intervals or more, but for the last one of a segment, so
 * that the first phase rests on enough edges) and gives the bits that are certain by now. No bit is
 * given before the first edges; they then reach back to the beginning of their block.
 *
 * @param clock the context
 * @param block the samples, with at least sd_clock_recovery_history() samples before them but for
 *              the first block of the segment
 * @param edges array of double: what the call before has left in it, and behind that the edges
 * found in this block, in order, in samples from the segment's first. Those that are not needed any
 * more are taken out
 * @param rises the first one of this block is rising
 * @param words array of sd_bit_word, to which words are appended
 * @param gaps  array of sd_signal_gap, to which the stretches that ended are appended, and with the
 *              last block one that did not
 */
void sd_clock_recovery_push(sd_clock_recovery *clock, const sd_samples *block, GArray *edges,
                            bool rises, GArray *words, GArray *gaps);

/** Gives the bits that do not make a whole word yet as a shorter one. */
void sd_clock_recovery_flush(sd_clock_recovery *clock, GArray *words);

/** The samples of the segment after which the clock has given all bits up to the middle of window
    @p window, and none behind. */
uint64_t sd_clock_recovery_samples(const sd_clock_settings *settings, uint64_t window);

/** Where the clock stands. */
typedef struct {
    bool locked;      /**< It gives bits, and the signal is there. */
    int64_t window;   /**< It has come to the middle of this window. */
    double phase;     /**< There: unit intervals, against the period that it began with. */
    double slope;     /**< ... by which that grows from window to window. */
    double to_middle; /**< Bits from there to the middle of the next bit. */
    float threshold;  /**< Volts. */
    float eye;        /**< Volts: the height of the eye. */
} sd_clock_place;

sd_clock_place sd_clock_recovery_place(const sd_clock_recovery *clock);

/** Begins anew to make words and figures; the clock goes on. */
void sd_clock_recovery_begin(sd_clock_recovery *clock);

/** The threshold in volts, as it follows the baseline. */
float sd_clock_recovery_threshold(const sd_clock_recovery *clock);

/** What statistics are made of: these can be added up. */
typedef struct {
    uint64_t bits, edges, gaps;
    uint64_t squared; /**< Edges whose distance from the clock was taken, ... */
    double squares;   /**< ... and the sum of the squares of that. */
    uint64_t eye_bits;
    double eye_sum, eye_squares, smallest_eye;
    sd_position first, end; /**< Begin of the first bit, end of the last. */
} sd_clock_figures;

/** The figures so far; valid until the clock is pushed again. */
const sd_clock_figures *sd_clock_recovery_figures(const sd_clock_recovery *clock);

/** Adds the figures of the bits that follow. */
void sd_clock_figures_add(sd_clock_figures *sum, const sd_clock_figures *more);
sd_clock_statistics sd_clock_figures_statistics(const sd_clock_figures *figures);

#endif
