# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of records as files share: Wireshark's programs with the wiretap plugin.

SCOPEDUMP_WIRETAP names the plugin. SCOPEDUMP_SANITIZERS names the sanitizers' runtime that it was
built with, if it was: then that is loaded into tshark first. Wireshark's small programs (capinfos,
editcap, mergecap) never get past their options with it, without any plugin too.
"""

import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import DECODED, SCOPEDUMP, TruthTest, quoted, run

WIRETAP = os.environ.get("SCOPEDUMP_WIRETAP", "")
SANITIZERS = os.environ.get("SCOPEDUMP_SANITIZERS", "").strip()
OPTIONS = "SCOPEDUMP_OPTIONS"
TIMEOUT_S = 300

LINE = ("--speeds 1000,100,100,1000 --sample-rate 25e9 --frame-size 64:120 --config-us 1 "
        "--offset 0.2 --seed 77 --skip-bits 20003 --duration-us 15 --noise 0.02 --rj-ps 2 "
        "--random-flips 3")


class RecordFileTest(TruthTest):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the plugin may lie elsewhere than the others
        plugins = pathlib.Path(cls.wireshark.environment["WIRESHARK_PLUGIN_DIR"])
        folder = next(plugins.iterdir()) / "wiretap"
        folder.mkdir(exist_ok=True)
        shutil.copy(WIRETAP, folder)
        if SANITIZERS:
            cls.wireshark.environment.update(LD_PRELOAD=SANITIZERS,
                                             ASAN_OPTIONS="detect_leaks=0")

    def tool(self, *argv, options="", environment=None):
        """Runs one of Wireshark's programs; gives the CompletedProcess."""
        return self.wireshark.run_tool(
            argv, env_extra={OPTIONS: options, **(environment or {})}, timeout=TIMEOUT_S)

    def good(self, *argv, **arguments):
        """The same; it has to succeed in silence. Gives its output."""
        result = self.tool(*argv, **arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ""), quoted(argv))
        return result.stdout

    def check_type(self, path, kind, options=""):
        """How capinfos calls the type of a file."""
        if not SANITIZERS:
            self.assertRegex(self.good("capinfos", "-t", path, options=options),
                             rf"(?m)^File type:           Oscilloscope record \({re.escape(kind)}\)"
                             r"( \(gzip compressed\))?$")

    def capture(self, path, options="", out="capture.pcapng"):
        """The record as scopedump writes it, with events."""
        out = self.path(out)
        result = run(SCOPEDUMP, path, "--events", *options.split(), "-w", out, "-q")
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""), quoted([path, options]))
        return out

    def dissection(self, path, options="", *more):
        """All that tshark says of each packet."""
        text = self.good("tshark", "-n", "-r", path, "-T", "pdml", *more, options=options)
        head, packets = text.split("<packet>", 1)
        self.assertIn("capture_file=", head)
        return packets

    def same_as_capture(self, path, options=""):
        """Opens the record and holds it against what scopedump writes; gives the dissection."""
        found = self.dissection(path, options)
        wanted = self.dissection(self.capture(path, options))
        # not assertEqual: it takes minutes to show where so long texts differ
        differ = next((pair for pair in zip(found.split("\n"), wanted.split("\n"))
                       if pair[0] != pair[1]), None)
        self.assertIsNone(differ, path)
        self.assertEqual(len(found), len(wanted), path)
        return found
