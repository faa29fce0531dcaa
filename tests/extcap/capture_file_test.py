# SPDX-License-Identifier: GPL-2.0-or-later
"""The file that is written: its blocks, and what the programs around Wireshark make of it."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from pcapng_reader import INTERFACE, PACKET, SECTION, STATISTICS
from truth import SCOPEDUMP, TruthTest, run

LINE = ("--speeds 1000,100,100,1000 --sample-rate 25e9 --duration-us 40 --frame-size 64:120 "
        "--config-us 1 --flip 60003 --bad-fcs 0:3 ")
SECTION_MOST = 2048  # a live reader overflows beyond it
ETHERNET, UPPER_PDU = 1, 252
OPT_HARDWARE, OPT_APPLICATION, OPT_DESCRIPTION = 2, 4, 3
OPT_RECEIVED, OPT_ACCEPTED = 4, 6


class CaptureFileTest(TruthTest):
    def setUp(self):
        self.record, self.truth, _ = self.generate(LINE)

    def write(self, *argv, name="frames.pcapng"):
        out = self.path(name)
        result = run(SCOPEDUMP, self.record, "-q", "-w", out, *argv)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        return out

    def tool(self, *argv):
        result = self.wireshark.run_tool(argv)
        self.assertEqual(result.returncode, 0, f"{argv}: {result.stderr}")
        return result.stdout

    def test_blocks(self):
        capture = pcapng_reader.read(self.write("--events"))
        self.assertEqual(capture.kinds[0], SECTION)
        self.assertLess(capture.section_bytes, SECTION_MOST)
        order = [SECTION, INTERFACE, PACKET, STATISTICS]
        self.assertEqual(capture.kinds, sorted(capture.kinds, key=order.index))
        self.assertEqual(capture.kinds.count(SECTION), 1)
        for interface in capture.interfaces:
            self.assertEqual(interface.options[pcapng_reader.OPT_IF_TSRESOL], b"\x09")
            self.assertEqual(interface.snaplen, 262144)
            self.assertIn(b"record.wfm", interface.options[OPT_DESCRIPTION])
            if interface.name == "qsgmii":
                self.assertEqual(interface.link_type, UPPER_PDU)
                continue
            lane = int(interface.name.removeprefix("lane"))
            self.assertEqual(interface.link_type, ETHERNET)
            self.assertEqual(interface.options[pcapng_reader.OPT_IF_FCSLEN], b"\x20")
            speed = self.truth["lanes"][lane]["speed"] * 10**6
            self.assertEqual(interface.options[pcapng_reader.OPT_IF_SPEED],
                             speed.to_bytes(8, "little"))
        numbers = [p.number(pcapng_reader.OPT_EPB_PACKETID) for p in capture.packets]
        self.assertEqual(numbers, list(range(len(numbers))))
        times = [p.time_ns for p in capture.packets]
        self.assertEqual(times, sorted(times))

    def test_statistics(self):
        for argv in ([], ["--events"], ["-f", "udp"], ["--lanes", "0,2"]):
            capture = pcapng_reader.read(self.write(*argv))
            self.assertEqual(len(capture.statistics), len(capture.interfaces))
            for number, options in capture.statistics:
                interface = capture.interfaces[number]
                mine = sum(p.interface is interface for p in capture.packets)
                received = int.from_bytes(options[OPT_RECEIVED], "little")
                self.assertEqual(int.from_bytes(options[OPT_ACCEPTED], "little"), mine)
                frames = sum(f"lane{f['lane']}" == interface.name for f in self.truth["frames"])
                self.assertEqual(received, mine if interface.name == "qsgmii" else frames)

    def test_events_are_an_option(self):
        plain = pcapng_reader.read(self.write())
        self.assertEqual([i.name for i in plain.interfaces],
                         ["lane0", "lane1", "lane2", "lane3"])
        for argv in (["--no-events"], ["--events", "--no-events"]):
            other = pcapng_reader.read(self.write(*argv))
            self.assertEqual([i.name for i in other.interfaces],
                             [i.name for i in plain.interfaces])
            self.assertEqual([p.octets for p in other.packets], [p.octets for p in plain.packets])
        every = pcapng_reader.read(self.write("--events"))
        self.assertGreater(len(every.packets), len(plain.packets))
        self.assertEqual([p.octets for p in every.packets if p.interface.link_type == ETHERNET],
                         [p.octets for p in plain.packets])

    def test_tshark(self):
        # what is left of a frame that the record cuts may well be no whole packet
        text = self.tool("tshark", "-r", self.write("--events"), "-V", "-Y", "not qsgmii.cut == 1")
        for fault in ("Malformed", "Dissector bug", "Exception occurred", "[Undecoded"):
            self.assertNotIn(fault, text)
        for words in ("QSGMII lane 0, 1000 Mb/s", "QSGMII lane 1, 100 Mb/s", "bad FCS",
                      "1 symbol error"):
            self.assertIn(words, text)

    def test_packet_flags_without_the_plugin(self):
        """The flags of pcapng alone tell which frames are damaged."""
        path = self.write("--events")
        capture = pcapng_reader.read(path)
        for name, bit in (("crc_error", 0x01000000), ("symbol_error", 0x80000000)):
            found = self.tool("tshark", "-r", path, "-Y", f"frame.packet_flags_{name} == 1", "-T",
                              "fields", "-e", "frame.number").split()
            wanted = [str(i + 1) for i, p in enumerate(capture.packets)
                      if (p.number(pcapng_reader.OPT_EPB_FLAGS) or 0) & bit]
            self.assertTrue(wanted, name)
            self.assertEqual(found, wanted, name)

    def test_capinfos(self):
        path = self.write("--events")
        count = len(pcapng_reader.read(path).packets)
        text = self.tool("capinfos", path)
        self.assertRegex(text, r"(?m)^File type: +Wireshark/\.\.\. - pcapng$")
        self.assertRegex(text, rf"(?m)^Number of packets: +{count}$")
        self.assertRegex(text, r"(?m)^Number of interfaces in file: 5$")
        self.assertRegex(text, r"(?m)^Strict time order: +True$")
        self.assertRegex(text, r"(?m)scopedump \d")

    def test_editcap_and_mergecap(self):
        path, copy = self.write("--events"), self.path("copy.pcapng")
        wanted = pcapng_reader.read(path)

        def essence(capture):
            return [(p.interface.name, p.time_ns, p.octets,
                     p.number(pcapng_reader.OPT_EPB_FLAGS)) for p in capture.packets]

        self.tool("editcap", path, copy)
        self.assertEqual(essence(pcapng_reader.read(copy)), essence(wanted))
        before = self.read(path).frames
        after = self.read(copy).frames
        self.assertEqual([f.hits for f in after], [f.hits for f in before])
        self.assertTrue(any(f.hits for f in after))
        other = self.write("--lanes", "0", name="other.pcapng")
        self.tool("mergecap", "-w", copy, path, other)
        merged = pcapng_reader.read(copy)
        lane0 = sum(p.interface.name == "lane0" for p in wanted.packets)
        self.assertEqual(len(merged.packets), len(wanted.packets) + lane0)

    def test_tcpdump(self):
        path = self.write()
        frames = pcapng_reader.read(path).packets
        text = self.tool("tcpdump", "-nn", "-e", "-tt", "--nano", "-r", path)
        lines = [line for line in text.splitlines() if line[:1].isdigit()]
        self.assertEqual(len(lines), len(frames))

    def test_section_header_with_long_names(self):
        """Names of any length and kind leave the file readable."""
        for name in ("x" * 240 + ".wfm", "\u00e4\u6ce2 {x}\n\".wfm"):
            path = self.path(name)
            path.write_bytes(self.record.read_bytes())
            out = self.path("long.pcapng")
            result = run(SCOPEDUMP, path, "-q", "-w", out)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertLess(pcapng_reader.read(out).section_bytes, SECTION_MOST)
            self.tool("tshark", "-r", out, "-c", "3")


if __name__ == "__main__":
    unittest.main()
