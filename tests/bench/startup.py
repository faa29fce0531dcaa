# SPDX-License-Identifier: GPL-2.0-or-later
"""How long the answers take that Wireshark asks for at each start, and time and memory of --info of
a small and of a large file of each kind, beside a program that does nothing. Not a test.
Usage: startup.py SCOPEDUMP SCOPEDUMP-GENERATE PROCESS-USAGE"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import sparse_records

SCOPEDUMP, GENERATE, PROCESS_USAGE = sys.argv[1:]
RUNS = 50
SIZES = (10**5, (1 << 30) - 10**6)  # samples; of two bytes each, the second is 2 GiB
INTERFACE = ["--extcap-interface", "scopedump"]
QUERIES = (["--extcap-interfaces"], ["--extcap-dlts", *INTERFACE], ["--extcap-config", *INTERFACE])


def measure(argv, text):
    """Medians; other programs make the time that passes longer, hardly that of the processor."""
    passed, processor, memory = [], [], []
    for _ in range(RUNS):
        begin = time.perf_counter()
        result = subprocess.run([PROCESS_USAGE, "/dev/null", *argv], capture_output=True, check=True)
        passed.append(1e3 * (time.perf_counter() - begin))
        kibibytes, microseconds = map(int, result.stdout.split())
        memory.append(kibibytes / 1024)
        processor.append(1e-3 * microseconds)
    print(f"{statistics.median(passed):6.1f} ms, processor {statistics.median(processor):5.1f} ms, "
          f"memory {statistics.median(memory):5.1f} MiB  {text}", flush=True)


for query in (["/bin/true"], *([SCOPEDUMP, *query] for query in QUERIES)):
    measure(query, " ".join(query))
with tempfile.TemporaryDirectory() as folder:
    for kind in sparse_records.KINDS:
        for samples in SIZES:
            path, options = sparse_records.write(GENERATE, kind, pathlib.Path(folder), samples)
            measure([SCOPEDUMP, "--info", path, *options], f"--info {kind}, {samples} samples")
            path.unlink()
