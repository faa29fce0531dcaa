/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file clipping.h
 * Whether a signal was larger than the vertical range of the oscilloscope.
 */
#ifndef SD_CLIPPING_H
#define SD_CLIPPING_H

#include "scopedump/waveform.h"

/**
 * Share of the samples that lie at the first or the last code that the oscilloscope uses: 0 to 1,
 * whichever end has more; 0 when the samples are no 8-bit or 16-bit integers. It comes from windows
 * all over the first @p samples of the segment, of which there is one at least.
 */
double sd_clipping_share(const sd_channel *channel, size_t segment, uint64_t samples);

#endif
