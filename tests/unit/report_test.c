/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link report as text and as JSON, and its last line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "scopedump/report.h"

/** A QSGMII link with nothing wrong. Freed with free_report(). */
static sd_report *good_report(void)
{
    sd_report *r = g_new0(sd_report, 1);
    r->file = g_strdup("line.wfm");
    r->format = g_strdup("Tektronix WFM#003");
    r->instrument = g_strdup("TESTSCOPE B012345");
    r->channel = g_strdup("CH1");
    r->samples = 100000000;
    r->segments = 1;
    r->sample_rate = 1e12;
    r->time_ns = INT64_C(1700000000123456789);
    r->time_from_file = true;
    r->notes = g_ptr_array_new_with_free_func(g_free);
    r->signal = true;
    r->low = -0.4;
    r->high = 0.4;
    r->threshold = 0.001;
    r->noise = 0.01;
    r->smallest_eye = 0.21;
    r->polarity_sure = true;
    r->upright = 100;
    r->link = SD_LINK_QSGMII;
    r->link_sure = true;
    r->nominal_baud = 5e9;
    r->baud = 5e9 * (1 + 12.5e-6);
    r->baud_fit = 0.9;
    r->jitter_rms_ps = 3.25;
    r->bits = 500000;
    r->lock = true;
    r->first_lock_ps = 1234000;
    r->skipped_bits = 7;
    r->commas = 3456;
    r->k28_1 = 345;
    r->first_k28_1_ps = 2345000;
    r->disparity_serial = r->disparity_sure = true;
    r->groups = 50000;
    r->lane_errors = 777;
    for (unsigned i = 0; i < SD_REPORT_LANES; i++) {
        sd_lane_report *l = &r->lane[i];
        l->present = true;
        l->groups = 12500;
        l->state_ps[SD_LANE_IDLE] = 60000000;
        l->state_ps[SD_LANE_DATA] = 40000000;
        l->stretch[0] =
            (sd_lane_stretch){.state = SD_LANE_IDLE, .from_ps = 3000, .to_ps = 100003000};
        l->stretches = 1;
        l->stretches_total = 1;
        l->config[0] =
            (sd_config_run){.word = 0xD801, .count = 55, .from_ps = 4000000, .to_ps = 5000000};
        l->configs = 1;
        l->configs_total = 1;
        l->ordered_sets = 7000;
        l->sgmii_words = 55;
        l->acknowledged = true;
        l->config_speed = l->data_speed = 1000;
        l->frames = 10 + i;
        l->octets = 6400 + i;
        l->begins[SD_BEGIN_S] = 10 + i;
        l->ends[SD_END_T] = 10 + i;
    }
    return r;
}

static void free_report(sd_report *r)
{
    sd_report_clear(r);
    g_free(r);
}

/** The JSON report as a tree; fails when it is not valid JSON in UTF-8. */
static JsonParser *parse(const sd_report *r)
{
    char *text = sd_report_json(r);
    assert_true(g_utf8_validate(text, -1, NULL));
    /* JSON has no word for these (RFC 8259, section 6) */
    static const char *const words[] = {": inf", ": -inf", ": nan", ": -nan"};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strstr(text, words[i]) != NULL)
            fail_msg("\"%s\" in the JSON report", words[i]);
    }
    JsonParser *parser = json_parser_new();
    GError *error = NULL;
    if (!json_parser_load_from_data(parser, text, -1, &error))
        fail_msg("%s in %s", error->message, text);
    g_free(text);
    return parser;
}

static JsonObject *root_of(JsonParser *parser)
{
    return json_node_get_object(json_parser_get_root(parser));
}

static void json_content(void **state)
{
    (void)state;
    sd_report *r = good_report();
    r->lane[2].begins[SD_BEGIN_CUT] = 4;
    r->lane[2].ends[SD_END_EARLY] = 5;
    g_ptr_array_add(r->notes, g_strdup("a note"));
    JsonParser *parser = parse(r);
    JsonObject *o = root_of(parser);
    assert_string_equal(json_object_get_string_member(o, "file"), "line.wfm");
    assert_string_equal(json_object_get_string_member(o, "instrument"), "TESTSCOPE B012345");
    assert_true(json_object_get_null_member(o, "channel_neg"));
    assert_int_equal(json_object_get_int_member(o, "samples"), 100000000);
    assert_true(json_object_get_int_member(o, "time_ns") == INT64_C(1700000000123456789));
    assert_true(json_object_get_boolean_member(o, "time_from_file"));
    JsonArray *notes = json_object_get_array_member(o, "notes");
    assert_int_equal(json_array_get_length(notes), 1);
    assert_string_equal(json_array_get_string_element(notes, 0), "a note");
    JsonObject *signal = json_object_get_object_member(o, "signal");
    assert_true(json_object_get_boolean_member(signal, "present"));
    assert_float_equal(json_object_get_double_member(signal, "amplitude"), 0.8, 1e-9);
    assert_string_equal(json_object_get_string_member(signal, "polarity"), "normal");
    assert_string_equal(json_object_get_string_member(o, "link"), "QSGMII");
    assert_float_equal(json_object_get_double_member(o, "baud_ppm"), 12.5, 1e-3);
    assert_int_equal(json_object_get_int_member(o, "commas"), 3456);
    assert_int_equal(json_object_get_int_member(o, "disparity_errors"), 0);
    assert_int_equal(json_object_get_int_member(o, "disparity_errors_if_per_lane"), 777);
    JsonArray *lanes = json_object_get_array_member(o, "lanes");
    assert_int_equal(json_array_get_length(lanes), 4);
    JsonObject *lane = json_array_get_object_element(lanes, 2);
    assert_int_equal(json_object_get_int_member(lane, "lane"), 2);
    assert_int_equal(json_object_get_int_member(lane, "frames"), 12);
    JsonObject *begins = json_object_get_object_member(lane, "begins");
    assert_int_equal(json_object_get_size(begins), 4);
    assert_int_equal(json_object_get_int_member(begins, "/S/"), 12);
    assert_int_equal(json_object_get_int_member(begins, "cut"), 4);
    JsonObject *ends = json_object_get_object_member(lane, "ends");
    assert_int_equal(json_object_get_size(ends), 6);
    assert_int_equal(json_object_get_int_member(ends, "early"), 5);
    JsonObject *config =
        json_array_get_object_element(json_object_get_array_member(lane, "config"), 0);
    assert_int_equal(json_object_get_int_member(config, "word"), 0xD801);
    assert_int_equal(json_object_get_int_member(config, "count"), 55);
    JsonObject *stretch =
        json_array_get_object_element(json_object_get_array_member(lane, "states"), 0);
    assert_string_equal(json_object_get_string_member(stretch, "state"), "idle");
    assert_int_equal(json_object_get_int_member(stretch, "to_ps"), 100003000);
    g_object_unref(parser);
    free_report(r);
}

/** A single link has one lane. */
static void lanes_present(void **state)
{
    (void)state;
    sd_report *r = good_report();
    r->link = SD_LINK_SGMII;
    for (unsigned i = 1; i < SD_REPORT_LANES; i++)
        r->lane[i].present = false;
    JsonParser *parser = parse(r);
    JsonArray *lanes = json_object_get_array_member(root_of(parser), "lanes");
    assert_int_equal(json_array_get_length(lanes), 1);
    char *text = sd_report_text(r);
    assert_non_null(strstr(text, "Lane 0"));
    assert_null(strstr(text, "Lane 1"));
    g_free(text);
    g_object_unref(parser);
    free_report(r);
}

/** Neither report fails on one in which nothing is known, or on text that is not UTF-8. */
static void empty_and_odd_reports(void **state)
{
    (void)state;
    sd_report *r = g_new0(sd_report, 1);
    r->file = g_strdup("x");
    r->format = g_strdup("raw");
    r->channel = g_strdup("1");
    r->samples = 10;
    r->segments = 1;
    r->sample_rate = 1e9;
    JsonParser *parser = parse(r);
    assert_false(json_object_get_boolean_member(
        json_object_get_object_member(root_of(parser), "signal"), "present"));
    g_object_unref(parser);
    char *text = sd_report_text(r);
    assert_true(g_str_has_suffix(text, "\n"));
    assert_null(strstr(text, "(null)"));
    g_free(text);
    free_report(r);

    r = good_report();
    g_free(r->file);
    r->file = g_strdup("\xFF\"\\\n\x01.wfm");
    g_free(r->instrument);
    r->instrument = NULL;
    g_ptr_array_add(r->notes, g_strdup("bytes \xC3\x28 and \"quotes\""));
    parser = parse(r);
    assert_true(json_object_get_null_member(root_of(parser), "instrument"));
    g_object_unref(parser);
    text = sd_report_text(r);
    assert_null(strstr(text, "(null)"));
    g_free(text);
    free_report(r);
}

/** What clock recovery gives when all that it saw was weaker than a signal. */
static void no_eye(void **state)
{
    (void)state;
    sd_report *r = good_report();
    r->smallest_eye = INFINITY;
    g_object_unref(parse(r));
    free_report(r);
}

/** Times before 1970 count too: the clock of an instrument may be anywhere. */
static void time_in_words(void **state)
{
    (void)state;
    static const struct {
        int64_t ns;
        const char *date, *fraction;
    } times[] = {
        {INT64_C(1700000000123456789), "2023-11-14 22:13:20", ".123456789"},
        {5, "1970-01-01 00:00:00", ".000000005"},
        {-1, "1969-12-31 23:59:59", ".999999999"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        sd_report *r = good_report();
        r->time_ns = times[i].ns;
        char *text = sd_report_text(r);
        if (strstr(text, times[i].date) == NULL || strstr(text, times[i].fraction) == NULL)
            fail_msg("%s%s is not in:\n%.300s", times[i].date, times[i].fraction, text);
        g_free(text);
        free_report(r);
    }
}

/* --- the same content ------------------------------------------------------------------------- */

/** A field of the report, and a value that differs from that of good_report(). */
typedef struct {
    const char *name;
    size_t at, size; /* in sd_report */
    union {
        uint64_t u64;
        uint32_t u32;
        int64_t i64;
        double number;
        bool truth;
        sd_link link;
        sd_lane_state lane_state;
        uint16_t u16;
    } value;
} field;

#define FIELD(member, kind, other)                                                                 \
    {                                                                                              \
        .name = #member, .at = offsetof(sd_report, member),                                        \
        .size = sizeof(((sd_report *)NULL)->member), .value.kind = (other)                         \
    }

/** What the design lists for the report. */
static const field fields[] = {
    FIELD(samples, u64, 200000000),
    FIELD(segments, u32, 3),
    FIELD(sample_rate, number, 5e11),
    FIELD(time_ns, i64, 1600000000123456789),
    FIELD(time_from_file, truth, false),
    FIELD(low, number, -0.5),
    FIELD(high, number, 0.5),
    FIELD(threshold, number, 0.1),
    FIELD(noise, number, 0.02),
    FIELD(smallest_eye, number, 0.05),
    FIELD(inverted, truth, true),
    FIELD(polarity_sure, truth, false),
    FIELD(link, link, SD_LINK_SGMII),
    FIELD(link_sure, truth, false),
    FIELD(baud, number, 5.001e9),
    FIELD(jitter_rms_ps, number, 5.5),
    FIELD(signal_losses, u64, 3),
    FIELD(slips, u64, 3),
    FIELD(first_lock_ps, i64, 99000000),
    FIELD(skipped_bits, u64, 1000),
    FIELD(commas, u64, 9999),
    FIELD(misplaced_commas, u64, 9999),
    FIELD(k28_1, u64, 9999),
    FIELD(k28_1_elsewhere, u64, 9999),
    FIELD(lane_moves, u64, 9999),
    FIELD(first_k28_1_ps, i64, 99000000),
    FIELD(disparity_serial, truth, false),
    FIELD(groups, u64, 9999),
    FIELD(invalid, u64, 9999),
    FIELD(serial_errors, u64, 9999),
    FIELD(lane_errors, u64, 9999),
    FIELD(disparity, u64, 9999),
    FIELD(disparity_sure, truth, false),
    FIELD(low_hit, u64, 9999),
    FIELD(high_hit, u64, 9999),
    FIELD(error_period_ps, number, 12.5e6),
    FIELD(lane[1].errors_unsure, u64, 9999),
    FIELD(lane[1].stretch[0].state, lane_state, SD_LANE_CONFIGURATION),
    FIELD(lane[1].stretch[0].from_ps, i64, 9000000),
    FIELD(lane[1].stretch[0].to_ps, i64, 9000000),
    FIELD(lane[1].stretch[0].segment, u32, 2),
    FIELD(lane[1].stretches_total, u64, 100),
    FIELD(lane[1].config[0].word, u16, 0x4001),
    FIELD(lane[1].config[0].count, u64, 99),
    FIELD(lane[1].config[0].from_ps, i64, 4500000),
    FIELD(lane[1].config[0].to_ps, i64, 9000000),
    FIELD(lane[1].config[0].segment, u32, 2),
    FIELD(lane[1].configs_total, u64, 100),
    FIELD(lane[1].acknowledged, truth, false),
    FIELD(lane[1].restarts, u64, 5),
    FIELD(lane[1].config_speed, u32, 100),
    FIELD(lane[1].data_speed, u32, 100),
    FIELD(lane[1].speeds_disagree, truth, true),
    FIELD(lane[1].frames, u64, 9999),
    FIELD(lane[1].octets, u64, 9999),
    FIELD(lane[1].fcs_bad_whole, u64, 9999),
    FIELD(lane[1].cut, u64, 9999),
    FIELD(lane[1].damaged_frames, u64, 9999),
    FIELD(lane[1].errors_in_frames, u64, 9999),
    FIELD(lane[1].errors_between, u64, 9999),
    FIELD(lane[1].begins[SD_BEGIN_S], u64, 9999),
    FIELD(lane[1].begins[SD_BEGIN_CUT], u64, 9999),
    FIELD(lane[1].begins[SD_BEGIN_NO_S], u64, 9999),
    FIELD(lane[1].begins[SD_BEGIN_NO_SFD], u64, 9999),
    FIELD(lane[1].ends[SD_END_T], u64, 9999),
    FIELD(lane[1].ends[SD_END_CUT], u64, 9999),
    FIELD(lane[1].ends[SD_END_EARLY], u64, 9999),
    FIELD(lane[1].ends[SD_END_NO_T], u64, 9999),
    FIELD(lane[1].ends[SD_END_LOST], u64, 9999),
    FIELD(lane[1].ends[SD_END_NEXT_S], u64, 9999),
    FIELD(lane[1].false_carriers, u64, 9999),
    FIELD(lane[1].sync_losses, u64, 9999),
};

/** Each figure shows in the text and in the JSON: when it changes, so do they. The verdict is left
    out: it is in both. */
static void same_content(void **state)
{
    (void)state;
    unsigned missing = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        sd_report *good = good_report(), *other = good_report();
        /* a record with several segments says of which it speaks */
        good->segments = other->segments = 4;
        memcpy((char *)other + fields[i].at, &fields[i].value, fields[i].size);
        char *text[] = {sd_report_text(good), sd_report_text(other)};
        char *json[] = {sd_report_json(good), sd_report_json(other)};
        for (unsigned k = 0; k < 2; k++) {
            *strrchr(text[k], '\n') = '\0';
            *strrchr(text[k], '\n') = '\0';
            *strstr(json[k], "\"verdict\"") = '\0';
        }
        if (strcmp(text[0], text[1]) == 0) {
            print_error("%s is not in the text\n", fields[i].name);
            missing++;
        }
        if (strcmp(json[0], json[1]) == 0) {
            print_error("%s is not in the JSON\n", fields[i].name);
            missing++;
        }
        for (unsigned k = 0; k < 2; k++) {
            g_free(text[k]);
            g_free(json[k]);
        }
        free_report(good);
        free_report(other);
    }
    assert_int_equal(missing, 0);
}

/** Text fields are in both. */
static void same_words(void **state)
{
    (void)state;
    sd_report *r = good_report();
    g_free(r->format);
    r->format = g_strdup("format-word");
    r->differential = true;
    r->channel_neg = g_strdup("CH9");
    g_ptr_array_add(r->notes, g_strdup("first-note"));
    g_ptr_array_add(r->notes, g_strdup("second-note"));
    char *text = sd_report_text(r), *json = sd_report_json(r), *verdict = sd_report_verdict(r);
    const char *const words[] = {"line.wfm", "format-word", "TESTSCOPE B012345", "CH1",
                                 "CH9",      "first-note",  "second-note",       verdict};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        assert_non_null(strstr(text, words[i]));
        assert_non_null(strstr(json, words[i]));
    }
    g_free(text);
    g_free(json);
    g_free(verdict);
    free_report(r);
}

/* --- the last line ---------------------------------------------------------------------------- */

/** Changes a good report, and gives a word that the verdict must have. */
typedef struct {
    void (*change)(sd_report *r);
    const char *word;
} verdict_case;

static void nothing(sd_report *r)
{
    (void)r;
}

static void no_signal(sd_report *r)
{
    r->signal = false;
    r->link = SD_LINK_UNKNOWN;
    r->lock = false;
}

static void other_baud(sd_report *r)
{
    r->link = SD_LINK_UNKNOWN;
    r->lock = false;
    r->shortest_pulse_ps = 96.97;
}

static void too_few_edges(sd_report *r)
{
    r->link = SD_LINK_UNKNOWN;
    r->lock = false;
}

static void no_lock(sd_report *r)
{
    r->lock = false;
    r->commas = 0;
}

static void no_comma(sd_report *r)
{
    r->commas = 0;
}

static void no_k28_1(sd_report *r)
{
    r->k28_1 = 0;
}

static void lost_once(sd_report *r)
{
    r->signal_losses = 1;
}

static void lost_often(sd_report *r)
{
    r->signal_losses = 17;
}

static void lanes_moved(sd_report *r)
{
    r->lane_moves = 2;
}

static void slipped(sd_report *r)
{
    r->slips = 2;
}

static void dead_lane(sd_report *r)
{
    sd_lane_report *l = &r->lane[2];
    *l = (sd_lane_report){.present = true, .groups = 12500};
    l->state_ps[SD_LANE_NO_SYNC] = 100000000;
    l->stretch[0] = (sd_lane_stretch){.state = SD_LANE_NO_SYNC, .to_ps = 100000000};
    l->stretches = 1;
    l->stretches_total = 1;
}

static void constant_lane(sd_report *r)
{
    dead_lane(r);
    r->lane[2].frames = r->lane[2].begins[SD_BEGIN_CUT] = r->lane[2].ends[SD_END_CUT] = 1;
    r->lane[2].constant = true;
    r->lane[2].constant_octet = 0x5A;
}

static void garbage_lane(sd_report *r)
{
    constant_lane(r);
    r->lane[2].constant = false;
    r->lane[2].errors_in_frames = 7000;
}

/** The record lies inside one long frame. */
static void long_frame(sd_report *r)
{
    constant_lane(r);
    r->lane[2].constant = false;
}

static void two_lanes(sd_report *r)
{
    dead_lane(r);
    r->lane[1].restarts = 1;
}

static void inverted(sd_report *r)
{
    r->inverted = true;
}

static void low_level(sd_report *r)
{
    r->lane[0].errors_in_frames = 40;
    r->low_hit = 39;
    r->high_hit = 1;
}

static void high_level(sd_report *r)
{
    r->lane[0].errors_in_frames = 40;
    r->high_hit = 10;
}

static void periodic(sd_report *r)
{
    r->lane[0].errors_in_frames = 40;
    r->error_period_ps = 12.5e6;
    r->error_periods = 38;
    r->error_periods_spared = 2;
}

static void wrong_speed(sd_report *r)
{
    r->lane[3].speeds_disagree = true;
    r->lane[3].config_speed = 1000;
    r->lane[3].data_speed = 100;
}

static void never_acknowledged(sd_report *r)
{
    sd_lane_report *l = &r->lane[1];
    l->acknowledged = false;
    l->frames = l->octets = 0;
    memset(l->state_ps, 0, sizeof l->state_ps);
    l->state_ps[SD_LANE_CONFIGURATION] = 100000000;
}

static void restarts(sd_report *r)
{
    r->lane[1].restarts = 4;
}

static void symbol_errors(sd_report *r)
{
    r->lane[0].errors_in_frames = 11;
    r->lane[0].damaged_frames = 3;
    r->lane[3].errors_between = 20;
}

static void bad_fcs(sd_report *r)
{
    r->lane[0].fcs_bad = r->lane[0].fcs_bad_whole = 2;
}

static void cut_frames(sd_report *r)
{
    r->lane[0].fcs_bad = r->lane[0].cut = 2;
    r->lane[0].begins[SD_BEGIN_CUT] = r->lane[0].ends[SD_END_CUT] = 1;
}

static const verdict_case verdicts[] = {
    {nothing, "othing is wrong"},
    {no_signal, "no signal"},
    {other_baud, "96.97 ps"},
    {too_few_edges, "few edges"},
    {no_lock, "comma"},
    {no_comma, "comma"},
    {no_k28_1, "K28.1"},
    {lost_once, "lost 1 time."},
    {lost_often, "17 times"},
    {lanes_moved, "anes moved"},
    {slipped, "2 times"},
    {dead_lane, "ane 2"},
    {constant_lane, "Lane 2 is dead: it sends 0x5A all the time."},
    {garbage_lane, "Lane 2 is dead"},
    {two_lanes, "Lane 2 is dead"},
    {two_lanes, "On lane 1 the configuration starts again 1 time."},
    {long_frame, "othing is wrong"},
    {inverted, "The polarity is inverted"},
    {low_level, "The errors hit the low level alone: it was read as high in 39 of 40."},
    {high_level, "The errors hit the high level alone: it was read as low in 10 of 10."},
    {periodic, "The errors are periodic: they come every 12.5 us (80 kHz), in 38 of 40 periods."},
    {wrong_speed, "ane 3"},
    {wrong_speed, "1000 Mb/s"},
    {wrong_speed, "100 Mb/s"},
    {never_acknowledged, "ane 1"},
    {never_acknowledged, "cknowl"},
    {restarts, "4 times"},
    {symbol_errors, "31"},
    {symbol_errors, "3 of 46 frames"},
    {bad_fcs, "2 whole frames"},
    {cut_frames, "othing is wrong"},
};

/** One sentence, on one line, that is the last of the text. */
static void each_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++) {
        sd_report *r = good_report();
        verdicts[i].change(r);
        char *verdict = sd_report_verdict(r), *text = sd_report_text(r);
        if (strstr(verdict, verdicts[i].word) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", verdicts[i].word, verdict);
        const bool good = verdicts[i].change == nothing || verdicts[i].change == cut_frames ||
                          verdicts[i].change == long_frame || verdicts[i].change == inverted;
        assert_int_equal(strstr(verdict, "othing is wrong") != NULL, good);
        assert_null(strchr(verdict, '\n'));
        assert_true(g_str_has_suffix(verdict, "."));
        char *last = g_strconcat("\n", verdict, "\n", NULL);
        assert_true(g_str_has_suffix(text, last));
        JsonParser *parser = parse(r);
        assert_string_equal(json_object_get_string_member(root_of(parser), "verdict"), verdict);
        g_object_unref(parser);
        g_free(last);
        g_free(text);
        g_free(verdict);
        free_report(r);
    }
}

static void false_carrier(sd_report *r)
{
    r->lane[1].false_carriers = 2;
}

static void sync_lost(sd_report *r)
{
    r->lane[1].sync_losses = 1;
}

static void early_end(sd_report *r)
{
    r->lane[1].ends[SD_END_EARLY] = 1;
}

static void wrong_end(sd_report *r)
{
    r->lane[1].ends[SD_END_NO_T] = 1;
}

static void next_s(sd_report *r)
{
    r->lane[1].ends[SD_END_NEXT_S] = 1;
}

static void no_s(sd_report *r)
{
    r->lane[1].begins[SD_BEGIN_NO_S] = 1;
}

static void elsewhere(sd_report *r)
{
    r->k28_1_elsewhere = 5;
}

static void few_of_one_level(sd_report *r)
{
    r->lane[0].errors_in_frames = 9;
    r->low_hit = 9;
}

static void both_levels(sd_report *r)
{
    r->lane[0].errors_in_frames = 100;
    r->low_hit = 90;
    r->high_hit = 10;
}

/** Errors that may well have come so by chance have no pattern. */
static void no_pattern(void **state)
{
    (void)state;
    void (*const changes[])(sd_report *) = {symbol_errors, few_of_one_level, both_levels};
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        sd_report *r = good_report();
        changes[i](r);
        char *verdict = sd_report_verdict(r);
        assert_null(strstr(verdict, "level"));
        assert_null(strstr(verdict, "periodic"));
        g_free(verdict);
        free_report(r);
    }
}

/** "Nothing is wrong" may be said only when nothing is. */
static void not_silent(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        void (*change)(sd_report *r);
    } faults[] = {
        {"false carriers", false_carrier},   {"loss of synchronisation", sync_lost},
        {"an early end", early_end},         {"an end without /T/", wrong_end},
        {"an end in /S/", next_s},           {"a begin without /S/", no_s},
        {"K28.1 outside lane 0", elsewhere},
    };
    unsigned silent = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        sd_report *r = good_report();
        faults[i].change(r);
        char *verdict = sd_report_verdict(r);
        if (strstr(verdict, "othing is wrong") != NULL) {
            print_error("%s: \"%s\"\n", faults[i].what, verdict);
            silent++;
        }
        g_free(verdict);
        free_report(r);
    }
    assert_int_equal(silent, 0);
}

/** What the link could not do comes before what follows from it. */
static void worst_first(void **state)
{
    (void)state;
    static const char *const words[] = {"no signal", "comma", "K28.1", "lost"};
    void (*const changes[])(sd_report *) = {no_signal, no_lock, no_k28_1, lost_often};
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        sd_report *r = good_report();
        symbol_errors(r);
        bad_fcs(r);
        for (size_t k = G_N_ELEMENTS(changes); k-- > i;)
            changes[k](r);
        char *verdict = sd_report_verdict(r);
        assert_non_null(strstr(verdict, words[i]));
        g_free(verdict);
        free_report(r);
    }
}

/** QSGMII without K28.1 in the record is no fault where lane 0 is known otherwise. */
static void lane_0_by_exclusion(void **state)
{
    (void)state;
    sd_report *r = good_report();
    r->k28_1 = 0;
    r->lane_0_by_exclusion = true;
    char *verdict = sd_report_verdict(r);
    assert_non_null(strstr(verdict, "othing is wrong"));
    g_free(verdict);
    free_report(r);
}

static void link_names(void **state)
{
    (void)state;
    assert_string_equal(sd_link_name(SD_LINK_QSGMII), "QSGMII");
    assert_string_equal(sd_link_name(SD_LINK_SGMII), "SGMII");
    assert_string_equal(sd_link_name(SD_LINK_1000BASE_X), "1000BASE-X");
    assert_string_equal(sd_link_name(SD_LINK_2500BASE_X), "2500BASE-X");
    assert_non_null(sd_link_name(SD_LINK_UNKNOWN));
}

/** The text has each of @p words (ended by NULL), and none of @p others. */
static void assert_words(const sd_report *r, const char *const *words, const char *const *others)
{
    char *text = sd_report_text(r);
    for (; *words != NULL; words++) {
        if (strstr(text, *words) == NULL)
            fail_msg("no \"%s\" in:\n%s", *words, text);
    }
    for (; *others != NULL; others++) {
        if (strstr(text, *others) != NULL)
            fail_msg("\"%s\" in:\n%s", *others, text);
    }
    g_free(text);
}
/** Words for assert_words(). */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NONE       ((const char *const[]){NULL})

static void record_faults(void **state)
{
    (void)state;
    sd_report *r = good_report();
    assert_null(sd_report_record_fault(r));
    r->clipped = 0.0099;
    r->sample_rate = 12.5e9;
    assert_words(r, WORDS("2.5 samples per bit", "Nothing is wrong"),
                 WORDS("clipped", "undersampled"));

    r->clipping_known = true;
    r->clipped = 0.25;
    assert_words(r, WORDS("no symbol error in 46 frames. The record is clipped: 25 %"),
                 WORDS("Nothing is wrong", "undersampled"));
    r->sample_rate = 12e9;
    r->lane[0].errors_in_frames = 3;
    assert_words(r, WORDS("3 symbol errors", "is clipped", "is undersampled: it has 2.4 samples"),
                 WORDS("Nothing is wrong"));
    JsonParser *parser = parse(r);
    JsonObject *o = root_of(parser);
    assert_true(json_object_get_boolean_member(o, "clipped"));
    assert_float_equal(json_object_get_double_member(o, "clipped_share"), 0.25, 1e-12);
    assert_true(json_object_get_boolean_member(o, "undersampled"));
    assert_float_equal(json_object_get_double_member(o, "samples_per_bit"), 2.4, 1e-9);
    assert_non_null(strstr(json_object_get_string_member(o, "record_fault"), "clipped"));
    g_object_unref(parser);

    r->not_finite = 12;
    r->first_not_finite = g_strdup("sample 7 of segment 0 of channel CH1 in line.wfm (byte 866)");
    assert_words(
        r,
        WORDS("12 samples are no finite numbers and were taken as 0 ",
              "; the first is sample 7 of segment 0 of channel CH1 in line.wfm (byte 866)."),
        NONE);
    parser = parse(r);
    o = root_of(parser);
    assert_int_equal(json_object_get_int_member(o, "not_finite_samples"), 12);
    assert_non_null(
        strstr(json_object_get_string_member(o, "first_not_finite_sample"), "byte 866"));
    g_object_unref(parser);
    r->not_finite = 0;

    /* without a link: what the sample rate is enough for */
    r->link = SD_LINK_UNKNOWN;
    r->nominal_baud = 0;
    r->clipped = 0;
    r->sample_rate = 8e9;
    assert_words(r, WORDS("At 8 GS/s a line of more than 3.2 GBd is undersampled"), NONE);
    assert_false(sd_report_undersampled(r));
    r->sample_rate = 3e9;
    assert_true(sd_report_undersampled(r));
    r->sample_rate = 12.5e9;
    assert_words(r, WORDS("this is no QSGMII, SGMII or 1000BASE-X line"),
                 WORDS("undersampled", "samples per bit"));
    free_report(r);
}

static void scale_direction_and_skew(void **state)
{
    (void)state;
    sd_report *r = good_report();
    JsonParser *parser = parse(r);
    JsonObject *o = root_of(parser);
    assert_true(json_object_get_null_member(o, "direction"));
    assert_true(json_object_get_null_member(o, "range_low"));
    assert_true(json_object_get_null_member(o, "clipped"));
    assert_true(json_object_get_null_member(o, "clipped_share"));
    assert_false(json_object_has_member(o, "skew_ps"));
    assert_true(json_object_get_null_member(o, "record_fault"));
    g_object_unref(parser);
    assert_words(r, NONE, WORDS("Direction", "Skew", "range"));

    r->vertical = (sd_vertical){.unit = g_strdup("V"),
                                .codes = true,
                                .scale = 0.0078125,
                                .offset = 0.5,
                                .range_known = true,
                                .range_low = -0.5,
                                .range_high = 1.5};
    r->vertical_neg = (sd_vertical){.unit = g_strdup("A"), .scale = 2, .offset = -1};
    r->direction = SD_DIRECTION_INBOUND;
    r->differential = true;
    r->channel_neg = g_strdup("CH2");
    r->skew_ps = -12.34;
    r->skew_found = true;
    r->likeness = 0.99;
    assert_words(
        r,
        WORDS("Direction     inbound: it is the second", "12.3 ps earlier: taken out",
              "Vertical      CH1: 0.0078125 V per code, offset 0.5 V, range -0.5 V to 1.5 V\n",
              "Vertical      CH2: 2 A per stored unit, offset -1 A\n"),
        NONE);
    parser = parse(r);
    o = root_of(parser);
    assert_string_equal(json_object_get_string_member(o, "direction"), "inbound");
    assert_float_equal(json_object_get_double_member(o, "skew_ps"), -12.34, 1e-9);
    assert_float_equal(json_object_get_double_member(o, "range_high"), 1.5, 1e-9);
    JsonArray *verticals = json_object_get_array_member(o, "vertical");
    assert_int_equal(json_array_get_length(verticals), 2);
    JsonObject *vertical = json_array_get_object_element(verticals, 0);
    assert_string_equal(json_object_get_string_member(vertical, "channel"), "CH1");
    assert_string_equal(json_object_get_string_member(vertical, "unit"), "V");
    assert_float_equal(json_object_get_double_member(vertical, "scale"), 0.0078125, 0);
    assert_float_equal(json_object_get_double_member(vertical, "offset"), 0.5, 0);
    JsonObject *range = json_object_get_object_member(vertical, "range");
    assert_float_equal(json_object_get_double_member(range, "low"), -0.5, 0);
    assert_float_equal(json_object_get_double_member(range, "high"), 1.5, 0);
    vertical = json_array_get_object_element(verticals, 1);
    assert_string_equal(json_object_get_string_member(vertical, "channel"), "CH2");
    assert_string_equal(json_object_get_string_member(vertical, "unit"), "A");
    assert_true(json_object_get_null_member(vertical, "range"));
    g_object_unref(parser);

    r->skew_found = false;
    r->likeness = 0.1;
    r->direction = SD_DIRECTION_OUTBOUND;
    assert_words(r, WORDS("outbound: it is the first", "not found", "likeness 10 %"), NONE);
    parser = parse(r);
    assert_true(json_object_get_null_member(root_of(parser), "skew_ps"));
    g_object_unref(parser);
    free_report(r);
}

static void several_reports(void **state)
{
    (void)state;
    sd_report *a = good_report(), *b = good_report();
    a->direction = SD_DIRECTION_OUTBOUND;
    b->direction = SD_DIRECTION_INBOUND;
    const sd_report *const reports[] = {a, b};
    char *text = sd_reports_json(reports, 2);
    JsonParser *parser = json_parser_new();
    assert_true(json_parser_load_from_data(parser, text, -1, NULL));
    JsonArray *channels = json_object_get_array_member(root_of(parser), "channels");
    assert_int_equal(json_array_get_length(channels), 2);
    for (guint i = 0; i < 2; i++) {
        JsonObject *o = json_array_get_object_element(channels, i);
        assert_string_equal(json_object_get_string_member(o, "direction"),
                            i == 0 ? "outbound" : "inbound");
        assert_int_equal(json_object_get_int_member(o, "commas"), 3456);
    }
    g_object_unref(parser);
    g_free(text);
    free_report(a);
    free_report(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_faults),
        cmocka_unit_test(scale_direction_and_skew),
        cmocka_unit_test(several_reports),
        cmocka_unit_test(json_content),
        cmocka_unit_test(lanes_present),
        cmocka_unit_test(empty_and_odd_reports),
        cmocka_unit_test(no_eye),
        cmocka_unit_test(time_in_words),
        cmocka_unit_test(same_content),
        cmocka_unit_test(same_words),
        cmocka_unit_test(each_verdict),
        cmocka_unit_test(no_pattern),
        cmocka_unit_test(not_silent),
        cmocka_unit_test(worst_first),
        cmocka_unit_test(lane_0_by_exclusion),
        cmocka_unit_test(link_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
