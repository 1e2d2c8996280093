/* SPDX-License-Identifier: MIT */
/*
 * Deferred writes: the bytes that a worker's fibers write between two polls are
 * sent in one system call (ring.c) at the next poll.
 */
#ifndef WEFT_NET_FLUSH_H
#define WEFT_NET_FLUSH_H

#include "base/base.h"

struct wf_write;

/* Make a ring for each of `n_workers` workers if the runtime uses io_uring.
 * Without rings nothing is deferred. */
void wf_flush_set_up(uint32_t n_workers);

/* The workers have ended: send what is deferred, free the rings. */
void wf_flush_tear_down(void);

/* Defer `first`, the first write in its socket's queue. The deferred write
 * holds the write right. false: the write is not deferred, and the caller sends
 * it now. */
bool wf_flush_defer(struct wf_write *first) WEFT_CHECKED;

/* Send what `worker` deferred. Called by that worker, or by a watcher that
 * polls in its place. */
void wf_flush_worker(uint32_t worker);

#endif
