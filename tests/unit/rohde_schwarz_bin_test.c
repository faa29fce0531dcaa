/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rohde & Schwarz: pairs of a header file (XML) and a payload that the test writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "little_endian_writer.h"
#include "waveform_check.h"

#define HEADER  "pair.bin"
#define PAYLOAD "pair.Wfm.bin"

/** What the two files say. */
typedef struct {
    const char *format; /**< "INT8BIT", "INT16BIT", "FLOAT" or "XYDOUBLEFLOAT". */
    uint32_t code;
    const char *trace_type;
    const char *source_type;
    const char *x_unit;
    const char *x_start, *x_stop;
    const char *record_length, *hardware_length, *leading, *acquisitions;
    const char *levels, *scale, *offset, *position;
    const char *multi;      /**< "ON" or "OFF". */
    const char *state[4];   /**< Of the channels, with multi. */
    const char *traces;     /**< Values for each sampling time. */
    const char *timestamps; /**< "ON" or "OFF". */
    const char *timestamp;  /**< Of the record; NULL: there is none. */
    uint32_t payload_length;
    unsigned rows; /**< Written per acquisition. */
    unsigned written;
    const char *without; /**< A property that is left out. */
} pair;

/** A sound pair: int8, one channel, 6 rows of which 3 belong to the record. */
static pair sound(void)
{
    return (pair){
        .format = "INT8BIT",
        .trace_type = "NORMAL",
        .source_type = "SOURCE",
        .x_unit = "s",
        .x_start = "-1e-09",
        .x_stop = "2e-09",
        .record_length = "3",
        .hardware_length = "6",
        .leading = "2",
        .acquisitions = "1",
        .levels = "250",
        .scale = "0.1",
        .offset = "0.5",
        .position = "-2",
        .multi = "OFF",
        .state = {"OFF", "OFF", "OFF", "OFF"},
        .traces = "1",
        .timestamps = "OFF",
        .payload_length = 6,
        .rows = 6,
        .written = 1,
    };
}

static void put_property(GString *xml, const pair *p, const char *name, const char *prefix,
                         const char *value, const char *more)
{
    if (p->without && strcmp(p->without, name) == 0) {
        return;
    }
    g_string_append_printf(xml,
                           "\t\t<Prop Avail=\"0\" Name=\"%s\" Value=\"%s%s\" UserValue=\"7\"%s/>\n",
                           name, prefix, value, more);
}

static void put_list(GString *xml, const pair *p, const char *name, const char *prefix,
                     const char *const *values)
{
    if (p->without && strcmp(p->without, name) == 0) {
        return;
    }
    g_string_append_printf(xml, "\t\t<Prop Name=\"%s\" Size=\"4\"", name);
    for (int i = 0; i < 4; i++) {
        g_string_append_printf(xml, " I_%d=\"%s%s\"", i, prefix, values[i]);
    }
    g_string_append(xml, "/>\n");
}

static char *build_header(const pair *p)
{
    static const char *const sources[] = {"CH1_TR1", "CH2_TR2", "CH3_TR1", "M1"};
    static const char *const units[] = {"V", "A", "V", "V"};
    static const char *const scales[] = {"0.1", "0.2", "0.4", "0.8"};
    static const char *const offsets[] = {"0.5", "0", "-1", "2"};
    static const char *const positions[] = {"-2", "1", "0", "0"};
    const char *const traces[] = {p->traces, p->traces, p->traces, p->traces};
    GString *xml = g_string_new("<?xml version=\"1.0\" standalone=\"no\"?>\n"
                                "<Database FWVersion=\"\" SaveItemType=\"Data\">\n"
                                "\t<Group Name=\"ReferenceCurveAttributes\">\n");
    g_autofree char *x_unit = g_strdup_printf(" UnitName=\"%s\"", p->x_unit);
    put_property(xml, p, "SourceType", "eRS_SIGNAL_SOURCE_TYPE_", p->source_type, "");
    put_property(xml, p, "RecordLength", "", p->record_length, "");
    put_property(xml, p, "TraceType", "eRS_TRACE_TYPE_", p->trace_type, "");
    put_property(xml, p, "XStart", "", p->x_start, x_unit);
    put_property(xml, p, "XStop", "", p->x_stop, x_unit);
    put_property(xml, p, "SignalHardwareRecordLength", "", p->hardware_length, "");
    put_property(xml, p, "InterleavedTraceCount", "", p->traces, "");
    put_property(xml, p, "NofQuantisationLevels", "", p->levels, "");
    put_property(xml, p, "LeadingSettlingSamples", "", p->leading, "");
    put_property(xml, p, "VerticalPosition", "", p->position, "");
    put_property(xml, p, "VerticalScale", "", p->scale, " StepFactor=\"10\"");
    put_property(xml, p, "VerticalOffset", "", p->offset, "");
    put_property(xml, p, "ViewUnit", "eRS_UNIT_LEVEL_", "V", "");
    put_property(xml, p, "Source", "eRS_SIGNAL_SOURCE_", "CH4_TR1", "");
    put_property(xml, p, "VerticalDivisionCount", "", "10", "");
    put_property(xml, p, "MultiChannelExport", "eRS_ONOFF_", p->multi, "");
    put_list(xml, p, "MultiChannelVerticalOffset", "", offsets);
    put_list(xml, p, "MultiChannelVerticalPosition", "", positions);
    put_list(xml, p, "MultiChannelVerticalScale", "", scales);
    put_list(xml, p, "MultiChannelExportState", "eRS_ONOFF_", p->state);
    put_list(xml, p, "MultiChannelViewUnit", "eRS_UNIT_LEVEL_", units);
    put_list(xml, p, "MultiChannelInterleavedTraceCount", "", traces);
    put_list(xml, p, "MultiChannelSource", "eRS_SIGNAL_SOURCE_", sources);
    put_property(xml, p, "SignalFormat", "eRS_SIGNAL_FORMAT_", p->format, "");
    put_property(xml, p, "ByteOrder", "eRS_BYTE_ORDER_", "MSB_FIRST", "");
    put_property(xml, p, "NumberOfAcquisitions", "", p->acquisitions, "");
    put_property(xml, p, "TimestampState", "eRS_ONOFF_", p->timestamps, "");
    if (p->timestamp) {
        put_property(xml, p, "Timestamp", "", p->timestamp, "");
    }
    g_string_append(xml, "\t</Group>\n</Database>\n");
    return g_string_free(xml, FALSE);
}

/** The code of a sample. */
static int code_of(unsigned acquisition, unsigned row, unsigned channel)
{
    return (int)(20 * acquisition + row + 7 * channel) - 30;
}

static unsigned channels_of(const pair *p)
{
    unsigned count = 0;
    for (int i = 0; i < 4; i++) {
        count += strcmp(p->state[i], "ON") == 0;
    }
    return strcmp(p->multi, "ON") == 0 ? count : 1;
}

static GByteArray *build_payload(const pair *p)
{
    GByteArray *bytes = g_byte_array_new();
    put(bytes, p->code, 4);
    put(bytes, p->payload_length, 4);
    for (unsigned a = 0; a < p->written; a++) {
        if (strcmp(p->timestamps, "ON") == 0) {
            put_f64(bytes, -10 + 0.25 * a);
        }
        for (unsigned r = 0; r < p->rows; r++) {
            if (p->code == 6) {
                put_f64(bytes, -1e-9 * r);
            }
            for (unsigned c = 0; c < channels_of(p); c++) {
                int code = code_of(a, r, c);
                if (p->code < 2) {
                    put(bytes, (uint64_t)code, p->code + 1);
                } else {
                    put_f32(bytes, (float)code);
                }
            }
        }
    }
    return bytes;
}

/** Writes both files; gives the path of @p name, to be freed with g_free(). */
static char *write_pair(void **state, const pair *p, const char *name)
{
    g_autofree char *xml = build_header(p);
    g_autoptr(GByteArray) bytes = build_payload(p);
    g_free(scratch_write(state, HEADER, xml, strlen(xml)));
    g_free(scratch_write(state, PAYLOAD, bytes->data, bytes->len));
    return g_build_filename(*state, name, NULL);
}

static sd_waveform *open_pair(void **state, const pair *p, const char *name)
{
    g_autofree char *path = write_pair(state, p, name);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, NULL, &error);
    if (!waveform) {
        fail_msg("%s", error ? error->message : "no message");
    }
    assert_sound(waveform);
    return waveform;
}

/** All formats, one channel, given by either of the two files. */
static void formats(void **state)
{
    static const struct {
        const char *name;
        uint32_t code;
        double scale, offset;
    } cases[] = {
        {"INT8BIT", 0, 0.1 * 10 / 250, 0.7},
        {"INT16BIT", 1, 0.1 * 10 / 250, 0.7},
        {"FLOAT", 4, 1, 0},
        {"XYDOUBLEFLOAT", 6, 1, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (int given = 0; given <= 1; given++) {
            pair p = sound();
            p.format = cases[i].name;
            p.code = cases[i].code;
            sd_waveform *waveform = open_pair(state, &p, given ? PAYLOAD : HEADER);
            assert_int_equal(waveform->channels, 1);
            assert_false(waveform->has_time);
            const sd_channel *channel = &waveform->channel[0];
            assert_string_equal(channel->name, "CH4");
            assert_string_equal(channel->unit, "V");
            assert_int_equal(channel->segment[0].count, 3);
            assert_near(channel->interval, 1e-9);
            assert_near(channel->segment[0].start, -1e-9);
            for (unsigned k = 0; k < 3; k++) {
                assert_near(sd_channel_value(channel, 0, k),
                            code_of(0, 2 + k, 0) * cases[i].scale + cases[i].offset);
            }
            assert_int_equal(has_note(waveform, "most significant"), cases[i].code == 1);
            sd_waveform_free(waveform);
        }
    }
}

/** The second and third channel are on: rows of two. */
static void channels_in_rows(void **state)
{
    static const struct {
        const char *name;
        uint32_t code;
    } cases[] = {{"INT8BIT", 0}, {"INT16BIT", 1}, {"FLOAT", 4}, {"XYDOUBLEFLOAT", 6}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        pair p = sound();
        p.format = cases[i].name;
        p.code = cases[i].code;
        p.multi = "ON";
        p.state[1] = p.state[2] = "ON";
        sd_waveform *waveform = open_pair(state, &p, HEADER);
        assert_int_equal(waveform->channels, 2);
        const sd_channel *channel = waveform->channel;
        assert_string_equal(channel[0].name, "CH2_TR2");
        assert_string_equal(channel[0].unit, "A");
        assert_string_equal(channel[1].name, "CH3");
        bool raw = cases[i].code < 2;
        for (unsigned k = 0; k < 3; k++) {
            double first = code_of(0, 2 + k, 0);
            double second = code_of(0, 2 + k, 1);
            assert_near(sd_channel_value(&channel[0], 0, k),
                        raw ? first * 0.2 * 10 / 250 - 0.2 : first);
            assert_near(sd_channel_value(&channel[1], 0, k),
                        raw ? second * 0.4 * 10 / 250 - 1 : second);
        }
        sd_waveform_free(waveform);
    }
}

/** Three acquisitions, with and without timestamps. */
static void history(void **state)
{
    for (int stamped = 0; stamped <= 1; stamped++) {
        pair p = sound();
        p.acquisitions = "3";
        p.written = 3;
        p.timestamps = stamped ? "ON" : "OFF";
        sd_waveform *waveform = open_pair(state, &p, HEADER);
        const sd_channel *channel = &waveform->channel[0];
        assert_int_equal(channel->segments, 3);
        for (unsigned a = 0; a < 3; a++) {
            assert_near(sd_channel_value(channel, a, 0), code_of(a, 2, 0) * 0.004 + 0.7);
            assert_near(channel->segment[a].start, -1e-9);
            if (a > 0) {
                int64_t distance = channel->segment[a].time_ns - channel->segment[a - 1].time_ns;
                assert_int_equal(distance, stamped ? 250000000 : 4);
            }
        }
        sd_waveform_free(waveform);
    }
}

static void acquisitions_out_of_order(void **state)
{
    pair p = sound();
    p.acquisitions = "3";
    p.written = 3;
    p.timestamps = "ON";
    g_autofree char *path = write_pair(state, &p, HEADER);
    g_autoptr(GByteArray) bytes = build_payload(&p);
    const size_t last = 8 + (bytes->len - 8) / 3 * 2;
    poke_f64(bytes, last, -9.9);
    g_free(scratch_write(state, PAYLOAD, bytes->data, bytes->len));
    sd_waveform *waveform = sd_waveform_open(path, NULL, NULL);
    assert_non_null(waveform);
    assert_int_equal(noted_byte(waveform, "its timestamp in the file of the samples"), last);
    sd_waveform_free(waveform);
}

/** The time of the acquisition: with a date, and with the time of day alone. */
static void acquisition_time(void **state)
{
    pair p = sound();
    p.acquisitions = "3";
    p.written = 3;
    p.timestamps = "ON";
    p.timestamp = "2021:09:09 10:29 14,017.925.386 s";
    sd_waveform *waveform = open_pair(state, &p, HEADER);
    assert_true(waveform->has_time);
    assert_true(has_note(waveform, "taken for UTC, and for that of the first acquisition"));
    for (unsigned a = 0; a < 3; a++) {
        const sd_segment *segment = &waveform->channel[0].segment[a];
        assert_int_equal(segment->time_ns,
                         INT64_C(1631183354017925386) - 1 + a * INT64_C(250000000));
        assert_int_equal(segment->time_ps, 0);
    }
    sd_waveform_free(waveform);

    static const char *const no_dates[] = {"17:12 47,143.321.015 s",
                                           "2021:13:09 10:29 14,017.925.386 s", "2021:09:09"};
    for (size_t i = 0; i < G_N_ELEMENTS(no_dates); i++) {
        p = sound();
        p.timestamp = no_dates[i];
        waveform = open_pair(state, &p, HEADER);
        assert_false(waveform->has_time);
        assert_true(has_note(waveform, no_dates[i]));
        sd_waveform_free(waveform);
    }
}

static void what_follows(void **state)
{
    pair p = sound();
    p.rows = 7;
    sd_waveform *waveform = open_pair(state, &p, HEADER);
    assert_true(has_note(waveform, "1 bytes more"));
    sd_waveform_free(waveform);
    /* Old firmware: the payload counts the samples of all channels. */
    p = sound();
    p.multi = "ON";
    p.state[0] = p.state[1] = "ON";
    p.payload_length = 12;
    waveform = open_pair(state, &p, HEADER);
    assert_int_equal(waveform->channels, 2);
    sd_waveform_free(waveform);
    p = sound();
    p.trace_type = "AVERAGE";
    sd_waveform_free(open_pair(state, &p, HEADER));
}

/** The other file is looked for in the same folder, whatever the case of its ending. */
static void the_other_file(void **state)
{
    pair p = sound();
    g_autofree char *xml = build_header(&p);
    g_autoptr(GByteArray) bytes = build_payload(&p);
    g_autofree char *header = scratch_write(state, "alone.bin", xml, strlen(xml));
    assert_refused(header, NULL, SD_ERROR_OPEN, "alone.Wfm.bin does not exist");
    g_autofree char *payload = scratch_write(state, "lonely.Wfm.bin", bytes->data, bytes->len);
    assert_refused(payload, NULL, SD_ERROR_OPEN, "lonely.bin does not exist");

    g_autofree char *upper = scratch_write(state, "CASE.BIN", xml, strlen(xml));
    g_autofree char *other = scratch_write(state, "CASE.WFM.BIN", bytes->data, bytes->len);
    sd_waveform *waveform = sd_waveform_open(upper, NULL, NULL);
    assert_non_null(waveform);
    sd_waveform_free(waveform);
    waveform = sd_waveform_open(other, NULL, NULL);
    assert_non_null(waveform);
    sd_waveform_free(waveform);
}

/* One macro per row keeps the table below readable: a sound pair with one field changed. */
#define CHANGED(FIELD, VALUE, CODE, WORDS)                                                         \
    do {                                                                                           \
        pair p = sound();                                                                          \
        p.FIELD = (VALUE);                                                                         \
        g_autofree char *path = write_pair(state, &p, HEADER);                                     \
        g_autoptr(GError) error = NULL;                                                            \
        sd_waveform *waveform = sd_waveform_open(path, NULL, &error);                              \
        assert_null(waveform);                                                                     \
        if (!error || error->code != (int)(CODE) || !strstr(error->message, WORDS)) {              \
            fail_msg("expected \"%s\", got %s", WORDS, error ? error->message : "no error");       \
        }                                                                                          \
    } while (0)

static void properties_that_cannot_be_true(void **state)
{
    CHANGED(format, "DOUBLE", SD_ERROR_UNSUPPORTED, "FORMAT_DOUBLE");
    CHANGED(trace_type, "ENVELOPE", SD_ERROR_UNSUPPORTED, "no sampled record");
    CHANGED(traces, "2", SD_ERROR_UNSUPPORTED, "envelope");
    CHANGED(source_type, "DIGITAL", SD_ERROR_UNSUPPORTED, "digital");
    CHANGED(x_unit, "Hz", SD_ERROR_UNSUPPORTED, "\"Hz\"");
    CHANGED(multi, "ON", SD_ERROR_UNSUPPORTED, "no analog channel");
    CHANGED(x_stop, "-1e-09", SD_ERROR_DAMAGED, "sample interval");
    CHANGED(x_stop, "-2e-09", SD_ERROR_DAMAGED, "property XStop, line 8, before byte ");
    CHANGED(x_stop, "nan", SD_ERROR_DAMAGED, "\"nan\" is no number");
    CHANGED(x_start, "inf", SD_ERROR_DAMAGED, "property XStart, line 7");
    CHANGED(x_start, "", SD_ERROR_DAMAGED, "no number");
    CHANGED(x_start, "1e-9x", SD_ERROR_DAMAGED, "no number");
    CHANGED(record_length, "0", SD_ERROR_DAMAGED, "RecordLength");
    CHANGED(record_length, "-3", SD_ERROR_DAMAGED, "no whole number from 1");
    CHANGED(record_length, "5", SD_ERROR_DAMAGED, "does not fit");
    CHANGED(record_length, "99999999999999999999", SD_ERROR_DAMAGED, "no whole number");
    CHANGED(leading, "4", SD_ERROR_DAMAGED, "4 settling samples");
    CHANGED(leading, "18446744073709551615", SD_ERROR_DAMAGED, "does not fit");
    CHANGED(hardware_length, "2", SD_ERROR_DAMAGED, "does not fit");
    CHANGED(hardware_length, "7", SD_ERROR_DAMAGED, "belong together");
    CHANGED(hardware_length, "4294967302", SD_ERROR_DAMAGED, "is cut");
    CHANGED(acquisitions, "0", SD_ERROR_DAMAGED, "NumberOfAcquisitions");
    CHANGED(acquisitions, "2", SD_ERROR_DAMAGED, "2 acquisitions of 6 rows");
    CHANGED(acquisitions, "18446744073709551615", SD_ERROR_DAMAGED, "is cut");
    CHANGED(levels, "0", SD_ERROR_DAMAGED, "cannot be true");
    CHANGED(levels, "x", SD_ERROR_DAMAGED, "NofQuantisationLevels");
    CHANGED(scale, "0", SD_ERROR_DAMAGED, "property VerticalScale");
    CHANGED(scale, "1e300", SD_ERROR_DAMAGED, "cannot be true");
    CHANGED(offset, "1e300", SD_ERROR_DAMAGED, "offset 1e+300");
    CHANGED(code, 1, SD_ERROR_DAMAGED, "format code 1");
    CHANGED(payload_length, 5, SD_ERROR_DAMAGED, "(byte 4)");
    CHANGED(rows, 5, SD_ERROR_DAMAGED, "(byte 13)");

    CHANGED(without, "RecordLength", SD_ERROR_DAMAGED, "there is no property RecordLength");
    CHANGED(without, "SignalFormat", SD_ERROR_UNSUPPORTED, "SignalFormat");
    CHANGED(without, "TraceType", SD_ERROR_UNSUPPORTED, "TraceType");
    CHANGED(without, "XStart", SD_ERROR_DAMAGED, "XStart");
    CHANGED(without, "VerticalDivisionCount", SD_ERROR_DAMAGED, "VerticalDivisionCount");
}

static void timestamps_that_cannot_be_true(void **state)
{
    pair p = sound();
    p.timestamps = "ON";
    g_free(write_pair(state, &p, HEADER));
    g_autoptr(GByteArray) bytes = build_payload(&p);
    poke_f64(bytes, 8, (double)NAN);
    g_autofree char *payload = scratch_write(state, PAYLOAD, bytes->data, bytes->len);
    assert_refused(payload, NULL, SD_ERROR_DAMAGED, "(byte 8)");
}

/** The header file, and then the payload, cut behind each byte. */
static void cut(void **state)
{
    pair p = sound();
    p.acquisitions = "2";
    p.written = 2;
    g_free(write_pair(state, &p, HEADER));
    g_autofree char *xml = build_header(&p);
    g_autoptr(GByteArray) header = g_byte_array_new();
    put_text(header, xml, strlen(xml));
    /* The line feed behind the last tag may be missing. */
    cut_behind_every_byte(state, HEADER, header, header->len - 1);

    g_free(write_pair(state, &p, HEADER));
    g_autoptr(GByteArray) payload = build_payload(&p);
    cut_behind_every_byte(state, PAYLOAD, payload, payload->len);
}

static void damaged(void **state)
{
    enum { ROUNDS = 500 };
    pair p = sound();
    g_autofree char *xml = build_header(&p);
    g_free(write_pair(state, &p, HEADER));
    GRand *random = g_rand_new_with_seed(7);
    size_t length = strlen(xml);
    int read = 0;
    for (int round = 0; round < ROUNDS; round++) {
        g_autofree char *bytes = g_memdup2(xml, length);
        static const char favourites[] = "\"<>&-e9.0 \xFF";
        /* Behind <Database: without it the file is none of this format. */
        size_t at = (size_t)g_rand_int_range(random, 60, (gint32)length);
        bytes[at] = favourites[g_rand_int_range(random, 0, sizeof favourites)];
        read += read_or_refuse(state, HEADER, bytes, length);
    }
    g_rand_free(random);
    assert_in_range(read, 1, ROUNDS - 1);
}

static void not_a_header(void **state)
{
    assert_bytes_refused(state, "other.bin", "<?xml version=\"1.0\"?><html/>", 28, SD_ERROR_FORMAT,
                         "no known format");
    g_autoptr(GByteArray) huge = g_byte_array_new();
    put_text(huge, "<?xml version=\"1.0\"?><Database>", 31);
    g_byte_array_set_size(huge, 5000000);
    memset(huge->data + 31, ' ', 5000000 - 31);
    g_autofree char *header = scratch_write(state, "huge.bin", huge->data, huge->len);
    g_free(scratch_write(state, "huge.Wfm.bin", "\0\0\0\0\0\0\0\0", 8));
    assert_refused(header, NULL, SD_ERROR_DAMAGED, "ends at byte 5000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(channels_in_rows),
        cmocka_unit_test(history),
        cmocka_unit_test(acquisitions_out_of_order),
        cmocka_unit_test(acquisition_time),
        cmocka_unit_test(what_follows),
        cmocka_unit_test(the_other_file),
        cmocka_unit_test(properties_that_cannot_be_true),
        cmocka_unit_test(timestamps_that_cannot_be_true),
        cmocka_unit_test(cut),
        cmocka_unit_test(damaged),
        cmocka_unit_test(not_a_header),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
