# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the plugin share: captures that they write, and tshark that reads them."""

import pathlib
import struct
import sys
import unittest
import xml.etree.ElementTree as xml
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import record_writer as record
from wireshark_run import WiresharkRun, shown

LANES = 4
EVENTS = 4  # interface number of the events
FRAME, PREAMBLE, GAP, END = 1, 2, 3, 4
INVALID, DISPARITY, SLIP = 1, 2, 3

FRAME_DATA = bytes.fromhex("020000000001" "020000000002" "88b5") + bytes(range(46))
SOUND = FRAME_DATA + struct.pack("<I", zlib.crc32(FRAME_DATA))
BROKEN = SOUND[:20] + b"\xff" + SOUND[21:]


class Capture:
    """Collects packets and writes them to a file of the run; direction: what stands before the
    names of the interfaces, such as "tx-"."""

    def __init__(self, direction=""):
        self.direction = direction
        self.packets = []

    def frame(self, options=(), lane=0, data=SOUND):
        self._add(lane, data, options)

    def event(self, *arguments, **fields):
        self._add(EVENTS, record.event(*arguments, **fields), ())

    def raw_event(self, data):
        self._add(EVENTS, data, ())

    def _add(self, interface, data, options):
        time = 1_700_000_000_000_000_000 + 1000 * len(self.packets)
        self.packets.append(record.packet(interface, time, data, *options))

    def bytes(self):
        interfaces = [record.interface(f"{self.direction}lane{i}", record.ETHERNET)
                      for i in range(LANES)]
        interfaces.append(record.interface(f"{self.direction}qsgmii", record.UPPER_PDU))
        return record.section() + b"".join(interfaces + self.packets)


class DissectorTest(unittest.TestCase):
    plugin_dir = None  # set by main()

    @classmethod
    def setUpClass(cls):
        cls.wireshark = WiresharkRun(plugin_dir=cls.plugin_dir)
        cls.addClassCleanup(cls.wireshark.close)

    def write(self, capture):
        path = self.wireshark.path(f"{self.id()}.pcapng")
        path.write_bytes(capture.bytes())
        return path

    def run_ok(self, *argv):
        result = self.wireshark.run_tool(argv)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        for fault in ("Dissector bug", "Malformed Packet", "Exception occurred"):
            self.assertFalse(fault in result.stdout, fault)
        return result.stdout

    def tshark(self, path, *argv):
        return self.run_ok("tshark", "-r", path, *argv)

    def pdml(self, path):
        """The protocol "qsgmii" of each packet as XML, None where there is none."""
        packets = xml.fromstring(self.tshark(path, "-T", "pdml"))
        return [packet.find("proto[@name='qsgmii']") for packet in packets.findall("packet")]

    def fields(self, path, *names, filter=None):
        """Values of fields, one list per packet that passes the filter."""
        argv = ["-T", "fields", "-E", "separator=|"] + [x for name in names for x in ("-e", name)]
        if filter:
            argv += ["-Y", filter]
        return [[shown(value) for value in line.split("|")]
                for line in self.tshark(path, *argv).splitlines()]

    def info_column(self, path):
        """What the list of packets shows; the field _ws.col.Info is older than a postdissector."""
        packets = xml.fromstring(self.tshark(path, "-T", "psml")).findall("packet")
        return [packet.findall("section")[-1].text for packet in packets]

    def experts(self, path):
        return self.fields(path, "_ws.expert.message")

    def assert_shows(self, tree, expected):
        """Each field of the tree once, with the value that tshark shows."""
        for name, value in expected.items():
            found = [shown(field.get("show")) for field in tree.iter("field")
                     if field.get("name") == name]
            self.assertEqual(found, [value], name)


def main(usage):
    """Runs the tests of the calling module: PROGRAM PLUGIN_DIR [options of unittest]."""
    if len(sys.argv) < 2:
        sys.exit(usage)
    DissectorTest.plugin_dir = sys.argv.pop(1)
    unittest.main()
