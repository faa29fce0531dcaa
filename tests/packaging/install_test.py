# SPDX-License-Identifier: GPL-2.0-or-later
"""packaging/install: installs for one user and for all, captures with what was installed, and takes
it out again without a trace."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from wireshark_run import WiresharkRun

SOURCE = pathlib.Path(os.environ["SCOPEDUMP_SOURCE"])
BUILD = os.environ["SCOPEDUMP_INSTALL_BUILD"]
GENERATE = os.environ["SCOPEDUMP_GENERATE"]
HDF5 = SOURCE / "tests/fuzz/corpus/hdf5/keysight.h5" if os.environ["HDF5_SONAME"] else None
CMAKE_OPTIONS = [
    "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O0",
    f"-DCMAKE_C_COMPILER={os.environ['SCOPEDUMP_COMPILER']}",
    f"-DCMAKE_C_COMPILER_LAUNCHER={os.environ['SCOPEDUMP_COMPILER_LAUNCHER']}",
]
RECORD = ["--sample-rate", "25e9", "--duration-us", "20", "--speeds", "1000,100,10,1000"]


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class InstallTest(unittest.TestCase):
    def setUp(self):
        self.wireshark = WiresharkRun()
        self.addCleanup(self.wireshark.close)
        self.record = self.wireshark.path("record.wfm")
        subprocess.run([GENERATE, "--out", self.record, *RECORD], check=True)

    def install(self, *arguments, status=0, user=True, **environment):
        command = [SOURCE / "packaging/install", *(["--user"] if user else []), *arguments]
        if not set(arguments) & {"--uninstall", "--staged"}:
            command += ["--build", BUILD, *CMAKE_OPTIONS]
        result = subprocess.run(
            command, capture_output=True, text=True,
            env={**os.environ, **self.wireshark.environment, **environment})
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return result.stdout + result.stderr

    def folders(self):
        """Wireshark's own list of its folders, by name."""
        lines = self.wireshark.run_tool(["tshark", "-G", "folders"]).stdout.splitlines()
        folders = {name: pathlib.Path(folder.strip())
                   for name, folder in (line.split(":", 1) for line in lines)}
        # 4.0 does not list its user's extcap folder, and has another name for that of all
        folders.setdefault("Personal Extcap path", folders["Personal configuration"] / "extcap")
        folders.setdefault("Global Extcap path", folders.get("Extcap path"))
        return folders

    def capture(self, wireshark):
        out = wireshark.path("out.pcapng")
        result = wireshark.run_tool(
            ["tshark", "-Q", "-n", "-i", "scopedump", "-o", f"extcap.scopedump.file:{self.record}",
             "-w", out])
        self.assertEqual(result.returncode, 0, result.stderr)
        return out

    def lanes(self, wireshark, capture):
        """Lanes of the frames, as the plugin tells them."""
        result = wireshark.run_tool(["tshark", "-n", "-r", capture, "-Y", "qsgmii.lane", "-T",
                                     "fields", "-e", "qsgmii.lane"])
        return sorted(set(result.stdout.split()))

    def skip_if_installed(self):
        """A plugin for all users comes before that of one user."""
        if "qsgmii.so" in self.wireshark.run_tool(["tshark", "-G", "plugins"]).stdout:
            self.skipTest("scopedump is installed for all users")

    def test_for_one_user(self):
        self.skip_if_installed()
        home = pathlib.Path(self.wireshark.environment["HOME"])
        (home / ".local/bin").mkdir(parents=True)
        (home / ".local/bin/other").write_text("someone else's\n")
        before = tree(home)
        self.install()
        folders = self.folders()
        version = self.wireshark.run_tool([home / ".local/bin/scopedump", "--version"])
        self.assertRegex(version.stdout, r"\Ascopedump \d+\.\d+\.\d+")
        self.assertTrue((folders["Personal Extcap path"] / "scopedump").is_file(), folders)
        self.assertTrue((folders["Personal Plugins"] / "epan/qsgmii.so").is_file(), folders)
        if HDF5:
            read = self.wireshark.run_tool([folders["Personal Extcap path"] / "scopedump", "--info",
                                            HDF5])
            self.assertIn("Keysight HDF5", read.stdout, read.stderr)
        self.assertTrue(list((folders["Personal configuration"] / "profiles").iterdir()), folders)

        self.assertIn("scopedump", self.wireshark.run_tool(["tshark", "-D"]).stdout)
        plugins = self.wireshark.run_tool(["tshark", "-G", "plugins"]).stdout
        self.assertIn(str(folders["Personal Plugins"] / "epan/qsgmii.so"), plugins)
        capture = self.capture(self.wireshark)
        self.assertEqual(self.lanes(self.wireshark, capture), ["0", "1", "2", "3"])

        # Once more, as an update: what the user changed stays.
        preferences = next((folders["Personal configuration"] / "profiles").glob("*/preferences"))
        preferences.write_text("# mine\n")
        said = self.install()
        self.assertIn(f"Kept, because it was changed since it was installed: {preferences}", said)
        self.assertEqual(preferences.read_text(), "# mine\n")

        self.install("--uninstall")
        self.assertEqual(tree(home), before)
        self.assertIn("Nothing to uninstall", self.install("--uninstall", status=1))

    def test_for_all_users(self):
        root = self.wireshark.folder / "root"
        root.mkdir()
        self.install(user=False, DESTDIR=str(root))
        system = self.folders()
        extcap = root / str(system["Global Extcap path"])[1:] / "scopedump"
        plugins = root / str(system["Global Plugins"].parent)[1:]
        profiles = root / str(system["Global configuration"])[1:] / "profiles"
        self.assertTrue(list(profiles.glob("*/colorfilters")), tree(root))
        self.assertTrue((root / "usr/local/bin/scopedump").is_file(), tree(root))
        with WiresharkRun(plugin_dir=plugins, extcap=extcap) as wireshark:
            shutil.copy(self.record, wireshark.path("record.wfm"))
            self.record = wireshark.path("record.wfm")
            capture = self.capture(wireshark)
            self.assertEqual(self.lanes(wireshark, capture), ["0", "1", "2", "3"])

        # What stands beside it is not touched.
        other = extcap.parent / "other"
        other.write_text("someone else's\n")
        self.assertIn(f"Left, because there is something else in it: {extcap.parent}",
                      self.install("--uninstall", user=False, DESTDIR=str(root)))
        self.assertEqual([path for path in root.rglob("*") if path.is_file()], [other])

    def test_uninstalled_to_an_empty_tree(self):
        root = self.wireshark.folder / "root"
        root.mkdir()
        self.install(user=False, DESTDIR=str(root))
        self.install("--uninstall", user=False, DESTDIR=str(root))
        self.assertEqual(tree(root), [])

    def test_what_is_in_the_way(self):
        """A file that another has put there is not overwritten, and nothing is done by halves."""
        home = pathlib.Path(self.wireshark.environment["HOME"])
        other = home / ".local/bin/scopedump"
        other.parent.mkdir(parents=True)
        other.write_text("someone else's\n")
        before = tree(home)
        said = self.install(status=1)
        self.assertIn(f"{other} is there already", said)
        self.assertEqual(tree(home), before)
        self.assertEqual(other.read_text(), "someone else's\n")

    def test_no_write_access(self):
        root, stage = self.wireshark.folder / "root", self.wireshark.folder / "stage"
        for folder in (root, stage / "usr/local/bin"):
            folder.mkdir(parents=True)
        (stage / "usr/local/bin/scopedump").write_text("staged\n")
        command = [SOURCE / "packaging/install", "--staged", stage]
        self.wireshark.run_tool(["true"])  # gives the folder to the user of the programs
        root.chmod(0o555)
        process = self.wireshark.start_tool(command, {"DESTDIR": str(root)}, text=True,
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertEqual(said, f"{root} cannot be written: install as root, or with --user.\n")
        self.assertEqual(tree(root), [])
        root.chmod(0o755)

    def test_without_the_plugin(self):
        """The frames come all the same, and the comment on the capture says what is missing."""
        self.skip_if_installed()
        self.install()
        capture = pcapng_reader.read(self.capture(self.wireshark))
        self.assertNotIn(pcapng_reader.OPT_COMMENT, capture.section_options)
        frames = len(capture.packets)
        (self.folders()["Personal Plugins"] / "epan/qsgmii.so").unlink()
        capture = pcapng_reader.read(self.capture(self.wireshark))
        self.assertEqual(len(capture.packets), frames)
        self.assertRegex(capture.section_options[pcapng_reader.OPT_COMMENT].decode(),
                         r"\AThis Wireshark has no plugin qsgmii: .* for Wireshark \d\.\d")


if __name__ == "__main__":
    unittest.main()
