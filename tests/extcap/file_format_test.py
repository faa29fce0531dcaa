# SPDX-License-Identifier: GPL-2.0-or-later
"""Files as oscilloscopes save them: segments, sample types, versions, byte orders, two legs."""

import array
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import truth
from truth import SCOPEDUMP, Comparison, TruthTest, run

LINE = ("--speeds 1000,100,100,1000 --sample-rate 25e9 --duration-us 15 --frame-size 64:120 "
        "--config-us 1 ")
SGMII = "--link sgmii --speeds 1000 --sample-rate 6.25e9 --duration-us 15 --config-us 2 "


class WfmTest(TruthTest):
    def test_versions_and_byte_orders(self):
        self.check_all([
            LINE + "--wfm-version 1", LINE + "--wfm-version 2", LINE + "--wfm-version 3",
            LINE + "--wfm-version 1 --big-endian", LINE + "--wfm-version 2 --big-endian",
            LINE + "--wfm-version 3 --big-endian",
            LINE + "--sample-format s8", LINE + "--sample-format s8 --big-endian",
            LINE + "--sample-format f32", LINE + "--sample-format f32 --big-endian",
            LINE + "--precharge 64", LINE + "--wfm-version 1 --precharge 37",
        ])

    def test_no_time(self):
        _, decoded = self.check(LINE + "--no-time")
        self.assertFalse(decoded.report["time_from_file"])

    def test_segments(self):
        for line in (LINE + "--segments 4",
                     LINE + "--segments 3 --precharge 32 --big-endian --wfm-version 2",
                     LINE + "--segments 3 --sample-format s8 --invert --ppm -100 --rj-ps 2",
                     SGMII + "--segments 5"):
            with self.subTest(line):
                books, decoded = self.check(line)
                self.assertEqual(decoded.report["segments"], books["segments"])
                self.assertEqual({f.segment for f in decoded.frames},
                                 set(range(books["segments"])))


class RawTest(TruthTest):
    def test_sample_formats(self):
        for sample_format in ("s8", "s16", "f32"):
            for out in ("record.raw", "record"):
                books, decoded = self.check(
                    LINE + f"--sample-format {sample_format}",
                    f"--events --sample-format {sample_format} --sample-rate 25e9", out=out)
                self.assertEqual(decoded.report["samples"], books["samples"])

    def test_scale_and_offset(self):
        line = SGMII + "--sample-format s16 --offset 0.5 --amplitude 0.4"
        path, books, made = self.generate(line, "record.raw")
        decoded, read = self.decode(path, "--events --sample-format s16 --sample-rate 6.25e9 "
                                    f"--scale {books['scale']} --offset {books['offset']}")
        self.assertEqual(Comparison(books, decoded).run(), [], f"{made}\n{read}")
        signal = decoded.report["signal"]
        self.assertAlmostEqual(signal["threshold"], 0.5, delta=0.02)
        self.assertAlmostEqual(signal["amplitude"], 0.4, delta=0.04)

    def test_unsigned(self):
        path, books, made = self.generate(SGMII + "--sample-format s8", "record.raw")
        path.write_bytes(bytes(octet ^ 0x80 for octet in path.read_bytes()))
        decoded, read = self.decode(path,
                                    "--events --sample-format u8 --sample-rate 6.25e9")
        self.assertEqual(Comparison(books, decoded).run(), [], f"{made}\n{read}")


class TableTest(TruthTest):
    """Columns of numbers, made here of the generator's raw samples."""

    def table(self, row, head=""):
        path, books, _ = self.generate(SGMII + "--sample-format f32", "record.raw")
        volts = array.array("f", path.read_bytes())
        table = self.path("table.csv")
        with open(table, "w", encoding="ascii") as out:
            out.write(head)
            out.writelines(row(index / 6.25e9, v) for index, v in enumerate(volts))
        return table, books

    def check_table(self, table, books, options):
        decoded, read = self.decode(table, "--events " + options)
        self.assertEqual(Comparison(books, decoded).run(), [], read)

    def test_units_and_decimal_commas(self):
        table, books = self.table(
            lambda t, v: f"{t * 1e9:.2f};{v * 1e3:.3f}\n".replace(".", ","), "Zeit (ns);CH1 (mV)\n")
        self.check_table(table, books, "")

    def test_rate_from_the_user(self):
        table, books = self.table(lambda t, v: f"{v:.6g}\n")
        self.check_table(table, books, "--sample-rate 6.25e9")
        result = run(SCOPEDUMP, table)
        self.assertEqual(result.returncode, 1)
        self.assertIn("--sample-rate", result.stderr)


class LegsTest(TruthTest):
    def legs(self, line, options, swapped=False):
        positive, negative = self.path("positive.wfm"), self.path("negative.wfm")
        _, books, made = self.generate(line + f"--legs --out-neg {negative}", positive.name)
        if swapped:
            positive, negative = negative, positive
            books["inverted"] = not books["inverted"]
        decoded, read = self.decode(positive, options.format(negative=negative))
        self.assertEqual(Comparison(books, decoded).run(), [], f"{made}\n{read}")
        return decoded

    def test_two_files(self):
        line = LINE + "--offset 1.1 --noise 0.02 "
        for swapped in (False, True):
            decoded = self.legs(line, "--events --file-neg {negative}", swapped)
            self.assertIsNotNone(decoded.report["channel_neg"])
            self.assertAlmostEqual(decoded.report["signal"]["amplitude"], 0.8, delta=0.08)

    def test_one_leg_is_enough(self):
        for swapped in (False, True):
            decoded = self.legs(LINE + "--offset 1.1 ", "--events", swapped)
            self.assertIsNone(decoded.report["channel_neg"])


class ChannelTest(TruthTest):
    def test_channels_that_are_not_there(self):
        path, _, _ = self.generate(SGMII)
        for options in ("--channel 2", "--channel-neg 2", "--channel 1 --channel-neg 1",
                        "--channel 0", "--channel -1", "--channel x", "--channel 1.5",
                        f"--file-neg {path} --channel-neg 7"):
            with self.subTest(options):
                result = run(SCOPEDUMP, path, *options.split())
                self.assertEqual(result.returncode, truth.USAGE_FAULT, result.stderr)
                self.assertRegex(result.stderr, r"\A[^\n]+[.!?]\n\Z")
                self.assertEqual(result.stdout, "")

    def test_the_first_channel_by_number(self):
        self.check(SGMII, "--events --channel 1")


if __name__ == "__main__":
    unittest.main()
