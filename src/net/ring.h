/* SPDX-License-Identifier: MIT */
/*
 * Many sends in one system call, by an io_uring. Between two calls a ring is
 * empty: each send passes to the kernel what the kernel accepts at once, as
 * send(2) does on a non-blocking socket, and wf_ring_send returns when all
 * sends are complete. So there is nothing to cancel, and the kernel keeps no
 * reference to a buffer.
 */
#ifndef WEFT_NET_RING_H
#define WEFT_NET_RING_H

#include "base/base.h"

#define WF_RING_SENDS 64
#define WF_RING_IOVS 8

struct wf_ring_send {
    int fd;
    int n_iov; /* 1..WF_RING_IOVS */
    struct iovec iov[WF_RING_IOVS];
    struct msghdr message; /* used by ring.c only */
    ssize_t sent;          /* bytes or -errno; 0: no send was tried */
};

struct wf_ring {
    int fd;
    uint32_t tail, sent_mask, done_mask;
    /* Shared with the kernel, in two mappings. */
    void *queues, *entries;
    size_t queues_size, entries_size;
    _Atomic uint32_t *send_tail, *done_head, *done_tail;
    const struct io_uring_cqe *done;
    struct wf_ring_send sends[WF_RING_SENDS];
};

/* Make a ring. -errno: the kernel has no io_uring, its io_uring cannot send, or
 * the process may not use it. */
weft_err wf_ring_new(struct wf_ring **ring) WEFT_CHECKED;
void wf_ring_free(struct wf_ring *ring);

/* Send the first `n` entries of ring->sends. Only one thread at a time may call
 * this function. */
void wf_ring_send(struct wf_ring *ring, uint32_t n);

#endif
