/* SPDX-License-Identifier: MIT */
/* A name server on a thread of its own, over UDP and TCP. */
#ifndef WEFT_TESTS_DNS_STUB_H
#define WEFT_TESTS_DNS_STUB_H

#include "dns_zone.h"

#include "base/base.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define DNS_CONNS 8

struct dns_stub {
    pthread_t thread;
    pthread_mutex_t lock; /* guards `zone` */
    struct dns_zone zone;
    struct pollfd fds[3 + DNS_CONNS]; /* the end, UDP, TCP, connections */
    int end;                          /* what is written here ends the thread */
    uint16_t port;
    _Atomic int n_udp, n_tcp; /* queries */
    _Atomic int n_types[64];  /* queries by type */
    uint8_t reply[2 + DNS_REPLY_MAX];
};

static inline void
dns_must(bool holds)
{
    if (!holds)
        abort();
}

static inline size_t
dns_stub_answer(struct dns_stub *stub, const uint8_t *query, size_t n,
                bool is_udp)
{
    int type = 0;
    dns_must(!pthread_mutex_lock(&stub->lock));
    size_t len =
        dns_reply(&stub->zone, query, n, is_udp, stub->reply + 2, &type);
    dns_must(!pthread_mutex_unlock(&stub->lock));
    stub->reply[0] = (uint8_t)(len >> 8);
    stub->reply[1] = (uint8_t)len;
    wf_add(is_udp ? &stub->n_udp : &stub->n_tcp, 1, seq_cst);
    wf_add(&stub->n_types[type & 63], 1, seq_cst);
    return len;
}

static inline void
dns_stub_read_udp(struct dns_stub *stub)
{
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    uint8_t query[512];
    ssize_t n = recvfrom(stub->fds[1].fd, query, sizeof query, 0,
                         (struct sockaddr *)(void *)&from, &from_len);
    size_t len = n > 0 ? dns_stub_answer(stub, query, (size_t)n, true) : 0;
    if (len > 0)
        (void)!sendto(stub->fds[1].fd, stub->reply + 2, len, 0,
                      (const struct sockaddr *)(const void *)&from, from_len);
}

/* Returns whether the connection goes on. */
static inline bool
dns_stub_read_tcp(struct dns_stub *stub, int fd)
{
    uint8_t query[514];
    if (recv(fd, query, 2, MSG_WAITALL) != 2)
        return false;
    size_t n = (size_t)query[0] << 8 | query[1];
    if (n > 512 || recv(fd, query + 2, n, MSG_WAITALL) != (ssize_t)n)
        return false;
    size_t len = dns_stub_answer(stub, query + 2, n, false);
    return len == 0 ||
           send(fd, stub->reply, len + 2, MSG_NOSIGNAL) == (ssize_t)len + 2;
}

static inline void
dns_stub_accept(struct dns_stub *stub)
{
    int fd = accept(stub->fds[2].fd, NULL, NULL);
    for (int i = 3; i < 3 + DNS_CONNS && fd >= 0; i++)
        if (stub->fds[i].fd < 0) {
            stub->fds[i].fd = fd;
            return;
        }
    if (fd >= 0)
        close(fd);
}

static inline void *
dns_stub_run(void *arg)
{
    struct dns_stub *stub = arg;
    while (!stub->fds[0].revents) {
        dns_must(poll(stub->fds, 3 + DNS_CONNS, -1) > 0);
        if (stub->fds[1].revents)
            dns_stub_read_udp(stub);
        for (int i = 3; i < 3 + DNS_CONNS; i++)
            if (stub->fds[i].fd >= 0 && stub->fds[i].revents &&
                !dns_stub_read_tcp(stub, stub->fds[i].fd)) {
                close(stub->fds[i].fd);
                stub->fds[i].fd = -1;
            }
        if (stub->fds[2].revents)
            dns_stub_accept(stub);
    }
    return NULL;
}

/* Bind a socket to the port of the stub; port 0: choose one. */
static inline int
dns_stub_bind(struct dns_stub *stub, int type)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                            .sin_port = htons(stub->port)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    dns_must(fd >= 0);
    if (bind(fd, (const struct sockaddr *)(const void *)&a, n)) {
        close(fd);
        return -1;
    }
    dns_must(!getsockname(fd, (struct sockaddr *)(void *)&a, &n));
    stub->port = ntohs(a.sin_port);
    return fd;
}

static inline void
dns_stub_open(struct dns_stub *stub)
{
    int ends[2];
    memset(stub, 0, sizeof *stub);
    dns_must(!pthread_mutex_init(&stub->lock, NULL));
    for (int i = 0; i < 3 + DNS_CONNS; i++)
        stub->fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    do { /* until a port is free for both */
        if (stub->fds[2].fd >= 0)
            close(stub->fds[2].fd);
        stub->port = 0;
        stub->fds[2].fd = dns_stub_bind(stub, SOCK_STREAM);
        stub->fds[1].fd = dns_stub_bind(stub, SOCK_DGRAM);
    } while (stub->fds[1].fd < 0);
    dns_must(!listen(stub->fds[2].fd, 16) && !pipe(ends));
    stub->fds[0].fd = ends[0];
    stub->end = ends[1];
    dns_must(!pthread_create(&stub->thread, NULL, dns_stub_run, stub));
}

static inline void
dns_stub_close(struct dns_stub *stub)
{
    dns_must(write(stub->end, "", 1) == 1 && !pthread_join(stub->thread, NULL));
    close(stub->end);
    for (int i = 0; i < 3 + DNS_CONNS; i++)
        if (stub->fds[i].fd >= 0)
            close(stub->fds[i].fd);
    dns_must(!pthread_mutex_destroy(&stub->lock));
}

/* From now on the stub answers so. */
static inline void
dns_stub_set(struct dns_stub *stub, const struct dns_zone *zone)
{
    dns_must(!pthread_mutex_lock(&stub->lock));
    stub->zone = *zone;
    dns_must(!pthread_mutex_unlock(&stub->lock));
}

#endif
