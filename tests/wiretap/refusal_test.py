# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that cannot be opened get one sentence of ours, and those of others are left to them."""

import gzip
import json
import os
import pathlib
import random
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from record_file import LINE, OPTIONS, SANITIZERS, RecordFileTest

NOT_OURS = "isn't a capture file in a format TShark understands"
HDF5 = os.environ.get("HDF5_SONAME", "")
CORPUS = pathlib.Path(__file__).resolve().parent.parent / "fuzz/corpus"
RAW = "--sample-rate 25e9 --sample-format s8"


class RefusalTest(RecordFileTest):
    def refused(self, path, sentence, options="", environment=None):
        result = self.tool("tshark", "-r", path, options=options, environment=environment)
        self.assertNotEqual(result.returncode, 0, path)
        self.assertEqual(result.stdout, "")
        self.assertIn(sentence, result.stderr)
        self.assertNotIn(NOT_OURS, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 2, result.stderr)

    def write(self, name, data):
        path = self.path(name)
        path.write_bytes(data)
        return path

    def test_damaged_record(self):
        path, _, _ = self.generate(LINE, "whole.wfm")
        whole = path.read_bytes()
        cut = self.write("cut.wfm", whole[:len(whole) // 2])
        self.refused(cut, "the file is cut: it has ")
        self.refused(self.write("head.wfm", whole[:100]), "head.wfm")
        packed = gzip.compress(whole, 1)
        self.refused(self.write("cut.wfm.gz", packed[:len(packed) // 2]),
                     "the packed data are damaged or cut")
        path, _, _ = self.generate(LINE + " --sample-format f32 --csv tektronix", "whole.csv")
        text = path.read_bytes()
        self.refused(self.write("cut.csv", text[:len(text) // 2] + b"\nnonsense,nonsense\n"),
                     '"nonsense" is no number')
        self.generate(LINE + " --sample-format s16", "lonely.Wfm.bin")
        self.path("lonely.Wfm.bin").unlink()
        self.refused(self.path("lonely.bin"), "lonely.Wfm.bin does not exist")

    def test_wrong_file(self):
        """Named like a record, but none."""
        for name, data in (("wrong.wfm", b"This is no waveform.\n" * 100),
                           ("wrong.trc", random.Random(1).randbytes(3000)),
                           ("wrong.isf", b"\0" * 1000)):
            with self.subTest(name):
                path = self.write(name, data)
                self.refused(path, f"{path} is in no known format: it is named like a ")

    def test_no_link(self):
        """A sound record of something else: the verdict of the report."""
        wave = bytes(128 + (100 if i % 400 < 200 else -100) for i in range(100000))
        path = self.write("square.raw", wave)
        self.refused(path, "this is no QSGMII, SGMII or 1000BASE-X line",
                     "--sample-rate 1e9 --sample-format u8")

    @unittest.skipUnless(HDF5, "This build reads no HDF5")
    def test_hdf5(self):
        """The library is loaded for the file, and missed if it is not there."""
        path = self.write("square.h5", (CORPUS / "hdf5/keysight.h5").read_bytes())
        self.refused(path, "this is no QSGMII, SGMII or 1000BASE-X line")
        library = self.write(HDF5, b"This is no library.\n")
        self.refused(path, f"the library for it cannot be loaded ({library}:",
                     environment={"LD_LIBRARY_PATH": str(library.parent)})

    def test_options_needed(self):
        path, _, _ = self.generate(LINE, "array.npy")
        self.refused(path, f"needs --sample-rate, in samples per second, above 0 (it is 0); "
                           f"Wireshark takes options from the variable {OPTIONS}")

    def test_wrong_options(self):
        path, _, _ = self.generate(LINE, "record.wfm")
        for options, sentence in (
                ("--bogus", "Unknown option --bogus"),
                ("--link token-ring", "--link takes auto, qsgmii"),
                ("--sample-format s8", "A raw file needs its sample rate"),
                ("'", "matching quote"),
                ("--help", "only options for decoding are taken here, so not --help"),
                ("-w out.pcapng", "only options for decoding are taken here, so not --write"),
                ("other.wfm", "only options for decoding are taken here, so not a file"),
                ("--channel 9", 'record.wfm has no channel "9"'),
                ("--filter 'port port'", "The capture filter"),
                ("--sample-rate 1e9", "not at the 1e+09 of --sample-rate")):
            with self.subTest(options):
                self.refused(path, sentence, options)
                self.refused(path, OPTIONS, options)

    def test_no_room(self):
        path, _, _ = self.generate(LINE, "record.wfm")
        self.refused(path, "No temporary file for the packets can be made in /nowhere",
                     environment={"TMPDIR": "/nowhere"})

    @unittest.skipIf(SANITIZERS, "Wireshark's small programs do not run with sanitizers")
    def test_files_of_others(self):
        """Each kind of capture file that Wireshark can write, and others that it reads, has the
        type that it has without the plugin; so it has when raw samples are wanted."""
        record, _, _ = self.generate(LINE, "record.wfm")
        capture = self.capture(record, "--no-events")
        paths = [self.write("a.json", json.dumps([{"time": 1, "volts": [1, 2]}]).encode()),
                 self.write("numbers.json", b"[\n1,\n2,\n3\n]\n"),
                 self.write("a.xml", b"<?xml version='1.0'?><a>1</a>"),
                 self.write("a.pcapng.gz", gzip.compress(capture.read_bytes()))]
        for kind in self.tool("tshark", "-F").stderr.splitlines()[2:]:
            path = self.path(f"{kind.split()[0]}.bin")
            if self.tool("editcap", "-F", kind.split()[0], capture, path).returncode == 0:
                paths.append(path)
        self.assertGreater(len(paths), 20)
        argv = ["capinfos", "-T", "-r", "-t", "-c", *paths]
        alone = self.tool(*argv, environment={"WIRESHARK_PLUGIN_DIR": "/nowhere"})
        for options in ("", RAW):
            self.assertEqual(self.tool(*argv, options=options).stdout, alone.stdout)
        self.assertNotIn("Oscilloscope", alone.stdout)
        self.assertGreater(len(alone.stdout.splitlines()), 20)

    def test_nobody_knows(self):
        """Not named like a record: Wireshark's own words stay."""
        archive = self.path("texts.zip")
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("text", "no record")
        for path in (archive, self.write("text", b"It was a dark and stormy night.\n" * 9),
                     self.write("text.gz", gzip.compress(b"It was a dark and stormy night."))):
            result = self.tool("tshark", "-r", path)
            self.assertIn(NOT_OURS, result.stderr)
        with self.subTest("standard input"):
            record, _, _ = self.generate(LINE, "record.wfm")
            result = self.wireshark.run_tool(["tshark", "-r", "-"], input=record.read_bytes(),
                                             text=False)
            self.assertNotEqual(result.returncode, 0)


if __name__ == "__main__":
    unittest.main()
