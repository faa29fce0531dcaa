# SPDX-License-Identifier: GPL-2.0-or-later
"""What CMake finds out: the version of scopedump, and whether this Wireshark is one that it knows."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SCOPEDUMP_SOURCE"])


@unittest.skipUnless(shutil.which("git"), "there is no git")
class VersionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "print.cmake").write_text(
            f"include({SOURCE}/packaging/cmake/version.cmake)\n"
            'message("${SCOPEDUMP_VERSION} ${SCOPEDUMP_VERSION_NUMBER}")\n')

    def version(self):
        result = subprocess.run(["cmake", "-P", "print.cmake"], cwd=self.folder, check=True,
                                capture_output=True, text=True)
        return result.stderr.strip()

    def git(self, *arguments):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.example", *arguments],
            cwd=self.folder, check=True, capture_output=True,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull})

    def test_without_git(self):
        given = self.version()
        self.assertRegex(given, r"\A(\d+\.\d+\.\d+) \1\Z")
        (self.folder / "VERSION").write_text("7.8.9+3.g0123abc\n")
        self.assertEqual(self.version(), "7.8.9+3.g0123abc 7.8.9")

    def test_from_the_tag(self):
        given = self.version()
        self.git("init", "-q")
        self.git("commit", "-q", "--allow-empty", "-m", "one")
        self.assertEqual(self.version(), given)
        self.git("tag", "v1.20.3")
        self.git("tag", "other")
        self.assertEqual(self.version(), "1.20.3 1.20.3")
        self.git("commit", "-q", "--allow-empty", "-m", "two")
        self.assertRegex(self.version(), r"\A1\.20\.3\+1\.g[0-9a-f]{7,} 1\.20\.3\Z")

    def test_a_tag_that_is_none(self):
        given = self.version()
        self.git("init", "-q")
        self.git("commit", "-q", "--allow-empty", "-m", "one")
        self.git("tag", "v2-beta")
        said = self.version()
        self.assertIn('"v2-beta" is no version as in v0.1.0', said)
        self.assertIn(given, said)


class WiresharkVersionTest(unittest.TestCase):
    """What CMake says to versions of Wireshark that this source does not know."""

    def configure(self, version):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "lib/cmake/wireshark/WiresharkConfig.cmake"
            config.parent.mkdir(parents=True)
            major, minor, _ = version.split(".")
            config.write_text(
                f"set(Wireshark_MAJOR_VERSION {major})\nset(Wireshark_MINOR_VERSION {minor})\n"
                f"set(Wireshark_VERSION {version})\n"
                "foreach(library epan wiretap wsutil)\n"
                "    add_library(${library} INTERFACE IMPORTED)\nendforeach()\n"
                f"set(Wireshark_INSTALL_PREFIX {folder})\n"
                f"set(Wireshark_PLUGIN_INSTALL_DIR {folder}/plugins/{major}.{minor})\n"
                f"set(Wireshark_EXTCAP_INSTALL_DIR {folder}/extcap)\n")
            result = subprocess.run(
                ["cmake", "-S", SOURCE, "-B", f"{folder}/build", "-G", "Ninja",
                 "-DSCOPEDUMP_TESTS=OFF", f"-DCMAKE_PREFIX_PATH={folder}"],
                capture_output=True, text=True)
            return result.returncode, " ".join(result.stderr.split())

    def test_known(self):
        for version in ("4.0.0", "4.6.99"):
            status, said = self.configure(version)
            self.assertEqual(status, 0, said)
            self.assertNotIn("newer than this source", said)

    def test_too_new(self):
        status, said = self.configure("5.1.2")
        self.assertEqual(status, 0, said)
        self.assertIn("Wireshark 5.1.2 is newer than this source, which knows 4.0 to 4.6", said)

    def test_too_old(self):
        status, said = self.configure("3.6.14")
        self.assertNotEqual(status, 0)
        self.assertIn("Wireshark 3.6.14 is too old for the plugin, which needs 4.0 or later", said)


if __name__ == "__main__":
    unittest.main()
