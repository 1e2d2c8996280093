/* SPDX-License-Identifier: MIT */
/*
 * The scheduler. Its rules:
 *
 * 1. A worker takes the next fiber from its LIFO slot, then from its ring, then
 *    from the shared list. A worker takes at most STREAK fibers in a row from
 *    the slot. After a poll the worker takes from the shared list first.
 * 2. A worker polls and fires its timers, without waiting, every 32 fibers or
 *    100 us, whichever is first. While its ring is more than half full, the
 *    worker polls only every 100 us. A worker without fibers polls in sleep.c.
 * 3. A fiber that leaves its worker jumps straight to the next fiber in the
 *    worker's own queue. If the queue is empty, or a poll is due, the fiber
 *    jumps to the scheduler on the thread's own stack. The code after the jump
 *    then parks, queues or frees the fiber that left, because the stack of that
 *    fiber is in use until the jump.
 * 4. If a fiber wakes another fiber, the woken fiber goes to the slot of the
 *    waker's worker. The fiber that was in the slot before, new fibers and
 *    fibers that yield go to the ring, or to the shared list if the ring is
 *    full.
 * 5. Another worker is woken only if no worker is searching (sleep.c). No
 *    worker is woken for the fiber in the slot, because the waker's worker runs
 *    that fiber next.
 *
 * When a fiber moves to another worker, that worker sees all that the fiber
 * did. The push of a fiber is a release, and the take is an acquire (runq.c,
 * and the lock of the shared list). The commit of a park comes after the fiber
 * has left its stack, and before the fiber runs again (park.c).
 */
#include "fiber/worker.h"

#include "fiber/sched.h"

/* Marks functions that are part of every switch, so that they are inlined at
 * each call. */
#define HOT static inline __attribute__((always_inline))

#define STREAK 16u
#define POLL_FIBERS 32u
#define POLL_NS 100000u

static WF_GLOBAL struct {
    struct wf_spin lock;
    struct wf_task *head, *tail;
    _Atomic uint32_t len; /* written under the lock, read without it */
} shared;

/* ---- ready fibers ---- */

static void
share(struct wf_task *task)
{
    wf_spin_lock(&shared.lock);
    task->next = NULL;
    if (shared.head)
        shared.tail->next = task;
    else
        shared.head = task;
    shared.tail = task;
    /* relaxed: the order comes from the lock, or from the fence in
     * wf_sleep_notify */
    wf_add(&shared.len, 1, relaxed);
    wf_spin_unlock(&shared.lock);
}

struct wf_task *
wf_sched_take_shared(void)
{
    if (wf_load(&shared.len, relaxed) == 0)
        return NULL;
    wf_spin_lock(&shared.lock);
    struct wf_task *task = shared.head;
    if (task) {
        shared.head = task->next;
        wf_sub(&shared.len, 1, relaxed);
    }
    wf_spin_unlock(&shared.lock);
    return task;
}

bool
wf_sched_any_shared(void)
{
    return wf_load(&shared.len, relaxed) != 0;
}

HOT void
push(struct wf_worker *w, struct wf_task *task)
{
    /* WF_MAYBE puts the fiber into the shared list although the ring has room.
     * A worker does not sleep while its ring has fibers, so the worker takes
     * this fiber later. A worker with an empty ring may sleep, so for an empty
     * ring WF_MAYBE does not act. */
    bool full = WF_MAYBE("ring is full") && wf_runq_len(&w->runq) > 0;
    if (full || !wf_runq_push(&w->runq, task))
        share(task);
}

void
wf_sched_ready(struct wf_task *task)
{
    struct wf_worker *w = wf_worker_self();
    if (!w) {
        share(task);
        if (!WF_MUTANT(thread_wakes_no_worker))
            wf_sleep_notify();
        return;
    }
    if (!wf_worker_task(w)) { /* called by the poller or a timer */
        push(w, task);
        return;
    }
    struct wf_task *driven = wf_runq_push_last(&w->runq, task);
    if (driven) {
        push(w, driven);
        wf_sleep_notify();
    }
}

void
wf_sched_start(struct wf_task *task)
{
    struct wf_worker *w = wf_worker_self();
    if (w)
        push(w, task);
    else
        share(task);
    if (!w || wf_worker_task(w))
        wf_sleep_notify();
}

/* ---- what runs next ---- */

HOT bool
poll_is_due(struct wf_worker *w)
{
    /* A poll makes more fibers ready, and fibers that find the ring full go to
     * the shared list. So if the ring is more than half full, a poll becomes
     * due only after POLL_NS. */
    if (++w->tick >= POLL_FIBERS && wf_runq_len(&w->runq) <= WF_RUNQ_SIZE / 2)
        return true;
    if (WF_MAYBE("poll early"))
        return true;
    /* The clock is read only at every eighth switch, because one reading costs
     * as much as a switch. */
    return w->tick % 8 == 0 && wf_sys_now_ns() - w->poll_ns > POLL_NS;
}

HOT struct wf_task *
take_slot(struct wf_worker *w)
{
    struct wf_task *task = wf_runq_take_last(&w->runq);
    w->streak = task ? w->streak + 1 : 0;
    return task;
}

/* Take the next fiber from the worker's own queue. */
HOT struct wf_task *
pick(struct wf_worker *w)
{
    struct wf_task *task;
    if ((w->streak < STREAK || WF_MUTANT(slot_starves_ring)) &&
        (task = take_slot(w)))
        return task;
    w->streak = 0;
    if ((task = wf_runq_pop(&w->runq)))
        return task;
    return take_slot(w);
}

static struct wf_task *
next(struct wf_worker *w)
{
    struct wf_task *task;
    if (w->due || poll_is_due(w)) {
        w->due = false;
        wf_sleep_poll(w, 0);
        if (!WF_MUTANT(busy_worker_never_looks))
            (void)wf_watch(w);
        if ((task = wf_sched_take_shared()))
            return task;
    }
    if ((task = pick(w)))
        return task;
    return wf_sched_take_shared();
}

/* ---- running ---- */

/* Called after a jump, on the new stack: park, queue or free the fiber that has
 * left. */
HOT void
finish(struct wf_worker *w)
{
    struct wf_task *left = w->left;
    switch (w->after) {
    case WF_AFTER_PARK:
        if (!wf_park_commit(left) && !WF_MUTANT(woken_fiber_not_pushed))
            push(w, left);
        break;
    case WF_AFTER_YIELD:
        push(w, left);
        break;
    case WF_AFTER_END:
        wf_task_done(left);
        break;
    }
}

void
wf_worker_arrive(struct wf_worker *w, struct wf_task *task)
{
    if (w->left)
        finish(w);
    wf_store(&w->current, task, release); /* release: held.c reads the task */
}

/* Jump to a fiber, from another fiber (w->left) or from the scheduler (w->left
 * is NULL). Returns the worker on which the caller runs again. */
HOT struct wf_worker *
jump(struct wf_worker *w, struct wf_context *from, struct wf_task *to)
{
    /* relaxed: sleep.c says why no fence is needed (wf_sleep_found) */
    if (w->searching || wf_load(&wf_n_sleepers, relaxed) > 0)
        wf_sleep_found(w);
    to->runs++;
    /* relaxed: a watcher only compares two values of `progress` */
    wf_store(&w->progress, wf_load(&w->progress, relaxed) + 1, relaxed);
    return wf_context_jump(from, &to->context, w,
                           w->left && w->after == WF_AFTER_END);
}

void
wf_worker_leave(struct wf_worker *w, enum wf_after after)
{
    struct wf_task *task = wf_worker_task(w);
    WF_DCHECK(task);
    w->due = poll_is_due(w);
    struct wf_task *to = w->due ? NULL : pick(w);
    if (!to && after == WF_AFTER_YIELD && !w->due && !wf_sched_any_shared())
        return; /* no other fiber is ready */
    wf_store(&w->current, NULL, relaxed);
    w->left = task;
    w->after = after;
    if (to)
        w = jump(w, &task->context, to);
    else
        w = wf_context_jump(&task->context, &w->context, w,
                            after == WF_AFTER_END);
    wf_worker_arrive(w, task);
}

/* Give signal handlers with SA_ONSTACK a stack of their own, so that a handler
 * can report the overflow of a fiber's stack. If a sanitizer has set such a
 * stack before, keep that stack. */
static void
set_signal_stack(const struct wf_worker *w)
{
    stack_t old;
    const stack_t ours = {.ss_sp = w->signal_stack, .ss_size = WF_SIGNAL_STACK};
    if (!wf_sys_sigaltstack(NULL, &old) && old.ss_flags & SS_DISABLE)
        (void)wf_sys_sigaltstack(&ours, NULL); /* the arguments are valid */
}

void *
wf_worker_main(void *arg)
{
    struct wf_worker *w = arg;
    set_signal_stack(w);
    wf_worker_become(w);
    wf_context_of_thread(&w->context);
    while (!wf_sleep_stopping()) {
        struct wf_task *task = next(w);
        if (!task)
            task = wf_sleep(w);
        if (!task)
            continue;
        w->left = NULL;
        (void)jump(w, &w->context, task);
        finish(w);
    }
    wf_tasks_trim(w, 0, UINT32_MAX);
    wf_worker_become(NULL);
    return NULL;
}

bool
wf_worker_busy(void)
{
    struct wf_worker *w = wf_worker_self();
    if (!w)
        return false;
    struct wf_task *task = wf_worker_task(w);
    return wf_load(&w->runq.last, relaxed) || wf_runq_len(&w->runq) > 0 ||
           (task && task->gather.now);
}

/* ---- for other folders ---- */

uint32_t
wf_worker_index(void)
{
    struct wf_worker *w = wf_worker_self();
    return w ? w->index : 0;
}

uint64_t
wf_worker_now_ns(void)
{
    struct wf_worker *w = wf_worker_self();
    return w ? w->poll_ns : wf_sys_now_ns();
}

void
wf_timer_start(struct wf_timer *timer, uint64_t deadline_ns,
               void (*fire)(struct wf_timer *timer))
{
    struct wf_worker *own = wf_worker_self();
    struct wf_worker *w = own ? own : wf_workers[0];
    timer->fire = fire;
    if (wf_wheel_arm(&w->wheel, timer, deadline_ns) && w != own)
        wf_sleep_kick(w);
}
