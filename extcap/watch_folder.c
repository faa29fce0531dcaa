/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>

#include "scopedump/error.h"

/** Milliseconds from one listing of the folder to the next, when there are files to be tried, and
    when there are none. */
#define BUSY_MS 200
#define IDLE_MS 1000

/** Microseconds that a file must not have changed before it is tried; index 1: whoever wrote it has
    closed it. */
static const gint64 rest_us[] = {2 * G_USEC_PER_SEC, G_USEC_PER_SEC / 5};
/** From one trial to the next, and from the last change until it is given up. */
#define RETRY_US   G_USEC_PER_SEC
#define GIVE_UP_US (10 * G_USEC_PER_SEC)

/** Ends of names of which the second belongs to the first. */
static const struct {
    const char *first, *second;
} pairs[] = {
    {".bin", ".Wfm.bin"}, /* Rohde & Schwarz */
    {".csv", ".Wfm.csv"},
};

/** A file of the folder. */
typedef struct {
    char *name;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
    gint64 changed; /* when it was seen to, monotonic */
    gint64 tried;
    bool closed; /* since then */
    bool done;   /* handed on or given up */
    bool listed; /* in the present listing */
} entry;

struct watch_folder {
    char *path;
    watch_folder_take take;
    void *user;
    GHashTable *entries; /* by name */
    GFileMonitor *monitor;
};

static void free_entry(gpointer data)
{
    entry *e = data;
    g_free(e->name);
    g_free(e);
}

char *watch_folder_path(const char *text)
{
    GFile *file = g_file_new_for_commandline_arg(text);
    char *path = g_file_get_path(file);
    g_object_unref(file);
    if (path == NULL)
        return g_strdup(text); /* of another computer: opening it tells */
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        char *folder = g_path_get_dirname(path);
        g_free(path);
        path = folder;
    }
    return path;
}

static bool is_same(const entry *e, const struct stat *s)
{
    return e->device == s->st_dev && e->inode == s->st_ino && e->size == s->st_size &&
           e->modified.tv_sec == s->st_mtim.tv_sec && e->modified.tv_nsec == s->st_mtim.tv_nsec;
}

/** Whether a name ends so, in either case; receives what is before it. */
static bool has_end(const char *name, const char *end, int *stem)
{
    const size_t length = strlen(name), end_length = strlen(end);
    if (length <= end_length || g_ascii_strcasecmp(name + length - end_length, end) != 0)
        return false;
    *stem = (int)(length - end_length);
    return true;
}

/** The other file of a pair, or NULL. @param second look for the second one, else for the first */
static entry *find_other(const watch_folder *w, const entry *e, bool second)
{
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        int stem;
        const bool is_second = has_end(e->name, pairs[i].second, &stem);
        if (is_second == second || (second && !has_end(e->name, pairs[i].first, &stem)))
            continue;
        char *name =
            g_strdup_printf("%.*s%s", stem, e->name, second ? pairs[i].second : pairs[i].first);
        entry *other = g_hash_table_lookup(w->entries, name);
        g_free(name);
        if (other != NULL)
            return other;
    }
    return NULL;
}

/** Takes the state that a file has now. */
static void note_change(entry *e, const struct stat *s, gint64 now)
{
    e->device = s->st_dev;
    e->inode = s->st_ino;
    e->size = s->st_size;
    e->modified = s->st_mtim;
    e->changed = now;
    e->tried = 0;
    e->closed = e->done = false;
}

/** The entry that has gone from the folder and is the same file: it was renamed. */
static entry *find_renamed(const watch_folder *w, const struct stat *s)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, w->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct stat other;
        entry *e = value;
        if (!is_same(e, s))
            continue;
        char *path = g_build_filename(w->path, e->name, NULL);
        const bool gone = lstat(path, &other) != 0;
        g_free(path);
        if (gone)
            return e;
    }
    return NULL;
}

static void note_file(watch_folder *w, const char *name, const struct stat *s, gint64 now)
{
    entry *e = g_hash_table_lookup(w->entries, name);
    if (e == NULL) {
        const entry *old = find_renamed(w, s);
        e = g_new0(entry, 1);
        note_change(e, s, now);
        e->done = old != NULL && old->done;
        e->listed = true;
        e->name = g_strdup(name);
        g_hash_table_insert(w->entries, e->name, e);
    } else {
        e->listed = true;
        if (is_same(e, s))
            return;
        note_change(e, s, now);
    }
    entry *first = find_other(w, e, false);
    if (first != NULL) /* which may have been given up without it */
        first->done = false;
}

static gboolean is_unlisted(gpointer key, gpointer value, gpointer user)
{
    (void)key;
    (void)user;
    return !((entry *)value)->listed;
}

/** Lists the folder, without hidden files: programs that copy use such names until all is there. */
static bool list(watch_folder *w, GError **error)
{
    const gint64 now = g_get_monotonic_time();
    GHashTableIter iter;
    gpointer value;
    DIR *folder = opendir(w->path);
    if (folder == NULL) {
        g_autofree char *name = g_filename_display_name(w->path);
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN, "The folder %s cannot be watched: %s", name,
                    g_strerror(errno));
        return false;
    }
    g_hash_table_iter_init(&iter, w->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        ((entry *)value)->listed = false;
    for (const struct dirent *file; (file = readdir(folder)) != NULL;) {
        struct stat status;
        if (file->d_name[0] != '.' && fstatat(dirfd(folder), file->d_name, &status, 0) == 0 &&
            S_ISREG(status.st_mode))
            note_file(w, file->d_name, &status, now);
    }
    closedir(folder);
    g_hash_table_foreach_remove(w->entries, is_unlisted, NULL);
    return true;
}

/** Hands a file on, if it has rested. */
static void try_file(watch_folder *w, entry *e)
{
    const gint64 now = g_get_monotonic_time();
    const entry *second = find_other(w, e, true);
    gint64 changed = e->changed;
    bool closed = e->closed;
    if (second != NULL) {
        changed = MAX(changed, second->changed);
        closed = closed && second->closed;
    }
    if (now - changed < rest_us[closed] || (e->tried != 0 && now - e->tried < RETRY_US))
        return;
    const bool last = now - changed >= GIVE_UP_US;
    char *path = g_build_filename(w->path, e->name, NULL);
    e->done = w->take(path, last, w->user) || last;
    e->tried = g_get_monotonic_time();
    g_free(path);
}

/** In the order in which they were written. */
static gint compare_entries(gconstpointer a, gconstpointer b)
{
    const entry *const *x = a, *const *y = b;
    const struct timespec *s = &(*x)->modified, *t = &(*y)->modified;
    if (s->tv_sec != t->tv_sec)
        return s->tv_sec < t->tv_sec ? -1 : 1;
    if (s->tv_nsec != t->tv_nsec)
        return s->tv_nsec < t->tv_nsec ? -1 : 1;
    return strcmp((*x)->name, (*y)->name);
}

/** Files that are still to be handed on; to be freed with g_ptr_array_unref(). */
static GPtrArray *find_pending(const watch_folder *w)
{
    GPtrArray *pending = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, w->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const entry *e = value;
        if (!e->done && find_other(w, e, false) == NULL)
            g_ptr_array_add(pending, value);
    }
    g_ptr_array_sort(pending, compare_entries);
    return pending;
}

/** A file was closed after writing, or moved here. */
static void take_change(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                        gpointer data)
{
    watch_folder *w = data;
    (void)monitor;
    if (event == G_FILE_MONITOR_EVENT_RENAMED)
        file = other;
    else if (event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT &&
             event != G_FILE_MONITOR_EVENT_MOVED_IN)
        return;
    /* What it has become belongs to what was closed: look at it first. */
    list(w, NULL);
    char *name = g_file_get_basename(file);
    entry *e = g_hash_table_lookup(w->entries, name);
    if (e != NULL)
        e->closed = true;
    g_free(name);
}

watch_folder *watch_folder_new(const char *path, bool existing, watch_folder_take take, void *user,
                               GError **error)
{
    watch_folder *w = g_new0(watch_folder, 1);
    w->path = g_strdup(path);
    w->take = take;
    w->user = user;
    w->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_entry);
    GFile *folder = g_file_new_for_path(path);
    /* Without a monitor the listing every second does it. */
    w->monitor = g_file_monitor_directory(folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
    g_object_unref(folder);
    if (w->monitor != NULL)
        g_signal_connect(w->monitor, "changed", G_CALLBACK(take_change), w);
    if (!list(w, error)) {
        watch_folder_free(w);
        return NULL;
    }
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, w->entries);
    while (!existing && g_hash_table_iter_next(&iter, NULL, &value))
        ((entry *)value)->done = true;
    return w;
}

static gboolean wake_up(gpointer data)
{
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
}

bool watch_folder_wait(watch_folder *w, GError **error)
{
    GPtrArray *pending = find_pending(w);
    bool awake = false;
    const guint timer = g_timeout_add(pending->len > 0 ? BUSY_MS : IDLE_MS, wake_up, &awake);
    g_ptr_array_unref(pending);
    g_main_context_iteration(NULL, TRUE);
    if (!awake)
        g_source_remove(timer);

    if (!list(w, error))
        return false;
    pending = find_pending(w);
    for (guint i = 0; i < pending->len; i++)
        try_file(w, pending->pdata[i]);
    g_ptr_array_unref(pending);
    return true;
}

void watch_folder_free(watch_folder *w)
{
    if (w == NULL)
        return;
    if (w->monitor != NULL) {
        g_signal_handlers_disconnect_by_data(w->monitor, w);
        g_object_unref(w->monitor);
    }
    g_hash_table_unref(w->entries);
    g_free(w->path);
    g_free(w);
}
