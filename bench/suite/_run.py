"""The command: picks experiments, runs them, saves and shows their results."""
import argparse
import datetime
import importlib
import json
import pathlib
import platform
import signal
import subprocess
import sys

from . import _report
from ._harness import Bench, Failed, Missing
from ._rows import number

ROOT = pathlib.Path(__file__).resolve().parents[2]


def experiments():
    """Modules of this folder by name, in the order of the page."""
    names = sorted(path.stem for path in pathlib.Path(__file__).parent.glob(
        "*.py") if not path.stem.startswith("_"))
    found = [(name, importlib.import_module(f"{__package__}.{name}"))
             for name in names]
    return dict(sorted(found, key=lambda e: (getattr(e[1], "ORDER", 50), e[0])))


def machine():
    """The processor and the kernel. Without them a number means nothing."""
    model = platform.processor() or platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    release = platform.release().split("-")[0]
    return f"{model}, {platform.system()} {release}"


def commit():
    run = subprocess.run(["git", "-c", "safe.directory=*", "describe",
                          "--always", "--dirty", "--abbrev=12"], cwd=ROOT,
                         text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL)
    return run.stdout.strip() or "unknown"


def show(row):
    value = f"{number(row.value)} {row.unit}"
    beside = ratio = ""
    if row.ratio is not None:
        ratio = number(row.ratio)
        beside = row.ratio_to if row.base is None else \
            f"{row.ratio_to} {number(row.base)}"
    print(f"{row.what:<44}{value:>14}  {beside:<30}{ratio:>7}  "
          f"{row.limit:<14} {row.verdict}".rstrip(), flush=True)


def run_one(name, module, options):
    """Measure, save and show one experiment; returns whether it succeeded."""
    print(f"\n{name}: {module.TITLE}", flush=True)
    bench = Bench(options.build, options.rounds, options.seconds,
                  lambda text: print(text, flush=True))
    try:
        result = module.run(bench)
    except Missing as error:
        print(f"skipped: {name} ({error})")
        return True
    except Failed as error:
        print(f"failed: {name}: {error}")
        return False
    saved = {"name": name, "machine": machine(), "commit": commit(),
             "cores": len(bench.cores), "rounds": bench.rounds,
             "seconds": bench.seconds, "skipped": bench.skipped,
             "date": datetime.date.today().isoformat(), "result": result}
    options.json.mkdir(parents=True, exist_ok=True)
    (options.json / f"{name}.json").write_text(json.dumps(saved, indent=1))
    for row in module.rows(result):
        show(row)
    return True


def build_targets(build, targets):
    """Build targets that are not part of the default build. A target that
    cannot be built is missing later, and is reported then."""
    if not targets:
        return
    run = subprocess.run(["cmake", "--build", str(build), "--target", *targets],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True)
    for line in run.stdout.splitlines():
        if "skipped:" in line or "error" in line:
            print(line, flush=True)


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="bench", description="What weft costs beside others, in one run. "
        "Without a name: all experiments.")
    parser.add_argument("names", nargs="*", metavar="EXPERIMENT")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2,
                        help="of one measurement (2)")
    parser.add_argument("--json", type=pathlib.Path, metavar="DIR",
                        default=ROOT / "build/bench",
                        help="where every run is kept (build/bench)")
    parser.add_argument("--build", type=pathlib.Path, metavar="DIR",
                        default=ROOT / "build/release")
    parser.add_argument("--report", action="store_true",
                        help="then write docs/benchmarks.md and its plots")
    parser.add_argument("--from", type=pathlib.Path, metavar="DIR",
                        dest="saved", help="report runs kept there; run none")
    parser.add_argument("--docs", type=pathlib.Path, metavar="DIR",
                        default=ROOT / "docs", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.rounds < 1 or options.seconds <= 0:
        parser.error("rounds and seconds have to be more than nothing")
    return options


def main(words=None):
    options = arguments(words)
    known = experiments()
    unknown = [name for name in options.names if name not in known]
    if unknown:
        sys.exit(f"bench: no experiment {unknown[0]}; there are: "
                 + " ".join(known))
    if options.list:
        for name, module in known.items():
            print(f"{name:<12} {module.TITLE}")
        return 0
    ok = True
    if not options.saved:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        ok = run_all({name: known[name] for name in options.names or known},
                     options)
    if options.report or options.saved:
        _report.write(known, options.saved or options.json, options.docs)
    return 0 if ok else 1


def run_all(chosen, options):
    bench = Bench(options.build)
    try:
        bench.program("echo_server")
    except Missing as error:
        sys.exit(f"bench: {error}: build the release preset first")
    print(f"server on core {bench.here}, load on core {bench.there}, "
          f"{options.rounds} rounds of {options.seconds:g} s; runs in "
          f"{options.json}")
    if bench.here == bench.there:
        print("one core only: the load steals from the server")
    build_targets(options.build,
                  sorted({target for module in chosen.values()
                          for target in getattr(module, "TARGETS", [])}))
    results = [run_one(*entry, options) for entry in chosen.items()]
    print("\nratio: the median of the ratios of each round, which the bound "
          "is for; values: medians")
    return all(results)
