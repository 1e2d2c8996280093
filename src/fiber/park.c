/* SPDX-License-Identifier: MIT */
/*
 * Proof that no wake-up is lost.
 *
 * A task's state is RUNNING, PARKED or NOTIFIED. The state changes by these
 * moves, each of which is one atomic step. A wake acquires and releases, a
 * commit releases, a take acquires.
 *
 *   wake    RUNNING -> NOTIFIED, NOTIFIED -> NOTIFIED, PARKED -> RUNNING
 *           (ASLEEP -> RUNNING: a plain thread is ASLEEP instead of PARKED)
 *   commit  RUNNING -> PARKED       a fiber: by its worker, after the switch
 *   take    NOTIFIED -> RUNNING     by the task itself, or by its worker when
 *                                   a commit fails
 *   late    ASLEEP -> RUNNING       by a plain thread, at its deadline
 *
 * 1. A waiter checks its condition, parks, and checks again. A waker changes
 *    the condition first. If the wake comes before the commit, the commit fails
 *    (or the park takes NOTIFIED at once) and the waiter checks again. If the
 *    wake comes after the commit, the wake finds PARKED.
 * 2. One waker makes the move PARKED -> RUNNING, and only this waker queues the
 *    fiber (or wakes the thread). So a fiber is in one run queue at most. Any
 *    worker may run the fiber after this move, because the commit came after
 *    the fiber had left its stack.
 * 3. If waker A has notified a task and waker B wakes the task again, the task
 *    also sees what B wrote before B's wake. B's wake stores the state even if
 *    the state stays NOTIFIED. So the take loads the state that B's wake
 *    stored. This load acquires what B wrote before.
 * 4. A wake may come when the task has ended, or when the memory of the task
 *    already belongs to another fiber. Such a wake is spurious, and every
 *    waiter expects spurious wakes. Task memory stays mapped.
 *
 * A plain thread's state is also its futex word. The waker learns from the
 * state that it replaced whether the task is a thread. After its move the waker
 * must not read the task: the thread may have ended, and the memory of the
 * task may belong to a fiber by now.
 *
 * Model: tests/models/park.pml. Tests: tests/stress/stress_park.c; for the
 * memory orders tests/weak/weak_park.c.
 */
#include "fiber/sched.h"
#include "fiber/stealable.h"

#include <errno.h>

static bool
commit(struct wf_task *task, uint32_t state)
{
    uint32_t seen = WF_TASK_RUNNING;
    /* release: the worker that runs the task next sees what the task did; pairs
     * with the acquire in wf_wake */
    if (wf_cas(&task->state, &seen, state, release))
        return true;
    WF_DCHECK(seen == WF_TASK_NOTIFIED);
    bool drops = WF_MUTANT(park_drops_wake);
    /* acquire: pairs with every wake so far, even if the wake came after the
     * failed exchange */
    (void)wf_xchg(&task->state, drops ? state : WF_TASK_RUNNING, acquire);
    return drops;
}

bool
wf_park_commit(struct wf_task *task)
{
    return commit(task, WF_TASK_PARKED);
}

/* Use up a wake-up that came before the park. false: no wake-up came. */
static bool
take_notice(struct wf_task *task)
{
    /* relaxed: the exchange acquires */
    return wf_load(&task->state, relaxed) == WF_TASK_NOTIFIED &&
           wf_xchg(&task->state, WF_TASK_RUNNING, acquire) == WF_TASK_NOTIFIED;
}

static WF_THREAD_LOCAL void (*note_wait)(bool begins);

void
wf_park_tell(void (*note)(bool begins))
{
    note_wait = note;
}

/* Sleep until the task is woken or the deadline has passed. */
static void
sleep_parked(struct wf_task *task, uint64_t deadline_ns)
{
    while (wf_load(&task->state, acquire) == WF_TASK_ASLEEP) {
        int err = wf_sys_futex_wait(&task->state, WF_TASK_ASLEEP, deadline_ns);
        uint32_t seen = WF_TASK_ASLEEP;
        /* relaxed: this exchange publishes nothing and acquires nothing; if the
         * exchange fails, the load in the condition of the loop acquires */
        if (err == -ETIMEDOUT &&
            wf_cas(&task->state, &seen, WF_TASK_RUNNING, relaxed))
            return;
    }
}

static void
park_thread(struct wf_task *task, uint64_t deadline_ns)
{
    if (!commit(task, WF_TASK_ASLEEP))
        return;
    if (note_wait)
        note_wait(true);
    sleep_parked(task, deadline_ns);
    if (note_wait)
        note_wait(false);
}

/* Park, and note the reason of the wait and the time at which the wait begins.
 * The time is taken from the worker's last poll, so the clock is not read. */
static void
park(uint64_t why)
{
    struct wf_worker *w = wf_worker_self();
    struct wf_task *task = w ? wf_worker_task(w) : wf_task_self();
    if (take_notice(task) && !WF_MUTANT(park_after_notice))
        return;
    if (task->is_thread) {
        park_thread(task, WEFT_NEVER);
        return;
    }
    /* relaxed: only list.c reads this word, as a hint */
    wf_store(&task->wait, (w->poll_ns & ~WF_WAIT_WHY) | why, relaxed);
    if (!WF_MUTANT(park_keeps_stealable))
        wf_stealable_leave(w);
    wf_worker_leave(w, WF_AFTER_PARK);
}

void
wf_park(enum weft_wait why)
{
    park(why);
}

void
wf_wake(struct wf_task *task)
{
    uint32_t seen = wf_load(&task->state, relaxed);
    uint32_t want;
    do {
        bool waits = seen == WF_TASK_PARKED || seen == WF_TASK_ASLEEP;
        want = waits ? WF_TASK_RUNNING : WF_TASK_NOTIFIED;
        want = WF_MUTANT(wake_skips_running) && !waits ? seen : want;
    } while (!wf_cas(&task->state, &seen, want, acq_rel));
    if (seen == WF_TASK_PARKED)
        wf_sched_ready(task);
    else if (seen == WF_TASK_ASLEEP && !WF_MUTANT(wake_leaves_thread))
        wf_sys_futex_wake(&task->state, 1);
}

/* ---- parking with a deadline ---- */

struct alarm {
    struct wf_timer timer;
    struct wf_task *task;
    _Atomic bool fired;
};

static void
ring(struct wf_timer *timer)
{
    struct alarm *alarm = WF_CONTAINER(timer, struct alarm, timer);
    wf_store(&alarm->fired, true, relaxed); /* published by the wake */
    if (!WF_MUTANT(alarm_without_wake))
        wf_wake(alarm->task);
}

static void
set_alarm(struct alarm *alarm, struct wf_task *task, uint64_t deadline_ns)
{
    alarm->timer.link.next = NULL; /* not armed */
    alarm->timer.wheel = NULL;
    alarm->task = task;
    wf_store(&alarm->fired, false, relaxed);
    if (task->is_thread || deadline_ns == WEFT_NEVER)
        return;
    /* relaxed: only list.c reads this word, as a hint */
    wf_store(&task->wait_until_ns, deadline_ns, relaxed);
    wf_timer_start(&alarm->timer, deadline_ns, ring);
}

static bool
over(struct alarm *alarm, uint64_t deadline_ns)
{
    if (alarm->task->is_thread)
        return deadline_ns != WEFT_NEVER && wf_sys_now_ns() >= deadline_ns;
    return wf_load(&alarm->fired, relaxed); /* the park acquires */
}

static void
park_until(struct wf_task *task, uint64_t deadline_ns, enum weft_wait why)
{
    if (!task->is_thread)
        park(deadline_ns == WEFT_NEVER ? why : why | WF_WAIT_TIMED);
    else if (!take_notice(task))
        park_thread(task, deadline_ns);
}

bool
wf_park_until(uint64_t deadline_ns, enum weft_wait why)
{
    struct alarm alarm;
    struct wf_task *task = wf_task_self();
    set_alarm(&alarm, task, deadline_ns);
    park_until(task, deadline_ns, why);
    bool late = over(&alarm, deadline_ns);
    if (!WF_MUTANT(alarm_outlives_park))
        (void)wf_timer_cancel(&alarm.timer);
    return !late;
}

/* ---- wait queues ---- */

/*
 * A waker pops a node with the queue locked, unlocks the queue, and then grants
 * the node. The grant is the waker's last access to the node and the queue: the
 * waiter waits only for the grant, and may free the node and the queue after
 * the grant. A waiter that gives up sees under the lock whether its node was
 * popped. If the node was popped, the waiter waits for the grant, which always
 * follows.
 */

/* LATE in `task` means: the node was granted before the waiter had set its
 * task. */
static const char late;
#define LATE ((struct wf_task *)(uintptr_t)&late)

void
wf_waitq_push(struct weft_waitq *q, struct weft_waitnode *node,
              struct wf_task *self)
{
    WF_DCHECK(wf_waitq_is_locked(q));
    wf_store(&node->task, self, relaxed); /* published by the lock */
    node->queued = true;
    wf_store(&node->granted, false, relaxed); /* published by the lock */
    node->next = NULL;
    node->prev = q->tail;
    if (q->tail)
        q->tail->next = node;
    else
        q->head = node;
    q->tail = node;
}

static void
unlink_node(struct weft_waitq *q, struct weft_waitnode *node)
{
    WF_DCHECK(wf_waitq_is_locked(q));
    if (node->prev)
        node->prev->next = node->next;
    else
        q->head = node->next;
    if (node->next)
        node->next->prev = node->prev;
    else
        q->tail = node->prev;
}

struct weft_waitnode *
wf_waitq_pop(struct weft_waitq *q)
{
    struct weft_waitnode *node = q->head;
    if (node) {
        unlink_node(q, node);
        node->queued = false;
    }
    return node;
}

struct weft_waitnode *
wf_waitq_pop_all(struct weft_waitq *q)
{
    WF_DCHECK(wf_waitq_is_locked(q));
    struct weft_waitnode *nodes = q->head;
    for (struct weft_waitnode *node = nodes; node; node = node->next)
        node->queued = false;
    q->head = q->tail = NULL;
    return nodes;
}

void
wf_waitq_grant(struct weft_waitnode *node)
{
    if (!node)
        return;
    struct wf_task *task = wf_load(&node->task, acquire);
    /* If the exchange fails, the waiter has just set its task, and the exchange
     * loads this task with acquire. */
    bool nobody =
        WEFT_UNLIKELY(!task) && wf_cas(&node->task, &task, LATE, acquire);
    /* release: a waiter that sees this store returns, and its node is invalid
     * then */
    wf_store(&node->granted, true, release);
    task = WF_MUTANT(grant_reads_late) ? wf_load(&node->task, acquire) : task;
    if (WEFT_LIKELY(!nobody))
        wf_wake(task);
}

void
wf_waitq_grant_all(struct weft_waitnode *nodes)
{
    while (nodes) {
        struct weft_waitnode *node = nodes;
        nodes = node->next; /* the waiter may free the node after the grant */
        wf_waitq_grant(node);
        nodes = WF_MUTANT(grant_all_reads_late) ? node->next : nodes;
    }
}

bool
wf_waitq_leave(struct weft_waitq *q, struct weft_waitnode *node)
{
    wf_waitq_lock(q);
    bool queued = node->queued || WF_MUTANT(node_unlinked_twice);
    if (queued)
        unlink_node(q, node);
    wf_waitq_unlock(q);
    return queued;
}

/* Make the task of a plain thread that waits for the first time. Making a
 * task may need memory, so the task is made after the queue is unlocked. This
 * function does not touch the queue, because the queue may be freed as soon as
 * the node is granted. NULL: no memory; LATE: the grant is under way. */
static struct wf_task *
name_waiter(struct weft_waitnode *node)
{
    struct wf_task *task = wf_task_self(), *none = NULL;
    if (!task || wf_cas(&node->task, &none, task, release))
        return task;
    return LATE;
}

/* Wait with a node that has no task. Nothing can wake such a waiter, so the
 * waiter checks for the grant every millisecond. */
static weft_err
await_unnamed(struct weft_waitq *q, struct weft_waitnode *node,
              uint64_t deadline_ns)
{
    bool may_give_up = deadline_ns != WEFT_NEVER;
    while (!wf_load(&node->granted, acquire)) {
        if (may_give_up && wf_sys_now_ns() >= deadline_ns) {
            if (wf_waitq_leave(q, node))
                return WEFT_ETIMEOUT;
            may_give_up = false;
        }
        wf_sys_nap();
    }
    return WEFT_OK;
}

weft_err
wf_waitq_await(struct weft_waitq *q, struct weft_waitnode *node,
               uint64_t deadline_ns, bool cancellable, enum weft_wait why)
{
    struct alarm alarm;
    struct wf_task *task = wf_load(&node->task, relaxed); /* may be LATE */
    if (WEFT_UNLIKELY(!task))
        task = name_waiter(node);
    if (WEFT_UNLIKELY(!task || task == LATE))
        return await_unnamed(q, node, task ? WEFT_NEVER : deadline_ns);
    set_alarm(&alarm, task, deadline_ns);
    weft_err err = WEFT_OK;
    bool may_give_up = true;
    while (!wf_load(&node->granted, acquire)) {
        if (may_give_up && cancellable && wf_task_cancelled(task))
            err = WEFT_ECANCEL;
        else if (may_give_up && over(&alarm, deadline_ns))
            err = WEFT_ETIMEOUT;
        if (err && (wf_waitq_leave(q, node) || WF_MUTANT(node_left_granted)))
            break;
        may_give_up = may_give_up && !err;
        err = WEFT_OK;
        bool timed = may_give_up && !WF_MUTANT(thread_waits_untimed);
        park_until(task, timed ? deadline_ns : WEFT_NEVER, why);
    }
    (void)wf_timer_cancel(&alarm.timer);
    return err == WEFT_ECANCEL ? wf_cancel_error() : err;
}

weft_err
wf_waitq_wait(struct weft_waitq *q, struct weft_waitnode *node,
              uint64_t deadline_ns, bool cancellable, enum weft_wait why)
{
    wf_waitq_push(q, node, wf_task_known());
    wf_waitq_unlock(q);
    return wf_waitq_await(q, node, deadline_ns, cancellable, why);
}

void
wf_waitq_wake_all(struct weft_waitq *q)
{
    wf_waitq_lock(q);
    struct weft_waitnode *nodes = wf_waitq_pop_all(q);
    wf_waitq_unlock(q);
    wf_waitq_grant_all(nodes);
}
