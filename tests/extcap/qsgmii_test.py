# SPDX-License-Identifier: GPL-2.0-or-later
"""QSGMII from samples to tshark: every frame of every lane, octet for octet."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import TruthTest

MIXED = "--speeds 1000,100,10,1000 "
SHORT = MIXED + "--duration-us 30 --frame-size 64:200 --config-us 1 "
REAL = "--rj-ps 2 --noise 0.02 "


class RateTest(TruthTest):
    def test_rates_and_jitter(self):
        self.check_all([
            MIXED + "--sample-rate 25e9 " + REAL,
            MIXED + "--sample-rate 40e9 " + REAL,
            MIXED + "--sample-rate 50e9 " + REAL,
            SHORT + "--sample-rate 12.5e9",
            SHORT + "--sample-rate 200e9 --sample-format s8",
        ])

    def test_polarity_and_ppm(self):
        self.check_all([
            SHORT + "--sample-rate 25e9 --invert",
            SHORT + "--sample-rate 25e9 --ppm 100",
            SHORT + "--sample-rate 25e9 --ppm -100",
            SHORT + "--sample-rate 40e9 --ppm 100 --invert " + REAL,
            SHORT + "--sample-rate 31.25e9 --ppm -100 --sj 0.05:2e6 " + REAL,
            SHORT + "--sample-rate 50e9 --ppm -100 --invert --offset 1.2 --amplitude 0.3 " + REAL,
        ])

    def test_begin_in_mid_frame(self):
        for skip in (40000, 40003, 60007.25, 91234.5, 123451):
            line = SHORT + f"--sample-rate 25e9 --skip-bits {skip}"
            with self.subTest(line):
                truth, _ = self.check(line)
                self.assertTrue(any(f["cut"] in ("begin", "both") for f in truth["frames"]), line)
        self.check_all([
            SHORT + "--sample-rate 40e9 --skip-bits 77777 --invert --ppm 100 " + REAL,
            SHORT + "--sample-rate 25e9 --skip-bits 55551 --rd lane",
        ])

    def test_disparity_rule(self):
        self.check_all([
            SHORT + "--sample-rate 25e9 --rd lane",
            SHORT + "--sample-rate 25e9 --rd serial",
            SHORT + "--sample-rate 50e9 --rd lane --invert --ppm -100 " + REAL,
        ])

    def test_other_traffic(self):
        self.check_all([
            "--speeds 1000,1000,1000,1000 --sample-rate 25e9 --duration-us 30",
            "--speeds 100,100,100,100 --sample-rate 25e9 --duration-us 60 --frame-size 64:90",
            "--speeds 10,10,10,10 --sample-rate 25e9 --duration-us 200 --frame-size 64:70",
            SHORT + "--sample-rate 25e9 --idle-lane 1",
            SHORT + "--sample-rate 25e9 --gap 5:40",
            SHORT + "--sample-rate 25e9 --preamble 5",
            SHORT + "--sample-rate 25e9 --bad-fcs 0:1 --bad-fcs 3:2 --bad-fcs 1:0",
            SHORT + "--sample-rate 25e9 --frame-size 24:80",
            SHORT + "--sample-rate 25e9 --config none",
            SHORT + "--sample-rate 25e9 --config none --skip-bits 30003",
        ])

    def test_idle_alone(self):
        _, decoded = self.check("--speeds 1000,1000,1000,1000 --sample-rate 25e9 --duration-us 10 "
                                "--idle-lane 0 --idle-lane 1 --idle-lane 2 --idle-lane 3")
        self.assertEqual(decoded.frames, [])

    def test_100_million_samples(self):
        truth, _ = self.check(MIXED + "--samples 100000000 --sample-rate 1e12")
        self.assertGreater(sum(f["cut"] == "none" for f in truth["frames"]), 30)


if __name__ == "__main__":
    unittest.main()
