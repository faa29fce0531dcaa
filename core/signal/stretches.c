/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/stretches.h"

#include <math.h>

#include "signal/bit_reader.h"
#include "signal/phase.h"

/** Windows of a stretch: at least so many, at most so many, and between the two as many as make so
    many samples. */
#define STRETCH_LEAST   1024
#define STRETCH_MOST    4096
#define STRETCH_SAMPLES 8388608.0
/** Unit intervals before a stretch in which its clock locks. */
#define LOCK_BITS 1536
/** Two clocks agree when they differ by no more than this: in unit intervals, in unit intervals
    from window to window, and in the height of the eye. */
#define SAME_PHASE     0.02
#define SAME_SLOPE     0.005
#define SAME_THRESHOLD 0.02
/** Stretches for each thread that are read, or have been, before they are asked for. */
#define AHEAD 2

typedef enum { TODO, RUNNING, DONE } progress;

/** A stretch that is read before it is known whether its bits will be taken. */
typedef struct {
    uint64_t index;
    progress progress;
    sd_bit_reader *reader;
    sd_clock_place begin; /* of its clock, where the stretch begins */
    GArray *words, *gaps;
} stretch;

struct sd_stretches {
    const sd_simd *simd;
    const sd_acquisition *acquisition;
    uint64_t windows; /* of a stretch */

    /* what the threads share */
    uint64_t ready; /* stretches whose samples are there */
    uint64_t count; /* all stretches; G_MAXUINT64 while that is not known */
    uint64_t end;   /* all samples; also */
    GMutex mutex;
    GCond changed;
    stretch *ring;
    size_t slots;
    bool stop;
    GThread **thread;
    unsigned threads; /* without the caller's */

    /* the caller's alone */
    uint64_t next;
    sd_bit_reader *reader; /* of the bits given last */
    sd_clock_figures figures;
    sd_bit_word rest; /* bits that do not make a word yet */
};

static double window_samples(const sd_stretches *s)
{
    return sd_clock_window(&s->acquisition->clock) * s->acquisition->clock.period;
}

/** The sample at which the clock of stretch @p index, not the first, begins to lock. */
static double lock_sample(const sd_stretches *s, uint64_t index)
{
    return (double)(index * s->windows) * window_samples(s) -
           LOCK_BITS * s->acquisition->clock.period;
}

/** The sample up to which must have been read for stretch @p index to begin. */
static uint64_t begin_of(const sd_stretches *s, uint64_t index)
{
    if (index == 0)
        return 0;
    if (index >= s->count)
        return s->end;
    return sd_clock_recovery_samples(&s->acquisition->clock, index * s->windows);
}

/** Reads a stretch with a reader of its own; @p end is where it ends, and @p last, whether the
    segment does too. */
static void read_stretch(const sd_stretches *s, stretch *mine, uint64_t end, bool last)
{
    uint64_t first = 0;
    g_array_set_size(mine->words, 0);
    g_array_set_size(mine->gaps, 0);
    if (mine->index > 0)
        first = (uint64_t)lock_sample(s, mine->index);
    mine->reader = sd_bit_reader_new(s->simd, s->acquisition, first);
    if (mine->index > 0) {
        sd_clock_recovery *clock = sd_bit_reader_clock(mine->reader);
        sd_bit_reader_read(mine->reader, begin_of(s, mine->index), false, mine->words, mine->gaps);
        mine->begin = sd_clock_recovery_place(clock);
        sd_clock_recovery_begin(clock);
        g_array_set_size(mine->words, 0);
        g_array_set_size(mine->gaps, 0);
    }
    sd_bit_reader_read(mine->reader, end, last, mine->words, mine->gaps);
}

/** Reads the first stretch that nobody reads yet; false when there is none. The mutex is held, but
    not while it is read. */
static bool read_one(sd_stretches *s)
{
    stretch *first = NULL;
    for (size_t i = 0; i < s->slots; i++) {
        stretch *one = &s->ring[i];
        if (one->progress == TODO && one->index < s->ready &&
            (first == NULL || one->index < first->index))
            first = one;
    }
    if (first == NULL)
        return false;
    first->progress = RUNNING;
    const uint64_t end = begin_of(s, first->index + 1);
    const bool last = first->index + 1 == s->count;
    g_mutex_unlock(&s->mutex);
    read_stretch(s, first, end, last);
    g_mutex_lock(&s->mutex);
    first->progress = DONE;
    g_cond_broadcast(&s->changed);
    return true;
}

static gpointer run_thread(gpointer user)
{
    sd_stretches *s = user;
    g_mutex_lock(&s->mutex);
    while (!s->stop) {
        if (!read_one(s))
            g_cond_wait(&s->changed, &s->mutex);
    }
    g_mutex_unlock(&s->mutex);
    return NULL;
}

/** All samples are there, @p samples of them: so many stretches they make. What is left over
    belongs to the last one. */
static void set_end(sd_stretches *s, uint64_t samples)
{
    s->end = samples;
    s->count = s->ready = MAX(1, (uint64_t)((double)samples / window_samples(s)) / s->windows);
}

/** Waits a moment for the samples of the next stretch. It may be the last one: that shows only when
    those of the one behind it are there, or are not. */
static bool wait_for_samples(sd_stretches *s)
{
    const sd_sample_source *source = &s->acquisition->source;
    const double stretch_samples = window_samples(s) * (double)s->windows;
    if (s->next < s->ready)
        return true;
    bool all;
    const uint64_t wanted = (uint64_t)(stretch_samples * (double)(s->next + 2)) + 1;
    const uint64_t arrived = source->arrived(source->user, wanted, &all);
    g_mutex_lock(&s->mutex);
    if (all)
        set_end(s, arrived);
    else
        s->ready = MAX(1, (uint64_t)((double)arrived / stretch_samples)) - 1;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->mutex);
    return s->next < s->ready;
}

sd_stretches *sd_stretches_new(const sd_simd *simd, const sd_acquisition *acquisition,
                               unsigned threads)
{
    sd_stretches *s = g_new0(sd_stretches, 1);
    s->simd = simd;
    s->acquisition = acquisition;
    s->windows = (uint64_t)CLAMP(STRETCH_SAMPLES / window_samples(s), STRETCH_LEAST, STRETCH_MOST);
    s->count = s->end = G_MAXUINT64;
    if (acquisition->source.arrived == NULL)
        set_end(s, acquisition->source.count);
    g_mutex_init(&s->mutex);
    g_cond_init(&s->changed);
    threads = (unsigned)MIN(MAX(threads, 1), s->count);
    s->slots = threads > 1 ? (size_t)threads * AHEAD : 1;
    s->ring = g_new0(stretch, s->slots);
    for (size_t i = 0; i < s->slots; i++) {
        s->ring[i].index = i;
        s->ring[i].words = g_array_new(FALSE, FALSE, sizeof(sd_bit_word));
        s->ring[i].gaps = g_array_new(FALSE, FALSE, sizeof(sd_signal_gap));
    }
    s->threads = threads - 1;
    s->thread = g_new0(GThread *, threads);
    for (unsigned i = 0; i < s->threads; i++)
        s->thread[i] = g_thread_new("scopedump", run_thread, s);
    return s;
}

void sd_stretches_free(sd_stretches *s)
{
    if (s == NULL)
        return;
    g_mutex_lock(&s->mutex);
    s->stop = true;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->mutex);
    for (unsigned i = 0; i < s->threads; i++)
        g_thread_join(s->thread[i]);
    for (size_t i = 0; i < s->slots; i++) {
        sd_bit_reader_free(s->ring[i].reader);
        g_array_free(s->ring[i].words, TRUE);
        g_array_free(s->ring[i].gaps, TRUE);
    }
    sd_bit_reader_free(s->reader);
    g_mutex_clear(&s->mutex);
    g_cond_clear(&s->changed);
    g_free(s->thread);
    g_free(s->ring);
    g_free(s);
}

/** Waits for the next stretch, and reads others, or it, meanwhile. */
static stretch *wait_for_next(sd_stretches *s)
{
    stretch *next = &s->ring[s->next % s->slots];
    g_mutex_lock(&s->mutex);
    while (next->progress != DONE) {
        if (!read_one(s))
            g_cond_wait(&s->changed, &s->mutex);
    }
    g_mutex_unlock(&s->mutex);
    return next;
}

/** The slot is free for another stretch. */
static void give_back(sd_stretches *s, stretch *used)
{
    g_clear_pointer(&used->reader, sd_bit_reader_free);
    g_mutex_lock(&s->mutex);
    used->index += s->slots;
    used->progress = TODO;
    g_cond_broadcast(&s->changed);
    g_mutex_unlock(&s->mutex);
}

static bool agree(const sd_clock_place *a, const sd_clock_place *b)
{
    const double phase = a->phase - b->phase;
    return a->locked && b->locked && a->window == b->window &&
           fabs(phase - rint(phase)) <= SAME_PHASE && fabs(a->to_middle - b->to_middle) < 0.5 &&
           fabs(a->slope - b->slope) <= SAME_SLOPE &&
           fabsf(a->threshold - b->threshold) <= SAME_THRESHOLD * b->eye;
}

/** Adds a word of any length to the rest; true when that made a word of 64 bits, which is now in
    @p whole. */
static bool add_word(sd_bit_word *rest, const sd_bit_word *word, sd_bit_word *whole)
{
    const unsigned room = SD_WORD_BITS - rest->count;
    if (rest->count == 0) {
        *rest = *word;
    } else if (word->count <= room) {
        rest->span = (sd_bit_position(word, word->count) - rest->start) * SD_WORD_BITS /
                     (sd_position)(rest->count + word->count);
        rest->bits |= word->bits << rest->count;
        rest->count += word->count;
        rest->dead |= word->dead;
    } else {
        const sd_position next = sd_bit_position(word, room);
        *whole = (sd_bit_word){
            .bits = rest->bits | word->bits << rest->count,
            .start = rest->start,
            .span = next - rest->start,
            .count = SD_WORD_BITS,
            .dead = rest->dead || word->dead,
        };
        *rest = (sd_bit_word){
            .bits = word->bits >> room,
            .start = next,
            .span = word->span,
            .count = word->count - room,
            .dead = word->dead,
        };
        return true;
    }
    if (rest->count < SD_WORD_BITS)
        return false;
    *whole = *rest;
    rest->count = 0;
    return true;
}

/** Appends words of any length to words of 64 bits. */
static void append(sd_stretches *s, const GArray *from, GArray *words)
{
    guint count = words->len;
    g_array_set_size(words, count + from->len); /* no word makes more than one */
    for (guint i = 0; i < from->len; i++)
        count += add_word(&s->rest, &g_array_index(from, sd_bit_word, i),
                          &g_array_index(words, sd_bit_word, count));
    g_array_set_size(words, count);
}

/** The samples before those that are still read: the clock of a stretch locks before it begins. */
static void forget_samples(const sd_stretches *s)
{
    const sd_sample_source *source = &s->acquisition->source;
    const double period = s->acquisition->clock.period;
    const double first = lock_sample(s, s->next);
    source->forget(source->user,
                   (uint64_t)MAX(0, first - (double)sd_clock_recovery_history(period)));
}

sd_stretches_status sd_stretches_next(sd_stretches *s, GArray *words, GArray *gaps, uint64_t *read)
{
    if (!wait_for_samples(s))
        return SD_STRETCHES_WAIT;
    stretch *next = wait_for_next(s);
    const bool last = s->next + 1 == s->count;
    *read = begin_of(s, s->next + 1);
    if (s->reader != NULL) {
        sd_clock_recovery *clock = sd_bit_reader_clock(s->reader);
        const sd_clock_place here = sd_clock_recovery_place(clock);
        if (agree(&here, &next->begin)) {
            sd_clock_figures_add(&s->figures, sd_clock_recovery_figures(clock));
            g_clear_pointer(&s->reader, sd_bit_reader_free);
        } else {
            g_array_set_size(next->words, 0);
            g_array_set_size(next->gaps, 0);
            sd_bit_reader_read(s->reader, *read, last, next->words, next->gaps);
        }
    }
    if (s->reader == NULL)
        s->reader = g_steal_pointer(&next->reader);
    /* the bits of a word that is not full */
    sd_clock_recovery_flush(sd_bit_reader_clock(s->reader), next->words);
    append(s, next->words, words);
    g_array_append_vals(gaps, next->gaps->data, next->gaps->len);
    if (last && s->rest.count > 0)
        g_array_append_val(words, s->rest);
    s->next++;
    give_back(s, next);
    if (s->acquisition->source.forget != NULL)
        forget_samples(s);
    return last ? SD_STRETCHES_LAST : SD_STRETCHES_MORE;
}

sd_clock_statistics sd_stretches_statistics(const sd_stretches *s)
{
    sd_clock_figures figures = s->figures;
    if (s->reader != NULL)
        sd_clock_figures_add(&figures, sd_clock_recovery_figures(sd_bit_reader_clock(s->reader)));
    return sd_clock_figures_statistics(&figures);
}
