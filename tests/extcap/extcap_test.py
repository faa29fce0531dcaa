# SPDX-License-Identifier: GPL-2.0-or-later
"""scopedump as an extcap of Wireshark: its answers, and captures through tshark and dumpcap."""

import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import pcapng_reader
from truth import DECODED, FILE_FAULT, SCOPEDUMP, USAGE_FAULT, Comparison, TruthTest, run

LINE = ("--speeds 1000,100,100,1000 --sample-rate 25e9 --duration-us 30 --frame-size 64:120 "
        "--config-us 1 ")
INTERFACE = ["--extcap-interface", "scopedump"]
SENTENCE = re.compile(r"([a-z]+) ((?:\{[a-z]+=[^{}\n]*\})+)")
PARAMETERS = re.compile(r"\{([a-z]+)=([^{}\n]*)\}")
ARGUMENT_TYPES = {"integer", "unsigned", "long", "double", "boolean", "boolflag", "string",
                  "password", "selector", "radio", "multicheck", "fileselect", "timestamp"}


def ask(*argv):
    return run(SCOPEDUMP, *argv)


class AnswerTest(TruthTest):
    def answer(self, *argv):
        """(sentence, parameters) of each line of the answer."""
        result = ask(*argv)
        self.assertEqual((result.returncode, result.stderr), (DECODED, ""), argv)
        return self.sentences(result.stdout)

    def sentences(self, text):
        lines = []
        for line in text.splitlines():
            match = SENTENCE.fullmatch(line)
            self.assertIsNotNone(match, f"not in the grammar: {line}")
            pairs = PARAMETERS.findall(match[2])
            self.assertEqual(len(pairs), len(dict(pairs)), line)
            lines.append((match[1], dict(pairs)))
        return lines

    def test_interfaces(self):
        lines = self.answer("--extcap-interfaces")
        self.assertEqual([name for name, _ in lines],
                         ["extcap", "interface", "interface"] + ["control"] * 7)
        self.assertIn("version", lines[0][1])
        self.assertEqual([lines[i][1] for i in (1, 2)],
                         [{"value": "scopedump", "display": "Oscilloscope (QSGMII / SGMII)"},
                          {"value": "scopedump-watch",
                           "display": "Oscilloscope, watched folder"}])
        controls = [parameters for _, parameters in lines[3:]]
        self.assertEqual([int(c["number"]) for c in controls], list(range(7)))
        for control in controls:
            self.assertIn(control["type"], ("string", "button"))
            self.assertTrue(control["display"] and control["tooltip"], control)
        self.assertEqual(self.answer("--extcap-interfaces", "--extcap-version=4.0"), lines)
        self.assertEqual(self.answer("--extcap-interfaces", "--extcap-version", "4.4.2"), lines)

    def test_dlts(self):
        self.assertEqual(self.answer("--extcap-dlts", *INTERFACE),
                         [("dlt", {"number": "1", "name": "EN10MB", "display": "Ethernet"})])

    def test_config_of_the_watched_folder(self):
        record, watch = (
            {p["call"]: p for n, p in self.answer("--extcap-config", "--extcap-interface", i)
             if n == "arg"} for i in ("scopedump", "scopedump-watch"))
        self.assertEqual(set(record) - set(watch), {"--file", "--file-neg"})
        self.assertEqual(set(watch) - set(record), {"--watch", "--existing"})
        self.assertEqual([c for c, a in watch.items() if a.get("required") == "true"], ["--watch"])
        text = ask("--help").stdout
        for call in watch:
            self.assertIn(call, text)

    def test_validation(self):
        """What a field's pattern lets pass, the program takes; and nothing is required but the
        record, so that empty fields pass too."""
        path, _, _ = self.generate(LINE)
        lines = self.answer("--extcap-config", *INTERFACE)
        arguments = {p["call"]: p for n, p in lines if n == "arg"}
        self.assertEqual([c for c, a in arguments.items() if a.get("required") == "true"],
                         ["--file"])
        for call, good in (("--baud", "5e9"), ("--threshold", "-0.01"), ("--sample-rate", "25e9"),
                           ("--scale", "0.5"), ("--offset", "+.25")):
            pattern = re.compile(arguments[call]["validation"])
            for value in ("", good):
                self.assertTrue(pattern.match(value), (call, value))
            self.assertNotIn(f"{call} takes", ask(path, "-q", call, good).stderr)
            for value in ("x", "1 V", "1,5", "1e", "--1", "."):
                self.assertFalse(pattern.match(value), (call, value))
                self.assertEqual(ask(path, "-q", call, value).returncode, USAGE_FAULT)
        for call in ("--baud", "--sample-rate"):
            self.assertFalse(re.match(arguments[call]["validation"], "-5e9"))

    def test_config(self):
        lines = self.answer("--extcap-config", *INTERFACE)
        arguments = [parameters for name, parameters in lines if name == "arg"]
        self.assertEqual([int(a["number"]) for a in arguments],
                         list(range(1, len(arguments) + 1)))
        calls = [a["call"] for a in arguments]
        self.assertEqual(len(calls), len(set(calls)))
        text = ask("--help").stdout
        for argument in arguments:
            self.assertIn(argument["type"], ARGUMENT_TYPES)
            self.assertRegex(argument["call"], r"\A--[a-z-]+\Z")
            self.assertIn(argument["call"], text)
            for name in ("display", "tooltip"):
                self.assertTrue(argument[name], argument)
            self.assertIn(argument["group"], ("Record", "Link", "Output"))
            self.assertNotEqual(argument.get("save"), "false", "the last values are kept")
        for call in ("--file", "--channel", "--channel-neg", "--link", "--baud", "--threshold",
                     "--polarity", "--speed", "--lanes", "--sample-format", "--sample-rate",
                     "--scale", "--offset", "--events"):
            self.assertIn(call, calls)
        file = arguments[calls.index("--file")]
        self.assertEqual((file["type"], file["required"], file["mustexist"]),
                         ("fileselect", "true", "true"))
        self.assertIn("*.wfm", file["fileext"])
        self.assert_values(lines, arguments)

    def assert_values(self, lines, arguments):
        """Each selector has its values behind it, one of them the default."""
        values = {}
        for name, parameters in lines:
            self.assertIn(name, ("arg", "value"))
            if name == "value":
                values.setdefault(parameters["arg"], []).append(parameters)
        for argument in arguments:
            choices = argument["type"] in ("selector", "radio", "multicheck")
            mine = values.pop(argument["number"], [])
            self.assertEqual(bool(mine), choices, argument)
            if argument["type"] == "selector":
                self.assertEqual([v["default"] for v in mine].count("true"), 1, argument)
        self.assertEqual(values, {})

    def test_each_value_is_taken(self):
        """What the dialog passes is what the command line takes."""
        path, _, _ = self.generate(LINE)
        lines = self.answer("--extcap-config", *INTERFACE)
        calls = {p["number"]: p for name, p in lines if name == "arg"}
        for name, parameters in lines:
            argument = calls[parameters["arg"]] if name == "value" else None
            if argument is None or argument["call"] in ("--channel", "--channel-neg"):
                continue
            argv = [argument["call"], parameters["value"]]
            if argument["call"] == "--sample-format" and parameters["value"] != "none":
                argv += ["--sample-rate", "25e9"]
            with self.subTest(argv):
                result = ask(path, *argv, "-q")
                self.assertNotEqual(result.returncode, USAGE_FAULT, result.stderr)

    def test_reload_channels(self):
        path, _, _ = self.generate(LINE)
        arguments = [p for n, p in self.answer("--extcap-config", *INTERFACE) if n == "arg"]
        for call in ("--channel", "--channel-neg"):
            number = next(a["number"] for a in arguments if a["call"] == call)
            for option in (call[2:], call):
                lines = self.answer("--extcap-config", *INTERFACE, "--extcap-reload-option",
                                    option, "--file", str(path))
                self.assertEqual({(n, p["arg"]) for n, p in lines}, {("value", number)})
                channel = lines[-1][1]
                self.assertEqual(channel["value"], "1")
                self.assertIn("750000 samples", channel["display"])
                if call == "--channel-neg":
                    self.assertEqual(lines[0][1]["value"], "none")
        for bad in ([], ["--file", str(self.path("missing.wfm"))]):
            result = ask("--extcap-config", *INTERFACE, "--extcap-reload-option", "channel", *bad)
            self.assertNotEqual(result.returncode, DECODED)
            self.assertEqual(result.stdout, "")
            self.assertRegex(result.stderr, r"\A[^\n]+\.\n\Z")

    def test_filter_validation(self):
        """Silence means that the filter is good."""
        for text in ("", "tcp", "ether host 02:00:00:00:00:01", "udp port 53 and len > 100"):
            result = ask("--extcap-capture-filter", text, *INTERFACE)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""), text)
            result = ask(f"--extcap-capture-filter={text}", *INTERFACE)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""), text)
        for text in ("t", "udp port", "(", "no such"):
            result = ask("--extcap-capture-filter", text, *INTERFACE)
            self.assertEqual((result.returncode, result.stderr), (0, ""), text)
            self.assertRegex(result.stdout, r"\A[^\n]+\n\Z", text)

    def test_unknown_interface(self):
        for question in ("--extcap-dlts", "--extcap-config"):
            for interface in ([], ["--extcap-interface", "eth0"], ["--extcap-interface", ""]):
                result = ask(question, *interface)
                self.assertEqual((result.returncode, result.stdout), (USAGE_FAULT, ""))
                self.assertRegex(result.stderr, r"\A[^\n]+\.\n\Z")

    def test_unknown_extcap_options(self):
        """Newer versions of Wireshark add options; they are passed over."""
        wanted = self.answer("--extcap-config", *INTERFACE)
        for more in (["--extcap-new"], ["--extcap-new=value"], ["--extcap-new", "value"],
                     ["--extcap-a", "--extcap-b", "1", "--extcap-c=2"]):
            self.assertEqual(self.answer("--extcap-config", *INTERFACE, *more), wanted)
            self.assertEqual(self.answer(*more, "--extcap-config", *INTERFACE), wanted)

    def test_tshark_and_dumpcap_know_the_interface(self):
        for argv, wanted in (
                (["tshark", "-D"], r"(?m)^\d+\. scopedump \(.+\)$"),
                (["tshark", "-i", "scopedump", "-L"], r"(?m)^  EN10MB \(Ethernet\)$")):
            result = self.wireshark.run_tool(argv)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stdout + result.stderr, wanted)


class CaptureTest(TruthTest):
    """Captures through tshark, against the same record on the command line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record = cls.wireshark.path("line.wfm")
        argv = [os.environ["SCOPEDUMP_GENERATE"], "--out", str(cls.record), "--truth",
                str(cls.wireshark.path("line.json")), *LINE.split(), "--flip", "60003"]
        subprocess.run(argv, check=True, capture_output=True)

    def live(self, *argv, file=None, options=(), status=0):
        """A capture with tshark: (result, path of the capture)."""
        out = self.path("live.pcapng")
        settings = [f"file:{self.record if file is None else file}", *options]
        if out.exists():
            out.unlink()
        command = ["tshark", "-i", "scopedump"]
        for setting in settings:
            command += ["-o", f"extcap.scopedump.{setting}"]
        result = self.wireshark.run_tool([*command, "-w", out, *argv])
        self.assertEqual(result.returncode, status, result.stderr)
        return result, out

    def command_line(self, *argv):
        out = self.path("command-line.pcapng")
        result = run(SCOPEDUMP, self.record, "-q", "-w", out, *argv)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (DECODED, "", ""))
        return pcapng_reader.read(out)

    @staticmethod
    def essence(interface):
        """All but the speed: live, an interface is told of before its speed may be known."""
        options = dict(interface.options)
        options.pop(pcapng_reader.OPT_IF_SPEED, None)
        return interface.link_type, interface.snaplen, options

    def assert_same(self, path, capture):
        live = pcapng_reader.read(path)
        self.assertEqual([self.essence(i) for i in live.interfaces],
                         [self.essence(i) for i in capture.interfaces])
        self.assertEqual([(p.interface.name, p.time_ns, p.octets, p.length, p.options)
                          for p in live.packets],
                         [(p.interface.name, p.time_ns, p.octets, p.length, p.options)
                          for p in capture.packets])
        self.assertEqual(live.statistics, capture.statistics)
        self.assertTrue(live.packets)

    def test_same_packets_as_on_the_command_line(self):
        result, path = self.live()
        self.assertNotIn("Error", result.stderr)
        capture = self.command_line("--events")
        self.assert_same(path, capture)
        self.assertIn(f"{len(capture.packets)} packets captured", result.stderr)
        names = [i.name for i in capture.interfaces]
        self.assertEqual(names, ["lane0", "lane1", "lane2", "lane3", "qsgmii"])

    def test_standard_output(self):
        result = subprocess.run([SCOPEDUMP, self.record, "--events", "-w", "-"],
                                capture_output=True, timeout=60)
        self.assertEqual((result.returncode, result.stderr), (DECODED, b""))
        capture = self.command_line("--events")
        self.assertEqual([p.octets for p in pcapng_reader.read(result.stdout).packets],
                         [p.octets for p in capture.packets])

    def test_options_of_the_dialog(self):
        for options, argv in (
                (["lanes:0,3"], ["--events", "--lanes", "0,3"]),
                (["lanes:2"], ["--events", "--lanes", "2"]),
                (["events:false"], ["--no-events"]),
                (["events:true"], ["--events"]),
                (["events:false", "lanes:1"], ["--lanes", "1"]),
                (["link:qsgmii", "polarity:normal", "baud:5e9"],
                 ["--events", "--link", "qsgmii", "--polarity", "normal", "--baud", "5e9"]),
                (["channel:1", "channelneg:none", "sampleformat:none", "speed:auto"],
                 ["--events"])):
            with self.subTest(options):
                self.assert_same(self.live(options=options)[1], self.command_line(*argv))

    def test_lanes(self):
        capture = self.command_line("--lanes", "1,2")
        self.assertEqual([i.name for i in capture.interfaces], ["lane1", "lane2"])
        self.assertEqual({p.interface.name for p in capture.packets}, {"lane1", "lane2"})

    def test_capture_filter(self):
        every = self.command_line("--events")
        for text, wanted in (
                ("arp", lambda o: o[12:14] == b"\x08\x06"),
                ("udp", lambda o: o[12:14] == b"\x08\x00" and o[23:24] == b"\x11"),
                ("greater 100", lambda o: len(o) >= 100),
                ("not ip", lambda o: len(o) >= 14 and o[12:14] != b"\x08\x00")):
            with self.subTest(text):
                kept = [p for p in every.packets
                        if p.interface.name == "qsgmii" or wanted(p.octets)]
                self.assertNotEqual(len(kept), len(every.packets))
                capture = self.command_line("--events", "-f", text)
                self.assertEqual([(p.time_ns, p.octets) for p in capture.packets],
                                 [(p.time_ns, p.octets) for p in kept])
                self.assert_same(self.live("-f", text)[1], capture)

    def test_wrong_capture_filter(self):
        result, _ = self.live("-f", "no such filter", status=1)
        self.assertRegex(result.stderr, r"(?m)no such filter|syntax|filter")

    def test_bad_records(self):
        text = self.path("text.wfm")
        text.write_text("This is no record.\n")
        for file in (self.path("missing.wfm"), text, self.path("")):
            with self.subTest(file):
                result, out = self.live(file=file, status=1)
                sentence = run(SCOPEDUMP, file).stderr.strip()
                self.assertTrue(sentence)
                self.assertIn(sentence, result.stderr)
                self.assertFalse(out.exists() and out.stat().st_size)

    def test_no_record(self):
        result, _ = self.live(file="", status=1)
        self.assertRegex(result.stderr, r"[A-Z][^\n]+\.\n")

    def test_no_link_in_the_record(self):
        path = self.path("zeros.f32")
        path.write_bytes(struct.pack("<20000f", *([0.0] * 20000)))
        result, out = self.live(file=path, options=["sampleformat:f32", "samplerate:25e9"])
        self.assertIn("There is no signal", result.stderr)
        self.assertEqual([p for p in pcapng_reader.read(out).packets], [])

    def test_count(self):
        _, path = self.live("-c", "5")
        # dumpcap may have passed on a few more before it is told to stop
        live = pcapng_reader.read(path)
        self.assertGreaterEqual(len(live.packets), 5)
        wanted = self.command_line("--events").packets[:5]
        self.assertEqual([p.octets for p in live.packets[:5]], [p.octets for p in wanted])

    def test_dumpcap_finds_it(self):
        """dumpcap itself reads the extcap's stream from a pipe."""
        out = self.path("dumpcap.pcapng")
        stream = subprocess.run([SCOPEDUMP, self.record, "--events", "-w", "-"],
                                capture_output=True, timeout=60, check=True).stdout
        result = self.wireshark.run_tool(["dumpcap", "-i", "-", "-w", out], input=stream,
                                         text=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        wanted = pcapng_reader.read(stream)
        self.assertEqual(pcapng_reader.read(out).packets, wanted.packets)


class FifoTest(TruthTest):
    """The program as Wireshark starts it: --capture --fifo."""

    def start(self, path, fifo, *argv):
        command = [SCOPEDUMP, "--capture", *INTERFACE, "--fifo", str(fifo), "--file", str(path)]
        return subprocess.Popen(command + list(argv), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def fifo(self):
        fifo = self.path("fifo")
        if not fifo.exists():
            os.mkfifo(fifo)
        return fifo

    def drain(self, fifo):
        """All that comes through the FIFO; TimeoutExpired when nobody opens it."""
        return subprocess.run(["cat", fifo], capture_output=True, timeout=30, check=True).stdout

    def test_a_capture(self):
        path, truth, _ = self.generate(LINE)
        fifo = self.fifo()
        with self.start(path, fifo) as process:
            capture = pcapng_reader.read(self.drain(fifo))
            stdout, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stdout, stderr), (DECODED, "", ""))
        self.assertTrue(capture.packets)

    def test_wrong_arguments_open_the_fifo(self):
        """The window hangs if the FIFO is never opened, whatever else is wrong."""
        path, _, _ = self.generate(LINE)
        for argv in (["--baud", "x"], ["--no-such-option"], ["--lanes", "9"],
                     ["--channel", "5"], ["--extcap-capture-filter", "no such"],
                     ["--file", str(self.path("missing"))], ["--sample-format", "s16"]):
            with self.subTest(argv), self.start(path, self.fifo(), *argv) as process:
                self.assertEqual(self.drain(self.fifo()), b"")
                stdout, stderr = process.communicate(timeout=60)
                self.assertIn(process.returncode, (FILE_FAULT, USAGE_FAULT))
                self.assertEqual(stdout, "")
                self.assertRegex(stderr, r"\A[^\n]+[.!?]\n\Z")

    def test_unknown_extcap_options(self):
        path, _, _ = self.generate(LINE)
        for argv in (["--extcap-new"], ["--extcap-new=1"], ["--extcap-new", "1"],
                     ["--extcap-version=4.6"]):
            with self.subTest(argv), self.start(path, self.fifo(), *argv) as process:
                capture = pcapng_reader.read(self.drain(self.fifo()))
                stdout, stderr = process.communicate(timeout=60)
                self.assertEqual((process.returncode, stdout, stderr), (DECODED, "", ""))
                self.assertTrue(capture.packets)

    def test_control_fifos(self):
        path, _, _ = self.generate(LINE)
        control = [self.path("control-in"), self.path("control-out")]
        for fifo in control:
            os.mkfifo(fifo)
        with self.start(path, self.fifo(), "--extcap-control-in", str(control[0]),
                        "--extcap-control-out", str(control[1])) as process:
            with open(control[0], "wb"), open(control[1], "rb"):
                capture = pcapng_reader.read(self.drain(self.fifo()))
                stdout, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stdout, stderr), (DECODED, "", ""))
        self.assertTrue(capture.packets)

    def test_stop(self):
        """SIGTERM while it waits for a reader that does not read: it ends, with whole blocks."""
        path, _, _ = self.generate("--speeds 1000,1000,1000,1000 --sample-rate 25e9 "
                                   "--duration-us 400 --frame-size 64:100 --config-us 1")
        for number in (signal.SIGTERM, signal.SIGINT):
            fifo = self.fifo()
            with self.start(path, fifo) as process, open(fifo, "rb") as reader:
                data = reader.read(100)  # it has begun; then its pipe is full
                process.send_signal(number)
                data += reader.read()
                stdout, stderr = process.communicate(timeout=60)
            self.assertEqual((process.returncode, stdout, stderr), (DECODED, "", ""))
            pcapng_reader.read(data)

    def test_reader_that_goes(self):
        path, _, _ = self.generate("--speeds 1000,1000,1000,1000 --sample-rate 25e9 "
                                   "--duration-us 400 --frame-size 64:100 --config-us 1")
        fifo = self.fifo()
        with self.start(path, fifo) as process:
            with open(fifo, "rb") as reader:
                reader.read(100)
            stdout, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stdout, stderr), (DECODED, "", ""))

    def test_no_fifo(self):
        path, _, _ = self.generate(LINE)
        for fifo in ([], ["--fifo", str(self.path("no-folder") / "fifo")]):
            result = ask("--capture", *INTERFACE, "--file", path, *fifo)
            self.assertEqual((result.returncode, result.stdout), (USAGE_FAULT, ""))
            self.assertRegex(result.stderr, r"\A[^\n]+\.\n\Z")


if __name__ == "__main__":
    unittest.main()
