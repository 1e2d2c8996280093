"""The tail of fast calls beside slow ones."""
from ._rows import compare

ORDER = 80
TITLE = "The tail beside slow calls"
WHAT = """Open loop: calls are sent by the clock, and latency counts from when a
call was due, so that a stall hides nothing. One call in 100 sleeps 5 ms as one
does that calls another service, or burns 5 ms of CPU; the percentiles are those
of the other 99. The rate is 30 % of what the server can do, which is found
first. Sleeping: one worker on one core, the load on another. Burning: two
workers on two cores, the load on both, sleeping between its events."""

CONNS, SHARE = 50, 0.3
#       action, workers, what p99 may be of that without
CASES = [("sleep:5", 1, 1.5), ("burn:5", 2, 3)]


def most(bench, server, cores):
    """Calls a second that the server can do."""
    return bench.load(cores, server, CONNS, 1, 1)["qps"]


def measure(bench, action, workers):
    cores = bench.here if workers == 1 else set(bench.cores[:1] +
                                                bench.cores[-1:])
    load = bench.there if workers == 1 else cores
    flags = [] if workers == 1 else ["-s"]
    with bench.echo_server(cores, workers) as server:
        rate = most(bench, server, load) * SHARE
        if action.startswith("burn"):  # the burnt time is a part of the 30 %
            cpu_s = 0.01 * 0.005
            rate = min(rate, SHARE * workers / (cpu_s + workers * SHARE / rate))
        flags += ["-c", CONNS, "-r", int(rate)]
        return {"rate": int(rate), "runs": bench.alternate(
            ["without", action], lambda name: bench.tail(
                load, server, *flags, "-n", 0 if name == "without" else 100,
                "-a", action))}


def run(bench):
    return {action: measure(bench, action, workers)
            for action, workers, _ in CASES
            if workers <= len(bench.cores)}


def rows(result):
    return [compare(f"1 in 100 does {action} at {case['rate']} calls a second, "
                    f"{key[:-3]} of the others", case["runs"], key, "us",
                    action, "without", bound if key == "p99_us" else None)
            for action, _, bound in CASES if (case := result.get(action))
            for key in ("p50_us", "p99_us", "p999_us")]


def plots(result, plot):
    plot.bars("tails", "Latency of the other calls, us",
              {f"{action}, {key[:-3]}": {
                  name: plot.median(runs, key)
                  for name, runs in case["runs"].items()}
               for action, case in result.items()
               for key in ("p50_us", "p99_us")})
