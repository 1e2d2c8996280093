/* SPDX-License-Identifier: MIT */
/*
 * Workers: the threads that run fibers. Each worker has a run queue, a timer
 * wheel and a poller of its own. The rules of the scheduler are at the head of
 * worker.c.
 */
#ifndef WEFT_FIBER_WORKER_H
#define WEFT_FIBER_WORKER_H

#include "fiber/fiber.h"
#include "fiber/runq.h"
#include "fiber/task.h"
#include "fiber/timer.h"

/* The maximum number of workers. Some arrays have this length. The simulator
 * copies them at each switch to another host, so it has a smaller maximum. */
#ifdef WEFT_SIM
#define WF_WORKERS_MAX 64u
#elif !defined WF_WORKERS_MAX /* tests/weak/weak_gauge.c defines it */
#define WF_WORKERS_MAX 256u
#endif
#define WF_SIGNAL_STACK ((size_t)64 << 10)
#define WF_IDLE_TASKS 256u /* how many warm stacks a worker keeps at most */

/* Why a fiber has left its worker. This decides what happens to the fiber
 * next. */
enum wf_after {
    WF_AFTER_PARK,
    WF_AFTER_YIELD,
    WF_AFTER_END,
};

struct wf_worker {
    struct wf_runq runq;
    /* Grows with every fiber that runs and every poll. If this counter does not
     * grow, the worker is stuck or asleep. Written by the owner, read by
     * watchers. */
    _Alignas(64) _Atomic uint64_t progress;
    _Atomic(struct wf_stealable *) stealable; /* see fiber.h */
    /* The number of kicks. If there is no poller, this counter is also the
     * futex on which the worker sleeps. */
    _Atomic uint32_t kicks;
    _Alignas(64) struct wf_wheel wheel;
    struct wf_context context; /* the scheduler's own context */
    /* The fiber that runs; NULL: the scheduler runs. Only the worker's own
     * thread writes `current`; list.c and held.c read it on other threads. */
    _Atomic(struct wf_task *) current;
    struct wf_task *left; /* the fiber that has just left its stack */
    enum wf_after after;  /* what happens to `left` next */
    uint32_t index;
    uint32_t tick;    /* number of fibers that ran since the last poll */
    uint32_t streak;  /* number of fibers in a row from the LIFO slot */
    bool due;         /* the scheduler must poll next */
    bool searching;   /* counted in the number of searchers */
    bool watching;    /* counted in the number of watchers */
    uint64_t poll_ns; /* time of the last poll */
    uint64_t random;  /* state of the random generator in sleep.c */
    struct wf_task *idle_tasks;
    uint32_t n_idle_tasks;
    uint64_t trim_ns; /* when stacks of idle tasks may be given back */
    pthread_t thread;
    void *signal_stack; /* has WF_SIGNAL_STACK bytes */
    void *memory;       /* allocated memory in which this struct lies */
};

/* Returns the worker of the calling thread; NULL on a plain thread. Not
 * inlined, because a fiber may move to another thread. */
struct wf_worker *wf_worker_self(void);

/* The calling thread becomes `worker`; NULL: it becomes a plain thread. */
void wf_worker_become(struct wf_worker *worker);

/* Returns the fiber that a worker runs, or NULL. */
static inline struct wf_task *
wf_worker_task(const struct wf_worker *w)
{
    return wf_load(&w->current, relaxed);
}

/* Let the calling fiber leave its worker; returns when the fiber runs again
 * (never for WF_AFTER_END). */
void wf_worker_leave(struct wf_worker *worker, enum wf_after after);

/* Called when a fiber begins to run, or runs again, on a worker: park, queue or
 * free the previous fiber of that worker. */
void wf_worker_arrive(struct wf_worker *worker, struct wf_task *task);

#endif
