/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/csv_header.h"

#include <math.h>
#include <string.h>

/** A dialect is told by one key at the begin of a line. */
static const struct {
    const char *key;
    bool prefix;        /**< The key only begins so. */
    const char *format; /**< What users call it. */
    const char *marker; /**< First cell of the line right above the numbers, or NULL. */
} dialects[] = {
    {"Waveform Type", false, "Tektronix CSV", "TIME"},
    {"Point Format", false, "Tektronix CSV", "TIME"},
    {"Pt Fmt", false, "Tektronix CSV", NULL}, /* The numbers stand right of the header. */
    {"XInc", false, "Keysight Infiniium CSV", "Data"},
    {"x-axis", false, "Keysight InfiniiVision CSV", NULL},
    {"LECROY", true, "Teledyne LeCroy CSV", NULL},
    {"in s", false, "Rohde & Schwarz CSV", NULL},
};

/** A key with its value. */
typedef struct {
    const sd_csv_line *line;
    char separator, decimal;
    const char *key, *value;
    uint64_t at; /**< Of the value. */
    size_t member;
} entry;

static void take_text(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    (void)reader;
    char **text = G_STRUCT_MEMBER_P(header, e->member);
    if (*e->value) {
        g_free(*text);
        *text = g_strdup(e->value);
    }
}

/** Reads a number; some write what it is of in front of it ("Analog:1.0E-09"). */
static bool parse(const char *text, char decimal, double *value)
{
    const char *colon = strrchr(text, ':');
    text = colon ? colon + 1 : text;
    sd_csv_cell cell = {text, strlen(text)};
    sd_csv_number number;
    if (sd_csv_parse(&cell, decimal, &number) != SD_CSV_NUMBER &&
        sd_csv_parse(&cell, '.', &number) != SD_CSV_NUMBER) {
        return false;
    }
    *value = number.value;
    return true;
}

static void take_number(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    double *number = G_STRUCT_MEMBER_P(header, e->member);
    if (!parse(e->value, e->decimal, number)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, e->at,
                       "line %" G_GUINT64_FORMAT ": %s is \"%s\", which is no number",
                       e->line->number, e->key, e->value);
    }
}

static void take_interval(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    take_number(header, reader, e);
    header->interval_at = e->at;
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(header->interval) || header->interval < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, e->at,
                       "line %" G_GUINT64_FORMAT ": %s is %s s, which cannot be true",
                       e->line->number, e->key, e->value);
    }
}

static void take_units(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    (void)reader;
    header->units = *e->line;
}

/** A kind of record that is no voltage over time; the key's value says which. */
static const struct {
    const char *key, *value; /**< The value begins so. */
    const char *what;
} refused[] = {
    {"Waveform Type", "DIGITAL", "digital channels"},
    {"Waveform Type", "RF", "a spectrum"},
    {"Waveform Type", "SPECTRUM", "a spectrum"},
    {"Waveform Type", "FFT", "a spectrum"},
    {"Point Format", "ENV", "an envelope (minimum and maximum in turn)"},
    {"Pt Fmt", "ENV", "an envelope (minimum and maximum in turn)"},
    {"Type", "peak", "an envelope (peak detect)"},
    {"Type", "histogram", "a histogram"},
    {"Type", "fft", "a spectrum"},
    {"IQ_centerFrequency", "", "IQ data"},
};

static void take_kind(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        if (g_ascii_strcasecmp(e->key, refused[i].key) == 0 &&
            g_ascii_strncasecmp(e->value, refused[i].value, strlen(refused[i].value)) == 0) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, e->at,
                           "line %" G_GUINT64_FORMAT
                           ": the file holds %s, not a sampled voltage record (%s %s)",
                           e->line->number, refused[i].what, e->key, e->value);
        }
    }
    header->interpolated =
        header->interpolated || g_ascii_strcasecmp(e->value, "interpolated") == 0;
}

/** Teledyne: "Segments,2,SegmentSize,502". */
static void take_segments(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    take_number(header, reader, e);
    header->segments_at = e->at;
    size_t position = 0;
    sd_csv_cell cell;
    for (int i = 0; sd_csv_next_cell(e->line, e->separator, &position, &cell); i++) {
        if (i == 3) {
            g_autofree char *size = g_strndup(cell.text, cell.size);
            entry second = *e;
            second.key = "SegmentSize";
            second.value = size;
            second.at = e->line->at + (uint64_t)(cell.text - (const char *)e->line->text);
            second.member = G_STRUCT_OFFSET(sd_csv_header, segment_size);
            take_number(header, reader, &second);
        }
    }
}

/** Teledyne: "#1,29-Jun-2020 19:02:13,0", one line for each segment; the last number is in seconds
 * from the first trigger. */
static void take_trigger(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    double since = 0;
    size_t position = 0;
    sd_csv_cell cell;
    sd_csv_cell last = {0};
    while (sd_csv_next_cell(e->line, e->separator, &position, &cell)) {
        last = cell.size > 0 ? cell : last;
    }
    g_autofree char *text = g_strndup(last.text, last.size);
    const double before = header->triggers->len > 0
                              ? g_array_index(header->triggers, double, header->triggers->len - 1)
                              : 0;
    if (!parse(text, e->decimal, &since) || since < before) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, e->line->at,
            "line %" G_GUINT64_FORMAT
            ": the trigger is said to be \"%s\" s behind the first, which cannot be true",
            e->line->number, text);
    }
    if (header->triggers->len == 0) {
        g_free(header->date);
        header->date = g_strndup((const char *)e->line->text, e->line->size);
    }
    g_array_append_val(header->triggers, since);
}

/** Rigol: "X,CH1,Start,Increment" with the values in the line below, in the same columns. */
static void take_columns(sd_csv_header *header, sd_reader *reader, const entry *e)
{
    static const struct {
        const char *name;
        size_t member;
    } columns[] = {
        {"Start", G_STRUCT_OFFSET(sd_csv_header, column_start)},
        {"Increment", G_STRUCT_OFFSET(sd_csv_header, column_increment)},
    };
    sd_csv_line below = *e->line;
    if (!sd_csv_next_line(reader->mapping, &below)) {
        return;
    }
    size_t position = 0;
    size_t position_below = 0;
    sd_csv_cell cell;
    sd_csv_cell cell_below;
    while (sd_csv_next_cell(e->line, e->separator, &position, &cell) &&
           sd_csv_next_cell(&below, e->separator, &position_below, &cell_below)) {
        for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
            g_autofree char *name = g_strndup(cell.text, cell.size);
            g_autofree char *value = g_strndup(cell_below.text, cell_below.size);
            double *number = G_STRUCT_MEMBER_P(header, columns[i].member);
            if (g_ascii_strcasecmp(name, columns[i].name) == 0 &&
                !parse(value, e->decimal, number)) {
                *number = (double)NAN;
            }
        }
    }
}

#define MEMBER(NAME) G_STRUCT_OFFSET(sd_csv_header, NAME)

/** The keys, and what is done with their values. */
static const struct {
    const char *key;
    void (*take)(sd_csv_header *header, sd_reader *reader, const entry *e);
    size_t member;
    bool colon;  /**< Known only with a colon behind it: too common a word. */
    bool column; /**< Heads a column of the numbers: such a line is no pair of key and value. */
} keys[] = {
    {"Sample Interval", take_interval, MEMBER(interval), false, false},
    {"XInc", take_interval, MEMBER(interval), true, false},
    {"SignalResolution", take_interval, MEMBER(interval), true, false},
    {"Resolution", take_interval, MEMBER(interval), true, false},
    {"XOrg", take_number, MEMBER(start), true, false},
    {"XStart", take_number, MEMBER(start), true, false},
    {"Zero Index", take_number, MEMBER(zero_index), false, false},
    {"Record Length", take_number, MEMBER(points), false, false},
    {"Points", take_number, MEMBER(points), true, false},
    {"Model", take_text, MEMBER(model), false, false},
    {"Model Number", take_text, MEMBER(model), false, false},
    {"Frame", take_text, MEMBER(model), true, false},
    {"Serial Number", take_text, MEMBER(serial), false, false},
    {"Source", take_text, MEMBER(name), false, false},
    {"Horizontal Units", take_text, MEMBER(time_unit), false, false},
    {"XUnits", take_text, MEMBER(time_unit), true, false},
    {"Vertical Units", take_units, 0, false, false},
    {"YUnits", take_units, 0, true, false},
    {"Date", take_text, MEMBER(date), true, false},
    {"Time", take_text, MEMBER(clock), true, false},
    {"Waveform Type", take_kind, 0, false, false},
    {"Point Format", take_kind, 0, false, false},
    {"Pt Fmt", take_kind, 0, false, false},
    {"Type", take_kind, 0, true, false},
    {"IQ_centerFrequency", take_kind, 0, false, false},
    {"Segments", take_segments, MEMBER(segments), false, false},
    {"X", take_columns, 0, false, true},
};

/** The units. Case plays no part: oscilloscopes do not agree on it. */
static const struct {
    const char *name;
    sd_csv_unit unit;
} units[] = {
    {"s", {SD_CSV_UNIT_TIME, "s", 1}},           {"sec", {SD_CSV_UNIT_TIME, "s", 1}},
    {"second", {SD_CSV_UNIT_TIME, "s", 1}},      {"seconds", {SD_CSV_UNIT_TIME, "s", 1}},
    {"ms", {SD_CSV_UNIT_TIME, "s", 1e-3}},       {"us", {SD_CSV_UNIT_TIME, "s", 1e-6}},
    {"\u00B5s", {SD_CSV_UNIT_TIME, "s", 1e-6}},  {"\u03BCs", {SD_CSV_UNIT_TIME, "s", 1e-6}},
    {"\xB5s", {SD_CSV_UNIT_TIME, "s", 1e-6}}, /* ISO 8859-1 */
    {"ns", {SD_CSV_UNIT_TIME, "s", 1e-9}},       {"ps", {SD_CSV_UNIT_TIME, "s", 1e-12}},
    {"v", {SD_CSV_UNIT_VALUE, "V", 1}},          {"volt", {SD_CSV_UNIT_VALUE, "V", 1}},
    {"volts", {SD_CSV_UNIT_VALUE, "V", 1}},      {"mv", {SD_CSV_UNIT_VALUE, "V", 1e-3}},
    {"uv", {SD_CSV_UNIT_VALUE, "V", 1e-6}},      {"\u00B5v", {SD_CSV_UNIT_VALUE, "V", 1e-6}},
    {"\u03BCv", {SD_CSV_UNIT_VALUE, "V", 1e-6}}, {"\xB5v", {SD_CSV_UNIT_VALUE, "V", 1e-6}},
    {"amp", {SD_CSV_UNIT_VALUE, "A", 1}},        {"ampere", {SD_CSV_UNIT_VALUE, "A", 1}},
    {"hz", {SD_CSV_UNIT_OTHER, "Hz", 1}},        {"hertz", {SD_CSV_UNIT_OTHER, "Hz", 1}},
    {"khz", {SD_CSV_UNIT_OTHER, "Hz", 1e3}},     {"mhz", {SD_CSV_UNIT_OTHER, "Hz", 1e6}},
    {"sequence", {SD_CSV_UNIT_COUNT, NULL, 1}},
};

sd_csv_header sd_csv_header_new(void)
{
    const double unknown = (double)NAN;
    return (sd_csv_header){
        .format = "CSV",
        .interval = unknown,
        .start = unknown,
        .zero_index = unknown,
        .points = unknown,
        .segments = unknown,
        .segment_size = unknown,
        .column_start = unknown,
        .column_increment = unknown,
        .triggers = g_array_new(FALSE, FALSE, sizeof(double)),
    };
}

void sd_csv_header_clear(sd_csv_header *header)
{
    g_free(header->model);
    g_free(header->serial);
    g_free(header->name);
    g_free(header->time_unit);
    g_free(header->date);
    g_free(header->clock);
    g_array_unref(header->triggers);
}

/** Whether @p size bytes of @p text are the word @p key, or begin with it. */
static bool is_key(const char *text, size_t size, const char *key, bool prefix)
{
    const size_t length = strlen(key);
    return (prefix ? size >= length : size == length) &&
           g_ascii_strncasecmp(text, key, length) == 0;
}

/** The row of keys[] for a key; -1 if it is not known. */
static int find_key(const char *text, size_t size, bool colon)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if ((colon || !keys[i].colon) && is_key(text, size, keys[i].key, false)) {
            return (int)i;
        }
    }
    return -1;
}

bool sd_csv_header_knows(const sd_csv_cell *cell)
{
    const char *colon = memchr(cell->text, ':', cell->size);
    const int found = colon ? find_key(cell->text, (size_t)(colon - cell->text), true)
                            : find_key(cell->text, cell->size, false);
    return found >= 0 && !keys[found].column;
}

/** Tells the dialect by a key; some begin with instrument and serial number instead. */
static void tell_dialect(sd_csv_header *header, const sd_csv_cell *key, const char *value,
                         uint64_t line)
{
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++) {
        const bool instrument = dialects[i].prefix;
        if (!is_key(key->text, key->size, dialects[i].key, instrument) ||
            (instrument && line != 1)) {
            continue;
        }
        header->format = dialects[i].format;
        header->marker = dialects[i].marker;
        if (instrument) {
            g_autofree char *raw = g_strndup(key->text, key->size);
            header->model = g_utf8_make_valid(raw, -1);
            header->serial = g_strdup(value);
        }
    }
}

void sd_csv_header_take(sd_csv_header *header, sd_reader *reader, const sd_csv_line *line,
                        char separator, char decimal)
{
    size_t position = 0;
    sd_csv_cell key;
    if (!sd_csv_next_cell(line, separator, &position, &key) || key.size == 0) {
        return;
    }
    sd_csv_cell value = {0};
    const char *colon = memchr(key.text, ':', key.size);
    if (colon) {
        /* "Key:   value", or "Key:value:" with nothing but the colon behind it. */
        const char *end = key.text + key.size;
        end -= end[-1] == ':' && end - 1 > colon;
        value = (sd_csv_cell){colon + 1, (size_t)(end - colon - 1)};
        key.size = (size_t)(colon - key.text);
    } else if (!sd_csv_next_cell(line, separator, &position, &value)) {
        value = (sd_csv_cell){key.text + key.size, 0};
    }
    g_autofree char *raw = g_strndup(value.text, value.size);
    g_autofree char *text = g_utf8_make_valid(g_strstrip(raw), -1);
    tell_dialect(header, &key, text, line->number);
    entry e = {
        .line = line,
        .separator = separator,
        .decimal = decimal,
        .value = text,
        .at = line->at + (uint64_t)(value.text - (const char *)line->text),
    };
    if (header->segments > 0 && *key.text == '#') {
        take_trigger(header, reader, &e);
        return;
    }
    const int found = find_key(key.text, key.size, colon != NULL);
    if (found >= 0) {
        e.key = keys[found].key;
        e.member = keys[found].member;
        keys[found].take(header, reader, &e);
    }
}

sd_csv_unit sd_csv_unit_find(const char *text, size_t size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (is_key(text, size, units[i].name, false)) {
            return units[i].unit;
        }
    }
    return (sd_csv_unit){SD_CSV_UNIT_NONE, NULL, 1};
}

/** The number of a month by its first three letters, or 0. */
static int month_number(const char *name)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    g_autofree char *lower = g_ascii_strdown(name, 3);
    const char *found = strstr(months, lower);
    return found && (found - months) % 3 == 0 ? (int)((found - months) / 3) + 1 : 0;
}

bool sd_csv_header_time(const sd_csv_header *header, int64_t *seconds, double *fraction)
{
    if (!header->date) {
        return false;
    }
    g_autofree char *text =
        g_strconcat(header->date, " ", header->clock ? header->clock : "", NULL);
    g_autoptr(GRegex) regex = g_regex_new(
        "(\\d{1,2})[- ]([A-Za-z]{3})[- ](\\d{4}).*?(\\d{1,2}):(\\d{2}):(\\d{2}\\.?\\d*)",
        G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(regex, text, 0, &match)) {
        return false;
    }
    g_autofree char *day = g_match_info_fetch(match, 1);
    g_autofree char *month = g_match_info_fetch(match, 2);
    g_autofree char *year = g_match_info_fetch(match, 3);
    g_autofree char *hour = g_match_info_fetch(match, 4);
    g_autofree char *minute = g_match_info_fetch(match, 5);
    g_autofree char *second = g_match_info_fetch(match, 6);
    const int month_of_year = month_number(month);
    *fraction = g_ascii_strtod(second, NULL);
    g_autoptr(GDateTime) time =
        month_of_year == 0 || !(*fraction < 60)
            ? NULL
            : g_date_time_new_utc((int)g_ascii_strtoll(year, NULL, 10), month_of_year,
                                  (int)g_ascii_strtoll(day, NULL, 10),
                                  (int)g_ascii_strtoll(hour, NULL, 10),
                                  (int)g_ascii_strtoll(minute, NULL, 10), 0);
    if (!time) {
        return false;
    }
    *seconds = g_date_time_to_unix(time);
    return true;
}
