/* SPDX-License-Identifier: MIT */
/*
 * A hierarchical timer wheel, one for each worker. Arming and cancelling take
 * constant time. A timer is a member of the object that it serves. This object
 * may be freed as soon as the timer is cancelled.
 */
#ifndef WEFT_FIBER_TIMER_H
#define WEFT_FIBER_TIMER_H

#include "base/base.h"

#define WF_WHEEL_LEVELS 8u
#define WF_WHEEL_SLOTS 64u
#define WF_WHEEL_SHIFT 16 /* a tick is 2^16 ns, 66 us */

struct wf_wheel;

/* A timer that is all zeros is not armed. */
struct wf_timer {
    struct wf_link link;
    uint64_t tick;          /* the tick at which the timer fires */
    struct wf_wheel *wheel; /* the wheel that had the timer last, or NULL */
    /* Called once, with the wheel locked. The function may wake tasks and set
     * flags, but must not arm or cancel timers, or wait. */
    void (*fire)(struct wf_timer *timer);
};

struct wf_wheel {
    struct wf_spin lock;
    _Atomic uint64_t next_ns; /* no timer is due before next_ns */
    uint64_t now;             /* the last tick whose timers have fired */
    uint64_t used[WF_WHEEL_LEVELS];
    struct wf_list slots[WF_WHEEL_LEVELS][WF_WHEEL_SLOTS];
};

void wf_wheel_init(struct wf_wheel *wheel, uint64_t now_ns);

/* Arm a timer that is not armed. The timer is due at most one tick after the
 * deadline. true: the timer fires before all others of this wheel, so the owner
 * of the wheel must be kicked if it sleeps. */
bool wf_wheel_arm(struct wf_wheel *wheel, struct wf_timer *timer,
                  uint64_t deadline_ns);

/* Disarm a timer. false: the timer has fired (and `fire` has returned), or was
 * not armed. Afterwards nothing refers to the timer. */
bool wf_timer_cancel(struct wf_timer *timer);

/* Fire all timers that are due. Returns how many timers fired. */
uint32_t wf_wheel_advance(struct wf_wheel *wheel, uint64_t now_ns);

#endif
