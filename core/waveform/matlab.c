/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MATLAB .mat of version 5 (MathWorks, "MAT-File Format"): 128 bytes of header, then variables,
 * each an element with type and size. Numbers are read in place; variables that are compressed
 * (version 7) are unpacked into a temporary file. Version 7.3 is HDF5 and read by hdf5.c.
 *
 * Tektronix scopes write data, time, sampleInterval, zeroIndex and some texts; arrays.h knows what
 * the numbers mean.
 *
 * Not by libmatio, which gives numbers but not where they stand: a record would be copied at each
 * opening, and no error could name a byte. Of 1,800 damaged copies of three files of under 1 kB,
 * version 1.5.23 crashed on 24 and took over 100 MB for 18 others, up to 4.2 GB: even in a process
 * of its own (isolated.h) it would not keep the memory within the file's size.
 */
#include "scopedump/error.h"
#include "waveform/arrays.h"
#include "waveform/format.h"
#include "waveform/inflate.h"
#include "waveform/reader.h"
#include "waveform/spool.h"

#include <string.h>

#define MAGIC         "MATLAB 5.0 MAT-file"
#define AT_ORDER      126 /**< "IM": little-endian, "MI": big-endian. */
#define HEADER_SIZE   128
#define TAG_SIZE      8
#define FLAGS_SIZE    8
#define VARIABLES_MAX 4096 /**< No oscilloscope writes more than some dozens. */
#define TEXT_MAX      256

/** Element types that are no plain numbers. */
enum {
    TYPE_UINT16 = 4,
    TYPE_MATRIX = 14,
    TYPE_COMPRESSED = 15,
};

/** Element types of plain numbers and texts; the index is the number in the file. */
static const struct {
    bool supported;
    sd_sample_type type;
} numbers[] = {
    [1] = {true, SD_SAMPLE_S8},  [2] = {true, SD_SAMPLE_U8},  [3] = {true, SD_SAMPLE_S16},
    [4] = {true, SD_SAMPLE_U16}, [5] = {true, SD_SAMPLE_S32}, [6] = {true, SD_SAMPLE_U32},
    [7] = {true, SD_SAMPLE_F32}, [9] = {true, SD_SAMPLE_F64},
};

/** Classes of variables. */
enum {
    CLASS_CHAR = 4,
    CLASS_DOUBLE = 6, /**< The first of the numeric ones. */
    CLASS_UINT64 = 15,
};
#define FLAG_COMPLEX 0x0800U

/** An element: where its content stands. */
typedef struct {
    uint32_t type;
    uint64_t at, size;
    uint64_t next;
} element;

/** Where a variable stands: in the file, or unpacked. */
typedef struct {
    bool unpacked;
    uint64_t at, size;
} variable;

/** What is read from a file. */
typedef struct {
    sd_waveform *waveform;
    GArray *variables; /**< variable */
    GArray *arrays;    /**< sd_array */
    char *model, *source, *unit, *kind;
} contents;

static int match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, MAGIC, strlen(MAGIC)) ? 95 : 0;
}

/** Reads the tag of an element that has to end before @p end. A size of up to four bytes may stand
 * in the upper half of the type, with the content behind it. */
static element read_element(sd_reader *reader, uint64_t at, uint64_t end, const char *what)
{
    uint32_t word = sd_reader_u32(reader, at, what);
    element e = {
        .type = word,
        .at = at + TAG_SIZE,
        .size = sd_reader_u32(reader, at + 4, what),
    };
    if (word >> 16) {
        e = (element){.type = word & 0xFFFFU, .at = at + 4, .size = word >> 16};
    }
    if (!reader->error && (e.at > end || e.size > end - e.at)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at,
                       "%s is said to take %" G_GUINT64_FORMAT
                       " bytes, more than what holds it, or the file is cut",
                       what, e.size);
    }
    e.next = e.at + e.size;
    if (e.type != TYPE_COMPRESSED)
        e.next = MIN((e.next + 7) & ~UINT64_C(7), MAX(end, e.next));
    return e;
}

/** Lists the variables; those that are compressed go to the spool. */
static bool list_variables(contents *c, sd_reader *reader, sd_spool **spool, GError **error)
{
    const sd_mapping *mapping = c->waveform->mapping;
    uint64_t at = HEADER_SIZE;
    while (at < mapping->size) {
        element e = read_element(reader, at, mapping->size, "a variable");
        if (c->variables->len == VARIABLES_MAX) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at,
                           "the file has more than %d variables: it is no record of an "
                           "oscilloscope",
                           VARIABLES_MAX);
        }
        if (!sd_reader_finish(reader, error))
            return false;
        variable v = {.at = at, .size = e.next - at};
        if (e.type == TYPE_COMPRESSED) {
            if (!*spool && !(*spool = sd_spool_new(mapping, error)))
                return false;
            v = (variable){.unpacked = true, .at = sd_spool_size(*spool)};
            if (!sd_inflate(mapping, e.at, e.size, SD_INFLATE_ZLIB, UINT64_MAX, *spool, error))
                return false;
            v.size = sd_spool_size(*spool) - v.at;
        }
        g_array_append_val(c->variables, v);
        at = e.next;
    }
    return true;
}

/** Keeps the texts that oscilloscopes write. */
static void take_text(contents *c, sd_reader *reader, const char *name, const element *e)
{
    const struct {
        const char *name;
        char **to;
    } texts[] = {
        {"model", &c->model},
        {"waveformSource", &c->source},
        {"verticalUnits", &c->unit},
        {"waveformType", &c->kind},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (strcmp(name, texts[i].name) != 0 || *texts[i].to || e->size > TEXT_MAX)
            continue;
        GString *text = g_string_new(NULL);
        const size_t width = e->type == TYPE_UINT16 ? 2 : 1;
        for (uint64_t k = 0; k + width <= e->size; k += width) {
            if (width == 2)
                g_string_append_unichar(text, sd_reader_u16(reader, e->at + k, name));
            else
                g_string_append_c(text, (char)sd_reader_u8(reader, e->at + k, name));
        }
        *texts[i].to = g_utf8_make_valid(text->str, -1);
        g_string_free(text, TRUE);
    }
}

/** Takes a variable of numbers; those that are no vector or matrix of real numbers are noted. */
static void take_numbers(contents *c, sd_reader *reader, const char *name,
                         const element *dimensions, uint32_t flags, uint64_t at, uint64_t end)
{
    uint32_t class = flags & 0xFFU;
    if (class < CLASS_DOUBLE || class > CLASS_UINT64 || (flags & FLAG_COMPLEX) ||
        dimensions->size != 8) {
        sd_waveform_note(c->waveform,
                         "the variable \"%s\" is no vector or matrix of real numbers and was left "
                         "out",
                         name);
        return;
    }
    sd_array array = {
        .column_major = true,
        .big_endian = reader->big_endian,
        .size = {sd_reader_u32(reader, dimensions->at, "the size of a variable"),
                 sd_reader_u32(reader, dimensions->at + 4, "the size of a variable")},
    };
    element e = read_element(reader, at, end, "the numbers of a variable");
    if (reader->error || array.size[0] == 0 || array.size[1] == 0)
        return;
    if (e.type >= G_N_ELEMENTS(numbers) || !numbers[e.type].supported) {
        sd_waveform_note(c->waveform,
                         "the variable \"%s\" has numbers of the type %u, which cannot be read, "
                         "and was left out",
                         name, e.type);
        return;
    }
    array.type = numbers[e.type].type;
    uint64_t bytes = 0; /* the sizes have 32 bits: no overflow in their product */
    if (!g_uint64_checked_mul(&bytes, sd_array_count(&array), sd_sample_size(array.type)) ||
        bytes != e.size) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, e.at,
                       "the variable \"%s\" of %" G_GUINT64_FORMAT " x %" G_GUINT64_FORMAT
                       " numbers has %" G_GUINT64_FORMAT " bytes",
                       name, array.size[0], array.size[1], e.size);
        return;
    }
    array.data = reader->mapping->data + e.at;
    array.name = g_strdup(name);
    g_array_append_val(c->arrays, array);
}

/** Reads one variable: flags, dimensions, name, content. */
static void read_variable(contents *c, sd_reader *reader, const variable *v)
{
    const uint64_t end = v->at + v->size;
    element matrix = read_element(reader, v->at, end, "a variable");
    if (reader->error || matrix.type != TYPE_MATRIX || matrix.size == 0)
        return;
    element flags = read_element(reader, matrix.at, end, "the flags of a variable");
    element dimensions = read_element(reader, flags.next, end, "the size of a variable");
    element name = read_element(reader, dimensions.next, end, "the name of a variable");
    if (!reader->error && flags.size != FLAGS_SIZE) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, flags.at,
                       "the flags of a variable have %" G_GUINT64_FORMAT " bytes, not %d",
                       flags.size, FLAGS_SIZE);
    }
    if (reader->error)
        return;
    uint32_t bits = sd_reader_u32(reader, flags.at, "the flags of a variable");
    g_autofree char *text =
        sd_reader_text(reader, name.at, (size_t)MIN(name.size, TEXT_MAX), "the name of a variable");
    if ((bits & 0xFFU) == CLASS_CHAR) {
        element e = read_element(reader, name.next, end, "the text of a variable");
        if (!reader->error)
            take_text(c, reader, text, &e);
        return;
    }
    take_numbers(c, reader, text, &dimensions, bits, name.next, end);
}

/** Reads all variables, and unpacks those that are compressed before. */
static bool read_contents(contents *c, GError **error)
{
    sd_waveform *waveform = c->waveform;
    sd_reader reader = {.mapping = waveform->mapping};
    sd_reader_require(&reader, 0, HEADER_SIZE, "the header");
    if (!sd_reader_finish(&reader, error))
        return false;
    reader.big_endian = sd_mapping_equals(waveform->mapping, AT_ORDER, "MI", 2);
    if (!reader.big_endian && !sd_mapping_equals(waveform->mapping, AT_ORDER, "IM", 2)) {
        sd_reader_fail(&reader, SD_ERROR_DAMAGED, AT_ORDER,
                       "the mark of the byte order is neither \"IM\" nor \"MI\"");
        return sd_reader_finish(&reader, error);
    }
    sd_spool *spool = NULL;
    sd_mapping *unpacked = NULL;
    bool good = list_variables(c, &reader, &spool, error);
    if (good && spool) {
        unpacked = sd_spool_map(spool, error);
        good = unpacked != NULL;
    }
    sd_spool_free(spool);
    if (!good)
        return false;
    sd_reader packed = {.mapping = unpacked, .big_endian = reader.big_endian};
    if (unpacked) {
        sd_waveform_keep(waveform, unpacked);
        sd_waveform_note(waveform, "the variables are compressed: they were unpacked to a "
                                   "temporary file");
    }
    for (guint i = 0; i < c->variables->len && !reader.error && !packed.error; i++) {
        const variable *v = &g_array_index(c->variables, variable, i);
        read_variable(c, v->unpacked ? &packed : &reader, v);
    }
    return sd_reader_finish(&reader, error) && sd_reader_finish(&packed, error);
}

/** Makes the channels, with the texts that the scope wrote. */
static bool set_channels(contents *c, const sd_waveform_options *options, GError **error)
{
    sd_waveform *waveform = c->waveform;
    if (c->kind && g_ascii_strcasecmp(c->kind, "Analog") != 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s holds a waveform of the type \"%s\", not a voltage record",
                    waveform->mapping->name, c->kind);
        return false;
    }
    if (!sd_arrays_to_channels(waveform, c->arrays,
                               "MATLAB variables, of which none is a time axis,", options, error))
        return false;
    waveform->instrument = g_strdup(c->model);
    for (size_t i = 0; c->unit && i < waveform->channels; i++) {
        g_free(waveform->channel[i].unit);
        waveform->channel[i].unit = g_strdup(c->unit);
    }
    if (c->source && waveform->channels == 1) {
        g_free(waveform->channel[0].name);
        waveform->channel[0].name = g_strdup(c->source);
    }
    return true;
}

static bool open_matlab(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    contents c = {
        .waveform = waveform,
        .variables = g_array_new(FALSE, FALSE, sizeof(variable)),
        .arrays = sd_arrays_new(),
    };
    waveform->format = "MATLAB 5";
    bool good = read_contents(&c, error) && set_channels(&c, options, error);
    g_array_unref(c.variables);
    g_array_unref(c.arrays);
    g_free(c.model);
    g_free(c.source);
    g_free(c.unit);
    g_free(c.kind);
    return good;
}

const sd_format sd_format_matlab = {
    .name = "MATLAB file",
    .name_pattern = "*.mat",
    .match = match,
    .open = open_matlab,
    .takes_scale = true,
};
