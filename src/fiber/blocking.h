/* SPDX-License-Identifier: MIT */
/*
 * What other files of fiber call in blocking.c, which runs blocking functions
 * on threads of its own.
 */
#ifndef WEFT_FIBER_BLOCKING_H
#define WEFT_FIBER_BLOCKING_H

#include "fiber/fiber.h"

/* Set how many threads may be at work at once. Call it before the first
 * weft_blocking. */
void wf_blocking_configure(uint32_t max_threads);

/* The fiber whose blocking function the calling thread runs; NULL: none. */
struct wf_task *wf_blocking_caller(void);

/* How many jobs no thread has taken; how many threads wait in calls of weft.
 * For tests. */
uint32_t wf_blocking_queued(void);
uint32_t wf_blocking_waiting(void);

/* End the threads. The caller makes sure that no job is queued or running. */
void wf_blocking_stop(void);

#endif
