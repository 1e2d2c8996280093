#!/usr/bin/env python3
"""The tool against a server: run.py [--write] WEFT SERVE [CASES]

cases.txt is a list of commands with what they must print:

    $ weft call ADDRESS Trial.add '{"a":1,"b":2}' --idl IDL
    | 3                  a line of standard output
    ! weft: error: ...   a line of standard error
    = 0                  the exit code

A command that begins with "~" instead of "$" is run again if it prints something
else, up to TRIES times, because a stall of the machine changes what it prints.

ADDRESS is the server, TOLD a server that also sends its IDL, NOBODY an address
on which no program listens, and SILENT one where no program answers. Commands run in this folder. --write prints the
cases with the new output.
"""
import difflib
import os
import pathlib
import signal
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TRIES = 30


class Server:
    def __init__(self, program, *files):
        self.process = subprocess.Popen([program, *files], text=True,
                                        stdout=subprocess.PIPE)
        self.address = "127.0.0.1:" + self.process.stdout.readline().strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def closed_address():
    """An address that refuses connections: a socket is bound to it, so that no
    other program gets the port, but it does not listen."""
    nobody = socket.socket()
    nobody.bind(("127.0.0.1", 0))
    return nobody, "127.0.0.1:%d" % nobody.getsockname()[1]


def silent_address():
    """An address that accepts connections, and then says nothing."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)
    return silent, "127.0.0.1:%d" % silent.getsockname()[1]


def read_cases(path):
    """Returns a list of [comment lines, mark, command, expected lines]."""
    cases, comment = [], []
    for line in path.read_text().splitlines():
        if line[:2] in ("$ ", "~ "):
            cases.append([comment, line[0], line[2:], []])
            comment = []
        elif line[:2] in ("| ", "! ", "= ") or line in ("|", "!"):
            cases[-1][3].append(line)
        else:
            comment.append(line)
    return cases


def run(command, words, weft):
    env = dict(os.environ, PATH=f"{pathlib.Path(weft).parent}:/usr/bin:/bin")
    for word, value in words.items():
        command = command.replace(word, value)
    done = subprocess.run(["bash", "-c", command], env=env, cwd=HERE,
                          capture_output=True, timeout=300)
    lines = [f"{mark} {line}".rstrip() if not line else f"{mark} {line}"
             for mark, text in (("|", done.stdout), ("!", done.stderr))
             for line in text.decode(errors="replace").split("\n")[:-1]]
    text = "\n".join([*lines, f"= {done.returncode}"])
    for word, value in words.items():
        text = text.replace(value, word)
    return text.splitlines()


def main():
    write = sys.argv[1] == "--write"
    weft, serve = sys.argv[1 + write:3 + write]
    path = HERE / "cases.txt"
    files = [str(HERE / name) for name in
             ("idl/shop.thrift", "idl/common/base.thrift",
              "../service/trial.thrift")]
    plain, told = Server(serve), Server(serve, *files)
    nobody, nowhere = closed_address()
    silent, still = silent_address()
    words = {
        "ADDRESS": plain.address,
        "TOLD": told.address,
        "NOBODY": nowhere,
        "SILENT": still,
    }
    bad = 0
    for comment, mark, command, expected in read_cases(path):
        for _ in range(TRIES if mark == "~" else 1):
            got = run(command, words, weft)
            if got == expected:
                break
        if write:
            print("\n".join([*comment, f"{mark} {command}", *got]))
        elif got != expected:
            bad += 1
            print(mark, command)
            print("\n".join(difflib.unified_diff(expected, got, "expected",
                                                 "got", lineterm="")))
    nobody.close()
    silent.close()
    ends = plain.stop(), told.stop()
    if ends != (0, 0):
        print("the servers ended with", ends)
    return bad > 0 or ends != (0, 0)


sys.exit(main())
