/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file code_channel.h
 * Channels that a file holds as codes at a fixed distance, in one segment, without a time of the
 * acquisition: Siglent .bin and the Rigol .wfm families. The checks and the messages are the same
 * for all of them.
 */
#ifndef SCOPEDUMP_WAVEFORM_CODE_CHANNEL_H
#define SCOPEDUMP_WAVEFORM_CODE_CHANNEL_H

#include "waveform/format.h"
#include "waveform/reader.h"

#define SD_CODE_CHANNELS_MAX 8

/** What the header of a file says of one channel; nothing of it has to be true. The members that
 * end in _at are the offsets of the fields, for messages. */
typedef struct {
    unsigned number; /**< Counted from 1, as on the front of the instrument. */
    const char *unit;
    sd_sample_type type;
    bool big_endian;
    size_t stride;
    double scale, offset; /**< As in sd_channel. */
    uint64_t scale_at;
    double interval, start; /**< As in sd_channel and sd_segment. */
    uint64_t interval_at, start_at;
    uint64_t data; /**< Offset of the first sample in the file. */
    uint64_t count;
    uint64_t count_at;
} sd_code_channel;

/**
 * Checks channels and makes them those of the waveform, with the time of the file.
 *
 * @param waveform has no channels yet
 * @param reader   latches what is wrong with a channel; if it has latched something already, or
 *                 does so here, the waveform is left as it is
 * @param from     the channels
 * @param count    at least 1
 */
void sd_code_channels_set(sd_waveform *waveform, sd_reader *reader, const sd_code_channel *from,
                          size_t count);

#endif
