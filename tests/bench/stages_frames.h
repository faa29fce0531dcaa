/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file stages_frames.h
 * The stages behind the PCS: frames and events.
 */
#ifndef BENCH_STAGES_FRAMES_H
#define BENCH_STAGES_FRAMES_H

#include <glib.h>
#include <stdbool.h>

#include "scopedump/cpu.h"
#include "scopedump/waveform.h"

/** What these stages work on. */
typedef struct bench_frames bench_frames;

/** Decodes the record, and keeps its frames; @p waveform must outlive them. NULL with the error
    set when that fails. */
bench_frames *bench_frames_new(const sd_waveform *waveform, sd_cpu cpu, GError **error);
void bench_frames_free(bench_frames *frames);

/** Lanes of the link. */
unsigned bench_frames_lanes(const bench_frames *frames);

/** Checks the FCS of each frame, which the PCS does as well. */
void bench_fcs(bench_frames *frames);
/** Puts all frames and events in order of time. */
void bench_order(bench_frames *frames);
/** Writes all frames and events, to nowhere. */
bool bench_pcapng(bench_frames *frames, GError **error);

#endif
