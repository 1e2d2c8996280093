"""What each model of I/O gains: the same echo on one rung after the other."""
import contextlib

from ._harness import Failed
from ._rows import compare

ORDER = 30
TITLE = "A ladder of I/O models"
WHAT = """The same echo of the same bytes on one core waits in a different
way on each rung: a blocking thread for each connection, select, poll, epoll
level-triggered (rawecho) and edge-triggered, io_uring, weft's connections
without Thrift, and weft's RPC. tload calls each in the same shapes. A ratio
compares a rung with the one named beside it, one step away."""

SHAPES = [(400, 1), (100, 8), (1, 64)]
#         rung, its program, the rung that it is a step from
RUNGS = [("threads", "ladder/threads", None),
         ("select", "ladder/select", "threads"),
         ("poll", "ladder/poll", "select"),
         ("epoll_lt", "rawecho", "poll"),
         ("epoll_et", "ladder/epoll_et", "epoll_lt"),
         ("io_uring", "ladder/uring", "epoll_et"),
         ("weft_raw", "ladder/weft_raw", "epoll_et"),
         ("weft_rpc", "echo_server", "weft_raw")]


def climb(bench, stack):
    """Start the server of every rung that this machine supports."""
    servers = {}
    for name, program, _ in RUNGS:
        try:
            servers[name] = stack.enter_context(
                bench.echo_server(bench.here) if program == "echo_server" else
                bench.raw_server(bench.here, program))
        except Failed as error:  # a kernel may forbid io_uring
            bench.skip(f"{name} ({error})")
    return servers


def run(bench):
    with contextlib.ExitStack() as stack:
        return bench.sweep(climb(bench, stack), SHAPES, bench.seconds / 2)


def rows(cases):
    return [compare(f"{case['conns']} x {case['depth']}, {name}", case["runs"],
                    "server_cpu_us", "us", name, before)
            for case in cases for name, _, before in RUNGS
            if name in case["runs"] and before in case["runs"]]


def plots(cases, plot):
    plot.bars("ladder", "Server CPU per call on each rung, us",
              {f"{case['conns']} x {case['depth']}":
               {name: plot.median(runs, "server_cpu_us")
                for name, runs in case["runs"].items()} for case in cases})
