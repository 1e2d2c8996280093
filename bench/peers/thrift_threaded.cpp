// SPDX-License-Identifier: MIT
// Apache Thrift's C++ with TThreadedServer: a thread for each connection.
#include "handler.h"

#include <thrift/server/TThreadedServer.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TServerSocket.h>

using namespace apache::thrift;

int
main(int argc, char **argv)
{
    server::TThreadedServer server(
        processor(),
        std::make_shared<transport::TServerSocket>("127.0.0.1",
                                                   port_of(argc, argv)),
        std::make_shared<transport::TFramedTransportFactory>(),
        std::make_shared<protocol::TBinaryProtocolFactory>());
    server.setServerEventHandler(std::make_shared<Teller>());
    server.serve();
}
