/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that stand in MANIFEST.json beside a record ("companions"): the same record as the
 * oscilloscope, or a program of its maker, wrote it in another format. Sample by sample they must
 * say the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scopedump/error.h"
#include "scopedump/waveform.h"

#include "scope_files.h"

/** What text keeps of the digits of a sample, of maximum - minimum. */
#define ROUNDING 1e-5
/** The same of an interval, relative, and of a start, in intervals. */
#define INTERVAL_ROUNDING 1e-6
#define START_ROUNDING    0.01

/** A record in a second file. */
static const struct {
    const char *file, *record;
    size_t channel;        /**< Channel of the record that the first one of the file is. */
    uint64_t first, every; /**< Which samples of the record it holds. */
    bool no_times;         /**< It does not hold its sample rate. */
    unsigned codes;        /**< How far its samples may be off; 0: by the rounding alone. */
} exports[] = {
    {"tek-csv/mso64-analog.csv", "tek-wfm/mso64-int16.wfm", 0, 0, 1, false, 0},
    {"matlab/mso64-analog.mat", "tek-wfm/mso64-int16.wfm", 0, 0, 1, false, 0},
    {"tek-csv/mdo4104-i2c-both.csv", "sigrok/mdo4104-i2c.sr", 0, 0, 1, true, 0},
    {"keysight-csv/mso7034a-2ch.csv", "keysight-bin/mso7034a-2ch.bin", 0, 0, 1, false, 0},
    {"keysight-csv/mso7034a-xy-ch1.csv", "keysight-bin/mso7034a-2ch.bin", 0, 0, 1, false, 0},
    {"keysight-csv/mso7034a-xy-ch2.csv", "keysight-bin/mso7034a-2ch.bin", 1, 0, 1, false, 0},
    {"rohde-schwarz/rtp-float-1ch.Wfm.csv", "rohde-schwarz/rtp-float-1ch.bin", 0, 0, 1, true, 0},
    {"rohde-schwarz/rtp-xydouble-2ch.Wfm.csv", "rohde-schwarz/rtp-xydouble-2ch.bin", 0, 0, 1, false,
     0},
    /* The samples on screen: one in five, one in ten; the layouts are not published. */
    {"rigol-wfm/ds1102e-2ch.csv", "rigol-wfm/ds1102e-2ch.wfm", 0, 2595, 5, false, 1},
    {"rigol-wfm/ds1204b.csv", "rigol-wfm/ds1204b.wfm", 0, 0, 1, false, 0},
    {"rigol-wfm/ds2072a.csv", "rigol-wfm/ds2072a.wfm", 0, 0, 10, false, 4},
};

/** Files that hold no voltage record, and what their sentence says. */
static const struct {
    const char *file, *words;
} refusals[] = {
    {"tek-csv/mso64-digital.csv", "digital channels"},
    {"tek-csv/mso64-iq.csv", "IQ data"},
    {"keysight-csv/mso7034a-setup.txt", "no known format"},
    {"tek-wfm/fastframe-10x1250-int16.expected.csv", "named like a CSV file"},
};

static sd_waveform *open_file(const char *file, double sample_rate)
{
    g_autofree char *path = g_build_filename(SCOPE_FILES, file, NULL);
    const sd_waveform_options options = {.sample_rate = sample_rate};
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, &options, &error);
    if (!waveform) {
        fail_msg("%s", error->message);
    }
    return waveform;
}

/** Compares all samples; @p row is the place in the table. */
static void compare_samples(size_t row, const sd_channel *is, const sd_channel *expected)
{
    const uint64_t first = exports[row].first;
    const uint64_t every = exports[row].every;
    const uint64_t count = is->segment[0].count;
    assert_true(count > 0 && first + (count - 1) * every < expected->segment[0].count);
    double least = INFINITY;
    double most = -INFINITY;
    double apart = 0;
    for (uint64_t i = 0; i < count; i++) {
        double value = sd_channel_value(expected, 0, first + i * every);
        least = MIN(least, value);
        most = MAX(most, value);
        apart = MAX(apart, fabs(sd_channel_value(is, 0, i) - value));
    }
    assert_close(exports[row].file, "the distance of its samples from those of the record", apart,
                 0, ROUNDING * (most - least) + exports[row].codes * fabs(expected->scale));
}

static void compare_export(size_t row)
{
    const char *file = exports[row].file;
    sd_waveform *record = open_file(exports[row].record, 0);
    const double interval = record->channel[0].interval * (double)exports[row].every;
    sd_waveform *export = open_file(file, exports[row].no_times ? 1 / interval : 0);
    assert_true(exports[row].channel + export->channels <= record->channels);
    for (size_t i = 0; i < export->channels; i++) {
        const sd_channel *is = &export->channel[i];
        const sd_channel *expected = &record->channel[exports[row].channel + i];
        assert_int_equal(is->segments, 1);
        assert_string_equal(is->unit, expected->unit);
        assert_close(file, "the interval", is->interval, interval, INTERVAL_ROUNDING * interval);
        compare_samples(row, is, expected);
        if (!exports[row].no_times) {
            double start =
                expected->segment[0].start + (double)exports[row].first * expected->interval;
            double samples = exports[row].codes == 0 ? START_ROUNDING : 1 + START_ROUNDING;
            assert_close(file, "the start", is->segment[0].start, start,
                         samples * expected->interval);
        }
    }
    print_message("%s: %zu channels as in %s\n", file, export->channels, exports[row].record);
    sd_waveform_free(export);
    sd_waveform_free(record);
}

static void exports_of_records(void **state)
{
    (void)state;
    need_folder();
    for (size_t i = 0; i < G_N_ELEMENTS(exports); i++) {
        compare_export(i);
    }
}

static void refused_companions(void **state)
{
    (void)state;
    need_folder();
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_build_filename(SCOPE_FILES, refusals[i].file, NULL);
        g_autoptr(GError) error = NULL;
        assert_null(sd_waveform_open(path, NULL, &error));
        assert_true(error && error->domain == SD_ERROR);
        assert_sentence(path, error->message, refusals[i].words);
    }
}

/** One long line with the volts of all frames, from a reader of another project. */
static void volts_of_all_frames(void **state)
{
    (void)state;
    need_folder();
    g_autofree char *path =
        g_build_filename(SCOPE_FILES, "tek-wfm/fastframe-10x1250-int16.expected.csv", NULL);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) volts = g_strsplit(text, ",", -1);
    sd_waveform *waveform = open_file("tek-wfm/fastframe-10x1250-int16.wfm", 0);
    const sd_channel *channel = &waveform->channel[0];
    size_t compared = 0;
    for (size_t s = 0; s < channel->segments; s++) {
        for (uint64_t i = 0; i < channel->segment[s].count; i++, compared++) {
            assert_non_null(volts[compared]);
            assert_close("fastframe", "a sample", sd_channel_value(channel, s, i),
                         g_ascii_strtod(volts[compared], NULL), 5e-8);
        }
    }
    assert_null(volts[compared]);
    sd_waveform_free(waveform);
}

/** Whether a test here or the reader of the record that it belongs to reads the file. */
static bool is_known(const char *file)
{
    if (g_str_has_suffix(file, ".Wfm.bin")) {
        return true; /* the samples of the .bin beside it */
    }
    for (size_t i = 0; i < G_N_ELEMENTS(exports); i++) {
        if (strcmp(exports[i].file, file) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (strcmp(refusals[i].file, file) == 0) {
            return true;
        }
    }
    return false;
}

/** No companion may be forgotten. */
static void companions_of_the_manifest(void **state)
{
    (void)state;
    need_folder();
    JsonArray *files = NULL;
    JsonParser *manifest = read_manifest(&files);
    for (guint i = 0; i < json_array_get_length(files); i++) {
        JsonObject *entry = json_array_get_object_element(files, i);
        if (!json_object_has_member(entry, "companions")) {
            continue;
        }
        JsonArray *companions = json_object_get_array_member(entry, "companions");
        for (guint k = 0; k < json_array_get_length(companions); k++) {
            const char *file =
                json_object_get_string_member(json_array_get_object_element(companions, k), "file");
            if (!is_known(file)) {
                fail_msg("%s stands in the manifest, but no test reads it", file);
            }
        }
    }
    g_object_unref(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exports_of_records),
        cmocka_unit_test(refused_companions),
        cmocka_unit_test(volts_of_all_frames),
        cmocka_unit_test(companions_of_the_manifest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
