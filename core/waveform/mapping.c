/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/mapping.h"

#include "scopedump/error.h"
#include "waveform/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Records of more than 2 GiB are common. */
G_STATIC_ASSERT(sizeof(off_t) == sizeof(int64_t));

/** What a path that is no regular file is called. */
static const struct {
    mode_t type;
    const char *what;
} file_types[] = {
    {S_IFDIR, "a directory"},        {S_IFIFO, "a pipe (FIFO)"},  {S_IFSOCK, "a socket"},
    {S_IFCHR, "a character device"}, {S_IFBLK, "a block device"},
};

static void set_open_error(GError **error, const char *name, int number)
{
    static const struct {
        int number;
        const char *what;
    } reasons[] = {
        {ENOENT, "does not exist"},
        {ENOTDIR, "does not exist: a part of its path is no directory"},
        {EACCES, "may not be read: permission denied"},
        {EPERM, "may not be read: permission denied"},
        {ENXIO, "is a socket or device without a file behind it"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (reasons[i].number == number) {
            g_set_error(error, SD_ERROR, SD_ERROR_OPEN, "%s %s", name, reasons[i].what);
            return;
        }
    }
    g_set_error(error, SD_ERROR, SD_ERROR_OPEN, "%s cannot be opened: %s", name,
                g_strerror(number));
}

/** Whether the open file can be mapped; sets the error if not. */
static bool check_status(const struct stat *status, const char *name, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(file_types); i++) {
        if ((status->st_mode & S_IFMT) == file_types[i].type) {
            g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                        "%s is %s; an oscilloscope record must be a regular file", name,
                        file_types[i].what);
            return false;
        }
    }
    if (!S_ISREG(status->st_mode)) {
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN, "%s is no regular file", name);
        return false;
    }
    if (status->st_size <= 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_FORMAT, "%s is empty: it holds not one byte", name);
        return false;
    }
    if ((uint64_t)status->st_size > SIZE_MAX) {
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                    "%s is too large for the address space of this computer: %" G_GINT64_FORMAT
                    " bytes",
                    name, (int64_t)status->st_size);
        return false;
    }
    return true;
}

/** Maps the whole of an open file of @p size bytes; NULL sets the error. */
static void *map(int descriptor, size_t size, const char *name, GError **error)
{
    void *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (data == MAP_FAILED) {
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN, "%s cannot be mapped: %s", name,
                    g_strerror(errno));
        return NULL;
    }
    /* Only advice: the samples are read once, from the first to the last. */
    (void)madvise(data, size, MADV_SEQUENTIAL);
    return data;
}

sd_mapping *sd_mapping_open(const char *path, GError **error)
{
    g_autofree char *name = g_filename_display_name(path);
    /* O_NONBLOCK: opening a FIFO that nobody writes must not hang. */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor < 0) {
        set_open_error(error, name, errno);
        return NULL;
    }
    struct stat status;
    void *address = NULL;
    if (fstat(descriptor, &status) != 0) {
        set_open_error(error, name, errno);
    } else if (check_status(&status, name, error)) {
        address = map(descriptor, (size_t)status.st_size, name, error);
    }
    close(descriptor);
    if (!address) {
        return NULL;
    }
    sd_mapping *mapping = g_new0(sd_mapping, 1);
    mapping->name = g_steal_pointer(&name);
    mapping->address = address;
    mapping->data = address;
    mapping->size = mapping->length = (uint64_t)status.st_size;
    mapping->modified = status.st_mtim.tv_sec;
    mapping->modified_fraction = (double)status.st_mtim.tv_nsec * 1e-9;
    return mapping;
}

sd_mapping *sd_mapping_of_descriptor(int descriptor, uint64_t size, const sd_mapping *like,
                                     GError **error)
{
    void *address = map(descriptor, (size_t)size, like->name, error);
    if (!address) {
        return NULL;
    }
    sd_mapping *mapping = g_new0(sd_mapping, 1);
    mapping->name = g_strdup(like->name);
    mapping->address = address;
    mapping->data = address;
    mapping->size = mapping->length = size;
    mapping->modified = like->modified;
    mapping->modified_fraction = like->modified_fraction;
    return mapping;
}

void sd_mapping_free(sd_mapping *mapping)
{
    if (!mapping) {
        return;
    }
    sd_stream_free(mapping->stream);
    munmap(mapping->address, (size_t)mapping->length);
    g_free(mapping->name);
    g_free(mapping);
}

bool sd_mapping_wait(const sd_mapping *mapping, uint64_t size)
{
    bool all;
    return mapping->stream == NULL || sd_stream_wait(mapping->stream, size, true, &all) >= size;
}

bool sd_mapping_has(const sd_mapping *mapping, uint64_t at, uint64_t size)
{
    return at <= mapping->size && size <= mapping->size - at;
}

bool sd_mapping_equals(const sd_mapping *mapping, uint64_t at, const void *bytes, size_t size)
{
    return sd_mapping_has(mapping, at, size) && memcmp(mapping->data + at, bytes, size) == 0;
}

bool sd_mapping_contains(const sd_mapping *mapping, uint64_t within, const void *bytes, size_t size)
{
    return memmem(mapping->data, (size_t)MIN(within, mapping->size), bytes, size) != NULL;
}

uint64_t sd_mapping_find_character(const sd_mapping *mapping, uint64_t line, uint64_t character)
{
    const uint8_t *at = mapping->data;
    const uint8_t *end = mapping->data + mapping->size;
    for (uint64_t i = 0; i < line && at < end; i++) {
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : end;
    }
    for (uint64_t i = 0; i < character && at < end; i++) {
        do {
            at++;
        } while (at < end && (*at & 0xC0U) == 0x80); /* further bytes of the character */
    }
    return (uint64_t)(at - mapping->data);
}
