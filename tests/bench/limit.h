/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file limit.h
 * The least that any program must do that looks at all samples: it sums them.
 */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include "scopedump/waveform.h"

/** The sum of all samples of the channel as they are stored, which must be 8-bit or 16-bit integers
    or 32-bit floats, in the byte order of this computer and without gaps. */
double bench_limit(const sd_channel *channel);

#endif
