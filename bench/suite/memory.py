"""How much memory connections take, while they are idle and after they have
gone."""
import contextlib
import resource
import socket
import struct
import time

from ._harness import Failed
from ._rows import Row, median

ORDER = 50
TITLE = "Memory of connections"
WHAT = """The first value is the server's private memory (from its
smaps_rollup) with 9,000 idle connections, each of which has made a call of 1
KiB. The second is the memory that the server keeps after 10,000 connections
have each sent a call of 64 KiB at once, read the reply and closed; this is
measured again and again for at most 10 s."""

IDLE, BURST, BURST_BYTES = 9000, 10000, 65536
SETTLE_S = 10


def private_bytes(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
        return sum(int(line.split()[1]) * 1024 for line in lines
                   if line.startswith(("Private_Clean", "Private_Dirty")))


def least(pid, enough):
    """Wait until the process has at most `enough` private bytes, or SETTLE_S
    long. Returns the fewest, and after how many seconds they were reached."""
    began, found = time.monotonic(), None
    while True:
        now = private_bytes(pid)
        passed = time.monotonic() - began
        if found is None or now < found[0]:
            found = now, passed
        if now <= enough or passed > SETTLE_S:
            return found
        time.sleep(0.2)


def call_of(size):
    """A framed call of echo with a string of `size` bytes, and its reply."""
    def message(kind, field, tail):
        body = struct.pack(">II4sI", 0x80010000 | kind, 4, b"echo", 1) + \
            struct.pack(">bh", 12, field) + tail
        return struct.pack(">I", len(body)) + body
    text = struct.pack(">bhI", 11, 2, size) + b"x" * size
    empty = struct.pack(">bhI", 11, 1, 0)
    return message(1, 1, empty + text + b"\0\0"), \
        message(2, 0, empty + text + b"\0\0")


def take(sock, expected):
    got = b""
    while len(got) < len(expected):
        part = sock.recv(len(expected) - len(got))
        if not part:
            break
        got += part
    if got != expected:
        raise Failed(f"a reply of {len(got)} bytes that is none: "
                     f"{got[:40].hex()}")


@contextlib.contextmanager
def connections(bench, server, n):
    """n connections, each of which has made a call."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < n + 100:
        raise Failed(f"{n} connections need more descriptors than {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    call, reply = call_of(1024)
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        sockets = []
        for _ in range(n):
            sockets.append(stack.enter_context(socket.create_connection(
                ("127.0.0.1", server.port), 10)))
            sockets[-1].sendall(call)
            take(sockets[-1], reply)
        yield sockets


def idle(bench):
    with bench.echo_server(bench.here) as server:
        with connections(bench, server, 100):
            pass
        before = private_bytes(server.pid)
        with connections(bench, server, IDLE):
            after, _ = least(server.pid, before)
    return {"bytes_each": (after - before) / IDLE}


def burst(bench):
    call, reply = call_of(BURST_BYTES)
    with bench.echo_server(bench.here) as server:
        with connections(bench, server, 100):
            pass
        before = private_bytes(server.pid)
        with connections(bench, server, BURST) as sockets:
            for sock in sockets:
                sock.sendall(call)
            peak = private_bytes(server.pid)
            for sock in sockets:
                take(sock, reply)
        after, seconds = least(server.pid, before + (1 << 20))
    return {"before": before, "peak": peak, "after": after, "seconds": seconds}


def run(bench):
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    return {"idle": [idle(bench) for _ in range(2)],
            "burst": [burst(bench) for _ in range(2)]}


def rows(result):
    mib = [{"kept": (run["after"] - run["before"]) / 2**20,
            "peak": (run["peak"] - run["before"]) / 2**20,
            "seconds": run["seconds"]} for run in result["burst"]]
    return [
        Row(f"{IDLE} idle connections, each",
            median(result["idle"], "bytes_each"), "bytes", 512),
        Row(f"{BURST} x 64 KiB that have gone: kept", median(mib, "kept"),
            "MiB", 10),
        Row("at most during the burst", median(mib, "peak"), "MiB"),
        Row("the least was reached after", median(mib, "seconds"), "s",
            SETTLE_S)]
