#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden tests of weftc: the C that it makes from IDL, and its diagnostics.

usage: run.py WEFTC [--update] [--only TEXT] [--compile INCLUDE CC [CXX]]

Each *.txt has many small cases:

  == what the case shows
  $ weftc [options] a.thrift        as it is run; default: weftc a.thrift
  -- a.thrift                       an input file (a.thrift escaped: \\x00 ...;
                                    a.thrift open: no line feed at its end)
  -- exit 1                         what weftc says on stderr
  -- out                            what it prints on stdout
  -- a.h has                        lines that a.h has in this order

c/*.thrift are whole files; beside each are the .h and .c that weftc makes. The
first line has the options: // $ weftc --plain-handlers
trees/* are IDLs of many files, which are generated in one run, and compiled one
by one and together. --update writes what weftc prints now; read the difference
before you commit it. --compile also compiles the generated code, with warnings
as errors.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
TREES = {"acme": "both.thrift", "cadence": "frontend.thrift",
         "doris": "Internal.thrift", "kitex": "order/order.thrift"}


class Case:
    def __init__(self, name):
        self.name = name
        self.command = ["a.thrift"]
        self.parts = []  # [heading, text]


def parse(path):
    cases = []
    preamble = []
    for line in path.read_text().splitlines(keepends=True):
        if line.startswith("== "):
            cases.append(Case(line[3:].strip()))
        elif not cases:
            preamble.append(line)
        elif line.startswith("$ weftc "):
            cases[-1].command = line.split()[2:]
        elif line.startswith("-- "):
            cases[-1].parts.append([line[3:].strip(), ""])
        elif cases[-1].parts:
            cases[-1].parts[-1][1] += line
    return "".join(preamble), cases


def write(path, preamble, cases):
    out = [preamble]
    for case in cases:
        out.append(f"== {case.name}\n")
        if case.command != ["a.thrift"]:
            out.append(f"$ weftc {' '.join(case.command)}\n")
        for heading, text in case.parts:
            out.append(f"-- {heading}\n{text}")
        if not out[-1].endswith("\n\n"):
            out.append("\n")
    path.write_text("".join(out).rstrip("\n") + "\n")


def prepare(case, folder):
    for heading, text in case.parts:
        name, _, how = heading.partition(" ")
        if heading.startswith("exit ") or heading == "out" or how == "has":
            continue
        data = text.rstrip("\n").encode() + (b"" if how == "open" else b"\n")
        if how == "escaped":
            data = data.decode("latin-1").encode("latin-1")
            data = data.decode("unicode_escape").encode("latin-1")
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def run(weftc, arguments, folder):
    done = subprocess.run([weftc, *arguments], cwd=folder, text=True,
                          errors="replace", capture_output=True, timeout=300)
    return done.returncode, done.stderr, done.stdout


def missing_line(wanted, path):
    """Returns the first wanted line that the file does not have after the line
    before."""
    if not path.exists():
        return f"{path.name}: no such file"
    lines = iter(path.read_text().splitlines())
    for line in wanted.splitlines():
        words = line.split()
        if words and not any(words == other.split() for other in lines):
            return f"{path.name} lacks: {line.strip()}"
    return None


def compile_all(folder, compilers):
    """Returns the messages of the compilers about all generated files, or an
    empty list.

    compilers: a folder of headers, a C compiler, and perhaps a C++ compiler."""
    flags = ["-Werror", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic",
             "-Wcast-qual", "-Wmissing-braces", "-Wundef", "-fsyntax-only"]
    strict = ["-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes",
              "-Wwrite-strings"]
    jobs = [[f, "-std=c11", *strict, "-xc"] for f in folder.rglob("*.c")]
    if len(compilers) > 2:
        jobs += [["/dev/null", "-std=c++17", "-xc++", "-include", f]
                 for f in folder.rglob("*.h") if f.is_file()]
    problems = []
    for file, standard, *more in jobs:
        done = subprocess.run(
            [compilers[2 if "++" in standard else 1], standard, *flags,
             "-I", compilers[0], "-I", folder, *more, file], text=True,
            errors="replace", capture_output=True)
        if done.returncode:
            problems.append(done.stderr)
    return problems


def compile_again(weftc, command, cwd, folder, compilers):
    """As compile_all, but services also have plain handlers, and so more
    names."""
    if not any("_service_desc" in f.read_text(errors="replace")
               for f in folder.rglob("*.c")):
        return []
    code, text, _ = run(weftc, ["--plain-handlers", *command], cwd)
    return [text] if code else compile_all(folder, compilers)


def check_out(case, out, update):
    parts = [part for part in case.parts if part[0] == "out"]
    if update and out and not parts:
        parts = [["out", ""]]
        case.parts.append(parts[0])
    if not parts:
        return [f"on stdout:\n{out}"] if out else []
    if update:
        parts[0][1] = out + "\n"
    if parts[0][1].rstrip("\n") != out.rstrip("\n"):
        return [f"expected on stdout:\n{parts[0][1]}got:\n{out}"]
    return []


def check_case(weftc, case, update, compilers):
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prepare(case, folder)
        code, text, out = run(weftc, case.command, folder)
        expected = [p for p in case.parts if p[0].startswith("exit ")]
        if not expected:
            expected = [["exit 0", ""]]
            if update or code or text:
                case.parts.append(expected[0])
        part = expected[0]
        if update:
            part[0], part[1] = f"exit {code}", text + "\n"
        if part[0] != f"exit {code}" or part[1].rstrip("\n") != text.rstrip(
                "\n"):
            problems.append(f"expected {part[0]}:\n{part[1]}"
                            f"got exit {code}:\n{text}")
        problems += check_out(case, out, update)
        for heading, wanted in case.parts:
            if heading.endswith(" has"):
                problem = missing_line(wanted, folder / heading[:-4])
                if problem:
                    problems.append(problem)
        given = {heading for heading, _ in case.parts}
        if code and any(f.name not in given for f in folder.glob("*.[ch]")):
            problems.append("files were generated in spite of errors")
        whole = "-r" in case.command or not any(
            text.startswith("include") for _, text in case.parts)
        if compilers and whole:
            problems += compile_all(folder, compilers)
            problems += compile_again(weftc, case.command, folder, folder,
                                      compilers)
    return problems


def options_of(path):
    first = path.read_text().splitlines()[0]
    return first.split()[3:] if first.startswith("// $ weftc ") else []


def check_file(weftc, path, update, compilers):
    problems = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        command = [*options_of(path), "-o", name, path.name]
        code, text, out = run(weftc, command, path.parent)
        if code or text or out:
            problems.append(text + out)
        for suffix in ("h", "c"):
            golden = path.with_suffix(f".{suffix}")
            made = folder / golden.name
            if update and made.exists():
                golden.write_text(made.read_text())
            elif not made.exists() or not golden.exists() or (
                    made.read_text() != golden.read_text()):
                done = subprocess.run(["diff", "-u", golden, made], text=True,
                                      capture_output=True)
                problems.append(done.stdout or done.stderr)
        if compilers:
            problems += compile_all(folder, compilers)
            problems += compile_again(weftc, command, path.parent, folder,
                                      compilers)
    return problems


def run_compiler(arguments):
    done = subprocess.run(arguments, text=True, errors="replace",
                          capture_output=True)
    return [done.stderr] if done.returncode else []


def compile_together(folder, compilers):
    """Compile all headers in one file, in both orders, and link all sources
    into one program. This finds names that are defined twice."""
    headers = sorted(folder.rglob("*.h"))
    paths = ["-I", compilers[0], "-I", folder]
    problems = []
    for order in headers, headers[::-1]:
        included = [part for h in order for part in ("-include", h)]
        for compiler, *how in ([compilers[1], "-std=c11", "-xc"],
                               [compilers[2], "-std=c++17", "-xc++"]):
            problems += run_compiler(
                [compiler, *how, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                 "-fsyntax-only", *paths, *included, "/dev/null"])
    objects = []
    for number, source in enumerate(sorted(folder.rglob("*.c"))):
        objects.append(folder / f"{number}.o")
        problems += run_compiler([compilers[1], "-std=c11", "-c", *paths,
                                  "-o", objects[-1], source])
    if not problems:
        problems += run_compiler([compilers[1], "-nostdlib", "-r", *objects,
                                  "-o", folder / "all.o"])
    return problems


def check_tree(weftc, path, root, compilers):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        code, text, out = run(weftc, ["-nowarn", "-r", "-o", name, root], path)
        problems = [text + out] if code or text or out else []
        made = len(list(folder.rglob("*.h")))
        wanted = len(list(path.rglob("*.thrift")))
        if made != wanted:
            problems.append(f"{made} headers of {wanted} files")
        if compilers and not problems:
            problems += compile_all(folder, compilers)
            problems += compile_together(folder, compilers)
    return problems


def report(name, problems):
    for problem in problems:
        print(f"FAILED {name}\n{problem}")
    return bool(problems)


def main():
    arguments = sys.argv[1:]
    update = "--update" in arguments
    only = ""
    if "--only" in arguments:
        only = arguments[arguments.index("--only") + 1]
    compilers = []
    if "--compile" in arguments:
        compilers = arguments[arguments.index("--compile") + 1:]
    weftc = os.path.abspath(arguments[0])
    n = failed = 0
    for path in sorted(here.glob("*.txt")):
        preamble, cases = parse(path)
        for case in cases:
            if only in case.name:
                n += 1
                failed += report(f"{path.name}: {case.name}",
                                 check_case(weftc, case, update, compilers))
        if update:
            write(path, preamble, cases)
    for path in sorted((here / "c").glob("*.thrift")):
        if only in path.name:
            n += 1
            failed += report(path.name,
                             check_file(weftc, path, update, compilers))
    for name, root in TREES.items():
        if only in name:
            n += 1
            failed += report(name, check_tree(weftc, here / "trees" / name,
                                              root, compilers))
    print(f"{n} cases, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
