# SPDX-License-Identifier: GPL-2.0-or-later
"""Records of every kind that the generator can write, and real ones, opened by tshark: each packet
must look as in the capture that scopedump writes of the record."""

import collections
import gzip
import json
import os
import pathlib
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from record_file import LINE, SANITIZERS, RecordFileTest

SCOPE_FILES = os.environ.get("SCOPEDUMP_SCOPE_FILES", "")
LEGS = LINE + " --legs"
TOLD = "--sample-rate 25e9 --scale {scale} --offset {offset}"
# Idle alone repeats itself after 160 samples.
IDLE = ("--config none --sample-rate 10e9 --sample-format s8 --duration-us 100 "
        "--idle-lane 0 --idle-lane 1 --idle-lane 2 --idle-lane 3")
IDLE_REPEATED, IDLE_TIMES = 6000 * 160, 38

# form: sample format; out: file to write; opened: file to open (None: the same); type: what capinfos
# says; made: more options of scopedump-generate; read: of SCOPEDUMP_OPTIONS
Row = collections.namedtuple("Row", "form out type opened made read", defaults=(None, "", ""))

ROHDE_SCHWARZ = "Rohde & Schwarz .bin"
FORMATS = (
    Row("s16", "a.wfm", "Tektronix WFM"),
    Row("s16", "a.wfm", "Tektronix WFM", made="--big-endian --wfm-version 2"),
    Row("s16", "a.wfm", "Tektronix WFM", read="--lanes 1,3"),
    Row("s16", "a.trc", "Teledyne LeCroy TRC"),
    Row("s8", "a.trc", "Teledyne LeCroy TRC", made="--big-endian --no-prefix"),
    Row("f32", "a.bin", "Agilent/Keysight .bin"),
    Row("s16", "a.Wfm.bin", ROHDE_SCHWARZ, "a.bin"),
    Row("s8", "a.Wfm.bin", ROHDE_SCHWARZ),
    Row("f32", "a.csv", "CSV"),
    Row("f32", "a.csv", "CSV", made="--csv semicolon"),
    Row("f32", "a.csv", "CSV", made="--csv tektronix"),
    Row("s8", "a.isf", "Tektronix ISF"),
    Row("s16", "a.npy", "NumPy array", read=TOLD),
    Row("s16", "a.raw", "raw samples", read="--sample-format s16 " + TOLD),
    Row("f32", "a.raw", "raw samples", read="--sample-format f32 --no-events " + TOLD),
)


if SANITIZERS:  # which make tshark slow: one of each type
    FORMATS = {row.type: row for row in FORMATS}.values()


class EveryFormatTest(RecordFileTest):
    def check(self, path, kind, options=""):
        self.check_type(path, kind, options)
        return self.same_as_capture(path, options)

    def test_generated(self):
        for row in FORMATS:
            with self.subTest(" ".join((row.out, row.form, row.made, row.read))):
                made = f"{LINE} --sample-format {row.form} {row.made}"
                _, books, _ = self.generate(made, row.out)
                packets = self.check(self.path(row.opened or row.out), row.type,
                                     row.read.format(**books))
                self.assertIn("qsgmii.symbol_errors", packets)
                self.assertIn("frame.packet_flags_symbol_error", packets)

    def test_idle(self):
        """Packets tell of long stretches without any, so that the reader can be stopped there."""
        part, _, _ = self.generate(IDLE, "part.raw")
        idle = self.path("idle.raw")
        idle.write_bytes(part.read_bytes()[:IDLE_REPEATED] * IDLE_TIMES)
        for options in ("--threads 1", "--threads 2"):
            options += " --sample-format s8 --sample-rate 10e9"
            self.same_as_capture(idle, options)
            told = self.good("tshark", "-n", "-r", idle, "-Y", "qsgmii.event.kind == 14", "-T",
                             "fields", "-e", "qsgmii.event.count", options=options)
            self.assertEqual(told.split(), [str(n << 24) for n in (1, 2)])

    def test_two_channels(self):
        self.generate(LEGS + " --sample-format f32", "legs.bin")
        path = self.path("legs.bin")
        self.check(path, "Agilent/Keysight .bin", "--channel 1 --channel-neg 2")
        packets = self.check(path, "Agilent/Keysight .bin", "--channel 1 --channel 2")
        for name in ("tx-lane0", "rx-lane3", "tx-qsgmii", "rx-qsgmii"):
            self.assertIn(f'name="frame.interface_name" showname="Interface name: {name}"', packets)

    def test_second_file(self):
        negative = self.path("negative.trc")
        path, _, _ = self.generate(f"{LEGS} --out-neg {negative}", "positive.trc")
        self.check(path, "Teledyne LeCroy TRC", f"--file-neg {negative}")

    def test_segments(self):
        path, _, _ = self.generate(LINE.replace("--random-flips 3", "--segments 3"), "many.wfm")
        packets = self.check(path, "Tektronix WFM")
        self.assertIn('name="qsgmii.segment" showname="Segment: 2"', packets)

    def test_packed(self):
        path, _, _ = self.generate(LINE, "packed.wfm")
        packed, archive = self.path("packed.wfm.gz"), self.path("packed.zip")
        packed.write_bytes(gzip.compress(path.read_bytes(), 1))
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("notes.md", "of the same measurement")
            file.write(path, "record.wfm")
        for path in (packed, archive):
            with self.subTest(path.name):
                self.check(path, "Tektronix WFM")

    @unittest.skipUnless(SCOPE_FILES, "there are no real records")
    def test_real_records(self):
        folder = pathlib.Path(SCOPE_FILES)
        manifest = json.loads((folder / "MANIFEST.json").read_text())
        frame = next(f["decoded"]["frames"][0]["frame_hex"] for f in manifest["files"]
                     if f["file"] == "1000base-x/C1.f32")
        rate = "--sample-rate 20e9"
        for name, kind, options in (
                ("C1.trc", "Teledyne LeCroy TRC", ""),
                ("C2.npy", "NumPy array", rate),
                ("C1.f32", "raw samples", f"{rate} --sample-format f32"),
                ("C1.f32", "raw samples", f"{rate} --sample-format f32 --file-neg "
                                          f"{folder / '1000base-x/C2.f32'}"),
                ("session/1000base-X.scopesession", "ngscopeclient session",
                 "--channel 1 --channel-neg 2")):
            with self.subTest(name + options):
                path = folder / "1000base-x" / name
                self.check(path, kind, options)
                octets = self.good("tshark", "-r", path, "-Y", "eth", "-T", "jsonraw", "-J",
                                   "frame", "-x", options=options)
                self.assertIn(frame, octets)


if __name__ == "__main__":
    unittest.main()
