# SPDX-License-Identifier: GPL-2.0-or-later
"""Records opened as files: by the command line, in the dialog, dragged onto the window; a stop in the
middle of one, a wrong file."""

import pathlib
import shutil
import subprocess

from gui_case import MAIN_WINDOW, MESSAGE, GuiTest, main
from window import ANSWER_S, DEBIANS_PYTHON, wait_until

DRAG_SOURCE = pathlib.Path(__file__).resolve().parent / "drag_source.py"
# So many packets that Wireshark takes long to list them.
LONG = ["--speeds", "1000,1000,1000,1000", "--duration-us", "24000", "--sample-rate", "11e9",
        "--sample-format", "s8", "--frame-size", "64:64", "--gap", "12", "--seed", "3"]
# Idle alone repeats itself after 160 samples.
IDLE = ["--config", "none", "--sample-rate", "10e9", "--sample-format", "s8", "--duration-us", "1000",
        *(argument for lane in "0123" for argument in ("--idle-lane", lane))]
IDLE_REPEATED, IDLE_TIMES = 60_000 * 160, 50
OPEN, SAVE, DRAG = "Open Capture File", "Save Capture File As", "Drag from here"
DECODED, KEPT = "decoding ", "has been decoded before"


class OpenTest(GuiTest):
    def setUp(self):
        super().setUp()
        self.wireshark.environment.update(WIRESHARK_LOG_LEVEL="info",
                                          WIRESHARK_LOG_DOMAINS="scopedump")

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
        self.screen.wait_for_window(MAIN_WINDOW)
        self.screen.wait_until_still()
        return self.press("ctrl+o", OPEN)

    def save(self):
        """Saves what the window shows; gives the file, whose kind is the simplest that holds it."""
        self.press("ctrl+shift+s", SAVE)
        self.screen.xdotool("type", self.wireshark.path("saved"))
        self.screen.xdotool("key", "Return")
        self.screen.wait_for_window("saved")
        return next(self.wireshark.work.glob("saved.*"))

    def check_saved(self, record):
        """Holds what the window shows against what scopedump makes of the record."""
        saved, captured = self.save(), self.wireshark.path("captured.pcapng")
        subprocess.run([self.scopedump, record, "--events", "-w", captured, "-q"], check=True)
        self.assertTrue(self.packets(saved) == self.packets(captured), "the packets differ")

    def test_command_line(self):
        record, _ = self.generate()
        with self.running(record) as window:
            self.screen.wait_for_window(record.name)
            self.picture("opened")
            self.check_saved(record)
            self.assertEqual(window.log().count(DECODED), 1)

    def test_open_dialog(self):
        """The dialog shows a preview of the file that is clicked at; what was decoded for it is
        there when the file is opened."""
        record, _ = self.generate(name="a.wfm")  # the first in the list of files, by its name
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

    def test_dragged_file(self):
        """A file is held and moved, as from a file manager, and let go above the window."""
        record, _ = self.generate()
        program = self.wireshark.path(DRAG_SOURCE.name)
        shutil.copy(DRAG_SOURCE, program)
        with self.running() as window:
            self.screen.wait_for_window(MAIN_WINDOW)
            self.screen.wait_until_still()
            with self.screen.program([DEBIANS_PYTHON, program, DRAG, record], DRAG) as source:
                self.screen.xdotool("mousemove", "--window", source, 300, 50, "mousedown", 1)
                for x, y in ((900, 560), (700, 500), (500, 440), (490, 430)):
                    self.screen.xdotool("mousemove", x, y)
                    self.screen.wait_until_still()
                self.picture("held")
                self.assertNotIn(DECODED, window.log())
                self.screen.xdotool("mouseup", 1)
                self.screen.wait_for_window(record.name)
            self.picture("opened")
            self.check_saved(record)
            self.assertEqual(window.log().count(DECODED), 1)

    def stop_reading(self, record, options=""):
        """Opens a record and clicks on the button beside the progress, whose place depends on the
        record's name; gives the packets that are there then."""
        self.wireshark.environment["SCOPEDUMP_OPTIONS"] = "--threads 1 --cpu c " + options  # slowly
        with self.running(record) as window:
            window.wait_for_log(DECODED)
            # It is there only a while after the begin.
            self.screen.click_until(lambda: MESSAGE in self.screen.windows(), "the warning",
                                    [(x, 889) for x in (314, 304, 324)], answer=0.2)
            self.picture("stopped")
            self.screen.xdotool("key", "Return")
            self.screen.wait_for_window(record.name)
            self.picture("part")
            saved = self.save()
        self.wireshark.environment.update(WIRESHARK_LOG_LEVEL="warning")
        return self.fields(saved, "frame.time_relative", "_ws.col.Info")

    def test_stop(self):
        record, _ = self.generate(LONG, "a.wfm")
        packets = self.stop_reading(record)
        self.assertGreater(len(packets), 100)
        self.assertLess(len(packets), 120000)  # of 142,000

    def test_stop_in_idle(self):
        """There is no frame to be shown, but what has passed without one is told now and then."""
        part, _ = self.generate(IDLE, "part.raw")
        samples = part.read_bytes()[:IDLE_REPEATED]
        record = self.wireshark.path("b.raw")
        with open(record, "wb") as file:
            for _ in range(IDLE_TIMES):
                file.write(samples)
        packets = self.stop_reading(record, "--sample-format s8 --sample-rate 10e9")
        self.assertIn("No frame and no event in ", packets[-1][1])
        self.assertLess(float(packets[-1][0]), 0.9 * IDLE_TIMES * IDLE_REPEATED / 10e9)

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


if __name__ == "__main__":
    main()
