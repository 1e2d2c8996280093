/* SPDX-License-Identifier: MIT */
/*
 * The functions of blocking.c that other files of fiber call. blocking.c runs
 * blocking functions on threads of its own.
 */
#ifndef WEFT_FIBER_BLOCKING_H
#define WEFT_FIBER_BLOCKING_H

#include "fiber/fiber.h"

/* Set how many threads may be at work at once. Called before the first
 * weft_blocking. */
void wf_blocking_configure(uint32_t max_threads);

/* For tests. wf_blocking_queued returns how many jobs no thread has taken;
 * wf_blocking_waiting returns how many threads of the pool wait in calls of
 * weft. */
uint32_t wf_blocking_queued(void);
uint32_t wf_blocking_waiting(void);

/* End the threads. The caller makes sure that no job is queued or running. */
void wf_blocking_stop(void);

#endif
