#!/usr/bin/env python3
"""`weft endpoints` on a terminal: screen.py WEFT SERVE

The terminal is a pseudo-terminal. The text that the tool writes is waited for,
and then a key is pressed or a signal is sent: the tool must end by itself, and
the terminal must be as it was.
"""
import fcntl
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading

HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


class Screen:
    """The tool on a terminal of its own."""

    def __init__(self, command, columns=200, lines=24):
        self.fd, tool = pty.openpty()
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)
        self.before = termios.tcgetattr(tool)
        self.tool = tool
        self.got = b""
        self.process = subprocess.Popen(
            command, stdin=tool, stdout=tool, stderr=tool, preexec_fn=self.own)

    @staticmethod
    def own():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C is a signal

    def await_text(self, *marks):
        """Wait until all marks are in one picture."""
        while True:
            pictures = self.got.replace(b"\r\n", b"\n").split(b"\x1b[J")
            for picture in pictures:
                if all(mark.encode() in picture for mark in marks):
                    return picture.decode()
            if not select.select([self.fd], [], [], 120)[0]:
                raise TimeoutError(f"no {marks} in {self.got[-2000:]}")
            self.got += os.read(self.fd, 65536)

    def press(self, keys):
        os.write(self.fd, keys)

    def end(self):
        """Wait for the end; returns what is wrong."""
        while self.process.poll() is None:
            if select.select([self.fd], [], [], 0.1)[0]:
                self.got += os.read(self.fd, 65536)
        while select.select([self.fd], [], [], 0)[0]:
            self.got += os.read(self.fd, 65536)
        wrong = []
        if self.process.returncode != 0:
            wrong.append(f"the exit code is {self.process.returncode}")
        if termios.tcgetattr(self.tool) != self.before:
            wrong.append("the terminal is not as it was")
        if self.got.count(HIDE) != 1 or not self.got.endswith(SHOW):
            wrong.append(f"the cursor is not shown: {self.got[-200:]}")
        os.close(self.fd)
        os.close(self.tool)
        return wrong


def test_ends(weft, server, nobody):
    """Each way to end the tool leaves the terminal as it was."""
    ends = [("q", lambda s: s.press(b"q")),
            ("Ctrl-C", lambda s: s.press(b"\x03")),
            ("Ctrl-D", lambda s: s.press(b"\x04")),
            ("SIGTERM", lambda s: s.process.send_signal(signal.SIGTERM)),
            ("SIGHUP", lambda s: s.process.send_signal(signal.SIGHUP))]
    wrong = []
    for name, end in ends:
        screen = Screen([weft, "endpoints", f"list:{server},{nobody}"])
        screen.await_text("usable", "failing  ", "Connection refused, ",
                          "q or Ctrl-C ends")
        screen.press(b"x")  # any other key does nothing
        end(screen)
        wrong += [f"{name}: {text}" for text in screen.end()]
    return wrong


def test_list_changes(weft, server, nobody):
    """A server that comes into the list gets a row."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "list")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{server}\n")
        screen = Screen([weft, "endpoints", f"file:{path}"])
        screen.await_text(server, "usable")
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(f"{server};weight=8\n{nobody}\n")
        os.rename(path + ".new", path)
        screen.await_text(f"{nobody} ", "failing", "      8  usable")
        screen.press(b"q")
        return screen.end()


def test_ejected(weft, server, nobody):
    """A client ejects a server that fails again and again."""
    screen = Screen([weft, "endpoints", f"list:{server},{nobody}"])
    screen.await_text("ejected  ", "5 failures in a row")
    screen.press(b"q")
    return screen.end()


def answer_health(closed, say):
    """Serve weft.health in framed binary, with the text of say[0]."""
    while True:
        try:
            connection = closed.accept()[0]
        except OSError:
            return
        with connection, connection.makefile("rb") as peer:
            while len(head := peer.read(4)) == 4:
                request = peer.read(struct.unpack(">I", head)[0])
                name = struct.unpack(">I", request[4:8])[0]
                seqid = request[8 + name:12 + name]
                text = say[0].encode()
                reply = (b"\x80\x01\x00\x02" + request[4:8 + name] + seqid
                         + b"\x0b\x00\x00" + struct.pack(">I", len(text))
                         + text + b"\x00")
                connection.sendall(struct.pack(">I", len(reply)) + reply)


def test_stopping(weft, _server, _nobody):
    """A server that stops, and says so, is not usable, until it serves."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = "127.0.0.1:%d" % listener.getsockname()[1]
    say = ["SERVING"]
    threading.Thread(target=answer_health, args=(listener, say),
                     daemon=True).start()
    screen = Screen([weft, "endpoints", address])
    screen.await_text("usable")
    say[0] = "STOPPING"
    screen.await_text("failing", "the server is stopping, ")
    say[0] = "SERVING"
    screen.await_text("usable", "it answers again, ")
    screen.press(b"q")
    return screen.end()


def test_small(weft, server, nobody):
    """No line is longer than a small terminal, and there are not too many."""
    screen = Screen([weft, "endpoints", f"list:{server},{nobody}"], 50, 4)
    screen.await_text("WEIGHT", "127.")
    screen.press(b"q")
    wrong = screen.end()
    pictures = screen.got.replace(b"\r\n", b"\n").split(b"\x1b[J")
    for picture in pictures[1:]:
        rows = picture.split(b"\x1b")[0].rstrip(b"\r\n").split(b"\n")
        if len(rows) > 3 or max(len(row.rstrip(b"\r")) for row in rows) > 50:
            wrong.append(f"{picture} does not fit")
    return wrong


def main():
    weft, serve = sys.argv[1:3]
    server = subprocess.Popen([serve], stdout=subprocess.PIPE, text=True)
    address = "127.0.0.1:" + server.stdout.readline().strip()
    closed = socket.socket()  # does not listen
    closed.bind(("127.0.0.1", 0))
    nobody = "127.0.0.1:%d" % closed.getsockname()[1]
    bad = 0
    for test in (test_ends, test_list_changes, test_ejected,
                 test_stopping, test_small):
        for text in test(weft, address, nobody):
            print(f"{test.__name__}: {text}")
            bad += 1
    server.send_signal(signal.SIGTERM)
    if server.wait(30) != 0:
        print("the server ended with", server.returncode)
        bad += 1
    return bad > 0


sys.exit(main())
