/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd/simd.h"

#include <immintrin.h>

void sd_compare_avx2(const float *volts, size_t words, float low, float high, uint64_t *below,
                     uint64_t *above)
{
    const __m256 l = _mm256_set1_ps(low), h = _mm256_set1_ps(high);
    for (size_t w = 0; w < words; w++, volts += SD_COMPARE_SAMPLES) {
        uint64_t b = 0, a = 0;
        for (unsigned i = 0; i < SD_COMPARE_SAMPLES; i += 8) {
            const __m256 v = _mm256_loadu_ps(volts + i);
            b |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, l, _CMP_LT_OQ)) << i;
            a |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_cmp_ps(v, h, _CMP_GT_OQ)) << i;
        }
        below[w] = b;
        above[w] = a;
    }
}
