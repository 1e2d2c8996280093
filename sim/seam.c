/* SPDX-License-Identifier: MIT */
/*
 * Simulates the calls of src/base/sys.h. Most calls are a step, at which time
 * passes and another thread may run. So weft must be ready for a switch of
 * threads at each system call, as on a real system.
 *
 * One file, because the file is one list: a short function for each row of the
 * table at the end of the file.
 */
#include "sim.h"

#include "os_calls.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

/* Write a call to the trace. Returns its result. */
static ssize_t
did(const char *what, int number, ssize_t result)
{
    ws_did(what, number, result);
    return result;
}

static uint64_t
ns_of(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_nsec;
}

/* ---- descriptors ---- */

static ssize_t
read_from(int fd, const struct iovec *iov, int n, bool peek)
{
    ws_step();
    struct ws_file *file = ws_fd(fd, NULL);
    if (!file)
        return -EBADF;
    return did(peek ? "peek" : "read", fd,
               file->ops->read ? file->ops->read(file, iov, n, peek) : -EINVAL);
}

static ssize_t
write_to(int fd, const struct iovec *iov, int n)
{
    ws_step();
    struct ws_file *file = ws_fd(fd, NULL);
    if (!file)
        return -EBADF;
    return did("write", fd,
               file->ops->write ? file->ops->write(file, iov, n) : -EINVAL);
}

static bool
is_socket(int fd)
{
    const struct ws_file *file = ws_fd(fd, NULL);
    return file && file->ops->socket;
}

static bool
is_no_socket(int fd)
{
    return ws_fd(fd, NULL) && !is_socket(fd);
}

/* For a socket, read(2) of no bytes returns 0 at once, but recv(2) of no bytes
 * checks the state of the socket. */
static ssize_t
sim_read(int fd, void *buf, size_t n)
{
    return n == 0 && is_socket(fd)
               ? 0
               : read_from(fd, &(struct iovec){buf, n}, 1, false);
}

static ssize_t
sim_recv(int fd, void *buf, size_t n)
{
    return is_no_socket(fd) ? -ENOTSOCK
                            : read_from(fd, &(struct iovec){buf, n}, 1, false);
}

static ssize_t
sim_peek(int fd, void *buf, size_t n)
{
    return is_no_socket(fd) ? -ENOTSOCK
                            : read_from(fd, &(struct iovec){buf, n}, 1, true);
}

/* readv(2) of no bytes checks only whether the descriptor may be read. */
static ssize_t
sim_readv(int fd, const struct iovec *iov, int n)
{
    const struct ws_file *file = ws_fd(fd, NULL);
    bool asks = !file || !file->ops->read || file->ops->has_mode;
    return ws_iov_size(iov, n) == 0 && !asks ? 0 : read_from(fd, iov, n, false);
}

static ssize_t
sim_write(int fd, const void *buf, size_t n)
{
    return write_to(fd, &(struct iovec){(void *)(uintptr_t)buf, n}, 1);
}

static ssize_t
sim_send(int fd, const void *buf, size_t n)
{
    return is_no_socket(fd) ? -ENOTSOCK : sim_write(fd, buf, n);
}

static ssize_t
sim_sendmsg(int fd, const struct msghdr *m)
{
    return is_no_socket(fd) ? -ENOTSOCK
                            : write_to(fd, m->msg_iov, (int)m->msg_iovlen);
}

static int
sim_close(int fd)
{
    ws_step();
    return (int)did("close", fd, ws_fd_close(fd));
}

static int
sim_set_nonblocking(int fd)
{
    return ws_fd(fd, NULL) ? 0 : -EBADF;
}

/* ---- sockets ---- */

static int
sim_socket(int family, int type)
{
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    return (int)did("socket", family, ws_socket(family, type));
}

static int
sim_bind(int fd, const struct sockaddr *a, socklen_t n)
{
    ws_step();
    return (int)did("bind", fd, ws_bind(fd, a, n));
}

static int
sim_listen(int fd, int backlog)
{
    ws_step();
    return (int)did("listen", fd, ws_listen(fd, backlog));
}

static int
sim_accept4(int fd, int flags)
{
    (void)flags;
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    return (int)did("accept", fd, ws_accept(fd));
}

static int
sim_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    ws_step();
    return (int)did("connect", fd, ws_connect(fd, a, n));
}

static int
sim_shutdown(int fd, int how)
{
    ws_step();
    return (int)did("shutdown", fd, ws_shutdown(fd, how));
}

static int
sim_getsockname(int fd, struct sockaddr *a, socklen_t *n)
{
    return ws_name(fd, a, n, false);
}

static int
sim_getpeername(int fd, struct sockaddr *a, socklen_t *n)
{
    return ws_name(fd, a, n, true);
}

static int
sim_pipe2(int *fds, int flags)
{
    (void)flags;
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    return (int)did("pipe", 0, ws_pipe(fds));
}

/* ---- waiting for descriptors ---- */

static int
sim_epoll_create1(int flags)
{
    (void)flags;
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    return (int)did("epoll_create", 0, ws_epoll_new());
}

static int
sim_epoll_ctl(int ep, int op, int fd, struct epoll_event *e)
{
    ws_step();
    return (int)did("epoll_ctl", fd, ws_epoll_ctl(ep, op, fd, e));
}

static int
sim_epoll_wait(int ep, struct epoll_event *e, int n, int ms)
{
    ws_step();
    if (ms == 0 || !ws_epoll_is_idle(ep))
        return (int)did("epoll_wait", ep, ws_epoll_wait(ep, e, n, 0));
    if (ws_fault(WEFT_SIM_INTERRUPTED))
        return -EINTR;
    uint64_t until =
        ms < 0 ? WEFT_NEVER
               : ws.now_ns + ws_lasts(ws_self(), (uint64_t)ms * 1000000u);
    return (int)did("epoll_wait", ep, ws_epoll_wait(ep, e, n, until));
}

static int
sim_epoll_pwait2(int ep, struct epoll_event *e, int n, const struct timespec *t)
{
    ws_step();
    if (!ws_epoll_is_idle(ep))
        return (int)did("epoll_pwait2", ep, ws_epoll_wait(ep, e, n, 0));
    if (ws_fault(WEFT_SIM_INTERRUPTED))
        return -EINTR;
    uint64_t until = ws.now_ns + ws_lasts(ws_self(), ns_of(t));
    return (int)did("epoll_pwait2", ep, ws_epoll_wait(ep, e, n, until));
}

static int
sim_poll(struct pollfd *fds, unsigned n, int ms)
{
    ws_step();
    int found = ws_poll(fds, n, 0);
    if (found == 0 && ms != 0 && ws_fault(WEFT_SIM_INTERRUPTED))
        return -EINTR; /* only a call that would wait is interrupted */
    if (found == 0 && ms != 0)
        found = ws_poll(fds, n, ms);
    return (int)did("poll", (int)n, found);
}

static int
sim_eventfd(unsigned init, int flags)
{
    (void)flags;
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    return (int)did("eventfd", (int)init, ws_eventfd(init));
}

static int
sim_timerfd_create(int clock, int flags)
{
    (void)clock;
    (void)flags;
    ws_step();
    if (ws_fault(WEFT_SIM_NO_DESCRIPTOR))
        return -EMFILE;
    return (int)did("timerfd", 0, ws_timerfd());
}

static int
sim_timerfd_settime(int fd, int flags, const struct itimerspec *t,
                    struct itimerspec *was)
{
    ws_step();
    return (int)did("timerfd_settime", fd, ws_timerfd_set(fd, flags, t, was));
}

/* io_uring is not simulated: weft falls back to epoll. */
static int
sim_uring_setup(unsigned n, void *p)
{
    (void)n;
    (void)p;
    return -ENOSYS;
}

static int
sim_uring_enter(int fd, unsigned n, unsigned wait, unsigned flags)
{
    (void)fd;
    (void)n;
    (void)wait;
    (void)flags;
    return -ENOSYS;
}

/* ---- threads ---- */

static int
sim_sched_yield(void)
{
    ws.now_ns += 1000;
    ws_yield();
    return 0;
}

static int
sim_nanosleep(const struct timespec *t)
{
    static const char key;
    (void)ws_wait(&key, "nanosleep", ws.now_ns + ws_lasts(ws_self(), ns_of(t)));
    return 0;
}

static int
sim_futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    uint64_t ns = WEFT_NEVER;
    ws_step();
    if (op == FUTEX_WAKE)
        return (int)did("futex_wake", 0, ws_wake(ws_self(), word, value));
    if (*(volatile uint32_t *)word != value)
        return -EAGAIN;
    if (until)
        ns = ws_true(ws_self(), ns_of(until));
    if (ws_fault(WEFT_SIM_INTERRUPTED))
        return -EINTR;
    return (int)did("futex_wait", 0, ws_wait(word, "futex", ns));
}

static void
sim_lock(pthread_mutex_t *lock)
{
    ws_step();
    while (pthread_mutex_trylock(lock))
        (void)ws_wait(lock, "mutex", WEFT_NEVER);
}

static void
sim_unlock(pthread_mutex_t *lock)
{
    pthread_mutex_unlock(lock);
    if (ws.current)
        (void)ws_wake(ws_self(), lock, 1);
    ws_step();
}

static int
sim_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock, uint64_t until_ns)
{
    pthread_mutex_unlock(lock);
    (void)ws_wake(ws_self(), lock, 1);
    int err = 0; /* POSIX allows a wake-up without a cause */
    if (ws_fault(WEFT_SIM_INTERRUPTED))
        ws_yield();
    else
        err = ws_wait(cond, "cond", ws_true(ws_self(), until_ns));
    sim_lock(lock);
    return err;
}

static void
sim_cond_wake(pthread_cond_t *cond, bool all)
{
    (void)ws_wake(ws_self(), cond, all ? UINT32_MAX : 1);
    ws_step();
}

static int
sim_thread(pthread_t *thread, void *(*run)(void *), void *arg)
{
    ws_step();
    if (ws_fault(WEFT_SIM_NO_THREAD))
        return -EAGAIN;
    *thread = (pthread_t)(uintptr_t)ws_thread_new(ws_self(), run, arg);
    return 0;
}

static void
sim_thread_end(pthread_t thread, bool wait)
{
    struct ws_thread *t = (void *)(uintptr_t)thread;
    ws_step();
    t->detached = true;
    if (!wait && !t->ended)
        return;
    while (!t->ended) {
        t->detached = false;
        (void)ws_wait(t, "join", WEFT_NEVER);
    }
    ws_thread_free(t);
}

static int
sim_pin(pthread_t thread, uint32_t nth)
{
    (void)thread;
    (void)nth;
    return 0;
}

static int
sim_key_make(pthread_key_t *key, void (*leave)(void *))
{
    ws_need_host();
    struct ws_host *host = ws_self();
    if (host->n_keys == WS_KEYS)
        return -EAGAIN;
    *key = host->n_keys;
    host->leave[host->n_keys++] = leave;
    return 0;
}

static int
sim_key_set(pthread_key_t key, const void *value)
{
    ws_need_host();
    ws.current->values[key] = value;
    return 0;
}

static void
sim_stack(void **low, size_t *size)
{
    if (!ws.current) { /* the loop of the run; only ASan needs its stack */
        pthread_attr_t attr;
        (void)pthread_getattr_np(pthread_self(), &attr);
        (void)pthread_attr_getstack(&attr, low, size);
        (void)pthread_attr_destroy(&attr);
        return;
    }
    *low = ws.current->context.low;
    *size = ws.current->context.size;
}

static int
sim_sigaltstack(const stack_t *set, stack_t *was)
{
    (void)set;
    if (was)
        *was = (stack_t){.ss_flags = 0};
    return 0;
}

/* ---- memory ---- */

#define FREED 0xdb

static void *
sim_malloc(size_t n)
{
    struct ws_host *host = ws_self();
    struct ws_memory *m =
        ws_fault(WEFT_SIM_NO_MEMORY) ? NULL : malloc(sizeof *m + n);
    if (!m)
        return NULL;
    *m = (struct ws_memory){.size = n};
    if (host)
        wf_list_push(&host->memory, &m->link);
    return m + 1;
}

static void
sim_free(void *p)
{
    if (!p)
        return;
    struct ws_memory *m = (struct ws_memory *)p - 1;
    if (wf_link_queued(&m->link))
        wf_list_remove(&m->link);
    memset(p, FREED, m->size); /* a late reader finds no object there */
    free(m);
}

static void *
sim_mmap(size_t n, int prot, int flags)
{
    struct ws_memory *m =
        ws_fault(WEFT_SIM_NO_MEMORY) ? NULL : malloc(sizeof *m);
    void *p = m ? ws_map(n, prot, flags) : MAP_FAILED;
    if (p == MAP_FAILED) {
        free(m);
        return NULL;
    }
    *m = (struct ws_memory){.size = n, .mapped = p};
    if (ws_self())
        wf_list_push(&ws_self()->memory, &m->link);
    return p;
}

/* If only a part is unmapped, keep its addresses reserved, because the end of
 * the host unmaps the whole mapping. */
static int
sim_munmap(void *p, size_t n)
{
    struct wf_list *all = &ws_self()->memory;
    for (struct wf_link *l = all->head.next; l != &all->head; l = l->next) {
        struct ws_memory *m = (void *)l;
        if (m->mapped != p || m->size != n)
            continue;
        wf_list_remove(l);
        free(m);
        return ws_unmap(p, n);
    }
    int flags = MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    return mmap(p, n, PROT_NONE, flags, -1, 0) == MAP_FAILED ? -errno : 0;
}

static void *
sim_map_fd(int fd, size_t n, off_t offset)
{
    (void)fd;
    (void)n;
    (void)offset;
    return NULL;
}

static int
sim_mprotect(void *p, size_t n, int prot)
{
    return mprotect(p, n, prot) ? -errno : 0;
}

static int
sim_madvise(void *p, size_t n, int advice)
{
    /* LSan reads whole mappings, and would trap on a guard. */
    if (WF_ASAN && advice == MADV_GUARD_INSTALL)
        return -EINVAL;
    return madvise(p, n, advice) ? -errno : 0;
}

/* ---- clock, chance ---- */

static uint64_t
sim_now_ns(void)
{
    ws.now_ns += 20; /* so that a loop that waits for the clock ends */
    return ws_shown(ws_self(), ws.now_ns);
}

static uint64_t
sim_random(void)
{
    return ws_random();
}

void
ws_seam_install(void)
{
    wf_shim = (struct wf_shim){
        .read = sim_read,
        .write = sim_write,
        .recv = sim_recv,
        .peek = sim_peek,
        .readv = sim_readv,
        .send = sim_send,
        .sendmsg = sim_sendmsg,
        .socket = sim_socket,
        .bind = sim_bind,
        .listen = sim_listen,
        .accept4 = sim_accept4,
        .connect = sim_connect,
        .shutdown = sim_shutdown,
        .setsockopt = ws_setsockopt,
        .getsockopt = ws_getsockopt,
        .getsockname = sim_getsockname,
        .getpeername = sim_getpeername,
        .set_nonblocking = sim_set_nonblocking,
        .close = sim_close,
        .poll = sim_poll,
        .epoll_create1 = sim_epoll_create1,
        .epoll_ctl = sim_epoll_ctl,
        .epoll_wait = sim_epoll_wait,
        .epoll_pwait2 = sim_epoll_pwait2,
        .eventfd = sim_eventfd,
        .timerfd_create = sim_timerfd_create,
        .timerfd_settime = sim_timerfd_settime,
        .pipe2 = sim_pipe2,
        .ioctl = ws_ioctl,
        .sched_yield = sim_sched_yield,
        .nanosleep = sim_nanosleep,
        .sigaltstack = sim_sigaltstack,
        .munmap = sim_munmap,
        .mprotect = sim_mprotect,
        .madvise = sim_madvise,
        .uring_setup = sim_uring_setup,
        .uring_enter = sim_uring_enter,
        .mmap = sim_mmap,
        .map_fd = sim_map_fd,
        .malloc = sim_malloc,
        .free = sim_free,
        .now_ns = sim_now_ns,
        .getaddrinfo = ws_getaddrinfo,
        .futex = sim_futex,
        .cond_wait = sim_cond_wait,
        .cond_wake = sim_cond_wake,
        .lock = sim_lock,
        .unlock = sim_unlock,
        .thread = sim_thread,
        .thread_end = sim_thread_end,
        .pin = sim_pin,
        .key_make = sim_key_make,
        .key_set = sim_key_set,
        .stack = sim_stack,
        .random = sim_random,
    };
    ws_os_install();
    /* A call that is missing here would reach the real system. */
    void *const *entry = (void *)&wf_shim;
    for (size_t i = 0; i < sizeof wf_shim / sizeof *entry; i++)
        if (!entry[i])
            ws_die("call %zu of the seam is not simulated", i);
}
