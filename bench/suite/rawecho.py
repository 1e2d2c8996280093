"""Server CPU per call and latency beside the floor, rawecho."""
from ._rows import compare

ORDER = 10
TITLE = "A call beside rawecho"
WHAT = """tload calls an echo of 1 KiB over framed binary. rawecho does the
least work that is still correct: one thread, epoll, recv, turn the call into a
reply in place, send. weft decodes every request into a struct and encodes the
reply from one."""

CPU, LATENCY = "server_cpu_us", "p50_us"
#       connections, in flight on each, what is compared, bound of the ratio
SHAPES = [(400, 1, CPU, 1.2),
          (100, 8, CPU, 2.0),
          (1, 64, CPU, 2.0),
          (1, 1, LATENCY, 1.1)]


def run(bench):
    with bench.raw_server(bench.here, "rawecho") as raw, \
         bench.echo_server(bench.here) as weft:
        return bench.sweep({"rawecho": raw, "weft": weft},
                           [shape[:2] for shape in SHAPES])


def rows(cases):
    made = []
    for case, (conns, depth, metric, bound) in zip(cases, SHAPES, strict=True):
        what = "CPU per call" if metric == CPU else "median latency"
        made.append(compare(f"{conns} x {depth}, {what}", case["runs"], metric,
                            "us", "weft", "rawecho", bound))
    return made


def plots(cases, plot):
    plot.bars("rawecho", "A call in weft and in rawecho, us",
              {row.what: {"rawecho": row.base, "weft": row.value}
               for row in rows(cases)})
