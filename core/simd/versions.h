/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file versions.h
 * The versions of simd.h, and what those with vectors share: unsigned codes are compared as signed
 * ones, with the highest bit turned over.
 */
#ifndef SD_VERSIONS_H
#define SD_VERSIONS_H

#include "simd/simd.h"

extern const sd_simd sd_simd_c, sd_simd_sse41, sd_simd_avx2, sd_simd_avx512, sd_simd_neon;

/**
 * Defines SD_LOOPS(sides_KIND) for the kinds of samples from a function that makes the masks of one
 * word:
 *
 * void SD_LOOPS(word_f32)(const float *data, const sd_levels *levels, uint64_t mask[3])
 * void SD_LOOPS(word_16)(const void *data, int turn, const int16_t level[3], uint64_t mask[3])
 * void SD_LOOPS(word_8)(const void *data, int turn, const int8_t level[3], uint64_t mask[3])
 *
 * where turn is what each code is to be exclusive-ored with, and the masks are: below level[0],
 * above level[1], above level[2].
 */
#define SD_DEFINE_SIDES                                                                            \
    static void SD_LOOPS(sides_f32)(const void *data, size_t words, const sd_levels *levels,       \
                                    uint64_t *below, uint64_t *above, uint64_t *over)              \
    {                                                                                              \
        const float *from = data;                                                                  \
        for (size_t w = 0; w < words; w++, from += SD_MASK_SAMPLES) {                              \
            uint64_t mask[3];                                                                      \
            SD_LOOPS(word_f32)(from, levels, mask);                                                \
            below[w] = mask[0];                                                                    \
            above[w] = mask[1];                                                                    \
            over[w] = mask[2];                                                                     \
        }                                                                                          \
    }                                                                                              \
    SD_DEFINE_CODE_SIDES(s16, 16, int16_t, 0, 0)                                                   \
    SD_DEFINE_CODE_SIDES(u16, 16, int16_t, INT16_MIN, 32768)                                       \
    SD_DEFINE_CODE_SIDES(s8, 8, int8_t, 0, 0)                                                      \
    SD_DEFINE_CODE_SIDES(u8, 8, int8_t, INT8_MIN, 128)

#define SD_DEFINE_CODE_SIDES(kind, bits, type, turn, less)                                         \
    static void SD_LOOPS(sides_##kind)(const void *data, size_t words, const sd_levels *levels,    \
                                       uint64_t *below, uint64_t *above, uint64_t *over)           \
    {                                                                                              \
        const type level[3] = {(type)(levels->low_code - (less)),                                  \
                               (type)(levels->high_code - (less)),                                 \
                               (type)(levels->middle_code - (less))};                              \
        const uint8_t *from = data;                                                                \
        for (size_t w = 0; w < words; w++, from += SD_MASK_SAMPLES * sizeof(type)) {               \
            uint64_t mask[3];                                                                      \
            SD_LOOPS(word_##bits)(from, turn, level, mask);                                        \
            below[w] = mask[0];                                                                    \
            above[w] = mask[1];                                                                    \
            over[w] = mask[2];                                                                     \
        }                                                                                          \
    }

#endif
