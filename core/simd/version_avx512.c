/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <immintrin.h>

#define SD_LOOPS(name) name##_avx512
#define SD_LANES       8
#include "simd/loops.h"
#include "simd/versions.h"

static inline uint64_t which_avx512(const masks_avx512 *mask)
{
    __m256 m;
    memcpy(&m, mask, sizeof m);
    return (uint64_t)(unsigned)_mm256_movemask_ps(m);
}

static inline void word_f32_avx512(const float *data, const sd_levels *levels, uint64_t mask[3])
{
    const __m512 low = _mm512_set1_ps(levels->low), high = _mm512_set1_ps(levels->high);
    const __m512 middle = _mm512_set1_ps(levels->middle);
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 16) {
        const __m512 v = _mm512_loadu_ps(data + i);
        mask[0] |= (uint64_t)_mm512_cmp_ps_mask(v, low, _CMP_LT_OQ) << i;
        mask[1] |= (uint64_t)_mm512_cmp_ps_mask(v, high, _CMP_GT_OQ) << i;
        mask[2] |= (uint64_t)_mm512_cmp_ps_mask(v, middle, _CMP_GT_OQ) << i;
    }
}

static inline void word_16_avx512(const void *data, int turn, const int16_t level[3],
                                  uint64_t mask[3])
{
    const __m512i t = _mm512_set1_epi16((short)turn), low = _mm512_set1_epi16(level[0]);
    const __m512i high = _mm512_set1_epi16(level[1]), middle = _mm512_set1_epi16(level[2]);
    const uint8_t *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 32, from += 64) {
        const __m512i v = _mm512_xor_si512(_mm512_loadu_si512(from), t);
        mask[0] |= (uint64_t)_mm512_cmplt_epi16_mask(v, low) << i;
        mask[1] |= (uint64_t)_mm512_cmpgt_epi16_mask(v, high) << i;
        mask[2] |= (uint64_t)_mm512_cmpgt_epi16_mask(v, middle) << i;
    }
}

static inline void word_8_avx512(const void *data, int turn, const int8_t level[3],
                                 uint64_t mask[3])
{
    const __m512i v = _mm512_xor_si512(_mm512_loadu_si512(data), _mm512_set1_epi8((char)turn));
    mask[0] = _mm512_cmplt_epi8_mask(v, _mm512_set1_epi8(level[0]));
    mask[1] = _mm512_cmpgt_epi8_mask(v, _mm512_set1_epi8(level[1]));
    mask[2] = _mm512_cmpgt_epi8_mask(v, _mm512_set1_epi8(level[2]));
}

SD_DEFINE_SIDES

SD_DEFINE_VERSION("avx512");
