# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads a pcapng file block by block: little-endian, one section. It knows nothing of scopedump."""

import dataclasses
import pathlib
import struct

SECTION, INTERFACE, STATISTICS, PACKET = 0x0A0D0D0A, 1, 5, 6
OPT_COMMENT, OPT_IF_NAME, OPT_IF_SPEED, OPT_IF_TSRESOL, OPT_IF_FCSLEN = 1, 2, 8, 9, 13
OPT_EPB_FLAGS, OPT_EPB_PACKETID = 2, 5


@dataclasses.dataclass
class Interface:
    link_type: int
    snaplen: int
    options: dict

    @property
    def name(self):
        return self.options[OPT_IF_NAME].decode()


@dataclasses.dataclass
class Packet:
    interface: Interface
    time_ns: int
    octets: bytes
    length: int  # on the line
    options: dict

    def number(self, option):
        """An option that is a little-endian number; None when it is missing."""
        value = self.options.get(option)
        return None if value is None else int.from_bytes(value, "little")


@dataclasses.dataclass
class Capture:
    section_bytes: int = 0
    section_options: dict = dataclasses.field(default_factory=dict)
    kinds: list = dataclasses.field(default_factory=list)  # of all blocks, in order
    interfaces: list = dataclasses.field(default_factory=list)
    packets: list = dataclasses.field(default_factory=list)
    statistics: list = dataclasses.field(default_factory=list)  # (interface number, options)


def _options(data):
    found = {}
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            break
        found[code] = data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def read(source):
    """The Capture in a file, or in bytes. A block that is cut or ill-formed raises ValueError."""
    data = source if isinstance(source, bytes) else pathlib.Path(source).read_bytes()
    capture = Capture()
    at = 0
    while at < len(data):
        if at + 12 > len(data):
            raise ValueError(f"a block is cut at byte {at}")
        kind, length = struct.unpack_from("<II", data, at)
        if length % 4 or length < 12 or at + length > len(data):
            raise ValueError(f"the length {length} of the block at byte {at} cannot be")
        if struct.unpack_from("<I", data, at + length - 4)[0] != length:
            raise ValueError(f"the two lengths of the block at byte {at} differ")
        body = data[at + 8:at + length - 4]
        capture.kinds.append(kind)
        if kind == SECTION:
            capture.section_bytes = length
            capture.section_options = _options(body[16:])
        elif kind == INTERFACE:
            link_type, _, snaplen = struct.unpack_from("<HHI", body)
            capture.interfaces.append(Interface(link_type, snaplen, _options(body[8:])))
        elif kind == PACKET:
            number, high, low, kept, whole = struct.unpack_from("<IIIII", body)
            capture.packets.append(Packet(
                capture.interfaces[number], high << 32 | low, body[20:20 + kept], whole,
                _options(body[20 + (kept + 3) // 4 * 4:])))
        elif kind == STATISTICS:
            number = struct.unpack_from("<I", body)[0]
            capture.statistics.append((number, _options(body[12:])))
        at += length
    return capture
