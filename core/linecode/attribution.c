/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linecode/attribution.h"

#include "linecode/error_period.h"

/** So many groups of the line before an error and behind it are looked at. */
#define REACH 64
/** Places of errors kept to find a period. */
#define PLACES_MOST 4096
/** By so much one candidate must stand out of its lane more than all others. */
#define ENOUGH 3

struct sd_attribution {
    const sd_code_table *table;
    int lanes;
    sd_disparity_rule rule;
    guint left;     /* groups that the last call did not let go */
    GArray *places; /* sd_position: where errors are */
    sd_attribution_statistics statistics;
};

/** The groups of a call, in the order of the line. */
typedef struct {
    sd_code_group *at;
    int count;
} line;

sd_attribution *sd_attribution_new(const sd_code_table *table, unsigned lanes)
{
    sd_attribution *attribution = g_new0(sd_attribution, 1);
    attribution->table = table;
    attribution->lanes = (int)lanes;
    attribution->places = g_array_new(FALSE, FALSE, sizeof(sd_position));
    return attribution;
}

void sd_attribution_free(sd_attribution *attribution)
{
    if (attribution == NULL)
        return;
    g_array_free(attribution->places, TRUE);
    g_free(attribution);
}

static const sd_code *code_of(const sd_attribution *a, const sd_code_group *group)
{
    return &a->table->code[group->bits];
}

/** Whether the two groups share a running disparity. */
static bool same_disparity(const sd_attribution *a, const sd_code_group *x, const sd_code_group *y)
{
    return a->rule == SD_DISPARITY_SERIAL || x->lane == y->lane;
}

/** Whether a group is valid in one column alone, which confirms the running disparity before it or
    contradicts it. */
static bool tells(const sd_code *code)
{
    return code->valid[SD_RD_NEGATIVE] != code->valid[SD_RD_POSITIVE];
}

static sd_running_disparity column(const sd_code *code)
{
    return code->valid[SD_RD_POSITIVE] ? SD_RD_POSITIVE : SD_RD_NEGATIVE;
}

/* --- what fits in the lane ------------------------------------------------------------------- */

/** An octet, or a special code-group; none where it is not known. */
typedef struct {
    uint8_t octet;
    bool special, known;
} symbol;

/** K28.1 of a QSGMII lane 0 stands for K28.5. */
static symbol symbol_of(const sd_attribution *a, const sd_code *code, uint8_t lane)
{
    const bool mark = a->lanes > 1 && lane == 0 && code->special && code->octet == SD_K28_1;
    return (symbol){mark ? SD_K28_5 : code->octet, code->special, true};
}

/** The group of the same lane @p places behind group @p i. */
static symbol neighbour(const sd_attribution *a, const line *l, int i, int places)
{
    const int at = i + places * a->lanes;
    if (at < 0 || at >= l->count || (l->at[at].flags & (SD_GROUP_INVALID | SD_GROUP_SLIP)))
        return (symbol){0};
    return (symbol){l->at[at].octet, l->at[at].flags & SD_GROUP_SPECIAL, true};
}

static bool same(symbol x, symbol y)
{
    return x.known && y.known && x.octet == y.octet && x.special == y.special;
}

static bool is_special(symbol s, uint8_t octet)
{
    return s.known && s.special && s.octet == octet;
}

static bool is_data(symbol s, uint8_t octet)
{
    return s.known && !s.special && s.octet == octet;
}

static int when(bool known, bool right)
{
    return !known ? 0 : right ? ENOUGH : -ENOUGH;
}

/** How well a symbol fits as the special group that it is. */
static int fits_as_special(symbol s, symbol before, symbol behind)
{
    switch (s.octet) {
    case SD_K28_5:
        return when(behind.known, !behind.special && sd_is_ordered_set_octet(behind.octet));
    case SD_K27_7:
        return when(behind.known, is_data(behind, 0x55));
    case SD_K29_7:
        return when(behind.known, is_special(behind, SD_K23_7));
    case SD_K23_7:
        return when(before.known && behind.known, is_special(before, SD_K29_7) ||
                                                      is_special(before, SD_K23_7) ||
                                                      is_special(behind, SD_K28_5));
    case SD_K30_7:
        return 0;
    default: /* no other one is in use */
        return -ENOUGH;
    }
}

/** ... as a data group: what special groups next to it say. */
static int fits_as_data(symbol s, symbol before, symbol behind)
{
    int score = 0;
    if (is_special(before, SD_K28_5))
        score += when(true, sd_is_ordered_set_octet(s.octet));
    if (is_special(before, SD_K27_7))
        score += when(true, s.octet == 0x55);
    if (is_special(before, SD_K29_7) || is_special(behind, SD_K23_7))
        score -= ENOUGH;
    if (is_data(before, 0x55) && s.octet == 0xD5)
        score++;
    return score;
}

/** How well a symbol fits in the place of group @p i on its lane. Idle, preamble, copies and
    configuration repeat themselves after one, two, or four groups. */
static int fits(const sd_attribution *a, const line *l, int i, symbol s)
{
    static const int repeats[] = {-4, -2, -1, 1, 2, 4};
    int score = 0;
    for (size_t k = 0; k < G_N_ELEMENTS(repeats); k++)
        score += same(s, neighbour(a, l, i, repeats[k]));
    const symbol before = neighbour(a, l, i, -1), behind = neighbour(a, l, i, 1);
    return score +
           (s.special ? fits_as_special(s, before, behind) : fits_as_data(s, before, behind));
}

/* --- which group was hit ---------------------------------------------------------------------- */

/** A group that may have been hit. */
typedef struct {
    int at;
    int gain; /* by how much better what was sent would fit in the lane */
} candidate;

/** The candidates of a disparity error. */
typedef struct {
    candidate of[REACH + 1];
    unsigned count;
    int first;           /* group up to which was looked back */
    bool open;           /* they may go on farther back */
    bool behind_invalid; /* an invalid group has changed the disparity */
} candidates;

/** Adds group @p i if one bit of it turned over makes what is valid at disparity @p before and
    leaves @p behind. */
static void consider(const sd_attribution *a, const line *l, int i, sd_running_disparity before,
                     sd_running_disparity behind, candidates *c)
{
    const sd_code_group *group = &l->at[i];
    int best = G_MININT;
    for (unsigned bit = 0; bit < 10; bit++) {
        const sd_code *sent = &a->table->code[group->bits ^ 1U << bit];
        if (sent->valid[before] && sent->rd_after[before] == behind)
            best = MAX(best, fits(a, l, i, symbol_of(a, sent, group->lane)));
    }
    if (best == G_MININT)
        return;
    const symbol received = {group->octet, group->flags & SD_GROUP_SPECIAL, true};
    c->of[c->count++] = (candidate){i, best - fits(a, l, i, received)};
}

/** Looks for candidates from group @p n, which contradicts the disparity, back to the last one that
    confirmed it: that may have been hit too. */
static void find_candidates(const sd_attribution *a, const line *l, int n, candidates *c)
{
    const sd_code *noticed = code_of(a, &l->at[n]);
    const sd_running_disparity right = column(noticed), wrong = !right;
    *c = (candidates){.first = n, .open = true};
    consider(a, l, n, wrong, noticed->rd_after[wrong], c);
    for (int i = n - 1; i >= MAX(n - REACH, 0) && c->open; i--) {
        const sd_code_group *group = &l->at[i];
        const sd_code *code = code_of(a, group);
        if (!same_disparity(a, group, &l->at[n]))
            continue;
        if (group->flags & (SD_GROUP_INVALID | SD_GROUP_SLIP)) {
            c->behind_invalid = true;
            return;
        }
        c->first = i;
        c->open = !tells(code);
        consider(a, l, i, c->open ? wrong : column(code), right, c);
    }
}

/** Leaves the candidates that stand out of their lane as much as any. */
static void choose(candidates *c)
{
    int best = G_MININT;
    for (unsigned i = 0; i < c->count; i++)
        best = MAX(best, c->of[i].gain);
    unsigned kept = 0;
    for (unsigned i = 0; i < c->count; i++) {
        if (c->of[i].gain > best - ENOUGH)
            c->of[kept++] = c->of[i];
    }
    c->count = kept;
}

static void note_place(sd_attribution *a, const sd_code_group *group)
{
    if (a->places->len < PLACES_MOST)
        g_array_append_val(a->places, group->start);
}

static void attribute(sd_attribution *a, const line *l, int n)
{
    candidates c;
    sd_code_group *noticed = &l->at[n];
    find_candidates(a, l, n, &c);
    if (c.behind_invalid) {
        noticed->flags &= (uint8_t)~SD_GROUP_DISPARITY;
        return;
    }
    a->statistics.disparity++;
    /* The excess of ones that the group contradicts says which way the bit was turned. */
    if (column(code_of(a, noticed)) == SD_RD_POSITIVE)
        a->statistics.ones_hit++;
    else
        a->statistics.zeros_hit++;
    note_place(a, noticed);
    choose(&c);
    if (c.count == 1 && !c.open) {
        noticed->flags &= (uint8_t)~SD_GROUP_DISPARITY;
        l->at[c.of[0].at].flags |= SD_GROUP_DISPARITY;
    } else {
        for (unsigned i = 0; i < c.count; i++)
            l->at[c.of[i].at].flags |= SD_GROUP_SUSPECT;
        const bool known = c.count > 0 && !c.open;
        noticed->uncertainty = (uint8_t)(n - (known ? c.of[c.count - 1].at : c.first));
    }
}

/** An invalid group: the ones that are too many or missing between the groups around it that tell
    the disparity are its own. */
static void weigh(sd_attribution *a, const line *l, int n)
{
    const sd_code_group *hit = &l->at[n];
    int before = -1, behind = -1;
    note_place(a, hit);
    for (int i = n - 1; i >= MAX(n - REACH, 0); i--) {
        if (!same_disparity(a, hit, &l->at[i]))
            continue;
        if (l->at[i].flags & (SD_GROUP_INVALID | SD_GROUP_SLIP))
            return;
        if (tells(code_of(a, &l->at[i]))) {
            before = code_of(a, &l->at[i])->rd_after[SD_RD_UNKNOWN];
            break;
        }
    }
    for (int i = n + 1; i <= MIN(n + REACH, l->count - 1); i++) {
        if (!same_disparity(a, hit, &l->at[i]))
            continue;
        if (l->at[i].flags & (SD_GROUP_INVALID | SD_GROUP_SLIP))
            return;
        if (tells(code_of(a, &l->at[i]))) {
            behind = column(code_of(a, &l->at[i]));
            break;
        }
    }
    if (before < 0 || behind < 0)
        return;
    const int excess = __builtin_popcount(hit->bits) - 5 - (behind - before);
    a->statistics.zeros_hit += excess == 1;
    a->statistics.ones_hit += excess == -1;
}

guint sd_attribution_push(sd_attribution *a, GArray *groups, sd_disparity_rule rule, bool last)
{
    const line l = {(sd_code_group *)(void *)groups->data, (int)groups->len};
    a->rule = rule;
    const guint end = last ? groups->len : groups->len - MIN(groups->len, REACH);
    for (guint i = MIN(a->left, groups->len); i < end; i++) {
        if (l.at[i].flags & SD_GROUP_DISPARITY)
            attribute(a, &l, (int)i);
        else if (l.at[i].flags & SD_GROUP_INVALID)
            weigh(a, &l, (int)i);
    }
    const guint final = last ? groups->len : end - MIN(end, REACH);
    a->left = end - MIN(end, final);
    return final;
}

sd_attribution_statistics sd_attribution_statistics_get(const sd_attribution *a)
{
    sd_attribution_statistics s = a->statistics;
    sd_error_period period;
    if (sd_error_period_find((const sd_position *)(const void *)a->places->data, a->places->len,
                             &period)) {
        s.period = period.period;
        s.periods_hit = period.hit;
        s.periods_spared = period.spared;
    }
    return s;
}
