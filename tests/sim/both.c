/* SPDX-License-Identifier: MIT */
#include "both.h"

#include <weft/sim.h>

#include <errno.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#define MOST 65536 /* bytes of a call, at most */
#define PIECES 5
#define FDS 32

static struct both_counts *counts;

/* A socket that is connected to itself. When it receives a byte, the kernel has
 * processed all that this core sent before that byte. */
static int barrier = -1;

static int64_t
of(int64_t result)
{
    return result < 0 ? -errno : result;
}

void
both_share(void)
{
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED)
        abort();
}

const struct both_counts *
both_counts(void)
{
    return counts;
}

/* ---- waiting until nothing is on its way ---- */

/* The kernel processes loopback traffic of one core in order. */
static void
stay_on_this_core(void)
{
    cpu_set_t set;
    int core = sched_getcpu();
    CPU_ZERO(&set);
    CPU_SET((size_t)WF_MAX(core, 0), &set);
    if (core >= 0 && sched_setaffinity(0, sizeof set, &set))
        weft_sim_fail("no core to stay on: %s", strerror(errno));
}

/* Try it in a child process, because the calling process would move to the new
 * network. */
bool
both_may_have_own_network(void)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0)
        _exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Give this process a network of its own, if the system allows that. Then ports
 * of other programs and of old connections cannot collide with it. */
static void
have_own_network(void)
{
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
        return;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (ioctl(fd, SIOCSIFFLAGS, &lo))
        weft_sim_fail("no loopback device: %s", strerror(errno));
    (void)syscall(SYS_close, fd);
}

void
both_begin(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    have_own_network();
    stay_on_this_core();
    barrier = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(barrier, (void *)&a, n) || getsockname(barrier, (void *)&a, &n) ||
        connect(barrier, (void *)&a, n))
        weft_sim_fail("no barrier: %s", strerror(errno));
}

void
both_end(void)
{
    (void)syscall(SYS_close, barrier);
}

/* Repeat this, because a handshake has three segments, and each one answers the
 * one before it. */
void
both_settle(void)
{
    const struct timespec a_while = {.tv_nsec = 1000000};
    char byte = 0;
    for (int i = 0; i < 4; i++)
        if (send(barrier, &byte, 1, 0) != 1 || recv(barrier, &byte, 1, 0) != 1)
            weft_sim_fail("the barrier is gone: %s", strerror(errno));
    (void)wf_sys_nanosleep(&a_while);
}

/* Wait until all bytes are sent and a FIN is acknowledged. The bytes and the
 * FIN may wait for an acknowledgement that the peer's kernel delays. */
static void
await_sent(int fd)
{
    const int ends[] = {TCP_FIN_WAIT1, TCP_LAST_ACK, TCP_CLOSING};
    for (;;) {
        struct tcp_info info;
        socklen_t n = sizeof info;
        int left = 0;
        bool moves = false;
        if (ioctl(fd, SIOCOUTQNSD, &left) ||
            getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n))
            return;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
            moves = moves || info.tcpi_state == ends[i];
        if (info.tcpi_state == TCP_CLOSE || info.tcpi_state == TCP_SYN_SENT ||
            (!moves && !left))
            return;
        sched_yield();
    }
}

int64_t
both_did(const char *what, int which, int64_t real, int64_t sim,
         bool has_effect)
{
    wf_add(&counts->calls, 1, relaxed);
    if (real >= 0 && has_effect)
        wf_add(&counts->effects, 1, relaxed);
    weft_sim_note("%s(%d) = %" PRId64, what, which, sim);
    if (real != sim)
        weft_sim_fail("%s(%d): the kernel returns %" PRId64
                      ", the simulated one %" PRId64,
                      what, which, real, sim);
    both_settle();
    return real;
}

struct both
both_made(const char *what, int64_t real, int64_t sim)
{
    int64_t result =
        both_did(what, (int)sim, WF_MIN(real, 0), WF_MIN(sim, 0), true);
    return result < 0 ? (struct both){-1, -1}
                      : (struct both){(int)real, (int)sim};
}

/* ---- making ---- */

struct both
both_socket(int family, int type)
{
    const int on = 1;
    int real = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct both fd =
        both_made("socket", of(real),
                  wf_sys_socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.real >= 0 && family != AF_UNIX)
        both_set(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

struct both
both_accept(struct both fd, int64_t *result)
{
    int64_t real = of(accept4(fd.real, NULL, NULL, SOCK_NONBLOCK));
    int64_t sim = wf_sys_accept4(fd.sim, SOCK_NONBLOCK);
    *result = WF_MIN(real, 0);
    return both_made("accept", real, sim);
}

struct both
both_epoll(void)
{
    return both_made("epoll_create", of(epoll_create1(0)),
                     wf_sys_epoll_create1(0));
}

struct both
both_eventfd(unsigned value)
{
    return both_made("eventfd", of(eventfd(value, EFD_NONBLOCK)),
                     wf_sys_eventfd(value, EFD_NONBLOCK));
}

struct both
both_timerfd(void)
{
    return both_made("timerfd",
                     of(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)),
                     wf_sys_timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
}

void
both_pipe(struct both ends[2])
{
    int real[2] = {-1, -1}, sim[2] = {-1, -1};
    int64_t result = of(pipe2(real, O_NONBLOCK | O_CLOEXEC));
    int64_t other = wf_sys_pipe2(sim, O_NONBLOCK | O_CLOEXEC);
    both_did("pipe", sim[0], result, other, true);
    for (int i = 0; i < 2; i++)
        ends[i] = (struct both){real[i], sim[i]};
}

/* ---- sockets ---- */

static struct sockaddr_storage
with_port(const struct both_address *a, uint16_t port)
{
    struct sockaddr_storage any = a->any;
    if (any.ss_family == AF_INET)
        ((struct sockaddr_in *)&any)->sin_port = htons(port);
    else if (any.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&any)->sin6_port = htons(port);
    return any;
}

static uint16_t
take_port(struct sockaddr_storage *any)
{
    uint16_t port = 0;
    if (any->ss_family == AF_INET) {
        port = ntohs(((struct sockaddr_in *)any)->sin_port);
        ((struct sockaddr_in *)any)->sin_port = 0;
    } else if (any->ss_family == AF_INET6) {
        port = ntohs(((struct sockaddr_in6 *)any)->sin6_port);
        ((struct sockaddr_in6 *)any)->sin6_port = 0;
    }
    return port;
}

int64_t
both_bind(struct both fd, const struct both_address *a)
{
    struct sockaddr_storage real = with_port(a, a->real),
                            sim = with_port(a, a->sim);
    return both_did("bind", fd.sim, of(bind(fd.real, (void *)&real, a->len)),
                    wf_sys_bind(fd.sim, (void *)&sim, a->len), true);
}

int64_t
both_listen(struct both fd, int backlog)
{
    return both_did("listen", fd.sim, of(listen(fd.real, backlog)),
                    wf_sys_listen(fd.sim, backlog), true);
}

int64_t
both_connect(struct both fd, const struct both_address *a)
{
    struct sockaddr_storage real = with_port(a, a->real),
                            sim = with_port(a, a->sim);
    int64_t result = of(connect(fd.real, (void *)&real, a->len));
    int64_t other = wf_sys_connect(fd.sim, (void *)&sim, a->len);
    bool begins = result == -EINPROGRESS;
    if (begins)
        wf_add(&counts->effects, 1, relaxed);
    return both_did("connect", fd.sim, result, other, true);
}

int64_t
both_shutdown(struct both fd, int how)
{
    int64_t real = of(shutdown(fd.real, how));
    int64_t sim = wf_sys_shutdown(fd.sim, how);
    await_sent(fd.real);
    return both_did("shutdown", fd.sim, real, sim, true);
}

int64_t
both_close(struct both fd)
{
    return both_did("close", fd.sim, of(syscall(SYS_close, fd.real)),
                    wf_sys_close(fd.sim), true);
}

int64_t
both_name(struct both fd, bool peer, struct both_address *a)
{
    struct both_address sim;
    memset(a, 0, sizeof *a);
    memset(&sim, 0, sizeof sim);
    a->len = sim.len = sizeof a->any;
    const char *what = peer ? "getpeername" : "getsockname";
    int64_t real = peer ? getpeername(fd.real, (void *)&a->any, &a->len)
                        : getsockname(fd.real, (void *)&a->any, &a->len);
    real = of(real);
    int64_t other =
        peer ? wf_sys_getpeername(fd.sim, (void *)&sim.any, &sim.len)
             : wf_sys_getsockname(fd.sim, (void *)&sim.any, &sim.len);
    a->real = take_port(&a->any);
    a->sim = take_port(&sim.any);
    if (!real && !other &&
        (a->len != sim.len || memcmp(&a->any, &sim.any, a->len)))
        weft_sim_fail("%s(%d): other addresses", what, fd.sim);
    return both_did(what, fd.sim, real, other, false);
}

int64_t
both_set(struct both fd, int level, int name, const void *v, socklen_t n)
{
    return both_did("setsockopt", fd.sim,
                    of(setsockopt(fd.real, level, name, v, n)),
                    wf_sys_setsockopt(fd.sim, level, name, v, n), true);
}

int64_t
both_get(struct both fd, int level, int name)
{
    int real = 0, sim = 0;
    socklen_t n = sizeof real, m = sizeof sim;
    int64_t result = of(getsockopt(fd.real, level, name, &real, &n));
    int64_t other = wf_sys_getsockopt(fd.sim, level, name, &sim, &m);
    return both_did("getsockopt", fd.sim, result ? result : real,
                    other ? other : sim, real != 0);
}

int64_t
both_ioctl(struct both fd, unsigned long request)
{
    int real = 0, sim = 0;
    int64_t result = of(ioctl(fd.real, request, &real));
    int64_t other = wf_sys_ioctl(fd.sim, request, &sim);
    return both_did("ioctl", fd.sim, result ? result : real,
                    other ? other : sim, false);
}

/* ---- bytes ---- */

/* Cut n bytes into up to PIECES pieces, some of them empty. */
static int
cut(uint8_t *buf, size_t n, struct iovec *iov)
{
    int pieces = 1 + (int)(n % PIECES);
    size_t each = n / (size_t)pieces;
    for (int i = 0; i < pieces; i++) {
        size_t len = i == pieces - 1 ? n : i % 3 == 1 ? 0 : each;
        iov[i] = (struct iovec){buf, len};
        buf += len;
        n -= len;
    }
    return pieces;
}

static int64_t
read_real(int fd, enum both_read how, uint8_t *buf, size_t n)
{
    struct iovec iov[PIECES];
    switch (how) {
    case BOTH_RECV:
        return of(recv(fd, buf, n, 0));
    case BOTH_PEEK:
        return of(recv(fd, buf, n, MSG_PEEK | MSG_DONTWAIT));
    case BOTH_READV:
        return of(readv(fd, iov, cut(buf, n, iov)));
    default:
        return of(read(fd, buf, n));
    }
}

static int64_t
read_sim(int fd, enum both_read how, uint8_t *buf, size_t n)
{
    struct iovec iov[PIECES];
    switch (how) {
    case BOTH_RECV:
        return wf_sys_recv(fd, buf, n);
    case BOTH_PEEK:
        return wf_sys_peek(fd, buf, n);
    case BOTH_READV:
        return wf_sys_readv(fd, iov, cut(buf, n, iov));
    default:
        return wf_sys_read(fd, buf, n);
    }
}

int64_t
both_read(struct both fd, enum both_read how, size_t n)
{
    static const char *const names[] = {"read", "recv", "peek", "readv"};
    static uint8_t real[MOST], sim[MOST];
    memset(real, 0, n);
    memset(sim, 0, n);
    int64_t result = read_real(fd.real, how, real, n);
    int64_t other = read_sim(fd.sim, how, sim, n);
    if (result == other && memcmp(real, sim, n))
        weft_sim_fail("%s(%d): other bytes", names[how], fd.sim);
    return both_did(names[how], fd.sim, result, other,
                    result > 0 && how != BOTH_PEEK);
}

static int64_t
write_real(int fd, enum both_write how, const void *ptr, size_t n)
{
    struct iovec iov[PIECES];
    struct msghdr m = {.msg_iov = iov};
    if (how == BOTH_SENDMSG)
        m.msg_iovlen = (size_t)cut((uint8_t *)(uintptr_t)ptr, n, iov);
    return of(how == BOTH_SENDMSG ? sendmsg(fd, &m, MSG_NOSIGNAL)
              : how == BOTH_SEND  ? send(fd, ptr, n, MSG_NOSIGNAL)
                                  : write(fd, ptr, n));
}

static int64_t
write_sim(int fd, enum both_write how, const void *ptr, size_t n)
{
    struct iovec iov[PIECES];
    struct msghdr m = {.msg_iov = iov};
    if (how == BOTH_SENDMSG)
        m.msg_iovlen = (size_t)cut((uint8_t *)(uintptr_t)ptr, n, iov);
    return how == BOTH_SENDMSG ? wf_sys_sendmsg(fd, &m)
           : how == BOTH_SEND  ? wf_sys_send(fd, ptr, n)
                               : wf_sys_write(fd, ptr, n);
}

int64_t
both_write(struct both fd, enum both_write how, const void *ptr, size_t n)
{
    static const char *const names[] = {"write", "send", "sendmsg"};
    int64_t real = write_real(fd.real, how, ptr, n);
    int64_t sim = write_sim(fd.sim, how, ptr, n);
    await_sent(fd.real);
    return both_did(names[how], fd.sim, real, sim, real > 0);
}

/* ---- waiting ---- */

int64_t
both_poll(const struct both *fds, const short *events, unsigned n, int ms)
{
    struct pollfd real[FDS], sim[FDS];
    for (unsigned i = 0; i < n; i++) {
        real[i] = (struct pollfd){.fd = fds[i].real, .events = events[i]};
        sim[i] = (struct pollfd){.fd = fds[i].sim, .events = events[i]};
    }
    int64_t result = of(poll(real, n, ms));
    int64_t other = wf_sys_poll(sim, n, ms);
    for (unsigned i = 0; i < n && result == other; i++)
        if (real[i].revents != sim[i].revents)
            weft_sim_fail("poll of %d for 0x%x: the kernel finds 0x%x, the "
                          "simulated one 0x%x",
                          sim[i].fd, (unsigned)events[i],
                          (unsigned)real[i].revents, (unsigned)sim[i].revents);
    return both_did("poll", n ? fds[0].sim : -1, result, other, false);
}

int64_t
both_epoll_ctl(struct both ep, int op, struct both fd, uint32_t events,
               uint64_t data)
{
    struct epoll_event real = {.events = events, .data.u64 = data};
    struct epoll_event sim = real;
    return both_did("epoll_ctl", fd.sim,
                    of(epoll_ctl(ep.real, op, fd.real, &real)),
                    wf_sys_epoll_ctl(ep.sim, op, fd.sim, &sim), true);
}

static int
by_data(const void *left, const void *right)
{
    const struct epoll_event *a = left, *b = right;
    return a->data.u64 < b->data.u64 ? -1 : a->data.u64 > b->data.u64;
}

int64_t
both_epoll_wait(struct both ep, int n, bool in_order)
{
    struct epoll_event real[FDS] = {{0}}, sim[FDS] = {{0}};
    int result = (int)of(epoll_wait(ep.real, real, n, 0));
    int other = wf_sys_epoll_wait(ep.sim, sim, n, 0);
    if (!in_order && result > 0)
        qsort(real, (size_t)result, sizeof *real, by_data);
    if (!in_order && other > 0)
        qsort(sim, (size_t)other, sizeof *sim, by_data);
    for (int i = 0; i < WF_MAX(result, other); i++) {
        weft_sim_note("event 0x%x of %" PRIu64 ", simulated 0x%x of %" PRIu64,
                      real[i].events, real[i].data.u64, sim[i].events,
                      sim[i].data.u64);
        if (real[i].events != sim[i].events ||
            real[i].data.u64 != sim[i].data.u64)
            weft_sim_fail("epoll_wait(%d): other events", ep.sim);
    }
    return both_did("epoll_wait", ep.sim, result, other, result > 0);
}

int64_t
both_timerfd_set(struct both fd, int flags, const struct itimerspec *t)
{
    return both_did("timerfd_settime", fd.sim,
                    of(timerfd_settime(fd.real, flags, t, NULL)),
                    wf_sys_timerfd_settime(fd.sim, flags, t, NULL), true);
}
