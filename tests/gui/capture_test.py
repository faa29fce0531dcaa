# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures in a real Wireshark window: a record, a stop in the middle of one, a wrong file."""

import os
import pathlib
import signal

from gui_case import MESSAGE, STOPPED, GuiTest, main
from window import wait_until

PROFILE = pathlib.Path(__file__).resolve().parents[2] / "packaging/profile/QSGMII"
# Raw samples of a short record, over and over: much that is quickly made.
LONG_PART = ["--speeds", "1000,1000,1000,1000", "--duration-us", "400", "--sample-rate", "25e9",
             "--sample-format", "s8", "--frame-size", "64:300", "--seed", "7"]
LONG_PARTS = 20


class CaptureTest(GuiTest):
    def test_live_capture(self):
        record, truth = self.generate()
        capture = self.wireshark.path("capture.pcapng")
        with self.running("-i", "scopedump", "-k", "-o", f"extcap.scopedump.file:{record}",
                          "-w", capture, profile=PROFILE) as window:
            self.wait_for_end(window, capture.name)
        self.check_capture(capture, truth)

    def find_extcap(self):
        """The process of the extcap that captures; None: there is none (yet)."""
        program = self.wireshark.folder / "extcap/scopedump"
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (folder / "exe").samefile(program) and b"--capture" in (
                        folder / "cmdline").read_bytes().split(b"\0"):
                    return int(folder.name)
            except OSError:  # it has ended, or is not ours
                pass
        return None

    def test_stop_in_a_long_record(self):
        """The extcap is held as soon as packets have come, so that Stop comes before the end."""
        part, _ = self.generate(LONG_PART, "part.raw")
        record = self.wireshark.path("long.raw")
        with open(record, "wb") as file:
            for _ in range(LONG_PARTS):
                file.write(part.read_bytes())
        capture = self.wireshark.path("capture.pcapng")
        options = [f"extcap.scopedump.{o}" for o in (
            f"file:{record}", "sampleformat:s8", "samplerate:25e9")]
        arguments = [a for o in options for a in ("-o", o)]
        with self.running("-i", "scopedump", "-k", *arguments, "-w", capture) as window:
            extcap = wait_until(self.find_extcap, "the extcap", pause=0.005)
            wait_until(lambda: capture.exists() and capture.stat().st_size > 20000, "packets",
                       pause=0.005)
            os.kill(extcap, signal.SIGSTOP)
            self.picture("running")
            self.stop(window)
            os.kill(extcap, signal.SIGCONT)
            self.wait_for_end(window, capture.name)
        frames = self.fields(capture, "frame.time_relative", "qsgmii.cut", only="eth")
        self.assertGreater(len(frames), 10)
        self.assertLess(float(frames[-1][0]), 400e-6 * LONG_PARTS * 0.95, "it was not stopped")

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


if __name__ == "__main__":
    main()
