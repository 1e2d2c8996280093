/* SPDX-License-Identifier: MIT */
#include "bench_hist.h"

#define DIGITS 10u /* bits of WB_HALF */

uint32_t
wb_bucket(uint64_t ns)
{
    if (ns < 2 * WB_HALF)
        return (uint32_t)ns;
    if (ns >> WB_BITS)
        return WB_BUCKETS - 1;
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(ns) - DIGITS;
    return shift * WB_HALF + (uint32_t)(ns >> shift);
}

uint64_t
wb_bucket_ns(uint32_t bucket)
{
    if (bucket < 2 * WB_HALF)
        return bucket;
    uint32_t shift = bucket / WB_HALF - 1;
    return ((uint64_t)(bucket - shift * WB_HALF + 1) << shift) - 1;
}

void
wb_drain(struct wb_recorder *r, struct wb_hist *into)
{
    for (uint32_t i = 0; i < WB_BUCKETS; i++) {
        if (!atomic_load_explicit(&r->n[i], memory_order_relaxed))
            continue;
        uint32_t n =
            atomic_exchange_explicit(&r->n[i], 0, memory_order_relaxed);
        into->n[i] += n;
        into->calls += n;
    }
}

void
wb_hist_merge(struct wb_hist *into, const struct wb_hist *from)
{
    for (uint32_t i = 0; i < WB_BUCKETS; i++)
        into->n[i] += from->n[i];
    into->calls += from->calls;
}

uint64_t
wb_hist_at(const struct wb_hist *h, double part)
{
    uint64_t seen = 0;
    if (h->calls == 0)
        return 0;
    for (uint32_t i = 0; i < WB_BUCKETS; i++) {
        seen += h->n[i];
        if (h->n[i] && (double)seen >= part * (double)h->calls)
            return wb_bucket_ns(i);
    }
    return wb_bucket_ns(WB_BUCKETS - 1); /* part is above 1 */
}

double
wb_hist_mean(const struct wb_hist *h)
{
    double sum = 0;
    for (uint32_t i = 0; i < WB_BUCKETS; i++)
        if (h->n[i])
            sum += (double)h->n[i] * (double)wb_bucket_ns(i);
    return h->calls ? sum / (double)h->calls : 0;
}
