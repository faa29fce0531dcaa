/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file stages.h
 * Each stage alone, on what the stages before it gave.
 */
#ifndef BENCH_STAGES_H
#define BENCH_STAGES_H

#include <glib.h>
#include <stdbool.h>

#include "scopedump/cpu.h"
#include "scopedump/waveform.h"
#include "stages_frames.h"
#include "stages_line.h"
#include "stages_signal.h"

/** What the stages of one record work on. */
typedef struct {
    bench_signal *signal;
    bench_line *line;
    bench_frames *frames;
} bench_stages;

/** A stage. */
typedef struct {
    const char *name;
    bool (*run)(bench_stages *stages, GError **error);
} bench_stage;

/** All stages, in the order in which data passes them; the last one has no name. */
extern const bench_stage bench_stage_table[];

/**
 * Lets every stage of the first segment of the first channel run once, and keeps what it gives.
 *
 * @param waveform must outlive the stages
 * @param cpu      the best instructions to use
 * @return the stages, to be freed with bench_stages_free(), or NULL
 */
bench_stages *bench_stages_new(const sd_waveform *waveform, sd_cpu cpu, GError **error);
void bench_stages_free(bench_stages *stages);

#endif
