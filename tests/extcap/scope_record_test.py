# SPDX-License-Identifier: GPL-2.0-or-later
"""A real record of a 1000BASE-X pair, two single-ended channels, against what another decoder found
in it. The folder is no part of the project: SCOPEDUMP_SCOPE_FILES names it."""

import array
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import truth
from truth import TruthTest, fcs_good

SCOPE_FILES = os.environ.get("SCOPEDUMP_SCOPE_FILES", "")
POSITIVE, NEGATIVE = "1000base-x/C1.f32", "1000base-x/C2.f32"
RATE = 20e9
SAMPLE_PS = 50
SKEW_PS = -28.9  # of C2 against C1: the mean distance of their crossings, rising and falling
BIT_PS = 800


class ScopeRecordTest(TruthTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = pathlib.Path(SCOPE_FILES)
        manifest = json.loads((folder / "MANIFEST.json").read_text())
        cls.known = next(f["decoded"] for f in manifest["files"] if f["file"] == POSITIVE)
        cls.positive, cls.negative = folder / POSITIVE, folder / NEGATIVE

    def compare(self, path, options, polarity, skew_ps=0, every=1, first=0):
        """skew_ps: what the leg that times count by may be off against the crossing of both; every,
        first: which of its samples are there"""
        decoded, read = self.decode(
            path, f"--events --sample-format f32 --sample-rate {RATE / every:.17g} {options}")
        report, known = decoded.report, self.known["frames"][0]
        self.assertEqual(report["link"], "1000BASE-X", read)
        self.assertEqual(report["signal"]["polarity"], polarity, read)
        # The places of the first and the last bit make it: few samples, less certain places.
        ppm = 1 if every == 1 else 3
        self.assertAlmostEqual(report["baud"] / self.known["measured_baud"], 1, delta=ppm * 1e-6)
        self.assertAlmostEqual(report["baud_ppm"], self.known["offset_ppm"], delta=ppm)
        self.assertEqual(report["invalid_code_groups"], 0, read)
        self.assertEqual(report["disparity_errors"], 0, read)
        self.assertLessEqual(abs(report["bits"] - self.known["bits"]), 2, read)
        self.assertLessEqual(abs(report["code_groups"] - self.known["code_groups"]), 1, read)
        self.assertEqual(report["commas"], self.known["control_groups"]["K28.5"], read)
        self.assertEqual((report["slips"], report["signal_losses"]), (0, 0), read)
        self.assertIn("Nothing is wrong: 1 frames", report["verdict"])
        self.assertEqual(len(decoded.frames), 1, read)

        frame = decoded.frames[0]
        self.assertEqual(frame.octets.hex(), known["frame_hex"], read)
        self.assertEqual(len(frame.octets), known["frame_octets_with_fcs"])
        self.assertTrue(fcs_good(frame.octets))
        self.assertEqual(frame.flags, truth.FCS_LENGTH)
        self.assertEqual((frame.lane, frame.speed, frame.symbol_errors, frame.hits),
                         (0, 1000, 0, []))
        start = known["start_of_S_at_sample"]
        most = BIT_PS / 2 + skew_ps
        begin_ps = (start - first) * SAMPLE_PS
        self.assertLessEqual(abs(frame.sample * SAMPLE_PS * every - begin_ps), most, read)
        self.assertLessEqual(abs(frame.time_ps - begin_ps), most, read)
        octets = known["octets_after_S_before_T"] + 1
        duration = octets * 10 * 1e12 / self.known["measured_baud"]
        self.assertLessEqual(abs(frame.duration_ps - duration), BIT_PS, read)
        self.assertEqual(frame.preamble, len(known["preamble_and_sfd_hex"]) // 2)
        self.assertFalse(frame.cut)
        self.assertEqual(frame.end, truth.END_T)
        errors = [e for e in decoded.events if e.kind not in truth.HARMLESS_EVENTS]
        self.assertEqual(errors, [])
        self.assertIsNone(report["record_fault"], read)
        return report

    def test_difference_of_both_legs(self):
        report = self.compare(self.positive, f"--file-neg {self.negative}", "normal")
        self.assertAlmostEqual(report["skew_ps"], SKEW_PS, delta=2)
        self.assertGreater(report["leg_likeness"], 0.95)

    def test_legs_swapped(self):
        report = self.compare(self.negative, f"--file-neg {self.positive}", "inverted", SAMPLE_PS)
        self.assertAlmostEqual(report["skew_ps"], -SKEW_PS, delta=2)

    def test_one_leg(self):
        self.compare(self.positive, "", "normal", SAMPLE_PS)
        self.compare(self.negative, "", "inverted", SAMPLE_PS)

    def test_fewer_samples(self):
        """8, 4 and 2.67 samples per bit, wherever the first one lies."""
        for every in (2, 4, 6):
            for first in range(every):
                legs = []
                for leg in (self.positive, self.negative):
                    samples = array.array("f", leg.read_bytes())[first::every]
                    legs.append(pathlib.Path(self.path(f"{leg.stem}-{every}-{first}.f32")))
                    legs[-1].write_bytes(samples.tobytes())
                rows = [(legs[0], f"--file-neg {legs[1]}", "normal"),
                        (legs[1], f"--file-neg {legs[0]}", "inverted"),
                        (legs[0], "", "normal"), (legs[1], "", "inverted")]
                for path, options, polarity in rows if first == 0 else rows[:1]:
                    with self.subTest(every=every, first=first, polarity=polarity):
                        self.compare(path, options, polarity, SAMPLE_PS, every, first)

    def test_link_and_baud_given(self):
        self.compare(self.positive, f"--file-neg {self.negative} --link 1000base-x", "normal")
        self.compare(self.positive, f"--file-neg {self.negative} --baud 1.25e9", "normal")


if __name__ == "__main__":
    if not SCOPE_FILES:
        sys.exit("Skipped: there are no real records, SCOPEDUMP_SCOPE_FILES is empty")
    unittest.main()
