/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tektronix .isf: keywords of both lengths, every way to write the curve, and the refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "waveform_check.h"

#define LONG_FORM                                                                                  \
    ":WFMPRE:BYT_NR 2;BIT_NR 16;ENCDG BIN;BN_FMT RI;BYT_OR MSB;NR_PT 3;WFID \"Ch1, DC; "           \
    "coupling\";"                                                                                  \
    "PT_FMT Y;XINCR 4.0E-10;PT_OFF 2;XZERO -1.0E-6;XUNIT \"s\";YMULT 2.5E-1;YZERO 1.5E0;"          \
    "YOFF -4.0E0;YUNIT \"V\";"

/** The codes 5, -3 and 258, most significant byte first. */
static const char codes[] = {0, 5, '\xFF', '\xFD', 1, 2};

/** A preamble with one part replaced, if it is there; to be freed with g_free(). */
static char *with(const char *preamble, const char *part, const char *instead)
{
    g_auto(GStrv) parts = g_strsplit(preamble, part, 2);
    return g_strjoinv(instead, parts);
}

/** A file of preamble, the keyword of the curve, and the curve. */
static GByteArray *build(const char *preamble, const char *keyword, const void *curve, size_t size)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const uint8_t *)preamble, (guint)strlen(preamble));
    g_byte_array_append(bytes, (const uint8_t *)keyword, (guint)strlen(keyword));
    g_byte_array_append(bytes, curve, (guint)size);
    return bytes;
}

static sd_waveform *open_isf(void **state, const char *preamble, const char *keyword,
                             const void *curve, size_t size)
{
    GByteArray *bytes = build(preamble, keyword, curve, size);
    sd_waveform *waveform = open_bytes(state, "a.isf", bytes);
    g_byte_array_unref(bytes);
    return waveform;
}

/** Holds the record of the preambles above: 5, -3 and 258 as codes. */
static void assert_record(sd_waveform *waveform)
{
    const sd_channel *channel = &waveform->channel[0];
    assert_int_equal(waveform->channels, 1);
    assert_int_equal(channel->segment[0].count, 3);
    assert_true(sd_channel_value(channel, 0, 0) == (5 + 4) * 0.25 + 1.5);
    assert_true(sd_channel_value(channel, 0, 1) == (-3 + 4) * 0.25 + 1.5);
    assert_true(sd_channel_value(channel, 0, 2) == (258 + 4) * 0.25 + 1.5);
    assert_near(channel->interval, 4e-10);
    assert_near(channel->segment[0].start, -1e-6 - 2 * 4e-10);
    assert_string_equal(channel->name, "Ch1");
    assert_string_equal(channel->unit, "V");
    assert_false(waveform->has_time);
    sd_waveform_free(waveform);
}

static void keywords(void **state)
{
    static const char *const preambles[] = {
        LONG_FORM,
        ":WFMP:BYT_N 2;BIT_N 16;ENC BIN;BN_F RI;BYT_O MSB;NR_P 3;WFI \"Ch1, DC; coupling\";PT_F Y;"
        "XIN 4.0E-10;PT_O 2;XZE -1.0E-6;XUN \"s\";YMU 2.5E-1;YZE 1.5E0;YOF -4.0E0;YUN \"V\";",
        ":WFMOUTPRE:NR_PT 7;:WFMOUTPRE:BYT_NR 2;BIT_NR 16;ENCDG BINARY;BN_FMT RI;BYT_OR MSB;"
        "WFID \"Ch1, DC; coupling\";NR_PT 3;PT_FMT Y;XUNIT \"s\";XINCR 400.0E-12;XZERO -1.0E-6;"
        "PT_OFF 2;YUNIT \"V\";YMULT 250.0E-3;YOFF -4.0;YZERO 1.5;DOMAIN TIME;",
        "WFMPRE:CH1:BYT_NR 2;BN_FMT RI;NR_PT 3;WFID \"Ch1\"\nXINCR 4.0E-10;PT_OFF 2;XZERO "
        "-1.0E-6;\n"
        "YMULT 2.5E-1;YZERO 1.5E0;YOFF -4.0E0;",
    };
    static const char *const curves[] = {":CURVE #16", ":CURV #206", "CURVE #3006", ":curve   #16"};
    for (size_t i = 0; i < G_N_ELEMENTS(preambles); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(curves); k++) {
            assert_record(open_isf(state, preambles[i], curves[k], codes, sizeof codes));
        }
    }
}

static void code_formats(void **state)
{
    static const struct {
        const char *format;
        const char *bytes;
        int size;
        double codes[2];
    } cases[] = {
        {"BYT_NR 1;BN_FMT RI;BYT_OR MSB", "\xFE\x7F", 2, {-2, 127}},
        {"BYT_NR 1;BN_FMT RP;BYT_OR LSB", "\xFE\x7F", 2, {254, 127}},
        {"BYT_NR 2;BN_FMT RI;BYT_OR LSB", "\xFE\xFF\x01\x02", 4, {-2, 513}},
        {"BYT_NR 2;BN_FMT RP;BYT_OR MSB", "\xFE\xFF\x01\x02", 4, {65279, 258}},
        {"BYT_NR 4;BN_FMT RI;BYT_OR MSB", "\xFF\xFF\xFF\xFE\0\1\0\0", 8, {-2, 65536}},
        {"BYT_NR 4;BN_FMT RP;BYT_OR LSB", "\xFF\xFF\xFF\xFE\0\1\0\0", 8, {4278190079.0, 256}},
        {"BYT_NR 4;BN_FMT FP;BYT_OR MSB", "\x40\x20\0\0\xBF\x80\0\0", 8, {2.5, -1}},
        {"BYT_NR 4;BN_FMT FP;BYT_OR LSB", "\0\0\x20\x40\0\0\x80\xBF", 8, {2.5, -1}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *preamble =
            g_strdup_printf(":WFMPRE:%s;XINCR 1E-9;YMULT 1;", cases[i].format);
        g_autofree char *curve = g_strdup_printf(":CURVE #1%d", cases[i].size);
        sd_waveform *waveform =
            open_isf(state, preamble, curve, cases[i].bytes, (size_t)cases[i].size);
        assert_int_equal(waveform->channel[0].segment[0].count, 2);
        assert_int_equal(waveform->kept->len, 0); /* read in place */
        assert_true(sd_channel_value(&waveform->channel[0], 0, 0) == cases[i].codes[0]);
        assert_true(sd_channel_value(&waveform->channel[0], 0, 1) == cases[i].codes[1]);
        assert_string_equal(waveform->channel[0].name, "1");
        sd_waveform_free(waveform);
    }
}

static void text_curves(void **state)
{
    static const char *const curves[] = {
        "5,-3,258",
        "5,-3,258\n",
        " 5 , -3 ,\r\n+258;",
        "5.0,-3.0E+0,2.58E2\n",
    };
    g_autofree char *ascii = with(LONG_FORM, "ENCDG BIN", "ENCDG ASCII");
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        assert_record(open_isf(state, ascii, ":CURVE ", curves[i], strlen(curves[i])));
    }
}

/** More numbers than are written to the temporary file at once. */
static void long_text_curve(void **state)
{
    g_autofree char *ascii = with(LONG_FORM, "ENCDG BIN", "ENCDG ASC");
    g_autofree char *preamble = with(ascii, "NR_PT 3", "NR_PT 5000");
    GString *curve = g_string_new(NULL);
    for (int i = 0; i < 5000; i++) {
        g_string_append_printf(curve, "%s%d", i ? "," : "", i * 7 % 256 - 128);
    }
    sd_waveform *waveform = open_isf(state, preamble, ":CURVE ", curve->str, curve->len);
    assert_int_equal(waveform->channel[0].segment[0].count, 5000);
    for (int i = 0; i < 5000; i++) {
        assert_true(sd_channel_value(&waveform->channel[0], 0, (uint64_t)i) ==
                    (i * 7 % 256 - 128 + 4) * 0.25 + 1.5);
    }
    sd_waveform_free(waveform);
    g_string_free(curve, TRUE);
}

static void what_follows(void **state)
{
    static const struct {
        const char *text, *note;
    } cases[] = {
        {"\n", NULL},
        {";\n", NULL},
        {";:WFMPRE:NR_PT 3;:CURVE #16abcdef", "second curve"},
        {"\n:WFMP:NR_P 3", "second curve"},
        {"rest", "4 bytes behind the curve"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GByteArray *bytes = build(LONG_FORM, ":CURVE #16", codes, sizeof codes);
        g_byte_array_append(bytes, (const uint8_t *)cases[i].text, (guint)strlen(cases[i].text));
        sd_waveform *waveform = open_bytes(state, "a.isf", bytes);
        assert_int_equal(waveform->notes->len, cases[i].note ? 1 : 0);
        assert_true(!cases[i].note || has_note(waveform, cases[i].note));
        assert_record(waveform);
        g_byte_array_unref(bytes);
    }
    /* A block of unknown length. */
    GByteArray *bytes = build(LONG_FORM, ":CURVE #0", codes, sizeof codes);
    g_byte_array_append(bytes, (const uint8_t *)"\n", 1);
    assert_record(open_bytes(state, "a.isf", bytes));
    g_byte_array_unref(bytes);
}

static void assert_isf_refused(void **state, const char *part, const char *instead,
                               const char *keyword, sd_error_code code, const char *words)
{
    g_autofree char *preamble = with(LONG_FORM, part, instead);
    GByteArray *bytes = build(preamble, keyword, codes, sizeof codes);
    assert_bytes_refused(state, "a.isf", bytes->data, bytes->len, code, words);
    g_byte_array_unref(bytes);
}

static void fields_that_cannot_be_true(void **state)
{
    static const struct {
        const char *part, *instead;
        sd_error_code code;
        const char *words;
    } cases[] = {
        {"PT_FMT Y", "PT_FMT ENV", SD_ERROR_UNSUPPORTED, "envelope"},
        {"PT_FMT Y", "PT_FMT ENVELOPE", SD_ERROR_UNSUPPORTED, "PT_FMT ENVELOPE"},
        {"PT_FMT Y", "PT_FMT XY", SD_ERROR_UNSUPPORTED, "\"XY\""},
        {"XUNIT \"s\"", "XUNIT \"Hz\"", SD_ERROR_UNSUPPORTED, "\"Hz\""},
        {"BYT_NR 2", "BYT_NR 3", SD_ERROR_DAMAGED, "(byte 15)"},
        {"BYT_NR 2", "BYT_NR x", SD_ERROR_DAMAGED, "BYT_NR is \"x\""},
        {"BYT_NR 2;", "", SD_ERROR_DAMAGED, "no BYT_NR"},
        {"BYT_NR 2", "BYT_NR 4", SD_ERROR_DAMAGED, "6 bytes is no number of points"},
        {"BN_FMT RI", "BN_FMT FP", SD_ERROR_DAMAGED, "BN_FMT FP with BYT_NR 2"},
        {"BN_FMT RI", "BN_FMT", SD_ERROR_DAMAGED, "cannot be read"},
        {"BYT_OR MSB", "BYT_OR XYZ", SD_ERROR_DAMAGED, "neither MSB nor LSB"},
        {"NR_PT 3", "NR_PT 4", SD_ERROR_DAMAGED, "4 points"},
        {"NR_PT 3", "NR_PT -3", SD_ERROR_DAMAGED, "-3 points"},
        {"NR_PT 3", "NR_PT 1e300", SD_ERROR_DAMAGED, "the curve holds 3"},
        {"XINCR 4.0E-10", "XINCR 0", SD_ERROR_DAMAGED, "XINCR"},
        {"XINCR 4.0E-10", "XINCR -1E-9", SD_ERROR_DAMAGED, "-1e-09 s"},
        {"XINCR 4.0E-10", "XINCR NaN", SD_ERROR_DAMAGED, "no number"},
        {"XINCR 4.0E-10", "XINCR 1e999", SD_ERROR_DAMAGED, "no number"},
        {"XINCR 4.0E-10;", "", SD_ERROR_DAMAGED, "no XINCR"},
        {"XZERO -1.0E-6", "XZERO inf", SD_ERROR_DAMAGED, "XZERO"},
        {"PT_OFF 2", "PT_OFF -1e308;XINCR 10", SD_ERROR_DAMAGED, "PT_OFF -1e+308"},
        {"YMULT 2.5E-1", "YMULT 0", SD_ERROR_DAMAGED, "YMULT 0"},
        {"YMULT 2.5E-1", "YMULT 1e30", SD_ERROR_DAMAGED, "YMULT"},
        {"YMULT 2.5E-1;", "", SD_ERROR_DAMAGED, "no YMULT"},
        {"YOFF -4.0E0", "YOFF 1e30", SD_ERROR_DAMAGED, "YOFF 1e+30"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_isf_refused(state, cases[i].part, cases[i].instead, ":CURVE #16", cases[i].code,
                           cases[i].words);
    }
}

static void curves_that_lie(void **state)
{
    static const struct {
        const char *keyword, *words;
    } cases[] = {
        {"", "without the keyword CURVE"},      {":CURVE ", "not followed by #"},
        {":CURVE #", "not followed by #"},      {":CURVE #A6", "not followed by #"},
        {":CURVE #2x6", "no number"},           {":CURVE #17", "the curve takes 7"},
        {":CURVE #9999999999", "is cut"},       {":CURVE #14", "3 points (NR_PT)"},
        {":CURVE #10", "not one point"},        {":CURVES #16", "without the keyword CURVE"},
        {":CURVE #15", "5 bytes is no number"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_isf_refused(state, "YUNIT", "YUNIT", cases[i].keyword, SD_ERROR_DAMAGED,
                           cases[i].words);
    }
    static const char *const texts[] = {"", "5,,3", "5,-3,nan", "5,-3,1e99", "5,-3,", "5,-3,2-5"};
    g_autofree char *ascii = with(LONG_FORM, "ENCDG BIN", "ENCDG ASC");
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        GByteArray *bytes = build(ascii, ":CURVE ", texts[i], strlen(texts[i]));
        assert_bytes_refused(state, "a.isf", bytes->data, bytes->len, SD_ERROR_DAMAGED,
                             "goes on with no number");
        g_byte_array_unref(bytes);
    }
    GByteArray *bytes = build(ascii, ":CURVE ", "5,-3", 4);
    assert_bytes_refused(state, "a.isf", bytes->data, bytes->len, SD_ERROR_DAMAGED,
                         "the curve holds 2");
    g_byte_array_unref(bytes);
}

static void cut_at_every_byte(void **state)
{
    GByteArray *bytes = build(LONG_FORM, ":CURVE #16", codes, sizeof codes);
    for (guint size = 1; size < bytes->len; size++) {
        if (read_or_refuse(state, "a.isf", bytes->data, size)) {
            fail_msg("the first %u of %u bytes were read", size, bytes->len);
        }
    }
    assert_true(read_or_refuse(state, "a.isf", bytes->data, bytes->len));
    g_byte_array_unref(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords),        cmocka_unit_test(code_formats),
        cmocka_unit_test(text_curves),     cmocka_unit_test(long_text_curve),
        cmocka_unit_test(what_follows),    cmocka_unit_test(fields_that_cannot_be_true),
        cmocka_unit_test(curves_that_lie), cmocka_unit_test(cut_at_every_byte),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
