// SPDX-License-Identifier: MIT
// Apache Thrift's C++ with TNonblockingServer: one thread, libevent.
#include "handler.h"

#include <thrift/server/TNonblockingServer.h>
#include <thrift/transport/TNonblockingServerSocket.h>

using namespace apache::thrift;

int
main(int argc, char **argv)
{
    auto socket = std::make_shared<transport::TNonblockingServerSocket>(
        "127.0.0.1", port_of(argc, argv));
    server::TNonblockingServer server(
        processor(), std::make_shared<protocol::TBinaryProtocolFactory>(),
        socket);
    server.setServerEventHandler(std::make_shared<Teller>());
    server.serve();
}
