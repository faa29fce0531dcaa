/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Columns of numbers as text: the CSV exports of oscilloscopes, and of anything else. The rows are
 * read once, from the first to the last, and the samples go to a temporary file as float, row after
 * row, so that memory does not grow with the record. What stands above the rows is the matter of
 * csv_layout.h and csv_header.h, whether the times are even that of csv_time.h.
 */
#include "scopedump/error.h"
#include "waveform/csv_layout.h"
#include "waveform/csv_settings.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "waveform/spool.h"

#include <math.h>
#include <string.h>

#define BUFFER_FLOATS 16384 /**< Samples that go to the temporary file together. */
#define SHOWN_BYTES   24    /**< Of a cell, in a message. */
#define VOLTS_MAX     1e27  /**< Larger than any voltage; see sd_scale_is_sound(). */
#define NEAR_RATE     1e-3  /**< Relative difference of two intervals that may be rounding. */

/** Where a channel ends, if before the last row. */
typedef struct {
    unsigned column;
    bool ended;
    uint64_t count;
} channel_end;

/** The rows, while they are read. */
typedef struct {
    const sd_csv_layout *layout;
    sd_reader *reader;
    sd_spool *spool;
    sd_csv_line line;
    uint64_t rows;
    uint64_t segment_size; /**< Rows to the next trigger; 0: there is only one. */
    sd_csv_time time;
    double interval;  /**< Of the first segment, as the times have it. */
    double low, high; /**< What they leave room for. */
    GArray *starts;   /**< double: first time of each segment, in the unit of the column. */
    unsigned channels;
    channel_end channel[SD_CSV_COLUMNS_MAX];
    size_t buffered;
    float buffer[BUFFER_FLOATS];
} rows;

static int match(const sd_mapping *mapping)
{
    return sd_csv_layout_match(mapping);
}

/** Latches an error about a cell of the current line. */
static void fail_at(rows *r, const sd_csv_cell *cell, unsigned column, const char *what)
{
    g_autofree char *raw = g_strndup(cell->text, MIN(cell->size, SHOWN_BYTES));
    g_autofree char *text = g_utf8_make_valid(raw, -1);
    sd_reader_fail(r->reader, SD_ERROR_DAMAGED,
                   r->line.at + (uint64_t)(cell->text - (const char *)r->line.text),
                   "line %" G_GUINT64_FORMAT ", column %u: \"%s%s\" %s", r->line.number,
                   r->layout->skip + column + 1, text, cell->size > SHOWN_BYTES ? "..." : "", what);
}

/** Ends a segment: keeps the interval of the first. */
static void end_segment(rows *r)
{
    if (r->starts->len == 1) {
        r->interval = sd_csv_time_interval(&r->time);
        r->low = r->time.low;
        r->high = r->time.high;
    }
}

/** Takes the time of a row; false latches an error. */
static bool take_time(rows *r, const sd_csv_cell *cell, const sd_csv_number *number)
{
    if (r->segment_size > 0 && r->rows > 0 && r->rows % r->segment_size == 0) {
        end_segment(r);
        sd_csv_time_restart(&r->time);
    }
    if (r->time.count == 0) {
        g_array_append_val(r->starts, number->value);
    }
    const double last = r->time.last;
    const sd_csv_time_step step = sd_csv_time_add(&r->time, number);
    if (step == SD_CSV_TIME_EVEN) {
        return true;
    }
    g_autofree char *what = g_strdup_printf(
        step == SD_CSV_TIME_BACKWARDS
            ? "goes back in time: the row before is at %.12g"
            : "does not follow evenly on %.12g in the row before: a part of the record is missing "
              "or stands twice, or it was not sampled evenly",
        last);
    fail_at(r, cell, (unsigned)r->layout->time, what);
    return false;
}

/** Takes one cell of a row as the sample of a channel; false latches an error. */
static bool take_sample(rows *r, unsigned channel, const sd_csv_cell *cell, sd_csv_kind kind,
                        double value)
{
    channel_end *end = &r->channel[channel];
    if (kind == SD_CSV_EMPTY) {
        end->ended = true;
    } else if (end->ended) {
        fail_at(r, cell, end->column, "follows on an empty cell in the row before");
        return false;
    } else if (!(fabs(value) <= VOLTS_MAX)) {
        fail_at(r, cell, end->column, "is no voltage");
        return false;
    } else {
        end->count = r->rows + 1;
    }
    r->buffer[r->buffered++] = (float)value;
    return true;
}

/** Writes the buffer out when the next row might not fit in. */
static bool flush(rows *r, bool all)
{
    if (!all && r->buffered + SD_CSV_COLUMNS_MAX <= BUFFER_FLOATS) {
        return true;
    }
    const size_t size = r->buffered * sizeof r->buffer[0];
    r->buffered = 0;
    return sd_spool_write(r->spool, r->buffer, size, &r->reader->error);
}

/** Whether there is nothing in any cell of the current line. */
static bool is_empty(const rows *r)
{
    size_t position = 0;
    sd_csv_cell cell;
    for (unsigned i = 0; sd_csv_next_cell(&r->line, r->layout->separator, &position, &cell); i++) {
        if (i >= r->layout->skip && cell.size > 0) {
            return false;
        }
    }
    return true;
}

/** What is wrong with a cell that holds no number. */
static const char *complaint(sd_csv_kind kind)
{
    return kind == SD_CSV_NOT_FINITE ? "is not a finite number" : "is no number";
}

/** Reads the current line as a row; false latches an error. */
static bool read_row(rows *r)
{
    const sd_csv_layout *l = r->layout;
    size_t position = 0;
    sd_csv_cell cell = {(const char *)r->line.text, 0};
    for (unsigned i = 0; i < l->skip; i++) {
        sd_csv_next_cell(&r->line, l->separator, &position, &cell);
    }
    unsigned channel = 0;
    for (unsigned column = 0; column < l->columns; column++) {
        sd_csv_number number = {0};
        if (!sd_csv_next_cell(&r->line, l->separator, &position, &cell)) {
            cell = (sd_csv_cell){(const char *)r->line.text + r->line.size, 0};
        }
        const sd_csv_kind kind = sd_csv_parse(&cell, l->decimal, &number);
        if (kind == SD_CSV_TEXT || kind == SD_CSV_NOT_FINITE) {
            fail_at(r, &cell, column, complaint(kind));
            return false;
        }
        if ((int)column == l->time) {
            if (kind == SD_CSV_EMPTY) {
                fail_at(r, &cell, column, "should be a time");
                return false;
            }
            if (!take_time(r, &cell, &number)) {
                return false;
            }
        } else if (channel < r->channels && r->channel[channel].column == column) {
            if (!take_sample(r, channel, &cell, kind, number.value)) {
                return false;
            }
            channel++;
        } else if (kind != SD_CSV_EMPTY) {
            fail_at(r, &cell, column, "stands in a column that is empty in the first rows");
            return false;
        }
    }
    while (sd_csv_next_cell(&r->line, l->separator, &position, &cell)) {
        if (cell.size > 0) {
            fail_at(r, &cell, l->columns, "stands behind the last column of the first rows");
            return false;
        }
    }
    r->rows++;
    return flush(r, false);
}

/** Reads all rows; false latches an error. */
static bool read_rows(rows *r)
{
    const sd_mapping *mapping = r->reader->mapping;
    r->line = r->layout->above;
    while (sd_csv_next_line(mapping, &r->line)) {
        if (!is_empty(r) && !read_row(r)) {
            return false;
        }
    }
    end_segment(r);
    return flush(r, true);
}

/** Picks the channels: all columns with numbers but that of the times. */
static void choose_channels(rows *r)
{
    for (unsigned i = 0; i < r->layout->columns; i++) {
        if ((int)i != r->layout->time && r->layout->column[i].used) {
            r->channel[r->channels++].column = i;
        }
    }
    if (r->channels == 0) {
        sd_reader_fail(r->reader, SD_ERROR_DAMAGED, r->layout->above.next,
                       "line %" G_GUINT64_FORMAT " holds times, but no samples beside them",
                       r->layout->above.number + 1);
    }
}

/** Holds the number of rows against what the header promised. */
static void check_rows(sd_waveform *waveform, const rows *r)
{
    const sd_csv_header *header = &r->layout->header;
    const double promised =
        isnan(header->segments) ? header->points : header->segments * header->segment_size;
    const sd_mapping *mapping = waveform->mapping;
    if (isnan(promised) || promised == (double)r->rows) {
        return;
    }
    const bool cut = promised > (double)r->rows && mapping->data[mapping->size - 1] != '\n';
    if (cut || r->segment_size > 0) {
        sd_reader_fail(r->reader, SD_ERROR_DAMAGED, mapping->size,
                       "%sthe header promises %.0f rows, and there are %" G_GUINT64_FORMAT,
                       cut ? "the file is cut: " : "", promised, r->rows);
        return;
    }
    sd_waveform_note(
        waveform, "the header speaks of %.0f samples, but the file has %" G_GUINT64_FORMAT " rows",
        promised, r->rows);
}

/** The interval that the header gives, in seconds; NaN if it gives none. */
static double header_interval(const sd_csv_layout *l)
{
    return isnan(l->header.interval) ? l->header.column_increment : l->header.interval;
}

/** Chooses the interval: the header's if the times allow it, otherwise that of the times, otherwise
 * what the user gave. With none of them it latches an error. */
static double choose_interval(sd_waveform *waveform, const rows *r,
                              const sd_waveform_options *options)
{
    const sd_csv_layout *l = r->layout;
    const double said = header_interval(l);
    double interval = said;
    if (l->time >= 0 && !l->counted) {
        const double scale = l->column[l->time].scale;
        const sd_csv_time times = {.low = r->low * scale, .high = r->high * scale};
        interval = r->interval * scale;
        if (!isnan(said) && sd_csv_time_allows(&times, said)) {
            interval = said;
        } else if (!isnan(said) && !(fabs(said - interval) <= NEAR_RATE * said)) {
            sd_waveform_note(waveform,
                             "the header speaks of %g s from sample to sample, but the times stand "
                             "%g s apart, which is used (byte %" G_GUINT64_FORMAT ")",
                             said, interval, l->header.interval_at);
        }
    }
    if (isnan(interval) && options->sample_rate > 0) {
        return 1 / options->sample_rate;
    }
    if (isnan(interval)) {
        g_set_error(&r->reader->error, SD_ERROR, SD_ERROR_FORMAT,
                    "%s holds columns of samples, but says nowhere how fast they follow one "
                    "another: give its sample rate (--sample-rate HZ)",
                    r->reader->mapping->name);
    }
    return interval;
}

/** Seconds from the trigger to the first sample of a segment. */
static double choose_start(const rows *r, size_t segment, double interval)
{
    const sd_csv_layout *l = r->layout;
    const sd_csv_header *h = &l->header;
    double said = h->start;
    if (isnan(said) && !isnan(h->zero_index)) {
        said = -h->zero_index * interval;
    }
    said = isnan(said) ? h->column_start : said;
    if (l->time < 0 || l->counted) {
        return isfinite(said) ? said : 0;
    }
    /* The header has more digits, if it means the same. */
    const double printed = g_array_index(r->starts, double, segment) * l->column[l->time].scale;
    return segment == 0 && fabs(said - printed) < interval / 2 ? said : printed;
}

static void set_channel(sd_waveform *waveform, const rows *r, unsigned index, double interval)
{
    const sd_csv_column *column = &r->layout->column[r->channel[index].column];
    sd_channel *channel = &waveform->channel[index];
    const char *only = r->channels == 1 ? r->layout->header.name : NULL;
    const char *name = column->name ? column->name : only;
    channel->name = name ? g_strdup(name) : g_strdup_printf("%u", index + 1);
    channel->unit = g_strdup(column->unit ? column->unit : "V");
    channel->type = SD_SAMPLE_F32;
    channel->big_endian = G_BYTE_ORDER == G_BIG_ENDIAN;
    channel->stride = r->channels * sizeof(float);
    channel->scale = column->scale;
    channel->interval = interval;
}

/** Points the segments of the channels at their rows in the temporary file. */
static void set_segments(sd_waveform *waveform, const rows *r, const uint8_t *data, size_t segments)
{
    const GArray *triggers = r->layout->header.triggers;
    int64_t seconds = waveform->mapping->modified;
    double fraction = waveform->mapping->modified_fraction;
    waveform->has_time = sd_csv_header_time(&r->layout->header, &seconds, &fraction);
    for (unsigned c = 0; c < r->channels; c++) {
        sd_channel *channel = &waveform->channel[c];
        for (size_t s = 0; s < segments; s++) {
            const uint64_t first = s * r->segment_size;
            const double trigger = s < triggers->len ? g_array_index(triggers, double, s) : 0;
            channel->segment[s].data = data + first * channel->stride + c * sizeof(float);
            channel->segment[s].count = r->segment_size > 0 ? r->segment_size : r->channel[c].count;
            channel->segment[s].start = choose_start(r, s, channel->interval);
            sd_segment_set_time(&channel->segment[s], seconds, fraction + trigger);
        }
    }
    if (waveform->has_time) {
        sd_waveform_note(waveform, "the time is that of the instrument's clock, whose time zone is "
                                   "not stored: it is taken for UTC");
    }
}

/** A channel may end before the others, but not begin behind them, and not between two triggers. */
static void check_ends(sd_waveform *waveform, const rows *r)
{
    for (unsigned c = 0; c < r->channels; c++) {
        const uint64_t count = r->channel[c].count;
        if (count == r->rows) {
            continue;
        }
        if (count == 0 || r->segment_size > 0) {
            sd_reader_fail(r->reader, SD_ERROR_DAMAGED, r->layout->above.next,
                           "column %u has %" G_GUINT64_FORMAT " samples in %" G_GUINT64_FORMAT
                           " rows",
                           r->layout->skip + r->channel[c].column + 1, count, r->rows);
            return;
        }
        sd_waveform_note(waveform,
                         "column %u has %" G_GUINT64_FORMAT
                         " samples, but there are %" G_GUINT64_FORMAT " rows",
                         r->layout->skip + r->channel[c].column + 1, count, r->rows);
    }
}

/** Fills in the waveform from what was read. */
static void fill_in(sd_waveform *waveform, const rows *r, const sd_waveform_options *options)
{
    const sd_csv_header *header = &r->layout->header;
    check_rows(waveform, r);
    check_ends(waveform, r);
    const double interval = r->reader->error ? 1 : choose_interval(waveform, r, options);
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(interval) || interval < 0 || !isnormal(1 / interval)) {
        sd_reader_fail(r->reader, SD_ERROR_DAMAGED, r->layout->above.next,
                       "the interval from sample to sample is %g s, which cannot be true",
                       interval);
    }
    sd_mapping *samples = r->reader->error ? NULL : sd_spool_map(r->spool, &r->reader->error);
    if (!samples) {
        return;
    }
    sd_waveform_keep(waveform, samples);
    const size_t segments = r->segment_size > 0 ? (size_t)header->segments : 1;
    sd_waveform_allocate(waveform, r->channels, segments);
    for (unsigned c = 0; c < r->channels; c++) {
        set_channel(waveform, r, c, interval);
    }
    set_segments(waveform, r, samples->data, segments);
    waveform->format = header->format;
    if (header->model) {
        waveform->instrument =
            header->serial ? g_strdup_printf("%s, serial number %s", header->model, header->serial)
                           : g_strdup(header->model);
    }
    if (header->interpolated) {
        sd_waveform_note(waveform, "the record is interpolated: the instrument sampled more slowly "
                                   "than the file says");
    }
}

/** Checks what the header says of segments, before rows are read by it; gives the rows in each, or
 * 0 when there is but one. */
static uint64_t check_segments(const sd_csv_layout *l, sd_reader *reader)
{
    const sd_csv_header *h = &l->header;
    if (isnan(h->segments)) {
        return 0;
    }
    /* Every segment has a line of its own in the header, so that their number is bounded by it. */
    if (h->segments != (double)h->triggers->len || h->segments < 1 ||
        !(h->segment_size >= 1 && h->segment_size <= (double)reader->mapping->size) ||
        h->segment_size != floor(h->segment_size)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, h->segments_at,
                       "the header speaks of %g segments of %g samples, and lists %u of them",
                       h->segments, h->segment_size, h->triggers->len);
        return 0;
    }
    return h->segments > 1 ? (uint64_t)h->segment_size : 0;
}

/** Refuses columns over something else than time. */
static void check_axis(const sd_csv_layout *l, sd_reader *reader)
{
    if (l->time >= 0 && l->column[l->time].unit && strcmp(l->column[l->time].unit, "s") != 0) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, l->above.at,
                       "the horizontal unit is \"%s\", not \"s\": this is no record over time",
                       l->column[l->time].unit);
    }
    if (l->header.time_unit) {
        const sd_csv_unit unit = sd_csv_unit_find(l->header.time_unit, strlen(l->header.time_unit));
        if (unit.kind == SD_CSV_UNIT_OTHER) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, 0,
                           "the horizontal unit is \"%s\", not \"s\": this is no record over time",
                           l->header.time_unit);
        }
    }
}

/** Looks for the interval in a second file, if there are no times. */
static void find_settings(sd_waveform *waveform, sd_csv_layout *l, sd_reader *reader)
{
    if (reader->error || l->time >= 0 || !isnan(header_interval(l))) {
        return;
    }
    g_autofree char *settings = sd_csv_settings_take(&l->header, waveform->path, reader);
    if (settings) {
        g_autofree char *name = g_filename_display_name(settings);
        sd_waveform_note(waveform, "the settings are taken from %s", name);
    }
}

static bool open_csv(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    sd_reader reader = {.mapping = waveform->mapping};
    sd_csv_layout *layout = g_new(sd_csv_layout, 1);
    sd_csv_layout_find(layout, &reader);
    check_axis(layout, &reader);
    find_settings(waveform, layout, &reader);
    rows *r = g_new0(rows, 1);
    r->layout = layout;
    r->reader = &reader;
    r->starts = g_array_new(FALSE, FALSE, sizeof(double));
    r->time = layout->times;
    r->segment_size = check_segments(layout, &reader);
    choose_channels(r);
    r->spool = reader.error ? NULL : sd_spool_new(waveform->mapping, &reader.error);
    if (r->spool && read_rows(r)) {
        fill_in(waveform, r, options);
    }
    sd_spool_free(r->spool);
    g_array_unref(r->starts);
    g_free(r);
    sd_csv_layout_clear(layout);
    g_free(layout);
    return sd_reader_finish(&reader, error);
}

const sd_format sd_format_csv = {
    .name = "CSV",
    .name_pattern = "*.csv",
    .match = match,
    .open = open_csv,
};
