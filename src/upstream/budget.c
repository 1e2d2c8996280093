/* SPDX-License-Identifier: MIT */
/*
 * The budget that pays retries and hedges, so that they cannot become a large
 * part of the load: each call adds a part of a retry to the budget, by default
 * a tenth. If the budget does not suffice, it is overdrawn: in every period of
 * RESERVE_NS for some retries, by default ten, which later calls pay. Source:
 * the retry budget of Finagle.
 */
#include "upstream/upstream.h"

#define RETRY 100          /* tokens that a retry costs */
#define TOKENS_MAX 10000   /* the limit of kept tokens: 100 retries */
#define TOKENS_MIN (-1000) /* the limit of the debt: 10 retries */
#define RESERVE_NS 10000000000u

/* relaxed, here and in wf_budget_take: each worker has its own tokens. Plain
 * threads share tokens, and may lose some, which does no harm. */
void
wf_budget_earn(_Atomic int32_t *own, uint32_t percent)
{
    int32_t tokens = wf_load(own, relaxed);
    if (tokens < TOKENS_MAX)
        wf_store(own, tokens + (int32_t)percent, relaxed);
}

/* Take a retry from the reserve. `reserve` holds two values: the index of the
 * last period in which a retry was taken, and how many retries were taken in
 * that period. relaxed: no other memory depends on `reserve`. */
static bool
take_reserve(_Atomic uint64_t *reserve, uint32_t most, uint64_t now)
{
    uint64_t period = now / RESERVE_NS << 8;
    uint64_t old = wf_load(reserve, relaxed), next;
    do {
        next = (old & ~(uint64_t)255) == period ? old + 1 : period + 1;
        if ((next & 255) > most)
            return false;
    } while (!wf_cas(reserve, &old, next, relaxed));
    return true;
}

bool
wf_budget_take(_Atomic int32_t *own, _Atomic uint64_t *reserve, uint32_t most,
               uint64_t now)
{
    int32_t tokens = wf_load(own, relaxed);
    if (tokens < RETRY && !take_reserve(reserve, most, now))
        return WF_MUTANT(retries_without_bound);
    wf_store(own, WF_MAX(tokens - RETRY, TOKENS_MIN), relaxed);
    return true;
}
