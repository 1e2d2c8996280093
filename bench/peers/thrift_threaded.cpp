// SPDX-License-Identifier: MIT
// Apache Thrift's C++ with TThreadedServer: a thread for each connection.
#include "handler.h"

#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>
#include <thrift/transport/TSocket.h>

#include <climits>

using namespace apache::thrift;

/* Without this limit a transport of Thrift, which counts all its bytes as one
 * message, would close after 100 MiB. One connection with 64 calls in flight
 * sends that much in a second. */
static std::shared_ptr<TConfiguration>
all_it_may_be()
{
    return std::make_shared<TConfiguration>(INT_MAX);
}

class Sockets : public transport::TServerSocket
{
  public:
    using TServerSocket::TServerSocket;

  protected:
    std::shared_ptr<transport::TSocket> createSocket(THRIFT_SOCKET fd) override
    {
        return std::make_shared<transport::TSocket>(fd, all_it_may_be());
    }
};

class Frames : public transport::TFramedTransportFactory
{
  public:
    std::shared_ptr<transport::TTransport>
    getTransport(std::shared_ptr<transport::TTransport> inner) override
    {
        return std::make_shared<transport::TFramedTransport>(inner,
                                                             all_it_may_be());
    }
};

int
main(int argc, char **argv)
{
    server::TThreadedServer server(
        processor(),
        std::make_shared<Sockets>("127.0.0.1", port_of(argc, argv)),
        std::make_shared<Frames>(),
        std::make_shared<protocol::TBinaryProtocolFactory>());
    server.setServerEventHandler(std::make_shared<Teller>());
    server.serve();
}
