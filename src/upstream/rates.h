/* SPDX-License-Identifier: MIT */
/*
 * Ejects endpoints on which fewer attempts succeed than on the others. A server
 * that answers every second call with a refusal never fails often in a row,
 * so health.h alone would keep it.
 *
 * After each interval the endpoints with enough attempts in it are compared.
 * The success rate of one of them is low if it is below the mean by more than a
 * number of standard deviations. If all are as good as equal, the deviation is
 * so small that one failure would do; so the rate must also be below the mean
 * by some percentage points. Source of all but the last rule: the outlier
 * detection of Envoy.
 *
 * Nothing more is counted for this: the attempts of each worker are counted
 * anyway (struct wf_load). Whoever begins an attempt after the end of an
 * interval sums them, and compares. That reads one cache line for each worker
 * and endpoint in use. An attempt that was cancelled counts as one that has
 * succeeded.
 */
#ifndef WEFT_UPSTREAM_RATES_H
#define WEFT_UPSTREAM_RATES_H

#include "base/base.h"

struct weft_upstream_options;
struct wf_upstream;

/* What is kept of an endpoint. Only the comparison that runs uses it. */
struct wf_rate {
    uint64_t ended, failed; /* its attempts until the last comparison */
    uint64_t n;             /* attempts in the interval; 0: is not compared */
    double rate;            /* which part of them has succeeded */
};

struct wf_rates {
    _Atomic uint64_t due_ns; /* end of the interval; WEFT_NEVER: a comparison
                                runs, or there are none */
    uint64_t begun_ns;       /* when the interval began; only the comparison
                                that runs uses it */
};

/* Fill in the defaults of the options that begin with eject_rate. -EINVAL. */
weft_err wf_rates_fill_in(struct weft_upstream_options *o) WEFT_CHECKED;

/* Set the end of the first interval. */
void wf_rates_init(struct wf_upstream *up);

/* relaxed: a comparison may be a moment late */
static inline bool
wf_rates_are_due(const struct wf_rates *rates, uint64_t now)
{
    return now >= wf_load(&rates->due_ns, relaxed);
}

/* Compare the endpoints, unless another thread does it. */
void wf_rates_compare(struct wf_upstream *up, uint64_t now);

#endif
