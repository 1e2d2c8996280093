/* SPDX-License-Identifier: MIT */
/*
 * weft_timer: runs a function at a set time, on a fiber that sleeps between the
 * runs. So the function never runs in the scheduler, runs cannot overlap, a run
 * needs no new memory when its time comes, and the timer's id is the id of the
 * fiber.
 *
 * A stop sets `stopped` in the task and wakes the task. The fiber reads
 * `stopped` before each park and each run, and a wake that comes before a park
 * makes the park return. So the fiber sees `stopped` before another run. The
 * stopper then joins the fiber.
 *
 * wf_timed_stop misses no timer and no other background fiber. It sets
 * `stopping`, executes a fence, and visits all live tasks. Whoever starts such
 * a fiber makes its task live, executes a fence, and reads `stopping`. So
 * either wf_timed_stop sees the task, or the starter sees `stopping`.
 */
#include "fiber/timed.h"

#include "fiber/sched.h"

#include <errno.h>

struct timed {
    void (*fn)(void *arg);
    void *arg;
    uint64_t at_ns, period_ns;
};

static WF_GLOBAL _Atomic bool stopping; /* true: the runtime stops */

static bool
must_end(const struct wf_task *self)
{
    return wf_load(&self->stopped, acquire) ||
           wf_load(&self->cancelled, acquire);
}

/* Wait until `at_ns`. false: the timer must end. */
static bool
await_time(const struct wf_task *self, uint64_t at_ns)
{
    while (!must_end(self)) {
        if (wf_sys_now_ns() >= at_ns)
            return true;
        (void)wf_park_until(at_ns, WEFT_WAIT_TIMER);
    }
    return false;
}

/* Returns the first of the times at_ns + k * period_ns that has not passed. */
static uint64_t
next_time(const struct timed *t)
{
    uint64_t passed = wf_sys_now_ns() - t->at_ns;
    uint64_t last_ns = t->at_ns + passed / t->period_ns * t->period_ns;
    return t->period_ns < WEFT_NEVER - last_ns ? last_ns + t->period_ns
                                               : WEFT_NEVER;
}

static void
timer_main(void *arg)
{
    struct timed t = *(struct timed *)arg;
    const struct wf_task *self = wf_task_self();
    wf_sys_free(arg);
    while (await_time(self, t.at_ns)) {
        t.fn(t.arg);
        if (t.period_ns == 0)
            break;
        t.at_ns = next_time(&t);
        weft_fiber_yield(); /* other fibers run even if the period is short */
    }
}

void
wf_timed_enter(struct wf_task *task)
{
    wf_fence(); /* pairs with wf_timed_stop */
    if (wf_load(&stopping, acquire))
        wf_store(&task->cancelled, true, relaxed); /* the fiber has not run */
}

weft_err
weft_timer_start(void (*fn)(void *arg), void *arg, uint64_t first_ns,
                 uint64_t period_ns, weft_timer *timer)
{
    static const struct weft_fiber_options options = {.name = "timer",
                                                      .background = true};
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    struct timed *t = wf_sys_malloc(sizeof *t);
    if (!t)
        return -ENOMEM;
    *t = (struct timed){fn, arg, first_ns, period_ns};
    struct wf_task *task = wf_task_new_with(&options, timer_main, t);
    if (!task) {
        wf_sys_free(t);
        return WEFT_EFIBERS;
    }
    wf_timed_enter(task);
    if (timer)
        timer->id = wf_slot_id(&task->slot);
    wf_sched_start(task);
    return WEFT_OK;
}

/* Stop the timer of a fiber. The caller holds a reference to the task. */
static void
mark(struct wf_task *task)
{
    wf_store(&task->stopped, true, release); /* published by the wake */
    if (!WF_MUTANT(timer_stop_unwoken))
        wf_wake(task);
}

weft_err
weft_timer_stop_until(weft_timer timer, uint64_t deadline_ns)
{
    struct wf_task *task = wf_task_ref(timer.id);
    if (!task)
        return WEFT_OK;
    mark(task);
    bool is_self = task == wf_task_known();
    wf_task_unref(task);
    if (is_self)
        return WEFT_OK;
    weft_shield_begin();
    weft_err err =
        WF_MUTANT(timer_stop_returns_early)
            ? WEFT_OK
            : weft_fiber_join_until((weft_fiber){timer.id}, deadline_ns);
    weft_shield_end();
    return err ? WEFT_ETIMEOUT : WEFT_OK;
}

void
weft_timer_stop(weft_timer timer)
{
    weft_err err = weft_timer_stop_until(timer, WEFT_NEVER);
    WF_CHECK(err == WEFT_OK);
}

void
wf_timed_stop(void)
{
    struct wf_task *task;
    uint32_t i = 0;
    if (wf_load(&stopping, relaxed))
        return;
    wf_store(&stopping, true, seq_cst);
    wf_fence();
    while ((task = wf_task_next(&i)) != NULL) {
        if (task->fn == timer_main)
            mark(task);
        else if (task->is_background)
            weft_fiber_cancel((weft_fiber){wf_slot_id(&task->slot)});
        wf_task_unref(task);
    }
}

void
wf_timed_reset(void)
{
    wf_store(&stopping, false, relaxed);
}
