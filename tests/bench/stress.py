#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How bad a signal may be: decodes generated records that get worse from row to row, and holds what
comes out against the generator's ideal receiver and against theory. Not a test: nothing here can
fail, the table is to be read.

usage: stress.py --generate PATH --scopedump PATH [--rows REGEX] [--duration-us X] [--json FILE]
"""

import argparse
import bisect
import collections
import json
import math
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "support"))
sys.path.insert(0, str(TESTS / "generator"))

import pcapng_reader
import generator_test as line_code

RATE = "--sample-rate 25e9 "  # 5 samples per bit of QSGMII
TRAFFIC = "--frame-size 64:512 --config-us 1"
QSGMII_BAUD = 5e9
# Records with many samples per bit are made shorter, so that no row takes long.
SAMPLES_MOST = 10e6

# Standard deviations between 10 % and 90 % of the integral of a Gaussian, and the one of a Gaussian
# impulse response times its -3 dB bandwidth.
RISE_DEVIATIONS = 2.5631031310892007
BANDWIDTH_DEVIATIONS = math.sqrt(math.log(2)) / (2 * math.pi)
RISE_TIME = 0.3  # of the generator, in unit intervals


def rows():
    """(name, options), in the order of the table."""
    table = []

    def add(name, options, rate=RATE):
        table.append((name, rate + options))

    def samples(per_bit):
        return f"--sample-rate {per_bit * QSGMII_BAUD:.6g} "

    add("clean", "")
    for ps in (1, 2, 5, 10, 15, 20, 25, 30, 40):
        add(f"random jitter {ps} ps rms", f"--rj-ps {ps}")
    for percent in (1, 2, 5, 8, 10, 12, 15, 18, 20, 25):
        add(f"noise {percent} %", f"--noise {percent / 100}")
    for per_bit, percents in ((2.2, (5, 8, 10, 12, 15)), (2.5, (10, 15)), (3.2, (10, 15)),
                              (16, (5, 8, 10, 12, 15)), (200, (10, 15, 30))):
        for percent in percents:
            add(f"noise {percent} %, {per_bit} samples per bit", f"--noise {percent / 100}",
                samples(per_bit))
    for ratio in (2.0, 1.0, 0.75, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1):
        add(f"bandwidth {ratio} x baud", f"--bandwidth {ratio}")
    for ratio in (0.4, 0.3, 0.25):
        add(f"bandwidth {ratio} x baud, 16 samples per bit", f"--bandwidth {ratio}", samples(16))
    for ratio in (0.4, 0.3, 0.25):
        add(f"bandwidth {ratio} x baud, 2.5 samples per bit", f"--bandwidth {ratio}", samples(2.5))
    add("bandwidth 0.22 x baud", "--bandwidth 0.22")
    for ratio, percents in ((0.18, (1, 2, 3)), (0.16, (0, 0.5, 1, 2)), (0.15, (0.5, 1)),
                            (0.14, (0, 0.5, 1)), (0.12, (0, 0.2, 0.5)), (0.11, (0,))):
        for percent in percents:
            add(f"bandwidth {ratio} x baud, noise {percent} %",
                f"--bandwidth {ratio} --noise {percent / 100}")
    add("bandwidth 0.13 x baud, 8-bit samples", "--bandwidth 0.13 --sample-format s8")
    for per_bit in (2.5, 16, 100):
        add(f"bandwidth 0.13 x baud, {per_bit} samples per bit", "--bandwidth 0.13",
            samples(per_bit))
    add("bandwidth 0.14 x baud, jitter 3 ps, +200 ppm, inverted",
        "--bandwidth 0.14 --rj-ps 3 --ppm 200 --invert")
    add("SGMII, bandwidth 0.13 x baud", "--link sgmii --bandwidth 0.13", "--sample-rate 6.25e9 ")
    for ratio, percents in ((0.25, (0, 2)), (0.16, (0, 1)), (0.12, (0, 1)), (0.08, (0, 0.5)),
                            (0.05, (0, 0.5))):
        for percent in percents:
            add(f"pole at {ratio} x baud, noise {percent} %",
                f"--pole {ratio} --noise {percent / 100}")
    for echo in ("0.3:2.4", "0.5:3.3", "-0.6:1.7", "0.7:4.5"):
        add(f"echo {echo} UI, noise 3 %", f"--echo={echo} --noise 0.03")
    add("bandwidth 0.2 x baud, echo 0.4 after 2.6 UI, noise 1 %",
        "--bandwidth 0.2 --echo 0.4:2.6 --noise 0.01")
    for ratio, percent in ((0.4, 8), (0.35, 8), (0.3, 2), (0.3, 5), (0.25, 1), (0.25, 2)):
        add(f"bandwidth {ratio} x baud, noise {percent} %",
            f"--bandwidth {ratio} --noise {percent / 100}")
    for per_bit in (2.2, 2.5, 3.2, 4, 5, 8, 16, 200):
        add(f"{per_bit} samples per bit", "", samples(per_bit))
    for per_bit in (2.2, 2.5, 3.2, 4, 8, 16, 200):
        add(f"{per_bit} samples per bit, noise 5 %, jitter 5 ps", "--noise 0.05 --rj-ps 5",
            samples(per_bit))
    for ps in (20, 40, 80, 120, 160, 175, 190):
        add(f"duty-cycle distortion {ps} ps", f"--dcd-ps {ps}")
    for ps, jitter in ((40, 10), (80, 10), (120, 5)):
        add(f"duty-cycle distortion {ps} ps, jitter {jitter} ps", f"--dcd-ps {ps} --rj-ps {jitter}")
    for interval, frequencies in ((0.1, (1e6, 2e6, 1e7, 3e7, 1e8)),
                                  (0.3, (1e6, 2e6, 1e7, 3e7, 1e8)), (0.45, (1e6, 2e6, 1e7, 3e7)),
                                  (1, (1e5, 3e5, 1e6, 2e6)), (2, (3e5, 1e6)),
                                  (5, (1e4, 1e5, 3e5)), (20, (1e4, 1e5))):
        for hertz in frequencies:
            add(f"sinusoidal jitter {interval} UI, {hertz / 1e6:g} MHz",
                f"--sj {interval}:{hertz:g}")
    for ppm in (-500, -300, -100, 100, 300, 500):
        add(f"{ppm:+d} ppm", f"--ppm {ppm}")
    add("spread spectrum 5000 ppm, 33 kHz", "--ssc 5000:33e3")
    add("spread spectrum 5000 ppm, 33 kHz, -300 ppm", "--ssc 5000:33e3 --ppm -300")
    add("spread spectrum 5000 ppm, noise 5 %, jitter 5 ps",
        "--ssc 5000:33e3 --noise 0.05 --rj-ps 5")
    for fraction, hertz in ((0.1, 1e5), (0.2, 1e5), (0.3, 1e5), (0.5, 1e5), (1, 1e5), (0.1, 1e6),
                            (0.3, 1e6), (0.5, 1e6), (0.1, 1e7), (0.2, 1e7), (0.3, 1e7)):
        add(f"wander {fraction}, {hertz / 1e6:g} MHz", f"--wander {fraction}:{hertz:g}")
    for hertz in (1e5, 1e6, 1e7, 5e7, 1e8):
        add(f"AC coupling {hertz / 1e6:g} MHz", f"--ac-coupling {hertz:g}")
    add("5 slips", "--random-slips 5")
    add("20 slips", "--random-slips 20")
    add("10 slips, noise 5 %", "--random-slips 10 --noise 0.05")
    for count, length in ((10, 20), (10, 100), (5, 1000), (3, 5000), (2, 20000)):
        add(f"{count} dead stretches of {length} bits", f"--random-dead {count}:{length}")
    add("5 dead stretches of 1000 bits, noise 5 %", "--random-dead 5:1000 --noise 0.05")
    add("3 dead stretches of 5000 bits, +100 ppm, noise 2 %",
        "--random-dead 3:5000 --ppm 100 --noise 0.02")
    for ppm in (-500, 500):
        add(f"2 dead stretches of 5000 bits, {ppm:+d} ppm, jitter 5 ps",
            f"--random-dead 2:5000 --ppm {ppm} --rj-ps 5")
    add("dead from the begin, 20000 bits", "--dead 0:20000")
    add("dead stretch that rests high, 3000 bits", "--dead 50000:3000:0.4")
    add("inverted", "--invert")
    add("inverted, noise 10 %", "--invert --noise 0.1")
    add("begin within a frame, noise 8 %", "--skip-bits 60007.3 --noise 0.08")
    add("disparity per lane, noise 8 %", "--rd lane --noise 0.08")
    add("noise 8 %, jitter 10 ps", "--noise 0.08 --rj-ps 10")
    add("bandwidth 0.5, noise 5 %", "--bandwidth 0.5 --noise 0.05")
    add("bandwidth 0.35, noise 3 %", "--bandwidth 0.35 --noise 0.03")
    add("bandwidth 0.5, noise 5 %, jitter 5 ps, 16 samples per bit",
        "--bandwidth 0.5 --noise 0.05 --rj-ps 5", samples(16))
    add("bandwidth 0.5, noise 5 %, 2.5 samples per bit", "--bandwidth 0.5 --noise 0.05",
        samples(2.5))
    add("bandwidth 0.6, distortion 30 ps, jitter 5 ps, noise 3 %, +100 ppm, inverted",
        "--bandwidth 0.6 --dcd-ps 30 --rj-ps 5 --noise 0.03 --ppm 100 --invert")
    for fraction, hertz, percent in ((0.2, 1e5, 5), (0.2, 1e5, 10), (0.2, 1e6, 10), (0.1, 1e7, 10)):
        add(f"wander {fraction} at {hertz / 1e6:g} MHz, noise {percent} %",
            f"--wander {fraction}:{hertz:g} --noise {percent / 100}")
    add("AC coupling 50 MHz, noise 10 %", "--ac-coupling 5e7 --noise 0.1")
    add("sinusoidal jitter 0.3 UI at 2 MHz, noise 8 %", "--sj 0.3:2e6 --noise 0.08")
    add("8-bit samples, noise 8 %, jitter 10 ps, bandwidth 0.6",
        "--sample-format s8 --noise 0.08 --rj-ps 10 --bandwidth 0.6")
    add("spread spectrum, sinusoidal jitter 0.1 UI at 2 MHz, bandwidth 0.6, noise 3 %",
        "--ssc 5000:33e3 --sj 0.1:2e6 --bandwidth 0.6 --noise 0.03")
    add("SGMII, noise 10 %", "--link sgmii --noise 0.1", "--sample-rate 6.25e9 ")
    add("SGMII, 100 samples per bit, noise 10 %", "--link sgmii --noise 0.1",
        "--sample-rate 125e9 ")
    return table


def option(words, name, default):
    """The numbers of an option on a command line."""
    if name not in words:
        return default
    numbers = [float(text) for text in words[words.index(name) + 1].split(":")]
    return numbers if len(numbers) > 1 else numbers[0]


def tail(deviations):
    """The Q function."""
    return 0.5 * math.erfc(deviations / math.sqrt(2))


class Theory:
    """The bit error ratio of the ideal receiver: for each neighbourhood of bits that the record
    holds the value in the middle follows from the Gaussian steps around it; noise is normal, and so
    is the jitter of the two edges of the bit. That of edges farther away is left out."""

    GRID = [i * 0.1 for i in range(-60, 61)]  # standard deviations of jitter
    WEIGHT = [tail(x - 0.05) - tail(x + 0.05) for x in GRID]

    def __init__(self, truth, words):
        self.spb = truth["sample_rate"] / truth["baud"]
        bit = 1 / truth["baud"]
        bandwidth = option(words, "--bandwidth", math.inf)
        self.sigma = max(math.hypot(RISE_TIME / RISE_DEVIATIONS, BANDWIDTH_DEVIATIONS / bandwidth),
                         1e-3 / self.spb)
        self.noise = option(words, "--noise", 0.0)
        self.jitter = option(words, "--rj-ps", 0.0) * 1e-12 / bit
        self.duty = option(words, "--dcd-ps", 0.0) * 1e-12 / bit / 4
        amplitude, frequency = option(words, "--sj", (0.0, 0.0))
        if frequency <= truth["baud"] / 1667:
            amplitude = 0.0  # the ideal receiver follows it
        self.moves = [amplitude * math.sin(2 * math.pi * (i + 0.5) / 16) for i in range(16)] \
            if amplitude else [0.0]
        self.reach = min(max(math.ceil(5 * self.sigma + amplitude), 1), 3 if self.jitter else 7)
        # Where between two samples the middles of bits lie.
        ideal = truth["ideal"]
        first = ideal["first_bit_ps"] * 1e-12 * truth["sample_rate"]
        self.fractions = collections.Counter(
            round((first + n * self.spb) % 1 * 20) / 20 for n in range(1000))

    def step(self, at):
        return 0.5 * math.erfc(-at / self.sigma / math.sqrt(2))

    def seen(self, at, fraction):
        """A step at a place, as a straight line between two samples shows it in the middle."""
        return ((1 - fraction) * self.step(-fraction / self.spb - at)
                + fraction * self.step((1 - fraction) / self.spb - at))

    def window(self, bits, fraction, move):
        """The chance that the middle one of the bits is read wrongly."""
        sign = 1 if bits[self.reach] == "1" else -1
        value = sign * (0.5 if bits[0] == "1" else -0.5)
        near = []
        for j in range(1, len(bits)):
            if bits[j] == bits[j - 1]:
                continue
            rising = bits[j] == "1"
            height = sign if rising else -sign
            at = j - self.reach - 0.5 + move + (-self.duty if rising else self.duty)
            if self.jitter and j in (self.reach, self.reach + 1):
                near.append([height * self.seen(at + self.jitter * x, fraction)
                             for x in self.GRID])
            else:
                value += height * self.seen(at, fraction)
        noise = self.noise * math.hypot(fraction, 1 - fraction)
        if not near:
            return self.below(value, noise)
        if len(near) == 1:
            near.append([0.0])
        left, right = near
        if noise > 0:
            other = self.WEIGHT if len(right) > 1 else [1.0]
            # Most of the grid is far from the threshold on either side.
            total = 0.0
            for a, weight in zip(left[::3], self.WEIGHT[::3]):
                part = 0.0
                step = 3 if len(right) > 1 else 1
                for b, share in zip(right[::step], other[::step]):
                    part += step * share * self.below(value + a + b, noise)
                total += 3 * weight * part
            return total
        # Without noise: for each place of the one edge, how far the other must be.
        total = 0.0
        if len(right) == 1:
            return self.beyond(left, -(value + right[0]))
        for a, weight in zip(left, self.WEIGHT):
            total += weight * self.beyond(right, -(value + a))
        return total

    @staticmethod
    def below(value, noise):
        if noise > 0:
            return tail(value / noise)
        return float(value < 0)

    def beyond(self, values, limit):
        """The chance of a value under the limit; values go up or down along the grid."""
        falling = values[0] > values[-1]
        ordered = values[::-1] if falling else values
        at = bisect.bisect_left(ordered, limit)
        if at == 0:
            return 0.0
        if at == len(ordered):
            return 1.0
        low, high = ordered[at - 1], ordered[at]
        place = self.GRID[at - 1] + 0.1 * (limit - low) / (high - low)
        return tail(-place)  # the grid is the same both ways

    def ratio(self, bits):
        size = 2 * self.reach + 1
        windows = collections.Counter(bits[i:i + size] for i in range(len(bits) - size + 1))
        total = 0.0
        for window, times in windows.items():
            for fraction, share in self.fractions.items():
                for move in self.moves:
                    total += times * share * self.window(window, fraction, move)
        return total / (sum(windows.values()) * sum(self.fractions.values()) * len(self.moves))


class Clock:
    """Line bits at a time on a clock with spread spectrum: the baud is 1 - spread x triangle."""

    def __init__(self, truth, words):
        self.baud = truth["baud"]
        depth, frequency = option(words, "--ssc", (0.0, 1.0))
        self.depth = depth * 1e-6
        self.period = self.baud / frequency

    def bit(self, ps):
        """Bits from the beginning of the line to a time after it."""
        at = ps * 1e-12 * self.baud
        whole, part = divmod(at / self.period, 1)
        area = part * part if part < 0.5 else 2 * part - part * part - 0.5
        return at - self.depth * self.period * (whole / 2 + area)


def flip_text(text, places):
    flipped = bytearray(text.encode())
    for place in places:
        flipped[place] ^= 1
    return flipped.decode()


class Ideal:
    """What a decoder behind the ideal receiver would have."""

    def __init__(self, truth, words):
        ideal = truth["ideal"]
        self.errors = ideal["errors"]
        self.bits = bin(int("1" + ideal["hex"], 16))[3:][:ideal["bits"]]
        if truth["inverted"]:
            self.bits = self.bits.translate(line_code.INVERT)
        self.sent = flip_text(self.bits, self.errors)
        known = not {option.split("=")[0] for option in words} & {"--pole", "--echo"}
        self.theory = Theory(truth, words).ratio(self.sent) if known else None
        self.truth = truth
        cuts = [e for e in truth["errors"] if e["kind"] in ("slip", "dead")]
        skip = option(words, "--skip-bits", 0.0)
        self.symbol_errors = None if cuts else self.count_symbol_errors(-math.ceil(skip) % 10)
        self.frames = self.whole_frames(Clock(truth, words), cuts, words, math.ceil(skip) - skip)

    def count_symbol_errors(self, first):
        groups = [(at, (at - first) // 10 % len(self.truth["lanes"]), self.bits[at:at + 10])
                  for at in range(first, len(self.bits) - 9, 10)]
        serial = self.truth["running_disparity"] == "serial"
        start = line_code.initial_disparity(groups, serial)
        return len(line_code.find_violations(groups, serial, start))

    def whole_frames(self, clock, cuts, words, first):
        """Frames without a wrong, dead or slipped bit in their own code-groups."""
        name = "--dead" if "--dead" in words else "--random-dead"
        dead = int(option(words, name, (0, 1))[1])
        wrong = set(self.errors)
        slipped = {e["frame"] for e in cuts if e["kind"] == "slip" and e["where"] != "gap"}
        for error in cuts:
            if error["kind"] == "dead":
                wrong.update(range(error["bit"], error["bit"] + dead))
        step = 10 * len(self.truth["lanes"])
        count = 0
        for index, frame in enumerate(self.truth["frames"]):
            if frame["cut"] != "none":
                continue
            begin = round(clock.bit(frame["start_ps"]) - first)
            end = round(clock.bit(frame["end_ps"]) - first)
            hurt = index in slipped
            if wrong and not hurt:
                hurt = any(bit in wrong for group in range(begin, end, step)
                           for bit in range(group, group + 10))
            count += not hurt
        return count


def run_row(name, options, settings, folder):
    words = shlex.split(options)
    baud = 1.25e9 if "--link" in words else QSGMII_BAUD
    per_bit = option(words, "--sample-rate", 0) / baud
    duration = min(settings.duration_us, SAMPLES_MOST / per_bit / baud * 1e6)
    record, truth_file, capture, report_file = (
        os.path.join(folder, leaf) for leaf in ("r.wfm", "r.truth.json", "r.pcapng", "r.json"))
    for leaf in (capture, report_file):
        if os.path.exists(leaf):
            os.remove(leaf)
    arguments = [*words, *shlex.split(TRAFFIC), "--duration-us", f"{duration:g}",
                 "--seed", str(settings.seed)]
    subprocess.run([settings.generate, "--out", record, "--truth", truth_file, *arguments],
                   check=True)
    decoded = subprocess.run([settings.scopedump, record, "-w", capture, "--json", report_file],
                             check=False, capture_output=True, text=True)
    with open(truth_file, encoding="utf-8") as file:
        truth = json.load(file)
    report = {}
    if os.path.exists(report_file):
        with open(report_file, encoding="utf-8") as file:
            report = json.load(file)
    delivered = collections.Counter()
    if os.path.exists(capture):
        delivered.update((packet.interface.name, packet.octets.hex())
                         for packet in pcapng_reader.read(capture).packets)
    wanted = collections.Counter((f"lane{f['lane']}", f["octets"]) for f in truth["frames"]
                                 if f["cut"] == "none")
    intact = sum((delivered & wanted).values())
    ideal = Ideal(truth, words)
    groups = report.get("code_groups", 0)
    found = report.get("invalid_code_groups", 0) + report.get("disparity_errors", 0)
    losses = report.get("signal_losses", 0)
    sync = sum(lane["sync_losses"] for lane in report.get("lanes", []))
    slips_put = sum(e["kind"] == "slip" for e in truth["errors"])
    result = {
        "row": name, "options": " ".join(arguments), "status": decoded.returncode,
        "verdict": decoded.stdout.strip().splitlines()[-1:] or
                   decoded.stderr.strip().splitlines()[-1:],
        "signal": report.get("signal"), "link": report.get("link"),
        "baud_ppm": report.get("baud_ppm"),
        "jitter_rms_ps": report.get("jitter_rms_ps"),
        "bits": len(ideal.bits), "code_groups_present": len(ideal.bits) // 10,
        "code_groups": groups, "frames_present": sum(wanted.values()),
        "frames_ideal": ideal.frames, "frames_intact": intact,
        "frames_delivered": sum(delivered.values()),
        "symbol_errors": found if report else None, "symbol_errors_ideal": ideal.symbol_errors,
        "bit_errors_ideal": len(ideal.errors),
        "error_ratio_ideal": len(ideal.errors) / max(len(ideal.bits), 1),
        "error_ratio_theory": ideal.theory,
        "lock": bool(report.get("lock")), "signal_losses": losses, "sync_losses": sync,
        "lane_moves": report.get("lane_moves", 0), "slips": report.get("slips", 0),
        "slips_present": slips_put,
    }
    result["worse"] = is_worse(result)
    result["misses"] = misses(result)
    return result


def allowed(errors):
    """What chance makes of so many errors, at the most."""
    return errors + 3 * math.sqrt(errors) + 2


def is_worse(row):
    """The decoder falls behind the ideal receiver: by frames, or by more symbol errors than chance
    makes of the same number."""
    if row["frames_intact"] < row["frames_ideal"]:
        return True
    ideal, found = row["symbol_errors_ideal"], row["symbol_errors"]
    return None not in (ideal, found) and found > allowed(ideal)


def misses(row):
    """The decoder misses what it is meant to reach: every frame that is there where theory gives less
    than one error in 1e7, twice the errors of theory up to one in 1000, and no lock lost up to one
    in 100. Where bits are missing, or theory says nothing, the ideal receiver is the measure."""
    theory = row["error_ratio_theory"]
    if theory is None or row["symbol_errors_ideal"] is None:
        return row["frames_intact"] < row["frames_ideal"]
    expected = 2 * theory * row["bits"]
    return ((theory < 1e-7 and row["frames_intact"] < row["frames_present"])
            or (theory < 1e-3 and not row["symbol_errors"] <= allowed(expected))
            or (theory < 1e-2 and (not row["lock"] or row["signal_losses"] > 0
                                   or row["slips"] > 0)))


def text_of(row):
    def number(value):
        return "-" if value is None else str(value)

    lock = "none" if not row["lock"] else f"{row['signal_losses']}/{row['sync_losses']}"
    mark = "*" if row["misses"] else "+" if row["worse"] else " "
    theory = row["error_ratio_theory"]
    return (f"{mark} {row['row']:<62.62} "
            f"{row['frames_intact']:>5} {row['frames_ideal']:>5} {row['frames_present']:>5} "
            f"{number(row['symbol_errors']):>7} {number(row['symbol_errors_ideal']):>7} "
            f"{row['bit_errors_ideal']:>7} {row['error_ratio_ideal']:>8.1e} "
            f"{'-' if theory is None else format(theory, '.1e'):>8} {lock:>9} "
            f"{row['slips']:>3}/{row['slips_present']:<3}")


HEADER = ("  " + " " * 62 + "  frames               symbol errors   ideal    error ratio          "
          "losses      slips\n"
          "  " + f"{'row':<62}" + " intact ideal there decoder   ideal    bits    ideal   theory "
          "line/lane  said/put")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--generate", required=True, help="path of scopedump-generate")
    parser.add_argument("--scopedump", required=True, help="path of scopedump")
    parser.add_argument("--rows", default="", metavar="REGEX", help="the rows whose name has this")
    parser.add_argument("--options", metavar="TEXT", help="one row of these generator options")
    parser.add_argument("--list", action="store_true", help="print the rows and their options")
    parser.add_argument("--duration-us", type=float, default=100, metavar="X",
                        help="length of each record, but no more than 10 million samples "
                             "(default %(default)g)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON")
    parser.add_argument("--folder", help="for the record of the last row, to be kept")
    settings = parser.parse_args()

    chosen = [row for row in rows() if re.search(settings.rows, row[0])]
    if settings.options is not None:
        chosen = [("given options", settings.options)]
    if settings.list:
        for name, options in chosen:
            print(f"{name}: {options}")
        return
    begin = time.monotonic()
    results = []
    print(HEADER)
    with tempfile.TemporaryDirectory() as temporary:
        folder = settings.folder or temporary
        for name, options in chosen:
            results.append(run_row(name, options, settings, folder))
            print(text_of(results[-1]), flush=True)
    print(f"{len(results)} rows in {time.monotonic() - begin:.0f} s; in "
          f"{sum(row['misses'] for row in results)} (*) the decoder misses its aim, in "
          f"{sum(row['worse'] and not row['misses'] for row in results)} (+) it is only worse than "
          "the ideal receiver.")
    if settings.json:
        with open(settings.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
