/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file waveform.h
 * What an oscilloscope stored: a mapped file with channels, each with one or more segments of
 * samples. Nothing is copied at opening; samples are converted to volts block by block.
 *
 * Units: seconds and volts in double where the file stores them so; absolute time in integer
 * nanoseconds since 1970-01-01 00:00 UTC plus picoseconds.
 */
#ifndef SCOPEDUMP_WAVEFORM_H
#define SCOPEDUMP_WAVEFORM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** How one sample is stored. */
typedef enum {
    SD_SAMPLE_S8,
    SD_SAMPLE_U8,
    SD_SAMPLE_S16,
    SD_SAMPLE_U16,
    SD_SAMPLE_S32,
    SD_SAMPLE_U32,
    SD_SAMPLE_F32,
    SD_SAMPLE_F64,
} sd_sample_type;

/** Bytes per sample of @p type. */
size_t sd_sample_size(sd_sample_type type);

/** One uninterrupted run of samples. */
typedef struct {
    const uint8_t *data; /**< First sample, inside the mapping; need not be aligned. */
    uint64_t count;      /**< Samples in the segment. */
    double start;        /**< From the trigger to the first sample, in seconds; negative: the record
                              begins before the trigger. */
    int64_t time_ns;     /**< Time of the first sample, nanoseconds since 1970 (UTC). */
    uint32_t time_ps;    /**< Picoseconds beyond time_ns, 0 to 999. */
    uint64_t time_at;    /**< Where the file holds what tells this segment's time from the others',
                              in bytes; 0: nowhere. */
} sd_segment;

/** One channel (waveform) of a file. */
typedef struct {
    char *name;           /**< As stored in the file, or "1", "2", ... */
    char *unit;           /**< "V" unless the file says otherwise. */
    sd_sample_type type;  /**< How a sample is stored. */
    bool big_endian;      /**< Byte order of a sample of more than one byte. */
    size_t stride;        /**< Bytes from one sample to the next. */
    double scale, offset; /**< volts = stored value x scale + offset */
    double interval;      /**< Seconds from one sample to the next. */
    size_t segments;      /**< Number of entries in segment. */
    sd_segment *segment;  /**< In order of time. */
} sd_channel;

/** An open file. */
typedef struct sd_waveform {
    char *path;          /**< As given to sd_waveform_open(). */
    const char *format;  /**< Name of the format, e.g. "Tektronix WFM#003". */
    char *instrument;    /**< Instrument and serial number as stored, or NULL. */
    bool has_time;       /**< The file holds the acquisition time; otherwise the file's modification
                              time stands for the trigger of the first segment, and each further
                              segment has the distance from it that the file holds, or else follows
                              the one before it without a gap. */
    size_t channels;     /**< Number of entries in channel. */
    sd_channel *channel; /**< The channels, in the order of the file. */
    GPtrArray *notes;    /**< char *: things worth knowing that are not errors, one sentence each
                              (a trailer that cannot be read, bytes that were left out). */
    const char *time_field;     /**< What stands at the segments' time_at, for messages; NULL: not
                                     known. Private to core/waveform. */
    struct sd_mapping *mapping; /**< The mapped file; private to core/waveform. */
    GPtrArray *kept; /**< sd_mapping: further files that hold samples; private as well. */
} sd_waveform;

/** What a file needs to be told that does not hold it itself (raw samples, NumPy arrays, WAV; the
 * sample rate: tables as well). */
typedef struct {
    bool raw;            /**< The user gave a sample format: read the file as raw samples, unless it
                              is of a format that can be read without (then there is a note). */
    sd_sample_type type; /**< Little-endian. */
    double sample_rate;  /**< Samples per second; 0: not given. A file that says it itself must not
                              say otherwise. */
    double scale;        /**< Volts per code; 0 means 1. */
    double offset;       /**< Volts. */
    bool (*stopped)(
        void); /**< Asked while a pipe is waited for: true ends it there; NULL: never. */
} sd_waveform_options;

/**
 * Opens and maps a file, finds its format by content, and reads its header.
 *
 * @param path    the file; must be a regular file
 * @param options for files that do not hold their sample rate; NULL means none given. Unless raw is
 *                set, another rate than the file's own, or a scale or offset for a file that has
 *                volts, is an error
 * @param error   set on failure: SD_ERROR_OPEN, _FORMAT, _DAMAGED, _UNSUPPORTED, _USAGE
 * @return the open file, to be freed with sd_waveform_free(), or NULL. Every segment of every
 *         channel lies wholly inside the mapping, has at least one sample, and every interval is
 *         finite and above 0. All text is UTF-8 without control characters, and so is the message
 *         of an error.
 */
sd_waveform *sd_waveform_open(const char *path, const sd_waveform_options *options, GError **error);

/**
 * Opens a record that comes through a pipe. Raw samples and Tektronix WFM are read while they come;
 * files of other formats when all of them has come. Only the first channel of a record that is
 * still coming can be decoded, once, and by one decoder; of raw samples the number is not known
 * before (the segment's count is then more than any record has).
 *
 * @param descriptor the pipe; stays the caller's, and open until the waveform is freed
 * @param name       what reports and messages call it
 * @param options    as for sd_waveform_open()
 * @param error      as for sd_waveform_open()
 * @return as sd_waveform_open()
 */
sd_waveform *sd_waveform_open_pipe(int descriptor, const char *name,
                                   const sd_waveform_options *options, GError **error);

/** Unmaps and frees; NULL is ignored. */
void sd_waveform_free(sd_waveform *waveform);

/**
 * Tells, after the last sample, whether a pipe was read to its end.
 *
 * @param waveform the waveform
 * @param error    set if not: SD_ERROR_OPEN; says why, and from which byte on samples are lost
 * @return true for a pipe that ended by itself, and for files
 */
bool sd_waveform_check(const sd_waveform *waveform, GError **error);

/**
 * Tells by the first bytes which format a file is in, without opening it; also of what is packed
 * in it (gzip, zip, zstd). Raw samples look like nothing.
 *
 * @param path   the file
 * @param format receives the name of the format, as sd_waveform_format_name() gives it; NULL when
 *               it is in none or cannot be read
 * @return how sure that is: 1 to 100, from 60 up by a magic number; 0 without a format
 */
int sd_waveform_match(const char *path, const char **format);

/** The name of each format that is told by its content, in alphabetical order; NULL behind the
    last. */
const char *sd_waveform_format_name(size_t index);

/** The usual file name of that format as a pattern in lower case ("*.wfm"), or NULL if it has none
    of its own. */
const char *sd_waveform_format_pattern(size_t index);

/**
 * Finds a channel by what a user calls it.
 *
 * @param waveform the file
 * @param text     its number from 1, or its name (letters of either case are equal). Text that is
 *                 all digits is a number, even if a channel has that name.
 * @param channel  receives the index, from 0
 * @param error    set on failure: SD_ERROR_CHANNEL; it lists the channels of the file
 */
bool sd_waveform_find_channel(const sd_waveform *waveform, const char *text, size_t *channel,
                              GError **error);

/** Samples of all segments of a channel. */
uint64_t sd_channel_samples(const sd_channel *channel);

/**
 * The values of the first and the last code, in order of size.
 *
 * @param channel the channel
 * @param low     receives the lesser one, in the channel's unit
 * @param high    receives the greater one
 * @return false when the samples are no 8-bit or 16-bit integers
 */
bool sd_channel_code_span(const sd_channel *channel, double *low, double *high);

/** The same as the vertical range of the oscilloscope: false, too, when nothing tells what a code
    is worth (scale 1, offset 0). */
bool sd_channel_range(const sd_channel *channel, double *low, double *high);

/**
 * Converts samples to volts.
 *
 * @param channel the channel
 * @param segment index of the segment
 * @param first   first sample in the segment
 * @param count   samples; first + count must not exceed the segment's count
 * @param volts   receives count values; not-a-number, infinite and absurd samples (beyond
 *                1e37) come out as 0 V
 */
void sd_channel_read(const sd_channel *channel, size_t segment, uint64_t first, size_t count,
                     float *volts);

/**
 * Counts the samples that sd_channel_read() gives as 0 V because they are no voltage: not a number,
 * infinite or absurd. Integers are all finite: for them it takes no time.
 *
 * @param channel, segment, first, count as sd_channel_read()
 * @param where   receives the index of the first one in the segment, if there is one
 */
uint64_t sd_channel_not_finite(const sd_channel *channel, size_t segment, uint64_t first,
                               uint64_t count, uint64_t *where);

/**
 * One sample in double precision, for reports and tests. Arguments as sd_channel_read(); a sample
 * that is not a number or infinite is given as it is.
 */
double sd_channel_value(const sd_channel *channel, size_t segment, uint64_t index);

#endif
