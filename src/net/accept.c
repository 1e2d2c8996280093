/* SPDX-License-Identifier: MIT */
/*
 * Accepting. When the process has no descriptor left, the acceptor closes one
 * that it keeps in reserve, accepts a connection with it and closes that: the
 * peer sees an end instead of silence. Then it pauses, so that it does not
 * spin.
 */
#include "net/accept.h"

#include "net/addr.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PAUSE_MS 50 /* between two tries when descriptors are used up */
#define TURN 64     /* connections that are accepted before others may run */

struct wf_acceptor {
    struct wf_sock *sock;
    wf_accepted_fn accepted;
    void *owner;
    int reserve; /* a descriptor to give up, -1: none */
    uint16_t port;
    struct wf_addr addr;
    _Atomic bool stopping;
    struct weft_sem ended; /* given once, when the socket is closed */
};

static int
spare_descriptor(void)
{
    return wf_sys_open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* The host has no descriptor (or memory) left. */
static void
turn_one_away(struct wf_acceptor *a)
{
    wf_log_limited(WEFT_LOG_ERROR, "no descriptor for a connection: it is "
                                   "refused; raise the limit (ulimit -n)");
    if (a->reserve >= 0) {
        (void)wf_sys_close(a->reserve);
        int fd = wf_sys_accept4(a->sock->fd, SOCK_CLOEXEC);
        if (fd >= 0)
            (void)wf_sys_close(fd);
    }
    a->reserve = spare_descriptor();
}

static bool
is_shortage(int err)
{
    return err == -EMFILE || err == -ENFILE || err == -ENOBUFS ||
           err == -ENOMEM;
}

/* Accept until no connection waits. */
static void
accept_all(struct wf_acceptor *a)
{
    for (int i = 1; !wf_load(&a->stopping, acquire); i++) {
        int fd = wf_sys_accept4(a->sock->fd, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd == -EAGAIN || fd == -EINVAL) /* EINVAL: it was shut down */
            return;
        if (is_shortage(fd)) {
            turn_one_away(a);
            (void)weft_sleep_ms(PAUSE_MS);
        } else if (fd >= 0) {
            a->accepted(a->owner, fd);
        } /* else the peer had gone already: ECONNABORTED, EPROTO, ... */
        if (i % TURN == 0)
            weft_fiber_yield();
    }
}

/* The reader for as long as the acceptor lives: a connection that comes needs
 * no new fiber to be accepted. */
static void
accept_main(void *arg)
{
    struct wf_acceptor *a = arg;
    struct wf_sock *s = a->sock;
    uint64_t seen = wf_sock_read_begin(s);
    wf_store(&s->reader, wf_task_self(), seq_cst); /* before it looks */
    while (!wf_load(&a->stopping, seq_cst)) {
        accept_all(a);
        uint64_t now = wf_load(&s->events, seq_cst);
        if (now == seen && !wf_load(&a->stopping, seq_cst))
            wf_park();
        seen = now;
    }
    wf_store(&s->reader, NULL,
             relaxed); /* a late wake is spurious, which wf_park allows */
    wf_sock_unref(s);
}

static void
never_readable(struct wf_sock *s)
{
    (void)s; /* the reader's role is accept_main's */
    WF_UNREACHABLE();
}

static void
failed(struct wf_sock *s, weft_err why)
{
    struct wf_task *reader = wf_load(&s->reader, seq_cst);
    (void)why;
    if (reader)
        wf_wake(reader); /* it stops */
}

static void
closed(struct wf_sock *s)
{
    struct wf_acceptor *a = s->owner;
    weft_sem_give(&a->ended, 1);
}

static const struct wf_sock_ops ops = {never_readable, failed, closed, NULL};

/* ---- set-up ---- */

/* Remove the path of a process that has ended without unlinking it. */
static void
remove_stale(const struct wf_addr *addr)
{
    struct stat st;
    const char *path = addr->any.un.sun_path;
    if (addr->any.sa.sa_family != AF_UNIX || !path[0] || stat(path, &st) ||
        !S_ISSOCK(st.st_mode))
        return;
    int fd = wf_sys_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (wf_sys_connect(fd, &addr->any.sa, addr->len) == -ECONNREFUSED)
        (void)wf_sys_unlink(path);
    (void)wf_sys_close(fd);
}

static int
bind_and_listen(const struct wf_addr *addr, uint32_t backlog)
{
    const int on = 1, off = 0;
    int family = addr->any.sa.sa_family;
    int fd = wf_sys_socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return fd;
    int err = 0;
    if (family != AF_UNIX)
        err = wf_sys_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!err && family == AF_INET6)
        (void)wf_sys_setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
                                sizeof off);
    if (!err)
        err = wf_sys_bind(fd, &addr->any.sa, addr->len);
    if (!err)
        err = wf_sys_listen(fd, (int)backlog);
    if (err)
        (void)wf_sys_close(fd);
    return err ? err : fd;
}

static weft_err
find_port(int fd, uint16_t *port)
{
    struct wf_addr addr = {.len = sizeof addr.any};
    weft_err err = wf_sys_getsockname(fd, &addr.any.sa, &addr.len);
    *port = 0;
    if (!err && addr.any.sa.sa_family == AF_INET)
        *port = ntohs(addr.any.in.sin_port);
    else if (!err && addr.any.sa.sa_family == AF_INET6)
        *port = ntohs(addr.any.in6.sin6_port);
    return err;
}

/* ":port" on a host without IPv6. */
static int
listen_on(struct wf_addr *addr, uint32_t backlog)
{
    remove_stale(addr);
    int fd = bind_and_listen(addr, backlog);
    if (fd == -EAFNOSUPPORT && addr->any.sa.sa_family == AF_INET6 &&
        IN6_IS_ADDR_UNSPECIFIED(&addr->any.in6.sin6_addr)) {
        in_port_t port = addr->any.in6.sin6_port;
        memset(addr, 0, sizeof *addr);
        addr->any.in =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
        addr->len = sizeof addr->any.in;
        fd = bind_and_listen(addr, backlog);
    }
    return fd;
}

weft_err
wf_acceptor_new(const char *address, uint32_t backlog, wf_accepted_fn accepted,
                void *owner, struct wf_acceptor **out)
{
    struct wf_addr addrs[WF_ADDRS_MAX];
    int n = wf_addr_resolve(address, addrs, WEFT_NEVER);
    if (n < 0)
        return n;
    int fd = listen_on(&addrs[0], backlog);
    if (fd < 0)
        return fd;
    uint16_t port;
    weft_err err = find_port(fd, &port);
    struct wf_acceptor *a = err ? NULL : wf_sys_zalloc(sizeof *a);
    struct wf_sock *s = a ? wf_sock_new(fd, &ops, a) : NULL;
    if (!s) {
        wf_sys_free(a);
        (void)wf_sys_close(fd);
        return err ? err : -ENOMEM;
    }
    a->sock = s;
    a->accepted = accepted;
    a->owner = owner;
    a->addr = addrs[0];
    a->port = port;
    a->reserve = spare_descriptor();
    *out = a;
    return WEFT_OK;
}

weft_err
wf_acceptor_start(struct wf_acceptor *a)
{
    struct wf_sock *s = wf_sock_more(a->sock);
    wf_store(&s->events, 1, relaxed); /* published by the start */
    weft_err err = weft_fiber_start(accept_main, a, NULL);
    if (err)
        wf_sock_unref(s);
    return err ? err : wf_sock_watch(s);
}

uint16_t
wf_acceptor_port(const struct wf_acceptor *a)
{
    return a->port;
}

void
wf_acceptor_free(struct wf_acceptor *a)
{
    wf_store(&a->stopping, true, seq_cst); /* then look for the reader */
    wf_sock_fail(a->sock, WEFT_ECLOSED);
    wf_sock_unref(a->sock);
    while (weft_sem_take(&a->ended) == WEFT_ECANCEL)
        weft_fiber_yield(); /* we are cancelled, the acceptor must still end */
    if (a->addr.any.sa.sa_family == AF_UNIX && a->addr.any.un.sun_path[0])
        (void)wf_sys_unlink(a->addr.any.un.sun_path);
    if (a->reserve >= 0)
        (void)wf_sys_close(a->reserve);
    wf_sys_free(a);
}
