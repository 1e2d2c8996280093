/* SPDX-License-Identifier: MIT */
/*
 * The poller: an epoll for each worker. A socket is registered once,
 * edge-triggered, for input, urgent data, output and hang-up. Each event
 * carries the id of its socket. An event may arrive after the socket was
 * closed. The id of the event is stale then, and the lookup returns NULL.
 */
#ifndef WEFT_NET_POLL_H
#define WEFT_NET_POLL_H

#include "base/base.h"

struct wf_sock;

/* This bit is set in the id of a fiber that waits for a descriptor, and clear
 * in the id of a socket. Both kinds of id come from slabs of fewer than 2^31
 * slots, so an id does not use this bit otherwise. */
#define WF_POLL_WAITER ((uint64_t)1 << 31)

/* Start the runtime and the poller if they do not run yet. */
weft_err wf_poll_ensure(void) WEFT_CHECKED;

/* Register a descriptor with the epoll of one of the workers. 0 or -errno. */
weft_err wf_poll_add(int fd, uint64_t id) WEFT_CHECKED;

/* Register a descriptor for one event; the caller calls wf_poll_forget
 * afterwards. Returns the descriptor of the epoll that got `fd`, or -errno. */
int wf_poll_once(int fd, uint64_t id, uint32_t events) WEFT_CHECKED;
void wf_poll_forget(int epoll, int fd);

#endif
