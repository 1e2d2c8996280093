/* SPDX-License-Identifier: MIT */
/*
 * Stage: read. A counter ensures that each socket has one reader at a time.
 *
 * Proof. The counter is the number of events that no reader has handled. Each
 * event adds one; an event that finds zero starts a reader. The reader notes
 * the counter, reads until the kernel has no more bytes, and then exchanges the
 * noted value for zero, if the counter still has that value.
 *
 * 1. At most one reader: only an event that finds zero starts a reader, and the
 *    counter is zero only before the first event and after the exchange with
 *    which a reader ends.
 * 2. No event is lost: if an event comes after the note, the exchange fails,
 *    and the reader notes the counter again and reads again. An event is
 *    counted after the kernel has received its bytes. So if the event was
 *    counted before the note, a read after the note finds these bytes.
 * 3. Some readers never end: the readers of listening sockets and of dialled
 *    connections, and a reader whose hook on_request (weft/net.h) does not
 *    return. The counters of their sockets only grow. A counter has 64 bits, so
 *    it does not return to zero within centuries.
 * 4. The exchange releases what the reader did to the input; the add that
 *    starts the next reader acquires these changes.
 *
 * A read that returns fewer bytes than it asked for has emptied the socket, and
 * later bytes make a new edge. This rule has three exceptions. A read of a unix
 * socket ends where descriptors are passed (flag reads_on). A read of TCP ends
 * at the mark of urgent data, which an event has announced (reads_on). The end
 * of input may follow a short read without a new edge, if an event has
 * announced the end before (hung_up). Both flags are stored before the
 * counter's add. If one of the flags is set, the reader reads until the kernel
 * has no more bytes, or until the end.
 *
 * Attacked by tests/stress/stress_sock.c. tests/weak/weak_read.c tests the
 * memory orders.
 */
#include "net/sock.h"

#include <errno.h>

#define RESTS 200 /* maximum number of pauses in why_it_ends */

static void
reader_main(void *arg)
{
    struct wf_sock *s = arg;
    s->ops->readable(s);
    wf_sock_unref(s);
}

void
wf_sock_start_reader(struct wf_sock *s)
{
    /* seq_cst: the reader stores itself in s->reader and then loads the
     * counter. So this thread finds the reader, or the reader finds the new
     * count. */
    uint64_t wrap = WF_MUTANT(events_wrap) ? 255 : UINT64_MAX;
    if ((wf_add(&s->events, 1, seq_cst) & wrap) > 0) {
        struct wf_task *reader = wf_load(&s->reader, seq_cst);
        if (reader && !WF_MUTANT(event_wakes_no_reader))
            wf_wake(reader);
        wf_sock_unref(s);
        return;
    }
    if (WEFT_LIKELY(!wf_fiber_start_event(reader_main, s)))
        return;
    wf_log_limited(WEFT_LOG_ERROR, "no fiber for a connection, it is closed");
    if (s->ops->no_fiber && !WF_MUTANT(no_fiber_leaks)) {
        s->ops->no_fiber(s);
        return;
    }
    wf_sock_fail(s, WEFT_EFIBERS);
    wf_sock_unref(s);
}

void
wf_sock_never_readable(struct wf_sock *s)
{
    (void)s;
    WF_UNREACHABLE();
}

bool
wf_sock_read_end(struct wf_sock *s, uint64_t *seen)
{
    /* release: the next reader sees what this reader did. A failed exchange
     * acquires the flags hung_up and reads_on, which an event may have set. */
    return wf_cas(&s->events, seen, 0, release) ||
           (WF_MUTANT(read_ends_unchecked) && !wf_xchg(&s->events, 0, acq_rel));
}

weft_err
wf_sock_read_pass_on(struct wf_sock *s)
{
    wf_sock_more(s);
    weft_err err = wf_fiber_start_event(reader_main, s);
    if (err)
        wf_sock_unref(s);
    return err;
}

static ssize_t
read_into(int fd, const struct wf_read_buffer *buffer)
{
    return buffer->n_iov == 1 ? wf_sys_recv(fd, buffer->iov[0].iov_base,
                                            buffer->iov[0].iov_len)
                              : wf_sys_readv(fd, buffer->iov, buffer->n_iov);
}

/* Returns why the input ends. The kernel reports a reset to one call only. If a
 * send receives the reset, the next read sees the end of the input, as if the
 * peer had ended its side. So the reader waits while s->sends is set, until the
 * sender has stored the error of the send. The sender sets s->sends before it
 * sends. The reader sees the flag, because the send released the kernel's lock
 * of the socket before the read took this lock. The wait has a bound, because
 * nothing ensures that the sending thread runs. */
static weft_err
why_it_ends(const struct wf_sock *s)
{
    for (int i = 0; i < RESTS && wf_load(&s->sends, acquire); i++)
        wf_spin_rest(i);
    return wf_sock_error(s) == -ECONNRESET ? -ECONNRESET : WEFT_EEOF;
}

weft_err
wf_sock_read(struct wf_sock *s, struct weft_chain *in,
             struct wf_read_buffer *buffer, bool *drained)
{
    *drained = true;
    size_t size = wf_chain_read_prepare(in, buffer);
    ssize_t n = -ENOMEM;
    if (size > 0)
        do
            n = read_into(s->fd, buffer);
        while (n == -EINTR);
    wf_chain_read_commit(in, buffer, n > 0 ? (size_t)n : 0);
    if (n == -EAGAIN)
        return WEFT_OK;
    if (n <= 0)
        return n == 0 ? why_it_ends(s) : (weft_err)n;
    /* relaxed: the time-outs that read last_ns need no exact time */
    wf_store(&s->last_ns, wf_worker_now_ns(), relaxed);
    *drained = (size_t)n < size &&
               (!wf_load(&s->hung_up, relaxed) || WF_MUTANT(end_not_read)) &&
               !wf_load(&s->reads_on, relaxed) && !WF_MAYBE("read on");
    return WEFT_OK;
}
