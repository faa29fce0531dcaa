/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns of numbers as text: separators, headers and units, the dialects of oscilloscopes, the
 * axis of time, and what has to be refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "waveform/csv_table.h"
#include "waveform_check.h"

static sd_waveform *open_named(void **state, const char *name, const char *text)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const uint8_t *)text, (guint)strlen(text));
    sd_waveform *waveform = open_bytes(state, name, bytes);
    g_byte_array_unref(bytes);
    return waveform;
}

static sd_waveform *open_text(void **state, const char *text)
{
    return open_named(state, "a.csv", text);
}

static sd_waveform *open_with_rate(void **state, const char *text, double rate)
{
    const sd_waveform_options options = {.sample_rate = rate};
    g_autofree char *path = scratch_write(state, "a.csv", text, strlen(text));
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, &options, &error);
    if (error) {
        fail_msg("%s", error->message);
    }
    assert_sound(waveform);
    return waveform;
}

/** Holds a number to within a part of the expected one. */
static void assert_within(double is, double expected, double relative)
{
    if (!(fabs(is - expected) <= relative * fabs(expected))) {
        fail_msg("%.17g is not %.17g", is, expected);
    }
}

static void assert_text_refused(void **state, const char *text, sd_error_code code,
                                const char *words)
{
    assert_bytes_refused(state, "a.csv", text, strlen(text), code, words);
}

/** Holds count, first and last value of a channel. */
static void assert_channel(const sd_waveform *waveform, size_t index, const char *name,
                           uint64_t count, double first, double last)
{
    assert_true(index < waveform->channels);
    const sd_channel *channel = &waveform->channel[index];
    assert_string_equal(channel->name, name);
    assert_int_equal(channel->segment[0].count, count);
    assert_within(sd_channel_value(channel, 0, 0), first, 1e-7);
    assert_within(sd_channel_value(channel, 0, count - 1), last, 1e-7);
}

static void assert_axis(const sd_waveform *waveform, double interval, double start)
{
    assert_within(waveform->channel[0].interval, interval, 1e-9);
    assert_within(waveform->channel[0].segment[0].start, start, 1e-9);
}

static void separators_and_decimal_marks(void **state)
{
    static const char *const texts[] = {
        "-1.0e-9,0.25,-3\n0.0,0.5,-2\n1.0e-9,0.75,-1\n",
        "-1.0e-9, 0.25, -3\r\n0.0, 0.5, -2\r\n1.0e-9, 0.75, -1\r\n",
        "-1.0e-9;0.25;-3\n0.0;0.5;-2\n1.0e-9;0.75;-1",
        "-1,0e-9;0,25;-3\n0,0;0,5;-2\n1,0e-9;0,75;-1\n",
        "-1.0e-9\t0.25\t-3\n0.0\t0.5\t-2\n1.0e-9\t0.75\t-1\n",
        "-1,0E-9\t0,25\t-3\n0,0\t0,5\t-2\n1,0E-9\t0,75\t-1\n",
        "-1.0e-9   0.25 -3 \n    0.0    0.5 -2\n 1.0e-9   0.75 -1\n",
        "-1,0e-9 0,25 -3\n0,0 0,5 -2\n1,0e-9 0,75 -1\n",
        "\"-1.0e-9\",\"0.25\",\"-3\"\n\"0.0\",\"0.5\",\"-2\"\n\"1.0e-9\",\"0.75\",\"-1\"\n",
        "\xEF\xBB\xBF-1.0e-9,0.25,-3\n0.0,0.5,-2\n1.0e-9,0.75,-1\n",
        "-1.0e-9,0.25,-3,\n0.0,0.5,-2,\n1.0e-9,0.75,-1, \n\n\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        sd_waveform *waveform = open_text(state, texts[i]);
        assert_int_equal(waveform->channels, 2);
        assert_channel(waveform, 0, "1", 3, 0.25, 0.75);
        assert_channel(waveform, 1, "2", 3, -3, -1);
        assert_axis(waveform, 1e-9, -1e-9);
        assert_string_equal(waveform->format, "CSV");
        assert_false(waveform->has_time);
        sd_waveform_free(waveform);
    }
}

/** The times need not stand in the first column. */
static void times_behind_the_samples(void **state)
{
    sd_waveform *waveform = open_text(state, "0.25,-1.0e-9\n-0.5,0.0\n0.75,1.0e-9\n0.5,2.0e-9\n");
    assert_channel(waveform, 0, "1", 4, 0.25, 0.5);
    assert_axis(waveform, 1e-9, -1e-9);
    sd_waveform_free(waveform);
}

static void without_times(void **state)
{
    static const char *const texts[] = {
        "0.25\n-0.5\n0.5\n",
        "CH1\n0.25\n-0.5\n0.5",
        "0,25\n-0,05\n0,5\n",
        "0.25,\n-0.5,\n0.5,\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        sd_waveform *waveform = open_with_rate(state, texts[i], 2e10);
        assert_int_equal(waveform->channels, 1);
        assert_channel(waveform, 0, i == 1 ? "CH1" : "1", 3, 0.25, 0.5);
        assert_axis(waveform, 5e-11, 0);
        sd_waveform_free(waveform);
        assert_text_refused(state, texts[i], SD_ERROR_FORMAT, "--sample-rate");
    }
    /* Rows that are counted are no seconds. */
    const char *counted = "0,0.25\n1,-0.5\n2,0.5\n3,0.125\n";
    sd_waveform *waveform = open_with_rate(state, counted, 2e10);
    assert_int_equal(waveform->channels, 1);
    assert_channel(waveform, 0, "1", 4, 0.25, 0.125);
    assert_axis(waveform, 5e-11, 0);
    sd_waveform_free(waveform);
    assert_text_refused(state, counted, SD_ERROR_FORMAT, "--sample-rate");
    /* A rate that the file has itself may be given, but not another one. */
    const char *timed = "0.0,0.25\n1.0e-9,-0.5\n2.0e-9,0.5\n";
    waveform = open_with_rate(state, timed, 1e9);
    assert_axis(waveform, 1e-9, 0);
    sd_waveform_free(waveform);
    g_autofree char *path = scratch_write(state, "a.csv", timed, strlen(timed));
    const sd_waveform_options options = {.sample_rate = 2e10};
    assert_refused(path, &options, SD_ERROR_USAGE, "--sample-rate");
}

static void headers_and_units(void **state)
{
    static const struct {
        const char *header, *name;
        double interval, volt;
        const char *unit;
    } cases[] = {
        {"Time,CH1\n", "CH1", 1, 1, "V"},
        {"time (s),CH 1 (V)\n", "CH 1", 1, 1, "V"},
        {"Time [ns],CH1 [mV]\n", "CH1", 1e-9, 1e-3, "V"},
        {"Time,Channel A\n(us),(mV)\n\n", "Channel A", 1e-6, 1e-3, "V"},
        {"Time,Channel A\n(\xC2\xB5s),(V)\n\n", "Channel A", 1e-6, 1, "V"},
        {"in s,C1 in V\n", "C1", 1, 1, "V"},
        {"s,Volts\n", "1", 1, 1, "V"},
        {"Second,Ampere\n", "1", 1, 1, "A"},
        {"ps,uV\n", "1", 1e-12, 1e-6, "V"},
        {"# a comment, with commas, in it\nfrom a program\nTime,TX+\n", "TX+", 1, 1, "V"},
        {"Oscilloscope,X,Y\n\"x-axis\",\"1\"\nsecond,Volt\n", "1", 1, 1, "V"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text =
            g_strconcat(cases[i].header, "-0.25,1.5\n0.00,-2.5\n0.25,3.5\n", NULL);
        sd_waveform *waveform = open_text(state, text);
        assert_channel(waveform, 0, cases[i].name, 3, 1.5 * cases[i].volt, 3.5 * cases[i].volt);
        assert_string_equal(waveform->channel[0].unit, cases[i].unit);
        assert_axis(waveform, 0.25 * cases[i].interval, -0.25 * cases[i].interval);
        sd_waveform_free(waveform);
    }
    assert_text_refused(state, "Frequency (Hz),dBm\n0,1\n10,2\n20,3\n", SD_ERROR_UNSUPPORTED,
                        "\"Hz\"");
}

static void tektronix(void **state)
{
    /* MDO4000 and its like. */
    sd_waveform *waveform = open_text(
        state, "Model,MDO4104C\nFirmware Version,1.10\n\nWaveform Type,ANALOG,\nPoint Format,Y,\n"
               "Horizontal Units,s,\nSample Interval,2e-08,\nRecord Length,3,\nVertical Units,V,A\n"
               ",,\nLabel,,\nTIME,CH1,CH2\n-4.03e-04,4.96,1\n-4.03e-04,5.12,2\n-4.03e-04,5,3\n\n");
    assert_string_equal(waveform->format, "Tektronix CSV");
    assert_string_equal(waveform->instrument, "MDO4104C");
    assert_channel(waveform, 0, "CH1", 3, 4.96, 5);
    assert_channel(waveform, 1, "CH2", 3, 1, 3);
    assert_axis(waveform, 2e-8, -4.03e-4);
    assert_int_equal(waveform->notes->len, 0);
    sd_waveform_free(waveform);
    /* MSO 5/6 Series. */
    waveform =
        open_text(state, "Model,MSO64\nLabel,\nWaveform Type,ANALOG\nHorizontal Units,s\n"
                         "Sample Interval,4.00000000e-11\nRecord Length,3\n"
                         "Zero Index,1.16015625\nVertical Units,V\n\nLabels,\nTIME,REF7\n"
                         "-4.6406e-11,-1.48e-01\n-6.406e-12,-1.5e-01\n3.3594e-11,-1.0e-01\n");
    assert_channel(waveform, 0, "REF7", 3, -0.148, -0.1);
    assert_within(waveform->channel[0].segment[0].start, -1.16015625 * 4e-11, 1e-12);
    sd_waveform_free(waveform);
    /* TDS1000 and TDS2000: the header stands left of the rows. */
    waveform = open_text(state, "Record Length,5.000000e+00,,-00.000000400000,  0.02500,\n"
                                "Sample Interval,2.000000e-07,,-00.000000200000,  0.05000,\n"
                                "Source,CH2,,000.000000000000,  -0.02500,\n"
                                "Vertical Units,V,,000.000000200000,  0.00000,\n"
                                "Model Number,TDS2024B,,000.000000400000,  0.12500,\n");
    assert_string_equal(waveform->instrument, "TDS2024B");
    assert_channel(waveform, 0, "CH2", 5, 0.025, 0.125);
    assert_axis(waveform, 2e-7, -4e-7);
    sd_waveform_free(waveform);
    /* TDS5000: quotes, and a third column of units. */
    waveform = open_text(state, "\"Record Length\",3,\"Points\",-2.0e-9,0.5\n"
                                "\"Sample Interval\",1.0e-9,s,-1.0e-9,0.25\n"
                                "\"Pt Fmt\",Y,,0,0.125\n");
    assert_channel(waveform, 0, "1", 3, 0.5, 0.125);
    assert_axis(waveform, 1e-9, -2e-9);
    sd_waveform_free(waveform);
}

static void keysight(void **state)
{
    sd_waveform *waveform =
        open_text(state, "x-axis,1,2\nsecond,Volt,Volt\n-1.000E-03,-249.982E-06,+31.5E-03\n"
                         "-998.000E-06,+31.0E-03,+62.5E-03\n-996.000E-06,,\n");
    assert_string_equal(waveform->format, "Keysight InfiniiVision CSV");
    assert_int_equal(waveform->channels, 2);
    assert_channel(waveform, 0, "1", 2, -249.982e-6, 31e-3);
    assert_channel(waveform, 1, "2", 2, 31.5e-3, 62.5e-3);
    assert_axis(waveform, 2e-6, -1e-3);
    assert_true(has_note(waveform, "column 2 has 2 samples, but there are 3 rows"));
    sd_waveform_free(waveform);
    waveform = open_text(
        state,
        "Revision:           0\r\nType:               interpolated\r\nStart:              0\r\n"
        "Points:             3\r\nXInc:               3.90625E-13\r\n"
        "XOrg:               -3.118266724E-09\r\nXUnits:             Second\r\n"
        "YUnits:             Volt\r\nFrame:              N8900A:AT79587422\r\n"
        "Date:               2 JUL 2022\r\nTime:               12:45:40.550\r\nData: \r\n"
        "-3.118267E-09,4.5E-02\r\n-3.117876E-09,4.25E-02\r\n-3.117485E-09,-2.5E-02\r\n");
    assert_string_equal(waveform->format, "Keysight Infiniium CSV");
    assert_string_equal(waveform->instrument, "N8900A:AT79587422");
    assert_channel(waveform, 0, "1", 3, 4.5e-2, -2.5e-2);
    assert_axis(waveform, 3.90625e-13, -3.118266724e-9);
    assert_true(waveform->has_time);
    assert_int_equal(waveform->channel[0].segment[0].time_ns, INT64_C(1656765940549999996));
    assert_true(has_note(waveform, "interpolated"));
    sd_waveform_free(waveform);
    assert_text_refused(state, "Type:  peak detect\nXInc:  1E-9\nData:\n0,1\n1E-9,2\n",
                        SD_ERROR_UNSUPPORTED, "line 1");
}

static void rohde_schwarz(void **state)
{
    sd_waveform *waveform =
        open_text(state, "in s,C1 in V,C2 in V\n-5.0E-09,1.5E-03,2\n-4.0E-09,1.75E-03,3\n");
    assert_string_equal(waveform->format, "Rohde & Schwarz CSV");
    assert_channel(waveform, 0, "C1", 2, 1.5e-3, 1.75e-3);
    assert_channel(waveform, 1, "C2", 2, 2, 3);
    assert_axis(waveform, 1e-9, -5e-9);
    sd_waveform_free(waveform);
    /* Nothing but samples, and the settings in a second file. */
    static const char samples[] = "-0.031620555\r\n0\r\n0.015810277\r\n";
    assert_bytes_refused(state, "b.Wfm.csv", samples, strlen(samples), SD_ERROR_FORMAT,
                         "--sample-rate");
    static const char settings[] = "Resolution:2e-11:\nRecordLength:3:\nXStart:-1e-8:\n"
                                   "SignalResolution:2e-11:\nVerticalScale:0.02:\nSource:C2W1:\n";
    g_free(scratch_write(state, "b.csv", settings, strlen(settings)));
    waveform = open_named(state, "b.Wfm.csv", samples);
    assert_string_equal(waveform->format, "Rohde & Schwarz CSV");
    assert_channel(waveform, 0, "C2W1", 3, -0.031620555, 0.015810277);
    assert_axis(waveform, 2e-11, -1e-8);
    assert_true(has_note(waveform, "b.csv"));
    sd_waveform_free(waveform);
    g_autofree char *wrong = scratch_write(state, "b.csv", "Resolution:0:\n", 14);
    g_autofree char *path = scratch_write(state, "b.Wfm.csv", samples, strlen(samples));
    g_autoptr(GError) error = NULL;
    assert_null(sd_waveform_open(path, NULL, &error));
    assert_non_null(strstr(error->message, wrong));
}

static void teledyne(void **state)
{
    sd_waveform *waveform = open_text(
        state, "LECROYHDO9204,30190,Waveform\nSegments,1,SegmentSize,3\n"
               "Segment,TrigTime,TimeSinceSegment1\n#1,29-Jun-2020 19:02:13,0                 \n"
               "Time,Ampl\n-2.5e-008,0.5\n-2.0e-008,0.25\n-1.5e-008,0.125\n");
    assert_string_equal(waveform->format, "Teledyne LeCroy CSV");
    assert_string_equal(waveform->instrument, "LECROYHDO9204, serial number 30190");
    assert_channel(waveform, 0, "Ampl", 3, 0.5, 0.125);
    assert_axis(waveform, 5e-9, -2.5e-8);
    assert_int_equal(waveform->channel[0].segment[0].time_ns, INT64_C(1593457332999999975));
    sd_waveform_free(waveform);
    waveform = open_text(state, "LECROYX,1,Waveform\nSegments,1,SegmentSize,4\n"
                                "Segment,TrigTime,TimeSinceSegment1\n#1,29-Jun-2020 19:02:13,0\n"
                                "Time,Ampl\n-2.5e-008,0.5\n-2.0e-008,0.25\n");
    assert_true(has_note(waveform, "4 samples, but the file has 2 rows"));
    sd_waveform_free(waveform);
    static const char segments[] =
        "LECROYWP715Zi-A\t57936\tWaveform\nSegments\t2\tSegmentSize\t3\n"
        "Segment\tTrigTime\tTimeSinceSegment1\n#1\t03-May-2017 11:41:40\t0\n"
        "#2\t03-May-2017 11:41:41\t1.25\nTime\tAmpl\n-2.0e-9\t1\n-1.0e-9\t2\n0\t3\n"
        "-2.5e-9\t4\n-1.5e-9\t5\n-0.5e-9\t6\n";
    waveform = open_text(state, segments);
    const sd_channel *channel = &waveform->channel[0];
    assert_int_equal(channel->segments, 2);
    assert_within(channel->interval, 1e-9, 1e-9);
    for (uint64_t i = 0; i < 6; i++) {
        assert_true(sd_channel_value(channel, i / 3, i % 3) == (double)i + 1);
    }
    assert_within(channel->segment[1].start, -2.5e-9, 1e-9);
    assert_int_equal(channel->segment[0].time_ns, INT64_C(1493811699999999998));
    assert_int_equal(channel->segment[1].time_ns, INT64_C(1493811701249999997));
    sd_waveform_free(waveform);
    static const struct {
        const char *part, *instead, *words;
    } cases[] = {
        {"Segments\t2", "Segments\t3", "3 segments of 3 samples, and lists 2"},
        {"Segments\t2", "Segments\t-2", "-2 segments"},
        {"Segments\t2", "Segments\tx", "line 2: Segments is \"x\""},
        {"SegmentSize\t3", "SegmentSize\t0", "2 segments of 0 samples"},
        {"SegmentSize\t3", "SegmentSize\t1e300", "of 1e+300 samples"},
        {"SegmentSize\t3", "SegmentSize\t2.5", "of 2.5 samples"},
        {"SegmentSize\t3", "SegmentSize\t4", "line 10, column 1: \"-2.5e-9\" goes back in time"},
        {"-0.5e-9\t6\n", "", "promises 6 rows, and there are 5"},
        {"\t6\n", "\t\n", "column 2 has 5 samples in 6 rows"},
        {"\t1.25", "\t-1.25", "\"-1.25\" s behind the first"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = g_strsplit(segments, cases[i].part, 2);
        g_autofree char *text = g_strjoinv(cases[i].instead, parts);
        assert_text_refused(state, text, SD_ERROR_DAMAGED, cases[i].words);
    }
}

static void others(void **state)
{
    sd_waveform *waveform =
        open_text(state, "X,CH1,CH2,Start,Increment,\r\nSequence,Volt,Volt,-2.52e-06,1.0e-08,\r\n"
                         "0,1.0e+00,0.0e+00,\r\n1,2.0e-03,-4.0e-02,\r\n2,5.0e+00,7.0e+00,\r\n");
    assert_channel(waveform, 0, "CH1", 3, 1, 5);
    assert_channel(waveform, 1, "CH2", 3, 0, 7);
    assert_axis(waveform, 1e-8, -2.52e-6);
    sd_waveform_free(waveform);
    waveform =
        open_text(state, "Record Length,Analog:3,Digital:NA\nSample Interval,Analog:1.0E-09\n"
                         "Vertical Units,CH1:V,CH2:V\nVertical Scale,CH1:1.00E+00\n"
                         "Second,Volt\n-0.0000000010,0.5\n0.0000000000,0.25\n"
                         "0.0000000010,0.125\n");
    assert_channel(waveform, 0, "1", 3, 0.5, 0.125);
    assert_axis(waveform, 1e-9, -1e-9);
    sd_waveform_free(waveform);
}

/** Rows whose times are printed with @p format; to be freed. */
static char *rows_of(const char *format, size_t rows, double first, double interval)
{
    GString *text = g_string_new("Time,CH1\n");
    for (size_t i = 0; i < rows; i++) {
        char number[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(number, sizeof number, format, first + (double)i * interval);
        g_string_append_printf(text, "%s,%d\n", number, (int)(i * 7 % 100));
    }
    return g_string_free(text, FALSE);
}

/** How instruments print times; the steps are from one to many of the last digit. */
static const struct {
    const char *format;
    double first, interval;
} printed_times[] = {
    {"%.9e", -9.9996640625e-7, 4e-11},
    {"%.6e", -3.120269e-9, 3.90625e-13},
    {"%.5e", -4.03e-4, 2e-8},
    {"%g", -5.24e-8, 2.5e-11},
    {"%g", 0, 4e-11},
    {"%.12f", 0, 4e-11},
    {"%.10f", -1e-6, 1e-10},
    {"%.11f", 0, 2e-11},
    {"%.17g", 1e-6, 4e-11},
    {"%.3f", 0, 0.008},
    {"%.12f", 1e-7, 3.3333333e-11},
    {"%.10e", 0.25, 1e-9},
};

static void times_as_instruments_print_them(void **state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(printed_times); i++) {
        const double interval = printed_times[i].interval;
        const size_t rows = 5000;
        g_autofree char *text =
            rows_of(printed_times[i].format, rows, printed_times[i].first, interval);
        sd_waveform *waveform = open_text(state, text);
        const sd_channel *channel = &waveform->channel[0];
        assert_int_equal(channel->segment[0].count, rows);
        /* One of the last digit that is printed. */
        assert_within(channel->interval, interval, 1e-3);
        assert_true(fabs(channel->segment[0].start - printed_times[i].first) < interval);
        sd_waveform_free(waveform);
    }
    /* Coarse: neighbours have the same time. The header tells the interval, or the whole does. */
    g_autofree char *coarse = rows_of("%.5e", 5000, -1e-3, 4e-10);
    sd_waveform *waveform = open_text(state, coarse);
    assert_within(waveform->channel[0].interval, 4e-10, 1e-2);
    sd_waveform_free(waveform);
    /* Single precision, written out. */
    GString *single = g_string_new("Time,CH1\n");
    for (int i = 0; i < 5000; i++) {
        g_string_append_printf(single, "%.7e,1\n", (double)((float)-6e-4 + (float)i * 2e-7F));
    }
    waveform = open_text(state, single->str);
    assert_within(waveform->channel[0].interval, 2e-7, 1e-5);
    sd_waveform_free(waveform);
    g_string_free(single, TRUE);
}

/** Takes a row out, doubles it, or swaps it with the next: each is named with its line. */
static void rows_that_are_not_even(void **state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(printed_times); i++) {
        g_autofree char *text = rows_of(printed_times[i].format, 1000, printed_times[i].first,
                                        printed_times[i].interval);
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        for (int change = 0; change < 3; change++) {
            GString *changed = g_string_new(NULL);
            for (int k = 0; k < 1001; k++) {
                const bool here = k == 700;
                const char *line = lines[k];
                if (change == 2 && (k == 700 || k == 701)) {
                    line = lines[k == 700 ? 701 : 700];
                }
                for (int n = change == 0 && here ? 0 : change == 1 && here ? 2 : 1; n > 0; n--) {
                    g_string_append_printf(changed, "%s\n", line);
                }
            }
            assert_text_refused(state, changed->str, SD_ERROR_DAMAGED,
                                change == 1 ? "line 702, column 1" : "line 701, column 1");
            g_string_free(changed, TRUE);
        }
    }
    /* Without a header, and among the first rows already. */
    assert_text_refused(
        state, "0,1\n1.0e-9,2\n2.0e-9,3\n3.0e-9,4\n5.0e-9,5\n6.0e-9,6\n7.0e-9,7\n8.0e-9,8\n",
        SD_ERROR_DAMAGED, "line 5, column 1: \"5.0e-9\" does not follow evenly");
    assert_text_refused(state, "Time,CH1\n1.0e-9,2\n0.0e-9,1\n-1.0e-9,2\n", SD_ERROR_DAMAGED,
                        "line 3, column 1: \"0.0e-9\" goes back in time");
    assert_text_refused(state, "Time,CH1\n1e-9,2\n1e-9,1\n1e-9,2\n", SD_ERROR_DAMAGED,
                        "the interval from sample to sample is 0 s");
}

static void cells_that_are_no_numbers(void **state)
{
    static const struct {
        const char *rows, *words;
    } cases[] = {
        {"0,1\n1e-9,NaN\n2e-9,3\n", "line 3, column 2: \"NaN\" is not a finite number (byte 18)"},
        {"0,nan\n1e-9,2\n2e-9,3\n", "line 2, column 2: \"nan\" is not a finite number (byte 11)"},
        {"0,1\n1e-9,-inf\n2e-9,3\n", "line 3, column 2: \"-inf\" is not"},
        {"0,1\n1e-9,1.#QNAN\n2e-9,3\n", "line 3, column 2"},
        {"0,1\n1e-9,1e400\n2e-9,3\n", "line 3, column 2: \"1e400\" is not a finite"},
        {"0,1\n1e-9,1e30\n2e-9,3\n", "line 3, column 2: \"1e30\" is no voltage"},
        {"0,1\n1e-9,2\nthe end\n2e-9,3\n", "line 4, column 1: \"the end\" is no number"},
        {"0,1\n1e-9,2\n2e-9,0x10\n", "line 4, column 2: \"0x10\" is no number"},
        {"0,1\n1e-9,2\n2e-9,1.5V\n", "\"1.5V\" is no number (byte 25)"},
        {"0,1\n1e-9,2\n2e-9,1.5e\n", "\"1.5e\" is no number"},
        {"0,1\n1e-9,2\n2e-9,.\n", "\".\" is no number"},
        {"0,1\n1e-9,2\n2e-9,1.2.3\n", "\"1.2.3\" is no number"},
        {"0,1\n1e-9,2\n2e-9,3,4\n", "line 4, column 3: \"4\" stands behind the last column"},
        {"0,1\n1e-9,2\n,3\n", "line 4, column 1: \"\" should be a time"},
        {"0,1\n1e-9,\n2e-9,3\n", "line 4, column 2: \"3\" follows on an empty cell"},
        {"0,,1\n1e-9,,2\n2e-9,3,4\n", "line 4, column 2: \"3\" follows on an empty cell"},
        {"0,\n1e-9,\n2e-9,\n", "no samples beside"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat("Time,CH1\n", cases[i].rows, NULL);
        assert_text_refused(state, text, SD_ERROR_DAMAGED, cases[i].words);
    }
    GString *late = g_string_new(NULL);
    for (int i = 0; i < 300; i++) {
        g_string_append_printf(late, "%d.5e-9,%s,1\n", i, i < 250 ? "" : "2");
    }
    assert_text_refused(state, late->str, SD_ERROR_DAMAGED,
                        "line 251, column 2: \"2\" stands in a column that is empty");
    g_string_free(late, TRUE);
    GString *wide = g_string_new(NULL);
    for (int i = 0; i < 130; i++) {
        g_string_append(wide, i % 65 == 64 ? "1\n" : "1,");
    }
    assert_text_refused(state, wide->str, SD_ERROR_UNSUPPORTED, "more than 64 columns");
    g_string_free(wide, TRUE);
}

static void headers_that_lie(void **state)
{
    static const char header[] = "Model,MSO64\nWaveform Type,ANALOG\nPoint Format,Y\n"
                                 "Horizontal Units,s\nSample Interval,1e-9\nRecord Length,3\n"
                                 "Zero Index,1\nTIME,CH1\n-1e-9,1\n0,2\n1e-9,3\n";
    static const struct {
        const char *part, *instead;
        sd_error_code code;
        const char *words;
    } cases[] = {
        {"ANALOG", "DIGITAL", SD_ERROR_UNSUPPORTED, "line 2: the file holds digital channels"},
        {"Format,Y", "Format,ENV", SD_ERROR_UNSUPPORTED, "envelope"},
        {"Model,MSO64", "IQ_centerFrequency,1e6", SD_ERROR_UNSUPPORTED, "IQ data"},
        {"Units,s", "Units,Hz", SD_ERROR_UNSUPPORTED, "\"Hz\""},
        {"Interval,1e-9", "Interval,0", SD_ERROR_DAMAGED, "line 5: Sample Interval is 0 s"},
        {"Interval,1e-9", "Interval,-1e-9", SD_ERROR_DAMAGED, "cannot be true (byte 83)"},
        {"Interval,1e-9", "Interval,nan", SD_ERROR_DAMAGED, "\"nan\", which is no number"},
        {"Length,3", "Length,x", SD_ERROR_DAMAGED, "Record Length is \"x\""},
        {"Index,1", "Index,", SD_ERROR_DAMAGED, "Zero Index is \"\""},
        {"TIME,CH1\n", "", SD_ERROR_DAMAGED, "does not begin with TIME"},
        {"-1e-9,1\n0,2\n1e-9,3\n", "", SD_ERROR_DAMAGED, "no rows of numbers"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = g_strsplit(header, cases[i].part, 2);
        g_autofree char *text = g_strjoinv(cases[i].instead, parts);
        assert_text_refused(state, text, cases[i].code, cases[i].words);
    }
    /* Rows that are missing are worth a note; so is a file that ends within a line worth refusing.
     */
    g_auto(GStrv) parts = g_strsplit(header, "Length,3", 2);
    g_autofree char *text = g_strjoinv("Length,4", parts);
    sd_waveform *waveform = open_text(state, text);
    assert_true(has_note(waveform, "4 samples, but the file has 3 rows"));
    sd_waveform_free(waveform);
    text[strlen(text) - 1] = '\0';
    assert_text_refused(state, text, SD_ERROR_DAMAGED, "is cut");
    /* The times are what was sampled. */
    g_auto(GStrv) others = g_strsplit(header, "Interval,1e-9", 2);
    g_autofree char *contrary = g_strjoinv("Interval,4e-9", others);
    waveform = open_text(state, contrary);
    assert_within(waveform->channel[0].interval, 1e-9, 1e-9);
    assert_true(has_note(waveform, "speaks of 4e-09 s"));
    sd_waveform_free(waveform);
}

/** More rows than are buffered, in several channels that end in different rows. */
static void long_file(void **state)
{
    GString *text = g_string_new("Time;A (mV);B;C\n");
    for (int i = 0; i < 50000; i++) {
        g_string_append_printf(text, "%d,%d;%d,5;", i / 10, i % 10, i);
        g_string_append_printf(text, i < 40000 ? "%d;" : ";", -i);
        g_string_append_printf(text, i < 49999 ? "%d\n" : "\n", i * 2);
    }
    sd_waveform *waveform = open_text(state, text->str);
    assert_int_equal(waveform->channels, 3);
    assert_channel(waveform, 0, "A", 50000, 0.0005, 49.9995);
    assert_channel(waveform, 1, "B", 40000, 0, -39999);
    assert_channel(waveform, 2, "C", 49999, 0, 99996);
    assert_axis(waveform, 0.1, 0);
    g_autofree float *volts = g_new(float, 50000);
    sd_channel_read(&waveform->channel[2], 0, 0, 49999, volts);
    for (int i = 0; i < 49999; i++) {
        assert_true(volts[i] == (float)i * 2);
    }
    sd_waveform_free(waveform);
    g_string_free(text, TRUE);
}

static void cut_at_every_byte(void **state)
{
    static const char *const texts[] = {
        "Model,MDO4104C\nWaveform Type,ANALOG,\nSample Interval,2e-08,\nRecord Length,3,\n,,\n"
        "TIME,CH1,CH2\n-4e-08,4.96,1\n-2e-08,5.12,2\n0,5,3\n",
        "LECROYWP715Zi-A,57936,Waveform\nSegments,2,SegmentSize,2\n"
        "Segment,TrigTime,TimeSinceSegment1\n#1,03-May-2017 11:41:40,0\n"
        "#2,03-May-2017 11:41:41,1.25\nTime,Ampl\n-2.0e-9,1\n-1.0e-9,2\n-2.5e-9,4\n-1.5e-9,5\n",
        "Revision:  0\r\nPoints:  2\r\nXInc:  4E-13\r\nXOrg:  -3.1E-09\r\nDate:  2 JUL 2022\r\n"
        "Time:  12:45:40.550\r\nData: \r\n-3.1E-09,4.5E-02\r\n-3.0996E-09,4.25E-02\r\n",
        "X,\"CH1\",CH2,Start,Increment,\nSequence,Volt,Volt,-2e-06,1e-08,\n0,1,2,\n1,2,3,\n2,5,7,"
        "\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        for (size_t size = 1; size <= strlen(texts[i]); size++) {
            read_or_refuse(state, "a.csv", texts[i], size);
        }
        assert_true(read_or_refuse(state, "a.csv", texts[i], strlen(texts[i])));
    }
}

/** Texts that hold some numbers are no tables. */
static void not_a_table(void **state)
{
    static const char *const texts[] = {
        "hello",
        "5",
        "a: 1\nb: 2\n- 3\n",
        "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n",
        "12:00:00,1\n12:00:01,2\n",
        "1,2\x01\n3,4\n",
        "\n\n\n",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        assert_bytes_refused(state, "a.txt", texts[i], strlen(texts[i]), SD_ERROR_FORMAT,
                             "no known format");
    }
    assert_bytes_refused(state, "a.csv", "1,2\0\n3,4\n", 9, SD_ERROR_FORMAT, "like a CSV file");
}

/** Numbers come out as the C library has them, to the last bit. */
static void numbers(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "+1",
        "-1.",
        ".5",
        "1e5",
        "1E+05",
        "1e-005",
        "9007199254740993",
        "123456789012345678901234567890",
        "0.000000000000000000000000000001",
        "1.7976931348623157e308",
        "4.9e-324",
        "1e-400",
        "-3.118266724E-09",
        "00012.50",
        "8.442911973260991817129021309e-22",
        "1e22",
        "1e23",
        "179769313486231580793728971405301e276",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        const sd_csv_cell cell = {texts[i], strlen(texts[i])};
        sd_csv_number number;
        assert_int_equal(sd_csv_parse(&cell, '.', &number), SD_CSV_NUMBER);
        assert_true(number.value == g_ascii_strtod(texts[i], NULL));
    }
    GRand *random = g_rand_new_with_seed(1);
    for (int i = 0; i < 200000; i++) {
        char text[64];
        const double value =
            g_rand_double_range(random, -1, 1) * pow(10, g_rand_int_range(random, -30, 30));
        g_ascii_formatd(text, sizeof text, i & 1 ? "%.17e" : i & 2 ? "%.6e" : "%.12f", value);
        const sd_csv_cell cell = {text, strlen(text)};
        sd_csv_number number;
        assert_int_equal(sd_csv_parse(&cell, '.', &number), SD_CSV_NUMBER);
        if (number.value != g_ascii_strtod(text, NULL)) {
            fail_msg("%s was read as %.17g", text, number.value);
        }
    }
    g_rand_free(random);
    const sd_csv_cell cell = {"-12,340E-3", 10};
    sd_csv_number number;
    assert_int_equal(sd_csv_parse(&cell, ',', &number), SD_CSV_NUMBER);
    assert_true(number.value == -0.01234);
    assert_int_equal(number.exponent, -6);
    assert_int_equal(number.digits, 5);
    assert_int_equal(sd_csv_parse(&cell, '.', &number), SD_CSV_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators_and_decimal_marks),
        cmocka_unit_test(times_behind_the_samples),
        cmocka_unit_test(without_times),
        cmocka_unit_test(headers_and_units),
        cmocka_unit_test(tektronix),
        cmocka_unit_test(keysight),
        cmocka_unit_test(rohde_schwarz),
        cmocka_unit_test(teledyne),
        cmocka_unit_test(others),
        cmocka_unit_test(times_as_instruments_print_them),
        cmocka_unit_test(rows_that_are_not_even),
        cmocka_unit_test(cells_that_are_no_numbers),
        cmocka_unit_test(headers_that_lie),
        cmocka_unit_test(long_file),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(not_a_table),
        cmocka_unit_test(numbers),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
