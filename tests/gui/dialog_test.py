# SPDX-License-Identifier: GPL-2.0-or-later
"""The dialogs with the options, used as a user does. Places are in the dialog's own coordinates."""

import os
import pathlib
import re

from gui_case import ONLY_EXTCAPS, OPEN_FILE, OPTIONS, GuiTest, main
from window import wait_until

LINK_TAB, OUTPUT_TAB, RECORD_TAB = (106, 26), (167, 26), (45, 26)
CHOOSE = [(x, 62) for x in (416, 400, 440)]
CHANNEL, READ_CHANNELS = (221, 92), (426, 92)
SAMPLE_RATE = (344, 217)
START = [(x, 361) for x in (375, 356, 396)]
HELP = [(x, 361) for x in (548, 530, 566)]
INTERFACE = ": scopedump"  # how the title ends while its packets are shown
# Both legs, as the channels 1 and 2.
LEGS = ["--speeds", "1000,100,10,1000", "--duration-us", "100", "--sample-rate", "25e9",
        "--frame-size", "64:300", "--legs"]


class DialogTest(GuiTest):
    def choose_record(self, dialog, record):
        self.screen.click_until(lambda: self.has_window(OPEN_FILE), "the file dialog", CHOOSE,
                                window=dialog)
        self.screen.xdotool("type", record)
        self.screen.xdotool("key", "Return")
        wait_until(lambda: not self.has_window(OPEN_FILE), "the end of the file dialog")

    def click(self, dialog, place):
        self.screen.xdotool("mousemove", "--window", dialog, *place, "click", 1)

    def start(self, dialog):
        self.screen.click_until(lambda: not self.has_window(OPTIONS), "the capture's begin", START,
                                window=dialog)

    def captured(self, window):
        return re.search('File: "(.*)"', window.log()).group(1)

    def saved(self):
        """The options that Wireshark has saved."""
        file = pathlib.Path(self.wireshark.environment["XDG_CONFIG_HOME"], "wireshark/preferences")
        return dict(re.findall(r"(?m)^extcap\.([\w.]+): *(.*)$", file.read_text("utf-8")))

    def test_options_dialog(self):
        record, truth = self.generate()
        with self.running(*ONLY_EXTCAPS) as window:
            dialog = self.open_options()
            self.picture("link-tab", click=(dialog, *LINK_TAB))
            self.picture("output-tab", click=(dialog, *OUTPUT_TAB))
            self.picture("record-tab", click=(dialog, *RECORD_TAB))
            self.choose_record(dialog, record)
            self.picture("chosen")
            self.start(dialog)
            self.wait_for_end(window, INTERFACE)
            capture = self.captured(window)
        self.check_capture(capture, truth)
        # the next time it is there already
        self.assertEqual(self.saved()["scopedump.file"], str(record))

    def test_channels_of_the_record(self):
        record, _ = self.generate(LEGS, "legs.bin")
        with self.running(*ONLY_EXTCAPS) as window:
            dialog = self.open_options()
            self.choose_record(dialog, record)
            self.click(dialog, READ_CHANNELS)
            self.screen.wait_until_still()
            self.picture("channels", click=(dialog, *CHANNEL))
            self.screen.xdotool("key", "Down")
            self.screen.xdotool("key", "Return")
            self.picture("second")
            self.start(dialog)
            self.wait_for_end(window, INTERFACE)
            capture = self.captured(window)
        self.assertEqual(self.saved()["scopedump.channel"], "2")
        names = {row[0] for row in self.fields(capture, "frame.interface_description", only="eth")}
        self.assertTrue(names)
        for name in names:
            self.assertRegex(name, r"\Alegs\.bin, channel Channel 2 \(.* V\b.*\), lane \d\Z")

    def test_value_that_is_no_number(self):
        """It is marked, and the capture cannot be started until it is one."""
        record, _ = self.generate()
        with self.running(*ONLY_EXTCAPS) as window:
            dialog = self.open_options()
            self.choose_record(dialog, record)
            self.click(dialog, SAMPLE_RATE)
            self.screen.xdotool("type", "fast")
            self.picture("marked")
            self.click(dialog, START[0])
            self.screen.wait_until_still()
            self.assertTrue(self.has_window(OPTIONS), "it was started")
            self.click(dialog, SAMPLE_RATE)
            self.screen.xdotool("key", "ctrl+a", "type", "25e9")
            self.start(dialog)
            self.wait_for_end(window, INTERFACE)
        self.assertEqual(self.saved()["scopedump.samplerate"], "25e9")

    def test_help(self):
        """The button opens the page that is installed with the program, in the user's browser."""
        page = self.wireshark.folder / "share/doc/scopedump/scopedump.html"
        page.parent.mkdir(parents=True)
        page.write_text("<p>The page.</p>", encoding="utf-8")
        programs, opened = self.wireshark.folder / "bin", self.wireshark.path("opened")
        programs.mkdir()
        browser = programs / "xdg-open"
        browser.write_text(f'#!/bin/sh\necho "$1" >>{opened}\n', encoding="utf-8")
        browser.chmod(0o755)
        self.wireshark.environment["PATH"] = os.pathsep.join(
            [str(programs), self.wireshark.environment["PATH"]])
        with self.running(*ONLY_EXTCAPS):
            dialog = self.open_options()
            self.screen.click_until(opened.exists, "the browser", HELP, window=dialog)
            self.picture("opened")
        self.assertEqual(set(opened.read_text("utf-8").split()), {page.as_uri()})

    def test_watched_folder_dialog(self):
        record, _ = self.generate()
        folder = self.wireshark.path("dropped")
        folder.mkdir()
        with self.running(*ONLY_EXTCAPS) as window:
            dialog = self.open_options(range(274, 290, 4))
            self.picture("record-tab")
            self.screen.xdotool("mousemove", "--window", dialog, 344, 62, "click", 1)
            self.screen.xdotool("type", folder)
            self.picture("typed")
            self.start(dialog)
            window.wait_for_log("Capture started")
            os.link(record, folder / "first.wfm")
            capture = pathlib.Path(self.captured(window))
            wait_until(lambda: b"SCOPEDMP" in capture.read_bytes(), "packets")
            self.stop(window)
            self.wait_for_end(window, INTERFACE)
        self.assertEqual(self.saved()["scopedump_watch.watch"], str(folder))


if __name__ == "__main__":
    main()
