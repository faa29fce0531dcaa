/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pcs/configuration.h"

#include <glib.h>

bool sd_config_is_sgmii(uint16_t word)
{
    return word & SD_CONFIG_SGMII;
}

unsigned sd_config_speed(uint16_t word)
{
    static const unsigned speeds[4] = {10, 100, 1000, 0};
    if (!sd_config_is_sgmii(word) || !(word & SD_CONFIG_SGMII_LINK))
        return 0;
    return speeds[word >> 10 & 3];
}

char *sd_config_describe(uint16_t word)
{
    static const char *const pauses[4] = {"no pause", "symmetric pause", "asymmetric pause",
                                          "symmetric and asymmetric pause"};
    static const char *const faults[4] = {"", ", remote fault: link failure",
                                          ", remote fault: offline",
                                          ", remote fault: auto-negotiation error"};
    const char *acknowledge = word & SD_CONFIG_ACKNOWLEDGE ? ", acknowledge" : "";
    if (word == 0)
        return g_strdup("restart of auto-negotiation");
    if (!sd_config_is_sgmii(word)) {
        return g_strdup_printf("1000BASE-X%s%s%s, %s%s%s", acknowledge,
                               word & 0x20 ? ", full duplex" : "",
                               word & 0x40 ? ", half duplex" : "", pauses[word >> 7 & 3],
                               faults[word >> 12 & 3], word & 0x8000 ? ", next page" : "");
    }
    if ((word & ~SD_CONFIG_ACKNOWLEDGE) == SD_CONFIG_SGMII)
        return g_strdup_printf("SGMII from the MAC%s", acknowledge);
    if (!(word & SD_CONFIG_SGMII_LINK))
        return g_strdup_printf("SGMII%s, link down", acknowledge);
    const unsigned speed = sd_config_speed(word);
    char *rate = speed > 0 ? g_strdup_printf("%u Mb/s", speed) : g_strdup("reserved speed");
    char *text = g_strdup_printf("SGMII%s, link up, %s, %s duplex", acknowledge, rate,
                                 word & 0x1000 ? "full" : "half");
    g_free(rate);
    return text;
}
