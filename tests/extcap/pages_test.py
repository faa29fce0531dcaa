# SPDX-License-Identifier: GPL-2.0-or-later
"""The man pages against what they describe: the options, and the fields of the plugin."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from truth import EMULATOR, SCOPEDUMP, TruthTest, run

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "docs"
BUILT = os.environ["SCOPEDUMP_PAGES"]
TYPES = {
    "FT_BOOLEAN": "yes or no", "FT_DOUBLE": "number with a fraction", "FT_NONE": "presence",
    "FT_STRING": "text", "FT_INT32": "signed, 32 bits", "FT_INT64": "signed, 64 bits",
    "FT_UINT8": "unsigned, 8 bits", "FT_UINT16": "unsigned, 16 bits",
    "FT_UINT32": "unsigned, 32 bits", "FT_UINT64": "unsigned, 64 bits",
}


class SourceTest(TruthTest):
    def test_options(self):
        """scopedump(1) has each option of --help, with its argument, and no other."""
        helped = {}
        for line in run(SCOPEDUMP, "--help").stdout.splitlines():
            match = re.match(r"  (?:-(\w), )?--([a-z-]+)(?:=(\S+))?", line)
            if match:
                helped[match[2]] = (match[1], match[3])
        self.assertIn("file", helped)
        documented = {}
        page = (SOURCES / "scopedump.1.scd").read_text(encoding="utf-8")
        options = page[page.index("# OPTIONS"):page.index("# EXIT STATUS")]
        for line in re.findall(r"(?m)^\*-.*$", options):
            names = re.findall(r"\*--([a-z-]+)\*", line)
            short = re.search(r"\*-(\w)\*", line)
            argument = re.search(r" _(\w+)_$", line)
            for name in names:
                self.assertNotIn(name, documented)
                documented[name] = (short and short[1], argument and argument[1])
        self.assertEqual(documented, helped)

    def test_status(self):
        page = (SOURCES / "scopedump.1.scd").read_text(encoding="utf-8")
        section = page[page.index("# EXIT STATUS"):page.index("# EXAMPLES")]
        self.assertEqual(re.findall(r"(?m)^(\d)$", section), list("0123"))

    def test_fields(self):
        """scopedump-fields(5) has each field of the plugin with name, type and description. What a
        line of it must be stands in the message."""
        result = self.wireshark.run_tool(["tshark", "-G", "fields"])
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        wanted = {}
        for row in rows:
            if row[0] == "F" and row[4] == "qsgmii":
                description = f". {row[7]}" if len(row) > 7 and row[7] else ""
                wanted[row[2]] = f"{row[1]} ({TYPES[row[3]]}){description}."
        self.assertIn("qsgmii.lane", wanted)
        page = (SOURCES / "scopedump-fields.5.scd").read_text(encoding="utf-8")
        found = re.findall(r"(?m)^\*(qsgmii[\w.]+)\*\n\t(.*)$", page[page.index("# FRAMES"):])
        names = [name for name, _ in found]
        self.assertEqual(len(names), len(set(names)), "a field is there twice")
        for name in wanted.keys() - set(names):
            self.fail(f"missing in docs/scopedump-fields.5.scd:\n*{name}*\n\t{wanted[name]}")
        self.assertEqual(dict(found), wanted)


@unittest.skipUnless(os.path.exists(f"{BUILT}/scopedump.html"), "the pages were not built")
class BuiltTest(TruthTest):
    def test_man_pages(self):
        for name in ("scopedump.1", "scopedump-fields.5"):
            result = subprocess.run(["mandoc", "-T", "lint", "-W", "error", f"{BUILT}/{name}"],
                                    capture_output=True, text=True, check=False)
            self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_help_page(self):
        """The page that is installed with the program is what Wireshark is told of."""
        folder = self.path("installed")
        program, page = folder / "bin/scopedump", folder / "share/doc/scopedump/scopedump.html"
        for path in (program, page):
            path.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(pathlib.Path(os.environ["SCOPEDUMP_BUILT"]).read_bytes())
        program.chmod(0o755)
        page.write_bytes(pathlib.Path(BUILT, "scopedump.html").read_bytes())
        first = run(*EMULATOR, program, "--extcap-interfaces").stdout.splitlines()[0]
        self.assertEqual(re.search(r"\{help=([^}]*)\}", first)[1], page.as_uri())

    def test_links(self):
        for name in ("scopedump.html", "scopedump-fields.html"):
            text = pathlib.Path(BUILT, name).read_text(encoding="utf-8")
            for link in re.findall(r'href="([^"#]+)"', text):
                self.assertTrue(pathlib.Path(BUILT, link).is_file(), link)
        self.assertIn("scopedump-fields.html", pathlib.Path(BUILT, "scopedump.html").read_text())


if __name__ == "__main__":
    unittest.main()
