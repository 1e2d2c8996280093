/* SPDX-License-Identifier: MIT */
/* What the scheduler calls for stealable work (stealable.c). */
#ifndef WEFT_FIBER_STEALABLE_H
#define WEFT_FIBER_STEALABLE_H

#include "fiber/worker.h"

/* The calling fiber is about to leave its worker: start a fiber for its
 * stealable work. */
void wf_stealable_hand_over(struct wf_worker *w);

static inline void
wf_stealable_leave(struct wf_worker *w)
{
    if (WEFT_UNLIKELY(wf_load(&w->stealable, relaxed) != NULL))
        wf_stealable_hand_over(w);
}

/* The calling fiber's function has returned: do its stealable work if no other
 * fiber has taken it. */
void wf_stealable_end(void);

/* Take the stealable work of a stuck worker, and start a fiber for it here. */
void wf_stealable_steal(struct wf_worker *stuck);

#endif
