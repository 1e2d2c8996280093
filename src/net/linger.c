/* SPDX-License-Identifier: MIT */
/*
 * Closes descriptors without a reset. If bytes of the peer are unread when a
 * descriptor is closed, or arrive later, the kernel answers with a reset, and
 * the peer's kernel then drops bytes that the peer has not read: perhaps the
 * last reply. So the sending side is shut down first, and the peer's bytes are
 * read and dropped until the peer ends its side, too. Three bounds keep that
 * time short: LINGER_MAX descriptors, QUIET_MS without a byte, TOTAL_MS in all.
 *
 * No fiber is needed, so a stop of the runtime need not wait. One timer for all
 * lingering descriptors sets wf_linger_is_due, and the next worker that polls
 * sweeps: it reads and drops what all these descriptors have received. The
 * worker that changes the flag from true to false is the only sweeper, and
 * starts the timer again.
 */
#include "net/linger.h"

#include "fiber/fiber.h"

#include <errno.h>

#define LINGER_MAX 1024u
#define QUIET_MS 2000u
#define TOTAL_MS 10000u
/* The first pause between two sweeps. The pause doubles while no byte
 * arrives. */
#define FIRST_MS 1u
#define LAST_MS 32u
#define READS 128 /* maximum number of reads in one call of drain */

struct closing {
    struct wf_link link;
    int fd;
    uint64_t quiet_ns; /* time at which fd is closed if no more bytes arrive */
    uint64_t end_ns;
};

WF_GLOBAL _Atomic bool wf_linger_is_due;

static WF_GLOBAL struct {
    struct wf_spin lock; /* guards `all`, `n` and `armed` */
    struct wf_list all;  /* a sweeper takes the whole list */
    uint32_t n;          /* includes descriptors that a sweeper has taken */
    bool armed;          /* there is a timer or a sweeper */
    struct wf_timer timer;
    uint32_t pause_ms; /* used only by the thread that starts the timer */
} lingering = {.all = WF_LIST_EMPTY(lingering.all)};

/* Read and drop what has arrived. Returns 1 if a byte had arrived, 0 if no byte
 * had arrived, and -1 if the peer has ended its side or the read failed. */
static int
drain(int fd)
{
    char sink[1024];
    int any = 0;
    for (int i = 0; i < READS; i++) {
        ssize_t n = wf_sys_recv(fd, sink, sizeof sink);
        if (n == -EAGAIN)
            return any;
        if (n > 0)
            any = 1;
        else if (n != -EINTR)
            return -1;
    }
    return any;
}

static void
fire(struct wf_timer *timer)
{
    (void)timer;
    /* release: pairs with the exchange in wf_linger_sweep */
    wf_store(&wf_linger_is_due, true, release);
}

static void
start_timer(uint32_t pause_ms)
{
    lingering.pause_ms = pause_ms;
    wf_timer_start(&lingering.timer, weft_after_ms(pause_ms), fire);
}

static bool
add(struct closing *l)
{
    wf_spin_lock(&lingering.lock);
    bool taken = lingering.n < LINGER_MAX;
    bool first = taken && !lingering.armed;
    if (taken) {
        wf_list_push(&lingering.all, &l->link);
        lingering.n++;
        lingering.armed = true;
    }
    wf_spin_unlock(&lingering.lock);
    if (first)
        start_timer(FIRST_MS);
    return taken;
}

void
wf_linger_close(int fd)
{
    (void)wf_sys_shutdown(fd, SHUT_WR); /* a second shutdown does no harm */
    if (drain(fd) >= 0 && weft_runtime_workers() > 0) {
        struct closing *l = wf_sys_malloc(sizeof *l);
        if (l) {
            *l = (struct closing){.fd = fd,
                                  .quiet_ns = weft_after_ms(QUIET_MS),
                                  .end_ns = weft_after_ms(TOTAL_MS)};
            if (add(l))
                return;
            wf_sys_free(l);
        }
    }
    (void)wf_sys_close(fd);
}

/* Read and drop the input of one descriptor. *any receives true if a byte had
 * arrived. Returns false if the descriptor was closed and `l` freed. */
static bool
go_on(struct closing *l, uint64_t now_ns, bool *any)
{
    int came = drain(l->fd);
    if (came > 0) {
        l->quiet_ns = now_ns + QUIET_MS * (uint64_t)1000000;
        *any = true;
    }
    if (came >= 0 && now_ns < l->end_ns && now_ns < l->quiet_ns)
        return true;
    (void)wf_sys_close(l->fd);
    wf_sys_free(l);
    return false;
}

void
wf_linger_sweep(void)
{
    struct wf_list mine, left;
    struct wf_link *link;
    uint32_t ended = 0;
    bool any = false;
    uint64_t now = wf_sys_now_ns();
    if (!wf_xchg(&wf_linger_is_due, false, acquire))
        return; /* another worker sweeps */
    wf_list_init(&mine);
    wf_list_init(&left);
    wf_spin_lock(&lingering.lock);
    wf_list_splice(&lingering.all, &mine);
    wf_spin_unlock(&lingering.lock);
    while ((link = wf_list_pop(&mine)) != NULL) {
        if (go_on(WF_CONTAINER(link, struct closing, link), now, &any))
            wf_list_push(&left, link);
        else
            ended++;
    }
    wf_spin_lock(&lingering.lock);
    wf_list_splice(&left, &lingering.all);
    lingering.n -= ended;
    bool more = lingering.armed = lingering.n > 0;
    wf_spin_unlock(&lingering.lock);
    if (more)
        start_timer(any ? FIRST_MS : WF_MIN(lingering.pause_ms * 2, LAST_MS));
}

void
wf_linger_tear_down(void)
{
    struct wf_link *link;
    while ((link = wf_list_pop(&lingering.all)) != NULL) {
        struct closing *l = WF_CONTAINER(link, struct closing, link);
        (void)wf_sys_close(l->fd);
        wf_sys_free(l);
        lingering.n--;
    }
    WF_CHECK(lingering.n == 0);
    lingering.armed = false;
    lingering.timer = (struct wf_timer){0};
    wf_store(&wf_linger_is_due, false, relaxed);
}
