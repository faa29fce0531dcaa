# SPDX-License-Identifier: GPL-2.0-or-later
"""The toolbar: a peer that speaks Wireshark's language on the two control FIFOs."""

import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from truth import DECODED, FILE_FAULT, SCOPEDUMP, USAGE_FAULT, TruthTest, run

LINE = ("--speeds 1000,100,10,1000 --sample-rate 12.5e9 --sample-format s8 --duration-us 60 "
        "--frame-size 64:120 --config-us 1 --random-flips 4 --no-time ")
LONG = ("--speeds 1000,1000,1000,1000 --sample-rate 12.5e9 --sample-format s8 --duration-us 400 "
        "--frame-size 64:100 --config-us 1")
INITIALIZED, SET, ADD, STATUS = 0, 1, 2, 6  # commands
NO_CONTROL = 255
WAIT_S = 120


def control_numbers():
    """The number of each control, by its display."""
    numbers = {}
    for line in run(SCOPEDUMP, "--extcap-interfaces").stdout.splitlines():
        if line.startswith("control "):
            pairs = dict(p.split("=", 1) for p in line[len("control {"):-1].split("}{"))
            numbers[pairs["display"]] = int(pairs["number"])
    return numbers


class Peer:
    """Wireshark's ends of the pipes, opened in its order: packets, then the controls."""

    def __init__(self, folder, *argv):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        paths = [folder / name for name in ("in", "out", "packets")]
        for path in paths:
            os.mkfifo(path)
        self.process = subprocess.Popen(
            [SCOPEDUMP, "--capture", *argv, "--fifo", str(paths[2]), "--extcap-control-in",
             str(paths[0]), "--extcap-control-out", str(paths[1])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.write_end = os.open(paths[0], os.O_WRONLY)
        self.read_end = os.open(paths[1], os.O_RDONLY)
        self.packets_end = os.open(paths[2], os.O_RDONLY)
        self.bytes = {self.read_end: b"", self.packets_end: b""}
        self.open = set(self.bytes)
        self.frames = []
        self.controls_closed = False

    def send(self, control, command, payload=b""):
        length = (len(payload) + 2).to_bytes(3, "big")
        os.write(self.write_end, b"T" + length + bytes([control, command]) + payload)

    def read(self, ends, wait=0.1):
        """Reads what there is from some of the ends."""
        for end in select.select(list(self.open & set(ends)), [], [], wait)[0]:
            data = os.read(end, 65536)
            self.bytes[end] += data
            if not data:
                self.open.discard(end)
        self.take_frames()

    def take_frames(self):
        data = self.bytes[self.read_end]
        while len(data) >= 6:
            if data[0:1] != b"T":
                raise ValueError(f"no frame: {data[:20]}")
            end = 4 + int.from_bytes(data[1:4], "big")
            if len(data) < end:
                break
            self.frames.append((data[4], data[5], data[6:end].decode()))
            data = data[end:]
        self.bytes[self.read_end] = data

    def windows_text(self, control):
        """What the window of a control shows after all that it was sent."""
        text = ""
        for number, command, part in self.frames:
            if number == control:
                text = part if command == SET else text + part
        return text

    def texts(self, control, command):
        return [text for c, m, text in self.frames if (c, m) == (control, command)]

    def wait_for(self, condition, ends=None):
        """Reads until condition() is true, from both pipes unless told otherwise."""
        limit = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > limit:
                raise TimeoutError(f"frames so far: {self.frames}")
            self.read(self.bytes if ends is None else ends)

    def finish(self):
        """Reads all until both pipes are closed; (status, standard error, capture)."""
        self.wait_for(lambda: not self.open)
        if self.bytes[self.read_end] and not self.controls_closed:
            raise ValueError("the last frame is cut")
        stdout, stderr = self.process.communicate(timeout=WAIT_S)
        if stdout:
            raise ValueError(f"standard output: {stdout}")
        packets = self.bytes[self.packets_end]
        return self.process.returncode, stderr, pcapng_reader.read(packets) if packets else None

    def close_controls(self):
        os.close(self.write_end)
        os.close(self.read_end)
        self.open.discard(self.read_end)
        self.controls_closed = True

    def close(self):
        self.process.kill()
        self.process.communicate()
        if not self.controls_closed:
            self.close_controls()
        os.close(self.packets_end)


class ToolbarTest(TruthTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.controls = control_numbers()

    def peer(self, interface, *argv):
        peer = Peer(self.path("pipes"), "--extcap-interface", interface, *argv)
        self.addCleanup(peer.close)
        peer.send(0, INITIALIZED)
        return peer

    def record(self, options=LINE, name="record.wfm"):
        return self.generate(options, name)[0]

    def last(self, peer, display):
        return peer.texts(self.controls[display], SET)[-1]

    def test_a_record(self):
        record = self.record()
        peer = self.peer("scopedump", "--file", str(record))
        status, stderr, capture = peer.finish()
        self.assertEqual((status, stderr), (DECODED, ""))
        self.assertTrue(capture.packets)

        self.assertRegex(self.last(peer, "Link"), r"\AQSGMII, [+-]\d+ ppm\Z")
        for lane, speed in enumerate((1000, 100, 10, 1000)):
            self.assertRegex(self.last(peer, f"Lane {lane}"),
                             rf"\A{speed} Mb/s(, \d+ err\.)?\Z")
        report = run(SCOPEDUMP, record).stdout
        log = "".join(peer.texts(self.controls["Log"], ADD))
        self.assertIn(report, log)
        self.assertRegex(log, r"\A\d\d:\d\d:\d\d record\.wfm: decoded\n")
        verdict = report.splitlines()[-1]
        self.assertEqual(peer.texts(NO_CONTROL, STATUS)[-1], f"record.wfm: {verdict}")
        self.assertEqual(peer.windows_text(self.controls["Report"]), report)

    def test_progress_and_report(self):
        """While the packets' pipe is full the record is not at its end: the report tells how far it
        is."""
        record = self.record(LONG, "long.wfm")
        peer = self.peer("scopedump", "--file", str(record))
        peer.send(self.controls["Lane 0"], SET, b"written by the user")
        statuses = lambda: peer.texts(NO_CONTROL, STATUS)
        peer.wait_for(lambda: peer.texts(self.controls["Report"], SET))
        first = peer.windows_text(self.controls["Report"])
        self.assertRegex(first, r"\Along\.wfm, \d+ % decoded\n")
        self.assertRegex(first, r"(?m)^Link: QSGMII")
        self.assertRegex(first, r"(?m)^Lane 3: ")
        status, stderr, _ = peer.finish()
        self.assertEqual((status, stderr), (DECODED, ""))
        self.assertEqual(peer.windows_text(self.controls["Report"]), run(SCOPEDUMP, record).stdout)
        # nothing is said of the whole record before its end
        self.assertNotIn("symbol error.", first)
        self.assertNotIn("comma", first)
        shares = [int(s.split()[1]) for s in statuses() if s.endswith("%")]
        self.assertEqual(shares, sorted(shares))
        self.assertNotIn("written by the user", [text for _, _, text in peer.frames])

    def test_stop(self):
        record = self.record(LONG, "long.wfm")
        peer = self.peer("scopedump", "--file", str(record))
        peer.wait_for(lambda: peer.bytes[peer.packets_end], [peer.packets_end])
        peer.process.send_signal(signal.SIGTERM)
        status, stderr, _ = peer.finish()
        self.assertEqual((status, stderr), (DECODED, ""))
        self.assertRegex(peer.texts(NO_CONTROL, STATUS)[-1], r"\Along\.wfm: stopped at \d+ %\Z")
        self.assertNotIn("comma", "".join(peer.texts(self.controls["Log"], ADD)))
        self.assertRegex(peer.windows_text(self.controls["Report"]), r"\Along\.wfm, \d+ % decoded\n")

    def test_wrong_record(self):
        """One sentence on standard error, which the window shows; the pipe stays empty."""
        text = self.path("text.wfm")
        text.write_text("This is no record.\n")
        for argv, fault in ((["--file", str(text)], FILE_FAULT), ([], USAGE_FAULT),
                            (["--file", str(text), "--baud", "x"], USAGE_FAULT)):
            with self.subTest(argv):
                status, stderr, capture = self.peer("scopedump", *argv).finish()
                self.assertEqual((status, capture), (fault, None))
                self.assertRegex(stderr, r"\A[^\n]+\.\n\Z")

    def test_peer_that_goes(self):
        """The controls may be closed before the packets are."""
        record = self.record(LONG, "long.wfm")
        peer = self.peer("scopedump", "--file", str(record))
        os.write(peer.write_end, b"no frame at all")
        peer.wait_for(lambda: peer.bytes[peer.packets_end], [peer.packets_end])
        peer.close_controls()
        status, stderr, capture = peer.finish()
        self.assertEqual((status, stderr), (DECODED, ""))
        self.assertTrue(capture.packets)

    def test_peer_that_does_not_read(self):
        """What the controls are told is left out, and holds nothing up."""
        record = self.record(LONG, "long.wfm")
        peer = self.peer("scopedump", "--file", str(record))
        peer.wait_for(lambda: peer.packets_end not in peer.open, [peer.packets_end])
        self.assertEqual(peer.process.wait(WAIT_S), DECODED)
        pcapng_reader.read(peer.bytes[peer.packets_end])

    def test_watched_folder(self):
        folder = self.path("dropped")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        record = self.record()
        peer = self.peer("scopedump-watch", "--watch", str(folder), "--existing")
        log = lambda: "".join(peer.texts(self.controls["Log"], ADD))
        report = lambda: peer.windows_text(self.controls["Report"])
        peer.wait_for(lambda: "no record yet" in report())
        shutil.copy(record, folder / "a.wfm")
        (folder / "cut.wfm").write_bytes(record.read_bytes()[:50000])
        peer.wait_for(lambda: "a.wfm: decoded" in log() and "cut.wfm: the file is cut" in log())
        self.assertTrue([s for s in peer.texts(NO_CONTROL, STATUS) if "the file is cut" in s])
        self.assertEqual(report(), run(SCOPEDUMP, folder / "a.wfm").stdout)
        peer.process.send_signal(signal.SIGTERM)
        status, stderr, capture = peer.finish()
        # told already: nothing is left for the end
        self.assertEqual((status, stderr), (FILE_FAULT, ""))
        self.assertTrue(capture.packets)


if __name__ == "__main__":
    unittest.main()
