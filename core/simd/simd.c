/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd/simd.h"

#include <stdbool.h>
#include <string.h>
#ifdef SD_SIMD_X86
#include <cpuid.h>
#endif

#include "simd/versions.h"

static const char *const names[] = {"c", "sse4.1", "avx2", "avx512", "neon"};

bool sd_cpu_parse(const char *name, sd_cpu *cpu)
{
    for (sd_cpu i = SD_CPU_C; i <= SD_CPU_BEST; i++) {
        if (strcmp(name, names[i]) == 0) {
            *cpu = i;
            return true;
        }
    }
    return false;
}

#ifdef SD_SIMD_X86
/** With the bit operations that every CPU with AVX2 has had so far. */
static bool has_avx2(void)
{
    unsigned eax, ebx, ecx, edx;
    const bool lzcnt = __get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (ecx & bit_LZCNT);
    return lzcnt && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}
#endif

const sd_simd *sd_simd_exact(sd_cpu cpu)
{
    switch (cpu) {
    case SD_CPU_C:
        return &sd_simd_c;
#ifdef SD_SIMD_X86
    case SD_CPU_SSE41:
        return __builtin_cpu_supports("sse4.1") ? &sd_simd_sse41 : NULL;
    case SD_CPU_AVX2:
        return has_avx2() ? &sd_simd_avx2 : NULL;
    case SD_CPU_AVX512:
        return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                   ? &sd_simd_avx512
                   : NULL;
#endif
#ifdef SD_SIMD_NEON
    case SD_CPU_NEON:
        return &sd_simd_neon; /* every 64-bit Arm has it */
#endif
    default:
        return NULL;
    }
}

const sd_simd *sd_simd_select(sd_cpu limit)
{
    const sd_simd *best = &sd_simd_c;
    for (sd_cpu cpu = SD_CPU_C; cpu <= limit; cpu++) {
        const sd_simd *version = sd_simd_exact(cpu);
        if (version != NULL)
            best = version;
    }
    return best;
}

const char *sd_cpu_used(sd_cpu limit)
{
    return sd_simd_select(limit)->name;
}

#define DEFINE_VOLTS(kind, type)                                                                   \
    static float volts_##kind(const void *data, ptrdiff_t index)                                   \
    {                                                                                              \
        type sample;                                                                               \
        memcpy(&sample, (const uint8_t *)data + index * (ptrdiff_t)sizeof sample, sizeof sample);  \
        return (float)sample;                                                                      \
    }

DEFINE_VOLTS(f32, float)
DEFINE_VOLTS(s16, int16_t)
DEFINE_VOLTS(u16, uint16_t)
DEFINE_VOLTS(s8, int8_t)
DEFINE_VOLTS(u8, uint8_t)

/** The integer kinds' codes, and how to load one. */
static const struct {
    size_t size;
    int32_t first, last;
    float (*load)(const void *data, ptrdiff_t index);
} kinds[SD_STORED_KINDS] = {
    [SD_STORED_F32] = {sizeof(float), 0, 0, volts_f32},
    [SD_STORED_S16] = {sizeof(int16_t), INT16_MIN, INT16_MAX, volts_s16},
    [SD_STORED_U16] = {sizeof(uint16_t), 0, UINT16_MAX, volts_u16},
    [SD_STORED_S8] = {sizeof(int8_t), INT8_MIN, INT8_MAX, volts_s8},
    [SD_STORED_U8] = {sizeof(uint8_t), 0, UINT8_MAX, volts_u8},
};

size_t sd_stored_size(sd_stored_kind kind)
{
    return kinds[kind].size;
}

sd_stored sd_stored_from(const sd_stored *samples, uint64_t first)
{
    sd_stored from = *samples;
    from.data = (const uint8_t *)samples->data + first * kinds[samples->kind].size;
    return from;
}

float sd_stored_volts(const sd_stored *samples, ptrdiff_t index)
{
    const float value = kinds[samples->kind].load(samples->data, index);
    return samples->kind == SD_STORED_F32 ? value : value * samples->scale + samples->offset;
}

/** The first code of all whose volts are not below @p level or, if @p beyond, above it. */
static int32_t first_code(const sd_stored *samples, float level, bool beyond)
{
    int32_t low = kinds[samples->kind].first, high = kinds[samples->kind].last + 1;
    while (low < high) {
        const int32_t code = low + (high - low) / 2;
        const float volts = (float)code * samples->scale + samples->offset;
        if (beyond ? volts > level : !(volts < level))
            high = code;
        else
            low = code + 1;
    }
    return low;
}

sd_levels sd_levels_make(const sd_stored *samples, float low, float high, float middle)
{
    sd_levels levels = {.low = low, .high = high, .middle = middle};
    if (samples->kind == SD_STORED_F32)
        return levels;
    /* no code lies behind the last one or before the first */
    const int32_t first = kinds[samples->kind].first, last = kinds[samples->kind].last;
    const int32_t low_code = first_code(samples, low, false);
    const int32_t high_code = first_code(samples, high, true) - 1;
    const int32_t middle_code = first_code(samples, middle, true) - 1;
    levels.low_code = low_code > last ? last : low_code;
    levels.high_code = high_code < first ? first : high_code;
    levels.middle_code = middle_code < first ? first : middle_code;
    return levels;
}
