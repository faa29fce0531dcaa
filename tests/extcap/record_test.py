# SPDX-License-Identifier: GPL-2.0-or-later
"""What is told of the record as such: --info, the vertical range, clipping, undersampling, and the
skew of two legs."""

import array
import json
import math
import os
import pathlib
import re
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from truth import (DECODED, FILE_FAULT, NO_LOCK, SCOPEDUMP, USAGE_FAULT, Comparison, TruthTest, run)

LINE = ("--speeds 1000,100,10,1000 --duration-us 30 --frame-size 64:200 --config-us 1 "
        "--rj-ps 2 --noise 0.02 ")
SPARSE_BYTES = 2 << 30
OPT_DESCRIPTION = 3
RESIDENT_MOST = 64 << 10  # in KiB


class InfoTest(TruthTest):
    def info(self, *argv):
        result = run(SCOPEDUMP, "--info", *argv)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""), argv)
        return result.stdout

    def test_segments_range_and_time(self):
        path, truth, _ = self.generate(LINE + "--sample-rate 25e9 --segments 3 --offset 0.7")
        text = self.info(path)
        self.assertRegex(text, r"(?m)^Channel .*2250000 samples at 25 GS/s, 90 us, range .* V to "
                               r".* V, 3 segments$")
        self.assertRegex(text, r"(?m)^  segment 2 .*750000 samples, from 2")
        found = json.loads(self.info("--json", "-", path))
        out = self.path("info.json")
        self.assertEqual(self.info(path, "--json", out), "")
        self.assertEqual(json.loads(out.read_text()), found)
        self.assertTrue(found["time_from_file"])
        channel, = found["channels"]
        self.assertEqual((channel["samples"], channel["segments"]), (2250000, 3))
        low = truth["offset"] - 32768 * truth["scale"]
        self.assertAlmostEqual(channel["range"]["low"], low, places=6)
        for segment, time in zip(channel["segment"], truth["segment_times"], strict=True):
            self.assertLessEqual(
                abs(segment["time_ns"] - time["seconds"] * 10**9 - time["nanoseconds"]), 1)
        report = self.path("report.json")
        run(SCOPEDUMP, path, "--json", report)
        report = json.loads(report.read_text())
        self.assertEqual(report["range_low"], channel["range"]["low"])
        self.assertEqual(report["range_high"], channel["range"]["high"])
        self.assertEqual(report["vertical"],
                         [{"channel": channel["name"], **{name: channel[name] for name in
                                                          ("unit", "scale", "offset", "range")}}])
        self.assertAlmostEqual(channel["scale"], truth["scale"], delta=1e-9 * truth["scale"])
        vertical = (f"{channel['scale']:.6g} V per code, offset {channel['offset']:.6g} V, range "
                    f"{channel['range']['low']:.4g} V to {channel['range']['high']:.4g} V")
        self.assertIn(f"\n  vertical    {vertical}\n", text)
        self.assertIn(f"\nVertical      {vertical}\n", run(SCOPEDUMP, path).stdout)
        self.assertEqual(report["instrument"], found["instrument"])

    def test_header_alone(self):
        """Of a large file hardly a page is touched."""
        path = self.path("sparse.s16")
        with open(path, "wb") as file:
            file.truncate(SPARSE_BYTES)
        argv = [SCOPEDUMP, "--info", str(path), "--sample-format", "s16", "--sample-rate", "25e9",
                "--json", str(self.path("sparse.json"))]
        child = os.posix_spawn(SCOPEDUMP, argv, os.environ)
        _, status, usage = os.wait4(child, 0)
        self.assertEqual(status, 0)
        self.assertLess(usage.ru_maxrss, RESIDENT_MOST)
        channel, = json.loads(self.path("sparse.json").read_text())["channels"]
        self.assertEqual(channel["samples"], SPARSE_BYTES // 2)
        self.assertIsNone(channel["range"])  # nothing tells what a code is worth

    def test_refusals(self):
        path, _, _ = self.generate(LINE + "--sample-rate 25e9")
        for argv, status in (
                (["--info"], USAGE_FAULT), (["--info", path, "-w", "-"], USAGE_FAULT),
                (["--info=yes", path], USAGE_FAULT),
                (["--info", self.path("missing.wfm")], FILE_FAULT),
                (["--info", path, "--json", self.path("no") / "out"], FILE_FAULT)):
            result = run(SCOPEDUMP, *argv)
            self.assertEqual((result.returncode, result.stdout), (status, ""), argv)
            self.assertRegex(result.stderr, r"\A[^\n]+\.\n\Z", argv)


class FaultTest(TruthTest):
    def report(self, path, *argv):
        out = self.path("report.json")
        result = run(SCOPEDUMP, path, *argv, "--json", out)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
        return json.loads(out.read_text()), run(SCOPEDUMP, path, *argv).stdout

    def test_clipped(self):
        """The middle 60 % of the signal fill the range."""
        path, _, _ = self.generate(LINE + "--sample-rate 25e9", "line.s16")
        codes = array.array("h", path.read_bytes())
        raw = ["--sample-format", "s16", "--sample-rate", "25e9", "--scale", "1e-5"]
        report, text = self.report(path, *raw)
        self.assertFalse(report["clipped"])
        self.assertLess(report["clipped_share"], 0.001)
        self.assertNotIn("clipped", text)
        self.assertAlmostEqual(report["range_high"], 0.32767, places=9)
        top = int(0.6 * 0.4 * 65536)
        clipped = array.array("h", (round(max(-top, min(code, top)) * 32767 / top)
                                    for code in codes))
        path.write_bytes(clipped.tobytes())
        report, text = self.report(path, *raw)
        self.assertTrue(report["clipped"])
        share = max(clipped.count(32767), clipped.count(-32767)) / len(clipped)
        self.assertAlmostEqual(report["clipped_share"], share, delta=0.03)
        self.assertIn("The record is clipped", report["verdict"])
        self.assertIn("The record is clipped", text)
        self.assertFalse(report["undersampled"])
        of_file, of_pipe = self.path("file.pcapng"), self.path("pipe.pcapng")
        run(SCOPEDUMP, path, *raw, "-q", "-w", of_file)
        with open(path, "rb") as samples, open(of_pipe, "wb") as out:
            subprocess.run([SCOPEDUMP, "-", *raw, "-q", "-w", "-"], stdin=samples, stdout=out,
                           check=True)
        for capture, of in ((of_file, path.name), (of_pipe, "standard input")):
            lane = pcapng_reader.read(capture).interfaces[0]
            self.assertEqual(lane.options[OPT_DESCRIPTION].decode(),
                             f"{of}, channel 1 (1e-05 V per code, offset 0 V, range -0.3277 V to "
                             "0.3277 V), clipped, lane 0")
            self.assertTrue(lane.options[pcapng_reader.OPT_COMMENT].startswith(
                b"The record is clipped: "))

    def test_not_finite(self):
        """Samples that are no numbers, in each kind of file with floats: how many, and where the
        first one stands."""
        raw = ["--sample-format", "f32", "--sample-rate", "25e9"]
        line = LINE + "--sample-rate 25e9 --sample-format f32"
        samples = self.generate(line, "line.f32")[0].read_bytes()
        planted = {4000: math.nan, 4001: math.inf, 300000: -math.inf, len(samples) // 4 - 1: 9e37}
        for name, argv in (("line.f32", raw), ("line.wfm", []), ("line.isf", []),
                           ("line.npy", raw[2:]), ("line.bin", [])):
            with self.subTest(name):
                path, _, _ = self.generate(line, name)
                data = bytearray(path.read_bytes())
                start = data.find(samples[:400])
                self.assertGreaterEqual(start, 0)
                for at, value in planted.items():
                    struct.pack_into("<f", data, start + 4 * at, value)
                path.write_bytes(data)
                report, text = self.report(path, *argv)
                self.assertEqual(report["not_finite_samples"], len(planted))
                place = f"(byte {start + 16000})"
                self.assertRegex(report["first_not_finite_sample"],
                                 rf"sample 4000 of segment 0 of channel .* in .*{re.escape(place)}")
                self.assertIn("4 samples are no finite numbers and were taken as 0 V; the first is ",
                              report["verdict"])
                self.assertIn(place, text)
                if name in ("line.f32", "line.wfm", "line.isf"):
                    with open(path, "rb") as file:
                        piped = subprocess.run([SCOPEDUMP, "-", *argv], stdin=file, check=True,
                                               capture_output=True, text=True).stdout
                    self.assertIn("\n" + report["verdict"].replace(str(path), "standard input"),
                                  piped)
        path, _, _ = self.generate(line, "line.f32")
        self.assertEqual(self.report(path, *raw)[0]["not_finite_samples"], 0)
        path.write_bytes(struct.pack("<f", math.nan) * 10000)
        result = run(SCOPEDUMP, path, *raw)
        self.assertEqual(result.returncode, NO_LOCK)
        self.assertIn("10000 samples are no finite numbers", result.stdout)

    def test_in_capture(self):
        """Vertical axis, clipping, instrument and time as Wireshark's programs show them, of a
        capture in Wireshark as of a file."""
        path, _, _ = self.generate(LINE + "--sample-rate 12e9 --noise 0.005 --offset 0.3",
                                   "record.trc")
        report, text = self.report(path)
        vertical = re.search(r"(?m)^Vertical +(.*)$", text)[1]
        saved, live = self.path("saved.pcapng"), self.path("live.pcapng")
        run(SCOPEDUMP, path, "--events", "-q", "-w", saved)
        self.wireshark.run_tool(["tshark", "-i", "scopedump", "-o",
                                 f"extcap.scopedump.file:{path}", "-w", live])
        for capture in (saved, live):
            rows = self.wireshark.run_tool(
                ["tshark", "-r", capture, "-T", "fields", "-e", "frame.interface_name", "-e",
                 "frame.interface_description"]).stdout.splitlines()
            told = dict(row.split("\t") for row in rows)
            self.assertEqual(set(told), {"lane0", "lane1", "lane2", "lane3", "qsgmii"})
            for name, words in told.items():
                origin = f"{path.name}, channel {report['channel']} ({vertical}), undersampled"
                self.assertEqual(words, f"{origin}, lane {name[4:]}" if name != "qsgmii" else
                                 f"{origin}, events of the link")
            shown = self.wireshark.run_tool(["capinfos", capture]).stdout
            self.assertEqual(shown.count(f"({vertical}), undersampled"), 5)
            self.assertEqual(shown.count("Comment = The record is undersampled: it has 2.4 "), 5)
            self.assertIn(f"Capture hardware:    {report['instrument']}", shown)

    def test_undersampled(self):
        for rate, below in ((12.5e9, False), (12e9, True)):
            path, _, _ = self.generate(LINE.replace("--noise 0.02", "--noise 0.005") +
                                       f"--sample-rate {rate}")
            report, text = self.report(path)
            self.assertEqual(report["undersampled"], below)
            self.assertAlmostEqual(report["samples_per_bit"], rate / 5e9)
            self.assertEqual("is undersampled" in report["verdict"], below)
            self.assertEqual("is undersampled" in text, below)


class SkewTest(TruthTest):
    def check_skew(self, rate, skew, more=""):
        negative = self.path("n.wfm")
        path, truth, made = self.generate(
            LINE + f"--sample-rate {rate} --legs --leg-skew-ps {skew} --out-neg {negative} {more}")
        decoded, read = self.decode(path, f"--file-neg {negative} --events")
        self.assertAlmostEqual(decoded.report["skew_ps"], skew, delta=0.05e12 / rate + 0.5)
        self.assertGreater(decoded.report["leg_likeness"], 0.9)
        faults = Comparison(truth, decoded).run()
        self.assertEqual(faults, [], f"{made}\n{read}")

    def test_skews(self):
        for rate, skew in ((25e9, 0), (25e9, 37), (25e9, -812), (12.5e9, 1234), (40e9, 2000),
                           (80e9, -1999), (200e9, 66.6)):
            with self.subTest(f"{skew} ps at {rate} S/s"):
                self.check_skew(rate, skew)

    def test_segments(self):
        self.check_skew(25e9, 333, "--segments 3 --seed 3")

    def test_no_pair(self):
        one, _, _ = self.generate(LINE + "--sample-rate 25e9 --seed 1", "one.wfm")
        two, _, _ = self.generate(LINE + "--sample-rate 25e9 --seed 2", "two.wfm")
        report = self.path("report.json")
        run(SCOPEDUMP, one, "--file-neg", two, "--json", report)
        self.assertIsNone(json.loads(report.read_text())["skew_ps"])
        text = run(SCOPEDUMP, one, "--file-neg", two).stdout
        self.assertRegex(text, r"(?m)^Skew +not found")


if __name__ == "__main__":
    unittest.main()
