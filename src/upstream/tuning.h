/* SPDX-License-Identifier: MIT */
/* The values of a client that a policy may change while the client runs. */
#ifndef WEFT_UPSTREAM_TUNING_H
#define WEFT_UPSTREAM_TUNING_H

#include "base/base.h"

enum wf_tuning {
    WF_EJECT_FAILURES,
    WF_EJECT_MS,
    WF_EJECT_PERCENT,
    WF_PANIC_PERCENT,
    WF_RETRY_PERCENT,
    WF_RETRY_RESERVE,
    WF_BREAKER_PERCENT, /* 0: no breaker opens */
    WF_BREAKER_WINDOW,
    WF_BREAKER_MS,
    WF_BREAKER_MOST_MS,
    WF_TUNED, /* how many there are */
};

/* Those of the options, or of a policy. Calls only read them. relaxed: each is
 * only a number. */
struct wf_tuned {
    _Atomic uint32_t values[WF_TUNED];
};

static inline uint32_t
wf_tuned(const struct wf_tuned *tuned, enum wf_tuning which)
{
    return wf_load(&tuned->values[which], relaxed);
}

static inline void
wf_tune(struct wf_tuned *tuned, const uint32_t values[WF_TUNED])
{
    for (uint32_t i = 0; i < WF_TUNED; i++)
        wf_store(&tuned->values[i], values[i], relaxed);
}

#endif
