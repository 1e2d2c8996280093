/* SPDX-License-Identifier: MIT */
/*
 * The module header of fiber: what net and rpc may use beyond weft/fiber.h.
 * This folder knows base alone; it learns of the poller through wf_set_poller.
 */
#ifndef WEFT_FIBER_FIBER_H
#define WEFT_FIBER_FIBER_H

#include <weft/fiber.h>

#include "base/base.h"
#include "fiber/timer.h"

struct wf_task;

/* ---- park and wake: everything that waits is made of these ---- */

/* The calling fiber, or plain thread; never unmapped. NULL: a plain thread for
 * which there is no memory. */
struct wf_task *wf_task_self(void);

/*
 * Wait for wf_wake. Returns at once if there was one since the last wf_park, so
 * the order "look at the condition, park, look again" loses nothing; wake-ups
 * may be spurious. Cancelling wakes, too.
 */
void wf_park(void);

/* As wf_park, until the deadline at most. false: it has passed. */
bool wf_park_until(uint64_t deadline_ns);

/* Let a task's wf_park return, now or the next time. Any thread, and also if
 * the task has long ended. */
void wf_wake(struct wf_task *task);

/* Must the waits of the calling task end? It is cancelled, and not shielded. */
bool wf_task_cancelled(const struct wf_task *task);

/* The error of a wait that a cancel ends: WEFT_ECANCEL. Every wait returns it
 * through this function, as its last step and with nothing locked or queued,
 * because it pauses a fiber that goes on waiting; see weft/fiber.h. */
weft_err wf_cancel_error(void);

/* The deadline that calls made by the calling fiber inherit; WEFT_NEVER on a
 * plain thread. */
uint64_t wf_task_deadline(void);

/* The calling fiber begins (or ends: WEFT_NEVER, NULL, NULL) work with a
 * deadline for a group; what it works on is the caller's. */
void wf_task_work(uint64_t deadline_ns, void *group, void *work);

/* What the calling fiber works on, or NULL. */
void *wf_task_working_for(void);

/* Cancel every fiber that works for a group. Takes time in proportion to all
 * fibers there have been at once. */
void wf_tasks_cancel(void *group);

/* ---- wait queues ---- */

/* A place in a queue; on the waiter's stack. */
struct weft_waitnode {
    struct weft_waitnode *next, *prev;
    struct wf_task *task;
    bool queued;          /* under the queue's lock */
    _Atomic bool granted; /* by who popped it; the last touch of the node */
    void *item;           /* for the waker, if the queue's user wants */
};

static inline void
wf_waitq_lock(struct weft_waitq *q)
{
    wf_spin_lock((struct wf_spin *)&q->lock);
}

static inline void
wf_waitq_unlock(struct weft_waitq *q)
{
    wf_spin_unlock((struct wf_spin *)&q->lock);
}

/*
 * Queue up and wait until granted. Called with q locked, returns with it
 * unlocked. Not granted: WEFT_ETIMEOUT, or WEFT_ECANCEL if cancellable; -ENOMEM
 * if this is a plain thread without a task.
 */
weft_err wf_waitq_wait(struct weft_waitq *q, struct weft_waitnode *node,
                       uint64_t deadline_ns, bool cancellable) WEFT_CHECKED;

/* The two halves of wf_waitq_wait: queue the calling task up, with q locked;
 * wait, with q unlocked. */
void wf_waitq_push(struct weft_waitq *q, struct weft_waitnode *node,
                   struct wf_task *self);
weft_err wf_waitq_await(struct weft_waitq *q, struct weft_waitnode *node,
                        uint64_t deadline_ns, bool cancellable) WEFT_CHECKED;

/* Take the first waiter off, or all as a list, with q locked; NULL if there is
 * none. They stay where they are until wf_waitq_grant, which is due. */
struct weft_waitnode *wf_waitq_pop(struct weft_waitq *q);
struct weft_waitnode *wf_waitq_pop_all(struct weft_waitq *q);

/* Let a waiter that was popped go on; NULL is legal. Behind the unlock: the
 * waiter may free the queue, as nobody touches it any more. */
void wf_waitq_grant(struct weft_waitnode *node);
void wf_waitq_grant_all(struct weft_waitnode *nodes);

/* Pop and grant all; q is not locked. */
void wf_waitq_wake_all(struct weft_waitq *q);

/* ---- timers ---- */

/* Arm on the calling worker's wheel (a plain thread: on some worker's). */
void wf_timer_start(struct wf_timer *timer, uint64_t deadline_ns,
                    void (*fire)(struct wf_timer *timer));

/* ---- work that may go on elsewhere ---- */

/*
 * What the calling fiber would do next, offered to others: it is taken, and
 * run on a fiber of its own, when the fiber parks or yields, or when it runs so
 * long that another worker that has nothing to do finds its worker stuck. One
 * offer per fiber at a time.
 */
struct wf_stealable {
    void (*run)(struct wf_stealable *stealable);
};

void wf_stealable_publish(struct wf_stealable *stealable);

/* Take it back. false: somebody else has it. */
bool wf_stealable_reclaim(struct wf_stealable *stealable) WEFT_CHECKED;

/* ---- the poller ---- */

/* Where idle workers wait. All are called by workers; `worker` may be
 * another's, whose owner is stuck. */
struct wf_poller {
    /* Look for events of a worker's sockets and start what they ask for, until
     * one came, until kicked or until the deadline (0: do not wait). Returns
     * how many came. */
    uint32_t (*poll)(uint32_t worker, uint64_t deadline_ns);
    /* End the poll that a worker waits in, or the next one. Any thread. */
    void (*kick)(uint32_t worker);
    /* The runtime has stopped: no poll is under way, and none will come until
     * wf_set_poller is called again. */
    void (*stopped)(void);
};

/* Give the poller; idle workers take it up at once. The first call counts. */
void wf_set_poller(const struct wf_poller *poller);

/* Start the workers if they are not. */
weft_err wf_runtime_ensure(void) WEFT_CHECKED;

/* Which poller the runtime was started with; not WEFT_POLLER_AUTO. */
enum weft_poller wf_runtime_poller(void);

/* Index of the calling worker; on a plain thread, of some worker. */
uint32_t wf_worker_index(void);

/* Monotonic time of the calling worker's last look at its poller: up to some
 * 100 us old (older while a handler hogs it). On a plain thread, now. */
uint64_t wf_worker_now_ns(void);

/* Has the calling worker other fibers ready to run? A hint; false on a plain
 * thread. */
bool wf_worker_busy(void);

/* Start a fiber that runs before others that are ready: for events. */
weft_err wf_fiber_start_event(void (*fn)(void *arg), void *arg) WEFT_CHECKED;

#endif
