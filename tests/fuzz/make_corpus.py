#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the files of corpus/: a small record of each kind, in each layout that has code of its own.
The generator writes what it can; the others are written here, by the formats' descriptions.

usage: make_corpus.py PATH-OF-scopedump-generate FOLDER
"""

import io
import pathlib
import struct
import subprocess
import sys
import tempfile
import wave
import zipfile

MARKER = b"\n=== next file ===\n"  # as in fuzz_target.h
CODES = bytes(128 + 40 * (1 if i // 7 % 2 else -1) for i in range(60))
VOLTS = [0.01 * (code - 128) for code in CODES]

# kind: name of the file in the corpus, options of the generator
GENERATED = {
    "csv": [("plain.csv", ""), ("semicolon.csv", "--csv semicolon --legs"),
            ("tektronix.csv", "--csv tektronix --legs")],
    "keysight_bin": [("ag10.bin", ""), ("ag01.bin", "--bin-version 1"),
                     ("ag03-two.bin", "--bin-version 3 --legs"),
                     ("ag10-segments.bin", "--legs --segments 3")],
    "lecroy_trc": [("s16.trc", ""), ("s8-big-endian.trc", "--sample-format s8 --big-endian"),
                   ("no-prefix.trc", "--no-prefix"), ("sequence.trc", "--segments 3")],
    "npy": [("s16.npy", ""), ("s8.npy", "--sample-format s8"),
            ("f32-big-endian.npy", "--sample-format f32 --big-endian")],
    "raw": [("f32.raw", "--sample-format f32")],
    "rohde_schwarz": [("s8.bin", "--sample-format s8"), ("s16-two.bin", "--legs --precharge 3"),
                      ("f32-two.bin", "--sample-format f32 --legs")],
    "tektronix_isf": [("s16.isf", "--big-endian"), ("s8.isf", "--sample-format s8"),
                      ("f32.isf", "--sample-format f32")],
    "tektronix_wfm": [("v1.wfm", "--wfm-version 1 --precharge 5"),
                      ("v2-big-endian.wfm", "--wfm-version 2 --big-endian"),
                      ("v3-s8.wfm", "--sample-format s8"),
                      ("v3-f32.wfm", "--sample-format f32"),
                      ("v3-fastframe.wfm", "--segments 3 --precharge 5")],
}


def generate(program, kind, name, options):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        pair = kind == "rohde_schwarz"
        out = folder / ("a.Wfm.bin" if pair else name)
        subprocess.run([program, "--out", out, "--samples", "60", "--sample-rate", "25e9",
                        *options.split()], check=True)
        if pair:
            return (folder / "a.bin").read_bytes() + MARKER + out.read_bytes()
        return out.read_bytes()


def put(size, fields):
    """Bytes with fields at their places: {offset: (struct format, values...)}."""
    data = bytearray(size)
    for at, (layout, *values) in fields.items():
        struct.pack_into("<" + layout, data, at, *values)
    return bytes(data)


def wav(width):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(width)
        out.setframerate(48000)
        out.writeframes(CODES * width)
    return file.getvalue()


def sigrok():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        samples = struct.pack(f"<{len(VOLTS)}f", *VOLTS)
        members = {"version": b"2",
                   "metadata": b"[global]\nsigrok version=0.5.2\n\n[device 1]\ncapturefile=logic-1\n"
                               b"total probes=2\nsamplerate=50 MHz\ntotal analog=1\nprobe1=D0\n"
                               b"probe2=D1\nanalog3=CH1\nunitsize=1\n",
                   "logic-1-1": bytes(len(CODES)), "analog-1-3-1": samples, "analog-1-3-2": samples}
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # without the time of day
    return file.getvalue()


def session(sparse):
    samples = struct.pack(f"<{len(VOLTS)}f", *VOLTS)
    form = "densev1"
    if sparse:
        form = "sparsev1"
        samples = b"".join(struct.pack("<qqf", i, 1, v) for i, v in enumerate(VOLTS))
    head = ("version: 1\ninstruments:\n    scope_1:\n        id: 1\n        nick: scope\n"
            "        name: scope\n        vendor: maker\n        serial: 1\n"
            "        channels:\n            ch0:\n                id: 2\n                index: 0\n"
            "                name: C1\n                type: analog\n")
    metadata = ("waveforms:\n    wfm1:\n        timestamp: 1700000000\n        time_fsec: 5\n"
                "        id: 1\n        channels:\n            ch0:\n                index: 0\n"
                f"                stream: 0\n                format: {form}\n"
                "                timescale: 50000\n                trigphase: 12\n")
    return head.encode() + MARKER + metadata.encode() + MARKER + samples


def siglent(version):
    """Version 0: without a version word; 4: with 40-byte values."""
    if version == 0:
        fields = {0: ("i", 1), 16: ("dII", 500, 7, 0), 80: ("dII", 0, 8, 0),
                  212: ("dII", 1, 6, 0), 228: ("dII", 0, 8, 0), 244: ("I", len(CODES)),
                  248: ("dII", 1, 11, 0)}
        return put(0x800, fields) + CODES
    fields = {0: ("II", 4, 0x1000), 8: ("i", 1), 24: ("dI", 500, 7), 184: ("dI", 0, 8),
              412: ("dI", 1, 6), 452: ("dI", 0, 8), 492: ("I", len(CODES)), 496: ("dI", 1, 11),
              580: ("dddd", 1, 1, 1, 1), 612: ("BB", 0, 0), 620: ("i", 10),
              624: ("iiii", 30, 30, 30, 30)}
    return put(0x1000, fields) + CODES


def rigol_bin(magic):
    """The Keysight layout: RG01 with 140-byte headers, RG03 with 64-bit sizes."""
    wide = magic == b"RG03"
    buffer = struct.pack("<ihhq" if wide else "<ihhi", 16 if wide else 12, 1, 4, 4 * len(VOLTS))
    head = put(140, {0: ("iiiii", 140, 1, 1, len(VOLTS), 1), 20: ("fddd", 1e-6, 5e-7, 1e-9, 5e-7),
                     48: ("ii", 2, 1), 88: ("24s", b"DHO824:DHO8A000000000"),
                     112: ("16s", b"CH1")})
    body = head + buffer + struct.pack(f"<{len(VOLTS)}f", *VOLTS)
    size = len(body) + (16 if wide else 12)
    return magic + struct.pack("<qi" if wide else "<ii", size, 1) + body


WRITTEN = {
    "ngscopeclient": [("dense.scopesession", session(False)),
                      ("sparse.scopesession", session(True))],
    "rigol_bin": [("rg01.bin", rigol_bin(b"RG01")), ("rg03.bin", rigol_bin(b"RG03"))],
    "siglent_bin": [("no-version.bin", siglent(0)), ("version-4.bin", siglent(4))],
    "sigrok": [("analog.sr", sigrok())],
    "wav": [("u8.wav", wav(1)), ("s16.wav", wav(2)), ("s24.wav", wav(3))],
}


def main(program, folder):
    files = {(kind, name): generate(program, kind, name, options)
             for kind, rows in GENERATED.items() for name, options in rows}
    files.update({(kind, name): data for kind, rows in WRITTEN.items() for name, data in rows})
    for (kind, name), data in files.items():
        path = pathlib.Path(folder) / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
