/* SPDX-License-Identifier: MIT */
/*
 * Proof. A write is put off with the write right of its socket and a reference,
 * so until it is sent nobody else sends, frees or closes (write.c, sock.c).
 *
 * 1. One list for each worker. Only the worker pushes, so the push's compare
 *    and exchange fails only if the list was taken meanwhile; it is taken
 *    whole, by exchanging NULL in, so that there is no ABA, and who took it
 *    alone has its writes. Push releases them, taking acquires.
 * 2. Nothing stays behind. A worker puts off only while another fiber is ready
 *    on it, and looks at its poller, which sends the round, every 32 fibers or
 *    100 us, and before it sleeps. If it is stuck in a handler, a watcher looks
 *    for it (sleep.c) and sends its round. What is put off by the last fibers
 *    is sent by wf_flush_tear_down.
 * 3. A ring is used by its worker's thread alone, whoever's round it sends.
 * 4. Closing and failing need nothing of the ring: no send is under way in it
 *    outside wf_ring_send, and what it did not send, write_all in write.c does
 *    as ever: it drops the bytes of a failed socket.
 *
 * Attacked by tests/stress/stress_write.c with WEFT_POLLER=uring.
 */
#include "net/flush.h"

#include "fiber/fiber.h"
#include "net/ring.h"
#include "net/write.h"

#include <errno.h>

/* A cache line each. */
struct round {
    _Atomic(struct wf_write *) newest;
    struct wf_ring *ring;
    uint8_t pad[48];
};

static struct {
    uint32_t n; /* 0: there are no rings */
    struct round *all;
} rounds;

/* ---- sending ---- */

/* The list's writes, oldest first; it is empty then. */
static struct wf_write *
take(struct round *round)
{
    struct wf_write *oldest = NULL;
    struct wf_write *w = wf_xchg(&round->newest, NULL, acquire);
    while (w) {
        struct wf_write *before = w->deferred;
        w->deferred = oldest;
        oldest = w;
        w = before;
    }
    return oldest;
}

/* Send some of the list; returns the others. */
static struct wf_write *
send_some(struct wf_ring *ring, struct wf_write *w)
{
    struct wf_sock *socks[WF_RING_SENDS];
    uint32_t n = 0;
    while (w && n < WF_RING_SENDS) {
        struct wf_sock *s = socks[n] = w->sock;
        struct wf_ring_send *send = &ring->sends[n];
        w = w->deferred;
        send->fd = s->fd;
        send->n_iov = wf_write_iov(s, send->iov, WF_RING_IOVS);
        n += send->n_iov > 0;
        if (send->n_iov == 0) {
            wf_write_rest(s, true);
            wf_sock_unref(s);
        }
    }
    wf_ring_send(ring, n);
    for (uint32_t i = 0; i < n; i++) {
        wf_write_sent(socks[i], ring->sends[i].sent);
        wf_write_rest(socks[i], true);
        wf_sock_unref(socks[i]);
    }
    return w;
}

void
wf_flush_worker(uint32_t worker)
{
    if (rounds.n == 0 || !wf_load(&rounds.all[worker].newest, relaxed))
        return; /* a hint: what comes later is sent later */
    struct wf_write *w = take(&rounds.all[worker]);
    while (w)
        w = send_some(rounds.all[wf_worker_index()].ring, w);
}

bool
wf_flush_defer(struct wf_write *first)
{
    if (rounds.n == 0 || !wf_worker_busy())
        return false;
    struct round *round = &rounds.all[wf_worker_index()];
    wf_sock_more(first->sock);
    first->deferred = wf_load(&round->newest, relaxed);
    while (!wf_cas(&round->newest, &first->deferred, first, release))
        ;
    return true;
}

/* ---- life ---- */

static void
free_rings(void)
{
    for (uint32_t i = 0; i < rounds.n; i++)
        if (rounds.all[i].ring)
            wf_ring_free(rounds.all[i].ring);
    wf_sys_free(rounds.all);
    rounds.all = NULL;
    rounds.n = 0;
}

void
wf_flush_set_up(uint32_t n_workers)
{
    weft_err err = WEFT_OK;
    if (wf_runtime_poller() != WEFT_POLLER_URING)
        return;
    rounds.all = wf_sys_zalloc(n_workers * sizeof *rounds.all);
    if (!rounds.all)
        err = -ENOMEM;
    while (!err && rounds.n < n_workers)
        err = wf_ring_new(&rounds.all[rounds.n++].ring);
    if (err) {
        free_rings();
        wf_log(WEFT_LOG_WARN, "no io_uring, epoll alone: %s",
               weft_err_text(err));
    }
}

void
wf_flush_tear_down(void)
{
    for (uint32_t i = 0; i < rounds.n; i++) {
        struct wf_write *w = take(&rounds.all[i]);
        while (w) {
            struct wf_sock *s = w->sock;
            w = w->deferred;
            wf_write_rest(s, false);
            wf_sock_unref(s);
        }
    }
    free_rings();
}
