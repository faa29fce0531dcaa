/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sound files: every version, byte order and sample type, FastFrame, raw files, conversion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scopedump/error.h"
#include "scopedump/waveform.h"
#include "scratch.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "wfm_file.h"

#include <math.h>
#include <sys/stat.h>
#include <utime.h>

static sd_waveform *open_bytes(void **state, const char *name, const void *bytes, size_t size,
                               const sd_waveform_options *options)
{
    g_autofree char *path = scratch_write(state, name, bytes, size);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, options, &error);
    if (error) {
        fail_msg("%s", error->message);
    }
    assert_non_null(waveform);
    assert_string_equal(waveform->path, path);
    return waveform;
}

static sd_waveform *open_wfm(void **state, const wfm_file *file, size_t frames)
{
    GByteArray *bytes = wfm_build(file, frames);
    sd_waveform *waveform = open_bytes(state, "record.wfm", bytes->data, bytes->len, NULL);
    g_byte_array_unref(bytes);
    return waveform;
}

/** Holds all samples of a frame against the codes of wfm_file.h, read in both ways. */
static void assert_frame(const sd_channel *channel, const wfm_file *file, size_t frame)
{
    assert_int_equal(channel->segment[frame].count, file->count);
    g_autofree float *volts = g_new(float, file->count);
    sd_channel_read(channel, frame, 0, file->count, volts);
    for (size_t i = 0; i < file->count; i++) {
        double expected = wfm_code(frame, i + file->precharge) * file->scale + file->offset;
        /* The scale and offset of wfm_default() are sums of powers of two: no rounding. */
        assert_true(sd_channel_value(channel, frame, i) == expected);
        assert_true((double)volts[i] == expected);
    }
}

static void versions_orders_and_codes(void **state)
{
    static const struct {
        int code_format, size;
        sd_sample_type type;
    } codes[] = {
        {0, 2, SD_SAMPLE_S16}, {1, 4, SD_SAMPLE_S32}, {2, 4, SD_SAMPLE_U32}, {4, 4, SD_SAMPLE_F32},
        {5, 8, SD_SAMPLE_F64}, {6, 1, SD_SAMPLE_U8},  {7, 1, SD_SAMPLE_S8},
    };
    static const char *const names[] = {"Tektronix WFM#001", "Tektronix WFM#002",
                                        "Tektronix WFM#003"};
    for (int version = 1; version <= 3; version++) {
        for (int big_endian = 0; big_endian <= 1; big_endian++) {
            for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
                if (version < 3 && codes[i].code_format > 5) {
                    continue; /* The bytes are new in version 3. */
                }
                wfm_file file = wfm_default();
                file.version = version;
                file.big_endian = big_endian;
                file.code_format = codes[i].code_format;
                file.bytes_per_point = codes[i].size;
                sd_waveform *waveform = open_wfm(state, &file, 1);
                assert_string_equal(waveform->format, names[version - 1]);
                assert_true(waveform->has_time);
                assert_null(waveform->instrument);
                assert_int_equal(waveform->notes->len, 0);
                assert_int_equal(waveform->channels, 1);
                const sd_channel *channel = &waveform->channel[0];
                assert_string_equal(channel->name, "1");
                assert_string_equal(channel->unit, "V");
                assert_int_equal(channel->type, codes[i].type);
                assert_true(channel->interval == 4e-11);
                assert_int_equal(channel->segments, 1);
                assert_true(channel->segment[0].start == -1e-6 + 0.5 * 4e-11);
                assert_frame(channel, &file, 0);
                sd_waveform_free(waveform);
            }
        }
    }
}

/** The geometry of the extra samples: none, the older 16 + 16, and more in front than behind. */
static void precharge(void **state)
{
    static const unsigned extra[][2] = {{0, 0}, {16, 16}, {32, 32}, {5, 1}, {0, 3}};
    for (size_t i = 0; i < G_N_ELEMENTS(extra); i++) {
        wfm_file file = wfm_default();
        file.precharge = extra[i][0];
        file.postcharge = extra[i][1];
        file.count = 1000;
        sd_waveform *waveform = open_wfm(state, &file, 1);
        assert_frame(&waveform->channel[0], &file, 0);
        sd_waveform_free(waveform);
    }
}

static void fastframe(void **state)
{
    for (int big_endian = 0; big_endian <= 1; big_endian++) {
        for (int version = 1; version <= 3; version++) {
            wfm_file file = wfm_default();
            file.version = version;
            file.big_endian = big_endian;
            file.set_type = 1;
            file.further_frames = 3;
            file.start = -8e-11;
            sd_waveform *waveform = open_wfm(state, &file, 4);
            const sd_channel *channel = &waveform->channel[0];
            assert_int_equal(channel->segments, 4);
            assert_int_equal(waveform->notes->len, 0);
            for (size_t i = 0; i < 4; i++) {
                assert_frame(channel, &file, i);
                assert_true(channel->segment[i].start ==
                            file.start + file.trigger_fraction[i] * file.interval);
                /* Trigger times are sums of powers of two; the start is -80 ps and less than 40
                 * ps of fraction, so the record begins in the nanosecond before the trigger. */
                int64_t trigger_ns = (int64_t)file.seconds[i] * 1000000000 +
                                     (int64_t)(file.second_fraction[i] * 1e9);
                long ps = lround(-80 + file.trigger_fraction[i] * 40);
                assert_true(channel->segment[i].time_ns == trigger_ns - 1);
                assert_int_equal(channel->segment[i].time_ps, 1000 + ps);
            }
            sd_waveform_free(waveform);
        }
    }
}

/** Some firmware says FastFrame for a single record. */
static void fastframe_of_one(void **state)
{
    wfm_file file = wfm_default();
    file.set_type = 1;
    sd_waveform *waveform = open_wfm(state, &file, 1);
    assert_int_equal(waveform->channel[0].segments, 1);
    assert_frame(&waveform->channel[0], &file, 0);
    sd_waveform_free(waveform);
}

static void summary_frame_is_left_out(void **state)
{
    wfm_file file = wfm_default();
    file.set_type = 1;
    file.further_frames = 2;
    file.summary_frame = 1;
    sd_waveform *waveform = open_wfm(state, &file, 3);
    assert_int_equal(waveform->channel[0].segments, 2);
    assert_frame(&waveform->channel[0], &file, 1);
    assert_int_equal(waveform->notes->len, 1);
    assert_non_null(strstr(waveform->notes->pdata[0], "summary"));
    sd_waveform_free(waveform);
}

static void frames_out_of_order_are_noted(void **state)
{
    wfm_file file = wfm_default();
    file.set_type = 1;
    file.further_frames = 2;
    file.seconds[2] = 1500000000;
    sd_waveform *waveform = open_wfm(state, &file, 3);
    assert_int_equal(waveform->notes->len, 1);
    assert_non_null(strstr(waveform->notes->pdata[0], "segment 2"));
    /* its update specification is the second behind the header of 838 bytes */
    assert_non_null(strstr(waveform->notes->pdata[0], "its trigger time (byte 874)"));
    sd_waveform_free(waveform);
}

static void label_and_units(void **state)
{
    wfm_file file = wfm_default();
    file.label = "  SGMII +";
    file.unit = "A";
    sd_waveform *waveform = open_wfm(state, &file, 1);
    assert_string_equal(waveform->channel[0].name, "SGMII +");
    assert_string_equal(waveform->channel[0].unit, "A");
    sd_waveform_free(waveform);

    file.label = "\xFF\xFE";
    file.unit = "";
    waveform = open_wfm(state, &file, 1);
    assert_true(g_utf8_validate(waveform->channel[0].name, -1, NULL));
    assert_string_equal(waveform->channel[0].unit, "V");
    sd_waveform_free(waveform);
}

/** Without a time in the file, the modification time counts, and the frames keep their order. */
static void modification_time(void **state)
{
    wfm_file file = wfm_default();
    file.set_type = 1;
    file.further_frames = 3;
    memset(file.seconds, 0, sizeof file.seconds);
    file.start = 0;
    GByteArray *bytes = wfm_build(&file, 4);
    g_autofree char *path = scratch_write(state, "no-time.wfm", bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    assert_int_equal(utime(path, &(struct utimbuf){.actime = 0, .modtime = 1234567890}), 0);
    sd_waveform *waveform = sd_waveform_open(path, NULL, NULL);
    assert_non_null(waveform);
    assert_false(waveform->has_time);
    const sd_segment *segment = waveform->channel[0].segment;
    assert_true(segment[0].time_ns == INT64_C(1234567890000000000));
    assert_int_equal(segment[0].time_ps, 20);
    const int64_t record_ps = (int64_t)file.count * 40;
    for (size_t i = 1; i < 4; i++) {
        int64_t distance = (segment[i].time_ns - segment[i - 1].time_ns) * 1000 +
                           segment[i].time_ps - segment[i - 1].time_ps;
        assert_in_range(distance, record_ps, record_ps + 2 * 40);
    }
    sd_waveform_free(waveform);
}

static void times_far_away(void **state)
{
    (void)state;
    static const struct {
        double start;
        int64_t seconds;
        double fraction;
        int64_t time_ns;
        uint32_t time_ps;
    } cases[] = {
        {0, 0, 0, 0, 0},
        {0, 1624710724, 0.8975133221831251, INT64_C(1624710724897513322), 183},
        {-1e-12, 1, 0, 999999999, 999},
        {1e-12, 0, 0.9999999999995, 1000000000, 1},
        {-2.5, 1, 0.25, -1250000000, 0},
        {2499999.5, -1, 0, INT64_C(2499998500000000), 0},
        {1e300, 0, 0, INT64_C(9223372035000000000), 0},
        {-1e300, 0, -1e300, INT64_C(-9223372035000000000), 0},
        {0, INT64_MAX, 0, INT64_C(9223372035000000000), 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        sd_segment segment = {.start = cases[i].start};
        sd_segment_set_time(&segment, cases[i].seconds, cases[i].fraction);
        assert_true(segment.time_ns == cases[i].time_ns);
        assert_int_equal(segment.time_ps, cases[i].time_ps);
    }
}

static void trailers(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *note; /**< NULL: none. */
    } cases[] = {
        {"tekmeta!\0\0\0\0", 12, NULL},
        {"tekmeta!\2\0\0\0\1\0\0\0a\2\7\0\0\0\1\0\0\0b\1\3\0\0\0xyz", 35, NULL},
        {"tekmeta!\1\0\0\0\1\0\0\0a\3\0\0\0\0\0\0\xF0\x3F", 26, NULL},
        {"tekmeta!\1\0\0\0\1\0\0\0a\4\0\0\0\0\0\0\xF0\x3F", 26, "damaged"},
        {"tekmeta!\1\0\0\0\xFF\xFF\xFF\xFF", 16, "damaged"},
        {"tekmeta!\1\0\0\0\1\0\0\0a\1\xFF\xFF\xFF\xFF", 22, "damaged"},
        {"tekmeta!\xFF\xFF\xFF\xFF", 12, "damaged"},
        {"tekmeta", 7, "not known"},
        {"MARKS 1", 7, "not known"},
        {"tekmeta!\1\0\0\0\6\0\0\0IQ_rbw\2\0\0\0\0", 27, "IQ"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        wfm_file file = wfm_default();
        file.trailer = cases[i].bytes;
        file.trailer_size = cases[i].size;
        sd_waveform *waveform = open_wfm(state, &file, 1);
        assert_frame(&waveform->channel[0], &file, 0);
        assert_int_equal(waveform->notes->len, cases[i].note ? 1 : 0);
        if (cases[i].note) {
            assert_non_null(strstr(waveform->notes->pdata[0], cases[i].note));
        }
        sd_waveform_free(waveform);
    }
}

static void raw_files(void **state)
{
    static const uint8_t bytes[] = {0x01, 0xFF, 0x00, 0x80, 0x00, 0x00, 0x80, 0x3F, 0x00};
    sd_waveform_options options = {
        .raw = true, .type = SD_SAMPLE_S16, .sample_rate = 5e9, .scale = 0.5, .offset = 1};
    sd_waveform *waveform = open_bytes(state, "a.raw", bytes, sizeof bytes, &options);
    const sd_channel *channel = &waveform->channel[0];
    assert_false(waveform->has_time);
    assert_int_equal(channel->segment[0].count, 4);
    assert_true(channel->interval == 2e-10);
    assert_true(channel->segment[0].start == 0);
    assert_true(sd_channel_value(channel, 0, 0) == -255 * 0.5 + 1);
    assert_true(sd_channel_value(channel, 0, 1) == -32768 * 0.5 + 1);
    assert_int_equal(waveform->notes->len, 1);
    assert_non_null(strstr(waveform->notes->pdata[0], "last 1 bytes"));
    sd_waveform_free(waveform);

    options = (sd_waveform_options){.raw = true, .type = SD_SAMPLE_F32, .sample_rate = 1};
    waveform = open_bytes(state, "a.raw", bytes, 8, &options);
    channel = &waveform->channel[0];
    assert_int_equal(channel->segment[0].count, 2);
    assert_true(sd_channel_value(channel, 0, 1) == 1.0);
    assert_int_equal(waveform->notes->len, 0);
    sd_waveform_free(waveform);

    options.type = SD_SAMPLE_U8;
    waveform = open_bytes(state, "a.raw", bytes, sizeof bytes, &options);
    assert_int_equal(waveform->channel[0].segment[0].count, sizeof bytes);
    assert_true(sd_channel_value(&waveform->channel[0], 0, 1) == 255);
    sd_waveform_free(waveform);
}

/** A sample format that was given for a file with a header is not used, and that is said. */
static void raw_options_for_a_wfm(void **state)
{
    wfm_file file = wfm_default();
    GByteArray *bytes = wfm_build(&file, 1);
    sd_waveform_options options = {.raw = true, .type = SD_SAMPLE_S8, .sample_rate = 1};
    sd_waveform *waveform = open_bytes(state, "b.wfm", bytes->data, bytes->len, &options);
    g_byte_array_unref(bytes);
    assert_string_equal(waveform->format, "Tektronix WFM#003");
    assert_frame(&waveform->channel[0], &file, 0);
    assert_int_equal(waveform->notes->len, 1);
    sd_waveform_free(waveform);
}

/** What a sample of some type is worth, worked out byte by byte in little-endian order. */
static double sample_from_bytes(sd_sample_type type, const uint8_t *bytes)
{
    uint64_t bits = 0;
    for (size_t i = sd_sample_size(type); i-- > 0;) {
        bits = bits << 8 | bytes[i];
    }
    union {
        uint32_t bits;
        float number;
    } single = {.bits = (uint32_t)bits};
    union {
        uint64_t bits;
        double number;
    } pair = {.bits = bits};
    const double values[] = {
        [SD_SAMPLE_S8] = (double)bits - (bits >= 0x80 ? 0x100 : 0),
        [SD_SAMPLE_U8] = (double)bits,
        [SD_SAMPLE_S16] = (double)bits - (bits >= 0x8000 ? 0x10000 : 0),
        [SD_SAMPLE_U16] = (double)bits,
        [SD_SAMPLE_S32] = (double)bits - (bits >= 0x80000000 ? 4294967296.0 : 0),
        [SD_SAMPLE_U32] = (double)bits,
        [SD_SAMPLE_F32] = (double)single.number,
        [SD_SAMPLE_F64] = pair.number,
    };
    return values[type];
}

/** Random bytes as samples of each type, in both orders, contiguous and with gaps, unaligned. */
static void conversion(void **state)
{
    (void)state;
    enum { COUNT = 3000, STRIDE_MAX = 11, GUARD = 8 };
    GRand *random = g_rand_new_with_seed(1);
    g_autofree uint8_t *bytes = g_malloc(COUNT * STRIDE_MAX + 1);
    g_autofree float *volts = g_new(float, COUNT + GUARD);
    for (int type = SD_SAMPLE_S8; type <= SD_SAMPLE_F64; type++) {
        for (int big_endian = 0; big_endian <= 1; big_endian++) {
            for (size_t stride = sd_sample_size(type); stride <= STRIDE_MAX; stride++) {
                size_t size = sd_sample_size(type);
                for (size_t i = 0; i < COUNT * STRIDE_MAX + 1; i++) {
                    bytes[i] = (uint8_t)g_rand_int(random);
                }
                sd_segment segment = {.data = bytes + 1, .count = COUNT};
                sd_channel channel = {.type = (sd_sample_type)type,
                                      .big_endian = big_endian,
                                      .stride = stride,
                                      .scale = 0.375,
                                      .offset = -2,
                                      .segments = 1,
                                      .segment = &segment};
                size_t first = (size_t)g_rand_int_range(random, 0, 100);
                size_t count = COUNT - first - (size_t)g_rand_int_range(random, 0, 100);
                for (size_t i = 0; i < COUNT + GUARD; i++) {
                    volts[i] = 12345.0F;
                }
                sd_channel_read(&channel, 0, first, count, volts);
                for (size_t i = 0; i < count; i++) {
                    uint8_t sample[8];
                    for (size_t b = 0; b < size; b++) {
                        sample[b] =
                            segment.data[(first + i) * stride + (big_endian ? size - 1 - b : b)];
                    }
                    double stored = sample_from_bytes((sd_sample_type)type, sample);
                    double expected = stored * 0.375 - 2;
                    double value = sd_channel_value(&channel, 0, first + i);
                    assert_true(value == expected || (isnan(value) && isnan(expected)));
                    bool in_range = fabs(expected) <= 1e37;
                    double tolerance = fabs(stored) * 1e-7 + 1e-6;
                    if (in_range) {
                        assert_true(fabs((double)volts[i] - expected) <= tolerance);
                    } else {
                        assert_true(volts[i] == 0);
                    }
                }
                for (size_t i = count; i < COUNT + GUARD; i++) {
                    assert_true(volts[i] == 12345.0F);
                }
            }
        }
    }
    g_rand_free(random);
}

/** Not-a-number and infinite samples: 0 V from the fast path, as they are from the other. */
static void samples_that_are_no_numbers(void **state)
{
    (void)state;
    float singles[70] = {[3] = NAN, [64] = INFINITY, [66] = -INFINITY, [67] = 4};
    double doubles[70] = {[3] = NAN, [64] = INFINITY, [66] = -INFINITY, [67] = 4, [68] = 1e300};
    const struct {
        sd_sample_type type;
        const void *data;
    } cases[] = {{SD_SAMPLE_F32, singles}, {SD_SAMPLE_F64, doubles}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        sd_segment segment = {.data = cases[i].data, .count = 70};
        sd_channel channel = {.type = cases[i].type,
                              .big_endian = G_BYTE_ORDER == G_BIG_ENDIAN,
                              .stride = sd_sample_size(cases[i].type),
                              .scale = 2,
                              .offset = 1,
                              .segments = 1,
                              .segment = &segment};
        float volts[70];
        sd_channel_read(&channel, 0, 0, 70, volts);
        for (size_t k = 0; k < 70; k++) {
            bool bad = k == 3 || k == 64 || k == 66 || (k == 68 && i == 1);
            assert_true(volts[k] == (bad ? 0.0F : k == 67 ? 9.0F : 1.0F));
        }
        assert_true(isnan(sd_channel_value(&channel, 0, 3)));
        assert_true(isinf(sd_channel_value(&channel, 0, 64)));
    }
}

/** They are counted, and the first one is found, whatever part is asked for and however they lie.
 */
static void samples_that_are_no_numbers_are_counted(void **state)
{
    (void)state;
    enum { COUNT = 3000, GAP = 12 };
    static const uint64_t bad[] = {5, 6, 63, 64, 1023, 1024, 1500, 2999};
    static const double values[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 9.9e37};
    for (int i = 0; i < 8; i++) { /* width, order and distance of the samples */
        const bool is_double = i & 1, big_endian = i & 2, apart = i & 4;
        const size_t size = is_double ? 8 : 4, stride = size + (apart ? GAP : 0);
        g_autofree uint8_t *data = g_malloc0(COUNT * stride);
        for (size_t k = 0; k < G_N_ELEMENTS(bad); k++) {
            const double d = values[k % G_N_ELEMENTS(values)];
            const float f = (float)d;
            uint8_t bytes[8];
            memcpy(bytes, is_double ? (const void *)&d : (const void *)&f, size);
            for (size_t b = 0; b < size; b++) {
                const bool swap = big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);
                data[bad[k] * stride + b] = bytes[swap ? size - 1 - b : b];
            }
        }
        sd_segment segment = {.data = data, .count = COUNT};
        const sd_channel channel = {.type = is_double ? SD_SAMPLE_F64 : SD_SAMPLE_F32,
                                    .big_endian = big_endian,
                                    .stride = stride,
                                    .scale = 0.5,
                                    .segments = 1,
                                    .segment = &segment};
        static const uint64_t parts[][2] = {{0, COUNT}, {6, 1},    {7, 56},     {7, 57},
                                            {65, 0},    {65, 958}, {100, 2899}, {1024, 1976}};
        for (size_t p = 0; p < G_N_ELEMENTS(parts); p++) {
            uint64_t expected = 0, first = G_MAXUINT64, where = G_MAXUINT64;
            for (size_t k = 0; k < G_N_ELEMENTS(bad); k++) {
                if (bad[k] < parts[p][0] || bad[k] >= parts[p][0] + parts[p][1]) {
                    continue;
                }
                expected++;
                first = MIN(first, bad[k]);
            }
            assert_int_equal(sd_channel_not_finite(&channel, 0, parts[p][0], parts[p][1], &where),
                             expected);
            assert_true(where == first);
        }
    }
    static const int16_t codes[] = {-32768, 32767};
    sd_segment segment = {.data = (const uint8_t *)codes, .count = 2};
    const sd_channel channel = {
        .type = SD_SAMPLE_S16, .stride = 2, .scale = 1, .segments = 1, .segment = &segment};
    uint64_t where;
    assert_int_equal(sd_channel_not_finite(&channel, 0, 0, 2, &where), 0);
}

/** The header reader: all kinds of number in both orders. */
static void reader_numbers(void **state)
{
    static const uint8_t bytes[] = {0x80, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x87};
    g_autofree char *path = scratch_write(state, "numbers", bytes, sizeof bytes);
    sd_mapping *mapping = sd_mapping_open(path, NULL);
    assert_non_null(mapping);
    sd_reader reader = {.mapping = mapping};
    assert_int_equal(sd_reader_u8(&reader, 7, "f"), 0x87);
    assert_int_equal(sd_reader_u16(&reader, 6, "f"), 0x8706);
    assert_int_equal(sd_reader_i16(&reader, 6, "f"), 0x8706 - 0x10000);
    assert_int_equal(sd_reader_u32(&reader, 4, "f"), 0x87060504);
    assert_true(sd_reader_i32(&reader, 4, "f") == (int32_t)(0x87060504 - INT64_C(0x100000000)));
    assert_true(sd_reader_u64(&reader, 0, "f") == UINT64_C(0x8706050403020180));
    assert_true(sd_reader_f32(&reader, 0, "f") == ldexpf(0x820180 / 8388608.0F, 4 - 127 + 2));
    reader.big_endian = true;
    assert_int_equal(sd_reader_u16(&reader, 0, "f"), 0x8001);
    assert_int_equal(sd_reader_i16(&reader, 0, "f"), 0x8001 - 0x10000);
    assert_int_equal(sd_reader_u32(&reader, 0, "f"), 0x80010203);
    assert_true(sd_reader_u64(&reader, 0, "f") == UINT64_C(0x8001020304050687));
    assert_true(sd_reader_f64(&reader, 0, "f") < 0);
    assert_true(sd_reader_finish(&reader, NULL));
    sd_mapping_free(mapping);
}

/** The first failure is kept, with field and byte; later ones and later reads change nothing. */
static void reader_latches(void **state)
{
    g_autofree char *path = scratch_write(state, "short", "abcdef", 6);
    sd_mapping *mapping = sd_mapping_open(path, NULL);
    assert_non_null(mapping);
    static const uint64_t beyond[] = {3, 6, 7, UINT64_MAX - 3, UINT64_MAX};
    for (size_t i = 0; i < G_N_ELEMENTS(beyond); i++) {
        sd_reader reader = {.mapping = mapping};
        assert_int_equal(sd_reader_u32(&reader, beyond[i], "the gain"), 0);
        g_autofree char *text = sd_reader_text(&reader, 2, UINT32_MAX, "the name");
        assert_string_equal(text, "");
        sd_reader_fail(&reader, SD_ERROR_FORMAT, 0, "another");
        assert_int_equal(sd_reader_u8(&reader, 0, "f"), 'a');
        g_autoptr(GError) error = NULL;
        assert_false(sd_reader_finish(&reader, &error));
        assert_true(g_error_matches(error, SD_ERROR, SD_ERROR_DAMAGED));
        assert_non_null(strstr(error->message, path));
        assert_non_null(strstr(error->message, "the gain"));
        assert_non_null(strstr(error->message, "ends at byte 6"));
        assert_null(reader.error);
    }
    sd_mapping_free(mapping);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_orders_and_codes),
        cmocka_unit_test(precharge),
        cmocka_unit_test(fastframe),
        cmocka_unit_test(fastframe_of_one),
        cmocka_unit_test(summary_frame_is_left_out),
        cmocka_unit_test(frames_out_of_order_are_noted),
        cmocka_unit_test(label_and_units),
        cmocka_unit_test(modification_time),
        cmocka_unit_test(times_far_away),
        cmocka_unit_test(trailers),
        cmocka_unit_test(raw_files),
        cmocka_unit_test(raw_options_for_a_wfm),
        cmocka_unit_test(conversion),
        cmocka_unit_test(samples_that_are_no_numbers),
        cmocka_unit_test(samples_that_are_no_numbers_are_counted),
        cmocka_unit_test(reader_numbers),
        cmocka_unit_test(reader_latches),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
