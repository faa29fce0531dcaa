/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MATLAB .mat of version 4 (MathWorks, "MAT-File Format", "Level 4"), which PicoScope writes: one
 * variable after the other, each with a header of 20 bytes, its name, and its numbers, which are
 * read in place. There is no magic: the first header and name have to be plausible.
 */
#include "scopedump/error.h"
#include "waveform/arrays.h"
#include "waveform/format.h"
#include "waveform/reader.h"

#define HEADER_SIZE   20
#define NAME_MAX_SIZE 64   /**< With the NUL at its end; MATLAB allows 19 characters. */
#define VARIABLES_MAX 4096 /**< No oscilloscope writes more than some dozens. */

/** Offsets in the header of a variable. */
enum {
    AT_TYPE = 0, /**< Decimal digits: byte order, 0, how numbers are stored, what they mean. */
    AT_ROWS = 4,
    AT_COLUMNS = 8,
    AT_COMPLEX = 12,
    AT_NAME_SIZE = 16,
};

/** Added to the type in big-endian files; more thousands: numbers of other computers. */
#define BIG_ENDIAN_TYPES 1000

/** The last digit of the type. */
enum {
    MEANING_NUMBERS = 0,
    MEANING_SPARSE = 2,
};

/** The digit before it. */
static const sd_sample_type stored[] = {
    SD_SAMPLE_F64, SD_SAMPLE_F32, SD_SAMPLE_S32, SD_SAMPLE_S16, SD_SAMPLE_U16, SD_SAMPLE_U8,
};

/** The header of a variable. */
typedef struct {
    uint64_t at;
    uint32_t type; /**< Without the byte order. */
    uint64_t rows, columns, name_size;
    bool complex;
} variable;

/** Reads a header in the byte order of the reader; false if it cannot be one. */
static bool read_variable(sd_reader *reader, uint64_t at, variable *v)
{
    uint32_t type = sd_reader_u32(reader, at + AT_TYPE, "the type of a variable");
    uint32_t complex = sd_reader_u32(reader, at + AT_COMPLEX, "the mark of complex numbers");
    *v = (variable){
        .at = at,
        .type = reader->big_endian ? type - BIG_ENDIAN_TYPES : type,
        .rows = sd_reader_u32(reader, at + AT_ROWS, "the rows of a variable"),
        .columns = sd_reader_u32(reader, at + AT_COLUMNS, "the columns of a variable"),
        .complex = complex != 0,
        .name_size = sd_reader_u32(reader, at + AT_NAME_SIZE, "the size of a name"),
    };
    /* Tens and units; with a wrong byte order, the number is huge. */
    return !reader->error && v->type / 10 < G_N_ELEMENTS(stored) &&
           v->type % 10 <= MEANING_SPARSE && complex <= 1 && v->name_size >= 2 &&
           v->name_size <= NAME_MAX_SIZE;
}

/** Whether the name of a variable is one that MATLAB allows. */
static bool is_name(const sd_mapping *mapping, const variable *v)
{
    if (!sd_mapping_has(mapping, v->at + HEADER_SIZE, v->name_size))
        return false;
    const uint8_t *name = mapping->data + v->at + HEADER_SIZE;
    bool good = g_ascii_isalpha(name[0]) && name[v->name_size - 1] == 0;
    for (uint64_t i = 1; good && i + 1 < v->name_size; i++)
        good = g_ascii_isalnum(name[i]) || name[i] == '_';
    return good;
}

/** Whether the file begins with a variable in this byte order. */
static bool begins(const sd_mapping *mapping, bool big_endian)
{
    sd_reader reader = {.mapping = mapping, .big_endian = big_endian};
    variable v;
    bool good = read_variable(&reader, 0, &v) && is_name(mapping, &v);
    return sd_reader_finish(&reader, NULL) && good;
}

static int match(const sd_mapping *mapping)
{
    return begins(mapping, false) || begins(mapping, true) ? 50 : 0;
}

/** Appends a variable to the arrays, or notes why not; gives where the next one begins. */
static uint64_t take_variable(sd_waveform *waveform, sd_reader *reader, const variable *v,
                              GArray *arrays)
{
    const uint64_t data = v->at + HEADER_SIZE + v->name_size;
    g_autofree char *name =
        sd_reader_text(reader, v->at + HEADER_SIZE, (size_t)v->name_size, "a name");
    const sd_sample_type type = stored[v->type / 10];
    uint64_t size = 0; /* the sizes have 32 bits: their product alone does not overflow */
    if (!g_uint64_checked_mul(&size, v->rows * v->columns,
                              sd_sample_size(type) * (v->complex ? 2 : 1)) ||
        !sd_mapping_has(reader->mapping, data, size)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, v->at + AT_ROWS,
                       "the variable \"%s\" is said to have %" G_GUINT64_FORMAT
                       " x %" G_GUINT64_FORMAT
                       " numbers, more than the file has bytes for: it is cut or damaged",
                       name, v->rows, v->columns);
        return reader->mapping->size;
    }
    if (v->type % 10 == MEANING_NUMBERS && !v->complex && size > 0) {
        sd_array array = {
            .name = g_steal_pointer(&name),
            .data = reader->mapping->data + data,
            .type = type,
            .big_endian = reader->big_endian,
            .size = {v->rows, v->columns},
            .column_major = true,
        };
        g_array_append_val(arrays, array);
    } else if (v->complex || v->type % 10 == MEANING_SPARSE) {
        sd_waveform_note(waveform,
                         "the variable \"%s\" is no vector or matrix of real numbers and was left "
                         "out",
                         name);
    }
    return data + size;
}

static bool open_matlab4(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    const sd_mapping *mapping = waveform->mapping;
    sd_reader reader = {.mapping = mapping, .big_endian = !begins(mapping, false)};
    g_autoptr(GArray) arrays = sd_arrays_new();
    unsigned count = 0;
    for (uint64_t at = 0; at < mapping->size && !reader.error; count++) {
        variable v;
        if (count == VARIABLES_MAX) {
            sd_reader_fail(&reader, SD_ERROR_UNSUPPORTED, at,
                           "the file has more than %d variables: it is no record of an "
                           "oscilloscope",
                           VARIABLES_MAX);
        } else if (!read_variable(&reader, at, &v) || !is_name(mapping, &v)) {
            sd_reader_fail(&reader, SD_ERROR_DAMAGED, at, "there should be a variable here");
        } else {
            at = take_variable(waveform, &reader, &v, arrays);
        }
    }
    waveform->format = "MATLAB 4";
    return sd_reader_finish(&reader, error) &&
           sd_arrays_to_channels(waveform, arrays,
                                 "MATLAB variables, of which none is a time axis,", options, error);
}

const sd_format sd_format_matlab4 = {
    .name = "MATLAB 4 file",
    .match = match,
    .open = open_matlab4,
    .takes_scale = true,
};
