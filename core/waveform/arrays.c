/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waveform/arrays.h"

#include "scopedump/error.h"
#include "waveform/format.h"

#include <math.h>
#include <string.h>

#define CHANNELS_MAX 64 /**< A matrix with more in both dimensions is no record. */

/** How far a step of a time axis may be off: of a step. */
#define UNEVEN_F64 0.01
#define UNEVEN_F32 0.5 /**< Times of 24 bits are rounded; half a step tells a missing sample. */

/** What is known of the times of the samples. */
typedef struct {
    bool known; /**< The file gives interval and start. */
    double interval;
    double start;
    const sd_array *from; /**< The array that they are from, if they are known. */
    const sd_array *axis; /**< The array that is the time axis, or NULL. */
} timing;

static void clear_array(void *array)
{
    g_free(((sd_array *)array)->name);
}

GArray *sd_arrays_new(void)
{
    GArray *arrays = g_array_new(FALSE, TRUE, sizeof(sd_array));
    g_array_set_clear_func(arrays, clear_array);
    return arrays;
}

uint64_t sd_array_count(const sd_array *array)
{
    uint64_t count = 0;
    return g_uint64_checked_mul(&count, array->size[0], array->size[1]) ? count : 0;
}

/** Whether the samples of a channel are rows: there are not fewer of them than columns. */
static bool rows_are_samples(const sd_array *array)
{
    return array->size[0] >= array->size[1];
}

/** Channels in the array. */
static uint64_t width(const sd_array *array)
{
    return MIN(array->size[0], array->size[1]);
}

/** Samples in each of them. */
static uint64_t length(const sd_array *array)
{
    return MAX(array->size[0], array->size[1]);
}

void sd_array_to_channel(const sd_array *array, uint64_t index, sd_channel *channel, size_t segment)
{
    size_t size = sd_sample_size(array->type);
    /* Numbers from one row to the next, and from one column to the next. */
    uint64_t row = array->column_major ? 1 : array->size[1];
    uint64_t column = array->column_major ? array->size[0] : 1;
    bool rows = rows_are_samples(array);
    channel->type = array->type;
    channel->big_endian = array->big_endian;
    channel->stride = (size_t)(rows ? row : column) * size;
    channel->segment[segment].data = array->data + index * (rows ? column : row) * size;
    channel->segment[segment].count = length(array);
}

/** One number of an array, which is a vector. */
static double value_at(const sd_array *array, uint64_t index)
{
    sd_segment segment = {0};
    sd_channel channel = {.scale = 1, .segments = 1, .segment = &segment};
    sd_array_to_channel(array, 0, &channel, 0);
    return sd_channel_value(&channel, 0, index);
}

/** Whether the name of an array is one of the list. */
static bool is_named(const sd_array *array, const char *const *names, size_t count)
{
    for (size_t i = 0; array->name && i < count; i++) {
        if (g_ascii_strcasecmp(array->name, names[i]) == 0)
            return true;
    }
    return false;
}

/** The array with one number that has a name of the list, or NULL. */
static const sd_array *find_number(const GArray *arrays, const char *const *names, size_t count)
{
    for (guint i = 0; i < arrays->len; i++) {
        const sd_array *array = &g_array_index(arrays, sd_array, i);
        if (sd_array_count(array) == 1 && is_named(array, names, count))
            return array;
    }
    return NULL;
}

/** The vector that is named like a time axis and as long as another array, or NULL. */
static const sd_array *find_axis(const GArray *arrays)
{
    static const char *const names[] = {"t", "time", "times", "x", "xdata"};
    for (guint i = 0; i < arrays->len; i++) {
        const sd_array *axis = &g_array_index(arrays, sd_array, i);
        if (width(axis) > 1 || length(axis) < 2 || !is_named(axis, names, G_N_ELEMENTS(names)))
            continue;
        for (guint k = 0; k < arrays->len; k++) {
            if (k != i && length(&g_array_index(arrays, sd_array, k)) == length(axis))
                return axis;
        }
    }
    return NULL;
}

/** Takes interval and start from numbers with names that oscilloscopes give them. */
static void take_numbers(const GArray *arrays, timing *times)
{
    static const char *const intervals[] = {"sampleInterval", "Tinterval", "dt"};
    static const char *const starts[] = {"Tstart", "t0"};
    static const char *const zeros[] = {"zeroIndex"};
    const sd_array *interval = find_number(arrays, intervals, G_N_ELEMENTS(intervals));
    if (!interval)
        return;
    const sd_array *start = find_number(arrays, starts, G_N_ELEMENTS(starts));
    const sd_array *zero = find_number(arrays, zeros, G_N_ELEMENTS(zeros));
    times->known = true;
    times->from = interval;
    times->interval = value_at(interval, 0);
    times->start = start ? value_at(start, 0) : 0;
    if (zero)
        times->start = -value_at(zero, 0) * times->interval;
}

/** Takes interval and start from the time axis, if all its steps are equal. */
static bool take_axis(const sd_waveform *waveform, timing *times, GError **error)
{
    const sd_array *axis = times->axis;
    uint64_t count = length(axis);
    double first = value_at(axis, 0);
    double interval = (value_at(axis, count - 1) - first) / (double)(count - 1);
    double most = (axis->type == SD_SAMPLE_F32 ? UNEVEN_F32 : UNEVEN_F64) * interval;
    uint64_t i = 0;
    while (i < count && fabs(value_at(axis, i) - (first + (double)i * interval)) <= most)
        i++;
    if (i < count) {
        g_autofree char *place =
            sd_waveform_place(waveform, axis->data + i * sd_sample_size(axis->type));
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s: the times in \"%s\" are not even: number %" G_GUINT64_FORMAT
                    " is %.17g s, and %.17g s from the first to the next would be right; only "
                    "evenly sampled records can be read (--sample-rate overrides the times) (%s)",
                    waveform->mapping->name, axis->name, i, value_at(axis, i), interval, place);
        return false;
    }
    times->known = true;
    times->from = axis;
    times->interval = interval;
    times->start = first;
    return true;
}

/** Finds out when the samples were taken. */
static bool find_times(const sd_waveform *waveform, const GArray *arrays, timing *times,
                       GError **error)
{
    take_numbers(arrays, times);
    if (!times->known && times->axis && !take_axis(waveform, times, error))
        return false;
    if (times->known && (!sd_interval_is_sound(times->interval) || !isfinite(times->start))) {
        g_autofree char *place = sd_waveform_place(waveform, times->from->data);
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s: the samples are said, by \"%s\", to be %g s apart and to start at %g s, "
                    "which cannot be true (--sample-rate overrides it) (%s)",
                    waveform->mapping->name, times->from->name, times->interval, times->start,
                    place);
        return false;
    }
    return true;
}

/** Sets interval, scale and offset of @p given from the file, or from what the user gave. */
static bool find_scales(const sd_mapping *mapping, const char *what, const timing *times,
                        const sd_waveform_options *options, sd_channel *given, GError **error)
{
    sd_waveform_options complete = *options;
    if (times->known)
        complete.sample_rate = 1 / times->interval;
    if (!sd_channel_set_from_options(given, mapping, what, &complete, error))
        return false;
    if (times->known)
        given->interval = times->interval;
    return true;
}

/** How many channels an array is: none if it is the time axis, a single number, or too wide. */
static uint64_t channels_of(const sd_array *array, const sd_array *axis)
{
    if (array == axis || (sd_array_count(array) == 1 && array->name) || width(array) > CHANNELS_MAX)
        return 0;
    return width(array);
}

/** Counts the channels of all arrays; notes those that are too wide. */
static uint64_t count_channels(sd_waveform *waveform, const GArray *arrays, const sd_array *axis)
{
    uint64_t channels = 0;
    for (guint i = 0; i < arrays->len; i++) {
        const sd_array *array = &g_array_index(arrays, sd_array, i);
        channels += channels_of(array, axis);
        if (width(array) > CHANNELS_MAX) {
            sd_waveform_note(waveform,
                             "the matrix %s of %" G_GUINT64_FORMAT " x %" G_GUINT64_FORMAT
                             " numbers is no record and was left out",
                             array->name ? array->name : "", array->size[0], array->size[1]);
        }
    }
    return channels;
}

/** The name of a channel: that of its array, with a number if the array has several. */
static char *channel_name(const sd_array *array, uint64_t index)
{
    if (array->name && width(array) == 1)
        return g_strdup(array->name);
    return g_strdup_printf("%s%s%" G_GUINT64_FORMAT, array->name ? array->name : "",
                           array->name ? " " : "", index + 1);
}

bool sd_arrays_to_channels(sd_waveform *waveform, GArray *arrays, const char *what,
                           const sd_waveform_options *options, GError **error)
{
    const sd_mapping *mapping = waveform->mapping;
    timing times = {.axis = find_axis(arrays)};
    sd_channel given = {0};
    if (options->sample_rate == 0 && !find_times(waveform, arrays, &times, error))
        return false;
    if (!find_scales(mapping, what, &times, options, &given, error))
        return false;
    const uint64_t channels = count_channels(waveform, arrays, times.axis);
    if (channels == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s holds no vector of real numbers that could be a voltage record",
                    mapping->name);
        return false;
    }
    sd_waveform_allocate(waveform, (size_t)channels, 1);
    sd_channel *channel = waveform->channel;
    for (guint i = 0; i < arrays->len; i++) {
        const sd_array *array = &g_array_index(arrays, sd_array, i);
        for (uint64_t k = 0; k < channels_of(array, times.axis); k++, channel++) {
            sd_array_to_channel(array, k, channel, 0);
            channel->name = channel_name(array, k);
            channel->unit = g_strdup("V");
            channel->scale = given.scale;
            channel->offset = given.offset;
            channel->interval = given.interval;
            channel->segment[0].start = times.start;
        }
    }
    sd_waveform_set_file_time(waveform);
    return true;
}
