/* SPDX-License-Identifier: MIT */
/*
 * The connections of a client that has more than one. Each lies in a lane: a
 * client of its own, with the same address and options and one connection, so
 * it connects, rests and breaks by itself. If the lanes are a pool, one call at
 * a time has a lane; otherwise calls share the lanes.
 */
#ifndef WEFT_RPC_CLIENT_LANES_H
#define WEFT_RPC_CLIENT_LANES_H

#include "rpc/client.h"

#define WF_CONNECTIONS_MAX 64u
#define WF_POOL_MAX 256u

struct wf_lane {
    struct wf_lanes *lanes;
    struct weft_client *client; /* owned; has one connection */
    uint32_t index;
    _Atomic uint32_t n_calls; /* calls that have the lane */
    _Atomic uint64_t left_ns; /* when a call last gave the lane back */
};

struct wf_lanes {
    uint32_t n;
    bool is_pool;
    bool is_once; /* a connection carries one call */
    /* used only by a pool: */
    struct weft_sem n_free; /* a count not above the set bits */
    _Atomic uint64_t free[WF_POOL_MAX / 64]; /* a bit for each lane */
    _Atomic uint32_t n_waiters;              /* calls that wait for a lane */
    _Atomic uint64_t trimmed_ns; /* when idle lanes were last closed */
    struct wf_lane lane[];
};

/* Take a lane for a call of x->client, which has lanes. *out receives NULL if
 * all lanes are busy and `may_wait` is false. Errors: WEFT_ETIMEOUT,
 * WEFT_ECANCEL, WEFT_ECLOSED; WEFT_ETOOMANYCALLS: too many calls wait. */
weft_err wf_lane_take(struct wf_client_call *x, bool may_wait,
                      struct wf_lane **out) WEFT_CHECKED;

/* The call has ended, or was not sent. Called once for each take. */
void wf_lane_give(struct wf_lane *lane);

/* Take the lane if no call has used it for `idle_ms`. If no call has used it
 * since it was last taken so, it has no connection, and the result is false. */
bool wf_lane_take_idle(struct wf_lane *lane, uint32_t idle_ms, uint64_t now)
    WEFT_CHECKED;

/* Give back a lane that wf_lane_take_idle has taken. */
void wf_lane_put(struct wf_lane *lane);

#endif
