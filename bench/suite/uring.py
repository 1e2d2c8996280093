"""What weft gains by sending with io_uring."""
from ._rows import compare

ORDER = 35
TITLE = "weft with io_uring"
WHAT = """The same echo server twice: with epoll alone, which is the default,
and with WEFT_POLLER=uring, which sends what was written between two polls in
one io_uring_enter for up to 64 connections. Receiving through the ring
(multishot, into provided buffers) was tried in a raw echo, the rung io_uring of
the ladder: it saved less than sending does, and it needs more buffers, and
cancellation."""

SHAPES = [(400, 1), (100, 8), (1, 64), (1, 1)]


def run(bench):
    port = bench.free_port()
    with bench.echo_server(bench.here) as epoll, \
         bench.server(bench.here, bench.program("echo_server"), "--port", port,
                      "--workers", 1, port=port,
                      env={"WEFT_POLLER": "uring"}) as uring:
        return bench.sweep({"epoll": epoll, "uring": uring}, SHAPES)


def rows(cases):
    return [compare(f"{case['conns']} x {case['depth']}, {what}", case["runs"],
                    key, "us", "uring", "epoll")
            for case in cases
            for key, what in (("server_cpu_us", "CPU per call"),
                              ("p99_us", "p99"))]


def plots(cases, plot):
    plot.bars("uring", "Server CPU per call with each way of sending, us",
              {f"{case['conns']} x {case['depth']}":
               {name: plot.median(runs, "server_cpu_us")
                for name, runs in case["runs"].items()} for case in cases})
