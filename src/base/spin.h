/* SPDX-License-Identifier: MIT */
/*
 * A lock for a few instructions, never held over a system call or a switch of
 * fibers. A waiter spins, and then yields the processor, because the holder may
 * have been preempted. TSan understands it by its acquire and release.
 */
#ifndef WEFT_BASE_SPIN_H
#define WEFT_BASE_SPIN_H

#include "base/atomic.h"

#include <sched.h>
#include <stdint.h>

struct wf_spin {
    _Atomic uint32_t held;
};

static inline void
wf_spin_lock(struct wf_spin *spin)
{
    while (wf_xchg(&spin->held, 1, acquire))
        for (int i = 0; wf_load(&spin->held, relaxed); i++)
            if (i < 64)
                wf_cpu_relax();
            else
                sched_yield();
}

static inline void
wf_spin_unlock(struct wf_spin *spin)
{
    wf_store(&spin->held, 0, release);
}

#endif
