/* SPDX-License-Identifier: MIT */
/*
 * The poller: an epoll for each worker. Descriptors are registered once, for
 * input, output and hang-up, edge-triggered, and carry an id. An event may
 * arrive after its socket was closed. Its id is stale then, and the lookup
 * returns NULL.
 */
#ifndef WEFT_NET_POLL_H
#define WEFT_NET_POLL_H

#include "base/base.h"

struct wf_sock;

/* Set in the id of a fiber that waits for a descriptor, clear in that of a
 * socket. Both come from slabs of less than 2^31 slots, so the bit is free. */
#define WF_POLL_WAITER ((uint64_t)1 << 31)

/* Start the runtime and the poller if they do not run yet. */
weft_err wf_poll_ensure(void) WEFT_CHECKED;

/* Register a descriptor with some worker's epoll. 0 or -errno. */
weft_err wf_poll_add(int fd, uint64_t id) WEFT_CHECKED;

/* Register a descriptor for one event; the caller calls wf_poll_forget
 * afterwards. Returns which epoll has it, or -errno. */
int wf_poll_once(int fd, uint64_t id, uint32_t events) WEFT_CHECKED;
void wf_poll_forget(int epoll, int fd);

#endif
