/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <smmintrin.h>

#define SD_LOOPS(name) name##_sse41
#define SD_LANES       4
#include "simd/loops.h"
#include "simd/versions.h"

static inline uint64_t which_sse41(const masks_sse41 *mask)
{
    __m128 m;
    memcpy(&m, mask, sizeof m);
    return (uint64_t)(unsigned)_mm_movemask_ps(m);
}

static inline void word_f32_sse41(const float *data, const sd_levels *levels, uint64_t mask[3])
{
    const __m128 low = _mm_set1_ps(levels->low), high = _mm_set1_ps(levels->high);
    const __m128 middle = _mm_set1_ps(levels->middle);
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 4) {
        const __m128 v = _mm_loadu_ps(data + i);
        mask[0] |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_cmplt_ps(v, low)) << i;
        mask[1] |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_cmpgt_ps(v, high)) << i;
        mask[2] |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_cmpgt_ps(v, middle)) << i;
    }
}

static inline uint64_t bits_16(__m128i a, __m128i b)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_packs_epi16(a, b));
}

static inline void word_16_sse41(const void *data, int turn, const int16_t level[3],
                                 uint64_t mask[3])
{
    const __m128i t = _mm_set1_epi16((short)turn), low = _mm_set1_epi16(level[0]);
    const __m128i high = _mm_set1_epi16(level[1]), middle = _mm_set1_epi16(level[2]);
    const __m128i *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 16, from += 2) {
        const __m128i v = _mm_xor_si128(_mm_loadu_si128(from), t);
        const __m128i w = _mm_xor_si128(_mm_loadu_si128(from + 1), t);
        mask[0] |= bits_16(_mm_cmplt_epi16(v, low), _mm_cmplt_epi16(w, low)) << i;
        mask[1] |= bits_16(_mm_cmpgt_epi16(v, high), _mm_cmpgt_epi16(w, high)) << i;
        mask[2] |= bits_16(_mm_cmpgt_epi16(v, middle), _mm_cmpgt_epi16(w, middle)) << i;
    }
}

static inline void word_8_sse41(const void *data, int turn, const int8_t level[3], uint64_t mask[3])
{
    const __m128i t = _mm_set1_epi8((char)turn), low = _mm_set1_epi8(level[0]);
    const __m128i high = _mm_set1_epi8(level[1]), middle = _mm_set1_epi8(level[2]);
    const __m128i *from = data;
    mask[0] = mask[1] = mask[2] = 0;
    for (unsigned i = 0; i < SD_MASK_SAMPLES; i += 16, from++) {
        const __m128i v = _mm_xor_si128(_mm_loadu_si128(from), t);
        mask[0] |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(v, low)) << i;
        mask[1] |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, high)) << i;
        mask[2] |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, middle)) << i;
    }
}

SD_DEFINE_SIDES

SD_DEFINE_VERSION("sse4.1");
