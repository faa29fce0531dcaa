/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define QSGMII_BAUD 5e9

/** Samples of a record of which anybody would measure one, ... */
#define LARGE_SAMPLES 100000000
/** ... of the file that is mapped over and over, and how often it is. */
#define LONG_SAMPLES     8192000
#define LONG_TIMES       500
#define LONG_TIMES_QUICK 16
/** A file that is mapped over and over is of whole pages, and of whole groups of four lanes at 5
    samples per bit: so the line goes on without a bit too many or too few. */
#define LONG_STEP 819200

static const char *const formats[] = {"s8", "s16", "f32"};
static const double rates[] = {200, 16, 8, 5, 2.5};

/** What the short run takes of them. */
static bool is_quick(const bench_record *r)
{
    return r->samples_per_bit == 2.5 ? strcmp(r->format, "f32") == 0
                                     : r->samples_per_bit == 200 || r->samples_per_bit == 5;
}

static void free_record(gpointer data)
{
    bench_record *record = data;
    g_free(record->name);
    g_free(record);
}

static void add(GPtrArray *records, bench_record record, const char *suffix)
{
    char rate[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(rate, sizeof rate, "%g", record.samples_per_bit);
    record.name =
        g_strdup_printf("%s-%s-%s%s", record.format, rate, record.busy ? "busy" : "idle", suffix);
    g_ptr_array_add(records, g_memdup2(&record, sizeof record));
}

GPtrArray *bench_records_new(bool quick, uint64_t samples)
{
    GPtrArray *records = g_ptr_array_new_with_free_func(free_record);
    for (size_t f = 0; f < G_N_ELEMENTS(formats); f++) {
        for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
            for (int busy = 0; busy < 2; busy++) {
                bench_record r = {
                    .format = formats[f],
                    .samples_per_bit = rates[i],
                    .busy = busy != 0,
                    .samples = quick           ? 4000000
                               : rates[i] > 16 ? 16000000
                                               : 8000000,
                    .times = 1,
                };
                if (samples > 0)
                    r.samples = samples;
                if (!quick || is_quick(&r))
                    add(records, r, "");
            }
        }
    }
    if (!quick) {
        static const double large[] = {200, 5, 2.5};
        for (size_t i = 0; i < G_N_ELEMENTS(large); i++) {
            const bench_record r = {
                .format = "s16",
                .samples_per_bit = large[i],
                .busy = true,
                .samples = samples > 0 ? samples : LARGE_SAMPLES,
                .times = 1,
            };
            add(records, r, "-large");
        }
    }
    const uint64_t once = samples > 0 ? samples : LONG_SAMPLES;
    const bench_record r = {
        .format = "s8",
        .samples_per_bit = 5,
        .busy = true,
        .samples = MAX(once / LONG_STEP, 1) * LONG_STEP,
        .times = quick ? LONG_TIMES_QUICK : LONG_TIMES,
    };
    add(records, r, "-long");
    return records;
}

/** A record that is mapped over and over has no header. */
static bool is_raw(const bench_record *record)
{
    return record->times > 1;
}

static char *file_name(const bench_record *record, const char *begin)
{
    return g_strdup_printf("%s%s-%" G_GUINT64_FORMAT ".%s", begin, record->name, record->samples,
                           is_raw(record) ? record->format : "wfm");
}

static bool generate(const bench_record *record, const char *generator, const char *path,
                     GError **error)
{
    char rate[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_dtostr(rate, sizeof rate, record->samples_per_bit * QSGMII_BAUD);
    g_autofree char *samples = g_strdup_printf("%" G_GUINT64_FORMAT, record->samples);
    const char *argv[] = {
        generator,      "--out",   path,   "--samples",   samples, "--sample-rate",
        rate,           "--noise", "0.02", "--config-us", "1",     "--sample-format",
        record->format, NULL,      NULL,   NULL,          NULL,    NULL,
        NULL,           NULL,      NULL,   NULL};
    static const char *const idle[] = {"--idle-lane", "0", "--idle-lane", "1",
                                       "--idle-lane", "2", "--idle-lane", "3"};
    size_t argc = 0;
    while (argv[argc] != NULL)
        argc++;
    G_STATIC_ASSERT(G_N_ELEMENTS(argv) >= 13 + G_N_ELEMENTS(idle) + 1);
    for (size_t i = 0; !record->busy && i < G_N_ELEMENTS(idle); i++)
        argv[argc++] = idle[i];
    gint status;
    return g_spawn_sync(NULL, (gchar **)(void *)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                        NULL, &status, error) &&
           g_spawn_check_wait_status(status, error);
}

char *bench_record_make(const bench_record *record, const char *folder, const char *generator,
                        GError **error)
{
    g_autofree char *name = file_name(record, "");
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&path);
    /* one that is cut short must not be taken for it the next time */
    g_autofree char *part_name = file_name(record, "part-");
    g_autofree char *part = g_build_filename(folder, part_name, NULL);
    g_printerr("Making %s\n", path);
    if (!generate(record, generator, part, error)) {
        g_unlink(part);
        g_prefix_error(error, "Cannot make %s with %s: ", path, generator);
        return NULL;
    }
    if (g_rename(part, path) == 0)
        return g_steal_pointer(&path);
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "Cannot rename %s: %s", part,
                g_strerror(errno));
    return NULL;
}

/** Maps the file over and over in place of once. */
static bool map_over_and_over(const char *path, unsigned times, bench_open_record *opened,
                              GError **error)
{
    sd_segment *segment = &opened->waveform->channel[0].segment[0];
    const size_t size = segment->count * opened->waveform->channel[0].stride;
    const int fd = g_open(path, O_RDONLY | O_CLOEXEC);
    opened->file = *segment;
    opened->size = size * times;
    void *area =
        mmap(NULL, opened->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool good = fd >= 0 && area != MAP_FAILED;
    if (area != MAP_FAILED)
        opened->area = area;
    for (unsigned i = 0; good && i < times; i++)
        good = mmap((uint8_t *)area + i * size, size, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) !=
               MAP_FAILED;
    if (!good)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "Cannot map %s: %s", path,
                    g_strerror(errno));
    if (fd >= 0)
        close(fd);
    if (good) {
        segment->data = opened->area;
        segment->count *= times;
    }
    return good;
}

bool bench_record_open(const bench_record *record, const char *path, bench_open_record *opened,
                       GError **error)
{
    *opened = (bench_open_record){0};
    if (!is_raw(record)) {
        opened->waveform = sd_waveform_open(path, NULL, error);
        return opened->waveform != NULL;
    }
    const sd_waveform_options raw = {
        .raw = true,
        .type = SD_SAMPLE_S8,
        .sample_rate = record->samples_per_bit * QSGMII_BAUD,
    };
    opened->waveform = sd_waveform_open(path, &raw, error);
    return opened->waveform != NULL && map_over_and_over(path, record->times, opened, error);
}

void bench_record_close(bench_open_record *opened)
{
    if (opened->waveform == NULL)
        return;
    if (opened->area != NULL) {
        munmap(opened->area, opened->size);
        opened->waveform->channel[0].segment[0] = opened->file;
        opened->area = NULL;
    }
    g_clear_pointer(&opened->waveform, sd_waveform_free);
}
