/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scopedump/decoder.h"

#include <math.h>
#include <string.h>

#include "linecode/alignment.h"
#include "linecode/attribution.h"
#include "linecode/code_table.h"
#include "linecode/lanes.h"
#include "pcs/lane.h"
#include "record/order.h"
#include "record/vertical.h"
#include "scopedump/error.h"
#include "signal/acquisition.h"
#include "signal/clipping.h"
#include "signal/legs.h"
#include "signal/stretches.h"
#include "simd/simd.h"
#include "waveform/format.h"
#include "waveform/stream.h"

/** How far the two legs may be apart, in seconds or in unit intervals, whichever is more. */
#define SKEW_SECONDS 2e-9
#define SKEW_BITS    3

/** Of samples that come through a pipe: so many are looked at to find the signal, at first and at
    the most. */
#define LOOK_SAMPLES      (1U << 19)
#define LOOK_SAMPLES_MOST (1U << 24)

/** Words of bits that go through the line code at a time. */
#define PIECE_WORDS 64

/** Samples without a frame or an event that an event tells of: it takes some tenths of a second to
    decode them, and who reads the packets can show progress, and stop, only when one comes. */
#define NOTHING_NEW_SAMPLES (1U << 24)

/** A choice is sure when the record speaks for it so many times as often as for the other. */
#define SURE 4

#define GROUP_BITS 10
#define PS_PER_S   1e12

/** The kinds of link by their nominal baud. */
static const struct {
    double baud;
    sd_link link;
    unsigned lanes;
    unsigned speed; /* Mb/s, when the link has but one */
} links[] = {
    /* SGMII has the same baud as 1000BASE-X; config_reg and repetition tell them apart. */
    {1.25e9, SD_LINK_1000BASE_X, 1, 0},
    {3.125e9, SD_LINK_2500BASE_X, 1, 2500},
    {5e9, SD_LINK_QSGMII, SD_LANES_MAX, 0},
};

/** The samples of a segment, as the signal stages read them. */
typedef struct {
    sd_decoder *decoder;
    uint32_t segment;
} segment_samples;

struct sd_decoder {
    sd_settings settings;
    sd_sink sink;
    const sd_simd *simd;
    unsigned threads;
    sd_code_table *table;
    const sd_waveform *waveform, *negative; /* the files of the legs */
    const sd_channel *channel;
    sd_legs legs;             /* the channel alone, or the difference of two */
    const sd_mapping *coming; /* the record, while it comes through a pipe; NULL otherwise */
    double sample_rate;
    double interval_ps;
    sd_report report;

    /* the line, known from the beginning */
    unsigned lanes;
    double nominal;       /* Hz, of the kind of link that the user gave; 0: auto */
    unsigned fixed_speed; /* Mb/s, when the kind of link has but one; otherwise 0 */

    /* the segment that is being decoded */
    bool running;
    uint32_t segment;
    uint64_t at;      /* samples taken */
    uint64_t checked; /* samples that were looked at for numbers that are not finite */
    uint64_t taken;   /* samples of the segments before */
    segment_samples samples;
    sd_acquisition *acquisition; /* of this segment, or of the next one */
    uint64_t acquired;           /* samples that it was made from */
    sd_stretches *stretches;
    sd_alignment *alignment;
    sd_lanes *dealer;
    sd_attribution *attribution;
    sd_lane *lane[SD_LANES_MAX];
    sd_order *order;
    int64_t horizon_ps; /* all before it has been handed on */
    uint64_t told;      /* samples taken, in all segments, when there was a frame or event */
    uint64_t told_none; /* ... when it was told that there was none */

    /* what goes from stage to stage */
    GArray *words, *gaps, *groups, *slips, *lane_events;
    GArray *code_groups; /* the last ones stay until it is known which of them errors hit */

    /* figures over all segments */
    double jitter_squares, jitter_edges; /* in unit intervals */
    double ui_ps;                        /* sum over all bits */
};

sd_settings sd_settings_default(void)
{
    return (sd_settings){.cpu = SD_CPU_BEST};
}

/* --- samples ---------------------------------------------------------------------------------- */

static uint64_t segment_count(const sd_decoder *d, uint32_t segment)
{
    return sd_legs_count(&d->legs, segment);
}

/** Reads samples of the signal: the channel, or the difference of the two legs. */
static void read_samples(const sd_decoder *d, uint32_t segment, uint64_t first, size_t count,
                         float *volts)
{
    sd_legs_read(&d->legs, segment, first, count, volts);
}

static void read_segment(void *user, uint64_t first, size_t count, float *volts)
{
    const segment_samples *samples = user;
    read_samples(samples->decoder, samples->segment, first, count, volts);
}

/** The samples as they stand in the file, where the signal is one channel of whole numbers in the
    byte order of this computer. */
static sd_stored stored_samples(const sd_decoder *d, uint32_t segment)
{
    static const sd_stored_kind kinds[] = {
        [SD_SAMPLE_S8] = SD_STORED_S8,
        [SD_SAMPLE_U8] = SD_STORED_U8,
        [SD_SAMPLE_S16] = SD_STORED_S16,
        [SD_SAMPLE_U16] = SD_STORED_U16,
    };
    const sd_channel *channel = d->channel;
    const size_t size = sd_sample_size(channel->type);
    if (d->legs.negative != NULL || channel->type >= G_N_ELEMENTS(kinds) ||
        channel->stride != size || !((float)channel->scale > 0) ||
        (size > 1 && channel->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN)))
        return (sd_stored){.data = NULL};
    return (sd_stored){
        .data = channel->segment[segment].data,
        .kind = kinds[channel->type],
        .scale = (float)channel->scale,
        .offset = (float)channel->offset,
    };
}

/** Samples of a segment, of which the first is at @p base, that @p bytes bytes of the file hold. */
static uint64_t whole_samples(const sd_decoder *d, uint32_t segment, uint64_t base, uint64_t bytes)
{
    const uint64_t samples = bytes > base ? (bytes - base) / d->channel->stride : 0;
    return MIN(samples, segment_count(d, segment));
}

static uint64_t wait_for_samples(const sd_decoder *d, uint32_t segment, uint64_t wanted,
                                 bool forever, bool *all)
{
    const sd_segment *s = &d->channel->segment[segment];
    const uint64_t base = (uint64_t)(s->data - d->coming->data);
    wanted = MIN(wanted, s->count);
    const uint64_t bytes =
        sd_stream_wait(d->coming->stream, base + wanted * d->channel->stride, forever, all);
    const uint64_t samples = whole_samples(d, segment, base, bytes);
    *all = *all || samples == s->count;
    return samples;
}

static uint64_t samples_arrived(void *user, uint64_t wanted, bool *all)
{
    const segment_samples *samples = user;
    return wait_for_samples(samples->decoder, samples->segment, wanted, false, all);
}

/** Looks at the samples of one leg from the first one on that has not been looked at. */
static void check_leg(sd_decoder *d, const sd_waveform *file, const sd_channel *leg,
                      uint32_t segment, uint64_t until)
{
    sd_report *r = &d->report;
    const sd_segment *s = &leg->segment[segment];
    uint64_t first = 0;
    until = MIN(until, s->count);
    const uint64_t found = until > d->checked ? sd_channel_not_finite(leg, segment, d->checked,
                                                                      until - d->checked, &first)
                                              : 0;
    if (found > 0 && r->first_not_finite == NULL) {
        g_autofree char *place = sd_waveform_place(file, s->data + first * leg->stride);
        r->first_not_finite =
            g_strdup_printf("sample %" G_GUINT64_FORMAT " of segment %u of channel %s in %s (%s)",
                            first, segment, leg->name, file->path, place);
    }
    r->not_finite += found;
}

/** Looks for samples that are not finite among those before @p until. */
static void check_samples(sd_decoder *d, uint32_t segment, uint64_t until)
{
    check_leg(d, d->waveform, d->legs.positive, segment, until);
    if (d->legs.negative != NULL)
        check_leg(d, d->negative, d->legs.negative, segment, until);
    d->checked = MAX(d->checked, until);
}

/** The same to the end of the segment, or to that of what has come of it. */
static void check_rest(sd_decoder *d, uint32_t segment, uint64_t arrived)
{
    check_samples(d, segment, d->coming != NULL ? arrived : G_MAXUINT64);
    d->checked = 0;
}

static void forget_samples(void *user, uint64_t before)
{
    const segment_samples *samples = user;
    sd_decoder *d = samples->decoder;
    const sd_segment *s = &d->channel->segment[samples->segment];
    check_samples(d, samples->segment, before);
    sd_stream_forget(d->coming->stream,
                     (uint64_t)(s->data - d->coming->data) + before * d->channel->stride);
}

static void acquire_from(sd_decoder *d, uint32_t segment, const sd_acquisition_settings *settings)
{
    sd_sample_source source = {
        .read = read_segment,
        .user = &d->samples,
        .count = segment_count(d, segment),
        .stored = stored_samples(d, segment),
    };
    d->acquired = source.count;
    if (d->coming == NULL) {
        d->acquisition = sd_acquisition_new(settings, &source);
        return;
    }
    const uint64_t count = source.count;
    bool all = false, found = false;
    for (uint64_t look = LOOK_SAMPLES; !found; look *= 2) {
        source.count = d->acquired = wait_for_samples(d, segment, look, true, &all);
        sd_acquisition_free(d->acquisition);
        d->acquisition = sd_acquisition_new(settings, &source);
        found = d->acquisition->baud.found || all || look >= LOOK_SAMPLES_MOST;
    }
    d->acquisition->source.arrived = samples_arrived;
    d->acquisition->source.forget = forget_samples;
    sd_acquisition_lengthen(d->acquisition, count);
}

/** Finds out what has to be known before the bits of a segment can be read. */
static void acquire(sd_decoder *d, uint32_t segment)
{
    double nominal[G_N_ELEMENTS(links)];
    size_t nominals = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (d->settings.link == SD_LINK_UNKNOWN || links[i].baud == d->nominal)
            nominal[nominals++] = links[i].baud;
    }
    if (d->settings.baud > 0) {
        nominal[0] = d->settings.baud;
        nominals = 1;
    }
    const sd_acquisition_settings settings = {
        .simd = d->simd,
        .sample_rate = d->sample_rate,
        .nominal = nominal,
        .nominals = nominals,
        .has_threshold = d->settings.has_threshold,
        .threshold = (float)d->settings.threshold,
    };
    d->samples = (segment_samples){d, segment};
    g_clear_pointer(&d->acquisition, sd_acquisition_free);
    acquire_from(d, segment, &settings);
}

/* --- one segment ------------------------------------------------------------------------------ */

/** The kind of link, as far as the record has told it. */
static sd_link present_link(const sd_decoder *d)
{
    const sd_lane_report *lane = &d->report.lane[0];
    if (d->settings.link != SD_LINK_UNKNOWN || d->report.link != SD_LINK_1000BASE_X)
        return d->report.link;
    const unsigned speed = d->settings.speed != 0 ? d->settings.speed : lane->data_speed;
    const bool repeated = speed == 10 || speed == 100;
    return repeated || lane->sgmii_words > lane->base_x_words ? SD_LINK_SGMII : SD_LINK_1000BASE_X;
}

static void hold_frame(const sd_frame *frame, void *user)
{
    sd_decoder *d = user;
    d->told = sd_decoder_samples(d);
    sd_frame whole = *frame;
    whole.link = (uint8_t)present_link(d);
    sd_order_frame(d->order, &whole);
}

static void hold_event(const sd_event *event, void *user)
{
    sd_decoder *d = user;
    d->told = sd_decoder_samples(d);
    sd_event whole = *event;
    whole.link = (uint8_t)present_link(d);
    sd_order_event(d->order, &whole);
}

/** An event of the whole line. */
static void line_event(sd_decoder *d, sd_event_kind kind, sd_position from, sd_position to,
                       uint32_t value)
{
    const int64_t time_ps = sd_position_ps(from, d->interval_ps);
    const sd_event event = {
        .kind = (uint16_t)kind,
        .lane = SD_LANE_NONE,
        .segment = d->segment,
        .value = value,
        .start = from,
        .time_ps = time_ps,
        .duration_ps = sd_position_ps(to, d->interval_ps) - time_ps,
    };
    hold_event(&event, d);
}

static void begin_segment(sd_decoder *d)
{
    const double period = d->acquisition->clock.period;
    d->at = 0;
    d->stretches = sd_stretches_new(d->simd, d->acquisition, d->threads);
    d->alignment = sd_alignment_new(d->table, d->lanes);
    d->dealer = sd_lanes_new(d->table, d->lanes, d->settings.polarity);
    d->attribution = sd_attribution_new(d->table, d->lanes);
    d->order = sd_order_new(&d->sink);
    d->horizon_ps = G_MININT64;
    const sd_sink sink = {hold_frame, hold_event, d};
    for (unsigned i = 0; i < d->lanes; i++) {
        const sd_lane_settings lane = {
            .lane = (uint8_t)i,
            .segment = d->segment,
            .group_span = sd_position_make(0, GROUP_BITS * period),
            .lanes = d->lanes,
            .interval_ps = d->interval_ps,
            .hints = {.fixed = d->fixed_speed, .option = d->settings.speed},
        };
        d->lane[i] = sd_lane_new(&lane, &d->report.lane[i], &sink);
    }
    d->running = true;
}

static void free_segment(sd_decoder *d)
{
    g_clear_pointer(&d->stretches, sd_stretches_free);
    g_clear_pointer(&d->acquisition, sd_acquisition_free);
    g_clear_pointer(&d->alignment, sd_alignment_free);
    g_clear_pointer(&d->dealer, sd_lanes_free);
    g_clear_pointer(&d->attribution, sd_attribution_free);
    g_array_set_size(d->code_groups, 0);
    g_clear_pointer(&d->order, sd_order_free);
    for (unsigned i = 0; i < d->lanes; i++)
        g_clear_pointer(&d->lane[i], sd_lane_free);
    d->running = false;
}

/** Adds the figures of the segment that has ended to the report. */
static void add_figures(sd_decoder *d)
{
    sd_report *r = &d->report;
    const sd_clock_statistics clock = sd_stretches_statistics(d->stretches);
    const sd_alignment_statistics alignment = sd_alignment_statistics_get(d->alignment);
    const sd_lanes_statistics lanes = sd_lanes_statistics_get(d->dealer);
    const sd_attribution_statistics errors = sd_attribution_statistics_get(d->attribution);

    if (clock.bits > 0 && (r->bits == 0 || clock.smallest_eye < r->smallest_eye))
        r->smallest_eye = clock.smallest_eye;
    r->bits += clock.bits;
    r->signal_losses += clock.gaps;
    d->ui_ps += (double)clock.bits * clock.period * d->interval_ps;
    d->jitter_squares += clock.jitter_rms * clock.jitter_rms * (double)clock.edges;
    d->jitter_edges += (double)clock.edges;

    if (alignment.aligned && !r->lock) {
        r->lock = true;
        r->first_lock_ps = sd_position_ps(alignment.first, d->interval_ps);
    }
    r->slips += alignment.slips;
    r->skipped_bits += alignment.aligned ? alignment.skipped_bits : clock.bits;
    r->commas += alignment.commas;
    r->misplaced_commas += alignment.misplaced;

    if (lanes.decided && r->groups == 0) {
        r->inverted = lanes.inverted;
        r->lane_0_by_exclusion = lanes.lane_0_by_exclusion;
        r->disparity_serial = lanes.rule == SD_DISPARITY_SERIAL;
    }
    r->upright += lanes.upright;
    r->upside_down += lanes.upside_down;
    if (lanes.k28_1 > 0 && r->k28_1 == 0)
        r->first_k28_1_ps = sd_position_ps(lanes.first_k28_1, d->interval_ps);
    r->k28_1 += lanes.k28_1;
    r->k28_1_elsewhere += lanes.k28_1_elsewhere;
    r->lane_moves += lanes.moves;
    r->groups += lanes.groups;
    r->invalid += lanes.invalid;
    r->serial_errors += lanes.serial_errors;
    r->lane_errors += lanes.lane_errors;
    r->disparity += errors.disparity;
    r->low_hit += lanes.inverted ? errors.ones_hit : errors.zeros_hit;
    r->high_hit += lanes.inverted ? errors.zeros_hit : errors.ones_hit;
    if (errors.periods_hit > r->error_periods) { /* the segment that tells it best */
        r->error_period_ps = errors.period * d->interval_ps;
        r->error_periods = errors.periods_hit;
        r->error_periods_spared = errors.periods_spared;
    }
}

static void end_segment(sd_decoder *d)
{
    for (unsigned i = 0; i < d->lanes; i++)
        sd_lane_finish(d->lane[i]);
    sd_order_release(d->order, G_MAXINT64);
    add_figures(d);
    check_rest(d, d->segment, d->at);
    d->taken += d->at;
    free_segment(d);
}

/** The way of bits to frames: a line per stage. */
static void push_words(sd_decoder *d, const sd_bit_word *words, size_t count, bool last)
{
    sd_alignment_push(d->alignment, words, count, last, d->groups, d->slips);
    sd_lanes_push(d->dealer, (const sd_line_group *)(const void *)d->groups->data, d->groups->len,
                  last, d->code_groups, d->lane_events);
    const sd_disparity_rule rule = sd_lanes_statistics_get(d->dealer).rule;
    const guint final = sd_attribution_push(d->attribution, d->code_groups, rule, last);
    for (unsigned i = 0; i < d->lanes; i++)
        sd_lane_push(d->lane[i], (const sd_code_group *)(const void *)d->code_groups->data, final);
    g_array_remove_range(d->code_groups, 0, final);
    g_array_set_size(d->groups, 0);
}

/** The way of the next samples to frames; false when that was the last of them. */
static bool push_samples(sd_decoder *d)
{
    const sd_stretches_status status = sd_stretches_next(d->stretches, d->words, d->gaps, &d->at);
    const bool end = status == SD_STRETCHES_LAST;
    if (status == SD_STRETCHES_WAIT)
        return true;
    if (d->coming == NULL) /* otherwise before they are forgotten */
        check_samples(d, d->segment, d->at);
    const sd_bit_word *words = (const sd_bit_word *)(const void *)d->words->data;
    size_t done = 0;
    do { /* so few at a time that what one stage gives the next finds near by */
        const size_t count = MIN(d->words->len - done, PIECE_WORDS);
        push_words(d, words + done, count, end && done + count == d->words->len);
        done += count;
    } while (done < d->words->len);
    return !end;
}

/** Tells of what happened to the line as a whole. */
static void tell_line_events(sd_decoder *d)
{
    for (guint i = 0; i < d->gaps->len; i++) {
        const sd_signal_gap *gap = &g_array_index(d->gaps, sd_signal_gap, i);
        line_event(d, SD_EVENT_SIGNAL_LOST, gap->from, gap->to, 0);
    }
    for (guint i = 0; i < d->slips->len; i++) {
        const sd_slip *slip = &g_array_index(d->slips, sd_slip, i);
        line_event(d, SD_EVENT_BIT_SLIP, slip->at, slip->at, (uint32_t)slip->bits);
    }
    for (guint i = 0; i < d->lane_events->len; i++) {
        const sd_lane_event *event = &g_array_index(d->lane_events, sd_lane_event, i);
        line_event(d, event->moved ? SD_EVENT_LANE_ALIGNMENT : SD_EVENT_LANE_MARK, event->at,
                   event->at, event->lane);
    }
}

/** Tells that there is nothing to tell, when that lasts; what is held begins later. */
static void tell_nothing_new(sd_decoder *d)
{
    const uint64_t taken = sd_decoder_samples(d);
    if (taken - MAX(d->told, d->told_none) < NOTHING_NEW_SAMPLES)
        return;
    const int64_t time_ps = MAX(d->horizon_ps, 1) - 1;
    const sd_event event = {
        .kind = SD_EVENT_NOTHING_NEW,
        .lane = SD_LANE_NONE,
        .link = (uint8_t)present_link(d),
        .segment = d->segment,
        .count = (uint32_t)MIN(taken - d->told, G_MAXUINT32),
        .start = sd_position_make(0, (double)time_ps / d->interval_ps),
        .time_ps = time_ps,
    };
    d->sink.event(&event, d->sink.user);
    d->told_none = taken;
}

static void clear_between_stages(sd_decoder *d)
{
    GArray *const all[] = {d->words, d->gaps, d->slips, d->lane_events};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_array_set_size(all[i], 0);
}

static void step_segment(sd_decoder *d)
{
    const bool more = push_samples(d);
    tell_line_events(d);
    clear_between_stages(d);
    tell_nothing_new(d);
    d->horizon_ps = G_MAXINT64 - 1;
    for (unsigned i = 0; i < d->lanes; i++)
        d->horizon_ps = MIN(d->horizon_ps, sd_lane_horizon(d->lane[i]));
    sd_order_release(d->order, d->horizon_ps);
    if (!more)
        end_segment(d);
}

/* --- the whole record ------------------------------------------------------------------------- */

/** The share of clipped samples, of the first @p samples, of the leg that has more of them. */
static double clipped_share(const sd_decoder *d, uint32_t segment, uint64_t samples)
{
    const sd_channel *negative = d->legs.negative;
    const double share = sd_clipping_share(d->legs.positive, segment, samples);
    return negative != NULL ? MAX(share, sd_clipping_share(negative, segment, samples)) : share;
}

/** Finds the first segment with a signal of a known baud, and with it the kind of link. */
static void find_link(sd_decoder *d)
{
    sd_report *r = &d->report;
    sd_level level;
    sd_baud baud = {0};
    uint32_t found = 0;
    uint64_t looked_at = 0;
    for (uint32_t s = 0; s < d->report.segments && !baud.found; s++) {
        acquire(d, s);
        level = d->acquisition->level;
        baud = d->acquisition->baud;
        if (s == 0 || baud.found || (level.present && !r->signal)) {
            found = s;
            looked_at = d->acquired;
            r->signal = level.present;
            r->low = level.low;
            r->high = level.high;
            r->threshold = level.threshold;
            r->noise = level.noise;
            r->baseline_wanders = d->acquisition->has_baseline;
            r->equalized = d->acquisition->has_equalizer;
            r->shortest_pulse_ps = baud.shortest * PS_PER_S;
        }
    }
    double low, high;
    r->clipping_known =
        sd_channel_code_span(d->legs.positive, &low, &high) &&
        (d->legs.negative == NULL || sd_channel_code_span(d->legs.negative, &low, &high));
    r->clipped = clipped_share(d, found, looked_at);
    if (!baud.found) { /* nothing will be decoded */
        for (uint32_t s = 0; s < r->segments; s++)
            check_rest(d, s, d->acquired);
        return;
    }
    size_t nearest = 0;
    for (size_t i = 1; i < G_N_ELEMENTS(links); i++) {
        if (fabs(log(links[i].baud / baud.nominal)) < fabs(log(links[nearest].baud / baud.nominal)))
            nearest = i;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (links[i].baud == d->nominal)
            nearest = i; /* the user gave the kind of link */
    }
    r->nominal_baud = d->settings.baud > 0 ? d->settings.baud : links[nearest].baud;
    r->baud_fit = baud.fit;
    r->link = d->settings.link != SD_LINK_UNKNOWN ? d->settings.link : links[nearest].link;
    d->lanes = links[nearest].lanes;
    d->fixed_speed = d->settings.link == SD_LINK_1000BASE_X ? 1000 : links[nearest].speed;
}

/** Whether it will be known only at its end how many samples the record has. */
static bool count_is_unknown(const sd_decoder *d)
{
    return d->coming != NULL &&
           d->channel->segment[0].count >= d->coming->size / d->channel->stride;
}

static void fill_in_file(sd_decoder *d, const sd_waveform *waveform, const sd_waveform *negative)
{
    sd_report *r = &d->report;
    r->file = g_strdup(waveform->path);
    r->format = g_strdup(waveform->format);
    r->instrument = g_strdup(waveform->instrument);
    r->direction = d->settings.direction;
    r->channel = g_strdup(d->channel->name);
    sd_vertical_set(&r->vertical, d->channel);
    const sd_channel *leg = d->legs.negative;
    r->differential = leg != NULL;
    if (leg != NULL && negative != NULL) {
        sd_vertical_set(&r->vertical_neg, leg);
        g_autofree char *file = g_path_get_basename(negative->path);
        r->channel_neg = negative == waveform ? g_strdup(leg->name)
                                              : g_strdup_printf("%s in %s", leg->name, file);
        r->skew_found = d->legs.found;
        r->skew_ps = d->legs.skew * d->interval_ps;
        r->likeness = d->legs.likeness;
    }
    r->segments = (uint32_t)d->channel->segments;
    for (uint32_t s = 0; s < r->segments && !count_is_unknown(d); s++)
        r->samples += segment_count(d, s);
    r->sample_rate = d->sample_rate;
    r->time_ns = d->channel->segment[0].time_ns;
    r->time_from_file = waveform->has_time;
    r->notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; waveform->notes != NULL && i < waveform->notes->len; i++)
        g_ptr_array_add(r->notes, g_strdup(g_ptr_array_index(waveform->notes, i)));
}

/** Whether the record is still coming through a pipe. */
static bool is_coming(const sd_waveform *waveform)
{
    const sd_mapping *mapping = waveform->mapping;
    return mapping->stream != NULL && mapping->size == mapping->length;
}

static const sd_channel *find_channel(const sd_waveform *waveform, size_t channel, GError **error)
{
    if (channel < waveform->channels)
        return &waveform->channel[channel];
    g_set_error(error, SD_ERROR, SD_ERROR_CHANNEL, "%s has %zu channel%s; there is no channel %zu",
                waveform->path, waveform->channels, waveform->channels == 1 ? "" : "s",
                channel + 1);
    return NULL;
}

static bool legs_fit(const sd_waveform *waveform, const sd_channel *channel,
                     const sd_waveform *negative, const sd_channel *other, GError **error)
{
    if (fabs(channel->interval / other->interval - 1) > 1e-6) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "The two legs have different sample rates: %.9g Hz in %s, %.9g Hz in %s",
                    1 / channel->interval, waveform->path, 1 / other->interval, negative->path);
        return false;
    }
    if (channel->segments != other->segments) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "The two legs have different numbers of segments: %zu in %s, %zu in %s",
                    channel->segments, waveform->path, other->segments, negative->path);
        return false;
    }
    const sd_legs legs = {.positive = channel, .negative = other};
    for (size_t i = 0; i < channel->segments; i++) {
        if (sd_legs_count(&legs, i) > 0)
            continue;
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "The two legs have no time in common: in segment %zu, %s begins %.9g s after "
                    "the trigger, %s %.9g s",
                    i, waveform->path, channel->segment[i].start, negative->path,
                    other->segment[i].start);
        return false;
    }
    return true;
}

sd_decoder *sd_decoder_new(const sd_settings *settings, const sd_waveform *waveform, size_t channel,
                           const sd_waveform *negative, size_t channel_neg, const sd_sink *sink,
                           GError **error)
{
    const sd_channel *positive_leg = find_channel(waveform, channel, error);
    const sd_channel *negative_leg = NULL;
    if (positive_leg == NULL)
        return NULL;
    if (negative != NULL && is_coming(waveform)) {
        g_set_error(error, SD_ERROR, SD_ERROR_USAGE,
                    "A pair cannot be read from a pipe: save the record, and give its file");
        return NULL;
    }
    if (negative != NULL) {
        negative_leg = find_channel(negative, channel_neg, error);
        if (negative_leg == NULL ||
            !legs_fit(waveform, positive_leg, negative, negative_leg, error))
            return NULL;
    }

    sd_decoder *d = g_new0(sd_decoder, 1);
    d->settings = *settings;
    d->sink = *sink;
    d->simd = sd_simd_select(settings->cpu);
    d->threads = settings->threads > 0 ? settings->threads : g_get_num_processors();
    d->table = sd_code_table_new();
    d->waveform = waveform;
    d->negative = negative;
    d->channel = positive_leg;
    d->coming = is_coming(waveform) ? waveform->mapping : NULL;
    d->sample_rate = 1 / positive_leg->interval;
    d->interval_ps = positive_leg->interval * PS_PER_S;
    d->lanes = 1;
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (links[i].link == settings->link ||
            (links[i].link == SD_LINK_1000BASE_X && settings->link == SD_LINK_SGMII))
            d->nominal = links[i].baud;
    }
    d->words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
    d->gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap));
    d->groups = g_array_new(FALSE, FALSE, sizeof(sd_line_group));
    d->slips = g_array_new(FALSE, FALSE, sizeof(sd_slip));
    d->code_groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    d->lane_events = g_array_new(FALSE, FALSE, sizeof(sd_lane_event));
    const double slowest = d->settings.baud > 0 ? d->settings.baud
                           : d->nominal > 0     ? d->nominal
                                                : links[0].baud;
    d->legs = sd_legs_new(positive_leg, negative_leg, MAX(SKEW_SECONDS, SKEW_BITS / slowest));
    fill_in_file(d, waveform, negative);
    find_link(d);
    return d;
}

void sd_decoder_free(sd_decoder *d)
{
    if (d == NULL)
        return;
    free_segment(d);
    GArray *const all[] = {d->words, d->gaps, d->groups, d->slips, d->code_groups, d->lane_events};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        g_array_free(all[i], TRUE);
    g_free(d->table);
    sd_report_clear(&d->report);
    g_free(d);
}

unsigned sd_decoder_lanes(const sd_decoder *d)
{
    return d->lanes;
}

/** Now it is known how many samples have come. */
static void tell_end_of_pipe(sd_decoder *d)
{
    sd_report *r = &d->report;
    if (r->samples > d->taken)
        g_ptr_array_add(r->notes, g_strdup_printf("the pipe ended after %" G_GUINT64_FORMAT
                                                  " of %" G_GUINT64_FORMAT " samples",
                                                  d->taken, r->samples));
    r->samples = d->taken;
}

bool sd_decoder_step(sd_decoder *d)
{
    if (d->report.link == SD_LINK_UNKNOWN || d->segment >= d->report.segments)
        return false;
    if (!d->running) {
        if (d->acquisition == NULL || d->samples.segment != d->segment)
            acquire(d, d->segment);
        if (!d->acquisition->baud.found) { /* nothing in this segment */
            d->taken += segment_count(d, d->segment);
            check_rest(d, d->segment, d->acquired);
            d->horizon_ps = G_MININT64;
            tell_nothing_new(d);
            return ++d->segment < d->report.segments;
        }
        begin_segment(d);
    }
    step_segment(d);
    if (d->running)
        return true;
    d->segment++;
    if (d->segment < d->report.segments)
        return true;
    if (d->coming != NULL)
        tell_end_of_pipe(d);
    return false;
}

void sd_decoder_reached(const sd_decoder *d, uint32_t *segment, int64_t *time_ps)
{
    *segment = d->segment;
    *time_ps = d->running ? d->horizon_ps : G_MININT64;
}

uint64_t sd_decoder_samples(const sd_decoder *d)
{
    return d->taken + (d->running ? d->at : 0);
}

double sd_decoder_progress(const sd_decoder *d)
{
    if (d->report.link == SD_LINK_UNKNOWN)
        return 1;
    if (d->report.samples == 0)
        return 0; /* nobody knows */
    return (double)sd_decoder_samples(d) / (double)d->report.samples;
}

const sd_report *sd_decoder_report(sd_decoder *d)
{
    sd_report *r = &d->report;
    r->link = present_link(d);
    const sd_lane_report *lane = &r->lane[0];
    r->link_sure = r->link == SD_LINK_QSGMII ? r->k28_1 > 0
                   : r->link == SD_LINK_2500BASE_X
                       ? r->lock
                       : lane->sgmii_words + lane->base_x_words > 0 || lane->data_speed == 10 ||
                             lane->data_speed == 100;
    r->polarity_sure = d->settings.polarity != SD_POLARITY_AUTO ||
                       MAX(r->upright, r->upside_down) > SURE * MIN(r->upright, r->upside_down);
    r->disparity_sure = d->lanes == 1 || MAX(r->serial_errors, r->lane_errors) >
                                             SURE * MIN(r->serial_errors, r->lane_errors);
    if (r->bits > 0)
        r->baud = PS_PER_S / (d->ui_ps / (double)r->bits);
    if (d->jitter_edges > 0 && r->baud > 0)
        r->jitter_rms_ps = sqrt(d->jitter_squares / d->jitter_edges) * PS_PER_S / r->baud;
    return r;
}
