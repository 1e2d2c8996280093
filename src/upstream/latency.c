/* SPDX-License-Identifier: MIT */
#include "upstream/latency.h"

#define STEPS 8u /* ranges for each power of two */
#define SHIFT 10 /* a unit has 1,024 ns */

static uint32_t
range_of(uint64_t took_ns)
{
    uint64_t units = took_ns >> SHIFT;
    if (units < STEPS)
        return (uint32_t)units;
    uint32_t power = 63u - (uint32_t)__builtin_clzll(units);
    uint32_t step = (uint32_t)(units >> (power - 3)) & (STEPS - 1);
    return WF_MIN((power - 2) * STEPS + step, WF_LATENCY_RANGES - 1);
}

/* Returns the first time above the range. */
static uint64_t
end_of(uint32_t range)
{
    if (range < STEPS)
        return (uint64_t)(range + 1) << SHIFT;
    uint32_t power = range / STEPS + 2, step = range % STEPS;
    return (uint64_t)(STEPS + step + 1) << (power - 3 + SHIFT);
}

static uint32_t
count_of(const struct wf_latencies *l, uint32_t range)
{
    return wf_load(&l->counts[0][range], relaxed) +
           wf_load(&l->counts[1][range], relaxed);
}

static uint64_t
find_p95(const struct wf_latencies *l)
{
    uint64_t n = 0, above = 0;
    uint32_t range = WF_LATENCY_RANGES;
    for (uint32_t i = 0; i < WF_LATENCY_RANGES; i++)
        n += count_of(l, i);
    if (n < WF_LATENCY_LEAST)
        return 0;
    while (range > 0 && above <= n / 20)
        above += count_of(l, --range);
    return end_of(range);
}

static void
clear(struct wf_latencies *l, uint32_t half)
{
    for (uint32_t i = 0; i < WF_LATENCY_RANGES; i++)
        wf_store(&l->counts[half][i], 0, relaxed);
}

/* Begin the next half of the 10 s. If both halves are older than 10 s, because
 * no answer came for so long, forget both. */
static void
turn(struct wf_latencies *l, uint64_t since, uint64_t now_ns)
{
    uint32_t next = !wf_load(&l->now, relaxed);
    if (now_ns - since >= 2 * (uint64_t)WF_LATENCY_HALF_NS) {
        clear(l, 0);
        clear(l, 1);
    }
    wf_store(&l->p95_ns, find_p95(l), relaxed);
    clear(l, next);
    wf_store(&l->now, next, relaxed);
    wf_store(&l->since_ns, now_ns, relaxed);
}

void
wf_latency_note(struct wf_latencies *l, uint64_t took_ns, uint64_t now_ns)
{
    uint64_t since = wf_load(&l->since_ns, relaxed);
    /* another thread may have begun the half after this thread saw the time */
    if (now_ns > since && now_ns - since >= WF_LATENCY_HALF_NS)
        turn(l, since, now_ns);
    _Atomic uint32_t *count =
        &l->counts[wf_load(&l->now, relaxed)][range_of(took_ns)];
    wf_store(count, wf_load(count, relaxed) + 1, relaxed);
}
