/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file decode.h
 * The whole way from samples to pcapng, as the program scopedump goes it.
 */
#ifndef BENCH_DECODE_H
#define BENCH_DECODE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scopedump/cpu.h"
#include "scopedump/record.h"
#include "scopedump/report.h"
#include "scopedump/waveform.h"

/** A sink that drops all. */
extern const sd_sink bench_nowhere;

/** Bytes of pcapng after which they are written out. */
#define BENCH_FLUSH_BYTES 65536

/** What a run of the decoder gave. */
typedef struct {
    uint64_t frames, events;
    uint64_t groups;            /**< Code-groups of all lanes. */
    double first_frame_seconds; /**< From the begin to the first frame; NAN: there was none. */
} bench_decoded;

/**
 * Decodes the first channel.
 *
 * @param waveform the record
 * @param cpu      the best instructions to use
 * @param threads  how many
 * @param fd       where the pcapng goes
 * @param decoded  receives what there was
 * @param error    set on failure
 */
bool bench_decode(const sd_waveform *waveform, sd_cpu cpu, unsigned threads, int fd,
                  bench_decoded *decoded, GError **error);

/** Opens a file that has no name, in @p folder; -1 on failure. */
int bench_open_unnamed(const char *folder, GError **error);

#endif
