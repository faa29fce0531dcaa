/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command_line.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "scopedump/cpu.h"
#include "scopedump/error.h"
#include "scopedump/info.h"
#include "watch.h"

void complain(const GError *error)
{
    const size_t length = strlen(error->message);
    const bool ended = length > 0 && strchr(".!?", error->message[length - 1]) != NULL;
    fprintf(stderr, "%s%s\n", error->message, ended ? "" : ".");
}

static bool is_stdio(const char *path)
{
    return strcmp(path, "-") == 0;
}

int status_of(const GError *error)
{
    return error->code == SD_ERROR_USAGE || error->code == SD_ERROR_CHANNEL ? STATUS_USAGE
                                                                            : STATUS_FILE;
}

static void show_progress(capture *c, void *user)
{
    (void)user;
    fprintf(stderr, "\r%3.0f %%", capture_share(c) * 100);
    fflush(stderr);
}

/** Writes @p text to a file or to standard output. */
static bool write_text(const char *path, const char *text, GError **error)
{
    if (is_stdio(path)) {
        if (fputs(text, stdout) != EOF && fflush(stdout) == 0)
            return true;
    } else {
        FILE *file = g_fopen(path, "w");
        if (file != NULL) {
            const bool written = fputs(text, file) != EOF;
            if (fclose(file) == 0 && written)
                return true;
        }
    }
    g_set_error(error, SD_ERROR, SD_ERROR_WRITE, "The report cannot be written to %s: %s",
                is_stdio(path) ? "standard output" : path, g_strerror(errno));
    return false;
}

/** Opens the output of -w: -1 when there is none, -2 on failure. */
static int open_output(const options *o, GError **error)
{
    if (o->write == NULL)
        return -1;
    if (is_stdio(o->write)) {
        if (!isatty(STDOUT_FILENO))
            return STDOUT_FILENO;
        g_set_error(
            error, SD_ERROR, SD_ERROR_USAGE,
            "Packets are not written to a terminal: send standard output to a file or a pipe");
        return -2;
    }
    const int fd = g_open(o->write, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd >= 0)
        return fd;
    g_set_error(error, SD_ERROR, SD_ERROR_WRITE, "%s cannot be written: %s", o->write,
                g_strerror(errno));
    return -2;
}

/** Writes JSON with a newline to where --json wants it. */
static bool write_json(const options *o, const char *json, GError **error)
{
    char *text = g_strconcat(json, "\n", NULL);
    const bool good = write_text(o->json, text, error);
    g_free(text);
    return good;
}

static bool give_reports(const options *o, capture *c, GError **error)
{
    const sd_report *reports[CAPTURE_SIGNALS_MOST];
    const unsigned count = capture_reports(c, reports);
    if (o->json != NULL) {
        char *json = count == 1 ? sd_report_json(reports[0]) : sd_reports_json(reports, count);
        const bool good = write_json(o, json, error);
        g_free(json);
        return good;
    }
    if (o->write != NULL || o->quiet)
        return true;
    char *text = capture_text(c);
    const bool good = write_text("-", text, error);
    g_free(text);
    return good;
}

static void say_speed(const options *o, capture *c, gint64 microseconds)
{
    const sd_report *reports[CAPTURE_SIGNALS_MOST];
    const unsigned count = capture_reports(c, reports);
    guint64 samples = 0;
    for (unsigned i = 0; i < count; i++)
        samples += reports[i]->samples;
    fprintf(stderr,
            "%" G_GUINT64_FORMAT " samples in %.3f s: %.1f million samples per second (%s)\n",
            samples, (double)microseconds / 1e6, (double)samples / (double)MAX(microseconds, 1),
            sd_cpu_used(o->settings.cpu));
}

int run_command_line(const options *o)
{
    GError *error = NULL;
    int status = STATUS_DECODED;
    capture_catch_signals();
    const gint64 began = g_get_monotonic_time();
    capture *c = capture_open(o, &error);
    const int fd = c != NULL ? open_output(o, &error) : -2;
    const bool to_file = fd >= 0 && fd != STDOUT_FILENO;
    const bool progress = to_file && !o->quiet && isatty(STDERR_FILENO);

    const capture_observer observer = {show_progress, NULL};
    if (fd >= -1 && capture_run(c, fd, progress ? &observer : NULL, &error)) {
        if (progress)
            fputs("\r     \r", stderr);
        if (o->verbose)
            say_speed(o, c, g_get_monotonic_time() - began);
        if (to_file && !o->quiet) {
            char *verdict = capture_verdict(c);
            fprintf(stderr, "%" G_GUINT64_FORMAT " packets written to %s. %s\n", capture_packets(c),
                    o->write, verdict);
            g_free(verdict);
        }
        if (!capture_locked(c) && !capture_stopped())
            status = STATUS_NO_LOCK;
        give_reports(o, c, &error);
    }
    if (error != NULL && error->code == SD_ERROR_READER_GONE)
        g_clear_error(&error); /* as with "| head": no fault of ours */
    if (error != NULL) {
        status = status_of(error);
        complain(error);
        g_error_free(error);
    }
    if (to_file)
        close(fd);
    if (c != NULL)
        capture_free(c);
    return status;
}

int run_watch(const options *o)
{
    GError *error = NULL;
    int status = STATUS_DECODED;
    capture_catch_signals();
    const int fd = open_output(o, &error);
    if (fd >= -1)
        watch_run(o, fd, NULL, &status, &error);
    if (error != NULL && error->code != SD_ERROR_READER_GONE) {
        status = status_of(error);
        complain(error);
    }
    g_clear_error(&error);
    if (fd >= 0 && fd != STDOUT_FILENO)
        close(fd);
    return status;
}

int run_info(const options *o)
{
    GError *error = NULL;
    sd_waveform *waveform = capture_open_record(o, &error);
    if (waveform != NULL && o->json != NULL) {
        char *json = sd_info_json(waveform);
        write_json(o, json, &error);
        g_free(json);
    } else if (waveform != NULL) {
        char *text = sd_info_text(waveform);
        write_text("-", text, &error);
        g_free(text);
    }
    sd_waveform_free(waveform);
    const int status = error == NULL ? STATUS_DECODED : status_of(error);
    if (error != NULL)
        complain(error);
    g_clear_error(&error);
    return status;
}
