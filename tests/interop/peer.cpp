// SPDX-License-Identifier: MIT
// Apache Thrift's C++: peer server DIALECT | client DIALECT PORT.
#include "Everything.h"
#include "Future.h"
#include "Second.h"
#include "peer_wire.h"

#include <thrift/TOutput.h>
#include <thrift/processor/TMultiplexedProcessor.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TServerSocket.h>

#include <atomic>
#include <limits>
#include <stdexcept>
#include <thread>

using namespace everything;

// The protocols of the call that this thread answers.
static thread_local std::shared_ptr<TProtocol> call_in, call_out;

static std::shared_ptr<THeaderProtocol>
headed(const shared_ptr<TProtocol> &protocol)
{
    return std::dynamic_pointer_cast<THeaderProtocol>(protocol);
}

class Handler : public EverythingIf, public SecondIf
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
    void seen(Seen &back) override
    {
        back.left_ms = -1;
        if (!headed(call_in))
            return;
        back.headers = headed(call_in)->getHeaders();
        auto ask = back.headers.find("ask");
        if (ask != back.headers.end())
            headed(call_out)->setHeader("answer", ask->second);
    }
    void relay(Seen &) override
    {
        throw std::runtime_error("only weft's server calls itself");
    }
    int32_t nap(const int32_t ms) override
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(ms));
        return ms;
    }
    int32_t business(const int32_t) override
    {
        throw std::runtime_error("sold out");
    }
    int32_t twice(const int32_t number) override
    {
        return 2 * number;
    }

  private:
    std::atomic<int32_t> forgotten{0};
};

// Stores both protocols for the handler, because they have the headers.
class Processor : public TProcessor
{
  public:
    explicit Processor(shared_ptr<TProcessor> b) : below(b) {}
    bool process(shared_ptr<TProtocol> in, shared_ptr<TProtocol> out,
                 void *context) override
    {
        call_in = in;
        call_out = out;
        return below->process(in, out, context);
    }

  private:
    shared_ptr<TProcessor> below;
};

// Prints its port.
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
serve()
{
    auto handler = std::make_shared<Handler>();
    shared_ptr<TProcessor> processor =
        std::make_shared<EverythingProcessor>(handler);
    if (mux) {
        auto services = std::make_shared<TMultiplexedProcessor>();
        services->registerProcessor("Everything", processor);
        services->registerProcessor("Second",
                                    std::make_shared<SecondProcessor>(handler));
        processor = services;
    }
    auto socket = std::make_shared<TServerSocket>("127.0.0.1", 0);
    server::TThreadedServer server(std::make_shared<Processor>(processor),
                                   socket, std::make_shared<Transports>(),
                                   std::make_shared<Protocols>());
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
    if (protocol_name != "json") // Apache's JSON writes no NUL
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
check_versions(EverythingClient &c, FutureClient &newer)
{
    Grown grow, back;
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
}

// forgetful: Apache's HTTP client does not read the empty reply of a oneway
// call, so these calls get a connection of their own.
static void
check_oneway(EverythingClient &c, EverythingClient &forgetful)
{
    int32_t before = c.remembered(), after = before;
    for (int i = 1; i <= 10; i++)
        forgetful.forget(i);
    for (int i = 0; i < 100000 && after != before + 55; i++)
        after = c.remembered();
    CHECK(after == before + 55);
}

static void
check_timeout(int port)
{
    Connection impatient(port, 100), patient(port, 20000);
    EverythingClient slow(impatient.named("Everything"));
    try {
        for (int32_t ms = 2000;; ms *= 2)
            slow.nap(ms); /* returns only if this program was held up so long */
    } catch (const TTransportException &e) {
    }
    CHECK(EverythingClient(patient.named("Everything")).nap(1) == 1);
}

static void
check_headers(EverythingClient &c, THeaderProtocol &header)
{
    Seen seen;
    header.setHeader("ask", "why not");
    header.setHeader("client_timeout", "5000");
    c.seen(seen);
    CHECK(seen.headers["ask"] == "why not");
    CHECK(seen.left_ms > 0 && seen.left_ms <= 5000);
    auto answer = header.getHeaders().find("answer");
    CHECK(answer != header.getHeaders().end() && answer->second == "why not");
    c.seen(seen);
    CHECK(seen.headers.count("ask") == 0 && seen.left_ms == -1);
    CHECK(header.getHeaders().count("answer") == 0);
}

static void
check_business(EverythingClient &c, const shared_ptr<THeaderProtocol> &header)
{
    std::string text;
    try {
        c.business(1001);
    } catch (const TApplicationException &e) {
        text = e.what();
    }
    CHECK(text.find("sold out") != std::string::npos);
    if (header)
        CHECK(header->getHeaders().at("biz-status") == "1001");
}

static int
call(int port)
{
    Connection connection(port, 20000);
    EverythingClient c(connection.named("Everything"));
    FutureClient future(connection.named("Everything"));
    check_values(c);
    check_trouble(c);
    check_versions(c, future);
    {
        Connection other(port, 20000);
        EverythingClient forgetful(other.named("Everything"));
        check_oneway(c, in_http() ? forgetful : c);
    }
    for (int16_t i = 0; i < 400; i++)
        CHECK(c.sum(1, i, 2, 3) == i + 6);
    if (mux)
        CHECK(SecondClient(connection.named("Second")).twice(21) == 42);
    check_timeout(port);
    auto header = headed(connection.protocol);
    if (header)
        check_headers(c, *header);
    check_business(c, header);
    return 0;
}

int
main(int argc, char **argv)
{
    CHECK(argc >= 3);
    parse(argv[2]);
    GlobalOutput.setOutputFunction([](const char *) {});
    try {
        serves = argv[1][0] == 's';
        if (serves)
            return serve();
        CHECK(argc == 4);
        return call(std::atoi(argv[3]));
    } catch (const std::exception &e) {
        std::fprintf(stderr, "peer: %s\n", e.what());
        return 1;
    }
}
