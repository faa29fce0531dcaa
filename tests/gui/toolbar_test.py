# SPDX-License-Identifier: GPL-2.0-or-later
"""The toolbar, with a record and with a watched folder."""

import shutil
import subprocess

from gui_case import STOPPED, TOOLBAR, GuiTest, expected_counts, main
from window import wait_until

REPORT = [(1258, 125), (1240, 125)]
LOG = [(1345, 125), (1330, 125)]


class ToolbarTest(GuiTest):
    def open_log(self):
        self.screen.click_until(lambda: self.has_window("Log"), "the log", LOG)
        self.picture("log")

    def check_report(self, record):
        """The button's window has all that scopedump writes of the record."""
        self.screen.click_until(lambda: self.has_window("Report"), "the report", REPORT)
        self.picture("report")
        window = self.screen.wait_for_window("Report")
        self.screen.xdotool("mousemove", "--window", window, 100, 100, "click", 1)
        report = subprocess.run([self.scopedump, record], capture_output=True, text=True,
                                check=True).stdout

        def copied():
            self.screen.xdotool("key", "ctrl+a", "ctrl+c")
            return self.screen.clipboard().strip()
        wait_until(lambda: copied() == report.strip(), "the whole report")
        self.screen.xdotool("key", "Escape")
        wait_until(lambda: not self.has_window("Report"), "the end of the report")

    def test_record(self):
        record, truth = self.generate()
        capture = self.wireshark.path("capture.pcapng")
        with self.running("-i", "scopedump", "-k", "-o", f"extcap.scopedump.file:{record}",
                          "-w", capture, recent=TOOLBAR) as window:
            self.wait_for_end(window, capture.name)
            self.check_report(record)
            self.open_log()
        self.check_capture(capture, truth)

    def test_watched_folder(self):
        record, truth = self.generate()
        folder, capture = self.wireshark.path("dropped"), self.wireshark.path("capture.pcapng")
        folder.mkdir()
        comments = lambda: capture.read_bytes().count(b", channel ")
        with self.running("-i", "scopedump-watch", "-k", "-o",
                          f"extcap.scopedump_watch.watch:{folder}", "-w", capture,
                          recent=TOOLBAR) as window:
            window.wait_for_log("File: ")
            wait_until(lambda: capture.exists() and capture.stat().st_size, "the begin")
            self.picture("waiting")
            shutil.copy(record, folder / "first.wfm")
            wait_until(lambda: comments() == 1, "the first record")
            (folder / "cut.wfm").write_bytes(record.read_bytes()[:100000])
            wait_until(lambda: b"the file is cut" in capture.read_bytes(), "word of the cut one")
            self.picture("damaged")
            shutil.copy(record, folder / "second.wfm")
            wait_until(lambda: capture.read_bytes().count(b"SCOPEDMP") == 2 * len(truth["frames"]),
                       "all of the second record")
            self.check_report(folder / "second.wfm")
            self.open_log()
            self.screen.xdotool("key", "Escape")
            self.stop(window)
            self.wait_for_end(window, capture.name)
            self.assertIn(STOPPED, window.log())
        once = expected_counts(truth)
        twice = {name: {lane: 2 * n for lane, n in counter.items()}
                 for name, counter in once.items()}
        self.assertEqual(self.counts(capture), twice)


if __name__ == "__main__":
    main()
