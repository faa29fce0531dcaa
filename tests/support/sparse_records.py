# SPDX-License-Identifier: GPL-2.0-or-later
"""Records of any size that take no place on the disk: a header of scopedump-generate, or one of its
own, with the counts of the size asked for, and a hole for the samples."""

import re
import struct
import subprocess

SAMPLES = 64  # of the records that are made larger


def generate(program, path, options):
    subprocess.run([program, "--out", path, "--samples", str(SAMPLES), "--sample-rate", "25e9",
                    *options.split()], check=True)
    return bytearray(path.read_bytes())


def put(data, at, layout, value):
    struct.pack_into("<" + layout, data, at, value)


def wfm(program, path, samples):
    data = generate(program, path, "--wfm-version 3")[:838]
    put(data, 504, "I", samples)
    for at in (826, 830, 834):  # begin and end of post-charge, end of the curve
        put(data, at, "I", 2 * samples)
    return data, 2 * samples


def trc(program, path, samples):
    data = generate(program, path, "--no-prefix")[:346]
    put(data, 60, "i", 2 * samples)
    put(data, 116, "i", samples)
    put(data, 128, "i", samples - 1)
    return data, 2 * samples


def keysight(program, path, samples):
    data = generate(program, path, "--bin-version 3")[:172]
    put(data, 4, "q", len(data) + 4 * samples)
    put(data, 16 + 12, "i", samples)
    put(data, 16 + 140 + 8, "q", 4 * samples)
    return data, 4 * samples


def isf(program, path, samples):
    data = generate(program, path, "")
    data = data[:data.index(b":CURVE ")].replace(b"NR_PT %d" % SAMPLES, b"NR_PT %d" % samples)
    return data + b":CURVE #0", 2 * samples  # #0: up to the end


def npy(program, path, samples):
    data = generate(program, path, "")[:128]
    return data.replace(b"(%d,), }" % SAMPLES + b" " * 12, b"(%d,), }" % samples + b" " * 12)[
        :127].ljust(127) + b"\n", 2 * samples


def rohde_schwarz(program, path, samples):
    payload = path.with_name(path.stem + ".Wfm.bin")
    data = generate(program, payload, "")[:8]
    header = re.sub(rb'(RecordLength" Value=)"%d"' % SAMPLES, rb'\1"%d"' % samples,
                    path.read_bytes())
    path.write_bytes(header)
    put(data, 4, "I", samples)
    with open(payload, "wb") as file:
        file.write(data)
        file.truncate(len(data) + 2 * samples)
    return header, 0


def wav(program, path, samples):
    size = 2 * samples
    return (b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " +
            struct.pack("<IHHIIHH", 16, 1, 1, 1000000, 2000000, 2, 16) + b"data" +
            struct.pack("<I", size)), size


def matlab(program, path, samples):
    interval = struct.pack("<5I", 0, 1, 1, 0, 10) + b"Tinterval\0" + struct.pack("<d", 4e-11)
    return interval + struct.pack("<5I", 30, samples, 1, 0, 2) + b"A\0", 2 * samples


def raw(program, path, samples):
    return b"", 2 * samples


# name of the file: what writes it, and the options that scopedump needs to read it
RATE = ("--sample-rate", "25e9")
KINDS = {
    "record.wfm": (wfm, ()),
    "record.trc": (trc, ()),
    "record-ag03.bin": (keysight, ()),
    "record-rs.bin": (rohde_schwarz, ()),
    "record.isf": (isf, ()),
    "record.mat": (matlab, ()),
    "record.npy": (npy, RATE),
    "record.wav": (wav, RATE),
    "record.raw": (raw, RATE + ("--sample-format", "s16")),
}


def write(program, name, folder, samples):
    """Writes the record with this name of KINDS into a folder; gives (path, options)."""
    writer, options = KINDS[name]
    path = folder / name
    header, size = writer(program, path, samples)
    with open(path, "wb") as file:
        file.write(header)
        file.truncate(len(header) + size)
    return path, options
