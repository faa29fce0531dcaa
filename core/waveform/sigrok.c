/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigrok session (.sr): a zip archive with the members "version", "metadata" (an INI file) and for
 * each analog channel its samples, float32 in volts, in one member or in numbered parts. It is
 * unpacked into a temporary file. Logic channels are left out.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/zip_archive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VERSION  "version"
#define METADATA "metadata"
#define DEVICE   "device 1" /**< The group of the metadata; there is never another. */
#define TEXT_MAX 65536      /**< The metadata take some hundred bytes. */
#define ANALOG   "analog-1-"

/** A member with samples. */
typedef struct {
    uint64_t channel; /**< As in its name. */
    uint64_t part;    /**< 0: the member is the whole channel. */
    uint64_t member;
} part;

/** The samples of a channel in the spool. */
typedef struct {
    uint64_t number;
    uint64_t member; /**< Of its last part. */
    uint64_t start, end;
} run;

static int match(const sd_mapping *mapping)
{
    g_autoptr(sd_zip) zip = sd_zip_match(mapping) ? sd_zip_open(mapping, NULL) : NULL;
    return zip && sd_zip_has(zip, VERSION) && sd_zip_has(zip, METADATA) ? 90 : 0;
}

/** The index of a member; the number of members if there is none of that name. */
static uint64_t find_member(const sd_zip *zip, const char *name)
{
    uint64_t i = 0;
    while (i < sd_zip_members(zip) && strcmp(sd_zip_name(zip, i), name) != 0)
        i++;
    return i;
}

/** A member as text; NULL sets the error. */
static char *read_text(sd_zip *zip, const char *name, GError **error)
{
    size_t size = 0;
    const uint64_t member = find_member(zip, name);
    return member < sd_zip_members(zip) ? sd_zip_read(zip, member, TEXT_MAX, &size, error)
                                        : g_strdup("");
}

static bool check_version(const sd_mapping *mapping, sd_zip *zip, GError **error)
{
    g_autofree char *version = read_text(zip, VERSION, error);
    if (!version)
        return false;
    g_strstrip(version);
    if (strcmp(version, "1") == 0 || strcmp(version, "2") == 0)
        return true;
    g_autofree char *begin = g_strndup(version, 16);
    g_autofree char *valid = g_utf8_make_valid(begin, -1);
    g_set_error(error, SD_ERROR, SD_ERROR_FORMAT,
                "%s is a sigrok session of version \"%s\"; only 1 and 2 are known", mapping->name,
                valid);
    return false;
}

/** Reads a number of hertz as sigrok writes it: "50 MHz", "12.5 kHz", "8000000"; 0 if it is none.
 */
static double parse_rate(const char *text)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"", 1},    {"Hz", 1},    {"k", 1e3}, {"kHz", 1e3},
                 {"M", 1e6}, {"MHz", 1e6}, {"G", 1e9}, {"GHz", 1e9}};
    char *end = NULL;
    double number = g_ascii_strtod(text, &end);
    g_autofree char *unit = g_strstrip(g_strdup(end));
    for (size_t i = 0; end != text && i < G_N_ELEMENTS(units); i++) {
        if (g_ascii_strcasecmp(unit, units[i].unit) == 0)
            return number * units[i].factor;
    }
    return 0;
}

/** The metadata; NULL sets the error. */
static GKeyFile *read_metadata(const sd_mapping *mapping, sd_zip *zip, GError **error)
{
    g_autofree char *text = read_text(zip, METADATA, error);
    if (!text)
        return NULL;
    g_autoptr(GKeyFile) metadata = g_key_file_new();
    g_autoptr(GError) reason = NULL;
    if (!g_key_file_load_from_data(metadata, text, strlen(text), G_KEY_FILE_NONE, &reason)) {
        g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                    "%s: \"" METADATA "\" in the archive cannot be read: %s (byte "
                    "%" G_GUINT64_FORMAT ")",
                    mapping->name, reason->message, sd_zip_place(zip, find_member(zip, METADATA)));
        return NULL;
    }
    return g_steal_pointer(&metadata);
}

/** Reads the sample interval; false sets the error. */
static bool read_interval(const sd_mapping *mapping, const sd_zip *zip, GKeyFile *metadata,
                          double *interval, GError **error)
{
    g_autofree char *rate = g_key_file_get_string(metadata, DEVICE, "samplerate", NULL);
    *interval = rate ? 1 / parse_rate(rate) : 0;
    if (sd_interval_is_sound(*interval))
        return true;
    g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                "%s: the samplerate in \"" METADATA "\" of the archive %s%s, which cannot be true "
                "(byte %" G_GUINT64_FORMAT ")",
                mapping->name, rate ? "is " : "is missing", rate ? rate : "",
                sd_zip_place(zip, find_member(zip, METADATA)));
    return false;
}

/** Whether a text is a number of digits alone. */
static bool parse_number(const char *text, guint64 *number)
{
    return g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT64, number, NULL);
}

/** Takes "analog-1-CHANNEL" and "analog-1-CHANNEL-PART" apart. */
static bool parse_member(const char *name, part *p)
{
    if (!g_str_has_prefix(name, ANALOG))
        return false;
    g_auto(GStrv) words = g_strsplit(name + strlen(ANALOG), "-", 3);
    guint64 channel = 0;
    guint64 number = 0;
    if (!words[0] || !parse_number(words[0], &channel) ||
        (words[1] && (!parse_number(words[1], &number) || words[2])))
        return false;
    p->channel = channel;
    p->part = number;
    return true;
}

static int compare_parts(const void *a, const void *b)
{
    const part *x = a;
    const part *y = b;
    if (x->channel != y->channel)
        return x->channel < y->channel ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

/** All members with samples, by channel and number of the part. */
static GArray *list_parts(const sd_zip *zip)
{
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(part));
    for (uint64_t i = 0; i < sd_zip_members(zip); i++) {
        part p = {.member = i};
        if (parse_member(sd_zip_name(zip, i), &p))
            g_array_append_val(parts, p);
    }
    g_array_sort(parts, compare_parts);
    return parts;
}

/** Unpacks the parts in their order; adds a run for each channel. */
static bool unpack(const sd_mapping *mapping, sd_zip *zip, const GArray *parts, sd_spool *spool,
                   GArray *runs, GError **error)
{
    uint64_t expected = 0;
    for (guint i = 0; i < parts->len; i++) {
        const part *p = &g_array_index(parts, part, i);
        const bool first = i == 0 || p[-1].channel != p->channel;
        expected = first ? MIN(p->part, 1) : expected + 1;
        if (p->part != expected) {
            g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                        "%s: part %" G_GUINT64_FORMAT " of the analog channel %" G_GUINT64_FORMAT
                        " is missing or there twice in the archive (\"%s\" comes next, byte "
                        "%" G_GUINT64_FORMAT ")",
                        mapping->name, expected, p->channel, sd_zip_name(zip, p->member),
                        sd_zip_place(zip, p->member));
            return false;
        }
        if (first) {
            run r = {.number = p->channel, .start = sd_spool_size(spool)};
            g_array_append_val(runs, r);
        }
        if (!sd_zip_unpack(zip, p->member, spool, error))
            return false;
        run *last = &g_array_index(runs, run, runs->len - 1);
        last->member = p->member;
        last->end = sd_spool_size(spool);
    }
    return true;
}

/** Makes a channel from each run. */
static bool set_channels(sd_waveform *waveform, const sd_zip *zip, GKeyFile *metadata,
                         double interval, const GArray *runs, const sd_mapping *unpacked,
                         GError **error)
{
    sd_waveform_allocate(waveform, runs->len, 1);
    for (guint i = 0; i < runs->len; i++) {
        const run *r = &g_array_index(runs, run, i);
        uint64_t bytes = r->end - r->start;
        g_autofree char *key = g_strdup_printf("analog%" G_GUINT64_FORMAT, r->number);
        g_autofree char *name = g_key_file_get_string(metadata, DEVICE, key, NULL);
        if (bytes < sizeof(float)) {
            g_set_error(error, SD_ERROR, SD_ERROR_DAMAGED,
                        "%s: the analog channel %" G_GUINT64_FORMAT " has %" G_GUINT64_FORMAT
                        " bytes in the archive, less than one sample (byte %" G_GUINT64_FORMAT ")",
                        waveform->mapping->name, r->number, bytes, sd_zip_place(zip, r->member));
            return false;
        }
        if (bytes % sizeof(float) != 0) {
            sd_waveform_note(waveform,
                             "the last %u bytes of the analog channel %" G_GUINT64_FORMAT
                             " are no whole sample and were left out",
                             (unsigned)(bytes % sizeof(float)), r->number);
        }
        sd_channel *channel = &waveform->channel[i];
        channel->name = name && *name ? g_steal_pointer(&name) : g_steal_pointer(&key);
        channel->unit = g_strdup("V");
        channel->type = SD_SAMPLE_F32;
        channel->stride = sizeof(float);
        channel->scale = 1;
        channel->interval = interval;
        channel->segment[0].data = unpacked->data + r->start;
        channel->segment[0].count = bytes / sizeof(float);
    }
    sd_waveform_set_file_time(waveform);
    return true;
}

/** Says what of the session is not read. */
static void note_left_out(sd_waveform *waveform, GKeyFile *metadata, guint channels)
{
    guint64 named = g_key_file_get_uint64(metadata, DEVICE, "total analog", NULL);
    if (named > channels) {
        sd_waveform_note(waveform,
                         "the session names %" G_GUINT64_FORMAT
                         " analog channels, but holds samples of %u only",
                         named, channels);
    }
    if (g_key_file_has_key(metadata, DEVICE, "capturefile", NULL))
        sd_waveform_note(waveform, "the logic channels of the session were left out");
}

static bool open_sigrok(sd_waveform *waveform, const sd_waveform_options *options, GError **error)
{
    (void)options;
    const sd_mapping *mapping = waveform->mapping;
    double interval = 0;
    g_autoptr(sd_zip) zip = sd_zip_open(mapping, error);
    if (!zip || !check_version(mapping, zip, error))
        return false;
    g_autoptr(GKeyFile) metadata = read_metadata(mapping, zip, error);
    if (!metadata)
        return false;
    g_autoptr(GArray) parts = list_parts(zip);
    if (parts->len == 0) {
        g_set_error(error, SD_ERROR, SD_ERROR_UNSUPPORTED,
                    "%s is a sigrok session without an analog channel: it holds logic alone",
                    mapping->name);
        return false;
    }
    if (!read_interval(mapping, zip, metadata, &interval, error))
        return false;
    sd_spool *spool = sd_spool_new(mapping, error);
    if (!spool)
        return false;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(run));
    sd_mapping *unpacked = NULL;
    if (unpack(mapping, zip, parts, spool, runs, error))
        unpacked = sd_spool_map(spool, error);
    sd_spool_free(spool);
    if (!unpacked)
        return false;
    sd_waveform_keep(waveform, unpacked);
    waveform->format = sd_format_sigrok.name;
    note_left_out(waveform, metadata, runs->len);
    return set_channels(waveform, zip, metadata, interval, runs, unpacked, error);
}

const sd_format sd_format_sigrok = {
    .name = "sigrok session",
    .name_pattern = "*.sr",
    .match = match,
    .open = open_sigrok,
};
