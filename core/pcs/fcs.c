/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/fcs.h"

#include <zlib.h>

#define FCS_OCTETS 4

bool sd_fcs_good(const uint8_t *octets, size_t length)
{
    if (length <= FCS_OCTETS)
        return false;
    const uint8_t *fcs = octets + length - FCS_OCTETS;
    const uint32_t sent =
        (uint32_t)fcs[0] | (uint32_t)fcs[1] << 8 | (uint32_t)fcs[2] << 16 | (uint32_t)fcs[3] << 24;
    return crc32_z(0, octets, length - FCS_OCTETS) == sent;
}
