# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of Wireshark's window share: a screen, pictures of it, and what tshark finds in what
was captured. Run a test as

    NAME_test.py GENERATOR SCOPEDUMP PLUGIN_DIR PICTURES [-v]

Pictures of the windows are left in the folder PICTURES, to be looked at. Without the programs that
it needs a test is skipped: it says so and ends with status 77.
"""

import collections
import contextlib
import json
import pathlib
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from window import Screen, WiresharkWindow, missing_programs
from wireshark_run import WiresharkRun

SKIPPED = 77
MAIN_WINDOW = "The Wireshark Network Analyzer"
OPTIONS, OPEN_FILE = "Interface Options", "Open File"
MESSAGE = "Wireshark"  # the title of Wireshark's message boxes
STOPPED = "Capture stopped."

# Types of interfaces (the numbers of Wireshark's interface_type) that are not extcaps.
ONLY_EXTCAPS = ["-o", "gui.interfaces_hidden_types:0,1,2,3,4,5,6,7,9"]
# Shows the toolbar, as View > Interface Toolbars does.
TOOLBAR = "gui.interface_toolbar_show: scopedump\n"

# All speeds, and damage on each lane: bits turned over, and code-groups that are none. All of it shows
# in the frame that it hit.
RECORD = [
    "--speeds", "1000,100,10,1000", "--duration-us", "150", "--sample-rate", "25e9",
    "--sample-format", "s8", "--noise", "0.02", "--frame-size", "64:300", "--gap", "12:300",
    "--seed", "7", "--flip-at", "3:5:60:0", "--flip-at", "1:1:30:0",
    "--invalid", "30000", "--invalid", "40002",
]


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


class GuiTest(unittest.TestCase):
    maxDiff = None
    generator = scopedump = plugin_dir = pictures = None  # set by main()

    def setUp(self):
        self.wireshark = WiresharkRun(plugin_dir=self.plugin_dir, extcap=self.scopedump)
        self.addCleanup(self.wireshark.close)
        self.screen = Screen(self.wireshark)
        self.addCleanup(self.screen.close)

    def generate(self, options=tuple(RECORD), name="record.wfm"):
        """Makes a record; gives its path and its truth."""
        record, truth = self.wireshark.path(name), self.wireshark.path("truth.json")
        subprocess.run([self.generator, "--out", record, "--truth", truth, *options], check=True)
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
        self.screen.picture(self.pictures / f"{self._testMethodName}-{name}.png")

    def has_window(self, part):
        return any(part in title for title in self.screen.windows())

    def fields(self, capture, *names, only="frame"):
        """The fields of each packet that tshark finds in the file, as lists."""
        arguments = [argument for name in names for argument in ("-e", name)]
        result = self.wireshark.run_tool(
            ["tshark", "-r", capture, "-Y", only, "-T", "fields", *arguments])
        self.assertEqual(result.returncode, 0, result.stderr)
        return [line.split("\t") for line in result.stdout.splitlines()]

    def counts(self, capture):
        """What tshark finds in the file, as expected_counts() gives it."""
        found = {name: collections.Counter() for name in ("frames", "damaged", "cut")}
        for lane, interface, damaged, cut in self.fields(
                capture, "qsgmii.lane", "frame.interface_name",
                "frame.packet_flags_symbol_error", "qsgmii.cut", only="eth"):
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

    def stop(self, window):
        """Clicks on Stop, until Wireshark has noticed."""
        self.screen.click_until(lambda: "Capture Stop" in window.log(), "Stop", [(53, 60)])

    def wait_for_end(self, window, title):
        """Waits for the end of the capture; title: a part of the main window's title then."""
        window.wait_for_log(STOPPED)
        self.screen.wait_for_window(title)
        self.picture("end")
        self.assertNotIn(MESSAGE, self.screen.windows(), "an error dialog is open")

    def open_options(self, rows=range(256, 300, 8)):
        """Double-clicks an interface whose required argument is missing, so that the dialog opens.
        rows: where it may be in the list. Gives the dialog's window."""
        self.screen.wait_for_window(MAIN_WINDOW)
        self.screen.wait_until_still()
        self.screen.click_until(lambda: self.has_window(OPTIONS), "the dialog of the options",
                                [(400, y) for y in rows], clicks=2)
        return self.screen.wait_for_window(OPTIONS)


def main():
    missing = missing_programs()
    if missing:
        print("Skipped: not installed: " + ", ".join(missing))
        sys.exit(SKIPPED)
    (GuiTest.generator, GuiTest.scopedump, GuiTest.plugin_dir,
     GuiTest.pictures) = map(pathlib.Path, sys.argv[1:5])
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])
