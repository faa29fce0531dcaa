/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd/simd.h"

void sd_compare_c(const float *volts, size_t words, float low, float high, uint64_t *below,
                  uint64_t *above)
{
    for (size_t w = 0; w < words; w++, volts += SD_COMPARE_SAMPLES) {
        uint64_t b = 0, a = 0;
        for (unsigned i = 0; i < SD_COMPARE_SAMPLES; i++) {
            b |= (uint64_t)(volts[i] < low) << i;
            a |= (uint64_t)(volts[i] > high) << i;
        }
        below[w] = b;
        above[w] = a;
    }
}
