/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tektronix .isf: a preamble of text, then the codes as a binary block.
 * volts = YZERO + YMULT x (code - YOFF); t = XZERO + XINCR x (i - PT_OFF).
 */
#include "file_format.h"
#include "quantise.h"

#include <string.h>

/* The preamble, as MDO oscilloscopes write it: the number of points stands there twice. */
static const char preamble[] =
    ":WFMPRE:NR_PT %" G_GUINT64_FORMAT ";:WFMPRE:BYT_NR %u;BIT_NR %u;"
    "ENCDG BINARY;BN_FMT %s;BYT_OR %s;WFID \"Ch%u, DC coupling, "
    "100.0mV/div, 1.000us/div, %" G_GUINT64_FORMAT " points, Sample mode\";NR_PT %" G_GUINT64_FORMAT
    ";PT_FMT Y;XUNIT \"s\";XINCR %s;XZERO %s;PT_OFF 0;YUNIT \"V\";"
    "YMULT %s;YOFF %s;YZERO 0.0E+0;DOMAIN TIME;WFMTYPE ANALOG;:CURVE ";

static bool begin(gen_writer *writer, GError **error)
{
    const gen_options *options = writer->options;
    unsigned size = (unsigned)gen_sample_size(options->sample_format);
    double scale = gen_file_scale(options);
    char interval[G_ASCII_DTOSTR_BUF_SIZE], start[G_ASCII_DTOSTR_BUF_SIZE];
    char multiplier[G_ASCII_DTOSTR_BUF_SIZE], offset[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(interval, sizeof interval, "%.12E", 1 / options->sample_rate);
    g_ascii_formatd(start, sizeof start, "%.12E", GEN_START);
    g_ascii_formatd(multiplier, sizeof multiplier, "%.12E", scale);
    g_ascii_formatd(offset, sizeof offset, "%.12E", -gen_file_offset(options) / scale);
    GString *text = g_string_new(NULL);
    g_string_printf(text, preamble, options->samples, size, 8 * size,
                    options->sample_format == GEN_F32 ? "FP" : "RI",
                    options->big_endian ? "MSB" : "LSB", writer->first_leg + 1, options->samples,
                    options->samples, interval, start, multiplier, offset);
    /* #, how many digits, and with so many the bytes to come */
    char *bytes = g_strdup_printf("%" G_GUINT64_FORMAT, options->samples * size);
    bool fits = strlen(bytes) < 10;
    if (fits) {
        g_string_append_printf(text, "#%zu%s", strlen(bytes), bytes);
        gen_writer_bytes(writer, text->str, text->len);
    } else {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                    "%s: too many samples for an .isf file", writer->path);
    }
    g_free(bytes);
    g_string_free(text, TRUE);
    return fits;
}

const gen_file_format gen_format_isf = {
    .suffix = ".isf",
    .sample_formats = 1 << GEN_S8 | 1 << GEN_S16 | 1 << GEN_F32,
    .holds = GEN_HOLDS_BIG_ENDIAN,
    .begin = begin,
};
