/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <math.h>

/* The day of the acquisition: 2023-11-14 22:13:20.123456789 UTC. */
#define FIRST_TIME_NS INT64_C(1700000000123456789)
/* Least time between segments, in nanoseconds; no round number, so that the groups lie otherwise.
 */
#define SEGMENT_GAP_NS 1237

gen_record *gen_record_new(const gen_options *options)
{
    gen_record *record = g_new0(gen_record, 1);
    record->bit_ps = 1e12 / options->baud;
    record->samples_per_bit = options->sample_rate / options->baud;
    record->segments = options->segments;
    record->segment = g_new0(gen_segment, options->segments);
    double samples = (double)options->samples + 2 * (double)options->precharge;
    int64_t distance_ns = (int64_t)ceil(samples / options->sample_rate * 1e9) + SEGMENT_GAP_NS;
    double length = (double)(options->samples - 1) / record->samples_per_bit;
    for (unsigned k = 0; k < options->segments; k++) {
        gen_segment *segment = &record->segment[k];
        segment->time_ns = FIRST_TIME_NS + k * distance_ns;
        segment->origin =
            options->skip_bits + (double)k * (double)distance_ns * 1e-9 * options->baud;
        segment->first_bit = (uint64_t)ceil(segment->origin);
        segment->end_bit =
            (uint64_t)MAX(floor(segment->origin + length), (double)segment->first_bit);
    }
    return record;
}

void gen_record_free(gen_record *record)
{
    if (record == NULL)
        return;
    g_free(record->segment);
    g_free(record);
}

double gen_record_time_ps(const gen_record *record, const gen_segment *segment, uint64_t position)
{
    return ((double)position - segment->origin) * record->bit_ps;
}
