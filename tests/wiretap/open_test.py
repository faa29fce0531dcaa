# SPDX-License-Identifier: GPL-2.0-or-later
"""A record as a file: random access, all of Wireshark's programs, and how often it is decoded."""

import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from record_file import LINE, OPTIONS, SANITIZERS, RecordFileTest
from truth import quoted

WTAP_READ = os.environ.get("SCOPEDUMP_WTAP_READ", "")
LOG = {"WIRESHARK_LOG_LEVEL": "info", "WIRESHARK_LOG_DOMAINS": "scopedump"}
SMALL_PROGRAMS = "Wireshark's small programs do not run with sanitizers"
# Small frames: more packets than a pipe to a reader that waits can hold the lines of.
MANY = ("--speeds 1000,1000,1000,1000 --sample-rate 12.5e9 --sample-format s8 --frame-size 64:64 "
        "--duration-us 1500 --seed 3")


class OpenTest(RecordFileTest):
    record, pcapng = None, None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        test = cls("generate")
        cls.record, _, _ = test.generate(LINE)
        cls.pcapng = test.capture(cls.record)

    def test_random_access(self):
        """The second pass reads each packet at its place."""
        once, twice = (self.good("tshark", "-n", "-r", self.record, *passes, "-T", "fields", "-e",
                                 "frame.number", "-e", "frame.time_epoch", "-e",
                                 "frame.interface_name", "-e", "qsgmii.time_ps", "-e",
                                 "frame.protocols") for passes in ([], ["-2"]))
        self.assertEqual(once, twice)
        self.assertIn("lane3", twice)
        # packets that the first pass chose, in the second one
        filtered = self.good("tshark", "-n", "-2", "-R", "qsgmii.lane == 3", "-r", self.record,
                             "-T", "fields", "-e", "frame.interface_name")
        self.assertEqual(set(filtered.split()) - {"qsgmii"}, {"lane3"})

    def test_preview(self):
        """Wireshark's dialog reads the begin, and its window then all, and packets at any place: the
        record is decoded once."""
        program = self.path("wtap_read")
        shutil.copy(WTAP_READ, program)
        record, _, _ = self.generate(MANY, "previewed.wfm")
        frames = self.good("tshark", "-r", self.capture(record, out="previewed.pcapng"), "-T",
                           "fields", "-e", "frame.number").splitlines()
        packed = self.path("previewed.wfm.gz")
        packed.write_bytes(gzip.compress(record.read_bytes(), 1))
        for path in (record, packed):
            result = self.tool(program, path, environment=LOG)
            self.assertEqual((result.returncode, result.stdout), (0, f"{len(frames)} packets\n"),
                             result.stderr)
            self.assertEqual(result.stderr.count("decoding "), 1, result.stderr)
            self.assertEqual(result.stderr.count("has been decoded before"), 1, result.stderr)

    def rewritten(self, *argv):
        """The file that a program writes of the record, and that which it writes of the capture."""
        out = self.path("out.pcapng")
        for source in (self.record, self.pcapng):
            self.good(*[{"IN": source, "OUT": out}.get(word, word) for word in argv])
            yield out.read_bytes()
            out.unlink()

    def test_programs_that_write(self):
        for argv in (["tshark", "-r", "IN", "-w", "OUT"], ["editcap", "IN", "OUT"],
                     ["editcap", "-r", "IN", "OUT", "3-20"], ["mergecap", "-w", "OUT", "IN", "IN"]):
            if SANITIZERS and argv[0] != "tshark":
                continue
            with self.subTest(quoted(argv)):
                of_record, of_capture = self.rewritten(*argv)
                self.assertEqual(of_record, of_capture)

    @unittest.skipIf(SANITIZERS, SMALL_PROGRAMS)
    def test_capinfos(self):
        """Interfaces with names, speeds and counts, and the section header, are as in a capture."""
        texts = [self.good("capinfos", "-M", path) for path in (self.record, self.pcapng)]
        texts = [re.sub(r"^(File name|File type|File size|Data size|SHA\d+|RIPEMD160):.*\n", "",
                        text, flags=re.M) for text in texts]
        self.assertEqual(*texts)
        self.assertIn("Name = lane3", texts[0])
        self.assertRegex(texts[0], r"Description = .* \(\S+ V per code, offset 0.2 V, range "
                                   r"\S+ V to \S+ V\), lane 3\n")
        self.assertIn("Speed = 100000000", texts[0])
        self.assertIn("Number of stat entries = 1", texts[0])
        self.assertIn("Capture application: scopedump", texts[0])

    @unittest.skipIf(SANITIZERS, SMALL_PROGRAMS)
    def test_decoded_once(self):
        """mergecap opens a file as often as it is named: it is decoded once for each set of
        samples."""
        copy = self.path("copy.wfm")
        copy.write_bytes(self.record.read_bytes())
        argv = ["mergecap", "-w", self.path("merged.pcapng"), self.record, copy, self.record,
                self.record, copy]
        result = self.tool(*argv, environment=LOG)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr.count("decoding "), 2, result.stderr)
        self.assertEqual(result.stderr.count("has been decoded before"), 3, result.stderr)

    def test_changed_while_read(self):
        """tshark waits for who reads its lines, and the record changes meanwhile."""
        record, _, _ = self.generate(MANY, "changing.wfm")
        process = self.wireshark.start_tool(
            ["tshark", "-l", "-n", "-r", record], {OPTIONS: ""}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        with process:
            try:
                self.assertIn("configuration", process.stdout.readline())
                with open(record, "ab") as file:
                    file.write(b"more")
                out, errors = process.communicate(timeout=120)
            except BaseException:
                self.wireshark.end_tool(process)
                raise
        self.assertIn("changing.wfm has changed while it was read: open it again", errors)
        self.assertNotEqual(process.returncode, 0)
        self.assertTrue(out)

    def test_listed(self):
        """Both programs that list the types of files have ours."""
        listed = self.tool("tshark", "-X", "read_format:?", "-r", self.record).stderr
        self.assertIn("Oscilloscope record - Magic-value-based", listed)
        plugins = self.good("tshark", "-G", "plugins")
        self.assertRegex(plugins, r"scopedump\.so\s+[\d.]+\s+file type\s")
        chosen = self.good("tshark", "-X", "read_format:Oscilloscope record", "-r", self.record)
        self.assertIn("synchronisation acquired", chosen)

    def test_nothing_left(self):
        """No temporary file is left behind, not even by a program that is ended."""
        process = self.wireshark.start_tool(
            ["tshark", "-l", "-n", "-r", self.record], {OPTIONS: ""}, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.assertTrue(process.stdout.readline())
        self.wireshark.end_tool(process)
        process.stdout.close()
        folder = pathlib.Path(self.wireshark.environment["TMPDIR"])
        self.assertEqual(list(folder.glob("scopedump*")), [])

    @unittest.skipUnless(SANITIZERS, "the plugin is built without sanitizers")
    def test_leaks(self):
        """What Wireshark itself leaks is passed over."""
        wrong = self.path("wrong.wfm")
        wrong.write_bytes(b"no waveform")
        leaks = {"ASAN_OPTIONS": "detect_leaks=1:fast_unwind_on_malloc=0"}
        for argv in (["tshark", "-r", wrong], ["tshark", "-2", "-r", self.record]):
            text = self.tool(*argv, environment=leaks).stderr
            ours = [part for part in text.split("\n\n") if "leak of" in part and
                    re.search(r"scopedump\.so|dissector/wiretap|/core/", part)]
            self.assertEqual(ours, [], quoted(argv))


if __name__ == "__main__":
    unittest.main()
