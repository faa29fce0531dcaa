/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HDF5 files of oscilloscopes:
 * - Keysight: for each waveform a group "Waveforms/NAME" with attributes, and a dataset "NAMEData"
 *   or, for each segment, "NAME SegNData".
 * - Tektronix (DPO5000): the datasets "Data" in volts, "Spacing" and "StartTime" in seconds.
 * - MATLAB 7.3, and what programs write: datasets with names in the root; see arrays.h.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/hdf5_file.h"
#include "waveform/hdf5_library.h"
#include "waveform/isolated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MATLAB    "MATLAB 7.3" /**< The first bytes of its files. */
#define WAVEFORMS "Waveforms"
#define FRAME     "Frame/TheFrame"

/** Values of WaveformType of Keysight; the first ones are sampled records. */
static const struct {
    bool record;
    const char *what;
} waveform_types[] = {
    {true, "unknown"},
    {true, "normal"},
    {false, "peak detect (minimum and maximum)"},
    {true, "average"},
    {false, "a horizontal histogram"},
    {false, "a vertical histogram"},
    {false, "logic"},
    {false, "a colour-graded display"},
    {false, "a list of times"},
};

/** A segment of a Keysight waveform. */
typedef struct {
    sd_array array;
    double start;
    uint64_t tag_at; /**< Where the header of its dataset stands. */
    double tag;      /**< Seconds from the trigger of the first segment to that of this one. */
} segment;

/** A Keysight waveform. */
typedef struct {
    char *path; /**< Of its group. */
    char *name;
    char *unit;
    double interval;
    double scale, offset; /**< For integers. */
    GPtrArray *segments;  /**< segment */
} keysight_waveform;

static int match(const sd_mapping *mapping)
{
    return sd_hdf5_match(mapping) ? 90 : 0;
}

static void free_segment(void *data)
{
    segment *one = data;
    g_free(one->array.name);
    g_free(one);
}

static void free_keysight_waveform(void *data)
{
    keysight_waveform *w = data;
    g_free(w->path);
    g_free(w->name);
    g_free(w->unit);
    g_ptr_array_unref(w->segments);
    g_free(w);
}

/** Sets SD_ERROR_DAMAGED about an attribute. */
static bool fail_attribute(const sd_waveform *waveform, const sd_hdf5 *file, const char *path,
                           const char *what, double value, GError **error)
{
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: %s of /%s is %g, which cannot be true, or it is missing (byte "
                "%" G_GUINT64_FORMAT ")",
                waveform->mapping->name, what, path, value, sd_hdf5_place(file, path));
    return false;
}

/** Whether the group is a sampled record over time; notes those that are not. */
static bool is_record(sd_waveform *waveform, const sd_hdf5 *file, const keysight_waveform *w)
{
    double type = 0;
    (void)sd_hdf5_number(file, w->path, "WaveformType", &type);
    if (!(type >= 0 && type < G_N_ELEMENTS(waveform_types)) ||
        !waveform_types[(size_t)type].record) {
        sd_waveform_note(
            waveform, "the waveform \"%s\" is %s, no voltage record: left out", w->name,
            type >= 0 && type < G_N_ELEMENTS(waveform_types) ? waveform_types[(size_t)type].what
                                                             : "of an unknown type");
        return false;
    }
    g_autofree char *unit = sd_hdf5_text(file, w->path, "XUnits");
    if (unit && *unit && g_ascii_strcasecmp(unit, "Second") != 0 && strcmp(unit, "s") != 0) {
        sd_waveform_note(waveform, "the waveform \"%s\" is over %s, not over time: left out",
                         w->name, unit);
        return false;
    }
    return true;
}

/** The number in "NAME SegNData"; 0 if the dataset is called something else. */
static guint64 segment_number(const char *dataset, const char *name)
{
    guint64 number = 0;
    g_autofree char *prefix = g_strconcat(name, " Seg", NULL);
    if (!g_str_has_prefix(dataset, prefix) || !g_str_has_suffix(dataset, "Data"))
        return 0;
    g_autofree char *digits =
        g_strndup(dataset + strlen(prefix), strlen(dataset) - strlen(prefix) - strlen("Data"));
    return g_ascii_string_to_unsigned(digits, 10, 1, G_MAXUINT32, &number, NULL) ? number : 0;
}

/** Reads one dataset of a waveform as its next segment. */
static bool read_segment(sd_waveform *waveform, sd_hdf5 *file, keysight_waveform *w,
                         const char *dataset, bool segmented, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%s", w->path, dataset);
    segment *one = g_new0(segment, 1);
    g_ptr_array_add(w->segments, one);
    if (!sd_hdf5_read(file, path, &one->array, error))
        return false;
    if (MIN(one->array.size[0], one->array.size[1]) != 1) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s: the dataset /%s is a matrix, not a record", waveform->mapping->name, path);
        return false;
    }
    one->tag_at = sd_hdf5_place(file, path);
    const char *where = segmented ? path : w->path;
    const char *what = segmented ? "SegmentedXOrg" : "XOrg";
    one->start = NAN;
    (void)sd_hdf5_number(file, where, what, &one->start);
    if (!isfinite(one->start))
        return fail_attribute(waveform, file, where, what, one->start, error);
    if (segmented && sd_hdf5_number(file, path, "SegmentedTimeTag", &one->tag) &&
        !isfinite(one->tag))
        return fail_attribute(waveform, file, path, "SegmentedTimeTag", one->tag, error);
    return true;
}

/** Reads all segments of a waveform, by their numbers. */
static bool read_segments(sd_waveform *waveform, sd_hdf5 *file, keysight_waveform *w,
                          GError **error)
{
    g_autofree char *whole = g_strconcat(w->name, "Data", NULL);
    g_autoptr(GPtrArray) names = sd_hdf5_names(file, w->path);
    double promised = 0;
    (void)sd_hdf5_number(file, w->path, "NumSegments", &promised);
    for (guint i = 0; i < names->len; i++) { /* "x 2" stands before "x 10" */
        const char *name = names->pdata[i];
        guint64 number = segment_number(name, w->name);
        if (number != 0 && number != w->segments->len + 1) {
            g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                        "%s: segment %u of the waveform \"%s\" is missing (byte %" G_GUINT64_FORMAT
                        ")",
                        waveform->mapping->name, w->segments->len + 1, w->name,
                        sd_hdf5_place(file, w->path));
            return false;
        }
        if (number != 0 && !read_segment(waveform, file, w, name, true, error))
            return false;
    }
    if (w->segments->len == 0)
        return read_segment(waveform, file, w, whole, false, error);
    if (promised != w->segments->len) {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s: NumSegments of /%s is %g, but there are %u (byte %" G_GUINT64_FORMAT ")",
                    waveform->mapping->name, w->path, promised, w->segments->len,
                    sd_hdf5_place(file, w->path));
        return false;
    }
    return true;
}

/** Checks that the segments agree with one another and with the attributes. */
static bool check_waveform(sd_waveform *waveform, const sd_hdf5 *file, keysight_waveform *w,
                           GError **error)
{
    const sd_array *first = &((segment *)w->segments->pdata[0])->array;
    for (guint i = 1; i < w->segments->len; i++) {
        const sd_array *other = &((segment *)w->segments->pdata[i])->array;
        if (other->type != first->type || other->big_endian != first->big_endian) {
            g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                        "%s: the segments of the waveform \"%s\" are stored in different types "
                        "(byte %" G_GUINT64_FORMAT ")",
                        waveform->mapping->name, w->name, sd_hdf5_place(file, w->path));
            return false;
        }
    }
    double points = (double)sd_array_count(first);
    (void)sd_hdf5_number(file, w->path, "NumPoints", &points);
    if (points != (double)sd_array_count(first))
        return fail_attribute(waveform, file, w->path, "NumPoints", points, error);
    w->interval = 0;
    (void)sd_hdf5_number(file, w->path, "XInc", &w->interval);
    if (!sd_interval_is_sound(w->interval))
        return fail_attribute(waveform, file, w->path, "XInc", w->interval, error);
    w->scale = 1;
    w->offset = 0;
    /* Floats are volts although YInc and YOrg are set; integers are codes. */
    if (first->type != SD_SAMPLE_F32 && first->type != SD_SAMPLE_F64) {
        w->scale = 0;
        (void)sd_hdf5_number(file, w->path, "YInc", &w->scale);
        (void)sd_hdf5_number(file, w->path, "YOrg", &w->offset);
        if (!sd_scale_is_sound(w->scale, w->offset))
            return fail_attribute(waveform, file, w->path, "YInc or YOrg", w->scale, error);
    }
    double factor = 1;
    if (sd_hdf5_number(file, w->path, "SavedInterpFactor", &factor) && factor > 1) {
        sd_waveform_note(waveform,
                         "the oscilloscope interpolated \"%s\" by %g: it sampled at %g samples per "
                         "second",
                         w->name, factor, 1 / (w->interval * factor));
    }
    return true;
}

/** "V" for "Volt"; other units as they are. */
static char *read_unit(const sd_hdf5 *file, const char *path)
{
    g_autofree char *unit = sd_hdf5_text(file, path, "YUnits");
    if (!unit || !*unit || g_ascii_strcasecmp(unit, "Volt") == 0)
        return g_strdup("V");
    return g_steal_pointer(&unit);
}

/** Reads "2-Jul-2022 12:42:35"; false, and nothing is set, if it is no such date. */
static bool parse_date(const char *text, int64_t *seconds)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int day = 0;
    int year = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    char month[4] = "";
    if (sscanf(text, "%2d-%3s-%4d %2d:%2d:%2d", &day, month, &year, &hour, &minute, &second) != 6)
        return false;
    for (int i = 0; i < (int)G_N_ELEMENTS(months); i++) {
        if (g_ascii_strcasecmp(month, months[i]) != 0)
            continue;
        g_autoptr(GDateTime) time = g_date_time_new_utc(year, i + 1, day, hour, minute, second);
        if (time)
            *seconds = g_date_time_to_unix(time);
        return time != NULL;
    }
    return false;
}

/** Reads instrument and date of a Keysight file. */
static void read_frame(sd_waveform *waveform, const sd_hdf5 *file, int64_t *seconds)
{
    g_autofree char *model = sd_hdf5_member(file, FRAME, "Model");
    g_autofree char *serial = sd_hdf5_member(file, FRAME, "Serial");
    g_autofree char *date = sd_hdf5_member(file, FRAME, "Date");
    if (model && *model)
        waveform->instrument = g_strdup_printf("Keysight %s%s%s", model,
                                               serial && *serial ? " " : "", serial ? serial : "");
    waveform->has_time = date && parse_date(date, seconds);
    if (waveform->has_time)
        sd_waveform_note(waveform, "the time in the file, %s, names no time zone: taken as UTC",
                         date);
}

/** Sets a channel; @p seconds and @p fraction are the time of the first trigger. */
static void set_keysight_channel(sd_channel *channel, const keysight_waveform *w, int64_t seconds,
                                 double fraction)
{
    channel->name = g_strdup(w->name);
    channel->unit = g_strdup(w->unit);
    channel->scale = w->scale;
    channel->offset = w->offset;
    channel->interval = w->interval;
    channel->segments = w->segments->len;
    channel->segment = g_new0(sd_segment, channel->segments);
    for (guint i = 0; i < w->segments->len; i++) {
        const segment *from = w->segments->pdata[i];
        sd_segment *to = &channel->segment[i];
        sd_array_to_channel(&from->array, 0, channel, i);
        to->start = from->start;
        to->time_at = from->tag_at;
        sd_segment_set_time(to, seconds, fraction + from->tag);
    }
}

/** Whether the segments of a waveform have distances from the first trigger. */
static bool has_tags(const keysight_waveform *w)
{
    const segment *last = w->segments->pdata[w->segments->len - 1];
    return last->tag != 0;
}

/** Reads the group of one waveform. */
static bool read_keysight_waveform(sd_waveform *waveform, sd_hdf5 *file, const char *name,
                                   GPtrArray *records, GError **error)
{
    keysight_waveform *w = g_new0(keysight_waveform, 1);
    w->path = g_strdup_printf(WAVEFORMS "/%s", name);
    w->name = g_strdup(name);
    w->segments = g_ptr_array_new_with_free_func(free_segment);
    if (!is_record(waveform, file, w)) {
        free_keysight_waveform(w);
        return true;
    }
    g_ptr_array_add(records, w);
    w->unit = read_unit(file, w->path);
    return read_segments(waveform, file, w, error) && check_waveform(waveform, file, w, error);
}

static bool open_keysight(sd_waveform *waveform, sd_hdf5 *file, const sd_waveform_options *options,
                          GError **error)
{
    (void)options;
    g_autoptr(GPtrArray) names = sd_hdf5_names(file, WAVEFORMS);
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_keysight_waveform);
    for (guint i = 0; i < names->len; i++) {
        if (!read_keysight_waveform(waveform, file, names->pdata[i], records, error))
            return false;
    }
    if (records->len == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s is a Keysight .h5 file without a voltage record", waveform->mapping->name);
        return false;
    }
    if (!sd_hdf5_finish(file, error))
        return false;
    int64_t seconds = waveform->mapping->modified;
    read_frame(waveform, file, &seconds);
    const double fraction = waveform->has_time ? 0 : waveform->mapping->modified_fraction;
    bool tagged = false;
    waveform->time_field = "the SegmentedTimeTag of its dataset";
    waveform->channels = records->len;
    waveform->channel = g_new0(sd_channel, records->len);
    for (guint i = 0; i < records->len; i++) {
        set_keysight_channel(&waveform->channel[i], records->pdata[i], seconds, fraction);
        tagged = tagged || has_tags(records->pdata[i]);
    }
    if (!waveform->has_time && !tagged)
        sd_waveform_set_file_time(waveform);
    return true;
}

static bool open_tektronix(sd_waveform *waveform, sd_hdf5 *file, const sd_waveform_options *options,
                           GError **error)
{
    (void)options;
    sd_array data = {0};
    double interval = 0;
    double start = NAN;
    (void)sd_hdf5_number(file, "Spacing", NULL, &interval);
    (void)sd_hdf5_number(file, "StartTime", NULL, &start);
    if (!sd_interval_is_sound(interval))
        return fail_attribute(waveform, file, "Spacing", "the value", interval, error);
    if (!isfinite(start))
        return fail_attribute(waveform, file, "StartTime", "the value", start, error);
    if (!sd_hdf5_read(file, "Data", &data, error) || !sd_hdf5_finish(file, error))
        return false;
    if (MIN(data.size[0], data.size[1]) != 1) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s: the dataset /Data is a matrix, not a record", waveform->mapping->name);
        return false;
    }
    sd_waveform_allocate(waveform, 1, 1);
    sd_channel *channel = &waveform->channel[0];
    sd_array_to_channel(&data, 0, channel, 0);
    channel->name = g_strdup("Data");
    channel->unit = g_strdup("V");
    channel->scale = 1;
    channel->interval = interval;
    channel->segment[0].start = start;
    sd_waveform_set_file_time(waveform);
    return true;
}

/** Whether MATLAB says that a dataset is no array of numbers (texts and cells are datasets too). */
static bool is_no_number(const sd_hdf5 *file, const char *name)
{
    static const char *const classes[] = {"char", "cell", "struct", "function_handle", "opaque"};
    g_autofree char *class = sd_hdf5_text(file, name, "MATLAB_class");
    for (size_t i = 0; class && i < G_N_ELEMENTS(classes); i++) {
        if (strcmp(class, classes[i]) == 0)
            return true;
    }
    return false;
}

static bool open_arrays(sd_waveform *waveform, sd_hdf5 *file, const sd_waveform_options *options,
                        GError **error)
{
    g_autoptr(GPtrArray) names = sd_hdf5_names(file, "");
    g_autoptr(GArray) arrays = sd_arrays_new();
    g_array_set_size(arrays, names->len); /* the places of arrays must not change while reading */
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        sd_array *array = &g_array_index(arrays, sd_array, i);
        g_autoptr(GError) reason = NULL;
        if (*name == '#' || is_no_number(file, name)) /* MATLAB's own groups: #refs# */
            continue;
        if (sd_hdf5_read(file, name, array, &reason)) {
            array->name = g_strdup(name);
        } else if (g_error_matches(reason, SD_ERROR, SD_ERROR_UNSUPPORTED)) {
            sd_waveform_note(waveform, "left out: %s", reason->message);
        } else {
            g_propagate_error(error, g_steal_pointer(&reason));
            return false;
        }
    }
    if (!sd_hdf5_finish(file, error))
        return false;
    for (guint i = arrays->len; i > 0; i--) {
        if (!g_array_index(arrays, sd_array, i - 1).name)
            g_array_remove_index(arrays, i - 1);
    }
    return sd_arrays_to_channels(waveform, arrays, "HDF5 datasets, of which none is a time axis,",
                                 options, error);
}

/** What such a file may be; the first row whose datasets are there is taken. */
static const struct {
    const char *name;
    const char *paths[2];
    bool matlab; /**< It begins with MATLAB's header. */
    bool (*open)(sd_waveform *waveform, sd_hdf5 *file, const sd_waveform_options *options,
                 GError **error);
} layouts[] = {
    {"Keysight HDF5", {WAVEFORMS, WAVEFORMS}, false, open_keysight},
    {"Tektronix HDF5", {"Data", "Spacing"}, false, open_tektronix},
    {"MATLAB 7.3", {"", ""}, true, open_arrays},
    {"HDF5", {"", ""}, false, open_arrays},
};

/** Opens the file with the library, in a process of its own. */
static bool open_with_library(sd_waveform *waveform, sd_spool *spool,
                              const sd_waveform_options *options, GError **error)
{
    g_autoptr(sd_hdf5) file = sd_hdf5_open(waveform, spool, error);
    if (!file)
        return false;
    const bool matlab = sd_mapping_equals(waveform->mapping, 0, MATLAB, strlen(MATLAB));
    size_t i = 0;
    while (layouts[i].matlab != matlab || !sd_hdf5_has(file, layouts[i].paths[0]) ||
           !sd_hdf5_has(file, layouts[i].paths[1]))
        i++;
    waveform->format = layouts[i].name;
    return layouts[i].open(waveform, file, options, error);
}

static bool open_hdf5(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    /* Loaded here, the child has it at once, and what is missing is not taken for damage. */
    if (!sd_hdf5_library_load(error)) {
        g_prefix_error(error, "%s is an HDF5 file, and ", waveform->mapping->name);
        return false;
    }
    return sd_isolated_open(waveform, options, open_with_library, error);
}

const sd_format sd_format_hdf5 = {
    .name = "HDF5 file",
    .name_pattern = "*.h5",
    .match = match,
    .open = open_hdf5,
    .takes_scale = true,
};
