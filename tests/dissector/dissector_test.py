# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the Wireshark plugin against captures written here: dissector_test.py PLUGIN_DIR [-v]"""

import json
import random
import struct
import sys
import xml.etree.ElementTree as xml

sys.dont_write_bytecode = True

import plugin_run
import record_writer as record
from plugin_run import (BROKEN, DISPARITY, END, FRAME, GAP, INVALID, PREAMBLE, SLIP, SOUND, Capture,
                        DissectorTest)

HITS = [
    record.hit(20, FRAME, INVALID, "001111 1011", 1_234_567_890, copy=3, sample=24_691_357),
    record.hit(63, FRAME, DISPARITY, "001111 1010", 1_234_999_000),
    record.hit(2, PREAMBLE, INVALID, "000000 0000", 1_000_000),
    record.hit(1, GAP, DISPARITY, "110000 0101", 900_000),
    record.hit(0, END, SLIP, "101110 1000", 2_000_000_000),
    record.hit(64, FRAME, INVALID, "111111 1111", 5),
]


def damaged_metadata():
    return record.metadata(
        HITS, lane=2, speed=100, speed_source=5, config_speed=1000, begin=3, end=2, flags=0xFF,
        segment=7, sample=123_456_789_012, fraction=0x40000000, preamble=6,
        time_ps=617_283_945_060, duration_ps=5_760_000, gap=5, invalid=4, disparity=2,
        wire_length=64, hits_total=300)


class FrameTest(DissectorTest):
    def test_plugin_is_loaded(self):
        lines = self.run_ok("tshark", "-G", "plugins").splitlines()
        self.assertTrue(any(line.startswith("qsgmii.so") for line in lines), lines)

    def test_all_fields(self):
        capture = Capture()
        capture.frame([record.custom(damaged_metadata())], lane=2, data=BROKEN)
        tree = self.pdml(self.write(capture))[0]
        self.assertEqual(tree.get("showname"),
                         "QSGMII lane 2, 100 Mb/s, 6 symbol errors, preamble, octets 20, 63, 64, end "
                         "delimiter; /V/; bad FCS")
        self.assert_shows(tree, {
            "qsgmii.lane": "2", "qsgmii.link": "1", "qsgmii.speed": "100",
            "qsgmii.speed_source": "5", "qsgmii.config_speed": "1000",
            "qsgmii.symbol_errors": "6", "qsgmii.invalid_code_groups": "4",
            "qsgmii.disparity_errors": "2", "qsgmii.time_ps": "617283945060",
            "qsgmii.sample": "123456789012", "qsgmii.sample_fraction": "0.25",
            "qsgmii.duration_ps": "5760000", "qsgmii.preamble_length": "6", "qsgmii.gap": "5",
            "qsgmii.begin": "3", "qsgmii.end": "2", "qsgmii.cut": "0", "qsgmii.segment": "7",
            "qsgmii.wire_length": "64", "qsgmii.version": "2", "qsgmii.error_count": "300",
            "qsgmii.error_stored": "6", "qsgmii.flags": "0xff",
        })
        shownames = [field.get("showname") for field in tree.iter("field")]
        for text in ("Time: 617283945060 ps (617.28394506 ms)", "Duration: 5760000 ps (5.76 us)",
                     "Kind of link: QSGMII (1)", "Speed: 100 Mb/s", "Preamble: 6 octets",
                     "Sample: 123456789012 + 0.250000", "Gap before the frame: 5 octet times"):
            self.assertIn(text, shownames)

    def test_hits(self):
        capture = Capture()
        capture.frame([record.custom(damaged_metadata())], lane=2, data=BROKEN)
        tree = self.pdml(self.write(capture))[0]
        hits = [field for field in tree.iter("field") if field.get("name") == "qsgmii.error"]
        # Octet 64 is behind the frame of 64 octets: its place is in the metadata, as with the
        # hits outside the frame.
        self.assertEqual([(hit.get("pos"), hit.get("size")) for hit in hits],
                         [("20", "1"), ("63", "1"), ("144", "28"), ("172", "28"), ("200", "28"),
                          ("228", "28")])
        self.assertEqual([hit.get("showname") for hit in hits], [
            "Octet 20, copy 4 of 10, received as 0011111011, not a code-group",
            "Octet 63, copy 1 of 10, received as 0011111010 (K28.5), a disparity error",
            "Preamble octet 2, copy 1 of 10, received as 0000000000, not a code-group",
            "Code-group 1 before /S/ received as 1100000101 (K28.5), a disparity error",
            "/T/ received as 1011101000 (K29.7), with a bit slip in it",
            "Octet 64, copy 1 of 10, received as 1111111111, not a code-group",
        ])
        self.assert_shows(hits[0], {
            "qsgmii.error.octet": "20", "qsgmii.error.where": "1",
            "qsgmii.error.code_group": "0011111011", "qsgmii.error.kind": "1",
            "qsgmii.error.copy": "3", "qsgmii.error.time_ps": "1234567890",
            "qsgmii.error.sample": "24691357", "qsgmii.error.place": "3",
        })
        self.assert_shows(hits[3], {
            "qsgmii.error.octet": "1", "qsgmii.error.where": "3",
            "qsgmii.error.code_group": "1100000101 (K28.5)", "qsgmii.error.kind": "2",
            "qsgmii.error.copy": "0", "qsgmii.error.time_ps": "900000",
            "qsgmii.error.sample": "0", "qsgmii.error.place": "6",
        })

    def test_places(self):
        """Preamble, header, payload, FCS, end delimiter, gap; a cut frame has no FCS."""
        octets = (0, 13, 14, 59, 60, 63)
        hits = [record.hit(octet, FRAME, INVALID, "0000000000") for octet in octets]
        hits += [record.hit(0, where, INVALID, "0000000000") for where in (PREAMBLE, GAP, END)]
        capture = Capture()
        capture.frame([record.custom(record.metadata(hits))])
        capture.frame([record.custom(record.metadata(hits[:6], end=1))])
        rows = self.fields(self.write(capture), "qsgmii.error.place")
        self.assertEqual(rows, [["2,2,3,3,4,4,1,6,5"], ["2,2,3,3,3,3"]])

    def test_hits_of_version_1(self):
        """They have no sample number."""
        capture = Capture()
        capture.frame([record.custom(record.metadata(
            [record.hit(octet, FRAME, INVALID, "0011111011", 5, sample=None)
             for octet in (20, 21)], version=1, invalid=2))])
        path = self.write(capture)
        self.assertEqual(
            self.fields(path, "qsgmii.error.octet", "qsgmii.error.time_ps", "qsgmii.error.sample",
                        "qsgmii.expert.incomplete"), [["20,21", "5,5", "", ""]])

    def test_metadata_has_its_own_bytes(self):
        capture = Capture()
        capture.frame([record.custom(record.metadata())])
        capture.frame()
        shown = self.tshark(self.write(capture), "-x")
        self.assertEqual(shown.count("scopedump metadata (88 bytes)"), 1)
        self.assertIn("SCOPEDMP", shown)

    def test_each_flag(self):
        flags = ["fcs_bad", "error_propagation", "sfd", "too_short", "too_long", "preamble",
                 "gap_short", "extended"]
        capture = Capture()
        for i in range(len(flags)):
            capture.frame([record.custom(record.metadata(flags=1 << i))])
        rows = self.fields(self.write(capture), *(f"qsgmii.flags.{flag}" for flag in flags))
        self.assertEqual(rows, [["1" if i == j else "0" for j in range(8)] for i in range(8)])

    def test_sound_frame(self):
        capture = Capture()
        capture.frame([record.custom(record.metadata())])
        path = self.write(capture)
        tree = self.pdml(path)[0]
        self.assertEqual(tree.get("showname"), "QSGMII lane 0, 1000 Mb/s")
        self.assertEqual(self.experts(path), [[""]])
        self.assert_shows(tree, {"qsgmii.symbol_errors": "0", "qsgmii.gap": "12"})
        self.assertNotIn("[", self.info_column(path)[0])

    def test_unknown_values_are_left_out(self):
        capture = Capture()
        capture.frame([record.custom(record.metadata(gap=0xFFFFFFFF, config_speed=0))])
        capture.frame([record.custom(record.metadata(gap=200, config_speed=10))])
        path = self.write(capture)
        self.assertEqual(self.fields(path, "qsgmii.gap", "qsgmii.config_speed"),
                         [["", ""], ["200", "10"]])
        self.assertEqual(self.fields(path, "frame.number", filter="qsgmii.gap > 100"), [["2"]])

    def test_links_and_info_column(self):
        def hit(octet, where=FRAME, copy=0):
            return record.hit(octet, where, INVALID, "0000000000", copy=copy)

        capture = Capture()
        for link in range(6):
            capture.frame([record.custom(record.metadata(link=link))])
        capture.frame([record.custom(record.metadata(invalid=1))])
        capture.frame([record.custom(record.metadata(invalid=1, disparity=1, flags=1))])
        capture.frame([record.custom(record.metadata(end=1, flags=1))])
        for hits in ([hit(17), hit(17, copy=1), hit(40)], [hit(17)],
                     [hit(0, PREAMBLE), hit(17), hit(0, END)], [hit(1, GAP), hit(3, PREAMBLE)],
                     [hit(i) for i in range(30, 36)], [hit(1, GAP)]):
            inside = sum(hit[4] != GAP for hit in hits)
            capture.frame([record.custom(record.metadata(hits, invalid=inside))])
        path = self.write(capture)
        names = [tree.get("showname").split(" lane")[0] for tree in self.pdml(path)]
        self.assertEqual(names[:6], ["Unknown link", "QSGMII", "SGMII", "1000BASE-X", "2500BASE-X",
                                     "Unknown link"])
        info = self.info_column(path)
        self.assertEqual([text.partition(" [")[2] for text in info],
                         [""] * 6 + ["1 symbol error]", "2 symbol errors; bad FCS]", "cut]",
                                     "3 symbol errors, octets 17, 40]", "1 symbol error, octet 17]",
                                     "3 symbol errors, preamble, octet 17, end delimiter]",
                                     "1 symbol error, preamble]",
                                     "6 symbol errors, octets 30, 31, 32, 33, ...]", ""])

    def test_expert_infos(self):
        cases = [
            (dict(flags=0x01), ["Bad FCS"]),
            (dict(flags=0x01, begin=1), ["Frame cut by the begin or end of the record"]),
            (dict(flags=0x01, end=1), ["Frame cut by the begin or end of the record"]),
            (dict(begin=2), ["Frame began without /S/"]),
            (dict(begin=3), ["SFD damaged or missing"]),
            (dict(flags=0x02), ["Error propagation /V/ inside the frame"]),
            (dict(flags=0x04), ["SFD damaged or missing"]),
            (dict(flags=0x08), ["Frame too short: under 64 octets"]),
            (dict(flags=0x10), ["Frame too long: octets are missing at its end"]),
            (dict(flags=0x40), ["Gap before the frame too short: under 8 octets"]),
            (dict(end=2), ["Ended without /T/: Early end: a comma without /T/"]),
            (dict(end=3), ["Ended without /T/: /R/ without /T/"]),
            (dict(end=4), ["Ended without /T/: Signal or lane alignment lost"]),
            (dict(end=5), ["Ended without /T/: Another /S/ without /T/"]),
            (dict(speed=10, config_speed=100, speed_source=5),
             ["The data has 10 Mb/s, the config_reg says 100 Mb/s"]),
            (dict(hits=HITS[:1], hits_total=3, invalid=3),
             ["Octet 20 received as 0011111011, not a code-group; FCS good",
              "2 further errors are only counted"]),
            (dict(hits=[record.hit(62, FRAME, DISPARITY, "0011111010")], disparity=1, flags=0x01),
             ["Octet 62 received as 0011111010 (K28.5), a disparity error; bad FCS", "Bad FCS"]),
            (dict(hits=[record.hit(3, GAP, INVALID, "0000000000")], flags=0x01, end=1),
             ["Code-group 3 before /S/ received as 0000000000, not a code-group",
              "Frame cut by the begin or end of the record"]),
        ]
        capture = Capture()
        for fields, _ in cases:
            capture.frame([record.custom(record.metadata(**fields))])
        path = self.write(capture)
        for (fields, expected), (row,) in zip(cases, self.experts(path), strict=True):
            self.assertEqual(sorted(row.split(",")), sorted(",".join(expected).split(",")), fields)
        # Without a tree, as the dialog of expert infos asks for them.
        summary = self.tshark(path, "-q", "-z", "expert")
        for text in ("Errors (6)", "Checksum      QSGMII  Bad FCS", "Warns (11)", "Notes (4)",
                     "Octet 20 received as 0011111011, not a code-group; FCS good"):
            self.assertIn(" ".join(text.split()), " ".join(summary.split()))

    def test_filters_and_json(self):
        capture = Capture()
        capture.frame([record.custom(record.metadata(lane=2))], lane=2)
        capture.frame([record.custom(damaged_metadata())], lane=2)
        capture.frame([record.custom(record.metadata(lane=1, invalid=1))], lane=1)
        capture.frame(lane=3)
        capture.event(4, lane=2)
        path = self.write(capture)
        for filter, numbers in {
            "qsgmii.lane==2 && qsgmii.symbol_errors>0": ["2"],
            "qsgmii.lane==2": ["1", "2", "5"],
            "qsgmii": ["1", "2", "3", "5"],
            "!qsgmii": ["4"],
            "qsgmii.error.octet == 63": ["2"],
            'qsgmii.error.code_group contains "K28.5"': ["2"],
            "qsgmii.error.kind == \"Bit slip\"": ["2"],
            "qsgmii.expert.symbol_error": ["2"],
            "qsgmii.flags.sfd == 1": ["2"],
            "qsgmii.time_ps > 617000000000": ["2"],
            "qsgmii.event.kind": ["5"],
        }.items():
            rows = self.fields(path, "frame.number", filter=filter)
            self.assertEqual([row[0] for row in rows], numbers, filter)
        layers = json.loads(self.tshark(path, "-T", "json"))[0]["_source"]["layers"]
        self.assertEqual(layers["qsgmii"]["qsgmii.lane"], "2")

    def test_every_value_is_a_filter(self):
        """Apply as Filter: name and value, as they are shown, find the packet again."""
        capture = Capture()
        capture.frame([record.custom(damaged_metadata())], lane=2, data=BROKEN)
        capture.frame([record.custom(record.metadata(time_ps=-1500, duration_ps=7))])
        for kind, fields in ((6, dict(value=0xDB01)), (6, dict(value=0xE0A0, link=3)),
                             (2, dict(value=-2)), (10, dict(value=record.bits("0011111010"))),
                             (8, dict(duration_ps=12_000, time_ps=-5))):
            capture.event(kind, lane=0, **fields)
        path = self.write(capture)
        names = set()
        for number, tree in enumerate(self.pdml(path), 1):
            terms = [f"frame.number == {number}"]
            for field in tree.iter("field"):
                name, value = field.get("name"), field.get("show")
                names.add(name)
                text = name.endswith("code_group")
                if name.startswith("qsgmii.") and value:
                    terms.append(f'{name} == "{value}"' if text else f"{name} == {value}")
                elif name.startswith("qsgmii."):
                    terms.append(name)
            self.assertGreater(len(terms), 8)
            self.assertEqual(self.fields(path, "frame.number", filter=" && ".join(terms)),
                             [[str(number)]])
        listing = self.wireshark.run_tool(["tshark", "-G", "fields"]).stdout
        listed = {line.split("\t")[2] for line in listing.splitlines()
                  if "\tqsgmii." in line and "qsgmii.expert" not in line}
        self.assertEqual(listed - names, set(), "fields that this test does not try")

    def test_code_group_names(self):
        groups = [format(i, "010b") for i in range(1024)]
        capture = Capture()
        for first in range(0, 1024, 256):
            hits = [record.hit(0, GAP, INVALID, group) for group in groups[first : first + 256]]
            capture.frame([record.custom(record.metadata(hits))])
        rows = self.fields(self.write(capture), "qsgmii.error.code_group")
        texts = [text for (row,) in rows for text in row.split(",")]
        self.assertEqual([text[:10] for text in texts], groups)
        names = {text[:10]: text[12:-1] for text in texts if len(text) > 10}

        # Forms at negative running disparity, and where they differ, at positive.
        for group, name in {
            "0011111010": "K28.5", "1100000101": "K28.5", "0011111001": "K28.1",
            "1100000110": "K28.1", "1101101000": "K27.7", "1011101000": "K29.7",
            "1110101000": "K23.7", "0111101000": "K30.7", "1010101010": "D21.5",
            "1011010101": "D2.2", "1010010110": "D5.6", "0110110101": "D16.2",
            "0110011010": "D6.5", "0101101101": "D26.4", "1000110111": "D17.7",
            "1101001000": "D11.7", "1001110100": "D0.0", "0110001011": "D0.0",
            "0001110011": "D7.3",
        }.items():
            self.assertEqual(names.get(group), name, group)
        # 18 sub-blocks abcdei and 4 fghj have one form for both disparities, the others two; the
        # 12 special groups all have two.
        self.assertEqual(len(names), 2 * 256 - 18 * 4 + 2 * 12)
        self.assertEqual(len(set(names.values())), 256 + 12)
        # A code-group has a disparity of 0 or 2 (36.2.4.4): four, five or six ones.
        for group in names:
            self.assertIn(group.count("1"), (4, 5, 6))


class OddMetadataTest(DissectorTest):
    def test_foreign_options_are_ignored(self):
        capture = Capture()
        capture.frame([record.custom(record.metadata(), pen=32474)])
        capture.frame([record.custom(record.metadata(magic=b"SCOPEXXX"))])
        capture.frame([record.custom(b"SCOPE")])
        capture.frame([record.custom(b"")])
        capture.frame([(1, b"a comment"), (2, struct.pack("<I", 4 << 5))])
        capture.frame([record.custom(b"other"), (1, b"a comment"),
                       record.custom(record.metadata(lane=3), pen=1),
                       record.custom(record.metadata(lane=1)), record.custom(b"more", pen=9)])
        rows = self.fields(self.write(capture), "qsgmii.lane")
        self.assertEqual(rows, [[""]] * 5 + [["1"]])

    def test_newer_version(self):
        hits = [record.hit(20, FRAME, INVALID, "0011111011", extra=b"newer!!!"),
                record.hit(21, FRAME, DISPARITY, "0011111010", extra=b"newer!!!")]
        capture = Capture()
        capture.frame([record.custom(
            record.metadata(hits, version=9, lane=3, extra=b"appended", wire_length=99)
            + b"behind the length")])
        path = self.write(capture)
        tree = self.pdml(path)[0]
        self.assert_shows(tree, {"qsgmii.version": "9", "qsgmii.lane": "3",
                                 "qsgmii.wire_length": "99"})
        positions = [field.get("pos") for field in tree.iter("field")
                     if field.get("name") == "qsgmii.error"]
        self.assertEqual(positions, ["20", "21"])
        self.assertNotIn("metadata", str(self.experts(path)))

    def test_short_metadata(self):
        whole = damaged_metadata()
        cuts = list(range(8, len(whole)))
        capture = Capture()
        for cut in cuts:
            capture.frame([record.custom(whole[:cut])])
        path = self.write(capture)
        rows = self.fields(path, "qsgmii.lane", "qsgmii.wire_length", "qsgmii.error.octet",
                           "qsgmii.expert.incomplete")
        for cut, (lane, wire_length, octets, expert) in zip(cuts, rows, strict=True):
            self.assertEqual(lane, "2" if cut >= 17 else "", cut)
            self.assertEqual(wire_length, "64" if cut >= 88 else "", cut)
            self.assertEqual(len(octets.split(",")) if octets else 0, max(0, (cut - 88) // 28), cut)
            self.assertTrue(expert, cut)

    def test_wrong_lengths(self):
        capture = Capture()
        for fields in (dict(length=0), dict(length=0xFFFF), dict(hits_start=0),
                       dict(hits_start=0xFFFF), dict(hit_size=0), dict(hit_size=19),
                       dict(hit_size=0xFFFF), dict(hits_stored=0xFFFF)):
            capture.frame([record.custom(record.metadata(HITS, **fields))])
        capture.frame([record.custom(record.metadata(
            [record.hit(octet, FRAME, INVALID, "0000000000")
             for octet in (-1, -2147483648, 2147483647)] + [record.hit(0, 99, 99, "0000000000")]))])
        path = self.write(capture)
        rows = self.fields(path, "qsgmii.expert.incomplete")
        self.assertEqual([bool(row[0]) for row in rows], [True] * 8 + [False])
        self.assertEqual(len(self.pdml(path)), 9)

    def test_random_metadata(self):
        source = random.Random(1)
        capture = Capture()
        for _ in range(1500):
            data = bytearray(damaged_metadata())
            for _ in range(source.randrange(1, 30)):
                data[source.randrange(8, len(data))] = source.choice((0, 1, 0x7F, 0xFF,
                                                                      source.randrange(256)))
            capture.frame([record.custom(bytes(data[: source.randrange(8, len(data) + 1)]))],
                          data=SOUND[: source.randrange(1, 65)])
            event = bytearray(record.event(source.randrange(15), lane=source.randrange(5),
                                           value=source.randrange(1 << 32)))
            for _ in range(source.randrange(5)):
                event[source.randrange(24, len(event))] = source.randrange(256)
            capture.raw_event(bytes(event[: source.randrange(24, len(event) + 1)]))
        path = self.write(capture)
        result = self.wireshark.run_tool(["tshark", "-r", path, "-V"], timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        for fault in ("Dissector bug", "Malformed Packet: QSGMII", "length of contained item"):
            self.assertFalse(fault in result.stdout + result.stderr, fault)
        # Both of each pair are shown: the root of the tree stands at the line's begin.
        lanes = [line for line in result.stdout.splitlines() if " lane " in line or "Lane " in line]
        self.assertGreater(len(lanes), 1500)

    def test_rewritten_files(self):
        capture = Capture()
        capture.frame([(2, struct.pack("<I", 0x81000080)), (1, b"two symbol errors"),
                       record.custom(damaged_metadata())], lane=2)
        capture.event(6, lane=1, value=0x9801, count=125)
        original = self.write(capture)
        copies = [self.wireshark.path("by-editcap.pcapng"), self.wireshark.path("by-tshark.pcapng"),
                  self.wireshark.path("by-mergecap.pcapng")]
        self.run_ok("editcap", original, copies[0])
        self.tshark(original, "-w", copies[1])
        self.run_ok("mergecap", "-w", copies[2], original)
        expected = self.pdml(original)
        for copy in copies:
            for wanted, found in zip(expected, self.pdml(copy), strict=True):
                self.assertEqual(xml.tostring(wanted), xml.tostring(found), copy)
        # An edited comment makes a new block for the packet; the metadata stays.
        edited = self.wireshark.path("edited.pcapng")
        self.run_ok("editcap", "-a", "1:another comment", original, edited)
        self.assertEqual(self.fields(edited, "qsgmii.symbol_errors", "frame.comment")[0][0], "6")


class EventTest(DissectorTest):
    CASES = [
        (dict(kind=1, duration_ps=1_200_000), "Signal lost for 1.2 us", "signal_lost"),
        (dict(kind=1), "Signal lost", "signal_lost"),
        (dict(kind=2, value=-1), "Bit slip: one bit lost", "bit_slip"),
        (dict(kind=2, value=3), "Bit slip: 3 bits gained", "bit_slip"),
        (dict(kind=3, value=1), "Lanes moved by 1", "lane_alignment"),
        (dict(kind=4, lane=3), "Lane 3: synchronisation acquired", None),
        (dict(kind=5, lane=0), "Lane 0: synchronisation lost", "sync_lost"),
        (dict(kind=6, lane=2, value=0xD801, count=125),
         "Lane 2: configuration 0xd801, acknowledge, 1000 Mb/s, full duplex, link up, 125 times",
         None),
        (dict(kind=6, lane=2, value=0x9801, count=1),
         "Lane 2: configuration 0x9801, 1000 Mb/s, full duplex, link up", None),
        (dict(kind=6, lane=1, value=0x8401),
         "Lane 1: configuration 0x8401, 100 Mb/s, half duplex, link up", None),
        (dict(kind=6, lane=1, value=0x1801),
         "Lane 1: configuration 0x1801, 1000 Mb/s, full duplex, link down", None),
        (dict(kind=6, lane=0, value=0x4001),
         "Lane 0: configuration 0x4001, acknowledge, from a MAC or link down", None),
        (dict(kind=6, lane=0, value=0xC1E0, link=3),
         "Lane 0: configuration 0xc1e0, acknowledge, full duplex, half duplex, symmetric pause and "
         "asymmetric pause toward the sender, next page", None),
        (dict(kind=6, lane=0, value=0x1020, link=3),
         "Lane 0: configuration 0x1020, full duplex, remote fault: link failure", None),
        (dict(kind=6, lane=0, value=0, link=3),
         "Lane 0: configuration 0x0000, auto-negotiation restarted", None),
        (dict(kind=7, lane=1), "Lane 1: idle after configuration: the link is up", None),
        (dict(kind=8, lane=1, duration_ps=20_000_000_008),
         "Lane 1: low-power idle for 20.000000008 ms", None),
        (dict(kind=9, lane=1, count=17), "Lane 1: false carrier, 17 code-groups", "false_carrier"),
        (dict(kind=10, lane=0, value=record.bits("0011111011")),
         "Lane 0: symbol error between frames, 0011111011", "symbol_error"),
        (dict(kind=10, lane=0, value=record.bits("1010101010"), count=4),
         "Lane 0: 4 symbol errors between frames, the first 1010101010 (D21.5)", "symbol_error"),
        (dict(kind=11, lane=3, value=3), "Lane 3: K28.1 on lane 3, where K28.5 belongs",
         "lane_mark"),
        (dict(kind=14, count=16777216), "No frame and no event in 16777216 samples", None),
        (dict(kind=99, lane=1), "Lane 1: event of the unknown kind 99", None),
    ]

    def test_columns_and_expert_infos(self):
        capture = Capture()
        for fields, _, _ in self.CASES:
            capture.event(**fields)
        path = self.write(capture)
        rows = self.fields(path, "_ws.col.Protocol", "_ws.col.Info", "_ws.expert.message",
                           "qsgmii.event.kind")
        for (fields, info, expert), row in zip(self.CASES, rows, strict=True):
            self.assertEqual(row, ["QSGMII", info, info if expert else "", str(fields["kind"])])
        for expert in {expert for _, _, expert in self.CASES if expert}:
            found = self.fields(path, "frame.number", filter=f"qsgmii.expert.event.{expert}")
            wanted = [str(i + 1) for i, case in enumerate(self.CASES) if case[2] == expert]
            self.assertEqual([row[0] for row in found], wanted, expert)

    def test_all_fields(self):
        capture = Capture()
        capture.event(8, lane=2, link=2, value=5, count=6, segment=7, sample=1 << 40,
                      time_ps=8_000_000_000, duration_ps=12_000)
        capture.event(2, value=-2)
        capture.event(10, lane=0, value=record.bits("0011111010"))
        trees = self.pdml(self.write(capture))
        self.assertEqual(trees[0].get("showname"), "SGMII, Lane 2: low-power idle for 12 ns")
        self.assert_shows(trees[0], {
            "qsgmii.event.kind": "8", "qsgmii.lane": "2", "qsgmii.link": "2",
            "qsgmii.event.value": "5", "qsgmii.event.count": "6", "qsgmii.segment": "7",
            "qsgmii.sample": str(1 << 40), "qsgmii.time_ps": "8000000000",
            "qsgmii.duration_ps": "12000",
        })
        self.assertIsNone(trees[1].find("field[@name='qsgmii.lane']"))
        self.assert_shows(trees[1], {"qsgmii.event.slip": "-2"})
        self.assert_shows(trees[2], {"qsgmii.event.code_group": "0011111010 (K28.5)"})

    def test_config_word(self):
        capture = Capture()
        capture.event(6, lane=0, value=0xDB01)
        capture.event(6, lane=0, value=0xE0A0, link=3)
        trees = self.pdml(self.write(capture))
        sgmii = {"word": "0xdb01", "sgmii": "1", "link": "1", "acknowledge": "1", "duplex": "1",
                 "speed": "2", "eee": "0x0003"}
        page = {"word": "0xe0a0", "sgmii": "0", "next_page": "1", "acknowledge": "1",
                "remote_fault": "2", "pause": "1", "half_duplex": "0", "full_duplex": "1"}
        for tree, parts in zip(trees, (sgmii, page), strict=True):
            self.assert_shows(tree, {f"qsgmii.config.{name}": v for name, v in parts.items()})
            names = {field.get("name") for field in tree.iter("field")}
            self.assertEqual({name for name in names if name.startswith("qsgmii.config.")},
                             {f"qsgmii.config.{name}" for name in parts})

    def test_odd_events(self):
        whole = record.event(6, lane=1, value=0x9801)
        tags = len(whole) - 52
        capture = Capture()
        capture.raw_event(record.event(6, lane=1, value=0x9801, version=4, extra=b"appended"))
        capture.raw_event(record.event(6, lane=1, length=0xFFFF))
        capture.raw_event(record.event(6, lane=1, magic=b"SCOPEDMP"))
        for cut in range(8, 52):
            capture.raw_event(whole[: tags + cut])
        path = self.write(capture)
        rows = self.fields(path, "_ws.col.Info", "qsgmii.expert.event.incomplete")
        self.assertEqual(rows[0][1], "")
        self.assertIn("configuration 0x9801", rows[0][0])
        self.assertNotEqual(rows[1][1], "")
        self.assertEqual(rows[2][1], "")
        self.assertNotIn("configuration", rows[2][0])
        for row in rows[3:]:
            self.assertNotEqual(row[1], "")
        self.assertEqual(len(self.pdml(path)), 3 + 44)


if __name__ == "__main__":
    plugin_run.main(__doc__)
