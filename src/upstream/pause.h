/* SPDX-License-Identifier: MIT */
/* The pauses of all who ask a registry again after a failure. */
#ifndef WEFT_UPSTREAM_PAUSE_H
#define WEFT_UPSTREAM_PAUSE_H

#include "base/base.h"

#define WF_PAUSE_FIRST_MS 100u
#define WF_PAUSE_LAST_MS 5000u

/* Returns the pause after the k-th failure in a row, which begins with 1: twice
 * as long each time, up to most_ms, and of that a random part, at least the
 * half, so that many processes do not ask a registry at the same time. */
static inline uint64_t
wf_pause_ns(uint32_t k, uint32_t most_ms)
{
    uint64_t ms = (uint64_t)WF_PAUSE_FIRST_MS << WF_MIN(k - 1, 16u);
    ms = WF_MIN(ms, WF_MIN(WF_PAUSE_LAST_MS, WF_MAX(most_ms, 1u)));
    uint64_t half_ns = ms * 500000u;
    return half_ns + wf_sys_random() % half_ns;
}

#endif
