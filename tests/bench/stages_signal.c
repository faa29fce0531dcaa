/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stages_signal.h"

#include "signal/acquisition.h"
#include "signal/bit_reader.h"
#include "signal/clock_recovery.h"
#include "signal/edges.h"
#include "simd/simd.h"

/** Samples and unit intervals of a block, at least. */
#define BLOCK_SAMPLES 16384
#define BLOCK_BITS    512

/** The bauds of the kinds of link. */
static const double nominal[] = {1.25e9, 3.125e9, 5e9};

/** A block of samples, with what was found in it. */
typedef struct {
    sd_samples samples;
    float threshold;
    guint first_edge, edges;
    bool rises;
} block;

struct bench_signal {
    const sd_channel *channel;
    sd_acquisition_settings settings;
    sd_sample_source source;
    sd_acquisition *acquisition;
    float *volts;   /* the signal, where the samples in the file are not what is read */
    GArray *blocks; /* block */
    GArray *edges;  /* double: places */
    GArray *words;  /* sd_bit_word */
    GArray *places, *out, *gaps;
    float *buffer; /* a block */
};

static void read_channel(void *user, uint64_t first, size_t count, float *volts)
{
    const bench_signal *s = user;
    sd_channel_read(s->channel, 0, first, count, volts);
}

/** The samples as they stand in the file; as the decoder does it. */
static sd_stored stored_samples(const sd_channel *channel)
{
    static const sd_stored_kind kinds[] = {
        [SD_SAMPLE_S8] = SD_STORED_S8,
        [SD_SAMPLE_U8] = SD_STORED_U8,
        [SD_SAMPLE_S16] = SD_STORED_S16,
        [SD_SAMPLE_U16] = SD_STORED_U16,
    };
    if (channel->type >= G_N_ELEMENTS(kinds))
        return (sd_stored){.data = NULL};
    return (sd_stored){
        .data = channel->segment[0].data,
        .kind = kinds[channel->type],
        .scale = (float)channel->scale,
        .offset = (float)channel->offset,
    };
}

/** Reads all samples block by block. */
static void read_all(const bench_signal *s, const sd_sample_source *source)
{
    for (uint64_t at = 0; at < source->count; at += BLOCK_SAMPLES)
        sd_sample_source_read(source, at, (size_t)MIN(BLOCK_SAMPLES, source->count - at),
                              s->buffer);
}

/** The samples that the edges are looked for in. */
static sd_stored signal_samples(bench_signal *s)
{
    sd_signal signal;
    sd_acquisition_open_signal(s->acquisition, &signal);
    const sd_sample_source *source = &signal.source;
    sd_stored stored = source->stored;
    if (stored.data == NULL || s->acquisition->clock.interpolation == SD_INTERPOLATION_SINC) {
        s->volts = g_new(float, source->count);
        for (uint64_t at = 0; at < source->count; at += BLOCK_SAMPLES)
            sd_sample_source_read(source, at, (size_t)MIN(BLOCK_SAMPLES, source->count - at),
                                  s->volts + at);
        stored = sd_stored_as_volts(s->volts);
    }
    sd_acquisition_close_signal(&signal);
    return stored;
}

/** Has the clock take a block with the edges that were found in it. */
static void push_clock(bench_signal *s, sd_clock_recovery *clock, const block *b, GArray *words)
{
    if (b->samples.history == 0)
        g_array_set_size(s->places, 0);
    g_array_append_vals(s->places, &g_array_index(s->edges, double, b->first_edge), b->edges);
    sd_clock_recovery_push(clock, &b->samples, s->places, b->rises, words, s->gaps);
}

/** Finds the edges of each block, and with them the bits, whose clock tells the next threshold. */
static void find_bits(bench_signal *s)
{
    const sd_acquisition *a = s->acquisition;
    const sd_stored stored = signal_samples(s);
    const uint64_t end = a->source.count;
    const size_t history = sd_clock_recovery_history(a->clock.period);
    const size_t size = MAX(BLOCK_SAMPLES, (size_t)(BLOCK_BITS * a->clock.period));
    sd_edges *edges = sd_edges_new(s->settings.simd, s->acquisition->clock.sparse);
    sd_clock_recovery *clock = sd_clock_recovery_new(s->settings.simd, &a->level, &a->clock);
    for (uint64_t at = 0; at < end; at += size) {
        const size_t count = (size_t)MIN(size, end - at);
        block b = {
            .samples =
                {
                    .stored = sd_stored_from(&stored, at),
                    .first = (int64_t)at,
                    .count = count,
                    .history = (size_t)MIN(at, history),
                    .last = at + count == end,
                },
            .threshold = sd_clock_recovery_threshold(clock),
            .first_edge = s->edges->len,
        };
        b.rises = sd_edges_push(edges, &b.samples, b.threshold, a->level.hysteresis, s->edges);
        b.edges = s->edges->len - b.first_edge;
        push_clock(s, clock, &b, s->words);
        g_array_append_val(s->blocks, b);
    }
    sd_clock_recovery_flush(clock, s->words);
    sd_clock_recovery_free(clock);
    sd_edges_free(edges);
}

bench_signal *bench_signal_new(const sd_channel *channel, sd_cpu cpu)
{
    bench_signal *s = g_new0(bench_signal, 1);
    s->channel = channel;
    s->settings = (sd_acquisition_settings){
        .simd = sd_simd_select(cpu),
        .sample_rate = 1 / channel->interval,
        .nominal = nominal,
        .nominals = G_N_ELEMENTS(nominal),
    };
    s->source = (sd_sample_source){
        .read = read_channel,
        .user = s,
        .count = channel->segment[0].count,
        .stored = stored_samples(channel),
    };
    s->blocks = g_array_new(FALSE, FALSE, sizeof(block));
    s->edges = g_array_new(FALSE, FALSE, sizeof(double));
    s->words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
    s->places = g_array_new(FALSE, FALSE, sizeof(double));
    s->out = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
    s->gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap));
    s->buffer = g_new(float, BLOCK_SAMPLES);
    s->acquisition = sd_acquisition_new(&s->settings, &s->source);
    if (s->acquisition->baud.found)
        find_bits(s);
    return s;
}

void bench_signal_free(bench_signal *s)
{
    GArray *const all[] = {s->blocks, s->edges, s->words, s->places, s->out, s->gaps};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_array_free(all[i], TRUE);
    sd_acquisition_free(s->acquisition);
    g_free(s->volts);
    g_free(s->buffer);
    g_free(s);
}

const GArray *bench_signal_words(const bench_signal *s)
{
    return s->words;
}

double bench_signal_period(const bench_signal *s)
{
    return s->acquisition->clock.period;
}

void bench_volts(bench_signal *s)
{
    read_all(s, &s->source);
}

void bench_acquisition(bench_signal *s)
{
    sd_acquisition_free(sd_acquisition_new(&s->settings, &s->source));
}

void bench_signal_read(bench_signal *s)
{
    sd_signal signal;
    sd_acquisition_open_signal(s->acquisition, &signal);
    read_all(s, &signal.source);
    sd_acquisition_close_signal(&signal);
}

void bench_edges(bench_signal *s)
{
    sd_edges *edges = sd_edges_new(s->settings.simd, s->acquisition->clock.sparse);
    for (guint i = 0; i < s->blocks->len; i++) {
        const block *b = &g_array_index(s->blocks, block, i);
        g_array_set_size(s->places, 0);
        sd_edges_push(edges, &b->samples, b->threshold, s->acquisition->level.hysteresis,
                      s->places);
    }
    sd_edges_free(edges);
}

void bench_clock(bench_signal *s)
{
    const sd_acquisition *a = s->acquisition;
    sd_clock_recovery *clock = sd_clock_recovery_new(s->settings.simd, &a->level, &a->clock);
    for (guint i = 0; i < s->blocks->len; i++) {
        const block *b = &g_array_index(s->blocks, block, i);
        g_array_set_size(s->out, 0);
        g_array_set_size(s->gaps, 0);
        push_clock(s, clock, b, s->out);
    }
    sd_clock_recovery_free(clock);
}

void bench_bits(bench_signal *s)
{
    sd_bit_reader *reader = sd_bit_reader_new(s->settings.simd, s->acquisition, 0);
    g_array_set_size(s->out, 0);
    g_array_set_size(s->gaps, 0);
    sd_bit_reader_read(reader, s->source.count, true, s->out, s->gaps);
    sd_bit_reader_free(reader);
}
