/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast records are decoded, with each kind of CPU instructions, beside the time that merely
   reading their bytes takes. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "scopedump/decoder.h"

#define US_PER_S 1e6
/** The best of so many runs counts: what disturbs a run only makes it slower. */
#define RUNS 3
/** Blocks between two looks at the memory. */
#define STEPS_PER_LOOK 64

/** One run of the decoder. */
typedef struct {
    gint64 begin_us;
    gint64 first_frame_us; /* after the begin; -1: none */
    uint64_t frames;
    double seconds;
    double memory; /* MiB of anonymous memory, at most */
} run;

/** Anonymous memory of this process in MiB: the mapped record does not count. */
static double anonymous_mib(void)
{
    double kib = 0;
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (g_str_has_prefix(line, "RssAnon:"))
            kib = g_ascii_strtod(line + strlen("RssAnon:"), NULL);
    }
    if (file != NULL)
        fclose(file);
    return kib / 1024;
}

/** Sums the mapped bytes of a channel, eight at a time. */
static uint64_t sum_bytes(const sd_channel *channel)
{
    uint64_t sum = 0;
    for (size_t s = 0; s < channel->segments; s++) {
        const uint8_t *data = channel->segment[s].data;
        const size_t size = (size_t)channel->segment[s].count * channel->stride;
        for (size_t at = 0; at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
            uint64_t word;
            memcpy(&word, data + at, sizeof word);
            sum += word;
        }
    }
    return sum;
}

/** Seconds that reading takes, once the file is in memory. */
static double read_seconds(const sd_channel *channel, uint64_t *sum)
{
    double best = G_MAXDOUBLE;
    *sum = sum_bytes(channel);
    for (int i = 0; i < RUNS; i++) {
        const gint64 begin = g_get_monotonic_time();
        *sum += sum_bytes(channel);
        best = MIN(best, (double)(g_get_monotonic_time() - begin) / US_PER_S);
    }
    return best;
}

static void count_frame(const sd_frame *frame, void *user)
{
    (void)frame;
    run *r = user;
    if (r->frames++ == 0)
        r->first_frame_us = g_get_monotonic_time() - r->begin_us;
}

static void ignore_event(const sd_event *event, void *user)
{
    (void)event;
    (void)user;
}

static bool decode(const sd_waveform *waveform, sd_cpu cpu, run *r, GError **error)
{
    const sd_sink sink = {count_frame, ignore_event, r};
    sd_settings settings = sd_settings_default();
    settings.cpu = cpu;
    *r = (run){.begin_us = g_get_monotonic_time(), .first_frame_us = -1};
    sd_decoder *decoder = sd_decoder_new(&settings, waveform, 0, NULL, 0, &sink, error);
    if (decoder == NULL)
        return false;
    for (unsigned step = 0; sd_decoder_step(decoder); step++) {
        if (step % STEPS_PER_LOOK == 0)
            r->memory = MAX(r->memory, anonymous_mib());
    }
    r->seconds = (double)(g_get_monotonic_time() - r->begin_us) / US_PER_S;
    r->memory = MAX(r->memory, anonymous_mib());
    sd_decoder_free(decoder);
    return true;
}

static bool bench(const char *path, double memory_before, GError **error)
{
    sd_waveform *waveform = sd_waveform_open(path, NULL, error);
    if (waveform == NULL)
        return false;
    const sd_channel *channel = &waveform->channel[0];
    uint64_t samples = 0, sum = 0;
    for (size_t s = 0; s < channel->segments; s++)
        samples += channel->segment[s].count;
    const double reading = read_seconds(channel, &sum);
    printf("%s\n%" G_GUINT64_FORMAT " samples of %zu bytes at %.4g GS/s; reading takes %.4f s, "
           "%.0f million samples per second (sum %016" G_GINT64_MODIFIER "x)\n",
           path, samples, sd_sample_size(channel->type), 1e-9 / channel->interval, reading,
           (double)samples / reading / 1e6, sum);
    printf("%-8s %10s %14s %14s %12s %12s %10s\n", "cpu", "seconds", "Msamples/s", "x reading",
           "first frame", "memory", "frames");

    bool good = true;
    static const char *const names[] = {"c", "sse4.1", "avx2", "avx512"};
    for (sd_cpu cpu = SD_CPU_C; cpu <= SD_CPU_BEST && good; cpu++) {
        if (strcmp(sd_cpu_used(cpu), names[cpu]) != 0)
            continue; /* this CPU has it not */
        run best = {.seconds = G_MAXDOUBLE};
        double memory = 0;
        for (int i = 0; i < RUNS && good; i++) {
            run r;
            good = decode(waveform, cpu, &r, error);
            memory = MAX(memory, r.memory - memory_before);
            if (good && r.seconds < best.seconds)
                best = r;
        }
        if (good)
            printf("%-8s %10.3f %14.1f %14.2f %9.1f ms %8.1f MiB %10" G_GUINT64_FORMAT "\n",
                   names[cpu], best.seconds, (double)samples / best.seconds / 1e6,
                   best.seconds / reading, (double)best.first_frame_us / 1e3, memory, best.frames);
        fflush(stdout);
    }
    sd_waveform_free(waveform);
    return good;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "Usage: %s RECORD...\n", argv[0]);
        return 2;
    }
    const double memory_before = anonymous_mib();
    for (int i = 1; i < argc; i++) {
        GError *error = NULL;
        if (!bench(argv[i], memory_before, &error)) {
            fprintf(stderr, "%s\n", error->message);
            g_error_free(error);
            return 1;
        }
    }
    return 0;
}
