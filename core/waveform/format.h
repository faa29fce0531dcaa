/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file format.h
 * What a file format is to the rest of core/waveform, and the helpers that all formats share. A new
 * format is one file with one sd_format, and one line in the table of registry.c.
 */
#ifndef SCOPEDUMP_WAVEFORM_FORMAT_H
#define SCOPEDUMP_WAVEFORM_FORMAT_H

#include "scopedump/waveform.h"
#include "waveform/mapping.h"

/** A format that can be read. */
typedef struct {
    const char *name;         /**< What users call it, e.g. "Tektronix WFM". */
    const char *name_pattern; /**< Its usual file name in lower case, e.g. "*.wfm"; NULL: none.
                                   Only for messages: the content decides. */

    /**
     * How sure it is that the file is of this format, from its first bytes: 0 "not mine" to 100.
     * Whatever is not 0 may be opened; if that fails, the file is "mine, but broken".
     */
    int (*match)(const sd_mapping *mapping);

    /**
     * Reads the header and fills in format, instrument, has_time, channels and notes. The path and
     * the mapping are set already. On failure what was filled in is freed by the caller.
     *
     * @param waveform receives what the header says
     * @param options  for files without a header; never NULL
     * @param error    set on failure; names the file, what is wrong and at which byte
     */
    bool (*open)(sd_waveform *waveform, const sd_waveform_options *options, GError **error);

    bool takes_scale;   /**< It uses the scale and the offset that the user gave. */
    bool streams;       /**< It is a header and samples behind it, so that it can be read while it
                             comes through a pipe. */
    bool several_files; /**< A record is several files: it cannot be read out of an archive. */
} sd_format;

extern const sd_format sd_format_csv;
extern const sd_format sd_format_hdf5; /**< Only in builds with the HDF5 library. */
extern const sd_format sd_format_keysight_bin;
extern const sd_format sd_format_lecroy_trc;
extern const sd_format sd_format_matlab;
extern const sd_format sd_format_matlab4;
extern const sd_format sd_format_ngscopeclient;
extern const sd_format sd_format_npy;
extern const sd_format sd_format_npz;
extern const sd_format sd_format_rigol_bin;
extern const sd_format sd_format_rigol_dho_wfm;
extern const sd_format sd_format_rigol_ds1000_wfm;
extern const sd_format sd_format_rigol_ds1000z_wfm;
extern const sd_format sd_format_rigol_ds2000_wfm;
extern const sd_format sd_format_rohde_schwarz_bin;
extern const sd_format sd_format_siglent_bin;
extern const sd_format sd_format_siglent_old_bin;
extern const sd_format sd_format_sigrok;
extern const sd_format sd_format_tektronix_isf;
extern const sd_format sd_format_tektronix_wfm;
extern const sd_format sd_format_wav;
extern const sd_format sd_format_raw; /**< Matches nothing: used only when asked for. */

/** The format that is surest of the file, or NULL if it is of none. See registry.c. */
const sd_format *sd_registry_find(const sd_mapping *mapping);

/** Each of the formats, in alphabetical order; NULL behind the last. */
const sd_format *sd_registry_format(size_t index);

/** The format whose usual file name this is, or NULL. */
const sd_format *sd_registry_find_by_name(const char *path);

/**
 * Says why no reader can open a file: sets SD_ERROR_FORMAT with the name of the format, if its
 * first bytes tell it, and with what to do.
 */
void sd_foreign_refuse(const sd_mapping *mapping, const char *path, GError **error);

/** Allocates @p count channels with @p segments segments each, everything 0. */
void sd_waveform_allocate(sd_waveform *waveform, size_t count, size_t segments);

/** Makes a further mapping (a second file, unpacked samples) part of the waveform, which frees it.
 */
void sd_waveform_keep(sd_waveform *waveform, sd_mapping *mapping);

/** Appends a sentence to the notes of the waveform. */
void sd_waveform_note(sd_waveform *waveform, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * Where something that was read stands, for messages, to be freed with g_free(): "byte 123", in
 * another file than the first "byte 123 of NAME", and "byte 123 of what was unpacked".
 */
char *sd_waveform_place(const sd_waveform *waveform, const uint8_t *data);

/** Whether volts from any stored number, made with these, fit in a float. */
bool sd_scale_is_sound(double scale, double offset);

/** Whether it can be the time from one sample to the next: finite, above 0, with an inverse. */
bool sd_interval_is_sound(double interval);

/**
 * Sets interval, scale and offset of a channel of a file that does not hold them.
 *
 * @param channel  the channel
 * @param mapping  the file, for messages
 * @param what     what it holds, for messages, e.g. "raw samples"
 * @param options  what the user gave
 * @param error    set to SD_ERROR_USAGE if there is no sample rate or a number cannot be true
 */
bool sd_channel_set_from_options(sd_channel *channel, const sd_mapping *mapping, const char *what,
                                 const sd_waveform_options *options, GError **error);

/**
 * Sets the time of a segment's first sample from that of its trigger and from segment->start, to
 * the picosecond. Times outside what 64-bit nanoseconds hold (1678 to 2262) become the nearest.
 *
 * @param segment  its start is read, time_ns and time_ps are set
 * @param seconds  the trigger, whole seconds since 1970 (UTC)
 * @param fraction to be added to it, in seconds; finite, of any size and sign
 */
void sd_segment_set_time(sd_segment *segment, int64_t seconds, double fraction);

/**
 * Sets has_time to false, and the times of all segments from the modification time of the file: it
 * stands for the first trigger of each channel, and each further segment follows the one before it
 * without a gap, so that they keep their order. Call it when all segments have count and start.
 */
void sd_waveform_set_file_time(sd_waveform *waveform);

#endif
