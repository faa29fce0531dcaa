/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file opened.h
 * What has to hold of any file that is opened or refused. Include it behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_OPENED_H
#define SCOPEDUMP_TEST_OPENED_H

#include "scopedump/error.h"
#include "scopedump/waveform.h"
#include "scratch.h"
#include "waveform/mapping.h"

#include <math.h>
#include <string.h>

/** Opens a file that has to be read. */
static inline sd_waveform *open_sound(const char *path, const sd_waveform_options *options)
{
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (!waveform)
        fail_msg("%s", error ? error->message : "no error");
    return waveform;
}

/** Opens a path that has to be refused with this code and these words. */
static inline void assert_refused(const char *path, const sd_waveform_options *options,
                                  sd_error_code code, const char *words)
{
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (waveform)
        fail_msg("%s was read, but should be refused: %s", path, words);
    if (!error || error->domain != SD_ERROR || error->code != (int)code ||
        !strstr(error->message, words) || !g_str_has_prefix(error->message, path)) {
        fail_msg("expected code %d and \"%s\", got code %d: %s", (int)code, words,
                 error ? error->code : -1, error ? error->message : "no error");
    }
}

/** Whether [data, data + size) lies in a mapping. */
static inline bool lies_in(const sd_mapping *mapping, const uint8_t *data, uint64_t size)
{
    return data >= mapping->data && size <= mapping->size &&
           (uint64_t)(data - mapping->data) <= mapping->size - size;
}

/** Whether it lies in one of the mappings of a waveform. */
static inline bool lies_in_any(const sd_waveform *waveform, const uint8_t *data, uint64_t size)
{
    bool found = lies_in(waveform->mapping, data, size);
    for (guint i = 0; i < waveform->kept->len; i++)
        found = found || lies_in(waveform->kept->pdata[i], data, size);
    return found;
}

/** Reads all samples of a file that was opened: what sd_waveform_open() promises has to hold. */
static inline void assert_sound(const sd_waveform *waveform)
{
    assert_true(waveform->channels > 0);
    assert_non_null(waveform->format);
    for (size_t c = 0; c < waveform->channels; c++) {
        const sd_channel *channel = &waveform->channel[c];
        assert_non_null(channel->name);
        assert_non_null(channel->unit);
        assert_true(isfinite(channel->interval) && channel->interval > 0);
        assert_true(channel->segments > 0);
        for (size_t s = 0; s < channel->segments; s++) {
            const sd_segment *segment = &channel->segment[s];
            assert_true(segment->count > 0);
            assert_true(lies_in_any(waveform, segment->data,
                                    (segment->count - 1) * channel->stride +
                                        sd_sample_size(channel->type)));
            assert_true(isfinite(segment->start));
            assert_true(segment->time_ps < 1000);
            g_autofree float *volts = g_new(float, segment->count);
            sd_channel_read(channel, s, 0, segment->count, volts);
            for (size_t i = 0; i < segment->count; i++)
                assert_true(isfinite(volts[i]));
        }
    }
}

/** Opens bytes that may be anything; gives whether they were read. */
static inline bool read_or_refuse(const char *path, const sd_waveform_options *options)
{
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (!waveform) {
        if (!error || error->domain != SD_ERROR || !g_str_has_prefix(error->message, path))
            fail_msg("no sentence, or a bad one: %s", error ? error->message : "none");
        return false;
    }
    assert_null(error);
    assert_sound(waveform);
    sd_waveform_free(waveform);
    return true;
}

/** Cuts a file at every length, or at every @p step-th; none may be read up to @p refused bytes. */
static inline void cut_everywhere(void **state, const char *name, const GByteArray *bytes,
                                  const sd_waveform_options *options, size_t refused, size_t step)
{
    for (size_t length = 1; length < bytes->len; length += step) {
        g_autofree char *path = scratch_write(state, name, bytes->data, length);
        if (read_or_refuse(path, options) && length <= refused)
            fail_msg("%s was read although it was cut at byte %zu", name, length);
    }
}

/** Changes each, or each @p step-th, of the first @p size bytes in two ways: whatever comes of it
 * must be sound. */
static inline void damage_everywhere(void **state, const char *name, const GByteArray *bytes,
                                     const sd_waveform_options *options, size_t size, size_t step)
{
    static const uint8_t changes[] = {0x01, 0xFF};
    g_autofree uint8_t *copy = g_memdup2(bytes->data, bytes->len);
    for (size_t at = 0; at < MIN(size, bytes->len); at += step) {
        for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
            copy[at] = (uint8_t)(bytes->data[at] ^ changes[i]);
            g_autofree char *path = scratch_write(state, name, copy, bytes->len);
            (void)read_or_refuse(path, options);
        }
        copy[at] = bytes->data[at];
    }
}

/** Whether a note holds these words. */
static inline bool has_note(const sd_waveform *waveform, const char *words)
{
    for (guint i = 0; i < waveform->notes->len; i++) {
        if (strstr(waveform->notes->pdata[i], words))
            return true;
    }
    return false;
}

#endif
