"""How long the library takes to build."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from ._harness import Failed
from ._rows import Row, median

ORDER = 90
TITLE = "Building the library"
WHAT = """The release preset's library is built from nothing on one core,
without a compiler cache, once in each round."""

BOUND_S = 30
ROOT = pathlib.Path(__file__).resolve().parents[2]


def tool(*command):
    environment = {name: value for name, value in os.environ.items()
                   if not name.endswith("_COMPILER_LAUNCHER")}
    run = subprocess.run([*map(str, command)], text=True, env=environment,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode:
        raise Failed(run.stdout[-2000:])


def build_once():
    folder = pathlib.Path(tempfile.mkdtemp())
    try:
        tool("cmake", "--preset", "release", "-S", ROOT, "-B", folder,
             "-DWEFT_TESTS=OFF")
        began = time.monotonic()
        tool("cmake", "--build", folder, "--target", "weft", "--parallel", 1)
        return time.monotonic() - began
    finally:
        shutil.rmtree(folder)


def run(bench):
    return [build_once() for _round in range(bench.rounds)]


def rows(seconds):
    return [Row("libweft.a, one core", median(seconds), "s", BOUND_S)]
