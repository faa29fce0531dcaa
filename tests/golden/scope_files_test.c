/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the real files of the folder SCOPE_FILES and compares them with its MANIFEST.json, which
 * holds what other readers found in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scopedump/error.h"
#include "scopedump/waveform.h"

#include "scope_files.h"

#include <float.h>

/** What the manifest calls the tolerances ("how_to_compare"). */
#define VOLTS_TOLERANCE    1e-6 /**< Of maximum - minimum. */
#define INTERVAL_TOLERANCE 1e-7 /**< Of the interval. */
#define START_TOLERANCE    1e-3 /**< Of an interval. */
/** Times since 1970 stand in the manifest as doubles, whose steps are 240 ns. */
#define TRIGGER_TOLERANCE             5e-7
#define TRIGGER_TOLERANCE_SINCE_FIRST 2e-9

/** What the sentence says of each file that holds no voltage record or is damaged. */
static const struct {
    const char *file, *words;
} refusals[] = {
    {"tek-wfm/mso64-digital.wfm", "digital channels, not a voltage record"},
    {"tek-wfm/mso64-iq.wfm", "IQ data, not a voltage record"},
    {"tek-isf/math-envelope.isf", "envelope"},
    {"tek-isf/rf-spectrum-float32.isf", "\"Hz\", not \"s\""},
    {"invalid/tek-invalid_csv.csv", "the header is cut"},
    {"invalid/tek-invalid_record_length.csv", "the header is cut"},
    {"invalid/tek-cut-in-the-curve.wfm", "the file is cut: it has 60000 bytes"},
    {"invalid/lecroy-header-only.trc", "the file is cut: it ends at byte 357"},
    {"invalid/lecroy-7200a-template-1-0.trc", "template \"LECROY_1_0\""},
    {"invalid/infiniium-own-format.wfm", "Keysight Infiniium internal .wfm"},
    {"invalid/rs-history-without-payload.bin", "rs-history-without-payload.Wfm.bin does not exist"},
    {"invalid/rigol-mso5074-wrong-sizes.bin", "promises 4000 bytes"},
    {"invalid/siglent-v4-digital-only.bin", "all analog channels are off"},
    {"invalid/sigrok-logic-only.sr", "without an analog channel"},
};

/** The unit that the manifest gives to digital channels, which are left out with a note. */
#define UNIT_DIGITAL "logic level"

/** A run of samples in one or all segments of a channel. */
typedef struct {
    const char *file;
    const sd_channel *channel;
    size_t segment, segments;
} samples;

static void compare_ends(const samples *run, JsonObject *expected, double tolerance)
{
    if (!json_object_has_member(expected, "first8")) {
        return;
    }
    JsonArray *first = json_object_get_array_member(expected, "first8");
    JsonArray *last = json_object_get_array_member(expected, "last8");
    const size_t final = run->segment + run->segments - 1;
    const uint64_t count = run->channel->segment[final].count;
    assert_true(count >= json_array_get_length(last));
    for (guint i = 0; i < json_array_get_length(first); i++) {
        assert_close(run->file, "one of the first samples",
                     sd_channel_value(run->channel, run->segment, i),
                     json_array_get_double_element(first, i), tolerance);
    }
    for (guint i = 0; i < json_array_get_length(last); i++) {
        assert_close(run->file, "one of the last samples",
                     sd_channel_value(run->channel, final, count - json_array_get_length(last) + i),
                     json_array_get_double_element(last, i), tolerance);
    }
}

/** Compares ends, minimum, maximum and mean, and the fast conversion with the exact one. */
static void compare_samples(const samples *run, JsonObject *expected)
{
    double minimum = DBL_MAX;
    double maximum = -DBL_MAX;
    double sum = 0;
    uint64_t total = 0;
    double rounding = 0;
    for (size_t s = run->segment; s < run->segment + run->segments; s++) {
        uint64_t count = run->channel->segment[s].count;
        g_autofree float *volts = g_new(float, count);
        sd_channel_read(run->channel, s, 0, count, volts);
        for (uint64_t i = 0; i < count; i++) {
            double value = sd_channel_value(run->channel, s, i);
            minimum = MIN(minimum, value);
            maximum = MAX(maximum, value);
            sum += value;
            rounding = MAX(rounding, fabs((double)volts[i] - value));
        }
        total += count;
    }
    double tolerance = VOLTS_TOLERANCE * (maximum - minimum);
    compare_ends(run, expected, tolerance);
    assert_close(run->file, "the minimum", minimum, json_object_get_double_member(expected, "min"),
                 tolerance);
    assert_close(run->file, "the maximum", maximum, json_object_get_double_member(expected, "max"),
                 tolerance);
    assert_close(run->file, "the mean", sum / (double)total,
                 json_object_get_double_member(expected, "mean"), tolerance);
    /* Where the offset is much larger than the signal, a float has no more digits. */
    double digits = FLT_EPSILON * (fabs(run->channel->offset) + fabs(maximum));
    assert_close(run->file, "the rounding of sd_channel_read()", rounding, 0, tolerance + digits);
}

/** The time of the trigger of a segment in seconds: since 1970, or since the trigger of the first
 * segment for formats whose manifest counts from there (it says 0 for the first). */
static double trigger_time(const sd_channel *channel, size_t segment, bool since_first)
{
    const sd_segment *first = &channel->segment[0];
    const sd_segment *at = &channel->segment[segment];
    if (!since_first) {
        return (double)at->time_ns * 1e-9 - at->start;
    }
    return (double)(at->time_ns - first->time_ns) * 1e-9 - (at->start - first->start);
}

static void compare_frames(const char *file, const sd_waveform *waveform, const sd_channel *channel,
                           JsonObject *expected)
{
    assert_int_equal(channel->segments, json_object_get_int_member(expected, "frames"));
    JsonArray *frames = json_object_get_array_member(expected, "frames_listed");
    assert_true(json_array_get_length(frames) > 0);
    JsonObject *first = json_array_get_object_element(frames, 0);
    const bool since_first = json_object_has_member(first, "trigger_time_s") &&
                             json_object_get_double_member(first, "trigger_time_s") == 0;
    for (guint i = 0; i < json_array_get_length(frames); i++) {
        JsonObject *frame = json_array_get_object_element(frames, i);
        size_t index = (size_t)json_object_get_int_member(frame, "frame");
        assert_true(index < channel->segments);
        const sd_segment *segment = &channel->segment[index];
        assert_int_equal(segment->count, json_object_get_int_member(expected, "samples_per_frame"));
        assert_close(file, "the start of a frame", segment->start,
                     json_object_get_double_member(frame, "t0_s"),
                     START_TOLERANCE * channel->interval);
        if (json_object_has_member(frame, "trigger_time_s")) {
            assert_true(waveform->has_time);
            assert_close(file, "the trigger time of a frame",
                         trigger_time(channel, index, since_first),
                         json_object_get_double_member(frame, "trigger_time_s"),
                         since_first ? TRIGGER_TOLERANCE_SINCE_FIRST : TRIGGER_TOLERANCE);
        }
        compare_samples(&(samples){file, channel, index, 1}, frame);
    }
}

static void compare_channel(const char *file, const sd_waveform *waveform,
                            const sd_channel *channel, JsonObject *expected, bool no_times)
{
    uint64_t total = 0;
    for (size_t i = 0; i < channel->segments; i++) {
        total += channel->segment[i].count;
    }
    assert_int_equal(total, json_object_get_int_member(expected, "samples"));
    double interval = json_object_get_double_member(expected, "sample_interval_s");
    assert_close(file, "the interval", channel->interval, interval, INTERVAL_TOLERANCE * interval);
    const char *unit = json_object_get_string_member(expected, "unit");
    assert_string_equal(channel->unit, g_str_has_prefix(unit, "code") ? "V" : unit);
    if (json_object_has_member(expected, "t0_s") && !no_times) {
        assert_close(file, "the start", channel->segment[0].start,
                     json_object_get_double_member(expected, "t0_s"),
                     START_TOLERANCE * channel->interval);
    }
    JsonObject *vertical = json_object_has_member(expected, "vertical")
                               ? json_object_get_object_member(expected, "vertical")
                               : NULL;
    if (vertical && json_object_has_member(vertical, "scale_per_code")) {
        double scale = json_object_get_double_member(vertical, "scale_per_code");
        assert_close(file, "the scale", channel->scale, scale, 0);
        assert_close(file, "the offset", channel->offset,
                     json_object_get_double_member(vertical, "offset"), 0);
    }
    if (json_object_has_member(expected, "frames_listed")) {
        compare_frames(file, waveform, channel, expected);
    }
    compare_samples(&(samples){file, channel, 0, channel->segments}, expected);
}

/** Whether the file says nothing of time. */
static bool has_no_times(JsonObject *entry)
{
    const char *format = json_object_get_string_member(entry, "format");
    return g_str_has_prefix(format, "raw float32") || g_str_has_prefix(format, "NumPy .npy");
}

/** A file that says nothing of time has its interval in the manifest. */
static sd_waveform_options options_for(JsonObject *entry)
{
    sd_waveform_options options = {0};
    if (has_no_times(entry)) {
        JsonObject *channel =
            json_array_get_object_element(json_object_get_array_member(entry, "channels"), 0);
        options.raw = g_str_has_prefix(json_object_get_string_member(entry, "format"), "raw");
        options.type = SD_SAMPLE_F32;
        options.sample_rate = 1 / json_object_get_double_member(channel, "sample_interval_s");
    }
    return options;
}

/** Whether this build has no reader for the file. */
static bool has_no_reader(const char *file)
{
#ifdef SD_HDF5
    (void)file;
    return false;
#else
    return g_str_has_suffix(file, ".h5");
#endif
}

/** A refusal is in order if the manifest asks for it or allows it, or if there is no reader. */
static void check_refusal(const char *file, const char *path, const char *expect,
                          const GError *error)
{
    assert_true(error && error->domain == SD_ERROR);
    if (has_no_reader(file)) {
        assert_int_equal(error->code, SD_ERROR_FORMAT);
        assert_sentence(path, error->message, "this build of scopedump has no HDF5");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (strcmp(refusals[i].file, file) == 0) {
            assert_non_null(strstr(expect, "clear error"));
            assert_sentence(path, error->message, refusals[i].words);
            return;
        }
    }
    fail_msg("%s", error->message);
}

static void compare_channels(const char *file, const sd_waveform *waveform, JsonObject *entry,
                             bool no_times)
{
    JsonArray *channels = json_object_get_array_member(entry, "channels");
    size_t compared = 0;
    for (guint i = 0; i < json_array_get_length(channels); i++) {
        JsonObject *expected = json_array_get_object_element(channels, i);
        if (strcmp(json_object_get_string_member(expected, "unit"), UNIT_DIGITAL) == 0) {
            assert_true(waveform->notes->len > 0);
            continue;
        }
        assert_true(compared < waveform->channels);
        compare_channel(file, waveform, &waveform->channel[compared++], expected, no_times);
    }
    assert_int_equal(waveform->channels, compared);
    print_message("%s: read as %s\n", file, waveform->format);
}

/** Gives whether the file was read; otherwise it was refused rightly. */
static bool check_entry(JsonObject *entry)
{
    const char *file = json_object_get_string_member(entry, "file");
    const char *expect = json_object_get_string_member(entry, "expect");
    g_autofree char *path = g_build_filename(SCOPE_FILES, file, NULL);
    sd_waveform_options options = options_for(entry);
    g_autoptr(GError) error = NULL;
    sd_waveform *waveform = sd_waveform_open(path, &options, &error);
    if (!waveform) {
        assert_non_null(error);
        check_refusal(file, path, expect, error);
        return false;
    }
    if (g_str_has_prefix(expect, "clear error")) {
        fail_msg("%s was read, but should be refused: %s", file, expect);
    }
    if (strstr(expect, "warning")) {
        assert_true(waveform->notes->len > 0);
    }
    compare_channels(file, waveform, entry, has_no_times(entry));
    sd_waveform_free(waveform);
    return true;
}

static void files_of_the_manifest(void **state)
{
    (void)state;
    need_folder();
    JsonArray *files = NULL;
    JsonParser *manifest = read_manifest(&files);
    unsigned read = 0;
    for (guint i = 0; i < json_array_get_length(files); i++) {
        read += check_entry(json_array_get_object_element(files, i));
    }
    const unsigned entries = json_array_get_length(files);
    print_message("%u entries: %u read and compared, %u refused\n", entries, read, entries - read);
    g_object_unref(manifest);
}

/** Opens every file below a folder, without options; gives how many there are. */
static unsigned open_all(const char *folder)
{
    unsigned count = 0;
    GDir *directory = g_dir_open(folder, 0, NULL);
    assert_non_null(directory);
    const char *name = NULL;
    while ((name = g_dir_read_name(directory))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
            count += open_all(path);
            continue;
        }
        g_autoptr(GError) error = NULL;
        sd_waveform *waveform = sd_waveform_open(path, NULL, &error);
        assert_true(waveform || (error && g_str_has_prefix(error->message, path)));
        sd_waveform_free(waveform);
        count++;
    }
    g_dir_close(directory);
    return count;
}

/** Also the payloads, texts and settings that lie about: nothing may crash or lack a sentence. */
static void all_files(void **state)
{
    (void)state;
    need_folder();
    assert_true(open_all(SCOPE_FILES) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_the_manifest),
        cmocka_unit_test(all_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
