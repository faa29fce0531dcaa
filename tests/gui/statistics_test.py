# SPDX-License-Identifier: GPL-2.0-or-later
"""The statistics, the profile's buttons and the filter of a lane. What a window shows is held against
tshark through files that Wireshark writes."""

import contextlib
import pathlib
import re
import shutil
import subprocess

from gui_case import GuiTest, main
from window import wait_until

PROFILE = pathlib.Path(__file__).resolve().parents[2] / "packaging/profile/QSGMII"
WIRESHARK_DATA = pathlib.Path("/usr/share/wireshark")
TREE, SAVE = "Frames and errors", "Save"


class StatisticsTest(GuiTest):
    def setUp(self):
        super().setUp()
        record, _ = self.generate()
        self.capture = self.wireshark.path("capture.pcapng")
        subprocess.run([self.scopedump, record, "-q", "--events", "-w", self.capture], check=True)

    @contextlib.contextmanager
    def showing(self, *arguments):
        """Wireshark with the capture."""
        with self.running("-r", self.capture, *arguments) as window:
            self.screen.wait_for_window(self.capture.name)
            self.screen.wait_until_still()
            yield window

    def tshark(self, *argv):
        result = self.wireshark.run_tool(["tshark", "-r", self.capture, *argv])
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def press(self, *keys):
        for key in keys:
            self.screen.xdotool("key", key)

    def recent_filters(self, window):
        """Ends Wireshark as a user does, and gives the display filters that it remembers."""
        self.press("ctrl+q")
        window.wait_for_end()
        config = pathlib.Path(self.wireshark.environment["XDG_CONFIG_HOME"]) / "wireshark"
        text = (config / "recent_common").read_text(encoding="utf-8")
        return re.findall("^recent.display_filter: (.*)$", text, re.MULTILINE)

    def test_tree(self):
        """Statistics > QSGMII > Frames and errors, saved by its button, is what tshark prints."""
        saved = self.wireshark.path("saved.txt")
        with self.showing():
            self.press("alt+s")
            self.screen.wait_until_still()
            self.picture("menu")
            self.press("Up", "Right", "Return")
            tree = self.screen.wait_for_window(TREE)
            self.screen.wait_until_still()
            self.picture("tree")
            self.screen.click_until(lambda: self.has_window(SAVE), "the dialog to save",
                                    [(x, 437) for x in (656, 640, 675)], window=tree)
            self.screen.xdotool("type", saved)
            self.press("Return")
            wait_until(lambda: not self.has_window(SAVE), "the end of the dialog")
            wait_until(saved.exists, "the saved file")
        found = self.items(saved.read_text(encoding="utf-8"))
        wanted = self.items(self.tshark("-q", "-z", "qsgmii,tree"))
        self.assertGreater(len(wanted), 60)
        self.assertEqual(found, wanted)

    @staticmethod
    def items(text):
        """The lines of a tree, without what belongs to a time, and sorted: names and counts."""
        lines = re.findall(r"^ *(\S.*?)  +(\d+) ", text, re.MULTILINE)
        return sorted(lines)

    def test_tables(self):
        """-z opens the tables, as the entries QSGMII lanes and QSGMII link states do."""
        for name, title in (("qsgmii,lanes", "QSGMII lanes"),
                            ("qsgmii,link", "QSGMII link states")):
            with self.showing("-z", name):
                self.screen.wait_for_window(title)
                self.picture(name.partition(",")[2])
            self.assertIn("lane3", self.tshark("-q", "-z", name))

    def test_filter_of_the_lane(self):
        """Analyze > Conversation Filter > QSGMII lane, on a frame of lane 3."""
        number = self.tshark("-Y", "eth && qsgmii.lane == 3", "-T", "fields", "-e",
                             "frame.number").split()[0]
        with self.showing("-g", number) as window:
            self.press("alt+a")
            self.screen.wait_until_still()
            self.press("Down", "Down", "Down", "Down", "Down", "Right", "Up")
            self.picture("menu")
            self.press("Return")
            self.picture("filtered")
            self.assertEqual(self.recent_filters(window), ["qsgmii.lane == 3"])

    def test_profile_for_all_users(self):
        """A profile in Wireshark's own folder, as the installation puts it there: wireshark -C
        takes it with columns, colours, buttons and graphs."""
        data = self.wireshark.path("data")
        data.mkdir()
        for file in WIRESHARK_DATA.iterdir():
            (data / file.name).symlink_to(file)
        profiles = data / "profiles"
        profiles.unlink()
        shutil.copytree(WIRESHARK_DATA / "profiles", profiles)
        shutil.copytree(PROFILE, profiles / PROFILE.name, dirs_exist_ok=True)
        self.wireshark.environment["WIRESHARK_DATA_DIR"] = str(data)

        buttons = re.findall('^"TRUE",".*?","(.*?)","', (PROFILE / "dfilter_buttons").read_text(),
                             re.MULTILINE)
        self.assertEqual(len(buttons), 8)
        with self.showing("-C", PROFILE.name) as window:
            self.picture("main")
            # Where each button lies depends on the fonts: every one is hit once at the least.
            for x in range(920, 1395, 20):
                self.screen.xdotool("mousemove", x, 96, "click", 1)
            self.screen.wait_until_still()
            self.picture("buttons")
            self.press("alt+s")
            self.screen.wait_until_still()
            self.press("i")
            graphs = self.screen.wait_for_window("I/O Graphs")
            self.picture("graphs")
            self.screen.xdotool("windowclose", graphs)
            wait_until(lambda: not self.has_window("I/O Graphs"), "the end of the graphs")
            self.assertEqual(set(self.recent_filters(window)), set(buttons))
        for filter in buttons:
            self.assertTrue(filter.endswith("== 1") or self.tshark("-Y", filter), filter)


if __name__ == "__main__":
    main()
