/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/spool.h"

#include "scopedump/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct sd_spool {
    const sd_mapping *source;
    FILE *file;
    uint64_t size;
};

static void set_error(const sd_spool *spool, int number, GError **error)
{
    g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                "%s has to be unpacked to a temporary file in %s, which cannot be written: %s "
                "(the variable TMPDIR chooses another folder)",
                spool->source->name, g_get_tmp_dir(), g_strerror(number));
}

sd_spool *sd_spool_new(const sd_mapping *source, GError **error)
{
    sd_spool *spool = g_new0(sd_spool, 1);
    spool->source = source;
    g_autofree char *path = NULL;
    const int descriptor = g_file_open_tmp("scopedump-XXXXXX", &path, NULL);
    if (descriptor >= 0) {
        g_unlink(path);
        spool->file = fdopen(descriptor, "w+b");
    }
    if (spool->file == NULL) {
        set_error(spool, errno, error);
        if (descriptor >= 0)
            close(descriptor);
        g_free(spool);
        return NULL;
    }
    return spool;
}

void sd_spool_free(sd_spool *spool)
{
    if (spool == NULL)
        return;
    (void)fclose(spool->file);
    g_free(spool);
}

bool sd_spool_write(sd_spool *spool, const void *bytes, size_t size, GError **error)
{
    if (size > 0 && fwrite(bytes, size, 1, spool->file) != 1) {
        set_error(spool, errno, error);
        return false;
    }
    spool->size += size;
    return true;
}

uint64_t sd_spool_size(const sd_spool *spool)
{
    return spool->size;
}

bool sd_spool_adopt(sd_spool *spool, uint64_t size)
{
    struct stat status;
    if (fstat(fileno(spool->file), &status) != 0 || (uint64_t)status.st_size < size)
        return false;
    spool->size = size;
    return true;
}

sd_mapping *sd_spool_map(sd_spool *spool, GError **error)
{
    if (spool->size == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s holds no samples: it unpacks to nothing, up to its end at byte "
                    "%" G_GUINT64_FORMAT,
                    spool->source->name, spool->source->size);
        return NULL;
    }
    if (fflush(spool->file) != 0) {
        set_error(spool, errno, error);
        return NULL;
    }
    return sd_mapping_of_descriptor(fileno(spool->file), spool->size, spool->source, error);
}
