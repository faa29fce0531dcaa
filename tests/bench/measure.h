/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file measure.h
 * Measures tasks beside each other, so that what disturbs one disturbs all.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <glib.h>
#include <stdbool.h>

/** What a run took. */
typedef struct {
    double seconds;     /**< On the wall clock. */
    double cpu_seconds; /**< Of all threads together. */
} bench_time;

/** Something to measure. */
typedef struct {
    /** Runs once; sets the error and returns false when it cannot. */
    bool (*run)(void *user, GError **error);
    void *user;
    bench_time best; /**< The least of all runs, of either. */
} bench_task;

/** The time now, of the wall clock and of this process. */
bench_time bench_now(void);

/** The time from @p begin until now. */
bench_time bench_since(bench_time begin);

/**
 * Measures tasks in @p runs rounds; in each, the limit is measured before every task.
 *
 * @param limit what the tasks will be compared with
 * @param task  the tasks
 * @param tasks how many
 * @param runs  rounds, at least 1
 * @param error set when a task failed
 */
bool bench_measure(bench_task *limit, bench_task *task, size_t tasks, unsigned runs,
                   GError **error);

#endif
