/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz_record.h"

#include "scopedump/error.h"
#include "scopedump/waveform.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096
/* Of a channel, this many segments from either end are read, and of each a few blocks. */
#define SEGMENTS_READ 4
#define BLOCKS_READ   4

/* What is said of a file that makes a library fail in a process of its own. */
#define CRASHED "makes the library that reads it fail"

/* Of all calls: making a folder for each would take most of the time. */
static char *folder;

/* In memory where that is possible: the files are written over and over. */
static void make_folder(void)
{
    folder = g_strdup("/dev/shm/scopedump-fuzz-XXXXXX");
    if (g_mkdtemp(folder) == NULL) {
        g_free(folder);
        folder = g_dir_make_tmp("scopedump-fuzz-XXXXXX", NULL);
    }
    if (folder == NULL)
        g_error("No folder for temporary files");
}

/* Ends the program in the way that fuzzers and sanitizers take for a finding. */
G_GNUC_PRINTF(1, 2)
static G_NORETURN void broken(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_printerr("The reader does not keep its word: %s\n", text);
    abort();
}

static void must(bool condition, const char *what)
{
    if (!condition)
        broken("%s", what);
}

/* Text for a line of a report: no line ends, nothing that a terminal would obey. */
static void must_be_a_line(const char *text, const char *what)
{
    if (text == NULL || !g_utf8_validate(text, -1, NULL))
        broken("%s is not UTF-8", what);
    for (const char *c = text; *c != '\0'; c++) {
        if (g_ascii_iscntrl(*c))
            broken("%s has a control character: %s", what, text);
    }
}

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void write_file(const fuzz_file *file)
{
    g_autofree char *path = path_of(file->name);
    int descriptor = g_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        g_autofree char *parent = g_path_get_dirname(path);
        g_mkdir_with_parents(parent, 0700);
        descriptor = g_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    size_t done = 0;
    while (descriptor >= 0 && done < file->size) {
        ssize_t written = write(descriptor, file->data + done, file->size - done);
        if (written <= 0)
            break;
        done += (size_t)written;
    }
    if (descriptor < 0 || done < file->size || ftruncate(descriptor, (off_t)file->file_size) != 0 ||
        close(descriptor) != 0)
        g_error("%s cannot be written", path);
}

static void read_block(const sd_channel *channel, size_t segment, uint64_t first)
{
    static float volts[BLOCK];
    uint64_t count = MIN(channel->segment[segment].count - first, BLOCK);
    sd_channel_read(channel, segment, first, (size_t)count, volts);
    for (uint64_t i = 0; i < count; i++)
        must(isfinite(volts[i]), "a sample is not finite");
}

static void read_segment(const sd_channel *channel, size_t index)
{
    const sd_segment *segment = &channel->segment[index];
    must(segment->data != NULL && segment->count > 0, "a segment has no samples");
    must(isfinite(segment->start), "the start of a segment is not finite");
    must(segment->time_ps < 1000, "picoseconds of 1000 and more");
    uint64_t last = segment->count > BLOCK ? segment->count - BLOCK : 0;
    read_block(channel, index, 0);
    read_block(channel, index, last);
    (void)sd_channel_value(channel, index, segment->count - 1);
    /* Places that are spread over the segment, the same at each run. */
    for (uint64_t i = 1; i <= BLOCKS_READ && last > 0; i++)
        read_block(channel, index, i * UINT64_C(0x9E3779B97F4A7C15) % last);
}

static void read_channel(const sd_channel *channel)
{
    must_be_a_line(channel->name, "the name of a channel");
    must_be_a_line(channel->unit, "the unit of a channel");
    must(isfinite(channel->interval) && channel->interval > 0, "the interval is not above 0");
    must(isfinite(channel->scale) && isfinite(channel->offset), "the scale is not finite");
    must(channel->segments > 0 && channel->segment != NULL, "a channel has no segments");
    for (size_t i = 0; i < channel->segments; i++) {
        if (i < SEGMENTS_READ || i + SEGMENTS_READ >= channel->segments)
            read_segment(channel, i);
    }
}

static void read_waveform(const sd_waveform *waveform)
{
    must_be_a_line(waveform->format, "the name of the format");
    if (waveform->instrument != NULL)
        must_be_a_line(waveform->instrument, "the instrument");
    for (guint i = 0; i < waveform->notes->len; i++)
        must_be_a_line(waveform->notes->pdata[i], "a note");
    must(waveform->channels > 0, "there are no channels");
    for (size_t i = 0; i < waveform->channels; i++)
        read_channel(&waveform->channel[i]);
}

static void check_error(const GError *error)
{
    must(error != NULL && error->domain == SD_ERROR, "a failure without an error");
    must(error->code == SD_ERROR_OPEN || error->code == SD_ERROR_FORMAT ||
             error->code == SD_ERROR_DAMAGED || error->code == SD_ERROR_UNSUPPORTED ||
             error->code == SD_ERROR_USAGE,
         "an error that opening a file cannot have");
    must_be_a_line(error->message, "a message");
    if (strstr(error->message, folder) == NULL)
        broken("a message does not name the file: %s", error->message);
    /* nobody knows where a library was when it crashed */
    if (error->code == SD_ERROR_DAMAGED && strstr(error->message, CRASHED) == NULL &&
        !g_regex_match_simple("\\bbyte [0-9]", error->message, 0, 0))
        broken("a message does not say at which byte: %s", error->message);
}

void fuzz_record_read(const fuzz_file *files, size_t count)
{
    if (folder == NULL)
        make_folder();
    for (size_t i = 0; i < count; i++)
        write_file(&files[i]);

    bool raw = g_str_has_suffix(files[0].name, ".raw") || g_str_has_suffix(files[0].name, ".f32");
    sd_waveform_options options = {.raw = raw, .type = SD_SAMPLE_F32, .sample_rate = raw ? 1e9 : 0};
    g_autofree char *path = path_of(files[0].name);
    GError *error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, &options, &error);
    if (waveform == NULL && g_error_matches(error, SD_ERROR, SD_ERROR_USAGE)) {
        check_error(error);
        g_clear_error(&error);
        options.sample_rate = 1e9; /* a format without a time axis */
        waveform = sd_waveform_open(path, &options, &error);
    }
    if (waveform != NULL) {
        must(error == NULL, "an error without a failure");
        read_waveform(waveform);
    } else {
        check_error(error);
    }
    g_clear_error(&error);
    sd_waveform_free(waveform);

    /* A file that is missing in the next record must not be found. */
    for (size_t i = 0; i < count; i++) {
        g_autofree char *written = path_of(files[i].name);
        (void)g_unlink(written);
    }
}

/* Removes a folder and the empty folders in it. */
static void remove_folders(const char *path)
{
    GDir *directory = g_dir_open(path, 0, NULL);
    const char *name;
    while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_folders(inner);
    }
    g_clear_pointer(&directory, g_dir_close);
    (void)g_rmdir(path);
}

void fuzz_record_clean(void)
{
    if (folder != NULL)
        remove_folders(folder);
    g_clear_pointer(&folder, g_free);
}
