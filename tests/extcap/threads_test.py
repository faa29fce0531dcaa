# SPDX-License-Identifier: GPL-2.0-or-later
"""Records that are read in several stretches: what comes out is the same for any number of threads
and for each kind of CPU."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import DECODED, SCOPEDUMP, USAGE_FAULT, Comparison, TruthTest, quoted, run

STRETCH_BITS = 262144  # with 1 to 64 samples per bit
QSGMII = "--speeds 1000,100,10,1000 --config-us 1 --sample-rate 12.5e9 --duration-us 180 "
SGMII = "--link sgmii --speeds 1000 --config-us 2 --sample-rate 3.125e9 --duration-us 700 "
FOUR = "--link sgmii --speeds 100 --config-us 2 --sample-rate 5e9 --duration-us 660 "
WAYS = ("--threads 1", "--threads 2", "--threads 3", "--threads 7", "--cpu c --threads 1",
        "--cpu sse4.1 --threads 2", "--cpu avx2")


class ThreadsTest(TruthTest):
    def decode_bytes(self, path, options):
        """What scopedump writes: the capture and the report."""
        out, report = self.path("frames.pcapng"), self.path("report.json")
        argv = [SCOPEDUMP, path, *options.split(), "--events", "-w", out, "--json", report, "-q"]
        result = run(*argv, timeout=500)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""), quoted(argv))
        return out.read_bytes(), report.read_bytes()

    def same(self, generate, decode="", out="record.wfm", ways=WAYS):
        """Decodes a record in all ways; gives the reports of its channels and the truth."""
        path, truth, made = self.generate(generate, out)
        first = None
        for way in ways:
            frames, report = self.decode_bytes(path, f"{decode} {way}")
            first = first or (frames, report)
            self.assertEqual(report.decode(), first[1].decode(), f"{made}\n{way}")
            self.assertTrue(frames == first[0], f"{made}\n{way}: other frames or events")
        parsed = json.loads(first[1])
        reports = parsed.get("channels", [parsed])
        for report in reports:
            self.assertTrue(report["lock"], made)
            self.assertGreaterEqual(report["samples"] / report["samples_per_bit"],
                                    3 * STRETCH_BITS, made)
        return reports, truth

    def test_clean(self):
        """... and right."""
        for line in (QSGMII, SGMII + "--noise 0.02 --ppm 100 --invert --skip-bits 1234.5"):
            with self.subTest(line):
                (report,), truth = self.same(line)
                self.assertGreater(len(truth["frames"]), 50)
                decoded, _ = self.decode(self.path("record.wfm"), "--events --threads 3")
                self.assertEqual(decoded.report, report)
                self.assertEqual(Comparison(truth, decoded).run(), [])

    def test_kinds_of_samples(self):
        for options in ("--sample-format s8", "--sample-format f32",
                        "--sample-format s16 --big-endian"):
            with self.subTest(options):
                self.same(SGMII + "--noise 0.02 " + options)

    def test_few_samples_and_noise(self):
        for line in (QSGMII + "--noise 0.06 --rj-ps 8", FOUR + "--noise 0.08 --rj-ps 30 --dcd-ps 40"):
            with self.subTest(line):
                self.same(line)

    def test_clock(self):
        for options in ("--ssc 5000:33e3", "--sj 0.4:1e6 --rj-ps 20", "--sj 5:2e4 --ppm -300",
                        "--ppm 500"):
            with self.subTest(options):
                (report,), _ = self.same(FOUR + options)
                self.assertEqual(report["slips"], 0)

    def test_slips_and_flips(self):
        for options in ("--random-slips 6 --random-flips 30",
                        f"--slip {STRETCH_BITS - 5}:+1 --slip {STRETCH_BITS + 100005}:-1 "
                        f"--flip {2 * STRETCH_BITS}"):
            with self.subTest(options):
                (report,), _ = self.same(QSGMII + options)
                self.assertGreater(report["slips"], 1)

    def test_dead_stretches(self):
        for options, losses in (
                (f"--dead {STRETCH_BITS - 2000}:4000", 1),
                (f"--dead {STRETCH_BITS}:1500:0.4 --dead {2 * STRETCH_BITS - 1500}:1490 "
                 "--noise 0.02", 2),
                (f"--dead {STRETCH_BITS - 30000}:{STRETCH_BITS + 60000}", 1),
                ("--random-dead 20:300 --random-slips 3", 20),
                (f"--dead 0:{STRETCH_BITS + 20000}", None)):
            with self.subTest(options):
                (report,), _ = self.same(QSGMII + "--duration-us 185 " + options)
                if losses is not None:
                    self.assertEqual(report["signal_losses"], losses)

    def test_wander(self):
        for options in ("--wander 0.4:1e5", "--wander 1:1e5", "--ac-coupling 1e5 --noise 0.03"):
            with self.subTest(options):
                self.same(SGMII + options)

    def test_equalizer(self):
        """In two ways alone: to find an equalizer takes long."""
        (report,), _ = self.same(FOUR + "--bandwidth 0.14 --noise 0.002",
                                 ways=("--threads 1", "--cpu c --threads 3"))
        self.assertTrue(report["signal"]["equalizer"])

    def test_legs(self):
        line = SGMII + "--legs --leg-skew-ps 150 --noise 0.02 "
        reports, _ = self.same(line, "--channel 1 --channel-neg 2", "record.bin")
        self.assertEqual(len(reports), 1)

    def test_two_channels(self):
        line = SGMII + "--legs --noise 0.02 --rj-ps 20 "
        reports, _ = self.same(line, "--channel 1 --channel 2", "record.bin")
        self.assertEqual(len(reports), 2)

    def test_wrong_numbers(self):
        path, _, _ = self.generate("--link sgmii --speeds 1000 --sample-rate 5e9 --duration-us 20")
        for value in ("0", "-1", "257", "x", "2x", "1.5", "", " 2", "99999999999999999999"):
            with self.subTest(value):
                result = run(SCOPEDUMP, path, "--threads", value)
                self.assertEqual((result.returncode, result.stdout), (USAGE_FAULT, ""))
                self.assertRegex(result.stderr, r"\A[^\n]*--threads[^\n]*[.!?]\n\Z")
        result = run(SCOPEDUMP, path, "--threads")
        self.assertEqual((result.returncode, result.stdout), (USAGE_FAULT, ""))
        self.assertRegex(result.stderr, r"\A[^\n]+[.!?]\n\Z")
        for value in ("1", "256"):
            self.decode_bytes(path, f"--threads {value}")


if __name__ == "__main__":
    unittest.main()
