// SPDX-License-Identifier: MIT
// Dialects in Apache Thrift's C++, and the connection of a client; for
// peer.cpp.
#ifndef WEFT_TESTS_INTEROP_PEER_WIRE_H
#define WEFT_TESTS_INTEROP_PEER_WIRE_H

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/THeaderProtocol.h>
#include <thrift/protocol/TJSONProtocol.h>
#include <thrift/protocol/TMultiplexedProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/THeaderTransport.h>
#include <thrift/transport/THttpClient.h>
#include <thrift/transport/THttpServer.h>
#include <thrift/transport/TSocket.h>
#include <thrift/transport/TZlibTransport.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

using namespace apache::thrift;
using namespace apache::thrift::protocol;
using namespace apache::thrift::transport;
using std::shared_ptr;

#define CHECK(cond)                                                    \
    ((cond) ? (void)0                                                  \
            : (std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, \
                            __LINE__, #cond),                          \
               std::exit(1)))

static bool mux, serves;
static std::string framing, protocol_name;

static bool
begins(const std::string &text, const char *with)
{
    return text.compare(0, std::strlen(with), with) == 0;
}

// Split a dialect like mux-framed-binary into its words.
static void
parse(const std::string &dialect)
{
    mux = begins(dialect, "mux-");
    size_t from = mux ? 4 : 0, dash = dialect.find('-', from);
    CHECK(dash != std::string::npos);
    framing = dialect.substr(from, dash - from);
    protocol_name = dialect.substr(dash + 1);
}

static bool
in_http()
{
    return framing == "http" || framing == "theaderinhttp";
}

class Transports : public TTransportFactory
{
  public:
    shared_ptr<TTransport> getTransport(shared_ptr<TTransport> below) override
    {
        if (in_http())
            return http(below);
        if (begins(framing, "zlib") || framing == "theaderinzlib")
            below = std::make_shared<TZlibTransport>(below);
        if (begins(framing, "theader"))
            return below; // THeader's protocol makes its own transport
        if (framing == "framed" || framing == "zlibframed")
            return std::make_shared<TFramedTransport>(below);
        return std::make_shared<TBufferedTransport>(below);
    }

  private:
    static shared_ptr<TTransport> http(shared_ptr<TTransport> below)
    {
        if (serves)
            return std::make_shared<THttpServer>(below);
        return std::make_shared<THttpClient>(below, "localhost", "/weft");
    }
};

class Protocols : public TProtocolFactory
{
  public:
    shared_ptr<TProtocol> getProtocol(shared_ptr<TTransport> trans) override
    {
        return getProtocol(trans, trans);
    }
    shared_ptr<TProtocol> getProtocol(shared_ptr<TTransport> trans,
                                      shared_ptr<TTransport> other) override
    {
        if (begins(framing, "theader"))
            return header(trans, other);
        if (protocol_name == "compact")
            return std::make_shared<TCompactProtocol>(trans);
        if (protocol_name == "json")
            return std::make_shared<TJSONProtocol>(trans);
        auto binary = std::make_shared<TBinaryProtocol>(trans);
        binary->setStrict(false, protocol_name != "old");
        return binary;
    }

  private:
    static shared_ptr<TProtocol> header(shared_ptr<TTransport> in,
                                        shared_ptr<TTransport> out)
    {
        auto header = std::make_shared<THeaderProtocol>(
            in, out,
            protocol_name == "compact" ? T_COMPACT_PROTOCOL
                                       : T_BINARY_PROTOCOL);
        if (framing == "theaderzlib")
            std::dynamic_pointer_cast<THeaderTransport>(header->getTransport())
                ->setTransform(THeaderTransport::ZLIB_TRANSFORM);
        return header;
    }
};

struct Connection {
    Connection(int port, int timeout_ms)
        : socket(std::make_shared<TSocket>("127.0.0.1", port))
    {
        socket->setRecvTimeout(timeout_ms);
        transport = Transports().getTransport(socket);
        protocol = Protocols().getProtocol(transport);
        transport->open();
    }
    shared_ptr<TProtocol> named(const char *service)
    {
        if (!mux)
            return protocol;
        return std::make_shared<TMultiplexedProtocol>(protocol, service);
    }

    shared_ptr<TSocket> socket;
    shared_ptr<TTransport> transport;
    shared_ptr<TProtocol> protocol;
};

#endif
