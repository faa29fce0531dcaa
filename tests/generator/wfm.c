/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tektronix reference waveform files (.wfm, WFM#001 to WFM#003; Tektronix documents 001-1378 and
 * 077-0220).
 */
#include "file_format.h"
#include "header.h"
#include "quantise.h"

#include <math.h>
#include <string.h>

#define NS_PER_SECOND    INT64_C(1000000000)
#define UPDATE_SPEC_SIZE 24
#define CURVE_SPEC_SIZE  30
#define FILE_HEADER_SIZE 78 /* the waveform header begins behind it */
#define CHECKSUM_SIZE    8

/*
 * Where the parts of the header lie in each version: #002 adds the summary frame (2 bytes) to #001,
 * #003 widens the point density of the four dimensions from 4 to 8 bytes.
 */
static const struct {
    size_t summary_frame; /* 0: none */
    size_t voltage, second_voltage, time, second_time;
    size_t time_base, update, curve, end;
    bool density_is_double;
    bool size_counts_extra; /* older files count the extra samples in the size of the time axis */
} layouts[] = {
    [1] = {0, 166, 322, 478, 610, 742, 766, 790, 820, false, true},
    [2] = {154, 168, 324, 480, 612, 744, 768, 792, 822, false, true},
    [3] = {154, 168, 328, 488, 624, 760, 784, 808, 838, true, false},
};

/* Codes of the sample formats in the field "format" of an explicit dimension. */
static const uint32_t format_codes[] = {[GEN_S8] = 7, [GEN_S16] = 0, [GEN_F32] = 4};

/* "No storage", for dimensions that are not used, and "sample". */
enum { STORAGE_SAMPLE = 0, STORAGE_INVALID = 6 };

/* Fields that an explicit and an implicit dimension share: scale, offset, size, units. */
static void put_dimension(const gen_header *h, size_t at, double scale, double offset,
                          uint32_t size, const char *units)
{
    gen_put_double(h, at, scale);
    gen_put_double(h, at + 8, offset);
    gen_put32(h, at + 16, size);
    gen_put_text(h, at + 20, units);
}

/* The user view behind a dimension: scale, units, offset, point density, reference, delay. */
static void put_view(const gen_header *h, size_t at, double scale, const char *units, bool wide)
{
    gen_put_double(h, at, scale);
    gen_put_text(h, at + 8, units);
    if (wide)
        gen_put_double(h, at + 36, 1);
    else
        gen_put32(h, at + 36, 1);
    gen_put_double(h, at + (wide ? 44 : 40), 50);
}

/* The acquisition time of a segment: its trigger, which lies -start - fraction after sample 0. */
static void put_update(const gen_header *h, size_t at, const gen_options *options,
                       const gen_segment *segment, unsigned index)
{
    double fraction = gen_trigger_fraction(index);
    gen_put_double(h, at + 4, fraction);
    if (!options->has_time)
        return;
    int64_t trigger_ns = segment->time_ns - (int64_t)llround(GEN_START * 1e9);
    int64_t seconds = trigger_ns / NS_PER_SECOND;
    double part = (double)(trigger_ns % NS_PER_SECOND) * 1e-9 - fraction / options->sample_rate;
    if (part < 0) {
        part += 1;
        seconds--;
    }
    gen_put_double(h, at + 12, part);
    gen_put32(h, at + 20, (uint32_t)seconds);
}

static void put_curve(const gen_header *h, size_t at, uint32_t extra, uint32_t record)
{
    gen_put32(h, at, 0x51); /* state: valid */
    gen_put32(h, at + 10, 0);
    gen_put32(h, at + 14, extra);
    gen_put32(h, at + 18, extra + record);
    gen_put32(h, at + 22, extra + record + extra);
    gen_put32(h, at + 26, extra + record + extra);
}

/* Makes all bytes before the curve buffer; NULL when a segment does not fit the 32-bit fields. */
static GByteArray *make_header(const gen_options *options, const gen_record *record, GError **error)
{
    unsigned version = options->wfm_version;
    size_t sample_size = gen_sample_size(options->sample_format);
    uint64_t all_samples = options->samples + 2 * options->precharge;
    if (all_samples > UINT32_MAX / sample_size) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s: too many samples for a .wfm file", options->out);
        return NULL;
    }
    unsigned more = record->segments - 1;
    size_t size = layouts[version].end + (size_t)more * (UPDATE_SPEC_SIZE + CURVE_SPEC_SIZE);
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, (guint)size);
    memset(bytes->data, 0, size);
    gen_header h = {bytes->data, options->big_endian};

    /* File header. */
    memset(h.bytes, options->big_endian ? 0xF0 : 0x0F, 2);
    char name[16];
    g_snprintf(name, sizeof name, ":WFM#%03u", version);
    gen_put_text(&h, 2, name);
    uint64_t file_size = size + all_samples * sample_size * record->segments + CHECKSUM_SIZE;
    uint32_t to_the_end = (uint32_t)MIN(file_size - 15, (uint64_t)INT32_MAX);
    h.bytes[10] = (uint8_t)(1 + floor(log10(to_the_end)));
    gen_put32(&h, 11, to_the_end);
    h.bytes[15] = (uint8_t)sample_size;
    gen_put32(&h, 16, (uint32_t)size);
    gen_put32(&h, 20, 1);
    gen_put_double(&h, 28, 1);
    gen_put_text(&h, 40, "scopedump-generate");
    gen_put32(&h, 72, more);
    gen_put16(&h, 76, (uint16_t)(layouts[version].end - FILE_HEADER_SIZE));

    /* Waveform header. */
    gen_put32(&h, 78, more > 0 ? 1 : 0); /* FastFrame or single */
    gen_put32(&h, 82, 1);
    gen_put32(&h, 102, 5);
    gen_put32(&h, 110, 1);
    gen_put32(&h, 114, 1);
    gen_put32(&h, 118, 1);
    gen_put32(&h, 122, 2); /* vector */
    gen_put32(&h, 134, 1);
    gen_put32(&h, 138, 1);
    gen_put32(&h, 142, 1);
    gen_put32(&h, 146, more > 0 ? more + 1 : 0);
    gen_put32(&h, 150, more > 0 ? more + 1 : 0);

    /* Dimensions: voltage explicit, time implicit, and the second of each, not used. */
    bool wide = layouts[version].density_is_double;
    size_t voltage = layouts[version].voltage, second = layouts[version].second_voltage;
    put_dimension(&h, voltage, gen_file_scale(options), gen_file_offset(options), 0, "V");
    gen_put_double(&h, voltage + 56, 1);
    gen_put32(&h, voltage + 72, format_codes[options->sample_format]);
    gen_put32(&h, voltage + 76, STORAGE_SAMPLE);
    put_view(&h, voltage + 100, gen_file_amplitude(options) / 8, "V", wide);
    gen_put32(&h, second + 72, wide ? 9 : 6);
    gen_put32(&h, second + 76, STORAGE_INVALID);
    put_view(&h, second + 100, 0, "", wide);
    size_t time = layouts[version].time;
    put_dimension(&h, time, 1 / options->sample_rate, GEN_START,
                  (uint32_t)(layouts[version].size_counts_extra ? all_samples : options->samples),
                  "s");
    put_view(&h, time + 76, (double)options->samples / options->sample_rate / 10, "s", wide);
    put_view(&h, layouts[version].second_time + 76, 0, "", wide);
    size_t time_base = layouts[version].time_base;
    gen_put32(&h, time_base, 1);
    gen_put32(&h, time_base + 4, 1);
    gen_put32(&h, time_base + 12 + 4, 3);
    gen_put32(&h, time_base + 12 + 8, 3);

    /* One update and one curve specification for each segment; those of the first lie in the fixed
     * header. Offsets count from the begin of the segment in the curve buffer. */
    uint32_t extra = (uint32_t)(options->precharge * sample_size);
    uint32_t data = (uint32_t)(options->samples * sample_size);
    for (unsigned k = 0; k < record->segments; k++) {
        size_t update = k == 0 ? layouts[version].update
                               : layouts[version].end + (size_t)(k - 1) * UPDATE_SPEC_SIZE;
        size_t curve = k == 0 ? layouts[version].curve
                              : layouts[version].end + (size_t)more * UPDATE_SPEC_SIZE +
                                    (size_t)(k - 1) * CURVE_SPEC_SIZE;
        put_update(&h, update, options, &record->segment[k], k);
        put_curve(&h, curve, extra, data);
    }
    return bytes;
}

static bool begin(gen_writer *writer, GError **error)
{
    GByteArray *header = make_header(writer->options, writer->record, error);
    if (header == NULL)
        return false;
    gen_writer_bytes(writer, header->data, header->len);
    g_byte_array_unref(header);
    return true;
}

/* The checksum is the sum of all bytes before it. */
static void end(gen_writer *writer)
{
    uint8_t bytes[CHECKSUM_SIZE];
    gen_header header = {bytes, writer->options->big_endian};
    gen_put(&header, 0, writer->sum, CHECKSUM_SIZE);
    gen_writer_bytes(writer, bytes, CHECKSUM_SIZE);
}

const gen_file_format gen_format_wfm = {
    .suffix = ".wfm",
    .sample_formats = 1 << GEN_S8 | 1 << GEN_S16 | 1 << GEN_F32,
    .holds = GEN_HOLDS_SEGMENTS | GEN_HOLDS_PRECHARGE | GEN_HOLDS_BIG_ENDIAN | GEN_HOLDS_TIME,
    .begin = begin,
    .end = end,
};
