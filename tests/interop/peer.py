# SPDX-License-Identifier: MIT
"""Everything in Apache Thrift's Python: peer.py GEN server|client framed|unframed [PORT]."""

import sys

sys.path.insert(0, sys.argv[1])
try:
    from thrift.Thrift import TApplicationException
    from thrift.protocol.TBinaryProtocol import TBinaryProtocolFactory
    from thrift.server.TServer import TThreadedServer
    from thrift.transport import TSocket, TTransport
except ImportError as why:
    print("skipped:", why)
    sys.exit(77)

from everything import Everything, Newer
from everything.ttypes import All, Choice, Color, Grow, Inner, Late, NewGrow, Wrong


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


def transports(framing):
    if framing == "framed":
        return TTransport.TFramedTransportFactory()
    return TTransport.TBufferedTransportFactory()


class Port(TSocket.TServerSocket):
    """Says which port it got."""

    def listen(self):
        super().listen()
        print(self.handle.getsockname()[1], flush=True)


def serve(framing):
    import logging

    logging.basicConfig(level=logging.CRITICAL)  # trouble is expected
    TThreadedServer(Everything.Processor(Handler()), Port("127.0.0.1", 0), transports(framing),
                    TBinaryProtocolFactory(), daemon=True).serve()


def sample():
    inner = Inner(1, "one")
    return All(
        yes=True, tiny=-128, small=-2**15, medium=-2**31, big=-2**63, real=0.1,
        text="na\u00efve \u20ac \U0001f600", bytes=b"\0\1\2\xff", color=Color.BLUE, inner=inner,
        choice=Choice(text="chosen"), numbers=[0, 1, -1, 2**31 - 1, -2**31], words={"a", "", "\u00fc"},
        counts={"min": -2**63, "max": 2**63 - 1}, inners=[inner, Inner(-2, "")],
        lines={7: ["x", ""], -7: []}, present=-42, bits=[True, False, True],
        reals=[0.0, -1.5, 1e300, 5e-324], bigs={-2**63, 0, 2**63 - 1}, deep=[{"k": inner}, {}],
        fixed=43, another=Inner(9, "another"), blobs=[b"\0\xff", b""],
        grid=[[-2**15, -1], [], [2**15 - 1]], colors={Color.RED: True, Color.BLUE: False}, far=127)


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
        # what was not set comes back as a default of the other language
        for name, value in vars(x).items():
            assert value is None or getattr(back, name) == value, (name, value)
    assert c.flip(False) is True and c.flip(True) is False
    assert c.sum(-128, -2**15, -2**31, -1) == -128 - 2**15 - 2**31 - 1
    assert c.half(1e-300) == 0.5e-300
    assert c.nothing() is None
    text = "0123456789abcdef" * 65536
    assert c.large(text) == text
    alls = [sample(), All(tiny=1), sample()]
    for key, got in c.collect(alls).items():
        assert key in ("once", "again") and [a.tiny for a in got] == [-128, 1, -128]
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
    assert "out of order" in fails_with(TApplicationException.INTERNAL_ERROR, c.trouble, 3)
    assert c.trouble(0) == 0


def check_versions(c, newer):
    new = NewGrow("first", sample(), [sample(), All()], {"a": {1, 2}, "b": set()}, True, 1.5, b"\0",
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


def call(framing, port):
    socket = TSocket.TSocket("127.0.0.1", int(port))
    socket.setTimeout(20000)
    transport = transports(framing).getTransport(socket)
    protocol = TBinaryProtocolFactory().getProtocol(transport)
    c, newer = Everything.Client(protocol), Newer.Client(protocol)
    transport.open()
    check_values(c)
    check_trouble(c)
    check_versions(c, newer)
    check_oneway(c)
    transport.close()


if sys.argv[2] == "server":
    serve(sys.argv[3])
else:
    call(sys.argv[3], sys.argv[4])
