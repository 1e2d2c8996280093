/* SPDX-License-Identifier: MIT */
/*
 * How long answers took in the last 10 s, as one worker has seen it, and the
 * time that 95 % of them did not exceed. After this time a call is hedged if
 * hedge_ms is WEFT_HEDGE_P95.
 *
 * The answers are counted by ranges of their time. A range is at most an eighth
 * wider than its lower bound, so the result is at most 12.5 % too high. The
 * counts of 5 s are a half; each 5 s the older half is forgotten.
 */
#ifndef WEFT_UPSTREAM_LATENCY_H
#define WEFT_UPSTREAM_LATENCY_H

#include "base/base.h"

#define WF_LATENCY_HALF_NS 5000000000u
#define WF_LATENCY_RANGES 240u
/* Fewer answers say nothing about the slowest twentieth of them. */
#define WF_LATENCY_LEAST 20u

/* Only one worker writes this struct. All plain threads share one struct: if
 * two of them write at the same time, a count may be lost. So relaxed is enough
 * for each access. */
struct wf_latencies {
    _Alignas(64) _Atomic uint64_t since_ns; /* when `now` began */
    _Atomic uint64_t p95_ns;                /* 0: too few answers */
    _Atomic uint32_t now;                   /* the half that counts */
    _Atomic uint32_t counts[2][WF_LATENCY_RANGES];
};

/* Count an answer that has come now, after took_ns. */
void wf_latency_note(struct wf_latencies *l, uint64_t took_ns, uint64_t now_ns);

/* Returns the 95th percentile as it was when the last half ended, so up to 5 s
 * ago while answers come; 0: there were too few. */
static inline uint64_t
wf_latency_p95(const struct wf_latencies *l)
{
    return wf_load(&l->p95_ns, relaxed);
}

#endif
