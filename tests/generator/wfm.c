/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wfm.h"
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

typedef struct {
    uint8_t *bytes;
    bool big_endian;
} header;

/* Stores size bytes of a number in the byte order of the file. */
static void put(const header *h, size_t at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        h->bytes[at + (h->big_endian ? size - 1 - i : i)] = (uint8_t)(value >> (8 * i));
}

static void put16(const header *h, size_t at, uint16_t value)
{
    put(h, at, value, 2);
}

static void put32(const header *h, size_t at, uint32_t value)
{
    put(h, at, value, 4);
}

static void put_double(const header *h, size_t at, double value)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    put(h, at, word, 8);
}

static void put_text(const header *h, size_t at, const char *text)
{
    memcpy(h->bytes + at, text, strlen(text));
}

/* Fields that an explicit and an implicit dimension share: scale, offset, size, units. */
static void put_dimension(const header *h, size_t at, double scale, double offset, uint32_t size,
                          const char *units)
{
    put_double(h, at, scale);
    put_double(h, at + 8, offset);
    put32(h, at + 16, size);
    put_text(h, at + 20, units);
}

/* The user view behind a dimension: scale, units, offset, point density, reference, delay. */
static void put_view(const header *h, size_t at, double scale, const char *units, bool wide)
{
    put_double(h, at, scale);
    put_text(h, at + 8, units);
    if (wide)
        put_double(h, at + 36, 1);
    else
        put32(h, at + 36, 1);
    put_double(h, at + (wide ? 44 : 40), 50);
}

/* The acquisition time of a segment: its trigger, which lies -start - fraction after sample 0. */
static void put_update(const header *h, size_t at, const gen_options *options,
                       const gen_segment *segment, unsigned index)
{
    double fraction = fmod(0.25 + 0.375 * index, 1);
    put_double(h, at + 4, fraction);
    if (!options->has_time)
        return;
    int64_t trigger_ns = segment->time_ns - (int64_t)llround(GEN_WFM_START * 1e9);
    int64_t seconds = trigger_ns / NS_PER_SECOND;
    double part = (double)(trigger_ns % NS_PER_SECOND) * 1e-9 - fraction / options->sample_rate;
    if (part < 0) {
        part += 1;
        seconds--;
    }
    put_double(h, at + 12, part);
    put32(h, at + 20, (uint32_t)seconds);
}

static void put_curve(const header *h, size_t at, uint32_t extra, uint32_t record)
{
    put32(h, at, 0x51); /* state: valid */
    put32(h, at + 10, 0);
    put32(h, at + 14, extra);
    put32(h, at + 18, extra + record);
    put32(h, at + 22, extra + record + extra);
    put32(h, at + 26, extra + record + extra);
}

GByteArray *gen_wfm_header(const gen_options *options, const gen_record *record, GError **error)
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
    header h = {bytes->data, options->big_endian};

    /* File header. */
    memset(h.bytes, options->big_endian ? 0xF0 : 0x0F, 2);
    char name[16];
    g_snprintf(name, sizeof name, ":WFM#%03u", version);
    put_text(&h, 2, name);
    uint64_t file_size = size + all_samples * sample_size * record->segments + CHECKSUM_SIZE;
    uint32_t to_the_end = (uint32_t)MIN(file_size - 15, (uint64_t)INT32_MAX);
    h.bytes[10] = (uint8_t)(1 + floor(log10(to_the_end)));
    put32(&h, 11, to_the_end);
    h.bytes[15] = (uint8_t)sample_size;
    put32(&h, 16, (uint32_t)size);
    put32(&h, 20, 1);
    put_double(&h, 28, 1);
    put_text(&h, 40, "scopedump-generate");
    put32(&h, 72, more);
    put16(&h, 76, (uint16_t)(layouts[version].end - FILE_HEADER_SIZE));

    /* Waveform header. */
    put32(&h, 78, more > 0 ? 1 : 0); /* FastFrame or single */
    put32(&h, 82, 1);
    put32(&h, 102, 5);
    put32(&h, 110, 1);
    put32(&h, 114, 1);
    put32(&h, 118, 1);
    put32(&h, 122, 2); /* vector */
    put32(&h, 134, 1);
    put32(&h, 138, 1);
    put32(&h, 142, 1);
    put32(&h, 146, more > 0 ? more + 1 : 0);
    put32(&h, 150, more > 0 ? more + 1 : 0);

    /* Dimensions: voltage explicit, time implicit, and the second of each, not used. */
    bool wide = layouts[version].density_is_double;
    size_t voltage = layouts[version].voltage, second = layouts[version].second_voltage;
    put_dimension(&h, voltage, gen_file_scale(options), gen_file_offset(options), 0, "V");
    put_double(&h, voltage + 56, 1);
    put32(&h, voltage + 72, format_codes[options->sample_format]);
    put32(&h, voltage + 76, STORAGE_SAMPLE);
    put_view(&h, voltage + 100, gen_file_amplitude(options) / 8, "V", wide);
    put32(&h, second + 72, wide ? 9 : 6);
    put32(&h, second + 76, STORAGE_INVALID);
    put_view(&h, second + 100, 0, "", wide);
    size_t time = layouts[version].time;
    put_dimension(&h, time, 1 / options->sample_rate, GEN_WFM_START,
                  (uint32_t)(layouts[version].size_counts_extra ? all_samples : options->samples),
                  "s");
    put_view(&h, time + 76, (double)options->samples / options->sample_rate / 10, "s", wide);
    put_view(&h, layouts[version].second_time + 76, 0, "", wide);
    size_t time_base = layouts[version].time_base;
    put32(&h, time_base, 1);
    put32(&h, time_base + 4, 1);
    put32(&h, time_base + 12 + 4, 3);
    put32(&h, time_base + 12 + 8, 3);

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
