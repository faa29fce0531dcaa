/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linecode/lanes.h"

/** Groups held at least and at most before the decision. */
#define HELD_LEAST 512
#define HELD_MOST  65536
/** Ordered sets and lane marks that make a decision before HELD_MOST. */
#define ENOUGH 4
/** K28.1 in one other place, with none on lane 0 between, that move the lanes. One damaged bit
    cannot make K28.1 of K28.5. */
#define MOVE_MARKS 2

/**
 * A word's meaning in one number, for take_unmarked(): for each running disparity before it four
 * bits, the lowest set if the disparity contradicts the word, the two highest the disparity behind
 * it; then the octet, and SD_GROUP_SPECIAL or SD_GROUP_INVALID.
 */
typedef uint32_t meaning;
#define RD_BITS     4    /* of a running disparity in it, ... */
#define RD_MASK     0xCU /* ... which is held as the shift to its bits */
#define OCTET_SHIFT 16
#define FLAGS_SHIFT 24

struct sd_lanes {
    const sd_code_table *table;
    meaning meaning[SD_WORDS];
    unsigned lanes;
    sd_polarity polarity;
    GArray *held;      /* sd_line_group, until decided */
    uint16_t turn;     /* turns the bits of an inverted line over */
    unsigned lane;     /* of the next group */
    uint8_t serial_rd; /* sd_running_disparity */
    uint8_t lane_rd[SD_LANES_MAX];
    unsigned marks; /* K28.1 on lane `mark` since the last one on lane 0 */
    unsigned mark;
    unsigned realigned; /* lanes whose next group is the first after a move, a bit each */
    sd_lanes_statistics statistics;
};

/** What stands behind K28.5 in an ordered set: idle, configuration, low-power idle. */
static const uint8_t ordered_set_octets[] = {
    0xC5 /* D5.6 */, 0x50 /* D16.2 */, 0xB5 /* D21.5 */,
    0x42 /* D2.2 */, 0xA6 /* D6.5 */,  0x9A /* D26.4 */,
};

static void forget_disparity(sd_lanes *lanes)
{
    lanes->serial_rd = SD_RD_UNKNOWN;
    for (unsigned i = 0; i < SD_LANES_MAX; i++)
        lanes->lane_rd[i] = SD_RD_UNKNOWN;
}

static meaning meaning_of(const sd_code *code)
{
    meaning m = (uint32_t)code->octet << OCTET_SHIFT;
    if (code->special)
        m |= (uint32_t)SD_GROUP_SPECIAL << FLAGS_SHIFT;
    if (!code->valid[SD_RD_UNKNOWN])
        m |= (uint32_t)SD_GROUP_INVALID << FLAGS_SHIFT;
    for (unsigned rd = SD_RD_NEGATIVE; rd <= SD_RD_UNKNOWN; rd++) {
        const uint32_t contradicted = code->valid[SD_RD_UNKNOWN] && !code->valid[rd];
        m |= (contradicted | (uint32_t)code->rd_after[rd] * RD_BITS) << rd * RD_BITS;
    }
    return m;
}

sd_lanes *sd_lanes_new(const sd_code_table *table, unsigned count, sd_polarity polarity)
{
    sd_lanes *lanes = g_new0(sd_lanes, 1);
    lanes->table = table;
    lanes->lanes = count;
    lanes->polarity = polarity;
    lanes->held = g_array_new(FALSE, FALSE, sizeof(sd_line_group));
    for (unsigned word = 0; word < SD_WORDS; word++)
        lanes->meaning[word] = meaning_of(&table->code[word]);
    forget_disparity(lanes);
    return lanes;
}

void sd_lanes_free(sd_lanes *lanes)
{
    if (lanes == NULL)
        return;
    g_array_free(lanes->held, TRUE);
    g_free(lanes);
}

static bool is_special(const sd_code *code, uint8_t octet)
{
    return code->special && code->octet == octet && code->valid[SD_RD_UNKNOWN];
}

bool sd_is_ordered_set_octet(uint8_t octet)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ordered_set_octets); i++) {
        if (octet == ordered_set_octets[i])
            return true;
    }
    return false;
}

static bool is_behind_comma(const sd_code *code)
{
    return !code->special && code->valid[SD_RD_UNKNOWN] && sd_is_ordered_set_octet(code->octet);
}

/** What the groups held say. */
typedef struct {
    uint64_t upright, upside_down; /* ordered sets that speak for either polarity */
    uint64_t marks[SD_LANES_MAX];  /* K28.1, by place */
    uint64_t commas[SD_LANES_MAX]; /* K28.5, by place */
} evidence;

static void look(const sd_lanes *lanes, evidence *e)
{
    const sd_line_group *held = (const sd_line_group *)(const void *)lanes->held->data;
    const sd_code *code = lanes->table->code;
    for (size_t i = 0; i < lanes->held->len; i++) {
        /* K groups are the same either way up, with the other disparity. */
        const sd_code *comma = &code[held[i].bits];
        const unsigned place = (unsigned)(i % lanes->lanes);
        if (held[i].flags & SD_GROUP_DEAD)
            continue;
        if (is_special(comma, SD_K28_1))
            e->marks[place]++;
        else if (is_special(comma, SD_K28_5))
            e->commas[place]++;
        else
            continue;
        if (i + lanes->lanes < lanes->held->len) {
            const uint16_t next = held[i + lanes->lanes].bits;
            e->upright += is_behind_comma(&code[next]);
            e->upside_down += is_behind_comma(&code[next ^ (SD_WORDS - 1)]);
        }
    }
}

static void count_disparity(sd_lanes *lanes, const sd_code *code, unsigned lane, bool *serial,
                            bool *by_lane)
{
    const bool valid = code->valid[SD_RD_UNKNOWN];
    *serial = valid && !code->valid[lanes->serial_rd];
    *by_lane = valid && !code->valid[lanes->lane_rd[lane]];
    lanes->serial_rd = code->rd_after[lanes->serial_rd];
    lanes->lane_rd[lane] = code->rd_after[lanes->lane_rd[lane]];
}

/** The rule that the groups held break less often. */
static sd_disparity_rule find_rule(sd_lanes *lanes)
{
    const sd_line_group *held = (const sd_line_group *)(const void *)lanes->held->data;
    uint64_t errors[2] = {0, 0};
    for (size_t i = 0; i < lanes->held->len; i++) {
        bool serial, by_lane;
        if (held[i].flags & SD_GROUP_SLIP)
            forget_disparity(lanes);
        count_disparity(lanes, &lanes->table->code[held[i].bits], i % lanes->lanes, &serial,
                        &by_lane);
        errors[SD_DISPARITY_SERIAL] += serial;
        errors[SD_DISPARITY_LANE] += by_lane;
    }
    forget_disparity(lanes);
    return errors[SD_DISPARITY_LANE] < errors[SD_DISPARITY_SERIAL] ? SD_DISPARITY_LANE
                                                                   : SD_DISPARITY_SERIAL;
}

/** Without K28.1, lane 0 is the one that sent no comma at all, in the midst of a long frame; the
    number of lanes when that is not one alone. */
static unsigned only_without_comma(const evidence *e, unsigned lanes)
{
    unsigned found = lanes;
    for (unsigned i = 0; i < lanes; i++) {
        if (e->commas[i] > 0)
            continue;
        if (found < lanes)
            return lanes;
        found = i;
    }
    return found;
}

static bool decide(sd_lanes *lanes, bool anyway)
{
    evidence e = {0};
    look(lanes, &e);
    unsigned best = 0;
    for (unsigned i = 1; i < lanes->lanes; i++) {
        if (e.marks[i] > e.marks[best])
            best = i;
    }
    const uint64_t votes = MAX(e.upright, e.upside_down) - MIN(e.upright, e.upside_down);
    const bool polarity_known = lanes->polarity != SD_POLARITY_AUTO || votes >= ENOUGH;
    const bool place_known = lanes->lanes == 1 || e.marks[best] >= ENOUGH;
    if (!anyway && !(polarity_known && place_known))
        return false;
    const bool marked = e.marks[best] > 0;
    if (!marked)
        best = only_without_comma(&e, lanes->lanes);

    sd_lanes_statistics *s = &lanes->statistics;
    s->decided = true;
    s->upright = e.upright;
    s->upside_down = e.upside_down;
    s->inverted = lanes->polarity == SD_POLARITY_INVERTED ||
                  (lanes->polarity == SD_POLARITY_AUTO && e.upside_down > e.upright);
    lanes->turn = s->inverted ? SD_WORDS - 1 : 0;
    lanes->lane = best < lanes->lanes ? (lanes->lanes - best) % lanes->lanes : 0;
    s->lane_0_by_exclusion = lanes->lanes > 1 && !marked && best < lanes->lanes;
    s->rule = find_rule(lanes);
    return true;
}

/** Checks the place of a K28.1; true when the lanes have just moved. */
static bool check_mark(sd_lanes *lanes, sd_position at, unsigned lane, GArray *events)
{
    sd_lanes_statistics *s = &lanes->statistics;
    if (lane == 0) {
        if (s->k28_1++ == 0)
            s->first_k28_1 = at;
        lanes->marks = 0;
        return false;
    }
    s->k28_1_elsewhere++;
    lanes->marks = lanes->mark == lane ? lanes->marks + 1 : 1;
    lanes->mark = lane;
    const sd_lane_event event = {.at = at, .lane = lane, .moved = lanes->marks >= MOVE_MARKS};
    g_array_append_val(events, event);
    if (event.moved) {
        lanes->marks = 0;
        lanes->realigned = (1U << lanes->lanes) - 1;
        s->moves++;
    }
    return event.moved;
}

static sd_code_group take(sd_lanes *lanes, const sd_line_group *group, GArray *events)
{
    const uint16_t bits = group->bits ^ lanes->turn;
    const sd_code *code = &lanes->table->code[bits];
    unsigned lane = lanes->lane;
    /* where the signal is gone noise makes marks too */
    const bool mark =
        lanes->lanes > 1 && is_special(code, SD_K28_1) && !(group->flags & SD_GROUP_DEAD);
    if (mark && check_mark(lanes, group->start, lane, events))
        lane = 0;
    lanes->lane = lane + 1 < lanes->lanes ? lane + 1 : 0;

    if (group->flags & SD_GROUP_SLIP)
        forget_disparity(lanes);
    bool serial, by_lane;
    count_disparity(lanes, code, lane, &serial, &by_lane);

    sd_code_group given = {
        .start = group->start,
        .bits = bits,
        .octet = mark ? SD_K28_5 : code->octet,
        .lane = (uint8_t)lane,
        .flags = group->flags,
    };
    if (code->special)
        given.flags |= SD_GROUP_SPECIAL;
    if (group->flags & SD_GROUP_EITHER) {
        const sd_code *other = &lanes->table->code[group->other ^ lanes->turn];
        given.other = other->octet;
        if (other->special || !other->valid[SD_RD_UNKNOWN])
            given.flags &= (uint8_t)~SD_GROUP_EITHER;
    }
    if (lanes->realigned & 1U << lane) {
        lanes->realigned &= ~(1U << lane);
        given.flags |= SD_GROUP_REALIGNED;
    }
    if (!(group->flags & SD_GROUP_SLIP)) {
        if (!code->valid[SD_RD_UNKNOWN])
            given.flags |= SD_GROUP_INVALID;
        else if (lanes->statistics.rule == SD_DISPARITY_SERIAL ? serial : by_lane)
            given.flags |= SD_GROUP_DISPARITY;
        lanes->statistics.invalid += !code->valid[SD_RD_UNKNOWN];
        lanes->statistics.serial_errors += serial;
        lanes->statistics.lane_errors += by_lane;
    }
    lanes->statistics.groups++;
    return given;
}

/** Takes groups up to the first that is marked by the alignment, or that moves the lanes or may:
    the same as take() does with each, but what changes with every group stays in registers, and one
    look-up gives all that a word means. Returns how many. */
static size_t take_unmarked(sd_lanes *lanes, const sd_line_group *groups, size_t count,
                            sd_code_group *given, GArray *events)
{
    const uint16_t turn = lanes->turn;
    const unsigned last = lanes->lanes - 1; /* 0 or 3 */
    const bool by_serial = lanes->statistics.rule == SD_DISPARITY_SERIAL;
    uint64_t invalid = 0, serial_errors = 0, lane_errors = 0;
    unsigned lane = lanes->lane, serial_rd = lanes->serial_rd * RD_BITS, lane_rd[SD_LANES_MAX];
    size_t i = 0;
    if (lanes->realigned != 0)
        return 0;
    for (unsigned k = 0; k < SD_LANES_MAX; k++)
        lane_rd[k] = lanes->lane_rd[k] * RD_BITS;
    for (; i < count && groups[i].flags == 0; i++) {
        const uint16_t bits = groups[i].bits ^ turn;
        const meaning m = lanes->meaning[bits];
        uint8_t octet = (uint8_t)(m >> OCTET_SHIFT), flags = (uint8_t)(m >> FLAGS_SHIFT);
        if (flags != 0) {
            if ((flags & SD_GROUP_SPECIAL) && octet == SD_K28_1 && last > 0) {
                if (lane != 0 || check_mark(lanes, groups[i].start, lane, events))
                    break;
                octet = SD_K28_5;
            }
            invalid += (flags & SD_GROUP_INVALID) != 0;
        }
        const unsigned serial = m >> serial_rd, by_lane = m >> lane_rd[lane];
        serial_rd = serial & RD_MASK;
        lane_rd[lane] = by_lane & RD_MASK;
        serial_errors += serial & 1;
        lane_errors += by_lane & 1;
        if ((by_serial ? serial : by_lane) & 1)
            flags |= SD_GROUP_DISPARITY;
        given[i] = (sd_code_group){
            .start = groups[i].start,
            .bits = bits,
            .octet = octet,
            .lane = (uint8_t)lane,
            .flags = flags,
        };
        lane = (lane + 1) & last;
    }
    lanes->lane = lane;
    lanes->serial_rd = (uint8_t)(serial_rd / RD_BITS);
    for (unsigned k = 0; k < SD_LANES_MAX; k++)
        lanes->lane_rd[k] = (uint8_t)(lane_rd[k] / RD_BITS);
    lanes->statistics.groups += i;
    lanes->statistics.invalid += invalid;
    lanes->statistics.serial_errors += serial_errors;
    lanes->statistics.lane_errors += lane_errors;
    return i;
}

static void take_all(sd_lanes *lanes, const sd_line_group *groups, size_t count, GArray *out,
                     GArray *events)
{
    const guint before = out->len;
    g_array_set_size(out, before + (guint)count);
    sd_code_group *given = (sd_code_group *)(void *)out->data + before;
    for (size_t i = 0; i < count;) {
        i += take_unmarked(lanes, groups + i, count - i, given + i, events);
        if (i < count) {
            given[i] = take(lanes, &groups[i], events);
            i++;
        }
    }
}

void sd_lanes_push(sd_lanes *lanes, const sd_line_group *groups, size_t count, bool last,
                   GArray *out, GArray *events)
{
    if (lanes->statistics.decided) {
        take_all(lanes, groups, count, out, events);
        return;
    }
    g_array_append_vals(lanes->held, groups, (guint)count);
    if (lanes->held->len < HELD_LEAST && !last)
        return;
    if (!decide(lanes, last || lanes->held->len >= HELD_MOST))
        return;
    take_all(lanes, (const sd_line_group *)(const void *)lanes->held->data, lanes->held->len, out,
             events);
    g_array_set_size(lanes->held, 0);
}

sd_lanes_statistics sd_lanes_statistics_get(const sd_lanes *lanes)
{
    return lanes->statistics;
}
