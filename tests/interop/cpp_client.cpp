/* SPDX-License-Identifier: MIT */
/* Apache's C++ library calls every method of a server of Peer. */
#include "cpp_peer.h"

#include "Changed.h"
#include "Newer.h"

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include <atomic>
#include <cmath>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <thread>
#include <typeinfo>

using namespace everything;
using namespace apache::thrift::protocol;
using namespace apache::thrift::transport;

using apache::thrift::TApplicationException;
using std::shared_ptr;
using std::string;

static std::atomic<int> checks;

template <class T>
static void
same(const char *what, const T &got, const T &wanted)
{
    if (!(got == wanted))
        throw std::runtime_error(string(what) + ": another result");
    checks++;
}

static shared_ptr<TProtocol>
open(const Target &target)
{
    auto socket = std::make_shared<TSocket>(target.host, target.port);
    socket->setRecvTimeout(LONG_MS);
    shared_ptr<TTransport> transport;
    if (target.framed)
        transport = std::make_shared<TFramedTransport>(socket);
    else
        transport = std::make_shared<TBufferedTransport>(socket);
    transport->open();
    return std::make_shared<TBinaryProtocol>(transport);
}

/* echo_x(it) gives its result back, or fills in a reference. */
template <class T>
static void
echoes(PeerClient &peer, T (PeerClient::*echo)(const T),
       std::initializer_list<T> values)
{
    for (T value : values)
        same("echo of a number", (peer.*echo)(value), value);
}

template <class T>
static void
echoes(PeerClient &peer, void (PeerClient::*echo)(T &, const T &),
       const std::vector<T> &values)
{
    for (const T &value : values) {
        T got;
        (peer.*echo)(got, value);
        same(typeid(T).name(), got, value);
    }
}

static void
structs(PeerClient &peer)
{
    Everything got;
    peer.nothing();
    peer.sample(got);
    same("sample", got, c.SAMPLE);
    same("is_sample", peer.is_sample(c.SAMPLE), true);
    same("is_sample", peer.is_sample(c.EMPTY), false);
    Everything fresh;
    fresh.mood = Mood::HAPPY;
    fresh.choice.__set_text("");
    echoes<Everything>(peer, &PeerClient::echo, {c.SAMPLE, c.EMPTY, fresh});
    echoes<Choice>(peer, &PeerClient::echo_choice, c.CHOICES);
    const Many &m = c.MANY;
    Many back;
    peer.many(back, m.yes, m.tiny, m.small, m.number, m.large, m.real, m.text,
              m.raw, m.mood, m.ints, m.words, m.ages, m.point, m.choice, m.tree,
              m.late, m.last);
    same("many", back, m);
}

template <class T>
static void
integers(PeerClient &peer, T (PeerClient::*echo)(const T))
{
    const T least = std::numeric_limits<T>::min();
    const T most = std::numeric_limits<T>::max();
    echoes<T>(peer, echo, {least, T(least + 1), T(-1), 0, 1, most});
}

static void
numbers(PeerClient &peer)
{
    const double inf = std::numeric_limits<double>::infinity();
    integers<int8_t>(peer, &PeerClient::echo_i8);
    integers<int16_t>(peer, &PeerClient::echo_i16);
    integers<int32_t>(peer, &PeerClient::echo_i32);
    integers<int64_t>(peer, &PeerClient::echo_i64);
    echoes<bool>(peer, &PeerClient::echo_bool, {true, false});
    echoes<Mood::type>(peer, &PeerClient::echo_mood,
                       {Mood::HAPPY, Mood::WORST, Mood::BEST, Mood::type(99)});
    echoes<double>(peer, &PeerClient::echo_double,
                   {0.0, 1.0 / 3, -1e308, 5e-324, inf, -inf});
    same("-0", std::signbit(peer.echo_double(-0.0)), true);
    same("NaN", std::isnan(peer.echo_double(std::nan(""))), true);
}

static void
texts(PeerClient &peer)
{
    string bytes(1 << 20, 0), wide;
    for (size_t i = 0; i < bytes.size(); i++)
        bytes[i] = char(i * 7 + (i >> 8));
    while (wide.size() < bytes.size())
        wide += "世界ü ";
    echoes<string>(
        peer, &PeerClient::echo_string,
        {"", "a", string("\0 and \0", 7), string(1 << 20, 'x'), wide});
    echoes<string>(peer, &PeerClient::echo_binary,
                   {"", bytes.substr(0, 256), bytes});
}

static void
containers(PeerClient &peer)
{
    std::vector<int32_t> ints;
    for (int32_t i = 0; i < 100000; i++)
        ints.push_back(i * 21341 - 100000);
    echoes<std::vector<int32_t>>(peer, &PeerClient::echo_list, {{}, ints});
    echoes<std::vector<Point>>(peer, &PeerClient::echo_points, {{}, c.POINTS});
    echoes<std::set<string>>(peer, &PeerClient::echo_set, {{}, c.WORDS});
    echoes<std::map<string, int64_t>>(peer, &PeerClient::echo_map,
                                      {{}, c.AGES});
    echoes<Nested>(peer, &PeerClient::echo_nested, {{}, c.NESTED});
}

/* What a call throws is the wanted exception. */
template <class E, class F>
static void
throws(const char *what, const E &wanted, F call)
{
    try {
        call();
    } catch (const E &thrown) {
        same(what, thrown, wanted);
        return;
    }
    throw std::runtime_error(string(what) + ": nothing was thrown");
}

template <class F>
static void
fails(const char *what, int type, const string &text, F call)
{
    try {
        call();
    } catch (const TApplicationException &error) {
        same(what, int(error.getType()), type);
        same(what, string(error.what()).find(text) != string::npos, true);
        return;
    }
    throw std::runtime_error(string(what) + ": nothing was thrown");
}

static void
ping(PeerClient &peer, const string &text)
{
    string got;
    peer.ping(got, text);
    same("ping", got, text);
}

static void
exceptions(PeerClient &peer)
{
    same("refuse", peer.refuse(0), 7);
    throws("refuse", c.REFUSED, [&] { peer.refuse(1); });
    throws("refuse", c.BROKEN, [&] { peer.refuse(2); });
    peer.refuse_void(0);
    throws("refuse_void", c.REFUSED, [&] { peer.refuse_void(1); });
    throws("refuse_void", c.BROKEN, [&] { peer.refuse_void(2); });
    fails("fail", TApplicationException::INTERNAL_ERROR, "no luck",
          [&] { peer.fail("no luck"); });
    ping(peer, "still here");
}

static void
oneway(PeerClient &peer)
{
    for (int64_t number : {int64_t(-1), int64_t(1) << 40, int64_t(5)})
        peer.note(number);
    same("noted", peer.noted(3), (int64_t(1) << 40) + 4);
}

/* Methods, fields and arguments that the server does not have. */
static void
unknown(const Target &target, NewerClient &newer)
{
    fails("unheard", TApplicationException::UNKNOWN_METHOD, "",
          [&] { newer.unheard(c.SAMPLE, "text"); });
    newer.unheard_note({c.SAMPLE, c.EMPTY});
    ping(newer, "a oneway call got no answer");

    ChangedClient changed(open(target));
    Wide wide, want_wide;
    changed.narrow(wide, c.WIDE, c.MORE);
    want_wide.id = c.WIDE.id;
    want_wide.name = c.WIDE.name;
    want_wide.__set_last(c.WIDE.last);
    same("narrow", wide, want_wide);

    Narrow narrow, want_narrow;
    changed.wide(narrow, c.NARROW);
    want_narrow.id = c.NARROW.id;
    want_narrow.name = c.NARROW.name;
    want_narrow.__set_last(c.WIDE.last);
    same("wide", narrow, want_narrow);
}

/* Eight connections, all busy. */
static void
at_once(const Target &target)
{
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    auto run = [&] {
        try {
            PeerClient peer(open(target));
            for (int32_t i = 0; i < 50; i++)
                same("at_once", peer.echo_i32(i), i);
            echoes<Everything>(peer, &PeerClient::echo, {c.SAMPLE, c.EMPTY});
            good++;
        } catch (const std::exception &error) {
            std::cerr << "cpp_peer: " << error.what() << std::endl;
        }
    };
    for (int i = 0; i < 8; i++)
        threads.emplace_back(run);
    for (std::thread &thread : threads)
        thread.join();
    same("at_once", good.load(), 8);
}

void
call(const Target &target)
{
    NewerClient peer(open(target));
    structs(peer);
    numbers(peer);
    texts(peer);
    containers(peer);
    exceptions(peer);
    oneway(peer);
    unknown(target, peer);
    at_once(target);
    std::cout << "checks " << checks << std::endl;
}
