/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decoded_record.h"

#define WS_LOG_DOMAIN "scopedump"
#include <wireshark.h>
#include <wsutil/wslog.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture.h"
#include "decode_options.h"
#include "scopedump/error.h"

/** Samples that are decoded at opening for the interfaces' speeds: some tenths of a second. */
#define SAMPLES_TO_DESCRIBE (1U << 24)
/** Records that are kept while nobody uses them. */
#define KEPT 4

/** What tells that a file is still the same. */
typedef struct {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
} identity;

struct decoded_record {
    unsigned users;
    bool stale; /* not to be found again */
    identity file, file_neg;
    char *path;
    char *option_text;
    options options;
    capture *capture; /* NULL: the record is at its end */
    int fd;           /* of the pcapng, whose name has been removed */
    char *pcapng;
    guint64 packets; /* in the pcapng */
    char *fault;
};

/** All records, those used last in front. */
static GQueue records = G_QUEUE_INIT;

/** All zero when there is no such file: then opening it will say why. */
static identity identify(const char *path)
{
    struct stat status;
    if (path == NULL || stat(path, &status) != 0)
        return (identity){0};
    return (identity){status.st_dev, status.st_ino, status.st_size, status.st_mtim};
}

static bool is_same(const identity *a, const identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified.tv_sec == b->modified.tv_sec && a->modified.tv_nsec == b->modified.tv_nsec;
}

static void free_record(decoded_record *record)
{
    if (record->capture != NULL)
        capture_free(record->capture);
    if (record->fd >= 0)
        close(record->fd);
    options_clear(&record->options);
    g_free(record->path);
    g_free(record->option_text);
    g_free(record->pcapng);
    g_free(record->fault);
    g_free(record);
}

/** Frees records that nobody uses: those that are stale, and those used longest ago. */
static void tidy(void)
{
    unsigned kept = 0;
    for (GList *link = records.head; link != NULL;) {
        decoded_record *record = link->data;
        GList *next = link->next;
        if (record->users == 0 && (record->stale || ++kept > KEPT)) {
            g_queue_delete_link(&records, link);
            free_record(record);
        }
        link = next;
    }
}

/** One more block, or the end. */
static bool decode_block(decoded_record *record, bool describe, GError **error)
{
    bool more;
    /* Mapped samples that are no longer there would end the process. */
    const identity now = identify(record->path);
    if (now.inode != 0 && !is_same(&now, &record->file)) {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s has changed while it was read: open it again", record->path);
        return false;
    }
    if (!capture_step(record->capture, describe, &more, error))
        return false;
    if (capture_described(record->capture))
        record->packets = capture_packets(record->capture);
    if (!more) {
        if (!capture_locked(record->capture))
            record->fault = capture_verdict(record->capture);
        g_clear_pointer(&record->capture, capture_free);
    }
    return true;
}

/** Makes the file for the pcapng; it has no name that could be left behind. */
static bool make_pcapng(decoded_record *record, GError **error)
{
    g_autofree char *path = NULL;
    record->fd = g_file_open_tmp("scopedump-XXXXXX", &path, NULL);
    if (record->fd < 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_WRITE,
                    "No temporary file for the packets can be made in %s: %s (the variable TMPDIR "
                    "chooses another folder)",
                    g_get_tmp_dir(), g_strerror(errno));
        return false;
    }
    g_unlink(path);
    record->pcapng = g_strdup_printf("/proc/self/fd/%d", record->fd);
    return true;
}

/** Decodes until the interfaces have been written. */
static bool describe(decoded_record *record, GError **error)
{
    bool enough = false;
    while (record->capture != NULL && !capture_described(record->capture)) {
        if (!decode_block(record, enough, error))
            return false;
        enough = record->capture != NULL && capture_samples(record->capture) >= SAMPLES_TO_DESCRIBE;
    }
    return true;
}

static decoded_record *new_record(const char *path, options *o, GError **error)
{
    decoded_record *record = g_new0(decoded_record, 1);
    record->users = 1;
    record->fd = -1;
    record->path = g_strdup(path);
    record->option_text = g_strdup(decode_options_text());
    record->options = *o;
    record->options.file = g_strdup(path);
    record->file = identify(path);
    record->file_neg = identify(record->options.file_neg);
    ws_info("decoding %s", path);
    record->capture = capture_open(&record->options, error);
    if (record->capture != NULL && make_pcapng(record, error) &&
        capture_begin(record->capture, record->fd, error) && describe(record, error)) {
        g_queue_push_head(&records, record);
        return record;
    }
    free_record(record);
    return NULL;
}

/** The record of this file with these options, if it has been kept. */
static decoded_record *find_record(const char *path, const options *o)
{
    const identity file = identify(path), file_neg = identify(o->file_neg);
    for (GList *link = records.head; link != NULL; link = link->next) {
        decoded_record *record = link->data;
        if (!record->stale && is_same(&record->file, &file) &&
            is_same(&record->file_neg, &file_neg) &&
            g_strcmp0(record->option_text, decode_options_text()) == 0) {
            g_queue_unlink(&records, link);
            g_queue_push_head_link(&records, link);
            return record;
        }
    }
    return NULL;
}

decoded_record *decoded_record_open(const char *path, GError **error)
{
    options o;
    if (!decode_options_read(&o, error)) {
        options_clear(&o);
        return NULL;
    }
    decoded_record *record = find_record(path, &o);
    if (record == NULL)
        return new_record(path, &o, error);
    options_clear(&o);
    record->users++;
    ws_info("%s has been decoded before", path);
    return record;
}

void decoded_record_close(decoded_record *record)
{
    if (record == NULL)
        return;
    record->users--;
    tidy();
}

const char *decoded_record_pcapng(const decoded_record *record)
{
    return record->pcapng;
}

bool decoded_record_reach(decoded_record *record, guint64 packet, GError **error)
{
    while (record->capture != NULL && record->packets <= packet) {
        if (!decode_block(record, false, error)) {
            record->stale = true;
            return false;
        }
    }
    return record->packets > packet;
}

double decoded_record_share(const decoded_record *record, guint64 packets)
{
    if (record->capture != NULL)
        return capture_share(record->capture);
    return record->packets > 0 ? (double)packets / (double)record->packets : 1;
}

const char *decoded_record_fault(const decoded_record *record)
{
    return record->fault;
}
