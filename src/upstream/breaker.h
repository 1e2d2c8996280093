/* SPDX-License-Identifier: MIT */
/*
 * The circuit breaker of an endpoint. It opens if too large a part of the
 * attempts fails: then no attempt goes to the endpoint, at first for a short
 * time. After this time the breaker is half-open: exactly one attempt goes to
 * the endpoint, as a trial. If it is answered, the breaker closes; if it fails,
 * the breaker opens again, for twice the time. Source: the circuit breaker of
 * bRPC.
 *
 * The part that fails is taken over two windows: a short one, for a server that
 * fails at once, and a long one with a lower bound. Each worker has windows of
 * its own, in struct wf_load; a window is as much shorter as there are more
 * workers. While a window is being filled, failures are counted. After that
 * each failure has a cost: how long it took, in averages, but between 1 and 2.
 * The sum of the costs shrinks by each success. An attempt that succeeds writes
 * only the memory of its worker.
 *
 * Proof that only one attempt is the trial: until_ns changes only under the
 * lock. It becomes WEFT_NEVER only in wf_breaker_admits, which has seen another
 * value there under the lock, and only for an attempt that becomes the trial.
 * Only the end of the trial changes this value again, because nothing else
 * changes an open breaker. Each attempt ends exactly once.
 */
#ifndef WEFT_UPSTREAM_BREAKER_H
#define WEFT_UPSTREAM_BREAKER_H

#include "rpc/rpc.h"

#include <weft/upstream.h>

struct wf_endpoint;
struct wf_upstream;

#define WF_BREAKER_WINDOWS 2u /* the short one and the long one */

/* The windows of one worker for one endpoint. If a fiber moves to another
 * worker during its attempt, two workers may write at the same time, and a
 * number may be lost. */
struct wf_breaker_sums {
    _Atomic uint32_t epoch;   /* of the breaker, when the windows began */
    _Atomic uint32_t n;       /* attempts, at most the length of the long
                                 window */
    _Atomic uint32_t failed;  /* of these, while n grew */
    _Atomic float latency_ns; /* average of the answers; 0: none yet */
    _Atomic float costs[WF_BREAKER_WINDOWS];
};

struct wf_breaker {
    _Atomic uint64_t until_ns;   /* 0: closed; WEFT_NEVER: half-open, and the
                                    trial is in flight; otherwise it is open
                                    until this time, or until the trial */
    _Atomic uint64_t changed_ns; /* last change of the state; 0: none yet */
    _Atomic uint32_t epoch;      /* how often it has opened; what workers have
                                    summed before that is void */
    struct wf_spin lock; /* guards changes of the fields above, and the fields
                            below */
    uint64_t pause_ns;   /* how long it was or will be open; 0: never yet */
    weft_err last;       /* the failure that has opened it; 0: the trial had
                            no answer and did not fail */
    bool is_by_trial;    /* the trial has opened it again */
    bool is_dropped;     /* the endpoint is in no list; the breaker is closed
                            for ever */
};

/* What the breakers of an upstream share. */
struct wf_breakers {
    _Atomic uint32_t n_open; /* breakers that are open or half-open */
};

/* Fill in the defaults of the options that begin with breaker. -EINVAL. */
weft_err wf_breaker_fill_in(struct weft_upstream_options *o) WEFT_CHECKED;

/* True if there is an endpoint to which wf_breaker_is_shut applies. relaxed: an
 * old value makes the choice worse; wf_breaker_admits corrects it. */
static inline bool
wf_breakers_are_heeded(const struct wf_breakers *breakers)
{
    return wf_load(&breakers->n_open, relaxed) > 0;
}

/* True if an attempt should not choose the endpoint. A copy of a call is never
 * a trial. */
static inline bool
wf_breaker_is_shut(const struct wf_breaker *b, bool is_copy, uint64_t now)
{
    uint64_t until = wf_load(&b->until_ns, relaxed);
    return until > 0 && (is_copy || until > now);
}

/* Whether the attempt may go to the endpoint that it has chosen. If the breaker
 * is to be tried, the attempt becomes the trial. */
bool wf_breaker_admits(struct wf_endpoint *endpoint, struct wf_attempt *a);

/* An attempt has ended after `took` ns, and still counts as in flight.
 * `failed`: as wf_attempt_has_failed says. */
void wf_breaker_note(struct wf_upstream *up, struct wf_endpoint *endpoint,
                     const struct wf_attempt *a, bool failed, uint64_t now);

/* The endpoint has left the list. */
void wf_breaker_drop(struct wf_upstream *up, struct wf_endpoint *endpoint);

/* Set what `view` tells about the breaker, if its state is worse or newer than
 * what is there. WEFT_EBUDGET. */
weft_err wf_breaker_view(struct wf_endpoint *endpoint, struct weft_arena *arena,
                         struct weft_endpoint_view *view) WEFT_CHECKED;

#endif
