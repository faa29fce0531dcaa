/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * WAV (Microsoft, "Multimedia Programming Interface", and RF64 of EBU Tech 3306 beyond 4 GiB): a
 * list of chunks, of which "fmt " tells what the samples in "data" are. They have no unit: full
 * scale is 1. The rate has 32 bits, too few for most oscilloscopes, so the user may give another.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "waveform/spool.h"

#include <string.h>

#define RIFF_SIZE    12 /**< "RIFF", size, "WAVE"; the first chunk follows. */
#define CHUNK_SIZE   8  /**< Name and size in front of a chunk. */
#define TO_THE_END   0xFFFFFFFFU
#define FMT_SIZE     16
#define CHANNELS_MAX 1024

/** Offsets inside "fmt ". */
enum {
    FMT_TAG = 0,
    FMT_CHANNELS = 2,
    FMT_RATE = 4,
    FMT_BLOCK = 12, /**< Bytes of one sample of all channels. */
    FMT_BITS = 14,
    FMT_SUBFORMAT = 24, /**< Of WAVE_FORMAT_EXTENSIBLE: a GUID that begins with the tag. */
};

/** Offset of the size of "data" inside "ds64". */
#define DS64_DATA 8

/** Values of the format tag. */
enum {
    TAG_PCM = 1,
    TAG_FLOAT = 3,
    TAG_EXTENSIBLE = 0xFFFE,
};

/** The ways to store a sample. */
static const struct {
    unsigned tag;
    unsigned size;        /**< Bytes per sample and channel. */
    sd_sample_type type;  /**< PCM of 24 bits is widened to this. */
    double scale, offset; /**< To full scale. */
} kinds[] = {
    {TAG_PCM, 1, SD_SAMPLE_U8, 1.0 / 128, -1},
    {TAG_PCM, 2, SD_SAMPLE_S16, 1.0 / 32768, 0},
    {TAG_PCM, 3, SD_SAMPLE_S32, 1.0 / 8388608, 0},
    {TAG_PCM, 4, SD_SAMPLE_S32, 1.0 / 2147483648.0, 0},
    {TAG_FLOAT, 4, SD_SAMPLE_F32, 1, 0},
    {TAG_FLOAT, 8, SD_SAMPLE_F64, 1, 0},
};

/** What the chunks say. */
typedef struct {
    uint64_t format; /**< Where "fmt " begins, behind its size; 0: not found yet. */
    uint64_t format_size;
    uint64_t data; /**< Where the samples begin; 0: not found. */
    uint64_t data_size;
    uint64_t large; /**< Size of "data" as "ds64" says; 0: there is none. */
} chunks;

static int match(const sd_mapping *mapping)
{
    bool riff = sd_mapping_equals(mapping, 0, "RIFF", 4) ||
                sd_mapping_equals(mapping, 0, "RF64", 4) ||
                sd_mapping_equals(mapping, 0, "BW64", 4);
    return riff && sd_mapping_equals(mapping, 8, "WAVE", 4) ? 95 : 0;
}

/** Takes the size of "data": what the file has if it was not known when the header was written. */
static void take_data(sd_reader *reader, chunks *found, uint64_t at, uint32_t size)
{
    found->data = at + CHUNK_SIZE;
    found->data_size = size;
    if (size == TO_THE_END && found->large) {
        found->data_size = found->large;
    } else if (size == 0 || size == TO_THE_END) {
        found->data_size = reader->mapping->size - found->data;
    }
    sd_reader_require(reader, found->data, found->data_size, "the chunk \"data\"");
}

/** Walks the chunks up to "data"; each takes at least eight bytes of the file. */
static chunks walk(sd_reader *reader)
{
    chunks found = {0};
    uint64_t at = RIFF_SIZE;
    while (!found.data && !reader->error && sd_mapping_has(reader->mapping, at, CHUNK_SIZE)) {
        uint32_t size = sd_reader_u32(reader, at + 4, "the size of a chunk");
        if (sd_mapping_equals(reader->mapping, at, "data", 4)) {
            take_data(reader, &found, at, size);
        } else if (sd_mapping_equals(reader->mapping, at, "fmt ", 4)) {
            found.format = at + CHUNK_SIZE;
            found.format_size = size;
        } else if (sd_mapping_equals(reader->mapping, at, "ds64", 4)) {
            found.large =
                sd_reader_u64(reader, at + CHUNK_SIZE + DS64_DATA, "the size in \"ds64\"");
        }
        at += CHUNK_SIZE + (uint64_t)size + size % 2;
    }
    if (!found.data) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, MIN(at, reader->mapping->size),
                       "the file is cut: it ends before the chunk \"data\" with the samples");
    } else if (!found.format) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, found.data,
                       "there is no chunk \"fmt \" before the samples");
    } else if (found.format_size < FMT_SIZE) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, found.format - 4,
                       "the chunk \"fmt \" has %" G_GUINT64_FORMAT " bytes, less than %d",
                       found.format_size, FMT_SIZE);
    }
    return found;
}

/** The row of kinds[] for the samples; latches an error if there is none. */
static size_t find_kind(sd_reader *reader, const chunks *found, unsigned tag, unsigned size)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (kinds[i].tag == tag && kinds[i].size == size)
            return i;
    }
    sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, found->format + FMT_TAG,
                   "the samples have the format tag %u with %u bytes each; only PCM (1) of 1 to 4 "
                   "bytes and float (3) of 4 or 8 bytes can be read",
                   tag, size);
    return 0;
}

/** Widens PCM of 24 bits to 32 in a temporary file; NULL sets the error. */
static sd_mapping *widen(const sd_mapping *mapping, uint64_t at, uint64_t count, GError **error)
{
    enum { BLOCK = 4096 };
    sd_spool *spool = sd_spool_new(mapping, error);
    if (!spool)
        return NULL;
    int32_t wide[BLOCK];
    bool good = true;
    for (uint64_t done = 0; good && done < count; done += BLOCK) {
        size_t block = (size_t)MIN(BLOCK, count - done);
        const uint8_t *from = mapping->data + at + 3 * done;
        for (size_t i = 0; i < block; i++, from += 3) {
            uint32_t code = (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16;
            wide[i] = GINT32_TO_LE((int32_t)(code ^ 0x800000U) - 0x800000);
        }
        good = sd_spool_write(spool, wide, block * sizeof *wide, error);
    }
    sd_mapping *result = good ? sd_spool_map(spool, error) : NULL;
    sd_spool_free(spool);
    return result;
}

/** What "fmt " says. */
typedef struct {
    size_t kind; /**< Row of kinds[]. */
    unsigned channels;
    uint32_t rate;
    unsigned block; /**< Bytes of one sample of all channels in the file. */
} sample_format;

static sample_format read_format(sd_reader *reader, const chunks *found)
{
    uint64_t at = found->format;
    unsigned tag = sd_reader_u16(reader, at + FMT_TAG, "the format tag");
    sample_format f = {
        .channels = sd_reader_u16(reader, at + FMT_CHANNELS, "the number of channels"),
        .rate = sd_reader_u32(reader, at + FMT_RATE, "the sample rate"),
        .block = sd_reader_u16(reader, at + FMT_BLOCK, "the block size"),
    };
    unsigned bits = sd_reader_u16(reader, at + FMT_BITS, "the bits per sample");
    if (tag == TAG_EXTENSIBLE) {
        tag = sd_reader_u16(reader, at + FMT_SUBFORMAT, "the sub-format");
    }
    if (f.channels == 0 || f.channels > CHANNELS_MAX) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at + FMT_CHANNELS,
                       "the file is said to have %u channels, which cannot be true", f.channels);
        return f;
    }
    if (f.block == 0 || f.block % f.channels != 0 || bits == 0 || bits > f.block / f.channels * 8) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at + FMT_BLOCK,
                       "%u bytes for %u channels of %u bits cannot be true", f.block, f.channels,
                       bits);
        return f;
    }
    /* Odd numbers of bits stand at the upper end of their bytes: those count. */
    f.kind = find_kind(reader, found, tag, f.block / f.channels);
    return f;
}

/** Sets scale and interval from the file and what the user gave. */
static bool set_scales(sd_waveform *waveform, sd_channel *channel, const sample_format *f,
                       const sd_waveform_options *options, GError **error)
{
    sd_waveform_options complete = *options;
    if (complete.sample_rate == 0)
        complete.sample_rate = f->rate;
    if (!sd_channel_set_from_options(channel, waveform->mapping,
                                     "WAV samples without a sample rate", &complete, error))
        return false;
    channel->offset = kinds[f->kind].offset * channel->scale + options->offset;
    channel->scale = kinds[f->kind].scale * channel->scale;
    channel->unit = g_strdup(options->scale == 0 ? "full scale" : "V");
    return true;
}

/** Makes the channels from @p frames samples of each. */
static bool set_channels(sd_waveform *waveform, const chunks *found, const sample_format *f,
                         uint64_t frames, const sd_waveform_options *options, GError **error)
{
    const sd_mapping *mapping = waveform->mapping;
    const uint8_t *data = mapping->data + found->data;
    const size_t size = sd_sample_size(kinds[f->kind].type);
    if (kinds[f->kind].size != size) {
        sd_mapping *wide = widen(mapping, found->data, frames * f->channels, error);
        if (!wide)
            return false;
        sd_waveform_keep(waveform, wide);
        data = wide->data;
    }
    sd_waveform_allocate(waveform, f->channels, 1);
    for (unsigned i = 0; i < f->channels; i++) {
        sd_channel *channel = &waveform->channel[i];
        if (!set_scales(waveform, channel, f, options, error))
            return false;
        channel->name = g_strdup_printf("%u", i + 1);
        channel->type = kinds[f->kind].type;
        channel->stride = size * f->channels;
        channel->segment[0].data = data + i * size;
        channel->segment[0].count = frames;
    }
    sd_waveform_set_file_time(waveform);
    return true;
}

static bool open_wav(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    sd_reader reader = {.mapping = waveform->mapping};
    chunks found = walk(&reader);
    sample_format f = {0};
    if (!reader.error)
        f = read_format(&reader, &found);
    if (!reader.error && found.data_size < f.block) {
        sd_reader_fail(&reader, SD_ERROR_DAMAGED, found.data,
                       "the chunk \"data\" has %" G_GUINT64_FORMAT
                       " bytes, less than one sample of all channels",
                       found.data_size);
    }
    if (!sd_reader_finish(&reader, error))
        return false;
    g_return_val_if_fail(f.block > 0, false);
    if (found.data_size % f.block != 0) {
        sd_waveform_note(waveform, "the last %u bytes are no whole sample and were left out",
                         (unsigned)(found.data_size % f.block));
    }
    waveform->format = sd_format_wav.name;
    return set_channels(waveform, &found, &f, found.data_size / f.block, options, error);
}

const sd_format sd_format_wav = {
    .name = "WAV",
    .name_pattern = "*.wav",
    .match = match,
    .open = open_wav,
    .takes_scale = true,
};
