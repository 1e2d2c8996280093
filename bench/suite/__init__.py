"""The benchmark suite: one file of this folder is one experiment.

To add one, add a file; nothing else has to know of it. It has

    TITLE = "Server CPU per call beside rawecho"     a heading of the page
    WHAT = "Two sentences: what is done, and ..."    the method, for the page
    ORDER = 10                                       optional: small comes first
    TARGETS = ["peers"]       optional: what is built before, by its CMake name
    def run(bench): ...            measures; returns every run, JSON-able
    def rows(result): ...          a list of Row, from what run returned
    def plots(result, plot): ...   optional: SVG files for the page

run and rows are apart so that a page can be written from runs that were saved.
A name that starts with _ is the harness: _harness.py has what run is given,
_rows.py has Row and what computes one, _plot.py what plots is given. As small
as it gets:

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

Rules of the house: servers are pinned to bench.here from start to end, the load
to bench.there; what is compared takes turns within a round; a row is a median
of the rounds and its ratio is the median of the ratios of each round; replies
are checked; what waits for the clock uses bench.tail, which is open-loop. Times
scale with bench.seconds, repetitions with bench.rounds. A peer that is missing
is named with bench.skip, and the rest goes on.

    scripts/bench --list
    scripts/bench rawecho --rounds 1 --seconds 0.5 --build build/release
"""
