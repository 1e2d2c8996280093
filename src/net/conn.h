/* SPDX-License-Identifier: MIT */
/* The struct of a connection of weft/net.h, which conn.c, conn_read.c and
 * listen.c use. */
#ifndef WEFT_NET_CONN_H
#define WEFT_NET_CONN_H

#include <weft/net.h>

#include "net/addr.h"
#include "net/sock.h"

struct weft_conn {
    struct wf_sock *sock; /* the connection holds a reference until it ends */
    struct weft_chain in; /* received, not yet taken */
    struct weft_chain taken; /* lent to the user, not yet released */
    struct weft_chain out;   /* written, not yet flushed */
    uint8_t *reserved;       /* what weft_conn_reserve returned, or NULL */
    /* bytes at the front of `in` that were searched for `delimiter` */
    size_t searched;
    uint64_t seen;     /* sock->events before the last read */
    uint8_t delimiter; /* which byte the last search looked for */
    /* why the input has ended; 0: the input has not ended */
    weft_err end;
    bool drained;          /* the kernel has no bytes until the next event */
    bool connected;        /* on_connect was called */
    bool ended;            /* on_end was called */
    _Atomic bool sent_end; /* weft_conn_end was called; any thread reads it */
    _Atomic bool closing;  /* weft_conn_shutdown was called, by any thread */
    uint32_t read_timeout_ms;
    uint32_t idle_timeout_ms;
    /* WF_LIVE until the connection is freed or, without a listener, closed */
    volatile uint32_t live;
    size_t max_input;
    struct weft_listener *listener; /* NULL: dialled or adopted */
    struct weft_conn *next_starved; /* guarded by the lock in the listener */
    void *user;                     /* set by weft_conn_set_user */
    weft_err peer_err;              /* why `peer` is unknown, or 0 */
    struct wf_addr peer;            /* address of the other end */
};

/* Make a connection that owns the descriptor. NULL: no memory, and the
 * descriptor stays the caller's. */
struct weft_conn *wf_conn_new(int fd, const struct wf_sock_ops *ops,
                              const struct weft_conn_options *options);

/* Free the bytes that were not read and the bytes that were not flushed. The
 * fiber or thread that ends the connection calls wf_conn_clear before giving up
 * its reference, so that the done functions of appended bytes run on that fiber
 * or thread. */
void wf_conn_clear(struct weft_conn *conn);

/* End the connection as soon as the queued bytes have been sent. The caller
 * keeps the reader's role. */
void wf_conn_finish(struct weft_conn *conn);

/* Free a connection whose socket could not be watched. */
void wf_conn_abandon(struct weft_conn *conn);

/* Read once, without waiting, if there is room; updates conn->drained and
 * conn->end. Errors: those of wf_sock_read. */
weft_err wf_conn_fill(struct weft_conn *conn, size_t need) WEFT_CHECKED;

/* The hook wf_sock_ops.closed: free the connection. */
void wf_conn_closed(struct wf_sock *s);

/* The hook wf_sock_ops.failed: start or wake the reader. */
void wf_conn_failed(struct wf_sock *s, weft_err why);

#endif
