"""Writes the page: the results of saved runs in tables, plots and words."""
import json
import pathlib
import subprocess
import sys

from ._rows import number

PAGE = "benchmarks.md"
PLOTS = "benchmarks"  # the folder of the plots, beside the page

HEAD = """# Benchmarks

Written by `make bench-report` from the runs of one machine; do not edit.
Another machine gives other numbers, but similar ratios: compare ratios.

{machines}

## Method

Every row comes from one run. Servers are pinned to one core from start to end,
and the programs that call them to another. Programs that are compared take
turns within a round, and each goes first in some rounds, over {rounds} rounds. A
value is the median of the rounds, and a ratio is the median of the ratios of
each round, so that other programs on the machine slow both sides down. CPU is
the time that all threads of the server ran in the measured time, as the kernel
counts it. A warm-up precedes the measured time. Every reply is checked.

`tload` is a closed loop: it keeps a fixed number of calls in flight. "100 x 8"
is 100 connections with 8 calls in flight on each. This measures what a call
costs, but says little about latency, because a server that stalls also stops
the load. Percentiles of latency come from `tail`, which is an open loop: it
sends each call when it is due, whether or not others have been answered, and
measures latency from that time.

A bound is a ratio or value that weft has to keep; the verdicts "over" and
"under" say that it does not. "behind" says that a rival does better, "ahead"
that it does not. The tables have everything that a run measured, and the page
names each rival that was not installed.
"""

FOOT = """## Again

    make bench                          # run all experiments, print the rows
    scripts/bench --list                # list the experiments
    scripts/bench rawecho peers         # run two of them
    make bench-report                   # run all, write this page and its plots
    scripts/bench --from DIR            # write this page from runs kept in DIR

On Debian 12 `scripts/setup bench` installs the rivals' libraries. Rivals in Go
are built if Go is installed, and Go fetches their modules. Every run is kept as
JSON in `build/bench`. `bench/suite/__init__.py` describes how to add an
experiment.
"""


def load(folder, known):
    """The saved runs, in the order of the page."""
    return [json.loads((folder / f"{name}.json").read_text())
            for name in known if (folder / f"{name}.json").exists()]


def cell(value, unit=""):
    return "" if value is None else f"{number(value)} {unit}".strip()


def table(rows):
    yield "| what | measured | beside | ratio | bound | verdict |"
    yield "|---|---:|---:|---:|---|---|"
    for row in rows:
        beside = " ".join(filter(None, (row.ratio_to,
                                        cell(row.base, row.unit))))
        yield (f"| {row.what} | {cell(row.value, row.unit)} | {beside} "
               f"| {cell(row.ratio)} | {row.limit} | {row.verdict} |")


def loss(title, row):
    said = f"- {title}: {row.what}: {cell(row.value, row.unit)}"
    if row.ratio is not None:
        said += f", a ratio of {number(row.ratio)} to {row.ratio_to}"
    return said + (f", meant to be {row.limit}" if row.limit else "")


def losses(sections):
    """The rows in which weft loses. They are computed, so that none is
    forgotten."""
    pairs = [(title, row) for title, rows in sections for row in rows]
    behind = [loss(*pair) for pair in pairs if pair[1].is_behind]
    broken = [loss(*pair) for pair in pairs if pair[1].is_broken]
    yield "## Where weft loses\n"
    yield "A rival does better:\n" if behind else \
        "No rival does better in any row."
    yield from behind
    yield "\nA bound does not hold:\n" if broken else "\nEvery bound holds."
    yield from broken


def draw(known, saved, folder):
    """Draw the plots of each experiment. Returns {name: [(file, title)]}, which
    is empty without matplotlib."""
    try:
        from ._plot import Plot
    except ModuleNotFoundError:
        print("skipped: plots (needs python3-matplotlib)")
        return {}
    made = {}
    for run in saved:
        plot = Plot(folder)
        if hasattr(known[run["name"]], "plots"):
            known[run["name"]].plots(run["result"], plot)
        made[run["name"]] = plot.made
    return made


def machines(saved):
    """One line for each machine, commit and length of the runs."""
    said = dict.fromkeys(
        f"{run['machine']}, {run['cores']} cores; {run['date']}, commit "
        f"{run['commit']}, {run['rounds']} rounds of {run['seconds']:g} s"
        for run in saved)
    return "\n".join(f"- {line}" for line in said)


def sections(known, saved):
    return [(known[run["name"]].TITLE, known[run["name"]].rows(run["result"]))
            for run in saved]


def page(known, saved, plots):
    rounds = sorted({run["rounds"] for run in saved})
    made = sections(known, saved)
    yield HEAD.format(machines=machines(saved),
                      rounds=" or ".join(map(str, rounds)))
    yield from losses(made)
    for run, (title, rows) in zip(saved, made, strict=True):
        what = "\n".join(line.strip() for line in
                         known[run["name"]].WHAT.splitlines())
        yield f"\n## {title}\n\n{what} (`scripts/bench {run['name']}`)\n"
        for file, alt in plots.get(run["name"], []):
            yield f"![{alt}]({PLOTS}/{file})\n"
        yield from table(rows)
        for reason in run["skipped"]:
            yield f"\nNot measured: {reason}."
    yield "\n" + FOOT.rstrip()


def write(known, saved_in, docs):
    """Write the page and its plots, from saved runs."""
    saved = load(saved_in, known)
    if not saved:
        sys.exit(f"bench: no runs in {saved_in}")
    if instead := another_python():
        again = [instead, sys.argv[0], "--from", saved_in, "--docs", docs]
        sys.exit(subprocess.run(again).returncode)
    plots = draw(known, saved, docs / PLOTS)
    (docs / PAGE).write_text("\n".join(page(known, saved, plots)) + "\n")
    print(f"wrote {docs / PAGE}")


def another_python():
    """Debian's Python, if it has matplotlib and the running one has not."""
    debian = "/usr/bin/python3"
    try:
        import matplotlib  # noqa: F401, only tests whether it is there
        return None
    except ModuleNotFoundError:
        pass
    same = pathlib.Path(sys.executable).resolve() == \
        pathlib.Path(debian).resolve()
    if same or not pathlib.Path(debian).exists():
        return None
    probe = subprocess.run([debian, "-c", "import matplotlib"],
                           stderr=subprocess.DEVNULL)
    return debian if probe.returncode == 0 else None
