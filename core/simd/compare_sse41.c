/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd/simd.h"

#include <smmintrin.h>

void sd_compare_sse41(const float *volts, size_t words, float low, float high, uint64_t *below,
                      uint64_t *above)
{
    const __m128 l = _mm_set1_ps(low), h = _mm_set1_ps(high);
    for (size_t w = 0; w < words; w++, volts += SD_COMPARE_SAMPLES) {
        uint64_t b = 0, a = 0;
        for (unsigned i = 0; i < SD_COMPARE_SAMPLES; i += 4) {
            const __m128 v = _mm_loadu_ps(volts + i);
            b |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_cmplt_ps(v, l)) << i;
            a |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_cmpgt_ps(v, h)) << i;
        }
        below[w] = b;
        above[w] = a;
    }
}
