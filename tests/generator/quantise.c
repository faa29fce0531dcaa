/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quantise.h"

#include <math.h>
#include <string.h>

/* The part of the range of codes that the amplitude fills. */
#define FILL 0.8

static const struct {
    size_t size;
    double codes; /* how many there are; 0: floating point */
} formats[] = {
    [GEN_S8] = {1, 256},
    [GEN_S16] = {2, 65536},
    [GEN_F32] = {4, 0},
};

size_t gen_sample_size(gen_sample_format format)
{
    return formats[format].size;
}

double gen_file_amplitude(const gen_options *options)
{
    return options->legs ? options->amplitude / 2 : options->amplitude;
}

double gen_file_scale(const gen_options *options)
{
    double codes = formats[options->sample_format].codes;
    double swing = gen_file_amplitude(options) * (1 + 2 * options->wander);
    return codes == 0 ? 1 : swing / (FILL * codes);
}

double gen_file_offset(const gen_options *options)
{
    return options->sample_format == GEN_F32 ? 0 : options->offset;
}

/* The nearest code inside the range. */
static inline int to_code(float value, float limit)
{
    value = value > limit - 1 ? limit - 1 : value;
    value = value < -limit ? -limit : value;
    return (int)lrintf(value);
}

void gen_quantise(const gen_options *options, float *volts, size_t count, uint8_t *bytes)
{
    float scale = (float)gen_file_scale(options);
    float codes_per_volt = (float)(1 / gen_file_scale(options));
    float limit = (float)(formats[options->sample_format].codes / 2);
    float offset = (float)options->offset;
    bool swap = options->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);

    if (options->sample_format == GEN_S8) {
        for (size_t i = 0; i < count; i++) {
            int code = to_code(volts[i] * codes_per_volt, limit);
            bytes[i] = (uint8_t)code;
            volts[i] = (float)code * scale;
        }
    } else if (options->sample_format == GEN_S16) {
        for (size_t i = 0; i < count; i++) {
            int code = to_code(volts[i] * codes_per_volt, limit);
            uint16_t word = (uint16_t)code;
            word = swap ? GUINT16_SWAP_LE_BE(word) : word;
            memcpy(bytes + 2 * i, &word, 2);
            volts[i] = (float)code * scale;
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            float value = volts[i] + offset;
            uint32_t word;
            memcpy(&word, &value, 4);
            word = swap ? GUINT32_SWAP_LE_BE(word) : word;
            memcpy(bytes + 4 * i, &word, 4);
            volts[i] = value - offset;
        }
    }
}
