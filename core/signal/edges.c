/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/edges.h"

#include <string.h>

/** Mask words that are made at a time. */
#define WORDS 64
#define CHUNK (WORDS * SD_MASK_SAMPLES)
/** Bytes that come from memory at a time, or some more. */
#define CACHE_LINE 64
/** Bytes of a sample, at most. */
#define SAMPLE_MOST 4

/** Which sides the samples of a chunk are on, and those of the 64 samples before it, in word 0. */
typedef struct {
    uint64_t below[WORDS + 1], above[WORDS + 1]; /* beyond the hysteresis */
    uint64_t cross[WORDS + 1]; /* on the other side of the threshold than the sample before */
} sides;

struct sd_edges {
    const sd_simd *simd;
    bool sparse;
    bool known, high; /* the side that the signal was seen on last */
    sides sides;
    /* of the edges of a chunk: the samples before the first and the last crossing */
    int32_t first[CHUNK], last[CHUNK + SD_EDGES_SPARE];
    double other[CHUNK];
};

sd_edges *sd_edges_new(const sd_simd *simd, bool sparse)
{
    sd_edges *edges = g_new0(sd_edges, 1);
    edges->simd = simd;
    edges->sparse = sparse;
    return edges;
}

void sd_edges_free(sd_edges *edges)
{
    g_free(edges);
}

/** Where the straight line from sample i - 1 to sample i crosses the threshold. */
static double crossing(const sd_samples *block, ptrdiff_t i, float threshold)
{
    const float before = sd_stored_volts(&block->stored, i - 1);
    const float after = sd_stored_volts(&block->stored, i);
    return (double)(block->first + i - 1) + (double)((threshold - before) / (after - before));
}

/**
 * The place of a slow edge whose first sample beyond the far side is @p end: goes back to the last
 * sample beyond the near side and takes the mean of the first and last crossing between the two.
 */
static double slow_edge_place(const sd_samples *block, ptrdiff_t end, float threshold, float half)
{
    const float sign = sd_stored_volts(&block->stored, end) > threshold ? 1.0F : -1.0F;
    double first = 0, last = 0;
    bool found = false;
    for (ptrdiff_t i = end; i > -(ptrdiff_t)block->history; i--) {
        const float volts = sd_stored_volts(&block->stored, i);
        const float before = sd_stored_volts(&block->stored, i - 1);
        if ((volts > threshold) != (before > threshold)) {
            first = crossing(block, i, threshold);
            if (!found)
                last = first;
            found = true;
        }
        if (sign * (before - threshold) < -half)
            break;
    }
    return found ? (first + last) / 2 : (double)(block->first + end);
}

/** Makes the masks of @p count samples, at most a word of them, so that they stand in the bits from
    @p shift on; the others come out on no side. */
static void look_at_part(const sd_edges *edges, const sd_stored *samples, const uint8_t *data,
                         size_t count, size_t shift, const sd_levels *levels, uint64_t *below,
                         uint64_t *above, uint64_t *over)
{
    const size_t size = sd_stored_size(samples->kind);
    uint8_t part[SD_MASK_SAMPLES * SAMPLE_MOST] = {0};
    memcpy(part + shift * size, data, count * size);
    edges->simd->sides[samples->kind](part, 1, levels, below, above, over);
    const uint64_t there = count < SD_MASK_SAMPLES
                               ? (((uint64_t)1 << count) - 1) << shift % SD_MASK_SAMPLES
                               : ~(uint64_t)0;
    *below &= there;
    *above &= there;
    *over &= there;
}

/** Makes the masks of @p count samples from number @p from on. */
static void look(sd_edges *edges, const sd_samples *block, const sd_levels *levels, size_t from,
                 size_t count)
{
    sides *s = &edges->sides;
    const sd_stored *samples = &block->stored;
    const size_t size = sd_stored_size(samples->kind);
    const uint8_t *data = (const uint8_t *)samples->data + from * size;
    const size_t whole = count / SD_MASK_SAMPLES, rest = count % SD_MASK_SAMPLES;
    const size_t behind = MIN(from + block->history, SD_MASK_SAMPLES);
    edges->simd->sides[samples->kind](data, whole, levels, s->below + 1, s->above + 1,
                                      s->cross + 1);
    if (rest > 0)
        look_at_part(edges, samples, data + whole * SD_MASK_SAMPLES * size, rest, 0, levels,
                     s->below + 1 + whole, s->above + 1 + whole, s->cross + 1 + whole);
    look_at_part(edges, samples, data - behind * size, behind, SD_MASK_SAMPLES - behind, levels,
                 s->below, s->above, s->cross);

    /* "above the threshold" becomes "crossed the threshold" */
    uint64_t before = s->cross[0];
    s->cross[0] ^= s->cross[0] << 1;
    if (behind == 0)
        before = s->cross[1] << 63; /* the very first sample has crossed nothing */
    else
        s->cross[0] &= ~((uint64_t)1 << (SD_MASK_SAMPLES - behind)); /* nor has this one */
    for (size_t w = 1; w <= whole + (rest > 0); w++) {
        const uint64_t over = s->cross[w];
        s->cross[w] = over ^ (over << 1 | before >> 63);
        before = over;
    }
}

/** Has the samples behind number @p from fetched while the ones before are worked on; nothing
   happens where there are none. */
static void fetch_ahead(const sd_samples *block, size_t from)
{
    const size_t size = sd_stored_size(block->stored.kind);
    const uint8_t *begin = (const uint8_t *)block->stored.data + from * size;
    for (size_t at = 0; at < CHUNK * size; at += CACHE_LINE)
        __builtin_prefetch(begin + at, 0, 2);
}

/** Gives the places of the edges that were found. */
static void give_places(sd_edges *edges, const sd_samples *block, const sd_found_edges *which,
                        float threshold, float half, double *place)
{
    const sd_simd *simd = edges->simd;
    const sd_stored *samples = &block->stored;
    const size_t count = which->count;
    const double base = (double)block->first;
    if (which->slow) { /* the signal is slow: edges are few */
        for (size_t i = 0; i < count; i++) {
            if (edges->first[i] == SD_SLOW_EDGE)
                place[i] = slow_edge_place(block, edges->last[i], threshold, half);
            else
                place[i] = (crossing(block, edges->first[i] + 1, threshold) +
                            crossing(block, edges->last[i] + 1, threshold)) /
                           2;
        }
        return;
    }
    simd->crossings[samples->kind](samples, edges->last, count, threshold, base, place);
    if (!which->chatter)
        return;
    simd->crossings[samples->kind](samples, edges->first, count, threshold, base, edges->other);
    for (size_t i = 0; i < count; i++)
        place[i] = (place[i] + edges->other[i]) / 2;
}

/** Finds out on which side the signal is, from the first sample that is on one; false when there is
    none. */
static bool find_side(sd_edges *edges, size_t words)
{
    const sides *s = &edges->sides;
    for (size_t w = 1; w <= words && !edges->known; w++) {
        const uint64_t both = s->below[w] | s->above[w];
        if (both == 0)
            continue;
        edges->known = true;
        edges->high = s->above[w] >> __builtin_ctzll(both) & 1;
    }
    return edges->known;
}

bool sd_edges_push(sd_edges *edges, const sd_samples *block, float threshold, float half,
                   GArray *found)
{
    const sd_levels levels =
        sd_levels_make(&block->stored, threshold - half, threshold + half, threshold);
    const guint before = found->len;
    bool first_rises = false;
    for (size_t base = 0; base < block->count; base += CHUNK) {
        const size_t count = MIN(block->count - base, CHUNK);
        const size_t words = (count + SD_MASK_SAMPLES - 1) / SD_MASK_SAMPLES;
        look(edges, block, &levels, base, count);
        fetch_ahead(block, base + count);
        if (!find_side(edges, words))
            continue;
        const bool rises = !edges->high;
        const sd_sides masks = {edges->sides.below, edges->sides.above, edges->sides.cross};
        const sd_found_edges which = edges->simd->edges(&masks, words, edges->sparse, (int32_t)base,
                                                        &edges->high, edges->first, edges->last);
        if (which.count == 0)
            continue;
        if (found->len == before)
            first_rises = rises;
        const guint at = found->len;
        g_array_set_size(found, at + (guint)which.count);
        give_places(edges, block, &which, threshold, half, &g_array_index(found, double, at));
    }
    return first_rises;
}
