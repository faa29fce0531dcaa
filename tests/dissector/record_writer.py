# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes what scopedump writes, byte by byte, without any of its code: pcapng blocks, frame
metadata and link events after core/include/scopedump/record_format.h."""

import struct

PEN = 32473
CUSTOM_BINARY = 2989
ETHERNET = 1
UPPER_PDU = 252


def block(kind, body):
    """A pcapng block around a body of whole 32-bit words."""
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def padded(data):
    return data + bytes(-len(data) % 4)


def options(*pairs):
    """(code, value) pairs as a pcapng option list."""
    if not pairs:
        return b""
    listed = b"".join(struct.pack("<HH", code, len(value)) + padded(value) for code, value in pairs)
    return listed + bytes(4)


def custom(data, pen=PEN):
    """A custom option, binary, may be copied."""
    return CUSTOM_BINARY, struct.pack("<I", pen) + data


def section():
    body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    return block(0x0A0D0D0A, body + options((4, b"dissector test")))


def interface(name, link_type):
    idb_options = [(2, name.encode()), (9, b"\x09")]
    if link_type == ETHERNET:
        idb_options.append((13, b"\x20"))
    return block(1, struct.pack("<HHI", link_type, 0, 262144) + options(*idb_options))


def packet(interface_id, nanoseconds, data, *packet_options):
    head = struct.pack("<IIIII", interface_id, nanoseconds >> 32, nanoseconds & 0xFFFFFFFF,
                       len(data), len(data))
    return block(6, head + padded(data) + options(*packet_options))


def bits(text):
    """Ten bits as written, a first, to the number of the record format: bit 0 = a."""
    text = text.replace(" ", "")
    assert len(text) == 10
    return sum(1 << i for i, bit in enumerate(text) if bit == "1")


def hit(octet, where, kind, code_group, time_ps=0, copy=0, sample=0, extra=b""):
    """sample=None: a hit as version 1 had it."""
    head = struct.pack("<iBBHqI", octet, where, kind, bits(code_group), time_ps, copy)
    return head + (b"" if sample is None else struct.pack("<Q", sample)) + extra


def metadata(hits=(), **fields):
    """Frame metadata; fields not given are those of a sound frame."""
    values = {
        "magic": b"SCOPEDMP", "version": 2, "lane": 0, "link": 1, "speed_source": 0, "begin": 0,
        "end": 0, "flags": 0, "hits_stored": len(hits), "hits_total": len(hits), "speed": 1000,
        "config_speed": 0, "segment": 0, "sample": 0, "fraction": 0, "preamble": 7, "time_ps": 0,
        "duration_ps": 0, "gap": 12, "invalid": 0, "disparity": 0, "wire_length": 64,
        "hit_size": len(hits[0]) if hits else 28, "extra": b"", "length": None,
        "hits_start": None,
    }
    unknown = set(fields) - set(values)
    assert not unknown, unknown
    values.update(fields)
    hits_start = 88 + len(values["extra"])
    listed = b"".join(hits)
    length = hits_start + len(listed)
    v = values
    return v["magic"] + struct.pack(
        "<HHHHBBBBBBHIIIIQIIqqIIII", v["version"],
        length if v["length"] is None else v["length"],
        hits_start if v["hits_start"] is None else v["hits_start"],
        v["hit_size"], v["lane"], v["link"], v["speed_source"], v["begin"], v["end"], v["flags"],
        v["hits_stored"], v["hits_total"], v["speed"], v["config_speed"], v["segment"],
        v["sample"], v["fraction"], v["preamble"], v["time_ps"], v["duration_ps"], v["gap"],
        v["invalid"], v["disparity"], v["wire_length"]) + v["extra"] + listed


def event(kind, lane=0xFF, value=0, count=1, link=1, segment=0, sample=0, time_ps=0, duration_ps=0,
          magic=b"SCOPEEVT", version=2, length=None, extra=b""):
    """A link event behind its exported-PDU tags; `value` may be negative."""
    length = 52 + len(extra) if length is None else length
    tags = struct.pack(">HH8sHH", 12, 8, b"qsgmii\0\0", 0, 0)
    return tags + magic + struct.pack(
        "<HHHBBIIQqqI", version, length, kind, lane, link, segment, value & 0xFFFFFFFF, sample,
        time_ps, duration_ps, count) + extra
