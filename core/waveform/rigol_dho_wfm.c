/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rigol .wfm of the families DHO800 and DHO1000: a file header, blocks of settings (most of them
 * compressed by zlib), padding of zeros, a header of the samples, and rows of 16-bit codes, one per
 * channel. Rigol publishes no description; the offsets are those of the description in the RigolWFM
 * project, and for a DHO824 the volts agree with the .bin file of the same record.
 */
#include "scopedump/error.h"
#include "waveform/code_channel.h"

#include <math.h>
#include <string.h>
#include <zlib.h>

#define CHANNELS     4
#define FILE_HEADER  24
#define CODE_SIZE    2
#define CODE_OF_ZERO 32768
#define PADDING_MAX  65536 /**< Zeros before the samples; some dozens in real files. */

/** Offsets inside the header of a block. */
enum {
    BLOCK_ID = 0,
    BLOCK_TYPE = 2,
    BLOCK_UNPACKED = 4,
    BLOCK_PACKED = 6,
    BLOCK_SIZE = 8,
    BLOCK_ZERO = 10,
    BLOCK_HEADER = 12,
};

/** Offsets inside the settings of a channel. */
enum {
    SETTINGS_ENABLED = 0,
    SETTINGS_SCALE = 1,
    SETTINGS_CENTER = 38,
    SETTINGS_SIZE = 46,
};

/** Offsets inside the header of the samples. */
enum {
    SAMPLES_TOTAL = 0,
    SAMPLES_TICKS = 16,
    SAMPLES_POINTS = 24,
    SAMPLES_POINTS_AGAIN = 28,
    SAMPLES_HEADER = 40,
};

/** One family. */
typedef struct {
    unsigned block_type; /**< Of the block with the settings of a channel. */
    const char *name;
    double tick;        /**< Seconds in the unit of the sample interval. */
    double scale_unit;  /**< Volts per code in the unit of the scale. */
    double center_unit; /**< Volts in the unit of the center. */
} family;

/** The first one whose settings are in the file is that of the file. */
static const family families[] = {
    {5, "Rigol .wfm (DHO800)", 0.8e-9, 1 / 7.5e12, 1e-9},
    {9, "Rigol .wfm (DHO1000)", 10e-9, 1 / 7.5e11, 1e-8},
};

/** The settings of a channel in one family. */
typedef struct {
    bool present;
    bool enabled;
    int64_t scale, center;
    uint64_t at; /**< Of the block. */
} settings;

static int match(const sd_mapping *mapping)
{
    static const uint8_t magic[] = {0x02, 0x00, 0x00, 0x00};
    if (!sd_mapping_equals(mapping, 0, magic, sizeof magic) ||
        !sd_mapping_has(mapping, FILE_HEADER, BLOCK_HEADER)) {
        return 0;
    }
    /* So weak a magic needs a first block that can be one. */
    sd_reader reader = {.mapping = mapping};
    uint16_t unpacked = sd_reader_u16(&reader, FILE_HEADER + BLOCK_UNPACKED, "a size");
    uint16_t packed = sd_reader_u16(&reader, FILE_HEADER + BLOCK_PACKED, "a size");
    uint16_t size = sd_reader_u16(&reader, FILE_HEADER + BLOCK_SIZE, "a size");
    uint16_t zero = sd_reader_u16(&reader, FILE_HEADER + BLOCK_ZERO, "zero");
    return packed > 0 && packed <= unpacked && packed <= size && zero == 0 ? 60 : 0;
}

/** Reads an int64 of unpacked settings; little-endian. */
static int64_t number_of(const uint8_t *bytes)
{
    uint64_t number;
    memcpy(&number, bytes, sizeof number);
    return (int64_t)GUINT64_FROM_LE(number);
}

/** Reads the block at @p at with the settings of a channel; not present: it holds something else.
 */
static settings read_settings(const sd_mapping *mapping, uint64_t at, uLong unpacked, uLong packed)
{
    uint8_t bytes[UINT16_MAX];
    const uint8_t *from = mapping->data + at + BLOCK_HEADER;
    if (packed >= unpacked) {
        memcpy(bytes, from, unpacked);
    } else if (uncompress(bytes, &unpacked, from, packed) != Z_OK) {
        return (settings){0};
    }
    if (unpacked < SETTINGS_SIZE) {
        return (settings){0};
    }
    return (settings){
        .present = true,
        .enabled = bytes[SETTINGS_ENABLED] != 0,
        .scale = number_of(bytes + SETTINGS_SCALE),
        .center = number_of(bytes + SETTINGS_CENTER),
        .at = at,
    };
}

/** Reads all blocks, and the settings of channels among them; gives where the blocks end. */
static uint64_t read_blocks(sd_reader *reader, settings found[G_N_ELEMENTS(families)][CHANNELS])
{
    uint64_t at = FILE_HEADER;
    while (!reader->error) {
        uint16_t id = sd_reader_u16(reader, at + BLOCK_ID, "a block");
        uint16_t type = sd_reader_u16(reader, at + BLOCK_TYPE, "the type of a block");
        uint16_t unpacked = sd_reader_u16(reader, at + BLOCK_UNPACKED, "the size of a block");
        uint16_t packed = sd_reader_u16(reader, at + BLOCK_PACKED, "the packed size of a block");
        uint16_t size = sd_reader_u16(reader, at + BLOCK_SIZE, "the stored size of a block");
        uint64_t content = at + BLOCK_HEADER;
        if (size == 0 && packed == 0) {
            return content;
        }
        if (packed > size) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, at + BLOCK_PACKED,
                           "a block of settings is said to have %u bytes in %u, which cannot be "
                           "true",
                           packed, size);
        }
        if (!sd_reader_require(reader, content, size, "a block of settings")) {
            break;
        }
        for (size_t f = 0; f < G_N_ELEMENTS(families) && !reader->error; f++) {
            if (id >= 1 && id <= CHANNELS && type == families[f].block_type) {
                found[f][id - 1] = read_settings(reader->mapping, at, unpacked, packed);
            }
        }
        at = content + size;
    }
    return at;
}

/** What the header of the samples says. */
typedef struct {
    uint64_t at;
    uint64_t points;   /**< Of each channel. */
    uint64_t channels; /**< 0: this is no header of samples. */
    double ticks;
} samples;

static samples read_samples(sd_reader *reader, uint64_t at)
{
    uint64_t total = sd_reader_u64(reader, at + SAMPLES_TOTAL, "the number of samples");
    uint32_t ticks = sd_reader_u32(reader, at + SAMPLES_TICKS, "the sample interval");
    uint32_t points = sd_reader_u32(reader, at + SAMPLES_POINTS, "the number of points");
    uint32_t again = sd_reader_u32(reader, at + SAMPLES_POINTS_AGAIN, "the number of points");
    samples s = {.at = at, .points = points, .ticks = ticks};
    /* The total of a DHO1000 is some dozens too large. */
    double channels = points ? round((double)total / points) : 0;
    if (points == again && channels >= 1 && channels <= CHANNELS) {
        s.channels = (uint64_t)channels;
    }
    return s;
}

/** Finds the header of the samples behind the zeros from @p at on. */
static samples find_samples(sd_reader *reader, uint64_t at)
{
    const sd_mapping *mapping = reader->mapping;
    uint64_t first = at;
    while (first < mapping->size && first - at < PADDING_MAX && mapping->data[first] == 0) {
        first++;
    }
    samples s = {0};
    /* The lowest bytes of the total may be zeros as well. */
    for (uint64_t back = 0; back < sizeof(uint64_t) && back <= first - at; back++) {
        s = read_samples(reader, first - back);
        if (s.channels || reader->error) {
            return s;
        }
    }
    sd_reader_fail(reader, SD_ERROR_DAMAGED, first,
                   "no header of samples follows the settings: the file is damaged");
    return s;
}

/** The index of the family whose settings are in the file; latches an error if there is none. */
static size_t find_family(sd_reader *reader, settings found[G_N_ELEMENTS(families)][CHANNELS])
{
    for (size_t f = 0; f < G_N_ELEMENTS(families); f++) {
        for (unsigned i = 0; i < CHANNELS; i++) {
            if (found[f][i].present) {
                return f;
            }
        }
    }
    sd_reader_fail(reader, SD_ERROR_DAMAGED, FILE_HEADER,
                   "the settings of the channels are missing or damaged");
    return 0;
}

/** Finds out which channels the rows hold: those that are on, if that many are; otherwise the first
 * ones. */
static void choose_channels(const settings *found, uint64_t count, unsigned *chosen)
{
    unsigned enabled = 0;
    for (unsigned i = 0; i < CHANNELS; i++) {
        if (found[i].present && found[i].enabled) {
            chosen[enabled++] = i;
        }
    }
    for (unsigned i = 0; i < CHANNELS && enabled != count; i++) {
        chosen[i] = i;
    }
}

static void read_channels(sd_reader *reader, const family *f, const settings *found,
                          const samples *s, sd_code_channel *channels)
{
    unsigned chosen[CHANNELS];
    choose_channels(found, s->channels, chosen);
    for (uint64_t i = 0; i < s->channels; i++) {
        const settings *set = &found[chosen[i]];
        if (!set->present) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, FILE_HEADER,
                           "the settings of channel %u are missing or damaged", chosen[i] + 1);
        }
        double scale = (double)set->scale * f->scale_unit;
        double interval = s->ticks * f->tick;
        channels[i] = (sd_code_channel){
            .number = chosen[i] + 1,
            .unit = "V",
            .type = SD_SAMPLE_U16,
            .stride = (size_t)s->channels * CODE_SIZE,
            .scale = scale,
            .offset = -CODE_OF_ZERO * scale - (double)set->center * f->center_unit,
            .scale_at = set->at,
            .interval = interval,
            .interval_at = s->at + SAMPLES_TICKS,
            .start = -(double)s->points / 2 * interval,
            .start_at = s->at + SAMPLES_POINTS,
            .data = s->at + SAMPLES_HEADER + i * CODE_SIZE,
            .count = s->points,
            .count_at = s->at + SAMPLES_POINTS,
        };
    }
}

static bool open_rigol_dho_wfm(sd_waveform *waveform, const sd_waveform_options *options,
                               GError **error)
{
    (void)options;
    sd_reader reader = {.mapping = waveform->mapping};
    settings found[G_N_ELEMENTS(families)][CHANNELS] = {0};
    uint64_t end = read_blocks(&reader, found);
    size_t f = find_family(&reader, found);
    samples s = find_samples(&reader, end);
    if (!reader.error) {
        sd_code_channel channels[CHANNELS];
        read_channels(&reader, &families[f], found[f], &s, channels);
        sd_code_channels_set(waveform, &reader, channels, (size_t)s.channels);
    }
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = families[f].name;
    sd_waveform_note(waveform, "the file does not say where the trigger is: it is taken to be in "
                               "the middle of the record");
    return true;
}

const sd_format sd_format_rigol_dho_wfm = {
    .name = "Rigol .wfm (DHO)",
    .match = match,
    .open = open_rigol_dho_wfm,
};
