/* SPDX-License-Identifier: MIT */
/* The connection of weft/net.h; conn.c and listen.c share it. */
#ifndef WEFT_NET_CONN_H
#define WEFT_NET_CONN_H

#include <weft/net.h>

#include "net/addr.h"
#include "net/sock.h"

struct weft_conn {
    struct wf_sock *sock; /* a reference is held until the connection is over */
    struct weft_chain in; /* came, not taken */
    struct weft_chain taken; /* taken as runs, not released */
    struct weft_chain out;   /* written, not flushed */
    uint8_t *reserved;       /* what reserve returned, or NULL */
    size_t searched;         /* bytes of `in` without the delimiter */
    uint64_t seen;           /* events that reading has answered for */
    uint8_t delimiter;       /* was searched for last */
    weft_err end;            /* why no more can be read; 0: it can */
    bool drained;            /* nothing more is there until the next event */
    bool connected;          /* on_connect was called */
    bool ended;              /* on_end was called */
    _Atomic bool sent_end;   /* weft_conn_end was called; any thread asks */
    _Atomic bool closing;    /* weft_conn_stop was called; any thread */
    uint32_t read_timeout_ms;
    uint32_t idle_timeout_ms;
    size_t max_input;
    struct weft_listener *listener; /* NULL: dialled */
    struct weft_conn *next_starved; /* listen.c; under the listener's lock */
    void *user;                     /* of weft_conn_set_user */
    weft_err peer_err;              /* why there is no peer, or 0 */
    struct wf_addr peer;            /* of the other end, when it was made */
};

/* A connection over a descriptor, which it takes; NULL: no memory, and the
 * descriptor stays the caller's. */
struct weft_conn *wf_conn_new(int fd, const struct wf_sock_ops *ops,
                              const struct weft_conn_options *options);

/* Free what is to be read and what was not flushed. Called by the reader or the
 * writer before the last reference goes, so that the done function of appended
 * bytes is called on their fiber or thread. */
void wf_conn_clear(struct weft_conn *conn);

/* Send what was flushed, then end. The reader's role is kept. */
void wf_conn_finish(struct weft_conn *conn);

/* Free a connection and its socket, before any event was watched for. */
void wf_conn_abandon(struct weft_conn *conn);

/* Read once, without waiting, if there is room; brings drained and end up to
 * date. Errors as wf_sock_read. */
weft_err wf_conn_fill(struct weft_conn *conn, size_t need) WEFT_CHECKED;

/* The socket is closed: free the connection. A wf_sock_ops.closed. */
void wf_conn_closed(struct wf_sock *s);

/* Wake whoever reads: the socket has failed. A wf_sock_ops.failed. */
void wf_conn_failed(struct wf_sock *s, weft_err why);

#endif
