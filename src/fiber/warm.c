/* SPDX-License-Identifier: MIT */
/*
 * A worker keeps the stacks of fibers that have ended, up to WF_IDLE_TASKS,
 * with the pages that these fibers have touched, so the next fiber needs no
 * system call and no page fault. After a burst of fibers these pages may be
 * useless. So a worker that goes to sleep, or sleeps, gives the pages of STEP
 * stacks back each second, until the worker keeps WARM stacks. A worker that
 * sleeps all the time reaches this number after 8 seconds at the latest. A
 * worker that never sleeps has work for its stacks.
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
