/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/rate_adaptation.h"

#include "pcs/fcs.h"

#define PREAMBLE_OCTET 0x55
#define SFD_OCTET      0xD5
/** /S/ and six more octets stand before the SFD. */
#define PREAMBLE_OCTETS 7
/** With damage in the preamble, the SFD is looked for in so many octets more. */
#define SFD_SEARCH  16
#define LEAST_FRAME 64
/** 802.3 table 4-2: an interframe gap may shrink to 64 bit times on its way. */
#define LEAST_GAP 8
/** Changes of octet that tell the repetition, and the share that must stand where it says. */
#define LEAST_CHANGES 4
#define CHANGES_SHARE 0.8
/** Octets of a frame that a slip makes uncertain and that are tried either way. */
#define EITHER_MOST 32

struct sd_rate_adaptation {
    GByteArray *octets; /* one for each block of copies, preamble included */
    GByteArray *lost;   /* 1 where no copy of the octet came undamaged */
    GArray *hits;       /* sd_hit */
};

/** The blocks of copies: the first holds `head` groups (at least one), all others `copies`. */
typedef struct {
    unsigned copies;
    uint64_t head;
} blocks;

static const struct {
    unsigned speed, copies;
} repetitions[] = {{10, 100}, {100, 10}};
/** Fewer copies of the SFD than this tell no repetition: half of those at 100 Mb/s. */
#define LEAST_SFD 5

sd_rate_adaptation *sd_rate_adaptation_new(void)
{
    sd_rate_adaptation *a = g_new0(sd_rate_adaptation, 1);
    a->octets = g_byte_array_new();
    a->lost = g_byte_array_new();
    a->hits = g_array_new(FALSE, FALSE, sizeof(sd_hit));
    return a;
}

void sd_rate_adaptation_free(sd_rate_adaptation *a)
{
    if (a == NULL)
        return;
    g_byte_array_free(a->octets, TRUE);
    g_byte_array_free(a->lost, TRUE);
    g_array_free(a->hits, TRUE);
    g_free(a);
}

static unsigned copies_of(unsigned speed)
{
    for (size_t i = 0; i < G_N_ELEMENTS(repetitions); i++) {
        if (repetitions[i].speed == speed)
            return repetitions[i].copies;
    }
    return 1;
}

/** Whether the octet of a damaged group is not to be believed. */
static bool is_lost(const sd_received_hit *hit)
{
    return hit->kind == SD_HIT_KIND_INVALID || hit->kind == SD_HIT_KIND_SLIP;
}

/** Walks the hits of a frame along with its groups. */
typedef struct {
    const sd_received *received;
    size_t next;
} hit_walk;

/** Whether group @p i, which must not go back, is damaged so that its octet is not to be believed.
 */
static bool walk_damaged(hit_walk *walk, uint64_t i)
{
    bool damaged = false;
    for (; walk->next < walk->received->hits; walk->next++) {
        const sd_received_hit *hit = &walk->received->hit[walk->next];
        if (hit->index > (int64_t)i)
            break;
        damaged |= hit->index == (int64_t)i && is_lost(hit);
    }
    return damaged;
}

static uint64_t kept_groups(const sd_received *received)
{
    return MIN(received->groups, SD_RECEIVE_GROUPS_MAX);
}

/** Where the octets change, modulo the number of copies. */
typedef struct {
    unsigned place; /* most often here */
    uint64_t here, all;
} changes;

static changes find_changes(const sd_received *received, unsigned copies)
{
    uint64_t at[100] = {0};
    changes found = {0};
    hit_walk walk = {.received = received};
    uint64_t last = 0; /* the last undamaged group */
    bool any = false;
    for (uint64_t i = 0; i < kept_groups(received); i++) {
        if (walk_damaged(&walk, i))
            continue;
        /* behind a damaged group it is not known where the octet changed */
        if (any && received->octet[i] != received->octet[last] && last + 1 == i) {
            at[i % copies]++;
            found.all++;
        }
        last = i;
        any = true;
    }
    for (unsigned i = 1; i < copies; i++) {
        if (at[i] > at[found.place])
            found.place = i;
    }
    found.here = at[found.place];
    return found;
}

/** Octets equal to the SFD behind the first run of preamble octets; 0 when none is there, or where
    the record may have cut the run. */
static uint64_t sfd_run(const sd_received *received)
{
    const uint64_t groups = kept_groups(received);
    uint64_t i = 0, run = 0;
    while (i < groups && received->octet[i] == PREAMBLE_OCTET)
        i++;
    while (i > 0 && i + run < groups && received->octet[i + run] == SFD_OCTET)
        run++;
    return run;
}

/** Whether there are LEAST_CHANGES between octets that are not damaged. */
static bool changes_often(const sd_received *received)
{
    uint64_t found = 0;
    hit_walk walk = {.received = received};
    bool before = true; /* the one before is damaged, or there is none */
    for (uint64_t i = 0; i < kept_groups(received) && found < LEAST_CHANGES; i++) {
        const bool damaged = walk_damaged(&walk, i);
        found += !damaged && !before && received->octet[i] != received->octet[i - 1];
        before = damaged;
    }
    return found >= LEAST_CHANGES;
}

/** The speed that the repetition of the octets tells, 0 when it tells none. */
static unsigned find_speed(const sd_received *received)
{
    const uint64_t sfd = sfd_run(received);
    if (sfd > 0 && sfd < LEAST_SFD && changes_often(received))
        return 1000; /* an SFD that is sent once, or a few times by accident */
    for (size_t i = 0; i < G_N_ELEMENTS(repetitions); i++) {
        const unsigned copies = repetitions[i].copies;
        const changes found = find_changes(received, copies);
        if (found.all < LEAST_CHANGES)
            return 0;
        /* content that repeats itself is no repetition when the SFD is not */
        if (sfd > 0 && sfd < copies / 2)
            continue;
        if ((double)found.here >= CHANGES_SHARE * (double)found.all)
            return repetitions[i].speed;
    }
    return 1000;
}

static sd_speed_source choose_speed(const sd_received *received, const sd_speed_hints *hints,
                                    unsigned *speed)
{
    if (hints->fixed != 0) {
        *speed = hints->fixed;
        return SD_SPEED_FROM_LINK;
    }
    if (hints->option != 0) {
        *speed = hints->option;
        return SD_SPEED_FROM_OPTION;
    }
    const unsigned data = find_speed(received);
    if (data != 0) {
        *speed = data;
        return SD_SPEED_FROM_DATA;
    }
    if (hints->data != 0) {
        *speed = hints->data;
        return SD_SPEED_FROM_DATA;
    }
    if (hints->config != 0) {
        *speed = hints->config;
        return SD_SPEED_FROM_CONFIG;
    }
    *speed = 1000;
    return SD_SPEED_FROM_LINK;
}

/** The block of group @p i. */
static uint64_t block_of(const blocks *b, uint64_t i)
{
    g_assert(b->copies > 0);
    return i < b->head ? 0 : 1 + (i - b->head) / b->copies;
}

/** The first group of block @p k. */
static uint64_t block_start(const blocks *b, uint64_t k)
{
    return k == 0 ? 0 : b->head + (k - 1) * b->copies;
}

/** Lets the copies in [from, to) vote; the damaged ones have no vote unless there is no other. */
static void vote(sd_rate_adaptation *a, hit_walk *walk, uint64_t from, uint64_t to)
{
    const uint8_t *octets = walk->received->octet;
    uint8_t best = octets[from];
    bool lost = true;
    unsigned votes[256] = {0};
    for (uint64_t i = from; i < to; i++) {
        if (walk_damaged(walk, i))
            continue;
        lost = false;
        if (++votes[octets[i]] > votes[best])
            best = octets[i];
    }
    g_byte_array_append(a->octets, &best, 1);
    g_byte_array_append(a->lost, &(uint8_t){lost}, 1);
}

static void make_octets(sd_rate_adaptation *a, const sd_received *received, const blocks *b)
{
    const uint64_t kept = kept_groups(received);
    hit_walk walk = {.received = received};
    g_byte_array_set_size(a->octets, 0);
    g_byte_array_set_size(a->lost, 0);
    if (b->copies == 1) { /* nothing to be voted */
        g_byte_array_append(a->octets, received->octet, (guint)kept);
        g_byte_array_set_size(a->lost, (guint)kept);
        memset(a->lost->data, false, kept);
        for (size_t i = 0; i < received->hits; i++) {
            const sd_received_hit *hit = &received->hit[i];
            if (hit->index >= 0 && hit->index < (int64_t)kept && is_lost(hit))
                a->lost->data[hit->index] = true;
        }
        return;
    }
    for (uint64_t at = 0; at < kept;) {
        const uint64_t end = MIN(kept, block_start(b, block_of(b, at) + 1));
        vote(a, &walk, at, end);
        at = end;
    }
}

static bool fcs_good_from(const sd_rate_adaptation *a, size_t first, size_t end)
{
    return first < end && sd_fcs_good(a->octets->data + first, end - first);
}

/** The first octet behind a SFD that is damaged or missing: the place that makes the FCS good, or
    the likeliest. */
static size_t guess_first(const sd_rate_adaptation *a, size_t run, size_t end)
{
    const bool hit_before = run > 0 && a->lost->data[run - 1];
    const size_t likeliest = hit_before || run < PREAMBLE_OCTETS - 1 ? run : run + 1;
    const size_t candidates[] = {likeliest, run, run + 1, PREAMBLE_OCTETS + 1};
    for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
        if (fcs_good_from(a, candidates[i], end))
            return candidates[i];
    }
    return MIN(likeliest, end);
}

/**
 * Finds the first octet behind the SFD, and sets frame->preamble, ->begin and the flags of the SFD.
 * @param end number of octets to the end of the frame
 */
static size_t strip_preamble(const sd_rate_adaptation *a, size_t end, sd_frame *frame)
{
    const uint8_t *octet = a->octets->data;
    size_t run = 0;
    while (run < end && (octet[run] == PREAMBLE_OCTET || a->lost->data[run]))
        run++;
    if (run < end && octet[run] == SFD_OCTET && (run > 0 || fcs_good_from(a, 1, end))) {
        frame->preamble = (uint32_t)run;
        return run + 1;
    }
    if (frame->begin == SD_BEGIN_CUT)
        return 0;
    if (run == end && frame->end == SD_END_CUT) { /* the record ends before the SFD */
        frame->preamble = (uint32_t)run;
        return run;
    }
    for (size_t i = run + 1; i < MIN(end, run + SFD_SEARCH); i++) {
        /* one octet of the preamble is wrong, perhaps the last one; not the SFD itself */
        if (octet[i] == SFD_OCTET && (octet[i - 1] == PREAMBLE_OCTET || i == run + 1) &&
            !(run + 1 < end && fcs_good_from(a, run + 1, end))) {
            frame->preamble = (uint32_t)i;
            frame->flags |= SD_FRAME_PREAMBLE_HIT;
            return i + 1;
        }
    }
    const size_t first = guess_first(a, run, end);
    frame->flags |= SD_FRAME_SFD_HIT;
    if (first <= run && run > 0 && !a->lost->data[run - 1]) {
        /* nothing stands in the place of the SFD */
        frame->preamble = (uint32_t)first;
        if (frame->begin == SD_BEGIN_S)
            frame->begin = SD_BEGIN_NO_SFD;
    } else {
        frame->preamble = (uint32_t)MAX(first, 1) - 1;
    }
    return first;
}

/** The number of octets to the end of the frame: what stands in the place of /T/ is none. */
static size_t strip_end(const sd_rate_adaptation *a, const sd_received *received, const blocks *b)
{
    const size_t octets = a->octets->len;
    if (received->groups > SD_RECEIVE_GROUPS_MAX || received->end == SD_END_CUT || octets < 2)
        return octets;
    const uint64_t left = received->groups - block_start(b, octets - 1);
    if (b->copies > 1)
        return left < b->copies / 2 ? octets - 1 : octets;
    if (received->end != SD_END_NO_T)
        return octets;
    sd_frame probe = {.begin = (uint8_t)received->begin};
    const size_t first = strip_preamble(a, octets - 1, &probe);
    return a->lost->data[octets - 1] || fcs_good_from(a, first, octets - 1) ? octets - 1 : octets;
}

/**
 * The FCS tells which group was hit by a disparity error that may have hit one of several, if it is
 * the frame's only damage: the one that can be set right.
 * @return the hit of that group; NULL when it cannot be told
 */
static const sd_received_hit *settle(const sd_rate_adaptation *a, const sd_received *received,
                                     const blocks *b, size_t first, size_t end)
{
    const sd_received_hit *unsure = NULL, *found = NULL;
    for (size_t i = 0; i < received->hits; i++) {
        const sd_received_hit *hit = &received->hit[i];
        if (hit->index < 0 || hit->kind == 0)
            continue;
        if (unsure != NULL || hit->uncertainty == 0)
            return NULL;
        unsure = hit;
    }
    if (unsure == NULL || b->copies > 1 || fcs_good_from(a, first, end))
        return NULL;
    for (size_t i = 0; i < received->hits; i++) {
        const sd_received_hit *hit = &received->hit[i];
        if (hit->index < 0 || (hit->kind != 0 && hit != unsure))
            continue;
        const uint64_t octet = block_of(b, (uint64_t)hit->index);
        if (octet < first || octet >= end ||
            !sd_fcs_can_be_good(a->octets->data + first, end - first, octet - first))
            continue;
        if (found != NULL)
            return NULL;
        found = hit;
    }
    return found;
}

/**
 * Where a slip may lie in one of several groups, the frame may be whole all the same: the octets
 * between the place where it seems to be and the one where it is stand on its other side, and read
 * so they make the FCS good.
 * @return whether that is so; the octets are right then
 */
static bool settle_slip(sd_rate_adaptation *a, const sd_received *received, const blocks *b,
                        size_t first, size_t end)
{
    uint8_t *octet[EITHER_MOST], here[EITHER_MOST], there[EITHER_MOST];
    unsigned count = 0;
    for (size_t i = 0; i < received->hits; i++) {
        const sd_received_hit *hit = &received->hit[i];
        if (!hit->either || hit->index < 0)
            continue;
        const uint64_t at = block_of(b, (uint64_t)hit->index);
        if (b->copies > 1 || count == EITHER_MOST || at < first || at >= end)
            return false;
        octet[count] = &a->octets->data[at];
        here[count] = *octet[count];
        there[count++] = hit->other;
    }
    if (count == 0)
        return false;
    if (fcs_good_from(a, first, end))
        return true;
    for (unsigned from = 0; from < count; from++) {
        for (unsigned i = from; i < count; i++) {
            *octet[i] = there[i];
            if (fcs_good_from(a, first, end))
                return true;
        }
        for (unsigned i = from; i < count; i++)
            *octet[i] = here[i];
    }
    return false;
}

/** Where a hit lies; sets the flags of preamble and SFD. @p end: first group behind the frame. */
static sd_hit place_hit(const sd_received_hit *from, const blocks *b, size_t first, uint64_t end,
                        double interval_ps, sd_frame *frame)
{
    sd_hit hit = {.kind = from->kind,
                  .bits = from->bits,
                  .uncertainty = from->uncertainty,
                  .start = from->start,
                  .time_ps = sd_position_ps(from->start, interval_ps)};
    if (from->index < 0) {
        hit.where = SD_HIT_GAP;
        hit.octet = (int32_t)-from->index;
    } else if ((uint64_t)from->index >= end) {
        hit.where = SD_HIT_END;
        hit.octet = (int32_t)((uint64_t)from->index - end);
    } else {
        const uint64_t block = block_of(b, (uint64_t)from->index);
        hit.where = block < first ? SD_HIT_PREAMBLE : SD_HIT_FRAME;
        hit.octet = (int32_t)(block < first ? block : block - first);
        hit.copy = (uint32_t)((uint64_t)from->index - block_start(b, block));
        if (hit.where == SD_HIT_PREAMBLE)
            frame->flags |= block + 1 == first ? SD_FRAME_SFD_HIT : SD_FRAME_PREAMBLE_HIT;
    }
    return hit;
}

static void place_hits(sd_rate_adaptation *a, const sd_received *received, const blocks *b,
                       size_t first, size_t end, double interval_ps, sd_frame *frame)
{
    const bool slip_settled = settle_slip(a, received, b, first, end);
    const sd_received_hit *settled = settle(a, received, b, first, end);
    const bool sound = received->hits > 0 && b->copies == 1 && fcs_good_from(a, first, end);
    frame->hits_total = received->hits_total;
    g_array_set_size(a->hits, 0);
    for (size_t i = 0; i < received->hits; i++) {
        sd_received_hit from = received->hit[i];
        if (slip_settled && from.either && from.index >= 0) {
            /* no damage, but the wrong side of the slip */
            frame->invalid -= from.kind == SD_HIT_KIND_INVALID;
            frame->disparity -= from.kind == SD_HIT_KIND_DISPARITY;
            frame->hits_total -= from.kind != 0;
            continue;
        }
        if (from.kind == 0)
            continue;
        if (settled != NULL && from.index >= 0) {
            from = *settled;
            from.kind = SD_HIT_KIND_DISPARITY;
            from.uncertainty = 0;
        }
        sd_hit hit = place_hit(&from, b, first, MIN(block_start(b, end), received->groups),
                               interval_ps, frame);
        /* A bit error would have made another octet, which the FCS would show. */
        if (sound && hit.where == SD_HIT_FRAME && hit.kind == SD_HIT_KIND_DISPARITY &&
            hit.uncertainty == 0)
            hit.uncertainty = SD_UNCERTAINTY_OPEN;
        if (a->hits->len < SD_HITS_MAX)
            g_array_append_val(a->hits, hit);
    }
    frame->hit = (const sd_hit *)(const void *)a->hits->data;
    frame->hits = a->hits->len;
}

/** Makes the octets of the frame at frame->speed, and finds its first and its end. */
static blocks divide(sd_rate_adaptation *a, const sd_received *received, sd_frame *frame,
                     size_t *first, size_t *end)
{
    blocks b = {.copies = copies_of(frame->speed)};
    if (b.copies > 1)
        b.head = find_changes(received, b.copies).place;
    /* A few copies too many before the first whole octet of the preamble are no octet. */
    if (b.head == 0 || (received->begin != SD_BEGIN_CUT && b.head < b.copies / 2))
        b.head += b.copies;
    make_octets(a, received, &b);
    *end = strip_end(a, received, &b);
    frame->begin = (uint8_t)received->begin;
    frame->flags = 0;
    *first = strip_preamble(a, *end, frame);
    return b;
}

/** ... at the speed that was chosen or, where the frame is whole and has a bad FCS there, at the
   one that makes it good: the content of a frame may look like a repetition. */
static blocks divide_best(sd_rate_adaptation *a, const sd_received *received,
                          const sd_speed_hints *hints, sd_frame *frame, size_t *first, size_t *end)
{
    frame->speed_source = (uint8_t)choose_speed(received, hints, &frame->speed);
    const unsigned chosen = frame->speed;
    blocks b = divide(a, received, frame, first, end);
    if (frame->speed_source != SD_SPEED_FROM_LINK && frame->speed_source != SD_SPEED_FROM_OPTION &&
        received->begin != SD_BEGIN_CUT && received->end != SD_END_CUT) {
        static const unsigned speeds[] = {1000, 100, 10};
        bool good = fcs_good_from(a, *first, *end);
        for (size_t i = 0; i < G_N_ELEMENTS(speeds) && !good; i++) {
            frame->speed = speeds[i];
            b = divide(a, received, frame, first, end);
            good = fcs_good_from(a, *first, *end);
        }
        if (!good) {
            frame->speed = chosen;
            b = divide(a, received, frame, first, end);
        } else if (frame->speed != chosen) {
            frame->speed_source = SD_SPEED_FROM_DATA;
        }
    }
    if (frame->speed_source == SD_SPEED_FROM_DATA && hints->config != 0)
        frame->speed_source = frame->speed == hints->config ? SD_SPEED_AGREED : SD_SPEED_DISAGREES;
    return b;
}

void sd_rate_adaptation_frame(sd_rate_adaptation *a, const sd_received *received,
                              const sd_speed_hints *hints, double interval_ps, sd_frame *frame,
                              uint64_t *end_group)
{
    *frame = (sd_frame){
        .end = (uint8_t)received->end,
        .config_speed = hints->config,
        .start = received->start,
        .invalid = received->invalid,
        .disparity = received->disparity,
    };
    size_t first, end;
    const blocks b = divide_best(a, received, hints, frame, &first, &end);
    place_hits(a, received, &b, first, end, interval_ps, frame);

    const bool whole = received->groups <= SD_RECEIVE_GROUPS_MAX;
    const uint64_t wire_end = whole ? end : block_of(&b, received->groups - 1) + 1;
    *end_group = whole ? MIN(block_start(&b, end), received->groups) : received->groups;
    frame->octets = a->octets->data + first;
    frame->length = (uint32_t)MIN(end - first, SD_FRAME_OCTETS_MAX);
    frame->wire_length = (uint32_t)MIN(wire_end - first, G_MAXUINT32);
    frame->gap = received->gap == UINT64_MAX
                     ? SD_GAP_UNKNOWN
                     : (uint32_t)MIN(received->gap / b.copies, SD_GAP_UNKNOWN - 1);

    const bool cut = frame->begin == SD_BEGIN_CUT || frame->end == SD_END_CUT;
    if (frame->length < frame->wire_length)
        frame->flags |= SD_FRAME_TOO_LONG | SD_FRAME_FCS_BAD;
    else if (!sd_fcs_good(frame->octets, frame->length))
        frame->flags |= SD_FRAME_FCS_BAD;
    if (frame->wire_length < LEAST_FRAME && !cut)
        frame->flags |= SD_FRAME_TOO_SHORT;
    if (frame->gap < LEAST_GAP)
        frame->flags |= SD_FRAME_GAP_SHORT;
    if (received->error_v)
        frame->flags |= SD_FRAME_ERROR_V;
    if (received->extended)
        frame->flags |= SD_FRAME_EXTENDED;
}

uint64_t sd_rate_adaptation_whole(sd_rate_adaptation *a, const sd_received *received,
                                  const sd_speed_hints *hints)
{
    sd_frame frame = {.end = (uint8_t)received->end};
    size_t first, end;
    const blocks b = divide_best(a, received, hints, &frame, &first, &end);
    return fcs_good_from(a, first, end) ? MIN(block_start(&b, end), received->groups) : 0;
}
