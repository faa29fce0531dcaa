/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "signal/equalizer.h"

#include <math.h>
#include <string.h>

/** Unit intervals before and behind that the taps reach over: precursors are few, echoes come late.
 */
#define REACH_BEFORE 4
#define REACH_BEHIND 6
/** Taps for each unit interval: twice the highest frequency that a bit has. */
#define TAPS_PER_UNIT 4
#define TAPS          ((REACH_BEFORE + REACH_BEHIND) * TAPS_PER_UNIT + 1)
/** Bits that train, at most, and at least. */
#define TRAINING_BITS  8192
#define TRAINING_LEAST 512
/** Noise that is counted in: this share of the signal's mean square. It keeps taps that say nothing
    at zero. */
#define LEAST_NOISE 1e-5
/** Samples that are filtered at a time. */
#define PIECE 4096

struct sd_equalizer {
    ptrdiff_t stride; /* samples from tap to tap */
    ptrdiff_t first;  /* samples from the one wanted to that of the first tap */
    size_t taps;
    float tap[TAPS];
    float offset; /* volts, added */
};

static sd_equalizer *new_equalizer(double period)
{
    sd_equalizer *equalizer = g_new0(sd_equalizer, 1);
    equalizer->stride = (ptrdiff_t)MAX(1, floor(period / TAPS_PER_UNIT));
    const double per_unit = period / (double)equalizer->stride;
    const ptrdiff_t before = (ptrdiff_t)floor(REACH_BEHIND * MIN(per_unit, TAPS_PER_UNIT));
    const ptrdiff_t behind = (ptrdiff_t)floor(REACH_BEFORE * MIN(per_unit, TAPS_PER_UNIT));
    equalizer->first = -before * equalizer->stride;
    equalizer->taps = (size_t)(before + behind + 1);
    return equalizer;
}

void sd_equalizer_free(sd_equalizer *equalizer)
{
    g_free(equalizer);
}

sd_equalizer *sd_equalizer_guess(unsigned guess, double period)
{
    /* The bandwidths of Gaussian low-passes, in bauds; the filter is their inverse where noise
       leaves something of the signal, made of cosines. */
    static const double bandwidths[SD_EQUALIZER_GUESSES] = {0.25, 0.2,  0.17, 0.15,
                                                            0.13, 0.12, 0.11, 0.1};
    static const double least_loss = 0.03;
    enum { FREQUENCIES = 64 };
    sd_equalizer *equalizer = new_equalizer(period);
    double sum = 0;
    for (size_t i = 0; i < equalizer->taps; i++) {
        /* unit intervals */
        const double at =
            ((double)equalizer->first + (double)((ptrdiff_t)i * equalizer->stride)) / period;
        double tap = 0;
        for (unsigned k = 0; k <= FREQUENCIES; k++) {
            const double f = 0.75 * k / FREQUENCIES; /* of the baud */
            const double loss = exp2(-0.5 * pow(f / bandwidths[guess], 2));
            const double roll_off = f < 0.5 ? 1 : 0.5 + 0.5 * cos((f - 0.5) / 0.25 * G_PI);
            tap += (k == 0 ? 0.5 : 1) * loss / (loss * loss + least_loss * least_loss) * roll_off *
                   cos(2 * G_PI * f * at);
        }
        tap *= 0.5 + 0.5 * cos(G_PI * CLAMP(at / (REACH_BEFORE + 0.5), -1, 1));
        equalizer->tap[i] = (float)tap;
        sum += tap;
    }
    for (size_t i = 0; i < equalizer->taps; i++)
        equalizer->tap[i] /= (float)sum;
    return equalizer;
}

/* --- training --------------------------------------------------------------------------------- */

/** The normal equations, and what they give. The last unknown is the offset. */
typedef struct {
    size_t size;
    double matrix[TAPS + 1][TAPS + 1];
    double right[TAPS + 1];
} equations;

static void add_equation(equations *e, const double *row, double wanted)
{
    for (size_t i = 0; i < e->size; i++) {
        for (size_t k = 0; k <= i; k++)
            e->matrix[i][k] += row[i] * row[k];
        e->right[i] += row[i] * wanted;
    }
}

/** Solves them by Cholesky's method; the solution comes in right. */
static void solve(equations *e)
{
    for (size_t i = 0; i < e->size; i++) {
        for (size_t k = 0; k <= i; k++) {
            double sum = e->matrix[i][k];
            for (size_t j = 0; j < k; j++)
                sum -= e->matrix[i][j] * e->matrix[k][j];
            e->matrix[i][k] = i == k ? sqrt(fmax(sum, 1e-30)) : sum / e->matrix[k][k];
        }
    }
    for (size_t i = 0; i < e->size; i++) {
        for (size_t k = 0; k < i; k++)
            e->right[i] -= e->matrix[i][k] * e->right[k];
        e->right[i] /= e->matrix[i][i];
    }
    for (size_t i = e->size; i-- > 0;) {
        for (size_t k = i + 1; k < e->size; k++)
            e->right[i] -= e->matrix[k][i] * e->right[k];
        e->right[i] /= e->matrix[i][i];
    }
}

/** The samples that the taps see for a value at @p at, which lies between two samples. */
static void look(const sd_equalizer *equalizer, const float *volts, double at, double *row)
{
    const ptrdiff_t whole = (ptrdiff_t)floor(at);
    const double part = at - (double)whole;
    for (size_t i = 0; i < equalizer->taps; i++) {
        const float *v = volts + whole + equalizer->first + (ptrdiff_t)i * equalizer->stride;
        row[i] = (double)v[0] + part * (double)(v[1] - v[0]);
    }
}

sd_equalizer *sd_equalizer_train(const sd_sample_source *from, const GArray *words, double period,
                                 float low, float high)
{
    sd_equalizer *equalizer = new_equalizer(period);
    const ptrdiff_t behind =
        equalizer->first + (ptrdiff_t)(equalizer->taps - 1) * equalizer->stride + 1;
    const size_t width = (size_t)(behind - equalizer->first) + (size_t)(66 * period) + 4;
    equations *e = g_new0(equations, 1);
    e->size = equalizer->taps + 1;
    float *volts = g_new(float, width);
    double row[TAPS + 1];
    size_t bits = 0;
    for (guint w = 0; w < words->len && bits < TRAINING_BITS; w++) {
        const sd_bit_word *word = &g_array_index(words, sd_bit_word, w);
        const double start = (double)word->start / (double)SD_POSITION_ONE;
        const double step = (double)word->span / (double)SD_POSITION_ONE / SD_WORD_BITS;
        const double begin = floor(start) + (double)equalizer->first;
        if (word->dead || word->count < SD_WORD_BITS || begin < 0 ||
            begin + (double)width > (double)from->count)
            continue;
        sd_sample_source_read(from, (uint64_t)begin, width, volts);
        for (unsigned i = 0; i < word->count; i++, bits++) {
            look(equalizer, volts, start + (i + 0.5) * step - begin, row);
            row[equalizer->taps] = 1;
            add_equation(e, row, (double)(word->bits >> i & 1 ? high : low));
        }
    }
    g_free(volts);
    if (bits >= TRAINING_LEAST) {
        const double noise = LEAST_NOISE * e->matrix[0][0];
        for (size_t i = 0; i < equalizer->taps; i++)
            e->matrix[i][i] += noise;
        e->matrix[equalizer->taps][equalizer->taps] += LEAST_NOISE;
        solve(e);
        for (size_t i = 0; i < equalizer->taps; i++)
            equalizer->tap[i] = (float)e->right[i];
        equalizer->offset = (float)e->right[equalizer->taps];
    } else {
        g_clear_pointer(&equalizer, g_free);
    }
    g_free(e);
    return equalizer;
}

/* --- use -------------------------------------------------------------------------------------- */

/** Reads samples; those beyond the segment are like its first or last one. */
static void read_with_ends(const sd_sample_source *from, int64_t first, size_t count, float *volts)
{
    const int64_t begin = CLAMP(first, 0, (int64_t)from->count - 1);
    const int64_t end = CLAMP(first + (int64_t)count, begin + 1, (int64_t)from->count);
    const size_t before = (size_t)MIN(begin - first, (int64_t)count - 1);
    const size_t n = MIN((size_t)(end - begin), count - before);
    sd_sample_source_read(from, (uint64_t)begin, n, volts + before);
    for (size_t i = 0; i < before; i++)
        volts[i] = volts[before];
    for (size_t i = before + n; i < count; i++)
        volts[i] = volts[before + n - 1];
}

static void read_equalized(void *user, uint64_t first, size_t count, float *volts)
{
    const sd_equalized *equalized = user;
    const sd_equalizer *q = equalized->equalizer;
    const size_t reach = (q->taps - 1) * (size_t)q->stride;
    float *in = g_new(float, PIECE + reach);
    for (size_t done = 0; done < count; done += PIECE) {
        const size_t n = MIN(count - done, PIECE);
        float *out = volts + done;
        read_with_ends(&equalized->from, (int64_t)(first + done) + q->first, n + reach, in);
        for (size_t i = 0; i < n; i++)
            out[i] = q->offset;
        for (size_t k = 0; k < q->taps; k++) {
            const float tap = q->tap[k];
            const float *v = in + k * (size_t)q->stride;
            for (size_t i = 0; i < n; i++)
                out[i] += tap * v[i];
        }
    }
    g_free(in);
}

sd_sample_source sd_equalizer_source(sd_equalized *equalized)
{
    return (sd_sample_source){
        .read = read_equalized, .user = equalized, .count = equalized->from.count};
}
