/* SPDX-License-Identifier: MIT */
/* Ends the timers when the runtime stops (timed.c). */
#ifndef WEFT_FIBER_TIMED_H
#define WEFT_FIBER_TIMED_H

/* The runtime stops: end all timers, also those that are started from now
 * on. */
void wf_timed_stop(void);

/* Allow timers again, after the runtime has stopped or its stop has timed
 * out. */
void wf_timed_reset(void);

#endif
