/* SPDX-License-Identifier: MIT */
#include "upstream/slow_start.h"

/* The part at the beginning. */
#define LEAST 0.1

void
wf_slow_start_begin(struct wf_upstream *up, struct wf_endpoint *endpoint,
                    uint64_t now)
{
    uint64_t window = (uint64_t)up->options.slow_start_ms * 1000000u;
    if (window == 0)
        return;
    /* relaxed: a thread that sees old values begins the slow start a moment
     * later */
    wf_store(&endpoint->slow_since_ns, now, relaxed);
    uint64_t old = wf_load(&up->slow_until_ns, relaxed);
    while (old < now + window &&
           !wf_cas(&up->slow_until_ns, &old, now + window, relaxed))
        continue;
}

bool
wf_slow_start_takes(const struct wf_upstream *up,
                    const struct wf_endpoint *endpoint, uint64_t now,
                    uint32_t random)
{
    uint64_t since = wf_load(&endpoint->slow_since_ns, relaxed);
    double window = (double)up->options.slow_start_ms * 1e6;
    if (since == 0 || WF_MUTANT(slow_start_unheeded))
        return true;
    double part = now > since ? (double)(now - since) / window : 0;
    if (WF_MUTANT(slow_start_never_ends))
        part = 0;
    return (double)random < WF_MAX(part, LEAST) * 0x1p32;
}
