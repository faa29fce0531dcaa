/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"
#include "file_format.h"
#include "quantise.h"

#include <errno.h>
#include <glib/gstdio.h>

void gen_writer_bytes(gen_writer *writer, const void *bytes, size_t count)
{
    const uint8_t *octets = bytes;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += octets[i];
    writer->sum += sum;
    if (count > 0 && fwrite(bytes, 1, count, writer->file) != count && writer->failure == 0)
        writer->failure = errno;
}

void gen_writer_seek(gen_writer *writer, uint64_t place)
{
    if (fseeko(writer->file, (off_t)place, SEEK_SET) != 0 && writer->failure == 0)
        writer->failure = errno;
}

static void writer_free(gen_writer *writer)
{
    g_free(writer->path);
    g_free(writer->bytes[0]);
    g_free(writer->bytes[1]);
    g_free(writer);
}

gen_writer *gen_writer_open(const char *path, const gen_options *options, const gen_record *record,
                            unsigned first_leg, unsigned channels, GError **error)
{
    FILE *file = g_fopen(path, "wb");
    if (file == NULL) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
        return NULL;
    }
    gen_writer *writer = g_new0(gen_writer, 1);
    writer->options = options;
    writer->record = record;
    writer->path = g_strdup(path);
    writer->first_leg = first_leg;
    writer->channels = channels;
    writer->file = file;
    if (options->format->begin != NULL && !options->format->begin(writer, error)) {
        (void)fclose(file);
        g_clear_pointer(&writer, writer_free);
    }
    return writer;
}

void gen_writer_write(gen_writer *writer, unsigned channel, float *volts, size_t count)
{
    const gen_options *options = writer->options;
    size_t size = count * gen_sample_size(options->sample_format);
    if (size > writer->size) {
        for (unsigned i = 0; i < writer->channels; i++)
            writer->bytes[i] = g_realloc(writer->bytes[i], size);
        writer->size = size;
    }
    gen_quantise(options, volts, count, writer->bytes[channel]);
    if (channel + 1 < writer->channels)
        return;
    if (options->format->samples != NULL)
        options->format->samples(writer, writer->bytes, writer->samples, count);
    else
        gen_writer_bytes(writer, writer->bytes[0], size);
    writer->samples += count;
}

bool gen_writer_close(gen_writer *writer, GError **error)
{
    if (writer->options->format->end != NULL)
        writer->options->format->end(writer);
    if (fclose(writer->file) != 0 && writer->failure == 0)
        writer->failure = errno;
    bool good = writer->failure == 0;
    if (!good)
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(writer->failure), "%s: %s",
                    writer->path, g_strerror(writer->failure));
    writer_free(writer);
    return good;
}
