/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file wfm_file.h
 * Makes Tektronix .wfm files for the tests. The header is written field after field with the sizes
 * of Tektronix document 077-0220, so that the offsets come about in another way than in the reader,
 * which has a table of them.
 */
#ifndef SCOPEDUMP_TEST_WFM_FILE_H
#define SCOPEDUMP_TEST_WFM_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define WFM_FRAMES_MAX 8

/** What the file says; wfm_default() gives a sound one. */
typedef struct {
    int version; /**< 1 to 3 */
    bool big_endian;
    int bytes_per_point;
    int32_t curve_offset; /**< -1: where it belongs. */
    const char *label;
    uint32_t further_frames;
    int32_t set_type;
    int32_t data_type;
    uint16_t summary_frame;
    double scale, offset;
    const char *unit;
    int32_t code_format;
    int32_t storage;
    double interval, start;
    const char *time_unit;
    int32_t time_base;
    double trigger_fraction[WFM_FRAMES_MAX];
    double second_fraction[WFM_FRAMES_MAX];
    uint32_t seconds[WFM_FRAMES_MAX];
    unsigned precharge, count, postcharge;                                       /**< In samples. */
    int32_t precharge_start, data_start, postcharge_start, postcharge_stop, end; /**< -1: right. */
    int last_end; /**< End of the curve buffer in the last frame alone; -1: as in the others. */
    const char *trailer; /**< Behind the checksum. */
    size_t trailer_size;
} wfm_file;

/** A sound file of version 3: one frame, twenty int16 samples between 2 + 2 extra ones. */
static inline wfm_file wfm_default(void)
{
    return (wfm_file){
        .version = 3,
        .bytes_per_point = 2,
        .curve_offset = -1,
        .label = "",
        .data_type = 2,
        .scale = 0.25,
        .offset = -1.5,
        .unit = "V",
        .interval = 4e-11,
        .start = -1e-6,
        .time_unit = "s",
        .trigger_fraction = {0.5, 0.25, 0.75, 0.125},
        .second_fraction = {0.125, 0.25, 0.5, 0.75},
        .seconds = {1600000000, 1600000001, 1600000002, 1600000003},
        .precharge = 2,
        .count = 20,
        .postcharge = 2,
        .precharge_start = -1,
        .data_start = -1,
        .postcharge_start = -1,
        .postcharge_stop = -1,
        .end = -1,
        .last_end = -1,
        .trailer = "",
    };
}

/** Appends a number in the byte order of the file. */
static inline void wfm_put(GByteArray *bytes, const wfm_file *file, const void *number, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool swap = file->big_endian != (G_BYTE_ORDER == G_BIG_ENDIAN);
        g_byte_array_append(bytes, (const uint8_t *)number + (swap ? size - 1 - i : i), 1);
    }
}

static inline void wfm_put_u16(GByteArray *bytes, const wfm_file *file, uint16_t number)
{
    wfm_put(bytes, file, &number, sizeof number);
}

static inline void wfm_put_u32(GByteArray *bytes, const wfm_file *file, uint32_t number)
{
    wfm_put(bytes, file, &number, sizeof number);
}

static inline void wfm_put_u64(GByteArray *bytes, const wfm_file *file, uint64_t number)
{
    wfm_put(bytes, file, &number, sizeof number);
}

static inline void wfm_put_f64(GByteArray *bytes, const wfm_file *file, double number)
{
    wfm_put(bytes, file, &number, sizeof number);
}

static inline void wfm_put_text(GByteArray *bytes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = i < strlen(text) ? (uint8_t)text[i] : 0;
        g_byte_array_append(bytes, &byte, 1);
    }
}

/** The point density has 4 bytes in versions 1 and 2, and 8 in version 3. */
static inline void wfm_put_density(GByteArray *bytes, const wfm_file *file)
{
    if (file->version == 3) {
        wfm_put_f64(bytes, file, 1);
    } else {
        wfm_put_u32(bytes, file, 1);
    }
}

static inline void wfm_put_explicit_dimension(GByteArray *bytes, const wfm_file *file, double scale,
                                              double offset, const char *unit, int32_t code_format,
                                              int32_t storage)
{
    wfm_put_f64(bytes, file, scale);
    wfm_put_f64(bytes, file, offset);
    wfm_put_u32(bytes, file, 0); /* size */
    wfm_put_text(bytes, unit, 20);
    wfm_put_f64(bytes, file, 0); /* minimum */
    wfm_put_f64(bytes, file, 0); /* maximum */
    wfm_put_f64(bytes, file, 1); /* resolution */
    wfm_put_f64(bytes, file, 0); /* reference point */
    wfm_put_u32(bytes, file, (uint32_t)code_format);
    wfm_put_u32(bytes, file, (uint32_t)storage);
    wfm_put_u32(bytes, file, 0); /* null value */
    wfm_put_u32(bytes, file, 0); /* over range */
    wfm_put_u32(bytes, file, 0); /* under range */
    wfm_put_u32(bytes, file, 0); /* high range */
    wfm_put_u32(bytes, file, 0); /* low range */
    wfm_put_f64(bytes, file, 1); /* user scale */
    wfm_put_text(bytes, "", 20); /* user unit */
    wfm_put_f64(bytes, file, 0); /* user offset */
    wfm_put_density(bytes, file);
    wfm_put_f64(bytes, file, 0); /* horizontal reference */
    wfm_put_f64(bytes, file, 0); /* trigger delay */
}

static inline void wfm_put_implicit_dimension(GByteArray *bytes, const wfm_file *file, double scale,
                                              double offset, const char *unit)
{
    wfm_put_f64(bytes, file, scale);
    wfm_put_f64(bytes, file, offset);
    wfm_put_u32(bytes, file, 0); /* size: not to be trusted */
    wfm_put_text(bytes, unit, 20);
    wfm_put_f64(bytes, file, 0); /* minimum */
    wfm_put_f64(bytes, file, 0); /* maximum */
    wfm_put_f64(bytes, file, 0); /* resolution */
    wfm_put_f64(bytes, file, 0); /* reference point */
    wfm_put_u32(bytes, file, 0); /* spacing */
    wfm_put_f64(bytes, file, 1); /* user scale */
    wfm_put_text(bytes, "", 20); /* user unit */
    wfm_put_f64(bytes, file, 0); /* user offset */
    wfm_put_density(bytes, file);
    wfm_put_f64(bytes, file, 0); /* horizontal reference */
    wfm_put_f64(bytes, file, 0); /* trigger delay */
}

static inline void wfm_put_update(GByteArray *bytes, const wfm_file *file, size_t frame)
{
    wfm_put_u32(bytes, file, 0); /* real point offset */
    wfm_put_f64(bytes, file, file->trigger_fraction[frame]);
    wfm_put_f64(bytes, file, file->second_fraction[frame]);
    wfm_put_u32(bytes, file, file->seconds[frame]);
}

/** Bytes of one frame. */
static inline uint32_t wfm_frame_size(const wfm_file *file)
{
    return (file->precharge + file->count + file->postcharge) * (uint32_t)file->bytes_per_point;
}

static inline uint32_t wfm_or(int32_t given, uint32_t right)
{
    return given == -1 ? right : (uint32_t)given;
}

static inline void wfm_put_curve_specification(GByteArray *bytes, const wfm_file *file, bool last)
{
    uint32_t data_start = file->precharge * (uint32_t)file->bytes_per_point;
    uint32_t data_stop = data_start + file->count * (uint32_t)file->bytes_per_point;
    uint32_t size = wfm_frame_size(file);
    wfm_put_u32(bytes, file, 0x5A5A5A5A); /* flags: real files hold rubbish here */
    wfm_put_u32(bytes, file, 0);          /* checksum type */
    wfm_put_u16(bytes, file, 0);          /* checksum */
    wfm_put_u32(bytes, file, wfm_or(file->precharge_start, 0));
    wfm_put_u32(bytes, file, wfm_or(file->data_start, data_start));
    wfm_put_u32(bytes, file, wfm_or(file->postcharge_start, data_stop));
    wfm_put_u32(bytes, file, wfm_or(file->postcharge_stop, size));
    wfm_put_u32(bytes, file, wfm_or(last ? file->last_end : file->end, wfm_or(file->end, size)));
}

/** The code of sample @p index of a frame, extra samples counted: 0 to 120, never the same frame
 * twice. */
static inline int wfm_code(size_t frame, size_t index)
{
    return (int)((index * 7 + frame * 31 + 3) % 121);
}

/** Appends one code in the code format of the file. */
static inline void wfm_put_code(GByteArray *bytes, const wfm_file *file, int code)
{
    if (file->code_format == 4) {
        float real = (float)code;
        wfm_put(bytes, file, &real, sizeof real);
    } else if (file->code_format == 5) {
        wfm_put_f64(bytes, file, code);
    } else if (file->bytes_per_point == 1) {
        uint8_t byte = (uint8_t)code;
        g_byte_array_append(bytes, &byte, 1);
    } else if (file->bytes_per_point == 2) {
        wfm_put_u16(bytes, file, (uint16_t)code);
    } else if (file->bytes_per_point == 4) {
        wfm_put_u32(bytes, file, (uint32_t)code);
    } else {
        wfm_put_u64(bytes, file, (uint64_t)code);
    }
}

/** The whole file; @p frames are written, whatever further_frames says. */
static inline GByteArray *wfm_build(const wfm_file *file, size_t frames)
{
    GByteArray *bytes = g_byte_array_new();
    char version[16];
    g_snprintf(version, sizeof version, ":WFM#%03d", file->version);
    wfm_put_u16(bytes, file, 0x0F0F);
    if (file->big_endian) {
        memset(bytes->data, 0xF0, 2);
    }
    wfm_put_text(bytes, version, 8);
    wfm_put_text(bytes, "\x07", 1);
    wfm_put_u32(bytes, file, 12345); /* bytes to end of file: not to be trusted */
    wfm_put_text(bytes, (char[]){(char)file->bytes_per_point, 0}, 1);
    guint curve_offset_at = bytes->len;
    wfm_put_u32(bytes, file, 0);
    wfm_put_u32(bytes, file, 1);             /* horizontal zoom scale */
    wfm_put(bytes, file, &(float){0.0F}, 4); /* horizontal zoom position */
    wfm_put_f64(bytes, file, 1);             /* vertical zoom scale */
    wfm_put(bytes, file, &(float){0.0F}, 4); /* vertical zoom position */
    wfm_put_text(bytes, file->label, 32);
    wfm_put_u32(bytes, file, file->further_frames);
    wfm_put_u16(bytes, file, 512); /* size of the waveform header */
    wfm_put_u32(bytes, file, (uint32_t)file->set_type);
    wfm_put_u32(bytes, file, 1); /* waveforms */
    wfm_put_u64(bytes, file, 0); /* acquisition counter */
    wfm_put_u64(bytes, file, 0); /* transaction counter */
    wfm_put_u32(bytes, file, 5); /* slot */
    wfm_put_u32(bytes, file, 0); /* static */
    wfm_put_u32(bytes, file, 1); /* update specifications */
    wfm_put_u32(bytes, file, 1); /* implicit dimensions */
    wfm_put_u32(bytes, file, 1); /* explicit dimensions */
    wfm_put_u32(bytes, file, (uint32_t)file->data_type);
    wfm_put_u64(bytes, file, 0); /* general counter */
    wfm_put_u32(bytes, file, 1); /* accumulated */
    wfm_put_u32(bytes, file, 1); /* ... and to be */
    wfm_put_u32(bytes, file, 1); /* curves */
    wfm_put_u32(bytes, file, 0); /* frames asked for */
    wfm_put_u32(bytes, file, 0); /* frames acquired */
    if (file->version >= 2) {
        wfm_put_u16(bytes, file, file->summary_frame);
    }
    wfm_put_u32(bytes, file, 0); /* pixel map format */
    wfm_put_u64(bytes, file, 0); /* pixel map maximum */
    wfm_put_explicit_dimension(bytes, file, file->scale, file->offset, file->unit,
                               file->code_format, file->storage);
    wfm_put_explicit_dimension(bytes, file, 1, 0, "", 9, 6);
    wfm_put_implicit_dimension(bytes, file, file->interval, file->start, file->time_unit);
    wfm_put_implicit_dimension(bytes, file, 0, 0, "");
    wfm_put_u32(bytes, file, 0); /* time base 1: spacing */
    wfm_put_u32(bytes, file, 1); /* sweep */
    wfm_put_u32(bytes, file, (uint32_t)file->time_base);
    wfm_put_u32(bytes, file, 0); /* time base 2 */
    wfm_put_u32(bytes, file, 3);
    wfm_put_u32(bytes, file, 1);
    wfm_put_update(bytes, file, 0);
    wfm_put_curve_specification(bytes, file, frames == 1);
    for (size_t i = 1; i < frames; i++) {
        wfm_put_update(bytes, file, i);
    }
    for (size_t i = 1; i < frames; i++) {
        wfm_put_curve_specification(bytes, file, i == frames - 1);
    }
    GByteArray *curve_offset = g_byte_array_new();
    wfm_put_u32(curve_offset, file, wfm_or(file->curve_offset, bytes->len));
    memcpy(bytes->data + curve_offset_at, curve_offset->data, curve_offset->len);
    g_byte_array_unref(curve_offset);
    for (size_t i = 0; i < frames; i++) {
        for (size_t k = 0; k < file->precharge + file->count + file->postcharge; k++) {
            wfm_put_code(bytes, file, wfm_code(i, k));
        }
    }
    uint64_t sum = 0;
    for (guint i = 0; i < bytes->len; i++) {
        sum += bytes->data[i];
    }
    wfm_put_u64(bytes, file, sum);
    if (file->trailer_size) {
        g_byte_array_append(bytes, (const uint8_t *)file->trailer, (guint)file->trailer_size);
    }
    return bytes;
}

#endif
