/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tektronix .isf: the answer of an oscilloscope to the remote commands WFMPRE? and CURVE?, as it
 * is. A preamble of KEYWORD VALUE pairs between semicolons, each keyword in its long or its short
 * form, then the curve as a block of bytes or as numbers between commas. The programmer manuals
 * describe it under "WFMPre" and "CURVe".
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "waveform/spool.h"

#include <math.h>
#include <string.h>

#define PREAMBLE_MAX 65536 /**< Real ones have 300 to 600 bytes. */
#define CODES_AT_ONCE                                                                              \
    1024              /**< Numbers of an ASCII curve that go to the temporary file together.       \
                       */
#define NUMBER_MAX 64 /**< Characters of such a number. */

/** What the preamble tells; the index into a field_value array. */
typedef enum {
    FIELD_BYTES_PER_POINT,
    FIELD_ENCODING,
    FIELD_BINARY_FORMAT,
    FIELD_BYTE_ORDER,
    FIELD_POINTS,
    FIELD_POINT_FORMAT,
    FIELD_INTERVAL,
    FIELD_START,
    FIELD_POINT_OFFSET,
    FIELD_TIME_UNIT,
    FIELD_SCALE,
    FIELD_CODE_OFFSET,
    FIELD_VOLTS_OFFSET,
    FIELD_VOLTS_UNIT,
    FIELD_NAME,
    FIELDS,
} field;

/** The keywords: either form is whole, nothing between them is. */
static const struct {
    const char *shortened, *whole;
} keywords[FIELDS] = {
    [FIELD_BYTES_PER_POINT] = {"BYT_N", "BYT_NR"},
    [FIELD_ENCODING] = {"ENC", "ENCDG"},
    [FIELD_BINARY_FORMAT] = {"BN_F", "BN_FMT"},
    [FIELD_BYTE_ORDER] = {"BYT_O", "BYT_OR"},
    [FIELD_POINTS] = {"NR_P", "NR_PT"},
    [FIELD_POINT_FORMAT] = {"PT_F", "PT_FMT"},
    [FIELD_INTERVAL] = {"XIN", "XINCR"},
    [FIELD_START] = {"XZE", "XZERO"},
    [FIELD_POINT_OFFSET] = {"PT_O", "PT_OFF"},
    [FIELD_TIME_UNIT] = {"XUN", "XUNIT"},
    [FIELD_SCALE] = {"YMU", "YMULT"},
    [FIELD_CODE_OFFSET] = {"YOF", "YOFF"},
    [FIELD_VOLTS_OFFSET] = {"YZE", "YZERO"},
    [FIELD_VOLTS_UNIT] = {"YUN", "YUNIT"},
    [FIELD_NAME] = {"WFI", "WFID"},
};

/** How the codes of a block are stored. */
static const struct {
    const char *binary_format;
    int bytes_per_point;
    sd_sample_type type;
} code_types[] = {
    {"RI", 1, SD_SAMPLE_S8},  {"RI", 2, SD_SAMPLE_S16}, {"RI", 4, SD_SAMPLE_S32},
    {"RP", 1, SD_SAMPLE_U8},  {"RP", 2, SD_SAMPLE_U16}, {"RP", 4, SD_SAMPLE_U32},
    {"FP", 4, SD_SAMPLE_F32},
};

/** The beginnings of a file. WFMP is that of WFMPRE, WFMO that of WFMOUTPRE. */
static const char *const beginnings[] = {":WFMP", "WFMP", ":WFMO", "WFMO"};

/** A value in the preamble. */
typedef struct {
    char *text;  /**< Without quotes; NULL: not in the preamble. */
    uint64_t at; /**< Its first byte. */
} field_value;

/** The preamble. */
typedef struct {
    field_value value[FIELDS];
    uint64_t curve; /**< First byte behind the keyword CURVE. */
} preamble;

/** The curve: a block of bytes, or text. */
typedef struct {
    uint64_t at, size; /**< The block; for text, size is up to the end of the file. */
    uint64_t end;      /**< Behind the block. */
    bool ascii;
} curve;

static int match(const sd_mapping *mapping)
{
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        if (sd_mapping_equals(mapping, 0, beginnings[i], strlen(beginnings[i]))) {
            return 90;
        }
    }
    return 0;
}

/** The end of the field that begins at @p at: the next semicolon or line feed outside quotes, or @p
 * end. */
static uint64_t field_end(const uint8_t *data, uint64_t at, uint64_t end)
{
    bool quoted = false;
    while (at < end && (quoted || (data[at] != ';' && data[at] != '\n'))) {
        quoted = quoted != (data[at] == '"');
        at++;
    }
    return at;
}

/** Keeps the value of a field that is known; a field that stands twice has its last value. */
static void keep_field(preamble *p, const char *keyword, size_t size, const uint8_t *value,
                       size_t value_size, uint64_t at)
{
    g_autofree char *name = g_strndup(keyword, size);
    for (size_t i = 0; i < FIELDS; i++) {
        if (g_ascii_strcasecmp(name, keywords[i].shortened) == 0 ||
            g_ascii_strcasecmp(name, keywords[i].whole) == 0) {
            g_autofree char *raw = g_strndup((const char *)value, value_size);
            g_autofree char *text = g_utf8_make_valid(g_strstrip(raw), -1);
            size_t length = strlen(text);
            bool quoted = length >= 2 && text[0] == '"' && text[length - 1] == '"';
            g_free(p->value[i].text);
            p->value[i].text = quoted ? g_strndup(text + 1, length - 2) : g_strdup(text);
            p->value[i].at = at;
        }
    }
}

/** Reads the fields up to the keyword CURVE. */
static void read_preamble(sd_reader *reader, preamble *p)
{
    const uint8_t *data = reader->mapping->data;
    const uint64_t end = MIN(reader->mapping->size, PREAMBLE_MAX);
    for (uint64_t at = 0; at < end;) {
        /* The keyword stands behind the last colon: ":WFMPRE:CH1:NR_PT 500" names the command and
         * the channel as well. */
        uint64_t stop = at;
        while (stop < end && !g_ascii_isspace(data[stop]) && data[stop] != ';' &&
               data[stop] != '#') {
            at = data[stop] == ':' ? stop + 1 : at;
            stop++;
        }
        const char *keyword = (const char *)data + at;
        size_t size = (size_t)(stop - at);
        if (stop < end && (size == 4 || size == 5) &&
            g_ascii_strncasecmp(keyword, "CURVE", size) == 0) {
            p->curve = stop;
            return;
        }
        uint64_t next = field_end(data, stop, end);
        keep_field(p, keyword, size, data + stop, (size_t)(next - stop), MIN(stop + 1, next));
        at = next + 1;
        while (at < end && g_ascii_isspace(data[at])) {
            at++;
        }
    }
    sd_reader_fail(reader, SD_ERROR_DAMAGED, end,
                   "the preamble goes on to byte %" G_GUINT64_FORMAT
                   " without the keyword CURVE: the file is cut or has no curve",
                   end);
}

static void clear_preamble(preamble *p)
{
    for (size_t i = 0; i < FIELDS; i++) {
        g_free(p->value[i].text);
    }
}

/** The text of a field, or @p otherwise if the preamble does not have it. */
static const char *text_of(const preamble *p, field f, const char *otherwise)
{
    return p->value[f].text ? p->value[f].text : otherwise;
}

/** The number in a field; NaN if it is not there, which latches an error unless it may be absent.
 */
static double number_of(sd_reader *reader, const preamble *p, field f, double otherwise)
{
    const field_value *value = &p->value[f];
    if (!value->text) {
        if (isnan(otherwise)) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, p->curve, "the preamble has no %s",
                           keywords[f].whole);
        }
        return otherwise;
    }
    char *end = NULL;
    double number = g_ascii_strtod(value->text, &end);
    if (end == value->text || *end != '\0' || !isfinite(number)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, value->at, "%s is \"%s\", which is no number",
                       keywords[f].whole, value->text);
        return (double)NAN;
    }
    return number;
}

static bool starts_with(const char *text, const char *prefix)
{
    return g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/** Refuses curves that are no samples of volts over time. */
static void check_kind(sd_reader *reader, const preamble *p)
{
    const char *unit = text_of(p, FIELD_TIME_UNIT, "s");
    if (g_ascii_strcasecmp(unit, "s") != 0) {
        sd_reader_fail(
            reader, SD_ERROR_UNSUPPORTED, p->value[FIELD_TIME_UNIT].at,
            "the horizontal unit (XUNIT) is \"%s\", not \"s\": this is no voltage record "
            "over time",
            unit);
    }
    const char *format = text_of(p, FIELD_POINT_FORMAT, "Y");
    if (starts_with(format, "ENV")) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, p->value[FIELD_POINT_FORMAT].at,
                       "the file holds an envelope (PT_FMT %s: minimum and maximum in turn), not a "
                       "sampled voltage record",
                       format);
    } else if (g_ascii_strcasecmp(format, "Y") != 0) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, p->value[FIELD_POINT_FORMAT].at,
                       "the point format (PT_FMT) is \"%s\"; only Y, one code per point, is a "
                       "voltage record",
                       format);
    }
}

/** Sets name, unit, scale and interval. */
static void read_channel(sd_reader *reader, const preamble *p, sd_channel *channel)
{
    const char *name = text_of(p, FIELD_NAME, "");
    size_t length = strcspn(name, ",");
    channel->name = length ? g_strndup(name, length) : g_strdup("1");
    channel->unit =
        g_strdup(*text_of(p, FIELD_VOLTS_UNIT, "") ? p->value[FIELD_VOLTS_UNIT].text : "V");
    double code_offset = number_of(reader, p, FIELD_CODE_OFFSET, 0);
    double volts_offset = number_of(reader, p, FIELD_VOLTS_OFFSET, 0);
    channel->scale = number_of(reader, p, FIELD_SCALE, (double)NAN);
    channel->offset = volts_offset - channel->scale * code_offset;
    if (!sd_scale_is_sound(channel->scale, channel->offset)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, p->value[FIELD_SCALE].at,
                       "YMULT %g, YOFF %g and YZERO %g cannot be true", channel->scale, code_offset,
                       volts_offset);
    }
    channel->interval = number_of(reader, p, FIELD_INTERVAL, (double)NAN);
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(channel->interval) || channel->interval < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, p->value[FIELD_INTERVAL].at,
                       "the sample interval (XINCR) is %g s, which cannot be true",
                       channel->interval);
    }
    double start = number_of(reader, p, FIELD_START, 0);
    double point_offset = number_of(reader, p, FIELD_POINT_OFFSET, 0);
    channel->segment[0].start = start - channel->interval * point_offset;
    if (!isfinite(channel->segment[0].start)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, p->value[FIELD_START].at,
                       "XZERO %g and PT_OFF %g cannot be true", start, point_offset);
    }
}

/** Finds the curve: behind CURVE a block (#, the number of digits, the digits, the bytes), or text.
 */
static curve find_curve(sd_reader *reader, const preamble *p)
{
    const sd_mapping *mapping = reader->mapping;
    curve c = {.at = p->curve, .end = mapping->size};
    while (c.at < mapping->size && g_ascii_isspace(mapping->data[c.at])) {
        c.at++;
    }
    c.ascii = starts_with(text_of(p, FIELD_ENCODING, "BIN"), "ASC");
    if (c.ascii) {
        c.size = mapping->size - c.at;
        return c;
    }
    const uint64_t block = c.at;
    uint8_t mark = sd_reader_u8(reader, block, "the start of the curve");
    int digits = sd_reader_u8(reader, block + 1, "the start of the curve") - '0';
    if (mark != '#' || digits < 0 || digits > 9) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, block,
                       "CURVE is not followed by # and the number of digits of its length");
        return c;
    }
    c.at += 2 + (uint64_t)digits;
    if (!sd_reader_require(reader, block, c.at - block, "the length of the curve")) {
        return c;
    }
    for (uint64_t i = block + 2; i < c.at; i++) {
        if (!g_ascii_isdigit(mapping->data[i])) {
            sd_reader_fail(reader, SD_ERROR_DAMAGED, i, "the length of the curve is no number");
        }
        c.size = c.size * 10 + (uint64_t)(mapping->data[i] - '0');
    }
    if (digits == 0) {
        /* IEEE 488.2: a block of unknown length goes to the end, which a line feed marks. */
        c.size = mapping->size - c.at;
        c.size -= c.size > 0 && mapping->data[mapping->size - 1] == '\n';
    }
    if (sd_reader_require(reader, c.at, c.size, "the curve")) {
        c.end = c.at + c.size;
    }
    return c;
}

/** Holds the number of points of the preamble against that of the curve. */
static void check_points(sd_reader *reader, const preamble *p, const curve *c, uint64_t count)
{
    double points = number_of(reader, p, FIELD_POINTS, (double)count);
    if (count == 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, c->at, "the curve holds not one point");
    } else if (points != (double)count) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, p->value[FIELD_POINTS].at,
            "the preamble counts %.0f points (NR_PT), but the curve holds %" G_GUINT64_FORMAT,
            points, count);
    }
}

/** Points the channel at the block. */
static void use_block(sd_reader *reader, const preamble *p, const curve *c, sd_channel *channel)
{
    double size = number_of(reader, p, FIELD_BYTES_PER_POINT, (double)NAN);
    const char *format = text_of(p, FIELD_BINARY_FORMAT, "RI");
    const char *order = text_of(p, FIELD_BYTE_ORDER, "MSB");
    channel->big_endian = g_ascii_strcasecmp(order, "MSB") == 0;
    if (!channel->big_endian && g_ascii_strcasecmp(order, "LSB") != 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, p->value[FIELD_BYTE_ORDER].at,
                       "BYT_OR is \"%s\", neither MSB nor LSB", order);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(code_types) && !channel->stride; i++) {
        if (g_ascii_strcasecmp(format, code_types[i].binary_format) == 0 &&
            size == code_types[i].bytes_per_point) {
            channel->type = code_types[i].type;
            channel->stride = sd_sample_size(channel->type);
        }
    }
    if (!channel->stride) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, p->value[FIELD_BYTES_PER_POINT].at,
                       "codes of the format BN_FMT %s with BYT_NR %g bytes each cannot be read",
                       format, size);
        return;
    }
    if (c->size % channel->stride != 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, c->at,
                       "the curve of %" G_GUINT64_FORMAT
                       " bytes is no number of points of %" G_GSIZE_FORMAT " bytes",
                       c->size, channel->stride);
    }
    channel->segment[0].data = reader->mapping->data + c->at;
    channel->segment[0].count = c->size / channel->stride;
}

static bool is_part_of_number(uint8_t byte)
{
    return g_ascii_isdigit(byte) || (byte != 0 && strchr("+-.Ee", byte));
}

/** Reads the number at @p at and moves behind it; false latches an error. */
static bool read_code(sd_reader *reader, uint64_t *at, float *code)
{
    const sd_mapping *mapping = reader->mapping;
    char text[NUMBER_MAX + 1];
    size_t length = 0;
    while (*at + length < mapping->size && length < NUMBER_MAX &&
           is_part_of_number(mapping->data[*at + length])) {
        text[length] = (char)mapping->data[*at + length];
        length++;
    }
    text[length] = '\0';
    char *end = NULL;
    double number = g_ascii_strtod(text, &end);
    if (length == 0 || *end != '\0' || !(fabs(number) <= (double)G_MAXUINT32)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, *at, "the curve goes on with no number");
        return false;
    }
    *code = (float)number;
    *at += length;
    return true;
}

/** Moves over white space; gives the byte there, or 0 at the end of the file. */
static uint8_t skip_space(const sd_mapping *mapping, uint64_t *at)
{
    while (*at < mapping->size && g_ascii_isspace(mapping->data[*at])) {
        (*at)++;
    }
    return *at < mapping->size ? mapping->data[*at] : 0;
}

/** Reads the numbers of a text curve into a temporary file; moves the end of the curve there. */
static bool unpack_text(sd_reader *reader, curve *c, sd_spool *spool)
{
    float codes[CODES_AT_ONCE];
    size_t count = 0;
    uint64_t at = c->at;
    for (bool more = true; more;) {
        skip_space(reader->mapping, &at);
        if (!read_code(reader, &at, &codes[count++])) {
            return false;
        }
        more = skip_space(reader->mapping, &at) == ',';
        at += more;
        if (!more || count == CODES_AT_ONCE) {
            if (!sd_spool_write(spool, codes, count * sizeof codes[0], &reader->error)) {
                return false;
            }
            count = 0;
        }
    }
    c->end = at;
    return true;
}

/** Points the channel at the numbers of a text curve. */
static void use_text(sd_waveform *waveform, sd_reader *reader, curve *c, sd_channel *channel)
{
    if (reader->error) {
        return;
    }
    sd_spool *spool = sd_spool_new(reader->mapping, &reader->error);
    if (!spool) {
        return;
    }
    sd_mapping *codes = unpack_text(reader, c, spool) ? sd_spool_map(spool, &reader->error) : NULL;
    sd_spool_free(spool);
    if (!codes) {
        return;
    }
    sd_waveform_keep(waveform, codes);
    channel->type = SD_SAMPLE_F32;
    channel->big_endian = G_BYTE_ORDER == G_BIG_ENDIAN;
    channel->stride = sizeof(float);
    channel->segment[0].data = codes->data;
    channel->segment[0].count = codes->size / sizeof(float);
}

/** Says what stands behind the curve: an oscilloscope may add the preamble of a second one. */
static void note_rest(sd_waveform *waveform, const curve *c)
{
    const sd_mapping *mapping = waveform->mapping;
    uint64_t at = c->end;
    while (skip_space(mapping, &at) == ';') {
        at++;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        if (sd_mapping_equals(mapping, at, beginnings[i], strlen(beginnings[i]))) {
            sd_waveform_note(
                waveform,
                "a second curve follows the first and was left out (byte %" G_GUINT64_FORMAT ")",
                at);
            return;
        }
    }
    if (at < mapping->size) {
        sd_waveform_note(waveform,
                         "%" G_GUINT64_FORMAT
                         " bytes behind the curve were left out (byte %" G_GUINT64_FORMAT ")",
                         mapping->size - at, at);
    }
}

static bool open_tektronix_isf(sd_waveform *waveform, const sd_waveform_options *options,
                               GError **error)
{
    (void)options;
    const sd_mapping *mapping = waveform->mapping;
    sd_reader reader = {.mapping = mapping};
    preamble p = {0};
    read_preamble(&reader, &p);
    if (!reader.error) {
        waveform->format = "Tektronix ISF";
        sd_waveform_allocate(waveform, 1, 1);
        sd_channel *channel = &waveform->channel[0];
        check_kind(&reader, &p);
        read_channel(&reader, &p, channel);
        curve c = find_curve(&reader, &p);
        if (c.ascii) {
            use_text(waveform, &reader, &c, channel);
        } else {
            use_block(&reader, &p, &c, channel);
        }
        check_points(&reader, &p, &c, channel->segment[0].count);
        if (!reader.error) {
            sd_segment_set_time(&channel->segment[0], mapping->modified,
                                mapping->modified_fraction);
            note_rest(waveform, &c);
        }
    }
    clear_preamble(&p);
    return sd_reader_finish(&reader, error);
}

const sd_format sd_format_tektronix_isf = {
    .name = "Tektronix ISF",
    .name_pattern = "*.isf",
    .match = match,
    .open = open_tektronix_isf,
};
