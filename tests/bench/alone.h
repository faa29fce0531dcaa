/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file alone.h
 * One decode in a process of its own, which holds nothing else: for the memory it takes, and the
 * time to the first frame.
 */
#ifndef BENCH_ALONE_H
#define BENCH_ALONE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "measure.h"
#include "records.h"
#include "scopedump/cpu.h"

/** How a record is to be decoded. */
typedef struct {
    sd_cpu cpu;
    unsigned threads;
    const char *output; /**< Folder of the capture file. */
} bench_alone_settings;

/** What was seen. */
typedef struct {
    double memory;              /**< MiB of memory without the mapped record, at most. */
    double first_frame_seconds; /**< From before the file is opened; NAN: there was none. */
    uint64_t groups;            /**< Code-groups. */
    bench_time time;
} bench_alone_result;

/** Decodes a record's file in a new process: this program with the arguments that
    bench_alone_main() reads. */
bool bench_alone(const bench_record *record, const char *path, const bench_alone_settings *settings,
                 bench_alone_result *result, GError **error);

/** What the new process does: returns its exit status. */
int bench_alone_main(int argc, char **argv);

/** The first argument of the new process. */
#define BENCH_ALONE "--alone"

#endif
