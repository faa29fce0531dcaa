/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "random.h"

#include <glib.h>
#include <math.h>

/*
 * The ziggurat of Marsaglia and Tsang: the normal density is covered by LAYERS strips of equal
 * area. A strip and a place in it come from one random word; nearly always the place lies wholly
 * under the curve and is the result.
 */
#define LAYERS 256
/* Where the tail begins, and the area of one strip, for 256 strips. */
#define TAIL_BEGIN 3.6541528853610088
#define STRIP_AREA 0.00492867323399

typedef struct {
    double width[LAYERS + 1];  /* right end of strip i; the strip above reaches width[i + 1] */
    double height[LAYERS + 1]; /* density there, not normalised */
} ziggurat;

static const ziggurat *ziggurat_get(void)
{
    static gsize ready;
    static ziggurat table;
    if (g_once_init_enter(&ready)) {
        double density = exp(-0.5 * TAIL_BEGIN * TAIL_BEGIN);
        table.width[0] = STRIP_AREA / density; /* the lowest strip holds the tail */
        table.width[1] = TAIL_BEGIN;
        for (unsigned i = 2; i < LAYERS; i++) {
            density += STRIP_AREA / table.width[i - 1];
            table.width[i] = sqrt(-2 * log(density));
        }
        table.width[LAYERS] = 0;
        for (unsigned i = 0; i <= LAYERS; i++)
            table.height[i] = exp(-0.5 * table.width[i] * table.width[i]);
        g_once_init_leave(&ready, 1);
    }
    return &table;
}

void gen_random_init(gen_random *random, uint64_t seed, uint64_t stream)
{
    /* SplitMix64 spreads the seed over the state, as the authors of xoshiro advise. */
    uint64_t state = seed * UINT64_C(0xD1342543DE82EF95) + stream * UINT64_C(0x2545F4914F6CDD1D);
    for (unsigned i = 0; i < 4; i++) {
        state += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t z = state;
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        random->word[i] = z ^ (z >> 31);
    }
}

uint64_t gen_random_range(gen_random *random, uint64_t low, uint64_t high)
{
    uint64_t span = high - low + 1;
    return span == 0 ? gen_random_next(random) : low + gen_random_next(random) % span;
}

/* Uniform in (0, 1]. */
static double unit(gen_random *random)
{
    return ((double)(gen_random_next(random) >> 11) + 1) * 0x1p-53;
}

static double tail(gen_random *random)
{
    double x, y;
    do {
        x = -log(unit(random)) / TAIL_BEGIN;
        y = -log(unit(random));
    } while (2 * y < x * x);
    return TAIL_BEGIN + x;
}

static inline double normal(gen_random *random, const ziggurat *table)
{
    for (;;) {
        uint64_t word = gen_random_next(random);
        unsigned layer = word & (LAYERS - 1);
        /* The upper 53 bits, signed: a place from -1 to 1. */
        double place = (double)((int64_t)word >> 11) * 0x1p-52;
        double x = place * table->width[layer];
        if (fabs(x) < table->width[layer + 1])
            return x;
        if (layer == 0)
            return place < 0 ? -tail(random) : tail(random);
        double low = table->height[layer], high = table->height[layer + 1];
        if (low + (high - low) * unit(random) < exp(-0.5 * x * x))
            return x;
    }
}

double gen_random_normal(gen_random *random)
{
    return normal(random, ziggurat_get());
}

void gen_random_add_noise(gen_random *random, float *values, uint64_t count, float scale)
{
    const ziggurat *table = ziggurat_get();
    gen_random local = *random;
    for (uint64_t i = 0; i < count; i++)
        values[i] += scale * (float)normal(&local, table);
    *random = local;
}
