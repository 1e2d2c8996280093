/* SPDX-License-Identifier: MIT */
/*
 * The connections of one server: their number, the ones that are overdue, and
 * their end. One fiber checks all of them several times within the shortest
 * time-out, so that no connection needs a timer.
 */
#ifndef WEFT_NET_CONNS_H
#define WEFT_NET_CONNS_H

#include "net/sock.h"

struct wf_conns {
    struct wf_spin lock;
    struct wf_list members;
    uint32_t n; /* under the lock */
    struct weft_waitq emptied;
    weft_fiber sweeper;
};

/* timeout_ms: the shortest time-out that `overdue` looks for; WEFT_NONE: nobody
 * checks them. */
weft_err wf_conns_init(struct wf_conns *conns, uint32_t timeout_ms)
    WEFT_CHECKED;

/* End the sweeper. The set must be empty. */
void wf_conns_fini(struct wf_conns *conns);

/* Put a socket in; it leaves when it is closed. */
void wf_conns_add(struct wf_conns *conns, struct wf_sock *s);
void wf_conns_remove(struct wf_conns *conns, struct wf_sock *s);
uint32_t wf_conns_count(struct wf_conns *conns);

/* Is a time-out over that began at since_ns? Never if that is 0. For
 * `overdue`. */
static inline bool
wf_is_over(uint64_t since_ns, uint32_t timeout_ms, uint64_t now_ns)
{
    return since_ns && now_ns > wf_timeout_end(since_ns, timeout_ms);
}

/* Call fn for every member, each with a reference; fn must not wait. */
void wf_conns_each(struct wf_conns *conns,
                   void (*fn)(struct wf_sock *s, void *arg), void *arg);

/* Wait until the last one has been closed; no cancel ends it. WEFT_ETIMEOUT. */
weft_err wf_conns_wait_empty(struct wf_conns *conns, uint64_t deadline_ns)
    WEFT_CHECKED;

#endif
