/* SPDX-License-Identifier: MIT */
/*
 * A look checks all workers. If the look finds a worker stuck in a fiber, the
 * worker that looks takes over the stealable work, the slot, the ring, the due
 * timers and the events of the stuck worker.
 *
 * A worker is stuck if its progress counter has not moved between two looks
 * while the worker was awake. All workers share the time of the next look: the
 * worker that first notices that this time has come takes the look, unless
 * another worker is taking one. Sleeping watchers wake up at that time
 * (sleep.c), and workers that are awake notice the time when they poll. So
 * looks are taken even if a worker is woken all the time, or always has work.
 *
 * `busy` is a lock. wf_watch_settle waits for this lock; all other functions
 * only try to take the lock. The lock protects the rest of `looks`, and the
 * state of held.c.
 *
 * How often looks come:
 * - every 500 us while a worker is awake; while all workers sleep, looks come
 *   less and less often, and then stop (sleep.c);
 * - every 100 us for 20 ms after a worker was found stuck, because fibers that
 *   run for long often come one after another;
 * - every 3 ms after that while all workers that are awake stay stuck; these
 *   looks take less than 1 % of a core;
 * - in all cases also when the next timer of a stuck worker is due.
 */
#include "fiber/sched.h"
#include "fiber/stealable.h"

#include <string.h>

#define ALERT_TIME_NS 20000000u
#define STUCK_NS 3000000u

static WF_GLOBAL struct {
    _Alignas(64) _Atomic bool busy;
    _Atomic bool any_awake;   /* result of the last look; any thread reads it */
    _Atomic uint64_t next_ns; /* when a look is due; any thread reads it */
    uint64_t alert_until_ns;
    /* The progress counter of each worker at the last look. */
    uint64_t progress[WF_WORKERS_MAX];
    bool stuck[WF_WORKERS_MAX];
} looks;

/* Take over what waits for a worker that is stuck. */
static void
take_over(struct wf_worker *w, struct wf_worker *stuck)
{
    wf_stealable_steal(stuck);
    struct wf_task *task = wf_runq_take_last(&stuck->runq);
    if (task && !WF_MUTANT(stuck_slot_lost))
        wf_sched_ready(task);
    if (wf_runq_len(&w->runq) <= WF_RUNQ_SIZE / 2 &&
        (task = wf_runq_steal(&stuck->runq, &w->runq)) != NULL)
        wf_sched_ready(task);
    if (!WF_MUTANT(stuck_timers_wait))
        (void)wf_wheel_advance(&stuck->wheel, w->poll_ns);
    if (!WF_MUTANT(stuck_sockets_wait))
        wf_sleep_poll_for(stuck);
}

/* Returns whether the worker has made progress since the last look. */
static bool
look_at(struct wf_worker *w, struct wf_worker *other)
{
    uint32_t i = other->index;
    uint64_t progress = wf_load(&other->progress, relaxed);
    if (progress != looks.progress[i]) {
        looks.progress[i] = progress;
        looks.stuck[i] = false;
        wf_held_forget(i);
        return true;
    }
    if (!looks.stuck[i])
        looks.alert_until_ns = w->poll_ns + ALERT_TIME_NS;
    looks.stuck[i] = true;
    wf_held_look(other, w->poll_ns);
    take_over(w, other);
    return false;
}

static uint64_t
next_time(const struct wf_worker *w, bool wait_long)
{
    uint64_t next = w->poll_ns + (wait_long ? STUCK_NS : WF_WATCH_NS);
    if (w->poll_ns < looks.alert_until_ns)
        next = w->poll_ns + WF_ALERT_NS;
    for (uint32_t i = 0; i < wf_n_workers; i++)
        if (looks.stuck[i])
            next =
                WF_MIN(next, wf_load(&wf_workers[i]->wheel.next_ns, relaxed));
    return next;
}

static void
look_at_all(struct wf_worker *w)
{
    bool awake = false, running = false;
    for (uint32_t i = 0; i < wf_n_workers; i++) {
        if (i == w->index || wf_sleep_is_asleep(i)) {
            looks.stuck[i] = false;
            wf_held_forget(i);
            continue;
        }
        awake = true;
        running |= look_at(w, wf_workers[i]);
    }
    wf_store(&looks.next_ns, next_time(w, awake && !running), relaxed);
    awake |= !wf_sleep_is_asleep(w->index);
    wf_store(&looks.any_awake, awake, relaxed);
}

bool
wf_watch(struct wf_worker *w)
{
    struct wf_held held = {.name = ""};
    /* relaxed: this load may give an old time; the second load is under the
     * lock and gives the newest time */
    if (wf_n_workers > 1 && w->poll_ns >= wf_load(&looks.next_ns, relaxed) &&
        !wf_xchg(&looks.busy, true, acquire)) {
        if (w->poll_ns >= wf_load(&looks.next_ns, relaxed)) {
            look_at_all(w);
            wf_held_take(w->poll_ns, &held);
        }
        wf_store(&looks.busy, false, release);
        wf_held_tell(&held);
    }
    return wf_load(&looks.any_awake, relaxed);
}

void
wf_watch_settle(void)
{
    while (wf_xchg(&looks.busy, true, acquire))
        (void)wf_sys_sched_yield();
    wf_store(&looks.busy, false, release);
}

uint64_t
wf_watch_next_ns(void)
{
    return wf_load(&looks.next_ns, relaxed);
}

void
wf_watch_reset(void)
{
    memset(&looks, 0, sizeof looks);
    wf_held_reset();
}
