// SPDX-License-Identifier: MIT
// Everything in Apache Thrift's C++: peer server|client framed|unframed [PORT].
#include "Everything.h"
#include "Newer.h"

#include <thrift/TOutput.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>
#include <thrift/transport/TSocket.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <stdexcept>

using namespace apache::thrift;
using namespace apache::thrift::protocol;
using namespace apache::thrift::transport;
using namespace everything;
using std::shared_ptr;

#define CHECK(cond)                                                    \
    ((cond) ? (void)0                                                  \
            : (std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, \
                            __LINE__, #cond),                          \
               std::exit(1)))

class Handler : public EverythingIf
{
  public:
    void echo(All &back, const All &all) override
    {
        back = all;
    }
    bool flip(const bool yes) override
    {
        return !yes;
    }
    int64_t sum(const int8_t a, const int16_t b, const int32_t c,
                const int64_t d) override
    {
        return d + c + b + a;
    }
    double half(const double real) override
    {
        return real / 2;
    }
    void large(std::string &back, const std::string &text) override
    {
        back = text;
    }
    void nothing() override {}
    int32_t trouble(const int32_t kind) override
    {
        if (kind == 1) {
            Wrong wrong;
            wrong.why = "all wrong";
            wrong.all.text = "inside";
            throw wrong;
        }
        if (kind == 2) {
            Late late;
            late.ms = std::numeric_limits<int64_t>::max();
            throw late;
        }
        if (kind == 3)
            throw std::runtime_error("out of order");
        return kind;
    }
    void forget(const int32_t number) override
    {
        forgotten += number;
    }
    int32_t remembered() override
    {
        return forgotten;
    }
    void collect(std::map<std::string, std::vector<All>> &back,
                 const std::vector<All> &alls) override
    {
        back["once"] = alls;
        back["again"] = alls;
    }
    void grow(Grow &back, const Grow &grow) override
    {
        back = grow;
    }

  private:
    std::atomic<int32_t> forgotten{0};
};

// Says which port it got.
class Port : public server::TServerEventHandler
{
  public:
    explicit Port(shared_ptr<TServerSocket> s) : socket(s) {}
    void preServe() override
    {
        std::printf("%d\n", socket->getPort());
        std::fflush(stdout);
    }

  private:
    shared_ptr<TServerSocket> socket;
};

static int
serve(bool framed)
{
    shared_ptr<TTransportFactory> transports(new TBufferedTransportFactory);
    if (framed)
        transports.reset(new TFramedTransportFactory);
    auto socket = std::make_shared<TServerSocket>("127.0.0.1", 0);
    server::TThreadedServer server(
        std::make_shared<EverythingProcessor>(std::make_shared<Handler>()),
        socket, transports, std::make_shared<TBinaryProtocolFactory>());
    server.setServerEventHandler(std::make_shared<Port>(socket));
    server.serve();
    return 0;
}

static All
sample()
{
    All a;
    Inner inner;
    inner.x = -2;
    inner.name = "two";
    a.yes = true;
    a.tiny = -128;
    a.small = -32768;
    a.medium = std::numeric_limits<int32_t>::min();
    a.big = std::numeric_limits<int64_t>::min();
    a.real = 0.1;
    a.text = "na\xc3\xafve";
    a.bytes = std::string("\0\1\xff", 3);
    a.color = Color::BLUE;
    a.inner = inner;
    a.choice.__set_inner(inner);
    a.numbers = {0, 1, -1};
    a.words = {"a", "", "\xc3\xbc"};
    a.counts = {{"min", a.big}, {"max", -1 - a.big}};
    a.inners = {inner, Inner()};
    a.lines = {{7, {"x", ""}}, {-7, {}}};
    a.__set_present(-42);
    a.bits = {true, false, true};
    a.reals = {0.0, -1.5, 1e300};
    a.bigs = {a.big, 0};
    a.deep = {{{"k", inner}}, {}};
    a.fixed = 43;
    a.__set_another(inner);
    a.blobs = {std::string("\0", 1), ""};
    a.grid = {{-32768, -1}, {}, {32767}};
    a.colors = {{Color::RED, true}, {Color::BLUE, false}};
    a.far = 127;
    return a;
}

static void
check_values(EverythingClient &c)
{
    const All sent[2] = {All(), sample()};
    for (const All &a : sent) {
        All back;
        c.echo(back, a);
        CHECK(back == a);
    }
    CHECK(c.flip(false) && !c.flip(true));
    CHECK(c.sum(-128, -32768, -2147483647, -1) ==
          -128LL - 32768 - 2147483647 - 1);
    CHECK(c.half(1e-300) == 0.5e-300);
    c.nothing();
    std::string text(1 << 20, 'x'), same;
    text[12345] = '\0';
    c.large(same, text);
    CHECK(same == text);
    std::vector<All> alls = {sample(), All(), sample()};
    std::map<std::string, std::vector<All>> both;
    c.collect(both, alls);
    CHECK(both.size() == 2 && both["once"] == alls && both["again"] == alls);
}

static void
check_trouble(EverythingClient &c)
{
    int caught = 0;
    CHECK(c.trouble(0) == 0);
    try {
        c.trouble(1);
    } catch (const Wrong &e) {
        caught++;
        CHECK(e.why == "all wrong" && e.all.text == "inside");
    }
    try {
        c.trouble(2);
    } catch (const Late &e) {
        caught++;
        CHECK(e.ms == std::numeric_limits<int64_t>::max());
    }
    try {
        c.trouble(3);
    } catch (const TApplicationException &e) {
        caught++;
        CHECK(e.getType() == TApplicationException::INTERNAL_ERROR);
        CHECK(std::string(e.what()).find("out of order") != std::string::npos);
    }
    CHECK(caught == 3);
    CHECK(c.trouble(0) == 0);
}

static void
check_versions(EverythingClient &c, NewerClient &newer)
{
    NewGrow grow, back;
    grow.name = "first";
    grow.all = sample();
    grow.more = {sample(), All()};
    grow.index = {{"a", {1, 2}}, {"b", {}}};
    grow.choice.__set_number(3);
    grow.tail = 1234567890123;
    grow.last = 5;
    newer.grow(back, grow, sample());
    CHECK(back.name == "first" && back.tail == grow.tail);
    CHECK(!back.__isset.more && !back.__isset.last);
    try {
        newer.only_here(sample());
        CHECK(false);
    } catch (const TApplicationException &e) {
        CHECK(e.getType() == TApplicationException::UNKNOWN_METHOD);
    }
    int32_t before = c.remembered(), after = before;
    for (int i = 1; i <= 10; i++)
        c.forget(i);
    for (int i = 0; i < 100000 && after != before + 55; i++)
        after = c.remembered();
    CHECK(after == before + 55);
}

static int
call(bool framed, int port)
{
    auto socket = std::make_shared<TSocket>("127.0.0.1", port);
    shared_ptr<TTransport> transport(new TBufferedTransport(socket));
    if (framed)
        transport.reset(new TFramedTransport(socket));
    auto protocol = std::make_shared<TBinaryProtocol>(transport);
    EverythingClient c(protocol);
    NewerClient newer(protocol);
    socket->setRecvTimeout(20000);
    transport->open();
    check_values(c);
    check_trouble(c);
    check_versions(c, newer);
    transport->close();
    return 0;
}

int
main(int argc, char **argv)
{
    CHECK(argc >= 3);
    bool framed = argv[2][0] == 'f';
    GlobalOutput.setOutputFunction([](const char *) {});
    try {
        if (argv[1][0] == 's')
            return serve(framed);
        CHECK(argc == 4);
        return call(framed, std::atoi(argv[3]));
    } catch (const std::exception &e) {
        std::fprintf(stderr, "peer: %s\n", e.what());
        return 1;
    }
}
