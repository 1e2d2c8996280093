"""The benchmark suite, without measurements: its rows, the order of its runs,
its servers and its page. Each raw echo server returns the right bytes."""
import contextlib
import io
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import types
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))

from suite import _run, rawecho  # noqa: E402
from suite._harness import Bench, Failed, Missing  # noqa: E402
from suite._rows import Row, compare, number  # noqa: E402

LISTENS = ("import socket, sys\ns = socket.create_server(('127.0.0.1', "
           "int(sys.argv[1])))\nwhile True: s.accept()[0].close()")


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.said = []

    def bench(self, build=None, rounds=3):
        return Bench(build or self.root, rounds, 0.1, self.said.append)


class Rows(Case):
    def test_median_of_ratios_is_not_ratio_of_medians(self):
        runs = {"a": [{"us": 2}, {"us": 9}, {"us": 30}],
                "b": [{"us": 1}, {"us": 3}, {"us": 20}]}
        row = compare("x", runs, "us", "us", "a", "b", bound=2)
        self.assertEqual((row.value, row.base, row.ratio), (9, 3, 2))
        self.assertEqual(row.verdict, "ok")

    def test_bound_of_the_ratio(self):
        self.assertEqual(Row("x", 1, "us", 1.1, ratio=1.2).verdict, "over")
        self.assertEqual(Row("x", 9, "us", 1.1, ratio=1.1).verdict, "ok")

    def test_bound_of_the_value(self):
        self.assertEqual(Row("x", 513, "bytes", 512).verdict, "over")
        self.assertEqual(Row("x", 512, "bytes", 512).verdict, "ok")

    def test_at_least(self):
        row = Row("x", 1, "ns", 8, ratio=7, at_least=True, peer=True)
        self.assertEqual((row.verdict, row.limit), ("under", "at least 8.00"))
        self.assertFalse(row.is_behind)

    def test_rivals(self):
        def rival(ratio):
            return Row("x", 1, "us", ratio=ratio, peer=True)
        self.assertEqual(rival(1.01).verdict, "behind")
        self.assertEqual(rival(1).verdict, "ahead")
        self.assertFalse(Row("x", 1, "us", ratio=9).is_behind)

    def test_numbers(self):
        self.assertEqual([number(n) for n in (0, 0.5, 12.34, 1234567)],
                         ["0", "0.50", "12.3", "1234567"])


class Turns(Case):
    def test_each_goes_first(self):
        seen = []
        runs = self.bench().alternate("abc", lambda n: seen.append(n) or n)
        self.assertEqual("".join(seen), "abcbcacab")
        self.assertEqual(runs, {"a": ["a"] * 3, "b": ["b"] * 3, "c": ["c"] * 3})

    def test_who_failed_is_named(self):
        def measure(name):
            raise Failed("no reply")
        with self.assertRaisesRegex(Failed, "b: no reply"):
            self.bench().alternate(["b"], measure)

    def test_missing_peer_is_named(self):
        bench = self.bench()
        self.assertIsNone(bench.peer("peers/kitex", "go"))
        self.assertEqual(bench.skipped, ["kitex (needs go)"])
        self.assertEqual(self.said, ["skipped: kitex (needs go)"])

    def test_tool_that_fails(self):
        with self.assertRaisesRegex(Failed, "false"):
            Bench.tool(self.bench().here, "false")


class Servers(Case):
    def start(self, *command):
        bench = self.bench()
        port = bench.free_port()
        return bench.server(bench.here, *command, port, port=port)

    def test_ends_with_its_block(self):
        with self.start(sys.executable, "-c", LISTENS) as server:
            self.assertEqual(os.sched_getaffinity(server.pid),
                             {self.bench().here})
        self.assertIsNotNone(server.process.returncode)

    def test_exits(self):
        with self.assertRaisesRegex(Failed, "exited: 3: no such luck"), \
             self.start("sh", "-c", "echo no such luck; exit 3"):
            self.fail("it has not started")

    def test_is_not_there(self):
        with self.assertRaises(Missing), self.start(self.root / "nothing"):
            self.fail("it has not started")


class Suite(Case):
    def experiment(self, run):
        return types.SimpleNamespace(TITLE="Title", WHAT="What.", run=run,
                                     rows=lambda result: [])

    def run_one(self, run):
        options = types.SimpleNamespace(build=self.root, rounds=1, seconds=0.1,
                                        json=self.root / "json")
        with contextlib.redirect_stdout(io.StringIO()) as output:
            ok = _run.run_one("name", self.experiment(run), options)
        return ok, output.getvalue()

    def test_saves_what_was_measured(self):
        def run(bench):
            bench.skip("Kitex (needs go)")
            return {"runs": [1]}
        self.assertTrue(self.run_one(run)[0])
        saved = json.loads((self.root / "json/name.json").read_text())
        self.assertEqual(saved["result"], {"runs": [1]})
        self.assertEqual(saved["skipped"], ["Kitex (needs go)"])
        self.assertLessEqual({"machine", "date", "commit", "rounds"},
                             set(saved))

    def test_missing_is_skipped(self):
        ok, output = self.run_one(lambda bench: bench.program("tload"))
        self.assertTrue(ok)
        self.assertIn("skipped: name (tload is not built", output)

    def test_failed_is_told(self):
        def run(bench):
            raise Failed("no reply")
        self.assertEqual(self.run_one(run)[0], False)

    def test_every_experiment_is_whole(self):
        for name, module in _run.experiments().items():
            with self.subTest(name):
                self.assertTrue(module.TITLE and module.WHAT)
                self.assertTrue(callable(module.run) and callable(module.rows))


class Report(Case):
    def save(self, weft_us):
        def runs(us):
            return [{"server_cpu_us": us, "p50_us": us}] * 3
        cases = [{"conns": conns, "depth": depth,
                  "runs": {"rawecho": runs(10), "weft": runs(weft_us)}}
                 for conns, depth, *_ in rawecho.SHAPES]
        saved = {"name": "rawecho", "machine": "M", "commit": "c", "cores": 2,
                 "rounds": 3, "seconds": 1, "date": "2026-01-01",
                 "skipped": ["Kitex (needs go)"], "result": cases}
        (self.root / "rawecho.json").write_text(json.dumps(saved))

    def page(self):
        run = subprocess.run([ROOT / "scripts/bench", "--from", self.root,
                              "--docs", self.root], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(run.returncode, 0, run.stdout)
        return (self.root / "benchmarks.md").read_text(), run.stdout

    def test_rows_and_losses(self):
        self.save(15)
        page, output = self.page()
        self.assertIn("| 400 x 1, CPU per call | 15.0 us | rawecho 10.0 us "
                      "| 1.50 | at most 1.20 | over |", page)
        self.assertIn("| 100 x 8, CPU per call | 15.0 us | rawecho 10.0 us "
                      "| 1.50 | at most 2.00 | ok |", page)
        self.assertIn("- A call beside rawecho: 400 x 1, CPU per call", page)
        self.assertIn("Not measured: Kitex (needs go).", page)
        if "skipped: plots" not in output:
            self.assertIn("(benchmarks/rawecho.svg)", page)
            plot = (self.root / "benchmarks/rawecho.svg").read_text()
            self.assertIn("15.0", plot)

    def test_nothing_lost(self):
        self.save(10)
        page, _ = self.page()
        self.assertIn("Every bound holds.", page)
        self.assertIn("No rival does better in any row.", page)

    def test_nothing_saved(self):
        run = subprocess.run([ROOT / "scripts/bench", "--from", self.root],
                             stderr=subprocess.PIPE, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("no runs", run.stderr)


def message(kind, seq, field, text):
    body = struct.pack(">I4s", 4, b"echo") + struct.pack(">I", seq)
    body += struct.pack(">BhBhI", 12, field, 11, 1, 0)
    body += struct.pack(">BhI", 11, 2, len(text)) + text + b"\0\0"
    return struct.pack(">II", len(body) + 4, 0x80010000 | kind) + body


def receive(s, size):
    got = b""
    while len(got) < size:
        more = s.recv(size - len(got))
        if not more:
            break
        got += more
    return got


BUILD = pathlib.Path(os.environ.get("BENCH_BUILD", ROOT / "build/release"))


@unittest.skipUnless((BUILD / "bench/rawecho").exists(), "bench is not built")
class Rungs(Case):
    def echoes(self, path):
        bench = self.bench(BUILD)
        port = bench.free_port()
        calls = b"".join(message(1, i, 1, b"%d" % i * 500) for i in range(20))
        replies = b"".join(message(2, i, 0, b"%d" % i * 500) for i in range(20))
        with bench.server(bench.cores, path, port, port=port), \
             socket.create_connection(("127.0.0.1", port), 30) as one, \
             socket.create_connection(("127.0.0.1", port), 30) as other:
            one.sendall(calls[:700])  # the last call is incomplete
            other.sendall(calls)
            self.assertEqual(receive(other, len(replies)), replies)
            one.sendall(calls[700:])
            self.assertEqual(receive(one, len(replies)), replies)

    def test_all(self):
        paths = [path for path in [BUILD / "bench/rawecho",
                                   *(BUILD / "bench/ladder").iterdir()]
                 if path.is_file() and os.access(path, os.X_OK)]
        self.assertGreater(len(paths), 5)
        for path in paths:
            with self.subTest(path.name):
                try:
                    self.echoes(path)
                except Failed:
                    if path.name != "uring":  # a kernel may forbid io_uring
                        raise


if __name__ == "__main__":
    unittest.main()
