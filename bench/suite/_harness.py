"""What the run() of an experiment can use: servers, loads, turns, and pinned
cores."""
import contextlib
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import time

START_S = 10  # a server that does not listen after this has failed
WARM_S = 0.3  # a load runs for this long before it measures


class Failed(Exception):
    """This experiment cannot go on; the others can."""


class Missing(Failed):
    """A program that is to be measured is not installed."""


class Server:
    """A running server, which Bench.server ends when its block ends."""

    def __init__(self, process, port, log):
        self.process = process
        self.pid = process.pid
        self.port = port
        self.log = log  # path of the server's output


class Bench:
    def __init__(self, build, rounds=5, seconds=2.0, say=print):
        cores = sorted(os.sched_getaffinity(0))
        self.build = pathlib.Path(build)
        self.rounds = rounds
        self.seconds = seconds
        self.cores = cores
        self.here = cores[0]    # core of the servers
        self.there = cores[-1]  # core of the loads
        self.skipped = []
        self.say = say

    # ---- programs ----

    def program(self, name):
        """Path of a program of bench/ in the build folder, e.g. "tload"."""
        path = self.build / "bench" / name
        if not path.exists():
            raise Missing(f"{name} is not built in {self.build}")
        return path

    def peer(self, name, needs):
        """Path of a program. If it is missing, report that and return
        None."""
        try:
            return self.program(name)
        except Missing:
            self.skip(f"{pathlib.Path(name).name} (needs {needs})")
            return None

    def skip(self, reason):
        """Report a missing peer; the page names it, too."""
        self.skipped.append(reason)
        self.say(f"skipped: {reason}")

    # ---- servers ----

    @staticmethod
    def free_port():
        """A free port that is not ephemeral, since the load takes those."""
        while True:
            port = random.randrange(10000, 32000)
            with socket.socket() as s, contextlib.suppress(OSError):
                s.bind(("127.0.0.1", port))
                return port

    @contextlib.contextmanager
    def server(self, core, *command, port, env=None):
        """A running Server, pinned to a core or a set of cores. If it exits
        before it listens, the error has its output."""
        with tempfile.NamedTemporaryFile("w+") as said:
            process = start([str(word) for word in command], said, core, env)
            try:
                wait_until_listening(process, port, said)
                yield Server(process, port, said.name)
            finally:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def echo_server(self, core, workers=1, *flags):
        """weft's echo server, on a free port."""
        port = self.free_port()
        return self.server(core, self.program("echo_server"), "--port", port,
                           "--workers", workers, *flags, port=port)

    def raw_server(self, core, name, env=None):
        """A program that is run as NAME PORT, as rawecho is."""
        port = self.free_port()
        return self.server(core, self.program(name), port, port=port, env=env)

    # ---- loads ----

    @staticmethod
    def tool(core, *command, urgent=False):
        """Run a measuring program; returns the JSON that it prints. urgent:
        run it with priority over all others on its cores (SCHED_FIFO), where
        that is allowed."""
        command = [str(word) for word in command]
        run = subprocess.run(command, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE,
                             preexec_fn=pinned(core, urgent))
        if run.returncode:
            raise Failed(f"{' '.join(command)}: "
                         + in_short(run.stderr + run.stdout))
        return json.loads(run.stdout.splitlines()[-1])

    def load(self, core, server, conns, depth, seconds=None, *flags):
        """Run tload, a closed loop that checks each reply; returns its JSON."""
        return self.tool(core, self.program("tload"), "-p", server.port,
                         "-P", server.pid, "-c", conns, "-d", depth,
                         "-t", seconds or self.seconds, "-w",
                         min(WARM_S, self.seconds), "-v", *flags)

    def tail(self, core, server, *flags, seconds=None, urgent=False):
        """Run tail, an open loop that sends by the clock; returns its JSON."""
        return self.tool(core, self.program("tail"), "-p", server.port,
                         "-t", seconds or self.seconds, *flags, urgent=urgent)

    def echo_client(self, core, server, *flags, seconds=None):
        """Run weft's client, which checks every reply; returns its JSON."""
        return self.tool(core, self.program("echo_client"), "-p", server.port,
                         "-P", server.pid, "-t", seconds or self.seconds,
                         *flags)

    # ---- measuring ----

    def alternate(self, names, measure, rounds=None):
        """Call measure(name) for each name in each round; each name is the
        first one in some rounds. Returns the runs of each name."""
        names = list(names)
        runs = {name: [] for name in names}
        for i in range(rounds or self.rounds):
            first = i % len(names)
            for name in names[first:] + names[:first]:
                try:
                    runs[name].append(measure(name))
                except Failed as error:
                    raise Failed(f"{name}: {error}") from error
        return runs

    def sweep(self, servers, shapes, seconds=None, load=None):
        """Measure servers (a dict by name) in each shape (connections, calls in
        flight on each). Returns a case for each shape, with the runs of all
        servers. load(name, conns, depth) measures; by default it is tload."""
        def tload(name, conns, depth):
            return self.load(self.there, servers[name], conns, depth, seconds)

        cases = []
        for conns, depth in shapes:
            self.say(f"  {conns} x {depth} ...")
            cases.append({"conns": conns, "depth": depth, "runs":
                          self.alternate(servers, lambda name: (load or tload)(
                              name, conns, depth))})
        return cases


def start(command, said, core, env):
    try:
        return subprocess.Popen(command, stdout=said, stderr=said,
                                env=dict(os.environ, **(env or {})),
                                preexec_fn=pinned(core))
    except OSError as error:
        raise Missing(f"{command[0]}: {error.strerror}") from error


def pinned(core, urgent=False):
    cores = {core} if isinstance(core, int) else set(core)

    def prepare():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the harness ends it
        os.sched_setaffinity(0, cores)
        if urgent:
            with contextlib.suppress(PermissionError):
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    return prepare


def wait_until_listening(process, port, said):
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            said.seek(0)
            raise Failed(f"{process.args[0]} exited: {process.returncode}: "
                         + in_short(said.read()))
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.02)
    raise Failed(f"{process.args[0]} does not listen on {port}")


def in_short(text):
    return " ".join(text.split())[:300]
