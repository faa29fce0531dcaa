# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes Agilent/Keysight .bin files (version 10): several channels of float samples in one file."""

import struct

WAVEFORM_HEADER, BUFFER_HEADER = 140, 12
NORMAL, FLOAT, SECOND, VOLT = 1, 1, 2, 1


def write(path, channels, interval, date="22 NOV 2026", time="12:34:56"):
    """channels: (label, float32 samples as little-endian bytes, time of the first one in seconds
    from the trigger)"""
    parts = []
    for label, data, start in channels:
        points = len(data) // 4
        parts.append(struct.pack(
            "<iiiiifdddii16s16s24s16sdI", WAVEFORM_HEADER, NORMAL, 1, points, 0,
            points * interval, start, interval, start, SECOND, VOLT, date.encode(), time.encode(),
            b"TESTSCOPE:B012345", label.encode(), 0.0, 0))
        parts.append(struct.pack("<ihhi", BUFFER_HEADER, FLOAT, 4, len(data)))
        parts.append(data)
    size = 12 + sum(map(len, parts))
    path.write_bytes(b"AG10" + struct.pack("<ii", size, len(channels)) + b"".join(parts))
