/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Teledyne LeCroy .trc in all forms that the manual describes, and the refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "trc_file.h"
#include "waveform_check.h"

static sd_waveform *open_trc(void **state, const trc_file *file)
{
    GByteArray *bytes = trc_build(file);
    sd_waveform *waveform = open_bytes(state, "a.trc", bytes);
    g_byte_array_unref(bytes);
    return waveform;
}

static void assert_trc_refused(void **state, const trc_file *file, sd_error_code code,
                               const char *words)
{
    GByteArray *bytes = trc_build(file);
    assert_bytes_refused(state, "a.trc", bytes->data, bytes->len, code, words);
    g_byte_array_unref(bytes);
}

/** Holds all samples, in volts, against the codes of the file. */
static void assert_samples(const sd_waveform *waveform, const trc_file *file)
{
    const sd_channel *channel = &waveform->channel[0];
    assert_int_equal(channel->segments, file->segments);
    for (size_t s = 0; s < channel->segments; s++) {
        assert_int_equal(channel->segment[s].count, file->samples);
        for (size_t i = 0; i < file->samples; i++) {
            const double code = trc_code(file, s * file->samples + i);
            assert_true(sd_channel_value(channel, s, i) ==
                        code * (double)file->gain - (double)file->offset);
        }
    }
}

static void widths_orders_templates_and_prefixes(void **state)
{
    static const char *const prefixes[] = {
        "",
        "#9000000366",
        "#A0000000366",
        "C1:WF ALL,#9000000366",
        "\nC1:WAVEFORM DESC,#9000000366",
    };
    static const char *const templates[] = {"LECROY_2_3", "LECROY_2_2"};
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes) * 8; i++) {
        trc_file file = trc_default();
        file.comm_type = i & 1;
        file.big_endian = i & 2;
        file.template_name = templates[i >> 2 & 1];
        file.prefix = prefixes[i >> 3];
        file.user_text_length = (int32_t)i * 3;
        sd_waveform *waveform = open_trc(state, &file);
        assert_samples(waveform, &file);
        assert_non_null(strstr(waveform->format, file.template_name));
        assert_string_equal(waveform->instrument, "LECROYHDO9204, serial number 12345");
        assert_string_equal(waveform->channel[0].name, "C3");
        assert_string_equal(waveform->channel[0].unit, "V");
        assert_true(waveform->channel[0].interval == 5e-11);
        assert_true(waveform->channel[0].segment[0].start == -1.25e-9);
        assert_true(waveform->has_time);
        assert_int_equal(waveform->channel[0].segment[0].time_ns, INT64_C(1593457333249999998));
        assert_int_equal(waveform->channel[0].segment[0].time_ps, 750);
        sd_waveform_free(waveform);
    }
}

static void sequence(void **state)
{
    for (int i = 0; i < 4; i++) {
        trc_file file = trc_default();
        file.segments = i == 3 ? 1 : 4;
        file.trigtime = true;
        file.comm_type = i & 1;
        file.big_endian = i & 2;
        sd_waveform *waveform = open_trc(state, &file);
        assert_samples(waveform, &file);
        const sd_segment *segment = waveform->channel[0].segment;
        for (int32_t s = 0; s < file.segments; s++) {
            assert_true(segment[s].start == file.trigger_offset[s]);
            assert_int_equal(segment[s].time_ns,
                             INT64_C(1593457333250000000) +
                                 llround((file.trigger[s] + file.trigger_offset[s]) * 1e9));
        }
        sd_waveform_free(waveform);
    }
}

static void points_that_are_not_valid(void **state)
{
    trc_file file = trc_default();
    file.first_valid = 2;
    file.last_valid = 6;
    sd_waveform *waveform = open_trc(state, &file);
    const sd_channel *channel = &waveform->channel[0];
    assert_int_equal(channel->segment[0].count, 5);
    assert_true(sd_channel_value(channel, 0, 0) == trc_code(&file, 2) * 0.25 - 1.5);
    assert_near(channel->segment[0].start, -1.15e-9);
    assert_int_equal(channel->segment[0].time_ns, INT64_C(1593457333249999998));
    assert_int_equal(channel->segment[0].time_ps, 850);
    assert_true(has_note(waveform, "5 points"));
    sd_waveform_free(waveform);
}

static void names_and_times(void **state)
{
    trc_file file = trc_default();
    file.label = "TX+";
    file.serial = 0;
    file.month = 0;
    sd_waveform *waveform = open_trc(state, &file);
    assert_string_equal(waveform->channel[0].name, "TX+");
    assert_string_equal(waveform->instrument, "LECROYHDO9204");
    assert_false(waveform->has_time);
    sd_waveform_free(waveform);
    file = trc_default();
    file.source = 9;
    file.instrument = "";
    file.seconds = (double)NAN;
    file.unit = "A";
    waveform = open_trc(state, &file);
    assert_string_equal(waveform->channel[0].name, "1");
    assert_string_equal(waveform->channel[0].unit, "A");
    assert_null(waveform->instrument);
    assert_false(waveform->has_time);
    sd_waveform_free(waveform);
}

static void notes(void **state)
{
    trc_file file = trc_default();
    file.sparsing = 4;
    file.processing = 2;
    GByteArray *bytes = trc_build(&file);
    g_byte_array_append(bytes, (const uint8_t *)"C2:WF ALL", 9);
    sd_waveform *waveform = open_bytes(state, "a.trc", bytes);
    assert_true(has_note(waveform, "one sample of 4"));
    assert_true(has_note(waveform, "interpolated"));
    assert_true(has_note(waveform, "9 bytes behind the record"));
    sd_waveform_free(waveform);
    g_byte_array_unref(bytes);
}

#define CHANGED(FIELD, VALUE, CODE, WORDS)                                                         \
    do {                                                                                           \
        trc_file file = trc_default();                                                             \
        file.prefix = "#9000000366";                                                               \
        file.FIELD = (VALUE);                                                                      \
        assert_trc_refused(state, &file, CODE, WORDS);                                             \
    } while (0)

static void fields_that_cannot_be_true(void **state)
{
    CHANGED(template_name, "LECROY_1_0", SD_ERROR_FORMAT, "LECROY_1_0");
    CHANGED(template_name, "", SD_ERROR_FORMAT, "(byte 27)");
    CHANGED(comm_type, 2, SD_ERROR_DAMAGED, "(byte 43)");
    CHANGED(comm_type, -1, SD_ERROR_DAMAGED, "sample type is -1");
    CHANGED(comm_order, 2, SD_ERROR_DAMAGED, "(byte 45)");
    CHANGED(comm_order, 256, SD_ERROR_DAMAGED, "byte order");
    CHANGED(descriptor_length, 320, SD_ERROR_DAMAGED, "320");
    CHANGED(descriptor_length, -5, SD_ERROR_DAMAGED, "(byte 47)");
    CHANGED(descriptor_length, INT32_MAX, SD_ERROR_DAMAGED, "is cut");
    CHANGED(user_text_length, -1000, SD_ERROR_DAMAGED, "user text is -1000");
    CHANGED(user_text_length, INT32_MAX, SD_ERROR_DAMAGED, "is cut");
    CHANGED(trigtime_length, -16, SD_ERROR_DAMAGED, "TRIGTIME");
    CHANGED(trigtime_length, 1 << 20, SD_ERROR_DAMAGED, "is cut");
    CHANGED(array_1_length, 22, SD_ERROR_DAMAGED, "is cut");
    CHANGED(array_1_length, 18, SD_ERROR_DAMAGED, "(byte 127)");
    CHANGED(array_2_length, 20, SD_ERROR_DAMAGED, "WAVE_ARRAY_2");
    CHANGED(count, 0, SD_ERROR_DAMAGED, "counts 0 samples");
    CHANGED(count, -3, SD_ERROR_DAMAGED, "(byte 127)");
    CHANGED(count, INT32_MAX, SD_ERROR_DAMAGED, "2147483647 samples");
    CHANGED(segments, 0, SD_ERROR_DAMAGED, "(byte 155)");
    CHANGED(segments, -1, SD_ERROR_DAMAGED, "segments is -1");
    CHANGED(first_valid, 5, SD_ERROR_DAMAGED, "(byte 135)");
    CHANGED(last_valid, 10, SD_ERROR_DAMAGED, "0 to 10 of 10");
    CHANGED(last_valid, -10, SD_ERROR_DAMAGED, "-10");
    CHANGED(gain, 0, SD_ERROR_DAMAGED, "(byte 167)");
    CHANGED(gain, (float)NAN, SD_ERROR_DAMAGED, "vertical gain");
    CHANGED(offset, (float)INFINITY, SD_ERROR_DAMAGED, "offset inf");
    CHANGED(interval, 0, SD_ERROR_DAMAGED, "(byte 187)");
    CHANGED(interval, -1e-9F, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(interval, (float)NAN, SD_ERROR_DAMAGED, "sample interval");
    CHANGED(start, (double)INFINITY, SD_ERROR_DAMAGED, "(byte 191)");
    CHANGED(record_type, 10, SD_ERROR_DAMAGED, "(byte 327)");
    CHANGED(record_type, 5, SD_ERROR_UNSUPPORTED, "complex");
    CHANGED(record_type, 6, SD_ERROR_UNSUPPORTED, "extrema");
    CHANGED(record_type, 9, SD_ERROR_UNSUPPORTED, "peak detect");
    CHANGED(record_type, 2, SD_ERROR_UNSUPPORTED, "histogram");
    CHANGED(time_unit, "Hz", SD_ERROR_UNSUPPORTED, "\"Hz\"");
}

static void sequences_that_lie(void **state)
{
    trc_file file = trc_default();
    file.segments = 2;
    assert_trc_refused(state, &file, SD_ERROR_DAMAGED, "times of the segments have 0 bytes");
    file.trigtime = true;
    file.trigger[1] = -1;
    assert_trc_refused(state, &file, SD_ERROR_DAMAGED, "(byte 362)");
    file.trigger[1] = (double)NAN;
    assert_trc_refused(state, &file, SD_ERROR_DAMAGED, "segment 1");
    file = trc_default();
    file.segments = 3;
    file.trigtime = true;
    file.count = 29;
    file.array_1_length = 58;
    assert_trc_refused(state, &file, SD_ERROR_DAMAGED, "cannot be parted");
}

static void cut_at_every_byte(void **state)
{
    trc_file file = trc_default();
    file.prefix = "#9000000366";
    file.segments = 2;
    file.trigtime = true;
    GByteArray *bytes = trc_build(&file);
    for (guint size = 1; size < bytes->len; size++) {
        if (read_or_refuse(state, "a.trc", bytes->data, size)) {
            fail_msg("the first %u of %u bytes were read", size, bytes->len);
        }
    }
    assert_true(read_or_refuse(state, "a.trc", bytes->data, bytes->len));
    g_byte_array_unref(bytes);
}

/** Texts that speak of WAVEDESC are no .trc. */
static void not_a_trc(void **state)
{
    static const char template_text[] = "/00\n000000 LECROY_2_3:  TEMPLATE\n WAVEDESC: BLOCK\n";
    assert_bytes_refused(state, "a.txt", template_text, strlen(template_text), SD_ERROR_FORMAT,
                         "no known format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_orders_templates_and_prefixes),
        cmocka_unit_test(sequence),
        cmocka_unit_test(points_that_are_not_valid),
        cmocka_unit_test(names_and_times),
        cmocka_unit_test(notes),
        cmocka_unit_test(fields_that_cannot_be_true),
        cmocka_unit_test(sequences_that_lie),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(not_a_trc),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
