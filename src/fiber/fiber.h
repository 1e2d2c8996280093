/* SPDX-License-Identifier: MIT */
/*
 * The module header of fiber: what other folders may use beyond weft/fiber.h.
 * This folder knows only base; net tells it of the poller through
 * wf_set_poller.
 *
 *   runtime.c    starts and stops the workers
 *   cores.h      the CPU quota, which limits the number of workers
 *   worker.h     a worker; worker.c has the scheduler, sched.h what the
 *                scheduler's files ask of each other, self.c which worker the
 *                calling thread is
 *   runq.h       a worker's run queue
 *   sleep.c      what workers without work do, and how they are woken
 *   watch.c      finds workers that are stuck, and does their work
 *   stealable.h  work that others may take from a stuck worker
 *   held.c       finds work that holds its worker for long
 *   task.h       tasks: the life of fibers and plain threads
 *   stack.h      stacks; warm.c keeps some of fibers that have ended
 *   context.h    a stack and the jump to it, with switch.h
 *   park.c       park and wake
 *   timer.h      the timer wheel of a worker
 *   sync.c       mutex, condition, semaphore
 *   group.c      wait group and once
 *   rwlock.c     read-write lock
 *   chan.h       channels, and select.c, which waits for several things
 *   limiter.c    a token bucket
 *   timed.h      functions that run at a set time
 *   gauge.h      numbers that every worker changes, in lines of their own
 *   blocking.h   threads for functions that block
 *   local.h      values that belong to a task
 *   list.c       the list of fibers
 */
#ifndef WEFT_FIBER_FIBER_H
#define WEFT_FIBER_FIBER_H

#include <weft/fiber.h>

#include "base/base.h"
#include "fiber/gauge.h"
#include "fiber/timer.h"

struct wf_task;

/* ---- park and wake: everything that waits is made of these ---- */

/* The task of the calling fiber or plain thread; its memory is never unmapped.
 * NULL: there is no memory for the task of a plain thread. */
struct wf_task *wf_task_self(void);

/* As wf_task_self, but allocates nothing, so that it may be called under a spin
 * lock. NULL also if the plain thread has no task yet. */
struct wf_task *wf_task_known(void);

/*
 * Wait for wf_wake. Returns at once if wf_wake was called since the last
 * wf_park, so the order "look at the condition, park, look again" misses no
 * wake. Wake-ups may be spurious. A cancel wakes, too. `why` is what a list of
 * fibers shows.
 */
void wf_park(enum weft_wait why);

/* As wf_park, until the deadline at most. false: the deadline has passed. */
bool wf_park_until(uint64_t deadline_ns, enum weft_wait why);

/* Let the task's current wf_park return, or its next one. Any thread. The task
 * may have ended long ago. */
void wf_wake(struct wf_task *task);

/* Must the waits of the calling task end, because the task is cancelled and not
 * shielded? */
bool wf_task_cancelled(const struct wf_task *task);

/* The error of a wait that a cancel ends: WEFT_ECANCEL. Every wait returns it
 * through this function, as its last step and with nothing locked or queued,
 * because this function pauses a fiber that goes on waiting; see
 * weft/fiber.h. */
weft_err wf_cancel_error(void);

/* As weft_fiber_join, weft_sem_take and weft_mutex_lock, but no cancel ends
 * these waits: for an end that the caller must wait for, and for a lock that is
 * held only for a moment. */
void wf_join_surely(weft_fiber fiber);
void wf_sem_take_surely(struct weft_sem *sem);
void wf_mutex_lock_surely(struct weft_mutex *mutex);

/* The deadline that the calling fiber's own calls inherit; WEFT_NEVER on a
 * plain thread. */
uint64_t wf_task_deadline(void);

/* The calling fiber begins to work for a group, with a deadline. `work` is any
 * pointer of the caller. `name` says what the work is; it must stay valid until
 * the work has ended and wf_held_settle has returned after that. The work ends
 * with wf_task_work(WEFT_NEVER, NULL, NULL, NULL). */
void wf_task_work(uint64_t deadline_ns, void *group, void *work,
                  const char *name);

/* The `work` of the calling fiber, or NULL. */
void *wf_task_working_for(void);

/* Does the calling fiber work for that group? In a function that a fiber has
 * given to weft_blocking: does that fiber? */
bool wf_task_works_for(const void *group);

/* In a function that a fiber has given to weft_blocking: the `work` of that
 * fiber; else NULL. */
void *wf_task_blocks_for(void);

/*
 * Cancel every fiber that works for a group. Takes time in proportion to the
 * largest number of fibers that were ever alive at once.
 *
 * No fiber is missed if the caller first stores a reason, and a fiber calls
 * wf_task_work, executes a full fence, and then reads the reason. This function
 * executes a full fence before it reads the groups, so one of the two sees the
 * other's store.
 */
void wf_tasks_cancel(void *group);

/* Call fn for each fiber whose work has a name. fn may only compare the two
 * pointers: the fiber may have other work by now, and the memory that they
 * point to may be freed. */
void wf_tasks_each_work(void (*fn)(const void *group, const char *name,
                                   void *arg),
                        void *arg);

/* ---- work that holds its worker ---- */

/* Work that has a name is reported if it holds its worker for longer than
 * this. */
#define WF_HELD_NS ((uint64_t)100 * 1000000u)

/* Gets the name of work that holds its worker, and how long it has done so.
 * Called at most once a second, for each such work in turn, by another worker
 * outside of fibers, so it may not wait. While no other worker is free, nothing
 * is reported. */
typedef void (*wf_held_fn)(const char *name, uint64_t ns);
void wf_set_held(wf_held_fn held);

/* Wait until no look reads the name of work that has ended. */
void wf_held_settle(void);

/* ---- wait queues ---- */

/* A place in a queue, in memory of the waiter. */
struct weft_waitnode {
    struct weft_waitnode *next, *prev;
    /* The task that waits. At first NULL for a plain thread without a task; the
     * thread sets this member before it parks, unless it was granted before
     * that (park.c). */
    _Atomic(struct wf_task *) task;
    bool queued;              /* under the queue's lock */
    _Atomic bool granted;     /* set by the waker, as its last access */
    uint8_t index;            /* of the case of a select */
    void *item;               /* for the user of the queue */
    struct wf_select *select; /* only in queues of channels; NULL: none */
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

static inline bool
wf_waitq_is_locked(const struct weft_waitq *q)
{
    return wf_spin_is_held((const struct wf_spin *)&q->lock);
}

/*
 * Queue up and wait until granted. Called with q locked; returns with it
 * unlocked. Errors: WEFT_ETIMEOUT if there is a deadline, and WEFT_ECANCEL if
 * cancellable. Without both the wait cannot fail, not even on a plain thread
 * without memory for its task.
 */
weft_err wf_waitq_wait(struct weft_waitq *q, struct weft_waitnode *node,
                       uint64_t deadline_ns, bool cancellable,
                       enum weft_wait why) WEFT_CHECKED;

/* The two halves of wf_waitq_wait. wf_waitq_push queues the calling task up,
 * with q locked; self is NULL if the calling thread has no task yet.
 * wf_waitq_await waits, with q unlocked. */
void wf_waitq_push(struct weft_waitq *q, struct weft_waitnode *node,
                   struct wf_task *self);
weft_err wf_waitq_await(struct weft_waitq *q, struct weft_waitnode *node,
                        uint64_t deadline_ns, bool cancellable,
                        enum weft_wait why) WEFT_CHECKED;

/* Leave the queue without a grant; q is not locked. false: a waker has popped
 * the node, and will grant it unless it belongs to a select that has chosen
 * another case. */
bool wf_waitq_leave(struct weft_waitq *q, struct weft_waitnode *node);

/* Take the first waiter off the queue, or all as a list, with q locked; NULL:
 * there is none. A waiter goes on waiting until wf_waitq_grant, which the
 * caller must call. */
struct weft_waitnode *wf_waitq_pop(struct weft_waitq *q);
struct weft_waitnode *wf_waitq_pop_all(struct weft_waitq *q);

/* Let a waiter that was popped return; NULL is legal. Call it after the queue
 * is unlocked: the waiter may free the queue at once. */
void wf_waitq_grant(struct weft_waitnode *node);
void wf_waitq_grant_all(struct weft_waitnode *nodes);

/* Pop and grant all; q is not locked. */
void wf_waitq_wake_all(struct weft_waitq *q);

/* ---- select ---- */

/* What net does for the cases of a select that are descriptors; there may be
 * none. */
struct wf_select_fds {
    /* Set found or err of the cases that are ready now, and clear both in the
     * others. */
    weft_err (*look)(struct weft_select_case *cases, uint32_t n);
    /* Let events wake the task until `forget`, which is called after an error,
     * too. */
    weft_err (*watch)(struct weft_select_case *cases, uint32_t n,
                      struct wf_task *task);
    /* Has an event come since watch? */
    bool (*came)(struct weft_select_case *cases, uint32_t n);
    void (*forget)(struct weft_select_case *cases, uint32_t n);
};

/* weft_select_until, with `fds`. If fds is NULL, a case of a descriptor returns
 * -EINVAL. */
int wf_select(struct weft_select_case *cases, uint32_t n, uint64_t deadline_ns,
              const struct wf_select_fds *fds);

/* ---- timers ---- */

/* Arm a timer on the calling worker's wheel; on a plain thread, on the first
 * worker's. */
void wf_timer_start(struct wf_timer *timer, uint64_t deadline_ns,
                    void (*fire)(struct wf_timer *timer));

/* ---- work that another worker may take over ---- */

/*
 * Work that a fiber will do next, and that another fiber may do instead. The
 * other fiber is started when the first one parks or yields, or when an idle
 * worker finds the first one's worker stuck. A fiber publishes one such work at
 * a time.
 */
struct wf_stealable {
    void (*run)(struct wf_stealable *stealable);
};

void wf_stealable_publish(struct wf_stealable *stealable);

/* Take the work back. false: another fiber does it. */
bool wf_stealable_reclaim(struct wf_stealable *stealable) WEFT_CHECKED;

/* ---- the poller ---- */

/* Where idle workers wait. */
struct wf_poller {
    /* Wait for events of a worker's sockets, and start the work that they ask
     * for. Returns at the first events, at a kick or at the deadline (0: at
     * once), with the number of events. Called by workers, also for another
     * worker that is stuck. */
    uint32_t (*poll)(uint32_t worker, uint64_t deadline_ns);
    /* End the poll that a worker waits in, or the next one. Any thread. */
    void (*kick)(uint32_t worker);
    /* The runtime has stopped: no poll is under way, and none begins until
     * wf_set_poller is called again. */
    void (*stopped)(void);
};

/* Set the poller; idle workers use it at once. If one is set already, this has
 * no effect. The stop of the runtime removes the poller. */
void wf_set_poller(const struct wf_poller *poller);

/* Start the workers if they do not run. */
weft_err wf_runtime_ensure(void) WEFT_CHECKED;

/* Which poller the runtime was started with; not WEFT_POLLER_AUTO. */
enum weft_poller wf_runtime_poller(void);

/* Index of the calling worker; on a plain thread, of some worker. */
uint32_t wf_worker_index(void);

/* Monotonic time of the calling worker's last poll: about 100 us old at most,
 * older while a fiber holds the worker. On a plain thread, now. */
uint64_t wf_worker_now_ns(void);

/* A mark that changes whenever the calling fiber leaves its worker: if two
 * calls return the same mark, the fiber has held its worker in between. */
uint64_t wf_worker_mark(void);

/* Does ptr point into the calling fiber's stack below `frame`, where functions
 * that have returned had their variables? false on a plain thread. */
bool wf_stack_is_dead(const void *ptr, const void *frame);

/* Has the calling worker other fibers that are ready? A hint; false on a plain
 * thread. */
bool wf_worker_busy(void);

/* Start a fiber for an event; the runtime runs. */
weft_err wf_fiber_start_event(void (*fn)(void *arg), void *arg) WEFT_CHECKED;

#endif
