# SPDX-License-Identifier: GPL-2.0-or-later
"""How long the answers take that Wireshark asks for at each start, and --info of a large file,
beside a program that does nothing. Not a test. Usage: startup.py SCOPEDUMP"""

import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

RUNS = 100
INTERFACE = ["--extcap-interface", "scopedump"]
QUERIES = (["--extcap-interfaces"], ["--extcap-dlts", *INTERFACE], ["--extcap-config", *INTERFACE])


def milliseconds(argv):
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=True)
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times)


with tempfile.TemporaryDirectory() as folder:
    sparse = pathlib.Path(folder) / "2-GiB.s16"
    with open(sparse, "wb") as file:
        file.truncate(2 << 30)
    info = ["--info", str(sparse), "--sample-format", "s16", "--sample-rate", "25e9"]
    for argv in (["/bin/true"], *([sys.argv[1], *query] for query in (*QUERIES, info))):
        print(f"{milliseconds(argv):6.1f} ms  {' '.join(argv)}")
