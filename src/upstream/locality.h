/* SPDX-License-Identifier: MIT */
/*
 * WEFT_LOCALITY_AWARE: an endpoint gets calls in proportion to the rate of its
 * answers divided by its latency, so that most calls go to the endpoints that
 * are near, until these become slower. The weight of endpoint i is
 *
 *   (rate_i + mean rate of all) / latency_i
 *
 * The mean rate keeps the weights stable: without it the weight of an endpoint
 * would grow with the calls that it gets, so that of equal endpoints one would
 * get nearly all calls. It also gives each endpoint a few calls, by which a
 * client learns that it has become faster. A latency becomes smaller, as time
 * passes in which few answers come, for the same reason. An endpoint with more
 * attempts in flight than its rate and latency explain is weighted less. One
 * that is not measured yet has the mean weight.
 *
 * Source: bRPC's locality-aware balancing, which adds no mean rate, but has a
 * least weight.
 */
#ifndef WF_UPSTREAM_LOCALITY_H
#define WF_UPSTREAM_LOCALITY_H

#include "base/base.h"

#include <weft/base.h>

#define WF_FLOW_ANSWERS 128u        /* a span ends after so many, */
#define WF_FLOW_SPAN_NS 1000000000u /* or with the first answer after this */

/* What one worker has measured of the answers of one endpoint. As struct
 * wf_load, each worker writes only its own; a moved fiber may write another's,
 * and then a number may be lost. */
struct wf_flow {
    _Alignas(64) _Atomic uint64_t since_ns; /* when the span began; 0: no span
                                               has begun yet */
    _Atomic uint64_t sum_ns;                /* latencies of the span */
    _Atomic uint64_t span_ns, mean_ns;      /* of the last span; span_ns 0:
                                               there is none */
    _Atomic uint32_t n, last_n;             /* answers in the span, and in the
                                               last one */
};

/* Note an attempt that has ended at now_ns. A failure counts as a latency:
 * wf_failure_ns(took_ns). */
void wf_flow_note(struct wf_flow *flow, uint64_t took_ns, bool failed,
                  uint64_t now_ns);

/* An endpoint that may be chosen. */
struct wf_candidate {
    uint32_t index;             /* in its list */
    uint64_t in_flight;         /* attempts of this worker */
    const struct wf_flow *flow; /* of this worker; NULL: never chosen */
};

/* Returns which of the n candidates is chosen; n is 1 to WF_CANDIDATES.
 * `random` is any number of 32 bits. */
#define WF_CANDIDATES 64u
uint32_t wf_locality_choose(const struct wf_candidate *candidates, uint32_t n,
                            uint32_t random, uint64_t now_ns);

#endif
