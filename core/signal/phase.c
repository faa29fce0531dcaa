/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/phase.h"

#include <glib.h>

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
