# SPDX-License-Identifier: MIT
"""Apache Thrift's Python: peer.py GEN server DIALECT | client DIALECT PORT"""

import sys
import threading
import time

sys.path.insert(0, sys.argv[1])
try:
    from thrift.Thrift import TApplicationException
    from thrift.TMultiplexedProcessor import TMultiplexedProcessor
    from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
    from thrift.protocol.TCompactProtocol import TCompactProtocolFactory
    from thrift.protocol.THeaderProtocol import THeaderProtocolFactory
    from thrift.protocol.TJSONProtocol import TJSONProtocolFactory
    from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
    from thrift.server.TServer import TThreadedServer
    from thrift.transport import TSocket, TTransport
    from thrift.transport.THeaderTransport import (
        THeaderClientType, THeaderSubprotocolID, THeaderTransformID)
    from thrift.transport.THttpClient import THttpClient
    from thrift.transport.TZlibTransport import TZlibTransport
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

from everything import Everything, Future, Second
from everything.ttypes import (
    All, Choice, Color, Grow, Grown, Inner, Late, Seen, Wrong)

WORDS = sys.argv[3].split("-")
MUX = WORDS[0] == "mux"
FRAMING, PROTOCOL = WORDS[MUX:]
HEADERS = FRAMING.startswith("theader")
IN_HTTP = FRAMING in ("http", "theaderinhttp")
IN_ZLIB = FRAMING in ("zlib", "zlibframed", "theaderinzlib")
current = threading.local()  # .protocol of the call that this thread answers


class Handler:
    def __init__(self):
        self.sum_forgotten = 0

    def echo(self, all):
        return all

    def flip(self, yes):
        return not yes

    def sum(self, a, b, c, d):
        return a + b + c + d

    def half(self, real):
        return real / 2

    def large(self, text):
        return text

    def nothing(self):
        pass

    def trouble(self, kind):
        if kind == 1:
            raise Wrong("all wrong", All(text="inside"))
        if kind == 2:
            raise Late(2**63 - 1)
        if kind == 3:
            raise RuntimeError("out of order")
        return kind

    def forget(self, number):
        self.sum_forgotten += number

    def remembered(self):
        return self.sum_forgotten

    def collect(self, alls):
        return {"once": alls, "again": alls}

    def grow(self, grow):
        return grow

    def seen(self):
        headers = {}
        if HEADERS:
            for key, value in current.protocol.get_headers().items():
                headers[key.decode()] = value.decode()
            if "ask" in headers:
                current.protocol.set_header(b"answer", headers["ask"].encode())
        return Seen(headers, -1)

    def relay(self):
        raise RuntimeError("only weft's server calls itself")

    def nap(self, ms):
        time.sleep(ms / 1000)
        return ms

    def business(self, status):
        raise RuntimeError("sold out")

    def twice(self, number):
        return 2 * number


class Transports:
    def getTransport(self, below):
        if IN_ZLIB:
            below = TZlibTransport(below)
        if HEADERS:
            return below  # THeader's protocol makes its own transport
        if FRAMING.endswith("framed") and FRAMING != "unframed":
            return TTransport.TFramedTransport(below)
        return TTransport.TBufferedTransport(below)


class ZlibTransports(Transports):
    """A zlib transport has the state of both directions, so each socket needs
    its own."""

    def __init__(self):
        self.made = threading.local()

    def getTransport(self, below):
        if getattr(self.made, "below", None) is not below:
            self.made.below = below
            self.made.transport = super().getTransport(below)
        return self.made.transport


def transports():
    return ZlibTransports() if IN_ZLIB else Transports()


def protocols():
    if HEADERS:
        kind = {"binary": THeaderSubprotocolID.BINARY,
                "compact": THeaderSubprotocolID.COMPACT}[PROTOCOL]
        return THeaderProtocolFactory([THeaderClientType.HEADERS], kind)
    return {"binary": TBinaryProtocolFactory(),
            "old": TBinaryProtocolFactory(False, False),
            "compact": TCompactProtocolFactory(),
            "json": TJSONProtocolFactory()}[PROTOCOL]


class Port(TSocket.TServerSocket):
    """Prints its port."""

    def listen(self):
        super().listen()
        print(self.handle.getsockname()[1], flush=True)


class Processor:
    """Stores the protocol for the handler, because it has the headers."""

    def __init__(self, below):
        self.below = below

    def process(self, iprot, oprot):
        current.protocol = iprot
        return self.below.process(iprot, oprot)


def serve():
    import logging

    logging.basicConfig(level=logging.CRITICAL)  # errors are expected
    handler = Handler()
    processor = Everything.Processor(handler)
    if MUX:
        services = TMultiplexedProcessor()
        services.registerProcessor("Everything", processor)
        services.registerProcessor("Second", Second.Processor(handler))
        processor = services
    TThreadedServer(Processor(processor), Port("127.0.0.1", 0), transports(),
                    protocols(), daemon=True).serve()


def sample():
    inner = Inner(1, "one")
    return All(
        yes=True, tiny=-128, small=-2**15, medium=-2**31, big=-2**63, real=0.1,
        text="na\u00efve \u20ac \U0001f600", bytes=b"\0\1\2\xff",
        color=Color.BLUE, inner=inner, choice=Choice(text="chosen"),
        numbers=[0, 1, -1, 2**31 - 1, -2**31], words={"a", "", "\u00fc"},
        counts={"min": -2**63, "max": 2**63 - 1}, inners=[inner, Inner(-2, "")],
        lines={7: ["x", ""], -7: []}, present=-42, bits=[True, False, True],
        reals=[0.0, -1.5, 1e300, 5e-324], bigs={-2**63, 0, 2**63 - 1},
        deep=[{"k": inner}, {}],
        fixed=43, another=Inner(9, "another"), blobs=[b"\0\xff", b""],
        grid=[[-2**15, -1], [], [2**15 - 1]],
        colors={Color.RED: True, Color.BLUE: False}, far=127)


def fails_with(code, call, *args):
    try:
        call(*args)
    except TApplicationException as e:
        assert e.type == code, (e.type, e.message)
        return e.message
    raise AssertionError("no exception")


def check_values(c):
    for x in (All(), sample()):
        back = c.echo(x)
        # a field that was not set may come back with its default
        for name, value in vars(x).items():
            assert value is None or getattr(back, name) == value, (name, value)
    assert c.flip(False) is True and c.flip(True) is False
    assert c.sum(-128, -2**15, -2**31, -1) == -128 - 2**15 - 2**31 - 1
    assert c.half(1e-300) == 0.5e-300
    assert c.nothing() is None
    # Apache's JSON takes seconds for a megabyte
    text = "0123456789abcdef" * (4096 if PROTOCOL == "json" else 65536)
    assert c.large(text) == text
    alls = [sample(), All(tiny=1), sample()]
    for key, got in c.collect(alls).items():
        assert key in ("once", "again")
        assert [a.tiny for a in got] == [-128, 1, -128]
        assert got[0] == sample() and got[2] == sample()


def check_trouble(c):
    assert c.trouble(0) == 0
    try:
        c.trouble(1)
        raise AssertionError("no exception")
    except Wrong as e:
        assert e.why == "all wrong" and e.all.text == "inside"
    try:
        c.trouble(2)
        raise AssertionError("no exception")
    except Late as e:
        assert e.ms == 2**63 - 1
    text = fails_with(TApplicationException.INTERNAL_ERROR, c.trouble, 3)
    assert "out of order" in text
    assert c.trouble(0) == 0


def check_versions(c, newer):
    new = Grown("first", sample(), [sample(), All()],
                {"a": {1, 2}, "b": set()}, True, 1.5, b"\0",
                Choice(inner=Inner(1, "c")), 1234567890123, 5)
    back = newer.grow(new, sample())
    assert back.name == "first" and back.tail == 1234567890123
    assert back.more is None and back.last is None
    assert c.grow(Grow("old", 7)) == Grow("old", 7)
    fails_with(TApplicationException.UNKNOWN_METHOD, newer.only_here, sample())


def check_oneway(c):
    before = c.remembered()
    for i in range(1, 11):
        c.forget(i)
    for _ in range(100000):
        if c.remembered() == before + 55:
            return
    raise AssertionError("forgotten indeed")


def check_many(c):
    for i in range(200):
        assert c.sum(1, i, 2, 3) == i + 6


class Connection:
    def __init__(self, timeout_ms=20000):
        port = int(sys.argv[4])
        if IN_HTTP:
            self.transport = THttpClient("http://127.0.0.1:%d/weft" % port)
            self.transport.setTimeout(timeout_ms)
        if FRAMING == "http":
            self.transport.setCustomHeaders(
                {"ask": "why not", "client_timeout": "20000"})
        if not IN_HTTP:
            socket = TSocket.TSocket("127.0.0.1", port)
            socket.setTimeout(timeout_ms)
            self.transport = transports().getTransport(socket)
        self.protocol = protocols().getProtocol(self.transport)
        if FRAMING == "theaderzlib":
            self.protocol.add_transform(THeaderTransformID.ZLIB)
        self.transport.open()
        self.everything = Everything.Client(self.named("Everything"))
        self.future = Future.Client(self.named("Everything"))
        self.second = Second.Client(self.named("Second"))

    def named(self, service):
        if MUX:
            return TMultiplexedProtocol(self.protocol, service)
        return self.protocol


def check_timeout():
    connection, ms = Connection(100), 2000
    try:
        while True:  # a nap returns only if this program was held up so long
            ms = 2 * connection.everything.nap(ms)
    except (TTransport.TTransportException, TimeoutError):
        pass
    connection.transport.close()
    assert Connection().everything.nap(1) == 1


def check_headers(c, connection):
    headers = connection.protocol.get_headers  # of the last reply
    put = connection.protocol.set_header
    for key, value in (("ask", "why not"), ("client_timeout", "5000"),
                       ("RPC_PERSIST_ask", "always"),
                       ("RPC_TRANSIT_hop", "once")):
        put(key.encode(), value.encode())
    seen = c.seen()
    assert headers()[b"answer"] == b"why not", headers()
    assert seen.headers["ask"] == "why not", seen
    assert seen.headers["RPC_PERSIST_ask"] == "always", seen
    assert seen.headers["RPC_TRANSIT_UPSTREAM_hop"] == "once", seen
    assert 0 < seen.left_ms <= 5000, seen
    put(b"RPC_PERSIST_ask", b"always")
    put(b"RPC_TRANSIT_hop", b"once")
    seen = c.relay()
    assert seen.headers["RPC_PERSIST_ask"] == "always", seen
    assert "RPC_TRANSIT_UPSTREAM_hop" not in seen.headers, seen
    seen = c.seen()
    assert "ask" not in seen.headers and seen.left_ms == -1, seen
    assert b"answer" not in headers(), headers()


def check_beside(c, connection):
    if HEADERS:
        check_headers(c, connection)
    seen = c.seen()
    if FRAMING == "http":
        assert seen.headers["ask"] == "why not", seen
        assert 0 < seen.left_ms <= 20000, seen
        assert connection.transport.headers["answer"] == "why not"
    else:
        assert "ask" not in seen.headers and seen.left_ms == -1, seen
    try:
        c.business(1001)
        raise AssertionError("no exception")
    except TApplicationException as e:
        assert "sold out" in e.message, e
    if HEADERS:
        assert connection.protocol.get_headers()[b"biz-status"] == b"1001"
    if FRAMING == "http":
        assert connection.transport.headers["biz-status"] == "1001"


def call():
    connection = Connection()
    c = connection.everything
    check_values(c)
    check_trouble(c)
    check_versions(c, connection.future)
    check_oneway(c)
    check_many(c)
    if MUX:
        assert connection.second.twice(21) == 42
        nobody = Everything.Client(connection.named("Nobody"))
        fails_with(TApplicationException.PROTOCOL_ERROR, nobody.nothing)
        assert connection.second.twice(-21) == -42
    check_timeout()
    check_beside(c, connection)
    connection.transport.close()


if sys.argv[2] == "server":
    serve()
else:
    call()
