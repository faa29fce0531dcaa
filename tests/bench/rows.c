/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

#include "alone.h"
#include "decode.h"
#include "limit.h"
#include "measure.h"
#include "results.h"
#include "stages.h"

/** Numbers of threads that the whole decode is measured with. */
static const unsigned thread_counts[] = {1, 2};

/** What the whole decode is called by where its pcapng goes: to nowhere, or to a file. */
static const char *const to_memory = "decode-memory";
static const char *const to_file = "decode-file";

/** A row that is measured. */
typedef struct {
    const char *name; /* of the stage */
    const bench_settings *settings;
    const sd_waveform *waveform;
    /* of a stage alone */
    const bench_stage *stage;
    bench_stages *stages;
    /* of the whole decode */
    unsigned threads;
} job;

/** What is measured of a record. */
typedef struct {
    const bench_record *record;
    const bench_settings *settings;
    char *path;
    bench_open_record open;
    bench_stages *stages;
    uint64_t groups; /* code-groups in it */
    GArray *jobs;    /* job */
} plan;

static bool run_limit(void *user, GError **error)
{
    static volatile double sum;
    const job *j = user;
    (void)error;
    sum = bench_limit(&j->waveform->channel[0]);
    (void)sum;
    return true;
}

static bool run_stage(void *user, GError **error)
{
    const job *j = user;
    return j->stage->run(j->stages, error);
}

static int open_output(const job *j, GError **error)
{
    if (j->name == to_file)
        return bench_open_unnamed(j->settings->output, error);
    const int fd = g_open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "Cannot open /dev/null: %s", g_strerror(errno));
    return fd;
}

static bool decode(const job *j, bench_decoded *decoded, GError **error)
{
    const int fd = open_output(j, error);
    if (fd < 0)
        return false;
    const bool good = bench_decode(j->waveform, j->settings->cpu, j->threads, fd, decoded, error);
    close(fd);
    return good;
}

static bool run_decode(void *user, GError **error)
{
    bench_decoded decoded;
    return decode(user, &decoded, error);
}

static bool is_wanted(const plan *p, const char *stage, unsigned threads)
{
    g_autofree char *name = bench_row_name(p->record->name, stage, threads);
    return p->settings->wanted == NULL || g_regex_match(p->settings->wanted, name, 0, NULL);
}

/** A record that is mapped over and over is decoded but once, with the most threads, for the memory
    that it takes. */
static bool is_long(const plan *p)
{
    return p->record->times > 1;
}

/** Notes what is wanted. */
static void make_plan(plan *p)
{
    const job limit = {.name = "limit"};
    if (is_wanted(p, limit.name, 0))
        g_array_append_val(p->jobs, limit);
    for (const bench_stage *stage = bench_stage_table; stage->name != NULL && !is_long(p);
         stage++) {
        const job j = {.name = stage->name, .stage = stage};
        if (is_wanted(p, j.name, 0))
            g_array_append_val(p->jobs, j);
    }
    const char *const decodes[] = {to_memory, to_file};
    for (size_t i = is_long(p) ? 1 : 0; i < G_N_ELEMENTS(decodes); i++) {
        for (size_t t = is_long(p) ? G_N_ELEMENTS(thread_counts) - 1 : 0;
             t < G_N_ELEMENTS(thread_counts); t++) {
            const job j = {.name = decodes[i], .threads = thread_counts[t]};
            if (is_wanted(p, j.name, j.threads))
                g_array_append_val(p->jobs, j);
        }
    }
}

/** Opens the record, and prepares the stages if one is wanted. */
static bool prepare(plan *p, GError **error)
{
    bool any_stage = false;
    if (!bench_record_open(p->record, p->path, &p->open, error))
        return false;
    const sd_waveform *waveform = p->open.waveform;
    for (guint i = 0; i < p->jobs->len; i++)
        any_stage = any_stage || g_array_index(p->jobs, job, i).stage != NULL;
    if (any_stage) {
        p->stages = bench_stages_new(waveform, p->settings->cpu, error);
        if (p->stages == NULL)
            return false;
    }
    for (guint i = 0; i < p->jobs->len; i++) {
        job *j = &g_array_index(p->jobs, job, i);
        j->settings = p->settings;
        j->waveform = waveform;
        j->stages = p->stages;
    }
    return true;
}

/** Decodes once before anything is measured: tells how many code-groups there are. */
static bool count_groups(plan *p, GError **error)
{
    const job whole = {
        .name = to_memory,
        .settings = p->settings,
        .waveform = p->open.waveform,
        .threads = thread_counts[G_N_ELEMENTS(thread_counts) - 1],
    };
    bench_decoded decoded;
    if (!decode(&whole, &decoded, error))
        return false;
    p->groups = decoded.groups;
    return true;
}

/** Decodes in a new process, where that is to be measured as well. */
static bool measure_alone(plan *p, const job *j, bench_task *task, bench_alone_result *alone,
                          GError **error)
{
    *alone = (bench_alone_result){.memory = NAN, .first_frame_seconds = NAN};
    if (j->name != to_file)
        return true;
    const bench_alone_settings settings = {p->settings->cpu, j->threads, p->settings->output};
    if (!bench_alone(p->record, p->path, &settings, alone, error))
        return false;
    if (is_long(p)) {
        task->best = alone->time;
        p->groups = alone->groups;
    }
    return true;
}

static void add_row(const plan *p, const job *j, const bench_task *task, const bench_task *limit,
                    const bench_alone_result *alone, GArray *results)
{
    const bench_row row = {
        .name = bench_row_name(p->record->name, j->name, j->threads),
        .samples = sd_channel_samples(&p->open.waveform->channel[0]),
        .groups = p->groups,
        .time = task->best,
        .limit = limit->best,
        .memory = alone->memory,
        .first_frame_seconds = alone->first_frame_seconds,
    };
    bench_print_row(&row);
    g_array_append_val(results, row);
}

/** Measures the tasks, one for each job, against the limit. */
static bool measure_tasks(plan *p, bench_task *limit, bench_task *task, bench_alone_result *alone,
                          GError **error)
{
    const guint jobs = p->jobs->len;
    if (!is_long(p) && !count_groups(p, error))
        return false;
    if (!bench_measure(limit, task, is_long(p) ? 0 : jobs, is_long(p) ? 1 : p->settings->runs,
                       error))
        return false;
    for (guint i = 0; i < jobs; i++) {
        if (!measure_alone(p, &g_array_index(p->jobs, job, i), &task[i], &alone[i], error))
            return false;
    }
    return true;
}

/** Measures what is planned. */
static bool measure(plan *p, GArray *results, GError **error)
{
    job whole = {.waveform = p->open.waveform};
    bench_task limit = {.run = run_limit, .user = &whole};
    const guint jobs = p->jobs->len;
    bench_task *task = g_new0(bench_task, jobs);
    bench_alone_result *alone = g_new0(bench_alone_result, jobs);
    for (guint i = 0; i < jobs; i++) {
        job *j = &g_array_index(p->jobs, job, i);
        task[i].run = j->stage != NULL ? run_stage : j->threads > 0 ? run_decode : run_limit;
        task[i].user = j;
    }
    const bool good = measure_tasks(p, &limit, task, alone, error);
    for (guint i = 0; good && i < jobs; i++) {
        const job *j = &g_array_index(p->jobs, job, i);
        add_row(p, j, task[i].run == run_limit ? &limit : &task[i], &limit, &alone[i], results);
    }
    g_free(alone);
    g_free(task);
    return good;
}

bool bench_rows(const bench_record *record, const bench_settings *settings, GArray *results,
                GError **error)
{
    plan p = {.record = record, .settings = settings};
    p.jobs = g_array_new(FALSE, FALSE, sizeof(job));
    make_plan(&p);
    bool good = true;
    if (p.jobs->len > 0) {
        p.path = bench_record_make(record, settings->folder, settings->generator, error);
        good = p.path != NULL && prepare(&p, error) && measure(&p, results, error);
        bench_stages_free(p.stages);
        bench_record_close(&p.open);
        g_free(p.path);
    }
    g_array_free(p.jobs, TRUE);
    return good;
}
