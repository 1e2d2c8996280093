/* SPDX-License-Identifier: MIT */
/* The reader of a listening socket parks until a connection comes. It misses no
 * connection, and the stop waits until the reader ends. */
#define WEFT_SHIM 1

#include "weak.h"

#include "base/slab.c"
#include "net/accept.c"
#include "net/event.c"
#include "net/read.c"
#include "net/sock.c"
#include "net/write.c"

#include "net_stubs.h"

static struct wf_acceptor acceptor;
static uint32_t pending;       /* connections that wait in the kernel */
static _Atomic uint32_t given; /* the count of the semaphore */
static bool has_come, has_ended;

/* ---- what accept.c calls ---- */

void
weft_sem_give(struct weft_sem *sem, uint32_t n)
{
    (void)sem, (void)n;
    (void)wf_add(&given, 1, release);
    has_ended = true;
}

void
wf_sem_take_surely(struct weft_sem *sem)
{
    (void)sem;
    weak_sleep(&has_ended);
    (void)wf_sub(&given, 1, acquire);
}

weft_err
weft_sleep_ms(int64_t ms)
{
    (void)ms;
    return WEFT_OK;
}

void
weft_fiber_yield(void)
{
}

void
wf_log_sparsely(struct wf_log_limit *limit, enum weft_log_level level,
                const char *fmt, ...)
{
    (void)limit, (void)level, (void)fmt;
}

bool
wf_flush_defer(struct wf_write *node)
{
    (void)node;
    return false;
}

static int
fake_accept(int fd, int flags)
{
    (void)fd, (void)flags;
    enter_kernel();
    return pending > 0 ? (int)pending-- : -EAGAIN;
}

static void
free_acceptor(void *p)
{
    weak_free(p, sizeof acceptor);
}

static void
note_accepted(void *user, int fd)
{
    (void)user, (void)fd;
    has_come = true;
}

/* ---- tests ---- */

static void
begin(void)
{
    static const struct wf_sock_ops ops = {
        .readable = wf_sock_never_readable, .failed = failed, .closed = closed};
    make_sock(&ops, 2); /* one reference for the fiber, one for the spot */
    wf_shim.accept4 = fake_accept;
    wf_shim.free = free_acceptor;
    memset(&acceptor, 0, sizeof acceptor);
    acceptor.accepted = note_accepted;
    acceptor.n = 1;
    acceptor.spots[0] =
        (struct spot){.acceptor = &acceptor, .sock = &sock, .reserve = -1};
    sock.owner = &acceptor.spots[0];
    wf_store(&sock.events, 1, relaxed);
    wf_store(&given, 0, relaxed);
    pending = 0;
    has_come = has_ended = false;
    weak_write(&acceptor, sizeof acceptor);
}

static void
accept_them(void)
{
    accept_main(&acceptor.spots[0]);
}

static void
connect_then_stop(void)
{
    enter_kernel();
    pending++;
    wf_sock_event(sock_id, EPOLLIN);
    weak_sleep(&has_come);
    wf_acceptor_free(&acceptor);
}

static void
stop(void)
{
    wf_acceptor_free(&acceptor);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"stop", begin, {accept_them, stop}, NULL, 1},
        {"a connection", begin, {accept_them, connect_then_stop}, NULL, 1},
        {0},
    };
    static const char *const files[] = {"accept.c", NULL};
    static const struct weak_excuse excuses[] = {
        {"accept_main", "&s->events", WEAK_acquire,
         "as in conn_read.c, for events that no call of the kernel orders"},
        {"wf_cas", "that fails", WEAK_relaxed,
         "not needed here; base/atomic.h says so for all"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
