/* SPDX-License-Identifier: MIT */
/*
 * An open-loop load that measures the latency of fast calls while a few are
 * slow.
 *
 * Calls are sent by the clock, even if earlier calls have no reply yet, and
 * latency counts from the time when a call was due, so that a server that
 * stalls cannot hide that. One of ONE_IN calls asks echo_server to sleep or to
 * burn 5 ms; the percentiles are those of the others.
 *
 * usage: tail -p PORT [-c CONNS] [-r CALLS_PER_SECOND] [-t SECONDS]
 *             [-a ACTION of the slow ones, e.g. sleep:5] [-n ONE_IN]
 *             [-s] (sleep between events, which leaves the core to the server,
 *             but sends each call late by the time of waking) [-P SERVER_PID]
 */
#define _GNU_SOURCE
#include "process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD 1024
#define MAX_CALLS 8000000u

struct conn {
    int fd;
    uint8_t in[65536];
    size_t len;
};

static uint16_t port = 8888;
static uint32_t n_conns = 50, rate = 10000, one_in = 100;
static double seconds = 5;
static const char *action = "sleep:5", *server_pid;
static bool sleeps;

static struct conn *conns;
static uint64_t *due_ns;  /* of each call, by sequence number */
static uint64_t *took_ns; /* of each fast call that has a reply */
static uint32_t n_sent, n_back, n_fast;

static uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
die(const char *what)
{
    fprintf(stderr, "tail: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint8_t *
put32(uint8_t *p, uint32_t v)
{
    v = htonl(v);
    memcpy(p, &v, 4);
    return p + 4;
}

static uint32_t
get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return ntohl(v);
}

static uint8_t *
put_str(uint8_t *p, uint8_t id, const char *text, size_t len)
{
    *p++ = 11;
    *p++ = 0;
    *p++ = id;
    p = put32(p, (uint32_t)len);
    memcpy(p, text, len);
    return p + len;
}

static size_t
build(uint8_t *out, uint32_t seq, const char *what)
{
    static char text[PAYLOAD];
    uint8_t *p = put32(out + 4, 0x80010001u);
    p = put32(p, 4);
    memcpy(p, "echo", 4);
    p = put32(p + 4, seq);
    memcpy(p, "\x0c\x00\x01", 3);
    p = put_str(p + 3, 1, what, strlen(what));
    p = put_str(p, 2, text, sizeof text);
    *p++ = 0;
    *p++ = 0;
    put32(out, (uint32_t)(p - out - 4));
    return (size_t)(p - out);
}

static bool
is_slow(uint32_t seq)
{
    return one_in && seq % one_in == one_in / 2;
}

static void
send_one(uint64_t due)
{
    uint8_t out[PAYLOAD + 256];
    uint32_t seq = n_sent++;
    /* Slow and fast calls share the connections. */
    struct conn *c = &conns[(seq * 2654435761u >> 8) % n_conns];
    size_t len = build(out, seq, is_slow(seq) ? action : "");
    due_ns[seq] = due;
    if (send(c->fd, out, len, MSG_NOSIGNAL) != (ssize_t)len)
        die("send");
}

/* A reply equals its call, except for the type and the id of the struct's
 * field. */
static bool
is_reply(const uint8_t *frame, uint32_t seq)
{
    uint8_t want[PAYLOAD + 256];
    size_t len = build(want, seq, is_slow(seq) ? action : "");
    want[7] = 2;
    want[22] = 0;
    return 4 + get32(frame) == len && memcmp(frame, want, len) == 0;
}

static void
take(const uint8_t *frame, uint64_t now)
{
    uint32_t seq = get32(frame) < 16 ? UINT32_MAX : get32(frame + 16);
    if (seq >= n_sent || !is_reply(frame, seq)) {
        fprintf(stderr, "tail: a reply that is none\n");
        exit(1);
    }
    n_back++;
    if (!is_slow(seq))
        took_ns[n_fast++] = now - due_ns[seq];
}

static void
receive(struct conn *c)
{
    ssize_t n =
        recv(c->fd, c->in + c->len, sizeof c->in - c->len, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        die("recv");
    if (n < 0)
        return;
    c->len += (size_t)n;
    uint64_t now = now_ns();
    size_t off = 0;
    while (c->len - off >= 4 && c->len - off >= 4 + get32(c->in + off)) {
        take(c->in + off, now);
        off += 4 + get32(c->in + off);
    }
    memmove(c->in, c->in + off, c->len - off);
    c->len -= off;
}

static int
open_conns(void)
{
    const int on = 1;
    int epoll = epoll_create1(0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (uint32_t i = 0; i < n_conns; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &conns[i]};
        conns[i].fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(conns[i].fd, (struct sockaddr *)&to, sizeof to))
            die("connect");
        setsockopt(conns[i].fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(epoll, EPOLL_CTL_ADD, conns[i].fd, &e);
    }
    return epoll;
}

/* Send and receive until all calls have replies. Spin between events unless -s
 * is given, because a sleep ends about 50 us late. */
static void
run(int epoll)
{
    struct epoll_event events[64];
    uint64_t began = now_ns(), step = 1000000000u / rate;
    uint64_t until = began + (uint64_t)(seconds * 1e9);
    uint64_t next = began, grace = until + 2000000000u;
    for (uint64_t now = began; now < grace; now = now_ns()) {
        for (; next <= now && next < until && n_sent < MAX_CALLS; next += step)
            send_one(next);
        if (next >= until && n_back == n_sent)
            break;
        struct timespec pause = {.tv_nsec = 0};
        if (sleeps && next > now)
            pause.tv_nsec = (long)(next - now < 1000000 ? next - now : 1000000);
        int n = epoll_pwait2(epoll, events, 64, &pause, NULL);
        for (int i = 0; i < n; i++)
            receive(events[i].data.ptr);
    }
}

static int
compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double
percentile(double p)
{
    return n_fast ? (double)took_ns[(uint32_t)(p * (n_fast - 1))] / 1e3 : 0;
}

int
main(int argc, char **argv)
{
    int o;
    while ((o = getopt(argc, argv, "p:c:r:t:a:n:sP:")) != -1) {
        switch (o) {
        case 'p':
            port = (uint16_t)atoi(optarg);
            break;
        case 'c':
            n_conns = (uint32_t)atoi(optarg);
            break;
        case 'r':
            rate = (uint32_t)atoi(optarg);
            break;
        case 't':
            seconds = atof(optarg);
            break;
        case 'a':
            action = optarg;
            break;
        case 'n':
            one_in = (uint32_t)atoi(optarg);
            break;
        case 's':
            sleeps = true;
            break;
        case 'P':
            server_pid = optarg;
            break;
        default:
            fprintf(stderr, "usage: tail -p PORT [-c CONNS] [-r RATE] "
                            "[-t SECONDS] [-a ACTION] [-n ONE_IN, 0: none] "
                            "[-s] [-P SERVER_PID]\n");
            return 2;
        }
    }
    conns = calloc(n_conns, sizeof *conns);
    due_ns = calloc(MAX_CALLS, sizeof *due_ns);
    took_ns = calloc(MAX_CALLS, sizeof *took_ns);
    if (!conns || !due_ns || !took_ns)
        die("memory");
    (void)prctl(PR_SET_TIMERSLACK, 1);
    int epoll = open_conns();
    double cpu = seconds_of(server_pid);
    run(epoll);
    cpu = seconds_of(server_pid) - cpu;
    qsort(took_ns, n_fast, sizeof *took_ns, compare);
    printf("{\"conns\":%u,\"rate\":%u,\"action\":\"%s\",\"one_in\":%u,"
           "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,"
           "\"p999_us\":%.1f,\"max_us\":%.1f,\"server_cpu_us\":%.3f,"
           "\"calls\":%u,\"lost\":%u}\n",
           n_conns, rate, action, one_in, percentile(.5), percentile(.9),
           percentile(.99), percentile(.999), percentile(1),
           cpu * 1e6 / (n_back ? n_back : 1), n_back, n_sent - n_back);
    return n_sent != n_back;
}
