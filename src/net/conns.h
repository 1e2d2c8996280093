/* SPDX-License-Identifier: MIT */
/*
 * Counts the connections of one server, makes overdue connections fail, and
 * waits until all connections have ended. One fiber checks all connections
 * several times within the shortest time-out, so that no connection needs a
 * timer.
 */
#ifndef WEFT_NET_CONNS_H
#define WEFT_NET_CONNS_H

#include "net/sock.h"

struct wf_conns {
    struct wf_spin lock;
    struct wf_list members;
    uint32_t n; /* guarded by `lock` */
    struct weft_waitq emptied;
    /* wf_conns_give_up sets `given_up`, and wf_conns_leave sets `left`. `lock`
     * guards both. */
    bool given_up;
    void (*left)(struct wf_conns *conns);
    weft_fiber sweeper;
};

/* `timeout_ms`: the shortest time-out that `overdue` checks; WEFT_NONE: no
 * fiber checks the connections. */
weft_err wf_conns_init(struct wf_conns *conns, uint32_t timeout_ms)
    WEFT_CHECKED;

/* End the sweeper. */
void wf_conns_fini(struct wf_conns *conns);

/* Add a socket. When the socket is closed, it is removed. */
void wf_conns_add(struct wf_conns *conns, struct wf_sock *s);
void wf_conns_remove(struct wf_conns *conns, struct wf_sock *s);
uint32_t wf_conns_count(struct wf_conns *conns);

/* True if the time-out that began at `since_ns` has passed. False if `since_ns`
 * is 0. For the hook `overdue`. */
static inline bool
wf_is_over(uint64_t since_ns, uint32_t timeout_ms, uint64_t now_ns)
{
    return since_ns && now_ns > wf_timeout_end(since_ns, timeout_ms);
}

/* Call `fn` for every member, while holding a reference to the member; `fn`
 * must not wait. */
void wf_conns_each(struct wf_conns *conns,
                   void (*fn)(struct wf_sock *s, void *arg), void *arg);

/* End the wait in wf_conns_wait_empty. If no call waits now, the next call does
 * not wait. The call returns WEFT_ETIMEOUT unless the set is empty. */
void wf_conns_give_up(struct wf_conns *conns);

/* Let the removal of the last member call `left`, which may free the set, but
 * must not wait. false: the set is empty, and `left` is not called. */
bool wf_conns_leave(struct wf_conns *conns,
                    void (*left)(struct wf_conns *conns)) WEFT_CHECKED;

/* Wait until the last socket is closed. A cancel does not end the wait. Only
 * one task at a time may wait. WEFT_ETIMEOUT. */
weft_err wf_conns_wait_empty(struct wf_conns *conns, uint64_t deadline_ns)
    WEFT_CHECKED;

/* For a set whose members have all failed. Wait until each reference to a
 * member is lent (weft_conn_ref). Then nobody reads, sends or drops bytes of a
 * member. Returns how many members remain. */
uint32_t wf_conns_wait_lent(struct wf_conns *conns);

#endif
