/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file hit_text.h
 * What happened to a code-group, in words. It needs nothing but the C library: the dissector says
 * the same of a hit as the comment in the capture file.
 */
#ifndef SD_HIT_TEXT_H
#define SD_HIT_TEXT_H

#include "scopedump/record.h"

/** Room for the longest text and its end. */
#define SD_HIT_TEXT_SIZE 160

/**
 * Writes where a hit lies and what was received there: "octet 17 received as 0011111011, not a
 * code-group"; the first letter is a small one.
 *
 * @param hit         its where, octet, kind, bits and copy are told
 * @param speed       of the frame in Mb/s: 10 and 100 Mb/s repeat each octet
 * @param[out] text   the text
 */
void sd_hit_text(const sd_hit *hit, uint32_t speed, char text[SD_HIT_TEXT_SIZE]);

#endif
