/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd/simd.h"

#include <immintrin.h>

void sd_compare_avx512(const float *volts, size_t words, float low, float high, uint64_t *below,
                       uint64_t *above)
{
    const __m512 l = _mm512_set1_ps(low), h = _mm512_set1_ps(high);
    for (size_t w = 0; w < words; w++, volts += SD_COMPARE_SAMPLES) {
        uint64_t b = 0, a = 0;
        for (unsigned i = 0; i < SD_COMPARE_SAMPLES; i += 16) {
            const __m512 v = _mm512_loadu_ps(volts + i);
            b |= (uint64_t)_mm512_cmp_ps_mask(v, l, _CMP_LT_OQ) << i;
            a |= (uint64_t)_mm512_cmp_ps_mask(v, h, _CMP_GT_OQ) << i;
        }
        below[w] = b;
        above[w] = a;
    }
}
