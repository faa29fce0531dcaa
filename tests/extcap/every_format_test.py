# SPDX-License-Identifier: GPL-2.0-or-later
"""One QSGMII record in every kind of file that the generator can write: scopedump must give the
same frames from each as from the .wfm file with the same seed and sample format."""

import collections
import pathlib
import shlex
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import Comparison, TruthTest

LINE = ("--speeds 1000,100,100,1000 --sample-rate 25e9 --frame-size 64:120 --config-us 1 "
        "--offset 0.2 --seed 77 --skip-bits 20003 ")
ONE = LINE + "--duration-us 15 --noise 0.02 --rj-ps 2 --random-flips 3"
SEGMENTS = LINE + "--duration-us 8 --segments 3 --noise 0.02"
LEGS = LINE + "--duration-us 15 --noise 0.02 --legs"

# What has no header has to be told; {scale} and {offset} come from the truth.
TOLD = "--sample-format {sample_format} --sample-rate 25e9 --scale {scale} --offset {offset}"

# form: sample format; out: file to write; opened: file to open (None: the same); made, read: more
# options of scopedump-generate and of scopedump
Row = collections.namedtuple("Row", "form out opened made read", defaults=(None, "", ""))

FORMATS = (
    Row("s16", "a.raw", read=TOLD),
    Row("s8", "a.raw", read=TOLD),
    Row("f32", "a.raw", read=TOLD),
    Row("s16", "a.trc"),
    Row("s8", "a.trc"),
    Row("s16", "a.trc", made="--no-prefix"),
    Row("s16", "a.trc", made="--big-endian"),
    Row("s8", "a.trc", made="--big-endian --no-prefix"),
    Row("s16", "a.trc", made="--no-time"),
    Row("f32", "a.bin"),
    Row("f32", "a.bin", made="--bin-version 1"),
    Row("f32", "a.bin", made="--bin-version 3"),
    Row("f32", "a.bin", made="--no-time"),
    Row("s8", "a.Wfm.bin", "a.bin"),
    Row("s16", "a.Wfm.bin", "a.bin"),
    Row("f32", "a.Wfm.bin", "a.bin"),
    Row("f32", "a.csv"),
    Row("f32", "a.csv", made="--csv semicolon"),
    Row("f32", "a.csv", made="--csv tektronix"),
    Row("s8", "a.npy", read=TOLD),
    Row("s16", "a.npy", read=TOLD),
    Row("s16", "a.npy", made="--big-endian", read=TOLD),
    Row("f32", "a.npy", read=TOLD),
    Row("f32", "a.npy", made="--big-endian", read=TOLD),
    Row("s16", "a.isf", made="--big-endian"),
    Row("s16", "a.isf"),
    Row("s8", "a.isf"),
    Row("f32", "a.isf", made="--big-endian"),
    Row("f32", "a.isf"),
)
FORMATS_WITH_SEGMENTS = (
    Row("s16", "a.trc"),
    Row("s8", "a.trc", made="--big-endian --no-prefix"),
    Row("f32", "a.bin"),
    Row("f32", "a.bin", made="--bin-version 1"),
    Row("f32", "a.bin", made="--bin-version 3"),
)
BOTH = "--channel 1 --channel-neg 2"
FORMATS_WITH_LEGS = (
    Row("f32", "a.bin", read=BOTH),
    Row("f32", "a.bin", made="--bin-version 3", read=BOTH),
    Row("s8", "a.Wfm.bin", "a.bin", read=BOTH),
    Row("s16", "a.Wfm.bin", "a.bin", read=BOTH),
    Row("f32", "a.Wfm.bin", "a.bin", read=BOTH),
    Row("f32", "a.csv", read=BOTH),
    Row("f32", "a.csv", made="--csv semicolon", read=BOTH),
    Row("f32", "a.csv", made="--csv tektronix", read=BOTH),
)
# The settling samples are not part of the record, and the noise of each sample is another.
SETTLING = Row("s16", "a.Wfm.bin", "a.bin", made="--precharge 38")

# Samples are the same; what differs is how exactly a file states its sample interval.
MOST_PS = 100


class EveryFormatTest(TruthTest):
    def wfm(self, line, form):
        """What the .wfm file gives."""
        negative = self.path("negative.wfm")
        made, read = f"{line} --sample-format {form}", "--events"
        if "--legs" in line:
            made += f" --out-neg {shlex.quote(str(negative))}"
            read += f" --file-neg {shlex.quote(str(negative))}"
        path, books, _ = self.generate(made, "positive.wfm")
        decoded, command = self.decode(path, read)
        self.assertEqual(Comparison(books, decoded).run(), [], command)
        self.assertTrue(decoded.frames, command)
        return decoded

    def check_row(self, line, row):
        """Decodes the row's file and holds it against the truth; gives (Decoded, the commands)."""
        path, books, made = self.generate(f"{line} --sample-format {row.form} {row.made}", row.out)
        path = self.path(row.opened or row.out)
        decoded, read = self.decode(path, f"--events {row.read.format(**books)}")
        commands = f"{made}\n{read}"
        self.assertEqual(Comparison(books, decoded).run(), [], commands)
        report = decoded.report
        self.assertEqual(report["time_from_file"], books["time"] is not None, commands)
        self.assertEqual((report["samples"], report["segments"]),
                         (books["samples"] * books["segments"], books["segments"]), commands)
        self.assertAlmostEqual(report["sample_rate"] / books["sample_rate"], 1, 6, commands)
        return decoded, commands

    def same_frames(self, decoded, expected, commands):
        def content(frame):
            hits = [hit[:5] for hit in frame.hits]
            return (frame.lane, frame.segment, frame.octets.hex(), frame.speed, frame.flags,
                    frame.cut, frame.begin, frame.end, frame.gap, hits)
        self.assertEqual([content(f) for f in decoded.frames],
                         [content(f) for f in expected.frames], commands)
        for found, frame in zip(decoded.frames, expected.frames):
            self.assertLess(abs(found.time_ps - frame.time_ps), MOST_PS, commands)
            self.assertLess(abs(found.duration_ps - frame.duration_ps), MOST_PS, commands)
        self.assertEqual([(e.kind, e.lane, e.value, e.count) for e in decoded.events],
                         [(e.kind, e.lane, e.value, e.count) for e in expected.events], commands)

    def check_table(self, line, table):
        expected = {form: self.wfm(line, form) for form in {row.form for row in table}}
        for row in table:
            with self.subTest(" ".join((row.out, row.form, row.made))):
                decoded, commands = self.check_row(line, row)
                self.same_frames(decoded, expected[row.form], commands)

    def test_one_channel(self):
        self.check_table(ONE, FORMATS)

    def test_segments(self):
        self.check_table(SEGMENTS, FORMATS_WITH_SEGMENTS)

    def test_both_legs_in_one_file(self):
        self.check_table(LEGS, FORMATS_WITH_LEGS)

    def test_settling_samples(self):
        self.check_row(ONE, SETTLING)


if __name__ == "__main__":
    unittest.main()
