/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scopedump-generate: makes test waveforms with known truth. The data goes one way:
 * traffic.c (frames) -> pcs.c (code-groups of a lane) -> encode.c and line.c (bits of all lanes,
 * with errors) -> waveform.c, channel.c, baseline.c (samples) -> quantise.c, writer.c (file), and
 * one source file for each kind of file. truth.c keeps the books. Nothing here is shared with the
 * decoder.
 */
#include "baseline.h"
#include "channel.h"
#include "ideal.h"
#include "quantise.h"
#include "random.h"
#include "truth.h"
#include "waveform.h"
#include "writer.h"

#include <locale.h>
#include <stdlib.h>

#define BLOCK 65536

/* Where a waveform gets its code-groups from; the truth sees each of them. */
typedef struct {
    gen_line *line;
    gen_truth *truth; /* or NULL */
} watched_line;

/* The positive leg or the whole signal, or the negative leg. Each has its line, so that
 * one may come later than the other; both lines are the same. */
typedef struct {
    gen_writer *writer; /* both legs may be in one file */
    unsigned number;    /* of the channel there */
    float sign;
    watched_line line;
    gen_waveform *waveform;
    gen_channel *channel;
    gen_baseline *baseline; /* or NULL */
    gen_random noise;
    float *level, *shift, *volts;
} leg_signal;

static void next_group(void *user, gen_line_group *group)
{
    watched_line *watched = user;
    gen_line_next(watched->line, group);
    if (watched->truth != NULL)
        gen_truth_push(watched->truth, group);
}

static void write_leg(const gen_options *options, leg_signal *leg, size_t count)
{
    float amplitude = (float)gen_file_amplitude(options);
    gen_channel_read(leg->channel, leg->level, count);
    if (leg->baseline != NULL)
        gen_baseline_read(leg->baseline, leg->level, leg->shift, count);
    for (size_t i = 0; leg->baseline != NULL && i < count; i++)
        leg->level[i] += leg->shift[i];
    for (size_t i = 0; i < count; i++)
        leg->volts[i] = leg->sign * amplitude * leg->level[i];
    if (options->noise > 0)
        gen_random_add_noise(&leg->noise, leg->volts, count, (float)options->noise * amplitude);
    gen_writer_write(leg->writer, leg->number, leg->volts, count);
}

/* Gives the ideal receiver the samples of a block that are part of the record: first counts from
 * sample 0, and the extra samples before and after are none of its business. It knows the baseline,
 * which is shift, or NULL. */
static void read_ideally(gen_ideal *ideal, const gen_options *options, const leg_signal *legs,
                         unsigned leg_count, int64_t first, size_t count)
{
    int64_t begin = CLAMP(-first, 0, (int64_t)count);
    int64_t end = CLAMP((int64_t)options->samples - first, 0, (int64_t)count);
    float *volts = legs[0].volts;
    if (leg_count == 2) {
        /* Legs that are not aligned are no signal: then the positive one counts twice. */
        bool aligned = options->leg_skew == 0;
        for (size_t i = 0; i < count; i++)
            volts[i] -= aligned ? legs[1].volts[i] : -volts[i];
    }
    for (size_t i = 0; legs[0].baseline != NULL && i < count; i++)
        volts[i] -= (float)options->amplitude * legs[0].shift[i];
    if (end > begin)
        gen_ideal_push(ideal, volts + begin, (size_t)(end - begin));
}

static void write_segment(const gen_options *options, const gen_record *record, gen_truth *truth,
                          unsigned index, leg_signal *legs, unsigned leg_count)
{
    gen_ideal *ideal = gen_ideal_new(record, &record->segment[index]);
    int64_t first = -(int64_t)options->precharge;
    int64_t end = (int64_t)(options->samples + options->precharge);
    for (unsigned i = 0; i < leg_count; i++) {
        gen_channel_begin(legs[i].channel, index, first);
        legs[i].baseline = gen_baseline_new(options, record);
        if (legs[i].baseline != NULL)
            gen_baseline_begin(legs[i].baseline, index, first);
    }
    while (first < end) {
        size_t count = (size_t)MIN(end - first, BLOCK);
        for (unsigned i = 0; i < leg_count; i++)
            write_leg(options, &legs[i], count);
        if (truth != NULL)
            read_ideally(ideal, options, legs, leg_count, first, count);
        first += (int64_t)count;
    }
    if (truth != NULL)
        gen_truth_set_ideal(truth, index, gen_ideal_bits(ideal));
    for (unsigned i = 0; i < leg_count; i++)
        g_clear_pointer(&legs[i].baseline, gen_baseline_free);
    gen_ideal_free(ideal);
}

/* Makes the signal of a leg; the second leg needs a line of its own. */
static bool begin_leg(leg_signal *leg, unsigned index, const gen_options *options,
                      const gen_record *record, gen_line *line, gen_truth *truth, GError **error)
{
    gen_random_init(&leg->noise, options->seed, 0x500 + index);
    leg->sign = index == 0 ? 1 : -1;
    leg->line = index == 0 ? (watched_line){line, truth}
                           : (watched_line){gen_line_new(options, record, error), NULL};
    if (leg->line.line == NULL)
        return false;
    leg->waveform = gen_waveform_new(options, record, index == 0 ? 0 : options->leg_skew,
                                     next_group, &leg->line);
    leg->channel = gen_channel_new(options, leg->waveform);
    leg->level = g_new(float, BLOCK);
    leg->shift = g_new(float, BLOCK);
    leg->volts = g_new(float, BLOCK);
    return true;
}

static bool write_record(const gen_options *options, const gen_record *record, gen_line *line,
                         gen_truth *truth, GError **error)
{
    const char *paths[2] = {options->out, options->out_negative};
    unsigned leg_count = options->legs ? 2 : 1;
    unsigned file_count = options->out_negative != NULL ? 2 : 1;
    gen_writer *writers[2] = {NULL, NULL};
    leg_signal legs[2] = {0};
    bool good = true;
    for (unsigned i = 0; good && i < file_count; i++) {
        writers[i] = gen_writer_open(paths[i], options, record, i, leg_count / file_count, error);
        good = writers[i] != NULL;
    }
    for (unsigned i = 0; good && i < leg_count; i++) {
        legs[i].writer = writers[i % file_count];
        legs[i].number = i / file_count;
        good = begin_leg(&legs[i], i, options, record, line, truth, error);
    }
    for (unsigned k = 0; good && k < record->segments; k++)
        write_segment(options, record, truth, k, legs, leg_count);
    for (unsigned i = 0; i < leg_count; i++) {
        gen_channel_free(legs[i].channel);
        gen_waveform_free(legs[i].waveform);
        if (i > 0)
            gen_line_free(legs[i].line.line);
        g_free(legs[i].level);
        g_free(legs[i].shift);
        g_free(legs[i].volts);
    }
    for (unsigned i = 0; i < file_count; i++) {
        if (writers[i] != NULL)
            good = gen_writer_close(writers[i], good ? error : NULL) && good;
    }
    return good;
}

static bool generate(const gen_options *options, GError **error)
{
    gen_record *record = gen_record_new(options);
    gen_line *line = gen_line_new(options, record, error);
    gen_truth *truth = options->truth != NULL ? gen_truth_new(options, record) : NULL;
    bool good = line != NULL && write_record(options, record, line, truth, error);
    if (good && truth != NULL)
        good = gen_truth_write(truth, options->truth, error);
    if (good && gen_line_errors_left(line) > 0) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%u line errors lie outside the record", gen_line_errors_left(line));
        good = false;
    }
    gen_truth_free(truth);
    gen_line_free(line);
    gen_record_free(record);
    return good;
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    GError *error = NULL;
    gen_options *options = gen_options_parse(&argc, &argv, &error);
    bool good = options != NULL && generate(options, &error);
    if (!good)
        g_printerr("scopedump-generate: %s\n", error->message);
    gen_options_free(options);
    g_clear_error(&error);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
