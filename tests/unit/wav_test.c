/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WAV: sample types, chunks, sizes that are not known, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bytes.h"
#include "opened.h"

#define FRAMES 30

/** What the file says; wav_default() gives a sound one. */
typedef struct {
    const char *magic;
    uint16_t tag;
    uint16_t channels;
    uint32_t rate;
    uint16_t block; /**< 0: what belongs there. */
    uint16_t bits;
    bool extensible;
    uint32_t format_size; /**< 0: what belongs there. */
    uint32_t data_size;   /**< 1: what belongs there. */
    uint64_t large;       /**< Not 0: a chunk "ds64". */
    bool odd_chunk;       /**< A chunk of odd size in front of the others. */
    bool no_format, no_data;
    const char *behind; /**< Behind the samples. */
} wav_file;

static wav_file wav_default(void)
{
    return (wav_file){
        .magic = "RIFF",
        .tag = 1,
        .channels = 2,
        .rate = 1000000,
        .bits = 16,
        .data_size = 1,
        .behind = "",
    };
}

/** Code @p index of a channel. */
static double code(const wav_file *file, size_t index, size_t channel)
{
    double value = test_sample(index * file->channels + channel);
    if (file->tag == 3)
        return value / 128;
    return file->bits <= 8 ? value : (value - 60) * (double)(INT64_C(1) << (file->bits - 8));
}

static GByteArray *wav_build(const wav_file *file)
{
    const uint16_t size = file->bits / 8;
    GByteArray *bytes = g_byte_array_new();
    put_text(bytes, file->magic);
    put_u32(bytes, false, 0xFFFFFFFF);
    put_text(bytes, "WAVE");
    if (file->odd_chunk) {
        put_text(bytes, "LIST");
        put_u32(bytes, false, 3);
        g_byte_array_append(bytes, (const guint8 *)"abc", 4);
    }
    if (file->large) {
        put_text(bytes, "ds64");
        put_u32(bytes, false, 28);
        put_u64(bytes, false, 0);
        put_u64(bytes, false, file->large);
        put_u64(bytes, false, 0);
        put_u32(bytes, false, 0);
    }
    if (!file->no_format) {
        put_text(bytes, "fmt ");
        put_u32(bytes, false, file->format_size ? file->format_size : file->extensible ? 40 : 16);
        put_u16(bytes, false, file->extensible ? 0xFFFE : file->tag);
        put_u16(bytes, false, file->channels);
        put_u32(bytes, false, file->rate);
        put_u32(bytes, false, 0); /* bytes per second: not to be trusted */
        put_u16(bytes, false, file->block ? file->block : (uint16_t)(file->channels * size));
        put_u16(bytes, false, file->bits);
        if (file->extensible) {
            put_u16(bytes, false, 22);
            put_u16(bytes, false, file->bits);
            put_u32(bytes, false, 3);
            put_u16(bytes, false, file->tag);
            for (int i = 0; i < 14; i++)
                put_text(bytes, "g");
        }
    }
    if (!file->no_data) {
        put_text(bytes, "data");
        put_u32(bytes, false,
                file->data_size == 1 ? FRAMES * (uint32_t)file->channels * size : file->data_size);
    }
    for (size_t i = 0; i < FRAMES; i++) {
        for (size_t c = 0; c < file->channels && c < 8; c++)
            put_sample(bytes, false, file->tag == 3 ? 'f' : 'i', size, code(file, i, c));
    }
    put_text(bytes, file->behind);
    return bytes;
}

static sd_waveform *open_wav(void **state, const wav_file *file, const sd_waveform_options *options)
{
    GByteArray *bytes = wav_build(file);
    g_autofree char *path = scratch_write(state, "record.wav", bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    sd_waveform *waveform = open_sound(path, options);
    assert_sound(waveform);
    return waveform;
}

/** Holds the samples against the codes. */
static void assert_samples(const sd_waveform *waveform, const wav_file *file, size_t frames)
{
    assert_int_equal(waveform->channels, file->channels);
    for (size_t c = 0; c < file->channels; c++) {
        const sd_channel *channel = &waveform->channel[c];
        assert_int_equal(channel->segment[0].count, frames);
        assert_true(channel->interval == 1e-6);
        assert_string_equal(channel->unit, "full scale");
        for (size_t i = 0; i < FRAMES; i++) {
            double full = file->tag == 3 ? 1 : (double)(INT64_C(1) << (file->bits - 1));
            double expected = code(file, i, c) / full - (file->bits == 8 ? 1 : 0);
            assert_true(sd_channel_value(channel, 0, i) == expected);
        }
    }
}

static void sample_types(void **state)
{
    static const struct {
        uint16_t tag, bits;
    } rows[] = {{1, 8}, {1, 16}, {1, 24}, {1, 32}, {3, 32}, {3, 64}};
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (uint16_t channels = 1; channels <= 3; channels++) {
            for (int extensible = 0; extensible <= 1; extensible++) {
                wav_file file = wav_default();
                file.tag = rows[i].tag;
                file.bits = rows[i].bits;
                file.channels = channels;
                file.extensible = extensible;
                file.odd_chunk = extensible;
                sd_waveform *waveform = open_wav(state, &file, NULL);
                assert_string_equal(waveform->format, "WAV");
                assert_false(waveform->has_time);
                assert_samples(waveform, &file, FRAMES);
                sd_waveform_free(waveform);
            }
        }
    }
}

/** More samples than are widened at a time. */
static void long_24_bit_record(void **state)
{
    enum { SAMPLES = 40000 };
    wav_file file = wav_default();
    file.bits = 24;
    file.channels = 1;
    file.data_size = 3 * SAMPLES;
    GByteArray *bytes = wav_build(&file);
    for (size_t i = FRAMES; i < SAMPLES; i++)
        put_sample(bytes, false, 'i', 3, code(&file, i, 0));
    g_autofree char *path = scratch_write(state, "long.wav", bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    sd_waveform *waveform = open_sound(path, NULL);
    for (size_t i = 0; i < SAMPLES; i++)
        assert_true(sd_channel_value(&waveform->channel[0], 0, i) == code(&file, i, 0) / 8388608);
    sd_waveform_free(waveform);
}

/** Sizes of 0 or all ones mean: to the end; RF64 has the size elsewhere. */
static void sizes_that_are_not_known(void **state)
{
    static const uint32_t sizes[] = {0, 0xFFFFFFFF};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        wav_file file = wav_default();
        file.data_size = sizes[i];
        sd_waveform *waveform = open_wav(state, &file, NULL);
        assert_samples(waveform, &file, FRAMES);
        sd_waveform_free(waveform);
        file.behind = "abc";
        waveform = open_wav(state, &file, NULL);
        assert_samples(waveform, &file, FRAMES);
        assert_true(has_note(waveform, "the last 3 bytes"));
        sd_waveform_free(waveform);
    }
    wav_file file = wav_default();
    file.magic = "RF64";
    file.data_size = 0xFFFFFFFF;
    file.large = FRAMES * 4;
    file.behind = "LIST chunk behind the samples";
    sd_waveform *waveform = open_wav(state, &file, NULL);
    assert_samples(waveform, &file, FRAMES);
    sd_waveform_free(waveform);
}

/** The rate of the user counts: most oscilloscopes are faster than 32 bits can say. */
static void options_of_the_user(void **state)
{
    const sd_waveform_options options = {.sample_rate = 5e10, .scale = 0.5, .offset = 0.25};
    static const uint16_t bits[] = {8, 16};
    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        wav_file file = wav_default();
        file.bits = bits[i];
        sd_waveform *waveform = open_wav(state, &file, NULL);
        sd_waveform *scaled = open_wav(state, &file, &options);
        assert_true(scaled->channel[0].interval == 2e-11);
        assert_string_equal(scaled->channel[0].unit, "V");
        assert_true(sd_channel_value(&scaled->channel[0], 0, 7) ==
                    sd_channel_value(&waveform->channel[0], 0, 7) * 0.5 + 0.25);
        sd_waveform_free(waveform);
        sd_waveform_free(scaled);
    }
}

static void assert_wav_refused(void **state, const wav_file *file, sd_error_code error,
                               const char *words)
{
    GByteArray *bytes = wav_build(file);
    g_autofree char *path = scratch_write(state, "refused.wav", bytes->data, bytes->len);
    g_byte_array_unref(bytes);
    assert_refused(path, NULL, error, words);
}

/* One macro per row keeps the list below readable: a sound file with one field changed. */
#define CHANGED(FIELD, VALUE, CODE, WORDS)                                                         \
    do {                                                                                           \
        wav_file file = wav_default();                                                             \
        file.FIELD = (VALUE);                                                                      \
        assert_wav_refused(state, &file, CODE, WORDS);                                             \
    } while (0)

static void fields_that_cannot_be_true(void **state)
{
    CHANGED(tag, 2, SD_ERROR_UNSUPPORTED, "format tag 2");
    CHANGED(tag, 3, SD_ERROR_UNSUPPORTED, "format tag 3 with 2 bytes");
    CHANGED(channels, 0, SD_ERROR_DAMAGED, "0 channels");
    CHANGED(rate, 0, SD_ERROR_USAGE, "needs --sample-rate");
    CHANGED(block, 3, SD_ERROR_DAMAGED, "3 bytes for 2 channels");
    CHANGED(block, 2, SD_ERROR_DAMAGED, "2 bytes for 2 channels of 16 bits");
    CHANGED(bits, 0, SD_ERROR_DAMAGED, "(byte 32)");
    CHANGED(bits, 40, SD_ERROR_UNSUPPORTED, "5 bytes each");
    CHANGED(format_size, 15, SD_ERROR_DAMAGED, "has 15 bytes, less than 16");
    CHANGED(format_size, 0xFFFFFFFF, SD_ERROR_DAMAGED, "before the chunk \"data\"");
    CHANGED(data_size, 4000000000U, SD_ERROR_DAMAGED, "the file is cut");
    CHANGED(data_size, 3, SD_ERROR_DAMAGED, "less than one sample");
    CHANGED(no_format, true, SD_ERROR_DAMAGED, "no chunk \"fmt \"");
    CHANGED(no_data, true, SD_ERROR_DAMAGED, "before the chunk \"data\"");
    wav_file file = wav_default();
    file.channels = 65535;
    file.data_size = 0;
    assert_wav_refused(state, &file, SD_ERROR_DAMAGED, "65535 channels");
    file = wav_default();
    file.large = UINT64_MAX;
    file.data_size = 0xFFFFFFFF;
    assert_wav_refused(state, &file, SD_ERROR_DAMAGED, "the file is cut");
}

static void damaged(void **state)
{
    for (int extensible = 0; extensible <= 1; extensible++) {
        wav_file file = wav_default();
        file.extensible = extensible;
        file.bits = extensible ? 24 : 16;
        g_autoptr(GByteArray) bytes = wav_build(&file);
        cut_everywhere(state, "cut.wav", bytes, NULL, bytes->len, 1);
        damage_everywhere(state, "damaged.wav", bytes, NULL, 70, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_types),
        cmocka_unit_test(long_24_bit_record),
        cmocka_unit_test(sizes_that_are_not_known),
        cmocka_unit_test(options_of_the_user),
        cmocka_unit_test(fields_that_cannot_be_true),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
