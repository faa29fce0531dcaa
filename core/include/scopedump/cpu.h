/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file cpu.h
 * Which kind of CPU instructions the hot loops may use.
 */
#ifndef SCOPEDUMP_CPU_H
#define SCOPEDUMP_CPU_H

#include <stdbool.h>

/** In order: each stands for all below it too. */
typedef enum {
    SD_CPU_C,      /**< Plain C. */
    SD_CPU_SSE41,  /**< SSE 4.1. */
    SD_CPU_AVX2,   /**< AVX2. */
    SD_CPU_AVX512, /**< AVX-512 F and BW. */
    SD_CPU_NEON,   /**< Advanced SIMD of 64-bit Arm. */
    SD_CPU_BEST = SD_CPU_NEON,
} sd_cpu;

/** Reads a name as --cpu takes it ("c", "sse4.1", "avx2", "avx512", "neon"); false when it is none.
 */
bool sd_cpu_parse(const char *name, sd_cpu *cpu);

/** Name of the best kind that this CPU and this build have, but none above @p limit. */
const char *sd_cpu_used(sd_cpu limit);

#endif
