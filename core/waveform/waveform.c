/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/waveform.h"

#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/packed.h"
#include "waveform/stream.h"

#include <math.h>
#include <string.h>

static void free_mapping(void *mapping)
{
    sd_mapping_free(mapping);
}

/** The format of the file; a packed file is unpacked for that. NULL sets the error. */
static const sd_format *find_format(sd_waveform *waveform, const sd_waveform_options *options,
                                    GError **error)
{
    /* Some formats are zip archives themselves: they come first. */
    const sd_format *format = sd_registry_find(waveform->mapping);
    g_autofree char *name = g_strdup(waveform->path);
    if (!format && sd_packed_match(waveform->mapping)) {
        g_clear_pointer(&name, g_free);
        if (!sd_packed_unpack(waveform, &name, error)) {
            return NULL;
        }
        format = sd_registry_find(waveform->mapping);
        if (format && format->several_files) {
            g_set_error(error, SD_ERROR, SD_ERROR_FORMAT,
                        "%s is a %s, which is several files: unpack the archive with all of them "
                        "and open that one",
                        waveform->mapping->name, format->name);
            return NULL;
        }
    }
    if (!format && options->raw) {
        return &sd_format_raw;
    }
    if (!format) {
        sd_foreign_refuse(waveform->mapping, name, error);
    }
    return format;
}

/** Opens with the format that the content or the options ask for. */
static bool open_as(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    const sd_format *format = find_format(waveform, options, error);
    if (!format) {
        return false;
    }
    if (format != &sd_format_raw && options->raw) {
        sd_waveform_note(waveform, "the sample format that was given is not used: the file is a %s",
                         format->name);
    }
    if (!options->raw && !format->takes_scale && (options->scale != 0 || options->offset != 0)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "%s is a %s, which holds volts: leave out --scale and --offset, which are for "
                    "files that do not",
                    waveform->mapping->name, format->name);
        return false;
    }
    return format->open(waveform, options, error);
}

/** Whether a sample rate that was given agrees with the file. One that needs it took it. */
static bool check_rate(const sd_waveform *waveform, const sd_waveform_options *options,
                       GError **error)
{
    const double tolerance = 1e-3;
    const double rate = 1 / waveform->channel[0].interval;
    if (options->raw || options->sample_rate == 0 ||
        fabs(options->sample_rate - rate) <= tolerance * rate) {
        return true;
    }
    g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                "%s was sampled at %g samples per second, as it says itself, not at the %g of "
                "--sample-rate, which is for files that do not say",
                waveform->mapping->name, rate, options->sample_rate);
    return false;
}

/** Replaces what is no UTF-8, and each control character, in text that may have come from the file:
 * it ends up in messages of one line, in reports and on terminals. */
static void make_line(char **text)
{
    if (!*text) {
        return;
    }
    char *valid = g_utf8_make_valid(*text, -1);
    for (char *c = valid; *c != '\0'; c++) {
        *c = g_ascii_iscntrl(*c) ? '?' : *c;
    }
    g_free(*text);
    *text = valid;
}

static void make_lines(sd_waveform *waveform)
{
    make_line(&waveform->instrument);
    for (size_t i = 0; i < waveform->channels; i++) {
        make_line(&waveform->channel[i].name);
        make_line(&waveform->channel[i].unit);
    }
    for (guint i = 0; i < waveform->notes->len; i++) {
        char *note = waveform->notes->pdata[i];
        make_line(&note);
        waveform->notes->pdata[i] = note;
    }
}

static bool is_earlier(const sd_segment *a, const sd_segment *b)
{
    return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->time_ps < b->time_ps);
}

/** Notes the first segment of each channel that begins before the one in front of it. */
static void note_order(sd_waveform *waveform)
{
    for (size_t c = 0; c < waveform->channels; c++) {
        const sd_channel *channel = &waveform->channel[c];
        size_t i = 1;
        while (i < channel->segments &&
               !is_earlier(&channel->segment[i], &channel->segment[i - 1])) {
            i++;
        }
        if (i == channel->segments) {
            continue;
        }
        const uint64_t at = channel->segment[i].time_at;
        g_autofree char *place =
            at ? g_strdup_printf(": %s (byte %" G_GUINT64_FORMAT ")", waveform->time_field, at)
               : g_strdup("");
        sd_waveform_note(waveform,
                         "the times of the segments of channel %s are not in order: segment "
                         "%" G_GSIZE_FORMAT " is earlier than the one before it%s",
                         channel->name, i, place);
    }
}

/** Opens what was mapped, and takes the mapping over. */
static sd_waveform *open_mapping(sd_mapping *mapping, const char *path,
                                 const sd_waveform_options *options, GError **error)
{
    sd_waveform *waveform = g_new0(sd_waveform, 1);
    waveform->path = g_strdup(path);
    waveform->mapping = mapping;
    waveform->notes = g_ptr_array_new_with_free_func(g_free);
    waveform->kept = g_ptr_array_new_with_free_func(free_mapping);
    if (!open_as(waveform, options, error) || !check_rate(waveform, options, error)) {
        sd_waveform_free(waveform);
        if (error) {
            make_line(&(*error)->message);
        }
        return NULL;
    }
    note_order(waveform);
    make_lines(waveform);
    return waveform;
}

static const sd_waveform_options none = {0};

sd_waveform *sd_waveform_open(const char *path, const sd_waveform_options *options, GError **error)
{
    sd_mapping *mapping = sd_mapping_open(path, error);
    return mapping ? open_mapping(mapping, path, options ? options : &none, error) : NULL;
}

/** Waits for the end of a pipe whose format is not read while it comes; false if not all was read.
 */
static bool wait_for_end(sd_mapping *mapping, const sd_waveform_options *options, GError **error)
{
    const sd_format *format = sd_registry_find(mapping);
    const bool raw = !format && options->raw && !sd_packed_match(mapping);
    if (raw || (format && format->streams)) {
        return true;
    }
    bool all;
    mapping->size = sd_stream_wait(mapping->stream, mapping->length, true, &all);
    return sd_stream_check(mapping->stream, mapping->name, error);
}

sd_waveform *sd_waveform_open_pipe(int descriptor, const char *name,
                                   const sd_waveform_options *options, GError **error)
{
    options = options ? options : &none;
    sd_mapping *mapping = sd_stream_open(descriptor, name, options->stopped, error);
    if (!mapping) {
        return NULL;
    }
    if (mapping->size == mapping->length && !wait_for_end(mapping, options, error)) {
        sd_mapping_free(mapping);
        return NULL;
    }
    return open_mapping(mapping, name, options, error);
}

bool sd_waveform_check(const sd_waveform *waveform, GError **error)
{
    sd_stream *stream = waveform->mapping->stream;
    return !stream || sd_stream_check(stream, waveform->path, error);
}

void sd_waveform_free(sd_waveform *waveform)
{
    if (!waveform) {
        return;
    }
    for (size_t i = 0; i < waveform->channels; i++) {
        g_free(waveform->channel[i].name);
        g_free(waveform->channel[i].unit);
        g_free(waveform->channel[i].segment);
    }
    g_free(waveform->channel);
    g_free(waveform->path);
    g_free(waveform->instrument);
    g_ptr_array_unref(waveform->notes);
    g_ptr_array_unref(waveform->kept);
    sd_mapping_free(waveform->mapping);
    g_free(waveform);
}

void sd_waveform_allocate(sd_waveform *waveform, size_t count, size_t segments)
{
    waveform->channels = count;
    waveform->channel = g_new0(sd_channel, count);
    for (size_t i = 0; i < count; i++) {
        waveform->channel[i].segments = segments;
        waveform->channel[i].segment = g_new0(sd_segment, segments);
    }
}

void sd_waveform_keep(sd_waveform *waveform, sd_mapping *mapping)
{
    g_ptr_array_add(waveform->kept, mapping);
}

void sd_waveform_note(sd_waveform *waveform, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(waveform->notes, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

char *sd_waveform_place(const sd_waveform *waveform, const uint8_t *data)
{
    const sd_mapping *first = waveform->mapping;
    if (data >= first->data && data < first->data + first->size) {
        return g_strdup_printf("byte %" G_GUINT64_FORMAT, (uint64_t)(data - first->data));
    }
    for (guint i = 0; i < waveform->kept->len; i++) {
        const sd_mapping *kept = waveform->kept->pdata[i];
        if (data < kept->data || data >= kept->data + kept->size) {
            continue;
        }
        const bool unpacked = strcmp(kept->name, first->name) == 0;
        return g_strdup_printf("byte %" G_GUINT64_FORMAT " of %s", (uint64_t)(data - kept->data),
                               unpacked ? "what was unpacked" : kept->name);
    }
    g_return_val_if_reached(g_strdup(""));
}

bool sd_scale_is_sound(double scale, double offset)
{
    /* 2^32 codes of 1e27 V are 4e36 V, and FLT_MAX is 3e38; FLT_MIN is 1e-38. No oscilloscope
     * comes near either end. A NaN fails all comparisons. */
    const double largest = 1e27;
    return fabs(scale) >= 1 / largest && fabs(scale) <= largest && fabs(offset) <= largest;
}
