/* SPDX-License-Identifier: MIT */
#include "upstream/upstream.h"

#include <errno.h>

#define INTERVAL_MS 10000u
#define INTERVAL_MS_MAX 86400000u
#define SIGMA_PERCENT 190u
#define SIGMA_PERCENT_MAX 10000u
#define ATTEMPTS 100u
#define ENDPOINTS 5u
#define GAP_PERCENT 5u

weft_err
wf_rates_fill_in(struct weft_upstream_options *o)
{
    o->eject_rate_ms = wf_option(o->eject_rate_ms, INTERVAL_MS);
    o->eject_rate_sigma = wf_option(o->eject_rate_sigma, SIGMA_PERCENT);
    o->eject_rate_attempts = wf_option(o->eject_rate_attempts, ATTEMPTS);
    o->eject_rate_endpoints = wf_option(o->eject_rate_endpoints, ENDPOINTS);
    o->eject_rate_gap = wf_option(o->eject_rate_gap, GAP_PERCENT);
    if (o->eject_rate_gap == WEFT_NONE)
        o->eject_rate_gap = 0;
    bool is_off = o->eject_rate_ms == WEFT_NONE;
    return (!is_off && o->eject_rate_ms > INTERVAL_MS_MAX) ||
                   o->eject_rate_sigma > SIGMA_PERCENT_MAX ||
                   o->eject_rate_gap > 100 ||
                   o->eject_rate_attempts == WEFT_NONE ||
                   o->eject_rate_endpoints == WEFT_NONE
               ? -EINVAL
               : WEFT_OK;
}

void
wf_rates_init(struct wf_upstream *up)
{
    bool is_off = up->options.eject_rate_ms == WEFT_NONE;
    /* 0: the first attempt begins the first interval */
    wf_store(&up->rates.due_ns, is_off ? WEFT_NEVER : 0, relaxed);
}

/* Sum the attempts of an endpoint since the last comparison. relaxed: one that
 * ends now counts in this interval or in the next one. */
static void
measure(struct wf_endpoint *endpoint, uint32_t n_parts)
{
    const struct wf_load *loads = wf_load(&endpoint->loads, acquire);
    struct wf_rate *rate = &endpoint->rate;
    uint64_t ended = 0, failed = 0;
    for (uint32_t i = 0; loads && i < n_parts; i++) {
        failed += wf_load(&loads[i].failed, relaxed);
        ended += wf_load(&loads[i].ended, relaxed);
    }
    rate->n = ended - rate->ended;
    uint64_t n_failed = WF_MIN(failed - rate->failed, rate->n);
    rate->rate = rate->n ? 1 - (double)n_failed / (double)rate->n : 1;
    rate->ended = ended;
    rate->failed = failed;
}

/* If the state of an endpoint has changed in the interval, its attempts say
 * nothing about the endpoint as it is now. */
static bool
is_comparable(const struct wf_upstream *up, const struct wf_endpoint *endpoint)
{
    const struct wf_health *h = &endpoint->health;
    return endpoint->rate.n >= up->options.eject_rate_attempts &&
           !wf_load(&h->until_ns, relaxed) &&
           wf_load(&h->changed_ns, relaxed) < up->rates.begun_ns;
}

struct sums {
    double n, rates, squares;
};

static struct sums
add_up(struct wf_upstream *up, const struct wf_snapshot *list)
{
    struct sums sums = {0, 0, 0};
    uint32_t n_parts = wf_load(&up->n_parts, relaxed);
    for (uint32_t i = 0; i < list->n; i++) {
        struct wf_endpoint *endpoint = list->items[i].endpoint;
        measure(endpoint, n_parts);
        if (!is_comparable(up, endpoint)) {
            endpoint->rate.n = 0;
            continue;
        }
        double rate = endpoint->rate.rate;
        sums.n++;
        sums.rates += rate;
        sums.squares += rate * rate;
    }
    return sums;
}

/* True if a rate is so far below the mean that the endpoint is ejected. The
 * squares of both sides are compared, which needs no root. */
static bool
is_low(const struct wf_upstream *up, const struct sums *sums, double rate)
{
    double mean = sums->rates / sums->n, below = mean - rate;
    double variance = sums->squares / sums->n - mean * mean;
    double sigmas = up->options.eject_rate_sigma / 100.0;
    if (below < up->options.eject_rate_gap / 100.0 &&
        !WF_MUTANT(small_gap_ejects))
        return false;
    return below > 1e-9 && below * below > sigmas * sigmas * variance;
}

/* Returns how many endpoints were ejected. *first becomes one of them. */
static uint32_t
eject_low(struct wf_upstream *up, const struct wf_snapshot *list,
          const struct sums *sums, uint64_t now, struct wf_ejected *first)
{
    struct wf_ejected done;
    uint32_t n = 0;
    if (sums->n < up->options.eject_rate_endpoints &&
        !WF_MUTANT(few_endpoints_compared))
        return 0;
    for (uint32_t i = 0; i < list->n; i++) {
        const struct wf_rate *rate = &list->items[i].endpoint->rate;
        struct wf_failures why = {.n = (uint32_t)WF_MIN(rate->n, UINT32_MAX),
                                  .cause = WF_BY_RATE,
                                  .rate = rate->rate,
                                  .mean = sums->rates / sums->n};
        if (rate->n == 0 || !is_low(up, sums, rate->rate) ||
            !wf_health_eject(up, list->items[i].endpoint, &why, now, &done))
            continue;
        if (n++ == 0)
            *first = done;
    }
    return n;
}

/* Whoever sets due_ns to WEFT_NEVER compares, and nobody else until he sets it
 * again: acquire and release hand the struct wf_rate of all endpoints over. The
 * log is written after the list was left, because it may wait. */
void
wf_rates_compare(struct wf_upstream *up, uint64_t now)
{
    struct wf_rates *rates = &up->rates;
    uint64_t due = wf_load(&rates->due_ns, relaxed);
    uint64_t next = now + (uint64_t)up->options.eject_rate_ms * 1000000u;
    uint32_t part = wf_parts_index();
    struct wf_ejected first;
    if (due > now || !wf_cas(&rates->due_ns, &due, WEFT_NEVER, acquire))
        return;
    const struct wf_snapshot *list = wf_snapshot_enter(up, part);
    struct sums sums = add_up(up, list);
    uint32_t n = eject_low(up, list, &sums, now, &first);
    wf_snapshot_leave(up, part);
    rates->begun_ns = now;
    if (!WF_MUTANT(rates_compared_once))
        wf_store(&rates->due_ns, next, release);
    if (n > 0)
        wf_health_log(up, &first, n - 1);
}
