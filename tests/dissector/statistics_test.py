# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the plugin's statistics against captures written here: statistics_test.py PLUGIN_DIR [-v]"""

import sys

sys.dont_write_bytecode = True

import plugin_run
import record_writer as record
from plugin_run import (DISPARITY, END, FRAME, GAP, INVALID, PREAMBLE, SLIP, Capture,
                        DissectorTest)

NS, US = 1000, 1_000_000  # in picoseconds
FRAME_PS = 72 * 8 * NS  # 64 octets with preamble and SFD at 1000 Mb/s

NOT_A_GROUP, K28_5 = "0011111011", "0011111010"
HITS = [
    record.hit(2, PREAMBLE, DISPARITY, K28_5),
    record.hit(20, FRAME, INVALID, NOT_A_GROUP),
    record.hit(61, FRAME, INVALID, NOT_A_GROUP),
    record.hit(1, GAP, INVALID, "0000000000"),
    record.hit(0, END, SLIP, NOT_A_GROUP),
]
EVENT_ERRORS, CONFIGURATION, SYNC, IDLE, SIGNAL_LOST = 10, 6, 4, 7, 1
RECORD, RECORD_UNREADABLE = 12, 13


def busy_capture(direction=""):
    """Ten microseconds: three frames of lane 0, one damaged in four places with a bad FCS, and
    four symbol errors between them; one frame of lane 1 that the end of the record cuts."""
    capture = Capture(direction)
    frames = [
        dict(time_ps=0, gap=0xFFFFFFFF),
        dict(time_ps=1 * US, gap=12, hits=HITS, hits_total=6, invalid=3, disparity=1, flags=1),
        dict(time_ps=2 * US, gap=100),
    ]
    for fields in frames:
        capture.frame([record.custom(record.metadata(duration_ps=FRAME_PS, **fields))])
    capture.event(EVENT_ERRORS, lane=0, count=4, value=0, time_ps=3 * US, duration_ps=32 * NS)
    capture.frame([record.custom(record.metadata(
        lane=1, speed=100, end=1, flags=1, time_ps=5 * US, duration_ps=5 * US, wire_length=50,
        gap=0xFFFFFFFF))], lane=1)
    return capture


class StatisticsTest(DissectorTest):
    def statistics(self, path, *names):
        return self.tshark(path, "-q", *(word for name in names for word in ("-z", name)))

    def tree(self, path, name="qsgmii,tree"):
        """The tree of tshark: a dictionary from a path, "Frames/lane0", to (count, average,
        percent)."""
        lines = self.statistics(path, name).splitlines()
        header = next(line for line in lines if line.startswith("Topic / Item"))
        count, average, least = (header.index(word) for word in ("Count", "Average", "Min Val"))
        percent, burst = header.index("Percent"), header.index("Burst Rate")
        found, place = {}, []
        for line in lines[lines.index(header) + 2:]:
            if not line.strip() or line.startswith("---"):
                break
            item = line[:count].rstrip()
            depth = len(item) - len(item.lstrip(" "))
            place[depth:] = [item.strip()]
            key = " > ".join(place)
            self.assertNotIn(key, found)
            found[key] = (int(line[count:average]), line[average:least].strip(),
                          line[percent:burst].strip())
        return found

    def table(self, path, name):
        """The rows of a table of tshark: lists of cells, the names of the columns first."""
        lines = self.statistics(path, name).splitlines()
        return [line.split(" |")[:-1] for line in lines if line.endswith(" |")]

    def assert_tree(self, tree, expected):
        found = {key: tree.get(key) for key in expected}
        for key, value in expected.items():
            if not isinstance(value, tuple):
                found[key] = found[key] and found[key][0]
        self.assertEqual(found, expected)

    def test_tree(self):
        tree = self.tree(self.write(busy_capture()))
        self.assert_tree(tree, {
            "Frames": 4,
            "Frames > lane0": (3, "", "75.00%"),
            "Frames > lane0 > Speed > 1000 Mb/s": 3,
            "Frames > lane0 > Begin > /S/, preamble, SFD": 3,
            "Frames > lane0 > End > /T/R/": 3,
            "Frames > lane0 > With symbol errors": (1, "", "33.33%"),
            "Frames > lane0 > Bad FCS": 1,
            "Frames > lane0 > Cut": None,
            "Frames > lane1 > End > Cut: the record ends inside the frame": 1,
            "Frames > lane1 > Cut": 1,
            "Frames > lane1 > Bad FCS": None,  # a cut frame has none that could be good
            "Octets": 242,
            "Octets > lane0": 192,
            "Rate of frames (kilobits per second) > lane0": 153_600,
            "Rate of frames (kilobits per second)": 193_600,
            "Length of frames (octets)": (4, "60.50", "100%"),
            "Length of frames (octets) > lane1": (1, "50.00", "25.00%"),
            "Time on the line (ns)": 10_000,
            "Time on the line (ns) > lane0": 10_000,
            "Time on the line (ns) > lane0 > Frames: the load": (1728, "", "17.28%"),
            "Time on the line (ns) > lane0 > Between frames": (8272, "", "82.72%"),
            "Time on the line (ns) > lane1 > Frames: the load": (5000, "", "50.00%"),
            "Symbol errors": 8,
            "Symbol errors > lane0": 8,
            "Symbol errors > lane0 > By kind > Invalid code-groups in frames": 3,
            "Symbol errors > lane0 > By kind > Disparity errors in frames": 1,
            "Symbol errors > lane0 > By kind > Between frames": 4,
            "Symbol errors > lane0 > By place > Preamble": 1,
            "Symbol errors > lane0 > By place > Header": None,
            "Symbol errors > lane0 > By place > Payload": 1,
            "Symbol errors > lane0 > By place > FCS": 1,
            "Symbol errors > lane0 > By place > End delimiter": None,  # a slip is another kind
            "Symbol errors > lane0 > By place > Gap": 4,
            "Symbol errors > lane0 > By place > Place not kept": 1,
            "Symbol errors > lane1": 0,
            # 10 us have 1250 code-groups of 8 ns.
            "Symbol errors per 10^9 code-groups > lane0": 6_400_000,
            "Symbol errors per 10^9 code-groups > lane1": 0,
            "Symbol errors per 10^9 code-groups": 3_200_000,
            "Code-groups received instead": 5,
            f"Code-groups received instead > lane0 > {K28_5} (K28.5)": 1,
            f"Code-groups received instead > lane0 > {NOT_A_GROUP}": 3,
            "Gap before the frame (octet times)": (2, "56.00", "100%"),
            "Gap before the frame (octet times) > lane0": (2, "56.00", "100.00%"),
            "Gap before the frame (octet times) > lane0 > 12-15": 1,
            "Gap before the frame (octet times) > lane0 > 32-127": 1,
            "Gap before the frame (octet times) > lane0 > 0-7": 0,
            "Gap before the frame (octet times) > lane1": None,
        })

    def test_filter(self):
        """A filter behind the name: one lane, and its events."""
        tree = self.tree(self.write(busy_capture()), "qsgmii,tree,qsgmii.lane == 1")
        self.assert_tree(tree, {"Frames": 1, "Frames > lane1": 1, "Frames > lane0": None,
                                "Time on the line (ns)": 5000, "Symbol errors": 0})

    def test_lanes(self):
        rows = self.table(self.write(busy_capture()), "qsgmii,lanes")
        self.assertEqual(rows, [
            ["Lane", "Frames", "Octets", "Speed (Mb/s)", "Rate (Mb/s)", "Load (%)",
             "Symbol errors", "Error ratio", "Bad FCS", "Cut"],
            ["lane0", "3", "192", "1000", "153.600", "17.28", "8", "6.4e-03", "1", "0"],
            ["lane1", "1", "50", "100", "40.000", "50.00", "0", "0", "0", "1"],
        ])

    def test_errors_in_gaps_without_events(self):
        """Frames keep the hits of the gap before them: they count when no events tell of them."""
        capture = Capture()
        capture.frame([record.custom(record.metadata(
            [record.hit(octet, GAP, INVALID, NOT_A_GROUP) for octet in (1, 2)]))])
        tree = self.tree(self.write(capture))
        self.assert_tree(tree, {"Symbol errors > lane0 > By place > Gap": 2, "Symbol errors": 2})

    def test_segments(self):
        """The time between two segments is not time of the line."""
        capture = Capture()
        for segment in range(3):
            for time in (7 * US, 8 * US):
                capture.frame([record.custom(record.metadata(
                    segment=segment, time_ps=time, duration_ps=1 * US))])
        self.assert_tree(self.tree(self.write(capture)), {
            "Time on the line (ns) > lane0": 6000,
            "Time on the line (ns) > lane0 > Frames: the load": (6000, "", "100.00%")})

    def test_records_of_a_watched_folder(self):
        """Each has a time of its own, though all begin at 0: with a filter too."""
        capture = Capture()
        for begin in (0, 20 * US, 50 * US):
            capture.event(RECORD)
            for time in (begin, begin + 1 * US):
                capture.frame([record.custom(record.metadata(
                    time_ps=time, duration_ps=1 * US, wire_length=125))])
            capture.event(RECORD_UNREADABLE)
        path = self.write(capture)
        wanted = {"Time on the line (ns) > lane0": 6000,
                  "Time on the line (ns) > lane0 > Frames: the load": (6000, "", "100.00%")}
        self.assert_tree(self.tree(path), wanted)
        self.assert_tree(self.tree(path, "qsgmii,tree,qsgmii.lane == 0"), wanted)
        self.assertEqual([row[4] for row in self.table(path, "qsgmii,lanes")[1:]], ["1000.000"])
        begins = ["all", "Record begins", "1", "0.000000"]
        frames = ["lane0", "Frames", "2", "2.000000"]
        self.assertEqual([row[3:5] + row[6:8] for row in self.table(path, "qsgmii,link")[1:]],
                         [begins, frames] * 3)

    def test_2500base_x(self):
        """A code-group takes 3.2 ns there: 3125 in 10 us."""
        capture = Capture()
        capture.frame([record.custom(record.metadata(
            [record.hit(20, FRAME, INVALID, NOT_A_GROUP)], link=4, speed=2500, invalid=1,
            duration_ps=10 * US))])
        self.assert_tree(self.tree(self.write(capture)),
                         {"Symbol errors per 10^9 code-groups > lane0": 320_000})

    def test_directions(self):
        """Two directions of a link are told apart, also when one file has both."""
        parts = [self.wireshark.path("tx.pcapng"), self.wireshark.path("rx.pcapng")]
        for part, direction in zip(parts, ("tx-", "rx-")):
            part.write_bytes(busy_capture(direction).bytes())
        both = self.wireshark.path("both.pcapng")
        self.run_ok("mergecap", "-w", both, *parts)
        rows = self.table(both, "qsgmii,lanes")
        self.assertEqual({row[0]: row[1] for row in rows[1:]},
                         {"tx-lane0": "3", "tx-lane1": "1", "rx-lane0": "3", "rx-lane1": "1"})
        self.assertEqual({row[4] for row in rows if row[0].endswith("lane0")}, {"153.600"})
        # The filter that Analyze > Conversation Filter makes: frames and events of one lane.
        lane = self.fields(both, "frame.interface_name",
                           filter='qsgmii.lane == 0 && frame.interface_name contains "tx-"')
        self.assertEqual(sorted(row[0] for row in lane), ["tx-lane0"] * 3 + ["tx-qsgmii"])

    def test_odd_numbers(self):
        """Times and counts that no record has: no overflow, no fault."""
        capture = Capture()
        most = (1 << 63) - 1
        for time, duration in ((-most, most), (most, most), (0, -1)):
            capture.frame([record.custom(record.metadata(
                time_ps=time, duration_ps=duration, gap=0xFFFFFFFE, wire_length=0xFFFFFFFF,
                invalid=0xFFFFFFFF, disparity=0xFFFFFFFF, hits_total=0xFFFFFFFF))])
            capture.event(EVENT_ERRORS, lane=0, count=0xFFFFFFFF, time_ps=time,
                          duration_ps=duration)
        path = self.write(capture)
        self.assert_tree(self.tree(path), {"Frames": 3, "Octets": 0x7FFFFFFF})
        self.assertEqual(self.table(path, "qsgmii,lanes")[1][:3], ["lane0", "3", "4294967295"])

    def test_link_states(self):
        capture = Capture()
        capture.event(SIGNAL_LOST, duration_ps=1 * US, time_ps=0)
        capture.event(SYNC, lane=2, time_ps=1_000_064)
        capture.event(CONFIGURATION, lane=2, value=0x9801, count=31, time_ps=2 * US,
                      duration_ps=992 * NS)
        capture.event(CONFIGURATION, lane=3, value=0x9401, count=9, time_ps=2_500_000)
        capture.event(IDLE, lane=2, time_ps=3 * US)
        for time in (4 * US, 5 * US):
            capture.frame([record.custom(record.metadata(lane=2, time_ps=time,
                                                         duration_ps=FRAME_PS))], lane=2)
            capture.event(EVENT_ERRORS, lane=2, count=1)  # changes no state
        capture.event(CONFIGURATION, lane=2, value=0x9801, count=2, time_ps=6 * US)
        capture.frame([record.custom(record.metadata(lane=2, time_ps=7 * US, speed=10))], lane=2)
        rows = self.table(self.write(capture), "qsgmii,link")
        phy = "1000 Mb/s, full duplex, link up"
        self.assertEqual(rows, [
            ["No.", "Segment", "Time (us)", "Lane", "State", "config_reg", "Times",
             "Duration (us)", "Details"],
            ["1", "0", "0.000000", "all", "Signal lost", "", "1", "1.000000",
             "signal lost for 1 us"],
            ["2", "0", "1.000064", "lane2", "Synchronisation acquired", "", "1", "0.000000",
             "synchronisation acquired"],
            ["3", "0", "2.000000", "lane2", "Configuration", "0x9801", "31", "0.992000",
             f"configuration 0x9801, {phy}, 31 times"],
            ["4", "0", "2.500000", "lane3", "Configuration", "0x9401", "9", "0.000000",
             "configuration 0x9401, 100 Mb/s, full duplex, link up, 9 times"],
            ["5", "0", "3.000000", "lane2", "Idle after configuration", "", "1", "0.000000",
             "idle after configuration: the link is up"],
            ["6", "0", "4.000000", "lane2", "Frames", "", "2", "1.576000", "1000 Mb/s"],
            ["10", "0", "6.000000", "lane2", "Configuration", "0x9801", "2", "0.000000",
             f"configuration 0x9801, {phy}, 2 times"],
            ["11", "0", "7.000000", "lane2", "Frames", "", "1", "0.000000", "10 Mb/s"],
        ])

    def test_time_line_of_errors(self):
        """Numbers of the fields can be added up over time, as the I/O graph does it."""
        capture = Capture()  # a packet each microsecond
        for errors in (0, 2, 0, 0, 5):
            capture.frame([record.custom(record.metadata(invalid=errors))])
        capture.event(EVENT_ERRORS, lane=1, count=3)
        text = self.statistics(self.write(capture), ",".join([
            "io,stat,0.000002", "SUM(qsgmii.symbol_errors)qsgmii.symbol_errors",
            "SUM(qsgmii.event.count)qsgmii.event.count && qsgmii.event.kind == 10",
            "MAX(qsgmii.speed)qsgmii.speed", "AVG(qsgmii.gap)qsgmii.gap"]))
        rows = [line.replace(" ", "").strip("|").split("|")[1:] for line in text.splitlines()
                if "<>" in line]
        self.assertEqual(rows[-3:], [["2", "0", "1000", "12"], ["0", "0", "1000", "12"],
                                     ["5", "3", "1000", "12"]])

    def test_nothing_to_count(self):
        capture = Capture()
        capture.frame()
        path = self.write(capture)
        self.assertEqual(len(self.table(path, "qsgmii,lanes")), 1)
        self.assertEqual(len(self.table(path, "qsgmii,link")), 1)
        self.assertEqual(self.tree(path)["Frames"][0], 0)

    def test_wrong_filter(self):
        result = self.wireshark.run_tool(
            ["tshark", "-q", "-r", self.write(busy_capture()), "-z", "qsgmii,lanes,qsgmii.nothing"])
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("qsgmii.nothing", result.stderr)


if __name__ == "__main__":
    plugin_run.main(__doc__)
