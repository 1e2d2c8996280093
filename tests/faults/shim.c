/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

const char *const shim_names[SHIM_CALLS] = {
#define WF_SYS(type, name, params, args, real) #name,
#include "base/sys.def"
#undef WF_SYS
    "mmap", "malloc", "thread"};

static struct {
    _Atomic int call; /* enum shim_call that fails, -1: none */
    _Atomic uint32_t countdown, failures;
    _Atomic int err;
    _Atomic bool for_good;
    _Atomic bool reduce;
    _Atomic uint64_t random;
    _Atomic uint64_t counts[SHIM_CALLS];
} shim = {.call = -1};

uint64_t
shim_count(enum shim_call call)
{
    return wf_load(&shim.counts[call], acquire);
}

static void
fail_from(enum shim_call call, uint32_t nth, int err, bool for_good)
{
    wf_store(&shim.call, -1, seq_cst);
    wf_store(&shim.failures, 0, seq_cst);
    wf_store(&shim.countdown, nth, seq_cst);
    wf_store(&shim.err, err, seq_cst);
    wf_store(&shim.for_good, for_good, seq_cst);
    wf_store(&shim.call, nth ? (int)call : -1, seq_cst);
}

void
shim_fail(enum shim_call call, uint32_t nth, int err)
{
    fail_from(call, nth, err, false);
}

void
shim_fail_as(enum shim_call call, uint32_t nth, int err, enum shim_how how)
{
    fail_from(call, nth, err, how != SHIM_ONCE);
}

void
shim_heal(void)
{
    wf_store(&shim.call, -1, seq_cst);
}

uint32_t
shim_failures(void)
{
    return wf_load(&shim.failures, seq_cst);
}

void
shim_reduce(bool on)
{
    wf_store(&shim.reduce, on, seq_cst);
}

/* Returns 0, or the error that the call must return. */
static int
fate(enum shim_call call)
{
    wf_add(&shim.counts[call], 1, release);
    if (wf_load(&shim.call, acquire) != (int)call)
        return 0;
    bool for_good = wf_load(&shim.for_good, acquire);
    int32_t before = (int32_t)wf_sub(&shim.countdown, 1, acq_rel);
    if (for_good ? before > 1 : before != 1)
        return 0;
    if (!for_good)
        wf_store(&shim.call, -1, release);
    wf_add(&shim.failures, 1, release);
    return -wf_load(&shim.err, acquire);
}

static uint32_t
chance(void)
{
    uint64_t n = wf_add(&shim.random, 1, relaxed) * 0x9e3779b97f4a7c15u;
    n ^= n >> 29;
    n *= 0xbf58476d1ce4e5b9u;
    return (uint32_t)(n >> 32);
}

/* ---- the calls as sys.def gives them, but returning -errno ---- */

#define WF_SYS(type, name, params, args, real)         \
    static type real_##name params                     \
    {                                                  \
        type result = real;                            \
        return result < 0 ? (type)wf_errno() : result; \
    }                                                  \
    static type fate_##name params                     \
    {                                                  \
        int err = fate(SHIM_##name);                   \
        return err ? (type)err : real_##name args;     \
    }
#include "base/sys.def"
#undef WF_SYS

static void *
fate_mmap(size_t n, int prot, int flags)
{
    /* Without MAP_NORESERVE the kernel may count all bytes of a mapping at
     * once, and refuse it, although weft touches few of them. */
    if (!(flags & MAP_NORESERVE))
        abort();
    if (fate(SHIM_mmap))
        return NULL;
    void *p = mmap(NULL, n, prot, flags | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void *
fate_malloc(size_t n)
{
    return fate(SHIM_malloc) ? NULL : malloc(n);
}

static int
fate_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    int err = fate(SHIM_thread);
    return err ? err : -pthread_create(thread, NULL, run, arg);
}

/* ---- where bytes are read to, and sent from ---- */

#define READS 4096

static struct {
    struct iovec read[READS]; /* a ring: the memory of the last READS reads */
    _Atomic uint32_t n_reads;
    _Atomic uintptr_t text; /* the shim counts the sent bytes of this text */
    _Atomic size_t len, sent;
} bytes;

static size_t
common(const struct iovec *iov, size_t n, uintptr_t text, size_t len)
{
    uintptr_t from = (uintptr_t)iov->iov_base, to = from + n;
    from = from > text ? from : text;
    to = to < text + len ? to : text + len;
    return to > from ? to - from : 0;
}

size_t
shim_read_into(const void *text, size_t len)
{
    size_t n = 0;
    for (uint32_t i = 0; i < READS; i++)
        n +=
            common(&bytes.read[i], bytes.read[i].iov_len, (uintptr_t)text, len);
    return n;
}

void
shim_watch(const void *text, size_t len)
{
    wf_store(&bytes.sent, 0, relaxed);
    wf_store(&bytes.len, len, relaxed);
    wf_store(&bytes.text, (uintptr_t)text, release);
}

size_t
shim_sent_from_watched(void)
{
    return wf_load(&bytes.sent, acquire);
}

static void
note_read(const struct iovec *iov, ssize_t n)
{
    for (; n > 0; iov++) {
        size_t part = (size_t)n < iov->iov_len ? (size_t)n : iov->iov_len;
        uint32_t i = wf_add(&bytes.n_reads, 1, relaxed) % READS;
        bytes.read[i] = (struct iovec){iov->iov_base, part};
        n -= (ssize_t)part;
    }
}

static void
note_sent(const struct iovec *iov, ssize_t n)
{
    uintptr_t text = wf_load(&bytes.text, acquire);
    for (; text && n > 0; iov++) {
        size_t part = (size_t)n < iov->iov_len ? (size_t)n : iov->iov_len;
        wf_add(&bytes.sent,
               common(iov, part, text, wf_load(&bytes.len, relaxed)), release);
        n -= (ssize_t)part;
    }
}

/* ---- reads and writes in parts ---- */

#define FDS 4096

/* By descriptor: how it is registered with epoll, so that event_again can make
 * epoll report it once more. */
static struct {
    _Atomic int epoll;
    _Atomic uint32_t events;
    _Atomic uint64_t data;
} watched[FDS];

static int
note_epoll_ctl(int epoll, int op, int fd, struct epoll_event *e)
{
    int err = fate_epoll_ctl(epoll, op, fd, e);
    if (!err && op == EPOLL_CTL_ADD && fd < FDS &&
        !(e->events & EPOLLONESHOT)) {
        wf_store(&watched[fd].events, e->events, relaxed);
        wf_store(&watched[fd].data, e->data.u64, relaxed);
        wf_store(&watched[fd].epoll, epoll, release);
    }
    return err;
}

static void
event_again(int fd)
{
    if (fd < 0 || fd >= FDS)
        return;
    int epoll = wf_load(&watched[fd].epoll, acquire);
    struct epoll_event e = {.events = wf_load(&watched[fd].events, relaxed),
                            .data.u64 = wf_load(&watched[fd].data, relaxed)};
    if (epoll > 0)
        (void)epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e);
}

/* Returns how many of n bytes the call may transfer now, or an error. */
static ssize_t
allow(int fd, size_t n)
{
    if (!wf_load(&shim.reduce, relaxed) || n == 0)
        return (ssize_t)n;
    switch (chance() % 8) {
    case 0:
        return -EINTR;
    case 1:
        event_again(fd);
        return -EAGAIN;
    case 2:
        return 1;
    case 3:
        return (ssize_t)n;
    default:
        return (ssize_t)(chance() % n + 1);
    }
}

/* After a partial transfer there is more to do, so the kernel would report an
 * event. */
static ssize_t
part(int fd, ssize_t n, bool is_part)
{
    if (is_part && n > 0)
        event_again(fd);
    return n;
}

static ssize_t
part_recv(int fd, void *buf, size_t n)
{
    ssize_t may = allow(fd, n);
    if (may < 0)
        return may;
    ssize_t got = fate_recv(fd, buf, (size_t)may);
    note_read(&(struct iovec){buf, n}, got);
    return part(fd, got, (size_t)may < n);
}

static ssize_t
part_readv(int fd, const struct iovec *iov, int n)
{
    ssize_t may = allow(fd, iov[0].iov_len);
    if (may < 0)
        return may;
    struct iovec first = {iov[0].iov_base, (size_t)may};
    bool is_part = (size_t)may < iov[0].iov_len;
    ssize_t got = is_part ? fate_readv(fd, &first, 1) : fate_readv(fd, iov, n);
    note_read(iov, got);
    return part(fd, got, is_part);
}

static ssize_t
part_send(int fd, const void *buf, size_t n)
{
    ssize_t may = allow(fd, n);
    if (may < 0)
        return may;
    ssize_t sent = fate_send(fd, buf, (size_t)may);
    note_sent(&(struct iovec){(void *)(uintptr_t)buf, n}, sent);
    return sent;
}

static ssize_t
part_sendmsg(int fd, const struct msghdr *m)
{
    ssize_t may = allow(fd, m->msg_iov[0].iov_len);
    if (may < 0)
        return may;
    struct iovec first = {m->msg_iov[0].iov_base, (size_t)may};
    struct msghdr short_m = {.msg_iov = &first, .msg_iovlen = 1};
    bool is_part = (size_t)may < m->msg_iov[0].iov_len;
    ssize_t sent = fate_sendmsg(fd, is_part ? &short_m : m);
    note_sent(m->msg_iov, sent);
    return sent;
}

/* ---- no program that is executed inherits a descriptor ---- */

static void
must_have(int flags, int flag, const char *call)
{
    if (!(flags & flag)) {
        fprintf(stderr, "%s: not close-on-exec\n", call);
        abort();
    }
}

static int
part_accept4(int fd, int flags)
{
    must_have(flags, SOCK_CLOEXEC, "accept4");
    if (wf_load(&shim.reduce, relaxed) && chance() % 4 == 0) {
        event_again(fd);
        return chance() % 2 ? -EINTR : -ECONNABORTED;
    }
    return fate_accept4(fd, flags);
}

static int
part_epoll_wait(int epoll, struct epoll_event *e, int n, int ms)
{
    if (wf_load(&shim.reduce, relaxed) && chance() % 8 == 0)
        return -EINTR;
    return fate_epoll_wait(epoll, e, n, ms);
}

#define CLOSED_ON_EXEC(name, params, args, flags, flag) \
    static int closed_##name params                     \
    {                                                   \
        must_have(flags, flag, #name);                  \
        return fate_##name args;                        \
    }
CLOSED_ON_EXEC(open, (const char *path, int flags, mode_t mode),
               (path, flags, mode), flags, O_CLOEXEC)
CLOSED_ON_EXEC(socket, (int family, int type), (family, type), type,
               SOCK_CLOEXEC)
CLOSED_ON_EXEC(epoll_create1, (int flags), (flags), flags, EPOLL_CLOEXEC)
CLOSED_ON_EXEC(eventfd, (unsigned init, int flags), (init, flags), flags,
               EFD_CLOEXEC)
CLOSED_ON_EXEC(timerfd_create, (int clock, int flags), (clock, flags), flags,
               TFD_CLOEXEC)
CLOSED_ON_EXEC(pipe2, (int *fds, int flags), (fds, flags), flags, O_CLOEXEC)

void
shim_install(void)
{
#define WF_SYS(type, name, params, args, real) wf_shim.name = fate_##name;
#include "base/sys.def"
#undef WF_SYS
    wf_shim.mmap = fate_mmap;
    wf_shim.malloc = fate_malloc;
    wf_shim.thread = fate_thread;
    wf_shim.epoll_ctl = note_epoll_ctl;
    wf_shim.recv = part_recv;
    wf_shim.readv = part_readv;
    wf_shim.send = part_send;
    wf_shim.sendmsg = part_sendmsg;
    wf_shim.accept4 = part_accept4;
    wf_shim.epoll_wait = part_epoll_wait;
    wf_shim.open = closed_open;
    wf_shim.socket = closed_socket;
    wf_shim.epoll_create1 = closed_epoll_create1;
    wf_shim.eventfd = closed_eventfd;
    wf_shim.timerfd_create = closed_timerfd_create;
    wf_shim.pipe2 = closed_pipe2;
}
