/* SPDX-License-Identifier: MIT */
/* Ends the timers when the runtime stops (timed.c). */
#ifndef WEFT_FIBER_TIMED_H
#define WEFT_FIBER_TIMED_H

/* Called when the runtime stops: end all timers, also timers that are started
 * after this call. */
void wf_timed_stop(void);

/* Allow timers again, after the runtime has stopped or its stop has timed
 * out. */
void wf_timed_reset(void);

#endif
