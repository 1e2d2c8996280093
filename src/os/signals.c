/* SPDX-License-Identifier: MIT */
/*
 * Receives signals as a channel. If a thread does not block a signal, the
 * handler runs on this thread; if all threads block the signal, it stays
 * pending, and the signalfd reports it. The handler, or a receiver that reads
 * the signalfd, sets the signal's bit in `pending` and writes the eventfd. The
 * signalfd and the eventfd make the channel's epoll readable. The kernel gives
 * a signal either to the handler or to the signalfd, so each signal is noted
 * once.
 *
 * Proof that no signal is lost: the bit of a signal is set before the eventfd
 * is written, and a receiver reads the eventfd before the receiver reads the
 * bits. So if the receiver misses a bit, the write of the eventfd comes after
 * the receiver's read of the eventfd, which is then readable again. A receiver
 * that leaves bits set writes the eventfd for other receivers.
 *
 * Proof that a handler uses no channel that was freed: the handler counts
 * itself in in_handlers before it loads the taker; weft_signals_free clears the
 * taker and then waits until in_handlers is zero. All four accesses are
 * seq_cst, so a handler for which weft_signals_free does not wait loads NULL.
 */
#include "os/os.h"

#include <errno.h>

#define NUMBERS 64

struct weft_signals {
    sigset_t set;
    bool once;                /* the first signal sets the default actions */
    _Atomic bool has_come;    /* the first signal has arrived; used if `once` */
    _Atomic uint64_t pending; /* signals to receive; bit 0 is signal 1 */
    int wake;                 /* eventfd */
    int blocked;              /* signalfd */
    int epoll;                /* readable if `wake` or `blocked` is readable */
    /* the earlier action of each signal */
    struct sigaction before[NUMBERS + 1];
};

static WF_GLOBAL struct {
    pthread_mutex_t lock; /* held while signals are taken or given back */
    _Atomic uint32_t in_handlers;
    /* For each signal number the channel that takes the signal, or NULL. Stored
     * under the lock. */
    _Atomic(struct weft_signals *) takers[NUMBERS + 1];
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- a signal arrives ---- */

static void
wake(struct weft_signals *s)
{
    const uint64_t one = 1;
    /* This write fails only if the eventfd is readable already. */
    (void)wf_sys_write(s->wake, &one, sizeof one);
}

/* Set the default actions. If another handler has set them since this handler
 * began, send this signal again: the kernel then takes the default action. */
static void
let_end(struct weft_signals *s, int number)
{
    const struct sigaction fallback = {.sa_handler = SIG_DFL};
    for (int i = 1; i <= NUMBERS; i++)
        if (sigismember(&s->set, i) == 1)
            (void)wf_sys_sigaction(i, &fallback, NULL);
    /* relaxed: every thread that comes here has set the actions itself */
    if (wf_xchg(&s->has_come, true, relaxed))
        (void)wf_sys_kill_self(number);
}

/* Set the bit of a signal and wake a receiver. Also called in a signal
 * handler. */
static void
note(struct weft_signals *s, int number)
{
    if (s->once)
        let_end(s, number);
    (void)wf_or(&s->pending, (uint64_t)1 << (number - 1), seq_cst);
    wake(s);
}

static void
on_signal(int number)
{
    int saved = errno;
    (void)wf_add(&process.in_handlers, 1, seq_cst);
    struct weft_signals *s = wf_load(&process.takers[number], seq_cst);
    if (s)
        note(s, number);
    (void)wf_sub(&process.in_handlers, 1, seq_cst);
    errno = saved;
}

/* ---- taking and giving back ---- */

static bool
can_be_taken(int number)
{
    static const int never[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE,
                                SIGILL,  SIGTRAP, SIGSYS,  SIGABRT};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (number == never[i])
            return false;
    return number >= 1 && number <= NUMBERS;
}

static weft_err
make_set(const int *numbers, uint32_t n, sigset_t *set)
{
    sigemptyset(set);
    for (uint32_t i = 0; i < n; i++)
        if (!can_be_taken(numbers[i]) || sigaddset(set, numbers[i]))
            return -EINVAL;
    return n > 0 ? WEFT_OK : -EINVAL;
}

/* Called with the lock held. */
static void
give_back(struct weft_signals *s)
{
    for (int i = 1; i <= NUMBERS; i++) {
        if (wf_load(&process.takers[i], relaxed) != s)
            continue;
        (void)wf_sys_sigaction(i, &s->before[i], NULL);
        wf_store(&process.takers[i], NULL, seq_cst);
    }
}

/* Called with the lock held. */
static weft_err
take(struct weft_signals *s)
{
    /* TSan runs a handler only after the interrupted system call has returned,
     * so under TSan no system call may be restarted. */
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags =
                                   SA_ONSTACK | (WF_TSAN ? 0 : SA_RESTART)};
    for (int i = 1; i <= NUMBERS; i++)
        if (sigismember(&s->set, i) == 1 &&
            wf_load(&process.takers[i], relaxed))
            return -EBUSY;
    for (int i = 1; i <= NUMBERS; i++) {
        if (sigismember(&s->set, i) != 1)
            continue;
        struct sigaction *before = &s->before[i];
        weft_err err = wf_sys_sigaction(i, NULL, before);
        wf_store(&process.takers[i], err ? NULL : s, seq_cst);
        if (!err)
            err = wf_sys_sigaction(i, &action, NULL);
        if (err) {
            give_back(s);
            return err;
        }
    }
    return WEFT_OK;
}

static weft_err
watch(struct weft_signals *s, int fd)
{
    struct epoll_event e = {.events = EPOLLIN};
    return fd < 0 ? fd : wf_sys_epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e);
}

static weft_err
open_all(struct weft_signals *s)
{
    s->wake = wf_sys_eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->blocked = wf_sys_signalfd(&s->set);
    s->epoll = wf_sys_epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll < 0)
        return s->epoll;
    weft_err err = watch(s, s->wake);
    return err ? err : watch(s, s->blocked);
}

static void
release(struct weft_signals *s)
{
    const int fds[] = {s->wake, s->blocked, s->epoll};
    for (int i = 0; wf_load(&process.in_handlers, seq_cst) > 0; i++)
        wf_spin_rest(i);
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            (void)wf_sys_close(fds[i]);
    wf_sys_free(s);
}

weft_err
wf_signals_new(const int *numbers, uint32_t n, bool once,
               struct weft_signals **out)
{
    *out = NULL;
    struct weft_signals *s = wf_sys_zalloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    s->once = once;
    s->wake = s->blocked = s->epoll = -1;
    weft_err err = make_set(numbers, n, &s->set);
    if (!err)
        err = open_all(s);
    if (!err) {
        wf_sys_lock(&process.lock);
        err = take(s);
        wf_sys_unlock(&process.lock);
    }
    if (err)
        release(s);
    else
        *out = s;
    return err;
}

weft_err
weft_signals_new(const int *numbers, uint32_t n, struct weft_signals **signals)
{
    return wf_signals_new(numbers, n, false, signals);
}

/* A handler that still runs on another thread may set the default actions after
 * give_back. So wait until no handler runs, and then set the earlier actions
 * again. */
static void
undo_late_handlers(const struct weft_signals *s)
{
    for (int i = 0; wf_load(&process.in_handlers, seq_cst) > 0; i++)
        wf_spin_rest(i);
    for (int i = 1; s->once && i <= NUMBERS; i++)
        if (sigismember(&s->set, i) == 1)
            (void)wf_sys_sigaction(i, &s->before[i], NULL);
}

void
weft_signals_free(struct weft_signals *s)
{
    if (!s)
        return;
    wf_sys_lock(&process.lock);
    give_back(s);
    undo_late_handlers(s);
    wf_sys_unlock(&process.lock);
    release(s);
}

/* ---- receiving ---- */

/* Take the pending signal with the lowest number. Returns the number; 0: no
 * signal is pending. */
static int
take_one(struct weft_signals *s)
{
    uint64_t pending = wf_load(&s->pending, seq_cst);
    while (pending) {
        uint64_t left = pending & (pending - 1);
        if (!wf_cas(&s->pending, &pending, left, seq_cst))
            continue;
        if (left)
            wake(s);
        return __builtin_ctzll(pending) + 1;
    }
    return 0;
}

/* Read the eventfd and the signalfd until both are empty, and note the signals
 * of the signalfd. */
static void
drain(struct weft_signals *s)
{
    struct signalfd_siginfo info;
    uint64_t count;
    (void)wf_sys_read(s->wake, &count, sizeof count);
    while (wf_sys_read(s->blocked, &info, sizeof info) == sizeof info)
        note(s, (int)info.ssi_signo);
}

weft_err
weft_signals_recv_until(struct weft_signals *s, uint64_t deadline_ns,
                        int *number)
{
    for (;;) {
        drain(s);
        *number = take_one(s);
        if (*number)
            return WEFT_OK;
        int found = weft_fd_wait_until(s->epoll, WEFT_FD_READ, deadline_ns);
        if (found < 0)
            return found;
    }
}

int
weft_signals_fd(const struct weft_signals *signals)
{
    return signals->epoll;
}

weft_err
weft_signals_recv(struct weft_signals *signals, int *number)
{
    return weft_signals_recv_until(signals, WEFT_NEVER, number);
}
