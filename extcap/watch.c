/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <glib-unix.h>
#include <stdio.h>
#include <sys/stat.h>

#include "capture.h"
#include "capture_filter.h"
#include "command_line.h"
#include "scopedump/error.h"
#include "watch_folder.h"

/** What is going on. */
typedef struct {
    const options *options;
    int fd;
    toolbar *toolbar; /* or NULL */
    sd_pcapng *writer;
    int status;
    GError *error; /* the watch cannot go on */
} watch;

/** Whether the user sees the toolbar. */
static bool has_toolbar(const watch *w)
{
    return w->toolbar != NULL && toolbar_present(w->toolbar);
}

/** Tells of a file that cannot be decoded, wherever the user can see it. One that is no record at
    all, such as the picture of a screen, is only mentioned. */
static void tell_unreadable(watch *w, const GError *error)
{
    if (has_toolbar(w)) {
        toolbar_status(w->toolbar, error->message);
        toolbar_log(w->toolbar, error->message);
    } else {
        complain(error);
    }
    if (g_error_matches(error, SD_ERROR, SD_ERROR_FORMAT))
        return;
    w->status = STATUS_FILE;
    const sd_event event = {.kind = SD_EVENT_RECORD_UNREADABLE, .lane = SD_LANE_NONE};
    if (w->writer != NULL) {
        sd_pcapng_notice(w->writer, &event, g_get_real_time() * 1000, error->message);
        sd_pcapng_flush(w->writer, &w->error);
    }
}

static void show_progress(capture *c, void *user)
{
    toolbar_progress(user, c);
}

/** Tells of a record that has been decoded. */
static void tell_decoded(watch *w, capture *c)
{
    const options *o = w->options;
    const bool locked = capture_locked(c) || capture_stopped();
    if (!locked && w->status == STATUS_DECODED)
        w->status = STATUS_NO_LOCK;
    if (has_toolbar(w)) {
        toolbar_finished(w->toolbar, c);
    } else if (w->fd < 0 && !o->quiet) {
        char *report = capture_text(c);
        printf("%s\n", report);
        fflush(stdout);
        g_free(report);
    } else if (!locked || (w->toolbar == NULL && !o->quiet)) {
        char *name = capture_name(c), *verdict = capture_verdict(c);
        fprintf(stderr, "%s: %" G_GUINT64_FORMAT " packets. %s\n", name, capture_packets(c),
                verdict);
        g_free(verdict);
        g_free(name);
    }
}

/** Whether a file that gives this error may be one that is still being copied. */
static bool may_be_incomplete(const GError *error)
{
    return g_error_matches(error, SD_ERROR, SD_ERROR_OPEN) ||
           g_error_matches(error, SD_ERROR, SD_ERROR_FORMAT) ||
           g_error_matches(error, SD_ERROR, SD_ERROR_DAMAGED);
}

/** Whether the file that is open was written to since; one that has taken its name is another. */
static bool was_written(const char *path, const struct stat *before)
{
    struct stat now;
    return stat(path, &now) == 0 && now.st_dev == before->st_dev && now.st_ino == before->st_ino &&
           (now.st_size != before->st_size || now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
            now.st_mtim.tv_nsec != before->st_mtim.tv_nsec);
}

/** Decodes an open record; false when that failed. */
static bool decode(watch *w, capture *c, const char *path, GError **error)
{
    const capture_observer observer = {show_progress, w->toolbar};
    struct stat before;
    const bool known = stat(path, &before) == 0;
    if (!capture_run_into(c, w->writer, has_toolbar(w) ? &observer : NULL, error))
        return false;
    tell_decoded(w, c);
    if (!known || !was_written(path, &before))
        return true;
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s was written over while it was being decoded: what was decoded is of both",
                path);
    return false;
}

/** Decodes a file; false when it may not be complete. */
static bool take_record(const char *path, bool last, void *user)
{
    watch *w = user;
    options record = *w->options;
    GError *error = NULL;
    if (w->error != NULL || capture_stopped())
        return false;
    record.file = g_strdup(path);
    capture *c = capture_open(&record, &error);
    if (c != NULL) {
        decode(w, c, path, &error);
        capture_free(c);
    }
    g_free(record.file);
    if (c == NULL && !last && may_be_incomplete(error)) {
        g_error_free(error);
        return false;
    }
    if (error == NULL)
        return true;
    if (g_error_matches(error, SD_ERROR, SD_ERROR_WRITE) ||
        g_error_matches(error, SD_ERROR, SD_ERROR_READER_GONE)) {
        w->error = error;
        return false;
    }
    if (g_file_test(path, G_FILE_TEST_EXISTS)) /* otherwise it was taken away again */
        tell_unreadable(w, error);
    g_error_free(error);
    return true;
}

/** What the user does to the toolbar. */
static gboolean take_control(gint fd, GIOCondition condition, gpointer user)
{
    watch *w = user;
    (void)fd;
    (void)condition;
    toolbar_listen(w->toolbar);
    return toolbar_input(w->toolbar) >= 0;
}

/** The reader of the packets has gone: the usual way to stop, when nothing is written. */
static gboolean take_hang_up(gint fd, GIOCondition condition, gpointer user)
{
    watch *w = user;
    (void)fd;
    (void)condition;
    g_set_error_literal(&w->error, SD_ERROR, SD_ERROR_READER_GONE, "Nobody reads the packets");
    return G_SOURCE_REMOVE;
}

/** Watches until something ends it. */
static void wait_for_records(watch *w, watch_folder *folder)
{
    guint sources[2] = {0, 0};
    const int input = w->toolbar != NULL ? toolbar_input(w->toolbar) : -1;
    if (input >= 0)
        sources[0] = g_unix_fd_add(input, G_IO_IN, take_control, w);
    if (w->fd >= 0)
        sources[1] = g_unix_fd_add(w->fd, G_IO_ERR, take_hang_up, w);
    while (w->error == NULL && !capture_stopped())
        watch_folder_wait(folder, &w->error);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        GSource *source =
            sources[i] != 0 ? g_main_context_find_source_by_id(NULL, sources[i]) : NULL;
        if (source != NULL)
            g_source_destroy(source);
    }
}

/** Whether the options can be right for any record. */
static bool check_filter(const options *o, GError **error)
{
    capture_filter *filter = capture_filter_new(o->filter, error);
    capture_filter_free(filter);
    return filter != NULL;
}

bool watch_run(const options *o, int fd, toolbar *t, int *status, GError **error)
{
    watch w = {.options = o, .fd = fd, .toolbar = t, .status = STATUS_DECODED};
    char *path = watch_folder_path(o->watch);
    char *name = g_filename_display_name(path);
    char *origin = g_strdup_printf("Watched folder %s", name);
    watch_folder *folder = NULL;
    if (check_filter(o, &w.error))
        folder = watch_folder_new(path, o->existing, take_record, &w, &w.error);
    if (folder != NULL && fd >= 0)
        w.writer = capture_output_new(o, fd, origin, &w.error);
    if (folder != NULL && w.error == NULL) {
        if (t != NULL) {
            toolbar_status(t, origin);
            toolbar_report(t, "There is no record yet.\n");
        }
        wait_for_records(&w, folder);
    }
    if (w.writer != NULL && (w.error == NULL || w.error->code == SD_ERROR_OPEN)) {
        sd_pcapng_finish(w.writer);
        sd_pcapng_flush(w.writer, w.error == NULL ? &w.error : NULL);
    }
    sd_pcapng_free(w.writer);
    watch_folder_free(folder);
    g_free(origin);
    g_free(name);
    g_free(path);
    *status = w.status;
    if (w.error == NULL)
        return true;
    g_propagate_error(error, w.error);
    return false;
}
