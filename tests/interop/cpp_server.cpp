/* SPDX-License-Identifier: MIT */
/* Apache's C++ library serves Peer. */
#include "cpp_peer.h"

#include "Peer.h"

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stdexcept>

using namespace everything;
using namespace apache::thrift::protocol;
using namespace apache::thrift::server;
using namespace apache::thrift::transport;

using std::shared_ptr;
using std::string;

static void
throw_one(int32_t how)
{
    if (how == 1)
        throw c.REFUSED;
    if (how == 2)
        throw c.BROKEN;
}

class Echo : virtual public PeerIf
{
  public:
    bool echo_bool(const bool it) override
    {
        return it;
    }
    int8_t echo_i8(const int8_t it) override
    {
        return it;
    }
    int16_t echo_i16(const int16_t it) override
    {
        return it;
    }
    int32_t echo_i32(const int32_t it) override
    {
        return it;
    }
    int64_t echo_i64(const int64_t it) override
    {
        return it;
    }
    double echo_double(const double it) override
    {
        return it;
    }
    Mood::type echo_mood(const Mood::type it) override
    {
        return it;
    }
    void echo(Everything &to, const Everything &it) override
    {
        to = it;
    }
    void echo_string(string &to, const string &it) override
    {
        to = it;
    }
    void echo_binary(string &to, const string &it) override
    {
        to = it;
    }
    void echo_choice(Choice &to, const Choice &it) override
    {
        to = it;
    }
    void echo_list(std::vector<int32_t> &to,
                   const std::vector<int32_t> &it) override
    {
        to = it;
    }
    void echo_points(std::vector<Point> &to,
                     const std::vector<Point> &it) override
    {
        to = it;
    }
    void echo_set(std::set<string> &to, const std::set<string> &it) override
    {
        to = it;
    }
    void echo_map(std::map<string, int64_t> &to,
                  const std::map<string, int64_t> &it) override
    {
        to = it;
    }
    void echo_nested(Nested &to, const Nested &it) override
    {
        to = it;
    }
};

class Handler : public Echo
{
    std::mutex mutex;
    std::condition_variable more;
    int32_t count = 0;
    int64_t sum = 0;

  public:
    void ping(string &to, const string &text) override
    {
        to = text;
    }

    void note(const int64_t number) override
    {
        std::lock_guard<std::mutex> hold(mutex);
        count++;
        sum += number;
        more.notify_all();
    }

    int64_t noted(const int32_t wanted) override
    {
        std::unique_lock<std::mutex> hold(mutex);
        if (!more.wait_for(hold, std::chrono::milliseconds(LONG_MS),
                           [&] { return count >= wanted; }))
            throw std::runtime_error("not all notes came");
        int64_t total = sum;
        count = 0;
        sum = 0;
        return total;
    }

    void nothing() override {}
    void sample(Everything &to) override
    {
        to = c.SAMPLE;
    }
    bool is_sample(const Everything &it) override
    {
        return it == c.SAMPLE;
    }

    void many(Many &to, const bool yes, const int8_t tiny, const int16_t small,
              const int32_t number, const int64_t large, const double real,
              const string &text, const string &raw, const Mood::type mood,
              const std::vector<int32_t> &ints, const std::set<string> &words,
              const std::map<string, int64_t> &ages, const Point &point,
              const Choice &choice, const Tree &tree, const int32_t late,
              const string &last) override
    {
        to.yes = yes;
        to.tiny = tiny;
        to.small = small;
        to.number = number;
        to.large = large;
        to.real = real;
        to.text = text;
        to.raw = raw;
        to.mood = mood;
        to.ints = ints;
        to.words = words;
        to.ages = ages;
        to.point = point;
        to.choice = choice;
        to.tree = tree;
        to.late = late;
        to.last = last;
    }

    int32_t refuse(const int32_t how) override
    {
        throw_one(how);
        return 7;
    }

    void refuse_void(const int32_t how) override
    {
        throw_one(how);
    }
    void fail(const string &why) override
    {
        throw std::runtime_error(why);
    }
    void narrow(Narrow &to, const Narrow &it) override
    {
        to = it;
    }

    void wide(Wide &to, const Wide &it) override
    {
        to = c.WIDE;
        to.id = it.id;
        to.name = it.name;
    }
};

/* Prints the port once the server listens. */
class Ready : public TServerEventHandler
{
    shared_ptr<TServerSocket> socket;

  public:
    explicit Ready(shared_ptr<TServerSocket> socket) : socket(socket) {}
    void preServe() override
    {
        std::cout << "port " << socket->getPort() << std::endl;
    }
};

void
serve(bool framed)
{
    auto socket = std::make_shared<TServerSocket>("127.0.0.1", 0);
    shared_ptr<TTransportFactory> transports;
    if (framed)
        transports = std::make_shared<TFramedTransportFactory>();
    else
        transports = std::make_shared<TBufferedTransportFactory>();
    TThreadedServer server(
        std::make_shared<PeerProcessor>(std::make_shared<Handler>()), socket,
        transports, std::make_shared<TBinaryProtocolFactory>());
    server.setServerEventHandler(std::make_shared<Ready>(socket));
    server.serve();
}
