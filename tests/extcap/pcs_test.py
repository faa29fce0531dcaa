# SPDX-License-Identifier: GPL-2.0-or-later
"""Clause 36 and 37 through the whole path: preambles and gaps of any length, short and long frames,
low-power idle, configuration once more."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import truth
from truth import TruthTest

QSGMII = "--speeds 1000,100,10,1000 --sample-rate 25e9 --duration-us 120 --config-us 1 "
SGMII = "--link sgmii --sample-rate 6.25e9 --duration-us 60 --config-us 2 "
BASE_X = "--link 1000base-x --sample-rate 6.25e9 --duration-us 60 --config-us 2 "
NO_SFD = 3  # how such a frame began


class FrameTest(TruthTest):
    def test_preambles_of_any_length(self):
        for octets in (1, 2, 3, 6, 8, 13, 21):
            self.check_all([
                QSGMII + f"--frame-size 64:70 --preamble {octets}",
                SGMII + f"--speeds 1000 --frame-size 64:90 --preamble {octets}",
            ])

    def test_no_preamble(self):
        """/S/ alone before the destination address: the FCS tells that the frame begins there."""
        for line in (QSGMII, SGMII + "--speeds 100 ", BASE_X):
            path, books, made = self.generate(line + "--frame-size 64:90 --preamble 0")
            decoded, _ = self.decode(path)
            wanted = [(f["lane"], f["octets"]) for f in books["frames"] if f["cut"] == "none"]
            found = [(f.lane, f.octets.hex()) for f in decoded.frames if not f.cut]
            self.assertEqual(sorted(found), sorted(wanted), made)
            for frame in decoded.frames:
                if not frame.cut: # of copies of the SFD /S/ takes the place of one alone
                    begin = NO_SFD if frame.speed == 1000 else truth.BEGIN_S
                    self.assertEqual((frame.begin, frame.symbol_errors), (begin, 0), made)

    def test_gaps_of_one_to_twelve_octets(self):
        for gap in (1, 2, 3, 4, 5, 8, 12):
            self.check_all([
                QSGMII + f"--frame-size 64:70 --gap {gap}",
                BASE_X + f"--frame-size 64:90 --gap {gap}",
            ])
        self.check_all([
            QSGMII + "--frame-size 64:90 --gap 1:12 --noise 0.05",
            QSGMII + "--frame-size 64:90 --gap 1:12 --skip-bits 100003 --rd lane",
            SGMII + "--speeds 100 --frame-size 64:70 --gap 1:12",
        ])

    def test_runts_and_giants(self):
        self.check_all([
            QSGMII + "--frame-size 18:30 --duration-us 119",
            BASE_X + "--frame-size 18:63 --gap 1:12",
            BASE_X + "--duration-us 300 --frame-size 16000",
            SGMII + "--speeds 1000 --duration-us 150 --frame-size 16000 --skip-bits 30000",
        ])


class LowPowerTest(TruthTest):
    def test_low_power_idle(self):
        self.check_all([
            QSGMII + "--frame-size 64:90 --low-power 0:3:10 --low-power 1:0:4 --low-power 3:5:0.1",
            BASE_X + "--frame-size 64:200 --low-power 0:2:30 --invert",
            SGMII + "--speeds 1000 --frame-size 64:200 --low-power 0:1:5 --low-power 0:4:0.02",
        ])

    def test_in_the_report(self):
        books, decoded = self.check(BASE_X + "--frame-size 64:200 --low-power 0:2:20")
        lane = decoded.report["lanes"][0]
        low_power = books["low_power"][0]
        self.assertAlmostEqual(lane["state_ps"]["low-power idle"],
                               low_power["to_ps"] - low_power["from_ps"], delta=50e3)
        states = [s["state"] for s in lane["states"]]
        self.assertEqual(states[-3:], ["idle", "low-power idle", "idle"])


class ConfigurationTest(TruthTest):
    def test_configuration_once_more(self):
        for line, again in ((QSGMII + "--frame-size 64:90 --config-again 0:4 --config-again 1:1",
                             {0, 1}),
                            (BASE_X + "--frame-size 64:200 --config-again 0:3", {0}),
                            (SGMII + "--speeds 100 --config-again 0:0 --frame-size 64:90", {0})):
            with self.subTest(line):
                books, decoded = self.check(line, restarts=again)
                for number, lane in enumerate(decoded.report["lanes"]):
                    runs = [c["word"] for c in books["lanes"][number]["config"]]
                    self.assertEqual(len(runs), 4 if number in again else 2, line)
                    self.assertTrue(lane["acknowledged"], line)
                ups = [e for e in decoded.events if e.kind == truth.IDLE]
                self.assertEqual(len(ups), len(decoded.report["lanes"]) + len(again), line)
                for number in again:
                    self.assertIn(f"On lane {number} the configuration starts again 1 time.",
                                  decoded.report["verdict"])


if __name__ == "__main__":
    unittest.main()
