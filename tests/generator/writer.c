/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"
#include "quantise.h"
#include "wfm.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>

struct gen_writer {
    const gen_options *options;
    char *path;
    FILE *file;
    int failure;  /* errno of the first failure, 0: none */
    uint64_t sum; /* of all bytes so far: the checksum of a .wfm file */
    uint8_t *bytes;
    size_t size;
};

static void write_bytes(gen_writer *writer, const uint8_t *bytes, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += bytes[i];
    writer->sum += sum;
    if (count > 0 && fwrite(bytes, 1, count, writer->file) != count && writer->failure == 0)
        writer->failure = errno;
}

gen_writer *gen_writer_open(const char *path, const gen_options *options, const gen_record *record,
                            GError **error)
{
    GByteArray *header = options->wfm ? gen_wfm_header(options, record, error) : g_byte_array_new();
    if (header == NULL)
        return NULL;
    FILE *file = g_fopen(path, "wb");
    gen_writer *writer = NULL;
    if (file == NULL) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
    } else {
        writer = g_new0(gen_writer, 1);
        writer->options = options;
        writer->path = g_strdup(path);
        writer->file = file;
        write_bytes(writer, header->data, header->len);
    }
    g_byte_array_unref(header);
    return writer;
}

void gen_writer_write(gen_writer *writer, float *volts, size_t count)
{
    size_t size = count * gen_sample_size(writer->options->sample_format);
    if (size > writer->size) {
        writer->bytes = g_realloc(writer->bytes, size);
        writer->size = size;
    }
    gen_quantise(writer->options, volts, count, writer->bytes);
    write_bytes(writer, writer->bytes, size);
}

bool gen_writer_close(gen_writer *writer, GError **error)
{
    if (writer->options->wfm) {
        /* The checksum is the sum of all bytes before it. */
        uint64_t sum =
            writer->options->big_endian ? GUINT64_TO_BE(writer->sum) : GUINT64_TO_LE(writer->sum);
        write_bytes(writer, (const uint8_t *)&sum, sizeof sum);
    }
    if (fclose(writer->file) != 0 && writer->failure == 0)
        writer->failure = errno;
    bool good = writer->failure == 0;
    if (!good)
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(writer->failure), "%s: %s",
                    writer->path, g_strerror(writer->failure));
    g_free(writer->path);
    g_free(writer->bytes);
    g_free(writer);
    return good;
}
