/* SPDX-License-Identifier: MIT */
#include "upstream/locality.h"

#include "upstream/upstream.h"

#define USUAL 1.5 /* times as many attempts in flight as expected are usual */

void
wf_flow_note(struct wf_flow *flow, uint64_t took_ns, bool failed,
             uint64_t now_ns)
{
    /* relaxed: if two threads note at the same time, one latency is lost */
    uint64_t since = wf_load(&flow->since_ns, relaxed);
    uint64_t sum = wf_load(&flow->sum_ns, relaxed);
    uint32_t n = wf_load(&flow->n, relaxed) + 1;
    sum += failed ? wf_failure_ns(took_ns) : took_ns;
    since = since ? since : now_ns - took_ns;
    if (n < WF_FLOW_ANSWERS && now_ns - since < WF_FLOW_SPAN_NS) {
        wf_store(&flow->since_ns, since, relaxed);
        wf_store(&flow->sum_ns, sum, relaxed);
        wf_store(&flow->n, n, relaxed);
        return;
    }
    wf_store(&flow->last_n, n, relaxed);
    wf_store(&flow->mean_ns, WF_MAX(sum / n, 1), relaxed);
    wf_store(&flow->span_ns, WF_MAX(now_ns - since, 1), relaxed);
    wf_store(&flow->since_ns, now_ns, relaxed);
    wf_store(&flow->sum_ns, 0, relaxed);
    wf_store(&flow->n, 0, relaxed);
}

/* Answers per ns. If the span that goes on is longer than the usual one, the
 * rate is at most that of one more answer now: so it falls when answers stay
 * out. */
static double
rate_of(const struct wf_flow *flow, uint64_t now_ns)
{
    double rate = (double)wf_load(&flow->last_n, relaxed) /
                  (double)wf_load(&flow->span_ns, relaxed);
    uint64_t since = wf_load(&flow->since_ns, relaxed);
    if (now_ns <= since + WF_FLOW_SPAN_NS)
        return rate;
    double most = (wf_load(&flow->n, relaxed) + 1.0) / (double)(now_ns - since);
    return WF_MIN(rate, most);
}

/* It falls when answers stay out, so that an endpoint that was slow is tried
 * again. */
static double
latency_of(const struct wf_flow *flow, uint64_t now_ns)
{
    uint64_t since = wf_load(&flow->since_ns, relaxed);
    uint64_t mean = wf_load(&flow->mean_ns, relaxed);
    if (now_ns <= since + WF_FLOW_SPAN_NS || WF_MUTANT(slow_for_ever))
        return (double)mean;
    return 1.0 + (double)wf_load_decayed(mean, now_ns - since);
}

static bool
is_measured(const struct wf_candidate *c)
{
    return c->flow && wf_load(&c->flow->span_ns, relaxed);
}

/* Returns the part of its weight that an endpoint keeps. As many attempts are
 * in flight as the product of rate and latency says (Little's law); more mean
 * that answers stay out. */
static double
kept(const struct wf_candidate *c, double rate, double latency)
{
    double usual = USUAL * rate * latency + 2;
    double in_flight = (double)c->in_flight + 1;
    if (in_flight <= usual || WF_MUTANT(flight_unweighed))
        return 1;
    return usual / in_flight;
}

static double
mean_rate(const struct wf_candidate *candidates, uint32_t n, uint64_t now_ns)
{
    double sum = 0;
    uint32_t n_measured = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_measured(&candidates[i]))
            continue;
        sum += rate_of(candidates[i].flow, now_ns);
        n_measured++;
    }
    return n_measured ? sum / n_measured : 0;
}

/* The weights of all candidates. Returns their sum. */
static double
weigh(const struct wf_candidate *candidates, uint32_t n, double *weights,
      uint64_t now_ns)
{
    double base = mean_rate(candidates, n, now_ns), sum = 0, all = 0;
    uint32_t n_measured = 0;
    if (WF_MUTANT(locality_without_base))
        base = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct wf_candidate *c = &candidates[i];
        if (!is_measured(c))
            continue;
        double latency = latency_of(c->flow, now_ns);
        double rate = rate_of(c->flow, now_ns);
        weights[i] = (rate + base) / latency * kept(c, rate, latency);
        sum += weights[i];
        n_measured++;
    }
    double mean = n_measured ? sum / n_measured : 1;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_measured(&candidates[i]))
            weights[i] = mean * kept(&candidates[i], 0, 0);
        all += weights[i];
    }
    return all;
}

uint32_t
wf_locality_choose(const struct wf_candidate *candidates, uint32_t n,
                   uint32_t random, uint64_t now_ns)
{
    double weights[WF_CANDIDATES];
    double left = weigh(candidates, n, weights, now_ns) * random * 0x1p-32;
    for (uint32_t i = 0; i < n - 1; i++) {
        if (left < weights[i])
            return i;
        left -= weights[i];
    }
    return n - 1; /* also if the sum was rounded */
}
