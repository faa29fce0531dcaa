/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file waveform_check.h
 * What every test of a file format does: open a file that has to be read, or one that has to be
 * refused, and hold what comes out against what sd_waveform_open() promises. Include it behind
 * cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_WAVEFORM_CHECK_H
#define SCOPEDUMP_TEST_WAVEFORM_CHECK_H

#include "scopedump/error.h"
#include "scopedump/waveform.h"
#include "scratch.h"
#include "waveform/mapping.h"

#include <math.h>
#include <string.h>

/** What is damaged is told with the byte. */
static inline void assert_place(const GError *error)
{
    if (error->code == SD_ERROR_DAMAGED &&
        !g_regex_match_simple("\\bbyte [0-9]", error->message, 0, 0)) {
        fail_msg("no byte in: %s", error->message);
    }
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
    assert_place(error);
}

/** The same for bytes that are written to a file first. */
static inline void assert_bytes_refused(void **state, const char *name, const void *bytes,
                                        size_t size, sd_error_code code, const char *words)
{
    g_autofree char *path = scratch_write(state, name, bytes, size);
    assert_refused(path, NULL, code, words);
}

/** Whether the samples of a segment lie in a mapping. */
static inline bool lies_in(const sd_mapping *mapping, const sd_channel *channel,
                           const sd_segment *segment)
{
    return segment->data >= mapping->data &&
           segment->data + (segment->count - 1) * channel->stride + sd_sample_size(channel->type) <=
               mapping->data + mapping->size;
}

/** Reads all samples of a file that was opened: what sd_waveform_open() promises has to hold. */
static inline void assert_sound(const sd_waveform *waveform)
{
    assert_true(waveform->channels > 0);
    assert_non_null(waveform->format);
    for (size_t c = 0; c < waveform->channels; c++) {
        const sd_channel *channel = &waveform->channel[c];
        assert_true(isfinite(channel->interval) && channel->interval > 0);
        assert_true(channel->segments > 0);
        for (size_t s = 0; s < channel->segments; s++) {
            const sd_segment *segment = &channel->segment[s];
            assert_true(segment->count > 0);
            bool inside = lies_in(waveform->mapping, channel, segment);
            for (guint i = 0; i < waveform->kept->len; i++) {
                inside |= lies_in(g_ptr_array_index(waveform->kept, i), channel, segment);
            }
            assert_true(inside);
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

/** Opens bytes that may be anything, under a name; gives whether they were read. */
static inline bool read_or_refuse(void **state, const char *name, const void *bytes, size_t size)
{
    g_autofree char *path = scratch_write(state, name, bytes, size);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, NULL, &error);
    if (!waveform) {
        assert_true(error && error->domain == SD_ERROR);
        assert_non_null(strstr(error->message, path));
        assert_place(error);
        return false;
    }
    assert_null(error);
    assert_sound(waveform);
    sd_waveform_free(waveform);
    return true;
}

/** Cuts a file behind each of its bytes: only from @p enough bytes on it may be read. */
static inline void cut_behind_every_byte(void **state, const char *name, const GByteArray *bytes,
                                         size_t enough)
{
    for (size_t size = 1; size <= bytes->len; size++) {
        if (read_or_refuse(state, name, bytes->data, size) != (size >= enough)) {
            fail_msg("cut behind byte %zu of %u: %s", size, bytes->len,
                     size >= enough ? "refused" : "read");
        }
    }
}

/** Changes a few bytes of a sound file at random, from the byte @p from on: refused, or sound. At
 * least one of the rounds has to be read, and one refused. */
static inline void damage_at_random(void **state, const char *name, const GByteArray *bytes,
                                    guint from, guint32 seed)
{
    enum { ROUNDS = 500 };
    static const uint8_t favourites[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    GRand *random = g_rand_new_with_seed(seed);
    int read = 0;
    for (int round = 0; round < ROUNDS; round++) {
        g_autofree uint8_t *damaged = g_memdup2(bytes->data, bytes->len);
        for (int hits = g_rand_int_range(random, 1, 5); hits > 0; hits--) {
            guint at = (guint)g_rand_int_range(random, (gint32)from, (gint32)bytes->len);
            damaged[at] = favourites[g_rand_int_range(random, 0, G_N_ELEMENTS(favourites))];
        }
        read += read_or_refuse(state, name, damaged, bytes->len);
    }
    g_rand_free(random);
    assert_in_range(read, 1, ROUNDS - 1);
}

/** Opens bytes that have to be read, under a name; to be freed with sd_waveform_free(). */
static inline sd_waveform *open_bytes(void **state, const char *name, const GByteArray *bytes)
{
    g_autofree char *path = scratch_write(state, name, bytes->data, bytes->len);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, NULL, &error);
    if (!waveform) {
        fail_msg("%s", error ? error->message : "no message");
    }
    assert_sound(waveform);
    return waveform;
}

/** Whether one of the notes holds these words. */
static inline bool has_note(const sd_waveform *waveform, const char *words)
{
    for (guint i = 0; i < waveform->notes->len; i++) {
        if (strstr(g_ptr_array_index(waveform->notes, i), words)) {
            return true;
        }
    }
    return false;
}

/** The byte that the note with these words ends with. */
static inline uint64_t noted_byte(const sd_waveform *waveform, const char *words)
{
    for (guint i = 0; i < waveform->notes->len; i++) {
        const char *note = g_ptr_array_index(waveform->notes, i);
        const char *byte = g_strrstr(note, "(byte ");
        if (strstr(note, words) && byte) {
            return g_ascii_strtoull(byte + strlen("(byte "), NULL, 10);
        }
    }
    fail_msg("no note with a byte about \"%s\"", words);
    return 0;
}

/** Fails unless two numbers agree to a millionth of a millionth of the larger. */
static inline void assert_near(double is, double expected)
{
    if (!(fabs(is - expected) <= 1e-12 * MAX(fabs(is), fabs(expected)))) {
        fail_msg("%.17g is not %.17g", is, expected);
    }
}

#endif
