/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file code_group_name.h
 * Ten bits from the line as text: in the order on the line, with the name of the code-group.
 */
#ifndef SD_CODE_GROUP_NAME_H
#define SD_CODE_GROUP_NAME_H

/** Room for the longest text, "0101010101 (D31.7)", and its end. */
#define SD_CODE_GROUP_TEXT_SIZE 24

/**
 * Writes the bits abcdei fghj, a first, and behind them the name in brackets where the group is in
 * one of the two columns of tables 36-1 and 36-2 of IEEE 802.3; an invalid group has no name.
 *
 * @param code_group  the ten bits, bit 0 = a ... bit 9 = j; higher bits are ignored
 * @param[out] text   such as "0011111010 (K28.5)" or "0011111011"
 */
void sd_code_group_text(unsigned code_group, char text[SD_CODE_GROUP_TEXT_SIZE]);

#endif
