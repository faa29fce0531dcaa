/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Agilent/Keysight .bin files, AG01, AG03 and AG10: float32 volts, little-endian. Each segment of
 * each channel is a waveform with a header of its own; here all of a channel stand together.
 */
#include "file_format.h"
#include "header.h"

#include <math.h>

#define WAVEFORM_HEADER_SIZE 140
#define SAMPLE_SIZE          4

enum { WAVEFORM_NORMAL = 1, UNIT_VOLT = 1, UNIT_SECOND = 2, BUFFER_FLOAT32 = 1 };

/* Version 3 has 64-bit sizes. */
static bool is_wide(const gen_options *options)
{
    return options->bin_version == 3;
}

static size_t file_header_size(const gen_options *options)
{
    return is_wide(options) ? 16 : 12;
}

static size_t buffer_header_size(const gen_options *options)
{
    return is_wide(options) ? 16 : 12;
}

/* Where the samples of a waveform begin. */
static uint64_t samples_at(const gen_options *options, unsigned waveform)
{
    uint64_t headers = WAVEFORM_HEADER_SIZE + buffer_header_size(options);
    return file_header_size(options) + headers +
           waveform * (headers + options->samples * SAMPLE_SIZE);
}

static void write_file_header(gen_writer *writer, unsigned waveforms)
{
    const gen_options *options = writer->options;
    uint64_t size =
        samples_at(options, waveforms) - WAVEFORM_HEADER_SIZE - buffer_header_size(options);
    uint8_t bytes[16] = {0};
    gen_header header = {bytes, false};
    char magic[8];
    (void)g_snprintf(magic, sizeof magic, "AG%02u", options->bin_version);
    gen_put_text(&header, 0, magic);
    gen_put(&header, 4, size, is_wide(options) ? 8 : 4);
    gen_put32(&header, is_wide(options) ? 12 : 8, waveforms);
    gen_writer_bytes(writer, bytes, file_header_size(options));
}

static void write_waveform_header(gen_writer *writer, unsigned channel, unsigned segment)
{
    const gen_options *options = writer->options;
    const gen_record *record = writer->record;
    uint8_t bytes[WAVEFORM_HEADER_SIZE + 16] = {0};
    gen_header header = {bytes, false};
    double start = gen_trigger_to_sample(options, segment);
    gen_put32(&header, 0, WAVEFORM_HEADER_SIZE);
    gen_put32(&header, 4, WAVEFORM_NORMAL);
    gen_put32(&header, 8, 1); /* buffers */
    gen_put32(&header, 12, (uint32_t)options->samples);
    gen_put32(&header, 16, 1); /* averages */
    gen_put_float(&header, 20, (float)((double)options->samples / options->sample_rate));
    gen_put_double(&header, 24, start);
    gen_put_double(&header, 32, 1 / options->sample_rate);
    gen_put_double(&header, 40, start);
    gen_put32(&header, 48, UNIT_SECOND);
    gen_put32(&header, 52, UNIT_VOLT);
    if (options->has_time) {
        GDateTime *time = g_date_time_new_from_unix_utc(
            (record->segment[0].time_ns - llround(GEN_START * 1e9)) / 1000000000);
        char *day = g_date_time_format(time, "%d");
        static const char months[][4] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                         "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
        char *date = g_strdup_printf("%s %s %d", day, months[g_date_time_get_month(time) - 1],
                                     g_date_time_get_year(time));
        char *clock = g_date_time_format(time, "%H:%M:%S");
        gen_put_text(&header, 56, date);
        gen_put_text(&header, 72, clock);
        g_free(day);
        g_free(date);
        g_free(clock);
        g_date_time_unref(time);
    }
    gen_put_text(&header, 88, "GENERATOR:1");
    char label[16];
    (void)g_snprintf(label, sizeof label, "Channel %u", writer->first_leg + channel + 1);
    gen_put_text(&header, 112, label);
    if (options->segments > 1) {
        gen_put_double(&header, 128, gen_trigger_since_first(options, record, segment));
        gen_put32(&header, 136, segment + 1);
    }
    /* The header of the buffer. */
    size_t at = WAVEFORM_HEADER_SIZE;
    gen_put32(&header, at, (uint32_t)buffer_header_size(options));
    gen_put16(&header, at + 4, BUFFER_FLOAT32);
    gen_put16(&header, at + 6, SAMPLE_SIZE);
    gen_put(&header, at + 8, options->samples * SAMPLE_SIZE, is_wide(options) ? 8 : 4);
    gen_writer_bytes(writer, bytes, at + buffer_header_size(options));
}

static bool begin(gen_writer *writer, GError **error)
{
    const gen_options *options = writer->options;
    unsigned waveforms = writer->channels * options->segments;
    bool fits = is_wide(options) ? options->samples <= INT32_MAX
                                 : options->samples <= INT32_MAX / SAMPLE_SIZE &&
                                       samples_at(options, waveforms) <= INT32_MAX;
    if (!fits) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s: too many samples for a .bin file of version %u", writer->path,
                    options->bin_version);
        return false;
    }
    write_file_header(writer, waveforms);
    for (unsigned i = 0; i < waveforms; i++) {
        gen_writer_seek(writer, samples_at(options, i) - WAVEFORM_HEADER_SIZE -
                                    buffer_header_size(options));
        write_waveform_header(writer, i / options->segments, i % options->segments);
    }
    return true;
}

static void samples(gen_writer *writer, uint8_t *const *bytes, uint64_t first, size_t count)
{
    const gen_options *options = writer->options;
    unsigned segment = (unsigned)(first / options->samples);
    for (unsigned i = 0; i < writer->channels; i++) {
        gen_writer_seek(writer, samples_at(options, i * options->segments + segment) +
                                    first % options->samples * SAMPLE_SIZE);
        gen_writer_bytes(writer, bytes[i], count * SAMPLE_SIZE);
    }
}

const gen_file_format gen_format_keysight = {
    .suffix = ".bin",
    .sample_formats = 1 << GEN_F32,
    .holds = GEN_HOLDS_SEGMENTS | GEN_HOLDS_BOTH_LEGS | GEN_HOLDS_TIME | GEN_WHOLE_SECONDS,
    .begin = begin,
    .samples = samples,
};
