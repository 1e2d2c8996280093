"""The tail of fast calls beside slow ones."""
from ._rows import compare

ORDER = 80
TITLE = "The tail beside slow calls"
WHAT = """Open loop: calls are sent by the clock, and latency counts from the
moment when a call is due, so that it includes every stall. One call in 100
sleeps for 5 ms, like a handler that calls another service, or burns 5 ms of
CPU; the percentiles are those of the other 99. The load is a share of the
highest rate of the server with its slow calls. Sleeping: one worker on one
core, the load on another core. Burning: two workers pinned to two cores, and
the load on both. There the load sleeps between its events and runs before
everything else (SCHED_FIFO, where that is allowed), so that the latencies do
not include waits of the load itself. The slow calls are evenly spaced, so that
two never burn at once and one core is free."""

CONNS, BURN_S, ONE_IN = 50, 0.005, 100
# action; workers; load, as a share of the highest rate of the server with its
# slow calls; upper bound of (p99 with slow calls) / (p99 without them)
CASES = [("sleep:5", 1, 0.3, 1.5), ("burn:5", 2, 0.3, 3), ("burn:5", 2, 0.1, 3)]


def most(bench, server, cores):
    """How many calls per second the server can do."""
    return bench.load(cores, server, CONNS, 1, 1)["qps"]


def measure(bench, action, workers, share):
    both = {bench.here, bench.there}
    # Without --pin the kernel sometimes wakes the free worker on the core that
    # burns.
    pinned = ["--pin"] if workers > 1 else []
    cores, load = (bench.here, bench.there) if workers == 1 else (both, both)
    with bench.echo_server(cores, workers, *pinned) as server:
        each = workers / most(bench, server, load)  # CPU seconds per call
        if action.startswith("burn"):
            each += BURN_S / ONE_IN
        rate = int(share * workers / each)
        flags = ["-c", CONNS, "-r", rate, "-a", action]
        if workers > 1:
            flags.append("-s")
        return {"rate": rate, "runs": bench.alternate(
            ["without", action], lambda name: bench.tail(
                load, server, *flags, "-n", 0 if name == "without" else ONE_IN,
                urgent=workers > 1, seconds=2 * bench.seconds))}


def run(bench):
    return [measure(bench, *case[:3]) for case in CASES
            if case[1] <= len(bench.cores)]


def rows(result):
    return [compare(f"1 in {ONE_IN} does {action} at {share:.0%} load "
                    f"({measured['rate']}/s), {key[:-3]} of the others",
                    measured["runs"], key, "us", action, "without",
                    bound if key == "p99_us" else None)
            for (action, _, share, bound), measured in zip(CASES, result)
            for key in ("p50_us", "p99_us", "p999_us")]


def plots(result, plot):
    plot.bars("tails", "p99 of the other calls, us",
              {f"{action} at {share:.0%}": {
                  name: plot.median(runs, "p99_us")
                  for name, runs in measured["runs"].items()}
               for (action, _, share, _), measured in zip(CASES, result)})
