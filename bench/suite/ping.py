"""A client of another process, in one process with a busy server."""
import contextlib
import json
import os

from ._harness import Failed
from ._rows import Row, compare

ORDER = 90
TITLE = "The Redis client beside the server"
WHAT = """One fiber (goroutine) of the server calls the echo of a separate
process 1,000 times per second, as a server calls Redis: first while the server
has no other load, then at 80 % of its highest rate, which is measured before.
Latency counts from the moment when a ping is due: a millisecond after the
previous one was due, but not before that one has returned. The server is pinned
to one core; the echo that it pings runs on the other, with priority over the
load that spins there (SCHED_FIFO, where that is allowed)."""

CONNS, SHARE = 50, 0.8


@contextlib.contextmanager
def pinged(bench):
    """Start the process that is pinged."""
    with bench.raw_server(bench.there, "rawecho") as echo:
        try:
            os.sched_setscheduler(echo.pid, os.SCHED_FIFO, os.sched_param(1))
        except OSError as error:
            bench.skip(f"priority of the pinged process ({error.strerror})")
        yield echo


def windows(path, offset):
    """The reports in the log after the offset, one for each second."""
    with open(path, encoding="utf-8") as lines:
        lines.seek(offset)
        return [json.loads(line) for line in lines if line.startswith("{")]


def measure(bench, start):
    """Measured seconds while the server is idle and while it is busy.
    start(port to ping, log) gives a running server that pings."""
    with pinged(bench) as echo, start(echo.port) as server:
        rate = SHARE * bench.load(bench.there, server, CONNS, 1, 1)["qps"]
        runs = {"idle": [], "busy": []}
        for _ in range(bench.rounds):
            for name in runs:
                runs[name].append(watch(bench, server, name, int(rate)))
        return {"rate": int(rate), "runs": runs}


def watch(bench, server, name, rate):
    """The second of a run that has the median p99. The first one is left out,
    because it may have begun before the run."""
    seconds = max(3, int(bench.seconds))
    offset = os.path.getsize(server.log)
    bench.tail(bench.there, server, "-c", CONNS, "-n", 0, "-r",
               rate if name == "busy" else 10, seconds=seconds + 1)
    found = windows(server.log, offset)[1:]
    if not found:
        raise Failed(f"no ping in {seconds} s while {name}")
    found.sort(key=lambda window: window["ping_p99_us"])
    return found[len(found) // 2]


def run(bench):
    result = {"weft": measure(bench, lambda port: bench.echo_server(
        bench.here, 1, "--ping", port))}
    kitex = bench.peer("peers/kitex", "Go 1.21")
    if kitex:
        def start(ping):
            port = bench.free_port()
            return bench.server(bench.here, kitex, "-port", port, "-ping",
                                ping, port=port, env={"GOMAXPROCS": "1"})
        result["kitex"] = measure(bench, start)
    return result


def rows(result):
    made = []
    for name, case in result.items():
        for key in ("ping_p50_us", "ping_p99_us"):
            bound = 2 if name == "weft" and key == "ping_p99_us" else None
            made.append(compare(
                f"{name} at {case['rate']} calls a second, {key[5:8]} of pings",
                case["runs"], key, "us", "busy", "idle", bound))
    if "kitex" in result:
        weft, kitex = (max(made_of(result, name)) for name in
                       ("weft", "kitex"))
        made.append(Row("p99 of pings when busy, weft", weft, "us",
                        ratio_to="kitex", ratio=weft / kitex, base=kitex,
                        peer=True))
    return made


def made_of(result, name):
    windows_of = sorted(run["ping_p99_us"]
                        for run in result[name]["runs"]["busy"])
    return windows_of[len(windows_of) // 2:len(windows_of) // 2 + 1]


def plots(result, plot):
    plot.bars("ping", "p99 of pings from within the server, us",
              {name: {state: plot.median(runs, "ping_p99_us")
                      for state, runs in case["runs"].items()}
               for name, case in result.items()})
