# SPDX-License-Identifier: GPL-2.0-or-later
"""Libraries that only some files and options need are loaded for those alone: Wireshark waits for
scopedump at each start. Where one is missing, a sentence tells what to install."""

import os
import pathlib
import re
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import DECODED, FILE_FAULT, SCOPEDUMP, TruthTest

PCAP, ZIP, HDF5 = (os.environ.get(f"{kind}_SONAME", "") for kind in ("PCAP", "ZIP", "HDF5"))
NOT_FOR_ALL = re.compile("hdf5|curl|krb5|ldap|libzip|pcap|dbus")
SGMII = "--link sgmii --speeds 1000 --sample-rate 6.25e9 --duration-us 10 --config-us 1 "
INTERFACE = ["--extcap-interface", "scopedump"]


class LibrariesTest(TruthTest):
    def run_with(self, argv, **environment):
        return subprocess.run([SCOPEDUMP, *map(str, argv)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, env={**os.environ, **environment})

    def loaded(self, argv, status=DECODED):
        """Names of the libraries that a run loads, as the loader reports them."""
        prefix = self.path("loader")
        result = self.run_with(argv, LD_DEBUG="files", LD_DEBUG_OUTPUT=str(prefix))
        self.assertEqual(result.returncode, status, result.stderr)
        names = set()
        for report in prefix.parent.glob("loader.*"):
            names |= set(re.findall(r"calling init: \S*/(\S+)", report.read_text()))
            report.unlink()
        self.assertTrue(any(name.startswith("libglib-2.0.so") for name in names), names)
        return names

    def files(self):
        """What takes a library: its name, arguments, and the status."""
        record, _, _ = self.generate(SGMII)
        packed, hdf5 = self.path("record.zip"), self.path("record.h5")
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(record, "record.wfm")
        hdf5.write_bytes(b"\x89HDF\r\n\x1a\n")
        rows = [(PCAP, ["-q", "-w", self.path("out.pcapng"), "-f", "ip", record], DECODED),
                (ZIP, ["--info", packed], DECODED), (HDF5, ["--info", hdf5], FILE_FAULT)]
        return [row for row in rows if row[0]]

    def test_not_loaded(self):
        record, _, _ = self.generate(SGMII)
        for argv in (["--version"], ["--extcap-interfaces"], ["--extcap-dlts", *INTERFACE],
                     ["--extcap-config", *INTERFACE], ["--info", record],
                     ["-q", "-w", self.path("out.pcapng"), record]):
            with self.subTest(argv):
                names = self.loaded(argv)
                self.assertEqual([name for name in names if NOT_FOR_ALL.search(name)], [])

    def test_loaded_when_needed(self):
        for library, argv, status in self.files():
            with self.subTest(library):
                self.assertIn(library, self.loaded(argv, status))

    def test_missing(self):
        for library, argv, _ in self.files():
            with self.subTest(library):
                folder = self.path(f"without-{library}")
                folder.mkdir()
                (folder / library).write_text("This is no library.\n")
                result = self.run_with(argv, LD_LIBRARY_PATH=str(folder))
                self.assertEqual((result.returncode, result.stdout), (FILE_FAULT, ""))
                self.assertRegex(result.stderr, r"\A[^\n]+: install (the package )?\S+[.]\n\Z")
                self.assertIn(f"the library for it cannot be loaded ({folder / library}:",
                              result.stderr)


if __name__ == "__main__":
    unittest.main()
