/* SPDX-License-Identifier: MIT */
/* Ends the timers when the runtime stops (timed.c). */
#ifndef WEFT_FIBER_TIMED_H
#define WEFT_FIBER_TIMED_H

struct wf_task;

/* Called when the runtime stops: stop all timers and cancel all other
 * background fibers, also those that are started after this call. */
void wf_timed_stop(void);

/* Called before a background fiber is started. */
void wf_timed_enter(struct wf_task *task);

/* Allow timers and background fibers again, after the runtime has stopped or
 * its stop has timed out. */
void wf_timed_reset(void);

#endif
