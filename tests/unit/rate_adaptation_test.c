/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The repetition of SGMII at 10 and 100 Mb/s undone, preamble, SFD, votes, hits, speed, FCS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "encoder.h"
#include "pcs/rate_adaptation.h"

#define INTERVAL_PS 100.0
#define GROUP_SPAN  (80 * SD_POSITION_ONE)
#define LENGTH      80

static const struct {
    unsigned speed, copies;
} speeds[] = {{10, 100}, {100, 10}, {1000, 1}};

/** A frame on its way into the stage under test. */
typedef struct {
    uint8_t *content; /* with FCS */
    size_t length;
    GByteArray *groups;
    GArray *hits; /* sd_received_hit */
    sd_received received;
} wire;

/** @p first groups of preamble for its first octet (/S/ and its copies), @p preamble octets with
    that one, SFD, content. */
static wire wire_new(unsigned copies, unsigned first, unsigned preamble, uint32_t seed)
{
    GRand *random = g_rand_new_with_seed(seed);
    wire w = {
        .content = random_frame(random, LENGTH),
        .length = LENGTH,
        .groups = g_byte_array_new(),
        .hits = g_array_new(FALSE, FALSE, sizeof(sd_received_hit)),
    };
    g_rand_free(random);
    const guint8 p = PREAMBLE, sfd = SFD;
    for (unsigned i = 0; i < first + (preamble - 1) * copies; i++)
        g_byte_array_append(w.groups, &p, 1);
    for (unsigned c = 0; c < copies; c++)
        g_byte_array_append(w.groups, &sfd, 1);
    for (size_t i = 0; i < w.length; i++) {
        for (unsigned c = 0; c < copies; c++)
            g_byte_array_append(w.groups, &w.content[i], 1);
    }
    w.received.gap = UINT64_MAX;
    return w;
}

static void wire_free(wire *w)
{
    g_free(w->content);
    g_byte_array_free(w->groups, TRUE);
    g_array_free(w->hits, TRUE);
}

/** Damages group @p i: it is received as @p octet. */
static void hit(wire *w, int64_t i, uint8_t octet, uint8_t kind)
{
    const sd_received_hit h = {.start = i * GROUP_SPAN, .index = i, .bits = 0x2AA, .kind = kind};
    g_array_append_val(w->hits, h);
    if (i >= 0 && i < w->groups->len)
        w->groups->data[i] = octet;
    w->received.invalid += i >= 0 && kind == SD_HIT_KIND_INVALID;
    w->received.disparity += i >= 0 && kind == SD_HIT_KIND_DISPARITY;
    w->received.hits_total++;
}

/** Group @p i may be the one that was hit by an error that shows in another. */
static void suspect(wire *w, int64_t i)
{
    const sd_received_hit h = {.start = i * GROUP_SPAN, .index = i, .bits = 0x155};
    g_array_append_val(w->hits, h);
}

/** Drops groups at the begin, and all from group @p end on. */
static void cut(wire *w, guint begin, guint end)
{
    g_byte_array_set_size(w->groups, end);
    if (begin > 0) {
        g_byte_array_remove_range(w->groups, 0, begin);
        w->received.begin = SD_BEGIN_CUT;
    }
}

static uint64_t end_group; /* of the last call of adapt() */

static sd_frame adapt(sd_rate_adaptation *a, wire *w, const sd_speed_hints *hints)
{
    static const sd_speed_hints none;
    sd_frame frame;
    w->received.octet = w->groups->data;
    w->received.groups = w->groups->len;
    w->received.last = (sd_position)(w->groups->len - 1) * GROUP_SPAN;
    w->received.hit = (const sd_received_hit *)(const void *)w->hits->data;
    w->received.hits = w->hits->len;
    sd_rate_adaptation_frame(a, &w->received, hints != NULL ? hints : &none, INTERVAL_PS, &frame,
                             &end_group);
    return frame;
}

static int setup(void **state)
{
    *state = sd_rate_adaptation_new();
    return 0;
}

static int teardown(void **state)
{
    sd_rate_adaptation_free(*state);
    return 0;
}

static void is_whole(const sd_frame *frame, const wire *w)
{
    assert_int_equal(frame->wire_length, w->length);
    assert_int_equal(frame->length, w->length);
    assert_memory_equal(frame->octets, w->content, w->length);
    assert_false(frame->flags & (SD_FRAME_FCS_BAD | SD_FRAME_TOO_SHORT | SD_FRAME_TOO_LONG));
}

static void every_speed(void **state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(speeds); i++) {
        const unsigned copies = speeds[i].copies;
        wire w = wire_new(copies, copies, 7, 1);
        const sd_frame frame = adapt(*state, &w, NULL);
        is_whole(&frame, &w);
        assert_int_equal(frame.speed, speeds[i].speed);
        assert_int_equal(frame.speed_source, SD_SPEED_FROM_DATA);
        assert_int_equal(frame.preamble, 7);
        assert_int_equal(frame.flags, 0);
        assert_int_equal(frame.begin, SD_BEGIN_S);
        assert_int_equal(frame.end, SD_END_T);
        assert_int_equal(frame.gap, SD_GAP_UNKNOWN);
        assert_int_equal(end_group, w.groups->len);
        wire_free(&w);
    }
}

/** /S/ takes the place of one copy, so that the first run is one short; some devices drop or add a
    few copies more. */
static void first_run_of_any_length(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        const int copies = (int)speeds[i].copies;
        for (int change = -copies / 3; change <= copies / 3; change++) {
            wire w = wire_new((unsigned)copies, (unsigned)(copies + change), 7, 2);
            const sd_frame frame = adapt(*state, &w, NULL);
            is_whole(&frame, &w);
            assert_int_equal(frame.speed, speeds[i].speed);
            assert_int_equal(frame.preamble, 7);
            assert_int_equal(frame.flags, 0);
            wire_free(&w);
        }
    }
}

/** A symbol error in any copy of any octet is outvoted, and told. */
static void a_hit_on_any_copy(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        const unsigned copies = speeds[i].copies;
        const unsigned step = copies == 100 ? 7 : 1;
        for (unsigned octet = 0; octet < LENGTH; octet += LENGTH - 1) {
            for (unsigned copy = 0; copy < copies; copy += step) {
                wire w = wire_new(copies, copies - 1, 7, 3);
                const unsigned first = 8 * copies - 1;
                const int64_t group = first + octet * copies + copy;
                hit(&w, group, (uint8_t)~w.content[octet], SD_HIT_KIND_INVALID);
                const sd_frame frame = adapt(*state, &w, NULL);
                is_whole(&frame, &w);
                assert_int_equal(frame.speed, speeds[i].speed);
                assert_int_equal(frame.flags, 0);
                assert_int_equal(frame.invalid, 1);
                assert_int_equal(frame.hits, 1);
                assert_int_equal(frame.hits_total, 1);
                assert_int_equal(frame.hit[0].where, SD_HIT_FRAME);
                assert_int_equal(frame.hit[0].octet, octet);
                assert_int_equal(frame.hit[0].copy, copy);
                assert_int_equal(frame.hit[0].kind, SD_HIT_KIND_INVALID);
                assert_int_equal(frame.hit[0].bits, 0x2AA);
                assert_int_equal(frame.hit[0].start, group * GROUP_SPAN);
                assert_int_equal(frame.hit[0].time_ps, group * 80 * (int64_t)INTERVAL_PS);
                wire_free(&w);
            }
        }
    }
}

/** Copies turned into another valid octet are outvoted too, as long as they are fewer. */
/** An error that may have hit one of several octets: the FCS tells which, if no other is wrong. */
static void the_fcs_settles_which_octet(void **state)
{
    static const int64_t places[] = {-2, -1, 0}; /* of the wrong octet, before the one that shows */
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        for (unsigned more = 0; more < 2; more++) {
            wire w = wire_new(1, 1, 7, (uint32_t)i);
            const int64_t shown = 8 + 30, wrong = shown + places[i];
            suspect(&w, shown - 2);
            suspect(&w, shown - 1);
            hit(&w, shown, w.groups->data[shown], SD_HIT_KIND_DISPARITY);
            g_array_index(w.hits, sd_received_hit, w.hits->len - 1).uncertainty = 2;
            w.groups->data[wrong] ^= 0x24;
            if (more)
                w.groups->data[shown + 20] ^= 1;
            const sd_frame frame = adapt(*state, &w, NULL);
            assert_int_equal(frame.hits, 1);
            assert_int_equal(frame.hits_total, 1);
            assert_int_equal(frame.disparity, 1);
            assert_int_equal(frame.hit[0].kind, SD_HIT_KIND_DISPARITY);
            assert_int_equal(frame.hit[0].where, SD_HIT_FRAME);
            assert_int_equal(frame.hit[0].octet, more ? 30 : 30 + places[i]);
            assert_int_equal(frame.hit[0].uncertainty, more ? 2 : 0);
            assert_int_equal(frame.hit[0].start, (more ? shown : wrong) * GROUP_SPAN);
            assert_int_equal(frame.hit[0].bits, more || places[i] == 0 ? 0x2AA : 0x155);
            wire_free(&w);
        }
    }
}

static void copies_that_differ_without_a_hit(void **state)
{
    for (unsigned wrong = 1; wrong <= 4; wrong++) {
        wire w = wire_new(10, 9, 7, 4);
        for (unsigned octet = 0; octet < LENGTH; octet += 60) {
            for (unsigned c = 0; c < wrong; c++)
                w.groups->data[79 + octet * 10 + (2 * c) % 10] ^= 0x21;
        }
        const sd_frame frame = adapt(*state, &w, NULL);
        is_whole(&frame, &w);
        wire_free(&w);
    }
}

/** A damaged copy has no vote: nine damaged alike do not outvote one that is not. */
static void damaged_copies_do_not_vote(void **state)
{
    wire w = wire_new(10, 9, 7, 5);
    for (unsigned c = 0; c < 9; c++)
        hit(&w, 79 + 20 * 10 + c, (uint8_t)~w.content[20], SD_HIT_KIND_INVALID);
    const sd_frame frame = adapt(*state, &w, NULL);
    is_whole(&frame, &w);
    assert_int_equal(frame.invalid, 9);
    wire_free(&w);
}

/** A noisy line: one group in a hundred is damaged. The repetition is still found, and every octet
    is right. */
static void many_damaged_copies(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        const unsigned copies = speeds[i].copies;
        wire w = wire_new(copies, copies - 1, 7, 26);
        GRand *random = g_rand_new_with_seed(26);
        for (guint group = 50; group < w.groups->len; group += 100)
            hit(&w, group, (uint8_t)g_rand_int_range(random, 0, 256), SD_HIT_KIND_INVALID);
        g_rand_free(random);
        const sd_frame frame = adapt(*state, &w, NULL);
        if (frame.speed != speeds[i].speed)
            fail_msg("%u Mb/s is taken as %u Mb/s", speeds[i].speed, frame.speed);
        is_whole(&frame, &w);
        wire_free(&w);
    }
}

static void hits_everywhere_else(void **state)
{
    wire w = wire_new(1, 1, 7, 6);
    hit(&w, -5, 0, SD_HIT_KIND_INVALID);
    hit(&w, 3, PREAMBLE, SD_HIT_KIND_DISPARITY);
    hit(&w, 8 + 11, w.content[11], SD_HIT_KIND_DISPARITY);
    hit(&w, 8 + LENGTH, 0, SD_HIT_KIND_INVALID);
    hit(&w, 8 + LENGTH + 1, 0, SD_HIT_KIND_SLIP);
    w.received.gap = 12;
    const sd_frame frame = adapt(*state, &w, NULL);
    is_whole(&frame, &w);
    static const struct {
        int32_t octet;
        uint8_t where, kind;
    } wanted[] = {
        {5, SD_HIT_GAP, SD_HIT_KIND_INVALID},      {3, SD_HIT_PREAMBLE, SD_HIT_KIND_DISPARITY},
        {11, SD_HIT_FRAME, SD_HIT_KIND_DISPARITY}, {0, SD_HIT_END, SD_HIT_KIND_INVALID},
        {1, SD_HIT_END, SD_HIT_KIND_SLIP},
    };
    assert_int_equal(frame.hits, G_N_ELEMENTS(wanted));
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        assert_int_equal(frame.hit[i].octet, wanted[i].octet);
        assert_int_equal(frame.hit[i].where, wanted[i].where);
        assert_int_equal(frame.hit[i].kind, wanted[i].kind);
    }
    assert_int_equal(frame.flags, SD_FRAME_PREAMBLE_HIT);
    assert_int_equal(frame.gap, 12);
    wire_free(&w);
}

/** A slip may lie in any of some octets: those before the place where it seems to be, or behind
    it, stand on its other side. */
static void a_slip_that_is_elsewhere(void **state)
{
    enum { COUNT = 24, FIRST = 8 + 20 };
    for (unsigned wrong = 0; wrong <= COUNT; wrong++) {
        for (unsigned from = 0; from + wrong <= COUNT; from += 3) {
            wire w = wire_new(1, 1, 7, 30 + wrong);
            for (unsigned i = 0; i < COUNT; i++) {
                suspect(&w, FIRST + i);
                sd_received_hit *h = &g_array_index(w.hits, sd_received_hit, i);
                uint8_t *octet = &w.groups->data[FIRST + i];
                h->either = true;
                h->other = (uint8_t)(*octet + 1 + i);
                if (i >= from && i < from + wrong) {
                    const uint8_t right = *octet;
                    *octet = h->other;
                    h->other = right;
                }
            }
            const sd_frame frame = adapt(*state, &w, NULL);
            is_whole(&frame, &w);
            assert_int_equal(frame.hits, 0);
            wire_free(&w);
        }
    }
}

static void more_hits_than_are_stored(void **state)
{
    GRand *random = g_rand_new_with_seed(7);
    wire w = wire_new(10, 9, 7, 7);
    for (unsigned i = 0; i < 400; i++) /* two in each run of ten */
        hit(&w, 79 + i / 2 * 4 * 1 + i % 2, 0, SD_HIT_KIND_DISPARITY);
    const sd_frame frame = adapt(*state, &w, &(sd_speed_hints){.option = 100});
    assert_int_equal(frame.hits, SD_HITS_MAX);
    assert_int_equal(frame.hits_total, 400);
    wire_free(&w);
    g_rand_free(random);
}

/** The SFD is hit: invalid, or turned into another octet. */
static void sfd_hit(void **state)
{
    static const uint8_t values[] = {0x00, 0xD4, 0x55, 0xFF};
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        const unsigned copies = speeds[s].copies;
        for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
            for (unsigned invalid = 0; invalid < 2; invalid++) {
                wire w = wire_new(copies, copies, 7, 8);
                for (unsigned c = 0; c < copies; c++) {
                    if (invalid)
                        hit(&w, 7 * copies + c, values[i], SD_HIT_KIND_INVALID);
                    else
                        w.groups->data[7 * copies + c] = values[i];
                }
                const sd_frame frame =
                    adapt(*state, &w, &(sd_speed_hints){.data = speeds[s].speed});
                is_whole(&frame, &w);
                assert_true(frame.flags & SD_FRAME_SFD_HIT);
                assert_int_equal(frame.speed, speeds[s].speed);
                if (invalid) {
                    assert_int_equal(frame.preamble, 7);
                    assert_int_equal(frame.hit[0].where, SD_HIT_PREAMBLE);
                    assert_int_equal(frame.hit[0].octet, 7);
                }
                wire_free(&w);
            }
        }
    }
}

/** One copy of the SFD is hit: outvoted. */
static void one_copy_of_the_sfd_hit(void **state)
{
    wire w = wire_new(10, 9, 7, 9);
    hit(&w, 69, 0x00, SD_HIT_KIND_INVALID);
    const sd_frame frame = adapt(*state, &w, NULL);
    is_whole(&frame, &w);
    assert_int_equal(frame.preamble, 7);
    assert_int_equal(frame.hit[0].where, SD_HIT_PREAMBLE);
    assert_int_equal(frame.hit[0].octet, 7);
    assert_int_equal(frame.hit[0].copy, 0);
    wire_free(&w);
}

static void preamble_hit(void **state)
{
    for (unsigned place = 1; place < 7; place++) {
        for (unsigned invalid = 0; invalid < 2; invalid++) {
            wire w = wire_new(1, 1, 7, 10);
            if (invalid)
                hit(&w, place, 0x15, SD_HIT_KIND_INVALID);
            else
                w.groups->data[place] = 0x15;
            const sd_frame frame = adapt(*state, &w, NULL);
            is_whole(&frame, &w);
            assert_int_equal(frame.preamble, 7);
            assert_true(frame.flags & SD_FRAME_PREAMBLE_HIT);
            assert_false(frame.flags & SD_FRAME_SFD_HIT);
            wire_free(&w);
        }
    }
}

static void preamble_of_any_length(void **state)
{
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        for (unsigned preamble = 1; preamble <= 20; preamble++) {
            wire w = wire_new(speeds[s].copies, speeds[s].copies, preamble, 11);
            const sd_frame frame = adapt(*state, &w, NULL);
            is_whole(&frame, &w);
            assert_int_equal(frame.preamble, preamble);
            assert_int_equal(frame.flags, 0);
            wire_free(&w);
        }
    }
}

static void no_sfd_at_all(void **state)
{
    wire w = wire_new(1, 1, 7, 12);
    g_byte_array_remove_index(w.groups, 7);
    const sd_frame frame = adapt(*state, &w, NULL);
    is_whole(&frame, &w);
    assert_int_equal(frame.begin, SD_BEGIN_NO_SFD);
    assert_int_equal(frame.preamble, 7);
    assert_true(frame.flags & SD_FRAME_SFD_HIT);
    wire_free(&w);
}

/** The record begins inside a run: the rest of the frame is right from the first octet on. */
static void cut_in_a_run(void **state)
{
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        const unsigned copies = speeds[s].copies;
        for (unsigned begin = 8 * copies + 1; begin < 12 * copies;
             begin += copies == 100 ? 13 : 1) {
            wire w = wire_new(copies, copies, 7, 13);
            cut(&w, begin, w.groups->len);
            const sd_frame frame = adapt(*state, &w, NULL);
            const unsigned first = begin / copies - 8;
            assert_int_equal(frame.speed, speeds[s].speed);
            assert_int_equal(frame.begin, SD_BEGIN_CUT);
            assert_int_equal(frame.length, LENGTH - first);
            assert_memory_equal(frame.octets, w.content + first, LENGTH - first);
            assert_int_equal(frame.preamble, 0);
            assert_int_equal(!!(frame.flags & SD_FRAME_FCS_BAD), first > 0);
            assert_false(frame.flags & SD_FRAME_TOO_SHORT);
            wire_free(&w);
        }
    }
}

/** The record begins inside the preamble: the frame is whole. */
static void cut_in_the_preamble(void **state)
{
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        const unsigned copies = speeds[s].copies;
        for (unsigned octets = 1; octets < 7; octets++) {
            wire w = wire_new(copies, copies, 7, 14);
            cut(&w, octets * copies, w.groups->len);
            const sd_frame frame = adapt(*state, &w, NULL);
            is_whole(&frame, &w);
            assert_int_equal(frame.begin, SD_BEGIN_CUT);
            assert_int_equal(frame.preamble, 7 - octets);
            wire_free(&w);
        }
    }
}

static void cut_at_the_end(void **state)
{
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        const unsigned copies = speeds[s].copies;
        wire w = wire_new(copies, copies, 7, 15);
        cut(&w, 0, 8 * copies + 30 * copies + (copies + 1) / 2);
        w.received.end = SD_END_CUT;
        const sd_frame frame = adapt(*state, &w, NULL);
        assert_int_equal(frame.speed, speeds[s].speed);
        assert_int_equal(frame.length, 31);
        assert_memory_equal(frame.octets, w.content, 31);
        assert_true(frame.flags & SD_FRAME_FCS_BAD);
        assert_false(frame.flags & SD_FRAME_TOO_SHORT);
        wire_free(&w);
    }
}

/** What was received in the place of /T/ is no octet of the frame. */
static void end_delimiter_hit(void **state)
{
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        for (unsigned invalid = 0; invalid < 2; invalid++) {
            const unsigned copies = speeds[s].copies;
            wire w = wire_new(copies, copies, 7, 16);
            const guint8 octet = 0x7D;
            g_byte_array_append(w.groups, &octet, 1);
            if (invalid)
                hit(&w, w.groups->len - 1, octet, SD_HIT_KIND_INVALID);
            w.received.end = SD_END_NO_T;
            const sd_frame frame = adapt(*state, &w, NULL);
            is_whole(&frame, &w);
            assert_int_equal(frame.end, SD_END_NO_T);
            if (invalid) {
                assert_int_equal(frame.hit[0].where, SD_HIT_END);
                assert_int_equal(frame.hit[0].octet, 0);
            }
            assert_int_equal(end_group, w.groups->len - 1);
            wire_free(&w);
        }
    }
}

static void where_the_speed_comes_from(void **state)
{
    static const struct {
        sd_speed_hints hints;
        unsigned copies, speed;
        sd_speed_source source;
    } table[] = {
        {{.config = 1000}, 1, 1000, SD_SPEED_AGREED},
        {{.config = 100}, 10, 100, SD_SPEED_AGREED},
        {{.config = 10}, 100, 10, SD_SPEED_AGREED},
        {{.config = 100}, 1, 1000, SD_SPEED_DISAGREES},
        {{.config = 1000}, 10, 100, SD_SPEED_DISAGREES},
        {{.config = 1000, .data = 100}, 100, 10, SD_SPEED_DISAGREES},
        {{.data = 100}, 1, 1000, SD_SPEED_FROM_DATA},
        {{.option = 1000, .config = 100}, 1, 1000, SD_SPEED_FROM_OPTION},
        {{.fixed = 2500}, 1, 2500, SD_SPEED_FROM_LINK},
        {{0}, 10, 100, SD_SPEED_FROM_DATA},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        wire w = wire_new(table[i].copies, table[i].copies, 7, 17);
        const sd_frame frame = adapt(*state, &w, &table[i].hints);
        is_whole(&frame, &w);
        assert_int_equal(frame.speed, table[i].speed);
        assert_int_equal(frame.speed_source, table[i].source);
        assert_int_equal(frame.config_speed, table[i].hints.config);
        wire_free(&w);
    }
}

/** A piece of the preamble tells no speed: what is known otherwise holds. */
static void a_frame_that_cannot_tell_its_speed(void **state)
{
    static const struct {
        sd_speed_hints hints;
        unsigned speed;
        sd_speed_source source;
    } table[] = {
        {{.config = 100}, 100, SD_SPEED_FROM_CONFIG},
        {{.data = 10}, 10, SD_SPEED_FROM_DATA},
        {{0}, 1000, SD_SPEED_FROM_LINK},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        wire w = wire_new(10, 10, 7, 18);
        cut(&w, 0, 40);
        w.received.end = SD_END_CUT;
        const sd_frame frame = adapt(*state, &w, &table[i].hints);
        assert_int_equal(frame.speed, table[i].speed);
        assert_int_equal(frame.speed_source, table[i].source);
        assert_int_equal(frame.length, 0);
        wire_free(&w);
    }
}

/** Content that changes every ten octets, at 1000 Mb/s, is not 100 Mb/s: the preamble and the FCS
    tell. */
static void content_that_looks_repeated(void **state)
{
    for (unsigned offset = 0; offset < 10; offset++) {
        enum { BIG = 1014 };
        wire w = wire_new(1, 1, 7, 19);
        g_free(w.content);
        w.content = g_malloc(BIG);
        w.length = BIG;
        for (unsigned i = 0; i < BIG; i++)
            w.content[i] = (uint8_t)(i < 14 ? 3 * i : (i + offset) / 10 * 7);
        put_fcs(w.content, BIG - 4);
        g_byte_array_set_size(w.groups, 8);
        g_byte_array_append(w.groups, w.content, BIG);
        const sd_frame frame = adapt(*state, &w, &(sd_speed_hints){.config = 1000, .data = 1000});
        if (frame.speed != 1000)
            fail_msg("taken as %u Mb/s", frame.speed);
        is_whole(&frame, &w);
        wire_free(&w);
    }
}

static void flags_of_the_frame(void **state)
{
    for (uint64_t gap = 4; gap < 16; gap++) {
        wire w = wire_new(1, 1, 7, 20);
        w.received.gap = gap;
        w.received.error_v = gap == 5;
        w.received.extended = gap == 6;
        const sd_frame frame = adapt(*state, &w, NULL);
        assert_int_equal(frame.gap, gap);
        assert_int_equal(!!(frame.flags & SD_FRAME_GAP_SHORT), gap < 8);
        assert_int_equal(!!(frame.flags & SD_FRAME_ERROR_V), gap == 5);
        assert_int_equal(!!(frame.flags & SD_FRAME_EXTENDED), gap == 6);
        wire_free(&w);
    }
}

/** The gap is given in octet times of the frame's speed. */
static void gap_in_octet_times(void **state)
{
    for (size_t s = 0; s < G_N_ELEMENTS(speeds); s++) {
        wire w = wire_new(speeds[s].copies, speeds[s].copies, 7, 21);
        w.received.gap = 12 * speeds[s].copies;
        const sd_frame frame = adapt(*state, &w, NULL);
        assert_int_equal(frame.gap, 12);
        wire_free(&w);
    }
}

static void short_frames(void **state)
{
    for (unsigned length = 5; length < 70; length++) {
        wire w = wire_new(1, 1, 7, 22);
        g_byte_array_set_size(w.groups, 8);
        put_fcs(w.content, length - 4);
        w.length = length;
        g_byte_array_append(w.groups, w.content, length);
        const sd_frame frame = adapt(*state, &w, &(sd_speed_hints){.data = 1000});
        assert_int_equal(frame.wire_length, length);
        assert_int_equal(!!(frame.flags & SD_FRAME_TOO_SHORT), length < 64);
        assert_false(frame.flags & SD_FRAME_FCS_BAD);
        wire_free(&w);
    }
}

static void bad_fcs(void **state)
{
    wire w = wire_new(1, 1, 7, 23);
    w.groups->data[30] ^= 1;
    const sd_frame frame = adapt(*state, &w, NULL);
    assert_int_equal(frame.flags, SD_FRAME_FCS_BAD);
    assert_int_equal(frame.length, LENGTH);
    wire_free(&w);
}

/** More octets than are kept, and more groups than are kept. */
static void giant_frames(void **state)
{
    static const uint64_t octets[] = {SD_FRAME_OCTETS_MAX, SD_FRAME_OCTETS_MAX + 1,
                                      (uint64_t)SD_RECEIVE_GROUPS_MAX + 5000};
    for (size_t i = 0; i < G_N_ELEMENTS(octets); i++) {
        GRand *random = g_rand_new_with_seed(24);
        wire w = wire_new(1, 1, 7, 24);
        g_byte_array_set_size(w.groups, 8);
        uint8_t *content = random_frame(random, octets[i]);
        g_byte_array_append(w.groups, content, (guint)octets[i]);
        const sd_frame frame = adapt(*state, &w, NULL);
        const bool kept = octets[i] <= SD_FRAME_OCTETS_MAX;
        assert_int_equal(frame.wire_length, octets[i]);
        assert_int_equal(frame.length, MIN(octets[i], SD_FRAME_OCTETS_MAX));
        assert_memory_equal(frame.octets, content, frame.length);
        assert_int_equal(!!(frame.flags & SD_FRAME_TOO_LONG), !kept);
        assert_int_equal(!!(frame.flags & SD_FRAME_FCS_BAD), !kept);
        g_free(content);
        wire_free(&w);
        g_rand_free(random);
    }
}

/** Frames of all sizes of a few groups, of any content and end: nothing is read or told that is not
    there (for the sanitizers). */
static void scraps(void **state)
{
    static const sd_begin begins[] = {SD_BEGIN_S, SD_BEGIN_CUT, SD_BEGIN_NO_S};
    static const unsigned known[] = {0, 10, 100, 1000};
    GRand *random = g_rand_new_with_seed(25);
    for (unsigned i = 0; i < 20000; i++) {
        wire w = {.groups = g_byte_array_new(),
                  .hits = g_array_new(FALSE, FALSE, sizeof(sd_received_hit))};
        const guint groups = (guint)g_rand_int_range(random, 1, 300);
        for (guint g = 0; g < groups; g++) {
            static const guint8 likely[] = {PREAMBLE, PREAMBLE, PREAMBLE, SFD};
            guint8 octet = g_rand_boolean(random) ? likely[g_rand_int_range(random, 0, 4)]
                                                  : (guint8)g_rand_int_range(random, 0, 256);
            g_byte_array_append(w.groups, &octet, 1);
            if (g_rand_int_range(random, 0, 10) == 0)
                hit(&w, g, octet, SD_HIT_KIND_INVALID);
        }
        w.received.begin = begins[g_rand_int_range(random, 0, G_N_ELEMENTS(begins))];
        w.received.end = (sd_end)g_rand_int_range(random, SD_END_T, SD_END_NEXT_S + 1);
        w.received.gap = (uint64_t)g_rand_int_range(random, 0, 100);
        const sd_speed_hints hints = {.option = known[g_rand_int_range(random, 0, 4)]};
        const sd_frame frame = adapt(*state, &w, &hints);
        assert_true(frame.length <= groups);
        assert_int_equal(frame.wire_length, frame.length);
        assert_true(end_group <= groups);
        assert_int_equal(frame.hits, MIN(w.hits->len, SD_HITS_MAX));
        wire_free(&w);
    }
    g_rand_free(random);
}

/** What is behind a whole frame is no octet of it, unless half of one; a frame that is not whole is
    none. */
static void whole_frame(void **state)
{
    static const sd_speed_hints none;
    for (size_t i = 0; i < G_N_ELEMENTS(speeds); i++) {
        const unsigned copies = speeds[i].copies;
        wire w = wire_new(copies, copies, 7, 5);
        const guint8 noise = 0xFF;
        const guint groups = w.groups->len;
        w.received.end = SD_END_LOST;
        for (unsigned more = 0; more < MAX(copies / 2, 1); more++) {
            adapt(*state, &w, NULL);
            assert_int_equal(sd_rate_adaptation_whole(*state, &w.received, &none), groups);
            g_byte_array_append(w.groups, &noise, 1);
        }
        adapt(*state, &w, NULL);
        assert_int_equal(sd_rate_adaptation_whole(*state, &w.received, &none), 0);
        g_byte_array_set_size(w.groups, groups - copies);
        adapt(*state, &w, NULL);
        assert_int_equal(sd_rate_adaptation_whole(*state, &w.received, &none), 0);
        wire_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_speed),
        cmocka_unit_test(first_run_of_any_length),
        cmocka_unit_test(a_hit_on_any_copy),
        cmocka_unit_test(the_fcs_settles_which_octet),
        cmocka_unit_test(copies_that_differ_without_a_hit),
        cmocka_unit_test(damaged_copies_do_not_vote),
        cmocka_unit_test(many_damaged_copies),
        cmocka_unit_test(hits_everywhere_else),
        cmocka_unit_test(a_slip_that_is_elsewhere),
        cmocka_unit_test(more_hits_than_are_stored),
        cmocka_unit_test(sfd_hit),
        cmocka_unit_test(one_copy_of_the_sfd_hit),
        cmocka_unit_test(preamble_hit),
        cmocka_unit_test(preamble_of_any_length),
        cmocka_unit_test(no_sfd_at_all),
        cmocka_unit_test(cut_in_a_run),
        cmocka_unit_test(cut_in_the_preamble),
        cmocka_unit_test(cut_at_the_end),
        cmocka_unit_test(end_delimiter_hit),
        cmocka_unit_test(where_the_speed_comes_from),
        cmocka_unit_test(a_frame_that_cannot_tell_its_speed),
        cmocka_unit_test(content_that_looks_repeated),
        cmocka_unit_test(flags_of_the_frame),
        cmocka_unit_test(gap_in_octet_times),
        cmocka_unit_test(short_frames),
        cmocka_unit_test(bad_fcs),
        cmocka_unit_test(giant_frames),
        cmocka_unit_test(scraps),
        cmocka_unit_test(whole_frame),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
