/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arm_neon.h>

#define SD_LOOPS(name) name##_neon
#define SD_LANES       4
#include "simd/loops.h"
#include "simd/versions.h"

/** Eight comparisons of 16 bits, packed to a bit each. */
static inline uint64_t bits_16(uint16x8_t compared)
{
    static const uint16_t bit[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vaddvq_u16(vandq_u16(compared, vld1q_u16(bit)));
}

/** Sixteen comparisons of 8 bits, packed to a bit each. */
static inline uint64_t bits_8(uint8x16_t compared)
{
    static const uint8_t bit[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t bits = vandq_u8(compared, vld1q_u8(bit));
    return vaddv_u8(vget_low_u8(bits)) | (uint64_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

/** Eight comparisons of 32 bits, packed to a bit each. */
static inline uint64_t bits_32(uint32x4_t a, uint32x4_t b)
{
    return bits_16(vcombine_u16(vmovn_u32(a), vmovn_u32(b)));
}

static inline uint64_t which_neon(const masks_neon *mask)
{
    static const uint32_t bit[4] = {1, 2, 4, 8};
    uint32x4_t m;
    memcpy(&m, mask, sizeof m);
    return vaddvq_u32(vandq_u32(m, vld1q_u32(bit)));
}

static inline void word_f32_neon(const float *data, const sd_levels *levels, uint64_t mask[3])
{
    const float32x4_t low = vdupq_n_f32(levels->low), high = vdupq_n_f32(levels->high);
    const float32x4_t middle = vdupq_n_f32(levels->middle);
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 8) {
        const float32x4_t v = vld1q_f32(data + i), w = vld1q_f32(data + i + 4);
        mask[0] |= bits_32(vcltq_f32(v, low), vcltq_f32(w, low)) << i;
        mask[1] |= bits_32(vcgtq_f32(v, high), vcgtq_f32(w, high)) << i;
        mask[2] |= bits_32(vcgtq_f32(v, middle), vcgtq_f32(w, middle)) << i;
    }
}

static inline void word_16_neon(const void *data, int turn, const int16_t level[3],
                                uint64_t mask[3])
{
    const int16x8_t t = vdupq_n_s16((int16_t)turn), low = vdupq_n_s16(level[0]);
    const int16x8_t high = vdupq_n_s16(level[1]), middle = vdupq_n_s16(level[2]);
    const uint8_t *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 8, from += 16) {
        const int16x8_t v = veorq_s16(vreinterpretq_s16_u8(vld1q_u8(from)), t);
        mask[0] |= bits_16(vcltq_s16(v, low)) << i;
        mask[1] |= bits_16(vcgtq_s16(v, high)) << i;
        mask[2] |= bits_16(vcgtq_s16(v, middle)) << i;
    }
}

static inline void word_8_neon(const void *data, int turn, const int8_t level[3], uint64_t mask[3])
{
    const int8x16_t t = vdupq_n_s8((int8_t)turn), low = vdupq_n_s8(level[0]);
    const int8x16_t high = vdupq_n_s8(level[1]), middle = vdupq_n_s8(level[2]);
    const int8_t *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 16, from += 16) {
        const int8x16_t v = veorq_s8(vld1q_s8(from), t);
        mask[0] |= bits_8(vcltq_s8(v, low)) << i;
        mask[1] |= bits_8(vcgtq_s8(v, high)) << i;
        mask[2] |= bits_8(vcgtq_s8(v, middle)) << i;
    }
}

SD_DEFINE_SIDES

SD_DEFINE_VERSION("neon");
