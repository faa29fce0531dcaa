/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/clipping.h"

/** Windows of samples that are looked at. */
#define WINDOWS 64
#define WINDOW  4096

/** Samples at the end of the range, as far as they have been seen. */
typedef struct {
    float end; /* the outermost value */
    uint64_t count;
} pile;

/** @p value counts outwards: the larger, the nearer to the end. */
static void add(pile *p, float value)
{
    if (value < p->end)
        return;
    if (value > p->end)
        *p = (pile){.end = value};
    p->count++;
}

double sd_clipping_share(const sd_channel *channel, size_t segment, uint64_t samples)
{
    double first, last;
    if (!sd_channel_code_span(channel, &first, &last))
        return 0;
    samples = MIN(samples, channel->segment[segment].count);
    const uint64_t room = samples > WINDOW ? samples - WINDOW : 0;
    const size_t windows = room >= WINDOWS ? WINDOWS : 1;
    pile low = {.end = -(float)last}, high = {.end = (float)first};
    uint64_t looked_at = 0;
    for (size_t w = 0; w < windows; w++) {
        float volts[WINDOW];
        const size_t n = (size_t)MIN(samples, WINDOW);
        sd_channel_read(channel, segment, room / WINDOWS * w, n, volts);
        for (size_t i = 0; i < n; i++) {
            add(&low, -volts[i]);
            add(&high, volts[i]);
        }
        looked_at += n;
    }
    /* An 8-bit converter in 16-bit samples ends 255 codes before the last: all of its codes but the
       last stay outside this. */
    const double near_end = (last - first) / 256;
    const uint64_t at_low = -(double)low.end <= first + near_end ? low.count : 0;
    const uint64_t at_high = (double)high.end >= last - near_end ? high.count : 0;
    return (double)MAX(at_low, at_high) / (double)looked_at;
}
