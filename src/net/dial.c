/* SPDX-License-Identifier: MIT */
/*
 * Connects to an address. If a name has several addresses, an attempt begins
 * every 250 ms, or as soon as another attempt has failed. The first attempt
 * that succeeds is used. Source: RFC 8305.
 */
#include "net/dial.h"

#include "fiber/fiber.h"
#include "net/resolve.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

#define NEXT_ADDRESS_MS 250 /* RFC 8305, 5: Connection Attempt Delay */

void
wf_no_delay(int fd)
{
    const int on = 1;
    (void)wf_sys_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void
wf_notice_dead_peer(int fd, uint32_t timeout_ms)
{
    const int on = 1, probes = 3;
    if (timeout_ms == WEFT_NONE || WF_MUTANT(dead_peer_unnoticed))
        return;
    /* `idle` and `interval` are in seconds. TCP_USER_TIMEOUT decides when the
     * connection fails, whether or not bytes are under way (tcp(7)). */
    const int idle = (int)WF_MIN(timeout_ms / 1000 + 1, 3600u);
    const int interval = (int)WF_MIN(timeout_ms / 3000 + 1, 3600u);
    const unsigned user_ms = timeout_ms;
    (void)wf_sys_setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)wf_sys_setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)wf_sys_setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval,
                            sizeof interval);
    (void)wf_sys_setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes,
                            sizeof probes);
    (void)wf_sys_setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms,
                            sizeof user_ms);
}

static weft_err
pending_error(int fd)
{
    int err = 0;
    socklen_t len = sizeof err;
    int failed = wf_sys_getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
    return failed ? failed : -err;
}

/* Wait until the connect that is under way ends. Returns its result. */
static weft_err
await(int fd, uint64_t deadline_ns)
{
    int found = weft_fd_wait_until(fd, WEFT_FD_WRITE, deadline_ns);
    return found < 0 ? found : pending_error(fd);
}

/* A connect to a unix socket whose backlog is full returns EAGAIN, and no event
 * tells when the backlog has room again. So try again every millisecond. */
static weft_err
try_connect(int fd, const struct wf_addr *addr, uint64_t deadline_ns)
{
    for (;;) {
        int err = wf_sys_connect(fd, &addr->any.sa, addr->len);
        if (err == -EINPROGRESS)
            return await(fd, deadline_ns);
        if (err != -EAGAIN && err != -EINTR)
            return err;
        if (wf_sys_now_ns() >= deadline_ns)
            return WEFT_ETIMEOUT;
        err = weft_sleep_ms(1);
        if (err)
            return err;
    }
}

/*
 * A dial can connect to itself (TCP's simultaneous open): if no process listens
 * on the port, and the port is in the ephemeral range, the kernel may choose
 * the same port as the local port.
 */
static bool
is_connected_to_itself(int fd)
{
    struct wf_addr own = {.len = sizeof own.any},
                   peer = {.len = sizeof peer.any};
    if (wf_sys_getsockname(fd, &own.any.sa, &own.len) ||
        wf_sys_getpeername(fd, &peer.any.sa, &peer.len))
        return false;
    return own.len == peer.len && !memcmp(&own.any, &peer.any, own.len);
}

/* Begin to use a connected descriptor. Returns the descriptor, or closes it and
 * returns an error. */
static int
take_up(int fd)
{
    if (is_connected_to_itself(fd) && !WF_MUTANT(self_connect_kept)) {
        (void)wf_sys_close(fd);
        return -ECONNREFUSED;
    }
    wf_no_delay(fd);
    return fd;
}

static int
new_socket(const struct wf_addr *addr)
{
    return wf_sys_socket(addr->any.sa.sa_family,
                         SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int
dial_one(const struct wf_addr *addr, uint64_t deadline_ns)
{
    int fd = new_socket(addr);
    if (fd < 0)
        return fd;
    weft_err err = try_connect(fd, addr, deadline_ns);
    if (err) {
        if (!WF_MUTANT(failed_dial_leaks))
            (void)wf_sys_close(fd);
        return err;
    }
    return take_up(fd);
}

/* ---- several addresses at the same time ---- */

struct race {
    const struct wf_addr *addrs;
    /* How many attempts are possible (n), have begun (begun), and have begun
     * but not ended (open). */
    int n, begun, open;
    int epoll;             /* reports which attempts have ended */
    int fds[WF_ADDRS_MAX]; /* one for each attempt; -1: the attempt has ended */
    uint64_t next_ns;      /* when the next attempt is due */
    weft_err err;          /* what a failed attempt returned */
};

/* Keep the first error. But replace an error that says only that this host
 * cannot use an address, for instance because this host has no IPv6. */
static void
note_failure(struct race *r, weft_err err)
{
    if (!r->err || r->err == -ENETUNREACH || r->err == -EADDRNOTAVAIL ||
        r->err == -EAFNOSUPPORT)
        r->err = err;
    r->next_ns = 0; /* begin the next attempt at once */
}

/* Remove attempt `i`, which has ended with `err`. Returns the descriptor of the
 * attempt, or -1 if the attempt failed. */
static int
end_attempt(struct race *r, int i, weft_err err)
{
    int fd = r->fds[i];
    r->fds[i] = -1;
    r->open--;
    (void)wf_sys_epoll_ctl(r->epoll, EPOLL_CTL_DEL, fd, NULL);
    if (err)
        (void)wf_sys_close(fd);
    else
        err = fd = take_up(fd);
    if (err >= 0)
        return fd;
    note_failure(r, err);
    return -1;
}

static int
begin_attempt(struct race *r)
{
    int i = r->begun++;
    const struct wf_addr *addr = &r->addrs[i];
    struct epoll_event e = {.events = EPOLLOUT, .data.u32 = (uint32_t)i};
    r->next_ns = weft_after_ms(NEXT_ADDRESS_MS);
    r->fds[i] = new_socket(addr);
    if (r->fds[i] < 0) {
        note_failure(r, r->fds[i]);
        return -1;
    }
    r->open++;
    weft_err err = wf_sys_epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->fds[i], &e);
    if (!err)
        err = wf_sys_connect(r->fds[i], &addr->any.sa, addr->len);
    return err == -EINPROGRESS || err == -EINTR ? -1 : end_attempt(r, i, err);
}

/* End the attempts that epoll reports, until an attempt succeeds. Returns the
 * descriptor of that attempt, or -1. */
static int
end_attempts(struct race *r)
{
    struct epoll_event events[WF_ADDRS_MAX];
    int n = wf_sys_epoll_wait(r->epoll, events, WF_ADDRS_MAX, 0);
    int winner = -1;
    for (int k = 0; k < n && winner < 0; k++) {
        int i = (int)events[k].data.u32;
        winner = end_attempt(r, i, pending_error(r->fds[i]));
    }
    return winner;
}

/* Begin the next attempt if it is due; otherwise wait. *winner receives the
 * descriptor of an attempt that has succeeded, or -1. */
static weft_err
step(struct race *r, uint64_t deadline_ns, int *winner)
{
    bool more = r->begun < r->n;
    if (more && (r->open == 0 || wf_sys_now_ns() >= r->next_ns)) {
        *winner = begin_attempt(r);
        return WEFT_OK;
    }
    if (r->open == 0)
        return r->err;
    uint64_t until = more ? WF_MIN(r->next_ns, deadline_ns) : deadline_ns;
    int found = weft_fd_wait_until(r->epoll, WEFT_FD_READ, until);
    if (found == WEFT_ETIMEOUT && until < deadline_ns)
        return WEFT_OK; /* the next attempt is due */
    if (found < 0)
        return found;
    *winner = end_attempts(r);
    return WEFT_OK;
}

static int
dial_many(const struct wf_addr *addrs, int n, uint64_t deadline_ns)
{
    struct race r = {.addrs = addrs, .n = n};
    int winner = -1;
    r.epoll = wf_sys_epoll_create1(EPOLL_CLOEXEC);
    if (r.epoll < 0)
        return r.epoll;
    weft_err err = WEFT_OK;
    while (!err && winner < 0)
        err = step(&r, deadline_ns, &winner);
    for (int i = 0; i < r.begun; i++)
        if (r.fds[i] >= 0)
            (void)wf_sys_close(r.fds[i]);
    (void)wf_sys_close(r.epoll);
    return err ? err : winner;
}

int
wf_dial(const char *address, uint64_t deadline_ns, _Atomic bool *is_looked_up)
{
    struct wf_addr addrs[WF_ADDRS_MAX];
    /* relaxed: only the text of an error depends on the flag */
    if (is_looked_up)
        wf_store(is_looked_up, false, relaxed);
    int n = wf_addr_resolve(address, addrs, deadline_ns);
    if (n < 0)
        return n;
    if (is_looked_up)
        wf_store(is_looked_up, true, relaxed);
    return n == 1 ? dial_one(&addrs[0], deadline_ns)
                  : dial_many(addrs, n, deadline_ns);
}
