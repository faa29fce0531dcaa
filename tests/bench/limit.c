/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit.h"

#include <string.h>

/** So many samples make a part, whose sum of 16-bit integers fits 32 bits. */
#define PART 32768

/** Sums a part: a loop that the compiler makes vectors of. Samples need not be aligned. */
#define DEFINE_SUM(name, type, sum_type)                                                           \
    static double sum_##name(const uint8_t *data, size_t count)                                    \
    {                                                                                              \
        sum_type sum = 0;                                                                          \
        for (size_t i = 0; i < count; i++) {                                                       \
            type sample;                                                                           \
            memcpy(&sample, data + i * sizeof sample, sizeof sample);                              \
            sum += sample;                                                                         \
        }                                                                                          \
        return (double)sum;                                                                        \
    }

DEFINE_SUM(s8, int8_t, int32_t)
DEFINE_SUM(u8, uint8_t, uint32_t)
DEFINE_SUM(s16, int16_t, int32_t)
DEFINE_SUM(u16, uint16_t, uint32_t)
DEFINE_SUM(f32, float, float)

static double (*const sums[])(const uint8_t *data, size_t count) = {
    [SD_SAMPLE_S8] = sum_s8,   [SD_SAMPLE_U8] = sum_u8,   [SD_SAMPLE_S16] = sum_s16,
    [SD_SAMPLE_U16] = sum_u16, [SD_SAMPLE_F32] = sum_f32,
};

double bench_limit(const sd_channel *channel)
{
    double sum = 0;
    for (size_t s = 0; s < channel->segments; s++) {
        const sd_segment *segment = &channel->segment[s];
        for (uint64_t at = 0; at < segment->count; at += PART)
            sum += sums[channel->type](segment->data + at * channel->stride,
                                       (size_t)MIN(PART, segment->count - at));
    }
    return sum;
}
