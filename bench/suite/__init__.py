"""The benchmark suite: one file of this folder is one experiment.

To add an experiment, add a file; no list has to name it. The file has

    TITLE = "Server CPU per call beside rawecho"     a heading of the page
    WHAT = "Two sentences: what is done, and ..."    the method, for the page
    ORDER = 10            optional: an experiment with a small one comes first
    TARGETS = ["peers"]   optional: the CMake targets that are built before
    def run(bench): ...            measures; returns every run as JSON values
    def rows(result): ...          a list of Row, from what run returned
    def plots(result, plot): ...   optional: SVG files for the page

run and rows are separate, so that a page can be written from saved runs. Files
whose names start with _ are the harness: _harness.py has the `bench` that run
gets, _rows.py has Row and functions that make one, _plot.py has the `plot` that
plots gets. The smallest experiment:

    from ._rows import Row, compare

    TITLE, WHAT = "Weft beside rawecho", "tload, 400 connections. ..."

    def run(bench):
        with bench.raw_server(bench.here, "rawecho") as floor, \\
             bench.echo_server(bench.here) as own:
            servers = {"rawecho": floor, "weft": own}
            return bench.alternate(servers, lambda name: bench.load(
                bench.there, servers[name], conns=400, depth=1))

    def rows(runs):
        return [compare("400 x 1", runs, "server_cpu_us", "us",
                        "weft", "rawecho", bound=1.2)]

Rules: servers are pinned to bench.here from start to end, the load to
bench.there. Programs that are compared take turns within a round. A row is a
median of the rounds, and its ratio is the median of the ratios of each round.
Replies are checked. Latency is measured with bench.tail, which is an open loop.
Times depend on bench.seconds, repetitions on bench.rounds. A missing peer is
reported with bench.skip, and the rest is measured.

    scripts/bench --list
    scripts/bench rawecho --rounds 1 --seconds 0.5 --build build/release
"""
