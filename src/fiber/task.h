/* SPDX-License-Identifier: MIT */
/*
 * A task is what can wait: a fiber or a plain thread. It lies in a slab slot
 * that is never unmapped, so that a wake that comes too late is only spurious.
 * A task that was a fiber keeps the addresses of its stack; their memory is
 * given back while the task is not in use.
 */
#ifndef WEFT_FIBER_TASK_H
#define WEFT_FIBER_TASK_H

#include <weft/fiber.h>

#include "base/base.h"
#include "fiber/context.h"

/* Of a task's `state`; see park.c. */
enum wf_task_state {
    WF_TASK_RUNNING = 0,
    WF_TASK_PARKED = 1,
    WF_TASK_NOTIFIED = 2,
    WF_TASK_ASLEEP = 3, /* as PARKED, a plain thread */
};

/* Parts of a task's `wait`. The low byte is the reason; its highest bit says
 * that the wait has a deadline. The other bytes are those of the time at which
 * the wait began. */
#define WF_WAIT_WHY ((uint64_t)255)
#define WF_WAIT_TIMED ((uint64_t)128)

/* Fibers alive at once, at the most. */
#define WF_TASKS_MAX (1u << 24)

struct wf_locals;
struct wf_worker;

/* Where a stack lies; see struct wf_context. */
struct wf_stack_place {
    uint8_t *low;
    size_t size, guard;
};

struct wf_task {
    struct wf_slot slot;
    struct wf_context context;      /* fiber: its stack */
    _Atomic uint32_t state;         /* enum wf_task_state; a thread's futex */
    _Atomic uint64_t wait;          /* the last wait; see WF_WAIT_WHY */
    _Atomic uint64_t wait_until_ns; /* its deadline, if WF_WAIT_TIMED */
    _Atomic bool cancelled;
    _Atomic bool stopped; /* a timer; see timed.c */
    bool is_thread;
    bool has_stack;     /* one of the pool */
    bool has_own_stack; /* in use instead of that of the pool */
    bool keeps_result;
    bool ended;           /* keeps its result; under the lock of joiners */
    uint8_t n_told;       /* waits that returned WEFT_ECANCEL; stops growing */
    uint32_t shielded;    /* sections that no cancel ends; the task's own */
    struct wf_task *next; /* in the shared run queue or a cache */
    void (*fn)(void *arg);
    void *arg;
    /* Written by the worker before it runs the fiber. Not atomic on purpose: if
     * one worker hands a fiber to another without order, TSan reports it. */
    uint32_t runs;
    _Atomic(void *) group; /* whose handler it runs; see wf_tasks_cancel */
    uint64_t deadline_ns;  /* of the call that it handles; calls inherit it */
    void *work;            /* of wf_task_work */
    /* Written by the task, read by watchers; see held.c. */
    _Atomic(const char *) work_name; /* of wf_task_work, or NULL */
    _Atomic uint64_t n_works;        /* calls of wf_task_work */
    struct wf_stealable *kept;       /* work for which no fiber could be made */
    struct wf_locals *locals;        /* NULL until one is set */
    struct weft_waitq joiners;       /* who waits for its end */
    void *result;                    /* read after it ended */
    uint64_t random; /* state of the choices of select; 0: none yet */
    struct wf_stack_place pooled; /* its stack of the pool, if has_own_stack */
    char name[WEFT_FIBER_NAME];   /* fixed while the slot is live */
};

/* The calling fiber, or the calling thread as a task; NULL: no memory for
 * the latter. Not inlined: a fiber changes threads. */
struct wf_task *wf_task_self(void);

/* A fiber that will run fn(arg), not queued yet. NULL: no more can be made. */
struct wf_task *wf_task_new(void (*fn)(void *arg), void *arg);

/* As wf_task_new, with options, which are valid; NULL: the default. */
struct wf_task *wf_task_new_with(const struct weft_fiber_options *options,
                                 void (*fn)(void *arg), void *arg);

/* Undo wf_task_new, before the task has been started. */
void wf_task_discard(struct wf_task *task);

/* The fiber has left its stack for good: wake the joiners and free the task. */
void wf_task_done(struct wf_task *task);

/* The next live task from index *i on, with a reference; NULL: there is none.
 * *i becomes the index after it. */
struct wf_task *wf_task_next(uint32_t *i);

/* The fiber of a live id, with a reference; NULL if it has ended. */
struct wf_task *wf_task_ref(uint64_t id);
void wf_task_unref(struct wf_task *task);

/* Has the fiber ended? The caller holds a reference and the joiners' lock. */
bool wf_task_ended(const struct wf_task *task);

/* Take the result of a fiber that has ended; the caller holds a reference to
 * the fiber. false: it keeps no result, or another has taken the result. */
bool wf_task_take_result(struct wf_task *task, void **result) WEFT_CHECKED;

/* The name of the calling fiber, or NULL. */
const char *wf_task_name(void);

/* Fibers that have not ended. */
uint32_t wf_tasks_alive(void);

/* A fiber of a timer was made, or ends. */
void wf_tasks_timer_begins(void);
void wf_tasks_timer_ends(void);

/* Wait on a futex until no fiber is alive, or the deadline: WEFT_ETIMEOUT. For
 * plain threads. Calls only_timers whenever all that are alive are those of
 * timers. */
weft_err wf_tasks_wait_none(void (*only_timers)(void), uint64_t deadline_ns);

/* Options of the runtime, before the first task is made. */
void wf_tasks_configure(uint32_t max, size_t stack_size, size_t guard_size);

/* Give back what the stacks of a worker's idle tasks hold: of `most` of them at
 * the most, until `keep` are left. By that worker. */
void wf_tasks_trim(struct wf_worker *w, uint32_t keep, uint32_t most);

#endif
