# SPDX-License-Identifier: GPL-2.0-or-later
"""A few lines of reader for each kind of file that scopedump-generate writes, from the formats'
descriptions. Each gives a Record; what must be so in any file is asserted."""

import array
import ast
import calendar
import collections
import struct
import sys
import time
import xml.etree.ElementTree

# volts: [channel][segment][sample]; start: seconds from the trigger to the first sample, and time:
# (seconds since 1970, nanoseconds) of it or None, for each segment.
Record = collections.namedtuple("Record", "volts interval start time")


def numbers(code, data, order="<"):
    """All of data as numbers of the type code of array, in the byte order."""
    found = array.array(code, data)
    if found.itemsize > 1 and (order == "<") != (sys.byteorder == "little"):
        found.byteswap()
    return found


def content(path):
    with open(path, "rb") as file:
        return file.read()


def text(data, at, size):
    """Text in a field: all behind it is 0."""
    field = data[at:at + size]
    end = field.index(0)
    assert not any(field[end:])
    return field[:end].decode("ascii")


def since_trigger(trigger, start):
    """(seconds, nanoseconds) of a sample; the trigger as (seconds, nanoseconds)."""
    return trigger[0], trigger[1] + start * 1e9


def read_trc(path):
    """LeCroy, template LECROY_2_3."""
    data = content(path)
    if data[:1] == b"#":
        digits = int(data[1:2], 16)
        assert int(data[2:2 + digits]) == len(data) - 2 - digits
        data = data[2 + digits:]
    assert text(data, 0, 16) == "WAVEDESC" and text(data, 16, 16) == "LECROY_2_3"
    order = "<" if data[34:36] == b"\x01\x00" else ">"

    def get(layout, at):
        return struct.unpack_from(order + layout, data, at)
    assert get("H", 34)[0] == (1 if order == "<" else 0)
    blocks = get("8i", 36)
    assert blocks[0] == 346 and sum(blocks) == len(data)
    assert blocks[1] == blocks[2] == blocks[4] == blocks[5] == blocks[7] == 0
    count, _, first, last = get("4i", 116)
    segments, = get("i", 144)
    assert get("h", 174)[0] == segments and first == 0 and last == count - 1
    gain, offset = get("ff", 156)
    interval, start = get("fd", 176)
    assert text(data, 196, 48) == "V" and text(data, 244, 48) == "S"
    second, minute, hour, day, month, year = get("d4BH", 296)
    trigger = (0, 0) if month == 0 else (
        calendar.timegm((year, month, day, hour, minute, 0)), second * 1e9)
    codes = numbers("bh"[get("h", 32)[0]], data[346 + blocks[3]:], order)
    assert len(codes) == count and count % segments == 0
    pairs = [(0.0, start)]
    if segments > 1:
        assert blocks[3] == 16 * segments
        pairs = [get("dd", 346 + 16 * k) for k in range(segments)]
        assert pairs[0] == (0, start)
    size = count // segments
    return Record(
        [[[gain * code - offset for code in codes[k * size:(k + 1) * size]]
          for k in range(segments)]],
        interval, [start for _, start in pairs],
        [None if month == 0 else since_trigger(trigger, later + start) for later, start in pairs])


def read_keysight(path):
    """Agilent/Keysight .bin."""
    data = content(path)
    version = data[2:4]
    assert data[:2] == b"AG" and version in (b"01", b"03", b"10")
    wide = version == b"03"
    size, waveforms = struct.unpack_from("<qi" if wide else "<ii", data, 4)
    assert size == len(data)
    at = 16 if wide else 12
    channels, starts, times = {}, [], []
    for _ in range(waveforms):
        (length, kind, buffers, points, averages, _, _, increment, origin, x_unit,
         y_unit) = struct.unpack_from("<5ifdddii", data, at)
        assert (length, kind, buffers, averages, x_unit, y_unit) == (140, 1, 1, 1, 2, 1)
        date, clock, label = (text(data, at + place, 16) for place in (56, 72, 112))
        tag, index = struct.unpack_from("<dI", data, at + 128)
        at += length
        head, what, sample, octets = struct.unpack_from("<ihhq" if wide else "<ihhi", data, at)
        assert (head, what, sample, octets) == (16 if wide else 12, 1, 4, 4 * points)
        at += head
        segments = channels.setdefault(label, [])
        segments.append(list(numbers("f", data[at:at + octets])))
        assert index == (len(segments) if index else 0)
        at += octets
        if len(channels) == 1:
            starts.append(origin)
            trigger = date and calendar.timegm(time.strptime(f"{date} {clock}",
                                                             "%d %b %Y %H:%M:%S"))
            times.append(since_trigger((trigger, 0), tag + origin) if date else None)
    assert at == len(data)
    assert list(channels) == [f"Channel {i + 1}" for i in range(len(channels))]
    return Record(list(channels.values()), increment, starts, times)


def read_rohde_schwarz(path):
    """NAME.Wfm.bin, whose name is given, and NAME.bin beside it."""
    tree = xml.etree.ElementTree.parse(path.replace(".Wfm.bin", ".bin"))
    assert tree.getroot().get("SaveItemType") == "Data"
    properties = {p.get("Name"): p for p in tree.iter("Prop")}

    def number(name):
        return float(properties[name].get("Value"))

    def listed(name):
        return [properties[name].get(f"I_{i}") for i in range(4)]
    form = properties["SignalFormat"].get("Value").replace("eRS_SIGNAL_FORMAT_", "")
    code, kind = {"INT8BIT": ("b", 0), "INT16BIT": ("h", 1), "FLOAT": ("f", 4)}[form]
    data = content(path)
    rows = int(number("SignalHardwareRecordLength"))
    assert struct.unpack_from("<II", data) == (kind, rows)
    stored = numbers(code, data[8:])
    both = properties["MultiChannelExport"].get("Value") == "eRS_ONOFF_ON"
    views = [tuple(number("Vertical" + name) for name in ("Scale", "Offset", "Position"))]
    if both:
        assert listed("MultiChannelExportState") == ["eRS_ONOFF_ON"] * 2 + ["eRS_ONOFF_OFF"] * 2
        lists = [listed("MultiChannelVertical" + name) for name in ("Scale", "Offset", "Position")]
        views = [tuple(float(values[i]) for values in lists) for i in range(2)]
    assert len(stored) == rows * len(views)
    first, count = int(number("LeadingSettlingSamples")), int(number("RecordLength"))
    levels = number("NofQuantisationLevels")
    factor = float(properties["VerticalScale"].get("StepFactor"))
    volts = []
    for i, (division, offset, position) in enumerate(views):
        column = stored[i::len(views)][first:first + count]
        if code != "f":
            column = [value * division * factor / levels + offset - position * division
                      for value in column]
        volts.append([list(column)])
    start = number("XStart")
    return Record(volts, (number("XStop") - start) / count, [start], [None])


def read_isf(path):
    data = content(path)
    head, _, rest = data.partition(b":CURVE ")
    assert head.startswith(b":WFMPRE:") and rest[:1] == b"#"
    digits = int(rest[1:2])
    block = rest[2 + digits:]
    assert int(rest[2:2 + digits]) == len(block)
    fields = dict(field.replace(":WFMPRE:", "").split(" ", 1)
                  for field in head.decode("ascii").split(";") if field)
    size = int(fields["BYT_NR"])
    code = {("RI", 1): "b", ("RI", 2): "h", ("FP", 4): "f"}[fields["BN_FMT"], size]
    codes = numbers(code, block, {"MSB": ">", "LSB": "<"}[fields["BYT_OR"]])
    assert int(fields["NR_PT"]) == len(codes) and fields["ENCDG"] == "BINARY"
    assert int(fields["BIT_NR"]) == 8 * size
    assert (fields["XUNIT"], fields["YUNIT"], fields["PT_FMT"]) == ('"s"', '"V"', "Y")
    scale, zero, offset = (float(fields[name]) for name in ("YMULT", "YZERO", "YOFF"))
    assert fields["PT_OFF"] == "0"
    return Record([[[zero + scale * (value - offset) for value in codes]]],
                  float(fields["XINCR"]), [float(fields["XZERO"])], [None])


def read_csv(path):
    lines = content(path).decode("ascii").split("\n")
    assert lines.pop() == ""
    fields = {}
    separator = ";" if ";" in lines[0] else ","
    if lines[0].startswith("Model,"):
        end = next(i for i, line in enumerate(lines) if line.startswith("TIME,"))
        fields = dict(line.split(",", 1) for line in lines[:end] if line)
        lines = lines[end + 1:]
    elif separator == ";":
        assert all(line.endswith("\r") for line in lines) and lines[0].startswith("Time (s);")
        lines = lines[1:]
    rows = [[float(field.replace(",", ".") if separator == ";" else field)
             for field in line.split(separator)] for line in lines]
    times, *channels = zip(*rows, strict=True)
    interval = (times[-1] - times[0]) / (len(times) - 1)
    if fields:
        assert int(fields["Record Length"]) == len(times)
        stated = float(fields["Sample Interval"])
        assert abs(times[0] + float(fields["Zero Index"]) * stated) < stated / 1e3
        assert abs(stated / interval - 1) < 1e-3
        interval = stated
    for i, moment in enumerate(times):
        assert abs(times[0] + i * interval - moment) < interval / 10
    return Record([[list(channel)] for channel in channels], interval, [times[0]], [None])


def read_npy(path):
    """The codes alone: there is no scale and no time axis in the file."""
    data = content(path)
    assert data[:8] == b"\x93NUMPY\x01\x00"
    size, = struct.unpack_from("<H", data, 8)
    assert (10 + size) % 64 == 0 and data[9 + size:10 + size] == b"\n"
    head = ast.literal_eval(data[10:10 + size].decode("ascii"))
    assert head["fortran_order"] is False
    order, kind = head["descr"][0], {"i1": "b", "i2": "h", "f4": "f"}[head["descr"][1:]]
    codes = numbers(kind, data[10 + size:], ">" if order == ">" else "<")
    assert head["shape"] == (len(codes),) and (order == "|") == (kind == "b")
    return Record([[list(codes)]], None, [None], [None])


READERS = {".trc": read_trc, ".Wfm.bin": read_rohde_schwarz, ".bin": read_keysight,
           ".isf": read_isf, ".csv": read_csv, ".npy": read_npy}


def read(path):
    """The Record in a file, by its name."""
    suffix = next(suffix for suffix in READERS if path.endswith(suffix))
    return READERS[suffix](path)
