"""What a second worker costs a call."""
from ._rows import compare

ORDER = 70
TITLE = "Two workers on two cores"
WHAT = """400 connections have one call in flight at a time. The calls are
sent by the clock, at a rate that one worker can serve (open loop). One worker
pinned to one core is compared with two workers on two cores of the same
machine. The load runs on both cores, too, and sleeps between its events. The
value is server CPU per call."""

CONNS, RATE = 400, 15000


def run(bench):
    if len(bench.cores) < 2:
        bench.skip("two workers (one core)")
        return {}
    with bench.echo_server(bench.here) as one, \
         bench.echo_server({bench.here, bench.there}, workers=2) as two:
        servers = {"one": one, "two": two}
        return bench.alternate(servers, lambda name: bench.tail(
            {bench.here, bench.there}, servers[name], "-s", "-c", CONNS,
            "-r", RATE, "-n", 0, "-P", servers[name].pid))


def rows(runs):
    if not runs:
        return []
    return [compare(f"{CONNS} x 1 at {RATE} calls a second, CPU per call",
                    runs, "server_cpu_us", "us", "two", "one", 1.15)]
