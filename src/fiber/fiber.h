/* SPDX-License-Identifier: MIT */
/*
 * The module header of fiber: what other folders may use beyond weft/fiber.h.
 * This folder includes only base; net passes its poller to wf_set_poller.
 *
 *   runtime.c    starts and stops the workers
 *   cores.h      the CPU quota, which limits the number of workers
 *   worker.h     a worker. worker.c is the scheduler; sched.h has the functions
 *                that the scheduler's files share; self.c finds the worker of
 *                the calling thread
 *   runq.h       a worker's run queue
 *   sleep.c      what workers without work do, and how they are woken
 *   watch.c      finds workers that are stuck, and does their work
 *   stealable.h  work that others may take from a stuck worker
 *   held.c       finds work that holds its worker for long
 *   task.h       tasks: the life of fibers and plain threads
 *   stack.h      stacks; warm.c keeps stacks of ended fibers for later
 *   context.h    a stack and the jump to it (switch.h)
 *   park.c       park and wake
 *   timer.h      the timer wheel of a worker
 *   sync.c       mutex, condition, semaphore
 *   group.c      wait group and once
 *   rwlock.c     read-write lock
 *   chan.h       channels; select.c waits for several things
 *   limiter.c    a token bucket
 *   timed.h      functions that run at a set time
 *   gauge.h      numbers of which each worker has its own part
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

/* Returns the task of the calling fiber or plain thread. The memory of a task
 * is never unmapped. NULL: there is no memory for the task of a plain
 * thread. */
struct wf_task *wf_task_self(void);

/* As wf_task_self, but allocates nothing, so that the caller may hold a spin
 * lock. Also returns NULL if the plain thread has no task yet. */
struct wf_task *wf_task_known(void);

/* Returns the next number of the task's random generator. Only the task itself
 * may call this function. */
uint32_t wf_task_random(struct wf_task *task);

/*
 * Wait for wf_wake. Returns at once if wf_wake was called since the last
 * wf_park, so a waiter that checks its condition, parks, and checks again
 * misses no wake. Wake-ups may be spurious. A cancel wakes the task, too. `why`
 * is the reason that a list of fibers shows.
 */
void wf_park(enum weft_wait why);

/* As wf_park, but returns at the deadline at the latest. false: the deadline
 * has passed. */
bool wf_park_until(uint64_t deadline_ns, enum weft_wait why);

/* Let the task's current wf_park return; if the task is not parked, its next
 * wf_park returns at once. Any thread may call this function. The task may have
 * ended long ago. */
void wf_wake(struct wf_task *task);

/* True if the waits of the calling task must end, because the task is cancelled
 * and not shielded. */
bool wf_task_cancelled(const struct wf_task *task);

/* Returns WEFT_ECANCEL, the error of a wait that a cancel ends. Every such wait
 * calls this function as its last step, with nothing locked or queued, because
 * this function pauses a cancelled fiber that waits again and again; see
 * weft/fiber.h. */
weft_err wf_cancel_error(void);

/* As weft_fiber_join, weft_sem_take and weft_mutex_lock, but no cancel ends
 * these waits. For a caller that cannot go on until the wait has succeeded, and
 * for a lock that is held only for a moment. */
void wf_join_surely(weft_fiber fiber);
void wf_sem_take_surely(struct weft_sem *sem);
void wf_mutex_lock_surely(struct weft_mutex *mutex);

/* Returns the deadline that the calling fiber's own calls inherit; WEFT_NEVER
 * on a plain thread. */
uint64_t wf_task_deadline(void);

/* Note that the calling fiber begins to work for `group`, with a deadline.
 * `work` is any pointer of the caller. `name` says what the work is; the string
 * must stay valid until the work has ended and wf_held_settle has returned
 * after that. wf_task_work(WEFT_NEVER, NULL, NULL, NULL) ends the work. */
void wf_task_work(uint64_t deadline_ns, void *group, void *work,
                  const char *name);

/* Returns the `work` of the calling fiber, or NULL. */
void *wf_task_working_for(void);

/* True if the calling fiber works for `group`. In a function that a fiber has
 * given to weft_blocking: true if that fiber works for `group`. */
bool wf_task_works_for(const void *group);

/* In a function that a fiber has given to weft_blocking, returns the `work` of
 * that fiber; else returns NULL. */
void *wf_task_blocks_for(void);

/* In a function that a fiber has given to weft_blocking, returns the task of
 * that fiber; else returns NULL. */
struct wf_task *wf_task_blocked(void);

/* Returns the address of a pointer in a task. The pointer points to a list of
 * things that the task has begun and must end before the task's work ends;
 * NULL: the list is empty. Another folder defines the list. If something is
 * left in the list when a task or its work ends, the process ends. Only the
 * task itself may use the pointer. */
void **wf_task_begun(struct wf_task *task);

/* A task that takes the ended ones of many calls, and begins a call for each,
 * waits soon: when it has taken the last one. What it sends until then can be
 * sent together. */
struct wf_gather {
    bool may; /* the task has taken a call, and has begun none for it */
    bool now; /* wf_worker_busy returns true for the task */
};

/* Returns the gather of a task. Only the task itself may use it. */
struct wf_gather *wf_task_gather(struct wf_task *task);

/*
 * Cancel every fiber that works for a group. The time that this takes grows
 * with the largest number of fibers that were ever alive at the same time.
 *
 * No fiber is missed under two conditions. The caller stores a reason for the
 * cancel before this call. Each fiber calls wf_task_work, executes a full
 * fence, and then reads the reason. This function executes a full fence before
 * it reads the groups, so either this function sees the fiber's group, or the
 * fiber sees the reason.
 */
void wf_tasks_cancel(void *group);

/* Call `fn` for each fiber whose work has a name. `fn` may only compare the
 * pointers `group` and `name`: the fiber may have other work by now, and the
 * memory at these pointers may be freed. */
void wf_tasks_each_work(void (*fn)(const void *group, const char *name,
                                   void *arg),
                        void *arg);

/* ---- work that holds its worker ---- */

/* Work that has a name is reported if it holds its worker for this time or
 * longer. */
#define WF_HELD_NS ((uint64_t)100 * 1000000u)

/* Receives the name of work that holds its worker, and the time for which the
 * work has held the worker. Another worker calls this function outside of
 * fibers, so the function must not wait. The calls come at most once a second;
 * if several workers are held, their work is reported in turn. While no other
 * worker is free, nothing is reported. */
typedef void (*wf_held_fn)(const char *name, uint64_t ns);
void wf_set_held(wf_held_fn held);

/* Wait until no worker reads the name of work that has ended. */
void wf_held_settle(void);

/* ---- wait queues ---- */

/* The entry of a waiter in a wait queue, in memory of the waiter. */
struct weft_waitnode {
    struct weft_waitnode *next, *prev;
    /* The task that waits. NULL: the waiter is a plain thread that has no task
     * yet. Such a thread makes a task, stores the task here, and then parks. If
     * the node is granted before the task is stored, the waker stores LATE here
     * (park.c). */
    _Atomic(struct wf_task *) task;
    bool queued;              /* the queue's lock protects it */
    _Atomic bool granted;     /* set in the waker's last access to the node */
    uint8_t index;            /* index of the case of a select */
    void *item;               /* for the code that uses the queue */
    struct wf_select *select; /* the select that waits; NULL: none */
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
 * Queue up and wait until granted. Called with `q` locked; returns with `q`
 * unlocked. Errors: WEFT_ETIMEOUT after the deadline; if `cancellable`,
 * WEFT_ECANCEL after a cancel. With WEFT_NEVER and without `cancellable` the
 * wait cannot fail, not even on a plain thread without memory for its task.
 */
weft_err wf_waitq_wait(struct weft_waitq *q, struct weft_waitnode *node,
                       uint64_t deadline_ns, bool cancellable,
                       enum weft_wait why) WEFT_CHECKED;

/* The two halves of wf_waitq_wait. wf_waitq_push queues the calling task up,
 * with `q` locked; `self` is NULL if the calling thread has no task yet.
 * wf_waitq_await waits, with `q` unlocked. */
void wf_waitq_push(struct weft_waitq *q, struct weft_waitnode *node,
                   struct wf_task *self);
weft_err wf_waitq_await(struct weft_waitq *q, struct weft_waitnode *node,
                        uint64_t deadline_ns, bool cancellable,
                        enum weft_wait why) WEFT_CHECKED;

/* Leave the queue without a grant. Called with `q` unlocked. false: a waker has
 * popped the node. This waker will grant the node, unless the node belongs to a
 * select for which another case was chosen. */
bool wf_waitq_leave(struct weft_waitq *q, struct weft_waitnode *node);

/* wf_waitq_pop takes the first waiter off the queue, wf_waitq_pop_all takes all
 * waiters as a list. Called with `q` locked. NULL: nobody waits. A waiter goes
 * on waiting until wf_waitq_grant, which the caller must call. */
struct weft_waitnode *wf_waitq_pop(struct weft_waitq *q);
struct weft_waitnode *wf_waitq_pop_all(struct weft_waitq *q);

/* Let a waiter that was popped return; NULL is legal. Call this function after
 * the queue is unlocked: the waiter may free the queue at once. */
void wf_waitq_grant(struct weft_waitnode *node);
void wf_waitq_grant_all(struct weft_waitnode *nodes);

/* Pop and grant all waiters. Called with `q` unlocked. */
void wf_waitq_wake_all(struct weft_waitq *q);

/* ---- select ---- */

/* Functions of net that handle the descriptor cases of a select. Each function
 * gets all cases, and ignores the channel cases. */
struct wf_select_fds {
    /* Set `found` or `err` of the descriptor cases that are ready now, and
     * clear both fields in the other descriptor cases. */
    weft_err (*look)(struct weft_select_case *cases, uint32_t n);
    /* Let events wake the task until `forget` is called. `forget` is also
     * called after an error. */
    weft_err (*watch)(struct weft_select_case *cases, uint32_t n,
                      struct wf_task *task);
    /* True if an event has arrived since `watch`. */
    bool (*came)(struct weft_select_case *cases, uint32_t n);
    void (*forget)(struct weft_select_case *cases, uint32_t n);
};

/* As weft_select_until; `fds` handles the cases of descriptors. If `fds` is
 * NULL and there is such a case, returns -EINVAL. */
int wf_select(struct weft_select_case *cases, uint32_t n, uint64_t deadline_ns,
              const struct wf_select_fds *fds);

/* ---- timers ---- */

/* Arm a timer on the calling worker's wheel; on a plain thread, on the wheel of
 * the first worker. */
void wf_timer_start(struct wf_timer *timer, uint64_t deadline_ns,
                    void (*fire)(struct wf_timer *timer));

/* ---- work that another worker may take over ---- */

/*
 * Work that a fiber will do next, and that another fiber may do instead. The
 * other fiber is started when the first fiber parks or yields, or when another
 * worker finds that the first fiber's worker is stuck. A fiber publishes only
 * one such work at a time.
 */
struct wf_stealable {
    void (*run)(struct wf_stealable *stealable);
};

void wf_stealable_publish(struct wf_stealable *stealable);

/* Take the work back. false: another fiber does the work. */
bool wf_stealable_reclaim(struct wf_stealable *stealable) WEFT_CHECKED;

/* ---- the poller ---- */

/* The functions of a poller, in which idle workers wait. */
struct wf_poller {
    /* Wait for events of a worker's sockets, and handle the events. Returns
     * after the first events, after a kick, or at the deadline (0: at once),
     * with the number of events. Called by workers, also for another worker
     * that is stuck. */
    uint32_t (*poll)(uint32_t worker, uint64_t deadline_ns);
    /* End the poll in which a worker waits. If the worker does not poll, its
     * next poll ends at once. Any thread may call this function. */
    void (*kick)(uint32_t worker);
    /* Called after the runtime has stopped. No poll is under way, and no poll
     * begins until wf_set_poller is called again. */
    void (*stopped)(void);
};

/* Set the poller; idle workers use the poller at once. If a poller is set
 * already, this call has no effect. The stop of the runtime removes the
 * poller. */
void wf_set_poller(const struct wf_poller *poller);

/* Start the workers if they do not run. */
weft_err wf_runtime_ensure(void) WEFT_CHECKED;

/* Returns the kind of poller with which the runtime was started; never
 * WEFT_POLLER_AUTO. */
enum weft_poller wf_runtime_poller(void);

/* Returns the index of the calling worker; on a plain thread, 0. */
uint32_t wf_worker_index(void);

/* Returns the monotonic time of the calling worker's last poll, which is about
 * 100 us ago at most, or longer while a fiber holds the worker. On a plain
 * thread, the time now. */
uint64_t wf_worker_now_ns(void);

/* Returns a number that changes whenever the calling fiber leaves its worker:
 * if two calls return the same number, the fiber has not left its worker
 * between the calls. */
uint64_t wf_worker_mark(void);

/* True if `ptr` points into the calling fiber's stack below `frame`, where
 * functions that have returned had their variables. false on a plain thread. */
bool wf_stack_is_dead(const void *ptr, const void *frame);

/* Work that takes ms is done in turns, so that the other fibers of the worker
 * need not wait for its end. Zero at first. */
struct wf_turn {
    uint64_t since_ns; /* when the turn began; 0: it has not */
    uint32_t n_steps;
};

/* End a turn that has lasted for WF_TURN_NS: let other fibers run. A plain
 * thread goes on. */
#define WF_TURN_NS 200000u
void wf_turn_end(struct wf_turn *turn);

/* Count a small step of the work, at most some us long. */
static inline void
wf_turn_step(struct wf_turn *turn)
{
    if (turn->n_steps++ % 32 == 0)
        wf_turn_end(turn);
}

/* True if the calling worker has other fibers that are ready, or if its fiber
 * gathers what it sends. A hint; false on a plain thread. */
bool wf_worker_busy(void);

/* Start a fiber for an event. Called only while the runtime runs. */
weft_err wf_fiber_start_event(void (*fn)(void *arg), void *arg) WEFT_CHECKED;

#endif
