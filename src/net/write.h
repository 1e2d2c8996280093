/* SPDX-License-Identifier: MIT */
/* What a flush does with the write rights that were deferred (flush.c). */
#ifndef WEFT_NET_WRITE_H
#define WEFT_NET_WRITE_H

#include "net/sock.h"

struct wf_write {
    _Atomic(struct wf_write *) next; /* pushed: the older; taken: the newer */
    struct weft_chain bytes;
    unsigned flags; /* what to do after it: WF_WRITE_LAST, WF_WRITE_SHUT */
    /* flush.c: whose it is, and the one that was deferred before it */
    struct wf_sock *sock;
    struct wf_write *deferred;
};

/* What is to be sent first. 0: nothing, or it has failed. */
int wf_write_iov(struct wf_sock *s, struct iovec *iov, int n);

/* The kernel took n bytes, or returned -errno, as send(2) would. */
void wf_write_sent(struct wf_sock *s, ssize_t n);

enum wf_write_where {
    WF_WRITE_HERE,      /* on a fiber or a plain thread */
    WF_WRITE_IN_POLLER, /* where no done of a user may be called */
    WF_WRITE_AT_STOP,   /* on a plain thread; there are no fibers any more */
};

/* Write the rest and give the right up. What the kernel does not take goes to
 * the writer fiber, or, if there are no fibers any more, fails the socket. */
void wf_write_rest(struct wf_sock *s, enum wf_write_where where);

#endif
