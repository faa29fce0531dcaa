# SPDX-License-Identifier: GPL-2.0-or-later
"""What cannot be decoded, and what is asked wrongly: the exit status, and one clear sentence."""

import math
import os
import pathlib
import random
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from truth import DECODED, FILE_FAULT, NO_LOCK, SCOPEDUMP, USAGE_FAULT, TruthTest, run

SGMII = "--link sgmii --speeds 1000 --sample-rate 6.25e9 --duration-us 10 --config-us 1 "
RAW = ["--sample-format", "f32", "--sample-rate", "25e9"]
SAMPLES = 100_000


def floats(values):
    values = list(values)
    return struct.pack(f"<{len(values)}f", *values)


def noise(seed):
    source = random.Random(seed)
    return [source.gauss(0, 0.1) for _ in range(SAMPLES)]


def sine(period):
    return [0.4 * math.sin(2 * math.pi * i / period) for i in range(SAMPLES)]


def square(period):
    return [0.4 if i % period < period / 2 else -0.4 for i in range(SAMPLES)]


def random_bits(seed, period):
    """A line at 5 GBd whose bits are no code."""
    source = random.Random(seed)
    bits = [source.choice((-0.4, 0.4)) for _ in range(SAMPLES // period + 1)]
    return [bits[i // period] for i in range(SAMPLES)]


class NothingThereTest(TruthTest):
    """Signals without a link: status 3, and the report's last line says what is there."""

    SIGNALS = {
        "constant": ([0.1] * SAMPLES, "no signal"),
        "zero": ([0.0] * SAMPLES, "no signal"),
        "slow sine": (sine(50_000), None),
        "sine of 10 MHz": (sine(2500), None),
        "sine of 2.5 GHz": (sine(10), None),
        "sine of 625 MHz": (sine(40), None),
        "sine of 777 MHz": (sine(32.17), None),
        "square wave": (square(10), None),
        "noise": (noise(1), None),
        "noise again": (noise(2), None),
        "one step": ([0.0] * (SAMPLES // 2) + [1.0] * (SAMPLES // 2), None),
        "one pulse": ([0.0] * 5000 + [1.0] * 5 + [0.0] * 5000, None),
        "one sample": ([0.5], None),
        "two samples": ([0.5, -0.5], None),
        "not a number": ([math.nan] * SAMPLES, None),
        "infinite": ([math.inf, -math.inf] * (SAMPLES // 2), None),
        "largest": ([3e38, -3e38] * (SAMPLES // 2), None),
    }

    def test_signals(self):
        for name, (values, words) in self.SIGNALS.items():
            with self.subTest(name):
                path, out = self.path("signal.f32"), self.path("out.pcapng")
                path.write_bytes(floats(values))
                result = run(SCOPEDUMP, path, *RAW)
                self.assertEqual(result.returncode, NO_LOCK, result.stdout[-300:] + result.stderr)
                self.assertEqual(result.stderr, "")
                last = result.stdout.rstrip("\n").split("\n")[-1]
                self.assertRegex(last, r"\A[A-Z].*[.]\Z")
                self.assertNotIn("Nothing is wrong", last)
                if words:
                    self.assertIn(words, last)
                result = run(SCOPEDUMP, path, *RAW, "-q", "--events", "-w", out)
                self.assertEqual((result.returncode, result.stdout, result.stderr),
                                 (NO_LOCK, "", ""))
                capture = pcapng_reader.read(out)
                lanes = [i for i in capture.interfaces if i.name.startswith("lane")]
                packets = [p for p in capture.packets if p.interface in lanes]
                self.assertEqual(packets, [])

    def test_bits_without_code(self):
        """A clock, but no 8b/10b: whether a comma occurs by chance decides the status."""
        path = self.path("signal.f32")
        path.write_bytes(floats(random_bits(3, 5)))
        result = run(SCOPEDUMP, path, *RAW)
        self.assertIn(result.returncode, (DECODED, NO_LOCK), result.stderr)
        self.assertNotIn("Nothing is wrong", result.stdout)
        self.assertEqual(result.stderr, "")


class BadFileTest(TruthTest):
    def refused(self, argv, status, words=()):
        """One sentence on stderr, nothing on stdout, the status."""
        result = run(SCOPEDUMP, *argv)
        self.assertEqual(result.returncode, status, f"{argv}: {result.stderr}")
        self.assertEqual(result.stdout, "", argv)
        self.assertRegex(result.stderr, r"\A[^\n]+[.!?]\n\Z", argv)
        for word in words:
            self.assertIn(word, result.stderr, argv)

    def test_not_a_record(self):
        files = {
            "empty": b"", "text.txt": b"This is no record.\n" * 50, "one": b"\n",
            "zeros.wfm": bytes(5000), "short.wfm": b"\x0f\x0f:WFM#003", "magic.wfm": b"\x0f\x0f",
            "noise.bin": random.Random(1).randbytes(20000),
        }
        for name, data in files.items():
            with self.subTest(name):
                path = self.path(name)
                path.write_bytes(data)
                self.refused([path], FILE_FAULT, [name])
                self.refused([path, "-w", self.path("x.pcapng")], FILE_FAULT, [name])

    def test_no_file(self):
        self.refused([self.path("missing.wfm")], FILE_FAULT, ["missing.wfm"])
        self.refused([self.path("")], FILE_FAULT)
        self.refused([self.path("no-folder") / "x.wfm"], FILE_FAULT)
        self.refused(["/dev/null"], FILE_FAULT)
        self.refused(["x" * 5000], FILE_FAULT)
        path, _, _ = self.generate(SGMII)
        self.refused([path, "--file-neg", self.path("missing.wfm")], FILE_FAULT, ["missing.wfm"])
        self.refused([path / "x"], FILE_FAULT)

    def test_empty_raw_file(self):
        path = self.path("empty.f32")
        path.write_bytes(b"")
        self.refused([path, *RAW], FILE_FAULT, ["empty.f32"])

    def test_cut_wfm(self):
        for line in (SGMII, SGMII + "--segments 3 ", SGMII + "--big-endian --wfm-version 2 "):
            path, _, _ = self.generate(line)
            data = path.read_bytes()
            cut = self.path("cut.wfm")
            for length in (10, 77, 78, 200, 500, 837, 838, 839, 900, len(data) // 2,
                           len(data) - 100):
                with self.subTest(f"{line}, cut at {length}"):
                    cut.write_bytes(data[:length])
                    self.refused([cut], FILE_FAULT, ["cut.wfm"])

    def test_output_that_cannot_be_written(self):
        path, _, _ = self.generate(SGMII)
        missing = self.path("no-folder") / "out"
        self.refused([path, "-w", missing], FILE_FAULT, ["no-folder"])
        self.refused([path, "--json", missing], FILE_FAULT, ["no-folder"])
        if os.path.exists("/dev/full"):
            self.refused([path, "-q", "-w", "/dev/full"], FILE_FAULT)
            self.refused([path, "--json", "/dev/full"], FILE_FAULT)


class UsageTest(TruthTest):
    """Every misuse: status 2 and one sentence."""

    MISUSES = (
        "--no-such-option", "-Z", "--channel", "--channel=", "--link", "--link xaui",
        "--baud x", "--baud 0", "--baud -5e9", "--baud nan", "--baud inf", "--baud 5e9x",
        "--threshold x", "--threshold nan", "--polarity up", "--speed 1", "--speed 2500",
        "--speed x", "--lanes 4", "--lanes x", "--lanes 0,,1", "--lanes 0-1", "--lanes -1",
        "--sample-format s24", "--sample-format s16", "--sample-rate 1e9",
        "--sample-format s16 --sample-rate 0", "--sample-format s16 --sample-rate -1",
        "--sample-format s16 --sample-rate x", "--sample-format s16 --sample-rate 1e9 --scale 0",
        "--sample-format s16 --sample-rate 1e9 --scale x", "--scale 2", "--offset 1",
        "--sample-format s16 --sample-rate 1e9 --offset x",
        "--cpu 386", "-w", "--json", "-f", "-w - --json -", "another.wfm", "--file another.wfm",
        "--events=maybe", "--quiet=yes", "--link qsgmii --speed 1000 --lanes 9",
    )

    def test_misuses(self):
        path, _, _ = self.generate(SGMII)
        for misuse in self.MISUSES:
            with self.subTest(misuse):
                result = run(SCOPEDUMP, path, *misuse.split(" "))
                self.assertEqual(result.returncode, USAGE_FAULT, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertRegex(result.stderr, r"\A[^\n]+[.!?]\n\Z")

    def test_no_file(self):
        for argv in ([], ["-q"], ["--events"], ["-w", self.path("x.pcapng")], ["--file", ""],
                     [""]):
            with self.subTest(argv):
                result = run(SCOPEDUMP, *argv)
                self.assertEqual(result.returncode, USAGE_FAULT, result.stderr)
                self.assertRegex(result.stderr, r"\A[^\n]+[.!?]\n\Z")

    def test_wrong_capture_filter(self):
        path, _, _ = self.generate(SGMII)
        result = run(SCOPEDUMP, path, "-f", "no such filter (", "-w", self.path("x.pcapng"))
        self.assertEqual(result.returncode, USAGE_FAULT, result.stderr)
        self.assertRegex(result.stderr, r"\A[^\n]+[.!?]\n\Z")

    def test_help_and_version(self):
        result = run(SCOPEDUMP, "--version")
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
        self.assertRegex(result.stdout, r"\Ascopedump \d+\.\d+\.\d+\n\Z")
        result = run(SCOPEDUMP, "--help")
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
        for option in ("--file", "--channel", "--channel-neg", "--file-neg", "--link", "--baud",
                       "--threshold", "--polarity", "--speed", "--lanes", "--sample-format",
                       "--sample-rate", "--scale", "--offset", "--events", "--no-events",
                       "--write", "--json", "--filter", "--cpu", "--version"):
            self.assertIn(option, result.stdout)


if __name__ == "__main__":
    unittest.main()
