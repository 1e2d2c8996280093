/* SPDX-License-Identifier: MIT */
#include "fiber/fiber.h"

#include "fiber/sched.h"

#include <errno.h>
#include <sched.h>

weft_err
weft_fiber_start(void (*fn)(void *arg), void *arg, weft_fiber *fiber)
{
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    struct wf_task *task = wf_task_new(fn, arg);
    if (!task)
        return WEFT_EFIBERS;
    if (fiber)
        fiber->id = wf_slot_id(&task->slot);
    wf_sched_start(task);
    return WEFT_OK;
}

weft_err
wf_fiber_start_event(void (*fn)(void *arg), void *arg)
{
    struct wf_task *task = wf_task_new(fn, arg);
    if (!task)
        return WEFT_EFIBERS;
    wf_sched_start(task);
    return WEFT_OK;
}

weft_err
weft_fiber_join_until(weft_fiber fiber, uint64_t deadline_ns)
{
    struct weft_waitnode node;
    struct wf_task *task = wf_task_ref(fiber.id);
    if (!task)
        return WEFT_OK;
    weft_err err = WEFT_OK;
    wf_waitq_lock(&task->joiners);
    if (task == wf_task_self()) {
        wf_waitq_unlock(&task->joiners);
        err = -EDEADLK;
    } else if (wf_slot_failed(&task->slot)) {
        wf_waitq_unlock(&task->joiners);
    } else {
        err = wf_waitq_wait(&task->joiners, &node, deadline_ns, true);
    }
    wf_task_unref(task);
    return err;
}

weft_err
weft_fiber_join(weft_fiber fiber)
{
    return weft_fiber_join_until(fiber, WEFT_NEVER);
}

void
weft_fiber_cancel(weft_fiber fiber)
{
    struct wf_task *task = wf_task_ref(fiber.id);
    if (!task)
        return;
    wf_store(&task->cancelled, true, release); /* the wake publishes it */
    wf_wake(task);
    wf_task_unref(task);
}

bool
wf_task_cancelled(const struct wf_task *task)
{
    return wf_load(&task->cancelled, acquire);
}

bool
weft_fiber_cancelled(void)
{
    struct wf_worker *w = wf_worker_self();
    return w && w->current && wf_task_cancelled(w->current);
}

weft_fiber
weft_fiber_self(void)
{
    struct wf_worker *w = wf_worker_self();
    weft_fiber none = {0};
    return w && w->current ? (weft_fiber){.id = wf_slot_id(&w->current->slot)}
                           : none;
}

void
weft_fiber_yield(void)
{
    struct wf_worker *w = wf_worker_self();
    if (!w) {
        sched_yield();
        return;
    }
    wf_stealable_leave(w);
    wf_worker_leave(w, WF_AFTER_YIELD);
}

weft_err
weft_sleep_until(uint64_t deadline_ns)
{
    struct weft_waitq nobody = {0};
    struct weft_waitnode node;
    wf_waitq_lock(&nobody);
    weft_err err = wf_waitq_wait(&nobody, &node, deadline_ns, true);
    return err == WEFT_ETIMEOUT ? WEFT_OK : err;
}

weft_err
weft_sleep_ms(int64_t ms)
{
    return weft_sleep_until(weft_after_ms(ms < 0 ? 0 : ms));
}

uint64_t
wf_task_deadline(void)
{
    struct wf_worker *w = wf_worker_self();
    return w && w->current ? w->current->deadline_ns : WEFT_NEVER;
}

void *
wf_task_working_for(void)
{
    struct wf_worker *w = wf_worker_self();
    return w && w->current ? w->current->work : NULL;
}

void
wf_task_work(uint64_t deadline_ns, void *group, void *work)
{
    struct wf_worker *w = wf_worker_self();
    if (!w || !w->current)
        return;
    w->current->deadline_ns = deadline_ns;
    w->current->work = work;
    /* relaxed: who cancels a group waits for its end, and may look again */
    wf_store(&w->current->group, group, relaxed);
}
