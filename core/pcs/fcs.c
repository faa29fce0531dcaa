/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/fcs.h"

#include <zlib.h>

#define FCS_OCTETS 4
/** The CRC of any octets with their own FCS behind them. */
#define GOOD_CRC 0x2144DF1CU

bool sd_fcs_good(const uint8_t *octets, size_t length)
{
    if (length <= FCS_OCTETS)
        return false;
    const uint8_t *fcs = octets + length - FCS_OCTETS;
    const uint32_t sent =
        (uint32_t)fcs[0] | (uint32_t)fcs[1] << 8 | (uint32_t)fcs[2] << 16 | (uint32_t)fcs[3] << 24;
    return crc32_z(0, octets, length - FCS_OCTETS) == sent;
}

/** The octet whose entry in the table ends in these eight bits; every one does once. */
static uint32_t entry_of(const z_crc_t *table, uint32_t high)
{
    uint32_t i = 0;
    while (table[i] >> 24 != high)
        i++;
    return i;
}

bool sd_fcs_can_be_good(const uint8_t *octets, size_t length, size_t at)
{
    if (length <= FCS_OCTETS || at >= length)
        return false;
    /* The CRC is linear: what the wrong octet adds to it is an entry of the table, carried on
       through the octets behind. Take these back again. */
    const z_crc_t *table = get_crc_table();
    uint32_t added = (uint32_t)crc32_z(0, octets, length) ^ GOOD_CRC;
    for (size_t i = at + 1; i < length; i++) {
        const uint32_t entry = entry_of(table, added >> 24);
        added = (added ^ table[entry]) << 8 | entry;
    }
    return added != 0 && table[entry_of(table, added >> 24)] == added;
}
