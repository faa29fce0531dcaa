# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the plugin's fields against the rules of Wireshark's README.dissector and of the scripts in
its tools folder (checkfiltername, check_typed_item_calls, checkhf), which Debian does not package:
field_rules_test.py PLUGIN_DIR SOURCE_FOLDER [-v]"""

import collections
import pathlib
import re
import sys

sys.dont_write_bytecode = True

import plugin_run
from plugin_run import DissectorTest

SOURCES = []

BITS = {f"FT_{sign}INT{bits}": bits for sign in ("", "U") for bits in range(8, 65, 8)}
WIDTHS = {**BITS, "FT_BOOLEAN": 64, "FT_DOUBLE": 64}

SMALL_UNSIGNED = {"FT_CHAR", "FT_UINT8", "FT_UINT16", "FT_UINT24", "FT_UINT32"}
SMALL_SIGNED = {"FT_INT8", "FT_INT16", "FT_INT24", "FT_INT32"}
# What proto_tree_add_NAME takes.
CALLS = {
    "uint": SMALL_UNSIGNED | {"FT_FRAMENUM"},
    "uint64": {"FT_UINT40", "FT_UINT48", "FT_UINT56", "FT_UINT64", "FT_FRAMENUM"},
    "int": SMALL_SIGNED,
    "int64": {"FT_INT40", "FT_INT48", "FT_INT56", "FT_INT64"},
    "boolean": {"FT_BOOLEAN"},
    "double": {"FT_DOUBLE"},
    "string": {"FT_STRING", "FT_STRINGZ", "FT_STRINGZPAD", "FT_STRINGZTRUNC"},
    "none_format": {"FT_NONE"},
    "bitmask": {type for type, bits in BITS.items() if "UINT" in type},
}

Field = collections.namedtuple("Field", "name filter type parent base mask blurb")


def without_comments(source):
    return re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)


def offsets():
    """The sizes that the record format gives to its fields, from the table in its comment."""
    header = (SOURCES[0].parents[2] / "core/include/scopedump/record_format.h").read_text("utf-8")
    sizes = {"u8": 1, "u16": 2, "u32": 4, "i32": 4, "u64": 8, "i64": 8}
    tables = header.split("| at")[1:]
    prefixes = ("SD_AT_", "SD_HIT_AT_", "SD_EVENT_AT_")
    found = {}
    for prefix, table in zip(prefixes, tables, strict=True):
        rows = {int(at): sizes[kind] for at, kind in
                re.findall(r"^ \*\s*\|\s*(\d+) \|\s*([ui]\d+)\s*\|", table, re.MULTILINE)}
        for name, at in re.findall(rf"\b({prefix}\w+) = (\d+),", header):
            if int(at) in rows:
                found[name] = rows[int(at)]
    return found


class ListedFieldsTest(DissectorTest):
    """What tshark -G fields lists."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = cls.wireshark.run_tool(["tshark", "-G", "fields"]).stdout.splitlines()
        rows = [line.split("\t")[1:] for line in lines if line.startswith("F\t")]
        cls.fields = [Field(*row) for row in rows
                      if row[1].startswith("qsgmii") or row[3] == "qsgmii"]

    def test_there_are_fields(self):
        self.assertGreater(len(self.fields), 75)
        filters = {field.filter for field in self.fields}
        for name in ("lane", "speed", "symbol_errors", "error", "error.octet", "error.sample",
                     "error.place", "time_ps", "sample", "event.kind", "config.word",
                     "expert.symbol_error"):
            self.assertIn(f"qsgmii.{name}", filters)

    def test_filter_names(self):
        """Lower case, of the protocol, no doubled prefix, no needless underscore; each once."""
        for field in self.fields:
            self.assertRegex(field.filter, r"^qsgmii(\.[a-z0-9]+(_[a-z0-9]+)*)+$")
            self.assertEqual(field.parent, "qsgmii")
            self.assertFalse(field.filter.startswith("qsgmii.qsgmii"), field)
        twice = [name for name, count in
                 collections.Counter(field.filter for field in self.fields).items() if count > 1]
        self.assertEqual(twice, [])

    def test_names_and_descriptions(self):
        for field in self.fields:
            self.assertTrue(field.name, field)
            self.assertEqual(field.name, field.name.strip())
            self.assertTrue(field.blurb, f"{field.filter} has no description")
            self.assertEqual(field.blurb, field.blurb.strip())
            self.assertFalse(field.blurb.endswith("."), field)
            self.assertNotEqual(field.blurb.lower(), field.name.lower())
            self.assertNotEqual(field.blurb.lower(), field.filter)

    def test_masks(self):
        """In one piece, inside the field; two that follow each other are not of the same bits."""
        before = None
        for field in self.fields:
            mask = int(field.mask, 16)
            if mask:
                width = WIDTHS[field.type] if field.type != "FT_BOOLEAN" else int(field.base)
                self.assertEqual(mask & (mask + (mask & -mask)), 0, field)
                self.assertLess(mask, 1 << width, field)
                if before and int(before.mask, 16) == mask:
                    self.assertEqual(before.name, field.name, (before, field))
            before = field

    def test_value_strings(self):
        """Each value of a field has one name, and no two have the same."""
        text = self.wireshark.run_tool(["tshark", "-G", "values"]).stdout
        rows = [line.split("\t") for line in text.splitlines() if "\tqsgmii." in line]
        values = [(row[1], row[2]) for row in rows if row[0] == "V"]
        names = [(row[1], row[3]) for row in rows if row[0] == "V"]
        self.assertGreater(len(values), 30)
        self.assertEqual(len(set(values)), len(values))
        self.assertEqual(len(set(names)), len(names))
        for row in rows:
            if row[0] == "T":
                self.assertNotEqual(row[2], row[3])


class SourceTest(DissectorTest):
    """What the source does with its fields."""

    @classmethod
    def setUpClass(cls):
        cls.sources = {path.name: without_comments(path.read_text("utf-8")) for path in SOURCES}

    def types(self, source):
        """hf_... -> FT_... of the fields that a file registers."""
        return dict(re.findall(r'&(hf_\w+),\s*\{"[^"]+",\s*"qsgmii\.[^"]+",\s*(FT_\w+)', source))

    def test_every_field_is_registered_and_used(self):
        total = 0
        for name, source in self.sources.items():
            declared = set(re.findall(r"^static int (hf_\w+) = -1;", source, re.MULTILINE))
            self.assertEqual(declared, set(self.types(source)), name)
            for field in declared:
                uses = len(re.findall(rf"\b{field}\b", source))
                self.assertGreaterEqual(uses, 3, f"{name}: {field} is never added to a tree")
            total += len(declared)
            subtrees = set(re.findall(r"^static int (ett_\w+) = -1;", source, re.MULTILINE))
            for subtree in subtrees:
                self.assertGreaterEqual(len(re.findall(rf"\b{subtree}\b", source)), 3, subtree)
            experts = set(re.findall(r"^static expert_field (ei_\w+) = EI_INIT;", source,
                                     re.MULTILINE))
            registered = set(re.findall(r"\{&(ei_\w+),\s*\{\"qsgmii\.expert\.", source))
            self.assertEqual(experts, registered, name)
            for expert in experts:
                self.assertGreaterEqual(len(re.findall(rf"\b{expert}\b", source)), 3, expert)
        self.assertGreater(total, 50)

    def test_types_of_calls(self):
        """proto_tree_add_TYPE gets a field of that type."""
        checked = 0
        for name, source in self.sources.items():
            types = self.types(source)
            for call, field in re.findall(
                    r"proto_tree_add_(\w+)\(\s*\w+,\s*(?:[\w.>-]+,\s*[^,]+,\s*)?(hf_\w+)",
                    source):
                if call == "item":
                    continue
                self.assertIn(types[field], CALLS[call], f"{name}: {call} of {field}")
                checked += 1
        self.assertGreaterEqual(checked, 7)

    def test_lengths(self):
        """A field that is read from a block is as long there as its type, and as the format's
        table says."""
        sizes, checked = offsets(), 0
        for name, source in self.sources.items():
            types = self.types(source)
            rows = re.findall(r"\{&(hf_\w+),\s*((?:SD_\w*AT_|at->)\w+),\s*(\d+),\s*(true|false)\}",
                              source)
            for field, offset, length, is_time in rows:
                type = types[field]
                self.assertEqual(WIDTHS[type], 8 * int(length), f"{name}: {field}")
                if offset in sizes:
                    self.assertEqual(sizes[offset], int(length), f"{name}: {field}")
                    checked += 1
                self.assertEqual(is_time == "true", type == "FT_INT64", f"{name}: {field}")
        self.assertGreater(checked, 20)

    def test_prohibited_calls(self):
        """Functions that Wireshark's checkAPIs does not allow in dissectors."""
        prohibited = re.compile(
            r"\b(printf|fprintf|puts|sprintf|g_sprintf|strcpy|strcat|gets|atoi|strtok|malloc|"
            r"calloc|realloc|free|abort|assert|g_assert|exit|tvb_get_ptr|tvb_memcpy|"
            r"proto_tree_add_text|g_snprintf)\(")
        for name, source in self.sources.items():
            self.assertEqual(prohibited.findall(source), [], name)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        SOURCES = sorted(pathlib.Path(sys.argv.pop(2)).glob("*.c"))
    plugin_run.main(__doc__)
