/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Siglent .bin: a header in one of several layouts, then the samples of the channels that are on,
 * one channel after the other, then those of math and digital channels. Siglent's document "How to
 * extract data from the binary file" describes the layouts. There is no magic: a layout whose
 * fields are all plausible is that of the file.
 *
 * The document adds the offset of a channel and subtracts the trigger delay. Siglent's programming
 * guides, and measurements on instruments that write version 4, say the opposite of both, which is
 * done here for all layouts.
 */
#include "scopedump/error.h"
#include "waveform/code_channel.h"

#include <math.h>

#define CHANNELS_MAX   SD_CODE_CHANNELS_MAX
#define GROUP          4 /**< Channels whose fields stand together. */
#define NO_VERSION     UINT32_MAX
#define VERSION_4      4
#define VERSION_4_DATA 0x1000 /**< Where its samples start, or later. */
#define MAGNITUDE_AT   8      /**< Behind the number that it belongs to. */
#define MAGNITUDE_ONE  8      /**< The magnitude of a number without a prefix. */
#define MAGNITUDE_MAX  16
#define DIVISIONS      14 /**< Of the time axis, where the header does not say. */
#define CODES_8_BIT    25 /**< Per division, where the header does not say. */
#define CODES_16_BIT   (CODES_8_BIT * 256)
#define CENTER_8_BIT   128.0
#define CENTER_16_BIT  32768.0
#define WIDTH_16_BIT   1
#define ORDER_BIG      1
#define PROBE_SIZE     sizeof(double)
#define CODES_SIZE     sizeof(int32_t)

/** Where the fields of four channels stand: of the first one, and how far on of the next. */
typedef struct {
    uint64_t on, on_stride;
    uint64_t volts, offset, stride;
    uint64_t probe, codes;
} group;

/** One layout; 0 for a field that it does not have. */
typedef struct {
    const char *name;
    uint32_t version;     /**< The first word, or NO_VERSION. */
    uint64_t data;        /**< Where the samples start ... */
    uint64_t data_offset; /**< ... or where that stands. */
    group first, second;
    uint64_t digital;
    uint64_t time, delay; /**< Seconds per division, trigger delay. */
    uint64_t points;
    uint64_t rate;
    uint64_t width, order; /**< Of a sample. */
    uint64_t divisions;
    uint64_t end; /**< Of the last field. */
} layout;

static const layout layouts[] = {
    {
        .name = "Siglent .bin V0.1",
        .version = NO_VERSION,
        .data = 0x8a60,
        .first = {0x44, 0x7c, 0x90, 0xa0, 0x7c, 0, 0},
        .time = 0xa84,
        .delay = 0xa94,
        .points = 0xaa4,
        .rate = 0xaa8,
        .end = 0xab8,
    },
    {
        .name = "Siglent .bin V0.2",
        .version = NO_VERSION,
        .data = 0x932c,
        .first = {0x44, 0xa4, 0xb4, 0xc4, 0xa4, 0, 0},
        .time = 0xdb8,
        .delay = 0xdc8,
        .points = 0xdd8,
        .rate = 0xddc,
        .end = 0xdec,
    },
    {
        .name = "Siglent .bin without version",
        .version = NO_VERSION,
        .data = 0x800,
        .first = {0, 4, 16, 80, 16, 0, 0},
        .digital = 144,
        .time = 212,
        .delay = 228,
        .points = 244,
        .rate = 248,
        .end = 264,
    },
    {
        .name = "Siglent .bin version 1",
        .version = 1,
        .data = 0x800,
        .first = {4, 4, 20, 180, 40, 576, 620},
        .digital = 340,
        .time = 408,
        .delay = 448,
        .points = 488,
        .rate = 492,
        .width = 608,
        .divisions = 616,
        .end = 636,
    },
    {
        .name = "Siglent .bin version 2",
        .version = 2,
        .data = 0x800,
        .first = {4, 4, 20, 180, 40, 576, 620},
        .digital = 340,
        .time = 408,
        .delay = 448,
        .points = 488,
        .rate = 492,
        .width = 608,
        .divisions = 616,
        .end = 636,
    },
    {
        .name = "Siglent .bin version 3",
        .version = 3,
        .data = 0x800,
        .first = {4, 4, 20, 180, 40, 576, 620},
        .digital = 340,
        .time = 408,
        .delay = 448,
        .points = 488,
        .rate = 492,
        .width = 608,
        .order = 609,
        .divisions = 616,
        .end = 636,
    },
    {
        .name = "Siglent .bin version 4",
        .version = VERSION_4,
        .data_offset = 4,
        .first = {8, 4, 24, 184, 40, 580, 624},
        .second = {0x404, 4, 0x414, 0x4b4, 40, 0x554, 0x574},
        .digital = 344,
        .time = 412,
        .delay = 452,
        .points = 492,
        .rate = 496,
        .width = 612,
        .order = 613,
        .divisions = 620,
        .end = 0x584,
    },
};

/** The fields that hold for all channels. */
typedef struct {
    bool is_16_bit;
    bool big_endian;
    uint64_t points;
    double interval;
    double start;
} common;

/** Whether the word at @p at, inside the file, is @p least to @p most. */
static bool is_between(const sd_mapping *mapping, uint64_t at, uint32_t least, uint32_t most)
{
    sd_reader reader = {.mapping = mapping};
    uint32_t word = sd_reader_u32(&reader, at, "a word");
    return word >= least && word <= most;
}

static bool group_fits(const sd_mapping *mapping, const group *g)
{
    bool fits = true;
    for (unsigned i = 0; i < GROUP; i++) {
        fits = fits && is_between(mapping, g->on + i * g->on_stride, 0, 1) &&
               is_between(mapping, g->volts + i * g->stride + MAGNITUDE_AT, 0, MAGNITUDE_MAX) &&
               is_between(mapping, g->offset + i * g->stride + MAGNITUDE_AT, 0, MAGNITUDE_MAX);
    }
    return fits;
}

/** Whether a file can have this layout: switches are 0 or 1, magnitudes in their range. Zeros alone
 * do not fit. */
static bool fits(const sd_mapping *mapping, const layout *l)
{
    return sd_mapping_has(mapping, 0, l->end) &&
           (l->version == NO_VERSION || is_between(mapping, 0, l->version, l->version)) &&
           group_fits(mapping, &l->first) &&
           is_between(mapping, l->time + MAGNITUDE_AT, 1, MAGNITUDE_MAX) &&
           is_between(mapping, l->delay + MAGNITUDE_AT, 1, MAGNITUDE_MAX) &&
           is_between(mapping, l->rate + MAGNITUDE_AT, 1, MAGNITUDE_MAX);
}

static const layout *find_layout(const sd_mapping *mapping)
{
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++) {
        if (fits(mapping, &layouts[i])) {
            return &layouts[i];
        }
    }
    return NULL;
}

/** The layout of a file that ends inside a header of version 4, which has two telling words. */
static const layout *find_cut_layout(const sd_mapping *mapping)
{
    const layout *last = &layouts[G_N_ELEMENTS(layouts) - 1];
    bool is_cut = sd_mapping_has(mapping, 0, last->first.on) &&
                  !sd_mapping_has(mapping, 0, last->end) &&
                  is_between(mapping, 0, VERSION_4, VERSION_4) &&
                  is_between(mapping, last->data_offset, VERSION_4_DATA, VERSION_4_DATA);
    return is_cut ? last : NULL;
}

static int match(const sd_mapping *mapping)
{
    if (find_layout(mapping)) {
        return 40;
    }
    return find_cut_layout(mapping) ? 20 : 0;
}

/** Reads a number with a magnitude: thousands to the power of it. */
static double read_value(sd_reader *reader, uint64_t at, const char *field)
{
    double value = sd_reader_f64(reader, at, field);
    double magnitude = sd_reader_u32(reader, at + MAGNITUDE_AT, field);
    return value * pow(1000, magnitude - MAGNITUDE_ONE);
}

/** Reads a whole number that came with version 3; some firmware fills it in before. */
static double read_newer(sd_reader *reader, const layout *l, uint64_t at, const char *field,
                         int32_t otherwise)
{
    bool is_older = l->version == NO_VERSION || l->version < 3;
    int32_t value = at ? sd_reader_i32(reader, at, field) : 0;
    if (value <= 0 && !is_older) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at, "%s is %d, which cannot be true", field,
                       value);
    }
    return value > 0 ? value : otherwise;
}

static common read_common(sd_reader *reader, const layout *l)
{
    uint8_t width = l->width ? sd_reader_u8(reader, l->width, "the width of a sample") : 0;
    uint8_t order = l->order ? sd_reader_u8(reader, l->order, "the byte order") : 0;
    double division = read_value(reader, l->time, "the time per division");
    double delay = read_value(reader, l->delay, "the trigger delay");
    double divisions =
        read_newer(reader, l, l->divisions, "the number of horizontal divisions", DIVISIONS);
    if (width > WIDTH_16_BIT || order > ORDER_BIG) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->width,
                       "the width of a sample is %u and its byte order %u; both have to be 0 or 1",
                       width, order);
    }
    return (common){
        .is_16_bit = width == WIDTH_16_BIT,
        .big_endian = order == ORDER_BIG,
        .points = sd_reader_u32(reader, l->points, "the number of points"),
        .interval = 1 / read_value(reader, l->rate, "the sample rate"),
        .start = delay - division * divisions / 2,
    };
}

/** Reads the channels of a group that are on, from the sample at @p data on; gives how many. */
static size_t read_group(sd_reader *reader, const layout *l, const common *c, const group *g,
                         unsigned first_number, uint64_t data, sd_code_channel *channels)
{
    size_t count = 0;
    const sd_sample_type type = c->is_16_bit ? SD_SAMPLE_U16 : SD_SAMPLE_U8;
    const double center = c->is_16_bit ? CENTER_16_BIT : CENTER_8_BIT;
    for (unsigned i = 0; i < GROUP; i++) {
        if (!sd_reader_u32(reader, g->on + i * g->on_stride, "the switch of a channel")) {
            continue;
        }
        uint64_t volts_at = g->volts + i * g->stride;
        double division = read_value(reader, volts_at, "the volts per division");
        double offset = read_value(reader, g->offset + i * g->stride, "the vertical offset");
        double probe =
            g->probe ? sd_reader_f64(reader, g->probe + i * PROBE_SIZE, "the probe factor") : 1;
        double codes = read_newer(reader, l, g->codes ? g->codes + i * CODES_SIZE : 0,
                                  "codes per division", c->is_16_bit ? CODES_16_BIT : CODES_8_BIT);
        double code = division / codes * probe;
        channels[count] = (sd_code_channel){
            .number = first_number + i,
            .unit = "V",
            .type = type,
            .big_endian = c->big_endian,
            .stride = sd_sample_size(type),
            .scale = code,
            .offset = -center * code - offset * probe,
            .scale_at = volts_at,
            .interval = c->interval,
            .interval_at = l->rate,
            .start = c->start,
            .start_at = l->delay,
            .data = data + count * c->points * sd_sample_size(type),
            .count = c->points,
            .count_at = l->points,
        };
        count++;
    }
    return count;
}

/** Reads all channels that are on; gives how many, and in @p end where their samples end. */
static size_t read_channels(sd_reader *reader, const layout *l, sd_code_channel *channels,
                            uint64_t *end)
{
    common c = read_common(reader, l);
    *end = l->data_offset ? sd_reader_u32(reader, l->data_offset, "the offset of the samples")
                          : l->data;
    if (*end < l->end) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, l->data_offset,
            "the samples are said to start at byte %" G_GUINT64_FORMAT ", inside the header", *end);
    }
    const uint64_t size = c.points * (c.is_16_bit ? 2 : 1);
    size_t count = read_group(reader, l, &c, &l->first, 1, *end, channels);
    *end += count * size;
    if (l->second.on && group_fits(reader->mapping, &l->second)) {
        size_t more = read_group(reader, l, &c, &l->second, GROUP + 1, *end, channels + count);
        *end += more * size;
        count += more;
    }
    return count;
}

static bool open_siglent_bin(sd_waveform *waveform, const sd_waveform_options *options,
                             GError **error)
{
    (void)options;
    const sd_mapping *mapping = waveform->mapping;
    sd_reader reader = {.mapping = mapping};
    const layout *l = find_layout(mapping);
    if (!l) {
        l = find_cut_layout(mapping);
    }
    sd_reader_require(&reader, 0, l->end, "the header");
    sd_code_channel channels[CHANNELS_MAX];
    uint64_t end = 0;
    size_t count = read_channels(&reader, l, channels, &end);
    if (count == 0) {
        sd_reader_fail(&reader, SD_ERROR_UNSUPPORTED, l->first.on,
                       "the file holds no voltage record: all analog channels are off");
    }
    sd_code_channels_set(waveform, &reader, channels, count);
    bool has_digital = l->digital && sd_reader_u32(&reader, l->digital, "the digital channels");
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = l->name;
    if (end < mapping->size) {
        sd_waveform_note(waveform,
                         "%" G_GUINT64_FORMAT " bytes follow the analog channels (%s): left out",
                         mapping->size - end, has_digital ? "digital channels" : "such as math");
    }
    return true;
}

const sd_format sd_format_siglent_bin = {
    .name = "Siglent .bin",
    .match = match,
    .open = open_siglent_bin,
};
