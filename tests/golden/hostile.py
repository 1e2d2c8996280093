#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile input: weftc exits with 0 or 1, in limited time (row 77 of
docs/threats.md).

usage: hostile.py WEFTC

The inputs `some` and `many` are ordinary. `many` has ten times the structs of
`some`, and may take 3 * 10 times as much processor time. A run on any input may
take as much as TIMES runs on `many`, though each other input needs less than a
third of a run. So the limits suit each machine, with sanitizers or without. Each
input also goes to the other tools (TOOLS).
"""
import pathlib
import random
import resource
import subprocess
import sys
import tempfile


def structs(n):
    return "".join(
        f"/** Doc of {i}. */\nstruct S{i} {{\n  1: required string name\n"
        f"  2: optional i32 age = {i % 100}\n  3: list<S{i * 7 % n}> next\n"
        f"  4: map<string, i64> kv\n  5: optional S{(i + 1) % n} other\n"
        f"  6: S{max(i - 1, 0)} prev\n}}\n" for i in range(n))


def deep(n, left, middle, right):
    return left * n + middle + right * n


TIMES = 4
TRIES = 5

CASES = {  # name: (exit code, text)
    "some": (0, structs(1000)),
    "many": (0, structs(10000)),
    "too_many": (1, "".join(f"struct S{i} {{1:i32 a}}\n"
                            for i in range(300000))),
    "too_many_functions": (1, "service S {" + "".join(
        f"void f{i}(),\n" for i in range(300000)) + "}"),
    "long_line": (1, "struct A { " + " ".join(
        f"{i % 32767 + 1}: i32 f{i}" for i in range(60000)) + " }"),
    "long_word": (1, "x" * 1000000),
    "nested_types": (1, "struct A { 1: " + deep(
        100000, "list<", "i32", ">") + " a }"),
    "nested_values": (1, "const list<i32> A = " + deep(
        100000, "[", "", "]")),
    "nested_maps": (1, "const map<i32, i32> A = " + deep(
        100000, "{1: ", "2", "}")),
    "braces": (1, "{" * 1000000),
    "brackets": (1, "struct A { 1: i32 a " + "(" * 1000000),
    "typedef_cycle": (1, "".join(
        f"typedef T{(i + 1) % 50000} T{i}\n" for i in range(50000))),
    "typedef_chain": (1, "".join(
        f"typedef T{i + 1} T{i}\n" for i in range(50000))),
    "typedef_laughs": (1, "typedef i32 T0\n" + "".join(
        f"typedef map<T{i}, T{i}> T{i + 1}\n" for i in range(60))),
    "const_laughs": (1, "const list<i32> L0 = [1]\n" + "".join(
        f"const {'list<' * (i + 1)}i32{'>' * (i + 1)} L{i} = "
        f"[{', '.join([f'L{i - 1}'] * 8)}]\n" for i in range(1, 40))),
    "const_cycle": (1, "".join(
        f"const i32 C{i} = C{(i + 1) % 20000}\n" for i in range(20000))),
    "struct_cycle": (0, "".join(
        f"struct S{i} {{ 1: S{(i + 1) % 5000} a }}\n" for i in range(5000))),
    "struct_chain": (0, "".join(
        f"struct S{i} {{ 1: S{i + 1} a }}\n"
        for i in range(5000)) + "struct S5000 {}\n"),
    "extends_cycle": (1, "".join(
        f"service S{i} extends S{(i + 1) % 10000} {{}}\n"
        for i in range(10000))),
    "twins": (1, "struct A {}\n" * 100000),
    "unknown_types": (1, "struct A {" + "".join(
        f"{i + 1}: Foo{i} a{i}\n" for i in range(30000)) + "}"),
    "many_fields": (0, "struct A {" + "".join(
        f"{i}: required i32 f{i}\n" for i in range(1, 5000)) + "}"),
    "many_errors": (1, "struct A { 1: \n" * 100000),
    "empty_lines": (1, "\n" * 15000000 + "struct A { x }"),
    "open_comment": (1, "/" + "*" * 1000000),
    "open_string": (1, 'const string A = "' + "a" * 1000000),
    "long_string": (0, 'const string A = "' + "a" * 100000 + '"'),
    "zeros": (1, "struct A {\0\0\0 1: i32 a\0}\n" * 10000),
    "noise": (1, random.Random(1).randbytes(1000000)),
    "large": (1, b" " * ((16 << 20) + 1)),
    "as_large_as_may_be": (0, b" " * (16 << 20)),
    "mark_only": (0, b"\xef\xbb\xbf"),
    "half_mark": (1, b"\xef\xbb"),
    "two_marks": (1, b"\xef\xbb\xbf\xef\xbb\xbfstruct A {}"),
    "utf16": (1, "struct A {}".encode("utf-16")),
    "nested_attrs": (1, "struct A { " + deep(
        100000, "1: i32 a xsd_attrs { ", "", "}") + "}"),
    "nested_keys": (1, "struct A { 1: " + deep(
        50000, "map<", "i32", ", i32>") + " a }"),
    "nested_annotations": (1, "struct A {} " + "(a " * 100000),
    "many_annotations": (0, "struct A {} (" + 'a = "b" ' * 10000 + ")"),
    "many_includes": (0, "".join(
        f'include "x{i}/chain1.thrift"\n' for i in range(10000))),
    "long_comment": (0, "struct A {} // " + "x" * 1000000),
    "long_doc": (0, "/** " + " * x\n" * 100000 + "*/ struct A {}"),
    "long_table": (0, "const list<i32> A = [" + "1234567, " * 100000 + "]"),
    "long_extends": (1, "service S0 {}\n" + "".join(
        f"service S{i + 1} extends S{i} {{}}\n" for i in range(70))),
    "self": (1, 'include "self.thrift"\n'),
    "loop": (1, 'include "loop2.thrift"\n'),
    "loop2": (1, 'include "./loop.thrift"\n'),
    **{f"chain{i}": (1, f'include "chain{i + 1}.thrift"\n')
       for i in range(1, 70)},
    "chain0": (1, 'include "chain1.thrift"\n'),
}


CODES = {  # a text that must be reported: a code, or more
    "large": "is larger than 16777216 bytes [E007]", "too_many": "E077", "too_many_functions": "E077", "nested_types": "E014", "nested_values": "E015",
    "nested_attrs": "E014", "typedef_laughs": "E028", "const_laughs": "E058",
    "chain0": "E071", "self": "E070", "loop": "E070", "extends_cycle": "E064",
    "long_extends": "E064", "open_comment": "E002", "open_string": "E003",
}

TOOLS = {  # other options to run, and the exit codes that each may have
    "--fmt": (0, 1), "--json": (0, 1), "--lint": (0, 1), "--breaking": (0, 1),
}


def run(weftc, name, folder, tool):
    path = folder / f"{name}.thrift"
    paths = [path, path] if tool == "--breaking" else [path]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [weftc, "-nowarn", "-o", folder, *([tool] if tool else []), *paths],
        capture_output=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, (after.ru_utime + after.ru_stime -
                  before.ru_utime - before.ru_stime)


def run_in(weftc, name, folder, tool, limit):
    """As run. A run that takes longer than `limit` is repeated, up to TRIES
    times: other programs on the machine can make one run dearer."""
    for _ in range(TRIES):
        done, seconds = run(weftc, name, folder, tool)
        if seconds < limit:
            break
    return done, seconds


def try_input(weftc, name, folder, limit):
    """Run weftc on one input and print the result. Returns whether it is as
    expected. limit: seconds of processor time for each run."""
    done, seconds = run_in(weftc, name, folder, None, limit)
    good = done.returncode == CASES[name][0] and seconds < limit
    good = good and len(done.stderr) < 200000
    good = good and CODES.get(name, "").encode() in done.stderr
    print(f"{'ok' if good else 'FAILED'} {name}: exit {done.returncode}, "
          f"{seconds:.2f} s, {len(done.stderr)} bytes of reports")
    for tool, codes in TOOLS.items():
        done, seconds = run_in(weftc, name, folder, tool, limit)
        if done.returncode not in codes or seconds >= limit:
            print(f"FAILED {name}: {tool}: exit {done.returncode}, "
                  f"{seconds:.2f} s")
            good = False
    return good


def main():
    weftc = str(pathlib.Path(sys.argv[1]).resolve())
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, (_, text) in CASES.items():
            data = text if isinstance(text, bytes) else text.encode()
            (folder / f"{name}.thrift").write_bytes(data)
        some, many = (min(run(weftc, name, folder, None)[1]
                          for _ in range(TRIES)) for name in ("some", "many"))
        print(f"{some:.2f} s for some, {many:.2f} s for many")
        failed += many > 3 * 10 * some
        for name in CASES:
            if name.startswith("chain") and name != "chain0":
                continue  # chain0 includes these files
            failed += not try_input(weftc, name, folder, TIMES * many)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
