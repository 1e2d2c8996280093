"""What a call costs its caller."""
from ._rows import compare

ORDER = 25
TITLE = "A call in weft's client"
WHAT = """64 fibers share one connection of weft's client; each encodes a
struct, waits, decodes the reply and compares it. It is compared with tload,
which sends prepared bytes with 64 calls in flight on one connection. The value
is CPU per call of the calling process; both call weft's echo server."""


def run(bench):
    with bench.echo_server(bench.here) as server:
        calls = {
            "tload": lambda: bench.load(bench.there, server, 1, 64),
            "weft": lambda: bench.echo_client(bench.there, server, "-c", 1,
                                              "-d", 64)}
        return bench.alternate(calls, lambda name: calls[name]())


def rows(runs):
    return [compare("64 calls in flight on one connection, CPU per call", runs,
                    "client_cpu_us", "us", "weft", "tload", 2.5)]
