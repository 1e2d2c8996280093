#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the examples of weftc --explain: for each code in diag.def, the wrong
example is reported with this code, and the right one neither with this code nor
with an error.

usage: explain.py WEFTC
"""
import pathlib
import re
import subprocess
import sys
import tempfile

table = pathlib.Path(__file__).parents[2] / "compiler" / "report" / "diag.def"

# These have no example, because an example would have to exceed the limit of
# the code (hostile.py has such inputs), or use up the memory.
TOO_LARGE = {"E007", "E064", "E071", "E077", "E090"}


def run(weftc, arguments, folder=None):
    done = subprocess.run([weftc, *arguments], cwd=folder, text=True,
                          capture_output=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def try_example(weftc, arguments, text):
    """Returns the exit code, and the codes that were reported."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = folder / "a.thrift"
        path.touch()
        for line in text.splitlines(keepends=True):
            if line.startswith("-- "):
                path = folder / line[3:].strip()
                path.parent.mkdir(exist_ok=True)
                path.touch()
            else:
                with path.open("a") as file:
                    file.write(line)
        code, _, report = run(weftc, arguments, folder)
        return code, set(re.findall(r" \[([EWB]\d+)\]$", report, re.M))


def check(weftc, code):
    status, text, _ = run(weftc, ["--explain", code])
    problems = []
    if status or not text.startswith(f"{code}: "):
        return [f"exit {status}: {text}"]
    prose = [line for line in text.splitlines() if line[:4] != "    "]
    if any(len(line) > 80 for line in prose):
        problems.append("a line of more than 80 columns")
    parts = re.match(
        r".*?\n\n.*?\n\nWrong, with weftc ([^\n]*):\n\n(.*)\n\nRight:\n\n(.*)",
        text, re.S)
    if parts is None:
        return problems + ([] if code in TOO_LARGE else ["no example"])
    command, wrong, right = parts.groups()
    wrong, right = (re.sub("^    ", "", t, flags=re.M) for t in (wrong, right))
    status, codes = try_example(weftc, command.split(), wrong)
    fails = {"E": 1, "W": 0, "B": 2}[code[0]]
    if code not in codes or status != fails:
        problems.append(f"wrong example: exit {status}, {sorted(codes)}")
    status, codes = try_example(weftc, command.split(), right)
    if code in codes or status != 0:
        problems.append(f"right example: exit {status}, {sorted(codes)}")
    return problems


def main():
    weftc = str(pathlib.Path(sys.argv[1]).resolve())
    codes = re.findall(r'^WC_DIAG\(\w+, "(\w+)"', table.read_text(), re.M)
    failed = int(len(codes) != len(set(codes)))
    for code in codes:
        for problem in check(weftc, code):
            print(f"FAILED {code}: {problem}")
            failed += 1
    if run(weftc, ["--explain", "E999"])[0] != 2:
        print("FAILED: E999 is explained")
        failed += 1
    print(f"{len(codes)} codes, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
