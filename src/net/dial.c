/* SPDX-License-Identifier: MIT */
#include "net/dial.h"

#include "fiber/fiber.h"
#include "net/addr.h"

#include <errno.h>
#include <netinet/tcp.h>

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
    /* Seconds; the user time-out decides for both cases (tcp(7)). */
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

/* A connect is under way: wait for how it ends. */
static weft_err
await(int fd, uint64_t deadline_ns)
{
    int found = weft_fd_wait_until(fd, WEFT_FD_WRITE, deadline_ns);
    if (found < 0)
        return found;
    int err = 0;
    socklen_t len = sizeof err;
    int failed = wf_sys_getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
    return failed ? failed : -err;
}

/* A unix socket whose backlog is full says EAGAIN, and does not tell when it
 * may be tried again. */
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

static int
dial_one(const struct wf_addr *addr, uint64_t deadline_ns)
{
    int fd = wf_sys_socket(addr->any.sa.sa_family,
                           SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return fd;
    weft_err err = try_connect(fd, addr, deadline_ns);
    if (err) {
        (void)wf_sys_close(fd);
        return err;
    }
    if (addr->any.sa.sa_family != AF_UNIX)
        wf_no_delay(fd);
    return fd;
}

int
wf_dial(const char *address, uint64_t deadline_ns)
{
    struct wf_addr addrs[WF_ADDRS_MAX];
    int n = wf_addr_resolve(address, addrs, deadline_ns);
    int fd = n < 0 ? n : WEFT_EADDRESS;
    for (int i = 0; i < n; i++) {
        fd = dial_one(&addrs[i], deadline_ns);
        if (fd >= 0 || fd == WEFT_ETIMEOUT || fd == WEFT_ECANCEL)
            break;
    }
    return fd;
}
