/* SPDX-License-Identifier: MIT */
/*
 * A lock for a few instructions, never held over a system call or a switch of
 * fibers. A waiter first spins. Then the waiter yields the processor, because
 * the holder may have been preempted. Later the waiter sleeps for 50 us at each
 * try, because a holder of lower real-time priority runs on this processor only
 * if the waiter sleeps. TSan understands the lock by its acquire and release.
 */
#ifndef WEFT_BASE_SPIN_H
#define WEFT_BASE_SPIN_H

#include "base/atomic.h"
#include "base/check.h"

#include <stdbool.h>
#include <stdint.h>

struct wf_spin {
    _Atomic uint32_t held;
};

/* Let the holder run: yield the processor in early tries, sleep in later tries.
 * `i` is the number of tries so far. */
void wf_spin_rest(int i);

/* True if somebody holds the lock. For WF_DCHECK. The load does not call
 * WF_ATOMIC_STEP (atomic.h), so a test takes the same steps with and without
 * checks. */
static inline bool
wf_spin_is_held(const struct wf_spin *spin)
{
    return atomic_load_explicit(&spin->held, memory_order_relaxed);
}

static inline void
wf_spin_lock(struct wf_spin *spin)
{
    while (wf_xchg(&spin->held, 1, acquire))
        for (int i = 0; wf_load(&spin->held, relaxed); i++)
            if (i < 64)
                wf_cpu_relax();
            else
                wf_spin_rest(i);
}

static inline void
wf_spin_unlock(struct wf_spin *spin)
{
    WF_DCHECK(wf_spin_is_held(spin));
    wf_store(&spin->held, 0, release);
}

#endif
