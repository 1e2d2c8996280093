"""Apache Thrift's Python library as a server and as a client of Peer.

py_peer.py GEN --version
py_peer.py GEN serve --framed|--unframed [--protocol NAME]
py_peer.py GEN call  --framed|--unframed HOST:PORT [--protocol NAME]

GEN is where `thrift --gen py` wrote. A server prints "port N" once it listens;
a client prints "checks N" once all went well. Protocols: strict (in Python)
and accelerated (in C; fails if the library was built without).
"""
import argparse
import importlib.metadata
import logging
import math
import platform
import sys
import threading

from thrift.Thrift import TApplicationException
from thrift.protocol import TBinaryProtocol
from thrift.server import TServer
from thrift.transport import TSocket, TTransport

sys.path.insert(0, sys.argv[1])
from everything import Changed, Newer, Peer  # noqa: E402
from everything import constants as c  # noqa: E402
from everything.ttypes import (  # noqa: E402
    Broken, Choice, Defaults, Many, Mood, Narrow, Numbers, Point, Refused, Wide)

LONG_S = 20
PROTOCOLS = {
    "strict": TBinaryProtocol.TBinaryProtocolFactory(
        strictRead=True, strictWrite=True),
    "accelerated": TBinaryProtocol.TBinaryProtocolAcceleratedFactory(
        fallback=False),
}


# ---- the server ----

def thrown(how):
    """The constants are dicts' worth of fields; what is raised must be new."""
    if how == 1:
        raise Refused(code=c.REFUSED.code, why=c.REFUSED.why)
    if how == 2:
        raise Broken(part=c.BROKEN.part, spots=c.BROKEN.spots,
                     tree=c.BROKEN.tree)


class Handler:
    def __init__(self):
        self.more = threading.Condition()
        self.notes = []

    def __getattr__(self, name):
        if name.startswith("echo"):
            return lambda it: it
        raise AttributeError(name)

    def ping(self, text):
        return text

    def note(self, number):
        with self.more:
            self.notes.append(number)
            self.more.notify_all()

    def noted(self, count):
        with self.more:
            if not self.more.wait_for(lambda: len(self.notes) >= count, LONG_S):
                raise TimeoutError("not all notes came")
            total, self.notes = sum(self.notes), []
            return total

    def nothing(self):
        pass

    def sample(self):
        return c.SAMPLE

    def is_sample(self, it):
        return it == c.SAMPLE

    def many(self, *args):
        names = [spec[2] for spec in Many.thrift_spec if spec]
        return Many(**dict(zip(names, args)))

    def refuse(self, how):
        thrown(how)
        return 7

    def refuse_void(self, how):
        thrown(how)

    def fail(self, why):
        raise TApplicationException(TApplicationException.INTERNAL_ERROR, why)

    def narrow(self, it):
        return it

    def wide(self, it):
        answer = Wide(**vars(c.WIDE))
        answer.id, answer.name = it.id, it.name
        return answer


class Port(TSocket.TServerSocket):
    """A free port, which is printed when it listens."""

    def listen(self):
        super().listen()
        print("port", self.handle.getsockname()[1], flush=True)


def serve(args):
    logging.disable()  # it would print what fail() raises
    transports = (TTransport.TFramedTransportFactory() if args.framed
                  else TTransport.TBufferedTransportFactory())
    server = TServer.TThreadedServer(
        Peer.Processor(Handler()), Port("127.0.0.1", 0), transports,
        PROTOCOLS[args.protocol], daemon=True)
    server.serve()


# ---- the client ----

class Caller:
    def __init__(self, args):
        self.args = args
        self.checks = 0
        self.lock = threading.Lock()

    def connect(self, service):
        host, port = self.args.address.rsplit(":", 1)
        sock = TSocket.TSocket(host, int(port))
        sock.setTimeout(LONG_S * 1000)
        wrap = (TTransport.TFramedTransport if self.args.framed
                else TTransport.TBufferedTransport)
        transport = wrap(sock)
        transport.open()
        return service.Client(
            PROTOCOLS[self.args.protocol].getProtocol(transport))

    def same(self, got, wanted):
        if got != wanted or type(got) is not type(wanted):
            raise AssertionError(f"got {got!r:.2000}\nnot {wanted!r:.2000}")
        with self.lock:
            self.checks += 1

    def raises(self, wanted, call, *args):
        try:
            got = call(*args)
        except (Refused, Broken) as thrown_one:
            got = thrown_one
        self.same(got, wanted)

    def fails(self, kind, text, call, *args):
        """The call ends with an application exception of that type."""
        try:
            got = call(*args)
        except TApplicationException as error:
            got = error.type
            assert text in (error.message or ""), error
        self.same(got, kind)


def structs(on, peer):
    on.same(peer.sample(), c.SAMPLE)
    on.same(peer.is_sample(c.SAMPLE), True)
    on.same(peer.is_sample(c.EMPTY), False)
    for value in (c.SAMPLE, c.EMPTY):
        on.same(peer.echo(value), value)
    for value in c.CHOICES:
        on.same(peer.echo_choice(value), value)
    on.same(peer.many(*(getattr(c.MANY, spec[2])
                        for spec in Many.thrift_spec if spec)), c.MANY)
    on.same(peer.nothing(), None)


def numbers(on, peer):
    for bits, echo in ((8, peer.echo_i8), (16, peer.echo_i16),
                       (32, peer.echo_i32), (64, peer.echo_i64)):
        top = 1 << (bits - 1)
        for value in (-top, -top + 1, -1, 0, 1, top - 1):
            on.same(echo(value), value)
    for value in (True, False):
        on.same(peer.echo_bool(value), value)
    for value in (Mood.HAPPY, Mood.WORST, Mood.BEST, 99):
        on.same(peer.echo_mood(value), value)
    for value in (0.0, 1 / 3, -1e308, 5e-324, math.inf, -math.inf):
        on.same(peer.echo_double(value), value)
    on.same(math.copysign(1, peer.echo_double(-0.0)), -1.0)
    on.same(math.isnan(peer.echo_double(math.nan)), True)


def texts(on, peer):
    for value in ("", "a", "\0 and \0", "世界" * 100, "ü" * (1 << 19),
                  "x" * (1 << 20)):
        on.same(peer.echo_string(value), value)
    for value in (b"", bytes(range(256)), bytes(range(256)) * 4096):
        on.same(peer.echo_binary(value), value)


def containers(on, peer):
    for value in ([], list(range(-1000, 1000)), list(range(100000))):
        on.same(peer.echo_list(value), value)
    for value in ([], c.POINTS, [Point(x=i, y=-i) for i in range(1000)]):
        on.same(peer.echo_points(value), value)
    for value in (set(), c.WORDS, {str(i) for i in range(1000)}):
        on.same(peer.echo_set(value), value)
    for value in ({}, c.AGES, {str(i): -i for i in range(1000)}):
        on.same(peer.echo_map(value), value)
    for value in ({}, c.NESTED):
        on.same(peer.echo_nested(value), value)


def exceptions(on, peer):
    for call, good in ((peer.refuse, 7), (peer.refuse_void, None)):
        on.raises(good, call, 0)
        on.raises(c.REFUSED, call, 1)
        on.raises(c.BROKEN, call, 2)
    on.fails(TApplicationException.INTERNAL_ERROR, "no luck", peer.fail,
             "no luck")
    on.same(peer.ping("still here"), "still here")


def oneway(on, peer):
    for number in (-1, 1 << 40, 5):
        on.same(peer.note(number), None)
    on.same(peer.noted(3), (1 << 40) + 4)


def unknown(on, newer):
    """Methods, fields and arguments that the server does not have."""
    on.fails(TApplicationException.UNKNOWN_METHOD, "", newer.unheard,
             c.SAMPLE, "text")
    newer.unheard_note([c.SAMPLE, c.EMPTY])
    on.same(newer.ping("a oneway call got no answer"),
            "a oneway call got no answer")
    changed = on.connect(Changed)
    on.same(changed.narrow(c.WIDE, c.MORE),
            Wide(id=22, name="wide", last=-99))
    on.same(changed.wide(c.NARROW),
            Narrow(id=11, name="narrow", last=c.WIDE.last))


def defaults(on, peer):
    """A struct that nobody filled in has the defaults of the IDL."""
    value = type(c.SAMPLE)(defaults=Defaults(), numbers=c.SAMPLE.numbers)
    on.same(peer.echo(value).defaults, Defaults(
        number=42, text="text", numbers=[1, 2, 3], ages={"Ada": 36},
        mood=Mood.SAD, yes=True, real=-2.5))


def at_once(on):
    """Eight connections, all busy."""
    failed = []

    def run():
        try:
            peer = on.connect(Peer)
            for number in range(20):
                on.same(peer.echo_i32(number), number)
                on.same(peer.echo(c.SAMPLE), c.SAMPLE)
        except Exception as error:  # told to the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    on.same(failed, [])


def call(args):
    on = Caller(args)
    peer = on.connect(Newer)
    for part in (structs, numbers, texts, containers, exceptions, oneway,
                 unknown, defaults):
        part(on, peer)
    at_once(on)
    print("checks", on.checks)


def version():
    print("python3-thrift", importlib.metadata.version("thrift"), "on Python",
          platform.python_version())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gen")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("action", nargs="?", choices=("serve", "call"))
    parser.add_argument("address", nargs="?")
    parser.add_argument("--framed", action="store_true")
    parser.add_argument("--unframed", dest="framed", action="store_false")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="strict")
    args = parser.parse_intermixed_args()
    if args.version:
        version()
    elif args.action == "serve":
        serve(args)
    else:
        call(args)


main()
