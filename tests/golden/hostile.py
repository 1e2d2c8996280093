#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Input that is made to hurt: weftc answers 0 or 1, in bounded time.

usage: hostile.py WEFTC [SECONDS]

SECONDS is the bound of each run; without it 10, since builds with sanitizers
and busy machines are slow. A release build keeps to 1, and 2 for `many`.
"""
import pathlib
import random
import subprocess
import sys
import tempfile
import time


def structs(n):
    return "".join(
        f"/** Doc of {i}. */\nstruct S{i} {{\n  1: required string name\n"
        f"  2: optional i32 age = {i % 100}\n  3: list<S{i * 7 % n}> next\n"
        f"  4: map<string, i64> kv\n  5: optional S{(i + 1) % n} other\n"
        f"  6: S{max(i - 1, 0)} prev\n}}\n" for i in range(n))


def deep(n, left, middle, right):
    return left * n + middle + right * n


CASES = {  # name: (exit code, text)
    "many": (0, structs(10000)),
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
    "large": (1, b" " * (17 << 20)),
    "self": (1, 'include "self.thrift"\n'),
    **{f"chain{i}": (1, f'include "chain{i + 1}.thrift"\n')
       for i in range(1, 70)},
    "chain0": (1, 'include "chain1.thrift"\n'),
}


def run(weftc, name, folder):
    path = folder / f"{name}.thrift"
    begin = time.monotonic()
    done = subprocess.run(
        [weftc, "-nowarn", "-o", folder, path], capture_output=True)
    return done.returncode, time.monotonic() - begin, len(done.stderr)


def main():
    weftc = str(pathlib.Path(sys.argv[1]).resolve())
    bound = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, (_, text) in CASES.items():
            data = text if isinstance(text, bytes) else text.encode()
            (folder / f"{name}.thrift").write_bytes(data)
        for name, (expected, _) in CASES.items():
            if name.startswith("chain") and name != "chain0":
                continue  # files that chain0 includes
            code, seconds, size = run(weftc, name, folder)
            limit = 2 * bound if name == "many" else bound
            good = code == expected and seconds < limit and size < 200000
            failed += not good
            print(f"{'ok' if good else 'FAILED'} {name}: exit {code}, "
                  f"{seconds:.2f} s, {size} bytes of reports")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
