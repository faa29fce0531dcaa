# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens oscilloscope records as files in a real Wireshark window, on a screen of its own:
open_test.py GENERATOR SCOPEDUMP PLUGIN_DIR PICTURES [-v]

Pictures of the windows are left in the folder PICTURES, to be looked at. Without the programs that
it needs it is skipped: it says so and ends with status 77.
"""

import contextlib
import pathlib
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from window import ANSWER_S, Screen, WiresharkWindow, missing_programs, wait_until
from wireshark_run import WiresharkRun

SKIPPED = 77
GENERATOR = SCOPEDUMP = PLUGIN_DIR = PICTURES = None

RECORD = ["--speeds", "1000,100,10,1000", "--duration-us", "100", "--sample-rate", "25e9",
          "--sample-format", "s8", "--noise", "0.02", "--frame-size", "64:300", "--seed", "7",
          "--flip-at", "3:5:60:0", "--random-flips", "6"]
# So many packets that Wireshark takes long to list them.
LONG = ["--speeds", "1000,1000,1000,1000", "--duration-us", "24000", "--sample-rate", "11e9",
        "--sample-format", "s8", "--frame-size", "64:64", "--gap", "12", "--seed", "3"]
START, OPEN, SAVE = "The Wireshark Network Analyzer", "Open Capture File", "Save Capture File As"
MESSAGE = "Wireshark"  # the title of Wireshark's message boxes
DECODED, KEPT = "decoding ", "has been decoded before"


class OpenTest(unittest.TestCase):
    def setUp(self):
        self.wireshark = WiresharkRun(plugin_dir=PLUGIN_DIR)
        self.addCleanup(self.wireshark.close)
        self.wireshark.environment.update(WIRESHARK_LOG_LEVEL="info",
                                          WIRESHARK_LOG_DOMAINS="scopedump")
        self.screen = Screen(self.wireshark)
        self.addCleanup(self.screen.close)

    def generate(self, options, name="a.wfm"):
        path = self.wireshark.path(name)
        subprocess.run([GENERATOR, "--out", path, *options], check=True)
        return path

    @contextlib.contextmanager
    def running(self, *arguments):
        """Wireshark's window; when the test fails, the screen and what Wireshark wrote tell why."""
        window = WiresharkWindow(self.wireshark, self.screen, arguments)
        try:
            yield window
        except BaseException:
            self.picture("failed")
            print(window.log(), file=sys.stderr)
            raise
        finally:
            window.close()

    def picture(self, name):
        self.screen.picture(PICTURES / f"{self._testMethodName}-{name}.png")

    def has_window(self, title):
        return any(title in found for found in self.screen.windows())

    def packets(self, path):
        """All that tshark says of each packet of a file."""
        result = self.wireshark.run_tool(["tshark", "-n", "-r", path, "-T", "json", "-x"],
                                         env_extra={"WIRESHARK_LOG_LEVEL": "warning"}, timeout=300)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def press(self, key, title):
        """Presses a key until it opens a window with title in its own; gives that."""
        def try_once():
            self.screen.xdotool("key", key)
            try:
                return wait_until(lambda: self.has_window(title), title, ANSWER_S)
            except TimeoutError:
                return False
        wait_until(try_once, f'the window "{title}"')
        return self.screen.wait_for_window(title)

    def open_dialog(self):
        self.screen.wait_for_window(START)
        self.screen.wait_until_still()
        return self.press("ctrl+o", OPEN)

    def save(self):
        """Saves what the window shows; gives the file."""
        saved = self.wireshark.path("saved.pcapng")
        self.press("ctrl+shift+s", SAVE)
        self.screen.xdotool("type", saved)
        self.screen.xdotool("key", "Return")
        self.screen.wait_for_window(saved.name)
        return saved

    def check_saved(self, record):
        """Holds what the window shows against what scopedump makes of the record."""
        saved, captured = self.save(), self.wireshark.path("captured.pcapng")
        subprocess.run([SCOPEDUMP, record, "--events", "-w", captured, "-q"], check=True)
        self.assertTrue(self.packets(saved) == self.packets(captured), "the packets differ")

    def test_command_line(self):
        record = self.generate(RECORD)
        with self.running(record) as window:
            self.screen.wait_for_window(record.name)
            self.picture("opened")
            self.check_saved(record)
            self.assertEqual(window.log().count(DECODED), 1)

    def test_open_dialog(self):
        """The dialog shows a preview of the file that is clicked at; what was decoded for it is
        there when the file is opened."""
        record = self.generate(RECORD)  # the first in the list of files, by its name
        with self.running() as window:
            dialog = self.open_dialog()
            self.screen.click_until(lambda: DECODED in window.log(), "the preview",
                                    [(150, y) for y in (66, 78, 90, 102)], window=dialog)
            self.picture("preview")
            self.assertNotIn(KEPT, window.log())
            self.screen.xdotool("key", "Return")
            self.screen.wait_for_window(record.name)
            self.picture("opened")
            self.check_saved(record)
            self.assertEqual(window.log().count(DECODED), 1)
            self.assertIn(KEPT, window.log())

    def test_stop(self):
        """The button beside the progress ends the reading: the packets until then are there."""
        record = self.generate(LONG)
        with self.running(record) as window:
            window.wait_for_log(DECODED)
            self.screen.click_until(lambda: MESSAGE in self.screen.windows(), "the warning",
                                    [(x, 889) for x in (314, 304, 324)])
            self.picture("stopped")
            self.screen.xdotool("key", "Return")
            self.screen.wait_for_window(record.name)
            self.picture("part")
            saved = self.save()
        count = self.wireshark.run_tool(
            ["capinfos", "-M", "-T", "-r", "-c", saved],
            env_extra={"WIRESHARK_LOG_LEVEL": "warning"}).stdout.split("\t")[1]
        self.assertGreater(int(count), 100)
        self.assertLess(int(count), 120000)  # of 142,000

    def test_wrong_file(self):
        wrong = self.wireshark.path("wrong.wfm")
        wrong.write_bytes(b"This is no waveform.\n" * 100)
        with self.running():
            self.open_dialog()
            self.screen.xdotool("type", wrong)
            self.screen.xdotool("key", "Return")
            # The dialog comes up again, above the message.
            wait_until(lambda: self.has_window(OPEN) and MESSAGE in self.screen.windows(),
                       "the message")
            self.screen.wait_until_still()
            self.screen.xdotool("key", "Escape")
            wait_until(lambda: not self.has_window(OPEN), "the end of the dialog")
            self.assertIn(MESSAGE, self.screen.windows())
            self.picture("message")

        # A dialog's text cannot be read from outside. It is what tshark writes to stderr.
        result = self.wireshark.run_tool(["tshark", "-r", wrong])
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
