/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Session of ngscopeclient (formerly glscopeclient): NAME.scopesession, a YAML text that names the
 * instruments and their channels, and beside it the folder NAME_data with, for each instrument, a
 * YAML text that lists its waveforms, and one file of samples for each waveform and channel:
 *
 *   scope_<id>_metadata.yml
 *   scope_<id>_waveforms/waveform_<id>/channel_<index>.bin, ..._stream<k>.bin from k = 1 on
 *
 * The waveforms of a channel are its segments; one with another sample interval than the others is
 * a channel of its own. Samples are float32 in volts, read in place.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "waveform/yaml_tree.h"

#include <math.h>
#include <string.h>

#define BEGIN_SIZE 4096 /**< The name of the first section stands in these first bytes. */

#define FS_PER_S  1e15
#define FS_PER_PS 1000 /**< Old sessions count picoseconds. */

/** A sample of the format "sparsev1": start and length in units of the time scale, then volts. */
enum {
    SPARSE_START = 0,
    SPARSE_VOLTS = 16,
    SPARSE_SIZE = 20,
};

/** An instrument of the session. */
typedef struct {
    int node;
    int64_t id;
} instrument;

/** One waveform of one channel. */
typedef struct {
    size_t instrument; /**< In the order of the session. */
    int64_t index, stream;
    int64_t waveform;
    double interval, start; /**< Seconds. */
    int64_t seconds;        /**< Since 1970; 0: not known. */
    double fraction;        /**< ... and the rest of it. */
    size_t stride;
    const uint8_t *data;
    uint64_t count;
} record;

/** What is being read. */
typedef struct {
    sd_waveform *waveform;
    sd_yaml *session;
    char *folder; /**< NAME_data */
    GArray *instruments;
    GArray *records;
    unsigned not_analog;
    GError *missing; /**< The first part that is not there. */
} contents;

static int match(const sd_mapping *mapping)
{
    return sd_mapping_equals(mapping, 0, "instruments:", 12) ||
                   sd_mapping_contains(mapping, BEGIN_SIZE, "\ninstruments:", 13)
               ? 70
               : 0;
}

/** Opens a part of the session that the file @p by speaks of at byte @p at; NULL, and a note, if it
 * is not there. */
static sd_mapping *open_part(contents *c, const char *path, const sd_mapping *by, uint64_t at)
{
    g_autoptr(GError) reason = NULL;
    sd_mapping *part = sd_mapping_open(path, &reason);
    if (!part) {
        sd_waveform_note(c->waveform, "a part of the session is missing: %s", reason->message);
        if (!c->missing) {
            c->missing = g_error_new(SD_ERROR, SD_ERROR_DAMAGED,
                                     "%s: a part of the session is missing: %s, of which %s speaks "
                                     "(byte %" G_GUINT64_FORMAT ")",
                                     c->waveform->mapping->name, reason->message, by->name, at);
        }
    }
    return part;
}

/** The node of a channel of an instrument; 0 if the session does not name it. */
static int find_channel(contents *c, size_t index_of_instrument, int64_t index)
{
    int channels =
        sd_yaml_get(c->session, g_array_index(c->instruments, instrument, index_of_instrument).node,
                    "channels");
    for (size_t i = 0; i < sd_yaml_size(c->session, channels); i++) {
        int channel = sd_yaml_at(c->session, channels, i);
        int64_t number = -1;
        if (sd_yaml_integer(c->session, channel, "index", &number) && number == index)
            return channel;
    }
    return 0;
}

/** Finds the even step of sparse samples, in units of the time scale; 0 latches an error. */
static int64_t find_step(sd_reader *reader, uint64_t count)
{
    int64_t first = (int64_t)sd_reader_u64(reader, SPARSE_START, "the start of a sample");
    int64_t step = 1;
    for (uint64_t i = 1; i < count; i++) {
        uint64_t at = i * SPARSE_SIZE + SPARSE_START;
        int64_t start = (int64_t)sd_reader_u64(reader, at, "the start of a sample");
        /* As unsigned numbers, so that hostile ones overflow quietly: equality is all that counts.
         */
        uint64_t distance = (uint64_t)start - (uint64_t)first;
        if (i == 1)
            step = (int64_t)distance;
        if (step <= 0 || distance != i * (uint64_t)step) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at,
                           "sample %" G_GUINT64_FORMAT " starts at %" G_GINT64_FORMAT
                           ", not one even step behind the one before: only evenly sampled records "
                           "can be read",
                           i, start);
            return 0;
        }
    }
    return step;
}

/** Points a record at the samples of its file. */
static bool read_samples(contents *c, record *r, const sd_mapping *part, bool sparse,
                         GError **error)
{
    sd_reader reader = {.mapping = part};
    size_t size = sparse ? SPARSE_SIZE : sizeof(float);
    r->stride = size;
    r->count = part->size / size;
    r->data = part->data + (sparse ? SPARSE_VOLTS : 0);
    sd_reader_require(&reader, 0, size, "the first sample");
    if (sparse && !reader.error) {
        int64_t first = (int64_t)sd_reader_u64(&reader, SPARSE_START, "the start of a sample");
        r->start += (double)first * r->interval;
        r->interval *= (double)find_step(&reader, r->count);
    }
    if (!sd_reader_finish(&reader, error)) {
        g_prefix_error(error, "%s: ", c->waveform->mapping->name);
        return false;
    }
    if (part->size % size != 0) {
        sd_waveform_note(c->waveform,
                         "the last %u bytes of %s are no whole sample and were left out",
                         (unsigned)(part->size % size), part->name);
    }
    return true;
}

/** Says which number of the metadata cannot be true; @p at is where its map stands. */
static bool fail_metadata(contents *c, const sd_mapping *metadata, uint64_t at, int64_t waveform,
                          const char *what, GError **error)
{
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: in %s, waveform %" G_GINT64_FORMAT
                ", %s is missing or cannot be true (byte %" G_GUINT64_FORMAT ")",
                c->waveform->mapping->name, metadata->name, waveform, what, at);
    return false;
}

/** Reads one channel of one waveform; @p r holds what the waveform says. */
static bool read_channel(contents *c, sd_yaml *yaml, const sd_mapping *metadata, int node, record r,
                         bool picoseconds, GError **error)
{
    if (!sd_yaml_integer(yaml, node, "index", &r.index) || r.index < 0)
        return fail_metadata(c, metadata, sd_yaml_place(yaml, node), r.waveform,
                             "the index of a channel", error);
    (void)sd_yaml_integer(yaml, node, "stream", &r.stream);
    const int channel = find_channel(c, r.instrument, r.index);
    const char *type = sd_yaml_text(yaml, node, "datatype");
    type = type ? type : sd_yaml_text(c->session, channel, "type");
    if (type && strcmp(type, "analog") != 0) {
        c->not_analog++;
        return true;
    }
    const char *format = sd_yaml_text(yaml, node, "format");
    bool sparse = !format || strcmp(format, "sparsev1") == 0;
    if (!sparse && strcmp(format, "densev1") != 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_FORMAT,
                    "%s: %s speaks of samples in the format \"%s\"; only densev1 and sparsev1 are "
                    "known",
                    c->waveform->mapping->name, metadata->name, format);
        return false;
    }
    int64_t timescale = 0;
    if (!sd_yaml_integer(yaml, node, "timescale", &timescale) || timescale <= 0)
        return fail_metadata(c, metadata, sd_yaml_place(yaml, node), r.waveform,
                             "the timescale of a channel", error);
    const char *phase = sd_yaml_text(yaml, node, "trigphase");
    const double unit = picoseconds ? FS_PER_S / FS_PER_PS : FS_PER_S;
    r.interval = (double)timescale / unit;
    r.start = (phase ? g_ascii_strtod(phase, NULL) : 0) / unit;
    if (!isfinite(r.start))
        return fail_metadata(c, metadata, sd_yaml_place(yaml, node), r.waveform,
                             "the trigphase of a channel", error);
    g_autofree char *path = g_strdup_printf(
        "%s/scope_%" G_GINT64_FORMAT "_waveforms/waveform_%" G_GINT64_FORMAT
        "/channel_%" G_GINT64_FORMAT,
        c->folder, g_array_index(c->instruments, instrument, r.instrument).id, r.waveform, r.index);
    g_autofree char *file =
        r.stream > 0 ? g_strdup_printf("%s_stream%" G_GINT64_FORMAT ".bin", path, r.stream)
                     : g_strdup_printf("%s.bin", path);
    sd_mapping *part = open_part(c, file, metadata, sd_yaml_place(yaml, node));
    if (!part)
        return true;
    sd_waveform_keep(c->waveform, part);
    if (!read_samples(c, &r, part, sparse, error))
        return false;
    g_array_append_val(c->records, r);
    return true;
}

/** Reads the waveforms that the metadata of an instrument list. */
static bool read_metadata(contents *c, size_t index, const sd_mapping *metadata, GError **error)
{
    g_autoptr(sd_yaml) yaml = sd_yaml_parse(metadata, error);
    if (!yaml) {
        g_prefix_error(error, "%s: ", c->waveform->mapping->name);
        return false;
    }
    int waveforms = sd_yaml_get(yaml, sd_yaml_root(yaml), "waveforms");
    for (size_t i = 0; i < sd_yaml_size(yaml, waveforms); i++) {
        int node = sd_yaml_at(yaml, waveforms, i);
        record r = {.instrument = index};
        if (!sd_yaml_integer(yaml, node, "id", &r.waveform))
            return fail_metadata(c, metadata, sd_yaml_place(yaml, node), (int64_t)i + 1, "the id",
                                 error);
        int64_t rest = 0;
        bool picoseconds = sd_yaml_integer(yaml, node, "time_psec", &rest);
        if (!picoseconds)
            (void)sd_yaml_integer(yaml, node, "time_fsec", &rest);
        (void)sd_yaml_integer(yaml, node, "timestamp", &r.seconds);
        r.fraction = (double)rest / (picoseconds ? FS_PER_S / FS_PER_PS : FS_PER_S);
        int channels = sd_yaml_get(yaml, node, "channels");
        for (size_t k = 0; k < sd_yaml_size(yaml, channels); k++) {
            if (!read_channel(c, yaml, metadata, sd_yaml_at(yaml, channels, k), r, picoseconds,
                              error))
                return false;
        }
    }
    return true;
}

/** Reads the waveforms of all instruments. */
static bool read_instruments(contents *c, GError **error)
{
    int map = sd_yaml_get(c->session, sd_yaml_root(c->session), "instruments");
    for (size_t i = 0; i < sd_yaml_size(c->session, map); i++) {
        instrument one = {.node = sd_yaml_at(c->session, map, i)};
        if (!sd_yaml_integer(c->session, one.node, "id", &one.id)) {
            g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                        "%s: instrument %" G_GSIZE_FORMAT
                        " of the session has no id (byte %" G_GUINT64_FORMAT ")",
                        c->waveform->mapping->name, i + 1, sd_yaml_place(c->session, one.node));
            return false;
        }
        g_array_append_val(c->instruments, one);
        g_autofree char *path =
            g_strdup_printf("%s/scope_%" G_GINT64_FORMAT "_metadata.yml", c->folder, one.id);
        sd_mapping *metadata =
            open_part(c, path, c->waveform->mapping, sd_yaml_place(c->session, one.node));
        bool good = !metadata || read_metadata(c, i, metadata, error);
        sd_mapping_free(metadata);
        if (!good)
            return false;
    }
    return true;
}

/** Orders two numbers. */
#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

/** Which channel a record belongs to: 0 if both belong to one. */
static int compare_channels(const record *x, const record *y)
{
    const int orders[] = {
        ORDER(x->instrument, y->instrument), ORDER(x->index, y->index),
        ORDER(x->stream, y->stream),         ORDER(x->interval, y->interval),
        ORDER(x->stride, y->stride),
    };
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        if (orders[i] != 0)
            return orders[i];
    }
    return 0;
}

/** By channel, then by time. */
static int compare_records(const void *a, const void *b)
{
    const record *x = a;
    const record *y = b;
    int order = compare_channels(x, y);
    if (order == 0)
        order = ORDER(x->seconds, y->seconds);
    return order != 0 ? order : ORDER(x->fraction, y->fraction);
}

/** The name of a channel, with all that is needed to tell it from the others. */
static char *name_channel(contents *c, const record *first, bool one_instrument, bool whole)
{
    const int node = find_channel(c, first->instrument, first->index);
    const char *nick = sd_yaml_text(c->session, node, "nick");
    nick = nick ? nick : sd_yaml_text(c->session, node, "name");
    const char *of = sd_yaml_text(
        c->session, g_array_index(c->instruments, instrument, first->instrument).node, "nick");
    GString *name = g_string_new(NULL);
    if (!one_instrument && of)
        g_string_append_printf(name, "%s ", of);
    if (nick && *nick)
        g_string_append(name, nick);
    else
        g_string_append_printf(name, "channel %" G_GINT64_FORMAT, first->index);
    if (first->stream > 0)
        g_string_append_printf(name, " stream %" G_GINT64_FORMAT, first->stream);
    if (!whole)
        g_string_append_printf(name, " (waveform %" G_GINT64_FORMAT ")", first->waveform);
    return g_string_free(name, FALSE);
}

/** Whether the channel of the session that the records belong to has no other ones. */
static bool is_whole(const GArray *records, guint start, guint end)
{
    const record *r = &g_array_index(records, record, start);
    for (int side = 0; side < 2; side++) {
        if (side == 0 ? start == 0 : end == records->len)
            continue;
        const record *other = &g_array_index(records, record, side == 0 ? start - 1 : end);
        if (other->instrument == r->instrument && other->index == r->index &&
            other->stream == r->stream)
            return false;
    }
    return true;
}

/** Makes a channel from the records [start, end), which are its segments. */
static void set_channel(contents *c, sd_channel *channel, guint start, guint end)
{
    const record *first = &g_array_index(c->records, record, start);
    const record *last = &g_array_index(c->records, record, c->records->len - 1);
    bool one_instrument = g_array_index(c->records, record, 0).instrument == last->instrument;
    channel->name = name_channel(c, first, one_instrument, is_whole(c->records, start, end));
    channel->unit = g_strdup("V");
    channel->type = SD_SAMPLE_F32;
    channel->stride = first->stride;
    channel->scale = 1;
    channel->interval = first->interval;
    channel->segments = end - start;
    channel->segment = g_new0(sd_segment, channel->segments);
    for (guint i = start; i < end; i++) {
        const record *r = &g_array_index(c->records, record, i);
        sd_segment *segment = &channel->segment[i - start];
        *segment = (sd_segment){.data = r->data, .count = r->count, .start = r->start};
        sd_segment_set_time(segment, r->seconds, r->fraction);
    }
}

/** Where the channel that begins at record @p start ends. */
static guint end_of_channel(const GArray *records, guint start)
{
    guint end = start + 1;
    while (end < records->len && compare_channels(&g_array_index(records, record, start),
                                                  &g_array_index(records, record, end)) == 0)
        end++;
    return end;
}

static void set_channels(contents *c)
{
    sd_waveform *waveform = c->waveform;
    g_array_sort(c->records, compare_records);
    guint channels = 0;
    waveform->has_time = true;
    for (guint i = 0; i < c->records->len; i++)
        waveform->has_time &= g_array_index(c->records, record, i).seconds > 0;
    for (guint i = 0; i < c->records->len; i = end_of_channel(c->records, i))
        channels++;
    waveform->channels = channels;
    waveform->channel = g_new0(sd_channel, channels);
    guint start = 0;
    for (guint i = 0; i < channels; i++) {
        guint end = end_of_channel(c->records, start);
        set_channel(c, &waveform->channel[i], start, end);
        start = end;
    }
    if (!waveform->has_time)
        sd_waveform_set_file_time(waveform);
}

/** "VENDOR NAME SERIAL" of the first instrument with a record. */
static char *describe_instrument(contents *c)
{
    const size_t index = g_array_index(c->records, record, 0).instrument;
    const int node = g_array_index(c->instruments, instrument, index).node;
    static const char *const keys[] = {"vendor", "name", "serial"};
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const char *value = sd_yaml_text(c->session, node, keys[i]);
        if (value && *value)
            g_string_append_printf(text, "%s%s", text->len ? " " : "", value);
    }
    return g_string_free(text, text->len == 0);
}

/** Refuses a session without a record; says why. */
static bool check_records(contents *c, GError **error)
{
    if (c->records->len > 0)
        return true;
    if (c->missing) {
        g_propagate_error(error, g_steal_pointer(&c->missing));
        return false;
    }
    g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                "%s is a session of ngscopeclient without a waveform of an analog channel",
                c->waveform->mapping->name);
    return false;
}

static bool open_ngscopeclient(sd_waveform *waveform, const sd_waveform_options *options,
                               GError **error)
{
    (void)options;
    g_autoptr(sd_yaml) session = sd_yaml_parse(waveform->mapping, error);
    if (!session)
        return false;
    const char *dot = strrchr(waveform->path, '.');
    const char *slash = strrchr(waveform->path, G_DIR_SEPARATOR);
    size_t length =
        dot && (!slash || dot > slash) ? (size_t)(dot - waveform->path) : strlen(waveform->path);
    contents c = {
        .waveform = waveform,
        .session = session,
        .folder = g_strdup_printf("%.*s_data", (int)length, waveform->path),
        .instruments = g_array_new(FALSE, TRUE, sizeof(instrument)),
        .records = g_array_new(FALSE, TRUE, sizeof(record)),
    };
    bool good = read_instruments(&c, error) && check_records(&c, error);
    if (good) {
        waveform->format = sd_format_ngscopeclient.name;
        set_channels(&c);
        waveform->instrument = describe_instrument(&c);
        if (c.not_analog > 0)
            sd_waveform_note(waveform, "%u waveforms of digital or other channels were left out",
                             c.not_analog);
    }
    g_clear_error(&c.missing);
    g_array_unref(c.instruments);
    g_array_unref(c.records);
    g_free(c.folder);
    return good;
}

const sd_format sd_format_ngscopeclient = {
    .name = "ngscopeclient session",
    .name_pattern = "*.scopesession",
    .match = match,
    .open = open_ngscopeclient,
    .several_files = true,
};
