# SPDX-License-Identifier: GPL-2.0-or-later
"""A screen of its own (Xvfb, openbox) and Wireshark's window on it.

    with WiresharkRun(extcap=program) as wireshark, Screen(wireshark) as screen:
        window = WiresharkWindow(wireshark, screen, ["-r", capture])
        screen.wait_for_window("frames.pcapng")
        screen.picture(folder / "window.png")
        window.close()
"""

import contextlib
import os
import pathlib
import select
import shutil
import subprocess
import time

PROGRAMS = ["Xvfb", "openbox", "xdotool", "import", "wireshark", "tshark"]
DEBIANS_PYTHON = "/usr/bin/python3"  # which has PyQt5
WAIT_S = 120  # a loaded machine of two cores is slow to start Wireshark
POLL_S = 0.25
STILL_S = 20  # a blinking cursor never lets the screen come to rest
ANSWER_S = 3  # for what a click does; when nothing happens the next place is tried

PRINT_CLIPBOARD = """
from PyQt5.QtWidgets import QApplication
application = QApplication([])
print(application.clipboard().text())
"""

RECENT_COMMON = "gui.geometry_main_maximized: TRUE\n"


def missing_programs():
    """The names of those programs that the GUI needs and that are not installed."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if subprocess.run([DEBIANS_PYTHON, "-c", "import PyQt5.QtWidgets"],
                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
        missing.append("python3-pyqt5")
    return missing


def wait_until(condition, what, timeout=WAIT_S, pause=POLL_S):
    """Calls condition() until its result is true and gives that; TimeoutError says what was
    awaited, after timeout seconds. pause: seconds between two calls."""
    end = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {timeout} s")
        time.sleep(pause)


class Screen:
    """A virtual screen with a window manager; a context manager."""

    def __init__(self, wireshark, width=1400, height=900):
        """wireshark: the WiresharkRun whose user and folders the programs have."""
        self._wireshark = wireshark
        self.size = (width, height)
        self._processes = []
        try:
            self.environment = {"DISPLAY": self._start_server(width, height)}
            manager = self._start(["openbox", "--sm-disable"], self.environment)
            wait_until(lambda: self._is_managed(manager), "the window manager")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the window manager and the screen."""
        for process in reversed(self._processes):
            self._wireshark.end_tool(process)
        self._processes.clear()

    def xdotool(self, *arguments):
        """Runs xdotool and gives its output; "" when it fails (no window was found)."""
        result = self._wireshark.run_tool(
            ["xdotool", *arguments], env_extra=self.environment, timeout=WAIT_S)
        return result.stdout if result.returncode == 0 else ""

    def windows(self):
        """The visible windows of Wireshark: a dictionary from title to window number."""
        found = {}
        for number in self.xdotool("search", "--onlyvisible", "--class", "wireshark").split():
            name = self.xdotool("getwindowname", number).strip()
            if name:
                found[name] = number
        return found

    def wait_for_window(self, part):
        """Waits for a window with part in its title; gives its number."""
        def find():
            return next((number for name, number in self.windows().items() if part in name), None)
        return wait_until(find, f'a window "{part}"')

    @contextlib.contextmanager
    def program(self, argv, title):
        """Runs another program with a window of that title; gives the window's number."""
        process = self._start(argv, self.environment)
        try:
            yield wait_until(lambda: self.xdotool("search", "--onlyvisible", "--name", title).strip(),
                             f'the window "{title}"')
        finally:
            self._processes.remove(process)
            self._wireshark.end_tool(process)

    def clipboard(self):
        """The text that was copied in a window."""
        return self._wireshark.run_tool([DEBIANS_PYTHON, "-c", PRINT_CLIPBOARD],
                                        env_extra=self.environment, timeout=WAIT_S).stdout

    def click_until(self, condition, what, points, window=None, clicks=1, answer=ANSWER_S):
        """Clicks at the points, one after the other, until condition() is true: where a widget
        lies depends a little on the fonts. points: (x, y) on the screen, or in the window of that
        number; answer: seconds that what a click does may take; TimeoutError says what was
        awaited."""
        place = [] if window is None else ["--window", window]

        def try_points():
            for x, y in points:
                self.xdotool("mousemove", *place, x, y, "click", "--repeat", clicks, 1)
                try:
                    return wait_until(condition, what, answer)
                except TimeoutError:
                    pass
            return False
        wait_until(try_points, what)

    def wait_until_still(self):
        """Waits until the screen shows the same for a while, or gives up after STILL_S."""
        pictures = [self._grab(), None]

        def is_still():
            pictures[:] = [self._grab(), pictures[0]]
            return pictures[0] == pictures[1]
        try:
            wait_until(is_still, "a screen that does not change", STILL_S)
        except TimeoutError:
            pass

    def picture(self, path, small=False):
        """Writes what the screen shows to path, a PNG, when it no longer changes; small: with 256
        colours, a quarter of the size."""
        path = pathlib.Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.wait_until_still()
        path.write_bytes(self._grab(small))

    def _grab(self, small=False):
        """The screen as a PNG without the time in it, so that two of them can be compared."""
        reduce = ["+dither", "-colors", 256, "-define", "png:compression-level=9"] if small else []
        return self._wireshark.run_tool(
            ["import", "-silent", "-window", "root", "-strip", "-depth", 8, *reduce, "-define",
             "png:exclude-chunks=date,time", "png8:-" if small else "png:-"],
            env_extra=self.environment, timeout=WAIT_S, text=False).stdout

    def _start_server(self, width, height):
        """Starts Xvfb on a free display; gives the display's name. Without -noreset it would throw
        out a client that connects just when the only other one, such as xdotool, leaves."""
        read_end, write_end = os.pipe()
        try:
            process = self._start(
                ["Xvfb", "-displayfd", write_end, "-screen", "0", f"{width}x{height}x24",
                 "-nolisten", "tcp", "-noreset"], {}, pass_fds=[write_end])
            os.close(write_end)
            write_end = None
            number = b""
            while not number.endswith(b"\n"):
                if not select.select([read_end], [], [], WAIT_S)[0]:
                    raise TimeoutError(f"Xvfb: not within {WAIT_S} s")
                part = os.read(read_end, 16)
                if not part:
                    raise RuntimeError(f"Xvfb ended with status {process.wait()}")
                number += part
            return ":" + number.decode().strip()
        finally:
            os.close(read_end)
            if write_end is not None:
                os.close(write_end)

    def _is_managed(self, manager):
        if manager.poll() is not None:
            raise RuntimeError(f"openbox ended with status {manager.returncode}")
        # Only a window manager that is up tells the number of desktops.
        return self.xdotool("get_num_desktops").strip()

    def _start(self, argv, environment, **options):
        process = self._wireshark.start_tool(
            argv, environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **options)
        self._processes.append(process)
        return process


class WiresharkWindow:
    """A running Wireshark with its window."""

    def __init__(self, wireshark, screen, arguments, profile=None, recent=""):
        """arguments: those of the command line; profile: a profile's folder that is used; recent:
        lines for the file of that name, of the profile or, without one, of the user."""
        self._wireshark = wireshark
        config = pathlib.Path(wireshark.environment["XDG_CONFIG_HOME"]) / "wireshark"
        config.mkdir(parents=True, exist_ok=True)
        (config / "recent_common").write_text(RECENT_COMMON, encoding="utf-8")
        # Asking whether to save would keep it from ending.
        (config / "preferences").write_text(
            "gui.ask_unsaved: FALSE\ngui.update.enabled: FALSE\n", encoding="utf-8")
        used = config
        if profile is not None:
            profile = pathlib.Path(profile)
            used = config / "profiles" / profile.name
            shutil.copytree(profile, used, dirs_exist_ok=True)
        if recent:
            with open(used / "recent", "a", encoding="utf-8") as file:
                file.write(recent)
        if profile is not None:
            arguments = ["-C", profile.name, *arguments]
        wireshark.run_tool(["true"])  # gives the new files to the user
        self._log = wireshark.path(f"wireshark-{time.monotonic_ns()}.log")
        with open(self._log, "wb") as log:
            self._process = wireshark.start_tool(
                ["wireshark", *arguments],
                {**screen.environment, "QT_QPA_PLATFORM": "xcb", "QT_ACCESSIBILITY": "0",
                 "LIBGL_ALWAYS_SOFTWARE": "1"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)

    def log(self):
        """What Wireshark wrote to stdout and stderr so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for_log(self, text):
        """Waits until Wireshark wrote text; RuntimeError when it ends without it."""
        def written():
            ended = self._process.poll() is not None
            if text in self.log():
                return True
            if ended:
                raise RuntimeError(
                    f"Wireshark ended with status {self._process.returncode}:\n{self.log()}")
            return False
        wait_until(written, f'"{text}" of Wireshark')

    def wait_for_end(self):
        """Waits until Wireshark, which was told to, has ended."""
        wait_until(lambda: self._process.poll() is not None, "the end of Wireshark")

    def close(self):
        """Ends Wireshark, with dumpcap and the extcap program."""
        self._wireshark.end_tool(self._process)
