#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the files of corpus/: a small record of each kind, in each layout that has code of its own.
The generator writes what it can; the others are written here, by the formats' descriptions. HDF5
files need h5py and numpy (Debian: python3-h5py).

usage: make_corpus.py PATH-OF-scopedump-generate FOLDER
"""

import gzip
import io
import pathlib
import struct
import subprocess
import sys
import tempfile
import wave
import zipfile
import zlib

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


def archive(members, method=zipfile.ZIP_DEFLATED):
    """A zip archive of {name: bytes}."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as out:
        for name, data in members.items():
            out.writestr(zipfile.ZipInfo(name), data, method)  # without the time of day
    return file.getvalue()


def wav(width):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(width)
        out.setframerate(48000)
        out.writeframes(CODES * width)
    return file.getvalue()


def sigrok():
    samples = struct.pack(f"<{len(VOLTS)}f", *VOLTS)
    return archive(
        {"version": b"2",
         "metadata": b"[global]\nsigrok version=0.5.2\n\n[device 1]\ncapturefile=logic-1\n"
                     b"total probes=2\nsamplerate=50 MHz\ntotal analog=1\nprobe1=D0\n"
                     b"probe2=D1\nanalog3=CH1\nunitsize=1\n",
         "logic-1-1": bytes(len(CODES)), "analog-1-3-1": samples, "analog-1-3-2": samples},
        zipfile.ZIP_STORED)


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


def siglent_old():
    """The layout of the first SDS1000X and SDS2000X."""
    return put(0x1470, {0xBC: ("f", 500), 0xDC: ("i", 245), 0x100: ("i", 1),
                        0x248: ("i", 9)}) + CODES


def rigol_ds1000(magic, channels, points, channel, enabled, rate, time, data):
    fields = {0: ("4s", magic), points: ("I", len(CODES)), rate: ("f", 1e8), time: ("q", 2000000)}
    for at in range(channel, channel + 24 * channels, 24):
        fields.update({at + 8: ("f", 10), at + enabled: ("B", 1), at + 16: ("ih", 100000, 5)})
    return put(data, fields) + CODES * channels


def rigol_ds1000z():
    fields = {0: ("IHH", 0xFFFFFF01, 0xA5A5, 0x38), 8: ("7s", b"DS1054Z"), 72: ("q", -3000000),
              88: ("B", 15), 116: ("If", 4 * len(CODES), 0.25), 256: ("II", 20, 280)}
    for at in range(124, 236, 28):
        fields.update({at + 8: ("ff", 2, 0.5), at + 17: ("B", 2)})
    return put(300, fields) + CODES * 4


def rigol_ds2000(model, rate, time, channel, points, end):
    fields = {0: ("I", 0x0038A5A5), 4: ("8s", model), 64: ("H", 1), 68: ("I", end),
              rate: ("f", 2e9), time: ("q", 1000), points: ("I", len(CODES)),
              channel: ("B", 1), channel + 8: ("ff", 3.2, 0.25), channel + 17: ("B", 2)}
    return put(end, fields) + CODES


def rigol_dho():
    blocks = b""
    for i in range(4, 0, -1):
        settings = put(90, {0: ("Bq", i % 2, 75000000 * i), 38: ("q", -250000000 * i)})
        packed = zlib.compress(settings)
        blocks += struct.pack("<6H", i, 5, len(settings), len(packed), len(packed) + 3, 0)
        blocks += packed + bytes(3)
    sizes = struct.pack("<qqIIIIq", 2 * len(CODES), 1, 5, 77, len(CODES), len(CODES), 0)
    rows = struct.pack(f"<{2 * len(CODES)}H", *(256 * c for code in CODES for c in (code, code)))
    return put(24, {0: ("I", 2)}) + blocks + bytes(40) + sizes + rows


def matlab(packed):
    """Version 5, with the names of Tektronix."""
    def element(kind, data):
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    def variable(name, values, kind=6, stored=9, layout="d"):
        data = struct.pack(f"<{len(values)}{layout}", *values)
        matrix = element(14, element(6, struct.pack("<II", kind, 0)) +
                         element(5, struct.pack("<II", len(values), 1)) + element(1, name) +
                         element(stored, data))
        if packed:
            matrix = zlib.compress(matrix)
            matrix = struct.pack("<II", 15, len(matrix)) + matrix
        return matrix

    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    return (head + variable(b"model", b"SCOPE", 4, 4, "H") +
            variable(b"sampleInterval", [4e-11]) + variable(b"zeroIndex", [24.5]) +
            variable(b"data", VOLTS, 7, 7, "f"))


def matlab4():
    """Version 4, with the names of PicoScope."""
    def variable(kind, layout, name, values):
        return (struct.pack("<5I", kind, len(values), 1, 0, len(name) + 1) + name + b"\0" +
                struct.pack(f"<{len(values)}{layout}", *values))
    return (variable(0, "d", b"Tstart", [-5e-6]) + variable(0, "d", b"Tinterval", [2e-10]) +
            variable(51, "B", b"Version", b"6.14") + variable(10, "f", b"A", VOLTS))


def npy(layout, values):
    text = f"{{'descr': '<{layout}', 'fortran_order': False, 'shape': ({len(values)},), }}"
    text = text.ljust(117) + "\n"
    kind = {"f4": "f", "f8": "d"}[layout]
    return (b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode() +
            struct.pack(f"<{len(values)}{kind}", *values))


def npz():
    return archive({"t.npy": npy("f8", [1e-9 * i for i in range(len(VOLTS))]),
                    "v.npy": npy("f4", VOLTS)})


def hdf5(kind):
    import h5py
    import numpy
    file = io.BytesIO()
    with h5py.File(file, "w") as out:
        if kind == "tektronix":
            out["Data"] = numpy.array(VOLTS, "f4")
            out["Spacing"], out["StartTime"] = 1e-9, -1e-8
        else:
            group = out.create_group("Waveforms/Channel 1")
            group.attrs.update({"NumPoints": numpy.int32(len(CODES)), "NumSegments": numpy.int32(2),
                                "WaveformType": numpy.int16(1), "XInc": 2.5e-11, "XOrg": -1e-6,
                                "XUnits": numpy.bytes_("Second"), "YUnits": numpy.bytes_("Volt"),
                                "YInc": 0.25, "YOrg": -1.5})
            for i in (1, 2):
                segment = group.create_dataset(
                    f"Channel 1 Seg{i}Data", data=numpy.frombuffer(CODES, "u1").astype("i2"),
                    **({"chunks": (32,), "shuffle": True, "compression": "gzip"}
                       if kind == "packed" else {}))
                segment.attrs.update({"SegmentedXOrg": -1e-6, "SegmentedTimeTag": 1e-3 * i})
    return file.getvalue()


RS_SETTINGS = (b"Resolution:2e-11:\nRecordLength:60:\nXStart:-1e-8:\nSignalResolution:2e-11:\n"
               b"VerticalScale:0.02:\nSource:C2W1:\n")
RS_SAMPLES = "".join(f"{v}\r\n" for v in VOLTS).encode()

WRITTEN = {
    "hdf5": [(f"{kind}.h5", hdf5(kind)) for kind in ("tektronix", "keysight", "packed")],
    "matlab": [("plain.mat", matlab(False)), ("packed.mat", matlab(True)), ("v4.mat", matlab4())],
    "ngscopeclient": [("dense.scopesession", session(False)),
                      ("sparse.scopesession", session(True))],
    "npz": [("time.npz", npz())],
    "packed": [("npy.gz", gzip.compress(npy("f4", VOLTS), mtime=0)),
               ("two.zip", archive({"readme.txt": b"a text", "v4.mat": matlab4()}))],
    "rigol_bin": [("rg01.bin", rigol_bin(b"RG01")), ("rg03.bin", rigol_bin(b"RG03"))],
    "rigol_wfm": [
        ("ds1000b.wfm", rigol_ds1000(b"\xA5\xA5\xA4\x01", 4, 60, 68, 14, 180, 172, 420)),
        ("ds1000c.wfm", rigol_ds1000(b"\xA1\xA5\0\0", 2, 28, 36, 13, 100, 92, 256)),
        ("ds1000e.wfm", rigol_ds1000(b"\xA5\xA5\0\0", 2, 28, 36, 13, 100, 112, 276)),
        ("ds1000z.wfm", rigol_ds1000z()),
        ("ds2000.wfm", rigol_ds2000(b"DS2072A", 96, 112, 120, 252, 476)),
        ("ds4000.wfm", rigol_ds2000(b"MSO4054", 100, 568, 124, 268, 580)),
        ("dho800.wfm", rigol_dho())],
    "rohde_schwarz_csv": [("pair.csv", RS_SAMPLES + MARKER + RS_SETTINGS)],
    "siglent_bin": [("no-version.bin", siglent(0)), ("version-4.bin", siglent(4)),
                    ("old.bin", siglent_old())],
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
