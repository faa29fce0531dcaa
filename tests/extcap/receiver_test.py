# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals as probes see them: an ideal sampler, or one behind a channel that lets no sampler read the
line, would still tell every bit; so every frame must come out, and not one error be invented."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import TruthTest

LINE = "--speeds 1000,100,1000,1000 --duration-us 30 --frame-size 64:200 --config-us 1 "
FIVE = LINE + "--sample-rate 25e9 "  # samples per bit
SPREAD = 5000  # ppm


class ReceiverTest(TruthTest):
    def test_samples_per_bit(self):
        self.check_all([
            LINE + f"--sample-rate {rate:g}"
            for rate in (11e9, 11.1e9, 12.5e9, 13.7e9, 16e9, 20e9, 33.3e9, 80e9)
        ] + [
            LINE + "--sample-rate 11e9 --bandwidth 0.6 --noise 0.03",
            LINE + "--sample-rate 11e9 --bandwidth 0.35",
            LINE + "--sample-rate 11e9 --rj-ps 5 --ppm -300",
            LINE + "--duration-us 8 --sample-rate 2e12",
        ])

    def test_jitter_and_noise(self):
        self.check_all([
            FIVE + "--rj-ps 15",
            FIVE + "--noise 0.1",
            FIVE + "--noise 0.06 --rj-ps 8 --bandwidth 0.7",
        ])
        self.check_all([
            FIVE + "--sj 5:1e5",
            FIVE + "--sj 1:2e6",
            FIVE + "--sj 0.4:5e6",
            FIVE + "--sj 0.45:3e7",
            FIVE + "--sj 0.4:5e6 --noise 0.05 --rj-ps 5",
        ], aside_bits=5, ppm=50)

    def test_clock(self):
        self.check_all([FIVE + "--ppm 500", FIVE + "--ppm -500 --invert"])
        self.check_all([
            FIVE + "--ssc 5000:33e3",
            FIVE + "--ssc 5000:33e3 --ppm -300 --noise 0.05 --rj-ps 5",
        ], ppm=SPREAD)

    def test_bent(self):
        self.check_all([
            FIVE + "--dcd-ps 90",
            FIVE + "--dcd-ps -90 --noise 0.03",
            FIVE + "--dcd-ps 170",
            FIVE + "--wander 0.4:1e5",
            FIVE + "--wander 0.4:1e6 --noise 0.05",
            FIVE + "--wander 1:1e5",
            FIVE + "--ac-coupling 1e8",
            FIVE + "--wander 0.5:1e6 --dcd-ps 60 --invert",
        ])

    def test_closed_eye(self):
        """No sampler reads these; the equalizer opens the eye."""
        for options in ("--bandwidth 0.16", "--bandwidth 0.12", "--bandwidth 0.13 --invert --ppm 200",
                        "--bandwidth 0.15 --noise 0.005", "--pole 0.12 --noise 0.01",
                        "--echo 0.7:4.5 --noise 0.02",
                        "--bandwidth 0.2 --echo 0.4:2.6",
                        "--bandwidth 0.14 --sample-format s8",
                        "--bandwidth 0.14 --sample-rate 12.5e9",
                        "--bandwidth 0.14 --sample-rate 100e9"):
            with self.subTest(options):
                _, decoded = self.check(FIVE + options, aside_bits=1)
                self.assertTrue(decoded.report["signal"]["equalizer"], options)
        _, decoded = self.check(FIVE + "--noise 0.05")
        self.assertFalse(decoded.report["signal"]["equalizer"])

    def test_all_at_once(self):
        self.check_all([
            FIVE + "--bandwidth 0.6 --dcd-ps 30 --rj-ps 5 --noise 0.03 --ppm 100 --invert "
                   "--wander 0.2:1e6 --ssc 5000:33e3",
        ], ppm=SPREAD)
        self.check_all([
            FIVE + "--skip-bits 60007.3 --noise 0.05 --bandwidth 0.3 --sj 0.2:2e6 "
                   "--sample-format s8",
        ])

    def test_short_segments(self):
        """Each locks on its own: whole frames of 720 and 2,880 bits come out of segments of 2,000
        and 10,000 bits, wherever they lie; of 3,500 bits, the pieces."""
        single = "--link 1000base-x --frame-size 64 --config none --sample-rate 6.25e9 "
        four = "--frame-size 64:70 --config none --sample-rate 25e9 --segments 20 "
        self.check_all([
            single + "--segments 40 --duration-us 1.6",
            single + "--segments 40 --duration-us 1.6 --invert --noise 0.05",
            four + "--duration-us 2",
            four + "--duration-us 2 --rd lane --invert --noise 0.05 --rj-ps 5",
            four + "--duration-us 0.7",
        ])

    def test_other_links(self):
        self.check_all([
            "--link sgmii --duration-us 60 --frame-size 64:200 --sample-rate 2.75e9 --noise 0.03",
            "--link sgmii --speeds 100 --duration-us 200 --frame-size 64:200 --config-us 2 "
            "--sample-rate 6.25e9 --bandwidth 0.14",
            "--link 1000base-x --duration-us 60 --frame-size 64:200 --sample-rate 6.25e9 "
            "--wander 0.5:1e5 --rj-ps 40",
        ])


if __name__ == "__main__":
    unittest.main()
