#!/usr/bin/env python3
"""Run weft against Apache Thrift's libraries and print a table.

run.py --weft-server PROGRAM --weft-client PROGRAM
       [--python PYTHON --gen-py DIR] [--cpp PROGRAM] [--thrift PROGRAM]
       [--write FILE] [ROW...]

A row is PEER-ROLE-FRAMING as in python-client-framed, where the role is that
of the peer; without rows all are run for the peers that are given. A server
gets a free port and says which; the client checks every reply and says how
many. Ends with 1 if anything went wrong, 77 if a row's peer is not given.
"""
import argparse
import itertools
import os
import pathlib
import platform
import re
import select
import subprocess
import sys
import tempfile
import time

START_S = 30
CALL_S = 90
STOP_S = 20
PAGE = """\
# What weft was tested against

weft and the libraries below called each other over TCP. Each row is one
server, started for it, and one client, which checked every reply; a check is a
reply that was exactly what it had to be. The weft server finds out by itself
whether its peer frames.

{table}

Versions: {versions}.

The service is `tests/interop/everything.thrift`: every type but `uuid`, which
Thrift 0.17 does not have; containers in containers; unions, defaults, optional
and required fields; the ends of all integers, NaN, infinities and -0; strings
and binary of 1 MB; two declared exceptions and an undeclared one; oneway calls;
methods, arguments and fields that the other side does not know; a service that
extends another; many connections, and many fibers on one connection.

`make test` runs all this. This page is written by

    cmake --preset gcc && cmake --build --preset gcc
    cmake --build --preset gcc --target interop_table
"""


class Failed(Exception):
    pass


def read_line(process, seconds):
    """The first line of a process, or "" if none comes in time."""
    until = time.monotonic() + seconds
    data = b""
    while not data.endswith(b"\n"):
        left = until - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            break
        byte = os.read(process.stdout.fileno(), 1)
        if not byte:
            break
        data += byte
    return data.decode()


class Server:
    """A server process; its port is known inside of the with statement."""

    def __init__(self, command, exits_well):
        self.command, self.exits_well = command, exits_well

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.errors)
        found = re.fullmatch(r"port (\d+)\n", read_line(self.process, START_S))
        if not found:
            self.process.kill()
            raise Failed(f"no port from {self.command}\n{self.end()}")
        return f"127.0.0.1:{found[1]}"

    def end(self):
        """Wait for the end and give what was said on standard error."""
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def __exit__(self, kind, error, trace):
        died = self.process.poll()
        self.process.terminate()
        said = self.end()
        self.errors.close()
        code = self.process.returncode
        if died is not None or (self.exits_well and code != 0):
            raise Failed(f"{error or ''}\nserver ended with {code}\n{said}")
        if kind is Failed:
            raise Failed(f"{error}\nthe server said:\n{said}") from None


def call(command):
    """Run a client and give its number of checks."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=CALL_S)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"client: no end in {CALL_S} s\n{late.stderr}") from None
    found = re.fullmatch(r"checks (\d+)\n", done.stdout)
    if done.returncode != 0 or not found:
        raise Failed(f"client ended with {done.returncode}\n{done.stdout}"
                     f"{done.stderr}")
    return int(found[1])


class Matrix:
    def __init__(self, args):
        self.args = args
        self.peers = {}
        if args.python:
            script = pathlib.Path(__file__).with_name("py_peer.py")
            self.peers["python"] = [args.python, "-B", script, args.gen_py]
        if args.cpp:
            self.peers["cpp"] = [args.cpp]

    def rows(self):
        return ["-".join(row) for row in itertools.product(
            self.peers, ("client", "server"), ("framed", "unframed"))]

    def variants(self, peer):
        """Ways in which a peer speaks: their names and arguments."""
        if peer == "python":
            return {"python": ["--protocol", "strict"],
                    "python, accelerated": ["--protocol", "accelerated"]}
        return {peer: []}

    def run(self, row):
        """Run a row; yields (client, server, framing, checks)."""
        peer, role, framing = row.split("-")
        for name, more in self.variants(peer).items():
            program = self.peers[peer]
            if role == "client":
                with Server([self.args.weft_server], True) as address:
                    checks = call([*program, "call", f"--{framing}", address,
                                   *more])
                yield name, "weft", framing, checks
            else:
                command = [*program, "serve", f"--{framing}", *more]
                with Server(command, False) as address:
                    checks = call([self.args.weft_client, f"--{framing}",
                                   address])
                yield "weft", name, framing, checks

    def versions(self):
        commands = [[*program, "--version"] for program in self.peers.values()]
        if self.args.thrift:
            commands.append([self.args.thrift, "--version"])
        found = [subprocess.run(command, capture_output=True, text=True,
                                check=True).stdout.strip()
                 for command in commands]
        if self.args.thrift:
            found[-1] = found[-1].replace("Thrift version", "thrift-compiler")
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
        return [*found, f"{system}, {platform.machine()}"]


def table(lines):
    head = [("client", "server", "framing", "result"), ("---",) * 4]
    body = [(*line[:3], f"{line[3]} checks" if line[3] else "FAILED")
            for line in lines]
    rows = [head[0], *body]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join("| " + " | ".join(
        cell.ljust(width) for cell, width in zip(row, widths)) + " |"
        for row in [*head, *body])


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("--weft-server", "--weft-client"):
        parser.add_argument(name, required=True)
    for name in ("--python", "--gen-py", "--cpp", "--thrift", "--write"):
        parser.add_argument(name)
    parser.add_argument("rows", nargs="*")
    return parser.parse_args()


def main():
    args = parse()
    matrix = Matrix(args)
    if not set(args.rows) <= set(matrix.rows()):
        print("skipped: a peer is not given for", *args.rows)
        sys.exit(77)
    lines, failed = [], False
    for row in args.rows or matrix.rows():
        try:
            lines.extend(matrix.run(row))
        except Failed as error:
            peer, role, framing = row.split("-")
            pair = (peer, "weft") if role == "client" else ("weft", peer)
            lines.append((*pair, framing, 0))
            print(f"{row}: {error}", file=sys.stderr)
            failed = True
    print(table(lines))
    if failed:
        sys.exit(1)
    if args.write:
        page = PAGE.format(table=table(lines),
                           versions="; ".join(matrix.versions()))
        pathlib.Path(args.write).write_text(page)


main()
