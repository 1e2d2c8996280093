/* SPDX-License-Identifier: MIT */
/* What flush.c calls to send deferred writes. */
#ifndef WEFT_NET_WRITE_H
#define WEFT_NET_WRITE_H

#include "net/sock.h"

struct wf_write {
    /* The node that was pushed before this node. After the holder of the write
     * right has taken this node over: the node that was pushed after this
     * node. */
    _Atomic(struct wf_write *) next;
    struct weft_chain bytes;
    unsigned flags; /* WF_WRITE_LAST or WF_WRITE_SHUT: what follows the bytes */
    /* For flush.c: the socket of this write, and the write that was deferred
     * before this one. */
    struct wf_sock *sock;
    struct wf_write *deferred;
};

/* `iov` receives the bytes to be sent first, in at most `n` pieces. Returns the
 * number of pieces. 0: there are no bytes, or the socket has failed. */
int wf_write_iov(struct wf_sock *s, struct iovec *iov, int n);

/* Note that the kernel took `n` bytes, or returned -errno, as send(2) does. */
void wf_write_sent(struct wf_sock *s, ssize_t n);

enum wf_write_where {
    WF_WRITE_HERE,      /* the write runs on a fiber or a plain thread */
    WF_WRITE_IN_POLLER, /* the poller writes; it may call no done function */
    WF_WRITE_AT_STOP,   /* a plain thread writes after all fibers have ended */
};

/* Write all queued bytes and give up the write right. If the kernel does not
 * take all bytes, the right passes to the writer fiber; if there are no fibers
 * any more, the socket fails. */
void wf_write_rest(struct wf_sock *s, enum wf_write_where where);

#endif
