/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file received.h
 * Pushes symbols through the receive stage and keeps copies of all that it hands on. Include it
 * behind cmocka.h.
 */
#ifndef SCOPEDUMP_TEST_RECEIVED_H
#define SCOPEDUMP_TEST_RECEIVED_H

#include "encoder.h"
#include "pcs/receive.h"

/** Group i begins here. */
#define GROUP_SPAN (10 * SD_POSITION_ONE)

/** A copy of an sd_received; its octet and hit are owned. */
typedef struct {
    sd_ordered_set set;
    uint16_t config_reg;
    sd_position start;
} received_set;

typedef struct {
    sd_position start;
    uint64_t groups;
} received_false_carrier;

/** All that was handed on. */
typedef struct {
    GArray *frames;         /* sd_received */
    GArray *sets;           /* received_set */
    GArray *false_carriers; /* received_false_carrier */
    GArray *gap_hits;       /* sd_received_hit */
    uint64_t whole;         /* what has so many groups is a whole frame */
} received_all;

static inline uint64_t keep_frame(const sd_received *received, void *user)
{
    received_all *all = user;
    sd_received copy = *received;
    copy.octet = g_memdup2(received->octet, MIN(received->groups, SD_RECEIVE_GROUPS_MAX));
    copy.hit = g_memdup2(received->hit, received->hits * sizeof *received->hit);
    g_array_append_val(all->frames, copy);
    return 0;
}

static inline uint64_t find_whole(const sd_received *received, void *user)
{
    const received_all *all = user;
    return received->groups == all->whole ? all->whole : 0;
}

static inline void keep_set(sd_ordered_set set, uint16_t config_reg, sd_position start, void *user)
{
    received_all *all = user;
    const received_set s = {set, config_reg, start};
    g_array_append_val(all->sets, s);
}

static inline void keep_false_carrier(sd_position start, uint64_t groups, void *user)
{
    received_all *all = user;
    const received_false_carrier f = {start, groups};
    g_array_append_val(all->false_carriers, f);
}

static inline void keep_gap_hit(const sd_received_hit *hit, void *user)
{
    received_all *all = user;
    g_array_append_val(all->gap_hits, *hit);
}

static inline received_all received_new(void)
{
    return (received_all){
        g_array_new(FALSE, FALSE, sizeof(sd_received)),
        g_array_new(FALSE, FALSE, sizeof(received_set)),
        g_array_new(FALSE, FALSE, sizeof(received_false_carrier)),
        g_array_new(FALSE, FALSE, sizeof(sd_received_hit)),
        0,
    };
}

static inline void received_free(received_all *all)
{
    for (guint i = 0; i < all->frames->len; i++) {
        const sd_received *frame = &g_array_index(all->frames, sd_received, i);
        g_free((gpointer)(uintptr_t)frame->octet);
        g_free((gpointer)(uintptr_t)frame->hit);
    }
    g_array_free(all->frames, TRUE);
    g_array_free(all->sets, TRUE);
    g_array_free(all->false_carriers, TRUE);
    g_array_free(all->gap_hits, TRUE);
}

static inline sd_receive *received_stage(received_all *all)
{
    const sd_receive_sink sink = {keep_frame,         find_whole,   keep_set,
                                  keep_false_carrier, keep_gap_hit, all};
    return sd_receive_new(&sink);
}

/** The code-groups of symbols, undamaged; array of sd_code_group. */
static inline GArray *groups_of(const GArray *symbols)
{
    GArray *groups = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
    for (guint i = 0; i < symbols->len; i++) {
        const symbol s = symbol_at(symbols, i);
        const sd_code_group group = {
            .start = i * GROUP_SPAN,
            .octet = s.octet,
            .flags = s.special ? SD_GROUP_SPECIAL : 0,
        };
        g_array_append_val(groups, group);
    }
    return groups;
}

static inline sd_code_group *group_at(GArray *groups, guint i)
{
    assert_true(i < groups->len);
    return &g_array_index(groups, sd_code_group, i);
}

/** An invalid code-group in the place of group i. */
static inline void make_invalid(GArray *groups, guint i, uint8_t octet, uint16_t bits)
{
    sd_code_group *group = group_at(groups, i);
    group->octet = octet;
    group->bits = bits;
    group->flags = SD_GROUP_INVALID;
}

/** Receives all groups, and the end of the record; what has @p whole groups when the signal is gone
    is a whole frame. */
static inline received_all receive_groups_of(const GArray *groups, uint64_t whole)
{
    received_all all = received_new();
    all.whole = whole;
    sd_receive *receive = received_stage(&all);
    for (guint i = 0; i < groups->len; i++)
        sd_receive_push(receive, &g_array_index(groups, sd_code_group, i));
    sd_receive_finish(receive);
    sd_receive_free(receive);
    return all;
}

static inline received_all receive_groups(const GArray *groups)
{
    return receive_groups_of(groups, 0);
}

static inline const sd_received *frame_at(const received_all *all, guint i)
{
    assert_true(i < all->frames->len);
    return &g_array_index(all->frames, sd_received, i);
}

#endif
