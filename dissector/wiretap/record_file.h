/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file record_file.h
 * Oscilloscope records as a kind of capture file.
 */
#ifndef SCOPEDUMP_RECORD_FILE_H
#define SCOPEDUMP_RECORD_FILE_H

/** Makes the formats known to Wireshark, once. */
void record_file_register(void);

#endif
