/* SPDX-License-Identifier: MIT */
/*
 * Stage: write. Any thread pushes without waiting; one thread at a time writes.
 *
 * Proof. A push exchanges its node for `newest`, and then links it to the older
 * node that was there before. The pusher that found NULL has the write right.
 *
 * 1. At most one holder: a pusher gains the right if its exchange returns NULL.
 *    The holder gives the right up by a compare and exchange that stores NULL,
 *    which succeeds only if `newest` is still the last node that the holder has
 *    written: nobody has pushed since.
 * 2. Every node is written: a push that did not find NULL came before the
 *    holder's exchange, which then fails; the holder takes over everything from
 *    `newest` down to its last node.
 * 3. Order: the exchanges have one order, which the links keep (each node links
 *    the node before it). The holder reverses what it takes over, so it writes
 *    in the order of the exchanges.
 * 4. A link is stored after the exchange that makes its node visible. Until
 *    then the link is UNLINKED, and the holder spins. The spin lasts while the
 *    pusher executes a few instructions, or is preempted between them.
 * 5. The holder frees each node when it is written, except the last node: the
 *    exchange of points 1 and 2 compares the address of the last node, so this
 *    node is freed after the exchange. So no new node gets an address that is
 *    still to be compared.
 * 6. The holder's own fields pass to the next holder through `newest`: the
 *    exchange that gives up the right releases, and the exchange that gains the
 *    right acquires. A push releases its node, and a holder that cannot give up
 *    acquires all that has been pushed. A link's store is the pusher's last
 *    access to its node: this store releases, and the holder acquires before it
 *    frees the node.
 * 7. A failed socket: a pusher that sees the error does not push; the holder
 *    drops the bytes of its nodes and takes over newer nodes as before, until
 *    it can give up the right. So every node is freed once, written or not.
 *
 * If the kernel does not take all bytes, the right passes to the writer fiber,
 * which waits for EPOLLOUT. The writer fiber stores itself in s->writer before
 * it tries to write again, so an edge that comes after this try wakes the
 * fiber. With io_uring, a write may instead be deferred together with the
 * right, until the worker flushes (flush.c).
 *
 * Where done functions run. When the holder drops bytes that were appended by
 * reference, it calls their done functions. On the socket of a weft_conn, a
 * done function belongs to the user and may wait, so it must run on a fiber or
 * a plain thread. But a flush runs in the poller. So on such a socket a write
 * with a done function is not deferred, and a flush that finds such a write
 * hands the right to the writer fiber.
 *
 * One file, because every function here takes, holds or gives up the write
 * right, and the proof is about all of them.
 *
 * Model: tests/models/write.pml. Attacked by tests/stress/stress_write.c.
 * tests/weak/weak_write.c tests the memory orders.
 */
#include "net/write.h"

#include "net/flush.h"

#include <errno.h>
#include <netinet/in.h>

#define IOVS 64

/* Bytes a second. A peer that reads more slowly is treated as a peer that reads
 * nothing, because the bytes that wait for the peer take memory. The peer's
 * kernel acknowledges bytes in steps of one or two segments, each of up to 64
 * KiB. A step that comes after the measured time does not count. So only a peer
 * that reads twice as fast as MIN_RATE is surely fast enough. */
#define MIN_RATE ((uint64_t)32 << 10)

static WF_GLOBAL struct wf_write unlinked;
#define UNLINKED (&unlinked)

/* ---- the list ---- */

/* Push a node. true: the caller now has the write right. */
static bool
push(struct wf_sock *s, struct wf_write *node)
{
    /* the exchange publishes `next` */
    wf_store(&node->next, UNLINKED, relaxed);
    struct wf_write *older = wf_xchg(&s->newest, node, acq_rel);
    if (older && !WF_MUTANT(two_writers)) {
        wf_store(&node->next, older, release); /* pairs with link_of */
        return false;
    }
    wf_store(&node->next, NULL, relaxed);
    s->first = node;
    return true;
}

static struct wf_write *
link_of(struct wf_write *node)
{
    struct wf_write *older;
    for (int i = 0; (older = wf_load(&node->next, acquire)) == UNLINKED; i++)
        if (i < 100)
            wf_cpu_relax();
        else
            (void)wf_sys_sched_yield();
    return older;
}

/* Give up the write right, after all nodes up to `last` have been written.
 * true: the right is given up. false: nodes were pushed after `last`; s->first
 * is the oldest of them. */
static bool
give_up(struct wf_sock *s, struct wf_write *last)
{
    struct wf_write *node = last;
    s->first = NULL;
    if (WF_MUTANT(mark_freed_early))
        wf_sys_free(last);
    /* release: the next holder sees what this holder did. A failed exchange
     * acquires what has been pushed. */
    bool done = wf_cas(&s->newest, &node, NULL, release) ||
                WF_MUTANT(right_given_up_blindly);
    struct wf_write *newer = NULL;
    while (!done && node != last) {
        struct wf_write *older = link_of(node);
        /* only the holder accesses `next` now */
        wf_store(&node->next, newer, relaxed);
        newer = node;
        node = older;
    }
    if (!done)
        s->first = newer;
    if (!WF_MUTANT(mark_freed_early))
        wf_sys_free(last);
    return done;
}

/* ---- bytes ---- */

static void
note_sent(struct wf_sock *s, size_t n)
{
    /* seq_cst: the comment on wf_sock_wait_writable says why */
    size_t before = wf_sub(&s->queued, n, seq_cst);
    WF_DCHECK(before >= n);
    if (WEFT_UNLIKELY(wf_load(&s->n_waiters, seq_cst) > 0) &&
        !WF_MUTANT(room_wakes_none) && before - n <= s->max_queued / 4)
        wf_waitq_wake_all(&s->waiters);
}

void
wf_sock_pin(struct wf_sock *s, size_t size)
{
    wf_add(&s->queued, size, relaxed); /* relaxed: needs no order */
}

void
wf_sock_unpin(struct wf_sock *s, size_t size)
{
    note_sent(s, size);
}

/* Drop the bytes of a node that was pushed after the output was shut: the
 * kernel would refuse these bytes, and its error would make the socket fail. */
static void
drop_after_end(struct wf_sock *s, struct wf_write *node)
{
    note_sent(s, node->bytes.len);
    weft_chain_clear(&node->bytes);
}

/* Free the written nodes, except the last node of the list. Returns the first
 * node that is not written. If all are written, returns the last node, whose
 * chain is then empty. */
static struct wf_write *
pass_written(struct wf_sock *s, struct wf_write *node)
{
    for (;;) {
        struct wf_write *newer = wf_load(&node->next, relaxed);
        if (WEFT_UNLIKELY(s->shut))
            drop_after_end(s, node);
        if (node->bytes.len > 0)
            return node;
        if (node->flags & WF_WRITE_SHUT) {
            (void)wf_sys_shutdown(s->fd, SHUT_WR);
            s->shut = true;
        }
        if (node->flags & WF_WRITE_LAST)
            wf_sock_finish(s);
        node->flags = 0;
        if (!newer)
            return node;
        wf_sys_free(node);
        node = newer;
    }
}

static int
gather(struct wf_sock *s, struct iovec *iov, int max)
{
    int n = 0;
    for (struct wf_write *node = s->first; node && n < max;
         node = wf_load(&node->next, relaxed)) {
        n += weft_chain_iov(&node->bytes, iov + n, max - n);
        if (node->flags)
            break;
    }
    return n;
}

static ssize_t
send_nodes(struct wf_sock *s)
{
    struct iovec iov[IOVS];
    int n = gather(s, iov, IOVS);
    if (WF_MAYBE("send one byte"))
        return wf_sys_send(s->fd, iov[0].iov_base, 1);
    if (n == 1)
        return wf_sys_send(s->fd, iov[0].iov_base, iov[0].iov_len);
    struct msghdr m = {.msg_iov = iov, .msg_iovlen = (size_t)n};
    return wf_sys_sendmsg(s->fd, &m);
}

static void
drop_sent(struct wf_sock *s, size_t n)
{
    note_sent(s, n);
    /* relaxed: the time-outs that read last_ns need no exact time */
    wf_store(&s->last_ns, wf_worker_now_ns(), relaxed);
    for (struct wf_write *node = s->first; n > 0;
         node = wf_load(&node->next, relaxed)) {
        size_t part = WF_MIN(n, node->bytes.len);
        weft_chain_drop(&node->bytes, part);
        n -= part;
    }
}

static void
drop_all(struct wf_sock *s)
{
    for (struct wf_write *node = s->first; node;
         node = wf_load(&node->next, relaxed)) {
        note_sent(s, node->bytes.len);
        weft_chain_clear(&node->bytes);
    }
}

int
wf_write_iov(struct wf_sock *s, struct iovec *iov, int n)
{
    int gathered = wf_sock_error(s) ? 0 : gather(s, iov, n);
    /* Pairs with why_it_ends in read.c. */
    wf_store(&s->sends, gathered > 0, relaxed);
    return gathered;
}

void
wf_write_sent(struct wf_sock *s, ssize_t n)
{
    if (n < 0 && n != -EINTR && n != -EAGAIN)
        wf_sock_fail(s, (weft_err)n);
    if (n > 0)
        drop_sent(s, (size_t)n);
    wf_store(&s->sends, false, release); /* pairs with why_it_ends */
}

/* True if there is a done function in the bytes to be written. */
static bool
lends(const struct wf_sock *s)
{
    if (!s->lends)
        return false;
    for (struct wf_write *node = s->first; node;
         node = wf_load(&node->next, relaxed))
        if (wf_chain_lends(&node->bytes))
            return true;
    return false;
}

/* Write all that is queued. true: the write right was given up. false: the
 * kernel takes no more, or the next bytes must not be sent here; the caller
 * still has the right. Adds to *sent the number of bytes that the kernel
 * took. */
static bool
write_all(struct wf_sock *s, enum wf_write_where where, size_t *sent)
{
    for (;;) {
        if (wf_sock_error(s))
            drop_all(s);
        s->first = pass_written(s, s->first);
        if (s->first->bytes.len == 0) {
            if (give_up(s, s->first))
                return true;
            if (where == WF_WRITE_IN_POLLER && lends(s))
                return false;
            continue;
        }
        if (wf_sock_error(s))
            continue;
        wf_store(&s->sends, true, relaxed); /* pairs with why_it_ends */
        ssize_t n = send_nodes(s);
        wf_write_sent(s, n);
        if (n == -EAGAIN)
            return false;
        *sent += (size_t)WF_MAX(n, 0);
    }
}

/* ---- the writer fiber ---- */

static void
writer_main(void *arg)
{
    struct wf_sock *s = arg;
    struct wf_task *self = wf_task_self();
    uint64_t deadline = wf_timeout_from_now(s->write_timeout_ms);
    size_t sent = 0, least = (size_t)(MIN_RATE * s->write_timeout_ms / 1000);
    bool late = false;
    /* Stored before write_all tries to write, so that an EPOLLOUT that comes
     * after the try wakes this fiber. */
    if (!WF_MUTANT(writer_named_late))
        wf_store(&s->writer, self, seq_cst);
    while (!write_all(s, WF_WRITE_HERE, &sent)) {
        if (WF_MUTANT(writer_named_late))
            wf_store(&s->writer, self, seq_cst);
        if (sent >= least && !WF_MUTANT(progress_renews_nothing)) {
            deadline = wf_timeout_from_now(s->write_timeout_ms);
            sent = 0;
        } else if (late && !WF_MUTANT(write_timeout_ignored)) {
            wf_sock_fail(s, WEFT_EWRITETIMEOUT);
            continue; /* write_all drops the bytes */
        }
        /* After the deadline write_all tries once more before the socket fails:
         * the kernel takes bytes as soon as there is room, but it reports
         * EPOLLOUT only when a third of its buffer is free. */
        late = !wf_park_until(deadline, WEFT_WAIT_WRITE);
    }
    /* If the next writer fiber is in s->writer already, it stays there.
     * relaxed: a late wake is spurious, which wf_park allows */
    (void)wf_cas(&s->writer, &self, NULL, relaxed);
    wf_sock_unref(s);
}

/* Fail the socket, drop all queued bytes, and give up the write right. */
static void
fail_all(struct wf_sock *s, weft_err why)
{
    size_t sent = 0;
    wf_sock_fail(s, why);
    /* drops all bytes, because the socket has failed */
    WF_CHECK(write_all(s, WF_WRITE_HERE, &sent));
}

/* Hand the write right to a new writer fiber. */
static void
start_writer(struct wf_sock *s)
{
    wf_sock_more(s);
    if (WEFT_LIKELY(!wf_fiber_start_event(writer_main, s)))
        return;
    fail_all(s, WEFT_EFIBERS);
    wf_sock_unref(s);
}

void
wf_write_rest(struct wf_sock *s, enum wf_write_where where)
{
    WF_DCHECK(wf_slot_is_held(&s->slot));
    size_t sent = 0;
    bool deferred = where != WF_WRITE_AT_STOP && WF_MAYBE("defer a write");
    if (!deferred && write_all(s, where, &sent))
        return;
    if (where == WF_WRITE_AT_STOP)
        fail_all(s, WEFT_ECLOSED);
    else
        start_writer(s);
}

void
wf_sock_end(struct wf_sock *s, unsigned flags)
{
    struct weft_chain none = {0};
    if (wf_sock_write(s, &none, flags))
        wf_sock_fail(s, WEFT_ECLOSED);
}

void
wf_sock_wake_writers(struct wf_sock *s)
{
    struct wf_task *writer = wf_load(&s->writer, seq_cst);
    if (writer)
        wf_wake(writer);
    if (wf_load(&s->n_waiters, seq_cst) > 0)
        wf_waitq_wake_all(&s->waiters);
}

/* ---- pushing ---- */

weft_err
wf_sock_write(struct wf_sock *s, struct weft_chain *bytes, unsigned flags)
{
    size_t len = bytes->len;
    WF_DCHECK(wf_slot_is_held(&s->slot));
    weft_err err = wf_sock_error(s);
    /* relaxed: needs no order */
    size_t before = wf_add(&s->queued, len, relaxed);
    /* Only the bytes that were queued before this write count. So a sender that
     * has waited for space can push any number of bytes. A write without bytes,
     * as wf_sock_end makes it, is always accepted. */
    if (!err && len > 0 && before >= s->max_queued &&
        !(flags & WF_WRITE_ANYWAY) && !WF_MUTANT(queue_without_bound))
        err = WEFT_EOVERCROWDED;
    struct wf_write *node = err ? NULL : wf_sys_malloc(sizeof *node);
    if (!node) {
        if (!WF_MUTANT(refused_bytes_counted))
            note_sent(s, len);
        weft_chain_clear(bytes);
        return err ? err : -ENOMEM;
    }
    node->bytes = *bytes;
    node->flags = flags & (WF_WRITE_LAST | WF_WRITE_SHUT);
    node->sock = s;
    *bytes = (struct weft_chain){0};
    if (!push(s, node) || wf_flush_defer(node))
        return WEFT_OK;
    if (flags & WF_WRITE_LATER && wf_worker_busy())
        start_writer(s);
    else
        wf_write_rest(s, WF_WRITE_HERE);
    return WEFT_OK;
}

/*
 * A waiter adds itself to n_waiters and then reads `queued`; a sender subtracts
 * from `queued` and then reads n_waiters. These four accesses are seq_cst, so
 * the sender sees the waiter, or the waiter sees the space.
 */
weft_err
wf_sock_wait_writable(struct wf_sock *s, size_t limit, uint64_t deadline_ns)
{
    /* relaxed: needs no order */
    if (WEFT_LIKELY(wf_load(&s->queued, relaxed) < limit))
        return wf_sock_error(s);
    weft_err err = WEFT_OK;
    if (!WF_MUTANT(waiter_counts_late))
        wf_add(&s->n_waiters, 1, seq_cst);
    while (!err) {
        struct weft_waitnode node;
        wf_waitq_lock(&s->waiters);
        err = wf_sock_error(s);
        if (err || wf_load(&s->queued, seq_cst) < limit) {
            wf_waitq_unlock(&s->waiters);
            break;
        }
        if (WF_MUTANT(waiter_counts_late))
            wf_add(&s->n_waiters, 1, seq_cst);
        err = wf_waitq_wait(&s->waiters, &node, deadline_ns, true,
                            WEFT_WAIT_WRITE);
    }
    /* relaxed: a sender that misses the subtraction finds no task to wake */
    wf_sub(&s->n_waiters, 1, relaxed);
    return err;
}
