/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure.h"

#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

bench_time bench_now(void)
{
    return (bench_time){seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID)};
}

bench_time bench_since(bench_time begin)
{
    const bench_time now = bench_now();
    return (bench_time){now.seconds - begin.seconds, now.cpu_seconds - begin.cpu_seconds};
}

static bool measure_once(bench_task *task, GError **error)
{
    const bench_time begin = bench_now();
    if (!task->run(task->user, error))
        return false;
    const bench_time took = bench_since(begin);
    task->best.seconds = MIN(task->best.seconds, took.seconds);
    task->best.cpu_seconds = MIN(task->best.cpu_seconds, took.cpu_seconds);
    return true;
}

bool bench_measure(bench_task *limit, bench_task *task, size_t tasks, unsigned runs, GError **error)
{
    const bench_time never = {G_MAXDOUBLE, G_MAXDOUBLE};
    limit->best = never;
    for (size_t i = 0; i < tasks; i++)
        task[i].best = never;
    /* the first time, all samples come into memory */
    if (!limit->run(limit->user, error))
        return false;
    for (unsigned r = 0; r < runs; r++) {
        if (!measure_once(limit, error))
            return false;
        for (size_t i = 0; i < tasks; i++) {
            if (!measure_once(limit, error) || !measure_once(&task[i], error))
                return false;
        }
    }
    return true;
}
