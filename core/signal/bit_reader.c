/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/bit_reader.h"

#include <string.h>

#include "signal/edges.h"

/** Least size of a block: in samples, and in unit intervals. */
#define BLOCK_SAMPLES 16384
#define BLOCK_BITS    512
/** ... and the most, unless a unit interval is so long that it takes more for a few of them. */
#define BLOCK_SAMPLES_MOST 4194304
#define BLOCK_BITS_LEAST   16

struct sd_bit_reader {
    sd_signal signal;
    float hysteresis;
    uint64_t begin, at; /* samples */
    size_t history, block;
    float *buffer; /* history, then a block; NULL when the samples stand in memory */
    sd_edges *edges;
    sd_clock_recovery *clock;
    GArray *places; /* double: of the edges in a block, and what the clock needs of those before */
};

sd_bit_reader *sd_bit_reader_new(const sd_simd *simd, const sd_acquisition *acquisition,
                                 uint64_t first)
{
    sd_bit_reader *reader = g_new0(sd_bit_reader, 1);
    const double period = acquisition->clock.period;
    sd_acquisition_open_signal(acquisition, &reader->signal);
    reader->hysteresis = acquisition->level.hysteresis;
    reader->begin = reader->at = first;
    reader->history = sd_clock_recovery_history(period);
    reader->block = MIN((size_t)(BLOCK_BITS * period),
                        MAX(BLOCK_SAMPLES_MOST, (size_t)(BLOCK_BITS_LEAST * period)));
    reader->block = MAX(BLOCK_SAMPLES, reader->block);
    /* a curve through many samples is drawn through volts */
    if (reader->signal.source.stored.data == NULL ||
        acquisition->clock.interpolation == SD_INTERPOLATION_SINC)
        reader->buffer = g_new0(float, reader->history + reader->block);
    reader->edges = sd_edges_new(simd, acquisition->clock.sparse);
    reader->clock = sd_clock_recovery_new(simd, &acquisition->level, &acquisition->clock);
    reader->places = g_array_new(FALSE, FALSE, sizeof(double));
    return reader;
}

void sd_bit_reader_free(sd_bit_reader *reader)
{
    if (reader == NULL)
        return;
    sd_acquisition_close_signal(&reader->signal);
    g_free(reader->buffer);
    sd_edges_free(reader->edges);
    sd_clock_recovery_free(reader->clock);
    g_array_free(reader->places, TRUE);
    g_free(reader);
}

/** Where the next @p count samples stand in memory. */
static sd_stored next_samples(sd_bit_reader *reader, size_t count)
{
    const sd_sample_source *source = &reader->signal.source;
    if (reader->buffer == NULL)
        return sd_stored_from(&source->stored, reader->at);
    float *volts = reader->buffer + reader->history;
    sd_sample_source_read(source, reader->at, count, volts);
    return sd_stored_as_volts(volts);
}

void sd_bit_reader_read(sd_bit_reader *reader, uint64_t until, bool last, GArray *words,
                        GArray *gaps)
{
    if (last)
        sd_acquisition_end_signal(&reader->signal, until);
    while (reader->at < until) {
        const size_t n = (size_t)MIN(until - reader->at, reader->block);
        const sd_samples block = {
            .stored = next_samples(reader, n),
            .first = (int64_t)reader->at,
            .count = n,
            .history = (size_t)MIN(reader->at - reader->begin, reader->history),
            .last = last && reader->at + n == until,
        };
        const bool rises =
            sd_edges_push(reader->edges, &block, sd_clock_recovery_threshold(reader->clock),
                          reader->hysteresis, reader->places);
        sd_clock_recovery_push(reader->clock, &block, reader->places, rises, words, gaps);
        if (reader->buffer != NULL)
            memmove(reader->buffer, reader->buffer + n, reader->history * sizeof *reader->buffer);
        reader->at += n;
    }
}

sd_clock_recovery *sd_bit_reader_clock(sd_bit_reader *reader)
{
    return reader->clock;
}
