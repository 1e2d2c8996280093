/* SPDX-License-Identifier: MIT */
/*
 * A task is what can wait: a fiber or a plain thread. A task lies in a slab
 * slot that is never unmapped, so that a wake after the end of a fiber is only
 * spurious. A task whose fiber has ended keeps its stack's addresses for the
 * next fiber. If no worker keeps the stack warm (warm.c), the memory of the
 * stack is given back to the host.
 */
#ifndef WEFT_FIBER_TASK_H
#define WEFT_FIBER_TASK_H

#include <weft/fiber.h>

#include "base/base.h"
#include "fiber/context.h"
#include "fiber/fiber.h"

/* The values of a task's `state`; the head of park.c says how `state`
 * changes. */
enum wf_task_state {
    WF_TASK_RUNNING = 0,
    WF_TASK_PARKED = 1,
    WF_TASK_NOTIFIED = 2,
    WF_TASK_ASLEEP = 3, /* a plain thread that is parked */
};

/* Parts of a task's `wait`. The low byte is the reason; its highest bit says
 * that the wait has a deadline. The other bytes are the upper bytes of the time
 * at which the wait began. */
#define WF_WAIT_WHY ((uint64_t)255)
#define WF_WAIT_TIMED ((uint64_t)128)

/* The greatest number of fibers that may be alive at the same time. */
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
    struct wf_context context;      /* the stack of a fiber */
    _Atomic uint32_t state;         /* enum wf_task_state; a thread's futex */
    _Atomic uint64_t wait;          /* the last wait; see WF_WAIT_WHY */
    _Atomic uint64_t wait_until_ns; /* the deadline of this wait, if timed */
    _Atomic bool cancelled;
    _Atomic bool stopped; /* in a timer's fiber: the timer was stopped */
    bool is_thread;
    bool has_stack;     /* the task has a stack from the pool */
    bool has_own_stack; /* the task runs on a stack of its own */
    bool keeps_result;
    bool is_background; /* a timer's fiber, or weft_fiber_options.background */
    /* The fiber has ended and keeps its result. The lock of `joiners` protects
     * this flag. */
    bool ended;
    uint8_t n_told;       /* counts waits that a cancel ended, up to a limit */
    uint32_t shielded;    /* number of open shields */
    struct wf_task *next; /* next in the shared list or in idle_tasks */
    void (*fn)(void *arg);
    void *arg;
    /* The number of switches to the fiber. The worker writes this field before
     * it runs the fiber. The field is not atomic on purpose: if a fiber moves
     * to another worker without a release and an acquire, TSan reports a race
     * on this field. */
    uint32_t runs;
    _Atomic(void *) group; /* for whom the fiber works; see wf_tasks_cancel */
    uint64_t deadline_ns;  /* deadline of `work`; its calls inherit it */
    void *work;            /* see wf_task_work */
    /* Written by the task, read by watchers; see held.c. */
    _Atomic(const char *) work_name; /* NULL: none; see wf_task_work */
    _Atomic uint64_t n_works;        /* calls of wf_task_work */
    struct wf_stealable *kept;       /* stealable work that nobody else runs */
    struct wf_locals *locals;        /* NULL until a value is set */
    void *begun;               /* see wf_task_begun; only the task uses it */
    struct wf_gather gather;   /* see wf_task_gather; only the task uses it */
    struct weft_waitq joiners; /* tasks that wait for the fiber's end */
    void *result;              /* read after the fiber has ended */
    uint64_t random;           /* state of wf_task_random; 0: not seeded */
    /* The task's stack from the pool, while `has_own_stack` is true. */
    struct wf_stack_place pooled;
    char name[WEFT_FIBER_NAME]; /* fixed while the slot is live */
};

/* Returns the task of the calling fiber or of the calling thread. NULL: there
 * is no memory for a thread's task. Not inlined, because a fiber may move to
 * another thread. */
struct wf_task *wf_task_self(void);

/* Make a fiber that will run fn(arg), and do not queue it yet. NULL: no more
 * fibers can be made. */
struct wf_task *wf_task_new(void (*fn)(void *arg), void *arg);

/* As wf_task_new, with options that the caller has checked. `options` may be
 * NULL: the task gets the defaults. */
struct wf_task *wf_task_new_with(const struct weft_fiber_options *options,
                                 void (*fn)(void *arg), void *arg);

/* Undo wf_task_new for a task that was not started. */
void wf_task_discard(struct wf_task *task);

/* Called after a fiber has ended and left its stack: wake the joiners, and free
 * the task if nobody refers to it. */
void wf_task_done(struct wf_task *task);

/* Returns the next live task whose index is at least *i, with a reference;
 * NULL: there is no such task. *i receives the index of the task plus 1. */
struct wf_task *wf_task_next(uint32_t *i);

/* Returns the task of a fiber, with a reference; NULL: the fiber has ended. */
struct wf_task *wf_task_ref(uint64_t id);
void wf_task_unref(struct wf_task *task);

/* True if the fiber has ended. The caller holds a reference and the lock of
 * `joiners`. */
bool wf_task_ended(const struct wf_task *task);

/* Take the result of a fiber that has ended; the caller holds a reference to
 * the fiber. false: the fiber keeps no result, or another caller has taken
 * it. */
bool wf_task_take_result(struct wf_task *task, void **result) WEFT_CHECKED;

/* Returns the name of the calling fiber, or NULL. */
const char *wf_task_name(void);

/* Returns the number of fibers that have not ended. */
uint32_t wf_tasks_alive(void);

/* Wait on a futex until no fiber is alive. Returns WEFT_ETIMEOUT if fibers are
 * alive at the deadline. Called on plain threads. Calls `only_background`
 * whenever only background fibers are alive. */
weft_err wf_tasks_wait_none(void (*only_background)(void),
                            uint64_t deadline_ns);

/* Set options of the runtime. Called before wf_tasks_begin. */
void wf_tasks_configure(uint32_t max, size_t stack_size, size_t guard_size);

/* wf_tasks_begin is called when the runtime starts, before the first fiber is
 * made; wf_tasks_begin may fail with -ENOMEM. wf_tasks_end is called after the
 * last fiber has ended. */
weft_err wf_tasks_begin(void) WEFT_CHECKED;
void wf_tasks_end(void);

/* Take tasks off the list of a worker's idle tasks, and give the memory of
 * their stacks back. Stops after `most` tasks, or when only `keep` tasks are
 * left. Called by that worker. */
void wf_tasks_trim(struct wf_worker *w, uint32_t keep, uint32_t most);

#endif
