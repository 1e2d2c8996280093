/* SPDX-License-Identifier: MIT */
/*
 * A socket: its id and life, its one reader, its write queue. A protocol uses a
 * socket through wf_sock_ops.
 *
 * References: the owner's reference is given up when the socket fails. The
 * reader fiber, the writer fiber and every function that works on the socket
 * hold references of their own. The descriptor is closed when the last
 * reference is given up. Until then the kernel does not reuse the descriptor's
 * number.
 */
#ifndef WEFT_NET_SOCK_H
#define WEFT_NET_SOCK_H

#include "base/base.h"
#include "buf/buf.h"
#include "fiber/fiber.h"

struct wf_addr;
struct wf_sock;
struct wf_conns;
struct wf_write;

/* What a protocol does with a socket. */
struct wf_sock_ops {
    /* Handle input, or its end. Runs on a fiber, which is the only reader until
     * wf_sock_read_end returns true or the fiber hands its role on. */
    void (*readable)(struct wf_sock *s);
    /* Called once, when the socket has failed, on any thread. Must not wait. */
    void (*failed)(struct wf_sock *s, weft_err why);
    /* The last reference to the socket was given up: free the socket's owner.
     * Must not wait. The set of connections (conns.h) still counts the
     * socket. */
    void (*closed)(struct wf_sock *s);
    /* Check whether the socket has been idle or slow for too long. Returns 0,
     * or the error with which the socket then fails. The hook may be NULL. */
    weft_err (*overdue)(struct wf_sock *s, uint64_t now_ns);
    /* Called if no fiber can be made for the reader; the hook receives the
     * reader's role and a reference. If the hook is NULL, the socket fails
     * instead. Must not wait. */
    void (*no_fiber)(struct wf_sock *s);
};

struct wf_sock {
    struct wf_slot slot;
    int fd;
    bool lingers; /* close with wf_linger_close; set by wf_sock_finish */
    bool lends;   /* true on the socket of a weft_conn (write.c); constant */
    _Atomic uint32_t n_lent; /* held references that weft_conn_ref took */
    /* why the socket failed; set once, before the id is stale */
    _Atomic weft_err err;
    const struct wf_sock_ops *ops;
    void *owner;
    /* read.c */
    /* events that no reader has handled; 0: no reader */
    _Atomic uint64_t events;
    /* an event announced the end of input: the reader reads until the end */
    _Atomic bool hung_up;
    _Atomic bool reads_on; /* a short read does not mean that all is read */
    /* the task that an event wakes; NULL: an event wakes no task */
    _Atomic(struct wf_task *) reader;
    /* write.c */
    _Atomic(struct wf_write *) newest; /* NULL: no thread has the write right */
    /* the node to send next; only the holder of the write right uses it */
    struct wf_write *first;
    /* the end has been sent; only the holder of the write right uses it */
    bool shut;
    size_t max_queued; /* bytes; constant */
    /* Bytes pushed and not sent, plus the memory that wf_sock_pin counts. */
    _Atomic size_t queued;
    _Atomic uint32_t n_waiters; /* how many tasks wait for space */
    uint32_t write_timeout_ms;  /* constant */
    /* a send is under way, or its error is not yet stored */
    _Atomic bool sends;
    _Atomic(struct wf_task *) writer; /* the fiber that waits for EPOLLOUT */
    struct weft_waitq waiters;        /* the tasks that wait for space */
    /* conns.c */
    _Atomic uint64_t last_ns; /* approximate time of the last read or send */
    struct wf_link member;    /* guarded by the lock of `conns` */
    struct wf_conns *conns;   /* NULL: in no set */
};

/* ---- life (sock.c) ---- */

/* Make a socket of a non-blocking descriptor that no epoll watches. The owner
 * and the caller each have a reference to the socket. No event arrives before
 * wf_sock_watch. NULL: no memory; the caller keeps the descriptor. */
struct wf_sock *wf_sock_new(int fd, const struct wf_sock_ops *ops, void *owner);

/* Register the socket with a poller: from now on `readable` may be called. 0 or
 * -errno. */
weft_err wf_sock_watch(struct wf_sock *s) WEFT_CHECKED;

/* The socket of an id, with a new reference. NULL: the id is stale. */
struct wf_sock *wf_sock_ref(uint64_t id);
void wf_sock_unref(struct wf_sock *s);

static inline struct wf_sock *
wf_sock_more(struct wf_sock *s)
{
    wf_slot_more(&s->slot);
    return s;
}

/* Make the socket fail at once: no further write is accepted, queued bytes are
 * dropped, the peer sees the end, or a reset if something was dropped. The
 * first error is kept. Any thread. */
void wf_sock_fail(struct wf_sock *s, weft_err why);

/* As wf_sock_fail with WEFT_ECLOSED, but the peer receives all bytes that have
 * been sent, and then the end. Bytes that the peer sends later cause no
 * reset. */
void wf_sock_finish(struct wf_sock *s);

/* As wf_sock_fail with WEFT_ECLOSED, but the peer sees a reset when the last
 * reference is given up. */
void wf_sock_reset(struct wf_sock *s);

/* 0, or why the socket failed. seq_cst: a waiter writes n_waiters or `reader`
 * and then reads the error; wf_sock_fail sets the error and then reads
 * n_waiters and `reader`. With a weaker load both threads may read the old
 * values, and the waiter is not woken. */
static inline weft_err
wf_sock_error(const struct wf_sock *s)
{
    return wf_load(&s->err, seq_cst);
}

/* Fail every live socket, because the poller is torn down and no event will
 * arrive. */
void wf_sock_fail_all(weft_err why);

/* Handle an event that the poller has received for the id. */
void wf_sock_event(uint64_t id, uint32_t events);

/* The descriptor's pending error (SO_ERROR): 0 or -errno */
weft_err wf_sock_pending_error(const struct wf_sock *s) WEFT_CHECKED;

/* *addr receives the address of the other end. Errors: those of getpeername;
 * -ENOTCONN after the socket has failed. wf_sock_peer writes the address as
 * text of at most `size` bytes. */
weft_err wf_sock_peer_addr(const struct wf_sock *s, struct wf_addr *addr)
    WEFT_CHECKED;
weft_err wf_sock_peer(const struct wf_sock *s, char *text, size_t size);

/* ---- reading (read.c): the counter protocol ---- */

/* Count an event. If there is no reader, start one; otherwise wake the reader
 * if it has stored itself in s->reader. Takes over a reference of the
 * caller. */
void wf_sock_start_reader(struct wf_sock *s);

/* A hook `readable` that is never called. The socket's reader takes its role
 * before the socket is watched, and never gives up the role. */
void wf_sock_never_readable(struct wf_sock *s);

/* Returns the number of events that the reader is about to handle, for
 * wf_sock_read_end. */
static inline uint64_t
wf_sock_read_begin(struct wf_sock *s)
{
    return wf_load(&s->events, acquire);
}

/* Give up the reader's role. false: the number of events is no longer *seen;
 * *seen receives the new number, and the caller keeps the role. */
bool wf_sock_read_end(struct wf_sock *s, uint64_t *seen) WEFT_CHECKED;

/* Hand the reader's role to a new fiber, which calls `readable`. WEFT_EFIBERS:
 * the caller keeps the role. */
weft_err wf_sock_read_pass_on(struct wf_sock *s) WEFT_CHECKED;

/* Read once into the chain, with `need`, `hint` and `limit` of the buffer.
 * *drained receives true if the kernel has no more until the next event.
 * WEFT_OK also if there were no bytes. Errors: WEFT_EEOF, an errno, -ENOMEM. */
weft_err wf_sock_read(struct wf_sock *s, struct weft_chain *in,
                      struct wf_read_buffer *buffer, bool *drained)
    WEFT_CHECKED;

/* ---- writing (write.c) ---- */

enum wf_write_flags {
    WF_WRITE_NOW = 0,
    /* If other fibers are ready to run on this worker, let them run first. Then
     * send these bytes, and the bytes that those fibers have pushed, in one
     * system call. */
    WF_WRITE_LATER = 1,
    /* When these bytes have been sent, call wf_sock_finish. */
    WF_WRITE_LAST = 2,
    /* When these bytes have been sent, shut the output down. */
    WF_WRITE_SHUT = 4,
    /* Accept the bytes although the queue is full. For callers that have waited
     * for space already, or that must not lose the bytes: a reply, or the last
     * bytes before the end. */
    WF_WRITE_ANYWAY = 8,
};

/* Push a chain, without waiting. The chain is empty afterwards, also after an
 * error. Errors: WEFT_EOVERCROWDED, -ENOMEM, or why the socket failed. */
weft_err wf_sock_write(struct wf_sock *s, struct weft_chain *bytes,
                       unsigned flags) WEFT_CHECKED;

/* Add `size` to the number of queued bytes. `size` is the size of memory that
 * cannot be freed before the queued bytes are sent. wf_sock_unpin subtracts
 * `size` again. The caller of wf_sock_unpin holds a reference to the socket. */
void wf_sock_pin(struct wf_sock *s, size_t size);
void wf_sock_unpin(struct wf_sock *s, size_t size);

/* Queue the end of the output, without bytes. `flags`: WF_WRITE_LAST or
 * WF_WRITE_SHUT. If the end cannot be queued, the socket fails at once. */
void wf_sock_end(struct wf_sock *s, unsigned flags);

/* Wait until fewer than `limit` bytes are queued. A caller that had to wait
 * continues when only a quarter of max_queued is queued, so that it does not
 * wake for each byte that is sent. Errors: WEFT_ETIMEOUT, WEFT_ECANCEL, or why
 * the socket failed. */
weft_err wf_sock_wait_writable(struct wf_sock *s, size_t limit,
                               uint64_t deadline_ns) WEFT_CHECKED;

/* Wake the writer fiber and the tasks that wait for space; for wf_sock_fail. */
void wf_sock_wake_writers(struct wf_sock *s);

#endif
