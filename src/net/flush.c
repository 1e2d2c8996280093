/* SPDX-License-Identifier: MIT */
/*
 * Proof. A deferred write holds the write right of its socket and a reference,
 * so no other thread sends on the socket, frees its nodes or closes it before
 * the write is flushed (write.c, sock.c).
 *
 * 1. Each worker has one list. Only that worker pushes to its list, so the
 *    compare and exchange of a push fails only if the list was taken meanwhile.
 *    A taker exchanges `newest` for NULL and gets the whole list: there is no
 *    ABA, and the writes belong to that taker alone. The push is a release and
 *    the taker's exchange an acquire, so the taker sees the pushed writes.
 * 2. No write stays in a list. A worker defers only while another fiber is
 *    ready on it. The worker polls, which flushes the list, every 32 fibers or
 *    100 us, and before it sleeps. If the worker is stuck in a handler, a
 *    watcher polls in its place (sleep.c) and flushes its list.
 *    wf_flush_tear_down flushes what the last fibers deferred.
 * 3. A ring is used only by the thread of its worker. A watcher that flushes
 *    another worker's list uses the ring of its own worker.
 * 4. The code that closes a socket or makes it fail need not know of the ring:
 *    no send of the ring is under way outside wf_ring_send. What the ring did
 *    not send goes through write_all in write.c, which drops the bytes of a
 *    failed socket.
 *
 * Attacked by tests/stress/stress_write.c with WEFT_POLLER=uring.
 * tests/weak/weak_flush.c tests the memory orders.
 */
#include "net/flush.h"

#include "fiber/fiber.h"
#include "net/ring.h"
#include "net/write.h"

#include <errno.h>

/* The deferred writes of one worker, in a cache line of their own. */
struct flush_list {
    _Atomic(struct wf_write *) newest;
    struct wf_ring *ring;
    uint8_t pad[48];
};

static WF_GLOBAL struct {
    uint32_t n;             /* 0: there are no rings */
    struct flush_list *all; /* one for each worker */
} lists;

/* ---- sending ---- */

/* Empty the list. Returns its writes, oldest first. */
static struct wf_write *
take(struct flush_list *list)
{
    struct wf_write *oldest = NULL;
    struct wf_write *w = wf_xchg(&list->newest, NULL, acquire);
    while (w) {
        struct wf_write *before = w->deferred;
        w->deferred = oldest;
        oldest = w;
        w = before;
    }
    return oldest;
}

/* Send the first writes of the list; returns the rest of the list. */
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
            wf_write_rest(s, WF_WRITE_IN_POLLER);
            wf_sock_unref(s);
        }
    }
    wf_ring_send(ring, n);
    for (uint32_t i = 0; i < n; i++) {
        wf_write_sent(socks[i], ring->sends[i].sent);
        wf_write_rest(socks[i], WF_WRITE_IN_POLLER);
        wf_sock_unref(socks[i]);
    }
    return w;
}

void
wf_flush_worker(uint32_t worker)
{
    if (lists.n == 0 || !wf_load(&lists.all[worker].newest, relaxed))
        return; /* relaxed: the next poll finds a push that this load misses */
    struct wf_write *w = take(&lists.all[worker]);
    while (w)
        w = send_some(lists.all[wf_worker_index()].ring, w);
}

bool
wf_flush_defer(struct wf_write *first)
{
    if (lists.n == 0 || !wf_worker_busy() ||
        (first->sock->lends && wf_chain_lends(&first->bytes)))
        return false;
    struct flush_list *list = &lists.all[wf_worker_index()];
    wf_sock_more(first->sock);
    first->deferred = wf_load(&list->newest, relaxed);
    while (!wf_cas(&list->newest, &first->deferred, first, release))
        ;
    return true;
}

/* ---- life ---- */

static void
free_rings(void)
{
    for (uint32_t i = 0; i < lists.n; i++)
        if (lists.all[i].ring)
            wf_ring_free(lists.all[i].ring);
    wf_sys_free(lists.all);
    lists.all = NULL;
    lists.n = 0;
}

void
wf_flush_set_up(uint32_t n_workers)
{
    weft_err err = WEFT_OK;
    if (wf_runtime_poller() != WEFT_POLLER_URING)
        return;
    lists.all = wf_sys_zalloc(n_workers * sizeof *lists.all);
    if (!lists.all)
        err = -ENOMEM;
    while (!err && lists.n < n_workers)
        err = wf_ring_new(&lists.all[lists.n++].ring);
    if (err) {
        free_rings();
        wf_log(WEFT_LOG_WARN, "no io_uring, epoll alone: %s",
               weft_err_text(err));
    }
}

void
wf_flush_tear_down(void)
{
    for (uint32_t i = 0; i < lists.n; i++) {
        struct wf_write *w = take(&lists.all[i]);
        while (w) {
            struct wf_sock *s = w->sock;
            w = w->deferred;
            wf_write_rest(s, WF_WRITE_AT_STOP);
            wf_sock_unref(s);
        }
    }
    free_rings();
}
