/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/lane.h"

#include <string.h>

#include "pcs/configuration.h"
#include "pcs/synchronization.h"

/** An event that goes on is handed on when it has lasted so long, as far as it got, so that the
    frames behind it need not wait. */
#define EVENT_PS (16 * G_GINT64_CONSTANT(1000000))
/** Code-groups of /C/ and of /LI/. */
#define CONFIG_GROUPS 4
#define IDLE_GROUPS   2
/** So many idle ordered sets in a row end a configuration (idle_match of clause 37); a single one
   may be a damaged /C/. */
#define IDLE_MATCH 3
/** Symbol errors so few octets apart are one event. */
#define ERROR_RUN_GROUPS 32

/** An event that may still grow. */
typedef struct {
    bool open;
    bool given; /* handed on, but not over */
    sd_event event;
} growing;

struct sd_lane {
    sd_lane_settings settings;
    sd_lane_report *report;
    sd_sink sink;
    sd_synchronization synchronization;
    sd_receive *receive;
    sd_rate_adaptation *adaptation;
    uint64_t groups; /* in this segment */
    sd_position now; /* the beginning of the present group */
    sd_lane_state state;
    int64_t state_since;
    bool was_idle;  /* since the last configuration */
    unsigned idles; /* idle ordered sets since the last config_reg, up to IDLE_MATCH */
    sd_position first_idle;
    growing config, low_power, errors;
    uint64_t last_error; /* group number */
};

static int64_t to_ps(const sd_lane *lane, sd_position position)
{
    return sd_position_ps(position, lane->settings.interval_ps);
}

/** The end of an ordered set of @p groups code-groups. */
static int64_t set_end(const sd_lane *lane, sd_position start, unsigned groups)
{
    return to_ps(lane, start + lane->settings.group_span * (groups * lane->settings.lanes));
}

static void give_event(sd_lane *lane, const sd_event *event)
{
    lane->sink.event(event, lane->sink.user);
}

static void begin_growing(sd_lane *lane, growing *g, sd_event_kind kind, sd_position start,
                          uint32_t value)
{
    *g = (growing){
        .open = true,
        .event = {.kind = (uint16_t)kind,
                  .lane = lane->settings.lane,
                  .segment = lane->settings.segment,
                  .value = value,
                  .start = start,
                  .time_ps = to_ps(lane, start)},
    };
}

/** Takes one more of the same that ends at @p end. */
static void grow(sd_lane *lane, growing *g, int64_t end)
{
    g->event.count++;
    g->event.duration_ps = end - g->event.time_ps;
    if (!g->given && g->event.duration_ps >= EVENT_PS) {
        g->given = true;
        give_event(lane, &g->event);
    }
}

static void end_growing(sd_lane *lane, growing *g)
{
    if (g->open && !g->given)
        give_event(lane, &g->event);
    g->open = false;
}

static void simple_event(sd_lane *lane, sd_event_kind kind, sd_position start, uint32_t count)
{
    const sd_event event = {
        .kind = (uint16_t)kind,
        .lane = lane->settings.lane,
        .segment = lane->settings.segment,
        .count = count,
        .start = start,
        .time_ps = to_ps(lane, start),
    };
    give_event(lane, &event);
}

/** The timeline shows idle and data as one. */
static sd_lane_state coarse(sd_lane_state state)
{
    return state == SD_LANE_DATA ? SD_LANE_IDLE : state;
}

static void count_state(sd_lane *lane, int64_t until)
{
    sd_lane_report *r = lane->report;
    r->state_ps[lane->state] += until - lane->state_since;
    const sd_lane_state state = coarse(lane->state);
    sd_lane_stretch *last = r->stretches > 0 ? &r->stretch[r->stretches - 1] : NULL;
    if (last != NULL && last->state == state && last->segment == lane->settings.segment &&
        last->to_ps == lane->state_since) {
        last->to_ps = until;
    } else if (until > lane->state_since) {
        r->stretches_total++;
        if (r->stretches < SD_TIMELINE_MAX)
            r->stretch[r->stretches++] = (sd_lane_stretch){.segment = lane->settings.segment,
                                                           .state = state,
                                                           .from_ps = lane->state_since,
                                                           .to_ps = until};
    }
    lane->state_since = until;
}

static void enter_state(sd_lane *lane, sd_lane_state state, sd_position at)
{
    if (state == lane->state)
        return;
    count_state(lane, MAX(to_ps(lane, at), lane->state_since));
    lane->state = lane->report->now = state;
}

static void take_config(sd_lane *lane, uint16_t word, sd_position start)
{
    sd_lane_report *r = lane->report;
    if (lane->was_idle) {
        r->restarts++;
        lane->was_idle = false;
    } else if (word == 0 && lane->config.open && lane->config.event.value != 0) {
        r->restarts++; /* AN_RESTART of clause 37 sends zeros */
    }
    if (lane->config.open && lane->config.event.value != word)
        end_growing(lane, &lane->config);
    if (!lane->config.open) {
        begin_growing(lane, &lane->config, SD_EVENT_CONFIGURATION, start, word);
        r->configs_total++;
        if (r->configs < SD_CONFIGS_MAX)
            r->config[r->configs++] = (sd_config_run){.segment = lane->settings.segment,
                                                      .word = word,
                                                      .from_ps = lane->config.event.time_ps};
    }
    const int64_t end = set_end(lane, start, CONFIG_GROUPS);
    grow(lane, &lane->config, end);
    if (r->configs_total == r->configs) {
        r->config[r->configs - 1].count++;
        r->config[r->configs - 1].to_ps = end;
    }
    r->acknowledged |= (word & SD_CONFIG_ACKNOWLEDGE) != 0;
    if (sd_config_is_sgmii(word))
        r->sgmii_words++;
    else if (word != 0)
        r->base_x_words++;
    const unsigned speed = sd_config_speed(word);
    if (speed != 0) {
        r->config_speed = speed;
        lane->settings.hints.config = speed;
    }
    enter_state(lane, SD_LANE_CONFIGURATION, start);
}

static void take_set(sd_ordered_set set, uint16_t config_reg, sd_position start, void *user)
{
    sd_lane *lane = user;
    sd_position begin = start;
    lane->report->ordered_sets++;
    if (set == SD_SET_CONFIGURATION) {
        lane->idles = 0;
        end_growing(lane, &lane->low_power);
        take_config(lane, config_reg, start);
        return;
    }
    if (lane->idles == 0)
        lane->first_idle = start;
    lane->idles = MIN(lane->idles + 1, IDLE_MATCH);
    if (lane->config.open && lane->idles < IDLE_MATCH)
        return;
    if (lane->config.open) {
        end_growing(lane, &lane->config);
        simple_event(lane, SD_EVENT_IDLE, lane->first_idle, 0);
        begin = lane->first_idle;
    }
    lane->was_idle = true;
    if (set == SD_SET_LOW_POWER_IDLE) {
        if (!lane->low_power.open)
            begin_growing(lane, &lane->low_power, SD_EVENT_LOW_POWER_IDLE, start, 0);
        grow(lane, &lane->low_power, set_end(lane, start, IDLE_GROUPS));
        enter_state(lane, SD_LANE_LOW_POWER_IDLE, begin);
    } else {
        end_growing(lane, &lane->low_power);
        enter_state(lane, SD_LANE_IDLE, begin);
    }
}

/** Whether all octets are the same. */
static bool is_constant(const sd_received *received)
{
    const uint64_t kept = MIN(received->groups, SD_RECEIVE_GROUPS_MAX);
    return memcmp(received->octet, received->octet + 1, kept - 1) == 0;
}

static uint64_t take_frame(const sd_received *received, void *user)
{
    sd_lane *lane = user;
    sd_lane_report *r = lane->report;
    sd_frame frame;
    uint64_t end_group;
    end_growing(lane, &lane->errors);
    sd_rate_adaptation_frame(lane->adaptation, received, &lane->settings.hints,
                             lane->settings.interval_ps, &frame, &end_group);
    frame.lane = lane->settings.lane;
    frame.segment = lane->settings.segment;
    frame.time_ps = to_ps(lane, frame.start);
    /* The place of the last group is known; where the last octet ends before it, count back. */
    sd_position end = received->last + lane->settings.group_span;
    if (end_group < received->groups && received->groups > 1)
        end -= (received->last - received->start) / (sd_position)(received->groups - 1) *
               (sd_position)(received->groups - end_group);
    frame.duration_ps = to_ps(lane, end) - frame.time_ps;
    if (frame.speed_source == SD_SPEED_FROM_DATA || frame.speed_source == SD_SPEED_AGREED ||
        frame.speed_source == SD_SPEED_DISAGREES) {
        r->data_speed = frame.speed;
        lane->settings.hints.data = frame.speed;
    }
    r->speeds_disagree |= frame.speed_source == SD_SPEED_DISAGREES;
    r->frames++;
    r->octets += frame.length;
    const bool cut = frame.begin == SD_BEGIN_CUT || frame.end == SD_END_CUT;
    r->cut += cut;
    r->constant = frame.begin == SD_BEGIN_CUT && frame.end == SD_END_CUT && is_constant(received);
    r->constant_octet = received->octet[0];
    r->fcs_bad += (frame.flags & SD_FRAME_FCS_BAD) != 0;
    r->fcs_bad_whole += !cut && (frame.flags & SD_FRAME_FCS_BAD);
    r->damaged_frames += frame.invalid + frame.disparity > 0;
    r->errors_in_frames += (uint64_t)frame.invalid + frame.disparity;
    for (uint32_t i = 0; i < frame.hits; i++)
        r->errors_unsure += frame.hit[i].where != SD_HIT_GAP && frame.hit[i].uncertainty > 0;
    r->begins[frame.begin]++;
    r->ends[frame.end]++;
    enter_state(lane, SD_LANE_DATA, frame.start);
    lane->sink.frame(&frame, lane->sink.user);
    return received->groups - end_group;
}

static uint64_t find_whole(const sd_received *received, void *user)
{
    sd_lane *lane = user;
    return sd_rate_adaptation_whole(lane->adaptation, received, &lane->settings.hints);
}

static void take_false_carrier(sd_position start, uint64_t groups, void *user)
{
    sd_lane *lane = user;
    lane->report->false_carriers++;
    simple_event(lane, SD_EVENT_FALSE_CARRIER, start, (uint32_t)MIN(groups, G_MAXUINT32));
}

static void take_gap_hit(const sd_received_hit *hit, void *user)
{
    sd_lane *lane = user;
    if (hit->kind == SD_HIT_KIND_SLIP)
        return; /* an event of the whole line */
    lane->report->errors_between++;
    lane->report->errors_unsure += hit->uncertainty > 0;
    if (lane->errors.open && lane->groups - lane->last_error > ERROR_RUN_GROUPS)
        end_growing(lane, &lane->errors);
    if (!lane->errors.open)
        begin_growing(lane, &lane->errors, SD_EVENT_SYMBOL_ERROR, hit->start, hit->bits);
    grow(lane, &lane->errors, to_ps(lane, hit->start + lane->settings.group_span));
    lane->last_error = lane->groups;
}

sd_lane *sd_lane_new(const sd_lane_settings *settings, sd_lane_report *report, const sd_sink *sink)
{
    sd_lane *lane = g_new0(sd_lane, 1);
    const sd_receive_sink received = {take_frame,         find_whole,   take_set,
                                      take_false_carrier, take_gap_hit, lane};
    lane->settings = *settings;
    lane->report = report;
    lane->sink = *sink;
    lane->receive = sd_receive_new(&received);
    lane->adaptation = sd_rate_adaptation_new();
    report->present = true;
    report->now = lane->state;
    return lane;
}

void sd_lane_free(sd_lane *lane)
{
    if (lane == NULL)
        return;
    sd_receive_free(lane->receive);
    sd_rate_adaptation_free(lane->adaptation);
    g_free(lane);
}

static void take_group(sd_lane *lane, const sd_code_group *group)
{
    lane->now = group->start;
    if (lane->groups++ == 0)
        lane->state_since = to_ps(lane, lane->now);
    lane->report->groups++;
    if (sd_synchronization_push(&lane->synchronization, group)) {
        const bool sync = lane->synchronization.sync;
        simple_event(lane, sync ? SD_EVENT_SYNC_ACQUIRED : SD_EVENT_SYNC_LOST, group->start, 0);
        if (!sync) {
            lane->report->sync_losses++;
            end_growing(lane, &lane->config);
            end_growing(lane, &lane->low_power);
            enter_state(lane, SD_LANE_NO_SYNC, lane->now);
        }
    }
    if (lane->errors.open && lane->groups - lane->last_error > ERROR_RUN_GROUPS)
        end_growing(lane, &lane->errors);
    sd_receive_push(lane->receive, group);
}

/** Counts @p count groups of the lane that changed nothing else; not 0. */
static void count_groups(sd_lane *lane, const sd_code_group *groups, size_t count)
{
    lane->now = groups[(count - 1) * lane->settings.lanes].start;
    lane->groups += count;
    lane->report->groups += count;
}

/** Inside a frame most code-groups are data without damage, which add an octet to it and change no
    state else: takes as many as come, and returns how many. */
static size_t take_data(sd_lane *lane, const sd_code_group *groups, size_t count)
{
    if (lane->errors.open || !sd_synchronization_steady(&lane->synchronization))
        return 0;
    const size_t taken = sd_receive_data(lane->receive, groups, count, lane->settings.lanes);
    if (taken == 0)
        return 0;
    sd_synchronization_take_data(&lane->synchronization, taken);
    count_groups(lane, groups, taken);
    return taken;
}

/** The same for idle ordered sets where idle is nothing new. */
static size_t take_idle(sd_lane *lane, const sd_code_group *groups, size_t count)
{
    const unsigned lanes = lane->settings.lanes;
    if (lane->errors.open || lane->config.open || lane->low_power.open ||
        lane->state != SD_LANE_IDLE || lane->idles < IDLE_MATCH ||
        !sd_synchronization_steady(&lane->synchronization) || lane->synchronization.rx_even)
        return 0;
    const size_t sets = sd_receive_idle(lane->receive, groups, count, lanes);
    if (sets > 0)
        count_groups(lane, groups, sets * IDLE_GROUPS);
    lane->report->ordered_sets += sets;
    return sets * IDLE_GROUPS;
}

/** The lane's next group, which is @p i, as many groups behind the last one as there are lanes,
   unless they have moved meanwhile: then group @p i is another lane's, for they move by fewer
   places than there are lanes, and not twice in so short a time. */
static size_t own_group(const sd_lane *lane, const sd_code_group *groups, size_t count, size_t i)
{
    if (i >= count || groups[i].lane != lane->settings.lane) {
        i -= MIN(i, lane->settings.lanes - 1);
        while (i < count && groups[i].lane != lane->settings.lane)
            i++;
    }
    return i;
}

void sd_lane_push(sd_lane *lane, const sd_code_group *groups, size_t count)
{
    const unsigned lanes = lane->settings.lanes;
    size_t i = own_group(lane, groups, count, 0);
    while (i < count) {
        size_t taken = take_data(lane, groups + i, count - i);
        if (taken == 0)
            taken = take_idle(lane, groups + i, count - i);
        if (taken == 0) {
            take_group(lane, &groups[i]);
            taken = 1;
        }
        i = own_group(lane, groups, count, i + taken * lanes);
    }
}

void sd_lane_finish(sd_lane *lane)
{
    sd_receive_finish(lane->receive);
    end_growing(lane, &lane->config);
    end_growing(lane, &lane->low_power);
    end_growing(lane, &lane->errors);
    if (lane->groups > 0)
        count_state(lane, to_ps(lane, lane->now));
}

int64_t sd_lane_horizon(const sd_lane *lane)
{
    if (lane->groups == 0)
        return G_MININT64;
    int64_t horizon = to_ps(lane, lane->now);
    sd_position open;
    if (sd_receive_open(lane->receive, &open))
        horizon = MIN(horizon, to_ps(lane, open));
    const growing *all[] = {&lane->config, &lane->low_power, &lane->errors};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        if (all[i]->open && !all[i]->given)
            horizon = MIN(horizon, all[i]->event.time_ps);
    }
    return horizon;
}
