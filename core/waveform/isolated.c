/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/isolated.h"

#include "scopedump/error.h"
#include "waveform/format.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX (256U << 20) /**< Far more than the segments of any record take. */

/** The child may take so many seconds, and so much longer for larger files. */
#define SECONDS          3
#define BYTES_PER_SECOND (4U << 20)

/** "No error" in the answer. */
#define SUCCESS (-1)

/*
 * The answer: error code or SUCCESS; message; format; instrument; whether there is a time; bytes in
 * the spool; channels: name, unit, type, byte order, stride, scale, offset, interval, segments: in
 * the spool?, where, count, start, nanoseconds, picoseconds, where the time stands; what stands
 * there; notes.
 */
#define SEGMENT_TYPE "(bttdxut)"
#define CHANNEL_TYPE "(ssybtddda" SEGMENT_TYPE ")"
#define ANSWER_TYPE  "(issmsbta" CHANNEL_TYPE "msas)"

/* ---- in the child ---- */

/** Writes one segment; its data lie in the file or in the spool. */
static GVariant *pack_segment(const sd_waveform *waveform, const sd_segment *segment)
{
    const sd_mapping *mapping = waveform->mapping;
    bool spooled = segment->data < mapping->data || segment->data >= mapping->data + mapping->size;
    if (spooled && waveform->kept->len > 0)
        mapping = waveform->kept->pdata[0];
    return g_variant_new(SEGMENT_TYPE, spooled, (guint64)(segment->data - mapping->data),
                         segment->count, segment->start, segment->time_ns, segment->time_ps,
                         segment->time_at);
}

static GVariant *pack_channel(const sd_waveform *waveform, const sd_channel *channel)
{
    GVariantBuilder segments;
    g_variant_builder_init(&segments, G_VARIANT_TYPE("a" SEGMENT_TYPE));
    for (size_t i = 0; i < channel->segments; i++)
        g_variant_builder_add_value(&segments, pack_segment(waveform, &channel->segment[i]));
    return g_variant_new(CHANNEL_TYPE, channel->name, channel->unit, (guint8)channel->type,
                         channel->big_endian, (guint64)channel->stride, channel->scale,
                         channel->offset, channel->interval, &segments);
}

static GVariant *pack_answer(const sd_waveform *waveform, const sd_spool *spool,
                             const GError *error)
{
    GVariantBuilder channels;
    GVariantBuilder notes;
    g_variant_builder_init(&channels, G_VARIANT_TYPE("a" CHANNEL_TYPE));
    g_variant_builder_init(&notes, G_VARIANT_TYPE("as"));
    for (size_t i = 0; !error && i < waveform->channels; i++)
        g_variant_builder_add_value(&channels, pack_channel(waveform, &waveform->channel[i]));
    for (guint i = 0; i < waveform->notes->len; i++)
        g_variant_builder_add(&notes, "s", waveform->notes->pdata[i]);
    return g_variant_new(ANSWER_TYPE, error ? error->code : SUCCESS, error ? error->message : "",
                         waveform->format ? waveform->format : "", waveform->instrument,
                         waveform->has_time, spool ? sd_spool_size(spool) : 0, &channels,
                         waveform->time_field, &notes);
}

/** Whatever goes wrong from here on must end this process, in silence. */
static void prepare_child(uint64_t size)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGXCPU};
    const rlim_t seconds = SECONDS + size / BYTES_PER_SECOND;
    const struct rlimit processor = {seconds, seconds};
    const struct rlimit no_core = {0, 0};
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        (void)signal(signals[i], SIG_DFL);
    (void)setrlimit(RLIMIT_CPU, &processor);
    (void)setrlimit(RLIMIT_CORE, &no_core);
    (void)alarm((unsigned)MIN(10 * seconds, G_MAXINT));
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO);
}

/** Opens the file and writes the answer; does not return. */
static void run_child(int pipe, sd_waveform *waveform, sd_spool *spool,
                      const sd_waveform_options *options, sd_isolated_function function)
{
    prepare_child(waveform->mapping->size);
    GError *error = NULL;
    (void)function(waveform, spool, options, &error);
    GVariant *answer = g_variant_ref_sink(pack_answer(waveform, spool, error));
    const uint8_t *bytes = g_variant_get_data(answer);
    size_t left = g_variant_get_size(answer);
    while (left > 0) {
        ssize_t written = write(pipe, bytes, left);
        if (written < 0 && errno != EINTR)
            break;
        bytes += MAX(written, 0);
        left -= (size_t)MAX(written, 0);
    }
    /* Neither handlers nor buffers of the parent are this process's business. */
    _exit(0);
}

/* ---- in the parent ---- */

/** Reads all that the child writes; NULL if it is too much. */
static GBytes *read_answer(int pipe)
{
    GByteArray *bytes = g_byte_array_new();
    uint8_t piece[65536];
    ssize_t got = 0;
    do {
        got = read(pipe, piece, sizeof piece);
        if (got > 0)
            g_byte_array_append(bytes, piece, (guint)got);
    } while ((got > 0 && bytes->len <= ANSWER_MAX) || (got < 0 && errno == EINTR));
    return g_byte_array_free_to_bytes(bytes);
}

/** The answer of a child process; NULL, without an error, if it crashed, and with an error if there
 * could be none. */
static GVariant *ask_child(sd_waveform *waveform, sd_spool *spool,
                           const sd_waveform_options *options, sd_isolated_function function,
                           GError **error)
{
    int pipes[2] = {-1, -1};
    pid_t child = -1;
    if (pipe2(pipes, O_CLOEXEC) == 0)
        child = fork();
    if (child == 0)
        run_child(pipes[1], waveform, spool, options, function);
    int reason = errno;
    if (pipes[1] >= 0)
        close(pipes[1]);
    GVariant *answer = NULL;
    if (child > 0) {
        g_autoptr(GBytes) bytes = read_answer(pipes[0]);
        answer =
            g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(ANSWER_TYPE), bytes, FALSE));
        if (g_bytes_get_size(bytes) == 0 || !g_variant_is_normal_form(answer))
            g_clear_pointer(&answer, g_variant_unref);
        (void)kill(child, SIGKILL); /* it has said all; only one that says too much still runs */
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
        }
    } else {
        g_set_error(error, SD_ERROR, SD_ERROR_OPEN,
                    "%s cannot be opened: no process can be started for it: %s",
                    waveform->mapping->name, g_strerror(reason));
    }
    if (pipes[0] >= 0)
        close(pipes[0]);
    return answer;
}

/** Sets a segment; false if it cannot be true. */
static bool unpack_segment(GVariant *value, const sd_mapping *file, const sd_mapping *unpacked,
                           const sd_channel *channel, sd_segment *segment)
{
    gboolean spooled = FALSE;
    guint64 at = 0;
    guint64 span = 0;
    g_variant_get(value, SEGMENT_TYPE, &spooled, &at, &segment->count, &segment->start,
                  &segment->time_ns, &segment->time_ps, &segment->time_at);
    const sd_mapping *mapping = spooled ? unpacked : file;
    if (!mapping || segment->count == 0 || !isfinite(segment->start) || segment->time_ps > 999 ||
        !g_uint64_checked_mul(&span, segment->count - 1, channel->stride) ||
        !g_uint64_checked_add(&span, span, sd_sample_size(channel->type)) ||
        !sd_mapping_has(mapping, at, span))
        return false;
    segment->data = mapping->data + at;
    return true;
}

/** Sets a channel; false if it cannot be true. */
static bool unpack_channel(GVariant *value, const sd_mapping *file, const sd_mapping *unpacked,
                           sd_channel *channel)
{
    guint8 type = 0;
    gboolean big_endian = FALSE;
    guint64 stride = 0;
    g_autoptr(GVariant) segments = NULL;
    g_variant_get(value, "(ssybtddd@a" SEGMENT_TYPE ")", &channel->name, &channel->unit, &type,
                  &big_endian, &stride, &channel->scale, &channel->offset, &channel->interval,
                  &segments);
    channel->type = (sd_sample_type)type;
    channel->big_endian = big_endian;
    channel->stride = (size_t)stride;
    channel->segments = g_variant_n_children(segments);
    channel->segment = g_new0(sd_segment, channel->segments);
    bool good = type <= SD_SAMPLE_F64 && stride > 0 && channel->segments > 0 &&
                sd_scale_is_sound(channel->scale, channel->offset) &&
                sd_interval_is_sound(channel->interval);
    for (size_t i = 0; good && i < channel->segments; i++) {
        g_autoptr(GVariant) segment = g_variant_get_child_value(segments, i);
        good = unpack_segment(segment, file, unpacked, channel, &channel->segment[i]);
    }
    return good;
}

/** Fills in the waveform from an answer without error; false if it cannot be true. */
static bool unpack_answer(sd_waveform *waveform, sd_spool *spool, GVariant *answer)
{
    g_autofree char *format = NULL;
    g_autofree char *time_field = NULL;
    gboolean has_time = FALSE;
    guint64 spooled = 0;
    g_autoptr(GVariant) channels = NULL;
    g_auto(GStrv) notes = NULL;
    g_variant_get(answer, "(issmsbt@a" CHANNEL_TYPE "ms^as)", NULL, NULL, &format,
                  &waveform->instrument, &has_time, &spooled, &channels, &time_field, &notes);
    waveform->format = g_intern_string(format);
    waveform->has_time = has_time;
    waveform->time_field = g_intern_string(time_field);
    /* The child began with the notes that the waveform has. */
    for (size_t i = waveform->notes->len; i < g_strv_length(notes); i++)
        sd_waveform_note(waveform, "%s", notes[i]);
    sd_mapping *unpacked = NULL;
    if (spooled > 0) {
        unpacked = spool && sd_spool_adopt(spool, spooled) ? sd_spool_map(spool, NULL) : NULL;
        if (!unpacked)
            return false;
        sd_waveform_keep(waveform, unpacked);
    }
    waveform->channels = g_variant_n_children(channels);
    waveform->channel = g_new0(sd_channel, waveform->channels);
    bool good = waveform->channels > 0;
    for (size_t i = 0; good && i < waveform->channels; i++) {
        g_autoptr(GVariant) channel = g_variant_get_child_value(channels, i);
        good = unpack_channel(channel, waveform->mapping, unpacked, &waveform->channel[i]);
    }
    return good;
}

bool sd_isolated_open(sd_waveform *waveform, const sd_waveform_options *options,
                      sd_isolated_function function, GError **error)
{
    g_autoptr(GError) reason = NULL;
    gint32 code = SUCCESS;
    g_autofree char *message = NULL;
    bool good = false;
    /* Without a folder for temporary files, what needs no unpacking can still be read. */
    sd_spool *spool = sd_spool_new(waveform->mapping, NULL);
    g_autoptr(GVariant) answer = ask_child(waveform, spool, options, function, &reason);
    if (answer)
        g_variant_get_child(answer, 0, "i", &code);
    if (answer && code != SUCCESS) {
        g_variant_get_child(answer, 1, "s", &message);
        g_set_error_literal(error, SD_ERROR, code, message);
    } else if (reason) {
        g_propagate_error(error, g_steal_pointer(&reason));
    } else if (answer && unpack_answer(waveform, spool, answer)) {
        good = true;
    } else {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s is damaged: its content makes the library that reads it fail",
                    waveform->mapping->name);
    }
    sd_spool_free(spool);
    return good;
}
