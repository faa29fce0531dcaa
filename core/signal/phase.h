/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file phase.h
 * The phase of the edges against a clock of a fixed frequency, window by window.
 *
 * All phases are in unit intervals of that clock. An edge has a phase from 0 to 1; the phase of a
 * window is that of the mean phasor of its edges; and the phases of successive windows are followed
 * over the ends of the unit interval, so that a line with another frequency shows as a slope.
 */
#ifndef SD_PHASE_H
#define SD_PHASE_H

#include <glib.h>
#include <math.h>
#include <stdbool.h>

/** Unit intervals of a window: some eighteen edges. Over fewer, jitter would not be averaged; over
   more, 0.5 % of spread-spectrum clocking and sinusoidal jitter of 30 MHz would smear the edges. */
#define SD_PHASE_WINDOW 32

/** The most that the frequency deviates from that of the clock: 500 ppm, and 0.5 % of
    spread-spectrum clocking. */
#define SD_PHASE_RANGE 6000e-6

/** The edges of a window; all 0 to begin with. */
typedef struct {
    double re, im;
    unsigned edges;
} sd_phase_sum;

/** What a window says. */
typedef struct {
    double phase;  /**< 0 to 1. */
    double weight; /**< As many edges without any jitter would say as much; 0: nothing is known. */
} sd_phase;

/** Follows the phase from window to window; all 0 to begin with. */
typedef struct {
    bool running;
    double phase;     /**< Of the window that was followed last; grows beyond 1 and below 0. */
    double slope;     /**< From window to window. */
    unsigned windows; /**< Followed so far, while the slope is found quickly. */
} sd_phase_track;

/** Adds an edge to a window. @p phase may be any number; whole unit intervals do not count. */
void sd_phase_add(sd_phase_sum *sum, double phase);

/** The mean phase of the edges that were added. */
sd_phase sd_phase_of(const sd_phase_sum *sum);

/** The nearest whole number, for numbers under 2^51: quicker than rint(), which is a call on some
    CPUs. */
static inline double sd_nearest(double x)
{
    const double magic = 0x1.8p52;
    return (x + magic) - magic;
}

/** The phase, moved by whole unit intervals to be the nearest to @p near. */
static inline double sd_phase_near(double phase, double near)
{
    return phase + sd_nearest(near - phase);
}

/** Where the next window is expected. */
static inline double sd_phase_expected(const sd_phase_track *track)
{
    return track->phase + track->slope;
}

/** Shares of the distance between a window's phase and the expected one by which the phase and the
    slope of the track are moved, for a window with many edges. The phase only has to tell whole
    unit intervals apart, also with 0.45 unit intervals of sinusoidal jitter at 30 MHz; the slope
    has to carry over 5000 bits without an edge. */
#define SD_PHASE_GAIN       0.75
#define SD_PHASE_SLOPE_GAIN 0.04
/** ... but for the first windows: the slope is then the mean of what few there are. */
#define SD_PHASE_FIRST 21
/** The weight at which half of the gain holds. */
#define SD_PHASE_HALF_WEIGHT 1.0

/**
 * Goes on by one window.
 *
 * @param track  the track; begins with the first window that has a weight
 * @param window what the window says; with weight 0 the track runs on with its slope
 * @return the phase of the window, the nearest to the one expected
 */
static inline double sd_phase_follow(sd_phase_track *track, sd_phase window)
{
    if (!track->running && window.weight > 0) {
        track->running = true;
        track->phase = window.phase;
        return window.phase;
    }
    const double expected = sd_phase_expected(track);
    const double phase = sd_phase_near(window.phase, expected);
    const double gain = window.weight / (window.weight + SD_PHASE_HALF_WEIGHT);
    track->phase = expected + SD_PHASE_GAIN * gain * (phase - expected);
    double slope_gain = SD_PHASE_SLOPE_GAIN;
    if (track->windows < SD_PHASE_FIRST)
        slope_gain = 1.0 / (track->windows++ + 4);
    track->slope = CLAMP(track->slope + slope_gain * gain * (phase - expected),
                         -SD_PHASE_RANGE * SD_PHASE_WINDOW, SD_PHASE_RANGE * SD_PHASE_WINDOW);
    return phase;
}

#endif
