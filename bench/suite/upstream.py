"""What a client of many servers costs its caller."""
import contextlib
import resource

from ._rows import Row, compare, median

ORDER = 27
TARGETS = ["peers"]
TITLE = "A client of many servers"
WHAT = """Ten endpoints are ten addresses of one server. 64 fibers of one worker
call them through `list:` and p2c. They are compared with ten plain clients, of
which each call takes one by chance, since a balancer costs two things: the
choice, and that calls which would share a write go to different servers. The
row beside one connection shows both. "Armed" is a client with checks, an
ejection, an attempt time-out and a hedge that nothing needs. For hedging, one
of ten endpoints takes 50 ms, and the endpoints are chosen by chance; the hedge
comes after 5 ms. A list of 10,000 is replaced ten times a second; one server of
each hundred is another one each time. Each begun call is begun by one fiber,
which awaits any of 64. The clients of Kitex (its default balancer; pooled, and
multiplexed in TTHeader; GOMAXPROCS=1) and of gRPC C++ (round_robin) make the
same calls over ten addresses; Kitex' calls weft's server, gRPC's its own. CPU
is that of the calling process."""

CPU, DEPTH, SLOW_MS, HEDGE_MS, LIST = "client_cpu_us", 64, 50, 5, 10000

GRPC_NEEDS = "libgrpc++-dev, libprotobuf-dev, protobuf-compiler-grpc"


def addresses(port, n=10):
    return [f"127.0.0.{i + 1}:{port}" for i in range(n)]


def load(bench, *flags):
    return bench.tool(bench.there, bench.program("echo_many"), "--seconds",
                      bench.seconds, *flags)


def run_ten(bench):
    with bench.echo_server(bench.here, 1, "--host", "0.0.0.0") as server:
        ten = addresses(server.port)
        targets = [word for address in ten for word in ("--target", address)]
        many = ["--target", "list:" + ",".join(ten)]
        ways = {"one connection": ["--target", ten[0]], "by chance": targets,
                "p2c": many, "armed": [*many, "--armed"],
                "begun": ["--target", ten[0], "--begin"]}
        return bench.alternate(ways, lambda name: load(bench, *ways[name]))


def run_peers(bench):
    kitex = bench.peer("peers/kitex_client", "go")
    grpc = bench.peer("peers/grpc_load", GRPC_NEEDS)
    with contextlib.ExitStack() as stack:
        ways, weft = {}, stack.enter_context(
            bench.echo_server(bench.here, 1, "--host", "0.0.0.0"))
        ten = ",".join(addresses(weft.port))
        ways["p2c"] = [bench.program("echo_many"), "--target", "list:" + ten]
        if kitex:
            go = ["env", "GOMAXPROCS=1", kitex, "-addresses", ten]
            ways["Kitex, pooled"] = go
            ways["Kitex, multiplexed"] = [*go, "-mux"]
        if grpc:
            port = bench.free_port()
            stack.enter_context(bench.server(
                bench.here, bench.program("peers/grpc_server"), "--port", port,
                port=port))
            ways["gRPC C++"] = [grpc, "-a", ",".join(addresses(port)), "-d",
                                DEPTH]
        return bench.alternate(
            ways, lambda name: bench.tool(bench.there, *ways[name]))


def run_hedge(bench):
    with bench.echo_server(bench.here, 1, "--host", "0.0.0.0") as fast, \
         bench.echo_server(bench.here, 1, "--delay", SLOW_MS) as slow:
        ten = addresses(slow.port, 1) + addresses(fast.port)[1:]
        many = ["--target", "list:" + ",".join(ten), "--balance", "random"]
        ways = {"without": many, "hedged": [*many, "--hedge", HEDGE_MS]}
        return bench.alternate(ways, lambda name: load(bench, *ways[name]))


def run_list(bench):
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with bench.echo_server(bench.here, 1, "--host", "0.0.0.0") as server:
        many = ["--list", LIST, "--port", server.port, "--warm", 3]
        ways = {"quiet": many, "replaced": [*many, "--replace", 100]}
        return bench.alternate(ways, lambda name: load(bench, *ways[name]))


def run_memory(bench):
    return bench.alternate(["weft"], lambda _: bench.tool(
        bench.there, bench.program("endpoint_memory")))


def run(bench):
    return {"ten": run_ten(bench), "hedge": run_hedge(bench),
            "list": run_list(bench), "peers": run_peers(bench), "memory": run_memory(bench)}


def rows(result):
    ten, listed = result["ten"], result["list"]
    return [
        compare("p2c over 10 endpoints, CPU per call", ten, CPU, "us", "p2c",
                "by chance", 1.10),
        compare("the same, armed and idle", ten, CPU, "us", "armed",
                "by chance", 1.15),
        compare("p2c beside one connection", ten, CPU, "us", "p2c",
                "one connection"),
        compare("64 begun calls of one fiber, beside 64 fibers", ten, CPU, "us",
                "begun", "one connection", 1.0),
        compare(f"1 of 10 takes {SLOW_MS} ms, p99", result["hedge"], "p99_us",
                "us", "hedged", "without", 0.2),
        compare(f"a list of {LIST} is replaced, p99.9", listed, "p999_us", "us",
                "replaced", "quiet", 1.5),
        Row("an endpoint that is not connected",
            median(result["memory"]["weft"], "endpoint_bytes"), "bytes", 1024),
        *(compare(f"p2c, CPU per call, beside {name}", result["peers"], CPU,
                  "us", "p2c", name, 0.4, peer=True)
          for name in result["peers"] if name != "p2c")]
