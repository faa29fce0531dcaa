/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Agilent/Keysight .bin, versions AG01, AG03 and AG10, and Rigol .bin, versions RG01 and RG03: the
 * same layout. A file header, then one waveform after the other: a waveform header, and its buffers
 * with a header each. The chapter "Binary Data (.bin) Format" of the InfiniiVision user's guides,
 * and that of the Rigol MSO8000 user guide, describe it. A channel is a waveform; in segmented
 * acquisitions each of its segments is one.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/** Offsets in the file header, and its size, which depends on the width of the file size. */
enum {
    AT_FILE_SIZE = 4,
    MAGIC_SIZE = 4,
};

/** Offsets inside a waveform header. */
enum {
    WAVEFORM_HEADER_SIZE = 0,
    WAVEFORM_TYPE = 4,
    WAVEFORM_BUFFERS = 8,
    WAVEFORM_POINTS = 12,
    WAVEFORM_X_INCREMENT = 32,
    WAVEFORM_X_ORIGIN = 40,
    WAVEFORM_X_UNIT = 48,
    WAVEFORM_Y_UNIT = 52,
    WAVEFORM_DATE = 56,
    WAVEFORM_TIME = 72,
    WAVEFORM_FRAME = 88,
    WAVEFORM_LABEL = 112,
    WAVEFORM_TIME_TAG = 128,
    WAVEFORM_SEGMENT = 136,
};

#define TEXT_SIZE         16
#define FRAME_SIZE        24
#define HEADER_SIZE_SHORT 128 /**< Without time tag and segment: some Rigol firmware. */
#define HEADER_SIZE_FULL  140

/** Offsets inside a buffer header. */
enum {
    BUFFER_HEADER_SIZE = 0,
    BUFFER_TYPE = 4,
    BUFFER_BYTES_PER_POINT = 6,
    BUFFER_BYTES = 8,
};

#define UNIT_SECOND   2
#define LEFT_OUT_LIST 16 /**< So many of the waveforms that are left out are told one by one. */

/** One version of the layout. */
typedef struct {
    const char *magic;
    const char *name;
    uint64_t size_width;   /**< Bytes of the sizes in the file header and the buffer headers. */
    bool origin_is_before; /**< Rigol: the X origin is the time from the first sample on to the
                                trigger. */
} layout;

static const layout layouts[] = {
    {"AG01", "Agilent/Keysight .bin AG01", 4, false},
    {"AG03", "Agilent/Keysight .bin AG03", 8, false},
    {"AG10", "Agilent/Keysight .bin AG10", 4, false},
    {"RG01", "Rigol .bin RG01", 4, true},
    {"RG03", "Rigol .bin RG03", 8, true},
};

/** What can be done with a waveform or a buffer. */
typedef enum {
    READ,
    LEAVE_OUT, /**< Leave the waveform out, with a note. */
    REFUSE,    /**< Refuse the file: what the record was is lost. */
} treatment;

typedef struct {
    const char *what;
    treatment treatment;
} meaning;

/** The waveform types; the index is the number in the file. */
static const meaning waveform_types[] = {
    {"of unknown type", LEAVE_OUT},
    {"a record", READ},
    {"peak detect (minimum and maximum in turn)", REFUSE},
    {"an average", READ},
    {"a horizontal histogram", LEAVE_OUT},
    {"a vertical histogram", LEAVE_OUT},
    {"digital", LEAVE_OUT},
};

/** The buffer types; the index is the number in the file. */
static const meaning buffer_types[] = {
    {"of unknown type", LEAVE_OUT},
    {"a record", READ},
    {"peak detect (maximum)", REFUSE},
    {"peak detect (minimum)", REFUSE},
    {"of hit counts", LEAVE_OUT},
    {"digital", LEAVE_OUT},
    {"digital", LEAVE_OUT},
};

/** The vertical units; the index is the number in the file. Unknown ones are taken for volts. */
static const char *const units[] = {"V", "V", "s", "", "A", "dB", "Hz"};

/** One waveform of the file that can be read. */
typedef struct {
    char *label;
    uint32_t segment_index;
    const char *unit;
    double increment;
    double start;
    bool has_time;
    int64_t seconds; /**< Of the date and time, since 1970. */
    double time_tag;
    uint64_t time_tag_at;
    uint64_t data;
    uint64_t count;
    size_t channel; /**< Its place in the result. */
    size_t segment;
} record;

/** What is gathered while the waveforms are read. */
typedef struct {
    sd_waveform *waveform;
    sd_reader *reader;
    const layout *version;
    GArray *records;   /**< record */
    unsigned left_out; /**< Waveforms that are no voltage record. */
} file;

static void clear_record(void *data)
{
    record *r = data;
    g_free(r->label);
}

/** The index of the file's layout; G_N_ELEMENTS(layouts): none. */
static size_t find_layout(const sd_mapping *mapping)
{
    size_t i = 0;
    while (i < G_N_ELEMENTS(layouts) &&
           !sd_mapping_equals(mapping, 0, layouts[i].magic, MAGIC_SIZE)) {
        i++;
    }
    return i;
}

static int match_maker(const sd_mapping *mapping, bool is_rigol)
{
    size_t i = find_layout(mapping);
    return i < G_N_ELEMENTS(layouts) && layouts[i].origin_is_before == is_rigol ? 90 : 0;
}

static int match_keysight(const sd_mapping *mapping)
{
    return match_maker(mapping, false);
}

static int match_rigol(const sd_mapping *mapping)
{
    return match_maker(mapping, true);
}

/** Reads a size that has 4 or 8 bytes, signed; negative becomes too large for any file. */
static uint64_t read_size(sd_reader *reader, const layout *version, uint64_t at, const char *field)
{
    if (version->size_width == 8) {
        return sd_reader_u64(reader, at, field);
    }
    int32_t size = sd_reader_i32(reader, at, field);
    return size < 0 ? UINT64_MAX : (uint64_t)size;
}

/** The month, 1 to 12, of a name as in "JUL"; 0: none. */
static int month_of(const char *name)
{
    static const char *const months[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                         "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    for (int i = 0; i < (int)G_N_ELEMENTS(months); i++) {
        if (g_ascii_strcasecmp(name, months[i]) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/** Reads "2 JUL 2022" (Infiniium) or "2020-11-22" (Rigol). */
static bool parse_date(const char *text, int *year, int *month, int *day)
{
    char name[4];
    if (sscanf(text, "%4d-%2d-%2d", year, month, day) == 3) {
        return true;
    }
    if (sscanf(text, "%2d %3[A-Za-z] %4d", day, name, year) == 3) {
        *month = month_of(name);
        return true;
    }
    return false;
}

/** Reads date and time of a waveform; false when the strings are blank or no date, as those of
 * InfiniiVision instruments are. */
static bool read_time(sd_reader *reader, uint64_t at, int64_t *seconds)
{
    g_autofree char *date = sd_reader_text(reader, at + WAVEFORM_DATE, TEXT_SIZE, "the date");
    g_autofree char *time = sd_reader_text(reader, at + WAVEFORM_TIME, TEXT_SIZE, "the time");
    int year, month, day, hour, minute, second;
    if (!parse_date(date, &year, &month, &day) ||
        sscanf(time, "%2d:%2d:%2d", &hour, &minute, &second) != 3) {
        return false;
    }
    /* NULL for what is no date of the calendar, such as month 13. */
    g_autoptr(GDateTime) moment = g_date_time_new_utc(year, month, day, hour, minute, second);
    *seconds = moment ? g_date_time_to_unix(moment) : 0;
    return moment != NULL;
}

/** Notes that a waveform is left out. @p number counts the waveforms from 1. */
static void leave_out(file *f, unsigned number, const char *what)
{
    if (f->reader->error) {
        return;
    }
    if (f->left_out++ < LEFT_OUT_LIST) {
        sd_waveform_note(f->waveform, "waveform %u is %s: left out", number, what);
    }
}

/** Whether a waveform or buffer is to be read; otherwise notes that it is left out, or latches an
 * error. @p number counts the waveforms from 1, @p at is where the type stands. */
static bool is_read(file *f, const meaning *meanings, size_t count, int32_t type, unsigned number,
                    uint64_t at)
{
    if (type < 0 || (size_t)type >= count) {
        sd_reader_fail(f->reader, SD_ERROR_DAMAGED, at,
                       "waveform %u is of type %d, which means nothing", number, type);
        return false;
    }
    if (meanings[type].treatment == REFUSE) {
        sd_reader_fail(f->reader, SD_ERROR_UNSUPPORTED, at,
                       "waveform %u is %s, not a sampled record: acquire it in normal mode", number,
                       meanings[type].what);
    } else if (meanings[type].treatment == LEAVE_OUT) {
        leave_out(f, number, meanings[type].what);
    }
    return meanings[type].treatment == READ;
}

/** Checks the time axis of a waveform at @p at; false latches an error. */
static bool check_time_axis(sd_reader *reader, uint64_t at, unsigned number, const record *r)
{
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(r->increment) || r->increment < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at + WAVEFORM_X_INCREMENT,
                       "the sample interval of waveform %u is %g s, which cannot be true", number,
                       r->increment);
    }
    if (!isfinite(r->start)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at + WAVEFORM_X_ORIGIN,
                       "waveform %u starts at %g s, which cannot be true", number, r->start);
    }
    if (!isfinite(r->time_tag)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at + WAVEFORM_TIME_TAG,
                       "the time tag of waveform %u is %g s, which cannot be true", number,
                       r->time_tag);
    }
    return !reader->error;
}

/** Passes the buffer at @p at; gives where it ends. Its samples become those of @p r, if that is
 * not NULL and has none yet, and if they are a record. */
static uint64_t read_buffer(file *f, uint64_t at, unsigned number, uint64_t points, record *r)
{
    const uint64_t header_size = BUFFER_BYTES + f->version->size_width;
    uint64_t size =
        sd_reader_u32(f->reader, at + BUFFER_HEADER_SIZE, "the size of a buffer header");
    int16_t type = sd_reader_i16(f->reader, at + BUFFER_TYPE, "the type of a buffer");
    int16_t width = sd_reader_i16(f->reader, at + BUFFER_BYTES_PER_POINT, "the bytes per point");
    uint64_t bytes = read_size(f->reader, f->version, at + BUFFER_BYTES, "the size of a buffer");
    if (f->reader->error) {
        return at;
    }
    if (size < header_size || !sd_mapping_has(f->reader->mapping, at, size)) {
        sd_reader_fail(f->reader, SD_ERROR_DAMAGED, at,
                       "the buffer header of waveform %u is said to have %" G_GUINT64_FORMAT
                       " bytes, which cannot be true: it has %" G_GUINT64_FORMAT " or more",
                       number, size, header_size);
        return at;
    }
    if (!sd_mapping_has(f->reader->mapping, at + size, bytes)) {
        sd_reader_fail(f->reader, SD_ERROR_DAMAGED, at + BUFFER_BYTES,
                       "the header promises %" G_GINT64_FORMAT
                       " bytes of samples in waveform %u, but only %" G_GUINT64_FORMAT
                       " bytes follow: the file is cut or damaged",
                       (int64_t)bytes, number, f->reader->mapping->size - at - size);
        return at;
    }
    if (r && r->count == 0 &&
        is_read(f, buffer_types, G_N_ELEMENTS(buffer_types), type, number, at + BUFFER_TYPE)) {
        if (width != sizeof(float) || points == 0 || points > bytes / sizeof(float)) {
            sd_reader_fail(f->reader, SD_ERROR_DAMAGED, at + BUFFER_BYTES_PER_POINT,
                           "waveform %u is said to have %" G_GUINT64_FORMAT
                           " points of %d bytes in %" G_GUINT64_FORMAT
                           " bytes, which cannot be true",
                           number, points, width, bytes);
        }
        r->data = at + size;
        r->count = points;
    }
    return at + size + bytes;
}

/** Reads the waveform header at @p at into @p r; false when the waveform is no record over time,
 * which is noted, or when an error is latched. */
static bool read_waveform_header(file *f, uint64_t at, uint64_t size, unsigned number, record *r)
{
    sd_reader *reader = f->reader;
    int32_t type = sd_reader_i32(reader, at + WAVEFORM_TYPE, "the waveform type");
    int32_t x_unit = sd_reader_i32(reader, at + WAVEFORM_X_UNIT, "the horizontal unit");
    uint32_t y_unit = sd_reader_u32(reader, at + WAVEFORM_Y_UNIT, "the vertical unit");
    double origin = sd_reader_f64(reader, at + WAVEFORM_X_ORIGIN, "the X origin");
    r->increment = sd_reader_f64(reader, at + WAVEFORM_X_INCREMENT, "the X increment");
    r->label = sd_reader_text(reader, at + WAVEFORM_LABEL, TEXT_SIZE, "the label");
    r->has_time = read_time(reader, at, &r->seconds);
    r->start = f->version->origin_is_before ? -origin : origin;
    r->unit = units[y_unit < G_N_ELEMENTS(units) ? y_unit : 0];
    if (size >= HEADER_SIZE_FULL) {
        r->time_tag_at = at + WAVEFORM_TIME_TAG;
        r->time_tag = sd_reader_f64(reader, r->time_tag_at, "the time tag");
        r->segment_index = sd_reader_u32(reader, at + WAVEFORM_SEGMENT, "the segment index");
    }
    if (!is_read(f, waveform_types, G_N_ELEMENTS(waveform_types), type, number,
                 at + WAVEFORM_TYPE)) {
        return false;
    }
    if (x_unit != UNIT_SECOND) {
        leave_out(f, number, "no record over time");
        return false;
    }
    return check_time_axis(reader, at, number, r);
}

/** Reads the waveform at @p at with its buffers; gives where it ends. */
static uint64_t read_waveform(file *f, uint64_t at, unsigned number)
{
    uint64_t size =
        sd_reader_u32(f->reader, at + WAVEFORM_HEADER_SIZE, "the size of a waveform header");
    if (!f->reader->error && size < HEADER_SIZE_SHORT) {
        sd_reader_fail(f->reader, SD_ERROR_DAMAGED, at,
                       "the header of waveform %u is said to have %" G_GUINT64_FORMAT
                       " bytes, which cannot be true: it has %d or more",
                       number, size, HEADER_SIZE_SHORT);
    }
    sd_reader_require(f->reader, at, size, "a waveform header");
    int32_t buffers = sd_reader_i32(f->reader, at + WAVEFORM_BUFFERS, "the number of buffers");
    int32_t points = sd_reader_i32(f->reader, at + WAVEFORM_POINTS, "the number of points");
    record r = {0};
    bool is_record = read_waveform_header(f, at, size, number, &r);
    if (buffers < 1 || points < 0) {
        sd_reader_fail(f->reader, SD_ERROR_DAMAGED, at + WAVEFORM_BUFFERS,
                       "waveform %u is said to have %d buffers of %d points, which cannot be true",
                       number, buffers, points);
    }
    at += size;
    for (int32_t i = 0; i < buffers && !f->reader->error; i++) {
        /* A buffer header at least is passed each time: the end of the file bounds this. */
        at = read_buffer(f, at, number, (uint64_t)points, is_record ? &r : NULL);
    }
    if (is_record && r.count > 0) {
        g_array_append_val(f->records, r);
    } else {
        clear_record(&r);
    }
    return at;
}

/** Reads all waveforms; gives where the last one ends. */
static uint64_t read_waveforms(file *f)
{
    uint64_t count_at = AT_FILE_SIZE + f->version->size_width;
    int32_t count = sd_reader_i32(f->reader, count_at, "the number of waveforms");
    if (count < 1) {
        sd_reader_fail(f->reader, SD_ERROR_DAMAGED, count_at,
                       "the header counts %d waveforms, which cannot be true", count);
    }
    uint64_t at = count_at + sizeof(int32_t);
    for (int32_t i = 0; i < count && !f->reader->error; i++) {
        at = read_waveform(f, at, (unsigned)i + 1);
    }
    return at;
}

/** Whether a record is the next segment of the channel that @p last belongs to. */
static bool is_next_segment(const record *r, const record *last)
{
    return last->segment_index > 0 && r->segment_index > last->segment_index &&
           r->increment == last->increment && r->unit == last->unit &&
           strcmp(r->label, last->label) == 0;
}

/**
 * Gives each record its channel and segment; returns the number of segments per channel.
 *
 * Records of the same label with rising segment index are the segments of one channel, whether the
 * file has all segments of a channel in a row or all channels of a segment. Without segments the
 * index is 0, or always 1 (Rigol), and each record is a channel.
 */
static GArray *assign_channels(GArray *records)
{
    GArray *segments = g_array_new(FALSE, FALSE, sizeof(size_t));
    g_autoptr(GHashTable) last_of_label = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < records->len; i++) {
        record *r = &g_array_index(records, record, i);
        const record *last = g_hash_table_lookup(last_of_label, r->label);
        if (last && is_next_segment(r, last)) {
            r->channel = last->channel;
            r->segment = g_array_index(segments, size_t, r->channel)++;
        } else {
            size_t one = 1;
            r->channel = segments->len;
            g_array_append_val(segments, one);
        }
        g_hash_table_insert(last_of_label, r->label, r);
    }
    return segments;
}

/** Sets the times of all segments: date and time are those of the first trigger, and the time tag
 * counts from it. Without a date the modification time stands in for it. */
static void set_times(sd_waveform *waveform, GArray *records)
{
    const sd_mapping *mapping = waveform->mapping;
    bool has_tags = false;
    waveform->has_time = true;
    for (guint i = 0; i < records->len; i++) {
        const record *r = &g_array_index(records, record, i);
        waveform->has_time = waveform->has_time && r->has_time;
        has_tags = has_tags || r->time_tag != 0;
    }
    if (!waveform->has_time && !has_tags) {
        sd_waveform_set_file_time(waveform);
        return;
    }
    waveform->time_field = "its time tag";
    for (guint i = 0; i < records->len; i++) {
        const record *r = &g_array_index(records, record, i);
        sd_segment *segment = &waveform->channel[r->channel].segment[r->segment];
        segment->time_at = r->time_tag_at;
        sd_segment_set_time(segment, waveform->has_time ? r->seconds : mapping->modified,
                            (waveform->has_time ? 0 : mapping->modified_fraction) + r->time_tag);
    }
    if (waveform->has_time) {
        sd_waveform_note(waveform, "the time in the file is to the second and without a time zone: "
                                   "taken as UTC");
    }
}

static void set_channels(file *f)
{
    g_autoptr(GArray) segments = assign_channels(f->records);
    sd_waveform *waveform = f->waveform;
    sd_waveform_allocate(waveform, segments->len, 0);
    for (guint i = 0; i < f->records->len; i++) {
        const record *r = &g_array_index(f->records, record, i);
        sd_channel *channel = &waveform->channel[r->channel];
        if (r->segment == 0) {
            channel->segments = g_array_index(segments, size_t, r->channel);
            channel->segment = g_new0(sd_segment, channel->segments);
            channel->name = *r->label ? g_strdup(r->label)
                                      : g_strdup_printf("%" G_GSIZE_FORMAT, r->channel + 1);
            channel->unit = g_strdup(r->unit);
            channel->type = SD_SAMPLE_F32;
            channel->stride = sizeof(float);
            channel->scale = 1;
            channel->interval = r->increment;
        }
        channel->segment[r->segment] = (sd_segment){
            .data = f->reader->mapping->data + r->data,
            .count = r->count,
            .start = r->start,
        };
    }
    set_times(waveform, f->records);
}

static bool open_keysight_bin(sd_waveform *waveform, const sd_waveform_options *options,
                              GError **error)
{
    (void)options;
    size_t index = find_layout(waveform->mapping);
    g_return_val_if_fail(index < G_N_ELEMENTS(layouts), false); /* match() has found it. */
    const layout *version = &layouts[index];
    const sd_mapping *mapping = waveform->mapping;
    sd_reader reader = {.mapping = mapping};
    g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(record));
    g_array_set_clear_func(records, clear_record);
    file f = {.waveform = waveform, .reader = &reader, .version = version, .records = records};
    uint64_t end = read_waveforms(&f);
    if (records->len == 0) {
        sd_reader_fail(&reader, SD_ERROR_UNSUPPORTED, 0,
                       "the file holds no voltage record: none of its waveforms is one");
    }
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = version->name;
    uint64_t first = AT_FILE_SIZE + version->size_width + sizeof(int32_t);
    g_autofree char *frame =
        sd_reader_text(&reader, first + WAVEFORM_FRAME, FRAME_SIZE, "the instrument");
    waveform->instrument = *frame ? g_steal_pointer(&frame) : NULL;
    set_channels(&f);
    if (f.left_out > LEFT_OUT_LIST) {
        sd_waveform_note(waveform, "%u waveforms were left out in all", f.left_out);
    }
    if (end < mapping->size) {
        sd_waveform_note(waveform,
                         "%" G_GUINT64_FORMAT " bytes follow the last waveform: left out (byte "
                         "%" G_GUINT64_FORMAT ")",
                         mapping->size - end, end);
    }
    return true;
}

const sd_format sd_format_keysight_bin = {
    .name = "Agilent/Keysight .bin",
    .match = match_keysight,
    .open = open_keysight_bin,
};

const sd_format sd_format_rigol_bin = {
    .name = "Rigol .bin",
    .match = match_rigol,
    .open = open_keysight_bin,
};
