# SPDX-License-Identifier: GPL-2.0-or-later
"""Several channels of one file: by number and by name, in one run as the two directions of a link,
as the two legs of a pair, and in the lists of channels."""

import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import keysight_bin
import pcapng_reader
from truth import (DECODED, FCS_LENGTH, NO_LOCK, SCOPEDUMP, USAGE_FAULT, Comparison, Decoded,
                   TruthTest, run)

RATE = 25e9
COMMON = f"--sample-rate {RATE} --sample-format f32 --duration-us 30 --frame-size 64:150 "
OUT = COMMON + "--speeds 1000,100,100,1000 --config-us 1 --seed 1 --flip 70003"
IN = COMMON + "--link sgmii --speeds 100 --seed 2 --noise 0.02"
OUTBOUND, INBOUND = 2, 1  # in epb_flags
OPT_DESCRIPTION = 3
EARLIER = 1e-6  # seconds by which the last channel begins before the first


class OneDirection(Decoded):
    """What is on the interfaces of one direction, as if it had been decoded alone."""

    def __init__(self, both, prefix, report):
        self.report = report
        self.frames = [f for f in both.frames if f.interface.startswith(prefix)]
        self.events = [e for e in both.events if e.interface.startswith(prefix)]
        for frame in self.frames:
            frame.flags &= ~3
            frame.interface = frame.interface.removeprefix(prefix)
            frame.packet.interface = pcapng_reader.Interface(
                1, 0, {pcapng_reader.OPT_IF_NAME: frame.interface.encode()})


class ChannelsTest(TruthTest):
    """A file with the outbound direction on CH1, nothing on CH2, the inbound one on CH3."""

    record, truths = None, ()  # made once

    def setUp(self):
        if self.record is None:
            type(self).record = self.make_record()

    def make_record(self):
        signals = []
        type(self).truths = []
        for options in (OUT, IN):
            path, truth, _ = self.generate(options, "signal.f32")
            self.truths.append(truth)
            signals.append(path.read_bytes())
        record = self.path("two.bin")
        keysight_bin.write(record, [("CH1", signals[0], 0.0), ("CH2", bytes(len(signals[0])), 0.0),
                                    ("Rx pair", signals[1], -EARLIER)], 1 / RATE)
        return record

    def decode_both(self, *options):
        out, report = self.path("both.pcapng"), self.path("both.json")
        result = run(SCOPEDUMP, self.record, *options, "-w", out, "--json", report, "-q")
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
        reports = json.loads(report.read_text())["channels"]
        return out, self.read(out, reports)

    def test_both_directions(self):
        out, both = self.decode_both("--channel", "1", "--channel", "rx PAIR", "--events")
        self.assertEqual([r["direction"] for r in both.report], ["outbound", "inbound"])
        self.assertEqual([r["channel"] for r in both.report], ["CH1", "Rx pair"])
        for n, prefix in enumerate(("tx-", "rx-")):
            one = OneDirection(both, prefix, both.report[n])
            self.assertTrue(one.frames and one.events)
            faults = Comparison({**self.truths[n], "time": None}, one).run()
            self.assertEqual(faults, [])

    def test_capture_file(self):
        out, _ = self.decode_both("--channel", "CH1", "--channel", "3", "--events")
        capture = pcapng_reader.read(out)
        names = [i.name for i in capture.interfaces]
        self.assertEqual(names, [*(f"tx-lane{n}" for n in range(4)), "tx-qsgmii", "rx-lane0",
                                 "rx-qsgmii"])
        for interface in capture.interfaces:
            words = interface.options[OPT_DESCRIPTION].decode()
            outbound = interface.name.startswith("tx-")
            self.assertIn("two.bin", words)
            self.assertIn("CH1" if outbound else "Rx pair", words)
            self.assertIn("outbound" if outbound else "inbound", words)
        times = [p.time_ns for p in capture.packets]
        self.assertEqual(times, sorted(times))
        order = [p.interface.name[:2] for p in capture.packets]
        self.assertGreater(sum(a != b for a, b in zip(order, order[1:])), 10)
        for packet in capture.packets:
            direction = OUTBOUND if packet.interface.name.startswith("tx-") else INBOUND
            self.assertEqual(packet.number(pcapng_reader.OPT_EPB_FLAGS) & 3, direction)
        text = self.wireshark.run_tool(
            ["tshark", "-r", out, "-T", "fields", "-e", "frame.interface_name", "-e",
             "frame.packet_flags_direction", "-Y", "eth"]).stdout
        rows = {tuple(line.split("\t")) for line in text.splitlines()}
        self.assertEqual({(name[:2], int(flag, 0)) for name, flag in rows},
                         {("tx", OUTBOUND), ("rx", INBOUND)})

    def test_same_as_one_by_one(self):
        out, _ = self.decode_both("--channel", "1", "--channel", "3", "--events")
        both = pcapng_reader.read(out).packets
        for channel, prefix in (("1", "tx-"), ("3", "rx-")):
            alone = self.path("alone.pcapng")
            result = run(SCOPEDUMP, self.record, "--channel", channel, "--events", "-w", alone,
                         "-q")
            self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
            packets = pcapng_reader.read(alone).packets
            self.assertFalse(any((p.number(pcapng_reader.OPT_EPB_FLAGS) or 0) & 3
                                 for p in packets))
            self.assertEqual([(p.interface.name.removeprefix(prefix), p.time_ns, p.octets)
                              for p in both if p.interface.name.startswith(prefix)],
                             [(p.interface.name, p.time_ns, p.octets) for p in packets])

    def test_through_wireshark(self):
        """The dialog chooses one channel, by its number; a name does as well."""
        for channel in ("3", "rx pair"):
            out = self.path("live.pcapng")
            result = self.wireshark.run_tool(
                ["tshark", "-i", "scopedump", "-o", f"extcap.scopedump.file:{self.record}", "-o",
                 f"extcap.scopedump.channel:{channel}", "-w", out])
            self.assertEqual(result.returncode, 0, result.stderr)
            names = [i.name for i in pcapng_reader.read(out).interfaces]
            self.assertEqual(names, ["lane0", "qsgmii"])

    def test_lanes_filter_and_text(self):
        out = self.path("lanes.pcapng")
        result = run(SCOPEDUMP, self.record, "--channel", "3", "--channel", "1", "--lanes", "0",
                     "-f", "arp", "-w", out)
        self.assertEqual(result.returncode, DECODED)
        self.assertRegex(result.stderr, r"packets written to .*Channel Rx pair: .*Channel CH1: ")
        capture = pcapng_reader.read(out)
        self.assertEqual([i.name for i in capture.interfaces], ["tx-lane0", "rx-lane0"])
        self.assertTrue(all(p.octets[12:14] == b"\x08\x06" for p in capture.packets))
        result = run(SCOPEDUMP, self.record, "--channel", "1", "--channel", "3")
        self.assertEqual(len(re.findall(r"(?m)^File ", result.stdout)), 2)
        self.assertRegex(result.stdout, r"(?m)^Direction +outbound")
        self.assertRegex(result.stdout, r"(?m)^Direction +inbound")

    def test_dead_direction(self):
        result = run(SCOPEDUMP, self.record, "--channel", "1", "--channel", "2", "--channel", "3",
                     "-w", self.path("x.pcapng"))
        self.assertEqual(result.returncode, NO_LOCK)
        self.assertIn("Channel CH2: There is no signal", result.stderr)
        names = {p.interface.name[:3] for p in pcapng_reader.read(self.path("x.pcapng")).packets}
        self.assertEqual(names, {"tx-", "ch3"})

    def test_refusals(self):
        for options, words in (
                ("--channel 4", "1 (CH1), 2 (CH2), 3 (Rx pair)"),
                ("--channel 0", "3 (Rx pair)"), ("--channel x", "3 (Rx pair)"),
                ("--channel-neg x", "3 (Rx pair)"), ("--channel 1 --channel x", "3 (Rx pair)"),
                ("--channel 1 --channel ch1", "given twice"),
                ("--channel ch2 --channel-neg 2", "both legs"),
                ("--channel 1 --channel-neg 2 --channel-neg 3", "pair"),
                ("--channel 1 --channel 2 --channel-neg 3", "pair"),
                (f"--channel 1 --channel 2 --file-neg {self.record}", "pair"),
                ("--channel 1 " * 9, "too many")):
            with self.subTest(options):
                result = run(SCOPEDUMP, self.record, *options.split())
                self.assertEqual((result.returncode, result.stdout), (USAGE_FAULT, ""))
                self.assertRegex(result.stderr, r"\A[^\n]+\.\n\Z")
                self.assertIn(words, result.stderr)

    def test_reload_and_info_tell_the_same(self):
        reload = run(SCOPEDUMP, "--extcap-config", "--extcap-interface", "scopedump",
                     "--extcap-reload-option", "channel", "--file", self.record)
        listed = re.findall(r"\{value=(\d+)\}\{display=([^}]*)\}", reload.stdout)
        info = run(SCOPEDUMP, "--info", self.record)
        self.assertEqual((info.returncode, info.stderr), (DECODED, ""))
        told = re.findall(r"(?m)^Channel +((\d+): .*)$", info.stdout)
        self.assertEqual(listed, [(number, text) for text, number in told])
        self.assertEqual(len(listed), 3)
        self.assertEqual(listed[2][1], "3: Rx pair, V, 750000 samples at 25 GS/s, 30 us")
        self.assertIn("TESTSCOPE", info.stdout)
        self.assertIn("2026-11-22 12:34:56.000000000 UTC", info.stdout)


class PairTest(TruthTest):
    """Both legs in one file."""

    def test_pair_in_one_file(self):
        line = (COMMON + "--speeds 1000,100,10,1000 --config-us 1 --noise 0.02 --legs "
                f"--leg-skew-ps 345 --out-neg {self.path('n.f32')}")
        positive, truth, _ = self.generate(line, "p.f32")
        record = self.path("pair.bin")
        legs = [positive.read_bytes(), self.path("n.f32").read_bytes()]
        # the second record begins 100 samples earlier, and holds them
        shifted = legs[1][:400] + legs[1]
        keysight_bin.write(record, [("P", legs[0], 0.0), ("N", legs[1], 0.0),
                                    ("M", shifted, -100 / RATE)], 1 / RATE)
        for negative in ("N", "M"):
            decoded, read = self.decode(record, f"--channel p --channel-neg {negative} --events")
            self.assertAlmostEqual(decoded.report["skew_ps"], 345, delta=2)
            self.assertEqual(decoded.report["channel_neg"], negative)
            faults = Comparison({**truth, "time": None}, decoded).run()
            self.assertEqual(faults, [], read)

    def test_two_pairs(self):
        record = self.path("pairs.bin")
        channels = []
        for seed in (1, 2):
            line = (COMMON + f"--speeds 1000,1000,1000,1000 --config-us 1 --seed {seed} --legs "
                    f"--leg-skew-ps {100 * seed} --out-neg {self.path('n.f32')}")
            path, _, _ = self.generate(line, "p.f32")
            channels += [(f"P{seed}", path.read_bytes(), 0.0),
                         (f"N{seed}", self.path("n.f32").read_bytes(), 0.0)]
        keysight_bin.write(record, channels, 1 / RATE)
        report = self.path("pairs.json")
        result = run(SCOPEDUMP, record, "--channel", "P1", "--channel-neg", "N1", "--channel",
                     "P2", "--channel-neg", "N2", "--json", report)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
        for seed, found in enumerate(json.loads(report.read_text())["channels"], 1):
            self.assertAlmostEqual(found["skew_ps"], 100 * seed, delta=2)
            self.assertIn("Nothing is wrong", found["verdict"])


if __name__ == "__main__":
    unittest.main()
