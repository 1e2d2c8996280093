// SPDX-License-Identifier: MIT
// A load for gRPC, as tload is one for Thrift: a closed loop over C connections
// with D calls in flight on each. It checks every reply and prints one line of
// JSON.
// With -a one channel has several servers, and balances round robin.
// grpc_load (-p PORT | -a ADDRESS,...) [-P SERVER_PID] [-c C] [-d D]
//           [-t SECONDS] [-w WARMUP]
#include "echo.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using Clock = std::chrono::steady_clock;
using Stub = EchoServer::Stub;

static struct {
    std::string server, addresses;
    int port = 8888, conns = 1, depth = 1;
    double seconds = 2, warm = 0.5;
} options;

static Req request;
static std::vector<double> took_us;
static long errors, bad;
static bool is_measuring;

static std::chrono::duration<double>
seconds_since(Clock::time_point then)
{
    return Clock::now() - then;
}

// One of the calls in flight; when its reply arrives, it sends the next call.
struct Call {
    Stub *stub;
    grpc::CompletionQueue *queue;
    Clock::time_point sent;
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<Req>> reader;
    Req reply;
    grpc::Status status;

    void send()
    {
        context = std::make_unique<grpc::ClientContext>();
        sent = Clock::now();
        reader = stub->Asyncecho(context.get(), request, queue);
        reader->Finish(&reply, &status, this);
    }
    void take()
    {
        if (!status.ok())
            errors++;
        else if (reply.msg() != request.msg())
            bad++;
        if (is_measuring)
            took_us.push_back(seconds_since(sent).count() * 1e6);
    }
};

// User and system time of the server, all its threads; fields 14 and 15 of its
// stat.
static double
server_seconds()
{
    if (options.server.empty())
        return 0;
    std::ifstream file("/proc/" + options.server + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)),
                     std::istreambuf_iterator<char>());
    unsigned long user = 0, sys = 0;
    size_t name_end = text.rfind(')');
    if (name_end != std::string::npos)
        sscanf(text.c_str() + name_end + 2,
               "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &sys);
    return static_cast<double>(user + sys) /
           static_cast<double>(sysconf(_SC_CLK_TCK));
}

// User and system time of this process.
static double
own_seconds()
{
    rusage r;
    getrusage(RUSAGE_SELF, &r);
    return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static double
percentile(double p)
{
    size_t i = static_cast<size_t>(p * static_cast<double>(took_us.size() - 1));
    std::nth_element(took_us.begin(),
                     took_us.begin() + static_cast<ptrdiff_t>(i),
                     took_us.end());
    return took_us[i];
}

// Give each channel a connection of its own: equal channels share one by
// default.
static std::unique_ptr<Stub>
connect()
{
    grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    std::string target = "127.0.0.1:" + std::to_string(options.port);
    if (!options.addresses.empty()) {
        own.SetLoadBalancingPolicyName("round_robin");
        target = "ipv4:" + options.addresses;
    }
    auto channel = grpc::CreateCustomChannel(
        target, grpc::InsecureChannelCredentials(), own);
    return EchoServer::NewStub(channel);
}

static void
report(double span, double cpu, double own)
{
    double n = static_cast<double>(took_us.size());
    printf("{\"conns\":%d,\"depth\":%d,\"bytes\":%zu,\"qps\":%.0f",
           options.conns, options.depth, request.msg().size(), n / span);
    printf(",\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f", percentile(.5),
           percentile(.99), percentile(.999));
    printf(",\"server_cpu_us\":%.2f,\"server_cores\":%.2f,"
           "\"client_cpu_us\":%.2f,\"errors\":%ld,\"bad\":%ld}\n",
           cpu * 1e6 / n, cpu / span, own * 1e6 / n, errors, bad);
}

static int
run()
{
    grpc::CompletionQueue queue;
    std::vector<std::unique_ptr<Stub>> stubs;
    std::vector<Call> calls(static_cast<size_t>(options.conns * options.depth));
    for (int i = 0; i < options.conns; i++)
        stubs.push_back(connect());
    for (size_t i = 0; i < calls.size(); i++) {
        calls[i].stub = stubs[i % stubs.size()].get();
        calls[i].queue = &queue;
        calls[i].send();
    }
    auto from = Clock::now();
    double cpu = 0, own = 0, span = 0;
    void *tag;
    bool ok;
    while (!errors && !bad && queue.Next(&tag, &ok)) {
        span = seconds_since(from).count();
        if (!is_measuring && span >= options.warm) {
            is_measuring = true;
            from = Clock::now();
            cpu = server_seconds();
            own = own_seconds();
            span = 0;
        }
        if (is_measuring && span >= options.seconds)
            break;
        static_cast<Call *>(tag)->take();
        static_cast<Call *>(tag)->send();
    }
    cpu = server_seconds() - cpu;
    own = own_seconds() - own;
    if (took_us.empty() || errors || bad) {
        fprintf(stderr, "grpc_load: %ld errors, %ld bad replies, %zu good\n",
                errors, bad, took_us.size());
        return 1;
    }
    report(span, cpu, own);
    return 0;
}

int
main(int argc, char **argv)
{
    int o;
    while ((o = getopt(argc, argv, "a:p:P:c:d:t:w:")) != -1) {
        if (o == 'a')
            options.addresses = optarg;
        else if (o == 'p')
            options.port = atoi(optarg);
        else if (o == 'P')
            options.server = optarg;
        else if (o == 'c')
            options.conns = std::max(1, atoi(optarg));
        else if (o == 'd')
            options.depth = std::max(1, atoi(optarg));
        else if (o == 't')
            options.seconds = atof(optarg);
        else if (o == 'w')
            options.warm = atof(optarg);
        else
            return 2;
    }
    request.set_msg(std::string(1024, 'x'));
    int status = run();
    fflush(stdout);
    _exit(status); // without waiting for the calls in flight
}
