/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simd/simd.h"

#include <string.h>

static const sd_simd versions[] = {
    [SD_CPU_C] = {"c", sd_compare_c},
#ifdef SD_SIMD_X86
    [SD_CPU_SSE41] = {"sse4.1", sd_compare_sse41},
    [SD_CPU_AVX2] = {"avx2", sd_compare_avx2},
    [SD_CPU_AVX512] = {"avx512", sd_compare_avx512},
#endif
};

static const char *const names[] = {"c", "sse4.1", "avx2", "avx512"};

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

const sd_simd *sd_simd_exact(sd_cpu cpu)
{
#ifdef SD_SIMD_X86
    __builtin_cpu_init();
    const bool has[] = {
        [SD_CPU_C] = true,
        [SD_CPU_SSE41] = __builtin_cpu_supports("sse4.1"),
        [SD_CPU_AVX2] = __builtin_cpu_supports("avx2"),
        [SD_CPU_AVX512] = __builtin_cpu_supports("avx512f"),
    };
    return has[cpu] ? &versions[cpu] : NULL;
#else
    return cpu == SD_CPU_C ? &versions[SD_CPU_C] : NULL;
#endif
}

const sd_simd *sd_simd_select(sd_cpu limit)
{
    const sd_simd *best = &versions[SD_CPU_C];
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
