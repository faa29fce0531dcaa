/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/csv_layout.h"

#include <math.h>
#include <string.h>

#define TEXT_BYTES    1024 /**< Binary files show a control character before that. */
#define HEADER_BYTES  (UINT64_C(1) << 16)
#define TRIGGER_BYTES (UINT64_C(1) << 22) /**< Teledyne writes one line for each segment. */
#define ROWS_MAX      200                 /**< Rows that are looked at before all are read. */
#define LEFT_COLUMNS  3                   /**< Of the header, where rows stand right of it. */

/** What may separate cells, with the decimal marks that go with it; those that are easily mistaken
 * come last. A comma between cells leaves only the point. */
static const struct {
    char separator, decimal;
} styles[] = {
    {'\t', '.'}, {'\t', ','}, {';', '.'}, {';', ','}, {',', '.'},
    {' ', '.'},  {' ', ','},  {0, '.'},   {0, ','},
};

/** The first lines of a file. */
typedef struct {
    GArray *lines; /**< sd_csv_line */
    guint first;   /**< The first row; lines->len: there is none. */
    unsigned rows; /**< Rows from there on without a break, at most ROWS_MAX. */
    unsigned columns;
    char separator, decimal;
    unsigned skip;
} head;

static sd_csv_line *line_of(const head *h, guint index)
{
    return &g_array_index(h->lines, sd_csv_line, index);
}

/** Whether the file begins like a text. */
static bool is_text(const sd_mapping *mapping)
{
    const size_t size = (size_t)MIN(mapping->size, TEXT_BYTES);
    for (size_t i = 0; i < size; i++) {
        if (mapping->data[i] < ' ' && !g_ascii_isspace(mapping->data[i])) {
            return false;
        }
    }
    return true;
}

static bool begins_with(const sd_mapping *mapping, const char *text)
{
    return sd_mapping_equals(mapping, sd_csv_start(mapping).next, text, strlen(text));
}

/** The lines at the begin of the file; one that is not whole is left out. */
static GArray *read_lines(const sd_mapping *mapping)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(sd_csv_line));
    const uint64_t end = begins_with(mapping, "LECROY") ? TRIGGER_BYTES : HEADER_BYTES;
    sd_mapping begin = *mapping;
    begin.size = MIN(mapping->size, end);
    const bool whole = begin.size == mapping->size || begin.data[begin.size - 1] == '\n';
    sd_csv_line line = sd_csv_start(&begin);
    if (is_text(mapping)) {
        while (sd_csv_next_line(&begin, &line) && (whole || line.next < begin.size)) {
            g_array_append_val(lines, line);
        }
    }
    return lines;
}

/** Whether a whole number is padded with zeros: the part behind a decimal comma rather. */
static bool is_padded(const sd_csv_cell *cell)
{
    const size_t sign = *cell->text == '-' || *cell->text == '+';
    for (size_t i = sign; i < cell->size; i++) {
        if (!g_ascii_isdigit(cell->text[i])) {
            return false;
        }
    }
    return cell->size >= sign + 2 && cell->text[sign] == '0';
}

/**
 * Counts the cells of a line if all of them are numbers, or empty; empty ones at the end do not
 * count. 0: it is no row.
 */
static unsigned count_cells(const head *h, const sd_csv_line *line)
{
    size_t position = 0;
    sd_csv_cell cell;
    unsigned cells = 0;
    unsigned filled = 0;
    while (sd_csv_next_cell(line, h->separator, &position, &cell)) {
        sd_csv_number number;
        cells++;
        if (cells <= h->skip) {
            continue;
        }
        const sd_csv_kind kind = sd_csv_parse(&cell, h->decimal, &number);
        if (kind == SD_CSV_TEXT ||
            (kind == SD_CSV_NUMBER && h->separator == ',' && is_padded(&cell))) {
            return 0;
        }
        filled = kind == SD_CSV_EMPTY ? filled : cells - h->skip;
        if (filled > SD_CSV_COLUMNS_MAX) {
            break;
        }
    }
    return h->separator && cells < 2 ? 0 : filled;
}

/** Counts the rows from a line on; blank lines are passed over. */
static unsigned count_rows(const head *h, guint first, unsigned *columns)
{
    unsigned rows = 0;
    for (guint i = first; i < h->lines->len && rows < ROWS_MAX; i++) {
        if (sd_csv_is_blank(line_of(h, i))) {
            continue;
        }
        const unsigned cells = count_cells(h, line_of(h, i));
        if (cells == 0 || (rows > 0 && cells > *columns)) {
            break;
        }
        *columns = rows == 0 ? cells : *columns;
        rows++;
    }
    return rows;
}

/** Whether most lines from the first row on are rows, as in a table; other texts have numbers in
 * between. */
static bool is_table(const head *h)
{
    unsigned rows = 0;
    unsigned others = 0;
    for (guint i = h->first; i < h->lines->len && rows + others < ROWS_MAX; i++) {
        if (!sd_csv_is_blank(line_of(h, i))) {
            const bool row = count_cells(h, line_of(h, i)) > 0;
            rows += row;
            others += !row;
        }
    }
    return h->rows > 1 && rows > others;
}

/** Whether only blank lines follow a line. */
static bool is_last(const head *h, guint index)
{
    for (guint i = index + 1; i < h->lines->len; i++) {
        if (!sd_csv_is_blank(line_of(h, i))) {
            return false;
        }
    }
    return true;
}

/** Finds the first row with the style of the head. A single one in front of text belongs to the
 * header. */
static void find_first_row(head *h)
{
    for (h->first = 0; h->first < h->lines->len; h->first++) {
        if (sd_csv_is_blank(line_of(h, h->first))) {
            continue;
        }
        h->rows = count_rows(h, h->first, &h->columns);
        if (h->rows > 1 || (h->rows == 1 && is_last(h, h->first))) {
            return;
        }
    }
    h->rows = 0;
}

/** Whether the header stands left of the rows: oscilloscopes of the TDS1000 and TDS2000 series. */
static bool stands_left(const head *h)
{
    if (h->lines->len == 0) {
        return false;
    }
    const head left = {.lines = h->lines, .separator = ',', .decimal = '.', .skip = LEFT_COLUMNS};
    size_t position = 0;
    sd_csv_cell cell;
    return sd_csv_next_cell(line_of(h, 0), ',', &position, &cell) && sd_csv_header_knows(&cell) &&
           count_cells(&left, line_of(h, 0)) >= 2;
}

/** Reads the first lines and finds the style that makes most rows of them. */
static head read_head(const sd_mapping *mapping)
{
    head best = {.lines = read_lines(mapping), .separator = ','};
    best.first = best.lines->len;
    if (stands_left(&best)) {
        best.separator = ',';
        best.decimal = '.';
        best.skip = LEFT_COLUMNS;
        find_first_row(&best);
        return best;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(styles); i++) {
        head h = {
            .lines = best.lines,
            .separator = styles[i].separator,
            .decimal = styles[i].decimal,
        };
        find_first_row(&h);
        if (h.rows > best.rows) {
            best = h;
        }
    }
    return best;
}

/** Reads all lines above the rows, and those beside them. */
static void read_header(const head *h, sd_csv_header *header, sd_reader *reader)
{
    guint end = h->first;
    if (h->skip > 0) {
        end = MIN(h->lines->len, h->first + h->rows);
    }
    for (guint i = 0; i < end; i++) {
        sd_csv_header_take(header, reader, line_of(h, i), h->separator ? h->separator : ',',
                           h->decimal ? h->decimal : '.');
    }
}

int sd_csv_layout_match(const sd_mapping *mapping)
{
    head h = read_head(mapping);
    sd_csv_header header = sd_csv_header_new();
    const char *unknown = header.format;
    sd_reader reader = {.mapping = mapping};
    read_header(&h, &header, &reader);
    g_clear_error(&reader.error);
    const int confidence = header.format != unknown ? 70 : is_table(&h) ? 20 : 0;
    sd_csv_header_clear(&header);
    g_array_unref(h.lines);
    return confidence;
}

/** What a cell above a column says. */
typedef struct {
    sd_csv_cell name; /**< Without the unit. */
    sd_csv_unit unit;
} heading;

/** Takes a heading apart: "CH1 (mV)", "C1 in V", "Time[ns]", "Second", "CH1". */
static heading read_heading(const sd_csv_cell *cell, bool unit_alone)
{
    static const struct {
        const char *before, *behind;
    } forms[] = {{"(", ")"}, {"[", "]"}, {" in ", ""}, {"in ", ""}, {"/", ""}};
    heading found = {*cell, {SD_CSV_UNIT_NONE, NULL, 1}};
    if (unit_alone) {
        found.unit = sd_csv_unit_find(cell->text, cell->size);
    }
    if (found.unit.kind != SD_CSV_UNIT_NONE) {
        found.name.size = 0;
        return found;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        const size_t before = strlen(forms[i].before);
        const size_t behind = strlen(forms[i].behind);
        const char *at = memmem(cell->text, cell->size, forms[i].before, before);
        const char *end = cell->text + cell->size;
        if (!at || (size_t)(end - at) < before + behind ||
            memcmp(end - behind, forms[i].behind, behind) != 0) {
            continue;
        }
        const sd_csv_unit unit =
            sd_csv_unit_find(at + before, (size_t)(end - at) - before - behind);
        if (unit.kind != SD_CSV_UNIT_NONE) {
            found.unit = unit;
            found.name.size = (size_t)(at - cell->text);
            while (found.name.size > 0 && found.name.text[found.name.size - 1] == ' ') {
                found.name.size--;
            }
            return found;
        }
    }
    return found;
}

static bool is_time_word(const sd_csv_cell *name)
{
    static const char *const words[] = {"time", "x-axis", "x", "t", "zeit"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (name->size == strlen(words[i]) &&
            g_ascii_strncasecmp(name->text, words[i], name->size) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether all cells of a line are units, or empty, but not all of them empty. */
static bool is_line_of_units(const head *h, const sd_csv_line *line)
{
    size_t position = 0;
    sd_csv_cell cell;
    bool any = false;
    for (unsigned i = 0; sd_csv_next_cell(line, h->separator, &position, &cell); i++) {
        /* Behind the columns stand the values of "Start" and "Increment". */
        if (cell.size > 0 && i < h->columns) {
            if (read_heading(&cell, true).unit.kind == SD_CSV_UNIT_NONE) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

/** Whether a line names the columns; @p timed: that of times has to have a name that fits, as there
 * is a line of units between. */
static bool is_line_of_names(const head *h, const sd_csv_line *line, bool timed)
{
    size_t position = 0;
    sd_csv_cell cell;
    unsigned cells = 0;
    bool numbers = false;
    bool time = false;
    while (sd_csv_next_cell(line, h->separator, &position, &cell)) {
        sd_csv_number number;
        if (cells == 0) {
            const heading first = read_heading(&cell, true);
            time =
                is_time_word(&first.name) || first.unit.kind == SD_CSV_UNIT_TIME || cell.size == 0;
            if (sd_csv_header_knows(&cell)) {
                return false;
            }
        }
        numbers = numbers || sd_csv_parse(&cell, h->decimal, &number) == SD_CSV_NUMBER;
        cells++;
    }
    return cells >= h->columns && (time || (!numbers && !timed));
}

/** The last line above @p index that is not blank; NULL: none. */
static const sd_csv_line *line_above(const head *h, guint *index)
{
    while (*index > 0) {
        (*index)--;
        if (!sd_csv_is_blank(line_of(h, *index))) {
            return line_of(h, *index);
        }
    }
    return NULL;
}

static void set_unit(sd_csv_layout *layout, unsigned column, const sd_csv_unit *unit)
{
    sd_csv_column *c = &layout->column[column];
    g_free(c->unit);
    c->unit = g_strdup(unit->base);
    c->scale = unit->scale;
    if (unit->kind == SD_CSV_UNIT_TIME && layout->time < 0) {
        layout->time = (int)column;
    }
}

/** Takes names and units from a line above the rows. */
static void take_headings(sd_csv_layout *layout, const sd_csv_line *line, bool units)
{
    size_t position = 0;
    sd_csv_cell cell;
    for (unsigned i = 0;
         i < layout->columns && sd_csv_next_cell(line, layout->separator, &position, &cell); i++) {
        const heading found = read_heading(&cell, units || i == 0);
        if (found.unit.kind != SD_CSV_UNIT_NONE) {
            set_unit(layout, i, &found.unit);
        }
        if (found.name.size > 0 && !layout->column[i].name) {
            g_autofree char *name = g_strndup(found.name.text, found.name.size);
            layout->column[i].name = g_utf8_make_valid(name, -1);
        }
        if (is_time_word(&found.name) && layout->time < 0) {
            layout->time = (int)i;
        }
    }
}

/** Names and units from the lines right above the rows. */
static void read_headings(sd_csv_layout *layout, const head *h)
{
    guint index = h->first;
    const sd_csv_line *line = line_above(h, &index);
    if (line && is_line_of_units(h, line)) {
        take_headings(layout, line, true);
        line = line_above(h, &index);
    }
    if (line && is_line_of_names(h, line, layout->time >= 0)) {
        take_headings(layout, line, false);
    }
}

/** Units that stand in the header instead. */
static void take_keys(sd_csv_layout *layout)
{
    sd_csv_header *header = &layout->header;
    if (header->time_unit && layout->time >= 0 && !layout->column[layout->time].unit) {
        const sd_csv_unit unit = sd_csv_unit_find(header->time_unit, strlen(header->time_unit));
        if (unit.kind != SD_CSV_UNIT_NONE) {
            set_unit(layout, (unsigned)layout->time, &unit);
        }
    }
    size_t position = 0;
    sd_csv_cell cell;
    sd_csv_cell unit = {0};
    for (unsigned i = 0; header->units.number && i < layout->columns; i++) {
        /* "Vertical Units,V,V" has one for each column; "YUnits:  Volt" one for all. */
        if (sd_csv_next_cell(&header->units, layout->separator, &position, &cell)) {
            const char *colon = memchr(cell.text, ':', cell.size);
            unit = cell;
            if (colon) {
                unit.size -= (size_t)(colon + 1 - cell.text);
                unit.text = colon + 1;
                while (unit.size > 0 && *unit.text == ' ') {
                    unit.text++;
                    unit.size--;
                }
            }
        }
        const sd_csv_unit found = sd_csv_unit_find(unit.text, unit.size);
        if (found.kind == SD_CSV_UNIT_VALUE && (int)i != layout->time && !layout->column[i].unit) {
            set_unit(layout, i, &found);
        }
    }
}

/** The numbers of a column in the first rows, up to its end. */
typedef struct {
    unsigned count;
    sd_csv_number number[ROWS_MAX];
} sample;

static void read_sample(const head *h, unsigned column, sample *s)
{
    s->count = 0;
    unsigned rows = 0;
    for (guint i = h->first; i < h->lines->len && rows < h->rows; i++) {
        size_t position = 0;
        sd_csv_cell cell;
        if (sd_csv_is_blank(line_of(h, i))) {
            continue;
        }
        rows++;
        for (unsigned skipped = 0; skipped <= h->skip + column; skipped++) {
            if (!sd_csv_next_cell(line_of(h, i), h->separator, &position, &cell)) {
                return;
            }
        }
        if (sd_csv_parse(&cell, h->decimal, &s->number[s->count]) != SD_CSV_NUMBER) {
            return;
        }
        s->count++;
    }
}

static sd_csv_time learn(const sample *s)
{
    sd_csv_time time = {0};
    for (unsigned i = 0; i < s->count; i++) {
        sd_csv_time_learn(&time, &s->number[i]);
    }
    return time;
}

/** Whether a column grows evenly. */
static bool is_even(const sample *s)
{
    sd_csv_time time = learn(s);
    for (unsigned i = 0; i < s->count; i++) {
        if (sd_csv_time_add(&time, &s->number[i]) != SD_CSV_TIME_EVEN) {
            return false;
        }
    }
    return sd_csv_time_interval(&time) > 0;
}

/** Whether a column grows by the same step in three rows of four: times with a gap, which are
 * better named than not seen. */
static bool is_mostly_even(const sample *s)
{
    for (unsigned k = 1; k < MIN(s->count, 4); k++) {
        const double step = s->number[k].value - s->number[k - 1].value;
        unsigned equal = 0;
        for (unsigned i = 1; i < s->count; i++) {
            const double other = s->number[i].value - s->number[i - 1].value;
            equal += fabs(other - step) <= 1e-3 * step;
        }
        if (step > 0 && s->count >= 4 && equal * 4 >= (s->count - 1) * 3) {
            return true;
        }
    }
    return false;
}

/** Finds the column of times: the leftmost that grows evenly, if the header does not name one. */
static void find_time(sd_csv_layout *layout, const head *h)
{
    sample *s = g_new(sample, 1);
    for (unsigned c = 0; c < layout->columns && layout->columns > 1 && layout->time < 0; c++) {
        read_sample(h, c, s);
        layout->time = is_even(s) || is_mostly_even(s) ? (int)c : -1;
    }
    if (layout->time >= 0) {
        read_sample(h, (unsigned)layout->time, s);
        layout->times = learn(s);
    }
    g_free(s);
}

/** Marks the columns with numbers. */
static void find_columns(sd_csv_layout *layout, const head *h)
{
    for (guint i = h->first; i < MIN(h->lines->len, h->first + h->rows); i++) {
        size_t position = 0;
        sd_csv_cell cell;
        for (unsigned c = 0; sd_csv_next_cell(line_of(h, i), h->separator, &position, &cell) &&
                             c < h->skip + layout->columns;
             c++) {
            if (c >= h->skip && cell.size > 0) {
                layout->column[c - h->skip].used = true;
            }
        }
    }
}

/** Refuses what has no rows, or rows that do not stand where the dialect has them. */
static void check(const head *h, const sd_csv_header *header, sd_reader *reader)
{
    guint index = h->first;
    const sd_csv_line *line = line_above(h, &index);
    sd_csv_cell cell = {0};
    size_t position = 0;
    if (line) {
        sd_csv_next_cell(line, h->separator, &position, &cell);
    }
    if (h->rows == 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, line ? line->next : 0,
                       "this is a %s file, but no rows of numbers follow its header",
                       header->format);
    } else if (header->marker && h->skip == 0 &&
               (cell.size < strlen(header->marker) ||
                g_ascii_strncasecmp(cell.text, header->marker, strlen(header->marker)) != 0)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, line_of(h, h->first)->at,
                       "this is a %s file, but the line above its numbers (line %" G_GUINT64_FORMAT
                       ") does not begin with %s: the header is cut",
                       header->format, line_of(h, h->first)->number, header->marker);
    } else if (h->columns > SD_CSV_COLUMNS_MAX) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, line_of(h, h->first)->at,
                       "line %" G_GUINT64_FORMAT
                       " has more than %d columns: a record has one row for each sample and one "
                       "column for each channel",
                       line_of(h, h->first)->number, SD_CSV_COLUMNS_MAX);
    }
}

void sd_csv_layout_find(sd_csv_layout *layout, sd_reader *reader)
{
    head h = read_head(reader->mapping);
    *layout = (sd_csv_layout){
        .separator = h.separator,
        .decimal = h.decimal,
        .above = sd_csv_start(reader->mapping),
        .skip = h.skip,
        .columns = MIN(h.columns, SD_CSV_COLUMNS_MAX),
        .time = -1,
        .header = sd_csv_header_new(),
    };
    for (unsigned i = 0; i < SD_CSV_COLUMNS_MAX; i++) {
        layout->column[i].scale = 1;
    }
    read_header(&h, &layout->header, reader);
    if (!reader->error) {
        check(&h, &layout->header, reader);
    }
    if (!reader->error) {
        if (h.first > 0) {
            layout->above = *line_of(&h, h.first - 1);
        }
        if (h.skip == 0) {
            read_headings(layout, &h);
        }
        find_time(layout, &h);
        take_keys(layout);
        find_columns(layout, &h);
        /* 0, 1, 2 without a unit are no seconds. */
        layout->counted = layout->time >= 0 && !layout->column[layout->time].unit &&
                          sd_csv_time_counts(&layout->times);
    }
    g_array_unref(h.lines);
}

void sd_csv_layout_clear(sd_csv_layout *layout)
{
    for (unsigned i = 0; i < SD_CSV_COLUMNS_MAX; i++) {
        g_free(layout->column[i].name);
        g_free(layout->column[i].unit);
    }
    sd_csv_header_clear(&layout->header);
}
