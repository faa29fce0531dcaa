#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds scopedump-generate against itself and against the outside.

The files are read with struct, the bits are decoded with tables and rules written down here once
more, and both are compared with what the generator's JSON says. Nothing but Python's own library.

usage: generator_test.py PATH-OF-scopedump-generate
"""

import array
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

from read_back import read

GENERATOR = None

# 802.3 table 36-1: sub-blocks abcdei and fghj by the value they stand for, both disparities.
SIX = """100111/011000 011101/100010 101101/010010 110001 110101/001010 101001 011001 111000/000111
111001/000110 100101 010101 110100 001101 101100 011100 010111/101000 011011/100100 100011 010011
110010 001011 101010 011010 111010/000101 110011/001100 100110 010110 110110/001001 001110
101110/010001 011110/100001 101011/010100""".split()
FOUR = "1011/0100 1001 0101 1100/0011 1101/0010 1010 0110 1110/0001/0111/1000".split()
K28_FOUR = "0100 1001 0101 0011 0010 1010 0110 1000".split()
INVERT = str.maketrans("01", "10")


def ones(bits):
    return bits.count("1")


def after(bits, disparity):
    """Running disparity (+1 or -1) behind ten bits, 802.3 clause 36.2.4.4."""
    for block, up, down in ((bits[:6], "000111", "111000"), (bits[6:], "0011", "1100")):
        if ones(block) * 2 > len(block) or block == up:
            disparity = 1
        elif ones(block) * 2 < len(block) or block == down:
            disparity = -1
    return disparity


def make_columns():
    """For each disparity: ten bits -> (octet, is it a special code-group)."""
    columns = {-1: {}, 1: {}}
    for low, six in enumerate(SIX):
        for high, four in enumerate(FOUR):
            for before in (-1, 1):
                sixes = six.split("/")
                s = sixes[0 if before < 0 else -1]
                between = after(s + "0101", before)
                fours = four.split("/")
                f = fours[0 if between < 0 else min(1, len(fours) - 1)]
                if high == 7 and (low in (17, 18, 20) if between < 0 else low in (11, 13, 14)):
                    f = fours[2 if between < 0 else 3]
                columns[before][s + f] = (high << 5 | low, False)
    special = {"001111" + four: high << 5 | 28 for high, four in enumerate(K28_FOUR)}
    special.update({SIX[low].split("/")[0] + "1000": 0xE0 | low for low in (23, 27, 29, 30)})
    for bits, octet in special.items():
        columns[-1][bits] = (octet, True)
        columns[1][bits.translate(INVERT)] = (octet, True)
    return columns


COLUMNS = make_columns()
ANY = {**COLUMNS[-1], **COLUMNS[1]}


class Wfm:
    """A few lines of reader for Tektronix .wfm, by the offsets of the format's description."""

    OFFSETS = {1: (166, 238, 478, 766, 790, 820), 2: (168, 240, 480, 768, 792, 822),
               3: (168, 240, 488, 784, 808, 838)}

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        order = {b"\x0f\x0f": "<", b"\xf0\xf0": ">"}[data[:2]]

        def get(layout, at):
            return struct.unpack_from(order + layout, data, at)
        version = int(data[7:10])
        assert data[2:7] == b":WFM#"
        volts, form, time, update, curve, end = self.OFFSETS[version]
        frames = get("I", 72)[0] + 1
        assert get("i", 78)[0] == (1 if frames > 1 else 0)
        assert get("i", 122)[0] == 2
        self.scale, self.offset = get("dd", volts)
        self.interval, self.start = get("dd", time)
        assert data[volts + 20:volts + 22] == b"V\0" and data[time + 20:time + 22] == b"s\0"
        assert get("H", 76)[0] == end - 78
        code = {0: "h", 4: "f", 7: "b"}[get("i", form)[0]]
        size = struct.calcsize(code)
        assert data[15] == size
        buffer = get("i", 16)[0]
        assert buffer == end + (frames - 1) * 54
        self.codes, self.times = [], []
        for k in range(frames):
            at = update if k == 0 else end + 24 * (k - 1)
            _, fraction, part, seconds = get("Iddi", at)
            # Nanoseconds of the first sample, kept apart from the seconds: doubles are too short.
            first = part + self.start + fraction * self.interval
            self.times.append((seconds, first * 1e9))
            at = curve if k == 0 else end + 24 * (frames - 1) + 30 * (k - 1)
            before, begin, stop, post, last = get("IIIII", at + 10)
            assert before == 0 or before <= begin <= stop <= post <= last
            samples = array.array(code, data[buffer + begin:buffer + stop])
            if size > 1 and (order == "<") != (sys.byteorder == "little"):
                samples.byteswap()
            self.codes.append(samples)
            buffer += last
        self.extra = (begin // size, (post - stop) // size)
        assert get("Q", buffer)[0] == sum(data[:buffer])
        assert get("i", 11)[0] == len(data) - 15 and buffer + 8 == len(data)

    def volts(self, segment=0):
        return [code * self.scale + self.offset for code in self.codes[segment]]


def ideal_bits(ideal):
    return bin(int("1" + ideal["hex"], 16))[3:][:ideal["bits"]]


def read_bits(volts, truth, ideal, middle):
    """Reads samples in the middle of each bit."""
    bit = 1 / truth["baud"] * truth["sample_rate"]
    first = ideal["first_bit_ps"] * 1e-12 * truth["sample_rate"]
    bits = []
    for n in range(ideal["bits"]):
        place = first + n * bit
        at = int(place)
        value = volts[at] + (place - at) * (volts[at + 1] - volts[at])
        bits.append("1" if value > middle else "0")
    return "".join(bits)


def align(bits):
    """Where the first whole code-group begins: at the phase with the fewest invalid ones.

    Commas do not tell when each lane has a running disparity of its own: then the bits of two
    lanes make false commas between them, and in long frames these outnumber the true ones.
    """
    part = bits[:20000]
    return min(range(10), key=lambda first: sum(part[at:at + 10] not in ANY for at in
                                                range(first, len(part) - 9, 10)))


def split_lanes(bits, lanes):
    """Yields (index of the first bit, lane, ten bits)."""
    first = align(bits)
    groups = [(at, bits[at:at + 10]) for at in range(first, len(bits) - 9, 10)]
    marks = [i % 4 for i, (_, ten) in enumerate(groups) if ANY.get(ten) == (0x3C, True)]
    zero = max(set(marks), key=marks.count) if lanes == 4 else 0
    for i, (at, ten) in enumerate(groups):
        yield at, (i - zero) % lanes, ten


def find_violations(groups, serial, start):
    """(bit, lane, kind) by the rules of clause 36; start gives the disparities before it all."""
    found, disparity = [], dict(start)
    for at, lane, ten in groups:
        key = 0 if serial else lane
        if ten not in ANY:
            found.append((at, lane, "invalid"))
        elif ten not in COLUMNS[disparity[key]]:
            found.append((at, lane, "disparity"))
        disparity[key] = after(ten, disparity[key])
    return found


def initial_disparity(groups, serial):
    """That for which the first unbalanced code-group of each domain is right."""
    start = {}
    for _, lane, ten in groups:
        key = 0 if serial else lane
        if key not in start and (ten in COLUMNS[-1]) != (ten in COLUMNS[1]):
            start[key] = -1 if ten in COLUMNS[-1] else 1
    return start


def find_frames(groups, speeds):
    """Whole frames as (lane, bit of /S/, octets, code-groups between the last FCS and /S/)."""
    frames, lanes = [], {}
    for at, lane, ten in groups:
        lanes.setdefault(lane, []).append((at, ANY.get(ten)))
    for lane, stream in lanes.items():
        repeat = 1000 // speeds[lane] if speeds[lane] < 1000 else 1
        start = end = None
        for i, (at, group) in enumerate(stream):
            if group == (0xFB, True):
                start = i
            elif group == (0xFD, True) and start is not None:
                run = [0x55] + [octet for octet, _ in (g for _, g in stream[start + 1:i])]
                assert len(run) % repeat == 0
                octets = run[::repeat]
                assert all(run[j] == octets[j // repeat] for j in range(len(run)))
                sfd = octets.index(0xD5)
                assert octets[:sfd] == [0x55] * sfd
                gap = None if end is None else (start - end) / repeat
                frames.append((lane, stream[start][0], bytes(octets[sfd + 1:]), gap, sfd))
                # The end delimiter brings K28.5 to an even place, as counted from /S/.
                tail = [g for _, g in stream[i:i + 4]]
                if len(tail) == 4:
                    size = 2 if (i - start) % 2 == 0 else 3
                    assert tail[1:size] == [(0xF7, True)] * (size - 1)
                    assert tail[size] in ((0xBC, True), (0x3C, True))
                start, end = None, i
    return frames


def internet_sum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for frame in frames:
            file.write(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame)


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def generate(self, *options, out="out.wfm"):
        """Runs the generator; 5 samples per bit of QSGMII unless told otherwise."""
        command = [GENERATOR, "--out", self.path(out), "--truth", self.path("truth.json")]
        if "--sample-rate" not in options:
            command += ["--sample-rate", "25e9"]
        subprocess.run(command + [str(option) for option in options], check=True)
        with open(self.path("truth.json"), encoding="utf-8") as file:
            return json.load(file)

    def check_frames(self, truth, ideal=None, segment=0):
        """Decodes the ideal bits and holds the whole frames against the truth."""
        bits = ideal_bits(ideal or truth["ideal"])
        groups = list(split_lanes(bits, len(truth["lanes"])))
        speeds = {lane["lane"]: lane["speed"] for lane in truth["lanes"]}
        first_ps = (ideal or truth["ideal"])["first_bit_ps"] - 0.5e12 / truth["baud"]
        found = sorted(find_frames(groups, speeds), key=lambda entry: entry[1])
        whole = [frame for frame in truth["frames"]
                 if frame["cut"] == "none" and frame["segment"] == segment]
        self.assertEqual(len(found), len(whole))
        whole.sort(key=lambda frame: frame["start_ps"])
        for frame, (lane, at, octets, gap, sfd) in zip(whole, found):
            self.assertEqual((frame["lane"], frame["octets"]), (lane, octets.hex()))
            self.assertAlmostEqual(first_ps + at * 1e12 / truth["baud"], frame["start_ps"], 3)
            self.assertEqual(sfd, frame["preamble"])
            if gap is not None:
                self.assertEqual(gap, frame["gap_before"])
            length = len(frame["octets"]) // 2 + frame["preamble"] + 1
            speed = 1250 * 0.8 if speeds[frame["lane"]] == 1000 else speeds[frame["lane"]]
            if speeds[frame["lane"]] == 2500:
                speed = 2500
            ratio = truth["baud"] / {4: 5e9, 1: 3.125e9 if speed == 2500 else 1.25e9}[len(speeds)]
            octet_ps = 8e6 / speed / ratio
            # On four lanes the last code-group ends three code-groups before its lane's turn.
            last_ps = length * octet_ps - (3 * 10e12 / truth["baud"] if len(speeds) == 4 else 0)
            self.assertAlmostEqual(frame["end_ps"] - frame["start_ps"], last_ps, 3)
            fcs = struct.pack("<I", zlib.crc32(bytes.fromhex(frame["octets"])[:-4]))
            self.assertEqual(frame["octets"].endswith(fcs.hex()), frame["fcs_good"])
        return groups, whole

    def check_clean(self, truth, groups):
        serial = truth["running_disparity"] == "serial"
        start = initial_disparity(groups, serial)
        self.assertEqual(find_violations(groups, serial, start), [])
        self.assertEqual(truth["violations"], [])
        self.assertEqual(truth["ideal"]["errors"], [])

    def test_mixed_speeds(self):
        for rule in ("serial", "lane"):
            with self.subTest(rule=rule):
                truth = self.generate("--speeds", "1000,100,10,1000", "--duration-us", 150,
                                      "--gap", "5:40", "--rd", rule, "--frame-size", "64:300")
                groups, whole = self.check_frames(truth)
                self.check_clean(truth, groups)
                self.assertEqual({frame["lane"] for frame in whole}, {0, 1, 2, 3})
                other = "lane" if rule == "serial" else "serial"
                start = initial_disparity(groups, other == "serial")
                self.assertNotEqual(find_violations(groups, other == "serial", start), [])
                # Idle in use: D5.6 alone, or D16.2 too (36.2.4.12).
                stream = [ANY[ten] for _, lane, ten in groups[2000:] if lane == 3]
                idle = {second for first, second in zip(stream, stream[1:])
                        if first == (0xBC, True)}
                both = {(0xC5, False), (0x50, False)}
                self.assertEqual(idle, both if rule == "lane" else {(0xC5, False)})

    def test_single_links(self):
        for link, speeds in (("sgmii", "100"), ("sgmii", "1000"), ("1000base-x", "1000"),
                             ("2500base-x", "2500")):
            with self.subTest(link=link, speeds=speeds):
                truth = self.generate("--link", link, "--speeds", speeds, "--duration-us", 200,
                                      "--ppm", "-73", "--skip-bits", "12345.7")
                groups, whole = self.check_frames(truth)
                self.check_clean(truth, groups)
                self.assertGreater(len(whole), 1)

    def test_config(self):
        truth = self.generate("--duration-us", 6, "--config-us", 3, "--speeds",
                              "1000,100,10,1000", "--config-speed", "3:10")
        words = [[run["word"] for run in lane["config"]] for lane in truth["lanes"]]
        plain = [0x9801, 0x9401, 0x9001, 0x9001]
        self.assertEqual(words, [[word, word | 0x4000] for word in plain])
        # Read the words of the line: K28.5, D21.5 or D2.2, low half, high half.
        groups = list(split_lanes(ideal_bits(truth["ideal"]), 4))
        for lane in range(4):
            stream = [ANY[ten] for _, number, ten in groups if number == lane]
            seen = {}
            for i in range(len(stream) - 3):
                if stream[i][1] and stream[i + 1] in ((0xB5, False), (0x42, False)):
                    word = stream[i + 2][0] | stream[i + 3][0] << 8
                    seen[word] = seen.get(word, 0) + 1
            told = {run["word"]: run["count"] for run in truth["lanes"][lane]["config"]}
            self.assertEqual(seen, told)
            for run in truth["lanes"][lane]["config"]:
                self.assertAlmostEqual(run["to_ps"] - run["from_ps"],
                                       (run["count"] * 4 - 1) * 8000 + 2000, 3)
        truth = self.generate("--link", "1000base-x", "--duration-us", 5)
        self.assertEqual([run["word"] for run in truth["lanes"][0]["config"]], [0x01A0, 0x41A0])

    def lane_groups(self, truth, wanted, lanes=4):
        return [ANY[ten] for _, lane, ten in split_lanes(ideal_bits(truth["ideal"]), lanes)
                if lane == wanted]

    def test_lane_states(self):
        """Low-power idle, configuration once more, no acknowledge, a dead lane, no K28.1."""
        options = ("--duration-us", 20, "--config-us", 1, "--frame-size", "64:70")
        truth = self.generate(*options, "--low-power", "1:2:3", "--dead-lane", "2:74")
        stream = self.lane_groups(truth, 1)
        low_power = [i for i in range(1, len(stream)) if stream[i - 1] == (0xBC, True)
                     and stream[i] in ((0xA6, False), (0x9A, False))]
        self.assertEqual(len(low_power), math.ceil(3e-6 * 125e6 / 2))
        self.assertEqual(low_power[-1] - low_power[0], 2 * (len(low_power) - 1))
        told, = truth["low_power"]
        self.assertEqual(told["lane"], 1)
        self.assertAlmostEqual(told["to_ps"] - told["from_ps"], len(low_power) * 16000 - 6000)
        self.assertEqual(set(self.lane_groups(truth, 2)), {(74, False)})

        truth = self.generate(*options, "--config-again", "0:1", "--no-acknowledge")
        self.assertEqual([[c["word"] for c in lane["config"]] for lane in truth["lanes"]],
                         [[0x9801, 0x9801]] + [[0x9801]] * 3)
        self.assertFalse(any(b[1] and a == (0x42, False) and c[0] & 0x40 for b, a, _, c in
                             zip(*(self.lane_groups(truth, 0)[i:] for i in range(4)))))

        truth = self.generate(*options, "--no-k28-1")
        bits = ideal_bits(truth["ideal"])
        groups = [ANY[bits[at:at + 10]] for at in range(align(bits), len(bits) - 9, 10)]
        self.assertNotIn((0x3C, True), groups)
        self.assertIn((0xBC, True), groups)

    def test_no_gap_and_no_preamble(self):
        for gap, octets in ((1, 7), (2, 0), (3, 1)):
            truth = self.generate("--link", "1000base-x", "--duration-us", 20, "--frame-size",
                                  "64:70", "--gap", gap, "--preamble", octets)
            stream = self.lane_groups(truth, 0, 1)
            ends = [i for i, group in enumerate(stream) if group == (0xFD, True)]
            self.assertGreater(len(ends), 5)
            for end in ends[:-1]:
                self.assertEqual(stream[end + 1:end + gap], [(0xF7, True)] * (gap - 1))
                self.assertEqual(stream[end + gap], (0xFB, True))
                head = stream[end + gap + 1:end + gap + 1 + octets]
                self.assertEqual(head, ([(0x55, False)] * (octets - 1) + [(0xD5, False)])
                                 if octets else [])
            gaps = {f["gap_before"] for f in truth["frames"]} - {None}
            self.assertEqual(gaps, {gap})

    def test_checksums(self):
        truth = self.generate("--duration-us", 60)
        protocols = set()
        for frame in truth["frames"]:
            octets = bytes.fromhex(frame["octets"])
            self.assertTrue(64 <= len(octets) <= 1518)
            if octets[12:14] != b"\x08\x00":
                continue
            packet = octets[14:-4]
            self.assertEqual(struct.unpack(">H", packet[2:4])[0], len(packet))
            self.assertEqual(internet_sum(packet[:20]), 0xFFFF)
            protocols.add(packet[9])
            pseudo = packet[12:20] + struct.pack(">HH", 17, len(packet) - 20)
            self.assertEqual(internet_sum((pseudo if packet[9] == 17 else b"") + packet[20:]),
                             0xFFFF)
        self.assertEqual(protocols, {1, 17})

    def test_random_test_pattern(self):
        """The CRPAT of 802.3 annex 36A with the FCS that is printed there."""
        octets = bytes.fromhex("BED723476B8FB3145EFB3559")
        write_pcap(self.path("long.pcap"), [octets * 126])
        write_pcap(self.path("short.pcap"), [octets * 29])
        truth = self.generate("--pcap", "0:" + self.path("long.pcap"), "--pcap",
                              "1:" + self.path("short.pcap"), "--idle-lane", 2, "--idle-lane", 3)
        _, whole = self.check_frames(truth)
        ends = {0: "94d254ac", 1: "2fe0aaef"}
        self.assertEqual({frame["lane"] for frame in whole}, set(ends))
        for frame in whole:
            self.assertTrue(frame["octets"].endswith(ends[frame["lane"]]))

    def test_bad_fcs(self):
        truth = self.generate("--bad-fcs", "2:1", "--duration-us", 40)
        self.check_frames(truth)
        bad = [(frame["lane"], frame["index"]) for frame in truth["frames"]
               if not frame["fcs_good"]]
        self.assertEqual(bad, [(2, 1)])

    def check_violations(self, truth):
        """Walks the bits that were read; the line errors are in them."""
        serial = truth["running_disparity"] == "serial"
        bits = ideal_bits(truth["ideal"])
        groups = list(split_lanes(bits, len(truth["lanes"])))
        found = find_violations(groups, serial, initial_disparity(groups, serial))
        told = [(hit["bit"], hit["lane"], hit["kind"]) for hit in truth["violations"]]
        self.assertEqual(found, told)
        for hit in truth["violations"] + truth["errors"]:
            if hit["received"] is not None and hit["line_group"] is not None:
                begin = groups[0][0] + 10 * hit["line_group"]
                self.assertEqual(bits[begin:begin + 10], hit["received"])
                self.assertEqual(groups[hit["line_group"]][1], hit["lane"])

    def test_flips(self):
        for rule in ("serial", "lane"):
            with self.subTest(rule=rule):
                truth = self.generate("--random-flips", 60, "--rd", rule, "--skip-bits", 20013,
                                      "--flip", 5)
                # Bit 7 begins the first whole code-group; what is before it belongs to none.
                self.assertIsNone(truth["errors"][0]["line_group"])
                self.assertTrue(truth["violations_valid"])
                self.assertEqual(len(truth["errors"]), 61)
                self.check_violations(truth)
                for error in truth["errors"]:
                    different = [i for i in range(10) if error["sent"][i] != error["received"][i]]
                    self.assertEqual(len(different), 1)
                groups = [e["line_group"] for e in truth["errors"] if e["bit"] != 5]
                self.assertTrue(all(b - a >= 400 for a, b in zip(groups, groups[1:])))
                # Each flip is seen by a receiver before the next one comes.
                for error, later in zip(truth["errors"][1:], truth["errors"][2:]):
                    self.assertTrue(any(error["bit"] - 10 < v["bit"] < later["bit"]
                                        for v in truth["violations"]))

    def test_flips_in_frames(self):
        truth = self.generate("--speeds", "1000,100,1000,1000", "--flip-at", "0:1:17:3",
                              "--flip-at", "1:0:5:2:4", "--flip-at", "2:0:-8:0", "--flip-at",
                              "3:0:-1:9", "--flip-at", "3:1:T:5")
        self.check_violations(truth)
        names = {(e["lane"], truth["frames"][e["frame"]]["index"], e["where"], e["octet"],
                  e["copy"]) for e in truth["errors"]}
        self.assertEqual(names, {(0, 1, "frame", 17, 0), (1, 0, "frame", 5, 4),
                                 (2, 0, "preamble", 0, 0), (3, 0, "preamble", 7, 0),
                                 (3, 1, "end", 0, 0)})
        for error in truth["errors"]:
            frame = truth["frames"][error["frame"]]
            octet = error["octet"] + (8 if error["where"] == "frame" else 0)
            if error["where"] == "end":
                octet = 8 + len(frame["octets"]) // 2
            repeat = 10 if error["lane"] == 1 else 1
            group_ps = frame["start_ps"] + (octet * repeat + error["copy"]) * 8000
            self.assertTrue(group_ps <= error["ps"] < group_ps + 2000)
            if error["where"] == "frame":
                sent = int(frame["octets"][2 * error["octet"]:][:2], 16)
                self.assertEqual(ANY[error["sent"]], (sent, False))

    def test_hits_in_gaps(self):
        """The octet of a hit in a gap counts back from /S/."""
        truth = self.generate("--random-flips", 30, "--gap", 200, "--frame-size", "64:80")
        gaps = [e for e in truth["errors"] if e["where"] == "gap" and e["frame"] is not None]
        self.assertGreater(len(gaps), 3)
        for error in gaps:
            start = truth["frames"][error["frame"]]["start_ps"]
            self.assertTrue(0 <= error["ps"] - (start - 8000 * error["octet"]) < 2000)

    def test_invalid(self):
        truth = self.generate("--invalid", 3000, "--invalid", 9001, "--skip-bits", 3)
        self.check_violations(truth)
        self.assertEqual([e["line_group"] for e in truth["errors"]], [3000, 9001])
        kinds = {hit["bit"]: hit["kind"] for hit in truth["violations"]}
        for error in truth["errors"]:
            self.assertNotIn(error["received"], ANY)
            self.assertEqual(kinds[error["bit"]], "invalid")

    def test_slips(self):
        plain = ideal_bits(self.generate()["ideal"])
        truth = self.generate("--slip", "30007:+1", "--slip", "60001:-1")
        bits = ideal_bits(truth["ideal"])
        self.assertFalse(truth["violations_valid"])
        expected = plain[:30008] + plain[30007:60000] + plain[60001:]
        self.assertEqual(bits, expected[:len(bits)])
        self.assertEqual([(e["kind"], e["bit"]) for e in truth["errors"]],
                         [("slip", 30007), ("slip", 60001)])
        # Positions between the slips are one bit late.
        starts = {f["start_ps"] for f in truth["frames"]}
        plain_starts = {f["start_ps"] for f in self.generate()["frames"]}
        for start in starts:
            moved = 200 if 30007 * 200 < start < 60001 * 200 else 0
            self.assertIn(start - moved, plain_starts)

    def test_dead(self):
        truth = self.generate("--dead", "20000:5000:0.1", "--offset", "0.25", "--noise", "0.01")
        volts = Wfm(self.path("out.wfm")).volts()[20004 * 5:24996 * 5]
        self.assertAlmostEqual(sum(volts) / len(volts), 0.35, 3)
        self.assertEqual(truth["errors"][0]["bit"], 20000)
        self.assertIsNone(truth["errors"][0]["received"])

    def test_polarity(self):
        plain = ideal_bits(self.generate()["ideal"])
        truth = self.generate("--invert")
        self.assertEqual(ideal_bits(truth["ideal"]), plain.translate(INVERT))
        self.assertTrue(truth["inverted"])
        self.assertEqual(truth["ideal"]["errors"], [])

    def test_files(self):
        """Every kind of file, read back."""
        for version, order, form in ((3, [], "s16"), (3, [], "s8"), (3, [], "f32"),
                                     (2, [], "s16"), (1, [], "f32"), (3, ["--big-endian"], "s16"),
                                     (1, ["--big-endian"], "s16"), (2, ["--big-endian"], "f32")):
            with self.subTest(version=version, order=order, form=form):
                truth = self.generate("--samples", 40001, "--wfm-version", version,
                                      "--sample-format", form, "--precharge", 7, "--offset",
                                      "-0.3", "--sample-rate", "12.3e9", "--skip-bits", "4711.25",
                                      *order)
                wfm = Wfm(self.path("out.wfm"))
                volts = wfm.volts()
                self.assertEqual(len(volts), truth["samples"])
                self.assertEqual(wfm.extra, (7, 7))
                self.assertAlmostEqual(wfm.interval * 12.3e9, 1, 12)
                self.assertEqual(wfm.scale, truth["scale"])
                self.assertEqual(wfm.offset, truth["offset"])
                if form != "f32":
                    codes = {"s8": 256, "s16": 65536}[form]
                    used = max(wfm.codes[0]) - min(wfm.codes[0])
                    self.assertTrue(0.79 * codes < used < 0.83 * codes)
                self.assertEqual(read_bits(volts, truth, truth["ideal"], -0.3),
                                 ideal_bits(truth["ideal"]))
                self.assertEqual(truth["ideal"]["errors"], [])
                seconds, nanoseconds = wfm.times[0]
                self.assertEqual(seconds, truth["time"]["seconds"])
                self.assertAlmostEqual(nanoseconds, truth["time"]["nanoseconds"], 3)

    def test_raw(self):
        truth = self.generate("--sample-format", "s8", "--samples", 5000, out="out.raw")
        with open(self.path("out.raw"), "rb") as file:
            codes = array.array("b", file.read())
        self.assertEqual(len(codes), 5000)
        volts = [code * truth["scale"] for code in codes]
        self.assertEqual(read_bits(volts, truth, truth["ideal"], 0), ideal_bits(truth["ideal"]))
        self.assertIsNone(truth["time"])

    # A kind of file, and what it is held against: the .wfm file of the same seed.
    KINDS = (
        ("a.trc", ""), ("a.trc", "--big-endian"), ("a.trc", "--no-prefix"),
        ("a.trc", "--sample-format s8"), ("a.trc", "--sample-format s8 --big-endian"),
        ("a.bin", ""), ("a.bin", "--bin-version 1"), ("a.bin", "--bin-version 3"),
        ("a.Wfm.bin", ""), ("a.Wfm.bin", "--sample-format s8"),
        ("a.Wfm.bin", "--sample-format f32"), ("a.Wfm.bin", "--precharge 38"),
        ("a.isf", ""), ("a.isf", "--big-endian"), ("a.isf", "--sample-format s8"),
        ("a.isf", "--sample-format f32 --big-endian"),
        ("a.csv", ""), ("a.csv", "--csv semicolon"), ("a.csv", "--csv tektronix"),
        ("a.npy", ""), ("a.npy", "--big-endian"), ("a.npy", "--sample-format s8"),
        ("a.npy", "--sample-format f32"),
    )

    def check_volts(self, volts, expected, scale):
        self.assertEqual(len(volts), len(expected))
        most = 1e-3 * scale if scale < 1 else 1e-7
        self.assertLess(max(abs(a - b) for a, b in zip(volts, expected)), most)

    def check_time(self, record, truth):
        for k, (time, start) in enumerate(zip(record.time, record.start, strict=True)):
            if truth["time"] is None:
                self.assertIsNone(time)
                continue
            expected = truth["segment_times"][k]
            # The truth leaves out the fraction of a nanosecond.
            late = (time[0] - expected["seconds"]) * 1e9 + time[1] - expected["nanoseconds"]
            self.assertTrue(-1e-3 < late < 1, late)
            if k == 0:
                self.assertAlmostEqual(start, truth["start_s"], 17)

    def test_every_kind(self):
        """Every kind of file, read back: the samples of the .wfm file with the same seed."""
        for name, options in self.KINDS:
            with self.subTest(name=name, options=options):
                line = ["--samples", 3001, "--offset", "-0.3", "--sample-rate", "12.3e9",
                        "--skip-bits", "4711.25", "--noise", "0.02", *options.split()]
                truth = self.generate(*line, out=name)
                record = read(self.path(name))
                form = truth["sample_format"]
                self.generate(*line[:10], "--sample-format", form)
                expected = Wfm(self.path("out.wfm")).volts()
                [[volts]] = record.volts
                if name == "a.npy":
                    volts = [code * truth["scale"] + truth["offset"] for code in volts]
                else:
                    self.assertAlmostEqual(record.interval * 12.3e9, 1, 6)
                    self.assertAlmostEqual(record.start[0], -1e-6, delta=0.9 / 12.3e9)
                if "--precharge" in options:  # the noise of each sample is another then
                    self.assertEqual(read_bits(volts, truth, truth["ideal"], -0.3),
                                     ideal_bits(truth["ideal"]))
                else:
                    self.check_volts(volts, expected, truth["scale"])
                self.assertEqual(truth["ideal"]["errors"], [])
                timed = name in ("a.trc", "a.bin")
                self.assertEqual(truth["time"] is not None, timed)
                self.check_time(record, truth)

    def test_both_legs_in_one_file(self):
        line = ["--samples", 3001, "--offset", "0.9", "--noise", "0.01", "--legs"]
        for name, options in (("a.bin", ["--segments", 3]), ("a.bin", ["--bin-version", 3]),
                              ("a.Wfm.bin", []), ("a.Wfm.bin", ["--sample-format", "s8"]),
                              ("a.csv", []), ("a.csv", ["--csv", "semicolon"]),
                              ("a.csv", ["--csv", "tektronix"])):
            with self.subTest(name=name, options=options):
                truth = self.generate(*line, *options, out=name)
                record = read(self.path(name))
                forms = ["--sample-format", truth["sample_format"]]
                if "--segments" in options:
                    forms += options
                self.generate(*line, *forms, "--out-neg", self.path("neg.wfm"))
                self.assertEqual(len(record.volts), 2)
                for segments, leg in zip(record.volts, ("out.wfm", "neg.wfm")):
                    wfm = Wfm(self.path(leg))
                    self.assertEqual(len(segments), truth["segments"])
                    for k, volts in enumerate(segments):
                        self.check_volts(volts, wfm.volts(k), truth["scale"])
                self.check_time(record, truth)

    def test_segments_of_every_kind(self):
        line = ["--samples", 3001, "--segments", 4]
        for name, options in (("a.trc", []), ("a.trc", ["--big-endian", "--sample-format", "s8"]),
                              ("a.bin", []), ("a.bin", ["--no-time"])):
            with self.subTest(name=name, options=options):
                truth = self.generate(*line, *options, out=name)
                record = read(self.path(name))
                self.generate(*line, "--sample-format", truth["sample_format"])
                wfm = Wfm(self.path("out.wfm"))
                [segments] = record.volts
                self.assertEqual(len(segments), 4)
                for k, volts in enumerate(segments):
                    self.check_volts(volts, wfm.volts(k), truth["scale"])
                self.check_time(record, truth)

    def test_no_time(self):
        self.assertIsNone(self.generate("--no-time", "--samples", 100)["time"])
        with open(self.path("out.wfm"), "rb") as file:
            self.assertEqual(file.read()[784 + 12:784 + 24], bytes(12))

    def test_segments(self):
        truth = self.generate("--segments", 3, "--duration-us", 30, "--precharge", 32,
                              "--sample-rate", "26.1e9", "--skip-bits", 15000, "--ppm", 20)
        wfm = Wfm(self.path("out.wfm"))
        self.assertEqual(len(wfm.codes), 3)
        for k, ideal in enumerate(truth["ideal_by_segment"]):
            self.assertEqual(ideal["segment"], k)
            self.assertEqual(read_bits(wfm.volts(k), truth, ideal, 0), ideal_bits(ideal))
            self.assertEqual(ideal["errors"], [])
            self.check_frames(truth, ideal, k)
            seconds, nanoseconds = wfm.times[k]
            time = truth["segment_times"][k]
            self.assertEqual(seconds, time["seconds"])
            self.assertAlmostEqual(nanoseconds, time["nanoseconds"], 3)
            cuts = {f["cut"] for f in truth["frames"] if f["segment"] == k}
            self.assertTrue({"begin", "end"} <= cuts)
        # A frame that two segments saw lies at the same absolute time in both.
        seen, twice = {}, 0
        for frame in truth["frames"]:
            time = truth["segment_times"][frame["segment"]]
            begin = time["nanoseconds"] * 1000 + frame["start_ps"]
            key = (frame["lane"], frame["index"])
            if key in seen:
                twice += 1
                self.assertAlmostEqual(seen[key], begin, 2)
            seen[key] = begin
        self.assertGreater(twice, 0)

    def test_legs(self):
        truth = self.generate("--legs", "--out-neg", self.path("neg.wfm"), "--samples", 20000,
                              "--offset", "0.9", "--noise", "0.01")
        legs = [Wfm(self.path(name)).volts() for name in ("out.wfm", "neg.wfm")]
        signal = [p - n for p, n in zip(*legs)]
        self.assertEqual(read_bits(signal, truth, truth["ideal"], 0), ideal_bits(truth["ideal"]))
        for leg in legs:
            self.assertAlmostEqual(max(leg) - min(leg), 0.42, 1)
            self.assertAlmostEqual((max(leg) + min(leg)) / 2, 0.9, 1)

    def edges(self, truth):
        """Crossings of the middle in picoseconds from the begin of a bit, and their bits."""
        volts = Wfm(self.path("out.wfm")).volts()
        sample_ps = 1e12 / truth["sample_rate"]
        bit_ps = 1e12 / truth["baud"]
        for i in range(len(volts) - 1):
            if (volts[i] > 0) != (volts[i + 1] > 0):
                time = (i + volts[i] / (volts[i] - volts[i + 1])) * sample_ps
                yield time - round(time / bit_ps) * bit_ps, time

    def test_edges(self):
        """Sample 0 lies where the first bit begins; the rise time is what was asked for."""
        truth = self.generate("--samples", 200000, "--sample-rate", "1e12", "--rise-ps", 40)
        self.assertTrue(all(abs(offset) < 0.05 for offset, _ in self.edges(truth)))
        volts = Wfm(self.path("out.wfm")).volts()
        # The line begins with 0011111: up at 400 ps.
        low = next(i for i in range(300, 500) if volts[i] > -0.4 + 0.08)
        high = next(i for i in range(300, 500) if volts[i] > 0.4 - 0.08)
        self.assertAlmostEqual(high - low, 40, delta=1)

    def test_slow_edges(self):
        """A rise time of two bits: the steps of the neighbours add up."""
        self.generate("--samples", 20000, "--sample-rate", "1e12", "--rise-ps", 400)
        volts = Wfm(self.path("out.wfm")).volts()
        deviation = 400 / 2.5631031310892007
        line = ideal_bits(self.generate("--samples", 20000, "--sample-rate", "1e12")["ideal"])
        line = "0" * 20 + line
        for sample in range(4000, 8000, 37):
            expected = -0.4
            for n in range(1, len(line)):
                if line[n] != line[n - 1]:
                    x = (sample - (n - 20) * 200) / deviation
                    height = 0.8 if line[n] == "1" else -0.8
                    expected += height * 0.5 * (1 + math.erf(x / math.sqrt(2)))
            self.assertAlmostEqual(volts[sample], expected, 4)

    def test_jitter(self):
        truth = self.generate("--samples", 400000, "--sample-rate", "4e11", "--rj-ps", 4,
                              "--rise-ps", 20)
        offsets = [offset for offset, _ in self.edges(truth)]
        rms = math.sqrt(sum(o * o for o in offsets) / len(offsets))
        self.assertAlmostEqual(rms, 4, delta=0.4)
        truth = self.generate("--samples", 400000, "--sample-rate", "4e11", "--sj", "0.1:3e6")
        for offset, time in self.edges(truth):
            expected = 20 * math.sin(2 * math.pi * 3e6 * (time - offset) * 1e-12)
            self.assertAlmostEqual(offset, expected, delta=0.1)

    def test_bandwidth(self):
        """The low-pass against the sum of the steps; with the rise time, and without overshoot."""
        self.generate("--samples", 40000, "--sample-rate", "1e12", "--rise-ps", 30,
                      "--bandwidth", "0.4")
        volts = Wfm(self.path("out.wfm")).volts()
        line = ideal_bits(self.generate("--samples", 40000, "--sample-rate", "1e12")["ideal"])
        # The response exp(-(2 pi f s)^2 / 2) is 1 / sqrt(2) at 0.4 / 200 ps.
        low_pass = math.sqrt(math.log(2)) / (2 * math.pi * 0.4) * 200
        deviation = math.hypot(30 / 2.5631031310892007, low_pass)
        for sample in range(4000, 30000, 41):
            first = sample // 200 - 8
            expected = 0.4 if line[first - 1] == "1" else -0.4
            for n in range(first, first + 17):
                if line[n] != line[n - 1]:
                    x = (sample - n * 200) / deviation
                    height = 0.8 if line[n] == "1" else -0.8
                    expected += height * 0.5 * (1 + math.erf(x / math.sqrt(2)))
            self.assertAlmostEqual(volts[sample], expected, 3)
        self.assertLess(max(map(abs, volts)), 0.4001)

    def test_duty_cycle(self):
        for inverted in ([], ["--invert"]):
            self.generate("--samples", 200000, "--sample-rate", "1e12", "--rise-ps", 20,
                          "--dcd-ps", 24, *inverted)
            volts = Wfm(self.path("out.wfm")).volts()
            for i in range(len(volts) - 1):
                if (volts[i] > 0) != (volts[i + 1] > 0):
                    time = i + volts[i] / (volts[i] - volts[i + 1])
                    rising = (volts[i + 1] > 0) != bool(inverted)
                    moved = time - round(time / 200) * 200
                    self.assertAlmostEqual(moved, -6 if rising else 6, delta=0.05)

    @staticmethod
    def spread_bit(time, baud, depth, frequency):
        """Bits of the line at a time, by summing the baud over it in small parts."""
        count = 0.0
        part = time / 20000
        for i in range(20000):
            phase = (i + 0.5) * part * frequency % 1
            count += part * baud * (1 - depth * (2 * phase if phase < 0.5 else 2 - 2 * phase))
        return count

    def test_spread_spectrum(self):
        options = ["--ssc", "5000:50e3", "--sample-rate", "1e11", "--rise-ps", 20,
                   "--duration-us", 45, "--speeds", "1000,100,1000,1000"]
        truth = self.generate(*options)
        self.assertEqual(truth["ideal"]["errors"], [])
        plain = self.generate(*options[2:])
        bits = ideal_bits(truth["ideal"])
        # The same line, slower: fewer bits of it are in the record.
        self.assertEqual(bits, ideal_bits(plain["ideal"])[:len(bits)])
        self.assertAlmostEqual(len(bits), self.spread_bit(45e-6, 5e9, 5e-3, 50e3), delta=1.5)
        plain_starts = {(f["lane"], f["index"]): f["start_ps"] for f in plain["frames"]}
        for frame in truth["frames"]:
            bit = plain_starts[frame["lane"], frame["index"]] / 200
            self.assertAlmostEqual(
                self.spread_bit(frame["start_ps"] * 1e-12, 5e9, 5e-3, 50e3), bit, 2)
        # The edges in the file lie where the clock says.
        truth = self.generate(*options)
        volts = Wfm(self.path("out.wfm")).volts()
        edges = [i + volts[i] / (volts[i] - volts[i + 1]) for i in range(len(volts) - 1)
                 if (volts[i] > 0) != (volts[i + 1] > 0)]
        for edge in edges[::5000]:
            bit = self.spread_bit(edge * 1e-11, 5e9, 5e-3, 50e3)
            self.assertAlmostEqual(bit, round(bit), delta=0.01)
        # A later begin, and segments.
        for more in (["--skip-bits", "60007.25"], ["--segments", 2]):
            truth = self.generate(*options[:-4], "--duration-us", 30, *more)
            for ideal in truth.get("ideal_by_segment", [truth["ideal"]]):
                self.assertEqual(ideal["errors"], [])

    def test_ideal_follows(self):
        """The ideal sampler follows a slow sine of several bits, and no fast one."""
        plain = ideal_bits(self.generate()["ideal"])
        truth = self.generate("--sj", "3:1e5")
        self.assertEqual(truth["ideal"]["errors"], [])
        bits = ideal_bits(truth["ideal"])
        self.assertEqual(bits, plain[:len(bits)])
        fast = ["--sj", "0.7:2e7"]
        self.assertGreater(len(self.generate(*fast)["ideal"]["errors"]), 100)
        self.assertEqual(self.generate(*fast, "--ideal-corner", "3e7")["ideal"]["errors"], [])

    def test_wander(self):
        options = ["--samples", 50000, "--sample-format", "s16"]
        self.generate(*options)
        plain = Wfm(self.path("out.wfm")).volts()
        truth = self.generate(*options, "--wander", "0.7:2e6")
        moved = Wfm(self.path("out.wfm")).volts()
        for i in range(0, 50000, 7):
            expected = 0.7 * 0.8 * math.sin(2 * math.pi * 2e6 * i / 25e9)
            self.assertAlmostEqual(moved[i] - plain[i], expected, 3)
        self.assertEqual(truth["ideal"]["errors"], [])

    def test_ac_coupling(self):
        """A dead stretch decays to the middle with the time constant of the high-pass."""
        self.generate("--ac-coupling", "1e7", "--dead", "20000:2000:0.2")
        volts = Wfm(self.path("out.wfm")).volts()
        begin = volts[20010 * 5]
        later = 500  # samples
        expected = begin * math.exp(-2 * math.pi * 1e7 * later / 25e9)
        self.assertAlmostEqual(volts[20010 * 5 + later], expected, 3)
        truth = self.generate("--ac-coupling", "5e7")
        self.assertEqual(truth["ideal"]["errors"], [])
        volts = Wfm(self.path("out.wfm")).volts()
        self.assertAlmostEqual(sum(volts) / len(volts), 0, 3)

    def test_random_slips_and_dead(self):
        plain = ideal_bits(self.generate()["ideal"])
        truth = self.generate("--random-slips", 6)
        self.assertFalse(truth["violations_valid"])
        self.assertEqual(truth["ideal"]["errors"], [])
        bits, expected, at = ideal_bits(truth["ideal"]), "", 0
        for i, error in enumerate(truth["errors"]):
            self.assertEqual(error["kind"], "slip")
            source = error["bit"] - i % 2  # behind a bit sent twice, all is one later
            expected += plain[at:source + 1] if i % 2 == 0 else plain[at:source]
            at = source if i % 2 == 0 else source + 1
        expected += plain[at:]
        self.assertEqual(len(truth["errors"]), 6)
        self.assertEqual(bits, expected[:len(bits)])
        truth = self.generate("--random-dead", "3:700")
        volts = Wfm(self.path("out.wfm")).volts()
        self.assertEqual([e["kind"] for e in truth["errors"]], ["dead"] * 3)
        for error in truth["errors"]:
            inside = volts[(error["bit"] + 2) * 5:(error["bit"] + 698) * 5]
            self.assertTrue(all(abs(v) < 1e-3 for v in inside))

    def test_noise(self):
        """Against the same signal without: normal, of the size asked for, the same each time."""
        options = ["--samples", 200000, "--sample-format", "f32"]
        self.generate(*options)
        plain = Wfm(self.path("out.wfm")).volts()
        self.generate(*options, "--noise", "0.02")
        noisy = Wfm(self.path("out.wfm")).volts()
        noise = [(b - a) / 0.016 for a, b in zip(plain, noisy)]
        count = len(noise)
        self.assertAlmostEqual(sum(noise) / count, 0, delta=0.01)
        self.assertAlmostEqual(sum(n * n for n in noise) / count, 1, delta=0.02)
        self.assertAlmostEqual(sum(n ** 4 for n in noise) / count, 3, delta=0.15)
        for limit in (0.5, 1, 2, 3, 3.7):
            beyond = sum(abs(n) > limit for n in noise)
            expected = count * math.erfc(limit / math.sqrt(2))
            self.assertAlmostEqual(beyond, expected, delta=5 * math.sqrt(expected) + 1)
        self.generate(*options, "--noise", "0.02")
        self.assertEqual(noisy, Wfm(self.path("out.wfm")).volts())

    def test_seed(self):
        first = self.generate("--seed", 1)["ideal"]["hex"]
        self.assertEqual(first, self.generate("--seed", 1)["ideal"]["hex"])
        self.assertNotEqual(first, self.generate("--seed", 2)["ideal"]["hex"])

    def test_usage(self):
        for options in (["--link", "token-ring"], ["--speeds", "1000"], ["--flip", "x"],
                        ["--flip", "99999999"], ["--flip-at", "0:9999:1:1"], ["--gap", "9:3"],
                        ["--random-flips", "10000"], ["--ssc", "5000"], ["--ssc", "5000:0"],
                        ["--dcd-ps", "400"], ["--wander", "-1:5"], ["--bandwidth", "-1"],
                        ["--random-dead", "5"], ["--low-power", "0:1"], ["--low-power", "0:1:0"],
                        ["--dead-lane", "5:0"], ["--config-again", "0"], ["--random-slips", "10000"],
                        ["--pcap", "0:/does/not/exist"],
                        ["--sample-format", "s8", "--wfm-version", "2"], ["surplus"],
                        ["--out", "x.trc", "--sample-format", "f32"],
                        ["--out", "x.bin", "--sample-format", "s16"],
                        ["--out", "x.bin", "--bin-version", "2"], ["--out", "x.bin", "--big-endian"],
                        ["--out", "x.csv", "--csv", "tabs"], ["--out", "x.csv", "--segments", "2"],
                        ["--out", "x.npy", "--legs"], ["--out", "x.isf", "--precharge", "5"],
                        ["--legs"], ["--legs", "--out-neg", "x.trc"], ["--out-neg", "y.wfm"]):
            with self.subTest(options=options):
                result = subprocess.run([GENERATOR, "--out", self.path("x.wfm"), "--sample-rate",
                                         "25e9"] + options, stderr=subprocess.PIPE, check=False)
                self.assertEqual(result.returncode, 1)
                self.assertTrue(result.stderr.startswith(b"scopedump-generate: "))


if __name__ == "__main__":
    GENERATOR = sys.argv.pop(1)
    unittest.main()
