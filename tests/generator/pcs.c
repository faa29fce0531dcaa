/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs.h"
#include "random.h"

#include <math.h>

/* Data groups named by their octet. */
enum { D2_2 = 0x42, D5_6 = 0xC5, D6_5 = 0xA6, D16_2 = 0x50, D21_5 = 0xB5, D26_4 = 0x9A };

#define PREAMBLE 0x55
#define SFD      0xD5

/* config_reg of 1000BASE-X (clause 37.2.1): full duplex and both pause bits. */
#define CONFIG_1000BASE_X 0x01A0
/* config_reg from an SGMII PHY (Cisco ENG-46158): bit 0, full duplex, link up. */
#define CONFIG_SGMII       0x9001
#define CONFIG_ACKNOWLEDGE 0x4000

/* Code-groups of idle before the first frame of a lane, at least and at most. */
#define FIRST_GAP_MIN 64
#define FIRST_GAP_MAX 128
/* Up to so many code-groups a gap is an end delimiter alone. */
#define LEAST_GAP_WITH_IDLE 3

typedef enum { STATE_CONFIG, STATE_GAP, STATE_FRAME, STATE_END } state;

struct gen_pcs {
    const gen_options *options;
    unsigned lane;
    unsigned repetition;
    gen_traffic *traffic;
    gen_random random;
    state now;
    double groups_per_second;
    uint64_t position; /* code-groups sent; even: the next one is an even code-group */

    uint64_t config_sets, config_sent; /* ordered sets /C/ */
    unsigned place;                    /* in the ordered set */

    uint64_t gap_left;       /* code-groups to /S/ */
    uint64_t low_power_left; /* ... of which so many are low-power idle, first */
    uint8_t idle_data;       /* second code-group of the idle begun */
    bool low_power;          /* the idle begun is low-power idle */

    gen_frame frame;
    uint64_t next_index;
    size_t octet; /* of preamble, SFD and frame; 0 is /S/ */
    uint32_t copy;

    unsigned end_size, end_sent; /* /T/R/ or /T/R/R/ */
    uint64_t gap;                /* behind the frame on its way */
};

unsigned gen_pcs_repetition(const gen_options *options, unsigned lane)
{
    return options->speed[lane] == 10 ? 100 : options->speed[lane] == 100 ? 10 : 1;
}

static uint16_t config_word(const gen_pcs *pcs)
{
    uint16_t word = CONFIG_1000BASE_X;
    if (pcs->options->config == GEN_CONFIG_SGMII) {
        unsigned speed = pcs->options->config_speed[pcs->lane];
        unsigned bits = speed == 10 ? 0 : speed == 100 ? 1 : 2;
        word = (uint16_t)(CONFIG_SGMII | bits << 10);
    }
    /* The far end is heard halfway: from there on the words are acknowledged. */
    bool acknowledges = pcs->options->acknowledges && pcs->config_sent * 2 >= pcs->config_sets;
    return acknowledges ? word | CONFIG_ACKNOWLEDGE : word;
}

static void begin_gap(gen_pcs *pcs, uint64_t code_groups)
{
    pcs->now = STATE_GAP;
    /* /S/ takes the place of an even code-group, behind one idle at least. */
    pcs->gap_left = MAX(code_groups + (code_groups & 1), 2);
    pcs->place = 0;
}

/* /C1/ and /C2/ in turn: K28.5, D21.5 or D2.2, and config_reg with its low half first. */
static void next_config(gen_pcs *pcs, gen_disparity disparity, gen_code_group *group)
{
    (void)disparity;
    uint16_t word = config_word(pcs);
    const uint8_t set[4] = {GEN_K28_5, pcs->config_sent % 2 == 0 ? D21_5 : D2_2, (uint8_t)word,
                            (uint8_t)(word >> 8)};
    *group = (gen_code_group){.octet = set[pcs->place],
                              .control = pcs->place == 0,
                              .where = GEN_IN_CONFIG,
                              .frame_index = GEN_NONE,
                              .position = (int32_t)pcs->place,
                              .config_word = word};
    if (++pcs->place < 4)
        return;
    pcs->place = 0;
    if (++pcs->config_sent == pcs->config_sets)
        begin_gap(pcs, gen_random_range(&pcs->random, FIRST_GAP_MIN, FIRST_GAP_MAX));
}

static void begin_frame(gen_pcs *pcs)
{
    pcs->now = STATE_FRAME;
    g_clear_pointer(&pcs->frame.octets, g_bytes_unref);
    pcs->frame.octets = gen_traffic_next(pcs->traffic, &pcs->frame.fcs_good);
    pcs->frame.index = pcs->next_index++;
    pcs->octet = 0;
    pcs->copy = 0;
}

/* /I/: K28.5 and a data group that clause 36.2.4.12 picks by the running disparity. */
static void next_gap(gen_pcs *pcs, gen_disparity disparity, gen_code_group *group)
{
    bool endless = pcs->options->idle[pcs->lane];
    if (pcs->place == 0) {
        bool first = pcs->options->serial_disparity || disparity == GEN_RD_POSITIVE;
        pcs->low_power = pcs->low_power_left > 0;
        pcs->idle_data = pcs->low_power ? (first ? D6_5 : D26_4) : first ? D5_6 : D16_2;
    }
    pcs->low_power_left -= pcs->low_power;
    *group = (gen_code_group){.octet = pcs->place == 0 ? GEN_K28_5 : pcs->idle_data,
                              .control = pcs->place == 0,
                              .where = GEN_IN_GAP,
                              .frame_index = endless ? GEN_NONE : (int64_t)pcs->next_index,
                              .position = endless ? GEN_NONE : (int32_t)pcs->gap_left,
                              .low_power = pcs->low_power};
    pcs->place ^= 1;
    if (!endless && --pcs->gap_left == 0)
        begin_frame(pcs);
}

static void begin_end(gen_pcs *pcs)
{
    pcs->now = STATE_END;
    pcs->end_sent = 0;
    /* The gap counts from the last octet of the FCS to /S/: the end delimiter is part of it. */
    pcs->gap = gen_random_range(&pcs->random, pcs->options->gap_min, pcs->options->gap_max) *
               pcs->repetition;
    /* /T/R/ or /T/R/R/, so that the K28.5 behind it is even; /T/ is the next code-group. A gap that
       has no room for idle has nothing else. */
    pcs->end_size = (pcs->position + 1) % 2 == 0 ? 2 : 3;
    if (pcs->gap <= LEAST_GAP_WITH_IDLE)
        pcs->end_size = (unsigned)pcs->gap;
}

/* /S/, the rest of the preamble, the SFD and the frame, each octet so often as the speed wants. */
static void next_frame(gen_pcs *pcs, gen_disparity disparity, gen_code_group *group)
{
    (void)disparity;
    size_t size;
    const uint8_t *octets = g_bytes_get_data(pcs->frame.octets, &size);
    size_t head = pcs->options->preamble + 1u;
    bool start = pcs->octet == 0 && pcs->copy == 0;
    bool in_head = pcs->octet < head;
    *group = (gen_code_group){
        .octet = start                    ? GEN_K27_7
                 : pcs->octet < head - 1  ? PREAMBLE
                 : pcs->octet == head - 1 ? SFD
                                          : octets[pcs->octet - head],
        .control = start,
        .where = in_head ? GEN_IN_PREAMBLE : GEN_IN_FRAME,
        .frame_index = (int64_t)pcs->frame.index,
        .position = (int32_t)(in_head ? pcs->octet : pcs->octet - head),
        .copy = pcs->copy,
        .frame = &pcs->frame,
    };
    if (++pcs->copy < pcs->repetition)
        return;
    pcs->copy = 0;
    if (++pcs->octet == head + size)
        begin_end(pcs);
}

static void begin_config(gen_pcs *pcs)
{
    pcs->now = STATE_CONFIG;
    pcs->config_sent = 0;
    pcs->place = 0;
}

/* Whether the frame that has ended is in a list of gen_frame_name. */
static bool is_named(const gen_pcs *pcs, const GArray *names)
{
    for (unsigned i = 0; i < names->len; i++) {
        const gen_frame_name *name = &g_array_index(names, gen_frame_name, i);
        if (name->lane == pcs->lane && name->index == pcs->frame.index)
            return true;
    }
    return false;
}

/* Code-groups of low-power idle behind the frame that has ended: whole ordered sets. */
static uint64_t low_power_groups(const gen_pcs *pcs)
{
    const GArray *all = pcs->options->low_power;
    for (unsigned i = 0; i < all->len; i++) {
        const gen_low_power *entry = &g_array_index(all, gen_low_power, i);
        if (entry->frame.lane == pcs->lane && entry->frame.index == pcs->frame.index)
            return 2 * (uint64_t)ceil(entry->seconds * pcs->groups_per_second / 2);
    }
    return 0;
}

static void next_end(gen_pcs *pcs, gen_disparity disparity, gen_code_group *group)
{
    (void)disparity;
    *group = (gen_code_group){.octet = pcs->end_sent == 0 ? GEN_K29_7 : GEN_K23_7,
                              .control = true,
                              .where = GEN_IN_END,
                              .frame_index = (int64_t)pcs->frame.index,
                              .position = (int32_t)pcs->end_sent,
                              .frame = &pcs->frame};
    if (++pcs->end_sent < pcs->end_size)
        return;
    if (is_named(pcs, pcs->options->config_again)) {
        begin_config(pcs);
        return;
    }
    uint64_t low_power = low_power_groups(pcs);
    if (pcs->gap == pcs->end_size && low_power == 0) {
        begin_frame(pcs);
        return;
    }
    begin_gap(pcs, MAX(pcs->gap, pcs->end_size) - pcs->end_size + low_power);
    pcs->low_power_left = low_power;
}

void gen_pcs_next(gen_pcs *pcs, gen_disparity disparity, gen_code_group *group)
{
    static void (*const next[])(gen_pcs *, gen_disparity, gen_code_group *) = {
        [STATE_CONFIG] = next_config,
        [STATE_GAP] = next_gap,
        [STATE_FRAME] = next_frame,
        [STATE_END] = next_end,
    };
    int dead = pcs->options->dead_octet[pcs->lane];
    if (dead >= 0)
        *group = (gen_code_group){.octet = (uint8_t)dead,
                                  .where = GEN_IN_GAP,
                                  .frame_index = GEN_NONE,
                                  .position = GEN_NONE};
    else
        next[pcs->now](pcs, disparity, group);
    pcs->position++;
}

gen_pcs *gen_pcs_new(const gen_options *options, unsigned lane, GError **error)
{
    gen_traffic *traffic = gen_traffic_new(options, lane, error);
    if (traffic == NULL)
        return NULL;
    gen_pcs *pcs = g_new0(gen_pcs, 1);
    pcs->options = options;
    pcs->lane = lane;
    pcs->repetition = gen_pcs_repetition(options, lane);
    pcs->traffic = traffic;
    gen_random_init(&pcs->random, options->seed, 0x200 + lane);
    pcs->groups_per_second = options->baud / 10 / options->lanes;
    if (options->config != GEN_CONFIG_NONE)
        pcs->config_sets = (uint64_t)ceil(options->config_seconds * pcs->groups_per_second / 4);
    if (pcs->config_sets == 0)
        begin_gap(pcs, gen_random_range(&pcs->random, FIRST_GAP_MIN, FIRST_GAP_MAX));
    /* Lanes start at different places of their ordered sets: each has its own even and odd. */
    gen_code_group unsent;
    unsigned drop = lane == 0 ? 0 : (unsigned)gen_random_range(&pcs->random, 0, 3);
    for (unsigned i = 0; i < drop; i++)
        gen_pcs_next(pcs, GEN_RD_NEGATIVE, &unsent);
    return pcs;
}

void gen_pcs_free(gen_pcs *pcs)
{
    if (pcs == NULL)
        return;
    g_clear_pointer(&pcs->frame.octets, g_bytes_unref);
    gen_traffic_free(pcs->traffic);
    g_free(pcs);
}
