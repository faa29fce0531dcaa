# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors of the line at known places: each is reported where it is, and nothing else is touched."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
import truth
from truth import Attribution, Comparison, TruthTest

QSGMII = ("--speeds 1000,100,10,1000 --sample-rate 25e9 --duration-us 150 --frame-size 64:90 "
          "--config-us 1 ")
SHORT = ("--speeds 1000,100,100,1000 --sample-rate 25e9 --duration-us 40 --frame-size 64:120 "
         "--config-us 1 ")
SGMII = "--link sgmii --speeds 1000 --sample-rate 6.25e9 --duration-us 30 --config-us 2 "

# LANE:FRAME:OCTET:BIT[:COPY]; OCTET -8 is /S/, -1 the SFD, T the end delimiter
PLACES = (
    "0:1:-8:0", "0:2:-8:9", "0:3:-7:2", "3:1:-4:5", "3:2:-1:0", "0:4:-1:7",
    "0:5:0:3", "0:6:20:6", "3:3:33:9", "3:4:63:1", "0:7:60:8", "0:8:T:0", "3:5:T:6", "0:9:T:9",
    "1:0:-8:4:0", "1:0:-1:2:3", "1:0:10:5:0", "1:1:40:0:9", "1:1:T:3", "1:2:-5:7:5",
    "2:0:-8:1:0", "2:0:-6:3:50", "2:0:-1:9:99", "2:0:0:4:0", "2:0:30:2:77", "2:0:63:5:1",
)


class SingleErrorTest(TruthTest):
    def flipped(self, line):
        """The whole path with one error; the frame that was hit is marked."""
        books, decoded = self.check(line)
        self.assertTrue(books["errors"], line)
        for error in books["errors"]:
            if error["frame"] is None or error["where"] not in ("frame", "preamble", "end"):
                continue
            place = books["frames"][error["frame"]]
            found = [f for f in decoded.frames if f.lane == place["lane"]
                     and abs(f.time_ps - place["start_ps"]) < 100]
            self.assertEqual(len(found), 1, line)
            if books["lanes"][place["lane"]]["speed"] == 1000 and error["where"] == "frame":
                self.assertTrue(found[0].flags & truth.CRC_ERROR, line)
            elif error["where"] == "frame":
                self.assertFalse(found[0].flags & truth.CRC_ERROR, line)
        self.assertTrue(books["violations"], f"{line}: the code shows no error there")
        return books, decoded

    def test_each_place_alone(self):
        for place in PLACES:
            with self.subTest(place):
                self.flipped(QSGMII + f"--flip-at {place}")

    def test_places_with_disparity_per_lane(self):
        for place in PLACES[::3]:
            with self.subTest(place):
                self.flipped(QSGMII + f"--rd lane --flip-at {place}")

    def test_all_places_at_once(self):
        self.flipped(QSGMII + " ".join(f"--flip-at {place}" for place in PLACES))
        self.flipped(QSGMII + "--invert " + " ".join(f"--flip-at {place}" for place in PLACES))

    def test_single_lane(self):
        for place in ("0:1:-8:3", "0:1:-1:4", "0:2:17:5", "0:1:T:1", "0:0:63:8"):
            with self.subTest(place):
                self.flipped(SGMII + f"--flip-at {place}")
                self.flipped(SGMII.replace("1000 ", "100 ").replace("30", "80") +
                             f"--flip-at {place.replace('0:2', '0:1').replace('0:1:', '0:0:')}")

    def test_configuration_and_gap(self):
        # the first microsecond is configuration; frames end and gaps come everywhere behind it
        for bit in (203, 1117, 2222, 3500, 4001):
            with self.subTest(bit):
                self.flipped(SHORT + f"--flip {bit}")
        idle = QSGMII + "--idle-lane 0 --idle-lane 1 --idle-lane 2 --idle-lane 3 "
        for bit in (20000, 20013, 30021, 40034, 50047, 60058, 70069):
            with self.subTest(bit):
                self.flipped(idle + f"--flip {bit}")

    def test_invalid_code_groups(self):
        for group in (1000, 1001, 1502, 2003, 7777, 12345):
            with self.subTest(group):
                self.flipped(SHORT + f"--invalid {group}")


class ManyErrorsTest(TruthTest):
    def test_random_flips(self):
        for seed in range(1, 13):
            rule = "lane" if seed % 3 == 0 else "serial"
            self.check_all([SHORT + f"--random-flips 20 --seed {seed} --rd {rule}"])
        for seed in range(1, 5):
            self.check_all([
                QSGMII + f"--random-flips 60 --seed {seed} --noise 0.02 --rj-ps 2",
                SGMII + f"--random-flips 8 --seed {seed}",
                "--link 2500base-x --sample-rate 12.5e9 --duration-us 30 --random-flips 12 "
                f"--seed {seed}",
            ])

    def test_bad_fcs_is_no_symbol_error(self):
        _, decoded = self.check(QSGMII + "--bad-fcs 0:3 --bad-fcs 1:0 --bad-fcs 2:0")
        bad = [f for f in decoded.frames if f.flags & truth.CRC_ERROR and not f.cut]
        self.assertEqual(sorted((f.lane, f.symbol_errors) for f in bad), [(0, 0), (1, 0), (2, 0)])
        self.assertIn("bad FCS", decoded.report["verdict"])


class AttributionTest(TruthTest):
    """A bit error that makes another valid code-group is told where it hit, not where the disparity
    shows it, if the lane or the FCS tells; otherwise it is said that it may have hit another."""

    def attributed(self, line):
        path, books, made = self.generate(line)
        decoded, _ = self.decode(path, "--events")
        comparison = Comparison(books, decoded)
        self.assertEqual(comparison.run(), [], made)
        self.assertEqual(len(comparison.violations), len(books["errors"]), made)
        return comparison.attribution, decoded

    def test_where_all_is_told(self):
        """On a single lane, and with a disparity of each lane's own: the FCS sees all candidates."""
        for line in ("--link 1000base-x --sample-rate 6.25e9 --duration-us 200 --frame-size 64:90 "
                     "--random-flips 50",
                     SHORT.replace("100,100", "1000,1000") + "--rd lane --random-flips 25",
                     "--link sgmii --speeds 100 --sample-rate 6.25e9 --duration-us 200 "
                     "--frame-size 64:90 --random-flips 40"):
            with self.subTest(line):
                attribution, decoded = self.attributed(line)
                self.assertGreater(attribution.in_place, 10)
                self.assertLessEqual(attribution.noticed, 1)
                unsure = sum(lane["symbol_errors_unsure"] for lane in decoded.report["lanes"])
                self.assertLessEqual(unsure, 2)

    def test_serial_disparity(self):
        """Of four lanes most; the others are said to be uncertain."""
        in_place = noticed = frames_said = 0
        for seed in range(1, 4):
            attribution, decoded = self.attributed(SHORT + f"--random-flips 25 --seed {seed}")
            in_place += attribution.in_place
            noticed += attribution.noticed
            said = sum(Attribution.UNSURE in frame.packet.options.get(pcapng_reader.OPT_COMMENT, b"")
                       for frame in decoded.frames)
            unsure = sum(lane["symbol_errors_unsure"] for lane in decoded.report["lanes"])
            self.assertLessEqual(attribution.noticed, unsure)
            self.assertLessEqual(said, unsure)
            frames_said += said
        self.assertGreater(frames_said, 0)
        self.assertGreater(in_place, 5 * noticed)


class BrokenLineTest(TruthTest):
    """A slip or a dead stretch: what it does not touch is delivered whole."""

    def broken(self, line, bit, length, kind, before_ps, behind_ps):
        """The frames that end before_ps before the place or begin behind_ps behind it are right."""
        with self.subTest(line):
            def damaged(books):
                bit_ps = 1e12 / books["baud"]
                return 0, bit * bit_ps - before_ps, (bit + length) * bit_ps + behind_ps

            books, decoded = self.check(line, damaged=damaged)
            near = [e for e in decoded.events if e.kind == kind]
            self.assertTrue(near, f"{line}: no event of kind {kind}")
            low, high = damaged(books)[1:]
            for event in near:
                self.assertTrue(low <= event.time_ps <= high,
                                f"{line}: event of kind {kind} at {event.time_ps} ps, "
                                f"not from {low:.0f} to {high:.0f}")
            behind = [f for f in books["frames"] if f["start_ps"] > high and f["cut"] == "none"]
            self.assertTrue(behind, line)
            return books, decoded, near

    def test_slip(self):
        for bits in ("+1", "-1"):
            for bit in (40000, 60007, 100003):
                _, decoded, events = self.broken(SHORT + f"--slip {bit}:{bits}", bit, 1,
                                                 truth.BIT_SLIP, 60e3, 60e3)
                self.assertEqual([e.value for e in events], [int(bits) & 0xFFFFFFFF],
                                 f"{SHORT} --slip {bit}:{bits}")
                self.assertEqual(decoded.report["slips"], 1)

    def test_slip_of_a_single_lane(self):
        for bits in ("+1", "-1"):
            self.broken(SGMII + f"--frame-size 64:200 --slip 15003:{bits}", 15003, 1,
                        truth.BIT_SLIP, 240e3, 240e3)

    def test_slips_close_together(self):
        """Between the two no comma need tell: the code-groups do."""
        for line, bit, distance, values in (
                (SHORT, 60000, 4010, (1, -1)), (SHORT, 80003, 1000, (-1, 1)),
                (SHORT, 100000, 500, (1, 1)), (SGMII + "--frame-size 1000 ", 15003, 4010, (1, -1))):
            slips = [f"--slip {bit}:{values[0]:+d}", f"--slip {bit + distance}:{values[1]:+d}"]
            _, decoded, events = self.broken(line + " ".join(slips), bit, distance, truth.BIT_SLIP,
                                             240e3, 240e3)
            self.assertEqual([e.value for e in events], [v & 0xFFFFFFFF for v in values], line)
            self.assertEqual(decoded.report["slips"], 2, line)

    def test_slips_cost_the_frames_that_they_hit(self):
        slips = lost = 0
        for seed in range(1, 5):
            for line in (SHORT, SHORT.replace("100,100", "1000,1000")):
                path, books, made = self.generate(line + f"--random-slips 8 --seed {seed}")
                decoded, _ = self.decode(path, "--events")
                found = [e for e in decoded.events if e.kind == truth.BIT_SLIP]
                self.assertEqual(len(found), len(books["errors"]), made)
                for event, error in zip(found, books["errors"], strict=True):
                    self.assertAlmostEqual(event.time_ps, error["ps"], delta=100e3, msg=made)
                hit = {e["frame"] for e in books["errors"] if e["where"] != "gap"}
                delivered = [(f.lane, f.octets.hex()) for f in decoded.frames]
                lost += sum((f["lane"], f["octets"]) not in delivered
                            for i, f in enumerate(books["frames"])
                            if f["cut"] == "none" and i not in hit)
                slips += len(found)
        self.assertLessEqual(lost, slips // 10)

    def test_dead_stretch(self):
        """The lock is there again within 300 bits."""
        for length in (300, 2000, 5000):
            self.broken(SHORT + f"--dead 60000:{length}", 60000, length, truth.SIGNAL_LOST,
                        20e3, 60e3)
        self.broken(SHORT + "--ppm 100 --dead 60000:5000:0.4", 60000, 5000, truth.SIGNAL_LOST,
                    20e3, 60e3)
        self.broken(SGMII + "--frame-size 64:200 --dead 15000:2000", 15000, 2000,
                    truth.SIGNAL_LOST, 80e3, 240e3)

    def test_dead_stretch_behind_a_frame(self):
        """Of a frame whose FCS was received nothing is lost with its /T/R/."""
        _, books, _ = self.generate(SHORT)
        for speed in (1000, 100):
            lanes = [lane for lane in range(4) if books["lanes"][lane]["speed"] == speed]
            frame = [f for f in books["frames"] if f["lane"] in lanes and f["cut"] == "none"][4]
            bit = round(frame["end_ps"] * books["baud"] * 1e-12)
            for line in (f"--dead {bit}:1000", f"--dead {bit + 28}:300 --noise 0.05",
                         f"--dead {bit + 41}:5000", f"--dead {bit + 64}:5000:0.4"):
                with self.subTest(line, speed=speed):
                    path, _, made = self.generate(SHORT + line)
                    decoded, _ = self.decode(path)
                    found = [f for f in decoded.frames if f.lane == frame["lane"]
                             and abs(f.time_ps - frame["start_ps"]) < 100]
                    self.assertEqual([f.octets.hex() for f in found], [frame["octets"]], made)
                    self.assertFalse(found[0].flags & truth.CRC_ERROR, made)
                    self.assertEqual(found[0].symbol_errors, 0, made)
                    self.assertEqual(found[0].end, truth.END_LOST, made)
                    self.assertAlmostEqual(found[0].time_ps + found[0].duration_ps,
                                           frame["end_ps"], delta=400, msg=made)

    def test_two_slips_that_move_the_lanes(self):
        # 10 bits more: the code-groups stand as before, but each lane comes one place later
        slips = " ".join(f"--slip {60000 + 50 * i}:+1" for i in range(10))
        with self.subTest(slips):
            books, decoded = self.check(
                SHORT + slips, damaged=lambda b: (0, 60000 * 200 - 400e3, 60500 * 200 + 1000e3))
            self.assertTrue(any(e.kind in (truth.LANE_ALIGNMENT, truth.BIT_SLIP)
                                for e in decoded.events))


if __name__ == "__main__":
    unittest.main()
