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
    SD_CPU_AVX512, /**< AVX-512 F. */
    SD_CPU_BEST = SD_CPU_AVX512,
} sd_cpu;

/** Reads a name as --cpu takes it ("c", "sse4.1", "avx2", "avx512"); false when it is none. */
bool sd_cpu_parse(const char *name, sd_cpu *cpu);

/** Name of the best kind that this CPU and this build have, but none above @p limit. */
const char *sd_cpu_used(sd_cpu limit);

#endif
