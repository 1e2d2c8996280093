// SPDX-License-Identifier: MIT
// gRPC's C++ with one thread and one completion queue: grpc_server --port N.
#include "echo.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

// A call, from its request to the end of its reply. When a request arrives, the
// server asks for the next one.
class Call
{
  public:
    Call(EchoServer::AsyncService *of, grpc::ServerCompletionQueue *with)
        : service(of), queue(with), reply(&context)
    {
        service->Requestecho(&context, &req, &reply, queue, queue, this);
    }
    void step(bool ok)
    {
        if (!ok || is_answered) {
            delete this;
            return;
        }
        new Call(service, queue);
        back.set_action(req.action());
        back.set_msg(req.msg());
        is_answered = true;
        reply.Finish(back, grpc::Status::OK, this);
    }

  private:
    EchoServer::AsyncService *service;
    grpc::ServerCompletionQueue *queue;
    grpc::ServerContext context;
    Req req, back;
    grpc::ServerAsyncResponseWriter<Req> reply;
    bool is_answered = false;
};

int
main(int argc, char **argv)
{
    bool is_there = argc == 3 && strcmp(argv[1], "--port") == 0;
    EchoServer::AsyncService service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(std::string("0.0.0.0:") +
                                 (is_there ? argv[2] : "8888"),
                             grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    std::unique_ptr<grpc::ServerCompletionQueue> queue =
        builder.AddCompletionQueue();
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    if (!server)
        return 1;
    puts("listening");
    fflush(stdout);
    // Ask for as many requests as may arrive at once.
    for (int i = 0; i < 1000; i++)
        new Call(&service, queue.get());
    void *tag;
    bool ok;
    while (queue->Next(&tag, &ok))
        static_cast<Call *>(tag)->step(ok);
    return 0;
}
