/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A template for the reader of a format: copy it, and go through it from top to bottom.
 * docs/adding-a-format.md tells what else there is to do. It is no part of the library, but
 * tests/unit/template_test.c builds it and reads files with it.
 *
 * At the top of a reader stands what the format is, which document or whose files say so, and what
 * of it is a guess. The format of this one is made up: 80 bytes of header, little-endian, then the
 * codes of one channel after the other.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"

#include <math.h>
#include <string.h>

#define MAGIC           "TEMPLATE"
#define INSTRUMENT_SIZE 16
#define CHANNELS_MAX    16

/** Offsets in the file. Reading a field and complaining about it need the same one. */
enum {
    AT_INSTRUMENT = 8, /**< Text, filled up with zeros. */
    AT_SECONDS = 24,   /**< Time of the trigger since 1970 (UTC), 64 bits; 0: the clock was not set.
                        */
    AT_FRACTION = 32,  /**< The rest of it: double, seconds. */
    AT_INTERVAL = 40,  /**< From one sample to the next: double, seconds. */
    AT_START = 48,     /**< From the trigger to the first sample: double, seconds. */
    AT_SCALE = 56,     /**< Volts per code: double. */
    AT_OFFSET = 64,    /**< Volts of code 0: double. */
    AT_COUNT = 72,     /**< Samples in each channel, 32 bits. */
    AT_CHANNELS = 76,  /**< 16 bits. */
    AT_MODE = 78,      /**< Acquisition mode, 16 bits. */
    AT_SAMPLES = 80,   /**< 16 bits each, signed. */
};

/** Values of AT_MODE. */
enum {
    MODE_SAMPLE = 0,
    MODE_PEAK = 1, /**< Minimum and maximum in turn: no record that can be decoded. */
};

/** What the header says. */
typedef struct {
    int64_t seconds;
    double fraction, interval, start, scale, offset;
    uint64_t count, channels;
} header;

/** Tells the format by its first bytes, never by its name: the surer, the higher, up to 100. A file
 * that is matched here and cannot be read is refused as damaged, so be strict. */
static int match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, MAGIC, strlen(MAGIC)) ? 95 : 0;
}

/** Reads all fields. A file that is too short, in any place, latches an error in the reader: no
 * need to ask after each field. */
static header read_header(sd_reader *reader)
{
    return (header){
        .seconds = (int64_t)sd_reader_u64(reader, AT_SECONDS, "the time"),
        .fraction = sd_reader_f64(reader, AT_FRACTION, "the fraction of the second"),
        .interval = sd_reader_f64(reader, AT_INTERVAL, "the sample interval"),
        .start = sd_reader_f64(reader, AT_START, "the start"),
        .scale = sd_reader_f64(reader, AT_SCALE, "the voltage scale"),
        .offset = sd_reader_f64(reader, AT_OFFSET, "the voltage offset"),
        .count = sd_reader_u32(reader, AT_COUNT, "the number of samples"),
        .channels = sd_reader_u16(reader, AT_CHANNELS, "the number of channels"),
    };
}

/** Whether the numbers can be true: whatever the bytes are, nothing may overflow, lie outside the
 * file, or be no number. The first sentence that is latched is the one that the user sees. */
static void check_header(sd_reader *reader, const header *h)
{
    uint16_t mode = sd_reader_u16(reader, AT_MODE, "the acquisition mode");
    if (mode != MODE_SAMPLE) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, AT_MODE,
                       mode == MODE_PEAK
                           ? "the file holds a peak detect acquisition, not a sampled "
                             "record: acquire it in sample mode"
                           : "the acquisition mode is none that is known");
    }
    if (h->channels == 0 || h->channels > CHANNELS_MAX) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_CHANNELS,
                       "the number of channels is %" G_GUINT64_FORMAT ", which cannot be true",
                       h->channels);
    }
    if (h->count == 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_COUNT, "the number of samples is 0");
    }
    if (!sd_scale_is_sound(h->scale, h->offset)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_SCALE,
                       "the voltage scale is %g V per code and the offset %g V, which cannot be "
                       "true",
                       h->scale, h->offset);
    }
    if (!sd_interval_is_sound(h->interval)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_INTERVAL,
                       "the sample interval is %g s, which cannot be true", h->interval);
    }
    if (!isfinite(h->start) || !isfinite(h->fraction)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_FRACTION,
                       "the trigger is %g s after the second and %g s before the record, which "
                       "cannot be true",
                       h->fraction, -h->start);
    }
    /* 32 bits times 16 bits times 2 cannot overflow; g_uint64_checked_mul() is for what can. */
    sd_reader_require(reader, AT_SAMPLES, h->channels * h->count * sizeof(int16_t), "the samples");
}

/** Points at the samples in the mapped file; nothing is copied. Every member of sd_channel and
 * sd_segment that is not set is 0. */
static void set_channels(sd_waveform *waveform, const header *h)
{
    sd_waveform_allocate(waveform, (size_t)h->channels, 1);
    for (size_t i = 0; i < waveform->channels; i++) {
        sd_channel *channel = &waveform->channel[i];
        channel->name = g_strdup_printf("CH%" G_GSIZE_FORMAT, i + 1);
        channel->unit = g_strdup("V");
        channel->type = SD_SAMPLE_S16;
        channel->stride = sizeof(int16_t);
        channel->scale = h->scale;
        channel->offset = h->offset;
        channel->interval = h->interval;
        channel->segment[0].data =
            waveform->mapping->data + AT_SAMPLES + i * h->count * sizeof(int16_t);
        channel->segment[0].count = h->count;
        channel->segment[0].start = h->start;
        sd_segment_set_time(&channel->segment[0], h->seconds, h->fraction);
    }
    waveform->has_time = h->seconds != 0;
    if (!waveform->has_time) {
        sd_waveform_set_file_time(waveform);
    }
}

static bool open_template(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    (void)options; /* they are for files that do not hold their rate or their scale */
    sd_reader reader = {.mapping = waveform->mapping};
    const header h = read_header(&reader);
    check_header(&reader, &h);
    g_autofree char *instrument =
        sd_reader_text(&reader, AT_INSTRUMENT, INSTRUMENT_SIZE, "the instrument");
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = "Template";
    waveform->instrument = *instrument ? g_steal_pointer(&instrument) : NULL;
    set_channels(waveform, &h);
    /* What the user would not expect, and what had to be left out, is noted, one sentence each. */
    uint64_t end = AT_SAMPLES + h.channels * h.count * sizeof(int16_t);
    if (end < waveform->mapping->size) {
        sd_waveform_note(waveform,
                         "%" G_GUINT64_FORMAT " bytes follow the samples and were left out",
                         waveform->mapping->size - end);
    }
    return true;
}

const sd_format sd_format_template = {
    .name = "template file",
    .name_pattern = "*.template",
    .match = match,
    .open = open_template,
};
