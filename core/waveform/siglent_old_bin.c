/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Siglent .bin of the oldest SDS1000X and SDS2000X, as Siglent's document "How to Extract Data from
 * the Binary File of SDS2000X, SDS1000X" describes it: settings as the instrument's own indices and
 * pixels, then one byte per sample, channel after channel. There is no magic, neither the number of
 * points nor the sample rate: the samples fill the file, and the screen.
 */
#include "scopedump/error.h"
#include "waveform/code_channel.h"

#include <math.h>

#define CHANNELS         4
#define MILLIVOLT        1e-3
#define CODES_PER_DIV    25
#define CODE_OF_ZERO     128
#define PIXELS_PER_DIV   50
#define PIXEL_OF_ZERO    220
#define DIVISIONS        14
#define DIGITAL_CHANNELS 16
#define VOLTS_INDEX_MAX  12

/** Offsets in the file. */
enum {
    AT_DIGITAL_POINTS = 4,
    AT_DIGITAL_COUNT = 16,
    AT_MILLIVOLTS = 188,
    AT_OFFSET_PIXELS = 220,
    AT_VOLTS_INDEX = 240,
    AT_ON = 256,
    AT_TIME_INDEX = 584,
    AT_DELAY_PIXELS = 592,
    AT_DATA = 0x1470,
};

/** Seconds per division; the index is the number in the file. */
static const double times[] = {
    1e-9, 2e-9, 5e-9, 1e-8, 2e-8, 5e-8, 1e-7, 2e-7, 5e-7, 1e-6, 2e-6,
    5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2,
    2e-2, 5e-2, 0.1,  0.2,  0.5,  1,    2,    5,    10,   20,   50,
};

/** So weak a match that every other format goes first: every setting has to be one, and at least
 * one channel on with a scale of an oscilloscope. */
static int match(const sd_mapping *mapping)
{
    if (mapping->size <= AT_DATA) {
        return 0;
    }
    sd_reader reader = {.mapping = mapping};
    bool fits = sd_reader_u32(&reader, AT_TIME_INDEX, "an index") < G_N_ELEMENTS(times) &&
                sd_reader_u32(&reader, AT_DIGITAL_COUNT, "a count") <= DIGITAL_CHANNELS;
    unsigned on = 0;
    for (uint64_t i = 0; i < CHANNELS && fits; i++) {
        uint32_t is_on = sd_reader_u32(&reader, AT_ON + 4 * i, "a switch");
        float scale = sd_reader_f32(&reader, AT_MILLIVOLTS + 4 * i, "a scale");
        fits = is_on <= 1 &&
               sd_reader_u32(&reader, AT_VOLTS_INDEX + 4 * i, "an index") <= VOLTS_INDEX_MAX &&
               (!is_on || (scale >= 0.1F && scale <= 1e7F));
        on += is_on;
    }
    return fits && on > 0 ? 10 : 0;
}

static sd_code_channel read_channel(sd_reader *reader, uint64_t index)
{
    uint64_t scale_at = AT_MILLIVOLTS + 4 * index;
    double division =
        (double)sd_reader_f32(reader, scale_at, "the millivolts per division") * MILLIVOLT;
    double pixels = sd_reader_i32(reader, AT_OFFSET_PIXELS + 4 * index, "the vertical offset");
    double code = division / CODES_PER_DIV;
    return (sd_code_channel){
        .number = (unsigned)index + 1,
        .unit = "V",
        .type = SD_SAMPLE_U8,
        .stride = 1,
        .scale = code,
        .offset = -CODE_OF_ZERO * code + (pixels - PIXEL_OF_ZERO) * division / PIXELS_PER_DIV,
        .scale_at = scale_at,
    };
}

static bool open_siglent_old_bin(sd_waveform *waveform, const sd_waveform_options *options,
                                 GError **error)
{
    (void)options;
    sd_reader reader = {.mapping = waveform->mapping};
    sd_code_channel channels[CHANNELS];
    size_t count = 0;
    for (uint64_t i = 0; i < CHANNELS; i++) {
        if (sd_reader_u32(&reader, AT_ON + 4 * i, "the switch of a channel")) {
            channels[count++] = read_channel(&reader, i);
        }
    }
    /* match() has seen that at least one is on, and that the index is one of the table. */
    double division = times[sd_reader_u32(&reader, AT_TIME_INDEX, "the time per division")];
    uint64_t digital = sd_reader_u32(&reader, AT_DIGITAL_COUNT, "the digital channels") *
                       ((uint64_t)sd_reader_u32(&reader, AT_DIGITAL_POINTS, "digital points") / 8);
    uint64_t bytes = waveform->mapping->size - AT_DATA;
    uint64_t points = digital < bytes ? (bytes - digital) / count : 0;
    for (size_t i = 0; i < count; i++) {
        channels[i].data = AT_DATA + i * points;
        channels[i].count = points;
        channels[i].count_at = AT_DIGITAL_POINTS;
        channels[i].interval = division * DIVISIONS / (double)points;
        channels[i].interval_at = AT_TIME_INDEX;
        channels[i].start = -division * DIVISIONS / 2;
        channels[i].start_at = AT_TIME_INDEX;
    }
    sd_code_channels_set(waveform, &reader, channels, count);
    int32_t delay = sd_reader_i32(&reader, AT_DELAY_PIXELS, "the trigger delay");
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = "Siglent .bin (SDS1000X, SDS2000X)";
    sd_waveform_note(waveform,
                     "the file does not hold the sample rate: the samples are taken to "
                     "fill the %d divisions of the screen",
                     DIVISIONS);
    if (delay != 0) {
        sd_waveform_note(waveform, "the trigger delay of %d pixels is left out", delay);
    }
    if (digital) {
        sd_waveform_note(waveform, "the digital channels were left out");
    }
    return true;
}

const sd_format sd_format_siglent_old_bin = {
    .name = "Siglent .bin (SDS1000X, SDS2000X)",
    .match = match,
    .open = open_siglent_old_bin,
};
