/* SPDX-License-Identifier: MIT */
#include "fiber/fiber.h"

#include "fiber/blocking.h"
#include "fiber/sched.h"
#include "fiber/stack.h"
#include "fiber/stealable.h"
#include "fiber/timed.h"

#include <errno.h>
#include <string.h>

/* The first TOLD_AT_ONCE waits of a cancelled fiber return WEFT_ECANCEL at
 * once. Each later wait returns WEFT_ECANCEL after a pause. The first pause is
 * PAUSE_NS, and the pause doubles LONGEST_PAUSE times. */
#define TOLD_AT_ONCE 16u
#define PAUSE_NS ((uint64_t)1000000)
#define LONGEST_PAUSE 6u

static bool
are_valid(const struct weft_fiber_options *o, const weft_fiber *fiber)
{
    return !(o->name && strlen(o->name) >= WEFT_FIBER_NAME) &&
           !(o->stack_size && (o->stack_size < WF_STACK_MIN ||
                               o->stack_size > WF_STACK_LIMIT)) &&
           !(o->keep_result && !fiber);
}

weft_err
weft_fiber_start(void (*fn)(void *arg), void *arg, weft_fiber *fiber)
{
    return weft_fiber_start_with(NULL, fn, arg, fiber);
}

weft_err
weft_fiber_start_with(const struct weft_fiber_options *options,
                      void (*fn)(void *arg), void *arg, weft_fiber *fiber)
{
    if (options && !are_valid(options, fiber))
        return -EINVAL;
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    struct wf_task *task = wf_task_new_with(options, fn, arg);
    if (!task)
        return WEFT_EFIBERS;
    if (fiber)
        fiber->id = wf_slot_id(&task->slot);
    if (WEFT_UNLIKELY(task->is_background))
        wf_timed_enter(task);
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

/* Wait for the end of a task; the caller holds a reference to the task. */
static weft_err
join(struct wf_task *task, uint64_t deadline_ns)
{
    struct weft_waitnode node;
    if (task == wf_task_known())
        return -EDEADLK;
    wf_waitq_lock(&task->joiners);
    if (!wf_task_ended(task))
        return wf_waitq_wait(&task->joiners, &node, deadline_ns, true,
                             WEFT_WAIT_JOIN);
    wf_waitq_unlock(&task->joiners);
    return WEFT_OK;
}

weft_err
weft_fiber_join_until(weft_fiber fiber, uint64_t deadline_ns)
{
    struct wf_task *task = wf_task_ref(fiber.id);
    if (!task)
        return WEFT_OK;
    weft_err err = join(task, deadline_ns);
    wf_task_unref(task);
    return err;
}

weft_err
weft_fiber_join_result_until(weft_fiber fiber, uint64_t deadline_ns,
                             void **result)
{
    void *dropped;
    void **out = result ? result : &dropped;
    *out = NULL;
    struct wf_task *task = wf_task_ref(fiber.id);
    if (!task)
        return -ESRCH;
    weft_err err = task->keeps_result ? join(task, deadline_ns) : -ESRCH;
    if (!err && !wf_task_take_result(task, out))
        err = -ESRCH;
    wf_task_unref(task);
    return err;
}

weft_err
weft_fiber_join_result(weft_fiber fiber, void **result)
{
    return weft_fiber_join_result_until(fiber, WEFT_NEVER, result);
}

void
weft_fiber_set_result(void *result)
{
    struct wf_task *task = wf_task_known();
    if (task)
        task->result = result;
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
    wf_store(&task->cancelled, true, release); /* the wake publishes this */
    if (!WF_MUTANT(cancel_without_wake))
        wf_wake(task);
    wf_task_unref(task);
}

bool
wf_task_cancelled(const struct wf_task *task)
{
    return wf_load(&task->cancelled, acquire) && task->shielded == 0;
}

bool
weft_fiber_cancelled(void)
{
    struct wf_worker *w = wf_worker_self();
    return w && wf_worker_task(w) && wf_load(&w->current->cancelled, acquire);
}

void
weft_shield_begin(void)
{
    struct wf_worker *w = wf_worker_self();
    if (w)
        wf_worker_task(w)->shielded++;
}

void
weft_shield_end(void)
{
    struct wf_worker *w = wf_worker_self();
    if (!w)
        return;
    if (wf_worker_task(w)->shielded == 0)
        WF_MISUSED("weft_shield_end: no weft_shield_begin came before it");
    wf_worker_task(w)->shielded--;
}

void
wf_join_surely(weft_fiber fiber)
{
    weft_shield_begin();
    weft_err err = weft_fiber_join(fiber);
    weft_shield_end();
    WF_CHECK(err == WEFT_OK);
}

void
wf_sem_take_surely(struct weft_sem *sem)
{
    weft_shield_begin();
    weft_err err = weft_sem_take(sem);
    weft_shield_end();
    WF_CHECK(err == WEFT_OK);
}

void
wf_mutex_lock_surely(struct weft_mutex *mutex)
{
    weft_shield_begin();
    weft_err err = weft_mutex_lock(mutex);
    weft_shield_end();
    WF_CHECK(err == WEFT_OK);
}

/* Sleep until the deadline (WEFT_ETIMEOUT) or, if `cancellable`, until a cancel
 * (WEFT_ECANCEL). */
static weft_err
sleep_until(uint64_t deadline_ns, bool cancellable, enum weft_wait why)
{
    struct weft_waitq nobody = {0};
    struct weft_waitnode node;
    wf_waitq_lock(&nobody);
    return wf_waitq_wait(&nobody, &node, deadline_ns, cancellable, why);
}

weft_err
wf_cancel_error(void)
{
    struct wf_task *task = wf_task_self();
    uint32_t n = task->n_told;
    if (n < TOLD_AT_ONCE + LONGEST_PAUSE)
        task->n_told++;
    if (n >= TOLD_AT_ONCE && !WF_MUTANT(cancelled_wait_spins)) {
        uint64_t pause_ns = PAUSE_NS << (n - TOLD_AT_ONCE);
        WF_CHECK(sleep_until(wf_sys_now_ns() + pause_ns, false,
                             WEFT_WAIT_PAUSE) == WEFT_ETIMEOUT);
    }
    return WEFT_ECANCEL;
}

weft_fiber
weft_fiber_self(void)
{
    struct wf_worker *w = wf_worker_self();
    weft_fiber none = {0};
    return w && wf_worker_task(w)
               ? (weft_fiber){.id = wf_slot_id(&w->current->slot)}
               : none;
}

void
weft_fiber_yield(void)
{
    struct wf_worker *w = wf_worker_self();
    if (!w) {
        (void)wf_sys_sched_yield();
        return;
    }
    wf_stealable_leave(w);
    wf_worker_leave(w, WF_AFTER_YIELD);
}

void
wf_turn_end(struct wf_turn *turn)
{
    struct wf_worker *w = wf_worker_self();
    if (!w || !wf_worker_task(w))
        return;
    uint64_t now = wf_sys_now_ns();
    if (turn->since_ns == 0)
        turn->since_ns = now;
    if (now - turn->since_ns < WF_TURN_NS && !WF_MAYBE("end a turn"))
        return;
    weft_fiber_yield();
    turn->since_ns = 0;
}

weft_err
weft_sleep_until(uint64_t deadline_ns)
{
    weft_err err = sleep_until(deadline_ns, true, WEFT_WAIT_SLEEP);
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
    return w && wf_worker_task(w) ? wf_worker_task(w)->deadline_ns : WEFT_NEVER;
}

void *
wf_task_working_for(void)
{
    struct wf_worker *w = wf_worker_self();
    return w && wf_worker_task(w) ? wf_worker_task(w)->work : NULL;
}

bool
wf_task_works_for(const void *group)
{
    struct wf_worker *w = wf_worker_self();
    const struct wf_task *task = w ? wf_worker_task(w) : wf_task_blocked();
    /* relaxed: a fiber reads what the fiber itself has stored; on a thread of
     * weft_blocking the lock of the pool orders this load after that store */
    return task && wf_load(&task->group, relaxed) == group;
}

void
wf_task_work(uint64_t deadline_ns, void *group, void *work, const char *name)
{
    struct wf_worker *w = wf_worker_self();
    if (!w || !wf_worker_task(w))
        return;
    struct wf_task *task = wf_worker_task(w);
    if (WEFT_UNLIKELY(task->begun))
        WF_MISUSED("a handler has returned before a call that it had begun; it "
                   "has to await the call");
    task->deadline_ns = deadline_ns;
    task->work = work;
    /* relaxed: a caller that must not miss a cancel executes a fence; see
     * wf_tasks_cancel */
    wf_store(&task->group, group, relaxed);
    /* relaxed: wf_held_look reads these values as hints; see the head of
     * held.c */
    wf_store(&task->n_works, wf_load(&task->n_works, relaxed) + 1, relaxed);
    wf_store(&task->work_name, name, relaxed);
}

uint64_t
wf_worker_mark(void)
{
    struct wf_worker *w = wf_worker_self();
    return w ? wf_load(&w->progress, relaxed) << 8 | w->index : 0;
}

bool
wf_stack_is_dead(const void *ptr, const void *frame)
{
    struct wf_worker *w = wf_worker_self();
    if (!w || !wf_worker_task(w))
        return false;
    uintptr_t at = (uintptr_t)ptr;
    return at >= (uintptr_t)wf_worker_task(w)->context.low &&
           at < (uintptr_t)frame;
}
