# SPDX-License-Identifier: GPL-2.0-or-later
"""Links that do not work as they should: the end of the report says in a sentence what is wrong."""

import json
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import TruthTest, NO_LOCK, SCOPEDUMP, run

QSGMII = ("--speeds 1000,100,10,1000 --sample-rate 25e9 --duration-us 60 --frame-size 64:120 "
          "--config-us 1 ")
BASE_X = "--link 1000base-x --sample-rate 6.25e9 --duration-us 60 --frame-size 64:120 "
GOOD = "Nothing is wrong"


class LinkFaultTest(TruthTest):
    def verdict(self, generate, options="", **tolerances):
        """Of a record that is otherwise decoded as the truth has it."""
        _, decoded = self.check(generate, f"--events {options}", **tolerances)
        return decoded.report["verdict"], decoded.report

    def unchecked(self, generate):
        path, books, _ = self.generate(generate)
        decoded, _ = self.decode(path, "--events")
        return decoded.report["verdict"], decoded.report, books

    def test_nothing(self):
        for line in (QSGMII, BASE_X):
            verdict, _ = self.verdict(line)
            self.assertRegex(verdict, rf"^{GOOD}: \d+ frames, no symbol error\.$")

    def test_no_k28_1(self):
        verdict, report, _ = self.unchecked(QSGMII + "--no-k28-1")
        self.assertIn("There is no K28.1: the line is not QSGMII, or its lane marking is broken",
                      verdict)
        self.assertFalse(report["lane_order_sure"])
        self.assertEqual(report["link_runner_up"], "another link of this baud")

    def test_inverted(self):
        for line in (QSGMII, BASE_X):
            verdict, report = self.verdict(line + "--invert")
            self.assertIn("The polarity is inverted: P and N are swapped", verdict)
            self.assertTrue(report["signal"]["polarity_sure"])

    def test_speed_disagrees(self):
        verdict, _ = self.verdict(QSGMII + "--config-speed 1:1000")
        self.assertIn("On lane 1 the config_reg says 1000 Mb/s, but the frames are sent at "
                      "100 Mb/s.", verdict)

    def test_never_acknowledged(self):
        """In configuration to the end; and with idle and frames behind it all the same."""
        for line in (QSGMII + "--config-us 100", QSGMII, BASE_X + "--config-us 100", BASE_X):
            with self.subTest(line):
                verdict, report, books = self.unchecked(line + " --no-acknowledge")
                for lane in range(len(books["lanes"])):
                    self.assertIn(f"On lane {lane} the configuration is never acknowledged.",
                                  verdict)
                    self.assertFalse(report["lanes"][lane]["acknowledged"])

    def test_restarts(self):
        verdict, report = self.verdict(QSGMII + "--config-again 3:4", restarts={3})
        self.assertIn("On lane 3 the configuration starts again 1 time.", verdict)
        self.assertEqual([lane["restarts"] for lane in report["lanes"]], [0, 0, 0, 1])

    def test_one_lane_dead(self):
        for octet in (0x00, 0x4A, 0xB5):
            verdict, _, _ = self.unchecked(QSGMII + f"--dead-lane 2:{octet}")
            self.assertIn(f"Lane 2 is dead: it sends 0x{octet:02X} all the time.", verdict)
        verdict, _, _ = self.unchecked(QSGMII + "--dead-lane 1:0 --dead-lane 3:255")
        self.assertIn("Lane 1 is dead", verdict)
        self.assertIn("Lane 3 is dead", verdict)

    def test_a_long_frame_is_no_dead_lane(self):
        verdict, _ = self.verdict(QSGMII + "--duration-us 40 --frame-size 1518 --skip-bits 150000")
        self.assertTrue(verdict.startswith(GOOD), verdict)

    def flips(self, line, bits):
        return line + " ".join(f"--flip {bit}" for bit in bits)

    def bits_at(self, line, level):
        """Some bits of a record, far from one another, at which the line is high or low."""
        _, books, _ = self.generate(line)
        ideal = books["ideal"]
        text = bin(int("1" + ideal["hex"], 16))[3:][:ideal["bits"]]
        chance = random.Random(7)
        places = range(30000, len(text) - 6000, 9000)
        return [text.index("1" if level == "high" else "0", at + chance.randrange(4000))
                for at in places]

    def test_errors_at_one_level(self):
        for line in (QSGMII, QSGMII + "--rd lane ", QSGMII + "--invert ",
                     BASE_X + "--duration-us 250 "):
            for level, other in (("low", "high"), ("high", "low")):
                with self.subTest(line=line, level=level):
                    bits = self.bits_at(line, level)
                    self.assertGreater(len(bits), 20)
                    verdict, report = self.verdict(self.flips(line, bits))
                    self.assertIn(f"The errors hit the {level} level alone: it was read as {other}",
                                  verdict)
                    self.assertEqual(report[f"{other}_level_hit"], 0)
                    self.assertGreaterEqual(report[f"{level}_level_hit"], len(bits) * 0.9)
                    self.assertNotIn("periodic", verdict)

    def test_errors_at_both_levels(self):
        verdict, report = self.verdict(QSGMII + "--random-flips 25")
        self.assertNotIn("level", verdict)
        self.assertNotIn("periodic", verdict)
        self.assertGreaterEqual(report["low_level_hit"] + report["high_level_hit"], 23)

    def test_periodic_errors(self):
        """Every so many bits, now and then none."""
        for line, period, baud in ((QSGMII, 12345, 5e9), (QSGMII + "--rd lane --invert ", 20011, 5e9),
                                   (BASE_X + "--duration-us 150 ", 7777, 1.25e9)):
            with self.subTest(line):
                length = int(float(line.split("--duration-us ")[-1].split()[0]) * 1e-6 * baud)
                bits = [at for i, at in enumerate(range(30000, length - 1000, period))
                        if i % 5 != 3]
                self.assertGreater(len(bits), 8)
                verdict, report = self.verdict(self.flips(line, bits))
                self.assertIn("The errors are periodic: they come every", verdict)
                self.assertAlmostEqual(report["error_period_ps"], period / baud * 1e12,
                                       delta=period / baud * 1e9)

    def test_no_link_at_all(self):
        path = self.path("flat.f32")
        path.write_bytes(bytes(4 * 100000))
        report = self.path("flat.json")
        result = run(SCOPEDUMP, path, "--sample-format", "f32", "--sample-rate", "25e9", "--json",
                     report)
        self.assertEqual(result.returncode, NO_LOCK)
        self.assertIn("There is no signal", json.loads(report.read_text())["verdict"])


class UnsureTest(TruthTest):
    """A choice that the record does not settle is told with what else it may be."""

    def test_sgmii_or_1000base_x(self):
        _, decoded = self.check("--link sgmii --speeds 1000 --config none --sample-rate 6.25e9 "
                                "--duration-us 30")
        self.assertEqual((decoded.report["link"], decoded.report["link_sure"],
                          decoded.report["link_runner_up"]), ("1000BASE-X", False, "SGMII"))

    def test_all_sure(self):
        _, decoded = self.check(QSGMII)
        report = decoded.report
        self.assertTrue(report["link_sure"] and report["signal"]["polarity_sure"] and
                        report["disparity_rule_sure"] and report["lane_order_sure"])
        self.assertIsNone(report["link_runner_up"])
        self.assertIsNone(report["signal"]["polarity_runner_up"])
        self.assertIsNone(report["disparity_rule_runner_up"])

    def test_no_ordered_set_tells_the_polarity(self):
        path, _, _ = self.generate("--link 1000base-x --config none --sample-rate 6.25e9 "
                                   "--duration-us 40 --frame-size 9000 --skip-bits 20000")
        decoded, _ = self.decode(path)
        signal = decoded.report["signal"]
        self.assertFalse(signal["polarity_sure"])
        self.assertEqual(signal["polarity_runner_up"], "inverted")
        self.assertIn("polarity and lane numbers are assumed", decoded.report["verdict"])


if __name__ == "__main__":
    unittest.main()
