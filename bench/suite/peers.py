"""Other RPC frameworks that answer the same calls."""
import contextlib

from ._harness import WARM_S
from ._rows import compare

ORDER = 20
TARGETS = ["peers"]
TITLE = "A call beside other frameworks"
WHAT = """Every server decodes the same struct with 1 KiB, encodes it again,
and is pinned to one core (Go: GOMAXPROCS=1). tload sends the same bytes, framed
binary, to all except gRPC, which gets the same payload in its own protocol from
a load of its own. Kitex' client with a pool makes the same calls as 400 x 1.
"mux" is weft's client with one connection and 64 calls in flight, in TTHeader;
it calls Kitex' multiplexing server, and weft's."""

CPU = "server_cpu_us"
SHAPES = [(400, 1), (100, 8), (1, 64)]
FLOOR, WEFT, GRPC = "rawecho", "weft", "gRPC C++"
ONE_BY_ONE = {"Thrift c_glib"}  # serves one connection at a time
GO = {"GOMAXPROCS": "1"}
THRIFT_CPP = "libthrift-dev, libevent-dev, thrift-compiler, g++"
#     name, program, what it needs, its environment
PEERS = [("Thrift C++ nonblocking", "thrift_nonblocking", THRIFT_CPP, {}),
         ("Thrift C++ threaded", "thrift_threaded", THRIFT_CPP, {}),
         ("Thrift c_glib", "c_glib",
          "libthrift-c-glib-dev, libglib2.0-dev, thrift-compiler", {}),
         ("Thrift Go", "go_thrift", "go, thrift-compiler", GO),
         ("Kitex", "kitex", "go", GO),
         (GRPC, "grpc_server",
          "libgrpc++-dev, libprotobuf-dev, protobuf-compiler-grpc", {})]


def start(bench, stack):
    """Start the servers that are installed; returns them by name."""
    servers = {
        FLOOR: stack.enter_context(bench.raw_server(bench.here, "rawecho")),
        WEFT: stack.enter_context(bench.echo_server(bench.here))}
    for name, program, needs, environment in PEERS:
        path = bench.peer(f"peers/{program}", needs)
        if path:
            port = bench.free_port()
            servers[name] = stack.enter_context(bench.server(
                bench.here, path, "--port", port, port=port, env=environment))
    return servers


def load(bench, server, name, conns, depth):
    """Measure with tload, or with the load that a peer needs instead."""
    seconds = bench.seconds / 2
    if name != GRPC:
        return bench.load(bench.there, server, conns, depth, seconds)
    return bench.tool(bench.there, bench.program("peers/grpc_load"),
                      "-p", server.port, "-P", server.pid, "-c", conns,
                      "-d", depth, "-t", seconds, "-w", min(WARM_S, seconds))


def run_mux(bench):
    kitex = bench.peer("peers/kitex", "go")
    if not kitex:
        return []
    port = bench.free_port()
    with bench.echo_server(bench.here) as weft, \
         bench.server(bench.here, kitex, "--port", port, "--mux", port=port,
                      env=GO) as mux:
        servers = {WEFT: weft, "Kitex": mux}
        runs = bench.alternate(servers, lambda name: bench.echo_client(
            bench.there, servers[name], "-D", "ttheader", "-c", 1, "-d", 64,
            seconds=bench.seconds / 2))
        return [{"conns": 1, "depth": 64, "runs": runs, "mux": True}]


def run(bench):
    cases = []
    with contextlib.ExitStack() as stack:
        servers = start(bench, stack)
        for shape in SHAPES:
            able = {name: server for name, server in servers.items()
                    if shape[0] == 1 or name not in ONE_BY_ONE}
            cases += bench.sweep(able, [shape], load=lambda name, *shape: load(
                bench, servers[name], name, *shape))
    return cases + run_mux(bench)


def shape_of(case):
    mux = ", mux" if case.get("mux") else ""
    return f"{case['conns']} x {case['depth']}{mux}"


def rows(cases):
    return [compare(f"{shape_of(case)}, beside {name}", case["runs"], CPU, "us",
                    WEFT, name, peer=True)
            for case in cases for name in case["runs"]
            if name not in (WEFT, FLOOR)]


def plots(cases, plot):
    panels = {shape_of(case): {name: plot.median(runs, CPU)
                               for name, runs in case["runs"].items()}
              for case in cases}
    mux = {shape: panels.pop(shape) for shape in list(panels) if "mux" in shape}
    plot.bars("peers", "Server CPU per call, us", panels)
    if mux:
        plot.bars("peers-mux", "Server CPU per call, multiplexed, us", mux)
