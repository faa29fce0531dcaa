/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file stages_signal.h
 * The stages from samples to bits.
 */
#ifndef BENCH_STAGES_SIGNAL_H
#define BENCH_STAGES_SIGNAL_H

#include <glib.h>

#include "scopedump/cpu.h"
#include "scopedump/waveform.h"

/** What these stages work on. */
typedef struct bench_signal bench_signal;

/** @p channel must outlive it; its first segment is read. */
bench_signal *bench_signal_new(const sd_channel *channel, sd_cpu cpu);
void bench_signal_free(bench_signal *signal);

/** sd_bit_word: all bits; owned by the signal. */
const GArray *bench_signal_words(const bench_signal *signal);

/** Samples per unit interval. */
double bench_signal_period(const bench_signal *signal);

/** Converts all samples to volts. */
void bench_volts(bench_signal *signal);
/** Finds levels, baud, and what the signal needs. */
void bench_acquisition(bench_signal *signal);
/** Reads all samples with what the signal needs: its baseline taken out, equalized. */
void bench_signal_read(bench_signal *signal);
/** Finds all edges. */
void bench_edges(bench_signal *signal);
/** Recovers the clock from the edges, and decides all bits. */
void bench_clock(bench_signal *signal);
/** All of it from the samples on, but for the acquisition. */
void bench_bits(bench_signal *signal);

#endif
