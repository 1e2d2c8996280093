#!/usr/bin/env python3
"""weft bench against servers: bench.py WEFT TOOL_SERVE BENCH_SERVE

No check depends on how fast the machine is. Numbers are compared only with
sums, with the lengths of sleeps and with limits that were given. A test that a
stall of the machine can spoil is run again.
"""
import copy
import functools
import html.parser
import json
import math
import os
import pathlib
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
TRIAL = HERE.parent / "service" / "trial.thrift"
SHOP = HERE / "idl" / "shop.thrift"
LOAD = HERE / "idl" / "load.thrift"
TRIES = 30
QUICK = ["-c", "4", "-t", "0.2", "--warm-up", "0.05"]


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program], text=True,
                                        stdout=subprocess.PIPE)
        self.address = "127.0.0.1:" + self.process.stdout.readline().strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Canned(threading.Thread):
    """A server that answers framed binary calls with the same bytes: all calls,
    or only the first ones. At the first call without an answer it sets
    `silent`."""

    def __init__(self, result, answers=math.inf):
        super().__init__(daemon=True)
        self.result, self.answers = result, answers
        self.silent = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=[peer],
                             daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rwb") as stream:
            while head := stream.read(4):
                call = stream.read(struct.unpack(">I", head)[0])
                self.answers -= 1
                if self.answers < 0:
                    self.silent.set()
                    continue
                size = 12 + struct.unpack(">I", call[4:8])[0]  # as far as the seqid
                reply = b"\x80\x01\0\2" + call[4:size] + self.result
                stream.write(struct.pack(">I", len(reply)) + reply)
                stream.flush()


class Page(html.parser.HTMLParser):
    """Checks that each tag is closed at the right place."""
    VOID = {"meta", "line", "circle", "polyline"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.bad = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.bad += [name for name, _ in attributes if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append("/" + tag)


def again(test):
    """Runs a test again if it fails, up to TRIES times. It is for tests whose
    outcome a stall of the machine changes."""
    @functools.wraps(test)
    def repeated(self):
        for left in reversed(range(TRIES)):
            try:
                return test(self)
            except AssertionError:
                if left == 0:
                    raise
    return repeated


class Tests:
    def __init__(self, weft, serve, load, folder):
        self.weft, self.serve, self.folder = weft, serve, folder
        self.trial, self.load = Server(serve), Server(load)

    # ---- helpers ----

    def path(self, name):
        return str(self.folder / name)

    def run(self, code, *words):
        """Output and errors. In a short time a busy machine may make no call:
        then a longer run is made."""
        out, seconds = "calls      0,", 1
        while "calls      0," in out:
            done = subprocess.run([self.weft, "bench", *map(str, words)],
                                  capture_output=True, timeout=300)
            out = done.stdout.decode(errors="replace")
            words, seconds = (*words, "-t", seconds), 2 * seconds
        err = done.stderr.decode(errors="replace")
        assert done.returncode == code, \
            f"exit {done.returncode}, not {code}: {words}\n{out}{err}"
        return out, err

    def measure(self, code, *words):
        """Returns a run's report as JSON. Its sums must be right in each
        test."""
        path = self.path("run.json")
        pathlib.Path(path).unlink(missing_ok=True)
        self.run(code, *words, "--json", path)
        run = json.loads(pathlib.Path(path).read_text())
        counted = sum(n for _, n in run["histogram"])
        assert sum(s["calls"] for s in run["samples"]) == run["calls"], run
        assert sum(s["failed"] for s in run["samples"]) == run["failed"], run
        assert sum(f["calls"] for f in run["failures"]) == run["failed"], run
        assert counted <= run["calls"] and run["calls"] > 0, run
        if run["failed"] == 0:
            assert counted == run["calls"], run
        seen = 0
        for ns, n in run["histogram"]:
            seen += n
            if seen >= 0.99 * counted:
                assert run["latency"]["p99_ns"] == ns, run["latency"]
                break
        return run

    def add(self, code, *words):
        return self.measure(code, self.trial.address, "Trial.add",
                            '{"a": 1, "b": 2}', "--idl", TRIAL, *QUICK, *words)

    # ---- load ----

    def test_closed_loop(self):
        run = self.add(0, "-c", 3, "-d", 2)
        setup = run["setup"]
        assert (setup["connections"], setup["in_flight"]) == (3, 2)
        assert setup["method"] == "Trial.add" and setup["rate"] == 0
        assert run["not_sent"] == 0 and run["failed"] == 0, run
        assert run["calls_per_s"] > 0 and run["cpu_s"] > 0, run

    def test_closed_loop_is_bounded_by_its_callers(self):
        run = self.measure(0, self.trial.address, "Trial.slow",
                           '{"number": 1, "ms": 20}', "--idl", TRIAL, "-c", 2,
                           "-t", 0.5, "--warm-up", 0)
        assert run["calls"] <= 2 * (0.5 / 0.02 + 1), run["calls"]
        assert run["latency"]["p50_ns"] >= 20e6

    def test_open_loop_keeps_the_clock(self):
        run = self.measure(0, self.trial.address, "Trial.add", "{}", "--idl",
                           TRIAL, "--rate", 200, "-t", 0.5, "--warm-up", 0.1,
                           "-c", 4)
        assert run["calls"] + run["not_sent"] == 100, run["calls"]

    def test_latency_counts_from_when_a_call_was_due(self):
        """A call takes 20 ms, and one call runs at a time, but 200 calls are
        due each second. After 0.6 s about 90 calls are overdue, and the latency
        of the next one includes its wait."""
        words = [self.trial.address, "Trial.slow", '{"number": 1, "ms": 20}',
                 "--idl", TRIAL, "-c", 1, "-d", 1, "-t", 0.6, "--warm-up", 0]
        run = self.measure(0, *words, "--rate", 200)
        assert run["calls"] <= 31, run["calls"]
        assert run["calls"] + run["not_sent"] == 120
        assert run["latency"]["max_ns"] > 350e6, run["latency"]
        assert run["late"]["max_ns"] > 300e6, run["late"]
        out, _ = self.run(0, *words, "--rate", 200)
        assert re.search(r"not sent   \d+, because too many calls were in", out)

    def test_poisson_is_random_and_the_same_again(self):
        words = [self.trial.address, "Trial.add", "{}", "--idl", TRIAL,
                 "--rate", 1000, "--poisson", "-t", 0.4, "--warm-up", 0,
                 "-c", 4]
        runs = [self.measure(0, *words) for _ in range(2)]
        due = [run["calls"] + run["not_sent"] for run in runs]
        assert due[0] == due[1] and due[0] != 400 and 300 < due[0] < 500, due

    def test_oneway(self):
        run = self.measure(0, self.trial.address, "Trial.note",
                           '{"number": 1}', "--idl", TRIAL,
                           "--rate", 100, *QUICK)
        assert run["failed"] == 0

    def test_dialects(self):
        for name in ("unframed", "theader-compact", "ttheader", "http",
                     "framed-json", "ttheader-framed-compact",
                     "unframed-old-binary", "theader-binary-zlib"):
            words = [self.trial.address, "Trial.add", "{}", "--idl", TRIAL,
                     "--dialect", name]
            probe = subprocess.run([self.weft, "call", *map(str, words)],
                                   capture_output=True, timeout=300)
            if probe.returncode == 2:
                continue  # this build has no zlib or no HTTP
            run = self.measure(0, *words, "-c", 2, "-t", 0.1, "--warm-up", 0)
            assert run["setup"]["dialect"] == name

    def test_headers_and_workers(self):
        run = self.measure(9, self.trial.address, "Trial.seen", "--idl", TRIAL,
                           "--dialect", "ttheader", "--header", "k=v", *QUICK,
                           "--workers", 1, "--expect", "{}")
        assert run["setup"]["workers"] == 1
        assert '"k":"v"' in run["failures"][0]["first"], run["failures"]

    @again
    def test_time_outs_have_a_latency(self):
        """There are forty callers, but the server runs only four sleeps at
        once."""
        run = self.measure(4, self.load.address, "Load.work", '{"ms": 100}',
                           "--idl", LOAD, "-c", 2, "-d", 20, "-t", 0.5,
                           "--warm-up", 0, "--timeout-ms", 400)
        (failure,) = run["failures"]
        assert failure["kind"] == "WEFT_ETIMEOUT", failure
        assert sum(n for _, n in run["histogram"]) == run["calls"]
        assert run["latency"]["max_ns"] >= 400e6

    # ---- replies ----

    def test_replies_are_held_to_the_expected_one(self):
        self.add(0, "--expect", "3")
        run = self.add(9, "--expect", "4")
        assert run["failed"] == run["calls"], run["failures"]
        assert [(f["kind"], f["first"], f["code"]) for f in run["failures"]] \
            == [("wrong reply", "3", 9)]

    def test_replies_are_held_to_the_first(self):
        words = [self.load.address, "Load.next", "--idl", LOAD, *QUICK]
        run = self.measure(9, *words)
        assert run["failures"][0]["kind"] == "wrong reply", run["failures"]
        assert self.measure(0, *words, "--any-reply")["failed"] == 0

    def test_what_weft_call_prints_can_be_expected(self):
        words = [self.trial.address, "Shop.mirror",
                 '{"thing": {"name": "x", "origin": {"bought": {"cents": 3}}}}',
                 "--idl", SHOP]
        called = subprocess.run([self.weft, "call", *map(str, words)],
                                capture_output=True, timeout=300, text=True)
        expected = json.loads(called.stdout)
        self.measure(0, *words, *QUICK, "--expect", called.stdout)
        expected["prices"] = {"a": {"cents": 1}}
        self.measure(9, *words, *QUICK, "--expect", json.dumps(expected))

    def test_what_has_a_default_may_be_left_out(self):
        sparse = Canned(b"\x0c\0\0" b"\x0b\0\1\0\0\0\1x" b"\0" b"\0")
        words = [sparse.address, "Shop.mirror", "--idl", SHOP]
        called = subprocess.run([self.weft, "call", *map(str, words)],
                                capture_output=True, timeout=300, text=True)
        assert json.loads(called.stdout)["grade"] == "FAIR", called
        self.measure(0, *words, *QUICK, "--expect", called.stdout)
        self.measure(9, *words, *QUICK, "--expect",
                     called.stdout.replace("FAIR", "POOR"))

    def test_void_can_be_expected(self):
        self.measure(0, self.trial.address, "Trial.nothing", "--idl", TRIAL,
                     *QUICK, "--expect", "null")

    def test_declared_exceptions_count_apart(self):
        run = self.measure(1, self.trial.address, "Trial.refuse",
                           '{"code": 7}', "--idl", TRIAL, *QUICK)
        (failure,) = run["failures"]
        assert failure["kind"] == "threw Refused", failure
        assert json.loads(failure["first"])["code"] == 7, failure
        assert sum(n for _, n in run["histogram"]) == run["calls"]

    # ---- knee ----

    @again
    def test_knee_of_a_known_capacity(self):
        """The server runs at most four sleeps of 10 ms at once, so at most 400
        calls per second."""
        page = self.path("knee.html")
        run = self.measure(0, self.load.address, "Load.work", '{"ms": 10}',
                           "--idl", LOAD, "--knee", "--rate", 120, "-t", 0.3,
                           "--warm-up", 0.1, "--limit", "p95=150ms",
                           "-c", 4, "--html", page)
        knee = run["knee"]
        rates = [step["rate"] for step in knee["steps"]]
        assert 0 < knee["rate"] <= 520, knee
        assert rates == sorted(rates) and knee["rate"] in rates, rates
        assert run["setup"]["rate"] == knee["rate"]
        assert knee["percentile"] == 95 and knee["limit_ns"] == 150000000
        held = [s["rate"] for s in knee["steps"] if not s["verdict"]]
        missed = [s for s in knee["steps"] if s["verdict"]]
        assert held and knee["rate"] == max(held)
        assert missed and all(re.search("falls short|p95 is .* over 150 ms",
                                        s["verdict"]) for s in missed), missed
        assert self.read_page(page).count("svg") == 4

    def test_no_knee_below_the_limit(self):
        out, _ = self.run(9, self.load.address, "Load.work", '{"ms": 10}',
                          "--idl", LOAD, "--knee", "--limit", "p50=1ms",
                          "--rate", 0.02, "-t", 0.2, "--warm-up", 0, "-c", 1)
        assert "no knee: no rate was held" in out, out

    # ---- reports ----

    def read_page(self, path):
        text = pathlib.Path(path).read_text()
        page = Page(text)
        assert not page.bad and not page.open, (page.bad, page.open)
        assert "script" not in page.tags and "link" not in page.tags
        assert "url(" not in text and "@import" not in text
        for picture in re.findall(r"<svg.*?</svg>", text, re.S):
            tree = xml.etree.ElementTree.fromstring(picture)
            lines = tree.findall("polyline")
            assert lines and all(re.fullmatch(r"([-\d.]+,[-\d.]+ )+",
                                              line.get("points"))
                                 for line in lines), picture
        return page.tags

    def test_page(self):
        path = self.path("run.html")
        self.add(9, "--html", path, "--expect", "4")
        assert self.read_page(path).count("svg") == 3
        text = pathlib.Path(path).read_text()
        for words in ("Latency by percentile", "Latency over time",
                      "Calls each second over time", "wrong reply",
                      "weft bench", "prefers-color-scheme:dark"):
            assert words in text, words

    def test_page_shows_markup_as_text(self):
        path = self.path("safe.html")
        self.run(0, self.trial.address, "Shop.mirror",
                 '{"thing": {"name": "<script>&"}}', "--idl", SHOP, *QUICK,
                 "--html", path)
        self.read_page(path)
        assert "&#60;script&#62;&#38;" in pathlib.Path(path).read_text()

    def test_files_that_cannot_be_written(self):
        for option in ("--json", "--html"):
            _, err = self.run(8, self.trial.address, "Trial.add", "{}",
                              "--idl", TRIAL, "-t", 0.1, "--warm-up", 0,
                              option, self.path("no/such/folder"))
            assert "cannot write" in err, err

    # ---- comparison ----

    def write(self, name, run):
        path = self.path(name)
        pathlib.Path(path).write_text(json.dumps(run))
        return path

    def scaled(self, run, factor):
        """Returns a copy of the run whose latencies are `factor` times as long.
        Its samples differ by one percent."""
        run = copy.deepcopy(run)
        run["calls_per_s"] /= factor
        sample = run["samples"][0]
        run["samples"] = []
        for i in range(10):
            one = copy.deepcopy(sample)
            one["calls"] = 100
            one["calls_per_s"] = run["calls_per_s"] * (1 + i % 2 / 100)
            for key, ns in run["latency"].items():
                one["latency"][key] = int(ns * factor * (1 + i % 2 / 100))
            run["samples"].append(one)
        for key in run["latency"]:
            run["latency"][key] = int(run["latency"][key] * factor)
        return run

    def verdicts(self, out):
        return dict(re.findall(r"^(\S+) .*  (better|worse|within noise)$", out,
                               re.M))

    def test_comparison(self):
        run = self.add(0)
        same, near, slow = (self.write(f"{factor}.json",
                                       self.scaled(run, factor))
                            for factor in (1, 1.002, 1.5))
        names = ("calls/s", "p50", "p90", "p99", "p99.9")
        out, _ = self.run(0, "--compare", same, near, "--worse", "10")
        assert self.verdicts(out) == dict.fromkeys(names, "within noise"), out
        out, _ = self.run(2, "--compare", same, slow, "--worse", "10")
        assert self.verdicts(out) == dict.fromkeys(names, "worse"), out
        assert "1.500" in out and "worse by more than 10%" in out, out
        self.run(0, "--compare", same, slow)
        self.run(0, "--compare", same, slow, "--worse", "60")
        out, _ = self.run(0, "--compare", slow, same, "--worse", "0")
        assert self.verdicts(out) == dict.fromkeys(names, "better"), out

    def test_comparison_of_failures_and_setups(self):
        run = self.scaled(self.add(0), 1)
        bad = copy.deepcopy(run)
        bad["failed"] = bad["calls"] // 2
        bad["setup"]["dialect"] = "http"
        old, new = self.write("old.json", run), self.write("new.json", bad)
        out, _ = self.run(2, "--compare", old, new, "--worse", "10")
        assert "note: the runs differ in their dialect" in out, out
        bad["samples"] = bad["samples"][:2]
        out, _ = self.run(0, "--compare", old, self.write("few.json", bad))
        assert out.count("unknown") == 5, out

    def test_comparison_of_other_files(self):
        other = self.write("other.json", {"format": 1, "speed": 2})
        _, err = self.run(6, "--compare", other, other)
        assert "is no result of weft bench" in err and "speed" in err, err
        self.run(6, "--compare", other, self.path("none"))
        self.run(2, "--compare", other)
        run = self.add(0)
        run["format"] = 99
        later = self.write("later.json", run)
        _, err = self.run(6, "--compare", later, later)
        assert "format 99" in err, err

    # ---- what is wrong ----

    def test_usage(self):
        where = [self.trial.address, "Trial.add", "{}", "--idl", TRIAL]
        for words in (["-c", 0], ["-c", "x"], ["-c", 10001], ["-d", 5000],
                      ["-c", 10000, "-d", 4000], ["--rate", 0], ["-t", "0"],
                      ["--rate", "1e9"], ["-t", "5h"], ["--poisson"],
                      ["--limit", "p99=1ms"], ["--knee", "--limit", "99=1ms"],
                      ["--knee", "--limit", "p99"], ["--worse", 5], ["-t"],
                      ["--expect", "3", "--any-reply"], ["--fast"],
                      ["--workers", 1000], ["--rate", "nan"]):
            _, err = self.run(2, *where, *words)
            assert "weft: error: " in err and "help: " in err, err
        self.run(2, "Trial.add", "--idl", TRIAL)
        self.run(2, self.trial.address, "--idl", TRIAL)
        self.run(2, *where, "more")

    def test_names_and_json(self):
        _, err = self.run(6, self.trial.address, "Trial.nothin", "--idl", TRIAL)
        assert "did you mean `nothing`?" in err, err
        _, err = self.run(6, self.trial.address, "Trial.add", '{"a": "x"}',
                          "--idl", TRIAL)
        assert "JSON 1:7" in err and "\n          ^" in err, err
        _, err = self.run(6, self.trial.address, "Trial.add", "{}", "--idl",
                          TRIAL, "--expect", '"x"')
        assert "JSON 1:1" in err, err
        self.run(6, self.trial.address, "Trial.add", "--idl", TRIAL,
                 "--expect", "null")

    def test_connections(self):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % nobody.getsockname()[1]
            _, err = self.run(3, address, "Trial.add", "--idl", TRIAL)
            assert "no connection" in err, err
        self.run(5, self.load.address, "Trial.add", "--idl", TRIAL)

    @again
    def test_first_call_that_times_out(self):
        self.run(4, self.trial.address, "Trial.slow", '{"ms": 300}',
                 "--idl", TRIAL, "--timeout-ms", 50)

    def test_completion(self):
        bench = "weft bench h:1 --idl idl/shop.thrift "
        for line, expected in (
                ("weft b", ["bench "]), (bench + "--kn", ["--knee "]),
                (bench + "--wor", ["--workers ", "--worse "]),
                (bench + "--rate ", []), (bench + "--html ", [":files"]),
                (bench + "Shop.mi", ["Shop.mirror "]),
                (bench + "--knee Shop.mirror '{", ['{"thing": {']),
                ("weft bench --compare o", [":files"]),
                ("weft call h:1 --kn", [])):
            done = subprocess.run([self.weft, "complete", line], cwd=HERE,
                                  capture_output=True, text=True, timeout=150)
            assert done.stdout.splitlines() == expected, (line, done.stdout)

    # ---- on a terminal ----

    def start_on_terminal(self, address, *words):
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(self.weft, [self.weft, "bench", address, "Trial.add",
                                 "{}", "--idl", str(TRIAL), *words])
        return pid, fd

    def read_to(self, fd, mark):
        got = b""
        while mark is None or mark not in got:
            assert select.select([fd], [], [], 30)[0], got
            try:
                part = os.read(fd, 65536)
            except OSError:  # the other end is closed
                part = b""
            got += part
            if not part:
                break
        return got

    def finish(self, pid, fd):
        out = self.read_to(fd, None).decode()
        os.close(fd)
        return out, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_live_line_and_interrupt(self):
        pid, fd = self.start_on_terminal(self.trial.address, "-t", "1000",
                                         "--warm-up", "0", "-d", "2")
        live = self.read_to(fd, b"failed")
        os.kill(pid, signal.SIGINT)
        out, code = self.finish(pid, fd)
        assert b"\r\x1b[K" in live and b"p99.9" in live + out.encode(), live
        assert code == 0 and "calls  " in out and "failed     0" in out, out

    def test_interrupt_waits_for_no_call(self):
        server = Canned(b"\x0a\0\0" + b"\0" * 9, answers=3)
        pid, fd = self.start_on_terminal(server.address, "-t", "1000", "-c",
                                         "1", "--warm-up", "0",
                                         "--timeout-ms", "1000000")
        assert server.silent.wait(100)
        os.kill(pid, signal.SIGINT)
        out, code = self.finish(pid, fd)
        assert code == 0 and "calls  " in out, (code, out)

    def test_server_that_dies(self):
        server = Server(self.serve)
        pid, fd = self.start_on_terminal(server.address, "-t", "1000",
                                         "--warm-up", "0", "-c", "2")
        live = self.read_to(fd, b"failed")
        server.process.kill()
        server.process.wait()
        while not re.search(rb" [1-9][\d,]* failed", live):
            more = self.read_to(fd, b"failed")
            assert more, live  # or it has ended
            live += more
        os.kill(pid, signal.SIGINT)
        out, code = self.finish(pid, fd)
        assert code in (3, 8) and "WEFT_ECONNECT" in out, (code, out)

    def test_quiet_where_there_is_no_terminal(self):
        out, err = self.run(0, self.trial.address, "Trial.add", "{}", "--idl",
                            TRIAL, *QUICK)
        assert "\r" not in out and "\x1b" not in out and err == "", out


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(*sys.argv[1:4], pathlib.Path(folder))
        for name in sys.argv[4:] or [n for n in dir(Tests) if n[:5] == "test_"]:
            began = time.monotonic()
            try:
                getattr(tests, name)()
            except (AssertionError, LookupError, ValueError) as why:
                bad += 1
                print(f"{name}: {type(why).__name__}: {why}"[:3000], flush=True)
            print("%5.1f s  %s" % (time.monotonic() - began, name))
        ends = tests.trial.stop(), tests.load.stop()
    if ends != (0, 0):
        print("the servers ended with", ends)
    return bad > 0 or ends != (0, 0)


sys.exit(main())
