/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The receive state diagram of clause 36 (figures 36-7a and 36-7b): begin, end, damage, gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "received.h"

/** Idle before each frame of these tests, in code-groups. */
#define LEAD 24
/** /S/, six octets, SFD. */
#define PREAMBLE_GROUPS 8
#define OCTETS          70

/** idle, a frame of OCTETS octets (values 1, 2, 3, ...), idle: the frame's /S/ is group LEAD, /T/
   is group AT_T. */
#define AT_T (LEAD + PREAMBLE_GROUPS + OCTETS)

static void fill(uint8_t *octets)
{
    for (unsigned i = 0; i < OCTETS; i++)
        octets[i] = (uint8_t)(i + 1);
}

static GArray *one_frame(void)
{
    uint8_t octets[OCTETS];
    fill(octets);
    GArray *symbols = symbols_new();
    add_idle(symbols, LEAD / 2);
    add_frame(symbols, octets, OCTETS);
    add_idle(symbols, LEAD / 2);
    GArray *groups = groups_of(symbols);
    g_array_free(symbols, TRUE);
    return groups;
}

static received_all receive_symbols(GArray *symbols)
{
    GArray *groups = groups_of(symbols);
    const received_all all = receive_groups(groups);
    g_array_free(groups, TRUE);
    g_array_free(symbols, TRUE);
    return all;
}

/** The frame of one_frame(), as it must be whatever was damaged behind its begin; octet @p hit of
    the frame may have any value (-1: none). */
static void is_the_frame(const sd_received *frame, int hit)
{
    assert_int_equal(frame->begin, SD_BEGIN_S);
    assert_int_equal(frame->end, SD_END_T);
    assert_int_equal(frame->groups, PREAMBLE_GROUPS + OCTETS);
    assert_int_equal(frame->start, LEAD * GROUP_SPAN);
    assert_int_equal(frame->last, (AT_T - 1) * GROUP_SPAN);
    for (int i = 0; i < PREAMBLE_GROUPS + OCTETS; i++) {
        const int octet = i - PREAMBLE_GROUPS;
        if (octet != hit)
            assert_int_equal(frame->octet[i], octet >= 0    ? octet + 1
                                              : octet == -1 ? SFD
                                                            : PREAMBLE);
    }
}

static void undamaged(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 1);
    const sd_received *frame = frame_at(&all, 0);
    is_the_frame(frame, -1);
    assert_int_equal(frame->gap, UINT64_MAX);
    assert_int_equal(frame->hits, 0);
    assert_int_equal(frame->hits_total, 0);
    assert_int_equal(frame->invalid + frame->disparity, 0);
    assert_false(frame->error_v);
    assert_false(frame->extended);
    assert_int_equal(all.sets->len, LEAD);
    assert_int_equal(all.false_carriers->len, 0);
    assert_int_equal(all.gap_hits->len, 0);
    received_free(&all);
    g_array_free(groups, TRUE);
}

/** The end delimiter is /T/R/ or /T/R/R/, so that the next K28.5 is even. */
static void end_delimiters_and_gap(void **state)
{
    (void)state;
    for (unsigned octets = 64; octets < 68; octets++) {
        uint8_t *content = g_malloc0(octets);
        GArray *symbols = symbols_new();
        add_idle(symbols, 4);
        add_frame(symbols, content, octets);
        const guint end = symbols->len;
        add_idle(symbols, 5);
        const guint second = symbols->len;
        add_frame(symbols, content, octets);
        add_idle(symbols, 3);
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.frames->len, 2);
        for (guint i = 0; i < 2; i++) {
            assert_int_equal(frame_at(&all, i)->end, SD_END_T);
            assert_int_equal(frame_at(&all, i)->groups, PREAMBLE_GROUPS + octets);
            assert_false(frame_at(&all, i)->extended);
        }
        assert_int_equal(frame_at(&all, 1)->start, second * GROUP_SPAN);
        assert_int_equal(frame_at(&all, 1)->gap, end - (8 + PREAMBLE_GROUPS + octets) + 10);
        assert_int_equal(all.sets->len, 4 + 5 + 3);
        received_free(&all);
        g_free(content);
    }
}

static void frames_with_nothing_but_the_end_delimiter_between(void **state)
{
    (void)state;
    uint8_t content[64] = {0};
    GArray *symbols = symbols_new();
    add_idle(symbols, 4);
    for (unsigned i = 0; i < 5; i++)
        add_frame(symbols, content, sizeof content);
    add_idle(symbols, 4);
    received_all all = receive_symbols(symbols);
    assert_int_equal(all.frames->len, 5);
    for (guint i = 0; i < 5; i++) {
        assert_int_equal(frame_at(&all, i)->begin, SD_BEGIN_S);
        assert_int_equal(frame_at(&all, i)->end, SD_END_T);
        assert_int_equal(frame_at(&all, i)->groups, PREAMBLE_GROUPS + sizeof content);
        if (i > 0)
            assert_int_equal(frame_at(&all, i)->gap, 2);
    }
    received_free(&all);
}

/** Not even /R/. */
static void a_start_right_behind_the_end(void **state)
{
    (void)state;
    uint8_t content[65] = {0};
    GArray *symbols = symbols_new();
    add_idle(symbols, 4);
    for (unsigned i = 0; i < 5; i++) {
        add_preamble(symbols, 7);
        add_octets(symbols, content, sizeof content, 1);
        add_special(symbols, K29_7);
    }
    add_special(symbols, K23_7);
    add_idle(symbols, 4);
    received_all all = receive_symbols(symbols);
    assert_int_equal(all.frames->len, 5);
    for (guint i = 0; i < 5; i++) {
        assert_int_equal(frame_at(&all, i)->end, SD_END_T);
        assert_int_equal(frame_at(&all, i)->groups, PREAMBLE_GROUPS + sizeof content);
        if (i > 0)
            assert_int_equal(frame_at(&all, i)->gap, 1);
    }
    received_free(&all);
}

static void carrier_extension(void **state)
{
    (void)state;
    for (unsigned extension = 2; extension < 9; extension++) {
        uint8_t content[64] = {0};
        GArray *symbols = symbols_new();
        add_idle(symbols, 4);
        add_preamble(symbols, 7);
        add_octets(symbols, content, sizeof content, 1);
        add_special(symbols, K29_7);
        for (unsigned i = 0; i < 1 + extension; i++)
            add_special(symbols, K23_7);
        if (symbols->len % 2 != 0)
            add_special(symbols, K23_7);
        add_frame(symbols, content, sizeof content); /* a burst: /R/ to /S/ */
        add_idle(symbols, 4);
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.frames->len, 2);
        assert_int_equal(frame_at(&all, 0)->end, SD_END_T);
        assert_true(frame_at(&all, 0)->extended);
        assert_int_equal(frame_at(&all, 0)->groups, PREAMBLE_GROUPS + sizeof content);
        assert_int_equal(frame_at(&all, 1)->begin, SD_BEGIN_S);
        assert_int_equal(frame_at(&all, 1)->end, SD_END_T);
        assert_false(frame_at(&all, 1)->extended);
        received_free(&all);
    }
}

/** check_end: /K28.5/D/K28.5/ and /K28.5/(D21.5 + D2.2)/D0.0/ inside a frame. */
static void early_end(void **state)
{
    (void)state;
    for (unsigned configuration = 0; configuration < 2; configuration++) {
        uint8_t content[66];
        memset(content, 0x11, sizeof content);
        GArray *symbols = symbols_new();
        add_idle(symbols, 4);
        add_preamble(symbols, 7);
        add_octets(symbols, content, sizeof content, 1);
        if (configuration)
            add_configuration(symbols, 4, 0);
        else
            add_idle(symbols, 4);
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.frames->len, 1);
        assert_int_equal(frame_at(&all, 0)->end, SD_END_EARLY);
        assert_int_equal(frame_at(&all, 0)->groups, PREAMBLE_GROUPS + sizeof content);
        assert_int_equal(all.sets->len, 4 + 4);
        assert_int_equal(g_array_index(all.sets, received_set, 4).set,
                         configuration ? SD_SET_CONFIGURATION : SD_SET_IDLE);
        received_free(&all);
    }
}

/** A damaged octet of the frame that looks like a special code-group is a data error; what follows
    it is not the pattern that check_end wants. */
static void an_octet_that_looks_like_a_special_group(void **state)
{
    (void)state;
    static const uint8_t octets[] = {K28_5, K27_7, K29_7, K23_7, K30_7, 0x3C, 0xFC, 0x1C};
    static const uint8_t flags[] = {0, SD_GROUP_DISPARITY};
    for (size_t i = 0; i < G_N_ELEMENTS(octets); i++) {
        for (size_t f = 0; f < G_N_ELEMENTS(flags); f++) {
            for (guint place = 10; place < 12; place++) { /* even and odd */
                GArray *groups = one_frame();
                sd_code_group *group = group_at(groups, LEAD + PREAMBLE_GROUPS + place);
                group->octet = octets[i];
                group->flags = SD_GROUP_SPECIAL | flags[f];
                received_all all = receive_groups(groups);
                assert_int_equal(all.frames->len, 1);
                const sd_received *frame = frame_at(&all, 0);
                is_the_frame(frame, (int)place);
                assert_int_equal(frame->error_v, octets[i] == K30_7);
                assert_int_equal(frame->disparity, flags[f] != 0);
                received_free(&all);
                g_array_free(groups, TRUE);
            }
        }
    }
}

/** D20.5 with one bit turned over is K28.5. What stands behind it in the frame may be an octet that
    idle or configuration have too; the next comma, or the config_reg, is missing. */
static void an_octet_that_looks_like_a_comma_before_an_octet_of_an_ordered_set(void **state)
{
    (void)state;
    static const uint8_t behind[] = {D5_6, D16_2, D21_5, D2_2, D6_5, D26_4};
    for (size_t i = 0; i < G_N_ELEMENTS(behind); i++) {
        GArray *groups = one_frame();
        sd_code_group *group = group_at(groups, LEAD + PREAMBLE_GROUPS + 20);
        group[0].octet = K28_5;
        group[0].flags = SD_GROUP_SPECIAL;
        group[1].octet = behind[i];
        received_all all = receive_groups(groups);
        if (all.frames->len != 1)
            fail_msg("K28.5 before 0x%02X ends the frame", behind[i]);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->end, SD_END_T);
        assert_int_equal(frame->groups, PREAMBLE_GROUPS + OCTETS);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

/** D29.1 with bit j turned over is K29.7, and the running disparity is the other one from there on:
    the next code-groups may be disparity errors. */
static void an_octet_that_looks_like_an_end_before_a_disparity_error(void **state)
{
    (void)state;
    static const uint8_t octets[] = {K29_7, K23_7};
    for (size_t i = 0; i < G_N_ELEMENTS(octets); i++) {
        GArray *groups = one_frame();
        sd_code_group *group = group_at(groups, LEAD + PREAMBLE_GROUPS + 20);
        group[0].octet = octets[i];
        group[0].flags = SD_GROUP_SPECIAL;
        group[1].flags = SD_GROUP_DISPARITY;
        received_all all = receive_groups(groups);
        if (all.frames->len != 1)
            fail_msg("K%u.7 before a disparity error ends the frame", octets[i] & 0x1FU);
        is_the_frame(frame_at(&all, 0), 20);
        assert_int_equal(frame_at(&all, 0)->disparity, 1);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

static void error_propagation(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    for (guint i = 30; i < 34; i++) {
        group_at(groups, LEAD + PREAMBLE_GROUPS + i)->octet = K30_7;
        group_at(groups, LEAD + PREAMBLE_GROUPS + i)->flags = SD_GROUP_SPECIAL;
    }
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 1);
    assert_true(frame_at(&all, 0)->error_v);
    assert_int_equal(frame_at(&all, 0)->groups, PREAMBLE_GROUPS + OCTETS);
    assert_int_equal(frame_at(&all, 0)->end, SD_END_T);
    assert_int_equal(frame_at(&all, 0)->hits, 0);
    received_free(&all);
    g_array_free(groups, TRUE);
}

static void hits_in_a_frame_keep_their_places(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    make_invalid(groups, LEAD + 3, 0x55, 0x111);
    make_invalid(groups, LEAD + PREAMBLE_GROUPS + 5, 0x99, 0x222);
    group_at(groups, LEAD + PREAMBLE_GROUPS + 6)->flags = SD_GROUP_DISPARITY;
    group_at(groups, LEAD + PREAMBLE_GROUPS + 6)->bits = 0x333;
    group_at(groups, LEAD + PREAMBLE_GROUPS + 7)->flags = SD_GROUP_SLIP;
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 1);
    const sd_received *frame = frame_at(&all, 0);
    assert_int_equal(frame->groups, PREAMBLE_GROUPS + OCTETS);
    assert_int_equal(frame->invalid, 2);
    assert_int_equal(frame->disparity, 1);
    assert_int_equal(frame->hits_total, 4);
    assert_int_equal(frame->hits, 4);
    static const sd_received_hit wanted[] = {
        {.index = 3, .bits = 0x111, .kind = SD_HIT_KIND_INVALID},
        {.index = 13, .bits = 0x222, .kind = SD_HIT_KIND_INVALID},
        {.index = 14, .bits = 0x333, .kind = SD_HIT_KIND_DISPARITY},
        {.index = 15, .bits = 0, .kind = SD_HIT_KIND_SLIP},
    };
    for (guint i = 0; i < 4; i++) {
        assert_int_equal(frame->hit[i].start, (LEAD + wanted[i].index) * GROUP_SPAN);
        assert_int_equal(frame->hit[i].index, wanted[i].index);
        assert_int_equal(frame->hit[i].bits, wanted[i].bits);
        assert_int_equal(frame->hit[i].kind, wanted[i].kind);
    }
    assert_int_equal(all.gap_hits->len, 0);
    received_free(&all);
    g_array_free(groups, TRUE);
}

static void next_start_without_an_end(void **state)
{
    (void)state;
    uint8_t content[66];
    memset(content, 0x22, sizeof content);
    GArray *symbols = symbols_new();
    add_idle(symbols, 4);
    add_preamble(symbols, 7);
    add_octets(symbols, content, sizeof content, 1);
    add_frame(symbols, content, sizeof content);
    add_idle(symbols, 4);
    received_all all = receive_symbols(symbols);
    assert_int_equal(all.frames->len, 2);
    assert_int_equal(frame_at(&all, 0)->end, SD_END_NEXT_S);
    assert_int_equal(frame_at(&all, 0)->groups, PREAMBLE_GROUPS + sizeof content);
    assert_int_equal(frame_at(&all, 1)->begin, SD_BEGIN_S);
    assert_int_equal(frame_at(&all, 1)->end, SD_END_T);
    assert_int_equal(frame_at(&all, 1)->gap, 0);
    assert_int_equal(frame_at(&all, 1)->groups, PREAMBLE_GROUPS + sizeof content);
    received_free(&all);
}

/** /S/ is hit: invalid, or turned into another valid octet. The frame is handed on. */
static void start_hit(void **state)
{
    (void)state;
    for (unsigned invalid = 0; invalid < 2; invalid++) {
        GArray *groups = one_frame();
        if (invalid)
            make_invalid(groups, LEAD, 0x7B, 0x0FF);
        else
            *group_at(groups, LEAD) = (sd_code_group){.start = LEAD * GROUP_SPAN, .octet = 0x1B};
        received_all all = receive_groups(groups);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->begin, SD_BEGIN_NO_S);
        assert_int_equal(frame->end, SD_END_T);
        assert_int_equal(frame->groups, PREAMBLE_GROUPS + OCTETS);
        assert_int_equal(frame->octet[PREAMBLE_GROUPS], 1);
        assert_int_equal(frame->start, LEAD * GROUP_SPAN);
        assert_int_equal(frame->invalid, invalid);
        if (invalid) {
            assert_int_equal(frame->hits, 1);
            assert_int_equal(frame->hit[0].index, 0);
            assert_int_equal(frame->hit[0].bits, 0x0FF);
        }
        assert_int_equal(all.false_carriers->len, 0);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

/** /T/ is hit, and /R/ ends the frame. What stood in its place may be handed on as a group. */
static void end_hit(void **state)
{
    (void)state;
    for (unsigned invalid = 0; invalid < 2; invalid++) {
        GArray *groups = one_frame();
        if (invalid)
            make_invalid(groups, AT_T, 0x7D, 0x0FF);
        else
            *group_at(groups, AT_T) = (sd_code_group){.start = AT_T * GROUP_SPAN, .octet = 0x1D};
        received_all all = receive_groups(groups);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->begin, SD_BEGIN_S);
        assert_int_equal(frame->end, SD_END_NO_T);
        assert_in_range(frame->groups, PREAMBLE_GROUPS + OCTETS, PREAMBLE_GROUPS + OCTETS + 1);
        assert_int_equal(frame->octet[PREAMBLE_GROUPS + OCTETS - 1], OCTETS);
        assert_int_equal(frame->invalid, invalid);
        assert_int_equal(frame->hits, invalid);
        if (invalid) {
            assert_int_equal(frame->hit[0].index, PREAMBLE_GROUPS + OCTETS);
            assert_int_equal(frame->hit[0].bits, 0x0FF);
        }
        assert_int_equal(all.gap_hits->len, 0); /* no hit is told twice */
        assert_int_equal(all.sets->len, LEAD);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

/** /T/ with the wrong running disparity is still /T/. */
static void end_with_a_disparity_error(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    group_at(groups, AT_T)->flags |= SD_GROUP_DISPARITY;
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 1);
    is_the_frame(frame_at(&all, 0), -1);
    assert_int_equal(frame_at(&all, 0)->disparity, 1);
    assert_int_equal(frame_at(&all, 0)->hits, 1);
    assert_int_equal(frame_at(&all, 0)->hit[0].index, PREAMBLE_GROUPS + OCTETS);
    assert_int_equal(all.gap_hits->len, 0);
    received_free(&all);
    g_array_free(groups, TRUE);
}

/** /R/ behind /T/ is hit; K28.5 follows. */
static void second_of_the_end_delimiter_hit(void **state)
{
    (void)state;
    for (unsigned invalid = 0; invalid < 2; invalid++) {
        GArray *groups = one_frame();
        if (invalid)
            make_invalid(groups, AT_T + 1, 0x77, 0x0FF);
        else
            *group_at(groups, AT_T + 1) =
                (sd_code_group){.start = (AT_T + 1) * GROUP_SPAN, .octet = 0x17};
        received_all all = receive_groups(groups);
        assert_int_equal(all.frames->len, 1);
        is_the_frame(frame_at(&all, 0), -1);
        assert_int_equal(frame_at(&all, 0)->invalid, invalid);
        assert_int_equal(frame_at(&all, 0)->hits, invalid);
        if (invalid)
            assert_int_equal(frame_at(&all, 0)->hit[0].index, PREAMBLE_GROUPS + OCTETS + 1);
        assert_int_equal(all.gap_hits->len, 0);
        assert_int_equal(all.sets->len, LEAD);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

/** Every single group of a frame and its end delimiter invalid in turn: one frame, one hit. */
static void any_group_invalid(void **state)
{
    (void)state;
    for (guint place = LEAD; place < AT_T + 2; place++) {
        GArray *groups = one_frame();
        make_invalid(groups, place, 0x00, 0x3FF);
        received_all all = receive_groups(groups);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->hits_total, 1);
        assert_int_equal(frame->invalid, 1);
        assert_int_equal(frame->hit[0].start, place * GROUP_SPAN);
        assert_int_equal(frame->hit[0].index, place - LEAD);
        assert_int_equal(all.gap_hits->len, 0);
        assert_int_equal(all.false_carriers->len, 0);
        assert_int_equal(all.sets->len, LEAD);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

/** Damage between frames is told at once, and again with the frame behind it. */
static void any_group_of_the_gap_invalid(void **state)
{
    (void)state;
    for (guint place = 2; place < LEAD - 2; place++) {
        GArray *groups = one_frame();
        make_invalid(groups, place, 0x00, 0x3FF);
        received_all all = receive_groups(groups);
        assert_int_equal(all.gap_hits->len, 1);
        assert_int_equal(g_array_index(all.gap_hits, sd_received_hit, 0).start, place * GROUP_SPAN);
        assert_int_equal(g_array_index(all.gap_hits, sd_received_hit, 0).bits, 0x3FF);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        is_the_frame(frame, -1);
        assert_int_equal(frame->hits, 1);
        assert_int_equal(frame->hits_total, 1);
        assert_int_equal(frame->invalid, 0);
        assert_int_equal(frame->hit[0].index, (int)place - LEAD);
        assert_int_equal(frame->hit[0].start, place * GROUP_SPAN);
        /* not clean behind the ordered set, but the damage explains it */
        assert_int_equal(all.false_carriers->len, 0);
        received_free(&all);
        g_array_free(groups, TRUE);
    }
}

static void false_carrier(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 9; count += 2) {
        uint8_t octets[OCTETS];
        fill(octets);
        GArray *symbols = symbols_new();
        add_idle(symbols, 4);
        add_frame(symbols, octets, OCTETS);
        const guint end = symbols->len;
        add_idle(symbols, 6);
        const guint begin = symbols->len;
        for (unsigned i = 0; i < count; i++)
            add_data(symbols, 0x0E);
        add_idle(symbols, 6);
        add_frame(symbols, octets, OCTETS);
        add_idle(symbols, 4);
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.false_carriers->len, 1);
        const received_false_carrier *f =
            &g_array_index(all.false_carriers, received_false_carrier, 0);
        assert_int_equal(f->start, begin * GROUP_SPAN);
        assert_int_equal(f->groups, count);
        assert_int_equal(all.frames->len, 2);
        assert_int_equal(frame_at(&all, 1)->gap, end - (8 + PREAMBLE_GROUPS + OCTETS) + 24 + count);
        assert_int_equal(all.sets->len, 4 + 6 + 6 + 4);
        received_free(&all);
    }
}

static void record_begins_inside_a_frame(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    for (guint skip = LEAD + 1; skip < AT_T; skip++) {
        GArray *rest = g_array_new(FALSE, FALSE, sizeof(sd_code_group));
        g_array_append_vals(rest, group_at(groups, skip), groups->len - skip);
        received_all all = receive_groups(rest);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->begin, SD_BEGIN_CUT);
        assert_int_equal(frame->end, SD_END_T);
        assert_int_equal(frame->groups, AT_T - skip);
        assert_int_equal(frame->start, skip * GROUP_SPAN);
        assert_int_equal(frame->octet[frame->groups - 1], OCTETS);
        assert_int_equal(frame->gap, UINT64_MAX);
        assert_int_equal(all.false_carriers->len, 0);
        received_free(&all);
        g_array_free(rest, TRUE);
    }
    g_array_free(groups, TRUE);
}

/** The record begins in the end delimiter or in an ordered set: there is no frame there. */
static void record_begins_between_frames(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        for (guint skip = 0; skip < 4; skip++) {
            GArray *symbols = symbols_new();
            if (kind == 0) {
                add_special(symbols, K29_7);
                add_special(symbols, K23_7);
                add_special(symbols, K23_7);
            } else if (kind == 1) {
                add_configuration(symbols, 1, 0x4001);
            } else {
                add_idle(symbols, 2);
            }
            g_array_remove_range(symbols, 0, MIN(skip, symbols->len));
            add_idle(symbols, 5);
            received_all all = receive_symbols(symbols);
            assert_int_equal(all.frames->len, 0);
            assert_int_equal(all.false_carriers->len, 0);
            assert_in_range(all.sets->len, 5, 7);
            received_free(&all);
        }
    }
}

static void record_ends_inside_a_frame(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    for (guint end = LEAD + 1; end <= AT_T; end++) {
        g_array_set_size(groups, end);
        received_all all = receive_groups(groups);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->begin, SD_BEGIN_S);
        assert_int_equal(frame->end, SD_END_CUT);
        assert_int_equal(frame->groups, end - LEAD);
        assert_int_equal(frame->last, (end - 1) * GROUP_SPAN);
        received_free(&all);
        g_array_free(groups, TRUE);
        groups = one_frame();
    }
    g_array_free(groups, TRUE);
}

/** Data from the first to the last group: cut at both ends. */
static void nothing_but_a_piece_of_a_frame(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    g_array_set_size(groups, AT_T - 10);
    g_array_remove_range(groups, 0, LEAD + PREAMBLE_GROUPS + 10);
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 1);
    assert_int_equal(frame_at(&all, 0)->begin, SD_BEGIN_CUT);
    assert_int_equal(frame_at(&all, 0)->end, SD_END_CUT);
    assert_int_equal(frame_at(&all, 0)->groups, OCTETS - 20);
    received_free(&all);
    g_array_free(groups, TRUE);
}

static void preambles_of_any_length(void **state)
{
    (void)state;
    for (unsigned preamble = 1; preamble <= 20; preamble++) {
        uint8_t octets[OCTETS];
        fill(octets);
        GArray *symbols = symbols_new();
        add_idle(symbols, 4);
        add_preamble(symbols, preamble);
        add_octets(symbols, octets, OCTETS, 1);
        add_end(symbols);
        add_idle(symbols, 4);
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.frames->len, 1);
        const sd_received *frame = frame_at(&all, 0);
        assert_int_equal(frame->groups, preamble + 1 + OCTETS);
        assert_int_equal(frame->octet[preamble], SFD);
        assert_int_equal(frame->octet[0], PREAMBLE);
        assert_memory_equal(frame->octet + preamble + 1, octets, OCTETS);
        received_free(&all);
    }
}

/** Frames beyond the bounds: groups and hits go on being counted. */
static void giant_frame(void **state)
{
    (void)state;
    received_all all = received_new();
    sd_receive *receive = received_stage(&all);
    const uint64_t beyond = 1000;
    sd_code_group group = {.octet = K27_7, .flags = SD_GROUP_SPECIAL};
    uint64_t groups = 0, invalid = 0;
    sd_receive_push(receive, &group);
    for (groups = 1; groups < SD_RECEIVE_GROUPS_MAX + beyond; groups++) {
        group = (sd_code_group){.start = (sd_position)groups * GROUP_SPAN, .octet = 0x33};
        if (groups % 700 == 0) {
            group.flags = SD_GROUP_INVALID;
            invalid++;
        }
        sd_receive_push(receive, &group);
    }
    const sd_position last = (sd_position)(groups - 1) * GROUP_SPAN;
    static const symbol end[] = {{K29_7, true}, {K23_7, true},  {K28_5, true}, {D16_2, false},
                                 {K28_5, true}, {D16_2, false}, {K28_5, true}, {D16_2, false}};
    for (size_t i = 0; i < G_N_ELEMENTS(end); i++) {
        group = (sd_code_group){.start = (sd_position)(groups + i) * GROUP_SPAN,
                                .octet = end[i].octet,
                                .flags = end[i].special ? SD_GROUP_SPECIAL : 0};
        sd_receive_push(receive, &group);
    }
    sd_receive_finish(receive);
    sd_receive_free(receive);
    assert_true(invalid > SD_RECEIVE_HITS_MAX);
    assert_int_equal(all.frames->len, 1);
    const sd_received *frame = frame_at(&all, 0);
    assert_int_equal(frame->end, SD_END_T);
    assert_int_equal(frame->groups, groups);
    assert_int_equal(frame->last, last);
    assert_int_equal(frame->invalid, invalid);
    assert_int_equal(frame->hits_total, invalid);
    assert_int_equal(frame->hits, SD_RECEIVE_HITS_MAX);
    received_free(&all);
}

static void ordered_sets(void **state)
{
    (void)state;
    static const struct {
        uint8_t octet;
        sd_ordered_set set;
    } table[] = {
        {D5_6, SD_SET_IDLE},           {D16_2, SD_SET_IDLE},
        {D6_5, SD_SET_LOW_POWER_IDLE}, {D26_4, SD_SET_LOW_POWER_IDLE},
        {0x00, SD_SET_IDLE}, /* 36.2.4.12: any other data group */
        {0xFF, SD_SET_IDLE},           {0x55, SD_SET_IDLE},
    };
    GArray *symbols = symbols_new();
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        add_special(symbols, K28_5);
        add_data(symbols, table[i].octet);
    }
    add_configuration(symbols, 3, 0xD801);
    received_all all = receive_symbols(symbols);
    assert_int_equal(all.sets->len, G_N_ELEMENTS(table) + 3);
    for (guint i = 0; i < all.sets->len; i++) {
        const received_set *s = &g_array_index(all.sets, received_set, i);
        if (i < G_N_ELEMENTS(table)) {
            assert_int_equal(s->set, table[i].set);
            assert_int_equal(s->start, 2 * i * GROUP_SPAN);
        } else {
            assert_int_equal(s->set, SD_SET_CONFIGURATION);
            assert_int_equal(s->config_reg, 0xD801);
            assert_int_equal(s->start, (2 * G_N_ELEMENTS(table) + 4 * (i - G_N_ELEMENTS(table))) *
                                           GROUP_SPAN);
        }
    }
    assert_int_equal(all.frames->len, 0);
    received_free(&all);
}

/** Any octets of a config_reg, those of ordered sets and of the preamble too. */
static void every_config_octet(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        GArray *symbols = symbols_new();
        add_configuration(symbols, 5, (uint16_t)(i | (255 - i) << 8));
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.frames->len, 0);
        assert_int_equal(all.sets->len, 5);
        for (guint s = 0; s < 5; s++)
            assert_int_equal(g_array_index(all.sets, received_set, s).config_reg, i | (255 - i)
                                                                                          << 8);
        received_free(&all);
    }
}

/** A config_reg with a damaged octet is not handed on; those around it are. */
static void config_octet_damaged(void **state)
{
    (void)state;
    for (guint place = 4 * 2 + 2; place < 4 * 2 + 4; place++) {
        for (unsigned kind = 0; kind < 3; kind++) {
            GArray *symbols = symbols_new();
            add_configuration(symbols, 6, 0x4001);
            GArray *groups = groups_of(symbols);
            sd_code_group *group = group_at(groups, place);
            if (kind == 0)
                make_invalid(groups, place, 0x77, 0x3FF);
            else if (kind == 1)
                group->flags = SD_GROUP_DISPARITY;
            else
                *group = (sd_code_group){
                    .start = group->start, .octet = K23_7, .flags = SD_GROUP_SPECIAL};
            received_all all = receive_groups(groups);
            assert_int_equal(all.frames->len, 0);
            assert_int_equal(all.sets->len, 5);
            for (guint s = 0; s < 5; s++)
                assert_int_equal(g_array_index(all.sets, received_set, s).config_reg, 0x4001);
            assert_int_equal(all.gap_hits->len, kind < 2);
            assert_int_equal(all.false_carriers->len, 0);
            received_free(&all);
            g_array_free(groups, TRUE);
            g_array_free(symbols, TRUE);
        }
    }
}

/** A configuration set is cut by the next comma or by /S/. */
static void config_cut_short(void **state)
{
    (void)state;
    for (unsigned groups = 2; groups < 4; groups++) {
        uint8_t octets[OCTETS];
        fill(octets);
        GArray *symbols = symbols_new();
        add_configuration(symbols, 2, 0x4001);
        add_configuration(symbols, 1, 0x4001);
        g_array_set_size(symbols, 8 + groups);
        add_configuration(symbols, 2, 0xC001);
        add_configuration(symbols, 1, 0x4001);
        g_array_set_size(symbols, symbols->len - 4 + groups);
        add_frame(symbols, octets, OCTETS);
        add_idle(symbols, 4);
        received_all all = receive_symbols(symbols);
        assert_int_equal(all.sets->len, 2 + 2 + 4);
        assert_int_equal(g_array_index(all.sets, received_set, 1).config_reg, 0x4001);
        assert_int_equal(g_array_index(all.sets, received_set, 2).config_reg, 0xC001);
        assert_int_equal(all.frames->len, 1);
        assert_int_equal(frame_at(&all, 0)->begin, SD_BEGIN_S);
        received_free(&all);
    }
}

/** The lanes have moved: what is open ends, what follows has no known begin. */
static void realigned(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    group_at(groups, LEAD + 40)->flags |= SD_GROUP_REALIGNED;
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 2);
    assert_int_equal(frame_at(&all, 0)->end, SD_END_LOST);
    assert_int_equal(frame_at(&all, 0)->groups, 40);
    assert_int_equal(frame_at(&all, 1)->begin, SD_BEGIN_CUT);
    assert_int_equal(frame_at(&all, 1)->end, SD_END_T);
    assert_int_equal(frame_at(&all, 1)->groups, AT_T - LEAD - 40);
    assert_int_equal(frame_at(&all, 1)->gap, UINT64_MAX);
    received_free(&all);
    g_array_free(groups, TRUE);
}

#define GONE 30
#define REST 25

/** idle, the frame of one_frame() with @p delimiter groups of its end delimiter, GONE groups
   without signal, the last REST octets of another frame, idle. What is marked as dead begins @p
   late groups behind what is. */
static GArray *frame_before_loss(guint delimiter, int late)
{
    uint8_t octets[OCTETS];
    fill(octets);
    GArray *symbols = symbols_new();
    add_idle(symbols, LEAD / 2);
    add_frame(symbols, octets, OCTETS);
    const guint gone = AT_T + delimiter;
    g_array_set_size(symbols, gone);
    for (guint i = 0; i < GONE; i++)
        add_data(symbols, 0xFF);
    add_octets(symbols, octets, REST, 1);
    add_end(symbols);
    add_idle(symbols, LEAD / 2);
    GArray *groups = groups_of(symbols);
    for (guint i = 0; i < GONE; i++)
        make_invalid(groups, gone + i, 0xFF, 0x3FF);
    for (guint i = gone + (guint)late; i < gone + GONE; i++)
        group_at(groups, i)->flags |= SD_GROUP_DEAD;
    g_array_free(symbols, TRUE);
    return groups;
}

/** The signal is gone before /T/, or before /R/: the frame ends there if it is whole, and what
   comes behind is the end of another one. */
static void signal_lost_behind_a_frame(void **state)
{
    (void)state;
    for (guint delimiter = 0; delimiter < 2; delimiter++) {
        for (int late = -8; late <= 8; late++) {
            GArray *groups = frame_before_loss(delimiter, late);
            received_all all = receive_groups_of(groups, PREAMBLE_GROUPS + OCTETS);
            assert_int_equal(all.frames->len, 2);
            sd_received frame = *frame_at(&all, 0);
            assert_int_equal(frame.end, SD_END_LOST);
            assert_int_equal(frame.hits + frame.hits_total + frame.invalid, 0);
            frame.end = SD_END_T;
            is_the_frame(&frame, -1);
            const sd_received *rest = frame_at(&all, 1);
            assert_int_equal(rest->begin, SD_BEGIN_CUT);
            assert_int_equal(rest->end, SD_END_T);
            assert_int_equal(rest->gap, UINT64_MAX);
            assert_int_equal(rest->start, (AT_T + delimiter + GONE) * GROUP_SPAN);
            assert_int_equal(rest->groups, REST);
            for (unsigned i = 0; i < REST; i++)
                assert_int_equal(rest->octet[i], i + 1);
            assert_int_equal(rest->hits + rest->hits_total + rest->invalid, 0);
            assert_int_equal(all.gap_hits->len, GONE);
            for (guint i = 0; i < GONE; i++)
                assert_int_equal(g_array_index(all.gap_hits, sd_received_hit, i).start,
                                 (AT_T + delimiter + i) * GROUP_SPAN);
            received_free(&all);
            g_array_free(groups, TRUE);
        }
    }
}

/** ... and if it is not, nobody knows where it ended: all that came is handed on together. */
static void signal_lost_inside_a_frame(void **state)
{
    (void)state;
    GArray *groups = frame_before_loss(0, 0);
    received_all all = receive_groups(groups);
    assert_int_equal(all.frames->len, 1);
    assert_int_equal(frame_at(&all, 0)->groups, PREAMBLE_GROUPS + OCTETS + GONE + REST);
    assert_int_equal(frame_at(&all, 0)->end, SD_END_T);
    assert_int_equal(frame_at(&all, 0)->invalid, GONE);
    assert_int_equal(all.gap_hits->len, 0);
    received_free(&all);
    g_array_free(groups, TRUE);
}

/** Damage behind the signal's return is that of the frame that comes there; where only idle does,
    all damage is the gap's. */
static void damage_behind_a_loss(void **state)
{
    (void)state;
    GArray *groups = frame_before_loss(0, 0);
    make_invalid(groups, AT_T + GONE + 7, 0, 0x3FF);
    received_all all = receive_groups_of(groups, PREAMBLE_GROUPS + OCTETS);
    assert_int_equal(all.frames->len, 2);
    assert_int_equal(frame_at(&all, 1)->invalid, 1);
    assert_int_equal(frame_at(&all, 1)->hits, 1);
    assert_int_equal(frame_at(&all, 1)->hit[0].index, 7);
    assert_int_equal(all.gap_hits->len, GONE);
    received_free(&all);

    g_array_remove_range(groups, AT_T + GONE, REST + 2);
    all = receive_groups_of(groups, PREAMBLE_GROUPS + OCTETS);
    assert_int_equal(all.frames->len, 1);
    assert_int_equal(frame_at(&all, 0)->end, SD_END_LOST);
    assert_int_equal(all.gap_hits->len, GONE);
    received_free(&all);
    g_array_free(groups, TRUE);
}

static void open_frame_is_told(void **state)
{
    (void)state;
    GArray *groups = one_frame();
    received_all all = received_new();
    sd_receive *receive = received_stage(&all);
    for (guint i = 0; i < groups->len; i++) {
        sd_receive_push(receive, group_at(groups, i));
        sd_position start = -1;
        const bool open = sd_receive_open(receive, &start);
        if (i >= LEAD && i < AT_T) /* whatever is still to come begins no earlier than told */
            assert_true(open && start <= LEAD * GROUP_SPAN);
        if (open)
            assert_true(start >= 0 && start <= i * GROUP_SPAN);
    }
    sd_receive_finish(receive);
    sd_position start;
    assert_false(sd_receive_open(receive, &start));
    sd_receive_free(receive);
    received_free(&all);
    g_array_free(groups, TRUE);
}

/** Frames and ordered sets with damage of all kinds. */
static GArray *damaged_groups(GRand *random)
{
    static const uint8_t damages[] = {SD_GROUP_INVALID, SD_GROUP_DISPARITY, SD_GROUP_SLIP,
                                      SD_GROUP_SUSPECT, SD_GROUP_EITHER,    SD_GROUP_REALIGNED,
                                      SD_GROUP_SPECIAL, SD_GROUP_DEAD};
    static const uint8_t specials[] = {K28_5, K23_7, K27_7, K29_7, K30_7};
    GArray *symbols = symbols_new();
    for (unsigned i = 0; i < 30; i++) {
        const size_t length = (size_t)g_rand_int_range(random, 1, 300);
        uint8_t *octets = random_frame(random, length + 4);
        add_idle(symbols, (unsigned)g_rand_int_range(random, 0, 12));
        add_frame(symbols, octets, length);
        g_free(octets);
    }
    GArray *groups = groups_of(symbols);
    g_array_free(symbols, TRUE);
    for (guint i = 0; i < groups->len; i++) {
        sd_code_group *group = group_at(groups, i);
        if (g_rand_int_range(random, 0, 60) > 0)
            continue;
        group->flags |= damages[g_rand_int_range(random, 0, G_N_ELEMENTS(damages))];
        if (group->flags & SD_GROUP_SPECIAL)
            group->octet = specials[g_rand_int_range(random, 0, G_N_ELEMENTS(specials))];
    }
    return groups;
}

/** Receives the groups of a lane, which is one of @p lanes, with runs of data and of idle at once,
    and of a piece of the line at a time; @p idle_sets receives the idle sets that were not handed
    on. */
static received_all receive_runs(GRand *random, const GArray *groups, unsigned lanes,
                                 uint64_t *idle_sets)
{
    received_all all = received_new();
    sd_receive *receive = received_stage(&all);
    *idle_sets = 0;
    GArray *line = g_array_new(FALSE, TRUE, sizeof(sd_code_group));
    for (guint i = 0; i < groups->len; i++) {
        for (unsigned lane = 0; lane < lanes; lane++) {
            sd_code_group group = g_array_index(groups, sd_code_group, i);
            group.lane = (uint8_t)lane;
            group.octet ^= lane; /* the others' groups */
            g_array_append_val(line, group);
        }
    }
    for (guint i = 0; i < line->len;) {
        const guint piece = MIN(lanes * (guint)g_rand_int_range(random, 1, 100), line->len - i);
        size_t taken = sd_receive_data(receive, group_at(line, i), piece, lanes);
        if (taken == 0) {
            const size_t sets = sd_receive_idle(receive, group_at(line, i), piece, lanes);
            taken = 2 * sets;
            *idle_sets += sets;
        }
        if (taken == 0)
            sd_receive_push(receive, group_at(line, i));
        i += lanes * (guint)MAX(taken, 1);
    }
    sd_receive_finish(receive);
    sd_receive_free(receive);
    g_array_free(line, TRUE);
    return all;
}

static void same_received(const received_all *x, const received_all *y)
{
    assert_int_equal(x->frames->len, y->frames->len);
    for (guint i = 0; i < x->frames->len; i++) {
        sd_received one = *frame_at(x, i), other = *frame_at(y, i);
        assert_memory_equal(one.octet, other.octet, one.groups);
        assert_int_equal(one.hits, other.hits);
        for (size_t k = 0; k < one.hits; k++) {
            assert_int_equal(one.hit[k].index, other.hit[k].index);
            assert_int_equal(one.hit[k].start, other.hit[k].start);
        }
        one.octet = other.octet = NULL;
        one.hit = other.hit = NULL;
        assert_memory_equal(&one, &other, sizeof one);
    }
    guint k = 0; /* some sets in the midst of idle may be missing in the second */
    for (guint i = 0; i < x->sets->len && k < y->sets->len; i++)
        k += g_array_index(x->sets, received_set, i).start ==
             g_array_index(y->sets, received_set, k).start;
    assert_int_equal(k, y->sets->len);
    assert_int_equal(x->false_carriers->len, y->false_carriers->len);
    assert_int_equal(x->gap_hits->len, y->gap_hits->len);
}

/** A run of data or of idle is the same as its groups one by one. */
static void runs_of_data_and_idle(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(2);
    guint gap_hits = 0;
    for (unsigned i = 0; i < 100; i++) {
        GArray *groups = damaged_groups(random);
        received_all single = receive_groups(groups);
        uint64_t idle_sets;
        received_all runs = receive_runs(random, groups, i % 2 == 0 ? 1 : 4, &idle_sets);
        gap_hits += single.gap_hits->len;
        assert_true(single.frames->len > 10 && single.sets->len > 10);
        same_received(&single, &runs);
        assert_true(idle_sets > 10);
        assert_int_equal(single.sets->len, runs.sets->len + idle_sets);
        received_free(&single);
        received_free(&runs);
        g_array_free(groups, TRUE);
    }
    assert_true(gap_hits > 50);
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undamaged),
        cmocka_unit_test(end_delimiters_and_gap),
        cmocka_unit_test(frames_with_nothing_but_the_end_delimiter_between),
        cmocka_unit_test(a_start_right_behind_the_end),
        cmocka_unit_test(carrier_extension),
        cmocka_unit_test(early_end),
        cmocka_unit_test(an_octet_that_looks_like_a_special_group),
        cmocka_unit_test(an_octet_that_looks_like_a_comma_before_an_octet_of_an_ordered_set),
        cmocka_unit_test(an_octet_that_looks_like_an_end_before_a_disparity_error),
        cmocka_unit_test(error_propagation),
        cmocka_unit_test(hits_in_a_frame_keep_their_places),
        cmocka_unit_test(next_start_without_an_end),
        cmocka_unit_test(start_hit),
        cmocka_unit_test(end_hit),
        cmocka_unit_test(end_with_a_disparity_error),
        cmocka_unit_test(second_of_the_end_delimiter_hit),
        cmocka_unit_test(any_group_invalid),
        cmocka_unit_test(any_group_of_the_gap_invalid),
        cmocka_unit_test(false_carrier),
        cmocka_unit_test(record_begins_inside_a_frame),
        cmocka_unit_test(record_begins_between_frames),
        cmocka_unit_test(record_ends_inside_a_frame),
        cmocka_unit_test(nothing_but_a_piece_of_a_frame),
        cmocka_unit_test(preambles_of_any_length),
        cmocka_unit_test(giant_frame),
        cmocka_unit_test(ordered_sets),
        cmocka_unit_test(every_config_octet),
        cmocka_unit_test(config_octet_damaged),
        cmocka_unit_test(config_cut_short),
        cmocka_unit_test(realigned),
        cmocka_unit_test(signal_lost_behind_a_frame),
        cmocka_unit_test(signal_lost_inside_a_frame),
        cmocka_unit_test(damage_behind_a_loss),
        cmocka_unit_test(open_frame_is_told),
        cmocka_unit_test(runs_of_data_and_idle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
