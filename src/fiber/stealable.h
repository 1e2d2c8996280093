/* SPDX-License-Identifier: MIT */
/* The functions of stealable.c that the scheduler calls. */
#ifndef WEFT_FIBER_STEALABLE_H
#define WEFT_FIBER_STEALABLE_H

#include "fiber/worker.h"

/* Called by a fiber before it leaves the worker `w`: start another fiber for
 * the stealable work of `w`. */
void wf_stealable_hand_over(struct wf_worker *w);

static inline void
wf_stealable_leave(struct wf_worker *w)
{
    if (WEFT_UNLIKELY(wf_load(&w->stealable, relaxed) != NULL))
        wf_stealable_hand_over(w);
}

/* Called after the function of the calling fiber has returned: do the fiber's
 * stealable work if no other fiber has taken this work. */
void wf_stealable_end(void);

/* Take the stealable work of a stuck worker, and start a fiber for this work on
 * the calling worker. */
void wf_stealable_steal(struct wf_worker *stuck);

#endif
