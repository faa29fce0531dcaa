/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/receive.h"

#include <string.h>

#include "linecode/code_table.h"

#define PREAMBLE_OCTET 0x55
#define SFD_OCTET      0xD5
/** Damaged code-groups of a gap that are kept for the frame behind it. */
#define GAP_HITS 16
/** What has no /S/, no SFD and fewer groups than this is a false carrier, not a frame. */
#define LEAST_WITHOUT_SFD 20
/** At the begin of a record: so many groups before the first comma or /S/ may be the rest of an
    ordered set. */
#define REST_OF_SET 3
/** A false carrier so few groups behind a damaged one is its consequence, no event of its own. */
#define EXCUSED_GROUPS 4
/** The code-group looked at and the four behind it: check_end needs three, and a configuration
    ordered set behind an early end is told by the comma behind it. */
#define WINDOW 5
/** Room for them, a power of two. */
#define RING 8
/** The signal may have been gone by so many groups before or behind the first that is marked so:
   the marks are as coarse as words of bits are. */
#define LOSS_REACH 10
#define NEVER      UINT64_MAX
/** Octets for which there is room at first. */
#define ROOM 2048

typedef enum {
    STATE_BEGINNING,    /* nothing known: the record may begin inside a frame */
    STATE_BETWEEN,      /* behind an ordered set */
    STATE_BEHIND_COMMA, /* behind K28.5 */
    STATE_CONFIG_LOW,   /* behind K28.5 D21.5 or K28.5 D2.2 */
    STATE_CONFIG_HIGH,
    STATE_FRAME,
    STATE_END, /* behind /T/ */
} state;

struct sd_receive {
    sd_receive_sink sink;
    sd_code_group ring[RING];
    unsigned at, filled; /* the group looked at, and how many there are from it on */
    state state;
    sd_position set_start; /* of the ordered set that is being read */
    uint8_t config_low;
    bool config_lost;    /* an octet of the config_reg was damaged */
    unsigned known_hits; /* groups to come whose damage has been handed on with the frame */

    uint64_t gap; /* groups since the last octet; UINT64_MAX: no frame yet */
    sd_received_hit gap_hit[GAP_HITS];
    uint64_t gap_hits; /* the last GAP_HITS of them are kept; index: group number in the gap */
    uint64_t gap_groups;

    sd_received frame;
    struct {                     /* where the signal was gone in the frame */
        uint64_t first, last;    /* groups; first is NEVER when it was always there */
        sd_position first_start; /* beginning of the first one, ... */
        sd_position last_start;  /* and of the last */
    } loss;
    uint8_t *octet; /* of the frame: as many as there are groups, up to SD_RECEIVE_GROUPS_MAX */
    uint64_t room;  /* for so many */
    GArray *hits;
};

sd_receive *sd_receive_new(const sd_receive_sink *sink)
{
    sd_receive *r = g_new0(sd_receive, 1);
    r->sink = *sink;
    r->gap = UINT64_MAX;
    r->room = ROOM;
    r->octet = g_new(uint8_t, r->room);
    r->hits = g_array_new(FALSE, FALSE, sizeof(sd_received_hit));
    return r;
}

void sd_receive_free(sd_receive *r)
{
    if (r == NULL)
        return;
    g_free(r->octet);
    g_array_free(r->hits, TRUE);
    g_free(r);
}

static bool is_special(const sd_code_group *group, uint8_t octet)
{
    return group != NULL && group->octet == octet && (group->flags & SD_GROUP_SPECIAL) &&
           !(group->flags & SD_GROUP_INVALID);
}

static bool is_data(const sd_code_group *group, uint8_t octet)
{
    return group != NULL && group->octet == octet &&
           !(group->flags & (SD_GROUP_SPECIAL | SD_GROUP_INVALID));
}

static bool is_damaged(const sd_code_group *group)
{
    return group->flags & SD_GROUP_DAMAGED;
}

/** Behind K28.5: D21.5 or D2.2, configuration. */
static bool is_config_octet(const sd_code_group *group)
{
    return is_data(group, 0xB5) || is_data(group, 0x42);
}

/** Behind K28.5: D6.5 or D26.4, low-power idle. */
static bool is_low_power_octet(const sd_code_group *group)
{
    return is_data(group, 0xA6) || is_data(group, 0x9A);
}

static sd_received_hit make_hit(const sd_code_group *group, int64_t index)
{
    const sd_received_hit hit = {
        .start = group->start,
        .index = index,
        .bits = group->bits,
        .uncertainty = group->uncertainty,
        .either = group->flags & SD_GROUP_EITHER,
        .other = group->other,
        .kind = group->flags & SD_GROUP_SLIP        ? SD_HIT_KIND_SLIP
                : group->flags & SD_GROUP_INVALID   ? SD_HIT_KIND_INVALID
                : group->flags & SD_GROUP_DISPARITY ? SD_HIT_KIND_DISPARITY
                                                    : 0,
    };
    return hit;
}

static void count_hit(sd_received *frame, const sd_received_hit *hit)
{
    frame->invalid += hit->kind == SD_HIT_KIND_INVALID;
    frame->disparity += hit->kind == SD_HIT_KIND_DISPARITY;
    frame->hits_total += hit->kind != 0;
}

/** A damaged group that is in no frame; its index counts from the group that is looked at. */
static void take_gap_hit(sd_receive *r, sd_received_hit hit)
{
    hit.index += (int64_t)r->gap_groups;
    r->gap_hit[r->gap_hits++ % GAP_HITS] = hit;
    r->sink.gap_hit(&hit, r->sink.user);
}

static void frame_hit(sd_receive *r, const sd_code_group *group, uint64_t index)
{
    const sd_received_hit hit = make_hit(group, (int64_t)index);
    count_hit(&r->frame, &hit);
    if (r->hits->len < SD_RECEIVE_HITS_MAX)
        g_array_append_val(r->hits, hit);
}

/** Makes room for @p count more octets of the frame, up to SD_RECEIVE_GROUPS_MAX in all. */
static void make_room(sd_receive *r, uint64_t count)
{
    if (r->frame.groups + count <= r->room || r->room == SD_RECEIVE_GROUPS_MAX)
        return;
    while (r->room < MIN(r->frame.groups + count, SD_RECEIVE_GROUPS_MAX))
        r->room *= 2;
    r->octet = g_renew(uint8_t, r->octet, r->room);
}

static void note_loss(sd_receive *r, const sd_code_group *group)
{
    if (r->loss.first == NEVER) {
        r->loss.first = r->frame.groups;
        r->loss.first_start = group->start;
    }
    r->loss.last = r->frame.groups;
    r->loss.last_start = group->start;
}

static void append(sd_receive *r, const sd_code_group *group, uint8_t octet)
{
    if (group->flags & SD_GROUP_DEAD)
        note_loss(r, group);
    if (group->flags & (SD_GROUP_DAMAGED | SD_GROUP_SUSPECT | SD_GROUP_EITHER))
        frame_hit(r, group, r->frame.groups);
    make_room(r, 1);
    if (r->frame.groups < r->room)
        r->octet[r->frame.groups] = octet;
    r->frame.groups++;
    r->frame.last = group->start;
}

static void open_frame(sd_receive *r, const sd_code_group *group, sd_begin begin)
{
    g_array_set_size(r->hits, 0);
    r->loss.first = NEVER;
    r->frame = (sd_received){.begin = begin, .start = group->start, .gap = r->gap};
    const uint64_t kept = MIN(r->gap_hits, GAP_HITS);
    for (uint64_t i = r->gap_hits - kept; i < r->gap_hits; i++) {
        sd_received_hit hit = r->gap_hit[i % GAP_HITS];
        hit.index -= (int64_t)r->gap_groups; /* groups before the frame, negative */
        g_array_append_val(r->hits, hit);
        r->frame.hits_total++;
    }
    append(r, group, begin == SD_BEGIN_S ? PREAMBLE_OCTET : group->octet);
    r->state = STATE_FRAME;
}

/** Whether the preamble ends in an SFD, at any speed. */
static bool has_sfd(const sd_receive *r)
{
    for (uint64_t i = 1; i < MIN(r->frame.groups, r->room); i++) {
        if (r->octet[i] == SFD_OCTET && r->octet[i - 1] == PREAMBLE_OCTET)
            return true;
    }
    return false;
}

/** What was collected was no frame: its damage belongs to the gap. */
static void give_up_frame(sd_receive *r, bool false_carrier)
{
    bool damaged =
        r->gap_hits > 0 &&
        (int64_t)r->gap_groups - r->gap_hit[(r->gap_hits - 1) % GAP_HITS].index <= EXCUSED_GROUPS;
    for (guint i = 0; i < r->hits->len; i++) {
        const sd_received_hit hit = g_array_index(r->hits, sd_received_hit, i);
        if (hit.index < 0 || hit.kind == 0)
            continue;
        damaged = true;
        take_gap_hit(r, hit);
    }
    if (false_carrier && !damaged)
        r->sink.false_carrier(r->frame.start, r->frame.groups, r->sink.user);
    if (r->gap != UINT64_MAX)
        r->gap += r->frame.groups;
    r->gap_groups += r->frame.groups;
}

static void give_frame(sd_receive *r, const sd_received *frame)
{
    r->gap = r->sink.frame(frame, r->sink.user);
    r->gap_groups = 0;
    r->gap_hits = 0;
}

/** Leaves the hits before group @p groups of a frame to it, and counts them; the others follow. */
static void keep_hits_before(sd_received *frame, uint64_t groups)
{
    size_t kept = 0;
    frame->invalid = frame->disparity = 0;
    frame->hits_total = 0;
    for (; kept < frame->hits && frame->hit[kept].index < (int64_t)groups; kept++) {
        if (frame->hit[kept].index < 0)
            frame->hits_total++;
        else
            count_hit(frame, &frame->hit[kept]);
    }
    frame->hits = kept;
}

/** The first @p groups groups of the frame, which the loss of the signal ends. */
static sd_received part_before_loss(const sd_receive *r, uint64_t groups, sd_position span)
{
    sd_received part = r->frame;
    part.end = SD_END_LOST;
    part.error_v = part.extended = false;
    part.groups = groups;
    part.last = r->loss.first_start + span * ((sd_position)groups - 1 - (sd_position)r->loss.first);
    keep_hits_before(&part, groups);
    return part;
}

/** Hands on what follows the first @p before groups of the frame: damage where the signal was gone
    is the gap's; what was received behind it is the end of another frame. */
static void give_rest(sd_receive *r, uint64_t before, sd_position span)
{
    const uint64_t first = r->loss.last + 1;
    const bool is_frame =
        first < MIN(r->frame.groups, r->room) && r->frame.groups - first > REST_OF_SET;
    sd_received rest = r->frame;
    sd_received_hit *hit = (sd_received_hit *)(void *)r->hits->data;
    size_t i = 0;
    while (i < r->hits->len && hit[i].index < (int64_t)before)
        i++;
    for (; i < r->hits->len && (!is_frame || hit[i].index < (int64_t)first); i++) {
        sd_received_hit lost = hit[i];
        lost.index -= (int64_t)before;
        if (lost.kind != 0)
            take_gap_hit(r, lost);
    }
    r->gap += r->frame.groups - before;
    r->gap_groups = r->frame.groups - before;
    if (!is_frame)
        return;
    rest.begin = SD_BEGIN_CUT;
    rest.start = r->loss.last_start + span;
    rest.groups -= first;
    rest.octet += first;
    rest.gap = NEVER;
    rest.hit = hit + i;
    rest.hits = r->hits->len - i;
    for (; i < r->hits->len; i++)
        hit[i].index -= (int64_t)first;
    keep_hits_before(&rest, G_MAXINT64);
    give_frame(r, &rest);
}

/** Where the signal was gone in what was collected, a frame may have ended before, so that its /T/
    or /R/ is not there: then it is whole up to a group nearby. False when that is not so. */
static bool divide_at_loss(sd_receive *r)
{
    if (r->frame.groups < 2)
        return false;
    const sd_position span = (r->frame.last - r->frame.start) / (sd_position)(r->frame.groups - 1);
    const uint64_t least = MAX(r->loss.first, LOSS_REACH) - LOSS_REACH;
    uint64_t groups = MIN(r->loss.first + LOSS_REACH, MIN(r->frame.groups, r->room));
    for (; groups > least; groups--) {
        sd_received part = part_before_loss(r, groups, span);
        const uint64_t whole = r->sink.whole(&part, r->sink.user);
        if (whole == 0)
            continue;
        part = part_before_loss(r, whole, span);
        give_frame(r, &part);
        give_rest(r, whole, span);
        return true;
    }
    return false;
}

static void close_frame(sd_receive *r, sd_end end)
{
    sd_received *frame = &r->frame;
    frame->end = end;
    const bool rest = frame->begin == SD_BEGIN_CUT &&
                      (end == SD_END_EARLY || end == SD_END_NEXT_S) && frame->groups <= REST_OF_SET;
    const bool carrier =
        frame->begin == SD_BEGIN_NO_S && frame->groups < LEAST_WITHOUT_SFD && !has_sfd(r);
    if (rest || carrier) {
        give_up_frame(r, carrier);
        return;
    }
    frame->octet = r->octet;
    frame->hit = (const sd_received_hit *)(const void *)r->hits->data;
    frame->hits = r->hits->len;
    if (r->loss.first == NEVER || !divide_at_loss(r))
        give_frame(r, frame);
}

/** A group outside frames has been dealt with. */
static void pass_gap(sd_receive *r, const sd_code_group *group)
{
    if (r->known_hits > 0)
        r->known_hits--;
    else if (is_damaged(group))
        take_gap_hit(r, make_hit(group, 0));
    if (r->gap != UINT64_MAX)
        r->gap++;
    r->gap_groups++;
}

/** Behind an ordered set, or at the begin of all. */
static void between(sd_receive *r, const sd_code_group *g, sd_begin otherwise)
{
    if (is_special(g, SD_K28_5)) {
        r->set_start = g->start;
        r->state = STATE_BEHIND_COMMA;
        pass_gap(r, g);
    } else if (is_special(g, SD_K27_7)) {
        open_frame(r, g, SD_BEGIN_S);
    } else if (otherwise == SD_BEGIN_CUT && (is_special(g, SD_K29_7) || is_special(g, SD_K23_7))) {
        r->state = STATE_END;
        pass_gap(r, g);
    } else {
        open_frame(r, g, otherwise);
    }
}

static void behind_comma(sd_receive *r, const sd_code_group *g)
{
    if (is_special(g, SD_K28_5) || is_special(g, SD_K27_7)) {
        between(r, g, SD_BEGIN_NO_S);
        return;
    }
    pass_gap(r, g);
    r->state = STATE_BETWEEN;
    if (g->flags & (SD_GROUP_SPECIAL | SD_GROUP_INVALID))
        return;
    if (is_config_octet(g)) {
        r->state = STATE_CONFIG_LOW;
        r->config_lost = false;
    } else
        /* any other data group is taken as idle (36.2.4.12) */
        r->sink.ordered_set(is_low_power_octet(g) ? SD_SET_LOW_POWER_IDLE : SD_SET_IDLE, 0,
                            r->set_start, r->sink.user);
}

static void config_octet(sd_receive *r, const sd_code_group *g)
{
    if (is_special(g, SD_K28_5) || is_special(g, SD_K27_7)) {
        between(r, g, SD_BEGIN_NO_S);
        return;
    }
    pass_gap(r, g);
    r->config_lost |= (g->flags & (SD_GROUP_SPECIAL | SD_GROUP_DAMAGED)) != 0;
    if (r->state == STATE_CONFIG_LOW) {
        r->config_low = g->octet;
        r->state = STATE_CONFIG_HIGH;
        return;
    }
    r->state = STATE_BETWEEN;
    if (!r->config_lost)
        r->sink.ordered_set(SD_SET_CONFIGURATION, (uint16_t)(r->config_low | g->octet << 8),
                            r->set_start, r->sink.user);
}

/** The code-group @p n places behind the one looked at; NULL behind the end of the record. */
static const sd_code_group *ahead(const sd_receive *r, unsigned n)
{
    return n < r->filled ? &r->ring[(r->at + n) % RING] : NULL;
}

/** Whether the code-group @p n places behind is this special one, or the record ends before it. */
static bool may_be(const sd_receive *r, unsigned n, uint8_t octet)
{
    const sd_code_group *group = ahead(r, n);
    return group == NULL || is_special(group, octet);
}

/** check_end for K28.5 inside a frame: in an idle or a configuration ordered set the next comma
    stands two or four places behind, or a frame begins behind idle; otherwise it is a damaged octet
    that looks like it. */
static bool is_early_end(const sd_receive *r)
{
    return may_be(r, 2, SD_K28_5) || may_be(r, 2, SD_K27_7) ||
           (is_config_octet(ahead(r, 1)) && may_be(r, 4, SD_K28_5));
}

/** ... for /T/: /R/ follows, or would have to; or the next frame, without any gap. */
static bool is_terminate(const sd_receive *r)
{
    return is_special(ahead(r, 1), SD_K27_7) || may_be(r, 1, SD_K23_7) || may_be(r, 2, SD_K23_7) ||
           may_be(r, 2, SD_K28_5);
}

/** ... for /R/ without /T/. */
static bool is_extend(const sd_receive *r)
{
    return may_be(r, 1, SD_K23_7) || may_be(r, 1, SD_K28_5) || may_be(r, 1, SD_K27_7) ||
           may_be(r, 2, SD_K28_5);
}

static void in_frame(sd_receive *r, const sd_code_group *g)
{
    const sd_code_group *next = ahead(r, 1);

    if (is_special(g, SD_K29_7) && is_terminate(r)) {
        r->known_hits = 1;
        if (is_damaged(g))
            frame_hit(r, g, r->frame.groups);
        if (next != NULL && is_damaged(next)) {
            frame_hit(r, next, r->frame.groups + 1);
            r->known_hits = 2;
        }
        /* /T/R/R/ is the end delimiter when /T/ was in an odd place; one /R/ more is extension */
        r->frame.extended = is_special(next, SD_K23_7) && is_special(ahead(r, 2), SD_K23_7) &&
                            is_special(ahead(r, 3), SD_K23_7);
        close_frame(r, SD_END_T);
        r->state = STATE_END;
        pass_gap(r, g);
    } else if (is_special(g, SD_K23_7) && is_extend(r)) {
        if (is_damaged(g)) {
            frame_hit(r, g, r->frame.groups);
            r->known_hits = 1;
        }
        close_frame(r, SD_END_NO_T);
        r->state = STATE_END;
        pass_gap(r, g);
    } else if (is_special(g, SD_K28_5) && is_early_end(r)) {
        close_frame(r, SD_END_EARLY);
        r->state = STATE_BETWEEN;
        between(r, g, SD_BEGIN_NO_S);
    } else if (is_special(g, SD_K27_7) && is_data(next, PREAMBLE_OCTET)) {
        close_frame(r, SD_END_NEXT_S);
        open_frame(r, g, SD_BEGIN_S);
    } else {
        r->frame.error_v |= is_special(g, SD_K30_7);
        append(r, g, g->octet);
    }
}

static void in_end(sd_receive *r, const sd_code_group *g)
{
    if (is_special(g, SD_K23_7) || is_damaged(g))
        pass_gap(r, g);
    else {
        r->state = STATE_BETWEEN;
        between(r, g, SD_BEGIN_NO_S);
    }
}

/** Goes on to the next code-group. */
static void pass(sd_receive *r)
{
    r->at = (r->at + 1) % RING;
    r->filled--;
}

static void step(sd_receive *r)
{
    const sd_code_group g = r->ring[r->at];

    if (g.flags & SD_GROUP_REALIGNED) {
        if (r->state == STATE_FRAME)
            close_frame(r, SD_END_LOST);
        r->state = STATE_BEGINNING;
        r->gap = UINT64_MAX;
    }
    switch (r->state) {
    case STATE_BEGINNING:
        between(r, &g, SD_BEGIN_CUT);
        break;
    case STATE_BETWEEN:
        between(r, &g, SD_BEGIN_NO_S);
        break;
    case STATE_BEHIND_COMMA:
        behind_comma(r, &g);
        break;
    case STATE_CONFIG_LOW:
    case STATE_CONFIG_HIGH:
        config_octet(r, &g);
        break;
    case STATE_FRAME:
        in_frame(r, &g);
        break;
    case STATE_END:
        in_end(r, &g);
        break;
    }
    pass(r);
}

/** Inside a frame, data without damage is an octet, whatever follows. */
static bool is_octet(const sd_receive *r)
{
    return r->filled > 0 && r->state == STATE_FRAME && r->ring[r->at].flags == 0;
}

void sd_receive_push(sd_receive *r, const sd_code_group *group)
{
    r->ring[(r->at + r->filled++) % RING] = *group;
    if (r->filled == WINDOW)
        step(r);
    for (; is_octet(r); pass(r))
        append(r, &r->ring[r->at], r->ring[r->at].octet);
}

size_t sd_receive_data(sd_receive *r, const sd_code_group *groups, size_t count, unsigned lanes)
{
    if (r->state != STATE_FRAME || r->filled > 0)
        return 0;
    const uint8_t lane = groups->lane;
    make_room(r, count / lanes + 1);
    if (r->frame.groups + count / lanes + 1 > r->room)
        return 0; /* octets of so long a frame are counted, not kept */
    uint8_t *octet = r->octet + r->frame.groups;
    size_t taken = 0;
    for (size_t i = 0; i < count && groups[i].flags == 0 && groups[i].lane == lane; i += lanes)
        octet[taken++] = groups[i].octet;
    if (taken > 0)
        r->frame.last = groups[(taken - 1) * lanes].start;
    r->frame.groups += taken;
    return taken;
}

/** Whether two code-groups are /I1/ or /I2/, without damage. */
static bool is_idle(const sd_code_group *comma, const sd_code_group *behind)
{
    return comma->flags == SD_GROUP_SPECIAL && comma->octet == SD_K28_5 && behind->flags == 0 &&
           (behind->octet == 0xC5 /* D5.6 */ || behind->octet == 0x50 /* D16.2 */);
}

/** Whether the groups that wait to be looked at are idle ordered sets, and what comes before them
    is over. */
static bool waits_in_idle(const sd_receive *r)
{
    return r->state == STATE_BETWEEN && r->known_hits == 0 && r->filled == WINDOW - 1 &&
           is_idle(ahead(r, 0), ahead(r, 1)) && is_idle(ahead(r, 2), ahead(r, 3));
}

size_t sd_receive_idle(sd_receive *r, const sd_code_group *groups, size_t count, unsigned lanes)
{
    const uint8_t lane = groups->lane;
    size_t sets = 0, i = 0;
    if (!waits_in_idle(r))
        return 0;
    for (; i + lanes < count && groups[i].lane == lane && groups[i + lanes].lane == lane &&
           is_idle(&groups[i], &groups[i + lanes]);
         i += 2 * (size_t)lanes)
        sets++;
    if (sets == 0)
        return 0;
    /* As many are looked at, and the last two wait. */
    for (size_t k = sets - MIN(sets, 2); k < sets; k++) {
        r->ring[(r->at + r->filled++) % RING] = groups[2 * k * lanes];
        r->ring[(r->at + r->filled++) % RING] = groups[(2 * k + 1) * lanes];
        r->at = (r->at + 2) % RING;
        r->filled -= 2;
    }
    if (r->gap != UINT64_MAX)
        r->gap += 2 * sets;
    r->gap_groups += 2 * sets;
    return sets;
}

void sd_receive_finish(sd_receive *r)
{
    while (r->filled > 0)
        step(r);
    if (r->state == STATE_FRAME)
        close_frame(r, SD_END_CUT);
    r->state = STATE_BEGINNING;
}

bool sd_receive_open(const sd_receive *r, sd_position *start)
{
    if (r->state == STATE_FRAME) {
        *start = r->frame.start;
        return true;
    }
    if (r->filled > 0) {
        *start = r->ring[r->at].start;
        return true;
    }
    return false;
}
