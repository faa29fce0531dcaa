/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"
#include "file_format.h"

#include <math.h>

/* Sample 0 of the first segment: 2023-11-14 22:13:20.123456789 UTC. In files with the trigger in
 * whole seconds, the trigger lies at 22:13:20. */
#define FIRST_TIME_NS         INT64_C(1700000000123456789)
#define FIRST_TRIGGER_TIME_NS INT64_C(1700000000000000000)
/* Least time between segments, in nanoseconds; no round number, so that the groups lie otherwise.
 */
#define SEGMENT_GAP_NS 1237

/*
 * The spread: the baud is 1 - spread x triangle(t) times the nominal one, where the triangle goes
 * from 0 at the beginning of the line to 1 and back in each period. By so many bits the line is
 * late at a time in nominal unit intervals.
 */
static double spread_lag(const gen_record *record, double time)
{
    if (record->spread == 0)
        return 0;
    double periods = time / record->spread_period;
    double whole = floor(periods), part = periods - whole;
    double area = part < 0.5 ? part * part : 2 * part - part * part - 0.5;
    return record->spread * record->spread_period * (whole / 2 + area);
}

/* When the line is at a position, in nominal unit intervals. */
static double spread_time(const gen_record *record, double position)
{
    double time = position;
    if (record->spread == 0)
        return time;
    /* Each round makes the error smaller by the spread; it ends where rounding does not let it. */
    for (unsigned i = 0; i < 20; i++) {
        double better = position + spread_lag(record, time);
        if (better == time)
            break;
        time = better;
    }
    return time;
}

gen_record *gen_record_new(const gen_options *options)
{
    gen_record *record = g_new0(gen_record, 1);
    record->bit_ps = 1e12 / options->baud;
    record->samples_per_bit = options->sample_rate / options->baud;
    record->spread = options->spread;
    if (record->spread > 0)
        record->spread_period = options->baud / options->spread_frequency;
    record->sine_amplitude = options->sine_amplitude;
    if (record->sine_amplitude > 0)
        record->sine_period = options->baud / options->sine_frequency;
    record->ideal_follows = fabs(options->sine_frequency) <= options->ideal_corner;
    record->segments = options->segments;
    record->segment = g_new0(gen_segment, options->segments);
    double samples = (double)options->samples + 2 * (double)options->precharge;
    int64_t distance_ns = (int64_t)ceil(samples / options->sample_rate * 1e9) + SEGMENT_GAP_NS;
    int64_t first_ns = options->format->holds & GEN_WHOLE_SECONDS
                           ? FIRST_TRIGGER_TIME_NS + llround(GEN_START * 1e9)
                           : FIRST_TIME_NS;
    double length = (double)(options->samples - 1) / record->samples_per_bit;
    for (unsigned k = 0; k < options->segments; k++) {
        gen_segment *segment = &record->segment[k];
        segment->time_ns = first_ns + k * distance_ns;
        segment->begin = spread_time(record, options->skip_bits) +
                         (double)k * (double)distance_ns * 1e-9 * options->baud;
        segment->origin =
            k == 0 ? options->skip_bits : segment->begin - spread_lag(record, segment->begin);
        segment->first_bit = (uint64_t)ceil(segment->origin);
        double end = segment->begin + length;
        segment->end_bit =
            (uint64_t)MAX(floor(end - spread_lag(record, end)), (double)segment->first_bit);
    }
    return record;
}

double gen_trigger_fraction(unsigned index)
{
    return fmod(0.25 + 0.375 * index, 1);
}

double gen_trigger_to_sample(const gen_options *options, unsigned index)
{
    return GEN_START + gen_trigger_fraction(index) / options->sample_rate;
}

double gen_trigger_since_first(const gen_options *options, const gen_record *record, unsigned index)
{
    int64_t distance_ns = record->segment[index].time_ns - record->segment[0].time_ns;
    return (double)distance_ns * 1e-9 -
           (gen_trigger_fraction(index) - gen_trigger_fraction(0)) / options->sample_rate;
}

void gen_record_free(gen_record *record)
{
    if (record == NULL)
        return;
    g_free(record->segment);
    g_free(record);
}

double gen_record_time(const gen_record *record, const gen_segment *segment, double position)
{
    return spread_time(record, position) - segment->begin;
}

double gen_record_sine(const gen_record *record, double position)
{
    if (record->sine_amplitude == 0)
        return 0;
    return record->sine_amplitude *
           sin(2 * G_PI * spread_time(record, position) / record->sine_period);
}

double gen_record_time_ps(const gen_record *record, const gen_segment *segment, double position)
{
    return gen_record_time(record, segment, position) * record->bit_ps;
}
