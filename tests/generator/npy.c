/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NumPy .npy, version 1.0: one array of codes, or of volts when they are float32. There is no time
 * axis and no scale.
 */
#include "file_format.h"

#define ALIGNMENT 64 /* of the samples in the file */

static const char *const type_codes[] = {[GEN_S8] = "i1", [GEN_S16] = "i2", [GEN_F32] = "f4"};

static bool begin(gen_writer *writer, GError **error)
{
    (void)error;
    const gen_options *options = writer->options;
    char order = options->sample_format == GEN_S8 ? '|' : options->big_endian ? '>' : '<';
    GString *text = g_string_new(NULL);
    g_string_printf(
        text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (%" G_GUINT64_FORMAT ",), }",
        order, type_codes[options->sample_format], options->samples);
    char magic[10] = "\x93NUMPY\x01\x00";
    while ((sizeof magic + text->len + 1) % ALIGNMENT != 0)
        g_string_append_c(text, ' ');
    g_string_append_c(text, '\n');
    magic[8] = (char)(text->len & 0xFF);
    magic[9] = (char)(text->len >> 8);
    gen_writer_bytes(writer, magic, sizeof magic);
    gen_writer_bytes(writer, text->str, text->len);
    g_string_free(text, TRUE);
    return true;
}

const gen_file_format gen_format_npy = {
    .suffix = ".npy",
    .sample_formats = 1 << GEN_S8 | 1 << GEN_S16 | 1 << GEN_F32,
    .holds = GEN_HOLDS_BIG_ENDIAN,
    .begin = begin,
};
