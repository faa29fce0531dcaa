/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rohde & Schwarz RTO, RTE and RTP: a header file NAME.bin (XML) and a payload NAME.Wfm.bin, which
 * holds a row of samples, one per channel, after the other. The user may give either of the two.
 *
 * The user manuals (chapter "Waveform export files") name the properties and the order of the
 * samples; the maker's program RTOReadBin tells the format codes, the place of the timestamps and
 * the scale of raw samples.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "waveform/rohde_schwarz_header.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEADER_END     ".bin"
#define PAYLOAD_END    ".Wfm.bin"
#define SOURCE_PREFIX  "eRS_SIGNAL_SOURCE_"
#define SOURCE_SUFFIX  "_TR1" /**< The first waveform of a channel: the ordinary one. */
#define UNIT_PREFIX    "eRS_UNIT_LEVEL_"
#define ON             "_ON"
#define NAME_SEARCHED  4096 /**< The element <Database> stands at the beginning. */
#define TIMESTAMP_SIZE sizeof(double)

/** Offsets in the payload. */
enum {
    PAYLOAD_FORMAT = 0,
    PAYLOAD_RECORD_LENGTH = 4,
    PAYLOAD_SAMPLES = 8,
};

/** How samples are stored. */
typedef struct {
    const char *name;  /**< The end of the property SignalFormat. */
    uint32_t code;     /**< The first word of the payload. */
    const char *title; /**< For sd_waveform.format. */
    sd_sample_type type;
    bool is_raw;      /**< Codes of the converter, not volts. */
    size_t time_size; /**< Bytes of the time before the samples of a row. */
} sample_format;

static const sample_format sample_formats[] = {
    {"_INT8BIT", 0, "Rohde & Schwarz .bin (8 bit)", SD_SAMPLE_S8, true, 0},
    {"_INT16BIT", 1, "Rohde & Schwarz .bin (16 bit)", SD_SAMPLE_S16, true, 0},
    {"_FORMAT_FLOAT", 4, "Rohde & Schwarz .bin (float)", SD_SAMPLE_F32, false, 0},
    {"_XYDOUBLEFLOAT", 6, "Rohde & Schwarz .bin (time and float)", SD_SAMPLE_F32, false, 8},
};

/** What the header says of the record; all numbers are checked. */
typedef struct {
    const sd_rs_header *header;
    const sample_format *format;
    size_t channels;
    int index[SD_RS_CHANNELS_MAX]; /**< Of each channel in the lists of the header. */
    uint64_t record_length;        /**< Samples to read ... */
    uint64_t leading;              /**< ... behind so many, ... */
    uint64_t hardware_length;      /**< ... of so many in one acquisition. */
    uint64_t acquisitions;
    bool has_timestamps;
    double start, interval;
} record;

/** The sizes in the payload that follow from the record, in bytes. */
typedef struct {
    uint64_t row;
    uint64_t before_rows; /**< From the begin of an acquisition to its first row. */
    uint64_t acquisition;
} sizes;

static bool has_end(const char *name, const char *end)
{
    size_t length = strlen(name);
    size_t end_length = strlen(end);
    return length > end_length && g_ascii_strcasecmp(name + length - end_length, end) == 0;
}

static bool is_xml(const sd_mapping *mapping)
{
    static const char xml[] = "<?xml";
    static const char database[] = "<Database";
    return sd_mapping_equals(mapping, 0, xml, sizeof xml - 1) &&
           sd_mapping_contains(mapping, NAME_SEARCHED, database, sizeof database - 1);
}

/** The format of a payload by its first word; NULL: none. */
static const sample_format *format_of_code(uint32_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sample_formats); i++) {
        if (sample_formats[i].code == code) {
            return &sample_formats[i];
        }
    }
    return NULL;
}

static int match(const sd_mapping *mapping)
{
    if (is_xml(mapping)) {
        return 90;
    }
    /* The payload has no magic: the name has to tell. */
    if (!has_end(mapping->name, PAYLOAD_END) ||
        !sd_mapping_has(mapping, PAYLOAD_FORMAT, sizeof(uint32_t))) {
        return 0;
    }
    sd_reader reader = {.mapping = mapping};
    return format_of_code(sd_reader_u32(&reader, PAYLOAD_FORMAT, "the format")) ? 50 : 0;
}

/** The other file of the pair: the path without @p end, and with the first of @p candidates that
 * exists, or with candidates[0]. */
static char *path_of_other(const char *path, const char *end, const char *const *candidates)
{
    size_t stem = strlen(path) - (has_end(path, end) ? strlen(end) : 0);
    for (size_t i = 0; candidates[i]; i++) {
        g_autofree char *other = g_strdup_printf("%.*s%s", (int)stem, path, candidates[i]);
        if (g_file_test(other, G_FILE_TEST_EXISTS)) {
            return g_steal_pointer(&other);
        }
    }
    return g_strdup_printf("%.*s%s", (int)stem, path, candidates[0]);
}

/** Opens the other file of the pair; @p what says what it holds. */
static sd_mapping *open_other(const sd_waveform *waveform, const char *path, const char *what,
                              GError **error)
{
    g_autoptr(GError) cause = NULL;
    sd_mapping *mapping = sd_mapping_open(path, &cause);
    if (!mapping) {
        g_set_error(error, SD_ERROR, cause->code,
                    "%s: %s in a second file, but %s; both have to be in one folder",
                    waveform->mapping->name, what, cause->message);
    }
    return mapping;
}

/** Refuses what is no sampled record of voltage over time. */
static bool check_kind(const sd_rs_header *header, GError **error)
{
    bool is_sampled = sd_rs_header_is(header, SD_RS_TRACE_TYPE, SD_RS_VALUE, "_NORMAL") ||
                      sd_rs_header_is(header, SD_RS_TRACE_TYPE, SD_RS_VALUE, "_AVERAGE");
    if (!is_sampled) {
        const char *type = sd_rs_header_text(header, SD_RS_TRACE_TYPE, SD_RS_VALUE);
        sd_rs_header_fail(header, SD_RS_TRACE_TYPE, SD_ERROR_UNSUPPORTED, error,
                          "the file holds a waveform of the type %s, no sampled record",
                          type ? type : "\"\"");
        return false;
    }
    if (sd_rs_header_is(header, SD_RS_SOURCE_TYPE, SD_RS_VALUE, "_DIGITAL")) {
        sd_rs_header_fail(header, SD_RS_SOURCE_TYPE, SD_ERROR_UNSUPPORTED, error,
                          "the file holds digital channels, no voltage record");
        return false;
    }
    const char *unit = sd_rs_header_unit(header, SD_RS_X_START);
    if (unit && strcmp(unit, "s") != 0) {
        sd_rs_header_fail(header, SD_RS_X_START, SD_ERROR_UNSUPPORTED, error,
                          "the horizontal unit is \"%s\", not \"s\": this is no record over time",
                          unit);
        return false;
    }
    return true;
}

/** Finds out which channels the rows hold. */
static bool read_channels(record *r, GError **error)
{
    const sd_rs_header *header = r->header;
    sd_rs_property counts = SD_RS_INTERLEAVED_TRACE_COUNT;
    if (!sd_rs_header_is(header, SD_RS_MULTI_CHANNEL_EXPORT, SD_RS_VALUE, ON)) {
        r->index[r->channels++] = SD_RS_VALUE;
    } else {
        counts = SD_RS_MULTI_INTERLEAVED_TRACE_COUNT;
        for (int i = 0; i < SD_RS_CHANNELS_MAX; i++) {
            if (sd_rs_header_is(header, SD_RS_MULTI_EXPORT_STATE, i, ON)) {
                r->index[r->channels++] = i;
            }
        }
    }
    if (r->channels == 0) {
        sd_rs_header_fail(header, SD_RS_MULTI_EXPORT_STATE, SD_ERROR_UNSUPPORTED, error,
                          "no analog channel was exported");
        return false;
    }
    for (size_t i = 0; i < r->channels; i++) {
        const char *count = sd_rs_header_text(header, counts, r->index[i]);
        if (count && strcmp(count, "1") != 0) {
            sd_rs_header_fail(header, counts, SD_ERROR_UNSUPPORTED, error,
                              "the file holds %s values for each sampling time (an envelope), no "
                              "sampled record",
                              count);
            return false;
        }
    }
    return true;
}

/** Reads SignalFormat. */
static bool read_format(record *r, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sample_formats); i++) {
        if (sd_rs_header_is(r->header, SD_RS_SIGNAL_FORMAT, SD_RS_VALUE, sample_formats[i].name)) {
            r->format = &sample_formats[i];
            return true;
        }
    }
    const char *name = sd_rs_header_text(r->header, SD_RS_SIGNAL_FORMAT, SD_RS_VALUE);
    sd_rs_header_fail(r->header, SD_RS_SIGNAL_FORMAT, SD_ERROR_UNSUPPORTED, error,
                      "samples of the format %s cannot be read", name ? name : "\"\"");
    return false;
}

/** Reads lengths and times. */
static bool read_lengths(record *r, GError **error)
{
    const sd_rs_header *header = r->header;
    double stop;
    if (!sd_rs_header_count(header, SD_RS_RECORD_LENGTH, 1, &r->record_length, error) ||
        !sd_rs_header_count(header, SD_RS_HARDWARE_RECORD_LENGTH, 1, &r->hardware_length, error) ||
        !sd_rs_header_count(header, SD_RS_LEADING_SETTLING_SAMPLES, 0, &r->leading, error) ||
        !sd_rs_header_count(header, SD_RS_NUMBER_OF_ACQUISITIONS, 1, &r->acquisitions, error) ||
        !sd_rs_header_number(header, SD_RS_X_START, SD_RS_VALUE, &r->start, error) ||
        !sd_rs_header_number(header, SD_RS_X_STOP, SD_RS_VALUE, &stop, error)) {
        return false;
    }
    if (r->record_length > r->hardware_length ||
        r->leading > r->hardware_length - r->record_length) {
        sd_rs_header_fail(
            header, SD_RS_RECORD_LENGTH, SD_ERROR_DAMAGED, error,
            "the record of %" G_GUINT64_FORMAT " samples behind %" G_GUINT64_FORMAT
            " settling samples does not fit into the acquisition of %" G_GUINT64_FORMAT,
            r->record_length, r->leading, r->hardware_length);
        return false;
    }
    r->interval = (stop - r->start) / (double)r->record_length;
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(r->interval) || r->interval < 0) {
        sd_rs_header_fail(
            header, SD_RS_X_STOP, SD_ERROR_DAMAGED, error,
            "the record from %g s to %g s has a sample interval of %g s, which cannot "
            "be true",
            r->start, stop, r->interval);
        return false;
    }
    r->has_timestamps = sd_rs_header_is(header, SD_RS_TIMESTAMP_STATE, SD_RS_VALUE, ON);
    return true;
}

/** Checks the payload against the header, and works out its sizes. */
static bool measure(sd_reader *reader, const record *r, sizes *s)
{
    uint32_t code = sd_reader_u32(reader, PAYLOAD_FORMAT, "the format of the samples");
    uint32_t length = sd_reader_u32(reader, PAYLOAD_RECORD_LENGTH, "the record length");
    if (code != r->format->code) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, PAYLOAD_FORMAT,
                       "the samples have the format code %u, but the header file says %u: do the "
                       "two files belong together?",
                       code, r->format->code);
    }
    /* Firmware before 2.0 counts the samples of all channels. */
    if (length != (uint32_t)r->hardware_length &&
        length != (uint32_t)(r->hardware_length * r->channels)) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, PAYLOAD_RECORD_LENGTH,
            "the samples are an acquisition of %u, but the header file says %" G_GUINT64_FORMAT
            ": do the two files belong together?",
            length, r->hardware_length);
    }
    s->row = r->format->time_size + r->channels * sd_sample_size(r->format->type);
    s->before_rows = r->has_timestamps ? TIMESTAMP_SIZE : 0;
    uint64_t all = 0;
    bool fits = g_uint64_checked_mul(&s->acquisition, r->hardware_length, s->row) &&
                g_uint64_checked_add(&s->acquisition, s->acquisition, s->before_rows) &&
                g_uint64_checked_mul(&all, s->acquisition, r->acquisitions);
    if (!fits || !sd_mapping_has(reader->mapping, PAYLOAD_SAMPLES, all)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, reader->mapping->size,
                       "the file is cut: it has %" G_GUINT64_FORMAT " bytes, but %" G_GUINT64_FORMAT
                       " acquisitions of %" G_GUINT64_FORMAT " rows of %" G_GUINT64_FORMAT
                       " bytes are promised",
                       reader->mapping->size, r->acquisitions, r->hardware_length, s->row);
    }
    return !reader->error;
}

/** Reads scale and offset of raw samples. */
static bool read_scale(const record *r, int index, sd_channel *channel, GError **error)
{
    const sd_rs_header *header = r->header;
    bool is_multi = index != SD_RS_VALUE;
    sd_rs_property scale_property = is_multi ? SD_RS_MULTI_VERTICAL_SCALE : SD_RS_VERTICAL_SCALE;
    double levels, divisions, scale, offset, position;
    if (!sd_rs_header_number(header, SD_RS_QUANTISATION_LEVELS, SD_RS_VALUE, &levels, error) ||
        !sd_rs_header_number(header, SD_RS_VERTICAL_DIVISION_COUNT, SD_RS_VALUE, &divisions,
                             error) ||
        !sd_rs_header_number(header, scale_property, index, &scale, error) ||
        !sd_rs_header_number(header, is_multi ? SD_RS_MULTI_VERTICAL_OFFSET : SD_RS_VERTICAL_OFFSET,
                             index, &offset, error) ||
        !sd_rs_header_number(header,
                             is_multi ? SD_RS_MULTI_VERTICAL_POSITION : SD_RS_VERTICAL_POSITION,
                             index, &position, error)) {
        return false;
    }
    channel->scale = scale * divisions / levels;
    channel->offset = offset - position * scale;
    if (!sd_scale_is_sound(channel->scale, channel->offset)) {
        sd_rs_header_fail(header, scale_property, SD_ERROR_DAMAGED, error,
                          "a code is said to be %g V and the offset %g V, which cannot be true",
                          channel->scale, channel->offset);
        return false;
    }
    return true;
}

/** "CH1" of "eRS_SIGNAL_SOURCE_CH1_TR1". */
static char *name_of(const record *r, int index)
{
    const char *source = sd_rs_header_text(
        r->header, index == SD_RS_VALUE ? SD_RS_SOURCE : SD_RS_MULTI_SOURCE, index);
    if (!source || !g_str_has_prefix(source, SOURCE_PREFIX)) {
        return g_strdup_printf("%d", index == SD_RS_VALUE ? 1 : index + 1);
    }
    char *name = g_strdup(source + strlen(SOURCE_PREFIX));
    if (g_str_has_suffix(name, SOURCE_SUFFIX)) {
        name[strlen(name) - strlen(SOURCE_SUFFIX)] = 0;
    }
    return name;
}

/** "V" of "eRS_UNIT_LEVEL_V". */
static const char *unit_of(const record *r, int index)
{
    const char *unit = sd_rs_header_text(
        r->header, index == SD_RS_VALUE ? SD_RS_VIEW_UNIT : SD_RS_MULTI_VIEW_UNIT, index);
    return unit && g_str_has_prefix(unit, UNIT_PREFIX) ? unit + strlen(UNIT_PREFIX) : "V";
}

/** Fills in all channels; the payload holds them, as measure() has found. */
static bool set_channels(sd_waveform *waveform, const sd_mapping *payload, const record *r,
                         const sizes *s, GError **error)
{
    sd_waveform_allocate(waveform, r->channels, (size_t)r->acquisitions);
    for (size_t c = 0; c < r->channels; c++) {
        sd_channel *channel = &waveform->channel[c];
        channel->name = name_of(r, r->index[c]);
        channel->unit = g_strdup(unit_of(r, r->index[c]));
        channel->type = r->format->type;
        channel->stride = (size_t)s->row;
        channel->scale = 1;
        channel->interval = r->interval;
        if (r->format->is_raw && !read_scale(r, r->index[c], channel, error)) {
            return false;
        }
        uint64_t at = PAYLOAD_SAMPLES + s->before_rows + r->leading * s->row +
                      r->format->time_size + c * sd_sample_size(r->format->type);
        for (size_t i = 0; i < channel->segments; i++) {
            channel->segment[i] = (sd_segment){
                .data = payload->data + at + i * s->acquisition,
                .count = r->record_length,
                .start = r->start,
            };
        }
    }
    return true;
}

/** Reads the date and time in the header, such as "2021:09:09 10:29 14,017.925.386 s", as seconds
 * since 1970; false if it has none, or the time of day alone, which is noted. */
static bool read_date(sd_waveform *waveform, const record *r, int64_t *seconds, double *fraction)
{
    const char *text = sd_rs_header_text(r->header, SD_RS_TIMESTAMP, SD_RS_VALUE);
    int year, month, day, hour, minute, second;
    unsigned milli = 0;
    unsigned micro = 0;
    unsigned nano = 0;
    int found = text ? sscanf(text, "%4d%*[:-]%2d%*[:-]%2d %2d:%2d %2d%*[.,]%3u%*[.,]%3u%*[.,]%3u",
                              &year, &month, &day, &hour, &minute, &second, &milli, &micro, &nano)
                     : 0;
    /* NULL for what is no date of the calendar, such as month 13. */
    g_autoptr(GDateTime) time =
        found >= 6 ? g_date_time_new_utc(year, month, day, hour, minute, second) : NULL;
    if (time) {
        *seconds = g_date_time_to_unix(time);
        *fraction = milli * 1e-3 + micro * 1e-6 + nano * 1e-9;
        sd_waveform_note(waveform,
                         "the time is that of the instrument's clock, whose time zone is "
                         "not stored: it is taken for UTC%s",
                         r->acquisitions > 1 ? ", and for that of the first acquisition" : "");
    } else if (text && *text) {
        sd_waveform_note(waveform, "the header holds the time \"%s\", but no date", text);
    }
    return time != NULL;
}

/** Sets the times of all acquisitions. Each may have its distance from the others before its rows;
 * without, they follow one another without a gap. */
static void set_times(sd_waveform *waveform, sd_reader *reader, const record *r, const sizes *s)
{
    int64_t seconds = waveform->mapping->modified;
    double fraction = waveform->mapping->modified_fraction;
    waveform->has_time = read_date(waveform, r, &seconds, &fraction);
    double first = 0;
    waveform->time_field = "its timestamp in the file of the samples";
    for (size_t i = 0; i < r->acquisitions; i++) {
        double passed = (double)(i * (r->record_length + 1)) * r->interval;
        uint64_t at = PAYLOAD_SAMPLES + i * s->acquisition;
        if (r->has_timestamps) {
            double timestamp = sd_reader_f64(reader, at, "a timestamp");
            first = i == 0 ? timestamp : first;
            passed = timestamp - first;
        }
        if (!isfinite(passed)) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, at,
                           "the timestamp of acquisition %" G_GSIZE_FORMAT
                           " is %g s, which cannot be true",
                           i, first + passed);
            return;
        }
        for (size_t c = 0; c < waveform->channels; c++) {
            waveform->channel[c].segment[i].time_at = r->has_timestamps ? at : 0;
            sd_segment_set_time(&waveform->channel[c].segment[i], seconds, fraction + passed);
        }
    }
}

/** What is worth knowing, and no error. */
static void add_notes(sd_waveform *waveform, const sd_mapping *payload, const record *r,
                      const sizes *s)
{
    uint64_t end = PAYLOAD_SAMPLES + r->acquisitions * s->acquisition;
    if (end < payload->size) {
        sd_waveform_note(waveform,
                         "%s holds %" G_GUINT64_FORMAT
                         " bytes more than the header file says: left out",
                         payload->name, payload->size - end);
    }
    /* Only for 16 bits the manual gives the byte order a meaning, and the maker's program reads
     * those as all the others, whatever the header says. */
    if (r->format->type == SD_SAMPLE_S16 &&
        sd_rs_header_is(r->header, SD_RS_BYTE_ORDER, SD_RS_VALUE, "_MSB_FIRST")) {
        sd_waveform_note(waveform, "the header says that the most significant byte stands first, "
                                   "but the samples are read with the least significant one first, "
                                   "as the maker's own program does");
    }
}

/** Reads header and payload, which are both open. */
static bool read_pair(sd_waveform *waveform, const sd_mapping *header_mapping,
                      const sd_mapping *payload, GError **error)
{
    g_autoptr(sd_rs_header) header = sd_rs_header_new(header_mapping, error);
    record r = {.header = header};
    if (!header || !check_kind(header, error) || !read_format(&r, error) ||
        !read_channels(&r, error) || !read_lengths(&r, error)) {
        return false;
    }
    sd_reader reader = {.mapping = payload};
    sizes s;
    if (measure(&reader, &r, &s)) {
        if (!set_channels(waveform, payload, &r, &s, error)) {
            return false;
        }
        set_times(waveform, &reader, &r, &s);
    }
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = r.format->title;
    add_notes(waveform, payload, &r, &s);
    return true;
}

static bool open_rohde_schwarz(sd_waveform *waveform, const sd_waveform_options *options,
                               GError **error)
{
    static const char *const header_ends[] = {HEADER_END, ".BIN", NULL};
    static const char *const payload_ends[] = {PAYLOAD_END, ".Wfm.BIN", ".WFM.BIN", ".wfm.bin",
                                               NULL};
    (void)options;
    bool has_header = is_xml(waveform->mapping);
    g_autofree char *path = has_header ? path_of_other(waveform->path, HEADER_END, payload_ends)
                                       : path_of_other(waveform->path, PAYLOAD_END, header_ends);
    sd_mapping *other = open_other(
        waveform, path,
        has_header ? "its samples are" : "these are samples of Rohde & Schwarz, their header is",
        error);
    if (!other) {
        return false;
    }
    sd_waveform_keep(waveform, other);
    return has_header ? read_pair(waveform, waveform->mapping, other, error)
                      : read_pair(waveform, other, waveform->mapping, error);
}

const sd_format sd_format_rohde_schwarz_bin = {
    .name = "Rohde & Schwarz .bin",
    .match = match,
    .open = open_rohde_schwarz,
    .several_files = true,
};
