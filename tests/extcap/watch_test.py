# SPDX-License-Identifier: GPL-2.0-or-later
"""A watched folder: records that come slowly, at once, in two files, damaged, and again."""

import contextlib
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from truth import DECODED, FILE_FAULT, SCOPEDUMP, USAGE_FAULT, TruthTest, run

LINE = ("--speeds 1000,100,100,1000 --sample-rate 12.5e9 --sample-format s8 --duration-us 25 "
        "--frame-size 64:120 --config-us 1 --no-time ")
SGMII = ("--link sgmii --speeds 1000 --sample-rate 5e9 --sample-format s8 --duration-us 25 "
         "--frame-size 64:120 ")
LONG = ("--speeds 1000,1000,1000,1000 --sample-rate 12.5e9 --sample-format s8 --duration-us 400 "
        "--frame-size 64:100 --config-us 1")
RECORD, UNREADABLE = 12, 13  # kinds of event
WAIT_S = 120
COMMENT = pcapng_reader.OPT_COMMENT


def wait_until(condition, what):
    end = time.monotonic() + WAIT_S
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {WAIT_S} s")
        time.sleep(0.05)


def event_kind(packet):
    """The kind of an event; None for a frame."""
    if packet.interface.name != "qsgmii":
        return None
    return struct.unpack_from("<H", packet.octets, 16 + 12)[0]


class Watch:
    """A running scopedump --watch FOLDER."""

    def __init__(self, folder, out, *argv):
        self.folder, self.out = folder, out
        self.errors = out.with_suffix(".stderr")
        out.unlink(missing_ok=True)
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [SCOPEDUMP, "--watch", str(folder), "--events", "-q", "-w", str(out), *argv],
                stdin=subprocess.DEVNULL, stderr=errors)

    def capture(self):
        """What has been written so far; None in the middle of a block."""
        try:
            return pcapng_reader.read(self.out)
        except (FileNotFoundError, ValueError, struct.error):
            return None

    def notices(self, kind):
        """The comments of all events of the kind."""
        capture = self.capture()
        return [p.options[COMMENT].decode() for p in (capture.packets if capture else [])
                if event_kind(p) == kind]

    def wait_for(self, kind, count):
        """Waits for so many events of the kind; gives their comments."""
        def there():
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended: {self.errors.read_text()}")
            found = self.notices(kind)
            return found if len(found) >= count else None
        return wait_until(there, f"{count} events of kind {kind}")

    def wait_until_decoded(self, name):
        """Waits until it has let go of a file, after the frames of it have come."""
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps")
        wait_until(lambda: name not in maps.read_text(), f"the end of {name}")

    def wait_until_ready(self):
        wait_until(lambda: (c := self.capture()) and c.interfaces, "the interfaces")

    def stop(self):
        """Ends it as Wireshark does; (status, standard error, capture)."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(WAIT_S)
        return status, self.errors.read_text(), pcapng_reader.read(self.out)


class WatchTest(TruthTest):
    def setUp(self):
        self.folder = self.path("dropped")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def record(self, options=LINE, name="record.wfm"):
        return self.generate(options, name)[0]

    @contextlib.contextmanager
    def watching(self, *argv):
        watch = Watch(self.folder, self.path("watched.pcapng"), *argv)
        try:
            watch.wait_until_ready()
            yield watch
        finally:
            watch.process.kill()
            watch.process.wait()

    def frames(self, *records):
        """(interface, octets) of the frames of all records, decoded one by one."""
        found = []
        for record in records:
            out = self.path("one.pcapng")
            self.assertEqual(run(SCOPEDUMP, record, "-q", "-w", out).returncode, DECODED)
            found += self.frames_of(pcapng_reader.read(out))
        return found

    @staticmethod
    def frames_of(capture):
        return [(p.interface.name, p.octets) for p in capture.packets
                if p.interface.name != "qsgmii"]

    def wait_for_frames(self, watch, count):
        wait_until(lambda: (c := watch.capture()) and len(self.frames_of(c)) >= count,
                   f"{count} frames")

    def finish(self, watch, *records, status=DECODED, errors=r"\A\Z"):
        """Stops it; the frames are those of the records, in this order."""
        wanted = self.frames(*records)
        self.assertTrue(wanted or not records)
        self.wait_for_frames(watch, len(wanted))
        code, text, capture = watch.stop()
        self.assertEqual(code, status)
        self.assertRegex(text, errors)
        self.assertEqual(self.frames_of(capture), wanted)
        self.assertEqual(len(capture.statistics), len(capture.interfaces))
        return capture

    def test_copied_slowly(self):
        """In pieces, the file open all the time; and in pieces with the file closed between."""
        record = self.record()
        data = record.read_bytes()
        size = len(data) // 6 + 1
        pieces = [data[i:i + size] for i in range(0, len(data), size)]
        with self.watching() as watch:
            with open(self.folder / "open.wfm", "wb") as file:
                for piece in pieces:
                    file.write(piece)
                    file.flush()
                    time.sleep(0.3)
                self.assertEqual(watch.notices(RECORD), [])
            watch.wait_for(RECORD, 1)
            for piece in pieces:
                with open(self.folder / "closed.wfm", "ab") as file:
                    file.write(piece)
                time.sleep(0.3)
            names = watch.wait_for(RECORD, 2)
            self.assertEqual([n.split(",")[0] for n in names], ["open.wfm", "closed.wfm"])
            self.finish(watch, record, record)

    def test_writer_that_never_closes(self):
        record = self.record()
        with self.watching() as watch, open(self.folder / "open.wfm", "wb") as file:
            file.write(record.read_bytes())
            file.flush()
            watch.wait_for(RECORD, 1)
            self.finish(watch, record)

    def test_renamed_when_complete(self):
        record = self.record()
        with self.watching() as watch:
            hidden = self.folder / ".record.wfm.part"
            shutil.copy(record, hidden)
            hidden.rename(self.folder / "a.wfm")
            watch.wait_for(RECORD, 1)
            # from elsewhere, and over the other
            os.replace(shutil.copy(record, self.path("elsewhere.wfm")), self.folder / "a.wfm")
            watch.wait_for(RECORD, 2)
            # another name makes no other record of it
            (self.folder / "a.wfm").rename(self.folder / "b.wfm")
            shutil.copy(record, self.folder / "c.wfm")
            names = watch.wait_for(RECORD, 3)
            self.assertEqual([n.split(",")[0] for n in names], ["a.wfm", "a.wfm", "c.wfm"])
            self.finish(watch, record, record, record)

    def test_written_again(self):
        """Scopes that save to one name, time after time."""
        first, second = self.record(), self.record(LINE + "--seed 2", "second.wfm")
        with self.watching() as watch:
            shutil.copy(first, self.folder / "save.wfm")
            self.wait_for_frames(watch, len(self.frames(first)))
            watch.wait_until_decoded("save.wfm")
            shutil.copy(second, self.folder / "save.wfm")
            watch.wait_for(RECORD, 2)
            self.finish(watch, first, second)

    def test_written_over_while_decoding(self):
        """The decoder waits for its reader, so that it is in the middle of the record."""
        record = self.record(LONG, "long.wfm")
        shutil.copy(record, self.folder / "a.wfm")
        with subprocess.Popen([SCOPEDUMP, "--watch", str(self.folder), "--existing", "--events",
                               "-q", "-w", "-"], bufsize=0, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            data = b""
            while len(data) < 4000:
                data += process.stdout.read(4000 - len(data))
            with open(self.folder / "a.wfm", "r+b") as file:
                file.write(record.read_bytes())
            while data.count(b"a.wfm, channel ") < 2:  # ... and it is decoded again
                data += process.stdout.read(65536)
            process.send_signal(signal.SIGTERM)
            rest, stderr = process.communicate(timeout=WAIT_S)
        self.assertEqual(process.returncode, FILE_FAULT)
        self.assertRegex(stderr, rb"\A[^\n]+a\.wfm was written over while it was being decoded")
        packets = pcapng_reader.read(data + rest).packets
        self.assertEqual([event_kind(p) for p in packets].count(UNREADABLE), 1)
        self.assertRegex(data, rb"a\.wfm, channel .* \(\S+ V per code, offset 0 V, range \S+ V to ")

    def test_existing(self):
        record = self.record()
        shutil.copy(record, self.folder / "there.wfm")
        with self.watching() as watch:
            shutil.copy(record, self.folder / "new.wfm")
            names = watch.wait_for(RECORD, 1)
            self.assertEqual([n.split(",")[0] for n in names], ["new.wfm"])
            self.finish(watch, record)
        with self.watching("--existing") as watch:
            names = watch.wait_for(RECORD, 2)
            self.assertEqual([n.split(",")[0] for n in names], ["there.wfm", "new.wfm"])
            self.finish(watch, record, record)

    def test_damaged_file(self):
        """It is told of once, and the watch goes on; when it becomes whole it is decoded."""
        record = self.record()
        with self.watching() as watch:
            cut = self.folder / "cut.wfm"
            cut.write_bytes(record.read_bytes()[:50000])
            (self.folder / "screen.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
            shutil.copy(record, self.folder / "good.wfm")
            self.assertIn("good.wfm", watch.wait_for(RECORD, 1)[0])
            self.assertRegex(watch.wait_for(UNREADABLE, 1)[0], r"cut\.wfm: the file is cut")
            shutil.copy(record, cut)
            watch.wait_for(RECORD, 2)
            wait_until(lambda: "screen.png" in watch.errors.read_text(), "word of the picture")
            capture = self.finish(
                watch, record, record, status=FILE_FAULT,
                errors=r"\A(?=[^\0]*cut\.wfm)(?=[^\0]*screen\.png)([^\n]+\.\n){2}\Z")
            self.assertEqual([event_kind(p) for p in capture.packets].count(UNREADABLE), 1)

    def test_two_files(self):
        """The first of a pair waits for the second, in either order."""
        payload = self.record(LINE, "pair.Wfm.bin")
        header = self.path("pair.bin")
        with self.watching() as watch:
            shutil.copy(header, self.folder / "a.bin")
            shutil.copy(payload, self.folder / "b.Wfm.bin")
            with open(self.folder / "a.Wfm.bin", "wb") as file:
                data = payload.read_bytes()
                file.write(data[:len(data) // 2])
                file.flush()
                time.sleep(0.5)
                file.write(data[len(data) // 2:])
            watch.wait_for(RECORD, 1)
            shutil.copy(header, self.folder / "b.bin")
            names = watch.wait_for(RECORD, 2)
            self.assertEqual([n.split(",")[0] for n in names], ["a.bin", "b.bin"])
            self.finish(watch, header, header)

    def test_interfaces(self):
        """Those of further lanes come with the first record that has them."""
        sgmii, qsgmii = self.record(SGMII, "sgmii.wfm"), self.record()
        with self.watching() as watch:
            capture = watch.capture()
            self.assertEqual([i.name for i in capture.interfaces], ["lane0", "qsgmii"])
            for count, record in enumerate((sgmii, qsgmii, sgmii), 1):
                shutil.copy(record, self.folder / f"{count}.wfm")
                watch.wait_for(RECORD, count)
            capture = self.finish(watch, sgmii, qsgmii, sgmii)
        self.assertEqual([i.name for i in capture.interfaces],
                         ["lane0", "qsgmii", "lane1", "lane2", "lane3"])
        ids = [p.number(pcapng_reader.OPT_EPB_PACKETID) for p in capture.packets]
        self.assertEqual(ids, list(range(len(ids))))

    def test_lanes_and_filter(self):
        record = self.record()
        with self.watching("--lanes", "2,3", "-f", "arp") as watch:
            shutil.copy(record, self.folder / "a.wfm")
            wait_until(lambda: (c := watch.capture()) and self.frames_of(c), "frames")
            _, _, capture = watch.stop()
        frames = self.frames_of(capture)
        self.assertTrue(frames)
        self.assertLessEqual({name for name, _ in frames}, {"lane2", "lane3"})
        self.assertEqual({octets[12:14] for _, octets in frames}, {b"\x08\x06"})

    def test_nothing_comes(self):
        with self.watching() as watch:
            capture = self.finish(watch)
            self.assertEqual(capture.packets, [])

    def test_reports(self):
        """Without an output each record's report is printed."""
        record = self.record()
        shutil.copy(record, self.folder / "a.wfm")
        report = run(SCOPEDUMP, self.folder / "a.wfm").stdout
        with subprocess.Popen([SCOPEDUMP, "--watch", str(self.folder / "a.wfm"), "--existing"],
                              stdout=subprocess.PIPE, text=True) as process:
            lines = [process.stdout.readline() for _ in report.splitlines()]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=WAIT_S)
        self.assertEqual("".join(lines), report)
        self.assertEqual(process.returncode, DECODED)

    def test_reader_that_goes(self):
        """Nothing has to be written for it to be noticed."""
        read_end, write_end = os.pipe()
        with subprocess.Popen([SCOPEDUMP, "--watch", str(self.folder), "-w", "-"],
                              stdout=write_end, stderr=subprocess.PIPE, text=True) as process:
            os.close(write_end)
            self.assertTrue(os.read(read_end, 100))
            os.close(read_end)
            _, stderr = process.communicate(timeout=WAIT_S)
        self.assertEqual((process.returncode, stderr), (DECODED, ""))

    def test_folder_that_goes(self):
        with self.watching() as watch:
            self.folder.rmdir()
            self.assertEqual(watch.process.wait(WAIT_S), FILE_FAULT)
            self.assertRegex(watch.errors.read_text(), r"\AThe folder [^\n]+ cannot be watched: ")
            pcapng_reader.read(watch.out)

    def test_wrong_use(self):
        for argv, status in ((["--watch", str(self.path("no-folder"))], FILE_FAULT),
                             (["--watch", str(self.folder), "-f", "no such"], USAGE_FAULT),
                             (["--watch", str(self.folder), "record.wfm"], USAGE_FAULT),
                             (["--watch", str(self.folder), "--info"], USAGE_FAULT),
                             (["--watch", str(self.folder), "--json", "x"], USAGE_FAULT),
                             (["--existing"], USAGE_FAULT)):
            with self.subTest(argv):
                result = run(SCOPEDUMP, *argv)
                self.assertEqual((result.returncode, result.stdout), (status, ""))
                self.assertRegex(result.stderr, r"\A[^\n]+\.\n\Z")

    def test_record_that_shrinks(self):
        """A record that is written over while it is decoded is no reason to crash."""
        record = self.record(LONG, "long.wfm")
        shutil.copy(record, self.folder / "long.wfm")
        with subprocess.Popen([SCOPEDUMP, self.folder / "long.wfm", "-w", "-"],
                              bufsize=0, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            data = b""
            while len(data) < 4000:  # packets have come; then its pipe is full
                data += process.stdout.read(4000 - len(data))
            os.truncate(self.folder / "long.wfm", 4096)
            rest, stderr = process.communicate(timeout=WAIT_S)
        self.assertEqual(process.returncode, FILE_FAULT, stderr)
        self.assertIn(b"was made shorter while it was being decoded", stderr)
        self.assertTrue(pcapng_reader.read(data + rest).packets)

    def test_tshark(self):
        record = self.record()
        shutil.copy(record, self.folder / "a.wfm")
        out = self.path("live.pcapng")
        result = self.wireshark.run_tool(
            ["tshark", "-i", "scopedump-watch", "-o",
             f"extcap.scopedump_watch.watch:{self.folder}", "-o",
             "extcap.scopedump_watch.existing:true", "-c", "20", "-w", out])
        self.assertEqual(result.returncode, 0, result.stderr)
        live = pcapng_reader.read(out)
        self.assertGreaterEqual(len(live.packets), 20)
        frames = self.frames_of(live)
        self.assertEqual(frames, self.frames(record)[:len(frames)])

    def test_tshark_without_folder(self):
        for folder in ("", str(self.path("no-folder"))):
            result = self.wireshark.run_tool(
                ["tshark", "-i", "scopedump-watch", "-o",
                 f"extcap.scopedump_watch.watch:{folder}"])
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, r"folder [^\n]+\.\n")


if __name__ == "__main__":
    unittest.main()
