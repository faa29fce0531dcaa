/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file fcs.h
 * The frame check sequence of IEEE 802.3 clause 3.2.9.
 */
#ifndef SD_FCS_H
#define SD_FCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether the last four of @p length octets are the FCS of those before them. */
bool sd_fcs_good(const uint8_t *octets, size_t length);

/** Whether the FCS, which is bad, would be good if the octet at @p at, alone, were another one. */
bool sd_fcs_can_be_good(const uint8_t *octets, size_t length, size_t at);

#endif
