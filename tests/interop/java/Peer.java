// SPDX-License-Identifier: MIT
// Apache Thrift's Java: Peer server DIALECT | client DIALECT PORT.
import everything.*;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.thrift.*;
import org.apache.thrift.protocol.*;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TServerEventHandler;
import org.apache.thrift.server.ServerContext;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.*;
import org.apache.thrift.transport.layered.TFramedTransport;

public class Peer {
    static boolean mux;
    static String framing, protocolName;

    static class Handler implements Everything.Iface, Second.Iface {
        final AtomicInteger forgotten = new AtomicInteger();

        public All echo(All all) {
            return all;
        }
        public boolean flip(boolean yes) {
            return !yes;
        }
        public long sum(byte a, short b, int c, long d) {
            return d + c + b + a;
        }
        public double half(double real) {
            return real / 2;
        }
        public String large(String text) {
            return text;
        }
        public void nothing() {}
        public int trouble(int kind) throws Wrong, Late {
            if (kind == 1) {
                All inside = new All();
                inside.setText("inside");
                throw new Wrong("all wrong", inside);
            }
            if (kind == 2)
                throw new Late(Long.MAX_VALUE);
            if (kind == 3)
                throw new RuntimeException("out of order");
            return kind;
        }
        public void forget(int number) {
            forgotten.addAndGet(number);
        }
        public int remembered() {
            return forgotten.get();
        }
        public Map<String, List<All>> collect(List<All> alls) {
            Map<String, List<All>> both = new HashMap<>();
            both.put("once", alls);
            both.put("again", alls);
            return both;
        }
        public Grow grow(Grow grow) {
            return grow;
        }
        public Seen seen() {
            return new Seen(new HashMap<>(), -1, "");
        }
        public Seen relay() {
            throw new RuntimeException("only weft's server calls itself");
        }
        public int nap(int ms) {
            try {
                Thread.sleep(ms);
            } catch (InterruptedException e) {
                throw new RuntimeException(e);
            }
            return ms;
        }
        public int business(int status) {
            throw new RuntimeException("sold out");
        }
        public int twice(int number) {
            return 2 * number;
        }
    }

    // A zlib transport has the state of both directions, so it is made only
    // once for each socket.
    static class Transports extends TTransportFactory {
        final Map<TTransport, TTransport> made =
            Collections.synchronizedMap(new WeakHashMap<>());

        @Override
        public TTransport getTransport(TTransport below)
            throws TTransportException {
            TTransport known = made.get(below);
            if (known == null) {
                known = make(below);
                made.put(below, known);
            }
            return known;
        }
        private TTransport make(TTransport below) throws TTransportException {
            if (framing.startsWith("zlib"))
                below = new TZlibTransport(below);
            boolean framed =
                framing.equals("framed") || framing.equals("zlibframed");
            return framed ? new TFramedTransport(below) : below;
        }
    }

    static TProtocolFactory protocols() {
        switch (protocolName) {
        case "compact":
            return new TCompactProtocol.Factory();
        case "json":
            return new TJSONProtocol.Factory();
        default:
            return new TBinaryProtocol.Factory(false,
                                               !protocolName.equals("old"));
        }
    }

    static class Port implements TServerEventHandler {
        final TServerSocket socket;

        Port(TServerSocket socket) {
            this.socket = socket;
        }
        public void preServe() {
            System.out.println(socket.getServerSocket().getLocalPort());
            System.out.flush();
        }
        public ServerContext createContext(TProtocol in, TProtocol out) {
            return null;
        }
        public void deleteContext(ServerContext c, TProtocol in,
                                  TProtocol out) {}
        public void processContext(ServerContext c, TTransport in,
                                   TTransport out) {}
    }

    static void serve() throws Exception {
        Handler handler = new Handler();
        TProcessor processor = new Everything.Processor<>(handler);
        if (mux) {
            TMultiplexedProcessor services = new TMultiplexedProcessor();
            services.registerProcessor("Everything", processor);
            services.registerProcessor("Second",
                                       new Second.Processor<>(handler));
            processor = services;
        }
        TServerSocket socket = new TServerSocket(
            new java.net.InetSocketAddress("127.0.0.1", 0));
        TServer server = new TThreadPoolServer(
            new TThreadPoolServer.Args(socket)
                .processor(processor)
                .transportFactory(new Transports())
                .protocolFactory(protocols()));
        server.setServerEventHandler(new Port(socket));
        server.serve();
    }

    static void check(boolean holds, String what) {
        if (!holds)
            throw new AssertionError(what);
    }

    static All sample() {
        Inner inner = new Inner(-2, "two");
        All a = new All();
        a.setYes(true);
        a.setTiny(Byte.MIN_VALUE);
        a.setSmall(Short.MIN_VALUE);
        a.setMedium(Integer.MIN_VALUE);
        a.setBig(Long.MIN_VALUE);
        a.setReal(0.1);
        a.setText("na\u00efve \u20ac \ud83d\ude00");
        a.setBytes(new byte[] {0, 1, (byte)0xff});
        a.setColor(Color.BLUE);
        a.setInner(inner);
        a.setChoice(Choice.inner(inner));
        a.setNumbers(Arrays.asList(0, 1, -1));
        a.setWords(new HashSet<>(Arrays.asList("a", "", "\u00fc")));
        a.setCounts(new HashMap<>(Map.of("min", Long.MIN_VALUE, "max",
                                         Long.MAX_VALUE)));
        a.setInners(Arrays.asList(inner, new Inner(0, "")));
        a.setLines(new HashMap<>(Map.of(7, Arrays.asList("x", ""), -7,
                                        new ArrayList<>())));
        a.setPresent(-42);
        a.setBits(Arrays.asList(true, false, true));
        a.setReals(Arrays.asList(0.0, -1.5, 1e300));
        a.setBigs(new HashSet<>(Arrays.asList(Long.MIN_VALUE, 0L)));
        a.setDeep(Arrays.asList(new HashMap<>(Map.of("k", inner)),
                                new HashMap<>()));
        a.setFixed(43);
        a.setAnother(inner);
        a.setBlobs(Arrays.asList(ByteBuffer.wrap(new byte[] {0, -1}),
                                 ByteBuffer.wrap(new byte[0])));
        a.setGrid(Arrays.asList(Arrays.asList(Short.MIN_VALUE, (short)-1),
                                new ArrayList<>()));
        a.setColors(new HashMap<>(Map.of(Color.RED, true, Color.BLUE, false)));
        a.setFar((byte)127);
        return a;
    }

    // A new All whose union has a member, because Apache's Java cannot read a
    // union without one.
    static All plain() {
        All a = new All();
        a.setChoice(Choice.number(0));
        return a;
    }

    static class Connection implements AutoCloseable {
        final TTransport transport;
        final TProtocol protocol;

        Connection(int port, int timeoutMs) throws TException {
            if (framing.equals("http")) {
                THttpClient http =
                    new THttpClient("http://127.0.0.1:" + port + "/weft");
                http.setReadTimeout(timeoutMs);
                http.setCustomHeader("ask", "why not");
                http.setCustomHeader("client_timeout", "20000");
                transport = http;
            } else {
                TSocket socket = new TSocket("127.0.0.1", port, timeoutMs);
                socket.open();
                transport = new Transports().getTransport(socket);
            }
            protocol = protocols().getProtocol(transport);
            if (!transport.isOpen())
                transport.open();
        }
        TProtocol named(String service) {
            return mux ? new TMultiplexedProtocol(protocol, service)
                       : protocol;
        }
        @Override
        public void close() {
            transport.close();
        }
    }

    static void checkValues(Everything.Client c) throws TException {
        check(c.echo(plain()).getFixed() == 42, "a default");
        check(c.echo(sample()).equals(sample()), "echo");
        check(c.flip(false) && !c.flip(true), "flip");
        check(c.sum(Byte.MIN_VALUE, Short.MIN_VALUE, Integer.MIN_VALUE, -1) ==
                  -128L - 32768 + Integer.MIN_VALUE - 1, "sum");
        check(c.half(1e-300) == 0.5e-300, "half");
        c.nothing();
        String text = "0123456789abcdef".repeat(65536);
        check(c.large(text).equals(text), "a megabyte");
        List<All> alls = Arrays.asList(sample(), plain(), sample());
        for (List<All> got : c.collect(alls).values()) {
            check(got.size() == 3 && got.get(0).equals(sample()), "collect");
            check(got.get(2).equals(sample()), "collect");
        }
    }

    static void failsWith(int type, TApplicationException e) {
        check(e.getType() == type, "type " + e.getType() + ": " + e);
    }

    static void checkTrouble(Everything.Client c) throws TException {
        int caught = 0;
        check(c.trouble(0) == 0, "no trouble");
        try {
            c.trouble(1);
        } catch (Wrong e) {
            caught++;
            check(e.getWhy().equals("all wrong"), e.getWhy());
            check(e.getAll().getText().equals("inside"), "inside");
        }
        try {
            c.trouble(2);
        } catch (Late e) {
            caught++;
            check(e.getMs() == Long.MAX_VALUE, "late");
        }
        try {
            c.trouble(3);
        } catch (TApplicationException e) {
            caught++;
            failsWith(TApplicationException.INTERNAL_ERROR, e);
            check(e.getMessage().contains("out of order"), e.getMessage());
        }
        check(caught == 3 && c.trouble(0) == 0, "caught " + caught);
    }

    static void checkVersions(Everything.Client c, Future.Client newer)
        throws TException {
        Grown grown = new Grown();
        grown.setName("first");
        grown.setAll(sample());
        grown.setMore(Arrays.asList(sample(), plain()));
        grown.setIndex(new HashMap<>(
            Map.of("a", new HashSet<>(Arrays.asList(1, 2)))));
        grown.setYes(true);
        grown.setReal(1.5);
        grown.setBytes(new byte[] {0});
        grown.setChoice(Choice.text("c"));
        grown.setTail(1234567890123L);
        grown.setLast((short)5);
        Grown back = newer.grow(grown, sample());
        check(back.getName().equals("first"), "name");
        check(back.getTail() == 1234567890123L, "tail");
        check(!back.isSetMore() && !back.isSetLast(), "unknown fields");
        check(c.grow(new Grow("old", 7)).equals(new Grow("old", 7)), "old");
        try {
            newer.only_here(sample());
            check(false, "no exception");
        } catch (TApplicationException e) {
            failsWith(TApplicationException.UNKNOWN_METHOD, e);
        }
    }

    static void checkOneway(Everything.Client c) throws TException {
        int before = c.remembered();
        for (int i = 1; i <= 10; i++)
            c.forget(i);
        for (int i = 0; i < 100000; i++)
            if (c.remembered() == before + 55)
                return;
        check(false, "forgotten indeed");
    }

    static void checkTimeout(int port) throws TException {
        try (Connection c = new Connection(port, 100)) {
            Everything.Client slow = new Everything.Client(c.named("Everything"));
            for (int ms = 2000;; ms *= 2)
                slow.nap(ms); // returns only if this program was held up so long
        } catch (TTransportException e) {
            // the time-out that is expected
        }
        try (Connection c = new Connection(port, 20000)) {
            int back = new Everything.Client(c.named("Everything")).nap(1);
            check(back == 1, "nap");
        }
    }

    static void checkBeside(Everything.Client c) throws TException {
        Seen seen = c.seen();
        if (framing.equals("http")) {
            check("why not".equals(seen.getHeaders().get("ask")), "" + seen);
            check(seen.getLeft_ms() > 0, "" + seen);
        } else {
            check(!seen.getHeaders().containsKey("ask"), "" + seen);
            check(seen.getLeft_ms() == -1, "" + seen);
        }
        try {
            c.business(1001);
            check(false, "no exception");
        } catch (TApplicationException e) {
            check(e.getMessage().contains("sold out"), "" + e);
        }
    }

    static void call(int port) throws TException {
        try (Connection connection = new Connection(port, 20000)) {
            Everything.Client c =
                new Everything.Client(connection.named("Everything"));
            checkValues(c);
            checkTrouble(c);
            checkVersions(c, new Future.Client(connection.named("Everything")));
            checkOneway(c);
            for (int i = 0; i < 200; i++)
                check(c.sum((byte)1, (short)i, 2, 3) == i + 6, "sum");
            if (mux)
                callSecond(connection);
            checkBeside(c);
        }
        checkTimeout(port);
    }

    static void callSecond(Connection connection) throws TException {
        Second.Client second = new Second.Client(connection.named("Second"));
        check(second.twice(21) == 42, "twice");
        try {
            new Everything.Client(connection.named("Nobody")).nothing();
            check(false, "no exception");
        } catch (TApplicationException e) {
            failsWith(TApplicationException.PROTOCOL_ERROR, e);
        }
        check(second.twice(-21) == -42, "twice");
    }

    public static void main(String[] args) throws Exception {
        List<String> words = new ArrayList<>(List.of(args[1].split("-")));
        mux = words.get(0).equals("mux");
        if (mux)
            words.remove(0);
        framing = words.get(0);
        protocolName = words.get(1);
        if (args[0].equals("server"))
            serve();
        else
            call(Integer.parseInt(args[2]));
        System.exit(0);
    }
}
