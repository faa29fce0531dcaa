/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file loops.h
 * The loops of simd.h that are the same for every kind of CPU. A file that defines SD_LOOPS(name),
 * the name of a function in its version, and SD_LANES, how many numbers of 32 bits the CPU's
 * vectors hold, 4 or 8, includes this, and is compiled for its CPU. Sums are made in SD_SUM_PARTS
 * parts, and no operation may be contracted (-ffp-contract=off), so that all versions give the same
 * to the last bit.
 */
#include <math.h>
#include <string.h>

#include "simd/simd.h"

/** The 64 samples up to sample @p bit of word @p w; that one comes last, in bit 63. */
static inline uint64_t SD_LOOPS(up_to)(const uint64_t *mask, size_t w, unsigned bit)
{
    return mask[w] << (63 - bit) | mask[w - 1] >> bit >> 1;
}

/** The bits of @p mask behind the last one that is set in @p other. */
static inline uint64_t SD_LOOPS(behind)(uint64_t mask, uint64_t other)
{
    return other == 0 ? mask : mask & ~(~(uint64_t)0 >> __builtin_clzll(other));
}

/** No crossing in word @p w that may belong to an edge in the next one. */
static inline bool SD_LOOPS(settled)(const sd_sides *s, size_t w, uint64_t side)
{
    const uint64_t near = side ? s->above[w] : s->below[w];
    return near != 0 && SD_LOOPS(behind)(s->cross[w], near) == 0;
}

static sd_found_edges SD_LOOPS(edges)(const sd_sides *s, size_t words, bool sparse, int32_t base,
                                      bool *high, int32_t *restrict first, int32_t *restrict last)
{
    size_t found = 0;
    uint64_t several = 0;
    bool slow = false;
    uint64_t side = *high;
    bool settled = SD_LOOPS(settled)(s, 0, side);
    bool apart = false; /* first may differ from last */
    for (size_t w = 1; w <= words; w++, base += SD_MASK_SAMPLES) {
        /* Each sample is on the side of the one before unless it is beyond the other: the carry of
           an addition runs through the samples in the same way. */
        const uint64_t above = s->above[w], stays = ~s->below[w];
        const uint64_t before = stays ^ above ^ (stays + above + side); /* of the sample before */
        const uint64_t now = above | (stays & before);
        side = now >> 63;
        /* Each edge has a crossing, behind the edge before it. With as many crossings as edges each
           has one alone: nearly always so. */
        const uint64_t edges = now ^ before;
        if ((edges | s->cross[w]) == 0)
            continue;
        if (sparse && w % 2 == 0) {
            settled = SD_LOOPS(settled)(s, w, side);
            continue;
        }
        const uint64_t open = SD_LOOPS(behind)(s->cross[w], edges);
        uint64_t single = s->cross[w] ^ open;
        const int count = __builtin_popcountll(edges);
        if (settled && __builtin_popcountll(single) == count) {
            for (int done = 0; done < count; done += SD_EDGES_SPARE) {
                for (size_t i = 0; i < SD_EDGES_SPARE; i++, single &= single - 1) {
                    const int32_t bit = __builtin_ctzll(single | (uint64_t)1 << 63);
                    last[found + (size_t)done + i] = base + bit - 1;
                }
            }
            if (apart)
                memcpy(first + found, last + found, (size_t)count * sizeof *first);
            found += (size_t)count;
            settled = open == 0;
            continue;
        }
        settled = SD_LOOPS(settled)(s, w, side);
        for (uint64_t todo = edges; todo != 0; todo &= todo - 1, found++) {
            const unsigned bit = (unsigned)__builtin_ctzll(todo);
            const bool rising = now >> bit & 1;
            const uint64_t near = SD_LOOPS(up_to)(rising ? s->below : s->above, w, bit);
            const uint64_t cross = SD_LOOPS(up_to)(s->cross, w, bit);
            /* the crossings behind the last sample on the near side */
            const uint64_t mine = near != 0 ? SD_LOOPS(behind)(cross, near) : 0;
            const bool one = mine != 0 && (mine & (mine - 1)) == 0;
            if (!one && !apart) {
                memcpy(first, last, found * sizeof *first);
                apart = true;
            }
            if (mine != 0) {
                last[found] = base + (int32_t)bit - 1 - __builtin_clzll(mine);
                first[found] = base + (int32_t)bit - 64 + __builtin_ctzll(mine);
                several |= mine & (mine - 1);
            } else {
                last[found] = base + (int32_t)bit;
                first[found] = SD_SLOW_EDGE;
                slow = true;
            }
        }
    }
    *high = side;
    return (sd_found_edges){.count = found, .chatter = several != 0, .slow = slow};
}

static void SD_LOOPS(offsets)(const double *restrict place, size_t count, double scale,
                              double origin, float *restrict offset)
{
    for (size_t i = 0; i < count; i++)
        offset[i] = (float)(place[i] * scale - origin);
}

typedef float SD_LOOPS(floats) __attribute__((vector_size(SD_LANES * sizeof(float))));
typedef int32_t SD_LOOPS(masks) __attribute__((vector_size(SD_LANES * sizeof(int32_t))));

/** Vectors that hold the parts of a sum. */
#define SD_VECTORS (SD_SUM_PARTS / SD_LANES)

/** The numbers of the lanes. */
#if SD_LANES == 4
#define SD_LANE_NUMBERS                                                                            \
    {                                                                                              \
        0, 1, 2, 3                                                                                 \
    }
#else
#define SD_LANE_NUMBERS                                                                            \
    {                                                                                              \
        0, 1, 2, 3, 4, 5, 6, 7                                                                     \
    }
#endif

/** What is left of @p v where @p mask is set. */
#define SD_WHERE(mask, v) ((SD_LOOPS(floats))((mask) & (SD_LOOPS(masks))(v)))
/** @p v where @p mask is set, and @p w elsewhere. */
#define SD_EITHER(mask, v, w)                                                                      \
    ((SD_LOOPS(floats))(((mask) & (SD_LOOPS(masks))(v)) | (~(mask) & (SD_LOOPS(masks))(w))))

/** Which masks are set, the first in bit 0; the file that includes this defines it. */
static inline uint64_t SD_LOOPS(which)(const SD_LOOPS(masks) * mask);

/** The sine of phases from -0.5 to 0.5: two parabolas, bent once more; a thousandth off at most.
 */
static inline void SD_LOOPS(make_sine)(SD_LOOPS(floats) * phase)
{
    const SD_LOOPS(floats) size = SD_WHERE(INT32_MAX, *phase);
    const SD_LOOPS(floats) parabola = *phase * (8 - 16 * size);
    *phase = parabola + 0.225F * (parabola * SD_WHERE(INT32_MAX, parabola) - parabola);
}

/** Floats at any address. */
typedef float SD_LOOPS(loose_floats)
    __attribute__((vector_size(SD_LANES * sizeof(float)), aligned(sizeof(float)), may_alias));
#define SD_FLOATS_AT(floats) (*(const SD_LOOPS(loose_floats) *)(floats))

typedef float SD_LOOPS(quads) __attribute__((vector_size(SD_SUM_PARTS / 2 * sizeof(float))));

/** Four floats at any address. */
typedef float SD_LOOPS(loose_quads) __attribute__((vector_size(SD_SUM_PARTS / 2 * sizeof(float)),
                                                   aligned(sizeof(float)), may_alias));
#define SD_QUADS_AT(floats) (*(const SD_LOOPS(loose_quads) *)(floats))

static inline float SD_LOOPS(sum_of_quads)(SD_LOOPS(quads) q)
{
    return (q[0] + q[2]) + (q[1] + q[3]);
}

static inline float SD_LOOPS(sum_of)(const SD_LOOPS(floats) parts[SD_VECTORS])
{
    SD_LOOPS(quads) half[2];
    memcpy(half, parts, sizeof half);
    return SD_LOOPS(sum_of_quads)(half[0] + half[1]);
}

/** Values of two vectors, one after the other, by their numbers. */
#ifdef __clang__
#define SD_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t SD_LOOPS(numbers) __attribute__((vector_size(SD_SUM_PARTS / 2 * sizeof(float))));
#define SD_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (SD_LOOPS(numbers)){__VA_ARGS__})
#endif

/* The edges of nearly every window fit in a few vectors, the usual ones: those are always taken,
   since a loop whose end CPUs cannot foresee costs more. */

/** How many of the next edges lie before @p limit. */
static inline __attribute__((always_inline)) int32_t SD_LOOPS(edges_before)(const float *offset,
                                                                            float limit, int usual)
{
    const float *from = offset;
    int32_t count = 0;
    do {
        for (int k = 0; k < usual * SD_VECTORS; k++, from += SD_LANES) {
            const SD_LOOPS(masks) less = SD_FLOATS_AT(from) < limit;
            count += __builtin_popcountll(SD_LOOPS(which)(&less));
        }
    } while (from[-1] < limit);
    return count;
}

static inline __attribute__((always_inline)) void
SD_LOOPS(phasors_of)(const float *restrict offset, size_t windows, const sd_phase_clock *clock,
                     int usual, float *restrict re, float *restrict im, float *restrict edges)
{
    const float magic = 0x1.8p23F; /* added and taken off: the nearest whole number */
    const float slope = clock->slope / clock->window;
    const SD_LOOPS(floats) one = 1 + (SD_LOOPS(floats)){0};
    const SD_LOOPS(masks) lane = SD_LANE_NUMBERS;
    int32_t end[SD_PHASE_WINDOWS] = {0};    /* the first edge behind each window */
    SD_LOOPS(floats) kinds[2] = {{0}, {0}}; /* from an even or an odd edge on */
    for (size_t k = 0; k < SD_LANES; k++) {
        kinds[k % 2][k] = -clock->kind;
        kinds[1 - k % 2][k] = clock->kind;
    }
    for (size_t w = 0; w < windows; w++) {
        const int32_t from = w > 0 ? end[w - 1] : 0;
        const float limit = clock->first + (float)(w + 1) * clock->window;
        end[w] = from + SD_LOOPS(edges_before)(offset + from, limit, usual);
    }
    for (size_t w = 0; w < windows; w++) {
        const int32_t from = w > 0 ? end[w - 1] : 0, until = end[w];
        const float middle = clock->first + ((float)w + 0.5F) * clock->window;
        const SD_LOOPS(floats) kind = kinds[from % 2];
        SD_LOOPS(floats) sum_re[SD_VECTORS] = {{0}}, sum_im[SD_VECTORS] = {{0}};
        int32_t at = from;
        do {
            for (int k = 0; k < usual * SD_VECTORS; k++, at += SD_LANES) {
                const SD_LOOPS(floats) x = SD_FLOATS_AT(offset + at);
                const SD_LOOPS(masks) inside = lane < until - at;
                const SD_LOOPS(floats) place = x - slope * (x - middle) + kind;
                SD_LOOPS(floats) sine = place - ((place + magic) - magic);
                SD_LOOPS(floats) cosine = sine + 0.25F;
                cosine -= SD_WHERE(cosine > 0.5F, one);
                SD_LOOPS(make_sine)(&sine);
                SD_LOOPS(make_sine)(&cosine);
                sum_re[k % SD_VECTORS] += SD_WHERE(inside, cosine);
                sum_im[k % SD_VECTORS] += SD_WHERE(inside, sine);
            }
        } while (at < until);
        re[w] = SD_LOOPS(sum_of)(sum_re);
        im[w] = SD_LOOPS(sum_of)(sum_im);
        edges[w] = (float)(until - from);
    }
}

static void SD_LOOPS(phasors)(const float *restrict offset, size_t windows,
                              const sd_phase_clock *clock, float *restrict re, float *restrict im,
                              float *restrict edges)
{
    if (clock->sparse)
        SD_LOOPS(phasors_of)(offset, windows, clock, 2, re, im, edges);
    else
        SD_LOOPS(phasors_of)(offset, windows, clock, 3, re, im, edges);
}

static void SD_LOOPS(turns)(const float *restrict re, const float *restrict im,
                            const float *restrict edges, size_t count, float *restrict phase,
                            float *restrict weight)
{
    for (size_t i = 0; i < count; i++) {
        const float x = fabsf(re[i]), y = fabsf(im[i]);
        const float longer = x > y ? x : y, shorter = x > y ? y : x;
        const float r = shorter / (longer > 1e-20F ? longer : 1e-20F), r2 = r * r;
        /* the arc tangent in turns, for 0 to 1; two millionths of a turn off at most */
        float turn =
            r * (0.15915132F +
                 r2 * (-0.05293836F +
                       r2 * (0.03080335F +
                             r2 * (-0.01853087F + r2 * (0.00838004F + r2 * -0.00186549F)))));
        turn = y > x ? 0.25F - turn : turn;
        turn = re[i] < 0 ? 0.5F - turn : turn;
        turn = im[i] < 0 ? 1 - turn : turn;
        /* The square of the phasor's length, without what edges at random places would make of
           it. */
        const float n = edges[i], pairs = n * (n - 1);
        const float coherence = (re[i] * re[i] + im[i] * im[i] - n) / (pairs > 1 ? pairs : 1);
        const float w = n * (coherence > 0 ? coherence : 0);
        phase[i] = n < 2 ? 0 : turn;
        weight[i] = n < 2 ? 0 : w;
    }
}

static void SD_LOOPS(middles)(const sd_bit_run *run, size_t runs, double base,
                              int32_t *restrict index, float *restrict fraction)
{
    const SD_LOOPS(floats) lane = SD_LANE_NUMBERS;
    for (size_t k = 0; k < runs; k++) {
        const double first = run[k].middle + base;
        const int32_t whole = (int32_t)first, less = whole - (int32_t)base;
        const float from = (float)(first - (double)whole), step = (float)run[k].step;
        SD_LOOPS(floats) bit = lane;
        for (unsigned i = 0; i < run[k].count; i += SD_LANES, bit += SD_LANES) {
            const SD_LOOPS(floats) at = from + bit * step;
            const SD_LOOPS(masks) samples = __builtin_convertvector(at, SD_LOOPS(masks));
            const SD_LOOPS(floats) rest = at - __builtin_convertvector(samples, SD_LOOPS(floats));
            const SD_LOOPS(masks) number = less + samples;
            memcpy(index + i, &number, sizeof number);
            memcpy(fraction + i, &rest, sizeof rest);
        }
        index += run[k].count;
        fraction += run[k].count;
    }
}

/* Samples are loaded in pairs, each as one number, many before they are converted: the one cannot
   be done in vectors, and no CPU likes to load as a vector what was stored in parts a moment
   before. Samples need not be aligned. */

/** Pairs that are loaded before they are converted. */
#define SD_PAIRS 64

typedef uint32_t SD_LOOPS(codes) __attribute__((vector_size(SD_LANES * sizeof(uint32_t))));
typedef uint64_t SD_LOOPS(wide_codes) __attribute__((vector_size(SD_LANES * sizeof(uint64_t))));

/* How far to the left the first and the second sample of a pair, of so many bits each, must go to
   stand in the highest bits of so many. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SD_FIRST(all, bits)  ((all) - (bits))
#define SD_SECOND(all, bits) ((all)-2 * (bits))
#else
#define SD_FIRST(all, bits)  ((all)-2 * (bits))
#define SD_SECOND(all, bits) ((all) - (bits))
#endif

/** The volts of a vector of pairs of integers; @p vector has numbers with or without a sign. */
#define SD_DEFINE_VOLTS(kind, bits, vector)                                                        \
    static inline void SD_LOOPS(volts_##kind)(const sd_stored *samples, const uint32_t *pairs,     \
                                              SD_LOOPS(floats) * a, SD_LOOPS(floats) * b)          \
    {                                                                                              \
        SD_LOOPS(vector) pair;                                                                     \
        memcpy(&pair, pairs, sizeof pair);                                                         \
        const SD_LOOPS(vector) first = pair << SD_FIRST(32, bits) >> (32 - (bits));                \
        const SD_LOOPS(vector) second = pair << SD_SECOND(32, bits) >> (32 - (bits));              \
        *a = __builtin_convertvector((SD_LOOPS(masks))first, SD_LOOPS(floats));                    \
        *b = __builtin_convertvector((SD_LOOPS(masks))second, SD_LOOPS(floats));                   \
        *a = *a * samples->scale + samples->offset;                                                \
        *b = *b * samples->scale + samples->offset;                                                \
    }

SD_DEFINE_VOLTS(s16, 16, masks)
SD_DEFINE_VOLTS(u16, 16, codes)
SD_DEFINE_VOLTS(s8, 8, masks)
SD_DEFINE_VOLTS(u8, 8, codes)

static inline void SD_LOOPS(volts_f32)(const sd_stored *samples, const uint64_t *pairs,
                                       SD_LOOPS(floats) * a, SD_LOOPS(floats) * b)
{
    SD_LOOPS(wide_codes) pair;
    memcpy(&pair, pairs, sizeof pair);
    (void)samples; /* these are volts */
    *a =
        (SD_LOOPS(floats)) __builtin_convertvector(pair << SD_FIRST(64, 32) >> 32, SD_LOOPS(codes));
    *b = (SD_LOOPS(floats)) __builtin_convertvector(pair << SD_SECOND(64, 32) >> 32,
                                                    SD_LOOPS(codes));
}

/** What is done with pairs of a kind: @p pair takes up one, and stands in memory as @p stored. */
#define SD_DEFINE_PLACES(kind, pair, stored)                                                       \
    typedef pair SD_LOOPS(pair_##kind);                                                            \
                                                                                                   \
    /* Gives how many it loaded. */                                                                \
    static inline size_t SD_LOOPS(load_##kind)(const sd_stored *samples,                           \
                                               const int32_t *restrict index, size_t count,        \
                                               SD_LOOPS(pair_##kind) *restrict pairs)              \
    {                                                                                              \
        const uint8_t *data = samples->data;                                                       \
        const size_t n = count < SD_PAIRS ? count : SD_PAIRS;                                      \
        for (size_t i = 0; i < n; i++) {                                                           \
            stored both;                                                                           \
            memcpy(&both, data + index[i] * (ptrdiff_t)(sizeof both / 2), sizeof both);            \
            pairs[i] = both;                                                                       \
        }                                                                                          \
        return n;                                                                                  \
    }                                                                                              \
                                                                                                   \
    static void SD_LOOPS(points_##kind)(const sd_stored *samples, const int32_t *restrict index,   \
                                        const float *restrict fraction, size_t count,              \
                                        float *restrict out)                                       \
    {                                                                                              \
        SD_LOOPS(pair_##kind) pairs[SD_PAIRS] = {0};                                               \
        for (size_t done = 0, n; done < count; done += n) {                                        \
            n = SD_LOOPS(load_##kind)(samples, index + done, count - done, pairs);                 \
            for (size_t i = 0; i < n; i += SD_LANES) {                                             \
                SD_LOOPS(floats) a, b;                                                             \
                SD_LOOPS(volts_##kind)(samples, pairs + i, &a, &b);                                \
                a += (b - a) * SD_FLOATS_AT(fraction + done + i);                                  \
                memcpy(out + done + i, &a, sizeof a);                                              \
            }                                                                                      \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    static void SD_LOOPS(crossings_##kind)(const sd_stored *samples,                               \
                                           const int32_t *restrict index, size_t count,            \
                                           float threshold, double base, double *restrict place)   \
    {                                                                                              \
        SD_LOOPS(pair_##kind) pairs[SD_PAIRS] = {0};                                               \
        float way[SD_PAIRS];                                                                       \
        for (size_t done = 0, n; done < count; done += n) {                                        \
            n = SD_LOOPS(load_##kind)(samples, index + done, count - done, pairs);                 \
            for (size_t i = 0; i < n; i += SD_LANES) {                                             \
                SD_LOOPS(floats) a, b;                                                             \
                SD_LOOPS(volts_##kind)(samples, pairs + i, &a, &b);                                \
                a = (threshold - a) / (b - a);                                                     \
                memcpy(way + i, &a, sizeof a);                                                     \
            }                                                                                      \
            for (size_t i = 0; i < n; i++)                                                         \
                place[done + i] = (base + (double)index[done + i]) + (double)way[i];               \
        }                                                                                          \
    }

SD_DEFINE_PLACES(f32, uint64_t, uint64_t)
SD_DEFINE_PLACES(s16, uint32_t, uint32_t)
SD_DEFINE_PLACES(u16, uint32_t, uint32_t)
SD_DEFINE_PLACES(s8, uint32_t, uint16_t)
SD_DEFINE_PLACES(u8, uint32_t, uint16_t)

/** The samples times their taps, in four sums. */
static inline SD_LOOPS(quads) SD_LOOPS(weigh)(const float *volts, int32_t index, float fraction,
                                              const float (*taps)[SD_SINC_TAPS])
{
    const float *weight = taps[(int)(fraction * (SD_SINC_PLACES - 1) + 0.5F)];
    const float *from = volts + index - (SD_SINC_REACH - 1);
    return SD_QUADS_AT(from) * SD_QUADS_AT(weight) +
           SD_QUADS_AT(from + SD_SINC_REACH) * SD_QUADS_AT(weight + SD_SINC_REACH);
}

static void SD_LOOPS(sincs)(const float *volts, const int32_t *restrict index,
                            const float *restrict fraction, size_t count,
                            const float (*taps)[SD_SINC_TAPS], float *restrict out)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const SD_LOOPS(quads) q0 = SD_LOOPS(weigh)(volts, index[i], fraction[i], taps);
        const SD_LOOPS(quads) q1 = SD_LOOPS(weigh)(volts, index[i + 1], fraction[i + 1], taps);
        const SD_LOOPS(quads) q2 = SD_LOOPS(weigh)(volts, index[i + 2], fraction[i + 2], taps);
        const SD_LOOPS(quads) q3 = SD_LOOPS(weigh)(volts, index[i + 3], fraction[i + 3], taps);
        /* what sum_of_quads() gives, for four at once */
        const SD_LOOPS(quads) a = SD_SHUFFLE(q0, q1, 0, 4, 1, 5) + SD_SHUFFLE(q0, q1, 2, 6, 3, 7);
        const SD_LOOPS(quads) b = SD_SHUFFLE(q2, q3, 0, 4, 1, 5) + SD_SHUFFLE(q2, q3, 2, 6, 3, 7);
        const SD_LOOPS(quads) sum = SD_SHUFFLE(a, b, 0, 1, 4, 5) + SD_SHUFFLE(a, b, 2, 3, 6, 7);
        memcpy(out + i, &sum, sizeof sum);
    }
    for (; i < count; i++)
        out[i] = SD_LOOPS(sum_of_quads)(SD_LOOPS(weigh)(volts, index[i], fraction[i], taps));
}

static void SD_LOOPS(eyes)(const float *middle, size_t count, float threshold, float weak,
                           uint64_t *restrict ones, uint64_t *restrict weaks, sd_eye_sums *sums)
{
    SD_LOOPS(floats) all[SD_VECTORS] = {{0}}, above[SD_VECTORS] = {{0}};
    SD_LOOPS(floats) squares[SD_VECTORS] = {{0}}, smallest[SD_VECTORS];
    for (size_t v = 0; v < SD_VECTORS; v++)
        smallest[v] = INFINITY + all[v];
    const size_t whole = count - count % SD_SUM_PARTS;
    uint64_t one_bits = 0, weak_bits = 0;
    size_t done = 0;
    while (done < whole) {
        for (size_t v = 0; v < SD_VECTORS; v++, done += SD_LANES) {
            const SD_LOOPS(floats) volts = SD_FLOATS_AT(middle + done);
            const SD_LOOPS(floats) distance = volts - threshold;
            const SD_LOOPS(masks) one = distance > 0;
            const SD_LOOPS(floats) eye = SD_WHERE(INT32_MAX, distance);
            const SD_LOOPS(masks) is_weak = ~(eye >= weak);
            const SD_LOOPS(masks) less = (eye < smallest[v]) & ~is_weak;
            squares[v] += distance * distance;
            smallest[v] = SD_EITHER(less, eye, smallest[v]);
            all[v] += volts;
            above[v] += SD_WHERE(one, volts);
            one_bits |= SD_LOOPS(which)(&one) << done % SD_MASK_SAMPLES;
            weak_bits |= SD_LOOPS(which)(&is_weak) << done % SD_MASK_SAMPLES;
        }
        if (done % SD_MASK_SAMPLES == 0) {
            ones[done / SD_MASK_SAMPLES - 1] = one_bits;
            weaks[done / SD_MASK_SAMPLES - 1] = weak_bits;
            one_bits = weak_bits = 0;
        }
    }
    *sums = (sd_eye_sums){.smallest = INFINITY};
    for (; done < count; done++) {
        const float distance = middle[done] - threshold, eye = fabsf(distance);
        const bool one = distance > 0, is_weak = !(eye >= weak);
        sums->squares += distance * distance;
        sums->smallest = !is_weak && eye < sums->smallest ? eye : sums->smallest;
        sums->all += middle[done];
        sums->ones += one ? middle[done] : 0;
        one_bits |= (uint64_t)one << done % SD_MASK_SAMPLES;
        weak_bits |= (uint64_t)is_weak << done % SD_MASK_SAMPLES;
    }
    if (count % SD_MASK_SAMPLES != 0) {
        ones[count / SD_MASK_SAMPLES] = one_bits;
        weaks[count / SD_MASK_SAMPLES] = weak_bits;
    }
    for (size_t k = 0; k < SD_SUM_PARTS; k++) {
        const size_t v = k / SD_LANES, lane = k % SD_LANES;
        sums->all += all[v][lane];
        sums->ones += above[v][lane];
        sums->squares += squares[v][lane];
        sums->smallest = smallest[v][lane] < sums->smallest ? smallest[v][lane] : sums->smallest;
    }
}

#define SD_EACH_KIND(function)                                                                     \
    {                                                                                              \
        [SD_STORED_F32] = SD_LOOPS(function##_f32), [SD_STORED_S16] = SD_LOOPS(function##_s16),    \
        [SD_STORED_U16] = SD_LOOPS(function##_u16), [SD_STORED_S8] = SD_LOOPS(function##_s8),      \
        [SD_STORED_U8] = SD_LOOPS(function##_u8),                                                  \
    }

/** The table of a version; its comparisons are SD_LOOPS(sides_f32), ... */
#define SD_DEFINE_VERSION(cpu)                                                                     \
    const sd_simd SD_LOOPS(sd_simd) = {                                                            \
        .name = (cpu),                                                                             \
        .sides = SD_EACH_KIND(sides),                                                              \
        .edges = SD_LOOPS(edges),                                                                  \
        .crossings = SD_EACH_KIND(crossings),                                                      \
        .offsets = SD_LOOPS(offsets),                                                              \
        .phasors = SD_LOOPS(phasors),                                                              \
        .turns = SD_LOOPS(turns),                                                                  \
        .middles = SD_LOOPS(middles),                                                              \
        .points = SD_EACH_KIND(points),                                                            \
        .sincs = SD_LOOPS(sincs),                                                                  \
        .eyes = SD_LOOPS(eyes),                                                                    \
    }
