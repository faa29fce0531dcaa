/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file decoder.h
 * The whole path from samples to frames.
 */
#ifndef SCOPEDUMP_DECODER_H
#define SCOPEDUMP_DECODER_H

#include <glib.h>
#include <stdbool.h>

#include "scopedump/record.h"
#include "scopedump/report.h"
#include "scopedump/settings.h"
#include "scopedump/waveform.h"

/** A decoder of one record. */
typedef struct sd_decoder sd_decoder;

/**
 * Makes a decoder of one channel, or of the difference of two.
 *
 * @param settings    copied
 * @param waveform    the file; must outlive the decoder
 * @param channel     index of the channel
 * @param negative    the file with the second leg of a differential pair (signal = channel -
 *                    channel_neg), which may be @p waveform itself, or NULL; must outlive the
 * decoder
 * @param channel_neg index of its channel
 * @param sink        where frames and events go, in order of time within each segment; copied
 * @param error       set on failure: SD_ERROR_CHANNEL, SD_ERROR_USAGE
 * @return a new decoder, to be freed with sd_decoder_free(), or NULL
 */
sd_decoder *sd_decoder_new(const sd_settings *settings, const sd_waveform *waveform, size_t channel,
                           const sd_waveform *negative, size_t channel_neg, const sd_sink *sink,
                           GError **error);
void sd_decoder_free(sd_decoder *decoder);

/** Lanes that the record has: 4 for QSGMII, otherwise 1. Known from the beginning. */
unsigned sd_decoder_lanes(const sd_decoder *decoder);

/** Decodes one more block, and hands on what it gives.
 *  @return false when the record is at its end */
bool sd_decoder_step(sd_decoder *decoder);

/** How far the decoder has come: no frame or event that is still to come is earlier than
    @p time_ps in @p segment. */
void sd_decoder_reached(const sd_decoder *decoder, uint32_t *segment, int64_t *time_ps);

/** Samples that have been decoded, of all segments. */
uint64_t sd_decoder_samples(const sd_decoder *decoder);

/** Share of the record that has been decoded, 0 to 1. */
double sd_decoder_progress(const sd_decoder *decoder);

/** The report as far as decoded; complete when sd_decoder_step() has returned false. Owned by the
    decoder. */
const sd_report *sd_decoder_report(sd_decoder *decoder);

#endif
