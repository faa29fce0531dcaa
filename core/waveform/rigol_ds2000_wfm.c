/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rigol .wfm of the families DS2000, DS4000 and DS6000: one header in three variants, and one byte
 * per sample, channel after channel. The offsets are those of the descriptions in the RigolWFM
 * project. For a DS2072A its volts agree with the instrument's CSV file; for DS4000 they are up to
 * several codes off, and no file of a DS6000 was at hand.
 */
#include "scopedump/error.h"
#include "waveform/code_channel.h"
#include "waveform/spool.h"

#include <string.h>

#define CHANNELS      4
#define MODEL_SIZE    20
#define CODE_OF_ZERO  127.0
#define CHANNEL_SIZE  28
#define ACQUIRE_PEAK  2
#define PICOSECOND    1e-12
#define BLOCK_SAMPLES 65536 /**< Interleaved at a time. */

/** Offsets that the families share. */
enum {
    AT_MODEL = 4,
    AT_INTERWOVEN = 65,
    AT_CHANNEL_OFFSETS = 68,
    AT_ACQUIRE_MODE = 84,
};

/** Offsets inside the settings of a channel. */
enum {
    CHANNEL_ENABLED = 0,
    CHANNEL_SCALE = 8,
    CHANNEL_SHIFT = 12,
    CHANNEL_INVERTED = 16,
    CHANNEL_UNIT = 17,
};

/** One family; 0 for a field that it does not have. */
typedef struct {
    char digit; /**< The first digit of the model number. */
    const char *name;
    double codes_per_division;
    bool falls; /**< Code 0 is at the top. */
    uint64_t rate;
    uint64_t time_offset;
    uint64_t channel;
    uint64_t points;
    uint64_t first_point; /**< Samples before the first one that is valid. */
    bool has_interwoven;
    bool is_unsettled;
    uint64_t end; /**< Of the header. */
} family;

static const family families[] = {
    {'2', "Rigol .wfm (DS2000)", 25, false, 96, 112, 120, 252, 248, true, false, 476},
    {'4', "Rigol .wfm (DS4000)", 32, false, 100, 568, 124, 268, 0, false, true, 576},
    {'6', "Rigol .wfm (DS6000)", 25, true, 96, 112, 120, 252, 248, false, true, 384},
};

static int match(const sd_mapping *mapping)
{
    static const uint8_t magic[] = {0xA5, 0xA5, 0x38, 0x00};
    return sd_mapping_equals(mapping, 0, magic, sizeof magic) ? 80 : 0;
}

/** The family by the model (or, as in DS2072A, the serial number): its first digit. */
static const family *find_family(sd_reader *reader)
{
    g_autofree char *model = sd_reader_text(reader, AT_MODEL, MODEL_SIZE, "the model");
    const char *digit = strpbrk(model, "0123456789");
    for (size_t i = 0; i < G_N_ELEMENTS(families) && digit; i++) {
        if (families[i].digit == *digit) {
            return &families[i];
        }
    }
    sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, AT_MODEL,
                   "the model \"%s\" is none of the DS2000, DS4000 and DS6000, whose files can be "
                   "read",
                   model);
    return NULL;
}

/** Where the samples of a channel start. */
static uint64_t samples_at(sd_reader *reader, const family *f, unsigned index)
{
    uint64_t at = AT_CHANNEL_OFFSETS + (uint64_t)index * sizeof(uint32_t);
    uint64_t data = sd_reader_u32(reader, at, "the offset of a channel");
    uint64_t first = f->first_point ? sd_reader_u32(reader, f->first_point, "the first point") : 0;
    if (data < f->end) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at,
                       "the samples of channel %u are said to start at byte %" G_GUINT64_FORMAT
                       ", inside the header",
                       index + 1, data);
    }
    return data + first;
}

/** Reads the settings of a channel; the place of its samples follows later. */
static sd_code_channel read_channel(sd_reader *reader, const family *f, unsigned index)
{
    static const char *const units[] = {"W", "A", "V"}; /* 3: unknown */
    uint64_t at = f->channel + (uint64_t)index * CHANNEL_SIZE;
    double division = (double)sd_reader_f32(reader, at + CHANNEL_SCALE, "the voltage scale");
    double shift = (double)sd_reader_f32(reader, at + CHANNEL_SHIFT, "the voltage shift");
    /* A DS2072A switches channels on with 8 instead of 1, and stores the unit first. */
    bool unit_first =
        f->has_interwoven && sd_reader_u8(reader, at + CHANNEL_ENABLED, "a switch") != 1;
    uint64_t inverted_at = at + (unit_first ? CHANNEL_UNIT : CHANNEL_INVERTED);
    uint64_t unit_at = at + (unit_first ? CHANNEL_INVERTED : CHANNEL_UNIT);
    bool inverted = sd_reader_u8(reader, inverted_at, "the inversion") != 0;
    uint8_t unit = sd_reader_u8(reader, unit_at, "the unit");
    double code = division / f->codes_per_division * (inverted != f->falls ? -1 : 1);

    uint64_t count = sd_reader_u32(reader, f->points, "the number of points");
    double interval = 1 / (double)sd_reader_f32(reader, f->rate, "the sample rate");
    int64_t offset = (int64_t)sd_reader_u64(reader, f->time_offset, "the time offset");
    return (sd_code_channel){
        .number = index + 1,
        .unit = unit < G_N_ELEMENTS(units) ? units[unit] : "V",
        .type = SD_SAMPLE_U8,
        .stride = 1,
        .scale = code,
        .offset = -CODE_OF_ZERO * code - shift,
        .scale_at = at + CHANNEL_SCALE,
        .interval = interval,
        .interval_at = f->rate,
        .start = (double)offset * PICOSECOND - (double)count * interval / 2,
        .start_at = f->time_offset,
        .data = samples_at(reader, f, index),
        .count = count,
        .count_at = f->points,
    };
}

/** Reads the channels that are on; gives how many. */
static size_t read_channels(sd_reader *reader, const family *f, sd_code_channel *channels)
{
    size_t count = 0;
    for (unsigned i = 0; i < CHANNELS; i++) {
        uint64_t at = f->channel + (uint64_t)i * CHANNEL_SIZE + CHANNEL_ENABLED;
        if (sd_reader_u8(reader, at, "the switch of a channel")) {
            channels[count++] = read_channel(reader, f, i);
        }
    }
    return count;
}

/** Writes the samples of two runs in turn. */
static bool interleave(sd_spool *spool, const uint8_t *even, const uint8_t *odd, uint64_t count,
                       GError **error)
{
    uint8_t block[2 * BLOCK_SAMPLES];
    for (uint64_t done = 0; done < count; done += BLOCK_SAMPLES) {
        size_t size = (size_t)MIN(BLOCK_SAMPLES, count - done);
        for (size_t i = 0; i < size; i++) {
            block[2 * i] = even[done + i];
            block[2 * i + 1] = odd[done + i];
        }
        if (!sd_spool_write(spool, block, 2 * size, error)) {
            return false;
        }
    }
    return true;
}

/** Sets a channel that uses the memory of two for twice the rate: its samples lie in turn in the
 * one and the other, whichever channel it is. */
static bool set_interwoven(sd_waveform *waveform, sd_reader *reader, const family *f,
                           sd_code_channel *channel, GError **error)
{
    uint64_t half = channel->count / 2;
    uint64_t even = samples_at(reader, f, 0);
    uint64_t odd = samples_at(reader, f, 1);
    if (half == 0 || !sd_mapping_has(reader->mapping, even, half) ||
        !sd_mapping_has(reader->mapping, odd, half)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, f->points,
                       "the header counts %" G_GUINT64_FORMAT
                       " samples in channel %u, but the file has %" G_GUINT64_FORMAT
                       " bytes: it is cut or damaged",
                       channel->count, channel->number, reader->mapping->size);
        return sd_reader_finish(reader, error);
    }
    sd_spool *spool = sd_spool_new(reader->mapping, error);
    sd_mapping *woven = NULL;
    if (spool &&
        interleave(spool, reader->mapping->data + even, reader->mapping->data + odd, half, error)) {
        woven = sd_spool_map(spool, error);
    }
    sd_spool_free(spool);
    if (!woven) {
        return false;
    }
    sd_waveform_keep(waveform, woven);
    channel->data = 0;
    channel->count = 2 * half;
    sd_reader of_woven = {.mapping = woven};
    sd_code_channels_set(waveform, &of_woven, channel, 1);
    return sd_reader_finish(&of_woven, error);
}

/** Checks what is in the header but no setting of a channel. */
static void check_kind(sd_reader *reader, const family *f, size_t count)
{
    if (count == 0) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, f->channel,
                       "the file holds no voltage record: all analog channels are off");
    }
    if (sd_reader_u16(reader, AT_ACQUIRE_MODE, "the acquisition mode") == ACQUIRE_PEAK &&
        f->first_point) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, AT_ACQUIRE_MODE,
                       "the file holds a peak detect acquisition, not a sampled record: acquire it "
                       "in normal mode");
    }
}

static bool open_rigol_ds2000_wfm(sd_waveform *waveform, const sd_waveform_options *options,
                                  GError **error)
{
    (void)options;
    sd_reader reader = {.mapping = waveform->mapping};
    const family *f = find_family(&reader);
    if (!f) {
        return sd_reader_finish(&reader, error);
    }
    sd_reader_require(&reader, 0, f->end, "the header");
    sd_code_channel channels[CHANNELS];
    size_t count = read_channels(&reader, f, channels);
    check_kind(&reader, f, count);
    bool interwoven =
        f->has_interwoven && (sd_reader_u8(&reader, AT_INTERWOVEN, "the interweaving") & 1);
    g_autofree char *model = sd_reader_text(&reader, AT_MODEL, MODEL_SIZE, "the model");
    if (!interwoven) {
        sd_code_channels_set(waveform, &reader, channels, count);
    }
    if (!sd_reader_finish(&reader, error) ||
        (interwoven && !set_interwoven(waveform, &reader, f, &channels[0], error))) {
        return false;
    }
    waveform->format = f->name;
    waveform->instrument = *model ? g_steal_pointer(&model) : NULL;
    if (f->is_unsettled) {
        sd_waveform_note(waveform, "the layout of this format is not published: volts and the "
                                   "trigger time may be some codes and samples off");
    }
    return true;
}

const sd_format sd_format_rigol_ds2000_wfm = {
    .name = "Rigol .wfm (DS2000, DS4000 or DS6000)",
    .match = match,
    .open = open_rigol_ds2000_wfm,
};
