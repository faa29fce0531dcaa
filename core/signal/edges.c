/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/edges.h"

#include <string.h>

/** Mask words that are made at a time. */
#define WORDS 64
#define CHUNK (WORDS * SD_COMPARE_SAMPLES)

/** Which side of the hysteresis the signal was seen on last. */
typedef enum { SIDE_UNKNOWN, SIDE_LOW, SIDE_HIGH } side;

struct sd_edges {
    const sd_simd *simd;
    side side;
};

sd_edges *sd_edges_new(const sd_simd *simd)
{
    sd_edges *edges = g_new0(sd_edges, 1);
    edges->simd = simd;
    return edges;
}

void sd_edges_free(sd_edges *edges)
{
    g_free(edges);
}

/** Where the straight line from sample i - 1 to sample i crosses the threshold. */
static double crossing(const float *volts, ptrdiff_t i, float threshold)
{
    /* in doubles: the difference of two floats may be too large for one */
    const double before = (double)volts[i - 1], after = (double)volts[i];
    return (double)(i - 1) + ((double)threshold - before) / (after - before);
}

/**
 * The place of the edge whose first sample beyond the far side is @p end: goes back to the last
 * sample beyond the near side and takes the mean of the first and last crossing between the two.
 */
static double edge_place(const sd_samples *block, ptrdiff_t end, bool rising, float threshold,
                         float half)
{
    const float *volts = block->volts;
    const float sign = rising ? 1.0F : -1.0F;
    double first = 0, last = 0;
    bool found = false;
    for (ptrdiff_t i = end; i > -(ptrdiff_t)block->history; i--) {
        const bool here = sign * (volts[i] - threshold) > 0;
        const bool before = sign * (volts[i - 1] - threshold) > 0;
        if (here != before) {
            first = crossing(volts, i, threshold);
            if (!found)
                last = first;
            found = true;
        }
        if (sign * (volts[i - 1] - threshold) < -half)
            break;
    }
    return found ? (first + last) / 2 : (double)end;
}

void sd_edges_push(sd_edges *edges, const sd_samples *block, float threshold, float half,
                   GArray *found)
{
    uint64_t below[WORDS], above[WORDS];
    float tail[SD_COMPARE_SAMPLES];

    for (size_t base = 0; base < block->count; base += CHUNK) {
        const size_t count = MIN(block->count - base, CHUNK);
        const size_t whole = count / SD_COMPARE_SAMPLES;
        const size_t rest = count % SD_COMPARE_SAMPLES;
        const float *volts = block->volts + base;
        edges->simd->compare(volts, whole, threshold - half, threshold + half, below, above);
        if (rest > 0) {
            for (size_t i = 0; i < SD_COMPARE_SAMPLES; i++)
                tail[i] = threshold;
            memcpy(tail, volts + whole * SD_COMPARE_SAMPLES, rest * sizeof *tail);
            edges->simd->compare(tail, 1, threshold - half, threshold + half, below + whole,
                                 above + whole);
        }

        guint edges_found = found->len;
        g_array_set_size(found, edges_found + (guint)count); /* more there cannot be */
        sd_position *places = (sd_position *)(void *)found->data;
        for (size_t w = 0; w < whole + (rest > 0); w++) {
            uint64_t todo = ~(uint64_t)0;
            for (;;) {
                uint64_t next = todo;
                switch (edges->side) {
                case SIDE_UNKNOWN:
                    next &= below[w] | above[w];
                    break;
                case SIDE_LOW:
                    next &= above[w];
                    break;
                case SIDE_HIGH:
                    next &= below[w];
                    break;
                }
                if (next == 0)
                    break;
                const int bit = __builtin_ctzll(next);
                const bool rising = above[w] >> bit & 1;
                if (edges->side != SIDE_UNKNOWN) {
                    const ptrdiff_t at = (ptrdiff_t)(base + w * SD_COMPARE_SAMPLES) + bit;
                    places[edges_found++] = sd_position_make(
                        block->first, edge_place(block, at, rising, threshold, half));
                }
                edges->side = rising ? SIDE_HIGH : SIDE_LOW;
                todo = bit == 63 ? 0 : ~(uint64_t)0 << (bit + 1);
            }
        }
        g_array_set_size(found, edges_found);
    }
}
