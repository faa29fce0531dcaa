/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plain C: the reference. */
#define SD_LOOPS(name) name##_c
#define SD_LANES       4
#include "simd/loops.h"
#include "simd/versions.h"

static inline uint64_t which_c(const masks_c *mask)
{
    uint64_t set = 0;
    for (unsigned i = 0; i < SD_LANES; i++)
        set |= (uint64_t)((*mask)[i] < 0) << i;
    return set;
}

#define DEFINE_SIDES(kind, type, LOW, HIGH, MIDDLE)                                                \
    static void sides_##kind##_c(const void *data, size_t words, const sd_levels *levels,          \
                                 uint64_t *below, uint64_t *above, uint64_t *over)                 \
    {                                                                                              \
        const uint8_t *from = data;                                                                \
        for (size_t w = 0; w < words; w++) {                                                       \
            uint64_t b = 0, a = 0, o = 0;                                                          \
            for (unsigned i = 0; i < SD_MASK_SAMPLES; i++, from += sizeof(type)) {                 \
                type sample;                                                                       \
                memcpy(&sample, from, sizeof sample);                                              \
                b |= (uint64_t)(sample < levels->LOW) << i;                                        \
                a |= (uint64_t)(sample > levels->HIGH) << i;                                       \
                o |= (uint64_t)(sample > levels->MIDDLE) << i;                                     \
            }                                                                                      \
            below[w] = b;                                                                          \
            above[w] = a;                                                                          \
            over[w] = o;                                                                           \
        }                                                                                          \
    }

DEFINE_SIDES(f32, float, low, high, middle)
DEFINE_SIDES(s16, int16_t, low_code, high_code, middle_code)
DEFINE_SIDES(u16, uint16_t, low_code, high_code, middle_code)
DEFINE_SIDES(s8, int8_t, low_code, high_code, middle_code)
DEFINE_SIDES(u8, uint8_t, low_code, high_code, middle_code)

SD_DEFINE_VERSION("c");
