/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stored numbers to volts. There is one loop per type, for contiguous samples in this computer's
 * byte order; all others are first gathered into such a run, block by block.
 *
 * Samples need not be aligned: they are loaded by memcpy(), which compilers turn into an unaligned
 * load. The loops run over blocks of a constant length because gcc -O2 makes SIMD of those alone.
 */
#include "scopedump/waveform.h"

#include <math.h>
#include <string.h>

#define UNROLL          64   /**< Samples per turn of a conversion loop. */
#define GATHER_SAMPLES  1024 /**< Samples that are gathered at a time. */
#define SAMPLE_SIZE_MAX 8

/** No voltage is larger, and the difference of two such fits in a float. */
#define VOLTS_MOST 1e37F

/** Not-a-number and infinity would poison every average behind this: they become 0 V. */
static inline float finite_or_zero(float volts)
{
    return fabsf(volts) <= VOLTS_MOST ? volts : 0.0F;
}

/** Leaves as it is: integer codes times a sound scale are finite (sd_scale_is_sound()). */
static inline float as_is(float volts)
{
    return volts;
}

/*
 * Defines NAME_read() and NAME_value() for samples stored as STORED, with REAL as the type to
 * calculate in: float where it holds all codes, otherwise double.
 */
#define DEFINE_TYPE(NAME, STORED, REAL, CLEAN)                                                     \
    static inline STORED NAME##_load(const uint8_t *data)                                          \
    {                                                                                              \
        STORED stored;                                                                             \
        memcpy(&stored, data, sizeof stored);                                                      \
        return stored;                                                                             \
    }                                                                                              \
    static void NAME##_read(const uint8_t *restrict data, size_t count, double scale,              \
                            double offset, float *restrict volts)                                  \
    {                                                                                              \
        const REAL a = (REAL)scale;                                                                \
        const REAL b = (REAL)offset;                                                               \
        size_t done = 0;                                                                           \
        for (; count - done >= UNROLL; done += UNROLL) {                                           \
            const uint8_t *from = data + done * sizeof(STORED);                                    \
            float *to = volts + done;                                                              \
            for (size_t i = 0; i < UNROLL; i++) {                                                  \
                to[i] = CLEAN((float)((REAL)NAME##_load(from + i * sizeof(STORED)) * a + b));      \
            }                                                                                      \
        }                                                                                          \
        for (; done < count; done++) {                                                             \
            volts[done] = CLEAN((float)((REAL)NAME##_load(data + done * sizeof(STORED)) * a + b)); \
        }                                                                                          \
    }                                                                                              \
    static double NAME##_value(const uint8_t *data)                                                \
    {                                                                                              \
        return (double)NAME##_load(data);                                                          \
    }

DEFINE_TYPE(s8, int8_t, float, as_is)
DEFINE_TYPE(u8, uint8_t, float, as_is)
DEFINE_TYPE(s16, int16_t, float, as_is)
DEFINE_TYPE(u16, uint16_t, float, as_is)
DEFINE_TYPE(s32, int32_t, double, as_is)
DEFINE_TYPE(u32, uint32_t, double, as_is)
DEFINE_TYPE(f32, float, float, finite_or_zero)
DEFINE_TYPE(f64, double, double, finite_or_zero)

/* Defines NAME_not_finite(): how many samples finite_or_zero() makes 0 V. */
#define DEFINE_NOT_FINITE(NAME, REAL)                                                              \
    static size_t NAME##_not_finite(const uint8_t *data, size_t count, double scale,               \
                                    double offset)                                                 \
    {                                                                                              \
        const REAL a = (REAL)scale;                                                                \
        const REAL b = (REAL)offset;                                                               \
        size_t found = 0;                                                                          \
        size_t done = 0;                                                                           \
        for (; count - done >= UNROLL; done += UNROLL) {                                           \
            const uint8_t *from = data + done * sizeof(REAL);                                      \
            int32_t in_turn = 0;                                                                   \
            for (size_t i = 0; i < UNROLL; i++) {                                                  \
                const float volts = (float)(NAME##_load(from + i * sizeof(REAL)) * a + b);         \
                in_turn += !(fabsf(volts) <= VOLTS_MOST);                                          \
            }                                                                                      \
            found += (size_t)in_turn;                                                              \
        }                                                                                          \
        for (; done < count; done++) {                                                             \
            const float volts = (float)(NAME##_load(data + done * sizeof(REAL)) * a + b);          \
            found += !(fabsf(volts) <= VOLTS_MOST);                                                \
        }                                                                                          \
        return found;                                                                              \
    }

DEFINE_NOT_FINITE(f32, float)
DEFINE_NOT_FINITE(f64, double)

/* Defines NAME(): copies samples of one width that lie @p stride bytes apart into a contiguous run,
 * turning their bytes over if asked. */
#define DEFINE_GATHER(NAME, WORD, TURN_OVER)                                                       \
    static void NAME(const uint8_t *restrict data, size_t stride, bool turn_over, size_t count,    \
                     uint8_t *restrict run)                                                        \
    {                                                                                              \
        for (size_t i = 0; i < count; i++) {                                                       \
            WORD word;                                                                             \
            memcpy(&word, data + i * stride, sizeof word);                                         \
            word = turn_over ? TURN_OVER(word) : word;                                             \
            memcpy(run + i * sizeof word, &word, sizeof word);                                     \
        }                                                                                          \
    }

#define ONE_BYTE(word) (word)

DEFINE_GATHER(gather_8, uint8_t, ONE_BYTE)
DEFINE_GATHER(gather_16, uint16_t, GUINT16_SWAP_LE_BE)
DEFINE_GATHER(gather_32, uint32_t, GUINT32_SWAP_LE_BE)
DEFINE_GATHER(gather_64, uint64_t, GUINT64_SWAP_LE_BE)

/** What is done with each sd_sample_type. */
static const struct {
    size_t size;
    void (*read)(const uint8_t *restrict data, size_t count, double scale, double offset,
                 float *restrict volts);
    double (*value)(const uint8_t *data);
    void (*gather)(const uint8_t *restrict data, size_t stride, bool turn_over, size_t count,
                   uint8_t *restrict run);
    /* NULL: all are finite */
    size_t (*not_finite)(const uint8_t *data, size_t count, double scale, double offset);
} types[] = {
    [SD_SAMPLE_S8] = {sizeof(int8_t), s8_read, s8_value, gather_8, NULL},
    [SD_SAMPLE_U8] = {sizeof(uint8_t), u8_read, u8_value, gather_8, NULL},
    [SD_SAMPLE_S16] = {sizeof(int16_t), s16_read, s16_value, gather_16, NULL},
    [SD_SAMPLE_U16] = {sizeof(uint16_t), u16_read, u16_value, gather_16, NULL},
    [SD_SAMPLE_S32] = {sizeof(int32_t), s32_read, s32_value, gather_32, NULL},
    [SD_SAMPLE_U32] = {sizeof(uint32_t), u32_read, u32_value, gather_32, NULL},
    [SD_SAMPLE_F32] = {sizeof(float), f32_read, f32_value, gather_32, f32_not_finite},
    [SD_SAMPLE_F64] = {sizeof(double), f64_read, f64_value, gather_64, f64_not_finite},
};

size_t sd_sample_size(sd_sample_type type)
{
    g_return_val_if_fail((size_t)type < G_N_ELEMENTS(types), 0);
    return types[type].size;
}

/** Whether the bytes of a sample stand in the other order than this computer's. */
static bool must_turn_over(const sd_channel *channel)
{
    return channel->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN) && types[channel->type].size > 1;
}

void sd_channel_read(const sd_channel *channel, size_t segment, uint64_t first, size_t count,
                     float *volts)
{
    g_return_if_fail(segment < channel->segments);
    const sd_segment *from = &channel->segment[segment];
    g_return_if_fail(first <= from->count && count <= from->count - first);
    const size_t size = types[channel->type].size;
    const uint8_t *data = from->data + first * channel->stride;
    const bool turn_over = must_turn_over(channel);
    if (channel->stride == size && !turn_over) {
        types[channel->type].read(data, count, channel->scale, channel->offset, volts);
        return;
    }
    uint8_t run[GATHER_SAMPLES * SAMPLE_SIZE_MAX];
    for (size_t done = 0; done < count; done += GATHER_SAMPLES) {
        size_t block = MIN(GATHER_SAMPLES, count - done);
        types[channel->type].gather(data + done * channel->stride, channel->stride, turn_over,
                                    block, run);
        types[channel->type].read(run, block, channel->scale, channel->offset, volts + done);
    }
}

/** How many samples of a run of up to GATHER_SAMPLES are not finite. */
static size_t not_finite_in_run(const sd_channel *channel, const uint8_t *data, size_t count)
{
    uint8_t run[GATHER_SAMPLES * SAMPLE_SIZE_MAX];
    if (channel->stride != types[channel->type].size || must_turn_over(channel)) {
        types[channel->type].gather(data, channel->stride, must_turn_over(channel), count, run);
        data = run;
    }
    return types[channel->type].not_finite(data, count, channel->scale, channel->offset);
}

uint64_t sd_channel_not_finite(const sd_channel *channel, size_t segment, uint64_t first,
                               uint64_t count, uint64_t *where)
{
    g_return_val_if_fail(segment < channel->segments, 0);
    const sd_segment *from = &channel->segment[segment];
    g_return_val_if_fail(first <= from->count && count <= from->count - first, 0);
    if (!types[channel->type].not_finite) {
        return 0;
    }
    uint64_t found = 0;
    for (uint64_t done = 0; done < count; done += GATHER_SAMPLES) {
        const size_t block = (size_t)MIN(GATHER_SAMPLES, count - done);
        const uint8_t *data = from->data + (first + done) * channel->stride;
        const size_t more = not_finite_in_run(channel, data, block);
        if (found == 0 && more > 0) {
            size_t i = 0;
            while (not_finite_in_run(channel, data + i * channel->stride, 1) == 0) {
                i++;
            }
            *where = first + done + i;
        }
        found += more;
    }
    return found;
}

double sd_channel_value(const sd_channel *channel, size_t segment, uint64_t index)
{
    g_return_val_if_fail(segment < channel->segments, 0);
    g_return_val_if_fail(index < channel->segment[segment].count, 0);
    uint8_t native[SAMPLE_SIZE_MAX];
    types[channel->type].gather(channel->segment[segment].data + index * channel->stride,
                                channel->stride, must_turn_over(channel), 1, native);
    return types[channel->type].value(native) * channel->scale + channel->offset;
}
