/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/stream.h"

#include "scopedump/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/** The file is so long, and nearly all of it a hole: as long as any record may be; or shorter, down
   to this, where a process has fewer addresses, as 512 GiB with the kernels of many Arm boards. */
#define LENGTH_MOST  (UINT64_C(1) << 42)
#define LENGTH_LEAST (UINT64_C(1) << 30)
/** Bytes from which a format is told. */
#define HEAD (UINT64_C(1) << 20)
/** Bytes that are read at a time. */
#define PIECE (256 << 10)
/** Bytes that may wait to be decoded; the pipe's writer then waits. */
#define AHEAD (UINT64_C(64) << 20)
/** Bytes that are taken out of the file at a time. */
#define FORGET (UINT64_C(1) << 20)
/** How often it is asked whether to stop, in microseconds. */
#define ASK_US 100000

struct sd_stream {
    int from, file;
    int wake[2]; /* a pipe that ends the thread's waiting */
    bool (*stopped)(void);
    GThread *thread;
    GMutex mutex;
    GCond changed;
    uint64_t length;
    uint64_t arrived, forgotten;
    uint64_t wanted; /* somebody waits for so many, whatever waits to be decoded */
    bool ended, stop;
    char *failure; /* why it ended, if not by itself; until then not set */
};

/** Waits until the pipe has something; false when the thread is to end. */
static bool wait_for_input(const sd_stream *s)
{
    struct pollfd both[] = {{.fd = s->from, .events = POLLIN},
                            {.fd = s->wake[0], .events = POLLIN}};
    while (poll(both, G_N_ELEMENTS(both), -1) < 0) {
        if (errno != EINTR)
            return false;
    }
    return both[1].revents == 0;
}

/** Writes all of @p bytes into the file, at @p at. */
static bool put(const sd_stream *s, const uint8_t *bytes, size_t size, uint64_t at)
{
    while (size > 0) {
        const ssize_t n = pwrite(s->file, bytes, size, (off_t)at);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
            at += (uint64_t)n;
        }
    }
    return true;
}

/** Takes in the @p n bytes that read() gave, or its end or failure; false when no more can come. */
static bool take(sd_stream *s, const uint8_t *piece, ssize_t n)
{
    if (n < 0)
        s->failure = g_strdup_printf("reading it failed: %s", g_strerror(errno));
    else if (s->arrived + (uint64_t)n > s->length)
        s->failure = g_strdup("a process has no more addresses on this computer");
    else if (!put(s, piece, (size_t)n, s->arrived))
        s->failure = g_strdup_printf("it could not be kept in %s: %s (the variable TMPDIR chooses "
                                     "another folder)",
                                     g_get_tmp_dir(), g_strerror(errno));
    return n > 0 && s->failure == NULL;
}

static gpointer read_pipe(gpointer user)
{
    sd_stream *s = user;
    uint8_t *piece = g_malloc(PIECE);
    for (bool more = true; more;) {
        const ssize_t n = wait_for_input(s) ? read(s->from, piece, PIECE) : 0;
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        more = take(s, piece, n);
        g_mutex_lock(&s->mutex);
        if (more)
            s->arrived += (uint64_t)n;
        else
            s->ended = true;
        g_cond_broadcast(&s->changed);
        while (more && !s->stop && s->arrived > s->forgotten + AHEAD && s->arrived >= s->wanted)
            g_cond_wait(&s->changed, &s->mutex);
        more = more && !s->stop;
        g_mutex_unlock(&s->mutex);
    }
    g_free(piece);
    return NULL;
}

/** A temporary file without a name; -1 on failure. */
static int open_file(void)
{
    g_autofree char *path = NULL;
    const int file = g_file_open_tmp("scopedump-XXXXXX", &path, NULL);
    if (file >= 0)
        g_unlink(path);
    return file;
}

/** Gives the file its length, and maps it; MAP_FAILED when no length will do. */
static void *map_file(int file, uint64_t *length)
{
    for (*length = LENGTH_MOST; *length >= LENGTH_LEAST; *length /= 2) {
        if (ftruncate(file, (off_t)*length) != 0)
            continue;
        void *address = mmap(NULL, *length, PROT_READ, MAP_SHARED | MAP_NORESERVE, file, 0);
        if (address != MAP_FAILED)
            return address;
    }
    return MAP_FAILED;
}

sd_mapping *sd_stream_open(int descriptor, const char *name, bool (*stopped)(void), GError **error)
{
    uint64_t length = 0;
    const int file = open_file();
    void *address = file >= 0 ? map_file(file, &length) : MAP_FAILED;
    if (address == MAP_FAILED) {
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                    "%s needs a temporary file in %s, which cannot be written: %s (the variable "
                    "TMPDIR chooses another folder)",
                    name, g_get_tmp_dir(), g_strerror(errno));
        if (file >= 0)
            close(file);
        return NULL;
    }
    sd_stream *s = g_new0(sd_stream, 1);
    s->from = descriptor;
    s->file = file;
    s->length = length;
    s->stopped = stopped;
    g_mutex_init(&s->mutex);
    g_cond_init(&s->changed);
    g_unix_open_pipe(s->wake, FD_CLOEXEC, NULL);
    s->thread = g_thread_new("pipe", read_pipe, s);

    const gint64 now = g_get_real_time();
    sd_mapping *mapping = g_new0(sd_mapping, 1);
    mapping->name = g_strdup(name);
    mapping->address = address;
    mapping->data = address;
    mapping->length = length;
    mapping->modified = now / G_USEC_PER_SEC;
    mapping->modified_fraction = (double)(now % G_USEC_PER_SEC) / G_USEC_PER_SEC;
    mapping->stream = s;
    bool all;
    const uint64_t head = sd_stream_wait(s, HEAD, true, &all);
    mapping->size = all ? head : length;
    if (head > 0)
        return mapping;
    if (sd_stream_check(s, name, error))
        g_set_error(error, SD_ERROR, SD_ERROR_FORMAT, "%s is empty: not one byte has come", name);
    sd_mapping_free(mapping);
    return NULL;
}

void sd_stream_free(sd_stream *s)
{
    if (s == NULL)
        return;
    g_mutex_lock(&s->mutex);
    s->stop = true;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->mutex);
    close(s->wake[1]);
    g_thread_join(s->thread);
    close(s->wake[0]);
    close(s->file);
    g_mutex_clear(&s->mutex);
    g_cond_clear(&s->changed);
    g_free(s->failure);
    g_free(s);
}

uint64_t sd_stream_wait(sd_stream *s, uint64_t wanted, bool forever, bool *all)
{
    const gint64 begin = g_get_monotonic_time();
    g_mutex_lock(&s->mutex);
    s->wanted = MAX(s->wanted, wanted);
    g_cond_broadcast(&s->changed);
    for (int asked = 1; s->arrived < wanted && !s->ended; asked++) {
        if (g_cond_wait_until(&s->changed, &s->mutex, begin + asked * ASK_US))
            asked--; /* something has come */
        else if (!forever || (s->stopped != NULL && s->stopped()))
            break;
    }
    const uint64_t arrived = s->arrived;
    *all = s->ended || (s->stopped != NULL && s->stopped());
    g_mutex_unlock(&s->mutex);
    return arrived;
}

bool sd_stream_check(sd_stream *s, const char *name, GError **error)
{
    g_mutex_lock(&s->mutex);
    const bool good = !s->ended || s->failure == NULL;
    if (!good)
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                    "%s: what came behind byte %" G_GUINT64_FORMAT " is lost, for %s", name,
                    s->arrived, s->failure);
    g_mutex_unlock(&s->mutex);
    return good;
}

void sd_stream_forget(sd_stream *s, uint64_t before)
{
    g_mutex_lock(&s->mutex);
    const uint64_t from = s->forgotten;
    before = MIN(before, s->arrived) / FORGET * FORGET;
    if (before > from) {
        /* Where the file system cannot, the file grows: no harm but that. */
        (void)fallocate(s->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
                        (off_t)(before - from));
        s->forgotten = before;
        g_cond_broadcast(&s->changed);
    }
    g_mutex_unlock(&s->mutex);
}
