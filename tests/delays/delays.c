/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that delays threads at random before and after the
 * calls by which they meet each other, the kernel and other processes. A test
 * that passes only in one order of events fails under some seed.
 *
 *   WEFT_DELAYS      the seed; without one nothing is delayed
 *   WEFT_DELAYS_IN   only programs below this folder are delayed: not the
 *                    shells and interpreters that run them
 *   WEFT_DELAYS_MS   how long a rare delay is (50), below 1000
 *
 * The seed also chooses which of the calls are slow: a delay that is rare
 * everywhere finds less than one that is common in one place.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* DELAYED(type, name, (parameters), (arguments)) for each call whose parameters
 * are fixed. */
#define CALLS                                                                  \
    DELAYED(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n))            \
    DELAYED(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))     \
    DELAYED(ssize_t, readv, (int fd, const struct iovec *v, int n),            \
            (fd, v, n))                                                        \
    DELAYED(ssize_t, writev, (int fd, const struct iovec *v, int n),           \
            (fd, v, n))                                                        \
    DELAYED(ssize_t, pread, (int fd, void *p, size_t n, off_t at),             \
            (fd, p, n, at))                                                    \
    DELAYED(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at),      \
            (fd, p, n, at))                                                    \
    DELAYED(ssize_t, recv, (int fd, void *p, size_t n, int flags),             \
            (fd, p, n, flags))                                                 \
    DELAYED(ssize_t, send, (int fd, const void *p, size_t n, int flags),       \
            (fd, p, n, flags))                                                 \
    DELAYED(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags),     \
            (fd, m, flags))                                                    \
    DELAYED(int, accept, (int fd, struct sockaddr *a, socklen_t *n),           \
            (fd, a, n))                                                        \
    DELAYED(int, accept4,                                                      \
            (int fd, struct sockaddr *a, socklen_t *n, int flags),             \
            (fd, a, n, flags))                                                 \
    DELAYED(int, connect, (int fd, const struct sockaddr *a, socklen_t n),     \
            (fd, a, n))                                                        \
    DELAYED(int, listen, (int fd, int n), (fd, n))                             \
    DELAYED(int, shutdown, (int fd, int how), (fd, how))                       \
    DELAYED(int, close, (int fd), (fd))                                        \
    DELAYED(int, poll, (struct pollfd * p, nfds_t n, int ms), (p, n, ms))      \
    DELAYED(int, epoll_ctl, (int ep, int op, int fd, struct epoll_event *e),   \
            (ep, op, fd, e))                                                   \
    DELAYED(int, epoll_wait, (int ep, struct epoll_event *e, int n, int ms),   \
            (ep, e, n, ms))                                                    \
    DELAYED(int, epoll_pwait2,                                                 \
            (int ep, struct epoll_event *e, int n, const struct timespec *t,   \
             const sigset_t *set),                                             \
            (ep, e, n, t, set))                                                \
    DELAYED(int, timerfd_settime,                                              \
            (int fd, int flags, const struct itimerspec *t,                    \
             struct itimerspec *was),                                          \
            (fd, flags, t, was))                                               \
    DELAYED(int, posix_spawnp,                                                 \
            (pid_t * pid, const char *file,                                    \
             const posix_spawn_file_actions_t *actions,                        \
             const posix_spawnattr_t *attr, char *const *argv,                 \
             char *const *environment),                                        \
            (pid, file, actions, attr, argv, environment))                     \
    DELAYED(int, waitid, (idtype_t type, id_t id, siginfo_t * i, int how),     \
            (type, id, i, how))                                                \
    DELAYED(int, kill, (pid_t pid, int number), (pid, number))                 \
    DELAYED(int, sched_yield, (void), ())                                      \
    DELAYED(int, nanosleep, (const struct timespec *t, struct timespec *rest), \
            (t, rest))                                                         \
    DELAYED(int, clock_nanosleep,                                              \
            (clockid_t clock, int flags, const struct timespec *t,             \
             struct timespec *rest),                                           \
            (clock, flags, t, rest))                                           \
    DELAYED(int, pthread_mutex_lock, (pthread_mutex_t * lock), (lock))         \
    DELAYED(int, pthread_mutex_unlock, (pthread_mutex_t * lock), (lock))       \
    DELAYED(int, pthread_cond_wait,                                            \
            (pthread_cond_t * cond, pthread_mutex_t * lock), (cond, lock))     \
    DELAYED(int, pthread_cond_timedwait,                                       \
            (pthread_cond_t * cond, pthread_mutex_t * lock,                    \
             const struct timespec *t),                                        \
            (cond, lock, t))                                                   \
    DELAYED(int, pthread_cond_signal, (pthread_cond_t * cond), (cond))         \
    DELAYED(int, pthread_cond_broadcast, (pthread_cond_t * cond), (cond))      \
    DELAYED(int, pthread_join, (pthread_t thread, void **result),              \
            (thread, result))

enum call {
#define DELAYED(type, name, params, args) CALL_##name,
    CALLS
#undef DELAYED
        CALL_open,
    CALL_syscall,
    CALL_pthread_create,
    CALL_thread, /* the start of a new one */
};

/* What the C library has under these names. */
static struct {
#define DELAYED(type, name, params, args) type(*name) params;
    CALLS
#undef DELAYED
    int (*open)(const char *path, int flags, ...);
    long (*syscall)(long number, ...);
    int (*pthread_create)(pthread_t *thread, const pthread_attr_t *attr,
                          void *(*run)(void *), void *arg);
} real;

static uint64_t seed;
static long rare_us = 50000;
static bool is_on; /* written before the program starts */

/* `where` points to a member of `real`. */
static void
find(void *where, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    memcpy(where, &found, sizeof found);
}

/* The constructors of other libraries may call before ours has run. */
#define NEED(name)                   \
    do {                             \
        if (!real.name)              \
            find(&real.name, #name); \
    } while (0)

__attribute__((constructor)) static void
set_up(void)
{
    char self[4096];
    const char *chosen = getenv("WEFT_DELAYS"), *in = getenv("WEFT_DELAYS_IN");
    const char *ms = getenv("WEFT_DELAYS_MS");
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
#define DELAYED(type, name, params, args) NEED(name);
    CALLS
#undef DELAYED
    NEED(open);
    NEED(syscall);
    NEED(pthread_create);
    if (!chosen || n < 0)
        return;
    self[n] = 0;
    seed = strtoull(chosen, NULL, 0);
    rare_us = ms ? strtol(ms, NULL, 0) % 1000 * 1000 : rare_us;
    is_on = !in || !strncmp(self, in, strlen(in));
}

/* splitmix64, by Sebastiano Vigna */
static uint64_t
mix(uint64_t v)
{
    v += 0x9e3779b97f4a7c15u;
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
    v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
    return v ^ (v >> 31);
}

static void
rest(long us)
{
    const struct timespec t = {.tv_nsec = us * 1000};
    int saved = errno;
    NEED(nanosleep);
    NEED(sched_yield);
    if (us > 0)
        (void)real.nanosleep(&t, NULL);
    else
        (void)real.sched_yield();
    errno = saved;
}

/* Most calls are not delayed. Some yield, fewer sleep for up to 5 ms, and one
 * in 4,096 (one in 256 of the slow calls) sleeps for rare_us. Calls only what a
 * signal handler may call. */
static void
maybe_rest(enum call call, bool after)
{
    static _Atomic uint64_t count;
    if (!is_on)
        return;
    bool is_slow = mix(seed * 256 + (uint64_t)call * 2 + after) % 8 == 0;
    uint64_t n = atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    uint64_t dice = mix(mix(seed) + n) % (is_slow ? 256 : 4096);
    uint64_t length = mix(mix(seed) ^ n);
    if (dice == 0)
        rest(rare_us);
    else if (dice < 16)
        rest(100 + (long)(length % 4900));
    else if (dice < 64)
        rest(0);
}

#define DELAYED(type, name, params, args)     \
    type name params                          \
    {                                         \
        NEED(name);                           \
        maybe_rest(CALL_##name, false);       \
        type delayed_result = real.name args; \
        maybe_rest(CALL_##name, true);        \
        return delayed_result;                \
    }
CALLS
#undef DELAYED

int
open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? va_arg(more, unsigned) : 0;
    va_end(more);
    NEED(open);
    maybe_rest(CALL_open, false);
    int fd = real.open(path, flags, mode);
    maybe_rest(CALL_open, true);
    return fd;
}

/* weft calls futex, pidfd_open and io_uring_enter by it. Like the C library,
 * this reads six arguments, whatever the caller has passed. */
long
syscall(long number, ...)
{
    long a[6];
    va_list more;
    va_start(more, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(more, long);
    va_end(more);
    NEED(syscall);
    maybe_rest(CALL_syscall, false);
    long result = real.syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    maybe_rest(CALL_syscall, true);
    return result;
}

struct start {
    void *(*run)(void *);
    void *arg;
};

static void *
begin(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    maybe_rest(CALL_thread, true);
    return start.run(start.arg);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
               void *(*run)(void *), void *arg)
{
    NEED(pthread_create);
    struct start *start = malloc(sizeof *start);
    if (!start)
        return EAGAIN;
    *start = (struct start){run, arg};
    maybe_rest(CALL_pthread_create, false);
    int err = real.pthread_create(thread, attr, begin, start);
    if (err)
        free(start);
    maybe_rest(CALL_pthread_create, true);
    return err;
}
