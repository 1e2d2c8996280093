/* SPDX-License-Identifier: MIT */
/*
 * A worker keeps up to WF_IDLE_TASKS stacks of fibers that have ended, with the
 * pages that these fibers have touched. So the next fiber needs no system call
 * and no page fault. After a burst of fibers most of these pages may be
 * useless. So a sleeping worker gives the pages of STEP stacks back to the
 * kernel each second, until only WARM stacks have pages. This takes at most 8
 * seconds if the worker is not woken. A worker that never sleeps gives nothing
 * back, because it has work for its stacks.
 */
#include "fiber/sched.h"

#define WARM 16u
#define STEP 32u
#define STEP_NS ((uint64_t)1000000000)

uint64_t
wf_warm_trim(struct wf_worker *w)
{
    if (WEFT_LIKELY(w->n_idle_tasks <= WARM))
        return WEFT_NEVER;
    if (w->poll_ns >= w->trim_ns) {
        wf_tasks_trim(w, WARM, STEP);
        w->trim_ns = w->poll_ns + STEP_NS;
    }
    return w->n_idle_tasks > WARM ? w->trim_ns : WEFT_NEVER;
}
