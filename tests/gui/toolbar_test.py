# SPDX-License-Identifier: GPL-2.0-or-later
"""The toolbar, with a record and with a watched folder."""

import shutil

from gui_case import MESSAGE, STOPPED, TOOLBAR, GuiTest, expected_counts, main
from window import wait_until

REPORT = [(1258, 125), (1240, 125)]
LOG = [(1345, 125), (1330, 125)]


class ToolbarTest(GuiTest):
    def open_log(self):
        self.screen.click_until(lambda: self.has_window("Log"), "the log", LOG)
        self.picture("log")

    def test_record(self):
        record, truth = self.generate()
        capture = self.wireshark.path("capture.pcapng")
        with self.running("-i", "scopedump", "-k", "-o", f"extcap.scopedump.file:{record}",
                          "-w", capture, recent=TOOLBAR) as window:
            self.wait_for_end(window, capture.name)
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
            self.screen.click_until(lambda: MESSAGE in self.screen.windows(), "the report", REPORT)
            self.picture("report")
            self.screen.xdotool("key", "Return")
            wait_until(lambda: MESSAGE not in self.screen.windows(), "the end of the report")
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
