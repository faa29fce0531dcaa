/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file loops.h
 * The loops of simd.h that are the same for every kind of CPU. A file that defines SD_LOOPS(name),
 * the name of a function in its version, includes this, and is compiled for its CPU; compilers then
 * find the vectors. Sums are made in SD_SUM_PARTS parts, and no operation may be contracted
 * (-ffp-contract=off), so that all versions give the same to the last bit.
 */
#include <math.h>
#include <string.h>

#include "simd/simd.h"

/* Samples need not be aligned: they are loaded by memcpy(), which compilers turn into a load. */
#define SD_DEFINE_PAIRS(kind, type)                                                                \
    static void SD_LOOPS(pairs_##kind)(const sd_stored *samples, const int32_t *restrict index,    \
                                       size_t count, float *restrict a, float *restrict b)         \
    {                                                                                              \
        const type *data = samples->data;                                                          \
        const float scale = samples->scale, offset = samples->offset;                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            type two[2];                                                                           \
            memcpy(two, data + index[i], sizeof two);                                              \
            a[i] = (float)two[0] * scale + offset;                                                 \
            b[i] = (float)two[1] * scale + offset;                                                 \
        }                                                                                          \
    }

SD_DEFINE_PAIRS(s16, int16_t)
SD_DEFINE_PAIRS(u16, uint16_t)
SD_DEFINE_PAIRS(s8, int8_t)
SD_DEFINE_PAIRS(u8, uint8_t)

static void SD_LOOPS(pairs_f32)(const sd_stored *samples, const int32_t *restrict index,
                                size_t count, float *restrict a, float *restrict b)
{
    const float *data = samples->data;
    for (size_t i = 0; i < count; i++) {
        a[i] = data[index[i]];
        b[i] = data[index[i] + 1];
    }
}

static void SD_LOOPS(crossings)(const float *restrict a, const float *restrict b,
                                const int32_t *restrict index, size_t count, float threshold,
                                double *restrict place)
{
    for (size_t i = 0; i < count; i++)
        place[i] = (double)index[i] + (double)((threshold - a[i]) / (b[i] - a[i]));
}

/** The sine of a phase from -0.5 to 0.5: two parabolas, bent once more; a thousandth off at most.
 */
static inline float SD_LOOPS(sine)(float phase)
{
    const float parabola = phase * (8 - 16 * fabsf(phase));
    return parabola + 0.225F * (parabola * fabsf(parabola) - parabola);
}

/** The nearest whole number, for numbers under 2^51. */
static inline double SD_LOOPS(nearest)(double x)
{
    const double magic = 0x1.8p52;
    return (x + magic) - magic;
}

static void SD_LOOPS(phasors)(const double *restrict at, size_t count, double slope, double kind,
                              double window, float *restrict re, float *restrict im)
{
    const double windows = 1 / window;
    for (size_t i = 0; i < count; i++) {
        const double inside = at[i] * windows;
        /* from the middle of the window, in windows */
        const double aside = inside - 0.5 - SD_LOOPS(nearest)(inside - 0.5);
        const double sign = (double)(int)(i & 1) * 2 - 1;
        const double place = at[i] - slope * aside + sign * kind;
        const float part = (float)(place - SD_LOOPS(nearest)(place));
        const float quarter = part + 0.25F; /* the cosine is the sine of this */
        re[i] = SD_LOOPS(sine)(quarter > 0.5F ? quarter - 1 : quarter);
        im[i] = SD_LOOPS(sine)(part);
    }
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
    for (size_t k = 0; k < runs; k++) {
        const double first = run[k].middle + base, step = run[k].step;
        const int32_t less = (int32_t)base;
        const int count = (int)run[k].count;
        for (int i = 0; i < count; i++) {
            const double at = first + (double)i * step;
            const int32_t whole = (int32_t)at;
            index[i] = whole - less;
            fraction[i] = (float)(at - (double)whole);
        }
        index += count;
        fraction += count;
    }
}

static void SD_LOOPS(lines)(const float *restrict a, const float *restrict b,
                            const float *restrict fraction, size_t count, float *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] + (b[i] - a[i]) * fraction[i];
}

static void SD_LOOPS(sincs)(const float *volts, const int32_t *restrict index,
                            const float *restrict fraction, size_t count,
                            const float (*taps)[SD_SINC_TAPS], float *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        const float *tap = taps[(int)(fraction[i] * (SD_SINC_PLACES - 1) + 0.5F)];
        const float *from = volts + index[i] - (SD_SINC_TAPS / 2 - 1);
        float part[SD_SINC_TAPS];
        for (size_t k = 0; k < SD_SINC_TAPS; k++)
            part[k] = tap[k] * from[k];
        for (size_t k = 0; k < 4; k++)
            part[k] += part[k + 4];
        out[i] = (part[0] + part[2]) + (part[1] + part[3]);
    }
}

static void SD_LOOPS(eyes)(const float *restrict middle, size_t count, float threshold, float weak,
                           sd_eye_sums *sums)
{
    float all[SD_SUM_PARTS] = {0}, ones[SD_SUM_PARTS] = {0}, squares[SD_SUM_PARTS] = {0};
    float smallest[SD_SUM_PARTS];
    for (size_t k = 0; k < SD_SUM_PARTS; k++)
        smallest[k] = INFINITY;
    for (size_t done = 0; done < count; done += SD_SUM_PARTS) {
        float volts[SD_SUM_PARTS];
        const size_t n = count - done < SD_SUM_PARTS ? count - done : SD_SUM_PARTS;
        if (n < SD_SUM_PARTS) {
            for (size_t k = 0; k < SD_SUM_PARTS; k++)
                volts[k] = k < n ? middle[done + k] : threshold;
        } else {
            memcpy(volts, middle + done, sizeof volts);
        }
        for (size_t k = 0; k < SD_SUM_PARTS; k++) {
            const float distance = volts[k] - threshold, eye = fabsf(distance);
            const float strong = eye < weak ? INFINITY : eye;
            squares[k] += eye * eye;
            smallest[k] = strong < smallest[k] ? strong : smallest[k];
            all[k] += volts[k];
            ones[k] += distance > 0 ? volts[k] : 0;
        }
        if (n < SD_SUM_PARTS) { /* what was filled in does not count */
            for (size_t k = n; k < SD_SUM_PARTS; k++)
                all[k] -= threshold;
        }
    }
    *sums = (sd_eye_sums){.smallest = INFINITY};
    for (size_t k = 0; k < SD_SUM_PARTS; k++) {
        sums->all += all[k];
        sums->ones += ones[k];
        sums->squares += squares[k];
        sums->smallest = smallest[k] < sums->smallest ? smallest[k] : sums->smallest;
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
        .name = cpu,                                                                               \
        .sides = SD_EACH_KIND(sides),                                                              \
        .pairs = SD_EACH_KIND(pairs),                                                              \
        .crossings = SD_LOOPS(crossings),                                                          \
        .phasors = SD_LOOPS(phasors),                                                              \
        .turns = SD_LOOPS(turns),                                                                  \
        .middles = SD_LOOPS(middles),                                                              \
        .lines = SD_LOOPS(lines),                                                                  \
        .sincs = SD_LOOPS(sincs),                                                                  \
        .eyes = SD_LOOPS(eyes),                                                                    \
    }
