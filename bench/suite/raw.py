"""The raw echo on other event libraries."""
import contextlib

from ._rows import compare

ORDER = 25
TARGETS = ["peers"]
TITLE = "A raw echo beside other event libraries"
WHAT = """The echo of rawecho, without Thrift, on libuv's streams, on libevent's
bufferevents, on netpoll (Go, GOMAXPROCS=1) and on weft's connections. All are
pinned to one core and called by tload."""

CPU = "server_cpu_us"
SHAPES = [(400, 1), (100, 8), (1, 64)]
WEFT = "weft_raw"
#     name, program, what it needs
PEERS = [("libuv", "peers/libuv_echo", "libuv1-dev"),
         ("libevent", "peers/libevent_echo", "libevent-dev"),
         ("netpoll", "peers/netpoll_echo", "go")]


def run(bench):
    with contextlib.ExitStack() as stack:
        servers = {}
        for name, program, needs in [("rawecho", "rawecho", ""),
                                     (WEFT, "ladder/weft_raw", ""), *PEERS]:
            if bench.peer(program, needs):
                servers[name] = stack.enter_context(bench.raw_server(
                    bench.here, program, {"GOMAXPROCS": "1"}))
        return bench.sweep(servers, SHAPES, bench.seconds / 2)


def rows(cases):
    return [compare(f"{case['conns']} x {case['depth']}, beside {name}",
                    case["runs"], CPU, "us", WEFT, name,
                    peer=name != "rawecho")
            for case in cases for name in case["runs"] if name != WEFT]


def plots(cases, plot):
    plot.bars("raw", "Server CPU per call of a raw echo, us",
              {f"{case['conns']} x {case['depth']}":
               {name: plot.median(runs, CPU)
                for name, runs in case["runs"].items()} for case in cases})
