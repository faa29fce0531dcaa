/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alone.h"

#include <linux/magic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "decode.h"

/** Microseconds between two looks at the memory. */
#define LOOK_US     500
#define KIB_PER_MIB 1024.0
/** Arguments of the new process, beside its name. */
enum { ALONE, PATH, FORMAT, RATE, TIMES, CPU, THREADS, OUTPUT, ARGUMENTS };

bool bench_alone(const bench_record *record, const char *path, const bench_alone_settings *settings,
                 bench_alone_result *result, GError **error)
{
    char rate[G_ASCII_DTOSTR_BUF_SIZE], times[16], cpu[16], threads[16];
    g_ascii_dtostr(rate, sizeof rate, record->samples_per_bit);
    g_snprintf(times, sizeof times, "%u", record->times);
    g_snprintf(cpu, sizeof cpu, "%d", settings->cpu);
    g_snprintf(threads, sizeof threads, "%u", settings->threads);
    const char *argv[1 + ARGUMENTS + 1] = {
        "/proc/self/exe",
        [1 + ALONE] = BENCH_ALONE,
        [1 + PATH] = path,
        [1 + FORMAT] = record->format,
        [1 + RATE] = rate,
        [1 + TIMES] = times,
        [1 + CPU] = cpu,
        [1 + THREADS] = threads,
        [1 + OUTPUT] = settings->output,
    };
    g_autofree char *program = g_file_read_link(argv[0], error);
    g_autofree char *text = NULL;
    gint status;
    if (program == NULL)
        return false;
    argv[0] = program;
    if (!g_spawn_sync(NULL, (gchar **)(void *)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL,
                      &status, error) ||
        !g_spawn_check_wait_status(status, error))
        return false;
    double value[5];
    char *at = text;
    for (size_t i = 0; i < G_N_ELEMENTS(value); i++)
        value[i] = g_ascii_strtod(at, &at);
    *result = (bench_alone_result){
        .memory = value[0],
        .first_frame_seconds = value[1],
        .groups = (uint64_t)value[2],
        .time = {value[3], value[4]},
    };
    return true;
}

/* --- the new process -------------------------------------------------------------------------- */

/** Looks at the memory of this process, now and then. */
typedef struct {
    GMutex mutex;
    GCond changed;
    bool stop;
    bool shared; /* shared memory counts: the record is in none */
    double peak; /* KiB */
} watch;

/** Memory of this process in KiB, without mapped files. */
static double memory_kib(bool shared)
{
    double kib = 0;
    char line[256];
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (g_str_has_prefix(line, "RssAnon:") || (shared && g_str_has_prefix(line, "RssShmem:")))
            kib += g_ascii_strtod(strchr(line, ':') + 1, NULL);
    }
    if (file != NULL)
        fclose(file);
    return kib;
}

static gpointer run_watch(gpointer user)
{
    watch *w = user;
    g_mutex_lock(&w->mutex);
    while (!w->stop) {
        w->peak = MAX(w->peak, memory_kib(w->shared));
        g_cond_wait_until(&w->changed, &w->mutex, g_get_monotonic_time() + LOOK_US);
    }
    w->peak = MAX(w->peak, memory_kib(w->shared));
    g_mutex_unlock(&w->mutex);
    return NULL;
}

/** Pages of files on tmpfs count as shared memory. */
static bool on_tmpfs(const char *path)
{
    struct statfs status;
    return statfs(path, &status) == 0 && status.f_type == TMPFS_MAGIC;
}

static bool decode_alone(const bench_record *record, const char *path,
                         const bench_alone_settings *settings, bench_decoded *decoded,
                         GError **error)
{
    bench_open_record open;
    const int fd = bench_open_unnamed(settings->output, error);
    if (fd < 0)
        return false;
    const bench_time begin = bench_now();
    bool good = bench_record_open(record, path, &open, error);
    const double opened = bench_since(begin).seconds;
    if (good) {
        good = bench_decode(open.waveform, settings->cpu, settings->threads, fd, decoded, error);
        decoded->first_frame_seconds += opened;
    }
    bench_record_close(&open);
    close(fd);
    return good;
}

int bench_alone_main(int argc, char **argv)
{
    if (argc != 1 + ARGUMENTS)
        return 2;
    char **argument = argv + 1;
    const bench_record record = {
        .format = argument[FORMAT],
        .samples_per_bit = g_ascii_strtod(argument[RATE], NULL),
        .times = (unsigned)g_ascii_strtoull(argument[TIMES], NULL, 10),
    };
    const bench_alone_settings settings = {
        .cpu = (sd_cpu)g_ascii_strtoull(argument[CPU], NULL, 10),
        .threads = (unsigned)g_ascii_strtoull(argument[THREADS], NULL, 10),
        .output = argument[OUTPUT],
    };
    watch w = {.shared = !on_tmpfs(argument[PATH])};
    g_mutex_init(&w.mutex);
    g_cond_init(&w.changed);
    GThread *thread = g_thread_new("watch", run_watch, &w);

    const bench_time begin = bench_now();
    bench_decoded decoded;
    GError *error = NULL;
    const bool good = decode_alone(&record, argument[PATH], &settings, &decoded, &error);
    const bench_time took = bench_since(begin);

    g_mutex_lock(&w.mutex);
    w.stop = true;
    g_cond_signal(&w.changed);
    g_mutex_unlock(&w.mutex);
    g_thread_join(thread);
    g_mutex_clear(&w.mutex);
    g_cond_clear(&w.changed);
    if (!good) {
        g_printerr("%s\n", error->message);
        g_error_free(error);
        return 1;
    }
    printf("%.17g %.17g %" G_GUINT64_FORMAT " %.17g %.17g\n", w.peak / KIB_PER_MIB,
           decoded.first_frame_seconds, decoded.groups, took.seconds, took.cpu_seconds);
    return 0;
}
