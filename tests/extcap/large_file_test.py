# SPDX-License-Identifier: GPL-2.0-or-later
"""A file of 2 GiB opens with the memory of a small one: nothing is read or copied but its header."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import sparse_records
from truth import EMULATOR, GENERATE, SCOPEDUMP, TruthTest

PROCESS_USAGE = os.environ.get("PROCESS_USAGE", "")
SMALL = 10**5
LARGE = (1 << 30) - 10**6  # 2 GiB of two bytes each; 4 GiB of floats
MOST_KIB = 1024  # that it may differ; pages of the program are mapped by chance


class LargeFileTest(TruthTest):
    def info(self, name, samples):
        """The memory that --info takes, in KiB."""
        path, options = sparse_records.write(GENERATE, name, self.path(""), samples)
        out = self.path("info.json")
        result = subprocess.run([PROCESS_USAGE, out, SCOPEDUMP, "--info", "--json", "-", path,
                                 *options], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(out.read_text())["channels"][0]["samples"], samples)
        return int(result.stdout.split()[0])

    def test_memory(self):
        for name in sparse_records.KINDS:
            with self.subTest(name):
                small, large = (self.info(name, samples) for samples in (SMALL, LARGE))
                if not EMULATOR:
                    self.assertLess(large - small, MOST_KIB)
        if EMULATOR:
            self.skipTest("they open, but the memory is the emulator's")


if __name__ == "__main__":
    unittest.main()
