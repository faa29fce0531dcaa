/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <immintrin.h>

#define SD_LOOPS(name) name##_avx2
#define SD_LANES       8
#include "simd/loops.h"
#include "simd/versions.h"

static inline uint64_t which_avx2(const masks_avx2 *mask)
{
    __m256 m;
    memcpy(&m, mask, sizeof m);
    return (uint64_t)(unsigned)_mm256_movemask_ps(m);
}

static inline void word_f32_avx2(const float *data, const sd_levels *levels, uint64_t mask[3])
{
    const __m256 low = _mm256_set1_ps(levels->low), high = _mm256_set1_ps(levels->high);
    const __m256 middle = _mm256_set1_ps(levels->middle);
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 8) {
        const __m256 v = _mm256_loadu_ps(data + i);
        mask[0] |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, low, _CMP_LT_OQ)) << i;
        mask[1] |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, high, _CMP_GT_OQ)) << i;
        mask[2] |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, middle, _CMP_GT_OQ))
                   << i;
    }
}

/** Thirty-two comparisons of 16 bits, packed to a bit each. */
static inline uint64_t bits_16(__m256i a, __m256i b)
{
    /* packs works in each half on its own: put the quarters in order */
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xD8);
    return (uint32_t)_mm256_movemask_epi8(packed);
}

static inline void word_16_avx2(const void *data, int turn, const int16_t level[3],
                                uint64_t mask[3])
{
    const __m256i t = _mm256_set1_epi16((short)turn), low = _mm256_set1_epi16(level[0]);
    const __m256i high = _mm256_set1_epi16(level[1]), middle = _mm256_set1_epi16(level[2]);
    const __m256i *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 32, from += 2) {
        const __m256i v = _mm256_xor_si256(_mm256_loadu_si256(from), t);
        const __m256i w = _mm256_xor_si256(_mm256_loadu_si256(from + 1), t);
        mask[0] |= bits_16(_mm256_cmpgt_epi16(low, v), _mm256_cmpgt_epi16(low, w)) << i;
        mask[1] |= bits_16(_mm256_cmpgt_epi16(v, high), _mm256_cmpgt_epi16(w, high)) << i;
        mask[2] |= bits_16(_mm256_cmpgt_epi16(v, middle), _mm256_cmpgt_epi16(w, middle)) << i;
    }
}

static inline void word_8_avx2(const void *data, int turn, const int8_t level[3], uint64_t mask[3])
{
    const __m256i t = _mm256_set1_epi8((char)turn), low = _mm256_set1_epi8(level[0]);
    const __m256i high = _mm256_set1_epi8(level[1]), middle = _mm256_set1_epi8(level[2]);
    const __m256i *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 32, from++) {
        const __m256i v = _mm256_xor_si256(_mm256_loadu_si256(from), t);
        mask[0] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(low, v)) << i;
        mask[1] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(v, high)) << i;
        mask[2] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(v, middle)) << i;
    }
}

SD_DEFINE_SIDES

SD_DEFINE_VERSION("avx2");
