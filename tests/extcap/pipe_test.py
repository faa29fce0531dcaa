# SPDX-License-Identifier: GPL-2.0-or-later
"""Records through a pipe: the same frames as from the file, while the samples still come; and what
is wrong with a pipe, in a sentence."""

import gzip
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from truth import DECODED, FILE_FAULT, NO_LOCK, SCOPEDUMP, USAGE_FAULT, TruthTest, run

LINE = "--speeds 1000,100,10,1000 --frame-size 64:200 --config-us 1 --noise 0.02 --random-flips 6 "
FIVE = LINE + "--sample-rate 25e9 --duration-us 160 "  # 8 Mbytes, some stretches
WFM_HEADER = 838
FEW_ADDRESSES = 16 << 30  # bytes
SECONDS = 240  # for what takes one or two at the most, under sanitizers on a busy computer


def blocks(stream):
    """The pcapng blocks that come from a stream, one by one."""
    while True:
        head = stream.read(8)
        if len(head) < 8:
            return
        kind, length = int.from_bytes(head[:4], "little"), int.from_bytes(head[4:], "little")
        yield kind, head + stream.read(length - 8)


def frames(data):
    return [(p.interface.name, p.time_ns, p.octets, p.number(pcapng_reader.OPT_EPB_FLAGS))
            for p in pcapng_reader.read(data).packets]


class PipeTest(TruthTest):
    def through_pipe(self, data, *argv, status=DECODED, prepare=None):
        result = subprocess.run([SCOPEDUMP, "-", *map(str, argv)], input=data, timeout=SECONDS,
                                capture_output=True, check=False, preexec_fn=prepare)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def from_file(self, path, *argv):
        out = self.path("file.pcapng")
        result = run(SCOPEDUMP, path, *argv, "-q", "-w", out)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""))
        return frames(out)

    def same_frames(self, path, *argv):
        expected = self.from_file(path, *argv)
        self.assertGreater(len(expected), 10)
        result = self.through_pipe(path.read_bytes(), *argv, "-q", "-w", "-")
        self.assertEqual(result.stderr, b"")
        found = frames(result.stdout)
        self.assertEqual([f[0] for f in found], [f[0] for f in expected])
        self.assertEqual([f[2:] for f in found], [f[2:] for f in expected])
        return expected, found

    def test_same_frames(self):
        raw = ["--sample-format", "s16", "--sample-rate", "25e9", "--scale", "1e-5"]
        for name, argv in (("line.wfm", []), ("line.s16", raw), ("line.trc", []),
                           ("line.isf", [])):  # has no time of its own, like raw samples
            with self.subTest(name):
                path, _, _ = self.generate(FIVE, name)
                expected, found = self.same_frames(path, *argv)
                if name in ("line.wfm", "line.trc"):
                    self.assertTrue(all(abs(a[1] - b[1]) <= 1 for a, b in zip(expected, found)))

    def test_segments_and_help_for_the_signal(self):
        for options in (FIVE + "--segments 3 --precharge 100",
                        LINE.replace("0.02", "0.002") + "--sample-rate 25e9 --duration-us 60 --bandwidth 0.14",
                        LINE + "--sample-rate 25e9 --duration-us 60 --wander 0.4:1e5"):
            with self.subTest(options):
                path, _, _ = self.generate(options)
                self.same_frames(path)

    def test_packed(self):
        path, _, _ = self.generate(LINE + "--sample-rate 25e9 --duration-us 30")
        expected = self.from_file(path)
        found = self.through_pipe(gzip.compress(path.read_bytes()), "-q", "-w", "-").stdout
        self.assertEqual([f[2] for f in frames(found)], [f[2] for f in expected])

    def test_frames_while_samples_come(self):
        """The first frames are out before the last samples are in."""
        path, _, _ = self.generate(FIVE)
        data = path.read_bytes()
        expected = self.from_file(path)
        with subprocess.Popen([SCOPEDUMP, "-", "-q", "-w", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as child:
            try:
                child.stdin.write(data[:len(data) * 9 // 10])
                child.stdin.flush()
                out, packets = b"", 0
                for kind, block in blocks(child.stdout):
                    out += block
                    packets += kind == pcapng_reader.PACKET
                    if packets == 10:  # nothing but the samples sent can have made them
                        child.stdin.write(data[len(data) * 9 // 10:])
                        child.stdin.close()
            finally:
                child.kill()
        self.assertEqual([f[2:] for f in frames(out)], [f[2:] for f in expected])

    def test_end_before_the_end(self):
        path, _, _ = self.generate(FIVE)
        data = path.read_bytes()
        result = self.through_pipe(data[:len(data) * 3 // 4])
        self.assertRegex(result.stdout.decode(), r"the pipe ended after \d+ of \d+ samples")
        result = self.through_pipe(data[:WFM_HEADER // 2], status=FILE_FAULT)
        self.assertRegex(result.stderr.decode(), r"\Astandard input: the file is cut[^\n]*\.\n\Z")

    def test_few_addresses(self):
        """Kernels of many Arm boards give a process 512 GiB; here it gets less."""
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (FEW_ADDRESSES, FEW_ADDRESSES))
        if subprocess.run([SCOPEDUMP, "--version"], capture_output=True, check=False,
                          preexec_fn=limit).returncode != DECODED:
            self.skipTest("sanitizers need more addresses")
        path, _, _ = self.generate(FIVE)
        expected = self.from_file(path)
        result = self.through_pipe(path.read_bytes(), "-q", "-w", "-", prepare=limit)
        self.assertEqual([f[2:] for f in frames(result.stdout)], [f[2:] for f in expected])

    def test_failure(self):
        """A connection that breaks: what came before is decoded, and the loss is told."""
        path, _, _ = self.generate(FIVE)
        data = path.read_bytes()
        for kept in (0, len(data) // 2):
            with self.subTest(kept):
                ours, other = socket.socketpair()
                with subprocess.Popen([SCOPEDUMP, "-", "-q", "-w", "-"], stdin=other,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
                    feeder = threading.Thread(target=self.feed, args=(ours, other, data[:kept]))
                    feeder.start()
                    out, errors = child.communicate(timeout=SECONDS)
                    feeder.join()
                self.assertEqual(child.returncode, FILE_FAULT)
                self.assertEqual(errors.decode(), f"standard input: what came behind byte {kept} is "
                                 "lost, for reading it failed: Connection reset by peer.\n")
                self.assertEqual(len(frames(out)) > 10 if out else False, kept > 0)

    @staticmethod
    def feed(ours, other, data):
        """Sends data, and breaks the connection: what stands unread in one end does so."""
        other.sendall(b"unread")
        other.close()
        ours.sendall(data)
        ours.close()

    def test_refusals(self):
        path, _, _ = self.generate(LINE + "--sample-rate 25e9 --duration-us 60")
        for data, argv, status, words in (
                (b"", [], FILE_FAULT, "standard input is empty"),
                (b"what is this?\n" * 300000, [], FILE_FAULT, "standard input"),
                (path.read_bytes(), ["--file-neg", path], USAGE_FAULT, "pipe"),
                (path.read_bytes(), ["--channel", "2"], USAGE_FAULT, "channel")):
            with self.subTest(words):
                result = self.through_pipe(data, *argv, status=status)
                self.assertEqual(result.stdout, b"")
                self.assertRegex(result.stderr.decode(), r"\A[^\n]+\.\n\Z")
                self.assertIn(words, result.stderr.decode())

    def test_nothing_there(self):
        result = self.through_pipe(bytes(4 << 20), "--sample-format", "s16", "--sample-rate",
                                   "25e9", status=NO_LOCK)
        self.assertIn("no signal", result.stdout.decode().rsplit("\n", 2)[-2])

    def test_stop(self):
        """A signal ends the waiting for samples that never come."""
        path, _, _ = self.generate(FIVE)
        for share in (0, 0.001, 0.9):
            with self.subTest(share), \
                    subprocess.Popen([SCOPEDUMP, "-", "-q", "-w", "-"], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
                data = path.read_bytes()
                os.write(child.stdin.fileno(), data[:int(share * len(data))][:65536])
                if share > 0.1:
                    child.stdin.write(data[65536:int(share * len(data))])
                    child.stdin.flush()
                    self.assertEqual(child.stdout.read(4), b"\x0a\x0d\x0d\x0a")
                child.send_signal(signal.SIGTERM)
                child.communicate(timeout=SECONDS)
                self.assertIn(child.returncode, (DECODED, FILE_FAULT, NO_LOCK, -signal.SIGTERM))


if __name__ == "__main__":
    unittest.main()
