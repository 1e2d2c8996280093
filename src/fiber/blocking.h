/* SPDX-License-Identifier: MIT */
/*
 * What the rest of fiber asks of the threads that run blocking functions
 * (blocking.c).
 */
#ifndef WEFT_FIBER_BLOCKING_H
#define WEFT_FIBER_BLOCKING_H

#include "fiber/fiber.h"

/* Set the greatest number of threads. Call it before the first
 * weft_blocking. */
void wf_blocking_configure(uint32_t max_threads);

/* The fiber whose function the calling thread runs; NULL: none. */
struct wf_task *wf_blocking_caller(void);

/* Jobs that no thread has taken, threads that wait in weft; for tests. */
uint32_t wf_blocking_queued(void);
uint32_t wf_blocking_waiting(void);

/* End the threads; no job is queued or running. */
void wf_blocking_stop(void);

#endif
