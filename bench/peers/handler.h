/* SPDX-License-Identifier: MIT */
/* The service that both servers of Apache's C++ library run. */
#ifndef BENCH_HANDLER_H
#define BENCH_HANDLER_H

#include "EchoServer.h"

#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/server/TServer.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

class Echo : public EchoServerIf
{
  public:
    void echo(Req &reply, const Req &req) override
    {
        reply = req;
    }
};

/* Prints a line as soon as the server listens. */
class Teller : public apache::thrift::server::TServerEventHandler
{
  public:
    void preServe() override
    {
        puts("listening");
        fflush(stdout);
    }
};

/* The port after "--port", or 8888. */
inline int
port_of(int argc, char **argv)
{
    bool is_there = argc == 3 && strcmp(argv[1], "--port") == 0;
    return is_there ? atoi(argv[2]) : 8888;
}

inline std::shared_ptr<EchoServerProcessor>
processor()
{
    return std::make_shared<EchoServerProcessor>(std::make_shared<Echo>());
}

#endif
