/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extcap.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#include "capture.h"
#include "command_line.h"
#include "scopedump/error.h"
#include "toolbar.h"
#include "watch.h"

static void show_progress(capture *c, void *user)
{
    toolbar_progress(user, c);
}

/** Decodes one record. */
static bool run_record(const options *o, int fifo, toolbar *t, int *status, GError **error)
{
    const capture_observer observer = {show_progress, t};
    capture *c = capture_open(o, error);
    const bool good =
        c != NULL && capture_run(c, fifo, toolbar_present(t) ? &observer : NULL, error);
    if (good && toolbar_present(t))
        toolbar_finished(t, c);
    if (good && !capture_locked(c) && !capture_stopped()) {
        char *verdict = capture_verdict(c);
        fprintf(stderr, "%s\n", verdict);
        g_free(verdict);
        *status = STATUS_NO_LOCK;
    }
    if (c != NULL)
        capture_free(c);
    return good;
}

/** Does what was asked, with all pipes open. */
static int run(const options *o, int *fifo, toolbar *t)
{
    GError *error = NULL;
    int status = STATUS_DECODED;
    const bool good = o->watch != NULL ? watch_run(o, *fifo, t, &status, &error)
                                       : run_record(o, *fifo, t, &status, &error);
    if (good)
        return status;
    /* that the reader has gone is the usual way to stop a capture */
    if (error->code != SD_ERROR_READER_GONE) {
        status = status_of(error);
        toolbar_log(t, error->message);
        close(*fifo);
        *fifo = -1;
        complain(error);
    }
    g_error_free(error);
    return status;
}

int run_extcap(const options *o, const GError *wrong)
{
    capture_catch_signals();
    /* Wireshark waits in open() until these are open, in this order. */
    toolbar *t = toolbar_open(o->control_in, o->control_out);
    int fifo = o->fifo != NULL ? g_open(o->fifo, O_WRONLY | O_CLOEXEC, 0) : -1;
    const int number = errno;
    int status = STATUS_USAGE;
    if (wrong != NULL)
        complain(wrong);
    else if (fifo >= 0)
        status = run(o, &fifo, t);
    else
        fprintf(stderr, "The FIFO cannot be opened: %s%s%s.\n",
                o->fifo == NULL ? "--fifo is missing" : o->fifo, o->fifo == NULL ? "" : ": ",
                o->fifo == NULL ? "" : g_strerror(number));
    if (fifo >= 0)
        close(fifo);
    toolbar_free(t);
    return status;
}
