/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Teledyne LeCroy .trc: the descriptor WAVEDESC, then user text, times and samples, each as long as
 * the descriptor says. The remote control manual describes it in the appendix "waveform template"
 * (LECROY_2_3). In front there may stand a block prefix (#9 and nine digits, #A and ten) and the
 * header of a reply to a remote command (C1:WF ALL,).
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"

#include <math.h>
#include <string.h>

#define MAGIC        "WAVEDESC"
#define MAGIC_SIZE   8
#define NAME_SIZE    16  /**< Bytes of a name: the text and NULs. */
#define PREFIX_BYTES 256 /**< WAVEDESC begins in so many bytes from the start. */
#define UNIT_SIZE    48

/** Offsets from the start of WAVEDESC. */
enum {
    AT_TEMPLATE = 16,
    AT_COMM_TYPE = 32,
    AT_COMM_ORDER = 34,
    AT_LENGTHS = 36,
    AT_TRIGTIME_LENGTH = 48,
    AT_ARRAY_1_LENGTH = 60,
    AT_ARRAY_2_LENGTH = 64,
    AT_INSTRUMENT = 76,
    AT_SERIAL = 92,
    AT_LABEL = 96,
    AT_COUNT = 116,
    AT_FIRST_VALID = 124,
    AT_LAST_VALID = 128,
    AT_SPARSING = 136,
    AT_SEGMENTS = 144,
    AT_GAIN = 156,
    AT_OFFSET = 160,
    AT_INTERVAL = 176,
    AT_START = 180,
    AT_VERTICAL_UNIT = 196,
    AT_HORIZONTAL_UNIT = 244,
    AT_TIME = 296,
    AT_RECORD_TYPE = 316,
    AT_PROCESSING = 318,
    AT_SOURCE = 344,
    DESCRIPTOR_SIZE = 346,
};

#define TRIGTIME_SIZE           16 /**< Bytes per segment in TRIGTIME: two doubles. */
#define PROCESSING_INTERPOLATED 2
#define SOURCES                 8

/** The templates with this layout. */
static const struct {
    const char *text; /**< As it stands in the file. */
    const char *name;
} templates[] = {
    {"LECROY_2_2", "Teledyne LeCroy LECROY_2_2"},
    {"LECROY_2_3", "Teledyne LeCroy LECROY_2_3"},
};

/** What the record types are; the index is the number in the file. */
static const struct {
    const char *what;
    bool supported;
} record_types[] = {
    {"a single sweep", true},
    {"an interleaved record", true},
    {"a histogram", false},
    {"a graph", false},
    {"filter coefficients", false},
    {"complex numbers (a spectrum)", false},
    {"extrema (minimum and maximum in turn)", false},
    {"a sequence", true},
    {"a centred interleaved record", true},
    {"an envelope (peak detect)", false},
};

/** The blocks behind the descriptor, in their order; each has a length in the descriptor. */
enum {
    BLOCK_DESCRIPTOR,
    BLOCK_USER_TEXT,
    BLOCK_RESERVED_1,
    BLOCK_TRIGTIME,
    BLOCK_RIS_TIME,
    BLOCK_RESERVED_2,
    BLOCK_ARRAY_1,
    BLOCK_ARRAY_2,
    BLOCKS,
};

static const char *const block_names[BLOCKS] = {
    "the descriptor",         "the user text",          "the block RES_DESC1",
    "the block TRIGTIME",     "the block RIS_TIME",     "the block RES_ARRAY1",
    "the block WAVE_ARRAY_1", "the block WAVE_ARRAY_2",
};

/** Where WAVEDESC and the blocks are. */
typedef struct {
    uint64_t descriptor;
    uint64_t at[BLOCKS];
    uint64_t size[BLOCKS];
} layout;

/** The fields of the descriptor that hold for the whole record. */
typedef struct {
    size_t sample_size;
    uint64_t count; /**< Samples in all segments. */
    uint64_t segments;
    uint64_t segment_count; /**< Samples in each. */
    double gain, offset;
    double interval, start;
} header;

/** Offset of WAVEDESC. Its name is filled up, which no text that speaks of it is. False: not in the
 * file. */
static bool find_descriptor(const sd_mapping *mapping, uint64_t *at)
{
    const uint8_t *end = mapping->data + MIN(mapping->size, PREFIX_BYTES);
    for (const uint8_t *from = mapping->data; from < end;) {
        const uint8_t *found = memmem(from, (size_t)(end - from), MAGIC, MAGIC_SIZE);
        if (!found) {
            return false;
        }
        *at = (uint64_t)(found - mapping->data);
        const uint8_t *filling = found + MAGIC_SIZE;
        const uint8_t *filled = MIN(mapping->data + mapping->size, found + NAME_SIZE);
        while (filling < filled && (*filling == 0 || *filling == ' ')) {
            filling++;
        }
        if (filling == filled) {
            return true;
        }
        from = found + 1;
    }
    return false;
}

static int match(const sd_mapping *mapping)
{
    uint64_t at;
    return find_descriptor(mapping, &at) ? 95 : 0;
}

/** The name of the template in the file; NULL latches an error. */
static const char *find_template(sd_reader *reader, uint64_t descriptor)
{
    g_autofree char *text =
        sd_reader_text(reader, descriptor + AT_TEMPLATE, NAME_SIZE, "the template name");
    for (size_t i = 0; i < G_N_ELEMENTS(templates); i++) {
        if (strcmp(text, templates[i].text) == 0) {
            return templates[i].name;
        }
    }
    sd_reader_fail(reader, SD_ERROR_FORMAT, descriptor + AT_TEMPLATE,
                   "this is a Teledyne LeCroy file of the template \"%s\", whose fields stand in "
                   "other places; only LECROY_2_2 and LECROY_2_3 are known",
                   text);
    return NULL;
}

/** Sets the byte order of the reader from the one field that reads the same in both. */
static void read_byte_order(sd_reader *reader, uint64_t descriptor)
{
    uint8_t first = sd_reader_u8(reader, descriptor + AT_COMM_ORDER, "the byte order");
    uint8_t second = sd_reader_u8(reader, descriptor + AT_COMM_ORDER + 1, "the byte order");
    if (first > 1 || second != 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, descriptor + AT_COMM_ORDER,
                       "the byte order is neither 0 (high byte first) nor 1 (low byte first)");
    }
    reader->big_endian = first == 0;
}

/** Finds the blocks behind the descriptor and checks that they lie in the file. */
static layout find_blocks(sd_reader *reader, uint64_t descriptor)
{
    layout l = {.descriptor = descriptor};
    uint64_t at = descriptor;
    for (size_t i = 0; i < BLOCKS; i++) {
        uint64_t field = descriptor + AT_LENGTHS + i * sizeof(int32_t);
        int32_t length = sd_reader_i32(reader, field, "the lengths of the blocks");
        if (length < 0) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, field, "the length of %s is %d",
                           block_names[i], length);
        }
        if (i == BLOCK_DESCRIPTOR && length < DESCRIPTOR_SIZE) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, field,
                           "the descriptor is said to have %d bytes; this template has %d", length,
                           DESCRIPTOR_SIZE);
        }
        l.at[i] = at;
        l.size[i] = (uint64_t)MAX(length, 0);
        sd_reader_require(reader, at, l.size[i], block_names[i]);
        at += l.size[i];
    }
    return l;
}

/** The interval is stored in 32 bits, which makes 50 ps to 50.0000007 ps and adds up along the
 * record: the nearest number of seven digits is what the instrument meant. */
static double round_interval(double interval)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    return g_ascii_strtod(g_ascii_formatd(text, sizeof text, "%.6e", interval), NULL);
}

/** Refuses files that hold something else than voltage over time. */
static void check_kind(sd_reader *reader, const layout *l)
{
    int16_t type = sd_reader_i16(reader, l->descriptor + AT_RECORD_TYPE, "the record type");
    if (type < 0 || type >= (int)G_N_ELEMENTS(record_types)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_RECORD_TYPE,
                       "the record type is %d, which means nothing", type);
    } else if (!record_types[type].supported) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, l->descriptor + AT_RECORD_TYPE,
                       "the file holds %s, not a sampled voltage record", record_types[type].what);
    }
    g_autofree char *unit = sd_reader_text(reader, l->descriptor + AT_HORIZONTAL_UNIT, UNIT_SIZE,
                                           "the horizontal unit");
    if (g_ascii_strcasecmp(unit, "S") != 0) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, l->descriptor + AT_HORIZONTAL_UNIT,
                       "the horizontal unit is \"%s\", not \"S\": this is no record over time",
                       unit);
    }
}

/** Checks the numbers that turn samples into volts and seconds. */
static void check_scales(sd_reader *reader, const layout *l, const header *h)
{
    if (!sd_scale_is_sound(h->gain, h->offset)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_GAIN,
                       "the vertical gain is %g and the offset %g, which cannot be true", h->gain,
                       h->offset);
    }
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(h->interval) || h->interval < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_INTERVAL,
                       "the sample interval is %g s, which cannot be true", h->interval);
    }
    if (!isfinite(h->start)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_START,
                       "the start of the record is %g s, which cannot be true", h->start);
    }
}

/** Holds the counts against the sizes of the blocks, and parts the samples. */
static void check_counts(sd_reader *reader, const layout *l, header *h)
{
    if (h->count == 0 || h->count * h->sample_size != l->size[BLOCK_ARRAY_1]) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_COUNT,
                       "the descriptor counts %" G_GUINT64_FORMAT " samples of %" G_GSIZE_FORMAT
                       " bytes, but gives them %" G_GUINT64_FORMAT " bytes",
                       h->count, h->sample_size, l->size[BLOCK_ARRAY_1]);
    }
    if (h->segments == 0 || h->count % h->segments != 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_SEGMENTS,
                       "%" G_GUINT64_FORMAT " samples cannot be parted into %" G_GUINT64_FORMAT
                       " segments",
                       h->count, h->segments);
    } else {
        h->segment_count = h->count / h->segments;
    }
    if (h->segments > 1 && l->size[BLOCK_TRIGTIME] / TRIGTIME_SIZE < h->segments) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_TRIGTIME_LENGTH,
                       "the times of the segments have %" G_GUINT64_FORMAT
                       " bytes, but %" G_GUINT64_FORMAT " segments take %d each",
                       l->size[BLOCK_TRIGTIME], h->segments, TRIGTIME_SIZE);
    }
}

/** A count or index of the descriptor, which no sound file has below 0. */
static uint64_t read_count(sd_reader *reader, uint64_t at, const char *field)
{
    int32_t count = sd_reader_i32(reader, at, field);
    if (count < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at, "%s is %d", field, count);
    }
    return (uint64_t)MAX(count, 0);
}

static header read_header(sd_reader *reader, const layout *l)
{
    const uint64_t d = l->descriptor;
    int16_t type = sd_reader_i16(reader, d + AT_COMM_TYPE, "the sample type");
    if (type != 0 && type != 1) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, d + AT_COMM_TYPE,
                       "the sample type is %d, neither 0 (8 bits) nor 1 (16 bits)", type);
    }
    header h = {
        .sample_size = type == 0 ? 1 : 2,
        .count = read_count(reader, d + AT_COUNT, "the number of samples"),
        .segments = read_count(reader, d + AT_SEGMENTS, "the number of segments"),
        .gain = (double)sd_reader_f32(reader, d + AT_GAIN, "the vertical gain"),
        .offset = (double)sd_reader_f32(reader, d + AT_OFFSET, "the vertical offset"),
        .interval =
            round_interval((double)sd_reader_f32(reader, d + AT_INTERVAL, "the sample interval")),
        .start = sd_reader_f64(reader, d + AT_START, "the start of the record"),
    };
    check_kind(reader, l);
    check_scales(reader, l, &h);
    check_counts(reader, l, &h);
    return h;
}

/** The time of the first trigger. False: there is none, or it cannot be true. */
static bool read_time(sd_reader *reader, uint64_t at, int64_t *seconds, double *fraction)
{
    double second = sd_reader_f64(reader, at, "the trigger time");
    uint8_t minute = sd_reader_u8(reader, at + 8, "the trigger time");
    uint8_t hour = sd_reader_u8(reader, at + 9, "the trigger time");
    uint8_t day = sd_reader_u8(reader, at + 10, "the trigger time");
    uint8_t month = sd_reader_u8(reader, at + 11, "the trigger time");
    int16_t year = sd_reader_i16(reader, at + 12, "the trigger time");
    if (!(second >= 0 && second < 60)) {
        return false;
    }
    g_autoptr(GDateTime) time =
        year < 1 ? NULL : g_date_time_new_utc(year, month, day, hour, minute, 0);
    if (!time) {
        return false;
    }
    *seconds = g_date_time_to_unix(time);
    *fraction = second;
    return true;
}

/** Sets the times of the segments; the trigger of each is so many seconds behind the first. */
static void set_times(sd_waveform *waveform, sd_reader *reader, const layout *l,
                      const double *triggers)
{
    int64_t seconds = waveform->mapping->modified;
    double fraction = waveform->mapping->modified_fraction;
    waveform->has_time = read_time(reader, l->descriptor + AT_TIME, &seconds, &fraction);
    sd_channel *channel = &waveform->channel[0];
    for (size_t i = 0; i < channel->segments; i++) {
        sd_segment_set_time(&channel->segment[i], seconds, fraction + triggers[i]);
    }
    if (waveform->has_time) {
        sd_waveform_note(waveform, "the time is that of the instrument's clock, whose time zone is "
                                   "not stored: it is taken for UTC");
    }
}

/** Takes samples off a single record that the descriptor calls filling. Programs that write such
 * files leave both fields 0. */
static void drop_filling(sd_waveform *waveform, sd_reader *reader, const layout *l, const header *h)
{
    uint64_t first = read_count(reader, l->descriptor + AT_FIRST_VALID, "the first valid point");
    uint64_t last = read_count(reader, l->descriptor + AT_LAST_VALID, "the last valid point");
    if (h->segments > 1 || (first == 0 && (last == 0 || last == h->count - 1))) {
        return;
    }
    if (first > last || last >= h->count) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, l->descriptor + AT_FIRST_VALID,
                       "the valid points are said to be %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                       " of %" G_GUINT64_FORMAT,
                       first, last, h->count);
        return;
    }
    sd_segment *segment = &waveform->channel[0].segment[0];
    segment->data += first * h->sample_size;
    segment->count = last - first + 1;
    segment->start += (double)first * h->interval;
    sd_waveform_note(waveform,
                     "%" G_GUINT64_FORMAT " points that the descriptor does not call valid were "
                     "left out",
                     h->count - segment->count);
}

/** Reads the segments; TRIGTIME holds for each the seconds since the first trigger, and its start.
 */
static void read_segments(sd_waveform *waveform, sd_reader *reader, const layout *l,
                          const header *h)
{
    sd_channel *channel = &waveform->channel[0];
    const uint8_t *data = reader->mapping->data + l->at[BLOCK_ARRAY_1];
    double *triggers = g_new0(double, h->segments);
    for (size_t i = 0; i < h->segments; i++) {
        double start = h->start;
        uint64_t at = l->at[BLOCK_TRIGTIME] + i * TRIGTIME_SIZE;
        if (l->size[BLOCK_TRIGTIME] >= (i + 1) * TRIGTIME_SIZE) {
            triggers[i] = sd_reader_f64(reader, at, "a trigger time");
            start = sd_reader_f64(reader, at + sizeof(double), "the start of a segment");
        }
        if (!isfinite(triggers[i]) || !isfinite(start) ||
            (i > 0 && triggers[i] < triggers[i - 1])) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, at,
                           "segment %" G_GSIZE_FORMAT " has its trigger at %g s and begins %g s "
                           "from it, which cannot be true",
                           i, triggers[i], start);
        }
        channel->segment[i] = (sd_segment){
            .data = data + i * h->segment_count * h->sample_size,
            .count = h->segment_count,
            .start = start,
        };
    }
    drop_filling(waveform, reader, l, h);
    if (!reader->error) {
        set_times(waveform, reader, l, triggers);
    }
    g_free(triggers);
}

static void set_channel(sd_channel *channel, sd_reader *reader, const layout *l, const header *h)
{
    const uint64_t d = l->descriptor;
    g_autofree char *label = sd_reader_text(reader, d + AT_LABEL, NAME_SIZE, "the trace label");
    g_autofree char *unit =
        sd_reader_text(reader, d + AT_VERTICAL_UNIT, UNIT_SIZE, "the vertical unit");
    int16_t source = sd_reader_i16(reader, d + AT_SOURCE, "the source");
    if (*label) {
        channel->name = g_strdup(label);
    } else if (source >= 0 && source < SOURCES) {
        channel->name = g_strdup_printf("C%d", source + 1);
    } else {
        channel->name = g_strdup("1");
    }
    channel->unit = g_strdup(*unit ? unit : "V");
    channel->type = h->sample_size == 1 ? SD_SAMPLE_S8 : SD_SAMPLE_S16;
    channel->big_endian = reader->big_endian;
    channel->stride = h->sample_size;
    channel->scale = h->gain;
    channel->offset = -h->offset; /* The one format that subtracts it. */
    channel->interval = h->interval;
}

static void set_instrument(sd_waveform *waveform, sd_reader *reader, uint64_t descriptor)
{
    g_autofree char *name =
        sd_reader_text(reader, descriptor + AT_INSTRUMENT, NAME_SIZE, "the instrument");
    int32_t serial = sd_reader_i32(reader, descriptor + AT_SERIAL, "the serial number");
    if (*name) {
        waveform->instrument =
            serial > 0 ? g_strdup_printf("%s, serial number %d", name, serial) : g_strdup(name);
    }
}

/** What is worth knowing, but no reason to refuse. */
static void note_rest(sd_waveform *waveform, sd_reader *reader, const layout *l)
{
    int32_t sparsing = sd_reader_i32(reader, l->descriptor + AT_SPARSING, "the sparsing factor");
    if (sparsing > 1) {
        sd_waveform_note(
            waveform,
            "the record was thinned: it holds one sample of %d (byte %" G_GUINT64_FORMAT ")",
            sparsing, l->descriptor + AT_SPARSING);
    }
    if (sd_reader_i16(reader, l->descriptor + AT_PROCESSING, "the processing") ==
        PROCESSING_INTERPOLATED) {
        sd_waveform_note(waveform, "the record is interpolated: the instrument sampled more slowly "
                                   "than the file says");
    }
    if (l->size[BLOCK_ARRAY_2] > 0) {
        sd_waveform_note(waveform,
                         "a second array of samples was left out (byte %" G_GUINT64_FORMAT ")",
                         l->at[BLOCK_ARRAY_2]);
    }
    uint64_t end = l->at[BLOCK_ARRAY_2] + l->size[BLOCK_ARRAY_2];
    uint64_t behind = reader->mapping->size - end;
    if (behind == 1 && reader->mapping->data[end] == '\n') {
        behind = 0; /* The end of a reply to a remote command. */
    }
    if (behind > 0) {
        sd_waveform_note(waveform,
                         "%" G_GUINT64_FORMAT
                         " bytes behind the record were left out (byte %" G_GUINT64_FORMAT
                         "): possibly further channels",
                         behind, end);
    }
}

static bool open_lecroy_trc(sd_waveform *waveform, const sd_waveform_options *options,
                            GError **error)
{
    (void)options;
    sd_reader reader = {.mapping = waveform->mapping};
    uint64_t descriptor = 0;
    find_descriptor(waveform->mapping, &descriptor);
    const char *name = find_template(&reader, descriptor);
    if (!name) {
        return sd_reader_finish(&reader, error);
    }
    waveform->format = name;
    sd_reader_require(&reader, descriptor, DESCRIPTOR_SIZE, "the descriptor WAVEDESC");
    read_byte_order(&reader, descriptor);
    layout l = find_blocks(&reader, descriptor);
    header h = read_header(&reader, &l);
    if (!reader.error && h.segments > 0) {
        sd_waveform_allocate(waveform, 1, (size_t)h.segments);
        set_channel(&waveform->channel[0], &reader, &l, &h);
        set_instrument(waveform, &reader, descriptor);
        read_segments(waveform, &reader, &l, &h);
        note_rest(waveform, &reader, &l);
    }
    return sd_reader_finish(&reader, error);
}

const sd_format sd_format_lecroy_trc = {
    .name = "Teledyne LeCroy TRC",
    .name_pattern = "*.trc",
    .match = match,
    .open = open_lecroy_trc,
};
