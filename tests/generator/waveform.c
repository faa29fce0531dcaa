/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform.h"
#include "random.h"

#include <math.h>
#include <string.h>

/* A step is taken to be over this many standard deviations from its middle: what is left there is
 * 3e-7 of its height, less than a 16-bit code. */
#define STEP_REACH 5.0
/* Standard deviations between 10 % and 90 % of the integral of a Gaussian. */
#define RISE_DEVIATIONS 2.5631031310892007
#define STEP_TABLE      8192
/* Standard deviation of a Gaussian impulse response times its -3 dB bandwidth:
 * sqrt(ln 2) / (2 pi). */
#define BANDWIDTH_DEVIATIONS 0.13250627862180646
/* Random jitter is cut off at this many standard deviations. */
#define JITTER_REACH 8.0

struct gen_waveform {
    const gen_options *options;
    const gen_record *record;
    gen_line_source source;
    void *user;
    gen_random random;

    float step[STEP_TABLE + 2]; /* from 0 to 1 over +-STEP_REACH */
    double deviation;           /* of the step, in samples */
    double jitter;              /* random, in samples rms */
    double duty_cycle;          /* how much earlier rising edges are, in samples */
    double jitter_max;          /* of all kinds, in samples */
    double delay;               /* samples by which all comes later */
    double delay_max;           /* of any waveform of this record, in samples */

    gen_line_group group;
    unsigned next_symbol; /* in group */
    double level;         /* of the symbol before */

    const gen_segment *segment;
    double last_edge; /* in samples: edges stay in order */

    /*
     * The window of samples under work. Up to settled, the level of the line is filled in, up to
     * done no later edge can reach. Both count from sample 0 of the segment, as does begin, the
     * number of the first sample in the window.
     */
    float *window;
    size_t window_size;
    int64_t begin, settled, done;
};

gen_waveform *gen_waveform_new(const gen_options *options, const gen_record *record, double delay,
                               gen_line_source source, void *user)
{
    gen_waveform *waveform = g_new0(gen_waveform, 1);
    waveform->options = options;
    waveform->record = record;
    waveform->source = source;
    waveform->user = user;
    waveform->level = -0.5; /* before its first bit the line rests low */
    if (options->inverted)
        waveform->level = 0.5;
    gen_random_init(&waveform->random, options->seed, 0x400);
    for (unsigned i = 0; i < STEP_TABLE + 2; i++) {
        double x = ((double)i / STEP_TABLE * 2 - 1) * STEP_REACH;
        waveform->step[i] = (float)(0.5 * (1 + erf(x * G_SQRT2 / 2)));
    }
    /* A rise time of nothing is a thousandth of a sample. */
    double deviation =
        hypot(options->rise_time / RISE_DEVIATIONS, BANDWIDTH_DEVIATIONS / options->bandwidth);
    waveform->deviation = fmax(deviation * options->sample_rate, 1e-3);
    waveform->jitter = options->random_jitter * options->sample_rate;
    /* Half of the difference for each kind of pulse, half of that for each of its edges. */
    waveform->duty_cycle = options->duty_cycle * options->sample_rate / 4;
    waveform->jitter_max = waveform->jitter * JITTER_REACH +
                           options->sine_amplitude * record->samples_per_bit +
                           fabs(waveform->duty_cycle);
    /* The pole delays a step to its half height: the line is sent so much earlier. */
    const double advance = G_LN2 / (2 * G_PI * options->pole);
    waveform->delay = (delay - advance) * options->sample_rate;
    waveform->delay_max = fmax(options->leg_skew, 0) * options->sample_rate;
    return waveform;
}

void gen_waveform_free(gen_waveform *waveform)
{
    if (waveform == NULL)
        return;
    g_free(waveform->window);
    g_free(waveform);
}

/* The next symbol of the line and its line position. */
static uint8_t next_symbol(gen_waveform *waveform, uint64_t *position)
{
    gen_line_group *group = &waveform->group;
    while (waveform->next_symbol >= group->symbols) {
        waveform->source(waveform->user, group);
        waveform->next_symbol = 0;
    }
    *position = group->position + waveform->next_symbol;
    return group->symbol[waveform->next_symbol++];
}

/* What the line rests at during a symbol. */
static double symbol_level(const gen_waveform *waveform, uint8_t symbol)
{
    const gen_options *options = waveform->options;
    double level = symbol != 0 ? 0.5 : -0.5;
    if (symbol >= GEN_SYMBOL_DEAD) {
        unsigned index = symbol - GEN_SYMBOL_DEAD;
        level = index < options->dead->len
                    ? g_array_index(options->dead, gen_dead, index).level / options->amplitude
                    : 0; /* a random one */
    }
    return options->inverted ? -level : level;
}

/* Where a line position lies on the clock without jitter, in samples. */
static double clock_place(const gen_waveform *waveform, uint64_t position)
{
    const gen_record *record = waveform->record;
    return gen_record_time(record, waveform->segment, (double)position) * record->samples_per_bit +
           waveform->delay;
}

/* Where an edge at a line position lies, in samples, jitter included. A rising edge is one of the
 * line, before a swapped pair. */
static double edge_place(gen_waveform *waveform, uint64_t position, bool rising)
{
    const gen_record *record = waveform->record;
    double place = clock_place(waveform, position);
    place += rising ? -waveform->duty_cycle : waveform->duty_cycle;
    if (waveform->jitter > 0) {
        double deviations = gen_random_normal(&waveform->random);
        place += waveform->jitter * CLAMP(deviations, -JITTER_REACH, JITTER_REACH);
    }
    place += gen_record_sine(record, (double)position) * record->samples_per_bit;
    place = fmax(place, waveform->last_edge);
    waveform->last_edge = place;
    return place;
}

/* Fills the level of the line in up to a sample. */
static void settle(gen_waveform *waveform, int64_t end, double level)
{
    if (end <= waveform->settled)
        return;
    size_t size = (size_t)(end - waveform->begin);
    if (size > waveform->window_size) {
        waveform->window_size = size + size / 2;
        waveform->window = g_renew(float, waveform->window, waveform->window_size);
    }
    float value = (float)level;
    for (int64_t i = waveform->settled - waveform->begin; i < end - waveform->begin; i++)
        waveform->window[i] = value;
    waveform->settled = end;
}

/* Adds a step of a height at a place. Behind it the line will be settled at its new level. */
static void add_step(gen_waveform *waveform, double place, double from, double height)
{
    double reach = STEP_REACH * waveform->deviation;
    int64_t first = (int64_t)ceil(place - reach);
    int64_t end = (int64_t)floor(place + reach) + 1;
    settle(waveform, end, from);
    first = MAX(first, waveform->begin);
    if (first >= end)
        return; /* over before the first sample that is wanted */
    float scale = (float)height;
    double per_sample = STEP_TABLE / (2 * reach);
    double at = ((double)first - (place - reach)) * per_sample;
    float *sample = waveform->window + (first - waveform->begin);
    for (int64_t i = 0; i < end - first; i++) {
        double x = fmin(fmax(at + (double)i * per_sample, 0), STEP_TABLE);
        unsigned index = (unsigned)x;
        float fraction = (float)(x - index);
        float low = waveform->step[index], high = waveform->step[index + 1];
        sample[i] += scale * (low + fraction * (high - low));
    }
}

/* Takes one symbol of the line into the window. */
static void take_symbol(gen_waveform *waveform)
{
    uint64_t position;
    double level = symbol_level(waveform, next_symbol(waveform, &position));
    if (level != waveform->level) {
        bool rising = (level > waveform->level) != waveform->options->inverted;
        double place = edge_place(waveform, position, rising);
        add_step(waveform, place, waveform->level, level - waveform->level);
        waveform->level = level;
    }
    /* The next edge comes at the end of this bit at the earliest. */
    double next = clock_place(waveform, position + 1);
    double reach = STEP_REACH * waveform->deviation + waveform->jitter_max;
    int64_t done = (int64_t)floor(next - reach);
    waveform->done = MAX(waveform->done, done);
    settle(waveform, waveform->done, waveform->level);
}

void gen_waveform_begin(gen_waveform *waveform, unsigned segment, int64_t first_sample)
{
    waveform->segment = &waveform->record->segment[segment];
    waveform->begin = waveform->settled = waveform->done = first_sample;
    waveform->last_edge = -INFINITY;
    /* Both legs begin with the same symbol, so that their edges have the same jitter. */
    double reach = STEP_REACH * waveform->deviation + waveform->jitter_max + waveform->delay_max;
    double first_position = waveform->segment->origin +
                            ((double)first_sample - reach) / waveform->record->samples_per_bit - 2;
    /* Symbols that no sample sees: only their level counts. */
    for (;;) {
        uint64_t position =
            waveform->group.position + waveform->next_symbol; /* of the next in the group */
        if (waveform->next_symbol < waveform->group.symbols && (double)position >= first_position)
            return;
        if (waveform->next_symbol >= waveform->group.symbols) {
            waveform->source(waveform->user, &waveform->group);
            waveform->next_symbol = 0;
            continue;
        }
        waveform->level = symbol_level(waveform, next_symbol(waveform, &position));
    }
}

void gen_waveform_read(gen_waveform *waveform, float *level, size_t count)
{
    int64_t end = waveform->begin + (int64_t)count;
    while (waveform->done < end)
        take_symbol(waveform);
    memcpy(level, waveform->window, count * sizeof *level);
    size_t rest = (size_t)(waveform->settled - end);
    memmove(waveform->window, waveform->window + count, rest * sizeof *level);
    waveform->begin = end;
}
