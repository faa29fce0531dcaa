/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/phase.h"

#include <glib.h>

/** Shares of the distance between a window's phase and the expected one by which the phase and the
    slope of the track are moved, for a window with many edges. The phase only has to tell whole
   unit intervals apart, also with 0.45 unit intervals of sinusoidal jitter at 30 MHz; the slope has
   to carry over 5000 bits without an edge. */
#define PHASE_GAIN 0.75
#define SLOPE_GAIN 0.04
/** ... but for the first windows: the slope is then the mean of what few there are. */
#define SLOPE_GAIN_FIRST(windows) (1.0 / ((windows) + 4))
/** The weight at which half of the gain holds. */
#define HALF_WEIGHT 1.0

void sd_phase_add(sd_phase_sum *sum, double phase)
{
    sum->re += cos(2 * G_PI * phase);
    sum->im += sin(2 * G_PI * phase);
    sum->edges++;
}

sd_phase sd_phase_of(const sd_phase_sum *sum)
{
    const double n = sum->edges;
    if (sum->edges < 2)
        return (sd_phase){0, 0};
    const double phase = atan2(sum->im, sum->re) / (2 * G_PI);
    /* The square of the phasor's length, without what edges at random places would make of it. */
    const double coherence = (sum->re * sum->re + sum->im * sum->im - n) / (n * (n - 1));
    return (sd_phase){phase - floor(phase), n * MAX(coherence, 0)};
}

double sd_phase_follow(sd_phase_track *track, sd_phase window)
{
    if (!track->running && window.weight > 0) {
        track->running = true;
        track->phase = window.phase;
        return window.phase;
    }
    const double expected = sd_phase_expected(track);
    const double phase = sd_phase_near(window.phase, expected);
    const double gain = window.weight / (window.weight + HALF_WEIGHT);
    track->phase = expected + PHASE_GAIN * gain * (phase - expected);
    const double slope_gain = MAX(SLOPE_GAIN, SLOPE_GAIN_FIRST(track->windows));
    track->windows += slope_gain > SLOPE_GAIN;
    track->slope = CLAMP(track->slope + slope_gain * gain * (phase - expected),
                         -SD_PHASE_RANGE * SD_PHASE_WINDOW, SD_PHASE_RANGE * SD_PHASE_WINDOW);
    return phase;
}
