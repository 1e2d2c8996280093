/* SPDX-License-Identifier: MIT */
#include "stress/steps/step.h"

#include <sched.h>
#include <stdint.h>
#include <time.h>

static _Thread_local uint32_t state;

/* Not inlined, because a fiber may move to another thread, and a compiler may
 * keep the address of `state`, which is thread-local. */
__attribute__((noinline)) void
wf_test_step(void)
{
    if (!state)
        state = (uint32_t)(uintptr_t)&state >> 4 | 1;
    state = state * 1664525u + 1013904223u;
    uint32_t r = state >> 16;
    if (r % 64 == 0)
        sched_yield();
    if (r % 2048 == 1)
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
}
