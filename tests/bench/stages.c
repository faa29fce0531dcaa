/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stages.h"

#define DEFINE_STAGE(name, part)                                                                   \
    static bool run_##name(bench_stages *s, GError **error)                                        \
    {                                                                                              \
        (void)error;                                                                               \
        bench_##name(s->part);                                                                     \
        return true;                                                                               \
    }

DEFINE_STAGE(volts, signal)
DEFINE_STAGE(acquisition, signal)
DEFINE_STAGE(signal_read, signal)
DEFINE_STAGE(edges, signal)
DEFINE_STAGE(clock, signal)
DEFINE_STAGE(bits, signal)
DEFINE_STAGE(alignment, line)
DEFINE_STAGE(lanes, line)
DEFINE_STAGE(attribution, line)
DEFINE_STAGE(pcs, line)
DEFINE_STAGE(fcs, frames)
DEFINE_STAGE(order, frames)

static bool run_pcapng(bench_stages *s, GError **error)
{
    return bench_pcapng(s->frames, error);
}

const bench_stage bench_stage_table[] = {
    {"volts", run_volts},
    {"acquisition", run_acquisition},
    {"signal", run_signal_read},
    {"edges", run_edges},
    {"clock", run_clock},
    {"bits", run_bits},
    {"alignment", run_alignment},
    {"lanes", run_lanes},
    {"attribution", run_attribution},
    {"pcs", run_pcs},
    {"fcs", run_fcs},
    {"order", run_order},
    {"pcapng", run_pcapng},
    {NULL, NULL},
};

bench_stages *bench_stages_new(const sd_waveform *waveform, sd_cpu cpu, GError **error)
{
    bench_frames *frames = bench_frames_new(waveform, cpu, error);
    if (frames == NULL)
        return NULL;
    bench_stages *s = g_new0(bench_stages, 1);
    s->frames = frames;
    s->signal = bench_signal_new(&waveform->channel[0], cpu);
    s->line = bench_line_new(bench_signal_words(s->signal), bench_signal_period(s->signal),
                             waveform->channel[0].interval, bench_frames_lanes(frames));
    return s;
}

void bench_stages_free(bench_stages *s)
{
    if (s == NULL)
        return;
    bench_frames_free(s->frames);
    bench_line_free(s->line);
    bench_signal_free(s->signal);
    g_free(s);
}
