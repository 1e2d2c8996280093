#!/usr/bin/env python3
"""Old and new programs (row 79 of docs/threats.md): run.py [--write] WEFTC WEFT
SERVE

verdicts.txt has a section for each folder beside it. Each folder has an
old.thrift and a new.thrift:

    == field_typed
    breaks wire B101                 what `weftc --breaking` says; or: nothing
      old>new echo {"n":1} => 1      an old client calls a new server
    ! new>old echo {"n":1} => error 5: a required field is missing
    + new>old more {"n":1} => error 5: the method is unknown

The result of a call is JSON, or `throws` and the JSON of an exception, or the
exit code of the tool and its message. It is the same in each dialect, unless
the mark is J.

A call marked ! must end in another way than when client and server both have
the caller's IDL. There are such calls if and only if the verdict is that the
wire breaks. A call marked + uses something new that the old side does not have
to understand: it must fail, too, but does not count as a break. A call marked J
succeeds, but its result differs in JSON. All other calls succeed. --write
prints the sections with the new results.
"""
import pathlib
import re
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DIALECTS = "framed-binary", "framed-compact", "framed-json"
SIDES = "old", "new"
CALL = re.compile(r"([ !+J]) (old|new)>(old|new) (\w+) (\{.*\}) => (.*)")


def read_sections(path):
    """Returns a list of [comment, name, verdict, [call]]; a call has the groups
    of CALL."""
    sections, comment = [], []
    for line in path.read_text().splitlines():
        call = CALL.fullmatch(line)
        if line.startswith("== "):
            sections.append([comment, line[3:], "", []])
            comment = []
        elif line.startswith("breaks "):
            sections[-1][2] = line
        elif call:
            sections[-1][3].append(call.groups())
        elif not line or line.startswith("#"):
            comment.append(line)
        else:
            sys.exit(f"{path}: what is `{line}`?")
    return sections


def judge(weftc, folder):
    done = subprocess.run([weftc, "--breaking", "old.thrift", "new.thrift"],
                          cwd=folder, capture_output=True, text=True,
                          timeout=300)
    found = sorted(set(re.findall(r"breaks the (\w+): .* \[(B\d+)\]$",
                                  done.stderr, re.M)))
    if done.returncode != (2 if found else 0):
        return f"exit code {done.returncode}: {done.stderr}"
    return "breaks " + (" ".join(sum(found, ())) or "nothing")


class Server:
    def __init__(self, program, file):
        self.process = subprocess.Popen([program, file], text=True,
                                        stdout=subprocess.PIPE)
        port = self.process.stdout.readline().strip()
        self.address = f"127.0.0.1:{port}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def ask(weft, address, file, method, args, dialect, timeout_ms):
    name = f"Pair.{method}"
    done = subprocess.run([weft, "call", address, "-", "--idl", file,
                           "--dialect", dialect, "--timeout-ms", timeout_ms],
                          capture_output=True, input=f"{name} {args}\n",
                          text=True, timeout=300)
    if done.returncode == 0:
        return done.stdout.strip()
    if done.returncode == 1:
        return "throws " + done.stdout.strip()
    said = done.stderr.partition("\n")[0]
    for start in ("weft: error: ", f"{name}: ", f"{address}: "):
        said = said.removeprefix(start)
    return f"error {done.returncode}: {said}"


class Pair:
    def __init__(self, programs, name):
        self.weftc, self.weft, serve = programs
        self.folder = HERE / name
        self.files = {side: self.folder / f"{side}.thrift" for side in SIDES}
        self.servers = {side: Server(serve, self.files[side])
                        for side in SIDES}

    def ask(self, client, server, method, args, expected=""):
        """Returns the answer in the first dialect, and then the different
        answers of other dialects."""
        timeout_ms = "500" if expected.startswith("error 4:") else "20000"
        answers = [ask(self.weft, self.servers[server].address,
                       self.files[client], method, args, dialect, timeout_ms)
                   for dialect in DIALECTS]
        return answers[0] + "".join(
            f"; {dialect}: {answer}"
            for dialect, answer in zip(DIALECTS, answers)
            if answer != answers[0])

    def stop(self):
        ends = [server.stop() for server in self.servers.values()]
        return [] if ends == [0, 0] else [f"the servers ended with {ends}"]


def check_agreement(pair, verdict, calls, answers):
    """Does each answer agree with the mark of its call, and do the marks agree
    with the verdict?"""
    wrong = []
    for (mark, client, server, method, args, _), got in zip(calls, answers):
        failed = got.startswith("error ")
        if mark in "!+":
            failed = got != pair.ask(client, client, method, args)
        if failed != (mark in "!+") or ("; framed" in got) != (mark == "J"):
            wrong.append(f"{client}>{server} {method} {args} is marked "
                         f"`{mark}`, and gives {got}")
    marks = {call[0] for call in calls}
    if ("!" in marks) != (" wire " in verdict):
        wrong.append("the judge and the wire do not agree")
    both = {call[1:3] for call in calls}
    if not {("old", "new"), ("new", "old")} <= both:
        wrong.append("calls in one direction only")
    return wrong


def check(programs, section, write):
    comment, name, expected, calls = section
    pair = Pair(programs, name)
    try:
        verdict = judge(pair.weftc, pair.folder)
        answers = [pair.ask(*call[1:]) for call in calls]
        wrong = check_agreement(pair, verdict, calls, answers)
    finally:
        ended = pair.stop()
    if write:
        print("\n".join([*comment, f"== {name}", verdict]))
    elif verdict != expected:
        wrong.append(f"{verdict}, not {expected}")
    for (mark, client, server, method, args, result), got in zip(calls,
                                                                 answers):
        line = f"{mark} {client}>{server} {method} {args} => "
        if write:
            print(line + got)
        elif got != result:
            wrong.append(f"{line}{got}, not {result}")
    return wrong + ended


def main():
    write = sys.argv[1] == "--write"
    programs = [pathlib.Path(program).resolve()
                for program in sys.argv[1 + write:4 + write]]
    sections = read_sections(HERE / "verdicts.txt")
    folders = sorted(path.parent.name for path in HERE.glob("*/old.thrift"))
    wrong = []
    if folders != sorted(section[1] for section in sections):
        wrong.append("verdicts.txt and the folders differ")
    for section in sections:
        wrong += [f"{section[1]}: {what}"
                  for what in check(programs, section, write)]
    for what in wrong:
        print(what, file=sys.stderr)
    return len(wrong) > 0


sys.exit(main())
