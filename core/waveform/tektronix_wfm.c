/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tektronix .wfm, versions WFM#001 to WFM#003, in both byte orders: a fixed header, for FastFrame
 * records the update and curve specifications of the further frames, the curve buffer with one
 * frame behind the other, and a trailer. Tektronix document 077-0220 describes it; the offsets it
 * prints are those of WFM#003.
 */
#include "scopedump/error.h"
#include "waveform/format.h"
#include "waveform/reader.h"
#include "waveform/tektronix_trailer.h"

#include <math.h>
#include <string.h>

/* Fields that stand in the same place in all versions. */
enum {
    AT_VERSION = 2,
    AT_BYTES_PER_POINT = 15,
    AT_CURVE_OFFSET = 16,
    AT_LABEL = 40,
    AT_FURTHER_FRAMES = 72,
    AT_SET_TYPE = 78,
    AT_DATA_TYPE = 122,
};

#define MAGIC        ":WFM#"
#define MAGIC_SIZE   5
#define VERSION_SIZE 8
#define LABEL_SIZE   32
#define UNIT_SIZE    20

#define ORDER_LITTLE 0x0F /**< The first two bytes of a little-endian file. */
#define ORDER_BIG    0xF0

#define SET_SINGLE      0
#define SET_FASTFRAME   1
#define DATA_VECTOR     2
#define STORAGE_SAMPLE  0
#define STORAGE_MIN_MAX 1
#define TIME_BASE_TIME  0

/** Offsets inside an update specification. */
enum {
    UPDATE_TRIGGER_FRACTION = 4,
    UPDATE_SECOND_FRACTION = 12,
    UPDATE_SECONDS = 20,
    UPDATE_SIZE = 24,
};

/** Offsets inside a curve specification. */
enum {
    CURVE_PRECHARGE_START = 10,
    CURVE_DATA_START = 14,
    CURVE_POSTCHARGE_START = 18,
    CURVE_POSTCHARGE_STOP = 22,
    CURVE_END = 26,
    CURVE_SIZE = 30,
};

/** Where the fields of one version stand that the versions do not share. */
typedef struct {
    const char *text; /**< The version as it stands in the file. */
    const char *name;
    uint64_t summary_frame; /**< 0: this version has none. */
    uint64_t volts;         /**< Scale; the offset stands 8 bytes behind it. */
    uint64_t volts_unit;
    uint64_t code_format;
    uint64_t storage;
    uint64_t time; /**< Interval; the start stands 8 bytes behind it. */
    uint64_t time_unit;
    uint64_t time_base;
    uint64_t update;
    uint64_t curve;
    uint64_t end;     /**< Of the fixed header. */
    int code_formats; /**< How many rows of code_formats[] it knows. */
} layout;

static const layout layouts[] = {
    {":WFM#001", "Tektronix WFM#001", 0, 166, 186, 238, 242, 478, 498, 750, 766, 790, 820, 6},
    {":WFM#002", "Tektronix WFM#002", 154, 168, 188, 240, 244, 480, 500, 752, 768, 792, 822, 6},
    {":WFM#003", "Tektronix WFM#003", 154, 168, 188, 240, 244, 488, 508, 768, 784, 808, 838, 8},
};

/** The code formats; the index is the number in the file. */
static const struct {
    const char *name;
    unsigned size;
    bool supported;
    sd_sample_type type;
} code_formats[] = {
    {"int16", 2, true, SD_SAMPLE_S16},   {"int32", 4, true, SD_SAMPLE_S32},
    {"uint32", 4, true, SD_SAMPLE_U32},  {"uint64", 8, false, SD_SAMPLE_U32},
    {"float32", 4, true, SD_SAMPLE_F32}, {"float64", 8, true, SD_SAMPLE_F64},
    {"uint8", 1, true, SD_SAMPLE_U8},    {"int8", 1, true, SD_SAMPLE_S8},
};

/** The header fields that hold for all frames. */
typedef struct {
    unsigned bytes_per_point;
    int32_t curve_offset;
    uint64_t frames;
    int32_t set_type;
    int32_t data_type;
    unsigned summary_frame;
    double scale, offset;
    int32_t code_format;
    int32_t storage;
    double interval, start;
    int32_t time_base;
    uint64_t frame_size; /**< Bytes from one frame to the next: "end of curve buffer" of frame 0. */
} header;

/** The fields that each frame has for itself. */
typedef struct {
    uint64_t time_at;        /**< Where its time stands. */
    double trigger_fraction; /**< Trigger to the next sample, in sample intervals. */
    double second_fraction;
    uint32_t seconds; /**< Since 1970 (UTC); 0: the file holds no time. Signed in the document, but
                           no oscilloscope is older than 1970, and some will see the year 2038. */
    uint32_t precharge_start, data_start, postcharge_start, postcharge_stop, end;
} frame;

static int match(const sd_mapping *mapping)
{
    static const uint8_t little[] = {ORDER_LITTLE, ORDER_LITTLE};
    static const uint8_t big[] = {ORDER_BIG, ORDER_BIG};
    if (!sd_mapping_equals(mapping, 0, little, sizeof little) &&
        !sd_mapping_equals(mapping, 0, big, sizeof big)) {
        return 0;
    }
    if (sd_mapping_equals(mapping, AT_VERSION, MAGIC, MAGIC_SIZE)) {
        return 100;
    }
    /* So short that not even the version is whole, but right as far as it goes. */
    bool cut = mapping->size > AT_VERSION && mapping->size < AT_VERSION + MAGIC_SIZE &&
               sd_mapping_equals(mapping, AT_VERSION, MAGIC, (size_t)mapping->size - AT_VERSION);
    return cut ? 10 : 0;
}

/** The layout of the version in the file; NULL latches an error. */
static const layout *find_layout(sd_reader *reader)
{
    g_autofree char *version = sd_reader_text(reader, AT_VERSION, VERSION_SIZE, "the version");
    for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++) {
        if (strcmp(version, layouts[i].text) == 0) {
            return &layouts[i];
        }
    }
    sd_reader_fail(reader, SD_ERROR_FORMAT, AT_VERSION,
                   "this is a Tektronix .wfm of version \"%s\"; only WFM#001, WFM#002 and WFM#003 "
                   "are known",
                   version);
    return NULL;
}

static header read_header(sd_reader *reader, const layout *at)
{
    header h = {
        .bytes_per_point = sd_reader_u8(reader, AT_BYTES_PER_POINT, "bytes per point"),
        .curve_offset = sd_reader_i32(reader, AT_CURVE_OFFSET, "the offset of the curve buffer"),
        .frames = UINT64_C(1) + sd_reader_u32(reader, AT_FURTHER_FRAMES, "the number of frames"),
        .set_type = sd_reader_i32(reader, AT_SET_TYPE, "the set type"),
        .data_type = sd_reader_i32(reader, AT_DATA_TYPE, "the data type"),
        .scale = sd_reader_f64(reader, at->volts, "the voltage scale"),
        .offset = sd_reader_f64(reader, at->volts + 8, "the voltage offset"),
        .code_format = sd_reader_i32(reader, at->code_format, "the code format"),
        .storage = sd_reader_i32(reader, at->storage, "the storage type"),
        .interval = sd_reader_f64(reader, at->time, "the sample interval"),
        .start = sd_reader_f64(reader, at->time + 8, "the start of the record"),
        .time_base = sd_reader_i32(reader, at->time_base, "the time base type"),
        .frame_size = sd_reader_u32(reader, at->curve + CURVE_END, "the end of the curve buffer"),
    };
    if (at->summary_frame) {
        h.summary_frame = sd_reader_u16(reader, at->summary_frame, "the summary frame");
    }
    return h;
}

/** What the value of a header field means when it is not the one that can be read. */
typedef struct {
    int32_t value;
    const char *what;
} meaning;

/** Latches an error unless a field has the value @p wanted: not supported if it means something,
 * damaged if it does not. */
static void require_value(sd_reader *reader, uint64_t at, const char *field, int32_t value,
                          int32_t wanted, const meaning *meanings, size_t count)
{
    if (value == wanted) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (meanings[i].value == value) {
            sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at,
                           "the file holds %s, not a voltage record", meanings[i].what);
            return;
        }
    }
    sd_reader_fail(reader, SD_ERROR_DAMAGED, at,
                   "the %s is %d, which means nothing; a voltage record has %d", field, value,
                   wanted);
}

/** Refuses files that hold something else than voltage over time. */
static void check_kind(sd_reader *reader, const layout *at, const header *h)
{
    static const meaning data_types[] = {
        {0, "a scalar measurement"},
        {1, "a scalar constant"},
        {5, "a waveform database"},
        {6, "digital channels"},
    };
    static const meaning storages[] = {
        {STORAGE_MIN_MAX, "an envelope (peak detect: minimum and maximum in turn)"},
        {2, "a vertical histogram"},
        {3, "a horizontal histogram"},
        {4, "a waveform database (rows)"},
        {5, "a waveform database (columns)"},
    };
    static const meaning time_bases[] = {
        {1, "a spectrum (magnitude)"},
        {2, "a spectrum (phase)"},
    };
    require_value(reader, AT_DATA_TYPE, "data type", h->data_type, DATA_VECTOR, data_types,
                  G_N_ELEMENTS(data_types));
    uint64_t curve_end = 0;
    if (h->storage == STORAGE_MIN_MAX && !reader->error &&
        g_uint64_checked_mul(&curve_end, h->frames, h->frame_size) &&
        sd_tektronix_trailer_read(reader->mapping, curve_end + (uint32_t)h->curve_offset,
                                  reader->big_endian) == SD_TRAILER_IQ) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at->storage,
                       "the file holds IQ data, not a voltage record");
    }
    require_value(reader, at->storage, "storage type", h->storage, STORAGE_SAMPLE, storages,
                  G_N_ELEMENTS(storages));
    require_value(reader, at->time_base, "time base type", h->time_base, TIME_BASE_TIME, time_bases,
                  G_N_ELEMENTS(time_bases));
    g_autofree char *unit = sd_reader_text(reader, at->time_unit, UNIT_SIZE, "the unit of time");
    if (strcmp(unit, "s") != 0) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at->time_unit,
                       "the horizontal unit is \"%s\", not \"s\": this is no record over time",
                       unit);
    }
}

/** Checks the fields that describe a sample and the distance to the next. */
static void check_samples(sd_reader *reader, const layout *at, const header *h)
{
    if (h->code_format < 0 || h->code_format >= at->code_formats) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at->code_format,
                       "the code format is %d, which means nothing in this version",
                       h->code_format);
        return;
    }
    if (!code_formats[h->code_format].supported) {
        sd_reader_fail(reader, SD_ERROR_UNSUPPORTED, at->code_format,
                       "samples of the code format %s cannot be read",
                       code_formats[h->code_format].name);
    }
    if (h->bytes_per_point != code_formats[h->code_format].size) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, AT_BYTES_PER_POINT,
            "the header says %u bytes per point, but the code format %s at byte %" G_GUINT64_FORMAT
            " has %u",
            h->bytes_per_point, code_formats[h->code_format].name, at->code_format,
            code_formats[h->code_format].size);
    }
    if (!sd_scale_is_sound(h->scale, h->offset)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at->volts,
                       "the voltage scale is %g and the offset %g, which cannot be true", h->scale,
                       h->offset);
    }
    /* isnormal() is false for 0, NaN, infinity, and for numbers without a finite inverse. */
    if (!isnormal(h->interval) || h->interval < 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at->time,
                       "the sample interval is %g s, which cannot be true", h->interval);
    }
    if (!isfinite(h->start)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, at->time + 8,
                       "the start of the record is %g s, which cannot be true", h->start);
    }
}

/** Checks the number of frames, and that all that the header promises lies in the file. All sizes
 * are held against the file before anything is allocated. */
static void check_sizes(sd_reader *reader, const layout *at, const header *h)
{
    if (h->set_type != SET_SINGLE && h->set_type != SET_FASTFRAME) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_SET_TYPE,
                       "the set type is %d, neither %d (single) nor %d (FastFrame)", h->set_type,
                       SET_SINGLE, SET_FASTFRAME);
    }
    if (h->set_type == SET_SINGLE && h->frames > 1) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, AT_FURTHER_FRAMES,
                       "the header counts %" G_GUINT64_FORMAT
                       " frames, but the set type at byte %d says a single one",
                       h->frames, AT_SET_TYPE);
    }
    /* At most 2^32 frames of 54 bytes: no overflow. */
    uint64_t specifications_end = at->end + (h->frames - 1) * (UPDATE_SIZE + CURVE_SIZE);
    if (h->curve_offset < 0 || (uint64_t)h->curve_offset < specifications_end) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, AT_CURVE_OFFSET,
            "the curve buffer is said to start at byte %d, but the header of %" G_GUINT64_FORMAT
            " frames takes %" G_GUINT64_FORMAT " bytes",
            h->curve_offset, h->frames, specifications_end);
        return;
    }
    uint64_t curve_end = 0;
    if (!g_uint64_checked_mul(&curve_end, h->frames, h->frame_size) ||
        !g_uint64_checked_add(&curve_end, curve_end, (uint64_t)h->curve_offset) ||
        curve_end > reader->mapping->size) {
        sd_reader_fail(
            reader, SD_ERROR_DAMAGED, reader->mapping->size,
            "the file is cut: it has %" G_GUINT64_FORMAT " bytes and should have %" G_GUINT64_FORMAT
            " or more (frames: %" G_GUINT64_FORMAT ", bytes in each: %" G_GUINT64_FORMAT ")",
            reader->mapping->size, curve_end, h->frames, h->frame_size);
    }
}

/** Checks what read_frame() read; @p update and @p curve are the offsets of the specifications. */
static void check_frame(sd_reader *reader, const header *h, uint64_t index, const frame *f,
                        uint64_t update, uint64_t curve)
{
    if (f->precharge_start > f->data_start || f->data_start > f->postcharge_start ||
        f->postcharge_start > f->postcharge_stop || f->postcharge_stop > f->end) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, curve + CURVE_PRECHARGE_START,
                       "the parts of frame %" G_GUINT64_FORMAT
                       " are out of order: pre-charge from %u, data from %u, post-charge from %u "
                       "to %u, end at %u",
                       index, f->precharge_start, f->data_start, f->postcharge_start,
                       f->postcharge_stop, f->end);
    }
    if (f->end != h->frame_size) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, curve + CURVE_END,
                       "frame %" G_GUINT64_FORMAT
                       " has %u bytes, but the first has %" G_GUINT64_FORMAT,
                       index, f->end, h->frame_size);
    }
    uint32_t bytes = f->postcharge_start - f->data_start;
    if (bytes == 0 || bytes % h->bytes_per_point != 0) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, curve + CURVE_DATA_START,
                       "frame %" G_GUINT64_FORMAT
                       " has %u bytes of data, which is no number of samples of %u bytes",
                       index, bytes, h->bytes_per_point);
    }
    if (!isfinite(h->start + f->trigger_fraction * h->interval)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, update + UPDATE_TRIGGER_FRACTION,
                       "the trigger fraction of frame %" G_GUINT64_FORMAT
                       " is %g, which cannot be true",
                       index, f->trigger_fraction);
    }
    if (!(f->second_fraction >= 0 && f->second_fraction <= 1)) {
        sd_reader_fail(reader, SD_ERROR_DAMAGED, update + UPDATE_SECOND_FRACTION,
                       "the fraction of a second in the time of frame %" G_GUINT64_FORMAT
                       " is %g, which cannot be true",
                       index, f->second_fraction);
    }
}

/** Reads the specifications of one frame: those of frame 0 stand in the fixed header, those of the
 * others behind it, first all update, then all curve specifications. */
static frame read_frame(sd_reader *reader, const layout *at, const header *h, uint64_t index)
{
    uint64_t curves = at->end + (h->frames - 1) * UPDATE_SIZE;
    uint64_t update = index == 0 ? at->update : at->end + (index - 1) * UPDATE_SIZE;
    uint64_t curve = index == 0 ? at->curve : curves + (index - 1) * CURVE_SIZE;
    frame f = {
        .time_at = update + UPDATE_SECOND_FRACTION,
        .trigger_fraction =
            sd_reader_f64(reader, update + UPDATE_TRIGGER_FRACTION, "the trigger fraction"),
        .second_fraction =
            sd_reader_f64(reader, update + UPDATE_SECOND_FRACTION, "the fraction of a second"),
        .seconds = sd_reader_u32(reader, update + UPDATE_SECONDS, "the trigger time"),
        .precharge_start =
            sd_reader_u32(reader, curve + CURVE_PRECHARGE_START, "the start of the pre-charge"),
        .data_start = sd_reader_u32(reader, curve + CURVE_DATA_START, "the start of the data"),
        .postcharge_start =
            sd_reader_u32(reader, curve + CURVE_POSTCHARGE_START, "the start of the post-charge"),
        .postcharge_stop =
            sd_reader_u32(reader, curve + CURVE_POSTCHARGE_STOP, "the stop of the post-charge"),
        .end = sd_reader_u32(reader, curve + CURVE_END, "the end of the curve buffer"),
    };
    check_frame(reader, h, index, &f, update, curve);
    return f;
}

/** Sets the times of all segments from the frames, or, without a time in the file, one behind the
 * other from the modification time on, so that they keep their order. */
static void set_times(sd_waveform *waveform, const frame *frames)
{
    sd_channel *channel = &waveform->channel[0];
    waveform->has_time = true;
    for (size_t i = 0; i < channel->segments; i++) {
        waveform->has_time = waveform->has_time && frames[i].seconds != 0;
    }
    if (!waveform->has_time) {
        sd_waveform_set_file_time(waveform);
        return;
    }
    waveform->time_field = "its trigger time";
    for (size_t i = 0; i < channel->segments; i++) {
        channel->segment[i].time_at = frames[i].time_at;
        sd_segment_set_time(&channel->segment[i], frames[i].seconds, frames[i].second_fraction);
    }
}

/** Sets what the segments of the one channel share. */
static void set_channel(sd_channel *channel, sd_reader *reader, const layout *at, const header *h)
{
    g_autofree char *label = sd_reader_text(reader, AT_LABEL, LABEL_SIZE, "the label");
    g_autofree char *unit = sd_reader_text(reader, at->volts_unit, UNIT_SIZE, "the unit");
    channel->name = g_strdup(*label ? label : "1");
    channel->unit = g_strdup(*unit ? unit : "V");
    channel->type = code_formats[h->code_format].type;
    channel->big_endian = reader->big_endian;
    channel->stride = h->bytes_per_point;
    channel->scale = h->scale;
    channel->offset = h->offset;
    channel->interval = h->interval;
}

/** Reads the frames into the segments of the one channel of the file. */
static void read_frames(sd_waveform *waveform, sd_reader *reader, const layout *at, const header *h)
{
    uint64_t count = h->frames;
    if (h->summary_frame && count > 1) {
        count--;
        sd_waveform_note(waveform,
                         "the last frame is a summary of the others (average or envelope) and was "
                         "left out");
    }
    sd_waveform_allocate(waveform, 1, (size_t)count);
    sd_channel *channel = &waveform->channel[0];
    set_channel(channel, reader, at, h);
    frame *frames = g_new0(frame, count);
    const uint8_t *curve = reader->mapping->data + h->curve_offset;
    for (uint64_t i = 0; i < count && !reader->error; i++) {
        frames[i] = read_frame(reader, at, h, i);
        channel->segment[i] = (sd_segment){
            .data = curve + i * h->frame_size + frames[i].data_start,
            .count = (frames[i].postcharge_start - frames[i].data_start) / h->bytes_per_point,
            .start = h->start + frames[i].trigger_fraction * h->interval,
        };
    }
    if (!reader->error) {
        set_times(waveform, frames);
    }
    g_free(frames);
}

/** A trailer that cannot be read is no reason to refuse the samples: it is worth a note. */
static void note_trailer(sd_waveform *waveform, uint64_t at, bool big_endian)
{
    static const char *const notes[] = {
        [SD_TRAILER_CUT] = "the file ends before the end of its checksum",
        [SD_TRAILER_UNREADABLE] = "the trailer behind the curve (tekmeta!) is damaged: left out",
        [SD_TRAILER_UNKNOWN] = "what follows the curve is not known: left out",
        [SD_TRAILER_IQ] = "the trailer speaks of IQ data, but the header of ordinary samples",
    };
    sd_trailer trailer = sd_tektronix_trailer_read(waveform->mapping, at, big_endian);
    if (trailer < G_N_ELEMENTS(notes) && notes[trailer]) {
        sd_waveform_note(waveform, "%s (byte %" G_GUINT64_FORMAT ")", notes[trailer], at);
    }
}

static bool open_tektronix_wfm(sd_waveform *waveform, const sd_waveform_options *options,
                               GError **error)
{
    (void)options;
    const sd_mapping *mapping = waveform->mapping;
    sd_reader reader = {.mapping = mapping, .big_endian = mapping->data[0] == ORDER_BIG};
    const layout *at = find_layout(&reader);
    if (!at) {
        return sd_reader_finish(&reader, error);
    }
    sd_reader_require(&reader, 0, at->end, "the fixed header");
    header h = read_header(&reader, at);
    check_kind(&reader, at, &h);
    check_samples(&reader, at, &h);
    check_sizes(&reader, at, &h);
    if (!reader.error && !sd_mapping_wait(mapping, h.curve_offset)) {
        sd_reader_fail(&reader, SD_ERROR_DAMAGED, h.curve_offset,
                       "the pipe ended before the curve buffer began");
    }
    if (!reader.error) {
        read_frames(waveform, &reader, at, &h);
    }
    if (!sd_reader_finish(&reader, error)) {
        return false;
    }
    waveform->format = at->name;
    if (mapping->stream == NULL) /* otherwise it has not come yet */
        note_trailer(waveform, (uint64_t)h.curve_offset + h.frames * h.frame_size,
                     reader.big_endian);
    return true;
}

const sd_format sd_format_tektronix_wfm = {
    .name = "Tektronix WFM",
    .name_pattern = "*.wfm",
    .match = match,
    .open = open_tektronix_wfm,
    .streams = true,
};
