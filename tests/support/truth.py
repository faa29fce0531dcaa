# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole path against the truth: makes a record with scopedump-generate, decodes it with
scopedump, reads what came out with tshark and the plugin, and compares it with the generator's
books.

The programs are named by the environment: SCOPEDUMP, SCOPEDUMP_GENERATE, SCOPEDUMP_PLUGINS. If
scopedump was built for another CPU, SCOPEDUMP is a script that calls SCOPEDUMP_EMULATOR.

    class SomeTest(TruthTest):
        def test_a_thing(self):
            self.check("--speeds 1000,100,10,1000 --sample-rate 25e9 --duration-us 20")
"""

import collections
import json
import math
import os
import shlex
import subprocess
import unittest
import zlib

import pcapng_reader
from wireshark_run import WiresharkRun, shown

SCOPEDUMP = os.environ.get("SCOPEDUMP", "")
GENERATE = os.environ.get("SCOPEDUMP_GENERATE", "")
PLUGINS = os.environ.get("SCOPEDUMP_PLUGINS", "")
EMULATOR = shlex.split(os.environ.get("SCOPEDUMP_EMULATOR", ""))  # and its options; or empty
SLOWER = 10 if EMULATOR else 1  # for limits of time

DECODED, FILE_FAULT, USAGE_FAULT, NO_LOCK = 0, 1, 2, 3  # exit statuses

LINKS = {"qsgmii": 1, "sgmii": 2, "1000base-x": 3, "2500base-x": 4}
FRAME, PREAMBLE, GAP, END = 1, 2, 3, 4
WHERE = {"frame": FRAME, "preamble": PREAMBLE, "gap": GAP, "config": GAP, "end": END}
KIND = {"invalid": 1, "disparity": 2}
BEGIN_S, BEGIN_CUT = 0, 1
END_T, END_CUT, END_LOST = 0, 1, 4
SIGNAL_LOST, BIT_SLIP, LANE_ALIGNMENT, SYNC_ACQUIRED, SYNC_LOST = 1, 2, 3, 4, 5
CONFIGURATION, IDLE, LOW_POWER_IDLE, FALSE_CARRIER, SYMBOL_ERROR, LANE_MARK = range(6, 12)
NOTHING_NEW = 14
HARMLESS_EVENTS = {SYNC_ACQUIRED, CONFIGURATION, IDLE, LOW_POWER_IDLE, NOTHING_NEW}
EVENT_PS = 16e6  # an event that lasts longer is handed on before it is over

# epb_flags of pcapng
FCS_LENGTH = 4 << 5
CRC_ERROR, TOO_SHORT, WRONG_GAP = 0x01000000, 0x04000000, 0x08000000
SFD_ERROR, PREAMBLE_ERROR, SYMBOL_FAULT = 0x20000000, 0x40000000, 0x80000000

LEAST_FRAME = 64
LEAST_GAP = 8
GAP_HITS_KEPT = 16

FIELDS = (
    "frame.interface_name", "frame.time_epoch", "frame.packet_flags",
    "qsgmii.lane", "qsgmii.link", "qsgmii.segment", "qsgmii.time_ps", "qsgmii.duration_ps",
    "qsgmii.sample", "qsgmii.sample_fraction", "qsgmii.speed", "qsgmii.speed_source",
    "qsgmii.preamble_length", "qsgmii.gap", "qsgmii.begin", "qsgmii.end", "qsgmii.cut",
    "qsgmii.wire_length", "qsgmii.symbol_errors", "qsgmii.invalid_code_groups",
    "qsgmii.disparity_errors", "qsgmii.error.octet", "qsgmii.error.where", "qsgmii.error.kind",
    "qsgmii.error.code_group", "qsgmii.error.copy", "qsgmii.error.time_ps",
    "qsgmii.event.kind", "qsgmii.event.value", "qsgmii.event.count",
)

Hit = collections.namedtuple("Hit", "where octet copy kind bits ps")


class Decoded:
    """What scopedump gave for a record: frames, events, report."""

    def __init__(self, capture, rows, report):
        self.capture = capture
        self.report = report
        self.frames = []
        self.events = []
        for packet, row in zip(capture.packets, rows, strict=True):
            if packet.interface.name.endswith("qsgmii"):
                self.events.append(Event(packet, row))
            else:
                self.frames.append(Frame(packet, row))


class Packet:
    def __init__(self, packet, row):
        def number(name):
            text = row[name]
            return int(shown(text), 0) if text else None

        self.number = number
        self.packet = packet
        self.interface = row["frame.interface_name"]
        self.epoch_ns = int(row["frame.time_epoch"].replace(".", ""))
        self.lane = number("qsgmii.lane")
        self.link = number("qsgmii.link")
        self.segment = number("qsgmii.segment")
        self.time_ps = number("qsgmii.time_ps")
        self.duration_ps = number("qsgmii.duration_ps")


class Event(Packet):
    def __init__(self, packet, row):
        super().__init__(packet, row)
        self.kind = self.number("qsgmii.event.kind")
        self.value = self.number("qsgmii.event.value")
        self.count = self.number("qsgmii.event.count")


class Frame(Packet):
    def __init__(self, packet, row):
        super().__init__(packet, row)
        number = self.number
        self.octets = packet.octets
        self.flags = int(row["frame.packet_flags"], 0)
        self.sample = number("qsgmii.sample") + float(row["qsgmii.sample_fraction"])
        self.speed = number("qsgmii.speed")
        self.speed_source = number("qsgmii.speed_source")
        self.preamble = number("qsgmii.preamble_length")
        self.gap = number("qsgmii.gap")
        self.begin = number("qsgmii.begin")
        self.end = number("qsgmii.end")
        self.cut = number("qsgmii.cut")
        self.wire_length = number("qsgmii.wire_length")
        self.symbol_errors = number("qsgmii.symbol_errors")
        self.invalid = number("qsgmii.invalid_code_groups")
        self.disparity = number("qsgmii.disparity_errors")
        parts = [row[f"qsgmii.error.{name}"].split("|") if row[f"qsgmii.error.{name}"] else []
                 for name in ("where", "octet", "copy", "kind", "code_group", "time_ps")]
        self.hits = [
            Hit(int(where), int(octet), int(copy), int(kind), bits.replace(" ", "")[:10], int(ps))
            for where, octet, copy, kind, bits, ps in zip(*parts, strict=True)]

    @property
    def damage(self):
        """Hits in preamble, frame and end delimiter."""
        return [hit for hit in self.hits if hit.where != GAP]

    def __str__(self):
        return f"frame of lane {self.lane} at {self.time_ps} ps in segment {self.segment}"


class Attribution:
    """The violations of the code as the decoder is to tell them: each where the line error hit.

    The truth has them where a receiver notices them, with a running disparity that goes on from
    what it received. A disparity error behind an invalid code-group is that one's own; any other one
    belongs to the code-group that was hit, unless the decoder says that it may have been one of
    several: then it stays where it was noticed.
    """

    UNSURE = b"before it on the line"  # in the comment on the frame

    def __init__(self, truth, decoded):
        self.truth = truth
        self.decoded = decoded
        self.group_ps = 1e13 / truth["baud"]
        self.in_place = self.noticed = 0  # disparity errors told where they hit, where they show
        self.violations = [v for v in map(self.attributed, truth["violations"]) if v is not None]

    def cause(self, violation):
        """The line error behind a disparity error; None when it has none."""
        serial = self.truth["running_disparity"] == "serial"
        before = [e for e in self.truth["errors"]
                  if e["segment"] == violation["segment"] and e["bit"] < violation["bit"] + 10
                  and (serial or e["lane"] == violation["lane"])]
        return max(before, key=lambda e: e["bit"], default=None)

    def attributed(self, violation):
        error = self.cause(violation)
        if violation["kind"] == "invalid" or error is None:
            return violation
        if any(v["kind"] == "invalid" and v["segment"] == error["segment"] and
               v["line_group"] == error["line_group"] for v in self.truth["violations"]):
            return None
        groups = violation["line_group"] - error["line_group"]
        hit = dict(error, kind="disparity", bit=violation["bit"] - 10 * groups,
                   ps=violation["ps"] - groups * self.group_ps)
        if self.is_told(hit):
            self.in_place += 1
            return hit
        self.noticed += 1
        return violation

    def is_told(self, hit):
        for event in self.decoded.events:
            if (event.kind == SYMBOL_ERROR and event.lane == hit["lane"] and
                    event.segment == hit["segment"] and
                    -self.group_ps < hit["ps"] - event.time_ps < event.duration_ps):
                return True
        return any(frame.lane == hit["lane"] and frame.segment == hit["segment"] and
                   any(h.kind == KIND["disparity"] and h.bits == hit["received"] and
                       abs(h.ps - hit["ps"]) < self.group_ps for h in frame.hits)
                   for frame in self.decoded.frames)


def fcs_good(octets):
    return len(octets) > 4 and zlib.crc32(octets[:-4]) == int.from_bytes(octets[-4:], "little")


def describe(frame):
    return (f"frame {frame['index']} of lane {frame['lane']} (segment {frame['segment']}, "
            f"{frame['start_ps']:.0f} to {frame['end_ps']:.0f} ps, cut {frame['cut']})")


class Comparison:
    """Holds a Decoded against the truth; what differs is collected in self.faults."""

    def __init__(self, truth, decoded, damaged=None, lanes=None, aside_bits=0, ppm=3,
                 restarts=()):
        """
        damaged: (segment, from_ps, to_ps): frames that touch this stretch are not looked at
        lanes: those that were to be delivered; None: all
        aside_bits: how far jitter, which the truth leaves out, or a channel moves the bits
        ppm: how far the mean baud may be off that of the truth, the highest one
        restarts: the lanes that go back to configuration, each once
        """
        self.truth = truth
        self.decoded = decoded
        self.damaged = damaged
        self.lanes = set(range(len(truth["lanes"]))) if lanes is None else set(lanes)
        self.bit_ps = 1e12 / truth["baud"]
        self.near_ps = (0.5 + aside_bits) * self.bit_ps
        self.ppm = ppm
        self.restarts = restarts
        self.group_ps = 10 * self.bit_ps * len(truth["lanes"])
        self.segment_ps = truth["samples"] / truth["sample_rate"] * 1e12
        self.attribution = Attribution(truth, decoded)
        self.violations = self.attribution.violations
        self.line_speed = 2500 if truth["link"] == "2500base-x" else 1000
        self.faults = []

    def speed(self, lane):
        return 2500 if self.line_speed == 2500 else self.truth["lanes"][lane]["speed"]

    def octet_ps(self, lane):
        return self.group_ps * self.line_speed / self.speed(lane)

    def fault(self, what, *values):
        self.faults.append(" ".join([what, *map(str, values)]))

    def equal(self, name, found, wanted, where):
        if found != wanted:
            self.fault(f"{where}: {name} is {found}, not {wanted}")

    def near(self, name, found, wanted, most, where):
        if found is None or abs(found - wanted) > most:
            self.fault(f"{where}: {name} is {found}, not {wanted:.0f} (+-{most:.0f})")

    def touches(self, segment, start, end):
        if self.damaged is None or segment != self.damaged[0]:
            return False
        return start <= self.damaged[2] and end >= self.damaged[1]

    def run(self):
        self.compare_order()
        left = collections.defaultdict(list)
        for frame in self.decoded.frames:
            left[frame.segment, frame.lane].append(frame)
        for index, wanted in enumerate(self.truth["frames"]):
            if wanted["lane"] not in self.lanes:
                continue
            loose = self.touches(wanted["segment"], wanted["start_ps"], wanted["end_ps"])
            found = self.take(left[wanted["segment"], wanted["lane"]], wanted)
            if found is None:
                if not loose and not self.may_be_missing(wanted):
                    self.fault("missing:", describe(wanted))
            elif not loose:
                self.compare_frame(index, wanted, found)
        for frames in left.values():
            for frame in frames:
                if not self.touches(frame.segment, frame.time_ps,
                                    frame.time_ps + frame.duration_ps):
                    self.fault("invented:", frame, frame.octets.hex()[:80])
        if self.damaged is None:
            self.compare_events()
            self.compare_report()
        return self.faults

    def take(self, frames, wanted):
        """The frame that is the wanted one, taken out of the list."""
        for frame in frames:
            if wanted["cut"] in ("begin", "both"):
                same = frame.begin == BEGIN_CUT
            else:
                same = abs(frame.time_ps - wanted["start_ps"]) <= self.near_ps
            if same:
                frames.remove(frame)
                return frame
        return None

    def may_be_missing(self, wanted):
        """Of a frame cut by the record's begin or end too few code-groups may be left to know one:
        those of an ordered set."""
        if wanted["cut"] == "none":
            return False
        seen = min(wanted["end_ps"], self.segment_ps) - max(wanted["start_ps"], 0)
        return seen < 4 * self.group_ps

    def compare_order(self):
        last = (0, -math.inf)
        for packet in sorted(self.decoded.frames + self.decoded.events,
                             key=lambda p: p.packet.number(pcapng_reader.OPT_EPB_PACKETID)):
            place = (packet.segment, packet.time_ps)
            if place < last:
                self.fault("out of order:", packet.lane, place, "behind", last)
            last = place
        for frame in self.decoded.frames:
            self.equal("interface", frame.interface, f"lane{frame.lane}", frame)
            self.equal("packet interface", frame.packet.interface.name, f"lane{frame.lane}", frame)
            self.compare_time(frame)

    def compare_time(self, packet):
        if self.truth["time"] is None:
            return
        time = self.truth["segment_times"][packet.segment]
        since_1970 = time["seconds"] * 10**9 + time["nanoseconds"]
        # the time of sample 0 has a fraction of a nanosecond that the truth leaves out
        low = since_1970 + packet.time_ps // 1000
        if packet.packet.time_ns not in (low, low + 1):
            self.fault(f"{packet}: the time is {packet.packet.time_ns} ns, not {low}")
        self.equal("tshark's time", packet.epoch_ns, packet.packet.time_ns, packet)

    def compare_frame(self, index, wanted, found):
        where = describe(wanted)
        lane = wanted["lane"]
        cut_begin = wanted["cut"] in ("begin", "both")
        cut_end = wanted["cut"] in ("end", "both")
        errors = [e for e in self.truth["errors"] if e["frame"] == index]
        inside = [e for e in errors if e["where"] in ("frame", "preamble", "end")]

        if found.link not in {LINKS[link] for link in link_may_be(self.truth)}:
            self.fault(f"{where}: link is {found.link}, not {self.truth['link']}")
        self.equal("speed", found.speed, self.speed(lane), where)
        self.equal("cut", bool(found.cut), wanted["cut"] != "none", where)
        self.compare_octets(wanted, found, inside, cut_begin, cut_end)

        if cut_begin:
            self.equal("begin", found.begin, BEGIN_CUT, where)
            self.equal("gap", found.gap, None, where)
            if not -self.near_ps - self.bit_ps / 2 <= found.time_ps < max(4 * self.group_ps, self.octet_ps(lane)):
                self.fault(f"{where}: begins at {found.time_ps} ps")
        else:
            self.compare_begin(wanted, found, inside, where)
        if cut_end:
            self.equal("end", found.end, END_CUT, where)
        else:
            self.near("end in ps", found.time_ps + found.duration_ps, wanted["end_ps"],
                      self.near_ps + 1.5 * self.bit_ps, where)
            if not any(e["where"] == "end" for e in errors):
                self.equal("end", found.end, END_T, where)
        self.compare_hits(index, wanted, found, where)
        self.compare_flags(index, wanted, found, errors, where)

    def compare_begin(self, wanted, found, inside, where):
        self.near("sample in ps", found.sample / self.truth["sample_rate"] * 1e12,
                  wanted["start_ps"], self.near_ps + 1, where)
        if not any(e["where"] == "preamble" for e in inside) and (
                wanted["cut"] == "none" or len(found.octets) > 0):
            self.equal("begin", found.begin, BEGIN_S, where)
            self.equal("preamble", found.preamble, wanted["preamble"], where)
        if wanted["gap_before"] is None:
            return
        if found.gap is None or abs(found.gap - wanted["gap_before"]) >= 1:
            self.fault(f"{where}: the gap is {found.gap}, not {wanted['gap_before']}")

    def compare_octets(self, wanted, found, inside, cut_begin, cut_end):
        """What was delivered is the frame, or the part of it that is in the record. A record that
        begins in the preamble may leave no sign of where the frame begins: then what is left of
        preamble and SFD is delivered with it."""
        where = describe(wanted)
        whole = bytes.fromhex(wanted["octets"])
        ahead = bytes([0x55] * wanted["preamble"] + [0xD5]) if cut_begin else b""
        line = ahead + whole
        first = 0
        if cut_begin and cut_end:
            first = max(line.find(found.octets), 0)
        elif cut_begin:
            first = max(len(line) - len(found.octets), 0)
        octets = line[first:first + len(found.octets)] if cut_end else line[first:]
        if wanted["cut"] != "none":
            self.compare_length(wanted, found, cut_begin)
        damaged = {e["octet"] for e in inside if e["where"] == "frame"
                   and self.speed(wanted["lane"]) == self.line_speed}
        self.equal("length on the line", found.wire_length, len(octets), where)
        if len(octets) != len(found.octets):
            self.fault(f"{where}: {len(found.octets)} octets, not {len(octets)}")
            return
        differ = [i + first - len(ahead) for i, (a, b) in enumerate(zip(octets, found.octets))
                  if a != b]
        differ = [i for i in differ if i not in damaged]
        if differ:
            self.fault(f"{where}: octets {differ[:10]} differ")

    def compare_length(self, wanted, found, cut_begin):
        """Of a cut frame all is there that is in the record."""
        seen = min(wanted["end_ps"], self.segment_ps) - max(wanted["start_ps"], 0)
        octets = seen / self.octet_ps(wanted["lane"])
        least = most = octets
        if cut_begin:
            least = min(octets, len(wanted["octets"]) / 2)
        else:
            least = most = max(octets - wanted["preamble"] - 1, 0)
        if not math.floor(least) - 1 <= len(found.octets) <= math.ceil(most) + 1:
            self.fault(f"{describe(wanted)}: {len(found.octets)} octets, not {most:.1f}")

    def wanted_hits(self, index):
        return [Hit(WHERE[v["where"]], v["octet"], v["copy"], KIND[v["kind"]], v["received"],
                    v["ps"])
                for v in self.violations if v["frame"] == index]

    def same_hit(self, a, b):
        return a[:5] == b[:5] and abs(a.ps - b.ps) <= self.near_ps

    def compare_hits(self, index, wanted, found, where):
        wanted_hits = [h for h in self.wanted_hits(index) if h.where != GAP]
        if self.damaged is not None:
            wanted_hits = []
        if wanted["cut"] in ("begin", "both") and wanted_hits:
            # where the octets count from is not known before the first of them
            shift = len(wanted["octets"]) // 2 - len(found.octets)
            wanted_hits = [h._replace(octet=h.octet - shift) if h.where == FRAME else h
                           for h in wanted_hits]
        for hit in wanted_hits:
            if not any(self.same_hit(hit, other) for other in found.damage):
                self.fault(f"{where}: not reported: {hit}; but {found.damage}")
        for hit in found.damage:
            if not any(self.same_hit(hit, other) for other in wanted_hits):
                self.fault(f"{where}: error invented: {hit}")
        self.equal("number of hits", len(found.damage), len(wanted_hits), where)
        self.equal("symbol errors", found.symbol_errors, len(wanted_hits), where)
        self.equal("invalid code-groups", found.invalid,
                   sum(h.kind == KIND["invalid"] for h in wanted_hits), where)
        self.equal("disparity errors", found.disparity,
                   sum(h.kind == KIND["disparity"] for h in wanted_hits), where)
        if self.damaged is None and wanted["gap_before"] is not None:
            gap = [h for h in self.wanted_hits(index) if h.where == GAP]
            got = [h for h in found.hits if h.where == GAP]
            for hit in got:
                if not any(self.same_hit(hit, other) for other in gap):
                    self.fault(f"{where}: error in the gap invented: {hit}; there are {gap}")
            self.equal("errors in the gap", len(got), min(len(gap), GAP_HITS_KEPT), where)

    def compare_flags(self, index, wanted, found, errors, where):
        """epb_flags from the truth: each bit set exactly where it is true."""
        hits = [h for h in self.wanted_hits(index) if h.where != GAP]
        if self.damaged is not None:
            hits = []
        octets = found.octets
        may = 0
        must = FCS_LENGTH
        must |= SYMBOL_FAULT if hits else 0
        must |= CRC_ERROR if not fcs_good(octets) else 0
        must |= TOO_SHORT if wanted["cut"] == "none" and len(octets) < LEAST_FRAME else 0
        must |= WRONG_GAP if found.gap is not None and found.gap < LEAST_GAP else 0
        at = [h.octet for h in hits if h.where == PREAMBLE]
        must |= SFD_ERROR if wanted["preamble"] in at else 0
        must |= PREAMBLE_ERROR if any(octet < wanted["preamble"] for octet in at) else 0
        # a bit error that makes another sound code-group shows by its octet alone, or not at all
        for error in errors:
            may |= SYMBOL_FAULT  # when it makes /V/
            if error["where"] == "preamble":
                may |= SFD_ERROR | PREAMBLE_ERROR
        if (found.flags ^ must) & ~may:
            self.fault(f"{where}: epb_flags are {found.flags:#010x}, not {must:#010x}")
        if wanted["cut"] == "none" and not wanted["fcs_good"] and not found.flags & CRC_ERROR:
            self.fault(f"{where}: the bad FCS is not flagged")
        comment = found.packet.options.get(pcapng_reader.OPT_COMMENT)
        sound = found.flags == FCS_LENGTH and not found.cut and found.speed_source != 5
        if sound and found.begin == BEGIN_S and found.end == END_T and comment is not None:
            self.fault(f"{where}: a comment on a sound frame: {comment}")
        if not sound and comment is None:
            self.fault(f"{where}: no comment on a damaged frame")

    def compare_low_power(self):
        """Low-power idle is told from its first ordered set to the end of its last one, or for the
        16 us after which it is handed on."""
        found = [e for e in self.decoded.events if e.kind == LOW_POWER_IDLE]
        wanted = self.truth["low_power"]
        if not self.decoded.events:
            return
        self.equal("low-power idles", len(found), len(wanted), "events")
        for true in wanted:
            match = [e for e in found if e.lane == true["lane"]
                     and abs(e.time_ps - true["from_ps"]) <= self.near_ps]
            if len(match) != 1:
                self.fault(f"low-power idle {true} is not among the events")
                continue
            lasts = true["to_ps"] - true["from_ps"] + self.group_ps - 10 * self.bit_ps
            if lasts < EVENT_PS:
                self.near("low-power idle in ps", match[0].duration_ps, lasts,
                          self.near_ps + self.bit_ps, f"lane {true['lane']}")
            elif match[0].duration_ps < EVENT_PS:
                self.fault(f"low-power idle of {lasts} ps lasts {match[0].duration_ps} ps")

    def compare_events(self):
        self.compare_low_power()
        between = [v for v in self.violations if WHERE[v["where"]] == GAP]
        count = collections.Counter()
        for event in self.decoded.events:
            if event.kind in HARMLESS_EVENTS:
                continue
            if event.kind in (FALSE_CARRIER, LANE_MARK) and self.is_consequence(event):
                continue
            if event.kind != SYMBOL_ERROR:
                self.fault(f"event of kind {event.kind} at {event.time_ps} ps, lane {event.lane}, "
                           f"value {event.value}")
                continue
            count[event.lane] += event.count
            bits = format(event.value, "010b")[::-1]
            if not any(v["lane"] == event.lane and v["segment"] == event.segment and
                       v["received"] == bits and
                       abs(v["ps"] - event.time_ps) <= self.near_ps for v in between):
                self.fault(f"symbol error invented in a gap: lane {event.lane} at "
                           f"{event.time_ps} ps, {bits}")
        if self.decoded.events:
            for lane in self.lanes:
                wanted = sum(v["lane"] == lane for v in between)
                self.equal("symbol errors in events", count[lane], wanted, f"lane {lane}")

    def is_consequence(self, event):
        """A bit error can make another sound code-group: data where idle was, or K28.1. Serial
        disparity shows it on another lane, if at all."""
        lane = event.value if event.kind == LANE_MARK else event.lane
        return any(e["segment"] == event.segment and e["lane"] == lane and
                   abs(e["ps"] - event.time_ps) <= 5 * self.group_ps
                   for e in self.truth["errors"])

    def compare_report(self):
        report = self.decoded.report
        violations = self.violations
        invalid = sum(v["kind"] == "invalid" for v in violations)
        if report["link"].lower() not in link_may_be(self.truth):
            self.fault(f"report: link is {report['link']}, not {self.truth['link']}")
        self.equal("lock", report["lock"], True, "report")
        self.equal("invalid code-groups", report["invalid_code_groups"], invalid, "report")
        self.equal("disparity errors", report["disparity_errors"], len(violations) - invalid,
                   "report")
        if self.truth["link"] == "qsgmii":
            self.equal("disparity rule", report["disparity_rule"],
                       self.truth["running_disparity"], "report")
        polarity = "inverted" if self.truth["inverted"] else "normal"
        self.equal("polarity", report["signal"]["polarity"], polarity, "report")
        for name in ("slips", "signal_losses", "lane_moves"):
            self.equal(name, report[name], 0, "report")
        if not self.truth["errors"]:
            self.equal("K28.1 elsewhere", report["k28_1_elsewhere"], 0, "report")
        if abs(report["baud"] / self.truth["baud"] - 1) > self.ppm * 1e-6:
            self.fault(f"report: the baud is {report['baud']}, not {self.truth['baud']}")
        for lane in report["lanes"]:
            self.compare_lane_report(lane)

    def compare_lane_report(self, lane):
        number = lane["lane"]
        where = f"report, lane {number}"
        mine = [v for v in self.violations if v["lane"] == number]
        between = sum(WHERE[v["where"]] == GAP for v in mine)
        self.equal("symbol errors in frames", lane["symbol_errors_in_frames"],
                   len(mine) - between, where)
        self.equal("symbol errors between", lane["symbol_errors_between_frames"], between, where)
        self.equal("losses of synchronisation", lane["sync_losses"], 0, where)
        carriers = sum(e.kind == FALSE_CARRIER and e.lane == number for e in self.decoded.events)
        if self.decoded.events or not self.truth["errors"]:
            self.equal("false carriers", lane["false_carriers"], carriers, where)
        self.equal("restarts", lane["restarts"], int(number in self.restarts), where)
        if number in self.lanes:
            self.equal("frames", lane["frames"],
                       sum(f.lane == number for f in self.decoded.frames), where)
        if any(e["where"] == "config" for e in self.truth["errors"]):
            return
        wanted = self.truth["lanes"][number]["config"]
        self.equal("config words", [c["word"] for c in lane["config"]],
                   [c["word"] for c in wanted], where)
        for found, true in zip(lane["config"], wanted):
            self.equal("count of config_reg", found["count"], true["count"], where)
            self.near("begin of config_reg", found["from_ps"], true["from_ps"],
                      self.near_ps + self.bit_ps / 2, where)
            # ... to where the lane's next code-group begins
            to_ps = true["to_ps"] + self.group_ps - 10 * self.bit_ps
            self.near("end of config_reg", found["to_ps"], to_ps,
                      self.near_ps + self.bit_ps / 2, where)


def link_may_be(truth):
    """The kinds of link that a receiver can tell: SGMII at 1000 Mb/s is 1000BASE-X until a
    config_reg comes."""
    told = truth["lanes"][0]["config"] or truth["lanes"][0]["speed"] != 1000
    if truth["link"] != "sgmii" or told:
        return {truth["link"]}
    return {"sgmii", "1000base-x"}


def quoted(argv):
    return " ".join(shlex.quote(str(argument)) for argument in argv)


def run(*argv, timeout=120):
    """Runs a program; gives the CompletedProcess with text. The limit is in seconds, and longer under
    an emulator."""
    return subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=timeout * SLOWER)


class TruthTest(unittest.TestCase):
    """A test with a folder of its own, in which Wireshark's programs can work."""

    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.wireshark = WiresharkRun(plugin_dir=PLUGINS, extcap=SCOPEDUMP)
        cls.addClassCleanup(cls.wireshark.close)

    def path(self, name):
        return self.wireshark.path(name)

    def generate(self, options, out="record.wfm"):
        """A record and its truth; (path, truth, the command as text)."""
        path, books = self.path(out), self.path("truth.json")
        argv = [GENERATE, "--out", path, "--truth", books, *shlex.split(options)]
        result = run(*argv)
        self.assertEqual(result.returncode, 0, quoted(argv) + "\n" + result.stderr)
        return path, json.loads(books.read_text()), quoted(argv)

    def decode(self, path, options=""):
        """Decodes a record; (Decoded, the command as text)."""
        out, report = self.path("frames.pcapng"), self.path("report.json")
        argv = [SCOPEDUMP, path, *shlex.split(options), "-w", out, "--json", report, "-q"]
        result = run(*argv)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""), quoted(argv))
        return self.read(out, json.loads(report.read_text())), quoted(argv)

    def read(self, path, report=None):
        """What is in a capture file, as tshark with the plugin sees it."""
        argv = ["tshark", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=|"]
        for name in FIELDS:
            argv += ["-e", name]
        result = self.wireshark.run_tool(argv)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        rows = [dict(zip(FIELDS, line.split("\t"), strict=True))
                for line in result.stdout.split("\n")[:-1]]
        return Decoded(pcapng_reader.read(path), rows, report)

    def check(self, generate, decode="--events", damaged=None, lanes=None, out="record.wfm",
              **tolerances):
        """The whole path; gives (truth, Decoded) for what else is to be looked at."""
        path, truth, made = self.generate(generate, out)
        try:
            decoded, read = self.decode(path, decode)
        finally:
            path.unlink()
        faults = Comparison(truth, decoded, damaged and damaged(truth), lanes,
                            **tolerances).run()
        if faults:
            shown = faults[:12] + ([f"... {len(faults)} faults in all"] if faults[12:] else [])
            self.fail("\n".join([made, read, *shown]))
        return truth, decoded

    def check_all(self, table, **options):
        """check() for each line of a table, each told apart in what fails."""
        for line in table:
            with self.subTest(line):
                self.check(line, **options)
