/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file configuration.h
 * What a config_reg says: clause 37 (1000BASE-X) and SGMII (Cisco ENG-46158).
 */
#ifndef SD_CONFIGURATION_H
#define SD_CONFIGURATION_H

#include <stdbool.h>
#include <stdint.h>

/** Acknowledge, in clause 37 and SGMII alike. */
#define SD_CONFIG_ACKNOWLEDGE 0x4000U
/** Set in every SGMII config_reg, clear in a clause 37 base page. */
#define SD_CONFIG_SGMII 0x0001U
/** SGMII, from the PHY: the link is up. */
#define SD_CONFIG_SGMII_LINK 0x8000U

/** Whether the word follows SGMII; a word of zero follows neither. */
bool sd_config_is_sgmii(uint16_t word);

/** Speed in Mb/s of an SGMII config_reg from the PHY with the link up; 0 when it tells none. */
unsigned sd_config_speed(uint16_t word);

/**
 * What the word says, in words: "SGMII, acknowledge, link up, 1000 Mb/s, full duplex".
 * @return to be freed with g_free()
 */
char *sd_config_describe(uint16_t word);

#endif
