/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/waveform.h"

#include <string.h>

#include "scopedump/error.h"

/** Channels that an error lists; beyond, they are counted. */
#define LISTED_MOST 32

uint64_t sd_channel_samples(const sd_channel *channel)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < channel->segments; i++)
        samples += channel->segment[i].count;
    return samples;
}

bool sd_channel_code_span(const sd_channel *channel, double *low, double *high)
{
    /* Of 32-bit integers no oscilloscope fills all codes, and floats have none. */
    static const struct {
        double first, last;
    } codes[] = {
        [SD_SAMPLE_S8] = {G_MININT8, G_MAXINT8},
        [SD_SAMPLE_U8] = {0, G_MAXUINT8},
        [SD_SAMPLE_S16] = {G_MININT16, G_MAXINT16},
        [SD_SAMPLE_U16] = {0, G_MAXUINT16},
    };
    if (channel->type >= G_N_ELEMENTS(codes))
        return false;
    const double first = codes[channel->type].first * channel->scale + channel->offset;
    const double last = codes[channel->type].last * channel->scale + channel->offset;
    *low = MIN(first, last);
    *high = MAX(first, last);
    return true;
}

bool sd_channel_range(const sd_channel *channel, double *low, double *high)
{
    const bool scaled = channel->scale != 1 || channel->offset != 0;
    return scaled && sd_channel_code_span(channel, low, high);
}

/** Whether two names are the same, letters of either case taken as equal. */
static bool same_name(const char *a, const char *b)
{
    g_autofree char *valid_a = g_utf8_make_valid(a, -1);
    g_autofree char *valid_b = g_utf8_make_valid(b, -1);
    g_autofree char *folded_a = g_utf8_casefold(valid_a, -1);
    g_autofree char *folded_b = g_utf8_casefold(valid_b, -1);
    return g_str_equal(folded_a, folded_b);
}

/** The channels as "1 (CH1), 2 (CH2)"; to be freed with g_free(). */
static char *list_channels(const sd_waveform *waveform)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < MIN(waveform->channels, LISTED_MOST); i++) {
        g_autofree char *name = g_utf8_make_valid(waveform->channel[i].name, -1);
        g_string_append_printf(text, "%s%zu (%s)", i > 0 ? ", " : "", i + 1, name);
    }
    if (waveform->channels > LISTED_MOST)
        g_string_append_printf(text, " and %zu more", waveform->channels - LISTED_MOST);
    return g_string_free(text, FALSE);
}

static bool refuse(const sd_waveform *waveform, const char *what, const char *text, GError **error)
{
    g_autofree char *list = list_channels(waveform);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_set_error(error, SD_ERROR, SD_ERROR_CHANNEL, "%s %s \"%s\": it has %s", waveform->path, what,
                valid, list);
    return false;
}

bool sd_waveform_find_channel(const sd_waveform *waveform, const char *text, size_t *channel,
                              GError **error)
{
    if (*text != '\0' && text[strspn(text, "0123456789")] == '\0') {
        guint64 number;
        if (!g_ascii_string_to_unsigned(text, 10, 1, waveform->channels, &number, NULL))
            return refuse(waveform, "has no channel", text, error);
        *channel = (size_t)number - 1;
        return true;
    }
    size_t found = 0;
    for (size_t i = 0; i < waveform->channels; i++) {
        if (same_name(waveform->channel[i].name, text) && found++ == 0)
            *channel = i;
    }
    if (found == 1)
        return true;
    return refuse(waveform,
                  found == 0 ? "has no channel"
                             : "has more than one channel of that name, so give the number, not",
                  text, error);
}
