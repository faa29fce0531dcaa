/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text: a line for each sample with its time and the volts of one or two channels. Volts have nine
 * digits, which tell each float32 from all others; times are rounded as oscilloscopes do.
 */
#include "file_format.h"

#include <string.h>

/* How times and volts are printed. */
static const struct {
    char separator, decimal_point;
    const char *line_end;
    const char *time_format, *volts_format;
} layouts[] = {
    [GEN_CSV_PLAIN] = {',', '.', "\n", "%.9E", "%.8E"},
    [GEN_CSV_SEMICOLON] = {';', ',', "\r\n", "%.9E", "%.9g"},
    [GEN_CSV_TEKTRONIX] = {',', '.', "\n", "%.8e", "%.8e"},
};

static void add_number(const gen_writer *writer, GString *text, const char *format, double value)
{
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(buffer, sizeof buffer, format, value);
    char *point = strchr(buffer, '.');
    if (point != NULL)
        *point = layouts[writer->options->csv].decimal_point;
    g_string_append(text, buffer);
}

static void write_text(gen_writer *writer, GString *text)
{
    gen_writer_bytes(writer, text->str, text->len);
    g_string_free(text, TRUE);
}

/* The lines that an oscilloscope of the 4, 5 and 6 Series puts before the samples. */
static void add_tektronix_header(const gen_writer *writer, GString *text)
{
    const gen_options *options = writer->options;
    g_string_append(text, "Model,GENERATOR\nLabel,\nWaveform Type,ANALOG\nHorizontal Units,s\n"
                          "Sample Interval,");
    add_number(writer, text, "%.8e", 1 / options->sample_rate);
    g_string_append_printf(text, "\nRecord Length,%" G_GUINT64_FORMAT "\nZero Index,",
                           options->samples);
    add_number(writer, text, "%.8f", -GEN_START * options->sample_rate);
    g_string_append(text, "\nVertical Units,V\n\nLabels,\nTIME");
    for (unsigned i = 0; i < writer->channels; i++)
        g_string_append_printf(text, ",CH%u", writer->first_leg + i + 1);
    g_string_append_c(text, '\n');
}

static bool begin(gen_writer *writer, GError **error)
{
    (void)error;
    GString *text = g_string_new(NULL);
    if (writer->options->csv == GEN_CSV_TEKTRONIX) {
        add_tektronix_header(writer, text);
    } else if (writer->options->csv == GEN_CSV_SEMICOLON) {
        g_string_append(text, "Time (s)");
        for (unsigned i = 0; i < writer->channels; i++)
            g_string_append_printf(text, ";Channel %u (V)", writer->first_leg + i + 1);
        g_string_append(text, "\r\n");
    }
    write_text(writer, text);
    return true;
}

static void samples(gen_writer *writer, uint8_t *const *bytes, uint64_t first, size_t count)
{
    const gen_options *options = writer->options;
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < count; i++) {
        double time = GEN_START + (double)(first + i) / options->sample_rate;
        add_number(writer, text, layouts[options->csv].time_format, time);
        for (unsigned k = 0; k < writer->channels; k++) {
            uint32_t word;
            float volts;
            memcpy(&word, bytes[k] + 4 * i, 4);
            word = GUINT32_FROM_LE(word);
            memcpy(&volts, &word, 4);
            g_string_append_c(text, layouts[options->csv].separator);
            add_number(writer, text, layouts[options->csv].volts_format, volts);
        }
        g_string_append(text, layouts[options->csv].line_end);
    }
    write_text(writer, text);
}

const gen_file_format gen_format_csv = {
    .suffix = ".csv",
    .sample_formats = 1 << GEN_F32,
    .holds = GEN_HOLDS_BOTH_LEGS,
    .begin = begin,
    .samples = samples,
};
