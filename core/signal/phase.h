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

/**
 * Goes on by one window.
 *
 * @param track  the track; begins with the first window that has a weight
 * @param window what the window says; with weight 0 the track runs on with its slope
 * @return the phase of the window, the nearest to the one expected
 */
double sd_phase_follow(sd_phase_track *track, sd_phase window);

#endif
