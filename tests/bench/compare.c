/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare.h"

#include <math.h>
#include <stdio.h>

#include "results.h"

static const bench_row *find(const GArray *results, const char *name)
{
    for (guint i = 0; i < results->len; i++) {
        const bench_row *row = &g_array_index(results, bench_row, i);
        if (g_strcmp0(row->name, name) == 0)
            return row;
    }
    return NULL;
}

static void print_pair(const bench_row *old, const bench_row *new)
{
    printf("%-32s %9.3f %9.3f %8.2f %8.2f %8.2f %8.2f", new->name, old->time.seconds * 1e3,
           new->time.seconds * 1e3, old->time.seconds / new->time.seconds,
           old->time.cpu_seconds / new->time.cpu_seconds,
           old->time.seconds / old->limit.seconds / (new->time.seconds / new->limit.seconds),
           old->time.cpu_seconds / old->limit.cpu_seconds /
               (new->time.cpu_seconds / new->limit.cpu_seconds));
    if (!isnan(old->memory) && !isnan(new->memory))
        printf("   %.1f -> %.1f MiB", old->memory, new->memory);
    printf("\n");
}

static void print_missing(const GArray *rows, const GArray *others, const char *where)
{
    for (guint i = 0; i < rows->len; i++) {
        const bench_row *row = &g_array_index(rows, bench_row, i);
        if (find(others, row->name) == NULL)
            printf("%-32s only in %s\n", row->name, where);
    }
}

bool bench_compare(const char *old_path, const char *new_path, GError **error)
{
    g_autoptr(GArray) old = bench_results_read(old_path, error);
    if (old == NULL)
        return false;
    g_autoptr(GArray) new = bench_results_read(new_path, error);
    if (new == NULL)
        return false;
    printf("%-32s %9s %9s %8s %8s %8s %8s\n", "", "old ms", "new ms", "old/new", "CPU", "/limit",
           "CPU/lim.");
    for (guint i = 0; i < new->len; i++) {
        const bench_row *row = &g_array_index(new, bench_row, i);
        const bench_row *before = find(old, row->name);
        if (before != NULL)
            print_pair(before, row);
    }
    print_missing(old, new, old_path);
    print_missing(new, old, new_path);
    return true;
}
