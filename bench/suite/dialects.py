"""What another dialect costs the server, as a multiple of framed binary."""
from ._harness import Failed
from ._rows import compare

ORDER = 40
TITLE = "Dialects beside framed binary"
WHAT = """weft's client on 64 connections with one call in flight on each
uses one dialect after the other with one weft server, which recognises each. A
ratio is the server's CPU per call compared with framed binary."""

#            dialect, bound of its ratio to framed, None: only shown
DIALECTS = [("ttheader", 1.25), ("theader", 1.25), ("ttheader-framed", 1.25),
            ("compact", None), ("unframed", None), ("json", None),
            ("http", None)]


def run(bench):
    with bench.echo_server(bench.here) as server:
        def speak(name, seconds=None):
            return bench.echo_client(bench.there, server, "-D", name, "-c", 64,
                                     "-d", 64, seconds=seconds)

        names = ["framed"]
        for name, _ in DIALECTS:
            try:
                speak(name, 0.01)
                names.append(name)
            except Failed as error:  # HTTP is an option of the build
                bench.skip(f"{name} ({error})")
        return bench.alternate(names, speak)


def rows(runs):
    return [compare(name, runs, "server_cpu_us", "us", name, "framed", bound)
            for name, bound in DIALECTS if name in runs]


def plots(runs, plot):
    plot.bars("dialects", "Server CPU per call by dialect, us",
              {"64 x 1": {name: plot.median(runs[name], "server_cpu_us")
                          for name in runs}})
