/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file opened.h
 * The checks of waveform_check.h for files that are opened with options, and for damage at every
 * place. Include it behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_OPENED_H
#define SCOPEDUMP_TEST_OPENED_H

#include "waveform_check.h"

/** Opens a file that has to be read. */
static inline sd_waveform *open_sound(const char *path, const sd_waveform_options *options)
{
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (!waveform)
        fail_msg("%s", error ? error->message : "no error");
    return waveform;
}

/** Opens a file that may hold anything; gives whether it was read. */
static inline bool open_or_refuse(const char *path, const sd_waveform_options *options)
{
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (!waveform) {
        if (!error || error->domain != SD_ERROR || !g_str_has_prefix(error->message, path))
            fail_msg("no sentence, or a bad one: %s", error ? error->message : "none");
        assert_place(error);
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
        if (open_or_refuse(path, options) && length <= refused)
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
            (void)open_or_refuse(path, options);
        }
        copy[at] = bytes->data[at];
    }
}

#endif
