/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file waveform_file.h
 * Opens files that a test made, and holds what every opened file promises. Include it behind
 * cmocka.h; the state is that of scratch.h.
 */
#ifndef SCOPEDUMP_TEST_WAVEFORM_FILE_H
#define SCOPEDUMP_TEST_WAVEFORM_FILE_H

#include "scopedump/error.h"
#include "scopedump/waveform.h"
#include "scratch.h"
#include "waveform/mapping.h"

#include <math.h>
#include <string.h>

/** Whether a segment lies wholly in one of the mappings of the waveform. */
static inline bool lies_in_mapping(const sd_waveform *waveform, const uint8_t *data, size_t size)
{
    const sd_mapping *mapping = waveform->mapping;
    for (guint i = 0; mapping; i++) {
        if (data >= mapping->data && data + size <= mapping->data + mapping->size) {
            return true;
        }
        mapping = i < waveform->kept->len ? g_ptr_array_index(waveform->kept, i) : NULL;
    }
    return false;
}

/** What sd_waveform_open() promises of every file. */
static inline void assert_sound(const sd_waveform *waveform)
{
    assert_non_null(waveform->format);
    assert_true(waveform->channels > 0);
    for (size_t c = 0; c < waveform->channels; c++) {
        const sd_channel *channel = &waveform->channel[c];
        assert_true(isfinite(channel->interval) && channel->interval > 0);
        assert_true(isfinite(channel->scale) && isfinite(channel->offset));
        assert_true(channel->segments > 0);
        for (size_t s = 0; s < channel->segments; s++) {
            const sd_segment *segment = &channel->segment[s];
            assert_true(segment->count > 0);
            assert_true(lies_in_mapping(waveform, segment->data,
                                        (segment->count - 1) * channel->stride +
                                            sd_sample_size(channel->type)));
            assert_true(isfinite(segment->start));
            assert_true(segment->time_ps < 1000);
            g_autofree float *volts = g_new(float, segment->count);
            sd_channel_read(channel, s, 0, segment->count, volts);
            for (size_t i = 0; i < segment->count; i++) {
                assert_true(isfinite(volts[i]));
            }
        }
    }
}

/** Writes and opens a file that has to be read; to be freed with sd_waveform_free(). */
static inline sd_waveform *open_bytes(void **state, const char *name, const void *bytes,
                                      size_t size, const sd_waveform_options *options)
{
    g_autofree char *path = scratch_write(state, name, bytes, size);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (error) {
        fail_msg("%s", error->message);
    }
    assert_sound(waveform);
    return waveform;
}

/** Opens a path that has to be refused with this code and these words. */
static inline void assert_refused(const char *path, const sd_waveform_options *options,
                                  sd_error_code code, const char *words)
{
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (waveform) {
        fail_msg("%s was read, but should be refused: %s", path, words);
    }
    if (!error || error->domain != SD_ERROR || error->code != (int)code ||
        !strstr(error->message, words) || !strstr(error->message, path)) {
        fail_msg("expected code %d and \"%s\", got code %d: %s", (int)code, words,
                 error ? error->code : -1, error ? error->message : "no error");
    }
}

/** Writes and opens a file that has to be refused with this code and these words. */
static inline void assert_bytes_refused(void **state, const char *name, const void *bytes,
                                        size_t size, sd_error_code code, const char *words)
{
    g_autofree char *path = scratch_write(state, name, bytes, size);
    assert_refused(path, NULL, code, words);
}

/** Opens bytes that may be anything; gives whether they were read, which must be sound. A refusal
 * must name the file. */
static inline bool read_or_refuse(void **state, const char *name, const void *bytes, size_t size)
{
    g_autofree char *path = scratch_write(state, name, bytes, size);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, NULL, &error);
    if (!waveform) {
        assert_non_null(error);
        assert_true(error && error->domain == SD_ERROR);
        assert_non_null(strstr(error->message, path));
        return false;
    }
    assert_sound(waveform);
    sd_waveform_free(waveform);
    return true;
}

/** Whether a note of the waveform has these words. */
static inline bool has_note(const sd_waveform *waveform, const char *words)
{
    for (guint i = 0; i < waveform->notes->len; i++) {
        if (strstr(g_ptr_array_index(waveform->notes, i), words)) {
            return true;
        }
    }
    return false;
}

/** Holds a number to within a part of the expected one. */
static inline void assert_near(double is, double expected, double relative)
{
    if (!(fabs(is - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g is not %.17g", is, expected);
    }
}

#endif
