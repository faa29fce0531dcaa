/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/csv_table.h"

#include <math.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF" /**< Of UTF-8. */
#define CELL_MAX        256            /**< No number is written with more characters. */
#define MANTISSA_DIGITS 19             /**< So many digits fit 64 bits. */
#define EXPONENT_MAX    9999           /**< Beyond that of any double, and far from overflow. */

/** Powers of ten that a double holds exactly. */
static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

sd_csv_line sd_csv_start(const sd_mapping *mapping)
{
    const size_t size = strlen(BYTE_ORDER_MARK);
    return (sd_csv_line){.next = sd_mapping_equals(mapping, 0, BYTE_ORDER_MARK, size) ? size : 0};
}

bool sd_csv_next_line(const sd_mapping *mapping, sd_csv_line *line)
{
    if (line->next >= mapping->size) {
        return false;
    }
    line->at = line->next;
    line->number++;
    line->text = mapping->data + line->at;
    const size_t rest = (size_t)(mapping->size - line->at);
    const uint8_t *end = memchr(line->text, '\n', rest);
    line->size = end ? (size_t)(end - line->text) : rest;
    line->next = line->at + line->size + (end ? 1 : 0);
    while (line->size > 0 && line->text[line->size - 1] == '\r') {
        line->size--;
    }
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

bool sd_csv_is_blank(const sd_csv_line *line)
{
    size_t i = 0;
    while (i < line->size && is_blank(line->text[i])) {
        i++;
    }
    return i == line->size;
}

bool sd_csv_next_cell(const sd_csv_line *line, char separator, size_t *position, sd_csv_cell *cell)
{
    const char *text = (const char *)line->text;
    size_t from = *position;
    if (from > line->size) {
        return false;
    }
    while (from < line->size && text[from] != separator && is_blank((uint8_t)text[from])) {
        from++;
    }
    if (separator == ' ') {
        while (from < line->size && is_blank((uint8_t)text[from])) {
            from++;
        }
    }
    size_t to = from;
    size_t end = 0;
    if (from < line->size && text[from] == '"') {
        from++;
        const char *quote = memchr(text + from, '"', line->size - from);
        to = quote ? (size_t)(quote - text) : line->size;
        end = to;
    }
    while (to < line->size && text[to] != separator) {
        to++;
    }
    *position = to + 1;
    if (end == 0) {
        end = to;
        while (end > from && is_blank((uint8_t)text[end - 1])) {
            end--;
        }
    }
    *cell = (sd_csv_cell){text + from, end - from};
    /* Blanks at the end of a line separate nothing. */
    return separator != ' ' || cell->size > 0 || to < line->size;
}

/** Whether a cell that is no number stands for one: NaN and infinity as C, Windows and MATLAB write
 * them. */
static bool is_not_finite(const char *text, size_t size)
{
    static const char *const words[] = {"nan", "inf", "1.#"};
    if (size > 0 && (*text == '-' || *text == '+')) {
        text++;
        size--;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (size >= strlen(words[i]) &&
            g_ascii_strncasecmp(text, words[i], strlen(words[i])) == 0) {
            return true;
        }
    }
    return false;
}

/** The parts of a written number. */
typedef struct {
    bool negative;
    uint64_t mantissa; /**< Its first MANTISSA_DIGITS significant digits. */
    int digits;        /**< Significant digits, all of them. */
    int exponent;
} parts;

/** Takes the digits; gives where they end, or NULL if there is none. */
static const char *take_mantissa(const char *at, const char *end, char decimal, parts *p)
{
    bool any = false;
    bool fraction = false;
    for (; at < end; at++) {
        const unsigned digit = (unsigned)*at - '0';
        if (digit <= 9) {
            any = true;
            p->exponent -= fraction;
            p->digits += p->digits > 0 || digit > 0;
            if (p->digits <= MANTISSA_DIGITS) {
                p->mantissa = p->mantissa * 10 + digit;
            }
        } else if (*at == decimal && !fraction) {
            fraction = true;
        } else {
            break;
        }
    }
    return any ? at : NULL;
}

/** Takes the exponent, if there is one; gives where it ends, or NULL if it is not whole. */
static const char *take_exponent(const char *at, const char *end, parts *p)
{
    if (at == end || (*at != 'e' && *at != 'E')) {
        return at;
    }
    at++;
    const bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end) {
        return NULL;
    }
    int exponent = 0;
    for (; at < end && g_ascii_isdigit(*at); at++) {
        exponent = MIN(exponent * 10 + (*at - '0'), EXPONENT_MAX);
    }
    p->exponent += negative ? -exponent : exponent;
    return at;
}

/** The number with all of its digits, for those that take more care than one rounding. */
static double convert(const sd_csv_cell *cell, char decimal)
{
    char text[CELL_MAX + 1];
    memcpy(text, cell->text, cell->size);
    text[cell->size] = '\0';
    char *mark = strchr(text, decimal);
    if (mark) {
        *mark = '.';
    }
    return g_ascii_strtod(text, NULL);
}

sd_csv_kind sd_csv_parse(const sd_csv_cell *cell, char decimal, sd_csv_number *number)
{
    if (cell->size == 0) {
        return SD_CSV_EMPTY;
    }
    const char *at = cell->text;
    const char *end = at + cell->size;
    parts p = {.negative = *at == '-'};
    at += *at == '-' || *at == '+';
    at = take_mantissa(at, end, decimal, &p);
    at = at ? take_exponent(at, end, &p) : NULL;
    if (at != end || cell->size > CELL_MAX) {
        return is_not_finite(cell->text, cell->size) ? SD_CSV_NOT_FINITE : SD_CSV_TEXT;
    }
    number->exponent = p.exponent;
    number->digits = p.digits;
    const int largest = (int)G_N_ELEMENTS(powers) - 1;
    if (p.mantissa == 0) {
        number->value = 0;
    } else if (p.digits <= MANTISSA_DIGITS && p.mantissa <= UINT64_C(1) << 53 &&
               ABS(p.exponent) <= largest) {
        /* Both are exact, so that the one operation rounds right. */
        double value = (double)p.mantissa;
        value = p.exponent < 0 ? value / powers[-p.exponent] : value * powers[p.exponent];
        number->value = p.negative ? -value : value;
    } else {
        number->value = convert(cell, decimal);
    }
    return isfinite(number->value) ? SD_CSV_NUMBER : SD_CSV_NOT_FINITE;
}
