"""Throughput of payloads of each size beside the floor."""
from ._rows import compare

ORDER = 40
TITLE = "Payloads"
WHAT = """16 connections have one call in flight each. The server echoes
payloads of each size, and the load checks every byte. Throughput is in calls
per second. Above 64 KiB weft is compared with a rawecho that has a larger
buffer. A test (ctest -R faults/test_rpc_counts) shows that a large string is
not copied."""

SIZES = [(64, "64 B"), (1024, "1 KiB"), (16 << 10, "16 KiB"),
         (256 << 10, "256 KiB"), (4 << 20, "4 MiB")]
CONNS = 16


def run(bench):
    cases = []
    with bench.raw_server(bench.here, "rawecho") as small, \
         bench.raw_server(bench.here, "rawecho_large") as large, \
         bench.echo_server(bench.here) as weft:
        for size, _ in SIZES:
            floor = small if size <= 65536 else large
            servers = {"rawecho": floor, "weft": weft}
            cases.append({"bytes": size, "runs": bench.alternate(
                servers, lambda name, s=servers, n=size: bench.load(
                    bench.there, s[name], CONNS, 1, bench.seconds / 2,
                    "-b", n))})
    return cases


def rows(cases):
    made = []
    for case, (size, name) in zip(cases, SIZES, strict=True):
        made.append(compare(f"{name}, calls a second", case["runs"], "qps",
                            "/s", "weft", "rawecho",
                            0.9 if size >= 16 << 10 else None, at_least=True))
        made.append(compare(f"{name}, CPU per call", case["runs"],
                            "server_cpu_us", "us", "weft", "rawecho"))
    return made


def plots(cases, plot):
    plot.bars("payloads", "Calls a second by payload",
              {name: {who: plot.median(runs, "qps")
                      for who, runs in case["runs"].items()}
               for case, (_, name) in zip(cases, SIZES)})
