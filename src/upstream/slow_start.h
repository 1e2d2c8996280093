/* SPDX-License-Identifier: MIT */
/*
 * A server that has just started is slow: its caches are empty, and its code is
 * not loaded. So an endpoint that is new in a list gets only a part of what its
 * weight says. The part grows from a tenth to 1 within slow_start_ms. Source:
 * the slow start of Envoy.
 *
 * Balancers know nothing of this. Each time one of them chooses an endpoint
 * that starts slowly, a random number decides whether the choice holds.
 */
#ifndef WEFT_UPSTREAM_SLOW_START_H
#define WEFT_UPSTREAM_SLOW_START_H

#include "upstream/upstream.h"

/* Let the slow start of an endpoint begin. */
void wf_slow_start_begin(struct wf_upstream *up, struct wf_endpoint *endpoint,
                         uint64_t now);

/* True if an endpoint of the upstream may be in its slow start. relaxed: an old
 * value only delays the slow start. */
static inline bool
wf_slow_start_is_on(const struct wf_upstream *up, uint64_t now)
{
    uint64_t until = wf_load(&up->slow_until_ns, relaxed);
    return WEFT_UNLIKELY(now < until) || WF_MUTANT(slow_start_never_ends);
}

/* Returns whether an endpoint that was chosen gets the attempt. `random` is any
 * number. */
bool wf_slow_start_takes(const struct wf_upstream *up,
                         const struct wf_endpoint *endpoint, uint64_t now,
                         uint32_t random) WEFT_CHECKED;

#endif
