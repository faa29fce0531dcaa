# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses scopedump in a real Wireshark window, on a screen of its own:
capture_test.py GENERATOR SCOPEDUMP PLUGIN_DIR PICTURES [-v]

Pictures of the windows are left in the folder PICTURES, to be looked at. Without the programs that
it needs it is skipped: it says so and ends with status 77.
"""

import collections
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from window import Screen, WiresharkWindow, missing_programs, wait_until
from wireshark_run import WiresharkRun

SKIPPED = 77
PROFILE = pathlib.Path(__file__).resolve().parents[2] / "packaging/profile/QSGMII"
GENERATOR = SCOPEDUMP = PLUGIN_DIR = PICTURES = None

# All speeds, and bits turned over: in a frame of the lanes 3 and 1, and anywhere.
RECORD = [
    "--speeds", "1000,100,10,1000", "--duration-us", "150", "--sample-rate", "25e9",
    "--sample-format", "s8", "--noise", "0.02", "--frame-size", "64:300", "--gap", "12:300",
    "--seed", "7", "--flip-at", "3:5:60:0", "--flip-at", "1:1:30:0", "--random-flips", "6",
]
MAIN_WINDOW = "The Wireshark Network Analyzer"
OPTIONS, OPEN_FILE = "Interface Options", "Open File"
INTERFACE = ": scopedump"  # how the title ends while its packets are shown
MESSAGE = "Wireshark"  # the title of Wireshark's message boxes
STOPPED = "Capture stopped."

# Types of interfaces (the numbers of Wireshark's interface_type) that are not extcaps.
ONLY_EXTCAPS = ["-o", "gui.interfaces_hidden_types:0,1,2,3,4,5,6,7,9"]


def expected_counts(truth):
    """Of a truth file of the generator: frames per lane, those with a symbol error, those cut."""
    frames = truth["frames"]
    damaged = {violation["frame"] for violation in truth["violations"]
               if violation["where"] == "frame"}
    return {
        "frames": collections.Counter(frame["lane"] for frame in frames),
        "damaged": collections.Counter(frames[index]["lane"] for index in damaged),
        "cut": collections.Counter(frame["lane"] for frame in frames if frame["cut"] != "none"),
    }


class CaptureTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.wireshark = WiresharkRun(plugin_dir=PLUGIN_DIR, extcap=SCOPEDUMP)
        self.addCleanup(self.wireshark.close)
        self.screen = Screen(self.wireshark)
        self.addCleanup(self.screen.close)

    def generate(self):
        """Makes a record; gives its path and its truth."""
        record, truth = self.wireshark.path("record.wfm"), self.wireshark.path("truth.json")
        subprocess.run([GENERATOR, "--out", record, "--truth", truth, *RECORD], check=True)
        return record, json.loads(truth.read_text(encoding="utf-8"))

    @contextlib.contextmanager
    def running(self, *arguments, **options):
        """Wireshark's window; when the test fails, the screen and what Wireshark wrote tell why."""
        window = WiresharkWindow(self.wireshark, self.screen, arguments, **options)
        try:
            yield window
        except BaseException:
            self.picture("failed")
            print(window.log(), file=sys.stderr)
            raise
        finally:
            window.close()

    def picture(self, name, click=None):
        """Keeps a picture of the screen, after a click at (window, x, y)."""
        if click is not None:
            window, x, y = click
            self.screen.xdotool("mousemove", "--window", window, x, y, "click", 1)
        self.screen.picture(PICTURES / f"{self._testMethodName}-{name}.png")

    def counts(self, capture):
        """What tshark finds in the file, as expected_counts() gives it."""
        result = self.wireshark.run_tool(
            ["tshark", "-r", capture, "-Y", "eth", "-T", "fields", "-e", "qsgmii.lane",
             "-e", "frame.interface_name", "-e", "frame.packet_flags_symbol_error",
             "-e", "qsgmii.cut"])
        self.assertEqual(result.returncode, 0, result.stderr)
        found = {name: collections.Counter() for name in ("frames", "damaged", "cut")}
        for line in result.stdout.splitlines():
            lane, interface, damaged, cut = line.split("\t")
            self.assertEqual(interface, f"lane{lane}")
            found["frames"][int(lane)] += 1
            found["damaged"][int(lane)] += int(damaged)
            found["cut"][int(lane)] += int(cut)
        return {name: +counter for name, counter in found.items()}

    def check_capture(self, capture, truth):
        expected = expected_counts(truth)
        self.assertEqual(set(expected["frames"]), {0, 1, 2, 3})
        self.assertGreaterEqual(set(expected["damaged"]), {1, 3})
        self.assertEqual(self.counts(capture), expected)

    def wait_for_end(self, window, title):
        """Waits for the end of the capture; title: a part of the main window's title then."""
        window.wait_for_log(STOPPED)
        self.screen.wait_for_window(title)
        self.picture("end")
        self.assertNotIn(MESSAGE, self.screen.windows(), "an error dialog is open")

    def test_live_capture(self):
        record, truth = self.generate()
        capture = self.wireshark.path("capture.pcapng")
        with self.running("-i", "scopedump", "-k", "-o", f"extcap.scopedump.file:{record}",
                          "-w", capture, profile=PROFILE) as window:
            self.wait_for_end(window, capture.name)
        self.check_capture(capture, truth)

    def test_options_dialog(self):
        """As a user does it: opens the dialog, chooses the record and starts the capture."""
        record, truth = self.generate()
        with self.running(*ONLY_EXTCAPS) as window:
            dialog = self.open_options()
            self.picture("signal-tab", click=(dialog, 111, 20))
            self.picture("raw-files-tab", click=(dialog, 187, 20))
            self.picture("record-tab", click=(dialog, 40, 20))
            self.choose_record(dialog, record)
            self.picture("chosen")
            self.screen.click_until(lambda: not self.has_window(OPTIONS), "the capture's begin",
                                    [(x, 372) for x in (376, 356, 396)], window=dialog)
            self.wait_for_end(window, INTERFACE)
            capture = re.search('File: "(.*)"', window.log()).group(1)
        self.check_capture(capture, truth)

    def open_options(self):
        """Double-clicks our interface, the only one that is shown: a required argument is missing,
        so that the dialog opens. Gives its window."""
        self.screen.wait_for_window(MAIN_WINDOW)
        self.screen.wait_until_still()
        self.screen.click_until(lambda: self.has_window(OPTIONS), "the dialog of the options",
                                [(400, y) for y in range(256, 360, 8)], clicks=2)
        return self.screen.wait_for_window(OPTIONS)

    def choose_record(self, dialog, record):
        self.screen.click_until(lambda: self.has_window(OPEN_FILE), "the file dialog",
                                [(x, 58) for x in (417, 400, 440)], window=dialog)
        self.screen.xdotool("type", record)
        self.screen.xdotool("key", "Return")
        wait_until(lambda: not self.has_window(OPEN_FILE), "the end of the file dialog")

    def has_window(self, part):
        return any(part in title for title in self.screen.windows())

    def test_wrong_file(self):
        wrong = self.wireshark.path("wrong.wfm")
        wrong.write_bytes(b"This is no waveform.\n" * 100)
        option = f"extcap.scopedump.file:{wrong}"
        with self.running("-i", "scopedump", "-k", "-o", option) as window:
            window.wait_for_log(STOPPED)
            wait_until(lambda: MESSAGE in self.screen.windows(), "the error dialog")
            self.picture("message")

        # A dialog's text cannot be read from outside. It is what tshark writes to stderr.
        result = self.wireshark.run_tool(["tshark", "-i", "scopedump", "-o", option])
        self.assertIn(f"{wrong} is in no known format", result.stderr)


def main():
    global GENERATOR, SCOPEDUMP, PLUGIN_DIR, PICTURES
    missing = missing_programs()
    if missing:
        print("Skipped: not installed: " + ", ".join(missing))
        sys.exit(SKIPPED)
    GENERATOR, SCOPEDUMP, PLUGIN_DIR, PICTURES = map(pathlib.Path, sys.argv[1:5])
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])


if __name__ == "__main__":
    main()
