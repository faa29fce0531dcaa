/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rigol .wfm of the family DS1000Z: two headers, the settings of the instrument, and one byte per
 * sample, the channels interleaved. The offsets are those of the description in the RigolWFM
 * project; its volts are up to several codes off those of the instruments' CSV files, and Rigol
 * says of some firmware that it stores a wrong offset.
 */
#include "scopedump/error.h"
#include "waveform/code_channel.h"

#include <string.h>

#define CHANNELS      4
#define CODES_PER_DIV 20.0
#define CODE_OF_ZERO  107.0
#define MODEL_SIZE    20
#define ACQUIRE_PEAK  1
#define PICOSECOND    1e-12
#define GIGAHERTZ     1e9

/** Offsets in the file. */
enum {
    AT_MAGIC_2 = 4,
    AT_MODEL = 8,
    AT_TIME_OFFSET = 72,
    AT_ENABLED = 88,
    AT_ACQUIRE_MODE = 112,
    AT_MEMORY_DEPTH = 116,
    AT_RATE = 120,
    AT_CHANNEL = 124,
    AT_SETTINGS_SIZE = 256,
    AT_SETTINGS = 260,
    AT_HEADERS_END = 280,
};

/** Offsets inside the settings of a channel. */
enum {
    CHANNEL_SCALE = 8,
    CHANNEL_SHIFT = 12,
    CHANNEL_INVERTED = 16,
    CHANNEL_UNIT = 17,
    CHANNEL_SIZE = 28,
};

static int match(const sd_mapping *mapping)
{
    static const uint8_t magic[] = {0x01, 0xFF, 0xFF, 0xFF};
    static const uint8_t second[] = {0xA5, 0xA5, 0x38, 0x00};
    static const uint8_t second_too[] = {0xA5, 0xA6, 0x38, 0x00};
    bool is_mine = sd_mapping_equals(mapping, 0, magic, sizeof magic) &&
                   (sd_mapping_equals(mapping, AT_MAGIC_2, second, sizeof second) ||
                    sd_mapping_equals(mapping, AT_MAGIC_2, second_too, sizeof second_too));
    return is_mine ? 80 : 0;
}

/** Reads the settings of a channel. */
static sd_code_channel read_channel(sd_reader *reader, unsigned index)
{
    static const char *const units[] = {"W", "A", "V"}; /* 3: unknown */
    uint64_t at = AT_CHANNEL + (uint64_t)index * CHANNEL_SIZE;
    double division = (double)sd_reader_f32(reader, at + CHANNEL_SCALE, "the voltage scale");
    double shift = (double)sd_reader_f32(reader, at + CHANNEL_SHIFT, "the voltage shift");
    bool inverted = sd_reader_u8(reader, at + CHANNEL_INVERTED, "the inversion") != 0;
    uint8_t unit = sd_reader_u8(reader, at + CHANNEL_UNIT, "the unit");
    double code = (inverted ? -division : division) / CODES_PER_DIV;
    return (sd_code_channel){
        .number = index + 1,
        .unit = unit < G_N_ELEMENTS(units) ? units[unit] : "V",
        .type = SD_SAMPLE_U8,
        .scale = code,
        .offset = -CODE_OF_ZERO * code - shift,
        .scale_at = at + CHANNEL_SCALE,
    };
}

/** Reads the channels that are on; gives how many. */
static size_t read_channels(sd_reader *reader, sd_code_channel *channels)
{
    uint8_t enabled = sd_reader_u8(reader, AT_ENABLED, "the switches of the channels");
    size_t count = 0;
    for (unsigned i = 0; i < CHANNELS; i++) {
        if (enabled >> i & 1) {
            channels[count++] = read_channel(reader, i);
        }
    }
    return count;
}

/** Finds the samples of the channels: of two channels the first stands behind the second, and three
 * are stored as four, from the fourth to the first. */
static void place_samples(sd_reader *reader, sd_code_channel *channels, size_t count)
{
    uint64_t data = (uint64_t)sd_reader_u32(reader, AT_SETTINGS, "the offset of the settings") +
                    sd_reader_u32(reader, AT_SETTINGS_SIZE, "the size of the settings");
    uint64_t depth = sd_reader_u32(reader, AT_MEMORY_DEPTH, "the memory depth");
    double rate = (double)sd_reader_f32(reader, AT_RATE, "the sample rate") * GIGAHERTZ;
    int64_t offset = (int64_t)sd_reader_u64(reader, AT_TIME_OFFSET, "the time offset");
    if (data < AT_HEADERS_END) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, AT_SETTINGS,
            "the samples are said to start at byte %" G_GUINT64_FORMAT ", inside the header", data);
    }
    const unsigned stride = count == 3 ? CHANNELS : (unsigned)count;
    for (unsigned i = 0; i < count; i++) {
        unsigned place = stride == CHANNELS ? channels[i].number - 1 : i;
        channels[i].stride = stride;
        channels[i].data = data + stride - 1 - place;
        channels[i].count = depth / stride;
        channels[i].count_at = AT_MEMORY_DEPTH;
        channels[i].interval = 1 / rate;
        channels[i].interval_at = AT_RATE;
        channels[i].start = (double)offset * PICOSECOND - (double)channels[i].count / rate / 2;
        channels[i].start_at = AT_TIME_OFFSET;
    }
}

static bool open_rigol_ds1000z_wfm(sd_waveform *waveform, const sd_waveform_options *options,
                                   GError **error)
{
    (void)options;
    sd_reader reader = {.mapping = waveform->mapping};
    sd_reader_require(&reader, 0, AT_HEADERS_END, "the header");
    sd_code_channel channels[CHANNELS];
    size_t count = read_channels(&reader, channels);
    if (count == 0) {
        sd_reader_fail(&reader, SD_ERROR_UNSUPPORTED, AT_ENABLED,
                       "the file holds no voltage record: all analog channels are off");
    }
    if (sd_reader_u8(&reader, AT_ACQUIRE_MODE, "the acquisition mode") == ACQUIRE_PEAK) {
        sd_reader_fail(&reader, SD_ERROR_UNSUPPORTED, AT_ACQUIRE_MODE,
                       "the file holds a peak detect acquisition, not a sampled record: acquire it "
                       "in normal mode");
    }
    place_samples(&reader, channels, count);
    sd_code_channels_set(waveform, &reader, channels, count);
    g_autofree char *model = sd_reader_text(&reader, AT_MODEL, MODEL_SIZE, "the model");
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = "Rigol .wfm (DS1000Z)";
    waveform->instrument = *model ? g_steal_pointer(&model) : NULL;
    sd_waveform_note(waveform, "the layout of this format is not published: volts and the trigger "
                               "time may be some codes and samples off");
    return true;
}

const sd_format sd_format_rigol_ds1000z_wfm = {
    .name = "Rigol .wfm (DS1000Z)",
    .match = match,
    .open = open_rigol_ds1000z_wfm,
};
