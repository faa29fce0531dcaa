# SPDX-License-Identifier: GPL-2.0-or-later
"""SGMII, 1000BASE-X and 2500BASE-X from samples to tshark; and how the speed was found."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import TruthTest

REAL = " --rj-ps 5 --noise 0.02"
FROM_LINK, FROM_OPTION, FROM_CONFIG, FROM_DATA, AGREED, DISAGREES = range(6)

SGMII_1000 = "--link sgmii --speeds 1000 --sample-rate 6.25e9 --duration-us 40 --config-us 4"
SGMII_100 = "--link sgmii --speeds 100 --sample-rate 6.25e9 --duration-us 80 --config-us 4"
SGMII_10 = ("--link sgmii --speeds 10 --sample-rate 6.25e9 --duration-us 400 --config-us 4 "
            "--frame-size 64:90")
BASE_X = "--link 1000base-x --sample-rate 6.25e9 --duration-us 40 --config-us 4"
BASE_X_2500 = "--link 2500base-x --sample-rate 12.5e9 --duration-us 30 --config-us 2"
QSGMII = ("--speeds 1000,100,10,1000 --sample-rate 25e9 --duration-us 200 --frame-size 64:90 "
          "--config-us 1 ")


class SingleLaneTest(TruthTest):
    def test_links_and_speeds(self):
        self.check_all([
            SGMII_1000, SGMII_100, SGMII_10, BASE_X, BASE_X_2500,
            SGMII_1000 + REAL, SGMII_100 + REAL + " --invert --ppm 100",
            BASE_X + REAL + " --invert --ppm -100", BASE_X_2500 + " --noise 0.02 --rj-ps 3",
            BASE_X.replace("6.25e9", "20e9"), BASE_X.replace("6.25e9", "3.2e9"),
            BASE_X_2500.replace("12.5e9", "40e9") + " --invert",
        ])

    def test_begin_in_mid_frame(self):
        self.check_all([
            SGMII_1000 + " --skip-bits 20007", SGMII_100 + " --skip-bits 40011 --invert",
            SGMII_10 + " --skip-bits 100001.5", BASE_X + " --skip-bits 15555",
            BASE_X_2500 + " --skip-bits 23232",
        ])


class SpeedTest(TruthTest):
    def speeds(self, generate, source, decode="--events", kinds=None):
        """All whole frames have the speed of the truth, found in the given way."""
        with self.subTest(generate):
            truth, decoded = self.check(generate, decode)
            whole = [f for f in decoded.frames if not f.cut]
            self.assertTrue(whole, generate)
            for frame in whole:
                self.assertIn(frame.speed_source, source, f"{generate}: {frame}")
            return truth, decoded

    def test_config_and_data_agree(self):
        self.speeds(QSGMII, {AGREED})
        self.speeds(SGMII_10, {AGREED})

    def test_no_config(self):
        self.speeds(QSGMII + "--config none", {FROM_DATA})
        self.speeds(SGMII_100.replace("--config-us 4", "--config none"), {FROM_DATA})

    def test_one_speed(self):
        self.speeds(BASE_X_2500, {FROM_LINK})

    def test_given_by_the_user(self):
        line = SGMII_100.replace("--config-us 4", "--config none")
        self.speeds(line, {FROM_OPTION}, "--events --speed 100")

    def test_config_reg_that_lies(self):
        _, decoded = self.speeds(SGMII_100 + " --config-speed 0:1000", {DISAGREES})
        lane = decoded.report["lanes"][0]
        self.assertEqual((lane["speed_from_data"], lane["speed_from_config"],
                          lane["speeds_disagree"]), (100, 1000, True))
        self.assertIn("config_reg says 1000 Mb/s", decoded.report["verdict"])
        truth, decoded = self.check(QSGMII + "--config-speed 0:10 --config-speed 2:1000")
        for frame in decoded.frames:
            if not frame.cut:
                lies = frame.lane in (0, 2)
                self.assertEqual(frame.speed_source, DISAGREES if lies else AGREED, str(frame))


class IdleTest(TruthTest):
    def test_idle_alone(self):
        for line in (SGMII_1000, BASE_X, BASE_X_2500):
            with self.subTest(line):
                _, decoded = self.check(line + " --idle-lane 0")
                self.assertEqual(decoded.frames, [])
                self.assertIn("Nothing is wrong", decoded.report["verdict"])


if __name__ == "__main__":
    unittest.main()
