#!/usr/bin/env python3
"""Completion of command lines in a real bash: tab.py WEFT

Each row of TABS has a line, and what it becomes when TAB is pressed at its end.
Where there are several candidates, the output of `weft complete` is compared.
"""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SCRIPT = HERE.parent.parent / "tool" / "completion" / "weft.bash"
CALL = "weft call h:1 --idl idl/shop.thrift "

TABS = [
    ("weft c", "weft call "),
    ("weft e", "weft endpoints "),
    ("weft endpoints h:1 --on", "weft endpoints h:1 --once "),
    ("weft endpoints h:1 --js", "weft endpoints h:1 --json "),
    ("weft call h:1 --id", "weft call h:1 --idl "),
    ("weft list --idl idl/sh", "weft list --idl idl/shop.thrift "),
    ("weft list --dialect ttheader-f", "weft list --dialect ttheader-framed-"),
    ("weft list --dialect=framed-c", "weft list --dialect=framed-compact "),
    ("weft describe --idl idl/shop.thrift Gr",
     "weft describe --idl idl/shop.thrift Grade "),
    (CALL + "Sh", CALL + "Shop."),
    ("weft call h:1 --idl ../service/trial.thrift Ext",
     "weft call h:1 --idl ../service/trial.thrift Extra."),
    (CALL + "Shop.mi", CALL + "Shop.mirror "),
    (CALL + "Shop.mirror ", CALL + "Shop.mirror '{"),
    (CALL + "Shop.mirror '{", CALL + "Shop.mirror '{\"thing\": {"),
    (CALL + "Shop.mirror '{\"thing\": {\"na",
     CALL + "Shop.mirror '{\"thing\": {\"name\": \""),
    (CALL + "Shop.mirror '{\"thing\": {\"name\": \"x\", \"grade\": \"PO",
     CALL + "Shop.mirror '{\"thing\": {\"name\": \"x\", \"grade\": \"POOR\""),
    (CALL + "Shop.mirror '{\"thing\": {\"origin\": {\"bought\": {\"cu",
     CALL + "Shop.mirror '{\"thing\": {\"origin\": {\"bought\": "
            "{\"currency\": \""),
]

CANDIDATES = [
    (CALL, ["Shop.ping ", "Shop.mirror ", "Shop.count ", "Shop.all ",
            "Shop.rest "]),
    ("weft call h:1 --idl ../service/trial.thrift ", ["Trial.", "Heir.", "Extra."]),
    ("weft call h:1 --idl ../service/trial.thrift Trial.no",
     ["Trial.nothing ", "Trial.note "]),
    (CALL + "Shop.count '{", ['{"from": ', '{"by": ']),
    (CALL + "Shop.count '{\"from\": 1, ", ['{"from": 1, "by": ']),
    (CALL + "Shop.mirror '{\"thing\": {\"prices\": {\"a\": {",
     ['{"thing": {"prices": {"a": {"cents": ',
      '{"thing": {"prices": {"a": {"currency": "']),
    (CALL + "Shop.mirror '{\"thing\": {\"coins\": [{\"cents\": 1}, ",
     ['{"thing": {"coins": [{"cents": 1}, {']),
    (CALL + "Shop.mirror '{\"thing\": {\"sold\": ",
     ['{"thing": {"sold": true', '{"thing": {"sold": false']),
    (CALL + "Shop.mirror '{\"thing\": {\"name\": \"a \\\" {", []),
    (CALL + "Shop.mirror '{\"thing\": {]]]]", []),
    (CALL + "Shop.mirror '{}' ", []),
    ("weft call h:1 --idl nowhere.thrift Sh", []),
    ("weft call h:1 Sh", []),
    ("weft list --idl ", [":files"]),
    ("weft describe --idl idl/common/base.thrift ", ["Money ", "Base"]),
    ("weft describe --idl idl/common/base.thrift Base.", ["Base.ping "]),
]


class Bash:
    """An interactive bash on a terminal of its own."""

    def __init__(self, weft):
        path = f"{pathlib.Path(weft).parent}:/usr/bin:/bin"
        env = {"PATH": path, "TERM": "dumb", "HOME": "/", "INPUTRC": "/dev/null",
               "PS1": "> "}
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(HERE)
            os.execve(shutil.which("bash"), ["bash", "--norc", "--noprofile",
                                             "-i"], env)
        self.pid = pid
        self.send("stty cols 500; bind 'set bell-style none'; "
                  f"bind 'set enable-bracketed-paste off'; . '{SCRIPT}'\r")
        self.send("echo rea''dy\r")
        self.read_to("ready")

    def send(self, text):
        os.write(self.fd, text.encode())

    def read_to(self, mark):
        got = b""
        while mark.encode() not in got:
            if not select.select([self.fd], [], [], 30)[0]:
                raise TimeoutError(f"bash does not print {mark}: {got}")
            got += os.read(self.fd, 65536)
        return got.decode()

    def tab(self, line):
        """Press TAB after the line, and then the key that prints the current
        line."""
        self.send(line + "\t\x18p")
        text = self.read_to(">>>")
        self.send("\x05\x15")
        start = text.rindex("<<<") + 3
        return text[start:text.index(">>>", start)]

    def close(self):
        os.close(self.fd)  # the terminal hangs up
        os.waitpid(self.pid, 0)


def main():
    weft = sys.argv[1]
    bad = 0
    for line, expected in CANDIDATES:
        done = subprocess.run([weft, "complete", line], cwd=HERE,
                              capture_output=True, text=True, timeout=150)
        got = done.stdout.splitlines()
        if got != expected or done.stderr:
            bad += 1
            print(f"{line}\n  expected {expected}\n  got      {got}")
    bash = Bash(weft)
    bash.send("show() { printf '<<''<%s>>''>' \"$READLINE_LINE\"; }; "
              "bind -x '\"\\C-xp\": show'; echo bou''nd\r")
    bash.read_to("bound")
    for line, expected in TABS:
        got = bash.tab(line)
        if got != expected:
            bad += 1
            print(f"{line}<TAB>\n  expected {expected}\n  got      {got}")
    bash.close()
    return bad > 0


sys.exit(main())
