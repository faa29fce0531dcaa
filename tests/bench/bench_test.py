#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench measures all that it should, and reads back what it writes. How long anything takes is
not looked at: only that every figure is there and can be true.

usage: bench_test.py PATH-OF-scopedump-bench PATH-OF-scopedump-generate
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

BENCH = GENERATE = None

SAMPLES = 1_000_000
LONG_FILE, LONG_TIMES = 819_200, 16
BITS_PER_GROUP = 10
RATES = {"s8": (200, 5), "s16": (200, 5), "f32": (200, 5, 2.5)}
STAGES = ("volts acquisition signal edges clock bits alignment lanes attribution pcs fcs order "
          "pcapng").split()
DECODES = [f"{to}/{threads}" for to in ("decode-memory", "decode-file") for threads in (1, 2)]


def expected_rows():
    for kind, rates in RATES.items():
        for rate in rates:
            for load in ("idle", "busy"):
                for row in ("limit", *STAGES, *DECODES):
                    yield f"{kind}-{rate}-{load}/{row}"
    yield from ("s8-5-busy-long/limit", "s8-5-busy-long/decode-file/2")


class BenchTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.file = cls.folder / "all.json"
        cls.run_bench("--json", cls.file)
        cls.rows = {row["name"]: row for row in json.loads(cls.file.read_text())["rows"]}

    @classmethod
    def run_bench(cls, *options):
        return cls.run_program("--quick", "--samples", SAMPLES, "--runs", 1, "--generate", GENERATE,
                               "--folder", cls.folder, "--output", cls.folder, *options)

    @staticmethod
    def run_program(*options, status=0):
        done = subprocess.run([BENCH, *map(str, options)], capture_output=True, text=True)
        if done.returncode != status:
            raise AssertionError(f"exit status {done.returncode}: {done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def write(self, name, rows, version=1):
        path = self.folder / name
        path.write_text(json.dumps({"version": version, "cpu": "c", "rows": rows}))
        return path

    def test_all_rows(self):
        self.assertEqual(list(self.rows), list(expected_rows()))

    def test_figures(self):
        for name, row in self.rows.items():
            with self.subTest(name):
                for figure in ("seconds", "cpu_seconds", "limit_seconds", "limit_cpu_seconds"):
                    self.assertGreater(row[figure], 0)
                self.assertAlmostEqual(row["limit_ratio"] * row["limit_seconds"] / row["seconds"], 1)
                self.assertAlmostEqual(row["samples_per_second"] * row["seconds"] / row["samples"],
                                       1)
                self.assertEqual(row["samples"],
                                 LONG_FILE * LONG_TIMES if "long" in name else SAMPLES)
                if name.endswith("/limit"):
                    self.assertEqual(row["limit_ratio"], 1)

    def test_decoded(self):
        """The whole of each record was decoded, but for a few code-groups at the begin."""
        for name, row in self.rows.items():
            with self.subTest(name):
                if name == "s8-5-busy-long/limit":
                    continue  # tells of no decode but the one that follows
                rate = float(name.split("-")[1])
                groups = row["samples"] / rate / BITS_PER_GROUP
                self.assertLessEqual(row["code_groups"], groups)
                self.assertGreater(row["code_groups"], 0.9 * groups)

    def test_memory_and_first_frame(self):
        for name, row in self.rows.items():
            with self.subTest(name):
                if "decode-file" not in name:
                    self.assertIsNone(row["memory_mib"])
                    self.assertIsNone(row["first_frame_seconds"])
                    continue
                self.assertGreater(row["memory_mib"], 0.1)
                if "-5-busy" in name:  # long enough for whole frames
                    self.assertGreater(row["first_frame_seconds"], 0)
                if "idle" in name:
                    self.assertIsNone(row["first_frame_seconds"])

    def test_chosen_rows_of_kept_records(self):
        def records():
            return {path: path.stat().st_mtime_ns for path in self.folder.glob("[sf]*-*.[ws]*")}

        before = records()
        self.assertEqual(len(before), 15)
        path = self.folder / "some.json"
        out = self.run_bench("--rows", "^s16-5-busy/(pcs|decode-file/2)$", "--cpu", "c", "--json",
                             path)
        names = ["s16-5-busy/pcs", "s16-5-busy/decode-file/2"]
        self.assertEqual([line.split()[0] for line in out.splitlines()[1:]], names)
        some = json.loads(path.read_text())
        self.assertEqual([row["name"] for row in some["rows"]], names)
        self.assertEqual(some["cpu"], "c")
        self.assertEqual(records(), before)

    def test_nothing_left_behind(self):
        self.assertEqual(list(self.folder.glob("part-*")), [])
        self.assertEqual(list(self.folder.glob("scopedump-bench-*")), [])

    def compare(self, old, new):
        """The figures that --compare tells, by row."""
        lines = self.run_program("--compare", old, new).splitlines()[1:]
        return {line.split()[0]: line.split()[1:] for line in lines}

    def test_compare_with_itself(self):
        compared = self.compare(self.file, self.file)
        self.assertEqual(list(compared), list(self.rows))
        for name, figures in compared.items():
            with self.subTest(name):
                self.assertEqual(figures[0], figures[1])
                self.assertEqual(figures[2:6], ["1.00"] * 4)

    def test_compare(self):
        row = {"name": "a/b", "samples": 1, "code_groups": 1, "seconds": 0.004, "cpu_seconds": 0.008,
               "limit_seconds": 0.001, "limit_cpu_seconds": 0.001, "memory_mib": 5.0,
               "first_frame_seconds": None}
        old = self.write("old.json", [row, {**row, "name": "gone"}])
        new = self.write("new.json", [
            {**row, "seconds": 0.002, "cpu_seconds": 0.002, "limit_seconds": 0.002,
             "memory_mib": 4.5},
            {**row, "name": "added"},
        ])
        compared = self.compare(old, new)
        self.assertEqual(compared["a/b"], ["4.000", "2.000", "2.00", "4.00", "4.00", "4.00", "5.0",
                                           "->", "4.5", "MiB"])
        self.assertEqual(compared["gone"], ["only", "in", str(old)])
        self.assertEqual(compared["added"], ["only", "in", str(new)])

    def test_refusals(self):
        broken = self.folder / "broken.json"
        broken.write_text("{")
        for options, said in (
            (("--compare", self.file), "Two files go with --compare"),
            ((self.file, ), "Two files go with --compare"),
            (("--compare", self.file, broken), "broken.json"),
            (("--compare", self.folder / "missing.json", self.file), "missing.json"),
            (("--compare", self.write("later.json", [], version=2), self.file),
             "no file of this version"),
            (("--rows", "("), "("),
            (("--quick", "--rows", "no such row"), "No row matches"),
            (("--cpu", "z80"), "--cpu must be"),
            (("--quick", "--rows", "s8-5-idle/limit", "--folder", self.folder, "--samples", 5000,
              "--generate", "/bin/false"), "s8-5-idle-5000.wfm with /bin/false: "),
            (("--quick", "--rows", "s8-5-idle/decode-file/1", "--folder", self.folder, "--samples",
              SAMPLES, "--output", self.folder / "missing"), "missing"),
        ):
            with self.subTest(options):
                lines = self.run_program(*options, status=1).strip().splitlines()
                self.assertIn(said, lines[-1])


if __name__ == "__main__":
    BENCH, GENERATE = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
