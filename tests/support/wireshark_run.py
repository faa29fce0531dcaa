# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs Wireshark's programs in a test: as a user who is not root, with folders of their own.

Wireshark ignores WIRESHARK_PLUGIN_DIR and WIRESHARK_EXTCAP_DIR for root, and its programs read the
user's saved options. So each WiresharkRun makes a folder with a HOME, copies the plugins and the
extcap program into it (the build folder may be closed to the other user), and removes it again.

    with WiresharkRun(plugin_dir=build / "dissector/plugins") as wireshark:
        capture = wireshark.path("frames.pcapng")
        capture.write_bytes(...)
        result = wireshark.run_tool(["tshark", "-r", capture, "-V"])
"""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

UNPRIVILEGED_USER = "nobody"
UNPRIVILEGED_ID = 65534


def shown(text):
    """What tshark shows of a field, as 4.0 does: later versions have True and False for 1 and 0."""
    return {"True": "1", "False": "0"}.get(text, text)


class WiresharkRun:
    """A folder to run Wireshark's programs in; a context manager."""

    def __init__(self, plugin_dir=None, extcap=None):
        """
        plugin_dir: folder with VERSION/epan/ (and wiretap/) in it, VERSION such as 4.0; replaces
        the system's plugins.
        extcap: an extcap program, or a folder of them; replaces the system's extcap folder.
        Either may be None: then Wireshark's own folders are used.
        """
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="scopedump-wireshark-"))
        try:
            self._user = self._other_user() if os.getuid() == 0 else None
            self.environment = self._make_environment()
            if plugin_dir is not None:
                copy = self.folder / "plugins"
                shutil.copytree(plugin_dir, copy)
                self.environment["WIRESHARK_PLUGIN_DIR"] = str(copy)
            if extcap is not None:
                copy = self.folder / "extcap"
                if pathlib.Path(extcap).is_dir():
                    shutil.copytree(extcap, copy)
                else:
                    copy.mkdir()
                    shutil.copy(extcap, copy)
                self.environment["WIRESHARK_EXTCAP_DIR"] = str(copy)
            self.work = self.folder / "work"
            self.work.mkdir()
            self._open_folder()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        """A path for a file that the programs may read and write; kept until close()."""
        return self.work / name

    def run_tool(self, argv, env_extra=None, input=None, timeout=60, text=True):
        """
        Runs a program and waits for it, as subprocess.run does.
        argv: program and arguments; input: text (or bytes, with text=False) for its stdin;
        timeout in seconds: beyond it the program and its children are ended, and
        subprocess.TimeoutExpired is raised. Returns a CompletedProcess with stdout and stderr.
        """
        self._open_folder()
        process = self.start_tool(
            argv,
            env_extra,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=text,
        )
        with process:
            try:
                stdout, stderr = process.communicate(input, timeout)
            except BaseException:
                self.end_tool(process)
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def start_tool(self, argv, env_extra=None, **options):
        """
        Starts a program and gives its Popen; end it with end_tool(). Options as of Popen.
        It leads a process group of its own, so that dumpcap and extcaps end with it.
        """
        if self._user:
            user, group = self._user
            options.update(user=user, group=group, extra_groups=[])
        if options.get("text"):
            options.setdefault("encoding", "utf-8")
            options.setdefault("errors", "replace")
        return subprocess.Popen(
            [str(argument) for argument in argv],
            cwd=self.work,
            env={**self.environment, **(env_extra or {})},
            start_new_session=True,
            **options,
        )

    @staticmethod
    def end_tool(process):
        """Ends a program of start_tool(), with its children, at once."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def _make_environment(self):
        home = self.folder / "home"
        folders = {
            "HOME": home,
            "XDG_CONFIG_HOME": home / ".config",
            "XDG_DATA_HOME": home / ".local/share",
            "XDG_CACHE_HOME": home / ".cache",
            "XDG_RUNTIME_DIR": self.folder / "runtime",
            "TMPDIR": self.folder / "tmp",
        }
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        folders["XDG_RUNTIME_DIR"].chmod(0o700)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            **{name: str(folder) for name, folder in folders.items()},
        }

    def _open_folder(self):
        """Gives the whole folder to the user of the programs."""
        if not self._user:
            return
        os.chown(self.folder, *self._user)
        for parent, folders, files in os.walk(self.folder):
            for name in folders + files:
                os.chown(os.path.join(parent, name), *self._user, follow_symlinks=False)

    @staticmethod
    def _other_user():
        try:
            entry = pwd.getpwnam(UNPRIVILEGED_USER)
            return entry.pw_uid, entry.pw_gid
        except KeyError:
            return UNPRIVILEGED_ID, UNPRIVILEGED_ID
