/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "line.h"
#include "random.h"

#include <string.h>

/* Whole line groups from one random line error to the next of its kind, at least: by then the
 * running disparity of every lane has been brought back by some unbalanced code-group. */
#define RANDOM_DISTANCE 400

/* A line error with its place; a dead stretch also has a length and its own symbol. */
typedef struct {
    uint64_t position;
    gen_error_kind kind;
    uint64_t length;
    uint8_t symbol;
} event;

struct gen_line {
    const gen_options *options;
    uint64_t record_begin; /* line position of bit 0 of the first segment */
    gen_pcs *pcs[GEN_LANES_MAX];
    gen_disparity disparity[GEN_LANES_MAX]; /* the first alone when it is serial */
    unsigned lane;                          /* of the next code-group */
    uint64_t position;                      /* of the next bit */
    uint64_t record_groups;                 /* whole ones since the record began */

    GArray *events; /* event, in order of position */
    unsigned next_event;
    uint64_t dead_end; /* line position where the dead stretch ends */
    uint8_t dead_symbol;

    GArray *flip_names, *invalid; /* what is still to come of those of the options */
    GArray *invalid_words;        /* uint16_t: what an invalid code-group is made of */
    gen_random random;
};

static gint compare_events(gconstpointer first, gconstpointer second)
{
    const event *a = first, *b = second;
    return a->position != b->position ? (a->position < b->position ? -1 : 1)
                                      : (int)a->kind - (int)b->kind;
}

/*
 * Ten bits in neither column that make no comma (0011111 or 1100000, 36.2.4.9) with whatever stands
 * next to them: single bits at both ends, and no more than four equal ones in a row.
 */
static GArray *find_invalid_words(void)
{
    uint8_t column[GEN_CODE_GROUPS];
    gen_columns(column);
    GArray *words = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    for (unsigned word = 0; word < GEN_CODE_GROUPS; word++) {
        unsigned edges = (word ^ word >> 1) & 0x1FF; /* where neighbours differ */
        bool ends = (edges & 0x101) == 0x101;
        bool calm = true;
        for (unsigned i = 0; i + 4 <= 9; i++)
            calm = calm && (edges >> i & 0xF) != 0;
        uint16_t value = (uint16_t)word;
        if (column[word] == 0 && ends && calm)
            g_array_append_val(words, value);
    }
    return words;
}

static void add_event(gen_line *line, uint64_t bit, gen_error_kind kind, uint64_t length,
                      unsigned dead_index)
{
    event entry = {line->record_begin + bit, kind, length, (uint8_t)(GEN_SYMBOL_DEAD + dead_index)};
    g_array_append_val(line->events, entry);
}

/*
 * Adds errors at random places, each in its own share of the segment. Their kinds are kind[0] and
 * kind[1] in turn.
 */
static bool add_random(gen_line *line, const gen_segment *segment, const char *option,
                       unsigned count, const gen_error_kind kind[2], uint64_t length,
                       GError **error)
{
    if (count == 0)
        return true;
    uint64_t distance = RANDOM_DISTANCE + length / 10;
    uint64_t first_group = (segment->first_bit + 9) / 10;
    uint64_t end_group = segment->end_bit / 10;
    uint64_t share = end_group > first_group ? (end_group - first_group) / count : 0;
    if (share <= distance) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s: the record has no room for %u of them", option, count);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        uint64_t group =
            first_group + i * share + gen_random_range(&line->random, 0, share - distance - 1);
        uint64_t bit = group * 10 + gen_random_range(&line->random, 0, 9);
        add_event(line, bit - segment->first_bit, kind[i % 2], length, line->options->dead->len);
    }
    return true;
}

static bool add_events(gen_line *line, const gen_segment *segment, GError **error)
{
    const gen_options *options = line->options;
    for (unsigned i = 0; i < options->flips->len; i++)
        add_event(line, g_array_index(options->flips, uint64_t, i), GEN_FLIP, 1, 0);
    for (unsigned i = 0; i < options->slips->len; i++) {
        const gen_slip *slip = &g_array_index(options->slips, gen_slip, i);
        add_event(line, slip->bit, slip->direction > 0 ? GEN_SLIP_REPEAT : GEN_SLIP_DROP, 1, 0);
    }
    for (unsigned i = 0; i < options->dead->len; i++) {
        const gen_dead *dead = &g_array_index(options->dead, gen_dead, i);
        add_event(line, dead->bit, GEN_DEAD, dead->length, i);
    }
    static const gen_error_kind flips[2] = {GEN_FLIP, GEN_FLIP};
    static const gen_error_kind slips[2] = {GEN_SLIP_REPEAT, GEN_SLIP_DROP};
    static const gen_error_kind dead[2] = {GEN_DEAD, GEN_DEAD};
    if (!add_random(line, segment, "--random-flips", options->random_flips, flips, 1, error) ||
        !add_random(line, segment, "--random-slips", options->random_slips, slips, 1, error) ||
        !add_random(line, segment, "--random-dead", options->random_dead, dead,
                    options->random_dead_length, error))
        return false;
    g_array_sort(line->events, compare_events);
    for (unsigned i = 0; i < line->events->len; i++) {
        const event *entry = &g_array_index(line->events, event, i);
        if (entry->position >= segment->end_bit ||
            (i > 0 && entry->position == entry[-1].position)) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                        "line error at bit %" G_GUINT64_FORMAT
                        ": the bit is not in the record, or has an error already",
                        entry->position - line->record_begin);
            return false;
        }
    }
    return true;
}

gen_line *gen_line_new(const gen_options *options, const gen_record *record, GError **error)
{
    gen_line *line = g_new0(gen_line, 1);
    line->options = options;
    line->record_begin = record->segment[0].first_bit;
    line->events = g_array_new(FALSE, FALSE, sizeof(event));
    line->flip_names = g_array_copy(options->flip_names);
    line->invalid = g_array_copy(options->invalid);
    line->invalid_words = find_invalid_words();
    gen_random_init(&line->random, options->seed, 0x300);
    bool good = add_events(line, &record->segment[0], error);
    for (unsigned lane = 0; good && lane < options->lanes; lane++) {
        line->pcs[lane] = gen_pcs_new(options, lane, error);
        good = line->pcs[lane] != NULL;
    }
    if (!good)
        g_clear_pointer(&line, gen_line_free);
    return line;
}

void gen_line_free(gen_line *line)
{
    if (line == NULL)
        return;
    for (unsigned lane = 0; lane < line->options->lanes; lane++)
        gen_pcs_free(line->pcs[lane]);
    g_array_unref(line->events);
    g_array_unref(line->flip_names);
    g_array_unref(line->invalid);
    g_array_unref(line->invalid_words);
    g_free(line);
}

static void note_error(gen_line_group *group, gen_error_kind kind, uint64_t position)
{
    if (group->errors < GEN_SYMBOLS_MAX)
        group->error[group->errors++] = (gen_line_error){kind, position};
}

/* Replaces the code-group if the command line wants an invalid one here. */
static uint16_t apply_invalid(gen_line *line, gen_line_group *group, uint16_t bits)
{
    if (line->position < line->record_begin)
        return bits;
    uint64_t number = line->record_groups++;
    for (unsigned i = 0; i < line->invalid->len; i++) {
        if (g_array_index(line->invalid, uint64_t, i) != number)
            continue;
        g_array_remove_index_fast(line->invalid, i);
        note_error(group, GEN_INVALID, line->position);
        uint64_t pick = gen_random_range(&line->random, 0, line->invalid_words->len - 1);
        return g_array_index(line->invalid_words, uint16_t, pick);
    }
    return bits;
}

static bool is_named(const gen_line *line, const gen_flip_name *name, unsigned lane,
                     const gen_code_group *code_group)
{
    if (name->lane != lane || code_group->frame_index != (int64_t)name->index ||
        code_group->copy != name->copy)
        return false;
    if (name->end)
        return code_group->where == GEN_IN_END && code_group->position == 0;
    if (name->octet >= 0)
        return code_group->where == GEN_IN_FRAME && code_group->position == name->octet;
    int32_t position = (int32_t)line->options->preamble + 1 + name->octet;
    return code_group->where == GEN_IN_PREAMBLE && code_group->position == position;
}

/* Turns over the bits that the command line names by their place in a frame. */
static uint16_t apply_flip_names(gen_line *line, gen_line_group *group, uint16_t bits)
{
    for (unsigned i = 0; i < line->flip_names->len;) {
        const gen_flip_name *name = &g_array_index(line->flip_names, gen_flip_name, i);
        if (!is_named(line, name, group->lane, &group->code_group)) {
            i++;
            continue;
        }
        bits = (uint16_t)(bits ^ 1u << (9 - name->bit));
        note_error(group, GEN_FLIP, line->position + name->bit);
        g_array_remove_index_fast(line->flip_names, i);
    }
    return bits;
}

/* Applies the line error of this position, if there is one. Returns how often the bit is sent. */
static unsigned apply_event(gen_line *line, gen_line_group *group, uint8_t *bit)
{
    if (line->next_event == line->events->len)
        return 1;
    const event *next = &g_array_index(line->events, event, line->next_event);
    if (next->position != line->position)
        return 1;
    static const unsigned copies[] = {
        [GEN_FLIP] = 1, [GEN_SLIP_REPEAT] = 2, [GEN_SLIP_DROP] = 0, [GEN_DEAD] = 1};
    line->next_event++;
    note_error(group, next->kind, line->position);
    if (next->kind == GEN_FLIP)
        *bit ^= 1;
    if (next->kind == GEN_DEAD) {
        line->dead_end = line->position + next->length;
        line->dead_symbol = next->symbol;
    }
    return copies[next->kind];
}

/* Puts one bit on the line, with the line errors of its position. */
static void put_bit(gen_line *line, gen_line_group *group, uint8_t bit)
{
    unsigned copies = apply_event(line, group, &bit);
    for (unsigned i = 0; i < copies; i++) {
        bool dead = line->position < line->dead_end;
        group->readable = group->readable && !dead;
        group->symbol[group->symbols++] = dead ? line->dead_symbol : bit;
        line->position++;
    }
}

void gen_line_next(gen_line *line, gen_line_group *group)
{
    unsigned lane = line->lane;
    line->lane = (lane + 1) % line->options->lanes;
    gen_disparity *disparity = &line->disparity[line->options->serial_disparity ? 0 : lane];
    group->position = line->position;
    group->lane = lane;
    group->before = *disparity;
    group->symbols = group->errors = 0;
    group->readable = true;

    gen_code_group *code_group = &group->code_group;
    gen_pcs_next(line->pcs[lane], *disparity, code_group);
    uint8_t octet = code_group->octet;
    if (line->options->link == GEN_QSGMII && line->options->marks_lane_0 && lane == 0 &&
        code_group->control && octet == GEN_K28_5)
        octet = GEN_K28_1;
    group->sent = gen_encode(octet, code_group->control, *disparity);
    *disparity = gen_disparity_after(group->sent, *disparity);

    uint16_t bits = apply_invalid(line, group, group->sent);
    bits = apply_flip_names(line, group, bits);
    for (int i = 9; i >= 0; i--)
        put_bit(line, group, bits >> i & 1);
    group->readable = group->readable && group->symbols == 10;
    group->received = 0;
    for (unsigned i = 0; i < group->symbols; i++)
        group->received = (uint16_t)(group->received << 1 | (group->symbol[i] & 1));
}

unsigned gen_line_errors_left(const gen_line *line)
{
    return line->events->len - line->next_event + line->flip_names->len + line->invalid->len;
}
