/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/format.h"

#include <math.h>

#define NS_PER_S  1000000000
#define PS_PER_NS 1000
#define PS_PER_S  (INT64_C(1000000000) * PS_PER_NS)

/** Whole seconds that a 64-bit number of nanoseconds holds, with one second to spare. */
#define SECONDS_MAX (INT64_MAX / NS_PER_S - 1)

/** Splits into whole seconds, kept inside +-SECONDS_MAX, and picoseconds, 0 to PS_PER_S. */
static int64_t split(double seconds, int64_t *picoseconds)
{
    double whole = floor(seconds);
    *picoseconds = llround((seconds - whole) * (double)PS_PER_S);
    return (int64_t)CLAMP(whole, -(double)SECONDS_MAX, (double)SECONDS_MAX);
}

void sd_segment_set_time(sd_segment *segment, int64_t seconds, double fraction)
{
    /* Trigger and start are added as integers: a double of seconds since 1970 has steps of 200 ns.
     */
    int64_t trigger_ps;
    int64_t start_ps;
    int64_t sum = CLAMP(seconds, -SECONDS_MAX, SECONDS_MAX);
    sum += split(fraction, &trigger_ps);
    sum += split(segment->start, &start_ps);
    int64_t ps = trigger_ps + start_ps;
    sum += ps / PS_PER_S;
    ps %= PS_PER_S;
    sum = CLAMP(sum, -SECONDS_MAX, SECONDS_MAX);
    segment->time_ns = sum * NS_PER_S + ps / PS_PER_NS;
    segment->time_ps = (uint32_t)(ps % PS_PER_NS);
}

void sd_waveform_set_file_time(sd_waveform *waveform)
{
    waveform->has_time = false;
    for (size_t c = 0; c < waveform->channels; c++) {
        sd_channel *channel = &waveform->channel[c];
        double passed = waveform->mapping->modified_fraction;
        for (size_t i = 0; i < channel->segments; i++) {
            sd_segment_set_time(&channel->segment[i], waveform->mapping->modified, passed);
            /* One interval more: the starts of the segments may differ by less than that. */
            passed += (double)(channel->segment[i].count + 1) * channel->interval;
        }
    }
}
