/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rigol .wfm of the families DS1000B, DS1000C (also CD, M, MD) and DS1000D/E: a fixed header, then
 * one byte per sample, channel after channel. Rigol publishes no description of them; the offsets
 * are those of the descriptions in the RigolWFM project, and the codes of 0 V are those of files of
 * a DS1204B and a DS1102E beside the instruments' own CSV files.
 */
#include "scopedump/error.h"
#include "waveform/code_channel.h"

#define CHANNELS_MAX      4
#define MAGIC_SIZE        4
#define CODES_PER_DIV     25.0
#define PICOSECOND        1e-12
#define MICROVOLT         1e-6
#define TRIGGER_ALTERNATE 4 /**< Each channel has a time base of its own. */
#define ROLL_EXTRA        2 /**< Further samples that are lost where rolling stopped. */

/** Offsets inside the settings of a channel. */
enum {
    CHANNEL_PROBE = 8,
    CHANNEL_SCALE = 16,
    CHANNEL_SHIFT = 20,
    CHANNEL_SIZE = 24,
};

/** Offsets in the header that only DS1000D/E has. */
enum {
    DE_ROLL_STOP = 20,
    DE_LOGIC = 120,
    DE_TRIGGER_MODE = 142,
    DE_POINTS_2 = 232,
    DE_RATE_2 = 252,
    DE_TIME_OFFSET_2 = 264,
};

/** One family. */
typedef struct {
    const char *magic;
    const char *name;
    unsigned channels;
    bool is_de;                 /**< It has the header of DS1000D/E. */
    bool has_slots;             /**< Channels that are off leave their place empty. */
    double zero;                /**< The code of 0 V when the channel is not shifted. */
    uint64_t enabled, inverted; /**< Inside the settings of a channel. */
    uint64_t points;
    uint64_t channel; /**< Settings of channel 1. */
    uint64_t rate;
    uint64_t time_offset;
    uint64_t data;
} family;

#define MAGIC_DE "\xA5\xA5\0\0"

static const family families[] = {
    {"\xA5\xA5\xA4\x01", "Rigol .wfm (DS1000B)", 4, false, true, 99, 14, 15, 60, 68, 180, 172, 420},
    {"\xA1\xA5\0\0", "Rigol .wfm (DS1000C)", 2, false, false, 125, 13, 14, 28, 36, 100, 92, 256},
    {MAGIC_DE, "Rigol .wfm (DS1000D/E)", 2, true, false, 125, 13, 14, 28, 36, 100, 112, 276},
};

/** DS1000C files that begin like DS1000D/E: 16 bytes more stand before the samples. */
static const family family_c_padded = {
    MAGIC_DE, "Rigol .wfm (DS1000C)", 2, false, false, 125, 13, 14, 28, 36, 100, 92, 272,
};

static const family *family_of_magic(const sd_mapping *mapping)
{
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        if (sd_mapping_equals(mapping, 0, families[i].magic, MAGIC_SIZE)) {
            return &families[i];
        }
    }
    return NULL;
}

static int match(const sd_mapping *mapping)
{
    return family_of_magic(mapping) ? 60 : 0;
}

static bool is_enabled(sd_reader *reader, const family *f, unsigned index)
{
    uint64_t at = f->channel + (uint64_t)index * CHANNEL_SIZE + f->enabled;
    return sd_reader_u8(reader, at, "the switch of a channel") != 0;
}

/** The family of the file: where two share a magic, the size of the file tells. */
static const family *find_family(sd_reader *reader)
{
    const family *f = family_of_magic(reader->mapping);
    if (!f->is_de) {
        return f;
    }
    const family *c = &family_c_padded;
    uint64_t points = sd_reader_u32(reader, c->points, "the number of points");
    uint64_t samples = 0;
    for (unsigned i = 0; i < c->channels; i++) {
        samples += is_enabled(reader, c, i) ? points : 0;
    }
    return reader->mapping->size == c->data + samples ? c : f;
}

/** Reads the settings of a channel; @p depth samples lie around the middle of its time axis. */
static sd_code_channel read_channel(sd_reader *reader, const family *f, unsigned index,
                                    uint64_t depth)
{
    uint64_t at = f->channel + (uint64_t)index * CHANNEL_SIZE;
    double probe = (double)sd_reader_f32(reader, at + CHANNEL_PROBE, "the probe");
    bool inverted = sd_reader_u8(reader, at + f->inverted, "the inversion") != 0;
    double code = sd_reader_i32(reader, at + CHANNEL_SCALE, "the voltage scale") * MICROVOLT *
                  probe / CODES_PER_DIV;
    double shift = sd_reader_i16(reader, at + CHANNEL_SHIFT, "the voltage shift");
    /* The description of DS1000D/E gives the inversion no effect on the voltage. */
    code = inverted && !f->is_de ? -code : code;

    bool alternate = f->is_de && index == 1 &&
                     sd_reader_u8(reader, DE_TRIGGER_MODE, "the trigger mode") == TRIGGER_ALTERNATE;
    uint64_t rate_at = alternate ? DE_RATE_2 : f->rate;
    uint64_t offset_at = alternate ? DE_TIME_OFFSET_2 : f->time_offset;
    double interval = 1 / (double)sd_reader_f32(reader, rate_at, "the sample rate");
    int64_t offset = (int64_t)sd_reader_u64(reader, offset_at, "the time offset");
    return (sd_code_channel){
        .number = index + 1,
        .unit = "V",
        .type = SD_SAMPLE_U8,
        .stride = 1,
        .scale = -code, /* Code 0 is at the top of the screen. */
        .offset = code * (f->zero - shift),
        .scale_at = at + CHANNEL_SCALE,
        .interval = interval,
        .interval_at = rate_at,
        .start = (double)offset * PICOSECOND - (double)depth * interval / 2,
        .start_at = offset_at,
    };
}

/** Reads the channels that are on; gives how many. */
static size_t read_channels(sd_reader *reader, const family *f, sd_code_channel *channels)
{
    size_t count = 0;
    uint64_t data = f->data;
    uint64_t roll_stop =
        f->is_de ? sd_reader_u32(reader, DE_ROLL_STOP, "the place where rolling stopped") : 0;
    uint64_t lost = roll_stop ? roll_stop + ROLL_EXTRA : 0;
    for (unsigned i = 0; i < f->channels; i++) {
        uint64_t depth_at = f->points;
        uint64_t depth = sd_reader_u32(reader, depth_at, "the number of points");
        if (f->is_de && i == 1) {
            uint64_t depth_2 = sd_reader_u32(reader, DE_POINTS_2, "the points of channel 2");
            depth_at = depth_2 ? DE_POINTS_2 : depth_at;
            depth = depth_2 ? depth_2 : depth; /* 0: as in channel 1. */
        }
        bool enabled = is_enabled(reader, f, i);
        if (enabled) {
            sd_code_channel *channel = &channels[count++];
            *channel = read_channel(reader, f, i, depth);
            channel->data = data;
            channel->count = depth > lost ? depth - lost : 0;
            channel->count_at = depth_at;
        }
        data += enabled || f->has_slots ? depth : 0;
    }
    return count;
}

static bool open_rigol_ds1000_wfm(sd_waveform *waveform, const sd_waveform_options *options,
                                  GError **error)
{
    (void)options;
    sd_reader reader = {.mapping = waveform->mapping};
    const family *f = find_family(&reader);
    sd_reader_require(&reader, 0, f->data, "the header");
    sd_code_channel channels[CHANNELS_MAX];
    size_t count = read_channels(&reader, f, channels);
    if (count == 0) {
        sd_reader_fail(&reader, SD_ERROR_UNSUPPORTED, f->channel + f->enabled,
                       "the file holds no voltage record: all analog channels are off");
    }
    sd_code_channels_set(waveform, &reader, channels, count);
    bool has_logic = f->is_de && (sd_reader_u8(&reader, DE_LOGIC, "the logic analyzer") & 1);
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = f->name;
    if (has_logic) {
        sd_waveform_note(waveform, "the digital channels were left out");
    }
    return true;
}

const sd_format sd_format_rigol_ds1000_wfm = {
    .name = "Rigol .wfm (DS1000)",
    .match = match,
    .open = open_rigol_ds1000_wfm,
};
