/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LeCroy waveform files (.trc): template LECROY_2_3 of the remote control manual. A descriptor
 * (WAVEDESC), in sequence mode a pair of trigger times for each segment, and the codes.
 * volts = gain x code - offset.
 */
#include "file_format.h"
#include "header.h"
#include "quantise.h"

#include <math.h>
#include <string.h>

#define DESCRIPTOR_SIZE   346
#define TRIGGER_PAIR_SIZE 16
#define LONGEST_NINE      999999999 /* what #9 can count; #A has ten digits */

/* TRIGGER_TIME: seconds as a double, then the date in single bytes. */
static void put_trigger_time(const gen_header *h, size_t at, const gen_options *options,
                             const gen_segment *first)
{
    /* A few digits of the fraction of a nanosecond are lost: a double holds 60 s to 7 fs. */
    int64_t before_ns = llround(GEN_START * 1e9);
    GDateTime *time = g_date_time_new_from_unix_utc((first->time_ns - before_ns) / 1000000000);
    double fraction = (double)((first->time_ns - before_ns) % 1000000000) * 1e-9 -
                      gen_trigger_fraction(0) / options->sample_rate;
    gen_put_double(h, at, g_date_time_get_second(time) + fraction);
    h->bytes[at + 8] = (uint8_t)g_date_time_get_minute(time);
    h->bytes[at + 9] = (uint8_t)g_date_time_get_hour(time);
    h->bytes[at + 10] = (uint8_t)g_date_time_get_day_of_month(time);
    h->bytes[at + 11] = (uint8_t)g_date_time_get_month(time);
    gen_put16(h, at + 12, (uint16_t)g_date_time_get_year(time));
    g_date_time_unref(time);
}

static void put_descriptor(const gen_header *h, const gen_writer *writer, uint32_t array_size)
{
    const gen_options *options = writer->options;
    unsigned segments = options->segments;
    uint32_t count = (uint32_t)options->samples * segments;
    bool words = options->sample_format == GEN_S16;
    float limit = words ? 32768 : 128;

    gen_put_text(h, 0, "WAVEDESC");
    gen_put_text(h, 16, "LECROY_2_3");
    gen_put16(h, 32, words);
    gen_put16(h, 34, !options->big_endian);
    gen_put32(h, 36, DESCRIPTOR_SIZE);
    gen_put32(h, 48, segments > 1 ? segments * TRIGGER_PAIR_SIZE : 0);
    gen_put32(h, 60, array_size);
    gen_put_text(h, 76, "LECROYGENERATOR");
    gen_put32(h, 92, 1);

    gen_put32(h, 116, count);
    gen_put32(h, 120, count);
    gen_put32(h, 128, count - 1);
    gen_put32(h, 136, 1); /* sparsing factor */
    gen_put32(h, 144, segments);
    gen_put32(h, 148, 1); /* sweeps per acquisition */

    gen_put_float(h, 156, (float)gen_file_scale(options));
    gen_put_float(h, 160, (float)-gen_file_offset(options));
    gen_put_float(h, 164, limit - 1);
    gen_put_float(h, 168, -limit);
    gen_put16(h, 172, words ? 16 : 8);
    gen_put16(h, 174, (uint16_t)segments);
    gen_put_float(h, 176, (float)(1 / options->sample_rate));
    gen_put_double(h, 180, gen_trigger_to_sample(options, 0));
    gen_put_double(h, 188, GEN_START);
    gen_put_text(h, 196, "V");
    gen_put_text(h, 244, "S");
    gen_put_float(h, 292, 1e-12F); /* uncertainty of the horizontal offset */

    if (options->has_time)
        put_trigger_time(h, 296, options, &writer->record->segment[0]);
    gen_put16(h, 326, 2);     /* DC, 1 Mohm */
    gen_put_float(h, 328, 1); /* probe */
    gen_put_float(h, 336, 1); /* vernier */
    gen_put16(h, 344, (uint16_t)writer->first_leg);
}

static bool begin(gen_writer *writer, GError **error)
{
    const gen_options *options = writer->options;
    uint64_t times = options->segments > 1 ? options->segments * TRIGGER_PAIR_SIZE : 0;
    uint64_t samples = options->samples * gen_sample_size(options->sample_format);
    if (samples > INT32_MAX / options->segments || options->segments > INT16_MAX) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s: too many samples for a .trc file", writer->path);
        return false;
    }
    uint32_t array_size = (uint32_t)samples * options->segments;
    uint64_t size = DESCRIPTOR_SIZE + times + array_size;
    char prefix[16];
    (void)g_snprintf(prefix, sizeof prefix,
                     size > LONGEST_NINE ? "#A%010" G_GUINT64_FORMAT : "#9%09" G_GUINT64_FORMAT,
                     size);
    if (options->prefix)
        gen_writer_bytes(writer, prefix, strlen(prefix));

    uint8_t *bytes = g_malloc0(DESCRIPTOR_SIZE + times);
    gen_header descriptor = {bytes, options->big_endian};
    put_descriptor(&descriptor, writer, array_size);
    for (unsigned k = 0; k < options->segments && times > 0; k++) {
        size_t at = DESCRIPTOR_SIZE + (size_t)k * TRIGGER_PAIR_SIZE;
        gen_put_double(&descriptor, at, gen_trigger_since_first(options, writer->record, k));
        gen_put_double(&descriptor, at + 8, gen_trigger_to_sample(options, k));
    }
    gen_writer_bytes(writer, bytes, DESCRIPTOR_SIZE + times);
    g_free(bytes);
    return true;
}

const gen_file_format gen_format_lecroy = {
    .suffix = ".trc",
    .sample_formats = 1 << GEN_S8 | 1 << GEN_S16,
    .holds = GEN_HOLDS_SEGMENTS | GEN_HOLDS_BIG_ENDIAN | GEN_HOLDS_TIME,
    .begin = begin,
};
