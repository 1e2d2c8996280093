#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that weftc --fmt changes neither the tree nor the comments, and that a
second run changes nothing.

usage: fmt.py WEFTC

The inputs are all IDL files of the repository, and all golden cases. Some are
also tried on one line, with a line feed for each blank, and with a comment of
each kind at each blank.
"""
import difflib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import run as golden

here = pathlib.Path(__file__).parent
root = here.parents[1]


def weft(weftc, folder, *arguments):
    return subprocess.run([weftc, *arguments], cwd=folder, text=True,
                          errors="surrogateescape", capture_output=True,
                          timeout=300)


def tree(weftc, folder, name):
    """Returns the tree without the positions in the file, or None if the file
    has errors."""
    done = weft(weftc, folder, "--json", "-nowarn", "--allow-neg-keys", name)
    if done.returncode:
        return None

    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items()
                    if k not in ("at", "written")}
        return [strip(v) for v in value] if isinstance(value, list) else value

    return strip(json.loads(done.stdout))


STRING = r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\''
COMMENT = r"/\*.*?\*/|//[^\n]*|#[^\n]*"
PART = re.compile(f"({STRING}|{COMMENT})", re.S)


def comments(text):
    """Returns each comment, without its blanks."""
    return ["".join(part.split()) for part in PART.split(text)
            if part[:1] == "#" or part[:2] in ("//", "/*")]


def change_blanks(text, to):
    """Returns the text with other white space, except in strings and
    comments."""
    parts = PART.split(text)
    for i in range(0, len(parts), 2):
        begin = parts[i - 1] if i else ""
        if begin[:1] == "#" or begin[:2] == "//":  # ends at a line feed
            parts[i] = "\n" + re.sub(r"\s+", to, parts[i][1:])
        else:
            parts[i] = re.sub(r"\s+", to, parts[i])
    return "".join(parts)


def check(weftc, folder, name, text, before):
    """Format a text under the name of the file, in the folder of its includes.
    Returns what is wrong.

    before: the tree of the text, or None."""
    path = folder / name
    path.write_text(text, errors="surrogateescape")
    first = weft(weftc, folder, "--fmt", name)
    if first.returncode:
        return [] if before is None else [f"refused: {first.stderr}"]
    problems = []
    path.write_text(first.stdout, errors="surrogateescape")
    if before is not None and tree(weftc, folder, name) != before:
        problems.append(f"another tree:\n{first.stdout}")
    again = weft(weftc, folder, "--fmt", name).stdout
    if again != first.stdout:
        problems.append("not done after one time:\n" + "\n".join(
            difflib.unified_diff(first.stdout.split("\n"), again.split("\n"),
                                 lineterm="")))
    if comments(text) != comments(first.stdout):
        problems.append(f"other comments:\n{first.stdout}")
    if re.search(r"[ \t]$", first.stdout, re.M):
        problems.append(f"blanks at the end of a line:\n{first.stdout}")
    return problems


# Each one ends with a blank, because a keyword that is used as a name must not
# begin a line.
BLANKS = (" ", "\n ", " /* c */ ", " // c\n ", "\n\n/* c\n  d */\n\n ")


def check_all(weftc, folder, name, blanks):
    path = folder / name
    text = path.read_text(errors="surrogateescape")
    before = tree(weftc, folder, name)
    problems = []
    for changed in (text, *(change_blanks(text, blank) for blank in blanks)):
        problems += check(weftc, folder, name, changed, before)
    path.write_text(text, errors="surrogateescape")
    return problems


def main():
    weftc = str(pathlib.Path(sys.argv[1]).resolve())
    n = failed = 0
    for path in sorted(here.glob("*.txt")):
        blanks = BLANKS if path.stem in ("2_syntax", "fmt", "json") else ()
        for case in golden.parse(path)[1]:
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                golden.prepare(case, folder)
                for file in sorted(filter(pathlib.Path.is_file,
                                          folder.rglob("*.thrift"))):
                    n += 1
                    failed += golden.report(
                        f"{path.name}: {case.name}",
                        check_all(weftc, folder,
                                  str(file.relative_to(folder)), blanks))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in sorted(root.rglob("*.thrift")):
            if "build" not in path.relative_to(root).parts[0]:
                (folder / path.name).write_bytes(path.read_bytes())
        for path in sorted(folder.iterdir()):
            n += 1
            failed += golden.report(path.name,
                                    check_all(weftc, folder, path.name, BLANKS))
    print(f"{n} files, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
