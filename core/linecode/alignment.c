/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linecode/alignment.h"

#include <string.h>

#define GROUP_BITS 10
#define COMMA_BITS 7
/** Commas in one place that decide the first alignment; places with so small a share of that number
    are no candidates; so many bits are looked at for invalid groups. */
#define FIRST_COMMAS 16
#define FIRST_SHARE  8
#define FIRST_BITS   40960
/** Without any comma: so many groups at least, of which at most one in so many may be wrong, but
    at least one in so many in every other place. */
#define BARE_GROUPS       100
#define BARE_WRONG_MOST   50
#define BARE_WRONG_OTHERS 12
/** Commas in one other place, with none in the present one between, that move the alignment: a
    damaged group may make one, and at times two. Behind the slip so many more groups must be wrong
    in the present place than in the other one, too. */
#define MOVE_COMMAS 3
#define MOVE_WRONG  4
/** By how many bits a slip moves the place. */
#define SLIP_LEAST (-4)
#define SLIP_MOST  5
/** Without commas, groups that are wrong in the present place and right in another one move the
    alignment: out of place about two fifths are wrong, with errors in one bit of a hundred a tenth.
    So many more must be wrong in the present place than in the other one, where each weighs twice;
    fewer, if there none is wrong, and before the run so many in a row were right as are not by such
    errors. Where few groups are invalid nobody looks for a run. */
#define RUN_WRONG      10
#define RUN_AGAINST    2
#define RUN_WRONG_CALM 8
#define CALM_GROUPS    60
#define RUN_INVALID    3
/** A run belongs to a slip between places that begins so many groups behind it at most. */
#define RUN_BEHIND 20
/** Bits kept without a comma that confirms them: more than four lanes in the midst of jumbo
    frames have. */
#define PENDING_BITS (1U << 20)
/** Walking back from a comma, an invalid group weighs as much as so many valid ones: in noise about
    half of all words are valid, in code out of place four fifths. */
#define INVALID_WEIGHT 8
/** Of the groups between commas in one place before the first alignment, one in so many at most may
    be invalid, if that place is to be believed too. */
#define EARLIER_INVALID_MOST 10

#define NOT_FOUND UINT64_MAX

#define RD_UNKNOWN_ALL                                                                             \
    {                                                                                              \
        SD_RD_UNKNOWN, SD_RD_UNKNOWN, SD_RD_UNKNOWN, SD_RD_UNKNOWN                                 \
    }

struct sd_alignment {
    const sd_code_table *table;
    unsigned lanes;
    GArray *words;               /* sd_bit_word: the bits that are kept */
    uint64_t base;               /* number of the first bit of words[0] */
    uint64_t bits;               /* number of bits taken */
    uint64_t next;               /* first bit of the next group to be given out, when aligned */
    uint64_t scanned;            /* commas before this bit have been dealt with */
    uint64_t right;              /* groups given in a row, at least, of which none was invalid */
    unsigned counts[GROUP_BITS]; /* commas by place, before the first alignment */
    unsigned moved_commas;       /* commas seen in moved_place since the last in the right one */
    unsigned moved_place;
    unsigned moved_enough; /* so many of them, and the groups are asked */
    sd_alignment_statistics statistics;
};

sd_alignment *sd_alignment_new(const sd_code_table *table, unsigned lanes)
{
    sd_alignment *alignment = g_new0(sd_alignment, 1);
    alignment->lanes = lanes;
    alignment->table = table;
    alignment->words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
    return alignment;
}

void sd_alignment_free(sd_alignment *alignment)
{
    if (alignment == NULL)
        return;
    g_array_free(alignment->words, TRUE);
    g_free(alignment);
}

static const sd_bit_word *word_at(const sd_alignment *a, uint64_t bit)
{
    return &g_array_index(a->words, sd_bit_word, (bit - a->base) / SD_WORD_BITS);
}

/** The bits of word @p w; zeros behind the end. */
static inline uint64_t bits_of(const sd_alignment *a, size_t w)
{
    return w < a->words->len ? g_array_index(a->words, sd_bit_word, w).bits : 0;
}

/** Sixty-four of 128 bits, from bit @p shift of @p low on. */
static inline uint64_t funnel(uint64_t low, uint64_t high, unsigned shift)
{
    return shift == 0 ? low : low >> shift | high << (SD_WORD_BITS - shift);
}

static inline unsigned ten_bits(const sd_alignment *a, uint64_t bit)
{
    const uint64_t at = bit - a->base;
    const size_t w = at / SD_WORD_BITS;
    return (unsigned)(funnel(bits_of(a, w), bits_of(a, w + 1), at % SD_WORD_BITS) & (SD_WORDS - 1));
}

static const sd_code *code_at(const sd_alignment *a, uint64_t bit)
{
    return &a->table->code[ten_bits(a, bit)];
}

static bool valid_at(const sd_alignment *a, uint64_t bit)
{
    return code_at(a, bit)->valid[SD_RD_UNKNOWN];
}

/** The first comma, 0011111 or 1100000, at or behind @p from where there is a signal; NOT_FOUND
   when none is complete. */
static uint64_t next_comma(const sd_alignment *a, uint64_t from)
{
    while (from + COMMA_BITS <= a->bits) {
        const size_t w = (from - a->base) / SD_WORD_BITS;
        const uint64_t low = bits_of(a, w), high = bits_of(a, w + 1);
        /* a bit and the next are the same; so are they in two places in a row */
        const uint64_t same = ~(low ^ funnel(low, high, 1)), same_high = ~(high ^ high >> 1);
        const uint64_t twice = same & funnel(same, same_high, 1);
        const uint64_t twice_high = same_high & same_high >> 1;
        /* two bits are the same, then another bit comes five times */
        uint64_t found = same & ~funnel(same, same_high, 1) & funnel(twice, twice_high, 2) &
                         funnel(twice, twice_high, 4);
        found &= ~(uint64_t)0 << (from - a->base) % SD_WORD_BITS;
        if (g_array_index(a->words, sd_bit_word, w).dead)
            found = 0; /* noise has commas too */
        const uint64_t start = a->base + (uint64_t)w * SD_WORD_BITS;
        if (found != 0) {
            const uint64_t at = start + (unsigned)__builtin_ctzll(found);
            return at + COMMA_BITS <= a->bits ? at : NOT_FOUND;
        }
        from = start + SD_WORD_BITS;
    }
    return NOT_FOUND;
}

/** The group at @p bit. */
static inline sd_line_group group_at(const sd_alignment *a, uint64_t bit)
{
    const unsigned i = (unsigned)((bit - a->base) % SD_WORD_BITS);
    const uint16_t bits = (uint16_t)ten_bits(a, bit);
    const sd_bit_word *word = word_at(a, bit);
    return (sd_line_group){.start = sd_bit_position(word, i),
                           .bits = bits,
                           .other = bits,
                           .flags = word->dead ? SD_GROUP_DEAD : 0};
}

/** Room for @p count more groups, which follow. */
static sd_line_group *next_groups(sd_alignment *a, size_t count, GArray *groups)
{
    const guint before = groups->len;
    g_array_set_size(groups, before + (guint)count);
    if (a->statistics.groups == 0)
        a->statistics.first = group_at(a, a->next).start;
    a->statistics.groups += count;
    return (sd_line_group *)(void *)groups->data + before;
}

/** Gives the next group; @p other: how far from it, in bits, the one is that may be right instead.
 */
static void give_group(sd_alignment *a, uint8_t flags, int other, GArray *groups)
{
    sd_line_group *group = next_groups(a, 1, groups);
    *group = group_at(a, a->next);
    group->flags |= flags;
    if ((int64_t)(a->next - a->base) + other >= 0) /* it is kept */
        group->other = (uint16_t)ten_bits(a, a->next + (uint64_t)(int64_t)other);
    a->next += GROUP_BITS;
}

/** Gives all groups that end at or before @p limit; returns how many of them are invalid. */
static size_t give_until(sd_alignment *a, uint64_t limit, GArray *groups)
{
    if (a->next + GROUP_BITS > limit)
        return 0;
    const size_t count = (size_t)((limit - a->next) / GROUP_BITS);
    sd_line_group *group = next_groups(a, count, groups);
    const sd_bit_word *word = word_at(a, a->next);
    unsigned at = (a->next - a->base) % SD_WORD_BITS;
    for (size_t i = 0; i < count; i++) { /* as group_at() would */
        uint64_t bits = word->bits >> at;
        if (at + GROUP_BITS > SD_WORD_BITS)
            bits |= word[1].bits << (SD_WORD_BITS - at);
        group[i] = (sd_line_group){
            .start = sd_bit_position(word, at),
            .bits = bits & (SD_WORDS - 1),
            .other = bits & (SD_WORDS - 1),
            .flags = word->dead ? SD_GROUP_DEAD : 0,
        };
        at += GROUP_BITS;
        word += at / SD_WORD_BITS;
        at %= SD_WORD_BITS;
    }
    a->next += count * GROUP_BITS;
    if (count < RUN_WRONG_CALM)
        return 0;
    const sd_code *code = a->table->code;
    size_t invalid = 0;
    for (size_t i = 0; i < count; i++)
        invalid += !code[group[i].bits].valid[SD_RD_UNKNOWN];
    return invalid;
}

/** Takes back what has been given from bit @p from on. */
static void take_back(sd_alignment *a, uint64_t from, GArray *groups)
{
    const uint64_t count = (a->next - from) / GROUP_BITS;
    g_array_set_size(groups, groups->len - (guint)count);
    a->statistics.groups -= count;
    a->next = from;
}

/** Invalid groups from bit @p from on that end at or before @p to. */
static unsigned count_invalid(const sd_alignment *a, uint64_t from, uint64_t to)
{
    unsigned invalid = 0;
    for (uint64_t at = from; at + GROUP_BITS <= to; at += GROUP_BITS)
        invalid += !valid_at(a, at);
    return invalid;
}

/** Of @p count groups from bit @p bit on, those that are invalid or contradict the running
   disparity if there is one for each of @p rules groups in turn; @p wrong, if not NULL: which. */
static unsigned find_wrong(const sd_alignment *a, uint64_t bit, size_t count, unsigned rules,
                           bool *wrong)
{
    uint8_t rd[SD_LANES_MAX] = RD_UNKNOWN_ALL;
    unsigned found = 0;
    for (size_t k = 0; k < count; k++, bit += GROUP_BITS) {
        const sd_code *code = code_at(a, bit);
        uint8_t *now = &rd[k % rules];
        const bool right = code->valid[*now];
        *now = code->rd_after[*now];
        found += !right;
        if (wrong != NULL)
            wrong[k] = !right;
    }
    return found;
}

/** ... by the rule that leaves fewer: one for all lanes, or one for each. */
static unsigned count_wrong(const sd_alignment *a, uint64_t bit, size_t count)
{
    const unsigned serial = find_wrong(a, bit, count, 1, NULL);
    return a->lanes == 1 ? serial : MIN(serial, find_wrong(a, bit, count, a->lanes, NULL));
}

/** The first bit kept that stands in place @p place of a group. */
static uint64_t first_in_place(const sd_alignment *a, unsigned place)
{
    return a->base + (place + GROUP_BITS - a->base % GROUP_BITS) % GROUP_BITS;
}

/** The place, among those with at least @p least_commas commas, that makes the fewest wrong
    groups; GROUP_BITS when there is none that can be believed.

    Commas alone do not tell: with one running disparity for each lane, neighbouring groups of an
    interleaved line make commas across their boundary, even more than there are true ones. And a
    record may lie wholly inside long frames, without any comma; then one place, and one alone,
   makes code-groups. */
static unsigned best_place(const sd_alignment *a, unsigned least_commas)
{
    const uint64_t end = MIN(a->bits, a->base + FIRST_BITS);
    const unsigned groups = (unsigned)((end - a->base) / GROUP_BITS);
    unsigned best = GROUP_BITS, least = G_MAXUINT, second = G_MAXUINT;
    for (unsigned i = 0; i < GROUP_BITS; i++) {
        if (a->counts[i] < least_commas)
            continue;
        const uint64_t first = first_in_place(a, i);
        const unsigned wrong = count_wrong(a, first, (end - MIN(first, end)) / GROUP_BITS);
        if (wrong < least ||
            (best < GROUP_BITS && wrong == least && a->counts[i] > a->counts[best])) {
            second = least;
            least = wrong;
            best = i;
        } else {
            second = MIN(second, wrong);
        }
    }
    const bool told =
        least_commas > 0 || (groups >= BARE_GROUPS && least <= groups / BARE_WRONG_MOST &&
                             second >= groups / BARE_WRONG_OTHERS);
    return told ? best : GROUP_BITS;
}

/** From @p anchor, a boundary of groups, back to the begin, as far as it looks like code. */
static uint64_t walk_back(const sd_alignment *a, uint64_t anchor)
{
    uint64_t first = anchor;
    int64_t score = 0, best_score = 0;
    for (uint64_t at = anchor; at >= a->base + GROUP_BITS;) {
        at -= GROUP_BITS;
        score += valid_at(a, at) ? 1 : -INVALID_WEIGHT;
        if (score >= best_score) {
            best_score = score;
            first = at;
        }
    }
    return first;
}

/** A slip may lie before the first alignment was decided: the begin of code in another place before
    @p first, or @p first. */
static uint64_t earlier_place(const sd_alignment *a, uint64_t first)
{
    struct {
        unsigned commas;
        uint64_t first, last;
    } at[GROUP_BITS] = {0};
    for (uint64_t comma = next_comma(a, a->base); comma < first; comma = next_comma(a, comma + 1)) {
        const unsigned place = (unsigned)(comma % GROUP_BITS);
        if (at[place].commas++ == 0)
            at[place].first = comma;
        at[place].last = comma;
    }
    unsigned best = 0;
    for (unsigned i = 1; i < GROUP_BITS; i++) {
        if (at[i].commas > at[best].commas)
            best = i;
    }
    const uint64_t groups = (at[best].last - at[best].first) / GROUP_BITS;
    if (at[best].commas < MOVE_COMMAS ||
        count_invalid(a, at[best].first, at[best].last) > groups / EARLIER_INVALID_MOST)
        return first;
    return walk_back(a, at[best].first);
}

/** Decides the first alignment, if the commas counted are enough, or all there will be. */
static void decide_first(sd_alignment *a, bool all)
{
    unsigned most = 0;
    for (unsigned i = 0; i < GROUP_BITS; i++)
        most = MAX(most, a->counts[i]);
    if (most < FIRST_COMMAS && !all)
        return;
    const unsigned place = best_place(a, (most + FIRST_SHARE - 1) / FIRST_SHARE);
    if (place == GROUP_BITS)
        return;

    const uint64_t begin = first_in_place(a, place);
    const uint64_t known = most > 0 ? a->scanned : a->bits;
    uint64_t first = begin;
    if (known > begin)
        first = walk_back(a, begin + (known - begin) / GROUP_BITS * GROUP_BITS);
    a->statistics.aligned = true;
    a->next = earlier_place(a, first);
    a->statistics.skipped_bits = a->next;
    a->scanned = a->next;
}

/** What speaks for a group against its being right: it is invalid, or the running disparity
    contradicts it; unless it is the same as one that comes before or behind it on its lane, as in
    idle and in the copies of an octet. */
static int doubt(const sd_alignment *a, const sd_code *code, bool contradicted, uint64_t bit,
                 int64_t step)
{
    int doubts = !code->valid[SD_RD_UNKNOWN] || contradicted;
    for (unsigned i = 1; i <= 2; i++) {
        const int64_t other = (int64_t)bit + step * (int64_t)i * GROUP_BITS;
        if (other < (int64_t)a->base || other + GROUP_BITS > (int64_t)a->bits)
            continue;
        const sd_code *like = code_at(a, (uint64_t)other);
        if (like->valid[SD_RD_UNKNOWN] && like->octet == code->octet &&
            like->special == code->special)
            return doubts - 1;
    }
    return doubts;
}

/** The doubts in the groups before each of @p count + 1 from bit @p bit on, with one running
    disparity for each of @p rules groups in turn. */
static void doubts_before(const sd_alignment *a, uint64_t bit, size_t count, unsigned rules,
                          int *doubts)
{
    uint8_t rd[SD_LANES_MAX] = RD_UNKNOWN_ALL;
    doubts[0] = 0;
    for (size_t k = 0; k < count; k++, bit += GROUP_BITS) {
        const sd_code *code = code_at(a, bit);
        uint8_t *now = &rd[k % rules];
        doubts[k + 1] = doubts[k] + doubt(a, code, !code->valid[*now], bit, -(int64_t)a->lanes);
        *now = code->rd_after[*now];
    }
}

/** Adds the doubts in the groups behind each, the last of which begins at bit @p bit: backwards, by
    the disparity that the group behind wants. */
static void add_doubts_behind(const sd_alignment *a, uint64_t bit, size_t count, unsigned rules,
                              int *doubts)
{
    uint8_t wanted[SD_LANES_MAX] = RD_UNKNOWN_ALL;
    int behind = 0;
    for (size_t k = count; k > 0; k--, bit -= GROUP_BITS) {
        const sd_code *code = code_at(a, bit);
        uint8_t *next = &wanted[k % rules];
        const uint8_t left = code->rd_after[SD_RD_UNKNOWN];
        const bool contradicted = *next != SD_RD_UNKNOWN && left != SD_RD_UNKNOWN && left != *next;
        behind += doubt(a, code, contradicted, bit, a->lanes);
        doubts[k - 1] += behind;
        if (!code->valid[SD_RD_UNKNOWN])
            *next = SD_RD_UNKNOWN;
        else if (code->valid[SD_RD_NEGATIVE] != code->valid[SD_RD_POSITIVE])
            *next = code->valid[SD_RD_POSITIVE] ? SD_RD_POSITIVE : SD_RD_NEGATIVE;
    }
}

/** The group in which a slip lies, and those in which it may lie as well. */
typedef struct {
    size_t group, first, last;
} slip_place;

/**
 * The group in which a slip by @p bits lies, of @p last + 1 from the next one on: those before it
 * stand in the old places, those behind it in the new ones. It is the one that leaves the least
 * doubt in them, by the rule of the running disparity that leaves less; where several do, the
 * middle one.
 */
static slip_place find_slip(const sd_alignment *a, int bits, size_t last)
{
    int *doubts = g_new(int, last + 1);
    const uint64_t end = a->next + last * GROUP_BITS + (uint64_t)(int64_t)bits;
    int least = G_MAXINT;
    slip_place found = {0};
    for (unsigned rules = 1; rules <= a->lanes; rules += MAX(a->lanes - 1, 1)) {
        doubts_before(a, a->next, last, rules, doubts);
        add_doubts_behind(a, end, last, rules, doubts);
        for (size_t k = 0; k <= last; k++) {
            if (doubts[k] >= least)
                continue;
            size_t same = k;
            while (same < last && doubts[same + 1] == doubts[k])
                same++;
            least = doubts[k];
            found = (slip_place){k + (same - k) / 2, k, same};
            while (found.first > 0 && doubts[found.first - 1] <= least + 1)
                found.first--;
            while (found.last < last && doubts[found.last + 1] <= least + 1)
                found.last++;
        }
    }
    g_free(doubts);
    return found;
}

/** A run of groups in another place. */
typedef struct {
    int bits;           /* how far from the present place it stands; 0: there is none */
    size_t first, last; /* groups; with the last one there is enough that speaks for it */
    int most;           /* what speaks for it in the end */
} run;

/** Among how many of some groups the running disparity goes round: 1, or all lanes. In one place at
    least many of them are right by the true rule. */
static unsigned find_rules(const sd_alignment *a, uint64_t from, size_t count)
{
    unsigned rules = 1, least = G_MAXUINT;
    for (int bits = SLIP_LEAST; a->lanes > 1 && bits <= SLIP_MOST; bits++) {
        const uint64_t bit = from + GROUP_BITS + (uint64_t)(int64_t)bits;
        const unsigned serial = find_wrong(a, bit, count - 1, 1, NULL);
        const unsigned by_lane = find_wrong(a, bit, count - 1, a->lanes, NULL);
        if (MIN(serial, by_lane) < least) {
            least = MIN(serial, by_lane);
            rules = serial <= by_lane ? 1 : a->lanes;
        }
    }
    return rules;
}

/** Looks for a run among @p count groups from bit @p from on, but @p bits out of their place. Of
   two that overlap @p found becomes the one that more speaks for, otherwise the earlier one. @p
   wrong: which groups are wrong in their place. */
static void find_run_at(const sd_alignment *a, uint64_t from, size_t count, int bits,
                        unsigned rules, const bool *wrong, run *found)
{
    uint8_t rd[SD_LANES_MAX] = RD_UNKNOWN_ALL;
    run now = {.bits = bits, .last = count};
    uint64_t right = a->right, calm = 0; /* groups in a row until now, and before the run */
    bool sound = true;
    int score = 0;
    for (size_t k = 1; k < count; k++) {
        if (score == 0) {
            if (now.most > 0 || k > found->last)
                break;
            now.first = k;
            calm = right;
            sound = true;
            memset(rd, SD_RD_UNKNOWN, sizeof rd);
        }
        const sd_code *code = code_at(a, from + k * GROUP_BITS + (uint64_t)(int64_t)bits);
        const bool right_there = code->valid[rd[k % rules]];
        rd[k % rules] = code->rd_after[rd[k % rules]];
        right = wrong[k] ? 0 : right + 1;
        sound = sound && right_there;
        score = MAX(score + wrong[k] - (right_there ? 0 : RUN_AGAINST), 0);
        if (now.most == 0 && score >= (sound && calm >= CALM_GROUPS ? RUN_WRONG_CALM : RUN_WRONG))
            now.last = k;
        if (now.last <= k)
            now.most = MAX(now.most, score);
    }
    if (now.most > 0 && now.first <= found->last &&
        (now.last < found->first || now.most > found->most))
        *found = now;
}

/** The first run in another place among @p count groups from bit @p from on, of which those behind
    group @p slip are thought to stand @p bits out of their place. */
static run find_run(const sd_alignment *a, uint64_t from, size_t count, size_t slip, int bits)
{
    run found = {.last = count};
    if (count < RUN_WRONG_CALM)
        return found;
    const unsigned rules = find_rules(a, from, count);
    bool *wrong = g_new(bool, count);
    const size_t before = MIN(slip + 1, count);
    find_wrong(a, from, before, rules, wrong);
    find_wrong(a, from + before * GROUP_BITS + (uint64_t)(int64_t)bits, count - before, rules,
               wrong + before);
    for (int other = SLIP_LEAST; other <= SLIP_MOST; other++) {
        if (other != 0)
            find_run_at(a, from, count, other, rules, wrong, &found);
    }
    g_free(wrong);
    return found;
}

/** The group boundary behind a run. */
static uint64_t behind_run(const sd_alignment *a, const run *r)
{
    return a->next + (r->last + 1) * GROUP_BITS + (uint64_t)(int64_t)r->bits;
}

/** How far behind the present place a bit stands, from half a group before it to half a group
    behind. */
static int bits_out_of_place(const sd_alignment *a, uint64_t bit)
{
    const int bits = (int)((bit - a->next) % GROUP_BITS);
    return bits > SLIP_MOST ? bits - GROUP_BITS : bits;
}

/** Groups between the next one and one that stands in another place at bit @p bit; negative when
    there is not even room for the one with the slip. */
static int64_t groups_between(const sd_alignment *a, uint64_t bit)
{
    return ((int64_t)(bit - a->next) - bits_out_of_place(a, bit)) / GROUP_BITS - 1;
}

/** The group boundary at bit @p first is in another place: finds the group in which that happened,
    and gives all up to the new place. */
static void move(sd_alignment *a, uint64_t first, GArray *groups, GArray *slips)
{
    int bits = bits_out_of_place(a, first);
    int64_t last = groups_between(a, first);
    slip_place place = {0};
    if (last > 0) {
        place = find_slip(a, bits, (size_t)last);
        const run between = find_run(a, a->next, (size_t)last, place.group, bits);
        if (between.bits != 0 && between.first <= place.group + RUN_BEHIND) {
            first = behind_run(a, &between);
            bits = between.bits;
            last = groups_between(a, first);
            place = find_slip(a, bits, (size_t)last);
        }
        if (give_until(a, a->next + place.first * GROUP_BITS, groups) > 0)
            a->right = 0;
        for (size_t k = place.first; k < place.group; k++)
            give_group(a, SD_GROUP_EITHER, bits, groups);
    }
    const sd_slip slip = {
        .at = sd_bit_position(word_at(a, a->next), (unsigned)((a->next - a->base) % SD_WORD_BITS)),
        .bits = bits,
    };
    g_array_append_val(slips, slip);
    a->statistics.slips++;
    if (last < 0) { /* no room between the two for a group of its own */
        a->next = first;
        return;
    }
    give_group(a, SD_GROUP_SLIP | SD_GROUP_EITHER, bits, groups);
    a->next = (uint64_t)((int64_t)a->next + bits);
    for (size_t k = place.group; k < place.last; k++)
        give_group(a, SD_GROUP_EITHER, -bits, groups);
}

/** After a move: looks at the commas from the next group on again. */
static void scan_again(sd_alignment *a)
{
    for (uint64_t at = next_comma(a, a->next); at < a->scanned; at = next_comma(a, at + 1))
        a->statistics.misplaced--;
    a->scanned = a->next;
    a->moved_commas = 0;
}

/** Gives all groups that end at or before @p limit, unless a run of them tells that they stand in
    another place: then all up to there; false then. */
static bool release(sd_alignment *a, uint64_t limit, GArray *groups, GArray *slips)
{
    const uint64_t from = a->next;
    const size_t invalid = give_until(a, limit, groups);
    const size_t count = (size_t)(a->next - from) / GROUP_BITS;
    const run other = invalid < RUN_INVALID ? (run){0} : find_run(a, from, count, count, 0);
    if (other.bits == 0) {
        a->right = invalid > 0 ? 0 : a->right + count;
        return true;
    }
    take_back(a, from, groups);
    move(a, behind_run(a, &other), groups, slips);
    scan_again(a);
    return false;
}

/** Whether the groups before the comma at bit @p at speak for a move to its place too. */
static bool groups_have_moved(const sd_alignment *a, uint64_t at)
{
    const int bits = bits_out_of_place(a, at);
    const int64_t last = groups_between(a, at);
    if (last <= 0)
        return false;
    const size_t slip = find_slip(a, bits, (size_t)last).group, count = (size_t)last - slip;
    const uint64_t behind = a->next + (slip + 1) * GROUP_BITS;
    return count_wrong(a, behind, count) >=
           count_wrong(a, behind + (uint64_t)(int64_t)bits, count) + MOVE_WRONG;
}

static void take_comma(sd_alignment *a, uint64_t at, GArray *groups, GArray *slips)
{
    if (at < a->next)
        return;
    if ((at - a->next) % GROUP_BITS == 0) {
        a->scanned = at;
        if (!release(a, at, groups, slips))
            return;
        a->scanned = at + 1;
        a->moved_commas = 0;
        a->statistics.commas++;
        return;
    }
    a->statistics.misplaced++;
    if (a->moved_commas == 0 || at % GROUP_BITS != a->moved_place) {
        a->moved_commas = 0;
        a->moved_place = (unsigned)(at % GROUP_BITS);
        a->moved_enough = MOVE_COMMAS;
    }
    if (++a->moved_commas < a->moved_enough)
        return;
    if (!groups_have_moved(a, at)) {
        a->moved_enough *= 2;
        return;
    }
    move(a, at, groups, slips);
    scan_again(a); /* they are in the right place now */
}

static void scan(sd_alignment *a, bool last, GArray *groups, GArray *slips)
{
    for (;;) {
        const uint64_t at = next_comma(a, a->scanned);
        if (at == NOT_FOUND) {
            if (a->bits >= COMMA_BITS)
                a->scanned = MAX(a->scanned, a->bits - COMMA_BITS + 1);
            if (a->statistics.aligned)
                return;
            decide_first(a, last || a->bits - a->base > PENDING_BITS);
            if (!a->statistics.aligned)
                return;
            continue;
        }
        a->scanned = at + 1;
        if (a->statistics.aligned) {
            take_comma(a, at, groups, slips);
        } else {
            a->counts[at % GROUP_BITS]++;
            decide_first(a, false);
        }
    }
}

/** Drops the words that are not needed any more. */
static void drop_before(sd_alignment *a, uint64_t bit)
{
    const uint64_t words = (bit - a->base) / SD_WORD_BITS;
    if (words == 0)
        return;
    g_array_remove_range(a->words, 0, (guint)MIN(words, a->words->len));
    a->base += words * SD_WORD_BITS;
    a->scanned = MAX(a->scanned, a->base);
}

void sd_alignment_push(sd_alignment *a, const sd_bit_word *words, size_t count, bool last,
                       GArray *groups, GArray *slips)
{
    g_array_append_vals(a->words, words, (guint)count);
    for (size_t i = 0; i < count; i++)
        a->bits += words[i].count;
    scan(a, last, groups, slips);

    if (!a->statistics.aligned) {
        if (a->bits - a->base > PENDING_BITS) { /* not one comma in all of them */
            drop_before(a, a->bits - PENDING_BITS / 2);
            memset(a->counts, 0, sizeof a->counts);
            a->scanned = a->base;
            a->statistics.skipped_bits = a->base;
        }
        return;
    }
    if (last) {
        while (!release(a, a->bits, groups, slips))
            scan(a, true, groups, slips);
    } else {
        while (a->bits > a->next + PENDING_BITS) {
            if (release(a, a->bits - PENDING_BITS / 2, groups, slips))
                a->moved_commas = 0;
            else
                scan(a, false, groups, slips);
        }
    }
    drop_before(a, MIN(a->next, a->bits));
}

sd_alignment_statistics sd_alignment_statistics_get(const sd_alignment *alignment)
{
    return alignment->statistics;
}
